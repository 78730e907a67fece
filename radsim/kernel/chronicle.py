"""Stage 6, chronicle: one life cut into stretches in which nothing changes, and looked at on the days asked for.

A chronicle of the same life is the same under every schedule, so the next schedule may take it over (`alike`) instead of writing it
again; what it holds, to the bit, does not depend on that.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim.compiled import room, step
from radsim.endpoints import pain_category, reported
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.layout import NEAR_DEATH_DAYS, RECENT_EVENT_DAYS, VERY_NEAR_DEATH_DAYS
from radsim.kernel.pain import in_response, pain_at, response_at

FAR = 1e300  # days: after everything
MAX_CHANGES = 40  # more than a life can have: 5 for each of 4 courses, and 11
SNAP_PAIN, SNAP_DOSE, SNAP_RESPONSE = range(3)


class Chronicle(NamedTuple):
    """What a life amounts to. Segments are in order of time."""

    n_segments: np.ndarray  # (1,)
    period: np.ndarray  # (segment,)
    state: np.ndarray  # (segment,) joint cell
    days: np.ndarray  # (segment,) d
    opioid_mg: np.ndarray  # (segment,) mg
    days_in_response: np.ndarray  # (1,) d
    snapshots: np.ndarray  # (time, 3) pain, dose [mg d-1] and latent class of response at each time


def empty_chronicle(n_times, n_periods):
    """An empty `Chronicle`."""
    n = MAX_CHANGES + 1 + n_periods
    return Chronicle(
        n_segments=np.zeros(1, np.int64), period=np.zeros(n, np.int64),
        state=np.zeros(n, np.int64), days=np.zeros(n), opioid_mg=np.zeros(n), days_in_response=np.zeros(1),
        snapshots=np.zeros((n_times, 3)),
    )  # fmt: skip


@step
def sooner(change, t, soonest):
    """The sooner of a change after ``t`` and the soonest so far. [d]"""
    return min(soonest, change + FAR * (change <= t))


@step
def next_change(t, life, p):
    """The next moment after ``t`` at which pain, dose or a health state may change. [d]"""
    change = math.inf
    for k in range(life.n_courses):
        change = sooner(life.onset[k], t, change)
        change = sooner(life.onset[k] + p.analgesic_taper_delay_days, t, change)
        change = sooner(life.relapse[k], t, change)
        change = sooner(life.flare_start[k], t, change)
        change = sooner(life.flare_stop[k], t, change)
    change = sooner(life.worsening, t, change)
    change = sooner(life.titration, t, change)
    change = sooner(life.escalation, t, change)
    change = sooner(life.time_to_death - NEAR_DEATH_DAYS, t, change)
    change = sooner(life.time_to_death - VERY_NEAR_DEATH_DAYS, t, change)
    if life.fracture < math.inf:
        change = after_event(life.fracture, p.fracture_pain_days, t, change)
    if life.cord_compression < math.inf:
        change = after_event(life.cord_compression, p.cord_compression_pain_days, t, change)
    return change


@step
def after_event(event, pain_days, t, soonest):
    """The sooner of an event, the end of its pain and its ageing, after ``t``, and the soonest so far. [d]"""
    soonest = sooner(event, t, soonest)
    soonest = sooner(event + pain_days, t, soonest)
    return sooner(event + RECENT_EVENT_DAYS, t, soonest)


@step
def health_state(t, life):
    """Index of the health state at ``t``: the graver event, recent or late."""
    if t >= life.cord_compression:
        return 3 if t < life.cord_compression + RECENT_EVENT_DAYS else 4
    if t >= life.fracture:
        return 1 if t < life.fracture + RECENT_EVENT_DAYS else 2
    return 0


@step
def death_distance(t, death):
    """Index of the nearness to death at ``t``."""
    # as numbers: uncompiled, numpy's truths add up to one
    return int(t >= death - VERY_NEAR_DEATH_DAYS) + int(t >= death - NEAR_DEATH_DAYS)


@room
def write_segments(life, patient, end, period_ends, p, chronicle):
    """Cut the life up to ``end`` into segments of one period and one joint cell."""
    days_in_response = 0.0
    n = 0
    period = 0
    t = 0.0
    while t < end:
        # nothing changes inside a segment but the dose, and that linearly: its middle is its mean
        stop = min(min(end, period_ends[period]), next_change(t, life, p))
        days = stop - t
        level = pain_category(reported(pain_at(t, life, life.n_courses, patient.pain, p)))
        dose = morphine_equivalent_at(t + 0.5 * days, life, life.n_courses, patient.morphine_equivalent, p)
        chronicle.period[n] = period
        chronicle.state[n] = (level * 5 + health_state(t, life)) * 3 + death_distance(t, life.time_to_death)
        chronicle.days[n] = days
        chronicle.opioid_mg[n] = dose * days
        days_in_response += days * in_response(t, life, life.n_courses)
        n += 1
        t = stop
        period += t == period_ends[period]
    chronicle.n_segments[0] = n
    chronicle.days_in_response[0] = days_in_response


@room
def write_snapshots(life, patient, times, p, chronicle):
    """Pain, dose and response at each time the patient lives to see."""
    for i in range(len(times)):
        t = times[i]
        if life.time_to_death <= t:
            return
        chronicle.snapshots[i, SNAP_PAIN] = pain_at(t, life, life.n_courses, patient.pain, p)
        chronicle.snapshots[i, SNAP_DOSE] = morphine_equivalent_at(
            t, life, life.n_courses, patient.morphine_equivalent, p
        )
        chronicle.snapshots[i, SNAP_RESPONSE] = response_at(t, life, life.n_courses)


@step
def alike(life, other):
    """Are two lives of one patient the same in all that a chronicle or a trial sees? Only asked of lives without repeats."""
    return (
        life.n_courses == 1
        and other.n_courses == 1
        and life.response_class[0] == other.response_class[0]
        and life.onset[0] == other.onset[0]
        and life.relapse[0] == other.relapse[0]
        and life.level[0] == other.level[0]
        and life.flare_start[0] == other.flare_start[0]
        and life.flare_stop[0] == other.flare_stop[0]
        and life.fracture == other.fracture
        and life.cord_compression == other.cord_compression
        and life.surgery == other.surgery
    )
