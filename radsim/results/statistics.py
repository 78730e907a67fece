"""From sums to estimates: proportions, means, ratios and medians, with their Monte Carlo standard errors.

Pure functions on arrays. A zero denominator gives NaN, never zero: "nobody could be asked" is not "nobody
responded".
"""

from __future__ import annotations

import numpy as np

from radsim.maths.addition import in_order

SLOPE_DAYS = 7
"""Half-width of the window for the density around a median; one day holds too few events. [d]"""


def divide(numerator, denominator):
    """Quotient with NaN where the denominator is zero.

    Parameters
    ----------
    numerator, denominator : array_like
        Broadcast against each other; same unit, or a sum and a count.

    Returns
    -------
    ndarray of float64
    """
    return _quotient(numerator, denominator, otherwise=np.nan)


def _quotient(numerator, denominator, *, otherwise):
    """As `divide`, with any number where the denominator is zero."""
    numerator, denominator = np.asarray(numerator, float), np.asarray(denominator, float)
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    there = denominator != 0
    if there.all():  # five times as fast as with a mask
        return np.divide(numerator, denominator, out=np.empty(shape))
    return np.divide(numerator, denominator, out=np.full(shape, otherwise), where=there)


def proportion(count, n):
    """Share of patients, with its binomial standard error.

    Parameters
    ----------
    count, n : array_like of int
        Patients with the event; patients in the denominator. [1]

    Returns
    -------
    value, mcse : ndarray
        Proportion and standard error; NaN where n is 0. [1]

    Examples
    --------
    >>> [float(x) for x in proportion(25, 100)]
    [0.25, 0.04330127018922193]
    """
    value = divide(count, n)
    return value, np.sqrt(divide(value * (1.0 - value), n))


def mean(total, total_of_squares, n):
    """Mean over patients, with its standard error.

    Parameters
    ----------
    total, total_of_squares : array_like
        Sums of the quantity and of its square. [unit, unit squared]
    n : array_like of int
        Patients. [1]

    Returns
    -------
    value, mcse : ndarray
        The error is NaN for fewer than two patients. [unit]
    """
    value = divide(total, n)
    variance = divide(np.maximum(total_of_squares - value * total, 0.0), np.asarray(n) - 1)
    return value, np.sqrt(divide(variance, n))


def ratio(numerator, denominator):
    """Ratio of sums, with the delta-method error from batches of patients.

    Parameters
    ----------
    numerator, denominator : array_like, shape (group, batch, ...)
        Sums per batch; batches are independent and of similar size.

    Returns
    -------
    value, mcse : ndarray, shape (group, ...)
        r = sum(y) / sum(x); error sqrt(B/(B - 1) sum((y - r x)^2)) / sum(x) [1]_. NaN for a zero denominator,
        the error also where fewer than two batches have anything in the denominator.

    References
    ----------
    .. [1] Cochran WG, "Sampling Techniques," 3rd ed., Wiley, 1977, section 6.3.
    """
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    total = in_order(denominator, 1)
    value = divide(in_order(numerator, 1), total)
    residual = numerator - value[:, np.newaxis] * denominator
    return value, divide(_spread(residual, (denominator != 0).sum(axis=1)), total)


def paired_error(numerator, denominator, *, reference=0):
    """Standard error of the difference of two ratios of sums over the same patients.

    Parameters
    ----------
    numerator, denominator : array_like, shape (group, batch, draw, schedule, ...)
        Sums per batch; batches are independent and of similar size, and hold the same patients under every
        schedule. The denominator may have length 1 along schedule.
    reference : int, optional
        Position of the schedule that is taken off.

    Returns
    -------
    ndarray, shape (group, draw, schedule, ...)
        Of each schedule's ratio minus that of the reference, for which it is 0. NaN for a zero denominator, and where fewer than
        two batches have anything in either denominator.

    Notes
    -----
    The difference of the residuals of `ratio`, each divided by its total denominator, is what a batch adds to
    the difference r1 - r2 [1]_. What moves both schedules in the same way cancels within the batch, before it is squared.

    References
    ----------
    .. [1] Cochran WG, "Sampling Techniques," 3rd ed., Wiley, 1977, chapter 6, comparison of two ratios.
    """
    numerator, denominator = np.asarray(numerator, float), np.asarray(denominator, float)
    total = in_order(denominator, 1)[:, np.newaxis]
    value = divide(in_order(numerator, 1)[:, np.newaxis], total)
    residual = divide(numerator - value * denominator, total)
    own = slice(reference, reference + 1)
    seen = denominator != 0
    n_batches = (seen | seen[:, :, :, own if seen.shape[3] > 1 else slice(None)]).sum(axis=1)
    found = _spread(residual - residual[:, :, :, own], n_batches)
    found[:, :, own] = np.where(np.isnan(value[:, 0, :, own]), np.nan, 0.0)
    return found


