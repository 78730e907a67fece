"""Stage 8, tally: trajectories added to the sums. Trajectories and what was observed of them are only read here.

Every sum is an integer, days and milligrams in units of 2**-20: exact in any order and any grouping, so that neither threads nor blocks
nor the other schedules of a study can change a bit. Sums are therefore stored as differences between consecutive schedules: a trajectory
that is identical under schedules s to t adds +1 at s and -1 at t + 1, and a cumulative sum restores the totals.
"""

from __future__ import annotations

import math

from radsim.compiled import inline_step, step
from radsim.kernel.effects import period_of
from radsim.kernel.layout import (
    COARSE_UNIT,
    COMPLETE,
    DAYS_PER_YEAR,
    F_COMPLETE,
    F_COMPLETE_INCLUDING_RETREATMENT,
    F_CORD_COMPRESSION,
    F_DIED,
    F_FLARE,
    F_FLARE_MISSING_AS_FLARE,
    F_FLARE_MISSING_AS_NONE,
    F_FRACTURE,
    F_LATENT_COMPLETE,
    F_LATENT_RESPONSE,
    F_RESPONDER,
    F_RESPONSE,
    F_RESPONSE_INCLUDING_RETREATMENT,
    F_RETREATMENT,
    F_TOXICITY,
    FINE_UNIT,
    HEADLINE_DAYS,
    I_ACUTE_TOXICITY,
    I_CORD_COMPRESSIONS,
    I_COURSES,
    I_DEATHS,
    I_FLARES,
    I_FOLLOW_UP_VISITS,
    I_FRACTIONS,
    I_FRACTURES,
    I_OPERATIONS,
    I_OPIOID_MG,
    L_DAYS_ALIVE,
    L_DAYS_ALIVE_SQUARED,
    L_DAYS_IN_RESPONSE,
    L_MORPHINE_AT_START,
    L_PAIN_AT_START,
    L_RESPONDER_DAYS_ALIVE,
    L_RESPONDER_DAYS_IN_RESPONSE,
    L_SHARE_IN_TREATMENT,
    L_SHARE_IN_TREATMENT_SQUARED,
    L_TREATMENT_DAYS,
    L_TREATMENT_DAYS_SQUARED,
    MALE,
    PARTIAL,
    UNSEEN,
)  # fmt: skip
from radsim.kernel.observe import best
from radsim.kernel.segments import SNAP_DOSE, SNAP_PAIN, SNAP_RESPONSE
from radsim.kernel.trajectory import responded
from radsim.maths.measures import COMPLETE as SEEN_COMPLETE
from radsim.maths.measures import PARTIAL as SEEN_PARTIAL


@step
def fixed(x, scale):
    """``x`` >= 0 in whole units of 1 / ``scale``, to the nearest."""
    return int(x * scale + 0.5)


@step
def tally_flags(trajectory, index_best, best_with_repeats, horizon, flag, g, s, w):
    """What happened at least once, to the horizon. ``flag``: (group, schedule, flag)."""
    end = min(trajectory.time_to_death, horizon)
    flag[g, s, F_RESPONSE] += w * (index_best >= SEEN_PARTIAL)
    flag[g, s, F_COMPLETE] += w * (index_best >= SEEN_COMPLETE)
    flag[g, s, F_RESPONSE_INCLUDING_RETREATMENT] += w * (best_with_repeats >= SEEN_PARTIAL)
    flag[g, s, F_COMPLETE_INCLUDING_RETREATMENT] += w * (best_with_repeats >= SEEN_COMPLETE)
    latent = responded(trajectory) & (trajectory.onset[0] <= HEADLINE_DAYS) & (trajectory.onset[0] < trajectory.surgery)
    flag[g, s, F_LATENT_RESPONSE] += w * (latent)
    flag[g, s, F_LATENT_COMPLETE] += w * (latent & (trajectory.response_class[0] == COMPLETE))
    flag[g, s, F_RESPONDER] += w * responds_before(trajectory, end)
    flag[g, s, F_RETREATMENT] += w * ((trajectory.n_courses > 1) & (trajectory.start[1] < end))
    flag[g, s, F_FRACTURE] += w * (trajectory.fracture < end)
    flag[g, s, F_CORD_COMPRESSION] += w * (trajectory.cord_compression < end)
    flare = trajectory.flare_start[0] < trajectory.time_to_death
    flag[g, s, F_FLARE] += w * (flare)
    flag[g, s, F_FLARE_MISSING_AS_FLARE] += w * (flare | (trajectory.diary_missing == 1))
    flag[g, s, F_FLARE_MISSING_AS_NONE] += w * (flare & (trajectory.diary_missing == 0))
    flag[g, s, F_DIED] += w * (trajectory.time_to_death < horizon)


