"""Stage 8, tally: trajectories added to the sums, one by one: what has a day of its own, and what does not hang on what was observed.

Every sum is an integer, days and milligrams in units of 2**-20: exact in any order and any grouping, so that neither threads nor blocks
nor the other schedules of a study can change a bit. Sums are therefore stored as differences between consecutive schedules: a trajectory
that is identical under schedules s to t adds +1 at s and -1 at t + 1, and a cumulative sum restores the totals.
"""

from __future__ import annotations

from radsim.compiled import inline_step, step
from radsim.kernel.effects import period_of
from radsim.kernel.layout import (
    COARSE_UNIT,
    DAYS_PER_YEAR,
    F_TOXICITY,
    FINE_UNIT,
    I_ACUTE_TOXICITY,
    I_CORD_COMPRESSIONS,
    I_COURSES,
    I_FLARES,
    I_FRACTIONS,
    I_FRACTURES,
    I_OPERATIONS,
    I_OPIOID_MG,
    L_DAYS_IN_RESPONSE,
    L_RESPONDER_DAYS_IN_RESPONSE,
    L_SHARE_IN_TREATMENT,
    L_SHARE_IN_TREATMENT_SQUARED,
    L_TREATMENT_DAYS,
    L_TREATMENT_DAYS_SQUARED,
    MALE,
    N_STATES,
)  # fmt: skip
from radsim.kernel.trajectory import responded
from radsim.kernel.units import fixed


@step
def cell_of(g, s, period, count):
    """Number of the first cell of a period in ``occupancy`` (cell,), which is by subgroup, schedule, period and joint state as ``count`` by item."""
    return ((g * count.shape[1] + s) * count.shape[2] + period) * N_STATES


@inline_step
def tally_segments(segments, occupancy, count, g, s, w):
    """Time in each joint cell and opioid taken, period by period. ``occupancy``: (cell,); ``count``: (group, schedule, period, item)."""
    for i in range(segments.n_segments[0]):
        cell = cell_of(g, s, segments.period[i], count) + segments.state[i]
        occupancy[cell] += w * fixed(segments.days[i], FINE_UNIT)
        count[g, s, segments.period[i], I_OPIOID_MG] += w * fixed(segments.opioid_mg[i], FINE_UNIT)


@step
def tally_exposure(patient, end, period_ends, exposure):
    """Days lived in each period, by age and sex. ``exposure``: (group, period, exposure)."""
    g = patient.subgroup
    start = 0.0
    for period in range(len(period_ends)):
        if start >= end:
            return
        stop = min(end, period_ends[period])
        days = stop - start
        age = patient.age + 0.5 * (start + stop) / DAYS_PER_YEAR
        exposure[g, period, 0] += fixed(days, FINE_UNIT)
        exposure[g, period, 1] += fixed(days * age, COARSE_UNIT)
        exposure[g, period, 2] += fixed(days * age * age, COARSE_UNIT)
        exposure[g, period, 3] += fixed(days * (patient.sex == MALE), FINE_UNIT)
        start = stop


@inline_step
def tally_given(trajectory, end, period_ends, sums, g, s):
    """What the schedule gives: courses, fractions, attendances, toxicity."""
    attendances = 0.0
    for k in range(trajectory.n_courses):
        if trajectory.start[k] >= end:
            break
        attendances += trajectory.fractions_given[k]
        period = period_of(trajectory.start[k], period_ends)
        sums.given_count[g, s, period, I_COURSES] += trajectory.irradiated or k > 0
        sums.given_count[g, s, period, I_FRACTIONS] += int(trajectory.fractions_given[k])
        sums.given_count[g, s, period, I_ACUTE_TOXICITY] += int(trajectory.toxicity[k])
    sums.given_flag[g, s, F_TOXICITY] += trajectory.toxicity[0] > 0.0
    share = attendances / max(end, 1.0)  # a trajectory shorter than a day still holds a day
    sums.given_patient[g, s, L_TREATMENT_DAYS] += fixed(attendances, FINE_UNIT)
    sums.given_patient[g, s, L_TREATMENT_DAYS_SQUARED] += fixed(attendances * attendances, COARSE_UNIT)
    sums.given_patient[g, s, L_SHARE_IN_TREATMENT] += fixed(share, FINE_UNIT)
    sums.given_patient[g, s, L_SHARE_IN_TREATMENT_SQUARED] += fixed(share * share, FINE_UNIT)


@step
def tally_events(trajectory, end, period_ends, count, g, s, w):
    """Flares, skeletal events and operations, by period."""
    for k in range(trajectory.n_courses):
        if trajectory.flare_start[k] < end:
            count[g, s, period_of(trajectory.flare_start[k], period_ends), I_FLARES] += w
    if trajectory.fracture < end:
        count[g, s, period_of(trajectory.fracture, period_ends), I_FRACTURES] += w
    if trajectory.cord_compression < end:
        count[g, s, period_of(trajectory.cord_compression, period_ends), I_CORD_COMPRESSIONS] += w
    if trajectory.surgery < end:
        count[g, s, period_of(trajectory.surgery, period_ends), I_OPERATIONS] += w * int(trajectory.n_operations)


@step
def tally_days_in_response(trajectory, end, days_in_response, sums, g, s, w):
    """Days in response, in all and of those who respond to the index course. ``sums``: (group, schedule, patient sum)."""
    sums[g, s, L_DAYS_IN_RESPONSE] += w * fixed(days_in_response, FINE_UNIT)
    if responds_before(trajectory, end):
        sums[g, s, L_RESPONDER_DAYS_IN_RESPONSE] += w * fixed(days_in_response, FINE_UNIT)


@step
def responds_before(trajectory, end):
    """Did the index course bring a response before ``end``?"""
    return responded(trajectory) & (trajectory.onset[0] < end)
