"""A long bone at high risk of fracture: fixation before day 0, its hazards after it, and what follows an operation for a fracture.

Fixation lies before the first fraction, so no clock moves and the index course is the radiotherapy after it. The operation after a fracture
is the disease model's own (`operations`): here only the stay, the failure of the implant and the radiotherapy after it are counted.
Nobody dies of an operation: the deaths that routine care would expect are counted and do not act.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.care.fracture_care import CLASSIFIERS
from radsim.compiled import apart
from radsim.kernel.effects import count_at, count_days, four_random_numbers, multiply_hazard, random_number
from radsim.kernel.layout import BLASTIC, H_FRACTURE, HIP, HUMERUS, LYTIC, item
from radsim.maths.elementary import log
from radsim.maths.hazard import exponential_time

OPERATED, REFERRAL = purpose("fracture_care", "operated"), purpose("fracture_care", "referral")
HIGH_RISK, FIXATIONS, FIXATION_DAYS, FRACTURE_DAYS, DEATHS, IMPLANT_FAILURES, LOCAL_FAILURES, COURSES, FRACTIONS = (
    item(name)
    for name in (
        "high_risk_bones", "prophylactic_fixations", "hospital_days_for_fixation", "hospital_days_for_fracture", "perioperative_deaths",
        "implant_failures", "local_failures", "courses_after_surgery", "fractions_after_surgery",
    )
)  # fmt: skip
MIRELS = float(CLASSIFIERS.index("mirels"))


@apart
def mirels_score(patient, p):
    """Score of a long bone, 4 to 12, 0 of another. [1]

    Notes
    -----
    Pain that is severe stands for pain on use, the length of cortical involvement for the share of the diameter; of the humerus the
    length is not known, and the middle third is assumed.
    """
    if patient.site != HIP and patient.site != HUMERUS:
        return 0
    score = 3 if patient.site == HIP else 1
    score += 3 if patient.lesion == LYTIC else 1 if patient.lesion == BLASTIC else 2
    score += (
        1
        + (patient.pain >= p.fracture_care_mirels_moderate_pain)
        + (patient.pain >= p.fracture_care_mirels_functional_pain)
    )
    if patient.site == HUMERUS:
        return score + 2
    length = patient.cortical_involvement_mm
    return (
        score
        + 1
        + (length >= p.fracture_care_mirels_second_third_mm)
        + (length >= p.fracture_care_mirels_last_third_mm)
    )


@apart
def at_high_risk(patient, p):
    """Does the classifier of the study say that the bone is likely to break?"""
    if p.setting_fracture_care_classifier == MIRELS:
        return mirels_score(patient, p) >= p.fracture_care_mirels_least_score
    return patient.site == HIP and patient.cortical_involvement_mm >= p.fracture_high_risk_mm


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Fix the bone of the patients at high risk who are operated on; in the scenario, protect that of the others where it is irradiated."""
    if not at_high_risk(patient, p):
        return
    modifiers.fracture_care_high_risk = 1.0
    if random_number(seed, draw, number, OPERATED, 0) < p.setting_fracture_care_operated:
        modifiers.fracture_care_fixed = 1.0
        multiply_hazard(modifiers, H_FRACTURE, 0.0, math.inf, p.fracture_care_fixed_rate_ratio)
    elif p.setting_fracture_care_irradiation_prevents_fracture:
        modifiers.irradiated_fracture_ratio *= p.fracture_care_irradiation_prevents_ratio


@apart
def implant_failure(u_failure, p):
    """Days from an operation until its implant fails; infinite if it never does. [d]"""
    rate = p.fracture_care_by_implant_failure_rate_per_day[int(p.setting_fracture_care_implant)]
    return exponential_time(-log(u_failure), rate)


@apart
def local_failure(u_local, irradiated, p):
    """Days from an operation until the tumour grows again at the implant; infinite if it never does. [d]"""
    protected = irradiated and p.setting_fracture_care_whole_implant
    rate = p.fracture_care_local_failure_rate_per_day * (p.fracture_care_local_failure_ratio if protected else 1.0)
    return exponential_time(-log(u_local), rate)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The fixation with its stay and its expected deaths, on day 0."""
    if not modifiers.fracture_care_high_risk:
        return
    count_at(0.0, end, period_ends, count, g, s, HIGH_RISK)
    if not modifiers.fracture_care_fixed:
        return
    _, _, u_death, _ = four_random_numbers(seed, draw, number, OPERATED, 0)
    count_at(0.0, end, period_ends, count, g, s, FIXATIONS)
    count[g, s, 0, FIXATION_DAYS] += int(p.fracture_care_hospital_days_prophylactic + 0.5)
    if u_death < p.fracture_care_perioperative_death_prophylactic:
        count_at(0.0, end, period_ends, count, g, s, DEATHS)


@apart
def irradiated_after(surgery, seed, draw, number, trajectory, end, period_ends, p, count, g, s):
    """Whether radiotherapy follows an operation for a fracture; its course is counted unless it is a repeat of the disease model."""
    for k in range(1, trajectory.n_courses):
        if surgery <= trajectory.start[k] < surgery + p.fracture_care_irradiation_within_days:
            return True
    day = surgery + p.fracture_care_irradiation_delay_days
    referred = random_number(seed, draw, number, REFERRAL, 0) < p.fracture_care_referral_after_fracture
    if not (p.setting_fracture_care_irradiation_after_surgery and referred and day < trajectory.time_to_death):
        return False
    count_at(day, end, period_ends, count, g, s, COURSES)
    for _ in range(int(p.setting_fracture_care_fractions_after_surgery)):
        count_at(day, end, period_ends, count, g, s, FRACTIONS)
    return True


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """What depends on the schedule: the end of the first implant, and all that follows an operation for a fracture of a long bone."""
    surgery = trajectory.surgery
    if modifiers.fracture_care_fixed:
        _, u_failure, _, u_local = four_random_numbers(seed, draw, number, OPERATED, 0)
        until = min(surgery, end)  # then another implant takes its place
        count_at(implant_failure(u_failure, p), until, period_ends, count, g, s, IMPLANT_FAILURES)
        count_at(local_failure(u_local, trajectory.irradiated, p), until, period_ends, count, g, s, LOCAL_FAILURES)
    if not surgery < end or (patient.site != HIP and patient.site != HUMERUS):
        return
    _, u_failure, u_death, u_local = four_random_numbers(seed, draw, number, OPERATED, 1)
    stop = min(surgery + p.fracture_care_hospital_days_after_fracture, end)
    count_days(surgery, stop, period_ends, count, g, s, FRACTURE_DAYS)
    if u_death < p.fracture_care_perioperative_death_after_fracture:
        count_at(surgery, end, period_ends, count, g, s, DEATHS)
    count_at(surgery + implant_failure(u_failure, p), end, period_ends, count, g, s, IMPLANT_FAILURES)
    irradiated = irradiated_after(surgery, seed, draw, number, trajectory, end, period_ends, p, count, g, s)
    count_at(surgery + local_failure(u_local, irradiated, p), end, period_ends, count, g, s, LOCAL_FAILURES)
