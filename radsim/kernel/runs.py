"""Runs: a trajectory that is the same under some schedules in a row is read once, and added to the sums of all of them.

Runs wait until a page of them is full, and are read side by side. With care, and after more than one repeat, a trajectory is read alone.
"""

from __future__ import annotations

from radsim.compiled import apart, inline_step, step
from radsim.kernel.columns import reading, write_column
from radsim.kernel.layout import COURSES_SHOWN, INDEX_ALONE, WIDTH, whole
from radsim.kernel.observe import best, best_with_repeats, judge, observe
from radsim.kernel.segments import SNAP_DOSE, SNAP_PAIN, SNAP_RESPONSE, write_segments, write_snapshots
from radsim.kernel.side_by_side import advance, enter_lane, free_lane, read_at_times, read_at_visits
from radsim.kernel.tally import (
    responds_before,
    tally_at_risk,
    tally_days_in_response,
    tally_durations,
    tally_endpoints,
    tally_events,
    tally_first_responses,
    tally_flags,
    tally_follow_up,
    tally_patient,
    tally_segments,
    tally_times,
    tally_visits,
)
from radsim.maths.measures import PAIN_SCORE

ADDED, TAKEN_BACK = whole(1), whole(-1)  # weights of a trajectory in the sums
OF_PATIENT, SINCE, UNTIL = range(3)
FIRST_WAITING, AFTER_LAST = range(2)


@inline_step
def place_of(run, work):
    """Place of a run in the circle of those that wait."""
    return run % len(work.trajectories)


@inline_step
def close_run(i, since, until, work):
    """The trajectory simulated last of patient ``i`` waits to be read."""
    run = work.waiting[AFTER_LAST]
    place = place_of(run, work)
    work.runs[place, OF_PATIENT], work.runs[place, SINCE], work.runs[place, UNTIL] = i, since, until
    work.waiting[AFTER_LAST] = run + 1


@inline_step
def tally_run(place, patient, alone, protocol, p, work, sums):
    """Add a trajectory that has been observed: from its first schedule on, and no longer where it ends. Its segments too if it is read alone."""
    trajectory, seen = work.trajectories[place], work.seen[place]
    g = patient.subgroup
    period_ends = protocol.period_ends
    end = min(trajectory.time_to_death, period_ends[-1])
    visit_days = protocol.visit_days[work.runs[place, SINCE]]
    last = protocol.n_headline - 1
    index_best = best(work.category, PAIN_SCORE, 0, last)
    with_repeats = best_with_repeats(
        trajectory, patient, visit_days, seen, index_best, last, protocol.measures, p, work.category_with_repeats
    )
    for w in (ADDED, TAKEN_BACK):
        s = work.runs[place, SINCE] if w == ADDED else work.runs[place, UNTIL]
        if s == len(protocol.schedules):
            return
        tally_visits(work.category, protocol.measures, sums.visit, g, s, w)
        if protocol.actuarial:
            tally_first_responses(work.category, seen, protocol.measures, sums.visit, g, s, w)
            tally_at_risk(trajectory, protocol.times, sums.time_count, g, s, w)
        tally_endpoints(work.category, protocol.endpoints, sums.endpoint, g, s, w)
        tally_flags(trajectory, index_best, with_repeats, period_ends[-1], sums.flag, g, s, w)
        tally_times(trajectory, protocol.times, work.segments.snapshots, sums.time_count, sums.time_sum, g, s, w)
        if alone:
            tally_segments(work.segments, sums.occupancy, sums.count, g, s, w)
            tally_days_in_response(trajectory, end, work.segments.days_in_response[0], sums.patient, g, s, w)
        tally_events(trajectory, end, period_ends, sums.count, g, s, w)
        tally_follow_up(seen, visit_days, end, period_ends, sums.count, g, s, w)
        tally_patient(trajectory, patient, end, sums.patient, g, s, w)
        tally_durations(trajectory, end, sums.onset_histogram, sums.relapse_histogram, sums.censor_histogram, g, s, w)


@inline_step
def read_alone(patients, protocol, p, work, sums):
    """Read the first trajectory that waits by itself."""
    place = place_of(work.waiting[FIRST_WAITING], work)
    trajectory, patient = work.trajectories[place], patients[work.runs[place, OF_PATIENT]]
    visit_days = protocol.visit_days[work.runs[place, SINCE]]
    end = min(trajectory.time_to_death, protocol.period_ends[-1])
    write_segments(trajectory, patient, end, protocol.period_ends, p, work.segments)
    write_snapshots(trajectory, patient, protocol.times, p, work.segments)
    observe(trajectory, patient, INDEX_ALONE, visit_days, work.seen[place], protocol.measures, p, work.category)
    tally_run(place, patient, True, protocol, p, work, sums)
    work.waiting[FIRST_WAITING] += 1


