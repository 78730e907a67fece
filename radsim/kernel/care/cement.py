"""Cement on day 0: relief within days that stays, at the index site alone. It does not act on the tumour."""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.care.cement import FORBIDS, SITES
from radsim.compiled import apart
from radsim.kernel.effects import count_at, multiply_hazard, random_number, relieve_site
from radsim.kernel.fits import conditions, has_any, is_at, sites
from radsim.kernel.layout import H_FRACTURE, SPINE, item

ONSET, LEAK = purpose("cement", "onset"), purpose("cement", "leak")
VERTEBROPLASTIES, HIP_CEMENTINGS, LEAKS = (item(n) for n in ("vertebroplasties", "hip_cementings", "cement_leaks"))
FORBIDDEN, AT = conditions(FORBIDS), sites(SITES)


@apart
def is_given(patient):
    """Is there something to cement, and may it be done?"""
    nothing_there = patient.site == SPINE and not patient.collapsed_vertebra
    return is_at(patient, AT) and not (nothing_there or has_any(patient, FORBIDDEN))


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Write the relief; as a scenario the vertebra breaks less often."""
    if not is_given(patient):
        return
    at_spine = patient.site == SPINE
    u_onset = random_number(seed, draw, number, ONSET, 0)
    onset = p.cement_earliest_day + (p.cement_latest_day - p.cement_earliest_day) * u_onset
    relieve_site(modifiers, onset, math.inf, p.cement_share[0 if at_spine else 1])
    if at_spine and p.setting_cement_prevents_collapse:
        multiply_hazard(modifiers, H_FRACTURE, 0.0, math.inf, p.cement_collapse_ratio)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The procedure and its leak."""
    if not is_given(patient):
        return
    at_spine = patient.site == SPINE
    method = VERTEBROPLASTIES + int(p.setting_cement_method)  # kyphoplasty is the next item
    count_at(0.0, end, period_ends, count, g, s, method if at_spine else HIP_CEMENTINGS)
    if random_number(seed, draw, number, LEAK, 0) < (p.cement_vertebra_leak if at_spine else p.cement_hip_leak):
        count_at(0.0, end, period_ends, count, g, s, LEAKS)
