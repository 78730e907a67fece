"""Expected value of perfect information: the value of knowing every parameter."""

from __future__ import annotations

import numpy as np

from radsim.decision.net_benefit import best_on_average, expected_loss
from radsim.maths import ties

LEAST_EIGENVALUE = 1e-12  # relative: below, two schedules do not differ at all


def evpi(net_benefit):
    """Mean of the best net benefit less the best mean, per patient.

    Parameters
    ----------
    net_benefit : ndarray, shape (..., draw, schedule)
        Of parameter draws, without the base case. [currency]

    Returns
    -------
    ndarray, shape (...)
        >= 0. As the mean loss of the best schedule: a difference of two large means would lose digits. [currency]
    """
    return expected_loss(net_benefit).min(axis=-1)


def evpi_error(net_benefit):
    """Standard error of `evpi` for the finite number of draws; NaN for one. [currency]"""
    best = best_on_average(net_benefit)[..., np.newaxis, np.newaxis]
    chosen = np.take_along_axis(net_benefit, best, axis=-1)[..., 0]
    loss = ties.difference(net_benefit.max(axis=-1), chosen)
    n = loss.shape[-1]
    return loss.std(axis=-1, ddof=1) / np.sqrt(n) if n > 1 else np.full(loss.shape[:-1], np.nan)


def evpi_adjusted(net_benefit, noise):
    """`evpi` with the Monte Carlo noise within the draws taken out.

    Parameters
    ----------
    net_benefit : ndarray, shape (draw, schedule)
        Estimated from a finite number of patients in each draw. [currency]
    noise : ndarray, shape (schedule, schedule)
        Covariance of the error of a draw's net benefits, averaged over the draws (`convergence.within_draw_covariance`).

    Returns
    -------
    float
        NaN if the noise is not known. [currency]
    """
    if not np.all(np.isfinite(noise)):
        return float("nan")
    apart = [group[0] for group in ties.groups(net_benefit)]  # equal schedules stay so
    return float(evpi(without_noise(net_benefit[:, apart], noise[np.ix_(apart, apart)])))


def without_noise(net_benefit, noise):
    """Draw the net benefits of the draws together by as much as noise has spread them.

    Parameters
    ----------
    net_benefit : ndarray, shape (draw, schedule)
    noise : ndarray, shape (schedule, schedule)
        Mean covariance of their errors.

    Returns
    -------
    ndarray, shape (draw, schedule)
        Net benefits less the mean of their draw (no decision depends on it) whose covariance is the observed one less the noise, or
        zero in directions that are all noise. Means are as they were.

    Notes
    -----
    The one symmetric linear map that turns covariance S into T moves a normal distribution the least [1]_:
    A = S^(-1/2) (S^(1/2) T S^(1/2))^(1/2) S^(-1/2). With normal draws the result is exact; otherwise the shape of the distribution is
    taken as it was seen. Only differences between schedules enter, so noise that is common to all does no harm.

    References
    ----------
    .. [1] Olkin I, Pukelsheim F, "The distance between two random vectors with given dispersion matrices," Linear Algebra and its
       Applications 1982;48:257-263.
    """
    n_draws, n_schedules = net_benefit.shape
    centre = np.eye(n_schedules) - 1.0 / n_schedules
    relative = net_benefit - net_benefit.mean(axis=1, keepdims=True)
    mean = relative.mean(axis=0)
    if n_draws < 2:
        return relative
    seen = np.atleast_2d(np.cov(relative, rowvar=False))
    root, inverse = _roots(seen)
    inside = _positive_root(root @ (seen - centre @ noise @ centre) @ root)
    shrink = inverse @ inside @ inverse
    return mean + (relative - mean) @ shrink


def population_value(per_patient, *, per_year, years, discount):
    """Value for everyone who will be treated while the decision is valid.

    Parameters
    ----------
    per_patient : float
        Value of information. [currency]
    per_year : float
        Patients a year.
    years : int
        Years for which the decision is valid, >= 1.
    discount : float
        Annual rate; a year's patients count from its beginning. [1]

    Returns
    -------
    float
        [currency]
    """
    return per_patient * per_year * float(np.sum((1.0 + discount) ** -np.arange(years, dtype=float)))


def _eigen(matrix):
    """Eigenvalues not below zero, those of no size as zero, and vectors."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    floor = LEAST_EIGENVALUE * max(float(values[-1]), 0.0)
    return np.where(values > floor, values, 0.0), vectors


def _roots(matrix):
    """Square root of a covariance and its (pseudo-)inverse."""
    values, vectors = _eigen(matrix)
    root = np.sqrt(values)
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0.0)
    return (vectors * root) @ vectors.T, (vectors * inverse) @ vectors.T


def _positive_root(matrix):
    return _roots(matrix)[0]
