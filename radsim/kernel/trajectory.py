"""Stage 5, trajectory: the course of one patient under one schedule."""

from __future__ import annotations

import math

from radsim.compiled import apart, step
from radsim.kernel import care
from radsim.kernel.analgesic import escalate_under_reliefs, prescribe
from radsim.kernel.draw import COURSE_GROUP, FLARE_GROUP, OFFER_GROUP, RELIEF_GROUP
from radsim.kernel.effects import (
    clear_effects,
    keep_index_steps,
    take_back_treatment,
    take_over_effects,
    take_over_steps,
    time_under,
)  # fmt: skip
from radsim.kernel.layout import AS_NONE, H_WORSENING, INDEX_COURSE, MAX_COURSES, MULTIPLE, PARTIAL
from radsim.kernel.pain import flare
from radsim.kernel.response import at_hazard_ratio, onset_delay, relapse_hazard_ratio, relief_days, respond
from radsim.kernel.retreatment import first_irradiation, plan_cross_over, plan_repeat
from radsim.kernel.skeletal import skeletal_events, toxicity_probability
from radsim.maths.elementary import log
from radsim.maths.hazard import logit, normal_quantile, survival_at_hazard_ratio
from radsim.maths.rng import uniforms


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
def begin_course(trajectory, k, day, schedule):
    """Write the calendar and the dose of course ``k`` into the trajectory."""
    trajectory.n_courses = k + 1
    trajectory.start[k] = day
    trajectory.last_fraction[k] = day + schedule.last_fraction_day
    trajectory.fraction_class[k] = schedule.fraction_class
    trajectory.fractions_given[k] = fractions_before(trajectory.time_to_death, day, schedule)
    trajectory.bed_gy2[k] = schedule.cord_bed_gy2
    trajectory.flare_start[k] = math.inf
    trajectory.flare_stop[k] = math.inf
    trajectory.toxicity[k] = 0.0


@step
def index_course(trajectory, u, traits, patient, schedule, repeats, modifiers, p):
    """The first course, or the natural course of the pain where nothing is given or the course misses its source."""
    begin_course(trajectory, INDEX_COURSE, 0.0, schedule)
    answered = repeats[AS_NONE] if modifiers.misses and schedule.irradiated else schedule
    hazard_ratio = relapse_hazard_ratio(answered, patient)
    relapse_days = at_hazard_ratio(
        traits.relapse_days, u.relapse, u.relapse_effect, hazard_ratio, p.relapse_log_median, p
    )
    complete_days = at_hazard_ratio(
        traits.complete_days,
        u.complete_relief,
        u.complete_relief_effect,
        hazard_ratio,
        p.relapse_complete_log_median,
        p,
    )
    score = traits.index_score + answered.log_odds
    if answered.irradiated:
        score += modifiers.response_log_odds
    if answered.irradiated and patient.prior_schedule > 0:
        score += p.response_log_odds_reirradiation
    onset_days = traits.onset_days * schedule.onset_ratio
    respond(trajectory, INDEX_COURSE, score, onset_days, complete_days, relapse_days, answered, patient, p)
    if schedule.irradiated:
        risk_ratio = schedule.flare_risk_ratio * modifiers.flare_risk_ratio
        flare(trajectory, INDEX_COURSE, u.flare, u.flare_start, traits.flare_duration, risk_ratio, p)
        if u.toxicity < toxicity_probability(schedule.fraction_class, patient, p):
            trajectory.toxicity[0] = 1.0


@step
def repeat_course(trajectory, k, day, schedule, seed, draw, number, traits, patient, modifiers, p):
    """Course ``k`` >= 1, with a response, flare and toxicity of its own: a repeat, or the first course of a patient of `none`."""
    begin_course(trajectory, k, day, schedule)
    u_response, u_onset, u_relapse, u_toxicity = uniforms(seed, draw, number, COURSE_GROUP, k)
    u_flare, u_start, u_duration, _ = uniforms(seed, draw, number, FLARE_GROUP, k)
    u_complete, _, u_relapse_effect, u_complete_effect = uniforms(seed, draw, number, RELIEF_GROUP, k)
    first = first_irradiation(trajectory)
    again = p.response_log_odds_reirradiation if k > first or patient.prior_schedule > 0 else 0.0
    score = traits.response_base + logit(u_response) + again + schedule.log_odds
    score += modifiers.response_log_odds
    if k > first and trajectory.fraction_class[first] == MULTIPLE:
        score += p.response_log_odds_reirradiation_after_multiple
    if modifiers.misses:
        score = -math.inf
    hazard_ratio = relapse_hazard_ratio(schedule, patient)
    complete = survival_at_hazard_ratio(u_complete, u_complete_effect, hazard_ratio)
    surviving = survival_at_hazard_ratio(u_relapse, u_relapse_effect, hazard_ratio)
    complete_days = relief_days(normal_quantile(complete), p.relapse_complete_log_median, p)
    relapse_days = relief_days(normal_quantile(surviving), p.relapse_log_median, p)
    respond(
        trajectory,
        k,
        score,
        onset_delay(normal_quantile(u_onset), p),
        complete_days,
        relapse_days,
        schedule,
        patient,
        p,
    )
    flare_days = -p.flare_mean_duration_days * log(u_duration)
    flare(trajectory, k, u_flare, u_start, flare_days, schedule.flare_risk_ratio, p)
    if u_toxicity < toxicity_probability(schedule.fraction_class, patient, p):
        trajectory.toxicity[k] = 1.0


@step
def care_after_course(caring, p, *arguments):
    """What care writes by the course so far; nothing where ``caring`` is None."""
    if caring is not None:
        _care_after_course(caring, p, *arguments)