@step
def tally_visits(category, measures, visit, g, s, w):
    """Categories at each visit. ``visit``: (group, schedule, visit, measure, visit count)."""
    for m in range(len(measures)):
        if measures[m]:
            for v in range(len(category)):
                visit[g, s, v, m, 0] += w * (category[v, m] > UNSEEN)
                visit[g, s, v, m, 1] += w * (category[v, m] >= SEEN_PARTIAL)
                visit[g, s, v, m, 2] += w * (category[v, m] >= SEEN_COMPLETE)


@step
def tally_first_responses(category, seen, measures, visit, g, s, w):
    """First responses and those still at risk of one, at each visit up to the last seen, for the actuarial estimate."""
    last_seen = -1
    for v in range(len(seen)):
        last_seen = v if seen[v] else last_seen
    for m in range(len(measures)):
        if measures[m]:
            overall = False
            complete = False
            for v in range(last_seen + 1):
                responds = category[v, m] >= SEEN_PARTIAL
                completely = category[v, m] >= SEEN_COMPLETE
                visit[g, s, v, m, 3] += w * (not overall)
                visit[g, s, v, m, 4] += w * (responds & (not overall))
                visit[g, s, v, m, 5] += w * (not complete)
                visit[g, s, v, m, 6] += w * (completely & (not complete))
                overall |= responds
                complete |= completely


@step
def tally_endpoints(category, endpoints, endpoint, g, s, w):
    """Best category over the visits of each declared endpoint: rows (measure, first visit, last visit)."""
    for r in range(len(endpoints)):
        result = best(category, endpoints[r, 0], endpoints[r, 1], endpoints[r, 2])
        endpoint[g, s, r, 0] += w * (result > UNSEEN)
        endpoint[g, s, r, 1] += w * (result >= SEEN_PARTIAL)
        endpoint[g, s, r, 2] += w * (result >= SEEN_COMPLETE)


@step
def tally_times(trajectory, times, snapshots, time_count, time_sum, g, s, w):
    """What has happened by each time, and the state of those who live. Shapes (group, schedule, time, …)."""
    for i in range(len(times)):
        if trajectory.time_to_death <= times[i]:
            break
        pain, dose = snapshots[i, SNAP_PAIN], snapshots[i, SNAP_DOSE]
        time_count[g, s, i, 0] += w * (1)
        time_count[g, s, i, 4] += w * (snapshots[i, SNAP_RESPONSE] >= PARTIAL)
        time_count[g, s, i, 8] += w * (snapshots[i, SNAP_RESPONSE] >= COMPLETE)
        time_sum[g, s, i, 0] += w * fixed(pain, FINE_UNIT)
        time_sum[g, s, i, 1] += w * fixed(pain * pain, COARSE_UNIT)
        time_sum[g, s, i, 2] += w * fixed(dose, FINE_UNIT)
        time_sum[g, s, i, 3] += w * fixed(dose * dose, COARSE_UNIT)
    if trajectory.n_courses > 1:
        add_from(trajectory.start[1], times, 1, time_count, g, s, w)
    if trajectory.fracture < math.inf:
        add_from(trajectory.fracture, times, 2, time_count, g, s, w)
    if trajectory.cord_compression < math.inf:
        add_from(trajectory.cord_compression, times, 3, time_count, g, s, w)


