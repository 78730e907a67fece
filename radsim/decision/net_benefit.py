"""Net benefit of draws of cost and effect: expected values, probabilities of being best, expected losses.

Arrays are cost and effect of each draw and schedule; a threshold is the willingness to pay for a QALY. The last axis is always the schedule.
"""

from __future__ import annotations

import numpy as np

from radsim.maths import ties


def net_monetary_benefit(cost, effect, threshold):
    """Net monetary benefit, effect times threshold minus cost.

    Parameters
    ----------
    cost, effect : array_like, shape (..., schedule)
        [currency, QALY]
    threshold : float or array_like, shape (threshold,)
        Willingness to pay for a QALY. [currency per QALY]

    Returns
    -------
    ndarray, shape (..., schedule) or (threshold, ..., schedule)
        [currency]
    """
    cost, effect, threshold = (np.asarray(values, float) for values in (cost, effect, threshold))
    return threshold.reshape(threshold.shape + (1,) * cost.ndim) * effect - cost


def incremental(values, reference):
    """Values less those of the reference schedule, along the last axis; zero where they are equal."""
    values = np.asarray(values, float)
    return ties.difference(values, values[..., reference, np.newaxis])


def net_health_benefit(cost, effect, threshold):
    """Net health benefit, effect minus cost over threshold; NaN for a threshold of zero. [QALY]"""
    with np.errstate(divide="ignore", invalid="ignore"):
        health = net_monetary_benefit(cost, effect, threshold)
        worth = np.asarray(threshold, float).reshape(np.shape(threshold) + (1,) * np.ndim(cost))
        return np.where(worth > 0.0, health / worth, np.nan)


def share_best(net_benefit):
    """Share that each schedule has in being the best of a draw: one, or an equal part of a tie.

    Parameters
    ----------
    net_benefit : ndarray, shape (..., schedule)

    Returns
    -------
    ndarray, same shape
        Sums to one along the schedules.
    """
    best = ties.are_best(net_benefit)
    return best / best.sum(axis=-1, keepdims=True)


def acceptability(net_benefit):
    """Probability of being cost-effective, the acceptability curve at one threshold or several (CEAC).

    Parameters
    ----------
    net_benefit : ndarray, shape (..., draw, schedule)
        Of parameter draws, without the base case.

    Returns
    -------
    ndarray, shape (..., schedule)
        Share of draws in which a schedule is best; ties share.
    """
    return share_best(net_benefit).mean(axis=-2)


def best_on_average(net_benefit):
    """Number of the schedule with the greatest mean net benefit, the first of equal ones; shape (...)."""
    return ties.first_best(net_benefit.mean(axis=-2))


def acceptability_frontier(net_benefit):
    """Probability that the schedule that is best on average is cost-effective (CEAF).

    Returns
    -------
    best : ndarray of int, shape (...)
        The schedule.
    probability : ndarray, shape (...)
        Its `acceptability`.
    """
    best = best_on_average(net_benefit)
    return best, np.take_along_axis(acceptability(net_benefit), best[..., np.newaxis], axis=-1)[..., 0]


def expected_loss(net_benefit):
    """Mean net benefit forgone by always choosing a schedule rather than the best of each draw.

    Parameters
    ----------
    net_benefit : ndarray, shape (..., draw, schedule)

    Returns
    -------
    ndarray, shape (..., schedule)
        >= 0; its minimum is the expected value of perfect information. [currency]
    """
    return ties.difference(net_benefit.max(axis=-1, keepdims=True), net_benefit).mean(axis=-2)
