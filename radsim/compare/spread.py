"""How sure: draws of the posterior with the luck of the simulated patients taken out, intervals, and shares of draws.

Each draw of the parameters is simulated with patients of its own, so that a figure varies between draws for two reasons: the
evidence, and chance. The second is known from batches of patients within a draw and taken out of the spread, as in an analysis of
variance [1]_. It is never shown as part of how sure the evidence is, nor the evidence as surer for it: see `purged`.

References
----------
.. [1] O'Hagan A, Stevenson M, Madan J, "Monte Carlo probabilistic sensitivity analysis for patient level simulation models:
   efficient estimation of mean and variance using ANOVA," Health Economics 16, 2007, 1009–1023, doi:10.1002/hec.1199.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim import ties
from radsim.presentation.structure import in_words

LEAST_KEPT = 0.5
"""At least this share of the variance between draws is kept as evidence: an estimate of chance is itself not sure."""

NEGLIGIBLE = 1.5e-3
"""Differences whose interval lies within this of zero, in patients or days per patient, are none to speak of, however sure."""

CERTAINTIES = ((0.95, "very likely"), (0.8, "likely"), (0.6, "perhaps"))
"""Words for the share of draws, from the largest down; below the last it is open. What holds in every draw is not certain for that."""


class Figure(NamedTuple):
    """A figure with two uncertainties that are never mixed.

    Attributes
    ----------
    value : float
        Mean over the draws; the base case if there are none.
    low95, high95 : float
        95 % of the draws lie between, chance taken out; NaN with fewer than two draws.
    mcse : float
        Monte Carlo standard error of the value.
    """

    value: float
    low95: float
    high95: float
    mcse: float


class Sureness(NamedTuple):
    """In what share of the draws one schedule gives more than another, chance taken out; NaN without draws.

    `verdict`: ``same`` (equal in every draw: assumed, not shown), ``structure`` (the sign follows from how the model is built, not from the
    evidence), ``negligible``, ``more``, ``fewer``, ``open`` or ``unknown``.
    """

    more: float
    fewer: float
    n_draws: int
    verdict: str
    words: str


def posterior(values):
    """The draws beyond the base case, or the base case if there are none; first axis draw."""
    return values[1:] if len(values) > 1 else values


def purged(values, noise):
    """Draws drawn together until chance no longer spreads them.

    Parameters
    ----------
    values, noise : ndarray, shape (draw, ...)
        Figures and their Monte Carlo standard errors; NaN where the error is not known.

    Returns
    -------
    ndarray, shape (draw, ...)
        mean + c (value − mean) with c² = 1 − (mean squared error) / (variance between draws), but at least `LEAST_KEPT`, and 1 where the
        error is not known.
    """
    if len(values) < 2:
        return values
    centre, between = values.mean(axis=0), values.var(axis=0, ddof=1)
    within = (noise**2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(between > 0.0, 1.0 - within / between, 1.0)
    kept = np.where(np.isnan(kept), 1.0, np.maximum(kept, LEAST_KEPT))
    return centre + np.sqrt(kept) * (values - centre)


def interval(values, noise):
    """Ends between which 95 % of the draws lie, chance taken out, shape (2,); NaN with fewer than two draws."""
    return np.percentile(purged(values, noise), [2.5, 97.5]) if len(values) > 1 else np.full(2, math.nan)


def figure(values, noise, *, low=-math.inf, high=math.inf):
    """A `Figure` of draws, shape (draw,), within the limits of the quantity."""
    n = len(values)
    ends = np.clip(interval(values, noise), low, high)
    mcse = math.sqrt(float((noise**2).sum())) / n
    return Figure(float(values.mean()), float(ends[0]), float(ends[1]), mcse)


def sureness(values, noise):
    """How sure a difference, shape (draw,), is above or below zero."""
    n = len(values)
    spread = purged(values, noise)
    more, fewer = (float((ties.sign(spread, 0.0) == side).mean()) for side in (1.0, -1.0))
    share, direction = max((more, "more"), (fewer, "fewer"))
    if max(more, fewer) == 0.0:
        return Sureness(more, fewer, n, "same", "assumed equal")
    if n < 2:
        return Sureness(math.nan, math.nan, n, "unknown", "not known")
    if np.all(np.abs(interval(values, noise)) < NEGLIGIBLE):
        return Sureness(more, fewer, n, "negligible", "none to speak of")
    word = next((word for least, word in CERTAINTIES if share >= least), None)
    if word is None:
        return Sureness(more, fewer, n, "open", f"open ({direction} in {round(share * n)})")
    words = f"{direction}: {word}" if share == 1.0 else f"{direction} in {round(share * n)}: {word}"
    return Sureness(more, fewer, n, direction, words)


def structural(sure, cause):
    """The sureness of a difference whose sign follows from how the model is built."""
    direction = "more" if sure.more >= sure.fewer else "fewer"
    return sure._replace(verdict="structure", words=in_words(direction, cause))
