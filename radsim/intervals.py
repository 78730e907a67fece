"""Draws put in a few figures: a value, its error and an interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NORMAL_95 = 1.959963984540054
PERCENTILES_95 = (2.5, 97.5)

SCORES = ("mean_pain_score",)
"""Outputs without a unit that are no shares."""
SIGNED = ("qalys", "qalys_undiscounted")
"""Outputs that may be below zero: states may be worse than death."""


class Estimate(NamedTuple):
    """A figure with its uncertainty; arrays with the schedule first.

    Attributes
    ----------
    value : ndarray
        Base case without draws; mean of draws 1, 2, … with them.
    mcse : ndarray
        Monte Carlo standard error of the value.
    low95, high95 : ndarray
        Without draws the Monte Carlo interval; with draws the 2.5th and 97.5th percentile of draws 1, 2, …,
        NaN if there is one.
    """

    value: np.ndarray
    mcse: np.ndarray
    low95: np.ndarray
    high95: np.ndarray

    def within(self, low, high):
        """The same with its interval kept inside the range of the quantity."""
        return self._replace(low95=np.clip(self.low95, low, high), high95=np.clip(self.high95, low, high))


def summarise(value, mcse, *, quantile=NORMAL_95):
    """Summarise draws.

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
    if len(value) == 1:
        reach = (quantile * mcse)[0]
        return Estimate(value[0], mcse[0], value[0] - reach, value[0] + reach)
    value, mcse = value[1:], mcse[1:]
    if len(value) > 1:
        low, high = np.percentile(value, PERCENTILES_95, axis=0)
    else:
        low = high = np.full(value.shape[1:], np.nan)
    return Estimate(value.mean(axis=0), np.sqrt((mcse**2).sum(axis=0)) / len(mcse), low, high)


def support(name, units):
    """Lowest and highest value that an output can have."""
    low = -np.inf if name in SIGNED else 0.0
    return low, (1.0 if units == "1" and name not in SCORES else np.inf)