@step
def tally_at_risk(trajectory, times, time_count, g, s, w):
    """The living to whom an event has not happened yet, at each time, for the actuarial estimate."""
    retreated = trajectory.start[1] if trajectory.n_courses > 1 else math.inf
    for i in range(len(times)):
        alive = trajectory.time_to_death > times[i]
        time_count[g, s, i, 5] += w * (alive & (retreated > times[i]))
        time_count[g, s, i, 6] += w * (alive & (trajectory.fracture > times[i]))
        time_count[g, s, i, 7] += w * (alive & (trajectory.cord_compression > times[i]))


@step
def add_from(event, times, column, time_count, g, s, w):
    """Count an event at every time from it on."""
    for i in range(len(times)):
        time_count[g, s, i, column] += w * (event <= times[i])


@inline_step
def tally_segments(segments, occupancy, count, g, s, w):
    """Time in each joint cell and opioid taken, period by period. Shapes (group, schedule, period, …)."""
    for i in range(segments.n_segments[0]):
        occupancy[g, s, segments.period[i], segments.state[i]] += w * fixed(segments.days[i], FINE_UNIT)
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
    """Flares, skeletal events, operations and deaths, by period."""
    for k in range(trajectory.n_courses):
        if trajectory.flare_start[k] < end:
            count[g, s, period_of(trajectory.flare_start[k], period_ends), I_FLARES] += w
    if trajectory.fracture < end:
        count[g, s, period_of(trajectory.fracture, period_ends), I_FRACTURES] += w
    if trajectory.cord_compression < end:
        count[g, s, period_of(trajectory.cord_compression, period_ends), I_CORD_COMPRESSIONS] += w
    if trajectory.surgery < end:
        count[g, s, period_of(trajectory.surgery, period_ends), I_OPERATIONS] += w * int(trajectory.n_operations)
    if trajectory.time_to_death < period_ends[-1]:
        count[g, s, period_of(trajectory.time_to_death, period_ends), I_DEATHS] += w


@step
def tally_follow_up(seen, visit_days, end, period_ends, count, g, s, w):
    """Questionnaires that came back, by period."""
    period = 0
    for v in range(len(visit_days)):
        if visit_days[v] >= end:
            break
        while visit_days[v] >= period_ends[period]:
            period += 1
        count[g, s, period, I_FOLLOW_UP_VISITS] += w * int(seen[v])


@step
def tally_patient(trajectory, patient, end, sums, g, s, w):
    """Sums over whole trajectories. ``sums``: (group, schedule, patient sum)."""
    sums[g, s, L_DAYS_ALIVE] += w * fixed(end, FINE_UNIT)
    sums[g, s, L_DAYS_ALIVE_SQUARED] += w * fixed(end * end, COARSE_UNIT)
    sums[g, s, L_PAIN_AT_START] += w * fixed(trajectory.pain, FINE_UNIT)
    sums[g, s, L_MORPHINE_AT_START] += w * fixed(patient.morphine_equivalent, FINE_UNIT)
    if responds_before(trajectory, end):
        sums[g, s, L_RESPONDER_DAYS_ALIVE] += w * fixed(end, FINE_UNIT)


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


@step
def tally_durations(trajectory, end, onset, relapse, censor, g, s, w):
    """Histograms by whole days of the time to response and of its duration, censored at death, retreatment and horizon."""
    if not responds_before(trajectory, end):
        return
    last = onset.shape[2] - 1
    onset[g, s, min(last, int(trajectory.onset[0]))] += w
    stop = end
    if trajectory.n_courses > 1:
        stop = min(stop, trajectory.start[1])
    if trajectory.relapse[0] < stop:
        relapse[g, s, min(last, int(trajectory.relapse[0] - trajectory.onset[0]))] += w
    else:
        censor[g, s, min(last, int(max(stop - trajectory.onset[0], 0.0)))] += w
