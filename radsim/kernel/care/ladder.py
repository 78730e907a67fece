"""The analgesic ladder: the step follows what the patient states of the worst site at each review, and its dose takes the place of the core's.

Pain at the start was stated on the analgesics of that day, so a step relieves relative to the step at the start. Reviews: days 0, 3 and 7,
the visits of the study, then every 28 days. Up at once; down by one after 28 days of a pain of at most 2. Who has to take a step down
back keeps the step until the next course: nobody goes up and down for the rest of life. The whole path is written anew after each
course: what lies before a course does not depend on it.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.compiled import apart
from radsim.kernel.effects import count_at, count_days, keep_index_steps, period_of, random_number, set_step
from radsim.kernel.layout import item
from radsim.kernel.pain import worst_pain
from radsim.kernel.report import stated_pain
from radsim.maths.hazard import normal_quantile

RELIEF, BREAKTHROUGH, RESCUES, CONSTIPATION, NAUSEA, SLEEPINESS, BLEEDING = (
    purpose("ladder", name)
    for name in ("relief", "breakthrough", "rescues", "constipation", "nausea", "sleepiness", "bleeding")
)
(
    STEP_1, STEP_2, STEP_3, PATCH, STRONG_MG, NSAID, PROTECTION, LAXATIVE, NERVE_PAIN, ROTATIONS, CONSTIPATIONS, NAUSEAS, SLEEPINESSES,
    BLEEDINGS, DAYS_CONSTIPATED, DAYS_NAUSEATED, DAYS_SLEEPY,
) = (
    item(name)
    for name in (
        "days_on_step_1", "days_on_step_2", "days_on_step_3", "days_with_patch", "strong_opioid_mg", "days_with_nsaid",
        "days_with_gastric_protection", "days_with_laxative", "days_with_nerve_pain_drug", "opioid_rotations", "constipations", "nauseas",
        "sleepinesses", "bleedings", "days_with_constipation", "days_with_nausea", "days_with_sleepiness",
    )
)  # fmt: skip
PARACETAMOL, NO_DRUG = 0, 4  # positions among the non-opioids
LOW_DOSE_MORPHINE, FENTANYL = 2, 3  # among the weak and the strong opioids
MODERATE, SEVERE, LOW = 5, 8, 2  # stated pain from which steps 2 and 3 are taken, and up to which a step is left
FIRST_REVIEWS = 3  # on days 0, 3 and 7
EVERY_DAYS = 28.0
APART_DAYS = 2.5  # reviews closer together are one
AT_PAIN = 7.0  # at which the number of breakthrough pains a day is given
CHANGE_OF_RESCUES = 1.0  # a day, from which on the dose is written anew


@apart
def step_at_start(dose, p):
    """Step of the care before the first fraction. [1]"""
    if dose <= 0.0:
        return 1
    return 2 if dose <= p.ladder_weak_opioid_most_mg else 3


@apart
def left_by(number, score, p):
    """What step ``number`` leaves of a patient's pain. [1]"""
    log_odds = p.ladder_relief_log_odds_step_1
    if number == 2 and p.setting_ladder_weak_opioid != LOW_DOSE_MORPHINE:
        log_odds = p.ladder_relief_log_odds_step_2
    elif number >= 2:
        log_odds = p.ladder_relief_log_odds_low_dose_morphine
    relief = 1.0 / (1.0 + math.exp(-(log_odds + p.ladder_relief_sd * score)))
    adherence = p.setting_ladder_adherence if number >= 2 else 1.0
    by_non_opioid = 1.0 / (1.0 + math.exp(-(p.ladder_relief_log_odds_step_1 + p.ladder_relief_sd * score)))
    return 1.0 - max(adherence * relief, by_non_opioid)  # which stands beside every step


@apart
def review_day(n, visit_days):
    """Day of review number ``n``: 0, 3, 7, the visits, then every 28 days. [d]"""
    if n < FIRST_REVIEWS:
        return 0.0 if n == 0 else 3.0 if n == 1 else 7.0
    visits = len(visit_days)
    if n < FIRST_REVIEWS + visits:
        return visit_days[n - FIRST_REVIEWS]
    last = max(7.0, visit_days[visits - 1]) if visits > 0 else 7.0
    return last + EVERY_DAYS * (n - FIRST_REVIEWS - visits + 1)


