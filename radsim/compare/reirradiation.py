"""A second course to the same site: what may be given, and what the spinal cord would have had in all."""

from __future__ import annotations

from typing import NamedTuple

from radsim.config import Schedule
from radsim.study import cord_bed

DAYS_PER_WEEK = 7.0
USUAL = ("single", "after_single", "after_multiple")
ALWAYS = ("cord.course_limit_gy2", "cord.early_within_days", "retreatment.minimum_interval_days")
EARLY, LATE = "cord.early_limit_gy2", "cord.late_limit_gy2"


class Option(NamedTuple):
    """A course that could be given, and its budget at the cord.

    Attributes
    ----------
    schedule : str
    asked : bool
        Whether it is one of the schedules compared; the others are the usual repeats.
    course_gy2, total_gy2 : float
        BED of the course, and with the course before. [Gy]
    allowed : bool
        Whether it remains within the budget, and late enough.
    reasons : tuple of str
        Why not.
    """

    schedule: str
    asked: bool
    course_gy2: float
    total_gy2: float
    allowed: bool
    reasons: tuple[str, ...]


class Reirradiation(NamedTuple):
    """A patient irradiated before, at one site."""

    prior: str
    prior_gy2: float
    weeks_ago: float
    least_weeks: float
    course_limit_gy2: float
    total_limit_gy2: float
    early_within_weeks: float
    site: str
    rests_on: tuple[str, ...]  # names of the limits
    options: tuple[Option, ...]

    @property
    def too_early(self):
        return self.weeks_ago < self.least_weeks


def reirradiation(config, values):
    """Options after an earlier course, or None if the configuration has no single one.

    Parameters
    ----------
    config : Config
    values : mapping of str to float
        Parameters of the base case.

    Returns
    -------
    Reirradiation or None
        `site` is ``spine``, ``maybe spine`` (drawn, may be the spine) or ``other``; only the first two have a budget.
    """
    covariates = config.cohort.covariates
    prior, weeks_ago = covariates.get("prior_schedule"), covariates.get("prior_weeks_ago")
    if not isinstance(prior, str) or prior == "none" or not isinstance(weeks_ago, float):
        return None
    site = spine_or_not(config)
    early = DAYS_PER_WEEK * weeks_ago < values["cord.early_within_days"]
    found = Reirradiation(
        prior=prior,
        prior_gy2=cord_bed(Schedule.parse(prior), values),
        weeks_ago=weeks_ago,
        least_weeks=values["retreatment.minimum_interval_days"] / DAYS_PER_WEEK,
        course_limit_gy2=values["cord.course_limit_gy2"],
        total_limit_gy2=values[EARLY if early else LATE],
        early_within_weeks=values["cord.early_within_days"] / DAYS_PER_WEEK,
        site=site,
        rests_on=(EARLY if early else LATE, *ALWAYS),
        options=(),
    )
    asked = {schedule.name: schedule for schedule in config.schedules if not schedule.none}
    usual = {schedule.name: schedule for schedule in usual_repeats(values) if schedule.name not in asked}
    options = [_option(found, schedule, values, asked=schedule.name in asked) for schedule in (asked | usual).values()]
    return found._replace(options=tuple(options))


def spine_or_not(config):
    """``spine``, ``maybe spine`` where the site is drawn and may be it, or ``other``."""
    if config.cohort.covariates.get("site") == "spine":
        return "spine"
    return "maybe spine" if config.cohort.may_be_spine() else "other"


def usual_repeats(values):
    """The repeats that the registry names, each once."""
    found = {}
    for kind in USUAL:
        dose, fractions = (values[f"retreatment.repeat.{kind}.{part}"] for part in ("dose_gy", "fractions"))
        schedule = Schedule.parse(f"{dose:g}Gy/{round(fractions)}")
        found.setdefault(schedule.name, schedule)
    return tuple(found.values())


def _option(about, schedule, values, *, asked):
    """One row of the table: the limits are those that the model holds its own repeats to."""
    course = cord_bed(schedule, values)
    total = about.prior_gy2 + course
    reasons = [f"less than {about.least_weeks:g} weeks since the last course"] * about.too_early
    if about.site != "other":
        if max(about.prior_gy2, course) > about.course_limit_gy2:
            reasons.append(f"a course above {about.course_limit_gy2:g}")
        if total > about.total_limit_gy2:
            reasons.append(f"total above {about.total_limit_gy2:g}")
    return Option(schedule.name, asked, course, total, not reasons, tuple(reasons))
