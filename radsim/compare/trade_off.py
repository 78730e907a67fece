"""Days at the hospital against repeats avoided: how many days one avoided repeat must be worth."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim.outcomes import estimates
from radsim.outcomes.catalogue import BY_KEY
from radsim.outcomes.intervals import Estimate, interval
from radsim.presentation.verdict import FIRST_FEWER, FIRST_MORE, verdict

NOTHING_TO_TRADE = (
    0.005  # days or repeats per patient: half of one in a hundred, the last digit of the natural frequencies
)


class TradeOff(NamedTuple):
    """The first schedule against another.

    Attributes
    ----------
    schedules : tuple of str
    verdict : str
        ``trade``: `longer` takes more days at the hospital and spares repeats; ``both``: `longer` takes more days and spares none,
        so that the other is better on both counts; ``same``; ``relief``: relief is known to differ too, so that days and repeats are not all that matters.
    longer : str
        The schedule with more days at the hospital.
    extra_days : float
        Its extra days per patient within five years, repeats counted. [d]
    repeats_spared : float
        Repeats that it spares per patient. [1]
    days_per_repeat : Estimate
        Extra days for one repeat spared, beyond the days of the repeat; NaN unless ``trade``. [d]
    """

    schedules: tuple[str, str]
    verdict: str
    longer: str
    extra_days: float
    repeats_spared: float
    days_per_repeat: Estimate


def trade_offs(results, more_repeats):
    """A `TradeOff` of the first schedule with each of the others; ``more_repeats`` as `radsim.compare.findings.repeats` gives them."""
    first, *others = results["schedule"].values.tolist()
    days, repeats = estimates.gaps(results, BY_KEY["hospital_days"].variable).narrowed(), more_repeats.narrowed()
    relief = [estimates.differences(results, f"latent_{kind}_response") for kind in ("overall", "complete")]
    return tuple(
        _trade_off(
            (first, other),
            days[:, i],
            repeats[:, i],
            same_relief=not any(known_to_differ(difference, i) for difference in relief),
        )
        for i, other in enumerate(others)
    )


def known_to_differ(differences, i):
    """Whether one of the schedules is known to relieve more: the differences of a share of responders, the first against each other one."""
    gap = Estimate(*(np.atleast_1d(part)[i] for part in differences))
    return verdict(gap, BY_KEY["overall_response"]) in (FIRST_MORE, FIRST_FEWER)


def _trade_off(schedules, extra_days, extra_repeats, *, same_relief):
    """From draws of the first schedule's extra days and extra repeats; the signs reversed where the other takes more days."""
    sign = 1.0 if extra_days.mean() >= 0.0 else -1.0
    longer = schedules[0] if sign > 0.0 else schedules[1]
    extra, spared = sign * extra_days, -sign * extra_repeats
    sums = (longer, float(extra.mean()), float(spared.mean()))
    nothing = Estimate(math.nan, math.nan, math.nan, math.nan)
    if not same_relief:
        return TradeOff(schedules, "relief", *sums, nothing)
    if abs(extra.mean()) < NOTHING_TO_TRADE and abs(spared.mean()) < NOTHING_TO_TRADE:
        return TradeOff(schedules, "same", *sums, nothing)
    if spared.mean() < NOTHING_TO_TRADE:
        return TradeOff(schedules, "both", *sums, nothing)
    known = spared.min() > 0.0  # a trade without end has no interval
    low, high = interval(extra / spared) if known else (math.nan, math.nan)
    return TradeOff(
        schedules, "trade", *sums, Estimate(float(extra.mean() / spared.mean()), math.nan, float(low), float(high))
    )
