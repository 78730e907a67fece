"""Trajectories read side by side: at their visits, on the days asked for, and segment by segment.

Each of the loops marked so is a loop over the columns of a page (see `radsim.kernel.columns`) that the compiler makes vector code of; a test reads
whether it did. What it calls are the steps that read a single trajectory.
"""

from __future__ import annotations

from radsim.compiled import apart, inline_step
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.changes import next_change
from radsim.kernel.columns import DEATH, DOSE_AT_START, column, copy_column
from radsim.kernel.layout import FINE_UNIT, I_OPIOID_MG, INDEX_ALONE, L_DAYS_IN_RESPONSE, L_RESPONDER_DAYS_IN_RESPONSE
from radsim.kernel.pain import in_response, pain_at, response_at
from radsim.kernel.report import stated_pain
from radsim.kernel.segments import state_at
from radsim.kernel.tally import fixed
from radsim.kernel.workspace import WIDTH


@apart
def read_at_visits(page, n_visits, days, scores, doses, q):
    """Score stated and dose of every column at its visits, of the index course alone. ``days``, ``scores``, ``doses``: rows (visit,)."""
    for v in range(n_visits):
        row = v * WIDTH
        for j in range(WIDTH):  # side by side
            one = column(page, j)
            day = days[row + j]
            scores[row + j] = stated_pain(pain_at(day, one, INDEX_ALONE, q), one.deviation)
            doses[row + j] = morphine_equivalent_at(day, one, INDEX_ALONE, page[DOSE_AT_START * WIDTH + j], q)


@apart
def read_at_times(page, times, pains, doses, classes, q):
    """Pain, dose and class of response of every column at some times. ``pains``, ``doses``, ``classes``: rows (time,)."""
    for i in range(len(times)):
        row = i * WIDTH
        t = times[i]
        for j in range(WIDTH):  # side by side
            one = column(page, j)
            pains[row + j] = pain_at(t, one, one.n_courses, q)
            doses[row + j] = morphine_equivalent_at(t, one, one.n_courses, page[DOSE_AT_START * WIDTH + j], q)
            classes[row + j] = response_at(t, one, one.n_courses)


@apart
def next_segments(page, now, edge, days_in_response, days, opioid_mg, state, q):
    """The next segment of every column: from ``now``, which moves on, to its next change or ``edge``."""
    for j in range(WIDTH):  # side by side
        one = column(page, j)
        t = now[j]
        stop = min(edge[j], next_change(t, one, q))
        length = stop - t
        dose = morphine_equivalent_at(t + 0.5 * length, one, one.n_courses, page[DOSE_AT_START * WIDTH + j], q)
        days[j] = fixed(length, FINE_UNIT)
        opioid_mg[j] = fixed(dose * length, FINE_UNIT)
        state[j] = state_at(t, one, q)
        days_in_response[j] += length * in_response(t, one, one.n_courses)
        now[j] = stop


@inline_step
def tally_lane(lanes, j, sums):
    """Add the segment that lane ``j`` has come through under the schedules that it stands for."""
    g, s, until, period = lanes.group[j], lanes.since[j], lanes.until[j], lanes.period[j]
    sums.occupancy[g, s, period, lanes.state[j]] += lanes.days[j]
    sums.count[g, s, period, I_OPIOID_MG] += lanes.opioid_mg[j]
    if until < sums.count.shape[1]:
        sums.occupancy[g, until, period, lanes.state[j]] -= lanes.days[j]
        sums.count[g, until, period, I_OPIOID_MG] -= lanes.opioid_mg[j]


@inline_step
def leave_lane(lanes, j, sums):
    """A trajectory has come to its end: add its days in response."""
    g, s, until = lanes.group[j], lanes.since[j], lanes.until[j]
    days = fixed(lanes.days_in_response[j], FINE_UNIT)
    for_responder = days * lanes.responds[j]
    sums.patient[g, s, L_DAYS_IN_RESPONSE] += days
    sums.patient[g, s, L_RESPONDER_DAYS_IN_RESPONSE] += for_responder
    if until < sums.patient.shape[1]:
        sums.patient[g, until, L_DAYS_IN_RESPONSE] -= days
        sums.patient[g, until, L_RESPONDER_DAYS_IN_RESPONSE] -= for_responder
    lanes.busy[j] = 0


@inline_step
def enter_lane(lanes, j, page, number, group, since, until, responds, period_ends):
    """Column ``number`` of a page begins in lane ``j``."""
    copy_column(page, number, lanes.page, j)
    lanes.busy[j] = 1
    lanes.group[j], lanes.since[j], lanes.until[j], lanes.responds[j] = group, since, until, responds
    lanes.now[j], lanes.period[j], lanes.days_in_response[j] = 0.0, 0, 0.0
    lanes.edge[j] = min(page[DEATH * WIDTH + number], period_ends[0])


@inline_step
def advance(lanes, period_ends, sums, q):
    """Take every busy lane through its next segment; how many are still busy."""
    next_segments(
        lanes.page, lanes.now, lanes.edge, lanes.days_in_response, lanes.days, lanes.opioid_mg, lanes.state, q
    )
    busy = 0
    for j in range(WIDTH):
        if lanes.busy[j]:
            tally_lane(lanes, j, sums)
            if lanes.now[j] == lanes.edge[j]:
                end = min(lanes.page[DEATH * WIDTH + j], period_ends[-1])
                if lanes.now[j] < end:
                    lanes.period[j] += 1
                    lanes.edge[j] = min(end, period_ends[lanes.period[j]])
                else:
                    leave_lane(lanes, j, sums)
            busy += lanes.busy[j]
    return busy


@inline_step
def free_lane(lanes, period_ends, sums, q):
    """Number of a lane that is free, or becomes so."""
    while True:
        for j in range(WIDTH):
            if not lanes.busy[j]:
                return j
        advance(lanes, period_ends, sums, q)