@apart
def rescues_a_day(stated, has_breakthrough, p):
    """Mean number of rescue doses a day. [d-1]"""
    return p.ladder_breakthrough_per_day * stated / AT_PAIN * has_breakthrough


@apart
def more_than(most, mean, u):
    """Does a Poisson number of this mean, at its quantile ``u``, exceed ``most``?"""
    term = math.exp(-mean)
    below = term
    for k in range(1, int(most) + 1):
        term *= mean / k
        below += term
    return u > below


@apart
def course_since(day, now, trajectory):
    """Has a course begun after ``day``, up to ``now``?"""
    begun = False
    for k in range(1, trajectory.n_courses):
        begun |= (day < trajectory.start[k]) & (trajectory.start[k] <= now)
    return begun


@apart
def write_path(seed, draw, number, patient, trajectory, visit_days, p):
    """Write the steps of a patient from day 0 until death."""
    trajectory.n_steps = 0
    score = normal_quantile(random_number(seed, draw, number, RELIEF, 0))
    has_breakthrough = random_number(seed, draw, number, BREAKTHROUGH, 0) < p.ladder_breakthrough
    now = step_at_start(patient.morphine_equivalent, p)
    at_start = left_by(now, score, p)
    baseline, raises, rescues = patient.morphine_equivalent, 0, -1.0
    kept = 1.0
    low_since, last = math.inf, -math.inf
    highest_left, least, kept_since = 0, 1, 0.0
    set_step(trajectory, 0.0, 1.0, baseline, now)
    n = 0
    while True:
        day = review_day(n, visit_days)
        n += 1
        if day >= trajectory.time_to_death:
            return
        if day < last + APART_DAYS:
            continue
        last = day
        stated = stated_pain(worst_pain(day, trajectory, trajectory.n_courses, p), trajectory.deviation)
        wanted = 3 if stated >= SEVERE else 2 if stated >= MODERATE else 1 if stated > 0 else now
        low_since = min(low_since, day) if stated <= LOW else math.inf
        mean = rescues_a_day(stated, has_breakthrough, p) if now >= 2 else 0.0
        begins = day
        changed = False
        if least > 1 and course_since(kept_since, day, trajectory):
            highest_left, least = 0, 1
        if wanted > now:
            if highest_left > 0:  # of what is needed again, only what had been left
                least, kept_since = min(wanted, highest_left), day
            if wanted == 3:
                start = p.ladder_step_3_mg_after_weak_opioid if now == 2 else p.ladder_step_3_mg_otherwise
                begins = day + p.ladder_titration_days
            else:
                start = p.ladder_step_2_mg[int(p.setting_ladder_weak_opioid)]
            baseline = max(baseline, start)
            now, changed = wanted, True
        elif now == 3 and (
            stated >= MODERATE
            or more_than(p.ladder_most_rescues, mean, random_number(seed, draw, number, RESCUES, int(day)))
        ):
            if baseline < p.ladder_ceiling_mg:
                baseline = min(baseline * (1.0 + p.ladder_increase), max(baseline, p.ladder_ceiling_mg))
                raises += 1
                changed = True
        elif now > least and day - low_since >= EVERY_DAYS:
            highest_left = max(highest_left, now)
            now -= 1
            raises = 0
            baseline = 0.0 if now == 1 else min(baseline, p.ladder_step_2_mg[int(p.setting_ladder_weak_opioid)])
            low_since, changed = day, True
        mean = rescues_a_day(stated, has_breakthrough, p) if now >= 2 else 0.0
        if changed or abs(mean - rescues) >= CHANGE_OF_RESCUES:
            kept = (
                min(1.0, left_by(now, score, p) / at_start)
                * (1.0 - p.setting_ladder_adherence * p.analgesic_relief_per_increase) ** raises
            )
            rescues = mean
            dose = baseline * p.setting_ladder_adherence * (1.0 + p.ladder_rescue_share * mean)
            set_step(trajectory, begins, kept, dose, now)


