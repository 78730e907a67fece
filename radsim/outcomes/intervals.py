"""Draws summarised: a value, its Monte Carlo error and an interval of 95 %.

Each draw of the parameters is simulated with a limited number of patients, so that an outcome varies between draws for two reasons: the
evidence, and simulation noise. The second is known from the patients within a draw and taken out of the spread, as in an analysis of
variance [1]_: an interval over draws says how sure the evidence is, however many patients were simulated.

References
----------
.. [1] O'Hagan A, Stevenson M, Madan J, "Monte Carlo probabilistic sensitivity analysis for patient level simulation models:
   efficient estimation of mean and variance using ANOVA," Health Economics 16, 2007, 1009–1023, doi:10.1002/hec.1199.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.maths.addition import in_order, mean_in_order

NORMAL_95 = 1.959963984540054
LEVELS_95 = (0.025, 0.975)

STUDENT_95 = np.array([
    12.706204736175, 4.302652729749, 3.182446305284, 2.776445105198, 2.570581835636,
    2.446911851145, 2.364624251593, 2.306004135204, 2.262157162798, 2.228138851986,
    2.200985160092, 2.178812829667, 2.160368656463, 2.144786687918, 2.131449545560,
])  # fmt: skip
"""Student's t at 0.975 for 1, 2, … degrees of freedom, as many as batches allow; scipy is slow to load."""

LEAST_KEPT = 0.5
"""At least this share of the variance between draws is kept as evidence: an estimate of noise is itself not sure."""

SCORES = ("mean_pain_score",)
"""Outputs without a unit that are no shares."""
HIGHEST_SCORE = 10.0
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
        With draws 95 % of draws 1, 2, … lie between, Monte Carlo variance removed; NaN with a single one. Without draws the
        Monte Carlo interval of the value: `of_evidence` leaves it out where only the evidence is meant.
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
        """The estimate at a position along the first dimension, usually a schedule."""
        return Estimate(*(part[index] for part in self))

    def within(self, low, high):
        """The same with its interval kept inside the range of the quantity."""
        return self._replace(low95=np.clip(self.low95, low, high), high95=np.clip(self.high95, low, high))

    def of_evidence(self, n_draws):
        """The same, but without an interval where it is that of the simulation: none says how sure the evidence is.

        Parameters
        ----------
        n_draws : int
            Draws beyond the base case.
        """
        if n_draws:
            return self
        unknown = np.full(np.shape(self.value), np.nan)[()]
        return self._replace(low95=unknown, high95=unknown)


class Draws(NamedTuple):
    """A quantity in every draw, before it is summarised.

    Attributes
    ----------
    values, errors : ndarray, shape (draw, ...)
        With its Monte Carlo standard errors.
    noise : ndarray, same shape
        What of the spread between draws is known to be simulation noise: the errors, or NaN where they are only an upper bound.
    quantile : float or ndarray, shape (...)
        Standard errors on either side that make a Monte Carlo interval of 95 %.
    numbers : ndarray of int, shape (draw,)
        Numbers of the draws; 0 is the base case.
    """

    values: np.ndarray
    errors: np.ndarray
    noise: np.ndarray
    quantile: object
    numbers: np.ndarray

    @property
    def chosen(self):
        """Draws that count, as a mask: those beyond the base case, or the base case if there are none."""
        drawn = np.asarray(self.numbers) >= 1
        return drawn if drawn.any() else np.arange(len(drawn)) == 0

    @property
    def has_draws(self):
        return bool((np.asarray(self.numbers) >= 1).any())

    def raw(self):
        """Values of the draws that count, noise and all."""
        return self.values[self.chosen]

    def narrowed(self):
        """The same, Monte Carlo variance removed."""
        return remove_monte_carlo_variance(self.raw(), self.noise[self.chosen])

    def at(self, index):
        """The same at a position along the first dimension after the draw."""
        quantile = self.quantile[index] if np.ndim(self.quantile) else self.quantile
        return Draws(*(part[:, index] for part in self[:3]), quantile, self.numbers)

    def estimate(self):
        """An `Estimate`, shape (...)."""
        values, errors = self.raw(), self.errors[self.chosen]
        if not self.has_draws:
            reach = self.quantile * errors[0]
            return Estimate(values[0], errors[0], values[0] - reach, values[0] + reach)
        return Estimate(
            mean_in_order(values, 0), np.sqrt(in_order(errors**2, 0)) / len(errors), *interval(self.narrowed())
        )


def draws_of(values, errors, *, noise=None, quantile=NORMAL_95, numbers=None):
    """`Draws` of arrays with the draw first, 0 the base case unless ``numbers`` says otherwise."""
    values, errors = np.asarray(values, float), np.asarray(errors, float)
    numbers = np.arange(len(values)) if numbers is None else np.asarray(numbers)
    return Draws(values, errors, errors if noise is None else noise, quantile, numbers)


def summarise(values, errors, **options):
    """The `Estimate` of draws, shape (draw, ...); options as of `draws_of`."""
    return draws_of(values, errors, **options).estimate()


def remove_monte_carlo_variance(values, noise):
    """Draws moved towards their mean until simulation noise no longer spreads them.

    Parameters
    ----------
    values, noise : ndarray, shape (draw, ...)
        Figures and their Monte Carlo standard errors; NaN where the error is not known.

    Returns
    -------
    ndarray, shape (draw, ...)
        mean + c (value − mean) with c² = 1 − (mean squared error) / (variance between draws), but at least `LEAST_KEPT`, and 1 where the
        error is not known. Values without noise stay as they are, to the bit.
    """
    if len(values) < 2:
        return values
    centre = mean_in_order(values, 0)
    between = in_order((values - centre) ** 2, 0) / (len(values) - 1)  # in order: the same bits whatever stands beside
    within = mean_in_order(noise**2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(between > 0.0, 1.0 - within / between, 1.0)
    kept = np.where(np.isnan(kept), 1.0, np.maximum(kept, LEAST_KEPT))
    return np.where(kept == 1.0, values, centre + np.sqrt(kept) * (values - centre))


def interval(narrowed):
    """Ends between which 95 % of draws lie, each of shape (...); NaN with fewer than two draws."""
    if len(narrowed) < 2:
        return (np.full(narrowed.shape[1:], np.nan)[()],) * 2
    return tuple(np.quantile(narrowed, LEVELS_95, axis=0))


def support(name, units):
    """Lowest and highest value that an output can have."""
    low = -np.inf if name in SIGNED else 0.0
    if name in SCORES:
        return low, HIGHEST_SCORE
    return low, (1.0 if units == "1" else np.inf)
