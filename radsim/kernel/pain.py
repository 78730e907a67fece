"""Pain over time: a base that may worsen, lowered while a response lasts, raised by flares, fracture and cord compression.

Asked for at every change of a life. Conditions are joined by ``&`` and multiplied with, not branched on: what is in force at a given
moment of a given life is luck, and a branch on luck costs more than the arithmetic it saves.
"""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import PARTIAL, SINGLE

WORST = 10.0  # end of the scale
OUT_OF_FORCE = 100.0  # beyond any pain


@step
def base_pain(t, life, index_pain, p):
    """Pain of the site without any response. [0–10]"""
    worse = min(WORST, index_pain + p.pain_worsening_points)
    return index_pain + (worse - index_pain) * (t >= life.worsening)


@step
def level_at(t, life, n_courses, index_pain, p):
    """Lowest level of the responses in force, else the base, which is above every level. [0–10]"""
    lowest = base_pain(t, life, index_pain, p)
    for k in range(n_courses):
        in_force = (life.onset[k] <= t) & (t < life.relapse[k])
        lowest = min(lowest, life.level[k] + OUT_OF_FORCE * (not in_force))
    return lowest


@step
def rise_at(t, life, n_courses, p):
    """Highest rise of the spikes in force. [points]"""
    flaring = False
    for k in range(n_courses):
        flaring |= (life.flare_start[k] <= t) & (t < life.flare_stop[k])
    fractured = (life.fracture <= t) & (t < life.fracture + p.fracture_pain_days)
    compressed = (life.cord_compression <= t) & (t < life.cord_compression + p.cord_compression_pain_days)
    rise = max(p.flare_rise_points * flaring, p.fracture_rise_points * fractured)
    return max(rise, p.cord_compression_rise_points * compressed)


@step
def pain_at(t, life, n_courses, index_pain, p):
    """Pain at time ``t``, counting the first ``n_courses`` courses (1: the index trajectory). [0–10]"""
    return min(WORST, level_at(t, life, n_courses, index_pain, p) + rise_at(t, life, n_courses, p))


@step
def response_at(t, life, n_courses):
    """Best latent class of the responses in force at ``t``; 0 if there is none."""
    best = 0
    for k in range(n_courses):
        best = max(best, life.response_class[k] * ((life.onset[k] <= t) & (t < life.relapse[k])))
    return best


@step
def in_response(t, life, n_courses):
    """Is a partial or complete response in force at ``t``?"""
    return response_at(t, life, n_courses) >= PARTIAL


@step
def flare(life, k, u_flare, u_start, duration_days, risk_ratio, p):
    """Write the flare after course ``k`` into the life: infinite start and stop if there is none."""
    probability = p.flare_probability * risk_ratio
    if life.fraction_class[k] == SINGLE:
        probability *= p.flare_single_fraction_risk_ratio
    if u_flare < probability:
        life.flare_start[k] = (
            life.start[k] + p.flare_earliest_day + (p.flare_latest_day - p.flare_earliest_day) * u_start
        )
        life.flare_stop[k] = life.flare_start[k] + duration_days
    else:
        life.flare_start[k] = math.inf
        life.flare_stop[k] = math.inf
