"""The sums of a simulation: integers as the kernel adds them up, and days, milligrams and points as everybody else reads them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.kernel import layout
from radsim.kernel.tables import BLOCK_SIZE, N_BATCHES, Sums
from radsim.maths.measures import MEASURES

MOST_BATCHES_OF_DRAWS = 4
"""Batches that a result with draws keeps: enough for the variance of simulation within a draw, whose mean over the draws is what counts."""

MAX_HISTOGRAM_DAYS = 1827

HISTOGRAMS = ("onset_histogram", "relapse_histogram", "censor_histogram")


class Totals(NamedTuple):
    """Sums of one draw, per schedule, in days, milligrams and points; see `kernel.layout` for the last axes."""

    n: np.ndarray  # (group, batch) patients
    exposure: np.ndarray  # (group, batch, period, exposure) d, a d, a2 d and d
    flag: np.ndarray  # (group, batch, schedule, flag) patients
    visit: np.ndarray  # (group, batch, schedule, visit, measure, visit count) patients
    endpoint: np.ndarray  # (group, batch, schedule, endpoint, endpoint count) patients
    time_count: np.ndarray  # (group, batch, schedule, time, time count) patients
    time_sum: np.ndarray  # (group, batch, schedule, time, time sum)
    patient: np.ndarray  # (group, batch, schedule, patient sum)
    occupancy: np.ndarray  # (group, batch, schedule, period, state) d
    count: np.ndarray  # (group, batch, schedule, period, item)
    onset_histogram: np.ndarray  # (group, schedule, day) responders
    relapse_histogram: np.ndarray  # (group, schedule, day) responders
    censor_histogram: np.ndarray  # (group, schedule, day) responders


def histogram_days(study):
    """Bins of the duration histograms: whole days to the horizon or five years, and one for all beyond."""
    return int(min(MAX_HISTOGRAM_DAYS, np.ceil(study.period_ends[-1]) + 1))


def n_batches(n_patients):
    """Batches that some patients fill: a small study does not clear and add up what it never uses."""
    return min(N_BATCHES, -(-n_patients // BLOCK_SIZE))


def kept_batches(n, n_draws):
    """Batches of a result: of the ``n`` of its sums a result with draws keeps `MOST_BATCHES_OF_DRAWS`, each of several, as it would be too large."""
    return n if n_draws == 1 else min(n, MOST_BATCHES_OF_DRAWS)


def empty_sums(study, *, batches=N_BATCHES, columns=None):
    """`Sums` of zeros with the batch in front, so that a batch is one piece of memory; histograms are not kept by batch.

    ``columns`` are those of the items: as many as the care of the study asks for, if not given.
    """
    columns = layout.columns_counted([study.config.care]) if columns is None else columns
    n_groups, n_schedules = len(study.subgroups), len(study.config.schedules)
    n_visits, n_times, n_periods = len(study.visits_weeks), len(study.times_days), len(study.period_ends)

    def zeros(*shape, batches=batches):
        return np.zeros((batches, n_groups, *shape), np.int64)

    return Sums(
        n=zeros(),
        exposure=zeros(n_periods, len(layout.EXPOSURES)),
        flag=zeros(n_schedules, len(layout.FLAGS)),
        visit=zeros(n_schedules, n_visits, len(MEASURES), len(layout.VISIT_COUNTS)),
        endpoint=zeros(n_schedules, len(study.endpoints), len(layout.ENDPOINT_COUNTS)),
        time_count=zeros(n_schedules, n_times, len(layout.TIME_COUNTS)),
        time_sum=zeros(n_schedules, n_times, len(layout.TIME_SUMS)),
        patient=zeros(n_schedules, len(layout.PATIENT_SUMS)),
        occupancy=zeros(n_schedules, n_periods, len(layout.STATES)),
        count=zeros(n_schedules, n_periods, columns),
        **{name: zeros(n_schedules, histogram_days(study), batches=1) for name in HISTOGRAMS},
        given_flag=zeros(n_schedules, len(layout.FLAGS)),
        given_patient=zeros(n_schedules, len(layout.PATIENT_SUMS)),
        given_count=zeros(n_schedules, n_periods, columns),
    )


def as_simulated(sums):
    """The same sums, batch first, as the kernel takes them: the cells of ``occupancy`` of a batch in one row."""
    return sums._replace(occupancy=sums.occupancy.reshape(len(sums.occupancy), -1))


def added_up(parts):
    """`Sums` of several threads together, in those of the first, which are overwritten."""
    together, *others = parts
    for other in others:
        for array, more in zip(together, other, strict=True):
            array += more
    return together


def to_totals(sums):
    """From integer sums, batch first, to `Totals`; ``sums`` are overwritten."""
    return in_real_units(Sums(*(array.swapaxes(0, 1) for array in sums)), axis=2)


def in_real_units(sums, *, axis):
    """From integer sums to `Totals`: running totals over the schedules, what they give, and real units.

    Parameters
    ----------
    sums : Sums
        Axes group and batch (of length one in histograms), perhaps more, and from ``axis`` on those of a table: left as they are.
        Overwritten: for a study with many subgroups a copy of all takes as long as the simulation.
    axis : int
        Axis of the schedules.

    Returns
    -------
    Totals
        With the same axes, but histograms without the one of batches; contiguous in this order.
    """

    def along_schedules(name):
        total = getattr(sums, name)
        before, *others = np.moveaxis(total, axis, 0)
        for here in others:  # `np.cumsum` takes three times as long along a short axis
            here += before
            before = here
        return total

    def divided(total, scales):
        return np.divide(total, scales, out=np.empty(total.shape))

    count = along_schedules("count")
    count += sums.given_count
    count = np.array(count, float, order="C")
    count[..., layout.I_OPIOID_MG] /= layout.FINE_UNIT
    return Totals(
        n=np.array(sums.n, order="C"),
        exposure=divided(sums.exposure, layout.EXPOSURE_SCALES),
        flag=np.array(along_schedules("flag") + sums.given_flag, order="C"),
        visit=np.array(along_schedules("visit"), order="C"),
        endpoint=np.array(along_schedules("endpoint"), order="C"),
        time_count=np.array(along_schedules("time_count"), order="C"),
        time_sum=divided(along_schedules("time_sum"), layout.TIME_SUM_SCALES),
        patient=divided(along_schedules("patient") + sums.given_patient, layout.PATIENT_SCALES),
        occupancy=divided(along_schedules("occupancy"), layout.FINE_UNIT),
        count=count,
        **{name: np.array(along_schedules(name), order="C")[:, 0] for name in HISTOGRAMS},
    )
