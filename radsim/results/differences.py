"""This schedule minus the first one, beside every estimate.

A patient has the same random numbers under each schedule, so that the errors of two schedules are far from independent: identical
schedules differ by exactly 0 ± 0. The error is therefore that of the pairs of patients, from batches. Medians have no sums by batch:
for them it is the error of two independent results, an upper bound.
"""

from __future__ import annotations

import numpy as np

from radsim.results.labelled import Labelled
from radsim.results.statistics import paired_error
from radsim.results.variables import BY_PATIENT, DIFFERENCE_SUFFIX, MCSE_SUFFIX, NO_PAIRING, PAIRING


def difference(value, mcse, parts, *, schedules, reference):
    """Each schedule minus the reference.

    Parameters
    ----------
    value, mcse : ndarray, shape (group, draw, schedule, ...)
        An estimate with its Monte Carlo standard error.
    parts : tuple of ndarray or None
        Numerator and denominator by batch, as `paired_error` takes them; None for a median.
    schedules : sequence of str
        Names along schedule.
    reference : str
        Name of the schedule that is taken off.

    Returns
    -------
    value, mcse : ndarray, shape (group, draw, schedule, ...)
        0 for the reference itself. NaN if the reference is none of the schedules; the error also where fewer than two batches tell.
    """
    if reference not in schedules:
        return np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    place = list(schedules).index(reference)
    own = slice(place, place + 1)
    gap = value - value[:, :, own]
    if parts is not None:
        return gap, paired_error(*parts, reference=place)
    is_same = (gap == 0.0) & (mcse == mcse[:, :, own])  # the same days of the same patients
    return gap, np.where(is_same, 0.0, np.hypot(mcse, mcse[:, :, own]))


def labelled_difference(name, dims, value, mcse, attributes, *, reference, is_paired):
    """The two variables beside an estimate, with its attributes; a dict of `Labelled`."""
    gap = f"{name}{DIFFERENCE_SUFFIX}"
    about = {**attributes, "reference": str(reference)}
    pairing = "paired patient by patient" if is_paired else "not paired: an upper bound"
    return {
        gap: Labelled(dims, value, {
            **about, "long_name": f"{attributes['long_name']}; this schedule minus the reference", "ancillary_variables": gap + MCSE_SUFFIX,
        }),
        gap + MCSE_SUFFIX: Labelled(dims, mcse, {
            **about, "long_name": f"Monte Carlo standard error of {gap}, {pairing}", PAIRING: BY_PATIENT if is_paired else NO_PAIRING,
        }),
    }  # fmt: skip
