"""Marginal distributions as tables: levels and cumulative probabilities.

A covariate is tabulated in the steps in which the clinic records it, so that a sampled cohort looks like a
registry and one lookup draws it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from radsim.config import SCALES, Distribution
from radsim.config.ecog import Levels

MOST_LEVELS = 256
SMALLEST = 2.0**-53  # a probability that is neither 0 nor, as its complement, 1
STANDARD_NORMAL = NormalDist()  # as accurate as scipy's, without the start-up


@lru_cache(maxsize=256)  # the scenarios of a sweep differ in few of their marginals
def numeric_levels(covariate, marginal):
    """Tabulate a numeric covariate.

    Parameters
    ----------
    covariate : str
        One of `SCALES`.
    marginal : float, Levels or Distribution
        A single value, values with probabilities, or a distribution.

    Returns
    -------
    values, probabilities : array, shape (level,)
        Increasing values, each with a probability > 0; the probabilities sum to one. Not to be written to.
    """
    if isinstance(marginal, Levels):
        return merge(np.array(marginal.values), np.array(marginal.shares))
    if not isinstance(marginal, Distribution):
        return np.array([marginal + 0.0]), np.ones(1)  # -0.0 is 0.0, whichever of the two is met first
    family, scale = marginal.family, SCALES[covariate]
    low, high = getattr(family, "low", scale.low), getattr(family, "high", scale.high)
    zero = getattr(family, "zero", 0.0)
    on_grid = scale.resolution and (high - low) / scale.resolution < MOST_LEVELS
    tabulate = _in_steps if on_grid else _in_equal_shares
    values, shares = tabulate(family, low, high, scale.resolution)
    values, probabilities = np.concatenate([[0.0], values]), np.concatenate([[zero], (1 - zero) * shares])
    return merge(values, probabilities)


def merge(values, probabilities):
    """Join equal values, drop those without probability, and let the rest sum to one."""
    kept, position = np.unique(values, return_inverse=True)
    joined = np.bincount(position, weights=probabilities, minlength=len(kept))
    kept, joined = kept[joined > 0], joined[joined > 0]
    return kept, joined / joined.sum()


def _in_steps(family, low, high, step):
    """Levels low, low + step, … high, each with the mass within half a step of it."""
    values = np.arange(low, high + step / 2, step)
    edges = [cdf(family, x) for x in (*(values - step / 2), values[-1] + step / 2)]
    if edges[-1] <= edges[0]:  # all the mass lies beyond the limits: the nearest limit has it
        return np.array([low if edges[0] >= 0.5 else high]), np.ones(1)
    return values, np.diff(edges) / (edges[-1] - edges[0])


def _in_equal_shares(family, low, high, _):
    """Levels of equal probability, each at the middle quantile of its share."""
    below, upto = cdf(family, low), cdf(family, high)
    n = MOST_LEVELS - 1
    if upto <= below:
        return np.array([low if below >= 0.5 else high]), np.ones(1)
    middles = [min(max(below + (upto - below) * (i + 0.5) / n, SMALLEST), 1 - SMALLEST) for i in range(n)]
    values = [quantile(family, p) for p in middles]
    return np.clip(values, low, high), np.full(n, 1 / n)


def cdf(family, x):
    """Cumulative distribution of an uncut `Normal`, `Lognormal` (its positive part) or `Uniform` at x.

    A uniform distribution goes on beyond its limits by half a step, so that its levels are equally likely.
    """
    if hasattr(family, "sd"):
        return STANDARD_NORMAL.cdf((x - family.mean) / family.sd)
    if hasattr(family, "sigma"):
        return STANDARD_NORMAL.cdf(math.log(x / family.median) / family.sigma) if x > 0 else 0.0
    return (x - family.low) / (family.high - family.low)


def quantile(family, p):
    """Inverse of `cdf`, for p in (0, 1)."""
    if hasattr(family, "sd"):
        return family.mean + family.sd * STANDARD_NORMAL.inv_cdf(p)
    if hasattr(family, "sigma"):
        return family.median * math.exp(family.sigma * STANDARD_NORMAL.inv_cdf(p))
    return family.low + p * (family.high - family.low)
