"""How each output follows from the kernel's sums: small functions that the variable table is made of.

Every estimator takes the stacked sums of all draws (see `assemble.stack`), whose axes are group, batch, draw
and schedule, then the table's own, and returns value and Monte Carlo standard error with axes group, draw,
schedule and whatever follows. Most are a `Quotient` of sums kept by batch, from which two schedules can be
compared patient by patient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from radsim.kernel.layout import FLAGS, PATIENT_SUMS, TIME_COUNTS, TIME_SUMS, VISIT_COUNTS
from radsim.maths.addition import in_order
from radsim.maths.measures import MEASURES
from radsim.results.statistics import divide, mean, median_of_days, median_of_durations, proportion, ratio

DAYS_PER_YEAR = 365.25


class Quotient(NamedTuple):
    """An estimator that divides one sum over patients by another.

    Attributes
    ----------
    parts : callable
        Stacked sums to (numerator, denominator), axes group, batch, draw, schedule and whatever follows; a
        denominator that is the same under every schedule may have length 1 there.
    estimate : callable
        Stacked sums to (value, mcse).
    """

    parts: Callable
    estimate: Callable

    def __call__(self, sums):
        return self.estimate(sums)


def share(parts):
    """A `Quotient` of two counts of patients, one within the other."""
    return Quotient(parts, lambda sums: proportion(*(part.sum(axis=1) for part in parts(sums))))


def patients(sums):
    """Patients of each batch, ready to divide sums over schedules; shape (group, batch, draw, 1)."""
    return sums.n[..., None]


def flag_share(name, *, without=None):
    """Share of all patients with a flag; ``without`` takes away those of a flag inside it."""

    def parts(sums):
        count = sums.flag[..., FLAGS.index(name)]
        if without is not None:
            count = count - sums.flag[..., FLAGS.index(without)]
        return count, patients(sums)

    return share(parts)


def visit_share(measure, outcome):
    """Share of those assessable at a visit who respond by one of `MEASURES`, overall or complete."""

    def parts(sums):
        counts = sums.visit[..., MEASURES.index(measure), :]
        return counts[..., VISIT_COUNTS.index(outcome)], counts[..., VISIT_COUNTS.index("assessable")]

    return share(parts)


def time_share(name):
    """Share of all patients of whom something is true by, or at, a time."""

    def parts(sums):
        return sums.time_count[..., TIME_COUNTS.index(name)], patients(sums)[..., None]

    return share(parts)


def time_mean(name):
    """Mean of a quantity at a time, among the living."""

    def parts(sums):
        return sums.time_sum[..., TIME_SUMS.index(name)], sums.time_count[..., TIME_COUNTS.index("alive")]

    def estimate(sums):
        total, alive = (in_order(part, 1) for part in parts(sums))
        return mean(total, in_order(sums.time_sum[..., TIME_SUMS.index(f"{name}_squared")], 1), alive)

    return Quotient(parts, estimate)


def patient_mean(name, *, per=1.0):
    """Mean over patients of a sum over their trajectories, divided by ``per`` to change its unit."""

    def parts(sums):
        return sums.patient[..., PATIENT_SUMS.index(name)] / per, patients(sums)

    def estimate(sums):
        totals = in_order(sums.patient, 1)
        total, squares = totals[..., PATIENT_SUMS.index(name)], totals[..., PATIENT_SUMS.index(f"{name}_squared")]
        value, mcse = mean(total, squares, patients(sums).sum(axis=1))
        return value / per, mcse / per

    return Quotient(parts, estimate)


def mean_at_start(name):
    """Mean over patients before the first fraction, the same under every schedule; axes group, draw."""
    return lambda sums: divide(in_order(sums.patient[..., 0, PATIENT_SUMS.index(name)], 1), in_order(sums.n, 1))


def patient_ratio(numerator, denominator):
    """Ratio of two sums over trajectories, its error from the batches."""

    def parts(sums):
        return sums.patient[..., PATIENT_SUMS.index(numerator)], sums.patient[..., PATIENT_SUMS.index(denominator)]

    return Quotient(parts, lambda sums: ratio(*parts(sums)))


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


def exposure_days(sums):
    """Days lived per patient of the batch, by age and sex; axes group, batch, draw, period, exposure. [d]"""
    return divide(sums.exposure, sums.n[..., None, None])


def per_patient_of_batch(total, sums):
    """Divide sums per batch by its patients; NaN for a batch without any (in a small subgroup)."""
    return divide(total, sums.n[..., None, None, None])


def batch_patients(sums):
    """Patients of each batch; axes group, batch, draw. [1]"""
    return sums.n
