"""What is shown of a result: figures by schedule and differences, each with how sure the evidence is of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.compare.spread import Figure, Sureness, figure, posterior, structural, sureness
from radsim.kernel.layout import ITEMS
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
    figures: tuple[Figure, ...]
    differences: tuple[Figure, ...]
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

LIMITS = {SHARE: (0.0, 1.0), DAY: (0.0, np.inf), POINTS: (0.0, 10.0)}


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
        if (spine or not row.only_spine) and (columns := row_columns(results, row)) is not None:
            found[row.name] = outcome(row, *columns, causes=_causes(row, study))
    return found


def _causes(row, study):
    """What the sign of each difference follows from, empty where the evidence decides."""
    first, *others = study.config.schedules
    return [follows_from(row.variable, first, other, study.samples) for other in others]


def row_columns(results, row):
    """Values and errors of a row, shape (draw, schedule), and of its differences, shape (draw, schedule - 1); None if not looked at."""
    if row.variable not in results.data_vars:
        return None
    columns = draws_of(results, row.variable)
    if row.day is None:
        return columns
    days = results["time"].values
    nearest = int(np.argmin(np.abs(days - row.day)))
    if abs(days[nearest] - row.day) > 1e-6:
        return None
    return tuple(column[..., nearest] for column in columns)


def draws_of(results, name):
    """Draws of a variable and of its differences with their errors, the base case left out if there are others.

    Returns
    -------
    values, noise : ndarray, shape (draw, schedule, ...)
    differences, difference_noise : ndarray, shape (draw, schedule - 1, ...)
        The noise is NaN where fewer than two batches of patients tell of it.
    """
    paired = results.differences[name]
    noise = np.where(paired.n_batches > 1, paired.mcse, np.nan)
    columns = results[name].values, results[f"{name}_mcse"].values, paired.value, noise
    return tuple(posterior(column) for column in columns)


def outcome(row, values, noise, differences, difference_noise, *, causes=()):
    """An `Outcome` from draws; see `draws_of` for the shapes. ``causes``: what the sign of each difference follows from."""
    low, high = LIMITS[row.units]
    how_sure = [sureness(v, e) for v, e in zip(differences.T, difference_noise.T, strict=True)]
    for i, cause in enumerate(causes):
        if cause and how_sure[i].verdict in ("more", "fewer", "open"):
            how_sure[i] = structural(how_sure[i], cause)
    if not values.any():
        how_sure = [sure._replace(words=NEVER) for sure in how_sure]
    return Outcome(
        row,
        tuple(figure(v, e, low=low, high=high) for v, e in zip(values.T, noise.T, strict=True)),
        tuple(figure(v, e) for v, e in zip(differences.T, difference_noise.T, strict=True)),
        tuple(how_sure),
    )


def repeats(results):
    """Repeat courses per patient and the first schedule's minus the others', with errors; as `draws_of`, without the index course. [1]"""
    n = results["n_patients"].values[np.newaxis, ..., np.newaxis]  # (group, batch, draw, schedule)
    courses = results["count"].values[..., ITEMS.index("courses")].sum(axis=-1)[np.newaxis] * n
    irradiated = np.array([name != "none" for name in results["schedule"].values], float)
    total, patients = courses.sum(axis=1)[0], n.sum(axis=1)[0]
    values = divide(total, patients) - INDEX_COURSE * irradiated
    noise, n_batches = paired_error(courses - irradiated * n, n)
    differences = values[:, :1] - values[:, 1:]
    unknown = np.full(values.shape, np.nan)
    return tuple(posterior(c) for c in (values, unknown, differences, np.where(n_batches[0] > 1, noise[0], np.nan)))
