"""How sure the evidence is of a difference: in what share of the draws it is more, or fewer, Monte Carlo variance removed."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim.maths import ties
from radsim.outcomes.intervals import interval
from radsim.presentation.structure import in_words

CERTAINTIES = ((0.95, "very likely"), (0.8, "likely"), (0.6, "perhaps"))
"""Words for the share of draws, from the largest down; below the last it is open. What holds in every draw is not certain for that."""


class Sureness(NamedTuple):
    """In what share of the draws one schedule gives more than another, Monte Carlo variance removed; NaN without draws.

    `verdict`: ``same`` (equal in every draw: assumed, not shown), ``structure`` (the sign follows from how the model is built, not from the
    evidence), ``negligible``, ``more``, ``fewer``, ``open`` or ``unknown``.
    """

    more: float
    fewer: float
    n_draws: int
    verdict: str
    words: str


def sureness(draws, *, negligible):
    """How sure a difference is above or below zero.

    Parameters
    ----------
    draws : radsim.outcomes.intervals.Draws, shape (draw,)
    negligible : float
        A difference whose interval stays within it is none to speak of, however sure.
    """
    spread = draws.narrowed()
    n = len(spread)
    more, fewer = (float((ties.sign(spread, 0.0) == side).mean()) for side in (1.0, -1.0))
    share, direction = max((more, "more"), (fewer, "fewer"))
    if max(more, fewer) == 0.0:
        return Sureness(more, fewer, n, "same", "assumed equal")
    if n < 2:
        return Sureness(math.nan, math.nan, n, "unknown", "not known")
    if np.all(np.abs(interval(spread)) < negligible):
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
