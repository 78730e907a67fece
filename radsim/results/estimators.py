"""How each output follows from the kernel's sums: small functions that the variable table is made of.

Every estimator takes the stacked sums of all draws (see `assemble.stack`), whose axes are group, batch, draw
and schedule, then the table's own, and returns value and Monte Carlo standard error with axes group, draw,
schedule and whatever follows.
"""

from __future__ import annotations

import numpy as np

from radsim.endpoints import MEASURES
from radsim.kernel.layout import FLAGS, LIFE_SUMS, TIME_COUNTS, TIME_SUMS, VISIT_COUNTS
from radsim.results.statistics import mean, median_of_days, median_of_durations, proportion, ratio

DAYS_PER_YEAR = 365.25


def patients(sums):
    """Patients per group and draw, ready to divide sums over schedules; shape (group, draw, 1)."""
    return sums.n.sum(axis=1)[:, :, None]


def flag_share(name, *, without=None):
    """Share of all patients with a flag; ``without`` takes away those of a flag inside it."""

    def estimate(sums):
        counts = sums.flag.sum(axis=1)
        count = counts[..., FLAGS.index(name)]
        if without is not None:
            count = count - counts[..., FLAGS.index(without)]
        return proportion(count, patients(sums))

    return estimate


def visit_share(measure, outcome):
    """Share of those assessable at a visit who respond by one of `MEASURES`, overall or complete."""

    def estimate(sums):
        counts = sums.visit.sum(axis=1)[..., MEASURES.index(measure), :]
        return proportion(
            counts[..., VISIT_COUNTS.index(outcome)], counts[..., VISIT_COUNTS.index("assessable")]
        )

    return estimate


def time_share(name):
    """Share of all patients of whom something is true by, or at, a time."""

    def estimate(sums):
        return proportion(
            sums.time_count.sum(axis=1)[..., TIME_COUNTS.index(name)], patients(sums)[..., None]
        )

    return estimate


def time_mean(name):
    """Mean of a quantity at a time, among the living."""

    def estimate(sums):
        totals = sums.time_sum.sum(axis=1)
        alive = sums.time_count.sum(axis=1)[..., TIME_COUNTS.index("alive")]
        return mean(
            totals[..., TIME_SUMS.index(name)], totals[..., TIME_SUMS.index(f"{name}_squared")], alive
        )

    return estimate


def life_mean(name, *, per=1.0):
    """Mean over patients of a sum over their lives, divided by ``per`` to change its unit."""

    def estimate(sums):
        totals = sums.life.sum(axis=1)
        total, squares = totals[..., LIFE_SUMS.index(name)], totals[..., LIFE_SUMS.index(f"{name}_squared")]
        value, mcse = mean(total, squares, patients(sums))
        return value / per, mcse / per

    return estimate


def life_ratio(numerator, denominator):
    """Ratio of two sums over lives, its error from the batches."""

    def estimate(sums):
        return ratio(sums.life[..., LIFE_SUMS.index(numerator)], sums.life[..., LIFE_SUMS.index(denominator)])

    return estimate


def median_onset(sums):
    """Median time to response of those who respond. [d]"""
    return median_of_days(sums.onset_histogram)


def median_duration(sums):
    """Median duration of response, censored at death, retreatment and horizon. [d]"""
    return median_of_durations(sums.relapse_histogram, sums.censor_histogram)


def patient_days(sums):
    """Occupancy per patient of the batch; axes group, batch, draw, schedule, period, state. [d]"""
    return per_patient_of_batch(sums.occupancy, sums)


def patient_counts(sums):
    """Items per patient of the batch; axes group, batch, draw, schedule, period, item. [1]"""
    return per_patient_of_batch(sums.count, sums)


def per_patient_of_batch(total, sums):
    """Divide sums per batch by its patients; NaN for a batch without any (in a small subgroup)."""

    n = np.where(sums.n > 0, sums.n, np.nan)
    return total / n[..., None, None, None]


def batch_patients(sums):
    """Patients of each batch; axes group, batch, draw. [1]"""
    return sums.n