@inline_step
def fill_page(n, patients, protocol, work):
    """The first ``n`` trajectories that wait into the columns of the page."""
    for j in range(n):
        place = place_of(work.waiting[FIRST_WAITING] + j, work)
        patient = patients[work.runs[place, OF_PATIENT]]
        write_column(work.readings.page[0], j, work.trajectories[place], patient.morphine_equivalent)
        for v in range(protocol.visit_days.shape[1]):
            work.readings.visit_days[v * WIDTH + j] = protocol.visit_days[work.runs[place, SINCE], v]


@inline_step
def take_readings(j, trajectory, patient, seen, protocol, work):
    """What was read of column ``j`` to where it is added up from."""
    readings = work.readings
    for v in range(len(seen)):
        at = v * WIDTH + j
        before_surgery = readings.visit_days[at] < trajectory.surgery
        judge(
            v, readings.scores[at], readings.visit_doses[at], before_surgery, patient, seen, protocol.measures, work.category
        )  # fmt: skip
    for i in range(len(protocol.times)):
        work.segments.snapshots[i, SNAP_PAIN] = readings.pains[i * WIDTH + j]
        work.segments.snapshots[i, SNAP_DOSE] = readings.doses[i * WIDTH + j]
        work.segments.snapshots[i, SNAP_RESPONSE] = readings.classes[i * WIDTH + j]


@inline_step
def read_page(n, patients, protocol, p, work, sums):
    """Read the first ``n`` trajectories that wait side by side, and send each on its way from segment to segment."""
    q = reading(p)
    fill_page(n, patients, protocol, work)
    readings = work.readings
    read_at_visits(
        readings.page[0], protocol.visit_days.shape[1], readings.visit_days, readings.scores, readings.visit_doses, q
    )
    read_at_times(readings.page[0], protocol.times, readings.pains, readings.doses, readings.classes, q)
    for j in range(n):
        place = place_of(work.waiting[FIRST_WAITING] + j, work)
        trajectory, patient = work.trajectories[place], patients[work.runs[place, OF_PATIENT]]
        take_readings(j, trajectory, patient, work.seen[place], protocol, work)
        alone = trajectory.n_courses > COURSES_SHOWN
        end = min(trajectory.time_to_death, protocol.period_ends[-1])
        if alone:
            write_snapshots(trajectory, patient, protocol.times, p, work.segments)
            write_segments(trajectory, patient, end, protocol.period_ends, p, work.segments)
        else:
            page, lanes = work.under_way[0], work.lanes[0]
            lane = free_lane(page, lanes, protocol.period_ends, sums, q)
            since, until = work.runs[place, SINCE], work.runs[place, UNTIL]
            responds = responds_before(trajectory, end)
            enter_lane(page, lanes, lane, trajectory, patient, since, until, responds, protocol.period_ends)
        tally_run(place, patient, alone, protocol, p, work, sums)
    work.waiting[FIRST_WAITING] += n


@step
def read_those_who_wait(caring, patients, at_least, protocol, p, work, sums):
    """Read trajectories that wait, if there are ``at_least`` so many; alone where care may have written more than a page shows."""
    if work.waiting[AFTER_LAST] - work.waiting[FIRST_WAITING] >= at_least:
        read_now(caring, patients, at_least, protocol, p, work, sums)


@apart
def read_now(caring, patients, at_least, protocol, p, work, sums):
    """Read trajectories that wait, as long as there are ``at_least`` so many."""
    if caring is not None:
        while work.waiting[AFTER_LAST] > work.waiting[FIRST_WAITING]:
            read_alone(patients, protocol, p, work, sums)
        work.waiting[FIRST_WAITING] = work.waiting[AFTER_LAST] = 0  # few places, which stay in the first-level cache
    else:
        while work.waiting[AFTER_LAST] - work.waiting[FIRST_WAITING] >= at_least:
            n = min(WIDTH, work.waiting[AFTER_LAST] - work.waiting[FIRST_WAITING])
            read_page(n, patients, protocol, p, work, sums)


@step
def finish_reading(caring, protocol, p, work, sums):
    """Take every trajectory that is on its way to its end."""
    if caring is None:
        q = reading(p)
        page, lanes = work.under_way[0], work.lanes[0]
        while advance(page, lanes, protocol.period_ends, sums.occupancy, sums.count, sums.patient, q) > 0:
            pass
