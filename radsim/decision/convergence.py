"""How sure the simulation is of a decision: Monte Carlo error of net benefits, and what more patients or draws would buy.

Two kinds of error add up. The first-order part comes from the finite number of patients in each draw, and is seen in the spread of the
batches; the second-order part from the finite number of draws of the parameters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.decision.net_benefit import acceptability
from radsim.maths import ties
from radsim.outcomes.intervals import NORMAL_95

SMALL_SHARE = 0.1
"""Share of the variance between draws that within-draw noise may reach before it distorts an acceptability curve or the EVPI."""


class ErrorParts(NamedTuple):
    """Monte Carlo error of the mean incremental net benefit over the draws.

    Attributes
    ----------
    mcse : ndarray
        Standard error in all; the root of the squares of the two parts. [currency]
    first_order : ndarray
        For the finite number of patients; NaN with fewer than two batches. [currency]
    second_order : ndarray
        For the finite number of draws. [currency]
    noise_share : ndarray
        Share that the patients have in the variance between draws. [1]
    """

    mcse: np.ndarray
    first_order: np.ndarray
    second_order: np.ndarray
    noise_share: np.ndarray


class Plan(NamedTuple):
    """What a wanted precision takes.

    Attributes
    ----------
    wanted : float
        Standard error of the mean incremental net benefit. [currency]
    reached : bool
        Whether the present run is as precise.
    draws_at_present_patients : int
        Draws needed with as many patients a draw as now.
    patients_at_present_draws : int or None
        Patients a draw needed with as many draws as now; None: no number is enough.
    patients_for_small_noise : int
        Patients a draw at which their noise is `SMALL_SHARE` of the true variance between draws.
    draws_at_small_noise : int
        Draws needed with that many patients.
    """

    wanted: float
    reached: bool
    draws_at_present_patients: int
    patients_at_present_draws: int | None
    patients_for_small_noise: int
    draws_at_small_noise: int


def batch_weights(n_patients):
    """Share of the patients in each batch, shape as given: (batch, ...)."""
    n_patients = np.asarray(n_patients, float)
    return n_patients / n_patients.sum(axis=0)


def within_draw_covariance(by_batch, weights):
    """Covariance of the error of a draw's means, from the spread of its batches.

    Parameters
    ----------
    by_batch : ndarray, shape (..., batch, draw, schedule)
        Mean of each batch of patients.
    weights : ndarray, shape (batch, draw)
        Share of the patients in each batch; see `batch_weights`.

    Returns
    -------
    ndarray, shape (..., draw, schedule, schedule)
        NaN with fewer than two batches.

    Notes
    -----
    Errors of schedules go together, as a patient meets the same random numbers under each; the covariance keeps that, so that the error
    of a difference, or of identical schedules (zero), comes out right. As Cochran's ratio estimator, in
    `radsim.results.statistics.ratio`.
    """
    w = weights[..., np.newaxis]
    filled = np.where(w > 0.0, by_batch, 0.0)  # a small subgroup may have batches without patients
    mean = (w * filled).sum(axis=-3, keepdims=True)
    residual = w * (filled - mean)
    n_batches = (weights > 0.0).sum(axis=0).astype(float)
    correction = np.divide(n_batches, n_batches - 1.0, out=np.full_like(n_batches, np.nan), where=n_batches > 1.0)
    return correction[:, np.newaxis, np.newaxis] * np.einsum("...bds,...bdt->...dst", residual, residual)


def difference_variance(covariance, reference):
    """Variance of each schedule less the reference, shape (..., schedule), from covariances (..., schedule, schedule)."""
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    variance = own + own[..., reference, np.newaxis] - 2.0 * covariance[..., reference, :]
    return np.maximum(variance, 0.0)


def error_parts(incremental_benefit, within):
    """Split the Monte Carlo error of mean incremental net benefits.

    Parameters
    ----------
    incremental_benefit : ndarray, shape (draw, schedule)
        Of parameter draws. [currency]
    within : ndarray, shape (draw, schedule)
        Variance of each from its patients; see `difference_variance`.

    Returns
    -------
    ErrorParts
        Arrays of shape (schedule,).

    Notes
    -----
    The variance between draws, as seen, holds both parts. So the error in all needs no batches; the second-order part is what is
    left of it.
    """
    n = len(incremental_benefit)
    seen = incremental_benefit.var(axis=0, ddof=1) if n > 1 else np.full(incremental_benefit.shape[1], np.nan)
    noise = within.mean(axis=0)
    between = np.maximum(seen - noise, 0.0)
    share = np.divide(noise, seen, out=np.zeros_like(seen), where=seen > 0.0)
    return ErrorParts(np.sqrt(seen / n), np.sqrt(noise / n), np.sqrt(between / n), np.minimum(share, 1.0))


def plan(incremental_benefit, within, *, n_patients, wanted):
    """How many patients and draws a wanted precision takes.

    Parameters
    ----------
    incremental_benefit, within : ndarray, shape (draw,)
        Of one schedule; see `error_parts`.
    n_patients : int
        Patients of each draw at present.
    wanted : float
        Standard error of the mean, > 0. [currency]

    Returns
    -------
    Plan or None
        None with fewer than two draws or batches: nothing to go by.
    """
    n = len(incremental_benefit)
    if n < 2 or not np.all(np.isfinite(within)):
        return None
    noise = float(within.mean())
    between = max(float(incremental_benefit.var(ddof=1)) - noise, 0.0)
    of_patient = noise * n_patients
    room = wanted**2 * n - between
    quiet = _whole(of_patient / (SMALL_SHARE * between)) if between > 0.0 else n_patients
    return Plan(
        wanted=wanted,
        reached=bool((between + noise) / n <= wanted**2),
        draws_at_present_patients=_whole((between + noise) / wanted**2),
        patients_at_present_draws=_whole(of_patient / room) if room > 0.0 else None,
        patients_for_small_noise=quiet,
        draws_at_small_noise=_whole((between + of_patient / quiet) / wanted**2),
    )


def _whole(number):
    return max(1, int(np.ceil(number * (1.0 - 1e-12))))


def acceptability_bands(net_benefit, covariance):
    """95 % Monte Carlo bands of the raw acceptability curve at one threshold or several.

    Parameters
    ----------
    net_benefit : ndarray, shape (..., draw, schedule)
        Of parameter draws. [currency]
    covariance : ndarray, shape (..., draw, schedule, schedule)
        Of their errors; see `within_draw_covariance`.

    Returns
    -------
    dict of str to ndarray, shape (..., schedule)
        ``first_order`` and ``second_order`` standard errors, and ``low95`` and ``high95`` of both together. [1]

    Notes
    -----
    Second order: of a share of independent draws (Agresti and Coull's, so that a curve at 0 or 1 is not called certain). First order:
    the chance that other patients would have named another best schedule in a draw, by a normal error of the difference between a
    schedule and the best other one; NaN with fewer than two batches, when the band is of the draws alone. The curve itself
    is as counted: noise within draws pulls it towards equal shares, which no band shows.
    """
    n = net_benefit.shape[-2]
    share = acceptability(net_benefit)
    centre = (share * n + NORMAL_95**2 / 2.0) / (n + NORMAL_95**2)
    second = np.sqrt(centre * (1.0 - centre) / (n + NORMAL_95**2))
    first = _error_from_patients(net_benefit, covariance)
    both = np.sqrt(second**2 + np.nan_to_num(first) ** 2)
    low, high = np.minimum(centre - NORMAL_95 * both, share), np.maximum(centre + NORMAL_95 * both, share)
    return {
        "first_order": first, "second_order": second, "low95": np.clip(low, 0.0, 1.0), "high95": np.clip(high, 0.0, 1.0),
    }  # fmt: skip


def _error_from_patients(net_benefit, covariance):
    """Standard error of an acceptability curve for the finite number of patients, shape (..., schedule)."""
    from scipy.special import ndtr

    n_draws, n_schedules = net_benefit.shape[-2:]
    error = np.zeros((*net_benefit.shape[:-2], n_schedules))
    for schedule in range(n_schedules if n_schedules > 1 else 0):
        others = np.delete(np.arange(n_schedules), schedule)
        rival = others[net_benefit[..., others].argmax(axis=-1)][..., np.newaxis]
        lead = ties.difference(net_benefit[..., schedule], np.take_along_axis(net_benefit, rival, axis=-1)[..., 0])
        variance = np.take_along_axis(difference_variance(covariance, schedule), rival, axis=-1)[..., 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            settled = (variance == 0.0) | (lead == 0.0)  # equal schedules are equal with other patients too
            chance = ndtr(np.where(settled, np.inf, lead / np.sqrt(variance)))
        error[..., schedule] = np.sqrt((chance * (1.0 - chance)).sum(axis=-1)) / n_draws
    return error
