"""The rule itself: courses in, verdict and reasons out.

The limits come from patients irradiated twice [1]_: the risk of myelopathy appeared small up to 135.5 Gy2 in all, and no case had been
reported up to 120, where the two courses lay at least six months apart and neither exceeded 98 Gy2. For a shorter interval they say
nothing. The model then takes the lower total as what must not be exceeded, and calls what remains below it *not covered*.

References
----------
.. [1] Nieder C et al., "Update of human spinal cord reirradiation tolerance based on additional data from 38 patients," Int J Radiat
   Oncol Biol Phys 66, 2006, 1446–1449, doi:10.1016/j.ijrobp.2006.07.1383.
"""

from __future__ import annotations

from typing import NamedTuple

from radsim.maths.dose import bed

DAYS_PER_WEEK = 7.0

NO_LIMIT, WITHIN, NOT_COVERED, BEYOND = "no limit", "within", "not covered", "beyond"
VERDICTS = (NO_LIMIT, WITHIN, NOT_COVERED, BEYOND)
"""From the mildest; the position is the code in results. `NO_LIMIT`: no cord in the field, or no radiotherapy."""

SPINE, MAYBE_SPINE, ELSEWHERE = "spine", "maybe spine", "elsewhere"

PARAMETERS = (
    "cord.alpha_beta_gy", "cord.course_limit_gy2", "cord.early_limit_gy2", "cord.late_limit_gy2", "cord.early_within_days",
    "retreatment.minimum_interval_days",
)  # fmt: skip
"""Parameters of the registry that the rule takes."""

ROUNDING = 1e-9
"""A total that misses a limit by less than its own rounding has not passed it."""


class Limits(NamedTuple):
    """The published limits. [Gy2, week]

    Attributes
    ----------
    course, early, late : float
        Largest BED at an alpha/beta of 2 of one course; of all courses where two lie closer than `early_within`; and otherwise. [Gy2]
    early_within, least_interval : float
        Interval from which the limits were stated; interval from which a repeat was ever studied. [week]
    """

    course: float
    early: float
    late: float
    early_within: float
    least_interval: float


class Course(NamedTuple):
    """A course as the cord sees it.

    Attributes
    ----------
    name : str
    gy2 : float
        BED at the cord. [Gy2]
    weeks_ago : float
        Since its last fraction; 0 for the one that is planned. [week]
    technique : str
    """

    name: str
    gy2: float
    weeks_ago: float = 0.0
    technique: str = "conventional"


class Judgement(NamedTuple):
    """What the rule says of one planned course after some earlier ones.

    Attributes
    ----------
    verdict : str
        Of `VERDICTS`.
    course_gy2, total_gy2 : float
        BED of the planned course, and of all courses together. [Gy2]
    interval_weeks : float or None
        Shortest interval between two courses; None where there is one course. [week]
    reasons : tuple of str
        Why, each a part of a sentence.
    """

    verdict: str
    course_gy2: float
    total_gy2: float
    interval_weeks: float | None
    reasons: tuple[str, ...]


def limits(values):
    """The `Limits` from parameters by dotted name."""
    return Limits(
        course=values["cord.course_limit_gy2"],
        early=values["cord.early_limit_gy2"],
        late=values["cord.late_limit_gy2"],
        early_within=values["cord.early_within_days"] / DAYS_PER_WEEK,
        least_interval=values["retreatment.minimum_interval_days"] / DAYS_PER_WEEK,
    )


def cord_bed(schedule, values):
    """BED at the cord of one course of a `radsim.config.Schedule`: that of its known cord dose, else of its whole dose. [Gy2]"""
    if schedule.none:
        return 0.0
    dose = schedule.cord_dose_gy if schedule.cord_dose_gy is not None else schedule.dose_gy
    return bed(dose / schedule.fractions, schedule.fractions, alpha_beta=values["cord.alpha_beta_gy"])


def course(schedule, values, *, weeks_ago=0.0):
    """A `Course` of a `radsim.config.Schedule`."""
    return Course(schedule.name, cord_bed(schedule, values), weeks_ago, schedule.technique)


def worst(verdicts):
    """The worst of some verdicts."""
    return max(verdicts, key=VERDICTS.index)


