"""Each outcome under every schedule, the differences between them, and how sure the evidence is of these."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.config.schedule import WITHOUT_RADIOTHERAPY
from radsim.kernel.layout import ITEMS
from radsim.outcomes import catalogue, estimates
from radsim.outcomes.intervals import Estimate, draws_of
from radsim.presentation.certainty import Sureness, sureness_of
from radsim.results.statistics import divide, paired_error

INDEX_COURSE = 1.0
NEVER = "none in either"


class Finding(NamedTuple):
    """An outcome under each schedule, and the first schedule minus each of the others."""

    outcome: catalogue.Outcome
    figures: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    sureness: tuple[Sureness, ...]


def findings(results, study, *, spine):
    """Every outcome of the catalogue that a result holds.

    Parameters
    ----------
    results : radsim.results.Results
    study : radsim.study.Study
        Says which effects were drawn.
    spine : bool
        Whether the site is the spine, or may be.

    Returns
    -------
    dict of str to Finding
        By key, in the order of the catalogue.
    """
    return {outcome.key: _finding(results, outcome, study) for outcome in catalogue.held(results, spine=spine)}


def _finding(results, outcome, study):
    figures = estimates.estimate(results, outcome.variable, day=outcome.day)
    gaps = estimates.gaps(results, outcome.variable, day=outcome.day)
    how_sure = surenesses(gaps, outcome, study)
    if not np.any(figures.value):
        how_sure = [sure._replace(words=NEVER) for sure in how_sure]
    return Finding(outcome, each_of(figures), each_of(gaps.estimate()), tuple(how_sure))


def surenesses(gaps, outcome, study):
    """How sure the evidence is of the first schedule's difference to each of the others; ``gaps`` as `Draws`, shape (draw, schedule - 1)."""
    first, *others = study.config.schedules
    return [sureness_of(gaps.at(i), outcome, first, other, study.samples) for i, other in enumerate(others)]


def each_of(found):
    """An `Estimate`, shape (schedule,), as one for each schedule, of plain numbers."""
    return tuple(Estimate(*map(float, parts)) for parts in zip(*found, strict=True))


def repeats(results):
    """Later courses per patient, the first schedule's minus the others': repeats, and under `none` also a first course given later; `Draws`, shape (draw, schedule - 1). [1]"""
    n = results["n_patients"].values[np.newaxis, ..., np.newaxis]  # (group, batch, draw, schedule)
    courses = results["count"].values[..., ITEMS.index("courses")].sum(axis=-1)[np.newaxis] * n
    irradiated = np.array([name not in WITHOUT_RADIOTHERAPY for name in results["schedule"].values], float)
    total, patients = courses.sum(axis=1)[0], n.sum(axis=1)[0]
    values = divide(total, patients) - INDEX_COURSE * irradiated
    noise = paired_error(courses - irradiated * n, n)[0]
    return draws_of(values[:, :1] - values[:, 1:], noise[:, 1:], quantile=estimates.student(results))
