"""A bone-modifying agent: fewer events of the skeleton here and elsewhere, pain that worsens later; and its harms.

It never acts on the level of pain. At the irradiated site its ratios act relative to the share of patients who had an agent in the data
that the hazards come from; elsewhere the hazards are of patients without one. Operations at the irradiated site follow its fractures and
cord compressions, and so become fewer with them: a ratio of their own would count the same twice. Up to two agents follow each other:
zoledronic acid and then denosumab in step therapy, or denosumab where the kidneys forbid a bisphosphonate.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.care.bone_agent import LONG_INTERVAL_WEEKS
from radsim.compiled import apart
from radsim.kernel.effects import (
    add_spike,
    count_at,
    count_every,
    four_random_numbers,
    intervals_of,
    multiply_hazard,
    multiply_on,
    random_number,
)  # fmt: skip
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
    SPINE,
    item,
)
from radsim.maths.elementary import log
from radsim.maths.hazard import exponential_time

KIDNEY, FIRST_DOSE = purpose("bone_agent", "kidney"), purpose("bone_agent", "first_dose")
DOSES = item("pamidronate_infusions")  # and the two after it, in the order of the agents
DENTAL_CHECKS, SUPPLEMENTS, REACTIONS, JAWS, HYPOCALCAEMIAS, KIDNEYS = (
    item(name)
    for name in (
        "dental_checks", "months_of_supplements", "first_dose_reactions", "jaw_osteonecroses", "hypocalcaemias", "kidney_deteriorations",
    )
)  # fmt: skip
PAMIDRONATE, ZOLEDRONIC_ACID, DENOSUMAB, NO_AGENT = 0, 1, 2, 3
MONTH_DAYS, DAYS_PER_WEEK = 28.0, 7.0


@apart
def act_with(agent, start, stop, patient, modifiers, p):
    """Multiply the hazards on [start, stop), that of surgery elsewhere by another ratio after a year of agents."""
    if not start < stop:
        return
    first, last = intervals_of(modifiers, start, stop)
    here = p.bone_agent_ratio_of_vertebral_fracture if patient.site == SPINE else p.bone_agent_ratio_of_fracture
    multiply_on(modifiers, H_FRACTURE, first, last, here[agent])
    multiply_on(modifiers, H_CORD_COMPRESSION, first, last, p.bone_agent_ratio_of_cord_compression[agent])
    multiply_on(modifiers, H_WORSENING, first, last, p.bone_agent_ratio_of_worsening[agent])
    elsewhere = p.bone_agent_ratio_of_event_elsewhere[agent]
    multiply_on(modifiers, H_ELSEWHERE_FRACTURE, first, last, elsewhere * p.bone_agent_fracture_ratio)
    multiply_on(modifiers, H_ELSEWHERE_CORD_COMPRESSION, first, last, elsewhere * p.bone_agent_cord_compression_ratio)
    multiply_on(modifiers, H_HYPERCALCAEMIA, first, last, elsewhere * p.bone_agent_hypercalcaemia_ratio)
    multiply_on(modifiers, H_NEW_SITE, first, last, p.bone_agent_ratio_of_new_site[agent])
    year = min(max(start, p.setting_bone_agent_start_day + DAYS_PER_YEAR), stop)
    if start < year:
        multiply_hazard(modifiers, H_ELSEWHERE_SURGERY, start, year, elsewhere * p.bone_agent_surgery_ratio)
    if year < stop:
        multiply_hazard(modifiers, H_ELSEWHERE_SURGERY, year, stop, elsewhere * p.bone_agent_late_surgery_ratio)


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
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Say which agent is given until when, and write its effects and the reaction to the first dose."""
    start = p.setting_bone_agent_start_day
    first, stop, second = int(p.setting_bone_agent_agent), math.inf, NO_AGENT
    if p.setting_bone_agent_step_therapy:
        first, stop, second = ZOLEDRONIC_ACID, start + p.bone_agent_step_therapy_days, DENOSUMAB
    kidney = math.inf
    u_kidney, u_jaw, u_calcium, u_calcium_time = four_random_numbers(seed, draw, number, KIDNEY, 0)
    modifiers.bone_agent_jaw, modifiers.bone_agent_calcium, modifiers.bone_agent_calcium_time = (
        u_jaw,
        u_calcium,
        u_calcium_time,
    )
    if not patient.kidney_failure:
        kidney = time_of_kidney_deterioration(-log(u_kidney), start, stop, first, second, p)
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
    is_new = begins_with != NO_AGENT and not patient.bone_agent_before
    if is_new and random_number(seed, draw, number, FIRST_DOSE, 0) < p.bone_agent_by_first_dose_reaction[begins_with]:
        modifiers.bone_agent_reaction = 1.0
        from_day, until = start + p.bone_agent_first_dose_from_day, start + p.bone_agent_first_dose_until_day
        add_spike(modifiers, from_day, until, p.bone_agent_first_dose_rise_points)


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
    every = DAYS_PER_WEEK * p.setting_bone_agent_every_weeks
    count_every(start, every, stop, end, period_ends, count, g, s, DOSES + agent)
    if p.setting_bone_agent_supplements:
        count_every(start, MONTH_DAYS, stop, end, period_ends, count, g, s, SUPPLEMENTS)


@apart
def count_hypocalcaemia(agent, start, stop, u_whether, u_when, end, period_ends, count, g, s, p):
    """Hypocalcaemia after an agent was begun on ``start``, while it is given."""
    if agent == NO_AGENT or not start < stop:
        return
    probability = p.bone_agent_by_hypocalcaemia[agent]
    if not p.setting_bone_agent_supplements:
        probability *= p.bone_agent_hypocalcaemia_no_supplements_ratio
    if u_whether < probability:
        day = start - p.bone_agent_hypocalcaemia_mean_days * log(u_when)
        if day < stop:
            count_at(day, end, period_ends, count, g, s, HYPOCALCAEMIAS)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
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
    exponential = -log(modifiers.bone_agent_jaw)
    jaw = time_of_jaw(exponential, start, stop, min(second_stop, end), first, second, patient, p)
    count_at(jaw, end, period_ends, count, g, s, JAWS)
    u_whether, u_when = modifiers.bone_agent_calcium, modifiers.bone_agent_calcium_time
    count_hypocalcaemia(first, start, stop, u_whether, u_when, end, period_ends, count, g, s, p)
    if second != NO_AGENT and stop < end:
        _, _, u_whether, u_when = four_random_numbers(seed, draw, number, KIDNEY, 1)
        count_hypocalcaemia(second, stop, second_stop, u_whether, u_when, end, period_ends, count, g, s, p)
    count_at(modifiers.bone_agent_kidney_day, end, period_ends, count, g, s, KIDNEYS)
