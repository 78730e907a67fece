"""The analgesic ladder: the step follows what the patient states of the worst site at each review, and its dose takes the place of the core's.

Pain at the start was stated on the analgesics of that day, so a step relieves relative to the step at the start. Reviews: day 0 and two more in the
first week, the visits of the study, then every four weeks. Up at once; down by one after some weeks of little pain. Who has to take a step down
back keeps the step until the next course: nobody goes up and down for the rest of life. The whole path is written anew after each
course: what lies before a course does not depend on it.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.care.ladder import FORBIDS
from radsim.compiled import apart
from radsim.kernel.changes import next_change_before_steps, next_change_of_sites
from radsim.kernel.effects import (
    count_at,
    count_days,
    four_random_numbers,
    keep_index_steps,
    period_of,
    random_number,
    set_step,
)  # fmt: skip
from radsim.kernel.fits import conditions, has_any
from radsim.kernel.layout import INDEX_ALONE, MAX_STEPS, item
from radsim.kernel.pain import before_steps, under_step
from radsim.kernel.report import stated_pain
from radsim.maths.elementary import exp, log
from radsim.maths.hazard import normal_quantile

RELIEF, RESCUES, CONSTIPATION, NAUSEA = (
    purpose("ladder", name) for name in ("relief", "rescues", "constipation", "nausea")
)
(
    STEP_1, STEP_2, STEP_3, PATCH, STRONG_MG, PARACETAMOL_DAYS, NSAID, PROTECTION, LAXATIVE, NERVE_PAIN, ROTATIONS, CONSTIPATIONS, NAUSEAS, SLEEPINESSES,
    BLEEDINGS, DAYS_CONSTIPATED, DAYS_NAUSEATED, DAYS_SLEEPY, NOT_KEPT,
) = (
    item(name)
    for name in (
        "days_on_step_1", "days_on_step_2", "days_on_step_3", "days_with_patch", "strong_opioid_mg", "days_with_paracetamol", "days_with_nsaid",
        "days_with_gastric_protection", "days_with_laxative", "days_with_nerve_pain_drug", "opioid_rotations", "constipations", "nauseas",
        "sleepinesses", "bleedings", "days_with_constipation", "days_with_nausea", "days_with_sleepiness", "doses_not_kept",
    )
)  # fmt: skip
FORBIDDEN = conditions(FORBIDS)
PARACETAMOL, NO_DRUG = 0, 4  # positions among the non-opioids
LOW_DOSE_MORPHINE, FENTANYL = 2, 3  # among the weak and the strong opioids
FIRST_REVIEWS = 3  # before the visits of the study
CHANGE_OF_RESCUES = 1.0  # a day, from which on the dose is written anew


@apart
def step_at_start(dose, p):
    """Step of the care before the first fraction. [1]"""
    if dose <= 0.0:
        return 1
    return 2 if dose <= p.ladder_weak_opioid_most_mg else 3


@apart
def step_for(stated, p):
    """Step that a stated pain asks for. [1]"""
    return 3 if stated >= p.ladder_step_3_from_pain else 2 if stated >= p.ladder_step_2_from_pain else 1


@apart
def left_by(number, score, p):
    """What step ``number`` leaves of a patient's pain. [1]"""
    log_odds = p.ladder_relief_log_odds_step_1
    if number == 2 and p.setting_ladder_weak_opioid != LOW_DOSE_MORPHINE:
        log_odds = p.ladder_relief_log_odds_step_2
    elif number >= 2:
        log_odds = p.ladder_relief_log_odds_low_dose_morphine
    relief = 1.0 / (1.0 + exp(-(log_odds + p.ladder_relief_sd * score)))
    adherence = p.setting_ladder_adherence if number >= 2 else 1.0
    by_non_opioid = 1.0 / (1.0 + exp(-(p.ladder_relief_log_odds_step_1 + p.ladder_relief_sd * score)))
    return 1.0 - max(adherence * relief, by_non_opioid)  # which stands beside every step


@apart
def review_day(n, visit_days, p):
    """Day of review number ``n``: day 0, two more, the visits, then at even intervals. [d]"""
    if n < FIRST_REVIEWS:
        return 0.0 if n == 0 else p.ladder_first_review_day if n == 1 else p.ladder_second_review_day
    visits = len(visit_days)
    if n < FIRST_REVIEWS + visits:
        return visit_days[n - FIRST_REVIEWS]
    last = p.ladder_second_review_day
    if visits > 0:
        last = max(last, visit_days[visits - 1])
    return last + p.ladder_review_days * (n - FIRST_REVIEWS - visits + 1)


@apart
def rescues_a_day(stated, has_breakthrough, p):
    """Mean number of rescue doses a day. [d-1]"""
    return p.ladder_breakthrough_per_day * stated / p.ladder_breakthrough_at_pain * has_breakthrough