@apart
def _care_after_course(caring, p, seed, draw, number, u, traits, patient, trajectory, modifiers, start, visit_days):
    """What care writes by the course so far. Who is treated at the site has another pain from that day on, which the steps of the dose follow."""
    if start <= trajectory.treated < math.inf:
        take_back_treatment(trajectory, modifiers)
        escalate_under_reliefs(trajectory, traits, modifiers, p)
    care.follow(caring, p, seed, draw, number, u, patient, trajectory, modifiers, start, visit_days)
    if trajectory.treated < math.inf:
        return
    care.intervene(caring, p, seed, draw, number, u, traits, patient, trajectory, modifiers, start)
    if trajectory.n_reliefs == modifiers.n_reliefs:
        return
    escalate_under_reliefs(trajectory, traits, modifiers, p)
    if modifiers.doses_by_care:
        keep_index_steps(trajectory)
        care.follow(caring, p, seed, draw, number, u, patient, trajectory, modifiers, trajectory.treated, visit_days)


@step
def all_repeats(
    trajectory, u, seed, draw, number, traits, patient, schedule, repeats, visit_days, modifiers, p, caring
):
    """Every further course until none is offered, allowed or survived to."""
    exponential, u_schedule = u.offer_exponential, u.repeat_schedule
    for k in range(MAX_COURSES - 1):
        if k > 0:
            u_offer, _, u_schedule, _ = uniforms(seed, draw, number, OFFER_GROUP, k)
            exponential = -log(u_offer)
        if k == 0 and schedule.cross_over_share > 0.0:
            day, chosen = plan_cross_over(trajectory, u.offer, u_schedule, patient, schedule, repeats, p)
        else:
            day, chosen = plan_repeat(trajectory, k, exponential, u_schedule, patient, repeats, p)
        if chosen < 0:
            return
        repeat_course(trajectory, k + 1, day, repeats[chosen], seed, draw, number, traits, patient, modifiers, p)
        if p.any_care:
            care_after_course(caring, p, seed, draw, number, u, traits, patient, trajectory, modifiers, day, visit_days)


@step
def begin_trajectory(trajectory, u, traits, schedule, modifiers, p):
    """What does not depend on the schedule, and what the care does under every schedule."""
    trajectory.time_to_death = traits.time_to_death
    trajectory.pain = traits.pain
    trajectory.deviation = traits.deviation
    trajectory.terminal = traits.terminal
    trajectory.irradiated = schedule.irradiated
    trajectory.arm = schedule.arm
    trajectory.diary_missing = 1 if u.diary_missing < p.flare_diary_missing else 0
    clear_effects(trajectory)
    if p.any_care:
        take_over_effects(modifiers, trajectory)


@step
def worsen(trajectory, traits, modifiers, p):
    """Write the worsening of the site's own pain into the trajectory."""
    trajectory.worsening = traits.worsening
    trajectory.worsening_end = traits.worsening_end
    if modifiers.n_edges > 0 or modifiers.hazard_ratio[H_WORSENING, 0] != 1.0:
        rate = p.pain_worsening_rate_per_day
        trajectory.worsening = time_under(modifiers, H_WORSENING, traits.worsening * rate, rate)
        trajectory.worsening_end = trajectory.worsening + (traits.worsening_end - traits.worsening)


@step
def same_course(trajectory, other):
    """Are two trajectories of one patient, neither with a repeat, equal in all that follows from their schedules?"""
    return (
        trajectory.n_courses == 1
        and other.n_courses == 1
        and trajectory.response_class[0] == other.response_class[0]
        and trajectory.onset[0] == other.onset[0]
        and trajectory.fade[0] == other.fade[0]
        and trajectory.relapse[0] == other.relapse[0]
        and trajectory.level[0] == other.level[0]
        and trajectory.flare_start[0] == other.flare_start[0]
        and trajectory.flare_stop[0] == other.flare_stop[0]
        and trajectory.fracture == other.fracture
        and trajectory.cord_compression == other.cord_compression
        and trajectory.surgery == other.surgery
    )


@step
def simulate_patient(
    seed, draw, number, u, traits, patient, schedule, repeats, visit_days, modifiers, p, trajectory, previous, has_previous,
    caring,
):  # fmt: skip
    """Fill ``trajectory`` with the course of patient ``number`` under ``schedule``.

    Parameters
    ----------
    previous : record
        Under the schedule before, of meaning where ``has_previous``: what care writes of an equal course is taken over.
    """
    begin_trajectory(trajectory, u, traits, schedule, modifiers, p)
    worsen(trajectory, traits, modifiers, p)
    index_course(trajectory, u, traits, patient, schedule, repeats, modifiers, p)
    prescribe(trajectory, u, traits, modifiers, p)
    skeletal_events(trajectory, u, traits, patient, schedule, modifiers, p)
    if p.any_care:
        if has_previous and trajectory.irradiated == previous.irradiated and same_course(trajectory, previous):
            take_over_steps(previous, trajectory)
        else:
            care_after_course(
                caring, p, seed, draw, number, u, traits, patient, trajectory, modifiers, 0.0, visit_days
            )  # fmt: skip
    if schedule.irradiated or p.none_may_be_irradiated or schedule.cross_over_share > 0.0:
        all_repeats(
            trajectory, u, seed, draw, number, traits, patient, schedule, repeats, visit_days, modifiers, p, caring
        )  # fmt: skip


@step
def responded(trajectory):
    """Did a living patient get a response to the index course, partial or complete?"""
    in_time = (trajectory.onset[0] < trajectory.time_to_death) & (trajectory.onset[0] < trajectory.relapse[0])
    return (trajectory.response_class[0] >= PARTIAL) & in_time
