"""The rule asked of a whole study: every schedule, after every history that its patients may have."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.config import CATEGORIES, COVARIATES, Schedule
from radsim.cord.rule import (
    ELSEWHERE,
    MAYBE_SPINE,
    NO_LIMIT,
    SPINE,
    Judgement,
    cord_bed,
    course,
    judge,
    limits,
    repeats_left,
    worst,
)

SITE, PRIOR, WEEKS = (COVARIATES.index(name) for name in ("site", "prior_schedule", "prior_weeks_ago"))
SPINE_CODE = CATEGORIES["site"].index("spine")
REPEATS = ("single", "several", "spine_after_several")


class CordVerdict(NamedTuple):
    """What the rule says of one schedule of a study.

    Attributes
    ----------
    schedule : str
    verdict : str
        Of `radsim.cord.VERDICTS`: the worst that any patient meets.
    share : float
        Share of the patients with the spine as site who meet it, taken as independent of all else. [1]
    where : str
        ``spine``, ``maybe spine`` (some patients have another site) or ``elsewhere``.
    earlier : tuple of str
        Earlier courses of the patient whom the figures are about, with how long ago.
    course_gy2, total_gy2 : float
        BED at an alpha/beta of 2 of the course, and with all earlier ones; the largest total with this verdict. [Gy2]
    interval_weeks : float or None
        Shortest interval between two courses. [week]
    reasons : tuple of str
    repeats_left : bool
        Whether the totals allow a usual repeat afterwards.
    """

    schedule: str
    verdict: str
    share: float
    where: str
    earlier: tuple[str, ...]
    course_gy2: float
    total_gy2: float
    interval_weeks: float | None
    reasons: tuple[str, ...]
    repeats_left: bool


def verdicts(config, tables, values):
    """What the rule says of every schedule.

    Parameters
    ----------
    config : Config
    tables : radsim.cohort.Tables
        Of its cohort.
    values : mapping of str to float
        Parameters of the base case.

    Returns
    -------
    tuple of CordVerdict
        One for each schedule, in order.
    """
    where, known = where_is_it(config, tables), limits(values)
    histories = _histories(config, tables, values)
    repeats = [course(schedule, values) for schedule in usual_repeats(values)]
    return tuple(
        _verdict(schedule, course(schedule, values), histories, known, where, repeats) for schedule in config.schedules
    )


def from_record(record):
    """The verdicts that a run record holds; none in a record of before they were kept, nor in that of a sweep."""
    return tuple(
        CordVerdict(**{**each, "earlier": tuple(each["earlier"]), "reasons": tuple(each["reasons"])})
        for each in record.get("cord", ())
    )


def where_is_it(config, tables):
    """Whether the irradiated site is the spine: `SPINE`, `MAYBE_SPINE` or `ELSEWHERE`."""
    if len(tables.rows) and not np.isnan(tables.rows[:, SITE]).any():
        at_spine = tables.rows[:, SITE] == SPINE_CODE
        return SPINE if at_spine.all() else MAYBE_SPINE if at_spine.any() else ELSEWHERE
    if config.cohort.covariates.get("site") == "spine" and not len(tables.rows):
        return SPINE
    return MAYBE_SPINE if config.cohort.may_be_spine() else ELSEWHERE


def usual_repeats(values):
    """The repeats that the registry names, each once, as `Schedule`."""
    found = {}
    for kind in REPEATS:
        dose, fractions = (values[f"retreatment.repeat.{kind}.{part}"] for part in ("dose_gy", "fractions"))
        schedule = Schedule.parse(f"{dose:g}Gy/{round(fractions)}")
        found.setdefault(schedule.name, schedule)
    return tuple(found.values())


def earlier_courses(config, values):
    """The earlier courses of a configuration that fixes them, a tuple of `Course`; None where they differ between patients."""
    cohort = config.cohort
    if cohort.prior:
        return tuple(course(each.as_schedule, values, weeks_ago=each.weeks_ago) for each in cohort.prior)
    name, weeks = cohort.prior_schedule, cohort.prior_weeks_ago
    if cohort.file is not None or isinstance(name, dict):
        return None
    if name in (None, "none"):
        return ()
    return (course(Schedule.parse(name), values, weeks_ago=weeks),) if isinstance(weeks, float) else None


def prior_beds(config, tables, values):
    """BED at the cord of all that was given before, by the last earlier course of a patient, shape (prior schedule,). [Gy2]"""
    if config.cohort.prior:
        total = sum(each.gy2 for each in earlier_courses(config, values))
        return np.array([0.0 if schedule.none else total for schedule in tables.prior_schedules])
    return np.array([cord_bed(schedule, values) for schedule in tables.prior_schedules])


def _verdict(schedule, planned, histories, known, where, repeats):
    """The worst that any history leads to, and of those the largest total."""
    if schedule.none:
        return _worded(schedule, Judgement(NO_LIMIT, 0.0, 0.0, None, ()), 1.0, where, (), True)
    found = [(judge(planned, earlier, known, where=where), share, earlier) for earlier, share in histories]
    verdict = worst(judgement.verdict for judgement, _, _ in found)
    met = [each for each in found if each[0].verdict == verdict]
    judgement, _, earlier = max(met, key=lambda each: each[0].total_gy2)
    left = where == ELSEWHERE or repeats_left(planned, earlier, known, repeats)
    return _worded(schedule, judgement, min(1.0, sum(share for _, share, _ in met)), where, earlier, left)


def _worded(schedule, judgement, share, where, earlier, left):
    names = tuple(f"{each.name}, {each.weeks_ago:.3g} weeks ago" for each in earlier)
    return CordVerdict(
        schedule.name, judgement.verdict, share, where, names, judgement.course_gy2, judgement.total_gy2,
        judgement.interval_weeks, judgement.reasons, left,
    )  # fmt: skip


def _histories(config, tables, values):
    """Every series of earlier courses, with the share of patients who had it."""
    fixed = earlier_courses(config, values)
    if fixed is not None:
        return [(fixed, 1.0)]
    known = [course(schedule, values) for schedule in tables.prior_schedules]
    shares = {}
    for prior, weeks, share in _pairs(tables):
        key = (prior, weeks if prior else 0.0)
        shares[key] = shares.get(key, 0.0) + share
    return [
        ((known[prior]._replace(weeks_ago=weeks),) if prior else (), share) for (prior, weeks), share in shares.items()
    ]


def _pairs(tables):
    """Earlier schedule, weeks since, and share of the patients at the spine; what a row leaves open is drawn."""
    drawn = {c: _levels(tables, c) for c in (PRIOR, WEEKS)}
    rows = (
        tables.rows[(tables.rows[:, SITE] == SPINE_CODE) | np.isnan(tables.rows[:, SITE])] if len(tables.rows) else ()
    )
    if not len(rows):
        rows = np.full((1, len(COVARIATES)), np.nan) if not len(tables.rows) else tables.rows
    found, counts = np.unique(rows[:, [PRIOR, WEEKS]], axis=0, return_counts=True)
    for (prior, weeks), count in zip(found, counts, strict=True):
        for code, p in drawn[PRIOR] if np.isnan(prior) else [(prior, 1.0)]:
            for since, q in drawn[WEEKS] if np.isnan(weeks) else [(weeks, 1.0)]:
                yield int(code), float(since), p * q * float(count) / len(rows)


def _levels(tables, c):
    """Values of a covariate with their probabilities, the mean over the categories of what decides between its marginals."""
    n_parents = 1 if tables.parent[c] < 0 else len(CATEGORIES[COVARIATES[tables.parent[c]]])
    levels = []
    for parent in range(n_parents):
        n = tables.n_levels[c, parent]
        shares = np.diff(tables.cumulative[c, parent, :n], prepend=0.0) / n_parents
        levels += zip(tables.values[c, parent, :n].tolist(), shares.tolist(), strict=True)
    return levels