@apart
def more_than(most, mean, u):
    """Does a Poisson number of this mean, at its quantile ``u``, exceed ``most``?"""
    term = exp(-mean)
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
def write_path(seed, draw, number, patient, trajectory, n_courses, visit_days, p):
    """Write the steps of a patient from day 0 until death, counting the first ``n_courses`` courses."""
    trajectory.n_steps = 0
    u_relief, u_breakthrough, _, _ = four_random_numbers(seed, draw, number, RELIEF, 0)
    score = normal_quantile(u_relief)
    has_breakthrough = u_breakthrough < p.ladder_breakthrough
    now = step_at_start(patient.morphine_equivalent, p)
    at_start = left_by(now, score, p)
    baseline, raised, rescues, kept = patient.morphine_equivalent, 1.0, -1.0, 1.0
    low_since, last = math.inf, -math.inf
    highest_left, least, kept_since = 0, 1, 0.0
    ceiling = p.ladder_ceiling_mg
    level, rise, elsewhere, until = 0.0, 0.0, 0.0, -math.inf  # pain before the steps, the same until then
    begins, settled = 0.0, False
    set_step(trajectory, 0.0, 1.0, baseline, now)
    n = 0
    while True:
        day = review_day(n, visit_days, p)
        n += 1
        if day >= trajectory.time_to_death:
            return
        if day < last + p.ladder_least_days_between_reviews:
            continue
        last = day
        if day >= until:
            level, rise, elsewhere = before_steps(day, trajectory, n_courses, p)
            until = next_change_of_sites(day, trajectory, next_change_before_steps(day, trajectory, p))
        elif settled:
            continue
        in_force = trajectory.step_kept[trajectory.n_steps - 2] if day < begins else kept
        stated = stated_pain(under_step(level, rise, elsewhere, in_force), trajectory.deviation)
        wanted = step_for(stated, p) if stated > 0 else now
        low_since = min(low_since, day) if stated <= p.ladder_down_at_pain else math.inf
        mean = rescues_a_day(stated, has_breakthrough, p) if now >= 2 else 0.0
        changed = False
        if least > 1 and course_since(kept_since, day, trajectory):
            highest_left, least = 0, 1
        may_rise = now == 3 and baseline < ceiling
        if wanted > now:
            if highest_left > 0:  # of what is needed again, only what had been left
                least, kept_since = min(wanted, highest_left), day
            if wanted == 3:
                start = p.ladder_step_3_mg_after_weak_opioid if now == 2 else p.ladder_step_3_mg_otherwise
            else:
                start = p.ladder_step_2_mg[int(p.setting_ladder_weak_opioid)]
            begins = day + p.ladder_titration_days if wanted == 3 else begins
            baseline = max(baseline, start)
            now, changed = wanted, True
        elif may_rise and (
            stated >= p.ladder_step_2_from_pain
            or (
                mean > 0.0
                and more_than(p.ladder_most_rescues, mean, random_number(seed, draw, number, RESCUES, int(day)))
            )
        ):
            baseline = min(baseline * (1.0 + p.ladder_increase), ceiling)
            raised *= 1.0 - p.setting_ladder_adherence * p.analgesic_relief_per_increase
            changed = True
        elif now > least and day - low_since >= p.ladder_down_after_days:
            highest_left = max(highest_left, now)
            now -= 1
            raised = 1.0
            baseline = 0.0 if now == 1 else min(baseline, p.ladder_step_2_mg[int(p.setting_ladder_weak_opioid)])
            low_since, changed = day, True
        mean = rescues_a_day(stated, has_breakthrough, p) if now >= 2 else 0.0
        if changed or abs(mean - rescues) >= CHANGE_OF_RESCUES:
            begins = max(begins, day)
            kept = min(1.0, left_by(now, score, p) / at_start) * raised
            rescues = mean
            dose = baseline * p.setting_ladder_adherence * (1.0 + p.ladder_rescue_share * mean)
            set_step(trajectory, begins, kept, dose, now)
            settled = False
        else:  # the same will be found at every review until the pain changes
            waits = stated <= p.ladder_down_at_pain and now > least
            settled = day >= begins and least == 1 and not waits and not (may_rise and mean > 0.0)


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """The ladder instead of titration, escalation, drift and tapering."""
    modifiers.doses_by_care = 1


