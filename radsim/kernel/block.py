"""One block of patients through every stage: the door between Python and the compiled kernel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.compiled import entry, room
from radsim.kernel.baseline import fill_patient, sample_covariates
from radsim.kernel.chronicle import Chronicle, alike, empty_chronicle, write_segments, write_snapshots
from radsim.kernel.draw import draw_luck
from radsim.kernel.effects import apply
from radsim.kernel.layout import LIFE, LUCK, MODIFIERS, PATIENT, TRAITS
from radsim.kernel.live import live
from radsim.kernel.observe import attend, best, best_with_repeats, observe
from radsim.kernel.purposes import NEVER_RETURNS
from radsim.kernel.tables import N_COVARIATES
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
    tally_life,
    tally_segments,
    tally_times,
    tally_visits,
)
from radsim.kernel.transform import transform
from radsim.measures import MEASURES, PAIN_SCORE
from radsim.rng import uniform

STAGE_SIZE = 32
"""Patients whose luck is transformed together: their records fit the first-level cache. No result depends on it."""


class Enrolled(NamedTuple):
    """Who the patients of a block are and what luck they bring: the same under every schedule, and in every scenario of a cohort."""

    patients: np.ndarray  # (patient,) PATIENT records
    lucks: np.ndarray  # (patient,) LUCK records


class Workspace(NamedTuple):
    """Records of the patients at one stage, written anew for the next."""

    traits: np.ndarray  # (patient,)
    modifiers: np.ndarray  # (1,)
    lives: np.ndarray  # (2,) under this schedule and under the one before
    recorded: np.ndarray  # (schedule, patient) lives to keep instead of adding them up; empty where sums are wanted
    seen: np.ndarray  # (visit,)
    category: np.ndarray  # (visit, measure)
    category_with_repeats: np.ndarray  # (visit, measure)
    chronicle: Chronicle


def places(n):
    """`Enrolled` with room for ``n`` patients, and anything in it: `enrol` fills every field."""
    return Enrolled(np.empty(n, PATIENT), np.empty(n, LUCK))


def scratch():
    """What `enrol` needs to work, shape (3, covariate)."""
    return np.zeros((3, N_COVARIATES))


def workspace(n_visits, n_times, n_periods):
    """An empty `Workspace` for one thread."""
    return Workspace(
        traits=np.zeros(STAGE_SIZE, TRAITS), modifiers=np.zeros(1, MODIFIERS), lives=np.zeros(2, LIFE),
        recorded=np.zeros((0, 0), LIFE), seen=np.zeros(n_visits, np.uint8), category=np.zeros((n_visits, len(MEASURES)), np.int8),
        category_with_repeats=np.zeros((n_visits, len(MEASURES)), np.int8),
        chronicle=empty_chronicle(n_times, n_periods),
    )  # fmt: skip


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
    uniforms, scores, covariates = scratch[0], scratch[1], scratch[2]
    for i in range(len(enrolled.patients)):
        sample_covariates(seed, draw, first + i, cohort, uniforms, scores, covariates)
        fill_patient(covariates, cohort.prior_beds_gy2, cohort.subgroup_strides, enrolled.patients[i])
        draw_luck(seed, draw, first + i, cohort.with_dexamethasone, enrolled.lucks[i])


@room
def play(seed, draw, number, patient, luck, traits, schedule, protocol, p, work, life):
    """Stages effects and live for one patient."""
    modifiers = work.modifiers[0]
    apply(luck, patient, schedule, p, modifiers)
    live(seed, draw, number, luck, traits, patient, schedule, protocol.repeats, modifiers, p, life)


@room
def look(life, patient, visit_days, end, protocol, p, work):
    """Stages chronicle and observe for one life."""
    write_segments(life, patient, end, protocol.period_ends, p, work.chronicle)
    write_snapshots(life, patient, protocol.times, p, work.chronicle)
    observe(life, patient, 1, visit_days, work.seen, protocol.measures, p, work.category)


@room
def tally(life, patient, s, w, visit_days, end, protocol, p, work, sums):
    """Stage tally for one life, looked at before, with weight ``w`` to schedule ``s`` and all after it."""
    # whole arrays and indices are passed down: a slice per patient would count references, atomically, across the threads
    g = patient.subgroup
    period_ends = protocol.period_ends
    tally_visits(work.category, protocol.measures, sums.visit, g, s, w)
    if protocol.actuarial:
        tally_first_responses(work.category, work.seen, protocol.measures, sums.visit, g, s, w)
        tally_at_risk(life, protocol.times, sums.time_count, g, s, w)
    tally_endpoints(work.category, protocol.endpoints, sums.endpoint, g, s, w)
    last = protocol.n_headline - 1
    index_best = best(work.category, PAIN_SCORE, 0, last)
    with_repeats = best_with_repeats(
        life, patient, visit_days, work.seen, index_best, last, protocol.measures, p, work.category_with_repeats
    )
    tally_flags(life, index_best, with_repeats, period_ends[-1], sums.flag, g, s, w)
    tally_times(life, protocol.times, work.chronicle.snapshots, sums.time_count, sums.time_sum, g, s, w)
    tally_segments(work.chronicle, sums.occupancy, sums.count, g, s, w)
    tally_events(life, end, period_ends, sums.count, g, s, w)
    tally_follow_up(work.seen, visit_days, end, period_ends, sums.count, g, s, w)
    tally_life(life, end, work.chronicle.days_in_response[0], sums.life, g, s, w)
    tally_durations(life, end, sums.onset_histogram, sums.relapse_histogram, sums.censor_histogram, g, s, w)


@room
def play_schedules(seed, draw, number, i, patient, luck, traits, protocol, p, work, sums):
    """Patient ``i`` of a block under every schedule."""
    death = traits.time_to_death
    end = min(death, protocol.period_ends[-1])
    tally_exposure(patient, end, protocol.period_ends, sums.exposure)
    for s in range(len(protocol.schedules)):
        visit_days = protocol.visit_days[s]
        life = work.lives[s % 2]
        previous = work.lives[1 - s % 2]
        if len(work.recorded) > 0:
            life = work.recorded[s, i]
        play(seed, draw, number, patient, luck, traits, protocol.schedules[s], protocol, p, work, life)
        if len(work.recorded) > 0:
            continue
        tally_given(life, work.modifiers[0], end, protocol.period_ends, sums, patient.subgroup, s)
        if s > 0:
            if protocol.same_visits[s] and alike(life, previous):
                continue
            # what was added from an earlier schedule on ends here; work still holds what was seen of that life
            tally(previous, patient, s, -1, protocol.visit_days[s - 1], end, protocol, p, work, sums)
        if not protocol.same_visits[s]:
            attend(seed, draw, number, luck.never_returns, death, visit_days, p, work.seen)
        look(life, patient, visit_days, end, protocol, p, work)
        tally(life, patient, s, 1, visit_days, end, protocol, p, work, sums)


@entry
def play_block(seed, draw, first, enrolled, protocol, parameters, work, sums):
    """Play the patients of a block under every schedule and add them to ``sums``, or keep their lives where ``work`` has a place for them.

    Parameters
    ----------
    seed, draw, first : int
        Study seed, parameter draw, and number of the first patient.
    enrolled : Enrolled
        At most `BLOCK_SIZE` patients where sums are wanted.
    protocol : Protocol
    parameters : record array, shape (1,)
        One `layout.PARAMETERS` record: those of this draw.
    work : Workspace
        Overwritten. Its ``recorded`` holds zeros, or has no rows.
    sums : Sums
        Incremented, without the batch dimension; of no meaning where lives are recorded.

    Notes
    -----
    One door for both: a second one would be compiled a second time, at its first use, while somebody waits.
    """
    p = parameters[0]
    n = len(enrolled.patients)
    for start in range(0, n, STAGE_SIZE):
        at_once = min(STAGE_SIZE, n - start)
        for i in range(at_once):
            transform(enrolled.lucks[start + i], enrolled.patients[start + i], p, work.traits[i])
        for i in range(at_once):
            patient, luck = enrolled.patients[start + i], enrolled.lucks[start + i]
            sums.n[patient.subgroup] += 1
            play_schedules(
                seed, draw, first + start + i, start + i, patient, luck, work.traits[i], protocol, p, work, sums
            )


@entry
def judge_lives(seed, draw, patients, lives, visit_days, measures, parameters, work, found):
    """Best category of each patient, numbered from 0, over all visits by the last of the ``measures`` wanted, into ``found`` (patient,)."""
    p = parameters[0]
    for i in range(len(patients)):
        never_returns = uniform(seed, draw, i, NEVER_RETURNS, 0)
        attend(seed, draw, i, never_returns, lives[i].time_to_death, visit_days, p, work.seen)
        observe(lives[i], patients[i], 1, visit_days, work.seen, measures, p, work.category)
        for m in range(len(measures)):
            if measures[m]:
                found[i] = best(work.category, m, 0, len(visit_days) - 1)
