"""Stage 6, segments: one trajectory cut into segments in which nothing changes, and read on the days asked for.

A segments of the same trajectory is the same under every schedule, so the next schedule may take it over (`same_trajectory`) instead of writing it
again; what it holds, to the bit, does not depend on that.
"""

from __future__ import annotations

from radsim.compiled import inline_step, step
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.changes import next_change
from radsim.kernel.effects import same_steps
from radsim.kernel.layout import COARSE_UNIT, FINE_UNIT, NEAR_DEATH_DAYS, RECENT_EVENT_DAYS, VERY_NEAR_DEATH_DAYS, WIDTH
from radsim.kernel.pain import in_response, pain_at, response_at, worst_pain
from radsim.kernel.trajectory import same_course
from radsim.kernel.units import fixed
from radsim.maths.endpoints import pain_category, reported


@step
def health_state(t, trajectory):
    """Index of the health state at ``t``: the graver event, recent or late."""
    if t >= trajectory.cord_compression:
        return 3 if t < trajectory.cord_compression + RECENT_EVENT_DAYS else 4
    if t >= trajectory.fracture:
        return 1 if t < trajectory.fracture + RECENT_EVENT_DAYS else 2
    return 0


@step
def death_distance(t, death):
    """Index of the nearness to death at ``t``."""
    # as numbers: uncompiled, numpy's truths add up to one
    return int(t >= death - VERY_NEAR_DEATH_DAYS) + int(t >= death - NEAR_DEATH_DAYS)


@step
def joint_state(t, pain, trajectory):
    """Index of the joint cell of somebody with a ``pain`` at ``t``: level of pain, health state and nearness to death."""
    level = pain_category(reported(pain))
    return (level * 5 + health_state(t, trajectory)) * 3 + death_distance(t, trajectory.time_to_death)


@inline_step
def write_segments(trajectory, patient, end, period_ends, p, segments):
    """Cut the trajectory up to ``end`` into segments of one period and one joint cell."""
    days_in_response = 0.0
    n = 0
    period = 0
    t = 0.0
    while t < end:
        # nothing changes inside a segment but the dose, and that linearly: its middle is its mean
        stop = min(min(end, period_ends[period]), next_change(t, trajectory, p))
        days = stop - t
        dose = morphine_equivalent_at(t + 0.5 * days, trajectory, trajectory.n_courses, patient.morphine_equivalent, p)
        segments.period[n] = period
        segments.state[n] = joint_state(t, worst_pain(t, trajectory, trajectory.n_courses, p), trajectory)
        segments.days[n] = days
        segments.opioid_mg[n] = dose * days
        days_in_response += days * in_response(t, trajectory, trajectory.n_courses)
        n += 1
        t = stop
        period += t == period_ends[period]
    segments.n_segments[0] = n
    segments.days_in_response[0] = days_in_response


@inline_step
def write_at_times(trajectory, patient, times, p, j, at_times, classes):
    """What is added up of a trajectory at each time, into column ``j`` of the page; none of what is read after death counts.

    ``at_times``: (time, time sum and column) in the units of the sums; ``classes``: (time, column) latent class of response.
    """
    n_courses = trajectory.n_courses
    for i in range(len(times)):
        t, rows = times[i], at_times[i]
        pain = pain_at(t, trajectory, n_courses, p)
        dose = morphine_equivalent_at(t, trajectory, n_courses, patient.morphine_equivalent, p)
        rows[j], rows[WIDTH + j] = fixed(pain, FINE_UNIT), fixed(pain * pain, COARSE_UNIT)
        rows[2 * WIDTH + j], rows[3 * WIDTH + j] = fixed(dose, FINE_UNIT), fixed(dose * dose, COARSE_UNIT)
        classes[i, j] = response_at(t, trajectory, n_courses)


@step
def same_trajectory(trajectory, other):
    """Are two trajectories of one patient equal in all that is counted or observed? Only asked of trajectories without repeats."""
    return same_course(trajectory, other) and same_steps(trajectory, other)
