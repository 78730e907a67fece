"""How sure the evidence is of a difference: in what share of the draws it is more, or fewer, Monte Carlo variance removed."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

import numpy as np

from radsim.maths import ties
from radsim.maths.dose import equivalent_single_dose
from radsim.outcomes.intervals import interval

CERTAINTIES = ((0.95, "very likely"), (0.8, "likely"), (0.6, "perhaps"))
"""Words for the share of draws, from the largest down; below the last it is open. What holds in every draw is not certain for that."""
MORE, FEWER, OPEN = "more", "fewer", "open"
DRAWN = (MORE, FEWER, OPEN)
"""Verdicts on what the evidence decides."""
EQUAL, COUNTED, ASSUMED, NEGLIGIBLE, UNKNOWN = "equal", "counted", "assumed", "negligible", "unknown"
BY_FRACTIONS = "by the fractions"
CLASSES = {"single", "multiple", "willingness"}
"""Words in the names of parameters that tell one fraction from several."""
PLATEAU, ALPHA_BETA = "response.dose.plateau_gy", "response.alpha_beta_gy"


class Sureness(NamedTuple):
    """In what share of the draws one schedule gives more than another, Monte Carlo variance removed; NaN without draws.

    `verdict`: ``more``, ``fewer`` or ``open`` (the draws do not agree) where the effect was drawn from evidence; ``negligible``; ``equal``
    (no difference in any draw: an assumption of the model); ``counted`` (the sign follows from the fractions of the schedules);
    ``assumed`` (the effect was not drawn, so that the draws say nothing of it); or ``unknown``.
    """

    more: float
    fewer: float
    n_draws: int
    verdict: str
    words: str

    @property
    def sentence(self):
        """`; likely (more in 85 of 100 sets of values, fewer in 15)`, to follow the size of a difference; empty where nothing may be said."""
        if self.verdict == COUNTED:
            return ". This follows from the number of fractions"
        if self.verdict == ASSUMED:
            return ". The effect behind this is assumed: no draw varies it"
        if self.verdict not in DRAWN:
            return ""
        agree = max(self.more, self.fewer)
        word = "open" if self.verdict == OPEN else _word(agree)
        if agree == 1.0:
            return f"; {word}"
        more, fewer = (round(share * self.n_draws) for share in (self.more, self.fewer))
        return f"; {word} (more in {more} of {self.n_draws} sets of values, fewer in {fewer})"


def sureness(draws, *, negligible, is_drawn=True, is_counted=False):
    """How sure a difference is above or below zero.

    Parameters
    ----------
    draws : radsim.outcomes.intervals.Draws, shape (draw,)
    negligible : float
        A difference whose interval stays within it is none to speak of, however sure.
    is_drawn : bool
        Whether an effect of the schedule on it was drawn: without, no word of certainty.
    is_counted : bool
        Whether its sign follows from the fractions of the schedules.

    Returns
    -------
    Sureness
    """
    spread = draws.narrowed()
    n = len(spread)
    more, fewer = (float((ties.sign(spread, 0.0) == side).mean()) for side in (1.0, -1.0))
    share, direction = max((more, MORE), (fewer, FEWER))

    def found(verdict, words):
        return Sureness(*((more, fewer) if n > 1 else (math.nan, math.nan)), n, verdict, words)

    if share == 0.0:
        return Sureness(more, fewer, n, EQUAL, "assumed equal")
    if n < 2:
        return found(UNKNOWN, "not known")
    if np.all(np.abs(interval(spread)) < negligible):
        return found(NEGLIGIBLE, "none to speak of")
    if is_counted:
        return found(COUNTED, f"{direction}: {BY_FRACTIONS}")
    if not is_drawn:
        return found(ASSUMED, "assumed, not drawn")
    many, few = (round(part * n) for part in (share, min(more, fewer)))
    word = _word(share)
    if not word:
        return found(OPEN, f"open, {round(more * n)} more v {round(fewer * n)} fewer")
    return found(direction, f"{word} {direction}" if share == 1.0 else f"{word} {direction}, {many} v {few}")


def _word(share):
    return next((word for least, word in CERTAINTIES if share >= least), "")


def sureness_of(draws, outcome, first, second, samples):
    """`sureness` of the difference of two schedules in an outcome of the catalogue.

    Parameters
    ----------
    draws : radsim.outcomes.intervals.Draws, shape (draw,)
    outcome : radsim.outcomes.catalogue.Outcome
    first, second : radsim.config.Schedule
    samples : mapping of str to ndarray, shape (draw,)
        Parameters by dotted name, the base case first.
    """
    return sureness(
        draws, negligible=outcome.scale.negligible, is_drawn=is_drawn(outcome, first, second, samples),
        is_counted=outcome.by_fractions and first.fractions != second.fractions,
    )  # fmt: skip


def is_drawn(outcome, first, second, samples):
    """Whether a parameter through which two schedules differ in an outcome varies over the draws.

    Parameters
    ----------
    outcome : radsim.outcomes.catalogue.Outcome
    first, second : radsim.config.Schedule
    samples : mapping of str to ndarray, shape (draw,)

    Notes
    -----
    The name of a parameter says what it is about: its first part is a topic, of which an outcome has those of its `effects`; and the rest
    names what it tells apart: ``single`` and ``multiple`` fractions, ``willingness`` to offer a repeat after either, ``sbrt``, ``no_irradiation``, or the ``dose``.
    """
    marks = _told_apart(first, second, samples)
    names = [name for name in samples if name.split(".")[0] in outcome.effects and marks & _marks(name)]
    return any(np.ptp(samples[name][1:]) > 0.0 for name in names if len(samples[name]) > 2)


def _told_apart(first, second, samples):
    """What the name of a parameter says that acts differently under two schedules."""
    if first.none or second.none:
        return set() if first == second else {"irradiation"}
    marks = {"sbrt"} if first.technique != second.technique else set()
    if (first.fractions == 1) != (second.fractions == 1):
        marks |= CLASSES
    differ_in_dose = len({_dose_below_plateau(each, samples) for each in (first, second)}) > 1
    return marks | ({"dose"} if differ_in_dose else set())


def _dose_below_plateau(schedule, samples):
    """Single dose of equal effect, in the base case; that of the plateau from there on, where no dose brings more. [Gy]"""
    plateau, ratio = (samples.get(name, [math.inf])[0] for name in (PLATEAU, ALPHA_BETA))
    if schedule.technique == "sbrt" or not math.isfinite(ratio):
        return plateau
    dose = schedule.dose_gy / schedule.fractions
    return min(plateau, equivalent_single_dose(dose, schedule.fractions, alpha_beta=ratio))


def _marks(name):
    return set(re.split(r"[._]", name))
