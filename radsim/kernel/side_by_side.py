"""Trajectories read side by side: at their visits, on the days asked for, and segment by segment.

Each of the loops marked so is a loop over the columns of a page (see `radsim.kernel.columns`) that the compiler makes vector code of; a test reads
whether it did. What it calls are the steps that read a single trajectory.
"""

from __future__ import annotations

from radsim.compiled import apart, inline_step
from radsim.kernel.analgesic import dose_by_course
from radsim.kernel.changes import next_change_of_course
from radsim.kernel.columns import DEATH, DOSE_AT_START, column, copy_column
from radsim.kernel.layout import FINE_UNIT, I_OPIOID_MG, INDEX_ALONE, L_DAYS_IN_RESPONSE, L_RESPONDER_DAYS_IN_RESPONSE
from radsim.kernel.pain import in_response, pain_by_course, response_at
from radsim.kernel.report import stated_pain
from radsim.kernel.segments import joint_state
from radsim.kernel.tally import fixed
from radsim.kernel.workspace import N_ROWS, WIDTH

NOW, EDGE, IN_RESPONSE = range(N_ROWS, N_ROWS + 3)
"""Rows that lanes have below those of a page: day reached, end of the period or of follow-up, and days in response so far. [d]"""
BUSY, GROUP, SINCE, UNTIL, RESPONDS, PERIOD, DAYS, OPIOID_MG, STATE = range(9)
"""Rows of the whole numbers of lanes: the trajectory's subgroup, first schedule and first schedule after it; of the last segment what the sums count."""


@apart
def read_at_visits(page, n_visits, days, scores, doses, q):
    """Score stated and dose of every column at its visits, of the index course alone. ``days``, ``scores``, ``doses``: rows (visit,)."""
    for v in range(n_visits):
        row = v * WIDTH
        for j in range(WIDTH):  # side by side
            one = column(page, j)
            day = days[row + j]
            scores[row + j] = stated_pain(pain_by_course(day, one, INDEX_ALONE, q), one.deviation)
            doses[row + j] = dose_by_course(day, one, INDEX_ALONE, page[DOSE_AT_START * WIDTH + j], q)


@apart
def read_at_times(page, times, pains, doses, classes, q):
    """Pain, dose and class of response of every column at some times. ``pains``, ``doses``, ``classes``: rows (time,)."""
    for i in range(len(times)):
        row = i * WIDTH
        t = times[i]
        for j in range(WIDTH):  # side by side
            one = column(page, j)
            pains[row + j] = pain_by_course(t, one, one.n_courses, q)
            doses[row + j] = dose_by_course(t, one, one.n_courses, page[DOSE_AT_START * WIDTH + j], q)
            classes[row + j] = response_at(t, one, one.n_courses)


@apart
def advance(page, numbers, period_ends, occupancy, count, patient, q):
    """Take every busy lane through its next segment, and add it to the sums; how many are still busy.

    ``page`` and ``numbers`` are those of `Lanes`, the next three arrays those of `Sums`.
    """
    for j in range(WIDTH):  # side by side
        one = column(page, j)
        t = page[NOW * WIDTH + j]
        stop = min(page[EDGE * WIDTH + j], next_change_of_course(t, one, q))
        length = stop - t
        dose = dose_by_course(t + 0.5 * length, one, one.n_courses, page[DOSE_AT_START * WIDTH + j], q)
        numbers[DAYS * WIDTH + j] = fixed(length, FINE_UNIT)
        numbers[OPIOID_MG * WIDTH + j] = fixed(dose * length, FINE_UNIT)
        numbers[STATE * WIDTH + j] = joint_state(t, pain_by_course(t, one, one.n_courses, q), one)
        page[IN_RESPONSE * WIDTH + j] += length * in_response(t, one, one.n_courses)
        page[NOW * WIDTH + j] = stop
    busy = 0
    for j in range(WIDTH):
        if numbers[BUSY * WIDTH + j]:
            tally_lane(numbers, j, occupancy, count)
            if page[NOW * WIDTH + j] == page[EDGE * WIDTH + j]:
                end_of_period(page, numbers, j, period_ends, patient)
            busy += numbers[BUSY * WIDTH + j]
    return busy


@inline_step
def tally_lane(numbers, j, occupancy, count):
    """Add the segment that lane ``j`` has come through under the schedules that it stands for."""
    g, s, period = numbers[GROUP * WIDTH + j], numbers[SINCE * WIDTH + j], numbers[PERIOD * WIDTH + j]
    until, state = numbers[UNTIL * WIDTH + j], numbers[STATE * WIDTH + j]
    days, opioid_mg = numbers[DAYS * WIDTH + j], numbers[OPIOID_MG * WIDTH + j]
    occupancy[g, s, period, state] += days
    count[g, s, period, I_OPIOID_MG] += opioid_mg
    if until < occupancy.shape[1]:
        occupancy[g, until, period, state] -= days
        count[g, until, period, I_OPIOID_MG] -= opioid_mg


@inline_step
def end_of_period(page, numbers, j, period_ends, patient):
    """Lane ``j`` begins the next period; or has come to the end, and its days in response are added."""
    end = min(page[DEATH * WIDTH + j], period_ends[-1])
    if page[NOW * WIDTH + j] < end:
        numbers[PERIOD * WIDTH + j] += 1
        page[EDGE * WIDTH + j] = min(end, period_ends[numbers[PERIOD * WIDTH + j]])
        return
    numbers[BUSY * WIDTH + j] = 0
    g, s, until = numbers[GROUP * WIDTH + j], numbers[SINCE * WIDTH + j], numbers[UNTIL * WIDTH + j]
    days = fixed(page[IN_RESPONSE * WIDTH + j], FINE_UNIT)
    for_responder = days * numbers[RESPONDS * WIDTH + j]
    patient[g, s, L_DAYS_IN_RESPONSE] += days
    patient[g, s, L_RESPONDER_DAYS_IN_RESPONSE] += for_responder
    if until < patient.shape[1]:
        patient[g, until, L_DAYS_IN_RESPONSE] -= days
        patient[g, until, L_RESPONDER_DAYS_IN_RESPONSE] -= for_responder


@inline_step
def enter_lane(page, numbers, j, other, column, group, since, until, responds, period_ends):
    """A column of another page begins in lane ``j``."""
    copy_column(other, column, page, j)
    page[NOW * WIDTH + j], page[IN_RESPONSE * WIDTH + j] = 0.0, 0.0
    page[EDGE * WIDTH + j] = min(other[DEATH * WIDTH + column], period_ends[0])
    numbers[BUSY * WIDTH + j], numbers[PERIOD * WIDTH + j] = 1, 0
    numbers[GROUP * WIDTH + j], numbers[RESPONDS * WIDTH + j] = group, responds
    numbers[SINCE * WIDTH + j], numbers[UNTIL * WIDTH + j] = since, until


@inline_step
def free_lane(page, numbers, period_ends, sums, q):
    """Number of a lane that is free, or becomes so."""
    while True:
        for j in range(WIDTH):
            if not numbers[BUSY * WIDTH + j]:
                return j
        advance(page, numbers, period_ends, sums.occupancy, sums.count, sums.patient, q)
