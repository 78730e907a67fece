"""Treatment of a spinal cord compression, of the irradiated site or the first one elsewhere: who can walk before and after it.

Until the outcome a patient walks or not as at the event; from then on as the treatment left it. A day without walking is counted once, however
many compressions explain it. Nothing of the trajectory changes.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.care.cord_treatment import DOSES
from radsim.compiled import apart
from radsim.kernel.effects import count_at, count_days, hazard_ratio_at, random_number
from radsim.kernel.layout import H_SURGERY, item
from radsim.maths.elementary import exp

WALKS_BEFORE, WALKS_AFTER, SURGERY_ELSEWHERE, HARM = (
    purpose("cord_treatment", name) for name in ("walks_before", "walks_after", "surgery_elsewhere", "serious_harm")
)
STEROIDS, FRACTIONS, OPERATIONS, HARMS, BEFORE, AFTER, NOT_WALKING = (
    item(name)
    for name in (
        "cord_steroid_courses", "cord_fractions", "cord_operations_elsewhere", "cord_steroid_harms", "walking_before_treatment",
        "walking_after_treatment", "days_not_walking",
    )
)  # fmt: skip
HERE, ELSEWHERE = 0, 1  # occurrences
ONE_FRACTION = 1  # position among the settings
HIGH_DOSE_MG = float(DOSES[-1])
DAYS_PER_WEEK = 7.0


@apart
def probability_of_walking(walks_before, operated, p):
    """Probability that a patient walks after the treatment. [1]"""
    log_odds = p.cord_treatment_log_odds_walking + p.cord_treatment_log_odds_walks_before * walks_before
    log_odds += p.cord_treatment_log_odds_surgery * operated
    if p.setting_cord_treatment_dexamethasone_mg <= 0.0:
        log_odds += p.cord_treatment_log_odds_no_dexamethasone
    if p.setting_cord_treatment_dexamethasone_mg >= HIGH_DOSE_MG:
        log_odds += p.cord_treatment_log_odds_high_dose
    if p.setting_cord_treatment_radiotherapy == ONE_FRACTION:
        log_odds += p.cord_treatment_log_odds_single_fraction
    return 1.0 / (1.0 + exp(-log_odds))


@apart
def walks(where, operated, seed, draw, number, p):
    """Whether a patient walks when a compression begins, and after its treatment."""
    before = random_number(seed, draw, number, WALKS_BEFORE, where) < p.cord_treatment_walks_before
    after = random_number(seed, draw, number, WALKS_AFTER, where) < probability_of_walking(before, operated, p)
    return before, after


@apart
def treat(where, event, operated, counted_to, seed, draw, number, p, end, period_ends, count, g, s):
    """Count the treatment of one compression and its outcome.

    Parameters
    ----------
    counted_to : float
        Up to here the days without walking are counted already. [d]

    Returns
    -------
    lost : float
        Day from which the patient does not walk for good, or infinity. [d]
    counted_to : float
        Up to here they are now. [d]
    """
    walks_before, walks_after = walks(where, operated, seed, draw, number, p)
    outcome = event + DAYS_PER_WEEK * p.cord_treatment_weeks_to_outcome
    fractions = 1 if p.setting_cord_treatment_radiotherapy == ONE_FRACTION else int(p.cord_treatment_fractions)
    for _ in range(fractions):
        count_at(event, end, period_ends, count, g, s, FRACTIONS)
    if p.setting_cord_treatment_dexamethasone_mg > 0.0:
        count_at(event, end, period_ends, count, g, s, STEROIDS)
        high = p.setting_cord_treatment_dexamethasone_mg >= HIGH_DOSE_MG
        harm = p.cord_treatment_serious_harm_96_mg if high else p.cord_treatment_serious_harm_16_mg
        if random_number(seed, draw, number, HARM, where) < harm:
            count_at(event, end, period_ends, count, g, s, HARMS)
    if operated and where == ELSEWHERE:
        count_at(event, end, period_ends, count, g, s, OPERATIONS)
    if walks_before:
        count_at(event, end, period_ends, count, g, s, BEFORE)
    else:
        count_days(max(event, counted_to), min(outcome, end), period_ends, count, g, s, NOT_WALKING)
        counted_to = outcome
    if walks_after:
        count_at(outcome, end, period_ends, count, g, s, AFTER)
        return math.inf, counted_to
    return outcome, counted_to


@apart
def is_operated(where, event, seed, draw, number, u, trajectory, modifiers, p):
    """Is the compression operated? That of the irradiated site as the trajectory has it, by the same share elsewhere."""
    if where == HERE:
        chance, share = u.surgery_cord, p.surgery_after_cord_compression * hazard_ratio_at(event, modifiers, H_SURGERY)
    else:
        chance = random_number(seed, draw, number, SURGERY_ELSEWHERE, 0)
        share = p.surgery_after_cord_compression
    return (chance < share) & (event + p.surgery_delay_days < trajectory.time_to_death)


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """The compressions of the irradiated site and elsewhere, in the order of their days; who does not walk for good by then is not treated again."""
    lost, counted_to = math.inf, 0.0
    here_is_first = trajectory.cord_compression <= trajectory.cord_elsewhere
    for place in range(2):
        where = HERE if here_is_first == (place == 0) else ELSEWHERE
        event = trajectory.cord_compression if where == HERE else trajectory.cord_elsewhere
        if event < min(end, lost):
            operated = is_operated(where, event, seed, draw, number, u, trajectory, modifiers, p)
            lost_now, counted_to = treat(
                where, event, operated, counted_to, seed, draw, number, p, end, period_ends, count, g, s
            )
            lost = min(lost, lost_now)
    count_days(max(lost, counted_to), end, period_ends, count, g, s, NOT_WALKING)
