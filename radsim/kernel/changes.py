"""When something changes in a trajectory: between two changes pain and health state are constant, and the dose is linear."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import (
    NEAR_DEATH_DAYS,
    RECENT_EVENT_DAYS,
    VERY_NEAR_DEATH_DAYS,
)


@step
def sooner(change, t, soonest):
    """The sooner of a change after ``t`` and the soonest so far. [d]"""
    return min(soonest, change if change > t else math.inf)


@step
def next_change_of_course_pain(t, trajectory, p):
    """The next moment after ``t`` at which the course of the patient may change the pain. [d]"""
    change = math.inf
    for k in range(trajectory.n_courses):
        change = sooner(trajectory.onset[k], t, change)
        change = sooner(trajectory.fade[k], t, change)
        change = sooner(trajectory.relapse[k], t, change)
        change = sooner(trajectory.flare_start[k], t, change)
        change = sooner(trajectory.flare_stop[k], t, change)
    change = sooner(trajectory.worsening, t, change)
    change = sooner(trajectory.worsening_end, t, change)
    change = sooner(trajectory.titration, t, change)
    change = sooner(trajectory.escalation, t, change)
    if trajectory.fracture < math.inf:
        change = sooner(trajectory.fracture, t, change)
        change = sooner(trajectory.fracture + p.fracture_pain_days, t, change)
    if trajectory.cord_compression < math.inf:
        change = sooner(trajectory.cord_compression, t, change)
        change = sooner(trajectory.cord_compression + p.cord_compression_pain_days, t, change)
    return change


@step
def next_change_of_course(t, trajectory, p):
    """The next moment after ``t`` at which the course of the patient may change pain, dose or health state. [d]"""
    change = next_change_of_course_pain(t, trajectory, p)
    for k in range(trajectory.n_courses):
        change = sooner(trajectory.onset[k] + p.analgesic_taper_delay_days, t, change)
    change = sooner(trajectory.escalation + p.analgesic_drift_until_days, t, change)
    change = sooner(trajectory.time_to_death - NEAR_DEATH_DAYS, t, change)
    change = sooner(trajectory.time_to_death - VERY_NEAR_DEATH_DAYS, t, change)
    if trajectory.fracture < math.inf:
        change = sooner(trajectory.fracture + RECENT_EVENT_DAYS, t, change)
    if trajectory.cord_compression < math.inf:
        change = sooner(trajectory.cord_compression + RECENT_EVENT_DAYS, t, change)
    return change


@step
def next_change_before_steps(t, trajectory, p):
    """The next moment after ``t`` at which pain may change, steps of the dose apart. [d]"""
    return next_change_by_care(t, trajectory, next_change_of_course_pain(t, trajectory, p))


@step
def next_change_of_pain(t, trajectory, p):
    """The next moment after ``t`` at which pain may change. [d]"""
    return next_step(t, trajectory, next_change_before_steps(t, trajectory, p))


@step
def next_change(t, trajectory, p):
    """The next moment after ``t`` at which pain, dose or a health state may change. [d]"""
    change = next_change_by_care(t, trajectory, next_change_of_course(t, trajectory, p))
    return next_change_of_sites(t, trajectory, next_step(t, trajectory, change))


@step
def next_step(t, trajectory, change):
    """The next moment after ``t`` at which another dose is taken, or ``change`` if that is sooner. [d]"""
    i = trajectory.n_steps - 1
    while i >= 0 and trajectory.step_start[i] > t:
        change = min(change, trajectory.step_start[i])
        i -= 1
    return change


@step
def next_change_by_care(t, trajectory, change):
    """The next moment after ``t`` at which a level factor, a local relief or a spike begins or ends, or ``change`` if that is sooner. [d]"""
    for i in range(trajectory.n_levels):
        change = sooner(trajectory.level_start[i], t, change)
        change = sooner(trajectory.level_stop[i], t, change)
    for i in range(trajectory.n_reliefs):
        change = sooner(trajectory.relief_start[i], t, change)
        change = sooner(trajectory.relief_stop[i], t, change)
    for i in range(trajectory.n_spikes):
        change = sooner(trajectory.spike_start[i], t, change)
        change = sooner(trajectory.spike_stop[i], t, change)
    return change


@step
def next_change_of_sites(t, trajectory, change):
    """The next moment after ``t`` at which another site begins to hurt, is relieved or relapses, or ``change`` if that is sooner. [d]"""
    for i in range(trajectory.n_sites):
        change = sooner(trajectory.site_start[i], t, change)
        change = sooner(trajectory.site_onset[i], t, change)
        change = sooner(trajectory.site_relapse[i], t, change)
    return change
