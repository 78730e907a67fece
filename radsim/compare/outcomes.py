"""What is shown of a result: figures by schedule and differences, each with how sure the evidence is of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.compare.spread import Sureness, structural, sureness
from radsim.kernel.layout import ITEMS
from radsim.outcomes import estimates
from radsim.outcomes.intervals import Estimate, draws_of
from radsim.presentation.structure import follows_from
from radsim.results.statistics import divide, paired_error

DAY, SHARE, POINTS = "d", "1", "points"
INDEX_COURSE = 1.0
NEVER = "none in either"


class Row(NamedTuple):
    """An outcome to show: the variable it is read from, the day, its unit, and its name in two kinds of words."""

    name: str
    variable: str
    day: float | None
    units: str
    clinician: str
    patient: str
    differs: bool = True
    only_spine: bool = False


class Outcome(NamedTuple):
    """An outcome under each schedule, and the first schedule minus each of the others."""

    row: Row
    figures: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    sureness: tuple[Sureness, ...]


def week(weeks):
    """[d]"""
    return 7.0 * weeks


def month(months):
    """[d]"""
    return 365.25 / 12.0 * months


YEAR = month(12)
ROWS = (
    *(
        row
        for weeks in (4, 12)
        for row in (
            Row(f"relief_{weeks}_weeks", "relief", week(weeks), SHARE,
                f"Alive with relief at {weeks} weeks", f"alive and with less pain after {weeks} weeks"),
            Row(f"free_of_pain_{weeks}_weeks", "complete_relief", week(weeks), SHARE,
                f"Free of pain at {weeks} weeks", f"alive and without pain there after {weeks} weeks"),
        )
    ),
    Row("retreatment_1_year", "retreatment_incidence", YEAR, SHARE,
        "Treated again here within a year", "irradiated again at the same place within a year"),
    Row("retreatment", "retreatment", None, SHARE,
        "Treated again in five years", "irradiated again at the same place within five years"),
    Row("fracture_1_year", "pathological_fracture_incidence", YEAR, SHARE,
        "Fracture here within a year", "with a broken bone there within a year"),
    Row("cord_compression_1_year", "spinal_cord_compression_incidence", YEAR, SHARE,
        "Cord compression within a year", "with pressure on the spinal cord within a year", only_spine=True),
    *(
        Row(f"alive_{months}_months", "survival", month(months), SHARE,
            f"Alive at {months} month{'s' * (months > 1)}", f"alive after {months} month{'s' * (months > 1)}", differs=False)
        for months in (1, 3, 6, 12)
    ),
    Row("hospital_days", "treatment_days", None, DAY,
        "Days at the hospital", "days with a trip to the hospital for radiotherapy"),
    Row("share_of_life", "share_of_life_in_treatment", None, SHARE,
        "Share of remaining life, %", "share of the days left, in per cent", differs=False),
    Row("overall_response", "overall_response", None, SHARE,
        "Overall response", "with less pain as a trial would count it"),
    Row("complete_response", "complete_response", None, SHARE,
        "Complete response", "without pain as a trial would count it"),
    *(
        Row(f"mean_pain_{weeks}_weeks", "mean_pain_score", week(weeks), POINTS,
            f"Mean worst pain at {weeks} weeks (0-10)", f"worst pain (0-10) after {weeks} weeks, on average of those alive",
            differs=False)
        for weeks in (4, 12)
    ),
)  # fmt: skip
"""Everything shown as a figure, in order."""


def outcomes(results, study, *, spine):
    """Outcomes of a result by name.

    Parameters
    ----------
    results : radsim.results.Results
        Of a study that looks at the days of `ROWS`.
    study : radsim.study.Study
        That study: whether a difference follows from its structure.
    spine : bool
        Whether the site is the spine, or may be.

    Returns
    -------
    dict of str to Outcome
        Without rows of another day or variable than the result has.
    """
    found = {}
    for row in ROWS:
        if (spine or not row.only_spine) and (figures := row_estimate(results, row)) is not None:
            gaps = estimates.gaps(results, row.variable, day=row.day)
            found[row.name] = outcome(row, figures, gaps, causes=_causes(row, study))
    return found


def _causes(row, study):
    """What the sign of each difference follows from, empty where the evidence decides."""
    first, *others = study.config.schedules
    return [follows_from(row.variable, first, other, study.samples) for other in others]


def row_estimate(results, row):
    """A row under each schedule; None if the result did not look at that very day."""
    if row.day is not None and not np.any(np.abs(results["time"].values - row.day) < 1e-6):
        return None
    return estimates.estimate(results, row.variable, day=row.day)


def outcome(row, figures, gaps, *, causes=()):
    """An `Outcome`.

    Parameters
    ----------
    row : Row
    figures : Estimate, shape (schedule,)
    gaps : radsim.outcomes.intervals.Draws, shape (draw, schedule - 1)
        The first schedule minus each of the others.
    causes : sequence of str
        What the sign of each difference follows from.
    """
    n_others = gaps.values.shape[1]
    how_sure = [sureness(gaps.at(i)) for i in range(n_others)]
    for i, cause in enumerate(causes):
        if cause and how_sure[i].verdict in ("more", "fewer", "open"):
            how_sure[i] = structural(how_sure[i], cause)
    if not np.any(figures.value):
        how_sure = [sure._replace(words=NEVER) for sure in how_sure]
    return Outcome(row, each_of(figures), each_of(gaps.estimate()), tuple(how_sure))


def each_of(found):
    """An `Estimate`, shape (schedule,), as one for each schedule, of plain numbers."""
    return tuple(Estimate(*map(float, parts)) for parts in zip(*found, strict=True))


def repeats(results):
    """Repeat courses per patient, the first schedule's minus the others', without the index course; `Draws`, shape (draw, schedule - 1). [1]"""
    n = results["n_patients"].values[np.newaxis, ..., np.newaxis]  # (group, batch, draw, schedule)
    courses = results["count"].values[..., ITEMS.index("courses")].sum(axis=-1)[np.newaxis] * n
    irradiated = np.array([name != "none" for name in results["schedule"].values], float)
    total, patients = courses.sum(axis=1)[0], n.sum(axis=1)[0]
    values = divide(total, patients) - INDEX_COURSE * irradiated
    noise = paired_error(courses - irradiated * n, n)[0]
    return draws_of(values[:, :1] - values[:, 1:], noise[:, 1:], quantile=estimates.student(results))