@apart
def follow(p, seed, draw, number, u, patient, trajectory, modifiers, start, visit_days):
    """The ladder instead of titration, escalation, drift and tapering."""
    if trajectory.n_courses == 2:
        keep_index_steps(trajectory)
    trajectory.titration = math.inf
    trajectory.escalation = math.inf
    trajectory.tapers = 0
    trajectory.drifts = 0
    write_path(seed, draw, number, patient, trajectory, visit_days, p)


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """Days on each step and with each drug; side effects."""
    first_opioid = math.inf
    strong = int(p.setting_ladder_strong_opioid)
    conversion = p.ladder_conversion[strong]
    is_constipated = random_number(seed, draw, number, CONSTIPATION, 0) < probability_of_constipation(p)
    for i in range(trajectory.n_steps):
        begins = trajectory.step_start[i]
        ends = min(end, trajectory.step_start[i + 1]) if i + 1 < trajectory.n_steps else end
        if not begins < ends:
            continue
        now = trajectory.step_number[i]
        if now >= 2:
            first_opioid = min(first_opioid, begins)
            if is_constipated:
                count_days(begins, ends, period_ends, count, g, s, DAYS_CONSTIPATED)
            if p.setting_ladder_laxative:
                count_days(begins, ends, period_ends, count, g, s, LAXATIVE)
        if now == 1:
            count_days(begins, ends, period_ends, count, g, s, STEP_1)
        elif now == 2:
            count_days(begins, ends, period_ends, count, g, s, STEP_2)
        else:
            count_days(begins, ends, period_ends, count, g, s, STEP_3)
            if strong == FENTANYL:
                count_days(min(begins + EVERY_DAYS, ends), ends, period_ends, count, g, s, PATCH)
            t = begins
            period = period_of(begins, period_ends)
            while t < ends:
                edge = min(ends, period_ends[period])
                count[g, s, period, STRONG_MG] += int(trajectory.step_dose[i] / conversion * (edge - t) + 0.5)
                t = edge
                period += 1
            before = trajectory.step_dose[i - 1] if i > 0 else 0.0
            ceiling = p.ladder_ceiling_mg * p.setting_ladder_adherence
            if trajectory.step_dose[i] >= ceiling > before:
                count_at(begins, end, period_ends, count, g, s, ROTATIONS)
    count_side_effects(seed, draw, number, patient, first_opioid, p, end, period_ends, count, g, s)


@apart
def probability_of_constipation(p):
    """Probability of constipation as long as an opioid is taken. [1]"""
    return p.ladder_constipation * (p.ladder_laxative_ratio if p.setting_ladder_laxative else 1.0)


@apart
def count_side_effects(seed, draw, number, patient, first_opioid, p, end, period_ends, count, g, s):
    """Constipation lasts as long as the opioid, nausea and sleepiness follow the first one; an NSAID may make the gut bleed."""
    if first_opioid < end:
        until = min(first_opioid + p.ladder_transient_days, end)
        if random_number(seed, draw, number, CONSTIPATION, 0) < probability_of_constipation(p):
            count_at(first_opioid, end, period_ends, count, g, s, CONSTIPATIONS)
        if patient.morphine_equivalent <= 0.0:  # who has had an opioid before is over it
            nausea = p.ladder_nausea * (p.ladder_antiemetic_ratio if p.setting_ladder_antiemetic else 1.0)
            if random_number(seed, draw, number, NAUSEA, 0) < nausea:
                count_at(first_opioid, end, period_ends, count, g, s, NAUSEAS)
                count_days(first_opioid, until, period_ends, count, g, s, DAYS_NAUSEATED)
            if random_number(seed, draw, number, SLEEPINESS, 0) < p.ladder_sleepiness:
                count_at(first_opioid, end, period_ends, count, g, s, SLEEPINESSES)
                count_days(first_opioid, until, period_ends, count, g, s, DAYS_SLEEPY)
    drug = int(p.setting_ladder_non_opioid)
    forbidden = patient.kidney_failure or patient.heart_failure or patient.low_platelets
    if forbidden and drug != NO_DRUG:
        drug = PARACETAMOL
    rate = p.ladder_bleeding_rate_per_day * p.ladder_bleeding_ratio[drug]
    if drug != PARACETAMOL and drug != NO_DRUG:
        count_days(0.0, end, period_ends, count, g, s, NSAID)
        if p.setting_ladder_gastric_protection:
            count_days(0.0, end, period_ends, count, g, s, PROTECTION)
            rate *= p.ladder_gastric_protection_ratio
    count_at(-math.log(random_number(seed, draw, number, BLEEDING, 0)) / rate, end, period_ends, count, g, s, BLEEDINGS)
    if p.setting_ladder_nerve_pain_drug and patient.neuropathic:
        count_days(0.0, end, period_ends, count, g, s, NERVE_PAIN)
