"""A further course to the same site: what the rule of the spinal cord says of the schedules asked about and of the usual repeats."""

from __future__ import annotations

from typing import NamedTuple

from radsim import cord


class Option(NamedTuple):
    """A course that could be given.

    Attributes
    ----------
    schedule : str
    asked : bool
        Whether it is one of the schedules compared; the others are the usual repeats.
    course_gy2, total_gy2 : float
        BED of the course, and with all courses before. [Gy2]
    verdict : str
        Of `radsim.cord.VERDICTS`.
    allowed : bool
        Whether no limit is passed and none is silent.
    reasons : tuple of str
        Why.
    """

    schedule: str
    asked: bool
    course_gy2: float
    total_gy2: float
    verdict: str
    allowed: bool
    reasons: tuple[str, ...]


class Reirradiation(NamedTuple):
    """A patient irradiated before, at one site.

    Attributes
    ----------
    earlier : tuple of radsim.cord.Course
        All earlier courses, the last first.
    prior_gy2 : float
        BED of all of them. [Gy2]
    weeks_ago : float
        Since the last. [week]
    limits : radsim.cord.Limits
    where : str
        ``spine``, ``maybe spine`` or ``elsewhere``.
    rests_on : tuple of str
        Parameters of the registry behind the rule.
    options : tuple of Option
    """

    earlier: tuple
    prior_gy2: float
    weeks_ago: float
    limits: cord.Limits
    where: str
    rests_on: tuple[str, ...]
    options: tuple[Option, ...]

    def to_dict(self):
        """Plain data for JSON."""
        return {
            **self._asdict(),
            "earlier": [each._asdict() for each in self.earlier],
            "limits": self.limits._asdict(),
            "options": [option._asdict() for option in self.options],
        }


def reirradiation(config, where, values):
    """Options after earlier courses, or None if the configuration does not fix any.

    Parameters
    ----------
    config : Config
    where : str
        Whether the site is the spine: `radsim.cord.where_is_it`.
    values : mapping of str to float
        Parameters of the base case.

    Returns
    -------
    Reirradiation or None
    """
    earlier = sorted(cord.earlier_courses(config, values) or (), key=lambda each: each.weeks_ago)
    if not earlier:
        return None
    limits = cord.limits(values)
    asked = {schedule.name: schedule for schedule in config.schedules if not schedule.none}
    usual = {schedule.name: schedule for schedule in cord.usual_repeats(values) if schedule.name not in asked}
    options = (
        _option(cord.course(each, values), earlier, limits, where, asked=name in asked)
        for name, each in (asked | usual).items()
    )
    return Reirradiation(
        tuple(earlier),
        sum(each.gy2 for each in earlier),
        earlier[0].weeks_ago,
        limits,
        where,
        cord.PARAMETERS,
        tuple(options),
    )


def _option(planned, earlier, limits, where, *, asked):
    found = cord.judge(planned, earlier, limits, where=where)
    allowed = found.verdict in (cord.WITHIN, cord.NO_LIMIT)
    return Option(planned.name, asked, found.course_gy2, found.total_gy2, found.verdict, allowed, found.reasons)
