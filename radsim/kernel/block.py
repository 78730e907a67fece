"""One block of patients through every stage: the door between Python and the compiled kernel."""

from __future__ import annotations

from radsim.compiled import apart, entry, inline_step, step
from radsim.kernel import care
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.baseline import correlate, fill_patient, sample_covariates
from radsim.kernel.draw import N_DRAWN, draw_side_by_side, groups_of_cohort
from radsim.kernel.layout import INDEX_ALONE, MAP_OF_NOTHING, NEUTRAL, WIDTH
from radsim.kernel.observe import attend, best_of
from radsim.kernel.pain import pain_at, response_at
from radsim.kernel.purposes import NEVER_RETURNS
from radsim.kernel.report import stated_pain
from radsim.kernel.runs import AFTER_LAST, close_run, finish_reading, place_of, read_those_who_wait
from radsim.kernel.segments import same_trajectory
from radsim.kernel.survival import follow_own_curve, survive_by_care
from radsim.kernel.tables import BLOCK_SIZE, N_BATCHES, Sums
from radsim.kernel.tally import tally_exposure, tally_given
from radsim.kernel.trajectory import simulate_patient
from radsim.kernel.transform import transform
from radsim.kernel.workspace import STAGE_SIZE
from radsim.maths.rng import uniform


@apart
def enrol_patients(seed, draw, first, n, cohort, scratch, enrolled):
    """Stages draw and baseline: ``n`` patients from number ``first`` on, into the first places of ``enrolled``."""
    page, n_groups = scratch[0], groups_of_cohort(cohort)
    for start in range(0, n, WIDTH):
        draw_side_by_side(seed, draw, first + start, n_groups, cohort.correlated, page)
        correlate(page, cohort.correlated, cohort.cholesky)
        for j in range(min(WIDTH, n - start)):
            i = start + j
            sample_covariates(first + i, j, page, cohort, page.covariates)
            fill_patient(page.covariates, cohort, enrolled.patients[i])
            for k in range(N_DRAWN):
                enrolled.numbers[i, k] = page.numbers[k * WIDTH + j]


@entry
def enrol(seed, draw, first, cohort, scratch, enrolled):
    """Stages draw and baseline: patients from number ``first`` on into ``enrolled``, as many as it has room for.

    Parameters
    ----------
    seed, draw, first : int
        Study seed, parameter draw, and number of the first patient.
    cohort : CohortTables
    scratch : record array, shape (1,)
        From `scratch`; overwritten.
    enrolled : Enrolled
        Overwritten.
    """
    enrol_patients(seed, draw, first, len(enrolled.patients), cohort, scratch, enrolled)


@inline_step
def care_for(seed, draw, number, u, traits, patient, protocol, p, work, sums):
    """What the care does of a patient whatever the schedule: how long the patient lives, what acts on the course, and what is counted once."""
    modifiers = work.modifiers[0]
    work.modifiers[0] = NEUTRAL[0]
    care.survive(work.caring, p, seed, draw, number, u, traits, patient, modifiers)
    survive_by_care(work.caring, traits, u, patient, modifiers.death_hazard_ratio, p)
    care.act(work.caring, p, seed, draw, number, u, traits, patient, modifiers)
    end = min(traits.time_to_death, protocol.period_ends[-1])
    care.once(
        work.caring, p, seed, draw, number, u, traits, patient, modifiers, end, protocol.period_ends, sums.count, patient.subgroup, 0
    )  # fmt: skip


@inline_step
def attend_run(known, seed, draw, number, never_returns, death, visit_days, p, work):
    """From which visits a questionnaire comes back in the run that is open: ``known`` if the run before has the same visits."""
    run = work.waiting[AFTER_LAST]
    seen = work.seen[place_of(run, work)]
    if known:
        before = work.seen[place_of(run - 1, work)]
        for v in range(len(visit_days)):
            seen[v] = before[v]
    else:
        attend(seed, draw, number, never_returns, death, visit_days, p, seen)


@inline_step
def simulate_schedules(seed, draw, number, i, patient, u, traits, protocol, p, work, sums):
    """Patient ``i`` of a block under every schedule."""
    if p.any_care:
        care_for(seed, draw, number, u, traits, patient, protocol, p, work, sums)
    death, modifiers, g = traits.time_to_death, work.modifiers[0], patient.subgroup
    end = min(death, protocol.period_ends[-1])
    tally_exposure(patient, end, protocol.period_ends, sums.exposure)
    since, attended = 0, False
    for s in range(len(protocol.schedules)):
        visit_days = protocol.visit_days[s]
        open_run = work.waiting[AFTER_LAST]  # its trajectory is that under the schedule before
        previous = work.trajectories[place_of(open_run, work)]
        trajectory = work.trajectories[place_of(open_run + (s > 0), work)]
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
        attended &= protocol.same_visits[s] == 1
        if s > 0:
            if protocol.same_visits[s] and same_trajectory(trajectory, previous):
                continue
            close_run(i, since, s, work)
            since = s
        attend_run(attended, seed, draw, number, u.never_returns, death, visit_days, p, work)
        attended = True
    if len(work.recorded) == 0:
        close_run(i, since, len(protocol.schedules), work)


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


@apart
def simulate_block(seed, draw, first, at, n, enrolled, protocol, p, work, sums):
    """Simulate a block: patients ``at`` … ``at + n - 1`` of those enrolled, the first of whom has the number ``first``."""
    order_by_subgroup(enrolled.patients, at, at + n, sums.n, work.order)
    for start in range(0, n, STAGE_SIZE):
        at_once = min(STAGE_SIZE, n - start)
        transform(
            enrolled.numbers, enrolled.patients, work.order, start, at_once, p, work.traits_page[0], work.traits_rows,
            work.traits_numbers,
        )  # fmt: skip
        for j in range(at_once):
            i = work.order[start + j]
            patient, u = enrolled.patients[i], enrolled.drawn[i]
            if p.survival_map_of != MAP_OF_NOTHING:
                follow_own_curve(work.traits[j], u, patient, p)
            simulate_schedules(seed, draw, first + i, i, patient, u, work.traits[j], protocol, p, work, sums)
            enough = 1 if p.any_care or start + j + 1 == n else WIDTH
            read_those_who_wait(work.caring, enrolled.patients, enough, protocol, p, work, sums)
    finish_reading(work.caring, protocol, p, work, sums)


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
    scratch : record array, shape (1,)
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
    work.modifiers[0] = NEUTRAL[0]  # the workspace may have been that of a scenario with care
    for block in range(0, n, BLOCK_SIZE):
        size = min(BLOCK_SIZE, n - block)
        batch = sums_of_batch(sums, (first + block) // BLOCK_SIZE % N_BATCHES)
        at = block
        if enrols:
            at = 0
            enrol_patients(seed, draw, first + block, size, cohort, scratch, enrolled)
        simulate_block(seed, draw, first + block - at, at, size, enrolled, protocol, p, work, batch)


@entry
def judge_trajectories(seed, draw, patients, trajectories, visit_days, measures, parameters, work, found):
    """Best category of each patient, numbered from 0, over all visits by the last of the ``measures`` wanted, into ``found`` (patient,)."""
    p = parameters[0]
    for i in range(len(patients)):
        never_returns = uniform(seed, draw, i, NEVER_RETURNS, 0)
        attend(seed, draw, i, never_returns, trajectories[i].time_to_death, visit_days, p, work.seen[0])
        for m in range(len(measures)):
            if measures[m]:
                found[i] = best_of(
                    m, trajectories[i], patients[i], INDEX_ALONE, visit_days, work.seen[0], len(visit_days), p
                )


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
