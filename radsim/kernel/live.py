"""Stage 5, live: the course of one patient under one schedule."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.hazard import logit
from radsim.kernel.analgesic import prescribe
from radsim.kernel.draw import COURSE_GROUP, FLARE_GROUP, OFFER_GROUP
from radsim.kernel.layout import MAX_COURSES, PARTIAL
from radsim.kernel.pain import flare
from radsim.kernel.response import onset_delay, relapse_delay, relapse_hazard_ratio, respond
from radsim.kernel.retreatment import plan_repeat
from radsim.kernel.skeletal import skeletal_events, toxicity_probability
from radsim.rng import uniforms


@step
def fractions_before(death, start, schedule):
    """Fractions of a course given before death. [1]"""
    if start + schedule.last_fraction_day < death:  # nearly everybody: no need to walk through the calendar
        return schedule.n_fractions
    given = 0
    for j in range(schedule.n_fractions):
        week = j // schedule.fractions_per_week
        if start + 7.0 * week + (j - week * schedule.fractions_per_week) < death:
            given += 1
    return given


@step
def begin_course(life, k, day, schedule):
    """Write the calendar and the dose of course ``k`` into the life."""
    life.n_courses = k + 1
    life.start[k] = day
    life.last_fraction[k] = day + schedule.last_fraction_day
    life.fraction_class[k] = schedule.fraction_class
    life.fractions_given[k] = fractions_before(life.time_to_death, day, schedule)
    life.bed_gy2[k] = schedule.cord_bed_gy2
    life.flare_start[k] = math.inf
    life.flare_stop[k] = math.inf
    life.toxicity[k] = 0.0


@step
def index_course(life, luck, traits, patient, schedule, modifiers, p):
    """The first course, or the natural course of the pain where nothing is given."""
    begin_course(life, 0, 0.0, schedule)
    hazard_ratio = relapse_hazard_ratio(schedule.fraction_class, patient, p)
    relapse_days = traits.relapse_days if hazard_ratio == 1.0 else relapse_delay(luck.relapse, hazard_ratio, p)
    score = traits.index_score + schedule.log_odds
    if schedule.irradiated and patient.prior_schedule > 0:
        score += p.response_log_odds_reirradiation
    respond(life, 0, score, traits.onset_days, relapse_days, patient, p)
    if schedule.irradiated:
        flare(life, 0, luck.flare, luck.flare_start, traits.flare_duration, modifiers.flare_risk_ratio, p)
        if luck.toxicity < toxicity_probability(schedule.fraction_class, patient, p):
            life.toxicity[0] = 1.0


@step
def repeat_course(life, k, day, schedule, seed, draw, number, traits, patient, p):
    """Course ``k`` >= 1, with a response, flare and toxicity of its own."""
    begin_course(life, k, day, schedule)
    u_response, u_onset, u_relapse, u_toxicity = uniforms(seed, draw, number, COURSE_GROUP, k)
    u_flare, u_start, u_duration, _ = uniforms(seed, draw, number, FLARE_GROUP, k)
    score = traits.response_base + logit(u_response) + p.response_log_odds_reirradiation + schedule.log_odds
    relapse_days = relapse_delay(u_relapse, relapse_hazard_ratio(schedule.fraction_class, patient, p), p)
    respond(life, k, score, onset_delay(u_onset, p), relapse_days, patient, p)
    flare(life, k, u_flare, u_start, -p.flare_mean_duration_days * math.log(u_duration), 1.0, p)
    if u_toxicity < toxicity_probability(schedule.fraction_class, patient, p):
        life.toxicity[k] = 1.0


@step
def repeats_of_a_life(life, luck, seed, draw, number, traits, patient, repeats, p):
    """Every repeat until none is offered, allowed or survived to."""
    u_offer, u_delay = luck.offer, luck.delay
    u_schedule, u_without_failure = luck.repeat_schedule, luck.offer_without_failure
    for k in range(MAX_COURSES - 1):
        if k > 0:
            u_offer, u_delay, u_schedule, u_without_failure = uniforms(seed, draw, number, OFFER_GROUP, k)
        day, chosen = plan_repeat(life, k, u_offer, u_delay, u_schedule, u_without_failure, patient, repeats, p)
        if chosen < 0:
            return
        repeat_course(life, k + 1, day, repeats[chosen], seed, draw, number, traits, patient, p)


@step
def live(seed, draw, number, luck, traits, patient, schedule, repeats, modifiers, p, life):
    """Fill ``life`` with the course of patient ``number`` under ``schedule``."""
    life.time_to_death = traits.time_to_death
    life.worsening = traits.worsening
    life.irradiated = schedule.irradiated
    life.diary_missing = 1 if luck.diary_missing < p.flare_diary_missing else 0
    index_course(life, luck, traits, patient, schedule, modifiers, p)
    prescribe(life, luck, traits, p)
    skeletal_events(life, luck, traits, patient, schedule, modifiers, p)
    if schedule.irradiated:
        repeats_of_a_life(life, luck, seed, draw, number, traits, patient, repeats, p)


@step
def responded(life):
    """Did a living patient get a response to the index course, partial or complete?"""
    return (life.response_class[0] >= PARTIAL) & (life.onset[0] < life.time_to_death)
