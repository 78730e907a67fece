"""Runs: a trajectory that is the same under some schedules in a row is read once, and added to the sums of all of them.

Runs wait until a page of them is full, are read side by side, and added up together. With care, and after more than one repeat, a trajectory is
read alone, and what was read of it waits in the page.
"""

from __future__ import annotations

import math

from radsim.compiled import apart, inline_step, step
from radsim.kernel.columns import reading, write_column
from radsim.kernel.layout import COURSES_SHOWN, WIDTH, whole
from radsim.kernel.observe import best_with_repeats, observe
from radsim.kernel.segments import write_at_times, write_segments
from radsim.kernel.side_by_side import advance, enter_lane, free_lane, read_at_times, read_at_visits
from radsim.kernel.tally import (
    responds_before,
    tally_days_in_response,
    tally_events,
    tally_segments,
)
from radsim.kernel.tally_page import tally_page

ADDED, TAKEN_BACK = whole(1), whole(-1)  # weights of a trajectory in the sums
OF_PATIENT, SINCE, UNTIL = range(3)
FIRST_WAITING, AFTER_LAST, IN_PAGE = range(3)


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
def enter_page(j, place, patients, protocol, p, work):
    """The trajectory at a place into column ``j`` of the page, and what was seen of it."""
    trajectory, patient = work.trajectories[place], patients[work.runs[place, OF_PATIENT]]
    since, seen, readings = work.runs[place, SINCE], work.seen[place], work.readings
    visit_days, observed = protocol.visit_days[since], readings.observed[0]
    write_column(readings.page[0], j, trajectory, patient.morphine_equivalent)
    observed.stated[j], observed.surgery[j] = patient.pain, trajectory.surgery
    observed.retreated[j] = trajectory.start[1] if trajectory.n_courses > 1 else math.inf
    observed.diary_missing[j], observed.group[j] = trajectory.diary_missing, patient.subgroup
    observed.since[j], observed.until[j] = since, work.runs[place, UNTIL]
    observed.best_with_repeats[j] = best_with_repeats(trajectory, patient, visit_days, seen, protocol.n_headline, p)
    for v in range(len(seen)):
        readings.visit_days[v, j] = visit_days[v]
        readings.seen[v, j] = seen[v]


@inline_step
def tally_on_days(place, patient, alone, protocol, work, sums):
    """Add the events of a trajectory, each in its period; and its segments if it is read alone."""
    trajectory, g, period_ends = work.trajectories[place], patient.subgroup, protocol.period_ends
    end = min(trajectory.time_to_death, period_ends[-1])
    for w in (ADDED, TAKEN_BACK):
        s = work.runs[place, SINCE] if w == ADDED else work.runs[place, UNTIL]
        if s == len(protocol.schedules):
            return
        if alone:
            tally_segments(work.segments, sums.occupancy, sums.count, g, s, w)
            tally_days_in_response(trajectory, end, work.segments.days_in_response[0], sums.patient, g, s, w)
        tally_events(trajectory, end, period_ends, sums.count, g, s, w)


@inline_step
def read_alone(j, patients, protocol, p, work, sums):
    """Read the first trajectory that waits by itself, into column ``j`` of the page."""
    place = place_of(work.waiting[FIRST_WAITING], work)
    trajectory, patient = work.trajectories[place], patients[work.runs[place, OF_PATIENT]]
    end, readings = min(trajectory.time_to_death, protocol.period_ends[-1]), work.readings
    enter_page(j, place, patients, protocol, p, work)
    observe(
        trajectory, patient, protocol.visit_days[work.runs[place, SINCE]], p, j, readings.scores, readings.visit_doses
    )
    write_at_times(trajectory, patient, protocol.times, p, j, readings.at_times, readings.classes)
    write_segments(trajectory, patient, end, protocol.period_ends, p, work.segments)
    tally_on_days(place, patient, True, protocol, work, sums)
    work.waiting[FIRST_WAITING] += 1


@inline_step
def read_page(n, patients, protocol, p, work, sums):
    """Read the first ``n`` trajectories that wait side by side, and send each on its way from segment to segment."""
    q = reading(p)
    readings = work.readings
    for j in range(n):
        enter_page(j, place_of(work.waiting[FIRST_WAITING] + j, work), patients, protocol, p, work)
    read_at_visits(readings.page[0], readings.visit_days, readings.scores, readings.visit_doses, q)
    read_at_times(readings.page[0], protocol.times, readings.at_times, readings.classes, q)
    for j in range(n):
        place = place_of(work.waiting[FIRST_WAITING] + j, work)
        trajectory, patient = work.trajectories[place], patients[work.runs[place, OF_PATIENT]]
        alone = trajectory.n_courses > COURSES_SHOWN
        end = min(trajectory.time_to_death, protocol.period_ends[-1])
        if alone:
            write_at_times(trajectory, patient, protocol.times, p, j, readings.at_times, readings.classes)
            write_segments(trajectory, patient, end, protocol.period_ends, p, work.segments)
        else:
            page, lanes = work.under_way[0], work.lanes[0]
            lane = free_lane(page, lanes, protocol.period_ends, sums, q)
            since, until = work.runs[place, SINCE], work.runs[place, UNTIL]
            responds = responds_before(trajectory, end)
            enter_lane(
                page, lanes, lane, trajectory, patient, since, until, responds, end, protocol.period_ends, sums.count
            )  # fmt: skip
        tally_on_days(place, patient, alone, protocol, work, sums)
    tally_page(n, protocol, readings, sums)
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
            read_alone(work.waiting[IN_PAGE], patients, protocol, p, work, sums)
            work.waiting[IN_PAGE] += 1
            if work.waiting[IN_PAGE] == WIDTH:
                tally_page(work.waiting[IN_PAGE], protocol, work.readings, sums)
                work.waiting[IN_PAGE] = 0
        work.waiting[FIRST_WAITING] = work.waiting[AFTER_LAST] = 0  # few places, which stay in the first-level cache
    else:
        while work.waiting[AFTER_LAST] - work.waiting[FIRST_WAITING] >= at_least:
            n = min(WIDTH, work.waiting[AFTER_LAST] - work.waiting[FIRST_WAITING])
            read_page(n, patients, protocol, p, work, sums)


@step
def finish_reading(caring, protocol, p, work, sums):
    """Take every trajectory that is on its way to its end, and add up what is left in the page."""
    if caring is None:
        q = reading(p)
        page, lanes = work.under_way[0], work.lanes[0]
        while advance(page, lanes, protocol.period_ends, sums.occupancy, sums.count, sums.patient, q) > 0:
            pass
    elif work.waiting[IN_PAGE] > 0:
        tally_page(work.waiting[IN_PAGE], protocol, work.readings, sums)
        work.waiting[IN_PAGE] = 0
