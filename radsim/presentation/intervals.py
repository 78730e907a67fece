"""Draws put in a few figures: a value, its error and an interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim import ties
from radsim.addition import in_order, mean_in_order

NORMAL_95 = 1.959963984540054
LEVELS_95 = (0.025, 0.975)

SCORES = ("mean_pain_score",)
"""Outputs without a unit that are no shares."""
SIGNED = ("qalys", "qalys_undiscounted")
"""Outputs that may be below zero: states may be worse than death."""


class Estimate(NamedTuple):
    """A figure with its uncertainty; arrays of one shape.

    Attributes
    ----------
    value : ndarray
        Base case without draws; mean of draws 1, 2, … with them.
    mcse : ndarray
        Monte Carlo standard error of the value; NaN where it is not known.
    low95, high95 : ndarray
        2.5th and 97.5th percentile of draws 1, 2, …; what stands there with fewer than two is up to who made it: `over_draws`
        or `summarise`.
    """

    value: np.ndarray
    mcse: np.ndarray
    low95: np.ndarray
    high95: np.ndarray

    @property
    def with_ends(self):
        """Value and the ends of its interval, in the order in which a sentence has them."""
        return self.value, self.low95, self.high95

    def at(self, index):
        """The estimate at a position along the last dimension."""
        return Estimate(*(part[..., index] for part in self))

    def within(self, low, high):
        """The same with its interval kept inside the range of the quantity."""
        return self._replace(low95=np.clip(self.low95, low, high), high95=np.clip(self.high95, low, high))


def over_draws(value, mcse=None, *, draws=None):
    """Summarise draws; simulation error never stands in the place of an interval.

    Parameters
    ----------
    value : ndarray, shape (draw, ...)
    mcse : ndarray, same shape, optional
        NaN in the estimate if not given.
    draws : ndarray of int, shape (draw,), optional
        Numbers of the draws, 0 the base case; 0, 1, 2, … if not given.

    Returns
    -------
    Estimate
        Arrays of shape (...); the interval is NaN with fewer than two draws beyond the base case.
    """
    mcse = np.full(value.shape, np.nan) if mcse is None else mcse
    drawn = np.arange(len(value)) >= 1 if draws is None else np.asarray(draws) >= 1
    unknown = np.full(value.shape[1:], np.nan)
    if not drawn.any():
        return Estimate(value[0], mcse[0], unknown, unknown)
    value, mcse = value[drawn], mcse[drawn]
    low, high = np.quantile(value, LEVELS_95, axis=0) if len(value) > 1 else (unknown, unknown)
    return Estimate(mean_in_order(value, 0), np.sqrt(in_order(mcse**2, 0)) / len(mcse), low, high)


def summarise(value, mcse, *, quantile=NORMAL_95):
    """As `over_draws`, but without draws the interval is that of the simulation.

    Parameters
    ----------
    value, mcse : ndarray, shape (draw, ...)
        Draw 0 is the base case.
    quantile : float or ndarray, shape (draw, ...)
        Standard errors on either side that make a Monte Carlo interval of 95 %.

    Returns
    -------
    Estimate
        Arrays of shape (...).
    """
    found = over_draws(value, mcse)
    if len(value) > 1:
        return found
    reach = (quantile * mcse)[0]
    return found._replace(low95=found.value - reach, high95=found.value + reach)


def difference_error(first, second, gap):
    """Monte Carlo error of a difference of which only the errors of the two are kept.

    Parameters
    ----------
    first, second : ndarray, shape (draw, ...)
        Monte Carlo standard errors.
    gap : ndarray, shape (draw, ...)
        The difference.

    Returns
    -------
    ndarray, shape (draw, ...)
        Takes the two as independent, which makes it too large rather than too small: they share their patients' luck, and a file does
        not keep what pairing takes. Zero where both are equal in every draw.
    """
    return np.where(ties.equal(gap, 0.0).all(axis=0), 0.0, np.hypot(first, second))


def support(name, units):
    """Lowest and highest value that an output can have."""
    low = -np.inf if name in SIGNED else 0.0
    return low, (1.0 if units == "1" and name not in SCORES else np.inf)
