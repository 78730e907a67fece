"""Pain over time: a base that may worsen for a while, lowered by analgesics and while a response lasts, raised by flares and skeletal events.

Asked for at every change of a trajectory. Conditions are joined by ``&`` and multiplied with, not branched on: what is in force at a given
moment of a trajectory is random, and a branch that cannot be predicted costs more than the arithmetic it saves.
"""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.effects import kept_by_care, kept_by_levels, kept_here, pain_of_other_sites, rise_by_care
from radsim.kernel.layout import COMPLETE, INDEX_ALONE, PARTIAL
from radsim.kernel.response import BEST_PARTIAL

WORST = 10.0  # end of the scale
OUT_OF_FORCE = 100.0  # beyond any pain


@step
def base_pain(t, trajectory, p):
    """Pain of the site without any response. [0–10]"""
    worsened = (trajectory.worsening <= t) & (t < trajectory.worsening_end)
    return min(WORST, trajectory.pain + (p.pain_worsening_points if worsened else 0.0))


@step
def escalation_day(trajectory, n_courses):
    """Day of the escalation; that without another treatment of the site where the index course is looked at alone. [d]"""
    return trajectory.escalation_alone if n_courses == INDEX_ALONE else trajectory.escalation


@step
def under_analgesics(t, trajectory, n_courses, p):
    """What the increases of the analgesic dose so far leave of the pain. [1]"""
    relief = p.analgesic_relief_per_increase
    escalated = t >= escalation_day(trajectory, n_courses)
    kept = 1.0 - relief
    return (kept if t >= trajectory.titration else 1.0) * (kept if escalated else 1.0)


@step
def level_at(t, trajectory, n_courses, p):
    """Lowest level of the responses in force, else the base, which is above every level; less what analgesics take. [0–10]"""
    lowest = base_pain(t, trajectory, p)
    for k in range(max(n_courses, 1)):
        in_force = (trajectory.onset[k] <= t) & (t < trajectory.relapse[k])
        level = trajectory.level[k] + (min(BEST_PARTIAL, trajectory.pain) if t >= trajectory.fade[k] else 0.0)
        lowest = min(lowest, level if in_force else OUT_OF_FORCE)
    return lowest * under_analgesics(t, trajectory, n_courses, p)


@step
def rise_at(t, trajectory, n_courses, p):
    """Highest rise of the spikes in force. [points]"""
    flaring = False
    for k in range(max(n_courses, 1)):
        flaring |= (trajectory.flare_start[k] <= t) & (t < trajectory.flare_stop[k])
    fractured = (trajectory.fracture <= t) & (t < trajectory.fracture + p.fracture_pain_days)
    compressed = (trajectory.cord_compression <= t) & (t < trajectory.cord_compression + p.cord_compression_pain_days)
    rise = max(p.flare_rise_points if flaring else 0.0, p.fracture_rise_points if fractured else 0.0)
    return max(rise, p.cord_compression_rise_points if compressed else 0.0)


@step
def pain_by_course(t, trajectory, n_courses, p):
    """Pain at time ``t`` without the care around the radiotherapy, counting the first ``n_courses`` courses. [0–10]"""
    return min(WORST, level_at(t, trajectory, n_courses, p) + rise_at(t, trajectory, n_courses, p))


@step
def pain_at(t, trajectory, n_courses, p):
    """Pain at time ``t``, counting the first ``n_courses`` courses (`INDEX_ALONE`: the index course, no other treatment of the site). [0–10]"""
    level = level_at(t, trajectory, n_courses, p)
    rise = rise_at(t, trajectory, n_courses, p)
    if trajectory.care_changes_pain:
        level *= kept_by_care(t, trajectory, n_courses) * kept_here(t, trajectory, n_courses)
        rise = max(rise, rise_by_care(t, trajectory))
    return min(WORST, level + rise)


@step
def worst_pain(t, trajectory, n_courses, p):
    """Pain of the worst site at time ``t``: what utility and analgesics follow. [0–10]"""
    pain = pain_at(t, trajectory, n_courses, p)
    if trajectory.n_sites > 0:
        elsewhere = pain_of_other_sites(t, trajectory) * under_analgesics(t, trajectory, n_courses, p)
        if trajectory.care_changes_pain:
            elsewhere *= kept_by_care(t, trajectory, n_courses)
        pain = max(pain, elsewhere)
    return pain


@step
def before_steps(t, trajectory, n_courses, p):
    """Level and rise of the site and pain elsewhere at ``t``, all before what the step of the dose takes; see `under_step`."""
    analgesics = under_analgesics(t, trajectory, n_courses, p)
    levels = kept_by_levels(t, trajectory)
    level = level_at(t, trajectory, n_courses, p) * levels * kept_here(t, trajectory, n_courses)
    rise = max(rise_at(t, trajectory, n_courses, p), rise_by_care(t, trajectory))
    elsewhere = pain_of_other_sites(t, trajectory) * analgesics * levels
    return level, rise, elsewhere


@step
def under_step(level, rise, elsewhere, kept):
    """Pain of the worst site where a step of the dose leaves ``kept`` of it. [0–10]"""
    return max(min(WORST, level * kept + rise), elsewhere * kept)


@step
def response_at(t, trajectory, n_courses):
    """Best latent class of the responses in force at ``t``; 0 if there is none. Complete relief that has ended is partial."""
    best = 0
    for k in range(n_courses):
        in_force = (trajectory.onset[k] <= t) & (t < trajectory.relapse[k])
        best = max(best, (trajectory.response_class[k] - (COMPLETE - PARTIAL) * (t >= trajectory.fade[k])) * in_force)
    return best


@step
def in_response(t, trajectory, n_courses):
    """Is a partial or complete response in force at ``t``?"""
    return response_at(t, trajectory, n_courses) >= PARTIAL


@step
def flare(trajectory, k, u_flare, u_start, duration_days, risk_ratio, p):
    """Write the flare after course ``k`` into the trajectory: infinite start and stop if there is none."""
    if u_flare < p.flare_probability * risk_ratio:
        trajectory.flare_start[k] = (
            trajectory.start[k] + p.flare_earliest_day + (p.flare_latest_day - p.flare_earliest_day) * u_start
        )
        trajectory.flare_stop[k] = trajectory.flare_start[k] + duration_days
    else:
        trajectory.flare_start[k] = math.inf
        trajectory.flare_stop[k] = math.inf
