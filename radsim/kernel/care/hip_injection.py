"""An injection into the hip joint on day 0: some points off the articular part of the pain, for weeks, then less and less."""

from __future__ import annotations

from radsim.care import purpose
from radsim.care.hip_injection import FORBIDS, SITES
from radsim.compiled import apart
from radsim.kernel.effects import count_at, random_number, relieve_site
from radsim.kernel.fits import conditions, has_any, is_at, sites
from radsim.kernel.layout import item

SEPTIC_ARTHRITIS, JOINT_HARM = (purpose("hip_injection", name) for name in ("septic_arthritis", "joint_harm"))
INJECTIONS, SEPTIC_ARTHRITIDES, DESTROYED = (
    item(n) for n in ("hip_injections", "septic_arthritides", "destroyed_joints")
)
FORBIDDEN, AT = conditions(FORBIDS), sites(SITES)
STAIRS = 4  # in which the relief fades: pain is a staircase


@apart
def is_given(patient):
    """Is the site next to the hip joint, and may it be injected?"""
    return is_at(patient, AT) and not has_any(patient, FORBIDDEN)


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """The points of the trial off the pain at the start, or the same share of it where the pain is less than in the trial."""
    if not is_given(patient):
        return
    points = p.hip_injection_relief_points * p.setting_hip_injection_articular_share
    share = points / max(traits.pain, p.hip_injection_least_pain)
    full, until = p.hip_injection_full_days, max(p.hip_injection_fades_until_days, p.hip_injection_full_days)
    relieve_site(modifiers, 0.0, full, share)
    for stair in range(STAIRS):
        start = full + (until - full) * stair / STAIRS
        stop = full + (until - full) * (stair + 1) / STAIRS
        relieve_site(modifiers, start, stop, share * (1.0 - (stair + 0.5) / STAIRS))


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The injection and its harms."""
    if not is_given(patient):
        return
    count_at(0.0, end, period_ends, count, g, s, INJECTIONS)
    if random_number(seed, draw, number, SEPTIC_ARTHRITIS, 0) < p.hip_injection_septic_arthritis:
        count_at(p.hip_injection_septic_arthritis_day, end, period_ends, count, g, s, SEPTIC_ARTHRITIDES)
    u_harm = random_number(seed, draw, number, JOINT_HARM, 0)
    if p.setting_hip_injection_joint_harm and u_harm < p.hip_injection_joint_harm:
        count_at(p.hip_injection_joint_harm_day, end, period_ends, count, g, s, DESTROYED)
