"""One block of patients through every stage: the door between Python and the compiled kernel."""

from __future__ import annotations

from radsim.compiled import entry, inline_step, step
from radsim.kernel import care
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.baseline import fill_patient, sample_covariates
from radsim.kernel.draw import draw_random_numbers
from radsim.kernel.layout import INDEX_ALONE, NEUTRAL, whole
from radsim.kernel.observe import attend, best, best_with_repeats, observe
from radsim.kernel.pain import pain_at, response_at
from radsim.kernel.purposes import NEVER_RETURNS
from radsim.kernel.report import stated_pain
from radsim.kernel.segments import same_trajectory, write_segments, write_snapshots
from radsim.kernel.survival import move_death
from radsim.kernel.tables import BLOCK_SIZE, N_BATCHES, Sums
from radsim.kernel.tally import (
    tally_at_risk,
    tally_durations,
    tally_endpoints,
    tally_events,
    tally_exposure,
    tally_first_responses,
    tally_flags,
    tally_follow_up,
    tally_given,
    tally_patient,
    tally_segments,
    tally_times,
    tally_visits,
)
from radsim.kernel.trajectory import simulate_patient
from radsim.kernel.transform import transform
from radsim.kernel.workspace import STAGE_SIZE
from radsim.maths.measures import PAIN_SCORE
from radsim.maths.rng import uniform

ADDED, TAKEN_BACK = whole(1), whole(-1)  # weights of a trajectory in the sums


@inline_step
def enrol_patients(seed, draw, first, n, cohort, scratch, enrolled):
    """Stages baseline and draw: ``n`` patients from number ``first`` on, into the first places of ``enrolled``."""
    for i in range(n):
        sample_covariates(seed, draw, first + i, cohort, scratch[0], scratch[1], scratch[2])
        fill_patient(scratch[2], cohort, enrolled.patients[i])
        draw_random_numbers(seed, draw, first + i, enrolled.uniforms[i])


@entry
def enrol(seed, draw, first, cohort, scratch, enrolled):
    """Stages baseline and draw: patients from number ``first`` on into ``enrolled``, as many as it has room for.

    Parameters
    ----------
    seed, draw, first : int
        Study seed, parameter draw, and number of the first patient.
    cohort : CohortTables
    scratch : array, shape (3, covariate)
        From `scratch`; overwritten.
    enrolled : Enrolled
        Overwritten.
    """
    enrol_patients(seed, draw, first, len(enrolled.patients), cohort, scratch, enrolled)


@inline_step
def observe_trajectory(trajectory, patient, visit_days, end, protocol, p, work):
    """Cut one trajectory into segments and observe it at its visits."""
    write_segments(trajectory, patient, end, protocol.period_ends, p, work.segments)
    write_snapshots(trajectory, patient, protocol.times, p, work.segments)
    observe(trajectory, patient, INDEX_ALONE, visit_days, work.seen, protocol.measures, p, work.category)


@inline_step
def tally(trajectory, patient, s, w, visit_days, end, protocol, p, work, sums):
    """Add one observed trajectory to the sums, with weight ``w``, for schedule ``s`` and all after it."""
    # whole arrays and indices are passed down: a slice per patient would count references, atomically, across the threads
    g = patient.subgroup
    period_ends = protocol.period_ends
    tally_visits(work.category, protocol.measures, sums.visit, g, s, w)
    if protocol.actuarial:
        tally_first_responses(work.category, work.seen, protocol.measures, sums.visit, g, s, w)
        tally_at_risk(trajectory, protocol.times, sums.time_count, g, s, w)
    tally_endpoints(work.category, protocol.endpoints, sums.endpoint, g, s, w)
    last = protocol.n_headline - 1
    index_best = best(work.category, PAIN_SCORE, 0, last)
    with_repeats = best_with_repeats(
        trajectory,
        patient,
        visit_days,
        work.seen,
        index_best,
        last,
        protocol.measures,
        p,
        work.category_with_repeats,
    )
    tally_flags(trajectory, index_best, with_repeats, period_ends[-1], sums.flag, g, s, w)
    tally_times(trajectory, protocol.times, work.segments.snapshots, sums.time_count, sums.time_sum, g, s, w)
    tally_segments(work.segments, sums.occupancy, sums.count, g, s, w)
    tally_events(trajectory, end, period_ends, sums.count, g, s, w)
    tally_follow_up(work.seen, visit_days, end, period_ends, sums.count, g, s, w)
    tally_patient(trajectory, patient, end, work.segments.days_in_response[0], sums.patient, g, s, w)
    tally_durations(trajectory, end, sums.onset_histogram, sums.relapse_histogram, sums.censor_histogram, g, s, w)


