"""Maps of survival that a study may ask for: another tail within a prognosis, or the user's own curve for the whole cohort.

Either is one increasing function, kept as a table on an even grid and read by linear interpolation in the kernel. A tail maps the normal
score of the survival within a prognosis, so that median and interquartile range stay. An own curve maps the time of death of any
cause: whoever had the better prognosis keeps it, and the cohort dies as the curve says.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim.kernel.layout import MAP_OF_NOTHING, MAP_OF_SCORE, MAP_OF_TIME, MAP_POINTS

SCORES = (-6.5, 6.5)  # beyond what a uniform of 32 bits can give
LOG_DAYS = (math.log(0.25), math.log(36525.0))
SHAPE = "survival.tail.generalised_gamma_shape"
SHORTEST_DAYS, LONGEST_DAYS = 1e-3, 1e7


class SurvivalMap(NamedTuple):
    """A table as the kernel reads it.

    Parameters
    ----------
    of : int
        `layout.MAP_OF_NOTHING`, `MAP_OF_SCORE` or `MAP_OF_TIME` (log days).
    start, per_unit : float
        First point of the grid and its points a unit.
    values : array, shape (MAP_POINTS,)
    end_days : float
        End of an own curve: beyond it nobody lives longer than the general population. [d]
    """

    of: int
    start: float
    per_unit: float
    values: np.ndarray
    end_days: float

    def inverse(self, y):
        """What the map takes to some values, straight on beyond its ends; for a strictly increasing table."""
        grid = self.start + np.arange(MAP_POINTS) / self.per_unit
        first, last = np.diff(self.values)[[0, -1]] * self.per_unit
        inside = np.interp(y, self.values, grid)
        below = grid[0] + (y - self.values[0]) / first
        above = grid[-1] + (y - self.values[-1]) / last
        return np.where(y < self.values[0], below, np.where(y > self.values[-1], above, inside))


IDENTITY = SurvivalMap(MAP_OF_NOTHING, 0.0, 0.0, np.zeros(MAP_POINTS), math.inf)


def _map(of, ends, function, end_days):
    grid = np.linspace(*ends, MAP_POINTS)
    return SurvivalMap(of, ends[0], (MAP_POINTS - 1) / (ends[1] - ends[0]), function(grid), end_days)


def tail_map(tail, values):
    """The map of the normal score that gives survival within a prognosis another tail; `IDENTITY` for the lognormal."""
    if tail == "lognormal":
        return IDENTITY
    shape = 1.0 if tail == "weibull" else values[SHAPE]
    if abs(shape) < 1e-3:  # a lognormal within rounding
        return IDENTITY
    low, middle, high = log_generalised_gamma(np.array([-1.0, 0.0, 1.0]) * UPPER_QUARTILE, shape)
    per_score = 2.0 * UPPER_QUARTILE / (high - low)
    return _map(MAP_OF_SCORE, SCORES, lambda z: (log_generalised_gamma(z, shape) - middle) * per_score, math.inf)


UPPER_QUARTILE = 0.6744897501960817
"""Normal score of the upper quartile."""


def log_generalised_gamma(score, shape):
    """Quantile of the log of a standard generalised gamma (Prentice 1974) at some normal scores; a shape of 1 is a Weibull."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    k = shape**-2
    below, above = ndtr(score), ndtr(-score)
    if shape < 0.0:
        below, above = above, below
    gamma = np.where(below < 0.5, gammaincinv(k, below), gammainccinv(k, above))
    return np.log(gamma / k) / shape


class Curve:
    """A survival curve of one's own.

    Parameters
    ----------
    days, alive : sequence of float
        Points, without faults. [d], [1]

    Notes
    -----
    From 1 at time 0. Deaths are even between two points; beyond the last one the mean hazard of the last interval goes on.
    """

    def __init__(self, days, alive):
        start = days[0] > 0.0
        self.days = np.array([0.0, *days] if start else days, float)
        self.dead = 1.0 - np.array([1.0, *alive] if start else alive, float)

    @property
    def last_hazard(self):
        """Mean hazard of the last interval; infinite where nobody is left. [d-1]"""
        alive, interval = 1.0 - self.dead[-2:], self.days[-1] - self.days[-2]
        return math.inf if alive[1] <= 0.0 else math.log(alive[0] / alive[1]) / interval

    def quantile(self, dead):
        """Time at which some shares have died. [d]"""
        dead = np.asarray(dead, float)
        inside = np.interp(dead, self.dead, self.days)
        left = 1.0 - self.dead[-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = self.days[-1] + np.log(left / (1.0 - dead)) / self.last_hazard
        return np.where((dead > self.dead[-1]) & (left > 0.0), beyond, inside)


def curve_map(curve, reference):
    """The map of the log time of death that makes a cohort die as a curve says.

    Parameters
    ----------
    curve : Curve
    reference : Kind
        The cohort, with ``survival(days)``.
    """

    def log_days(grid):
        own = curve.quantile(1.0 - reference.survival(np.exp(grid)))
        return np.log(np.clip(np.nan_to_num(own, nan=LONGEST_DAYS), SHORTEST_DAYS, LONGEST_DAYS))

    return _map(MAP_OF_TIME, LOG_DAYS, log_days, float(curve.days[-1]))


def survival_map(survival, values, reference):
    """The map of a section `cohort.survival`.

    Parameters
    ----------
    survival : radsim.config.survival.Survival or None
    values : mapping of str to float
        Parameters by dotted name.
    reference : callable
        Gives the cohort with its survival in closed form; called only for an own curve.
    """
    if survival is None:
        return IDENTITY
    if survival.tail is not None:
        return tail_map(survival.tail, values)
    return curve_map(Curve(*survival.points), reference())


def curve_warnings(survival, horizon_days):
    """What is assumed beyond the end of an own curve; nothing where it does not matter."""
    if survival is None or survival.tail is not None:
        return []
    curve = Curve(*survival.points)
    left, end = 1.0 - curve.dead[-1], curve.days[-1]
    if left <= 0.0 or end >= horizon_days:
        return []
    return [
        f"cohort.survival: the curve ends at day {end:g} with {100 * left:.0f} of 100 alive; beyond it the mean hazard of its last "
        f"interval ({365.25 * curve.last_hazard:.3g} a year) goes on, and nobody lives longer than the general population"
    ]
