"""A bone-modifying agent: fewer events of the skeleton here and elsewhere, pain that worsens later; and its harms.

It never acts on the level of pain. At the irradiated site its ratios act relative to the share of patients who had an agent in the data
that the hazards come from; elsewhere the hazards are of patients without one. Operations at the irradiated site follow its fractures and
cord compressions, and so become fewer with them: a ratio of their own would count the same twice. Up to two agents follow each other:
zoledronic acid and then denosumab in step therapy, or denosumab where the kidneys forbid a bisphosphonate.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.compiled import apart
from radsim.kernel.effects import add_spike, count_at, multiply_hazard, random_number
from radsim.kernel.layout import (
    DAYS_PER_YEAR,
    H_CORD_COMPRESSION,
    H_ELSEWHERE_CORD_COMPRESSION,
    H_ELSEWHERE_FRACTURE,
    H_ELSEWHERE_SURGERY,
    H_FRACTURE,
    H_HYPERCALCAEMIA,
    H_NEW_SITE,
    H_WORSENING,
    HAZARDS,
    SPINE,
    item,
)
from radsim.maths.hazard import exponential_time

KIDNEY, JAW, HYPOCALCAEMIA, HYPOCALCAEMIA_TIME, FIRST_DOSE = (
    purpose("bone_agent", name) for name in ("kidney", "jaw", "hypocalcaemia", "hypocalcaemia_time", "first_dose")
)
DOSES = item("pamidronate_infusions")  # and the two after it, in the order of the agents
DENTAL_CHECKS, SUPPLEMENTS, REACTIONS, JAWS, HYPOCALCAEMIAS, KIDNEYS = (
    item(name)
    for name in (
        "dental_checks", "months_of_supplements", "first_dose_reactions", "jaw_osteonecroses", "hypocalcaemias", "kidney_deteriorations",
    )
)  # fmt: skip
PAMIDRONATE, ZOLEDRONIC_ACID, DENOSUMAB, NO_AGENT = 0, 1, 2, 3
N_HAZARDS = len(HAZARDS)
MONTH_DAYS, DAYS_PER_WEEK = 28.0, 7.0
LONG_INTERVAL_WEEKS = 5.0  # from here on fewer osteonecroses of the jaw


@apart
def against_none(agent, p):
    """Factor on every skeletal ratio of pamidronate that makes it one of ``agent``, at its interval. [1]"""
    ratio = 1.0
    if agent >= ZOLEDRONIC_ACID:
        ratio *= p.bone_agent_zoledronic_acid_ratio
    if p.setting_bone_agent_every_weeks >= LONG_INTERVAL_WEEKS:
        ratio *= p.bone_agent_by_twelve_weeks_ratio[agent]
    return ratio


@apart
def ratio_of(hazard, agent, late, patient, p):
    """What ``agent`` multiplies a hazard by, after a year of agents where ``late``. [1]"""
    ratio = against_none(agent, p)
    if agent == DENOSUMAB:
        ratio *= p.bone_agent_denosumab_radiation_ratio if hazard == H_NEW_SITE else p.bone_agent_denosumab_ratio
    not_yet = 1.0 - (p.bone_agent_share_in_baseline_modern if p.modern else p.bone_agent_share_in_baseline_era_1990s)
    if hazard == H_FRACTURE:
        fracture = p.bone_agent_vertebral_fracture_ratio if patient.site == SPINE else p.bone_agent_fracture_ratio
        return (ratio * fracture) ** not_yet
    if hazard == H_CORD_COMPRESSION:
        return (ratio * p.bone_agent_cord_compression_ratio) ** not_yet
    if hazard == H_WORSENING:
        of_agent = p.bone_agent_denosumab_worsening_ratio if agent == DENOSUMAB else 1.0
        return (of_agent * p.bone_agent_worsening_ratio) ** not_yet
    if hazard == H_ELSEWHERE_FRACTURE:
        return ratio * p.bone_agent_fracture_ratio
    if hazard == H_ELSEWHERE_CORD_COMPRESSION:
        return ratio * p.bone_agent_cord_compression_ratio
    if hazard == H_ELSEWHERE_SURGERY:
        return ratio * (p.bone_agent_late_surgery_ratio if late else p.bone_agent_surgery_ratio)
    if hazard == H_HYPERCALCAEMIA:
        return ratio * p.bone_agent_hypercalcaemia_ratio
    return ratio * p.bone_agent_radiation_ratio if hazard == H_NEW_SITE else 1.0


@apart
def act_with(agent, start, stop, patient, modifiers, p):
    """Multiply the hazards on [start, stop), in two parts: before and after a year of agents."""
    year = min(max(start, p.setting_bone_agent_start_day + DAYS_PER_YEAR), stop)
    for late in range(2):
        begin = year if late else start
        end = stop if late else year
        for hazard in range(N_HAZARDS):
            ratio = ratio_of(hazard, agent, late, patient, p)
            if begin < end and ratio != 1.0:
                multiply_hazard(modifiers, hazard, begin, end, ratio)


@apart
def time_of_kidney_deterioration(exponential, start, stop, first, second, p):
    """Day on which the kidneys get worse while ``first`` is given on [start, stop) and then ``second``; infinite if they do not. [d]"""
    rate = p.bone_agent_by_kidney_rate_per_day[first]
    t = start + exponential_time(exponential, rate)
    if t < stop:
        return t
    if second == NO_AGENT:
        return math.inf
    return stop + exponential_time(exponential - rate * (stop - start), p.bone_agent_by_kidney_rate_per_day[second])


@apart
def act(p, seed, draw, number, u, patient, schedule, trajectory, modifiers):
    """Say which agent is given until when, and write its effects and the reaction to the first dose."""
    start = p.setting_bone_agent_start_day
    first, stop, second = int(p.setting_bone_agent_agent), math.inf, NO_AGENT
    if p.setting_bone_agent_step_therapy:
        first, stop, second = ZOLEDRONIC_ACID, start + p.bone_agent_step_therapy_days, DENOSUMAB
    kidney = math.inf
    if not patient.kidney_failure:
        exponential = -math.log(random_number(seed, draw, number, KIDNEY, 0))
        kidney = time_of_kidney_deterioration(exponential, start, stop, first, second, p)
    forbidden = start if patient.kidney_failure else kidney
    if first != DENOSUMAB and forbidden < stop:
        stop = forbidden
        if p.setting_bone_agent_kidney_switch:
            second = DENOSUMAB
    second_stop = stop if second == NO_AGENT else math.inf
    modifiers.bone_agent_first_agent, modifiers.bone_agent_first_stop = first, stop
    modifiers.bone_agent_second_agent, modifiers.bone_agent_second_stop = second, second_stop
    modifiers.bone_agent_kidney_day = kidney
    act_with(first, start, stop, patient, modifiers, p)
    if second != NO_AGENT:
        act_with(second, stop, second_stop, patient, modifiers, p)
    begins_with = first if start < stop else second
    modifiers.bone_agent_reaction = 0.0
    is_new = begins_with != NO_AGENT and not patient.bone_agent_before
    if is_new and random_number(seed, draw, number, FIRST_DOSE, 0) < p.bone_agent_by_first_dose_reaction[begins_with]:
        modifiers.bone_agent_reaction = 1.0
        from_day, until = start + p.bone_agent_first_dose_from_day, start + p.bone_agent_first_dose_until_day
        add_spike(trajectory, from_day, until, p.bone_agent_first_dose_rise_points)


@apart
def jaw_factor(agent, patient, p):
    """Factor on the hazard of an osteonecrosis of the jaw. [1]"""
    factor = p.bone_agent_jaw_denosumab_ratio if agent == DENOSUMAB else 1.0
    if p.setting_bone_agent_every_weeks >= LONG_INTERVAL_WEEKS:
        factor /= p.bone_agent_jaw_frequent_ratio
    if patient.smoking:
        factor *= p.bone_agent_jaw_smoking_ratio
    if patient.dentures:
        factor *= p.bone_agent_jaw_dentures_ratio
    if not p.setting_bone_agent_dental_check:
        factor *= p.bone_agent_jaw_no_dental_check_ratio
    return factor


@apart
def time_of_jaw(exponential, start, stop, second_stop, first, second, patient, p):
    """Day of an osteonecrosis of the jaw, while an agent is given; infinite if there is none. [d]"""
    one_year, two_years = start + DAYS_PER_YEAR, start + 2.0 * DAYS_PER_YEAR
    t, left = start, exponential
    while t < second_stop:
        edge, rate = math.inf, p.bone_agent_jaw_later_year_rate_per_day
        if t < one_year:
            edge, rate = one_year, p.bone_agent_jaw_first_year_rate_per_day
        elif t < two_years:
            edge, rate = two_years, p.bone_agent_jaw_second_year_rate_per_day
        agent = first if t < stop else second
        edge = min(edge, stop if t < stop else second_stop)
        rate *= jaw_factor(agent, patient, p)
        if left <= rate * (edge - t):
            return t + left / rate
        left -= rate * (edge - t)
        t = edge
    return math.inf


@apart
def count_doses(agent, start, stop, end, period_ends, count, g, s, p):
    """Doses on [start, stop), and the supplements of the time."""
    if agent == NO_AGENT:
        return
    weeks = p.setting_bone_agent_every_weeks
    day = start
    while day < min(stop, end):
        count_at(day, end, period_ends, count, g, s, DOSES + agent)
        day += DAYS_PER_WEEK * weeks
    day = start
    while p.setting_bone_agent_supplements and day < min(stop, end):
        count_at(day, end, period_ends, count, g, s, SUPPLEMENTS)
        day += MONTH_DAYS


@apart
def count_hypocalcaemia(agent, occurrence, start, stop, seed, draw, number, end, period_ends, count, g, s, p):
    """Hypocalcaemia after an agent was begun on ``start``, while it is given."""
    if agent == NO_AGENT or not start < stop:
        return
    probability = p.bone_agent_by_hypocalcaemia[agent]
    if not p.setting_bone_agent_supplements:
        probability *= p.bone_agent_hypocalcaemia_no_supplements_ratio
    if random_number(seed, draw, number, HYPOCALCAEMIA, occurrence) < probability:
        u = random_number(seed, draw, number, HYPOCALCAEMIA_TIME, occurrence)
        day = start - p.bone_agent_hypocalcaemia_mean_days * math.log(u)
        if day < stop:
            count_at(day, end, period_ends, count, g, s, HYPOCALCAEMIAS)


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """Doses and harms."""
    start = p.setting_bone_agent_start_day
    first, stop = int(modifiers.bone_agent_first_agent), modifiers.bone_agent_first_stop
    second, second_stop = int(modifiers.bone_agent_second_agent), modifiers.bone_agent_second_stop
    if not start < second_stop:
        return
    count_doses(first, start, stop, end, period_ends, count, g, s, p)
    count_doses(second, stop, second_stop, end, period_ends, count, g, s, p)
    if p.setting_bone_agent_dental_check:
        count_at(start, end, period_ends, count, g, s, DENTAL_CHECKS)
    if modifiers.bone_agent_reaction:
        count_at(start + p.bone_agent_first_dose_from_day, end, period_ends, count, g, s, REACTIONS)
    exponential = -math.log(random_number(seed, draw, number, JAW, 0))
    jaw = time_of_jaw(exponential, start, stop, second_stop, first, second, patient, p)
    count_at(jaw, end, period_ends, count, g, s, JAWS)
    count_hypocalcaemia(first, 0, start, stop, seed, draw, number, end, period_ends, count, g, s, p)
    count_hypocalcaemia(second, 1, stop, second_stop, seed, draw, number, end, period_ends, count, g, s, p)
    count_at(modifiers.bone_agent_kidney_day, end, period_ends, count, g, s, KIDNEYS)