@inline_step
def simulate_schedules(seed, draw, number, i, patient, u, traits, protocol, p, work, sums):
    """Patient ``i`` of a block under every schedule."""
    modifiers = work.modifiers[0]
    if p.any_care:
        work.modifiers[0] = NEUTRAL[0]
        care.survive(work.caring, p, seed, draw, number, u, traits, patient, modifiers)
        if modifiers.death_hazard_ratio != 1.0:
            move_death(traits, u, patient, modifiers.death_hazard_ratio, p)
    death = traits.time_to_death
    end = min(death, protocol.period_ends[-1])
    tally_exposure(patient, end, protocol.period_ends, sums.exposure)
    g = patient.subgroup
    if p.any_care:
        care.act(work.caring, p, seed, draw, number, u, traits, patient, modifiers)
        care.once(
            work.caring,
            p,
            seed,
            draw,
            number,
            u,
            traits,
            patient,
            modifiers,
            end,
            protocol.period_ends,
            sums.count,
            g,
            0,
        )
    for s in range(len(protocol.schedules)):
        visit_days = protocol.visit_days[s]
        trajectory = work.trajectories[s % 2]
        previous = work.trajectories[1 - s % 2]
        if len(work.recorded) > 0:
            trajectory = work.recorded[s, i]
        has_previous = s > 0 and len(work.recorded) == 0 and protocol.same_visits[s]
        simulate_patient(
            seed, draw, number, u, traits, patient, protocol.schedules[s], protocol.repeats, visit_days, modifiers, p, trajectory,
            previous, has_previous, work.caring,
        )  # fmt: skip
        if len(work.recorded) > 0:
            continue
        tally_given(trajectory, end, protocol.period_ends, sums, g, s)
        if p.any_care:
            care.count(
                work.caring, p, seed, draw, number, u, patient, trajectory, modifiers, end, protocol.period_ends, sums.given_count, g, s
            )  # fmt: skip
        if s > 0:
            if protocol.same_visits[s] and same_trajectory(trajectory, previous):
                continue
            # what was added from an earlier schedule on ends here; work still holds what was observed of that trajectory
            tally(previous, patient, s, TAKEN_BACK, protocol.visit_days[s - 1], end, protocol, p, work, sums)
        if not protocol.same_visits[s]:
            attend(seed, draw, number, u.never_returns, death, visit_days, p, work.seen)
        observe_trajectory(trajectory, patient, visit_days, end, protocol, p, work)
        tally(trajectory, patient, s, ADDED, visit_days, end, protocol, p, work, sums)


@step
def sums_of_batch(sums, batch):
    """The part of ``sums`` that the patients of a batch are added to; a table that is not kept by batch has one for all."""
    return Sums(
        n=sums.n[batch % len(sums.n)],
        exposure=sums.exposure[batch % len(sums.exposure)],
        flag=sums.flag[batch % len(sums.flag)],
        visit=sums.visit[batch % len(sums.visit)],
        endpoint=sums.endpoint[batch % len(sums.endpoint)],
        time_count=sums.time_count[batch % len(sums.time_count)],
        time_sum=sums.time_sum[batch % len(sums.time_sum)],
        patient=sums.patient[batch % len(sums.patient)],
        occupancy=sums.occupancy[batch % len(sums.occupancy)],
        count=sums.count[batch % len(sums.count)],
        onset_histogram=sums.onset_histogram[batch % len(sums.onset_histogram)],
        relapse_histogram=sums.relapse_histogram[batch % len(sums.relapse_histogram)],
        censor_histogram=sums.censor_histogram[batch % len(sums.censor_histogram)],
        given_flag=sums.given_flag[batch % len(sums.given_flag)],
        given_patient=sums.given_patient[batch % len(sums.given_patient)],
        given_count=sums.given_count[batch % len(sums.given_count)],
    )


@inline_step
def order_by_subgroup(patients, first, last, n_of, order):
    """Count the patients ``first`` … ``last - 1`` of each subgroup, and put their numbers into ``order``, one subgroup after the other.

    Sums of a subgroup stay in the first-level cache while its patients come. No sum depends on the order.
    """
    place = 0
    for g in range(len(n_of)):
        before = place
        for i in range(first, last):
            if patients[i].subgroup == g:
                order[place] = i
                place += 1
        n_of[g] += place - before


