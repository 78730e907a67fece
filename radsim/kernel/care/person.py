"""The patient beyond the pain: how he or she walks, falls, depression, daily function, days with help.

Walking has three levels, counted in days and never crossed with the joint cells: unaided, with an aid, in a chair or bed. A patient has one
random number for it, and its log odds move with the pain of a weight-bearing site, Karnofsky, a fracture there and the last month of life;
cord compression decides by itself. Falls recur; their hazard moves with pain and depression. Their fractures lie beside the irradiated site,
whose own are the disease model's, and beside the events elsewhere, which trials counted in bone with metastases: neither is added to.
"""

from __future__ import annotations

import math

from radsim.care import KINDS, purpose
from radsim.compiled import apart
from radsim.kernel.care.cord_treatment import DAYS_PER_WEEK, ELSEWHERE, HERE, is_operated, walks
from radsim.kernel.changes import next_change_of_pain, next_change_of_sites, sooner
from radsim.kernel.effects import (
    count_at,
    count_days,
    count_every,
    four_random_numbers,
    lower_level,
    multiply_hazard,
    period_of,
    random_number,
    shift_response,
)  # fmt: skip
from radsim.kernel.layout import H_FRACTURE, HIP, KARNOFSKY_REFERENCE, PELVIS, SPINE, VERY_NEAR_DEATH_DAYS, item
from radsim.kernel.pain import in_response, pain_at, worst_pain
from radsim.maths.elementary import log, power
from radsim.maths.endpoints import reported
from radsim.maths.hazard import logit

FALL, WALKING, DEPRESSION, AFTER_CORD = (
    purpose("person", name) for name in ("fall", "walking", "depression", "walks_after_cord")
)
UNAIDED = item("days_walking_unaided")  # and the two after it
HELP, FALLS, FALLERS, INJURIES, FRACTURES, DEPRESSED, SESSIONS, TRAINING, FUNCTION = (
    item(name)
    for name in (
        "days_needing_help", "patient_falls", "patients_who_fall", "falls_with_injury", "fractures_by_falls", "depressed_patients", "psychological_sessions",
        "rehabilitation_sessions", "function_point_days",
    )
)  # fmt: skip
ALONE, WITH_AID, CHAIR = 0, 1, 2
NO_REHABILITATION, SPINE_TRIAL = 0, 2  # positions among the settings
CORD_TREATMENT = [kind.name for kind in KINDS].index("cord_treatment")


@apart
def bears_weight(site):
    """Does walking load the site? Of the sites named other it is not known."""
    return (site == HIP) | (site == PELVIS) | (site == SPINE)


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """How the patient walks and feels, before any event; what psychological care, rehabilitation and advice change."""
    modifiers.person_walking = logit(random_number(seed, draw, number, WALKING, 0))
    u_depression = random_number(seed, draw, number, DEPRESSION, 0)
    modifiers.person_depressed = u_depression < p.person_depression_share
    points = power(-log(u_depression), 1.0 / p.person_depression_shape)
    modifiers.person_fall_ratio = power(
        p.person_fall_ratio_per_point_of_depression, p.person_depression_scale[0] * points
    )
    if p.setting_person_psychological_care:
        start = p.person_psychological_care_days
        lower_level(modifiers, start, start + p.person_psychological_care_lasts_days, p.person_psychological_share[0])
    if p.setting_person_rehabilitation == SPINE_TRIAL:
        shift_response(modifiers, p.person_rehabilitation_log_odds)
    if p.setting_person_weight_bearing_advice and is_advised(patient, p):
        multiply_hazard(modifiers, H_FRACTURE, 0.0, math.inf, p.person_weight_bearing_advice_fracture_ratio)


@apart
def is_advised(patient, p):
    """Is a patient told not to load the hip?"""
    return (patient.site == HIP) & (patient.cortical_involvement_mm >= p.fracture_high_risk_mm)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """Depression, and the sessions that are given."""
    if modifiers.person_depressed:
        count_at(0.0, end, period_ends, count, g, s, DEPRESSED)
    if p.setting_person_psychological_care:
        days, sessions = p.person_psychological_care_days, p.person_psychological_care_sessions
        count_every(0.0, days / sessions, days, end, period_ends, count, g, s, SESSIONS)
    if p.setting_person_rehabilitation != NO_REHABILITATION:
        days, sessions = p.person_rehabilitation_days, p.person_rehabilitation_sessions
        count_every(0.0, days / sessions, days, end, period_ends, count, g, s, TRAINING)


@apart
def walking_level(score, log_odds, p):
    """How a patient walks at added log odds, whose random number has the log odds ``score``: both limits move together, so none is skipped."""
    if score < p.person_chair_log_odds + log_odds:
        return CHAIR
    return WITH_AID if score < p.person_aid_log_odds + log_odds else ALONE


@apart
def log_odds_of_walking_worse(t, patient, trajectory, p):
    """What pain of a weight-bearing site, Karnofsky, a fracture there and nearness to death add to the log odds of walking worse. [1]"""
    log_odds = p.person_walking_log_odds_per_ten_karnofsky * (KARNOFSKY_REFERENCE - patient.karnofsky) / 10.0
    if bears_weight(patient.site):
        log_odds += p.person_walking_log_odds_per_point_of_pain * pain_at(t, trajectory, trajectory.n_courses, p)
        log_odds += p.person_walking_log_odds_after_fracture * (t >= trajectory.fracture)
    return log_odds + p.person_walking_log_odds_before_death * (t >= trajectory.time_to_death - VERY_NEAR_DEATH_DAYS)


