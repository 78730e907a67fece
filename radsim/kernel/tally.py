"""Stage 8, tally: one life added to the sums of its block. Lives and observations are only read here.

Integers are exact in any order; the floating sums are added patient by patient within a block, and block by block outside, so that
no layout of threads can change a bit.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim.compiled import room, step
from radsim.endpoints import COMPLETE as SEEN_COMPLETE
from radsim.endpoints import PARTIAL as SEEN_PARTIAL
from radsim.kernel.chronicle import SNAP_DOSE, SNAP_PAIN, SNAP_RESPONDING
from radsim.kernel.layout import (
    COMPLETE,
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
    I_ACUTE_TOXICITY,
    I_CORD_COMPRESSIONS,
    I_COURSES,
    I_DEATHS,
    I_DEXAMETHASONE_COURSES,
    I_FLARES,
    I_FOLLOW_UP_VISITS,
    I_FRACTIONS,
    I_FRACTURES,
    I_HYPERGLYCAEMIAS,
    I_OPERATIONS,
    I_OPIOID_MG,
    L_DAYS_ALIVE,
    L_DAYS_ALIVE_SQUARED,
    L_DAYS_IN_RESPONSE,
    L_RESPONDER_DAYS_ALIVE,
    L_RESPONDER_DAYS_IN_RESPONSE,
    L_SHARE_IN_TREATMENT,
    L_SHARE_IN_TREATMENT_SQUARED,
    L_TREATMENT_DAYS,
    L_TREATMENT_DAYS_SQUARED,
)  # fmt: skip
from radsim.kernel.live import responded
from radsim.kernel.observe import UNSEEN, best

HEADLINE_DAYS = 84.0  # the headline endpoint looks at 12 weeks: a definition


class Totals(NamedTuple):
    """Sums over the patients of a block (or, with a batch dimension after the first, of a draw)."""

    n: np.ndarray  # (group,) patients
    flag: np.ndarray  # (group, schedule, flag) patients
    visit: np.ndarray  # (group, schedule, visit, measure, visit count) patients
    endpoint: np.ndarray  # (group, schedule, endpoint, endpoint count) patients
    time_count: np.ndarray  # (group, schedule, time, time count) patients
    time_sum: np.ndarray  # (group, schedule, time, time sum)
    life: np.ndarray  # (group, schedule, life sum)
    occupancy: np.ndarray  # (group, schedule, period, state) d
    count: np.ndarray  # (group, schedule, period, item)
    onset_histogram: np.ndarray  # (group, schedule, day) responders
    relapse_histogram: np.ndarray  # (group, schedule, day) responders
    censor_histogram: np.ndarray  # (group, schedule, day) responders


@step
def tally_flags(life, index_best, best_with_repeats, horizon, flag, g, s):
    """What happened at least once, to the horizon. ``flag``: (group, schedule, flag)."""
    end = min(life.time_to_death, horizon)
    flag[g, s, F_RESPONSE] += index_best >= SEEN_PARTIAL
    flag[g, s, F_COMPLETE] += index_best >= SEEN_COMPLETE
    flag[g, s, F_RESPONSE_INCLUDING_RETREATMENT] += best_with_repeats >= SEEN_PARTIAL
    flag[g, s, F_COMPLETE_INCLUDING_RETREATMENT] += best_with_repeats >= SEEN_COMPLETE
    latent = responded(life) & (life.onset[0] <= HEADLINE_DAYS) & (life.onset[0] < life.surgery)
    flag[g, s, F_LATENT_RESPONSE] += latent
    flag[g, s, F_LATENT_COMPLETE] += latent & (life.response_class[0] == COMPLETE)
    flag[g, s, F_RESPONDER] += responded(life) & (life.onset[0] < end)
    flag[g, s, F_RETREATMENT] += (life.n_courses > 1) & (life.start[1] < end)
    flag[g, s, F_FRACTURE] += life.fracture < end
    flag[g, s, F_CORD_COMPRESSION] += life.cord_compression < end
    flare = life.flare_start[0] < life.time_to_death
    flag[g, s, F_FLARE] += flare
    flag[g, s, F_FLARE_MISSING_AS_FLARE] += flare | (life.diary_missing == 1)
    flag[g, s, F_FLARE_MISSING_AS_NONE] += flare & (life.diary_missing == 0)
    flag[g, s, F_TOXICITY] += life.toxicity[0] > 0.0
    flag[g, s, F_DIED] += life.time_to_death < horizon


@step
def tally_visits(category, measures, visit, g, s):
    """Categories at each visit. ``visit``: (group, schedule, visit, measure, visit count)."""
    for m in range(len(measures)):
        if measures[m]:
            for v in range(len(category)):
                visit[g, s, v, m, 0] += category[v, m] > UNSEEN
                visit[g, s, v, m, 1] += category[v, m] >= SEEN_PARTIAL
                visit[g, s, v, m, 2] += category[v, m] >= SEEN_COMPLETE


@step
def tally_first_responses(category, seen, measures, visit, g, s):
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
                visit[g, s, v, m, 3] += not overall
                visit[g, s, v, m, 4] += responds & (not overall)
                visit[g, s, v, m, 5] += not complete
                visit[g, s, v, m, 6] += completely & (not complete)
                overall |= responds
                complete |= completely


@step
def tally_endpoints(category, endpoints, endpoint, g, s):
    """Best category over the visits of each declared endpoint: rows (measure, first visit, last visit)."""
    for r in range(len(endpoints)):
        result = best(category, endpoints[r, 0], endpoints[r, 1], endpoints[r, 2])
        endpoint[g, s, r, 0] += result > UNSEEN
        endpoint[g, s, r, 1] += result >= SEEN_PARTIAL
        endpoint[g, s, r, 2] += result >= SEEN_COMPLETE


@step
def tally_times(life, times, snapshots, time_count, time_sum, g, s):
    """What has happened by each time, and the state of those who live. Shapes (group, schedule, time, …)."""
    for i in range(len(times)):
        if life.time_to_death <= times[i]:
            break
        pain, dose = snapshots[i, SNAP_PAIN], snapshots[i, SNAP_DOSE]
        time_count[g, s, i, 0] += 1
        time_count[g, s, i, 4] += int(snapshots[i, SNAP_RESPONDING])
        time_sum[g, s, i, 0] += pain
        time_sum[g, s, i, 1] += pain * pain
        time_sum[g, s, i, 2] += dose
        time_sum[g, s, i, 3] += dose * dose
    if life.n_courses > 1:
        add_from(life.start[1], times, 1, time_count, g, s)
    if life.fracture < math.inf:
        add_from(life.fracture, times, 2, time_count, g, s)
    if life.cord_compression < math.inf:
        add_from(life.cord_compression, times, 3, time_count, g, s)


@step
def tally_at_risk(life, times, time_count, g, s):
    """The living to whom an event has not happened yet, at each time, for the actuarial estimate."""
    retreated = life.start[1] if life.n_courses > 1 else math.inf
    for i in range(len(times)):
        alive = life.time_to_death > times[i]
        time_count[g, s, i, 5] += alive & (retreated > times[i])
        time_count[g, s, i, 6] += alive & (life.fracture > times[i])
        time_count[g, s, i, 7] += alive & (life.cord_compression > times[i])


@step
def add_from(event, times, column, time_count, g, s):
    """Count an event at every time from it on."""
    for i in range(len(times)):
        time_count[g, s, i, column] += event <= times[i]


@room
def tally_segments(chronicle, occupancy, count, g, s):
    """Time in each joint cell and opioid taken, period by period. Shapes (group, schedule, period, …)."""
    for i in range(chronicle.n_segments[0]):
        occupancy[g, s, chronicle.period[i], chronicle.state[i]] += chronicle.days[i]
        count[g, s, chronicle.period[i], I_OPIOID_MG] += chronicle.opioid_mg[i]


@step
def period_of(t, period_ends):
    """Index of the period that holds ``t``, which is before the horizon."""
    period = 0
    while t >= period_ends[period]:
        period += 1
    return period


@step
def tally_courses(life, end, period_ends, count, g, s):
    """Courses, their fractions, toxicity and flares by period; returns the attendances for radiotherapy."""
    attendances = 0.0
    for k in range(life.n_courses):
        if life.start[k] >= end:
            break
        attendances += life.fractions_given[k]
        period = period_of(life.start[k], period_ends)
        count[g, s, period, I_COURSES] += life.irradiated
        count[g, s, period, I_FRACTIONS] += life.fractions_given[k]
        count[g, s, period, I_ACUTE_TOXICITY] += life.toxicity[k]
        if life.flare_start[k] < end:
            count[g, s, period_of(life.flare_start[k], period_ends), I_FLARES] += 1.0
    return attendances


@step
def tally_events(life, modifiers, end, period_ends, count, g, s):
    """Skeletal events, operations and deaths by period, and what came with the index course."""
    if life.fracture < end:
        count[g, s, period_of(life.fracture, period_ends), I_FRACTURES] += 1.0
    if life.cord_compression < end:
        count[g, s, period_of(life.cord_compression, period_ends), I_CORD_COMPRESSIONS] += 1.0
    if life.surgery < end:
        count[g, s, period_of(life.surgery, period_ends), I_OPERATIONS] += life.n_operations
    if life.time_to_death < period_ends[-1]:
        count[g, s, period_of(life.time_to_death, period_ends), I_DEATHS] += 1.0
    count[g, s, 0, I_DEXAMETHASONE_COURSES] += modifiers.dexamethasone_courses
    count[g, s, 0, I_HYPERGLYCAEMIAS] += modifiers.hyperglycaemias


@step
def tally_follow_up(seen, visit_days, end, period_ends, count, g, s):
    """Charts that came back, by period."""
    period = 0
    for v in range(len(visit_days)):
        if visit_days[v] >= end:
            break
        while visit_days[v] >= period_ends[period]:
            period += 1
        count[g, s, period, I_FOLLOW_UP_VISITS] += seen[v]


@step
def tally_life(life, end, days_in_response, attendances, sums, g, s):
    """Sums over whole lives. ``sums``: (group, schedule, life sum)."""
    share = attendances / max(end, 1.0)  # a life shorter than a day still holds a day
    sums[g, s, L_DAYS_ALIVE] += end
    sums[g, s, L_DAYS_ALIVE_SQUARED] += end * end
    sums[g, s, L_DAYS_IN_RESPONSE] += days_in_response
    sums[g, s, L_TREATMENT_DAYS] += attendances
    sums[g, s, L_TREATMENT_DAYS_SQUARED] += attendances * attendances
    sums[g, s, L_SHARE_IN_TREATMENT] += share
    sums[g, s, L_SHARE_IN_TREATMENT_SQUARED] += share * share
    if responded(life) and life.onset[0] < end:
        sums[g, s, L_RESPONDER_DAYS_ALIVE] += end
        sums[g, s, L_RESPONDER_DAYS_IN_RESPONSE] += days_in_response


@step
def tally_durations(life, end, onset, relapse, censor, g, s):
    """Histograms by whole days of the time to response and of its duration, censored at death, retreatment and horizon."""
    if not (responded(life) & (life.onset[0] < end)):
        return
    last = onset.shape[2] - 1
    onset[g, s, min(last, int(life.onset[0]))] += 1
    stop = end
    if life.n_courses > 1:
        stop = min(stop, life.start[1])
    if life.relapse[0] < stop:
        relapse[g, s, min(last, int(life.relapse[0] - life.onset[0]))] += 1
    else:
        censor[g, s, min(last, int(max(stop - life.onset[0], 0.0)))] += 1