def judge(planned, earlier, limits, *, where=SPINE):
    """Hold a planned course and those before it against the limits.

    Parameters
    ----------
    planned : Course
    earlier : sequence of Course
        All earlier courses to the same site, in any order.
    limits : Limits
    where : str
        `SPINE`, `MAYBE_SPINE` or `ELSEWHERE`, where only the interval counts.

    Returns
    -------
    Judgement

    Examples
    --------
    >>> published = Limits(course=98.0, early=120.0, late=135.5, early_within=26.0, least_interval=4.0)
    >>> judge(Course("8Gy/1", 40.0), [Course("30Gy/10", 75.0, 12.0)], published).verdict
    'not covered'
    >>> judge(Course("20Gy/5", 60.0), [Course("30Gy/10", 75.0, 12.0)], published).verdict
    'beyond'
    """
    total = planned.gy2 + sum(each.gy2 for each in earlier)
    interval = shortest_interval(earlier)
    beyond = _too_early(interval, limits)
    if where == ELSEWHERE:
        return Judgement(BEYOND if beyond else NO_LIMIT, planned.gy2, total, interval, tuple(beyond))
    courses = (planned, *earlier)
    beyond = [*_too_much_at_once(courses, limits), *_too_much_in_all(courses, total, interval, limits), *beyond]
    if beyond:
        return Judgement(BEYOND, planned.gy2, total, interval, tuple(beyond))
    if interval is not None and interval < limits.early_within:
        return Judgement(NOT_COVERED, planned.gy2, total, interval, (_not_covered(total, interval, limits),))
    return Judgement(WITHIN, planned.gy2, total, interval, (_within(total, len(courses), limits),))


def shortest_interval(earlier):
    """Shortest time between two courses that follow each other, the planned one included; None if there are none before it. [week]"""
    weeks = sorted((0.0, *(each.weeks_ago for each in earlier)))
    return min((later - sooner for sooner, later in zip(weeks, weeks[1:], strict=False)), default=None)


def repeats_left(planned, earlier, limits, repeats):
    """Whether the totals allow any of some repeats after a planned course, given late enough."""
    total = planned.gy2 + sum(each.gy2 for each in earlier)
    return any(total + each.gy2 <= limits.late + ROUNDING and each.gy2 <= limits.course + ROUNDING for each in repeats)


def _too_early(interval, limits):
    if interval is None or interval >= limits.least_interval:
        return []
    return [
        f"{_weeks(interval)} between two courses, fewer than {limits.least_interval:g}: too early to judge the first and to give the second"
    ]


def _too_much_at_once(courses, limits):
    found = []
    for each in courses:
        if each.gy2 > limits.course + ROUNDING:
            asked = "" if each.technique == "sbrt" else f" (did you mean {each.name}@sbrt?)"
            found.append(f"{each.name} gives {each.gy2:.4g} Gy2 in one course, above {limits.course:g}{asked}")
    return found


def _too_much_in_all(courses, total, interval, limits):
    early = interval is not None and interval < limits.early_within
    limit = limits.early if early else limits.late
    if len(courses) < 2 or total <= limit + ROUNDING:
        return []
    if not early:
        return [f"{total:.4g} Gy2 in all, above {limit:g}"]
    return [
        f"{total:.4g} Gy2 in all, {_weeks(interval)} apart: above {limit:g}, the highest total without a reported case of myelopathy even after "
        f"{limits.early_within:g} weeks"
    ]


def _not_covered(total, interval, limits):
    return (
        f"{total:.4g} Gy2 in all, {_weeks(interval)} apart: the limits ({limits.early:g} and {limits.late:g} Gy2) were stated for courses at "
        f"least {limits.early_within:g} weeks apart; a randomised trial of repeats gave low totals from {limits.least_interval:g} weeks on"
    )


def _within(total, n_courses, limits):
    if n_courses < 2:
        return f"{total:.4g} Gy2, at most {limits.course:g} in one course"
    text = f"{total:.4g} Gy2 in all, at most {limits.late:g}"
    if total > limits.early + ROUNDING:
        text += f" (no case of myelopathy was reported up to {limits.early:g}, few up to {limits.late:g})"
    return text + ("; the limits come from patients irradiated twice, not more often" if n_courses > 2 else "")


def _weeks(interval):
    return f"{interval:.3g} week{'s' * (interval != 1.0)}"
