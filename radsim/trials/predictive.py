"""Predictive distributions of what a trial would have observed: mixtures of binomials over draws, exactly.

A draw gives each arm a true proportion; the trial then observes a binomial share of its own n. Averaged over the draws this is a
discrete distribution on [0, 1] whose cdf is a mean of binomial cdfs. Nothing is sampled here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import bdtr

FINEST_GRID = 2000
"""Values at which a share is told apart; a larger trial is put on a grid of 1/2000, far finer than any figure is published."""

ROUNDING = 1e-12  # of a cdf summed from thousands of terms


@dataclass(frozen=True)
class Predictive:
    """A discrete distribution.

    Attributes
    ----------
    values : array, shape (value,)
        Ascending. [1]
    probabilities : array, shape (value,)
        Their sum is one; empty where nothing could be predicted. [1]
    """

    values: np.ndarray
    probabilities: np.ndarray

    @cached_property
    def cdf(self):
        """Probability of at most each value, shape (value,). [1]"""
        return np.cumsum(self.probabilities)

    @property
    def is_empty(self):
        """Whether nothing could be predicted: nobody was in the denominator, in any draw."""
        return len(self.values) == 0

    @property
    def mean(self):
        """Mean; NaN if empty. [1]"""
        return float(self.values @ self.probabilities) if not self.is_empty else np.nan

    def quantile(self, probability):
        """The least value with at least this probability at or below it; NaN if empty. [1]"""
        if self.is_empty:
            return np.nan
        index = np.searchsorted(self.cdf, probability - ROUNDING)
        return float(self.values[min(index, len(self.values) - 1)])


EMPTY = Predictive(np.zeros(0), np.zeros(0))


def binomial_mixture(proportions, n):
    """What share an arm of n patients observes.

    Parameters
    ----------
    proportions : array, shape (draw,)
        True proportion in each draw, of equal weight; NaN where a draw predicts nothing. [1]
    n : int
        Patients in the denominator.

    Returns
    -------
    Predictive

    Notes
    -----
    F(k / n) = mean over draws of P(Binomial(n, p_d) <= k).
    """
    cdf = _binomial_cdf(proportions[np.isfinite(proportions)], n)
    if len(cdf) == 0:
        return EMPTY
    return Predictive(_grid(n), np.diff(cdf.mean(axis=0), prepend=0.0))


def difference_mixture(first, second, n_first, n_second):
    """What difference two arms observe, first minus second.

    Parameters
    ----------
    first, second : array, shape (draw,)
        True proportions of the arms in the same draws. [1]
    n_first, n_second : int
        Patients in their denominators.

    Returns
    -------
    Predictive
        Within a draw the arms are independent; between draws they move together.
    """
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return EMPTY
    masses = [
        np.diff(_binomial_cdf(p[both], n), axis=1, prepend=0.0) for p, n in ((first, n_first), (second, n_second))
    ]
    joint = masses[0].T @ masses[1] / both.sum()
    values = np.subtract.outer(_grid(n_first), _grid(n_second)).round(12)  # 0.3 - 0.1 and 0.2 - 0.0 are one value
    values, place = np.unique(values, return_inverse=True)
    return Predictive(values, np.bincount(place.ravel(), weights=joint.ravel()))


def _grid(n):
    """Shares at which a denominator of n is looked at. [1]"""
    steps = min(n, FINEST_GRID)
    return np.arange(steps + 1) / steps


def _binomial_cdf(proportions, n):
    """P(share <= grid) in each draw, shape (draw, grid). [1]"""
    steps = min(n, FINEST_GRID)
    counts = np.arange(steps + 1) * n // steps
    return bdtr(counts.astype(float), n, proportions[:, None])
