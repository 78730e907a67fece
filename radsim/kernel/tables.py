"""What goes into the kernel and what comes out of it, as Python makes and reads it: no part of it needs the compiler."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BLOCK_SIZE = 512
"""Patients whose sums are added up together. Part of every stored result: never change it."""

N_BATCHES = 16
"""Batches in which sums are kept: block b belongs to batch b mod 16, so that more patients leave earlier sums as they were."""

N_COVARIATES = 24
MOST_EDGES = 5  # between the six categories of the site
N_GUIDE = 128  # cells of the guide table: the walk from a cell's first level is mostly no step long


class CohortTables(NamedTuple):
    """All that a patient's baseline and random numbers depend on, but for seed, draw and the patient's number; see `radsim.cohort`."""

    values: np.ndarray  # (covariate, parent category, level)
    cumulative: np.ndarray  # (covariate, parent category, level)
    guide: np.ndarray  # (covariate, parent category, cell) where to start looking; see `guide_table`
    fixed: np.ndarray  # (covariate,) 1 where no category has more than one level
    n_used: int  # covariates up to the last one that is anything but its first category in somebody
    parent: np.ndarray  # (covariate,) the covariate that decides the category, or -1
    correlated: np.ndarray  # (correlated,) covariates in the copula
    cholesky: np.ndarray  # (correlated, correlated) lower factor of their correlation
    rows: np.ndarray  # (row, covariate) NaN: drawn
    each_row: int  # copies of each row, 0 for rows drawn with replacement
    prior_beds_gy2: np.ndarray  # (prior schedule,) Gy
    subgroup_strides: np.ndarray  # (covariate and score,) weight of each code in the subgroup number; 0: defines none
    subgroup_edges: (
        np.ndarray
    )  # (covariate and score, edge) where the next code begins; after the last, larger than any value
    score_karnofsky: float  # at or below, a risk factor of the score of prognosis


class Protocol(NamedTuple):
    """What is simulated and what is observed, the same for every patient."""

    schedules: np.ndarray  # (schedule,) SCHEDULE records
    repeats: np.ndarray  # (4,) SCHEDULE records, the last of them `none`
    visit_days: np.ndarray  # (schedule, visit) d
    same_visits: np.ndarray  # (schedule,) 1 where the visits are those of the schedule before
    n_headline: int  # visits within the headline window
    measures: np.ndarray  # (measure,) 1 where wanted
    actuarial: int  # 1 where numbers at risk are wanted
    endpoints: np.ndarray  # (endpoint, 3) measure, first visit, last visit
    times: np.ndarray  # (time,) d
    period_ends: np.ndarray  # (period,) d, the last is the horizon


class Sums(NamedTuple):
    """Integer sums of some patients. The first block holds differences along the schedules, the second what a schedule gives.

    See `layout` for the meaning of the last axes, and `scales` for their units. The kernel takes the cells of ``occupancy`` in one row
    (`radsim.sums.as_simulated`): there a cell is found by its number, `tally.cell_of`.
    """

    n: np.ndarray  # (group,)
    exposure: np.ndarray  # (group, period, exposure) the same under every schedule
    flag: np.ndarray  # (group, schedule, flag)
    visit: np.ndarray  # (group, schedule, visit, measure, visit count)
    endpoint: np.ndarray  # (group, schedule, endpoint, endpoint count)
    time_count: np.ndarray  # (group, schedule, time, time count)
    time_sum: np.ndarray  # (group, schedule, time, time sum)
    patient: np.ndarray  # (group, schedule, patient sum)
    occupancy: np.ndarray  # (group, schedule, period, state)
    count: np.ndarray  # (group, schedule, period, item)
    onset_histogram: np.ndarray  # (group, schedule, day)
    relapse_histogram: np.ndarray  # (group, schedule, day)
    censor_histogram: np.ndarray  # (group, schedule, day)

    given_flag: np.ndarray  # (group, schedule, flag)
    given_patient: np.ndarray  # (group, schedule, patient sum)
    given_count: np.ndarray  # (group, schedule, period, item)


def guide_table(cumulative):
    """First level that a uniform in each cell of [0, 1) can be, shape (covariate, parent category, cell).

    Parameters
    ----------
    cumulative : array, shape (covariate, parent category, level)
        Cumulative probabilities, the last of them 1.
    """
    edges = np.arange(N_GUIDE) / N_GUIDE
    guide = np.zeros((*cumulative.shape[:-1], N_GUIDE), np.int16)
    for c, category in np.argwhere(cumulative[..., 0] < 1.0):  # elsewhere there is one level, number 0
        guide[c, category] = np.searchsorted(cumulative[c, category], edges, side="left")
    return guide