@apart
def follow(p, seed, draw, number, u, patient, trajectory, modifiers, start, visit_days):
    """The steps of the ladder, those of the index trajectory kept."""
    if trajectory.n_index_steps == 0 and trajectory.n_reliefs > 0:  # from the start: no path so far is without them
        write_path(seed, draw, number, patient, trajectory, INDEX_ALONE, visit_days, p)
        keep_index_steps(trajectory)
    elif trajectory.n_courses == 2:
        keep_index_steps(trajectory)
    write_path(seed, draw, number, patient, trajectory, trajectory.n_courses, visit_days, p)


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """Days on each step and with each drug; side effects."""
    first_opioid = math.inf
    strong = int(p.setting_ladder_strong_opioid)
    conversion = p.ladder_conversion[strong]
    ceiling = p.ladder_ceiling_mg * p.setting_ladder_adherence
    is_constipated = random_number(seed, draw, number, CONSTIPATION, 0) < probability_of_constipation(p)
    since = 0.0
    for i in range(trajectory.n_steps):
        begins = trajectory.step_start[i]
        if begins >= end:
            break
        ends = min(end, trajectory.step_start[i + 1]) if i + 1 < trajectory.n_steps else end
        now = trajectory.step_number[i]
        if now == 3:
            count_mg(begins, ends, trajectory.step_dose[i] / conversion, period_ends, count, g, s)
            before = trajectory.step_dose[i - 1] if i > 0 else 0.0
            if trajectory.step_dose[i] >= ceiling > before:
                count_at(begins, end, period_ends, count, g, s, ROTATIONS)
            if strong == FENTANYL:
                count_days(min(begins + p.ladder_patch_after_days, ends), ends, period_ends, count, g, s, PATCH)
        if now >= 2:
            first_opioid = min(first_opioid, begins)
        if ends < end and trajectory.step_number[i + 1] == now:
            continue
        count_days(since, ends, period_ends, count, g, s, STEP_1 + (now - 1))
        if now >= 2 and p.setting_ladder_laxative:
            count_days(since, ends, period_ends, count, g, s, LAXATIVE)
        if now >= 2 and is_constipated:
            count_days(since, ends, period_ends, count, g, s, DAYS_CONSTIPATED)
        since = ends
    if trajectory.n_steps == MAX_STEPS:
        count_at(trajectory.step_start[MAX_STEPS - 1], end, period_ends, count, g, s, NOT_KEPT)
    if is_constipated:
        count_at(first_opioid, end, period_ends, count, g, s, CONSTIPATIONS)
    count_side_effects(seed, draw, number, patient, first_opioid, p, end, period_ends, count, g, s)


@apart
def probability_of_constipation(p):
    """Probability of constipation as long as an opioid is taken. [1]"""
    return p.ladder_constipation * (p.ladder_laxative_ratio if p.setting_ladder_laxative else 1.0)


@apart
def count_mg(begins, ends, dose, period_ends, count, g, s):
    """The strong opioid by name, in whole milligrams of each period."""
    t = begins
    period = period_of(begins, period_ends)
    while t < ends:
        edge = min(ends, period_ends[period])
        count[g, s, period, STRONG_MG] += int(dose * (edge - t) + 0.5)
        t = edge
        period += 1


@apart
def count_side_effects(seed, draw, number, patient, first_opioid, p, end, period_ends, count, g, s):
    """Nausea and sleepiness follow the first opioid; an NSAID may make the gut bleed."""
    u_nausea, u_sleepiness, u_bleeding, _ = four_random_numbers(seed, draw, number, NAUSEA, 0)
    if first_opioid < end and patient.morphine_equivalent <= 0.0:  # who has had an opioid before is over it
        until = min(first_opioid + p.ladder_transient_days, end)
        if u_nausea < p.ladder_nausea * (p.ladder_antiemetic_ratio if p.setting_ladder_antiemetic else 1.0):
            count_at(first_opioid, end, period_ends, count, g, s, NAUSEAS)
            count_days(first_opioid, until, period_ends, count, g, s, DAYS_NAUSEATED)
        if u_sleepiness < p.ladder_sleepiness:
            count_at(first_opioid, end, period_ends, count, g, s, SLEEPINESSES)
            count_days(first_opioid, until, period_ends, count, g, s, DAYS_SLEEPY)
    drug = int(p.setting_ladder_non_opioid)
    if has_any(patient, FORBIDDEN) and drug != NO_DRUG:
        drug = PARACETAMOL
    rate = p.ladder_bleeding_rate_per_day * p.ladder_bleeding_ratio[drug]
    if drug == PARACETAMOL:
        count_days(0.0, end, period_ends, count, g, s, PARACETAMOL_DAYS)
    elif drug != NO_DRUG:
        count_days(0.0, end, period_ends, count, g, s, NSAID)
        if p.setting_ladder_gastric_protection:
            count_days(0.0, end, period_ends, count, g, s, PROTECTION)
            rate *= p.ladder_gastric_protection_ratio
    count_at(-log(u_bleeding) / rate, end, period_ends, count, g, s, BLEEDINGS)
    if p.setting_ladder_nerve_pain_drug and patient.neuropathic:
        count_days(0.0, end, period_ends, count, g, s, NERVE_PAIN)
