"""Trajectories read side by side: at their visits, on the days asked for, and segment by segment.

Each of the loops marked so is a loop over the columns of a page (see `radsim.kernel.columns`) that the compiler makes vector code of; a test reads
whether it did. What it calls are the steps that read a single trajectory.
"""

from __future__ import annotations

from radsim.compiled import apart, inline_step
from radsim.kernel.analgesic import dose_by_course
from radsim.kernel.changes import next_change_of_course
from radsim.kernel.columns import column, write_column
from radsim.kernel.layout import (
    COARSE_UNIT,
    FINE_UNIT,
    I_OPIOID_MG,
    INDEX_ALONE,
    L_DAYS_IN_RESPONSE,
    L_RESPONDER_DAYS_IN_RESPONSE,
    N_STATES,
    WIDTH,
    whole,
)
from radsim.kernel.pain import in_response, pain_by_course, response_at
from radsim.kernel.report import stated_pain
from radsim.kernel.segments import joint_state
from radsim.kernel.tally import cell_of
from radsim.kernel.units import fixed

FIRST_PERIOD = whole(0)


@apart
def read_at_visits(page, days, scores, doses, q):
    """Score stated and dose of every column at its visits, of the index course alone. ``days``, ``scores``, ``doses``: (visit, column)."""
    for v in range(len(days)):
        of_day, score, dose = days[v], scores[v], doses[v]
        for j in range(WIDTH):  # side by side
            one = column(page, j)
            day = of_day[j]
            score[j] = stated_pain(pain_by_course(day, one, INDEX_ALONE, q), one.deviation)
            dose[j] = dose_by_course(day, one, INDEX_ALONE, one.dose_at_start, q)


@apart
def read_at_times(page, times, at_times, classes, q):
    """Pain, dose and class of response of every column at some times; see `radsim.kernel.segments.write_at_times`."""
    for i in range(len(times)):
        t, rows, of_class = times[i], at_times[i], classes[i]
        for j in range(WIDTH):  # side by side
            one = column(page, j)
            pain = pain_by_course(t, one, one.n_courses, q)
            dose = dose_by_course(t, one, one.n_courses, one.dose_at_start, q)
            rows[j], rows[WIDTH + j] = fixed(pain, FINE_UNIT), fixed(pain * pain, COARSE_UNIT)
            rows[2 * WIDTH + j], rows[3 * WIDTH + j] = fixed(dose, FINE_UNIT), fixed(dose * dose, COARSE_UNIT)
            of_class[j] = response_at(t, one, one.n_courses)


@apart
def advance(page, lanes, period_ends, occupancy, count, patient, q):
    """Take every busy lane through its next segment, and add it to the sums; how many are still busy.

    ``occupancy``, ``count`` and ``patient`` are those of `Sums`. Who is in no lane any more stays at the end: segments of no length.
    """
    for j in range(WIDTH):  # side by side
        one = column(page, j)
        t = lanes.now[j]
        stop = min(lanes.edge[j], next_change_of_course(t, one, q))
        length = stop - t
        dose = dose_by_course(t + 0.5 * length, one, one.n_courses, one.dose_at_start, q)
        lanes.days[j] = fixed(length, FINE_UNIT)
        lanes.opioid_mg[j] += fixed(dose * length, FINE_UNIT)
        lanes.cell[j] = lanes.first_cell[j] + joint_state(t, pain_by_course(t, one, one.n_courses, q), one)
        lanes.days_in_response[j] += length * in_response(t, one, one.n_courses)
        lanes.now[j] = stop
    n_schedules, busy = count.shape[1], 0
    for j in range(WIDTH):
        occupancy[lanes.cell[j]] += lanes.days[j]
        if lanes.until[j] < n_schedules:
            occupancy[lanes.cell[j] + lanes.on_to_until[j]] -= lanes.days[j]
        if lanes.now[j] == lanes.edge[j] and lanes.busy[j]:
            end_of_period(lanes, j, period_ends, count, patient)
        busy += lanes.busy[j]
    return busy


@inline_step
def end_of_period(lanes, j, period_ends, count, patient):
    """Lane ``j`` adds the opioid taken in the period and begins the next; or it has come to the end, and adds its days in response."""
    g, s, until, period = lanes.group[j], lanes.since[j], lanes.until[j], lanes.period[j]
    opioid_mg, goes_on = lanes.opioid_mg[j], until < count.shape[1]
    count[g, s, period, I_OPIOID_MG] += opioid_mg
    if goes_on:
        count[g, until, period, I_OPIOID_MG] -= opioid_mg
    lanes.opioid_mg[j] = 0
    if lanes.now[j] < lanes.end[j]:
        lanes.period[j] = period + 1
        lanes.edge[j] = min(lanes.end[j], period_ends[period + 1])
        lanes.first_cell[j] += N_STATES
        return
    lanes.busy[j] = lanes.first_cell[j] = lanes.on_to_until[j] = 0  # the next table may be smaller
    days = fixed(lanes.days_in_response[j], FINE_UNIT)
    for_responder = days * lanes.responds[j]
    patient[g, s, L_DAYS_IN_RESPONSE] += days
    patient[g, s, L_RESPONDER_DAYS_IN_RESPONSE] += for_responder
    if goes_on:
        patient[g, until, L_DAYS_IN_RESPONSE] -= days
        patient[g, until, L_RESPONDER_DAYS_IN_RESPONSE] -= for_responder


@inline_step
def enter_lane(page, lanes, j, trajectory, patient, since, until, responds, end, period_ends, count):
    """A trajectory, followed to its ``end``, begins in lane ``j``. ``count``: that of `Sums`."""
    write_column(page, j, trajectory, patient.morphine_equivalent)
    lanes.now[j], lanes.end[j], lanes.days_in_response[j], lanes.opioid_mg[j] = 0.0, end, 0.0, 0
    lanes.edge[j] = min(end, period_ends[0])
    lanes.busy[j], lanes.period[j] = 1, 0
    lanes.group[j], lanes.responds[j] = patient.subgroup, responds
    lanes.since[j], lanes.until[j] = since, until
    lanes.first_cell[j] = cell_of(patient.subgroup, since, FIRST_PERIOD, count)
    lanes.on_to_until[j] = cell_of(patient.subgroup, until, FIRST_PERIOD, count) - lanes.first_cell[j]


@inline_step
def free_lane(page, lanes, period_ends, sums, q):
    """Number of a lane that is free, or becomes so."""
    while True:
        for j in range(WIDTH):
            if not lanes.busy[j]:
                return j
        advance(page, lanes, period_ends, sums.occupancy, sums.count, sums.patient, q)
