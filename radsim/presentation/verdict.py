"""Whether two schedules give about the same of an outcome: one rule for the sentences that open an answer and for the headings of the report."""

from __future__ import annotations

from functools import cache

import numpy as np

from radsim.outcomes.catalogue import RELIEF
from radsim.outcomes.intervals import NORMAL_95
from radsim.yaml.packaged import read_packaged

SAME, FIRST_MORE, FIRST_FEWER, OPEN = "same", "more", "fewer", "open"
PAIN_RELIEF, OF_100, DAYS = "pain relief", "of 100", "days"
"""Kinds of outcome that have margins of their own."""


@cache
def margins():
    """What counts as about the same, by kind of outcome: ``data/wording.yaml``."""
    return read_packaged("wording.yaml")["about_the_same"]


def margin(outcome):
    """The margin of an outcome of the catalogue: ``difference`` and ``interval``, in patients of 100 or in its own unit."""
    kind = PAIN_RELIEF if outcome.group == RELIEF else OF_100 if outcome.is_share else DAYS
    return margins()[kind]


def verdict(gap, outcome):
    """Whether one schedule gives more than another of an outcome.

    Parameters
    ----------
    gap : Estimate
        The first minus the other, in the unit of the variable.
    outcome : radsim.outcomes.catalogue.Outcome

    Returns
    -------
    str
        `SAME` where the difference and both ends of its interval lie within the margin; else `FIRST_MORE` or `FIRST_FEWER` where the
        interval leaves out zero, and `OPEN` where it holds zero or nothing is known. Without an interval over draws the difference alone
        decides on `SAME`, and its simulation error on the rest.
    """
    factor, least = outcome.scale.factor, margin(outcome)
    value, low, high = (factor * float(part) for part in gap.with_ends)
    if np.isnan(value):
        return OPEN
    within = abs(value) <= least["difference"]
    if np.isnan(low):
        reach = NORMAL_95 * factor * float(np.nan_to_num(gap.mcse))
        low, high = value - reach, value + reach
    else:
        within = within and max(-low, high) <= least["interval"]
    if within:
        return SAME
    return FIRST_MORE if low > 0.0 else FIRST_FEWER if high < 0.0 else OPEN
