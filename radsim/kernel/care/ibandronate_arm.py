"""Ibandronate in the place of radiotherapy: one infusion on day 0 under its own schedule.

What it does to the pain is in the record of the schedule, as for a course: `radsim.courses`. Nothing happens under another schedule.
"""

from __future__ import annotations

from radsim.care.ibandronate_arm import KIND
from radsim.compiled import apart
from radsim.kernel.effects import count_at
from radsim.kernel.layout import item

INFUSIONS = item("ibandronate_infusions")
NUMBER = KIND.number


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """One infusion."""
    if trajectory.arm == NUMBER:
        count_at(0.0, end, period_ends, count, g, s, INFUSIONS)