@inline_step
def simulate_block(seed, draw, first, at, n, enrolled, protocol, p, work, sums):
    """Simulate a block: patients ``at`` … ``at + n - 1`` of those enrolled, the first of whom has the number ``first``."""
    order_by_subgroup(enrolled.patients, at, at + n, sums.n, work.order)
    for start in range(0, n, STAGE_SIZE):
        at_once = min(STAGE_SIZE, n - start)
        for j in range(at_once):
            i = work.order[start + j]
            transform(enrolled.uniforms[i], enrolled.patients[i], p, work.traits[j])
        for j in range(at_once):
            i = work.order[start + j]
            patient, u = enrolled.patients[i], enrolled.uniforms[i]
            simulate_schedules(seed, draw, first + i, i, patient, u, work.traits[j], protocol, p, work, sums)


@entry
def simulate_blocks(seed, draw, first, n, enrols, cohort, scratch, enrolled, protocol, parameters, work, sums):
    """Simulate some blocks of patients under every schedule; add them to ``sums``, or keep their trajectories where ``work`` has records for them.

    Parameters
    ----------
    seed, draw : int
        Study seed and parameter draw.
    first, n : int
        Number of the first patient, where a block begins if sums are wanted, and how many patients.
    enrols : bool
        Whether ``enrolled`` is room for the patients of a block, written anew for each; else it holds all ``n``.
    cohort : CohortTables
    scratch : array, shape (3, covariate)
        From `scratch`; overwritten.
    enrolled : Enrolled
    protocol : Protocol
    parameters : record array, shape (1,)
        One `layout.PARAMETERS` record: those of this draw.
    work : Workspace
        Overwritten. Its ``recorded`` holds zeros, or has no rows.
    sums : Sums
        Incremented, each block in its batch; of no meaning where trajectories are recorded.

    Notes
    -----
    One door for all: a second one would be compiled a second time, at its first use, while somebody waits. And one call for many blocks:
    what Python does for a call takes as long as fifty patients.
    """
    p = parameters[0]
    for block in range(0, n, BLOCK_SIZE):
        size = min(BLOCK_SIZE, n - block)
        batch = sums_of_batch(sums, (first + block) // BLOCK_SIZE % N_BATCHES)
        if enrols:
            enrol_patients(seed, draw, first + block, size, cohort, scratch, enrolled)
            simulate_block(seed, draw, first + block, 0, size, enrolled, protocol, p, work, batch)
        else:
            simulate_block(seed, draw, first, block, size, enrolled, protocol, p, work, batch)


@entry
def judge_trajectories(seed, draw, patients, trajectories, visit_days, measures, parameters, work, found):
    """Best category of each patient, numbered from 0, over all visits by the last of the ``measures`` wanted, into ``found`` (patient,)."""
    p = parameters[0]
    for i in range(len(patients)):
        never_returns = uniform(seed, draw, i, NEVER_RETURNS, 0)
        attend(seed, draw, i, never_returns, trajectories[i].time_to_death, visit_days, p, work.seen)
        observe(trajectories[i], patients[i], INDEX_ALONE, visit_days, work.seen, measures, p, work.category)
        for m in range(len(measures)):
            if measures[m]:
                found[i] = best(work.category, m, 0, len(visit_days) - 1)


@entry
def read_trajectories(patients, trajectories, days, parameters, found):
    """Pain, stated pain, dose [mg d-1] and latent class of response of each patient on a day of the patient's own, into ``found`` (patient, 4).

    Parameters
    ----------
    patients, trajectories : record arrays, shape (patient,)
    days : array, shape (patient,)
        From the first fraction; before death. [d]
    parameters : record array, shape (1,)
    """
    p = parameters[0]
    for i in range(len(patients)):
        n_courses = trajectories[i].n_courses
        pain = pain_at(days[i], trajectories[i], n_courses, p)
        found[i, 0] = pain
        found[i, 1] = stated_pain(pain, trajectories[i].deviation)
        found[i, 2] = morphine_equivalent_at(days[i], trajectories[i], n_courses, patients[i].morphine_equivalent, p)
        found[i, 3] = response_at(days[i], trajectories[i], n_courses)
