"""A corticosteroid for a week from the first fraction on: fatigue and appetite are counted, pain hardly changes."""

from __future__ import annotations

from radsim.care import purpose
from radsim.compiled import apart
from radsim.kernel.effects import count_at, four_random_numbers, lower_level, random_number
from radsim.kernel.layout import item

STOPPED, APPETITE = purpose("adjuvant_steroid", "stopped"), purpose("adjuvant_steroid", "appetite")
COURSES, LESS_FATIGUE, APPETITES, STOPS, THRUSHES, OEDEMAS = (
    item(name)
    for name in ("steroid_courses", "less_fatigue", "better_appetites", "steroids_stopped", "thrushes", "oedemas")
)


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Take a small share off the pain while it is given."""
    lower_level(modifiers, 0.0, p.adjuvant_steroid_days, p.adjuvant_steroid_pain_share)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The course, what it betters and what it harms."""
    count_at(0.0, end, period_ends, count, g, s, COURSES)
    u_stopped, u_thrush, u_oedema, u_fatigue = four_random_numbers(seed, draw, number, STOPPED, 0)
    if u_fatigue < p.adjuvant_steroid_better_fatigue:
        count_at(p.adjuvant_steroid_days, end, period_ends, count, g, s, LESS_FATIGUE)
    if random_number(seed, draw, number, APPETITE, 0) < p.adjuvant_steroid_better_appetite:
        count_at(p.adjuvant_steroid_days, end, period_ends, count, g, s, APPETITES)
    if u_stopped < p.adjuvant_steroid_stopped:
        count_at(0.0, end, period_ends, count, g, s, STOPS)
    if u_thrush < p.adjuvant_steroid_thrush:
        count_at(p.adjuvant_steroid_days, end, period_ends, count, g, s, THRUSHES)
    if u_oedema < p.adjuvant_steroid_oedema:
        count_at(p.adjuvant_steroid_days, end, period_ends, count, g, s, OEDEMAS)