def _spread(residual, n_batches):
    """Standard error of a sum over batches from its residuals, shape (group, batch, ...)."""
    correction = np.where(n_batches > 1, divide(n_batches, n_batches - 1.0), np.nan)
    return np.sqrt(correction * in_order(residual**2, 1))


def median_of_days(histogram):
    """Median of times counted by whole day, with its standard error.

    Parameters
    ----------
    histogram : array_like of int, shape (..., day)
        Patients with floor(time) equal to the day; the last bin holds everything beyond. [1]

    Returns
    -------
    value, mcse : ndarray, shape (...)
        Times are taken as evenly spread within a day. NaN if nobody is counted, or if the median lies in the
        last bin. Error 1 / (2 f sqrt(n)) with the density f around the median. [d]
    """
    histogram = np.asarray(histogram, float)
    cumulative = np.cumsum(histogram, axis=-1)
    n = cumulative[..., -1]
    day, value = _crossing(cumulative, n / 2.0)
    lost = (n == 0) | (day >= histogram.shape[-1] - 1)
    rise = _rise_around(cumulative, day)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(n) / (2.0 * rise)
    return np.where(lost, np.nan, value), np.where(lost | (rise <= 0.0), np.nan, error)


def median_of_durations(ended, censored):
    """Median of durations of which some were cut short, with its standard error.

    Life-table form of Kaplan and Meier: durations are known by whole day, and those censored on a day count
    half of it.

    Parameters
    ----------
    ended, censored : array_like of int, shape (..., day)
        Patients whose duration ended, or was censored, on that day; the last bin holds everything beyond. [1]

    Returns
    -------
    value, mcse : ndarray, shape (...)
        NaN where fewer than half of the durations end: the median is not reached. Greenwood's error of the
        curve at the median, divided by its slope there [1]_. [d]

    References
    ----------
    .. [1] Collett D, "Modelling Survival Data in Medical Research," 3rd ed., CRC Press, 2015, sections 2.1
    and 2.4.
    """
    ended, censored = np.asarray(ended, float), np.asarray(censored, float)
    left = ended + censored
    at_risk = left.sum(axis=-1, keepdims=True) - np.cumsum(left, axis=-1) + left
    at_risk = (at_risk - censored / 2.0)[..., :-1]
    ended = ended[..., :-1]
    remaining = np.cumprod(1.0 - _quotient(ended, at_risk, otherwise=0.0), axis=-1)
    greenwood = np.cumsum(_quotient(ended, at_risk * (at_risk - ended), otherwise=0.0), axis=-1)
    fallen = 1.0 - remaining
    day, value = _crossing(fallen, np.full(fallen.shape[:-1], 0.5))
    lost = fallen[..., -1] < 0.5
    rise = np.where(lost, np.nan, _rise_around(fallen, day))
    return np.where(lost, np.nan, value), divide(_at(remaining, day) * np.sqrt(_at(greenwood, day)), rise)


def _at(curve, day):
    """Value of each curve, shape (..., day), on its own day, shape (...)."""
    return np.take_along_axis(curve, day[..., np.newaxis], axis=-1)[..., 0]


def _crossing(curve, target):
    """Day on which a rising curve, shape (..., day), first reaches its target, and the moment. [d]"""
    below = (curve < target[..., np.newaxis]).sum(axis=-1)
    day = np.minimum(below, curve.shape[-1] - 1)
    before = np.where(day > 0, _at(curve, np.maximum(day - 1, 0)), 0.0)
    return day, day + divide(target - before, _at(curve, day) - before)


def _rise_around(curve, day):
    """Slope of a rising curve, shape (..., day), in the window around a day. [curve's unit d-1]"""
    first = np.maximum(day - SLOPE_DAYS, 0)
    last = np.minimum(day + SLOPE_DAYS, curve.shape[-1] - 1)
    before = np.where(first > 0, _at(curve, np.maximum(first - 1, 0)), 0.0)
    return (_at(curve, last) - before) / (last - first + 1)