@apart
def lost_by_cord(where, event, operated, seed, draw, number, p):
    """Days [start, stop) without walking after a compression; by its treatment where that is given."""
    if not p.care[CORD_TREATMENT]:
        walks_on = random_number(seed, draw, number, AFTER_CORD, where) < p.person_walks_after_cord_compression
        return (math.inf, math.inf) if walks_on else (event, math.inf)
    before, after = walks(where, operated, seed, draw, number, p)
    outcome = event + DAYS_PER_WEEK * p.cord_treatment_weeks_to_outcome
    if before and after:
        return math.inf, math.inf
    return (outcome if before else event), (outcome if after else math.inf)


@apart
def count_falls(t, stop, rate, exponential, harm, n, seed, draw, number, p, end, period_ends, count, g, s):
    """Falls on [t, stop) at a constant rate; what is left of the unit exponential, the harm of the next fall, and falls so far."""
    while exponential <= rate * (stop - t):
        t += exponential / rate
        count_at(t, end, period_ends, count, g, s, FALLS)
        if n == 0:
            count_at(t, end, period_ends, count, g, s, FALLERS)
        if harm < p.person_fall_injury:
            count_at(t, end, period_ends, count, g, s, INJURIES)
        if harm < p.person_fall_fracture:
            count_at(t, end, period_ends, count, g, s, FRACTURES)
        n += 1
        following, harm, _, _ = four_random_numbers(seed, draw, number, FALL, n)
        exponential = -log(following)
    return exponential - rate * (stop - t), harm, n


@apart
def count_points(start, stop, points, period_ends, count, g, s):
    """Points of function times days on [start, stop): those that have become full by the day, so that no cut of a stretch moves their sum."""
    t = start
    period = period_of(start, period_ends)
    while t < stop:
        edge = min(stop, period_ends[period])
        count[g, s, period, FUNCTION] += math.floor(points * edge) - math.floor(points * t)
        t = edge
        period += 1


@apart
def points_of_function(t, trajectory, p):
    """Change of daily function at ``t``, until a fracture or compression of the site, from where on no figure is known. [points of 100]"""
    if t >= min(trajectory.fracture, trajectory.cord_compression):
        return 0.0
    if in_response(t, trajectory, trajectory.n_courses):
        return p.person_function_points_with_response
    return p.person_function_points_without_response * (t >= p.person_function_from_day)


@apart
def next_change_of_the_day(t, trajectory, from_here, until_here, from_there, until_there, p):
    """The next moment after ``t`` at which pain, walking or function may change. [d]"""
    change = next_change_of_sites(t, trajectory, next_change_of_pain(t, trajectory, p))
    change = sooner(trajectory.time_to_death - VERY_NEAR_DEATH_DAYS, t, change)
    change = sooner(p.person_function_from_day, t, change)
    for day in (from_here, until_here, from_there, until_there):
        change = sooner(day, t, change)
    return change


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """Days of each level of walking, days with help, falls and function, from one change of the trajectory to the next."""
    from_here, until_here, from_there, until_there = math.inf, math.inf, math.inf, math.inf
    if trajectory.cord_compression < end:
        operated = is_operated(HERE, trajectory.cord_compression, seed, draw, number, u, trajectory, modifiers, p)
        from_here, until_here = lost_by_cord(HERE, trajectory.cord_compression, operated, seed, draw, number, p)
    if trajectory.cord_elsewhere < end:
        operated = is_operated(ELSEWHERE, trajectory.cord_elsewhere, seed, draw, number, u, trajectory, modifiers, p)
        from_there, until_there = lost_by_cord(ELSEWHERE, trajectory.cord_elsewhere, operated, seed, draw, number, p)
    advised = p.setting_person_weight_bearing_advice and is_advised(patient, p)
    first, harm, _, _ = four_random_numbers(seed, draw, number, FALL, 0)
    exponential, n = -log(first), 0
    t = 0.0
    while t < end:
        stop = min(end, next_change_of_the_day(t, trajectory, from_here, until_here, from_there, until_there, p))
        level = walking_level(modifiers.person_walking, log_odds_of_walking_worse(t, patient, trajectory, p), p)
        if advised:
            level = max(level, WITH_AID)
        if (from_here <= t < until_here) or (from_there <= t < until_there):
            level = CHAIR
        count_days(t, stop, period_ends, count, g, s, UNAIDED + level)
        if level == CHAIR or (level == WITH_AID and patient.karnofsky <= p.person_help_karnofsky):
            count_days(t, stop, period_ends, count, g, s, HELP)
        count_points(t, stop, points_of_function(t, trajectory, p), period_ends, count, g, s)
        hurts = reported(worst_pain(t, trajectory, trajectory.n_courses, p)) > 0
        rate = p.person_fall_rate[0] * modifiers.person_fall_ratio * (p.person_fall_pain_ratio if hurts else 1.0)
        exponential, harm, n = count_falls(
            t, stop, rate, exponential, harm, n, seed, draw, number, p, end, period_ends, count, g, s
        )
        t = stop
