"""Treating the same site again: need × offer × eligibility.

Failure does not depend on the schedule. Whether and how soon doctors offer a repeat does, and so does what the cord can still
take.
"""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import PARTIAL, SPINE
from radsim.maths.hazard import normal_quantile

REPEAT_SINGLE, REPEAT_AFTER_SINGLE = (
    0,
    1,
)  # rows of the table of repeats; row 2 is the course given after several fractions
DAYS_PER_WEEK = 7.0


@step
def offer_delay(u, fraction_class, p):
    """Days from the need to the repeat: lognormal, by the policy after that class of schedule. [d]"""
    return math.exp(p.retreatment_delay_log_median[fraction_class] + p.retreatment_delay_sigma * normal_quantile(u))


@step
def time_offered(trajectory, k, u_offer, u_delay, u_without_failure, p):
    """Day on which the repeat after course ``k`` would start, infinite if none is offered. [d]"""
    policy = trajectory.fraction_class[k]
    if trajectory.response_class[k] < PARTIAL:
        if u_offer >= p.retreatment_offer_non_response[policy]:
            return math.inf
        need = trajectory.last_fraction[k] + p.retreatment_judged_after_days
        return need + offer_delay(u_delay, policy, p)
    without_failure = u_without_failure < p.retreatment_offer_no_failure[policy]
    offered = u_offer < p.retreatment_offer_progression[policy]
    if not (without_failure or offered):
        return math.inf
    delay = offer_delay(u_delay, policy, p)
    if without_failure and trajectory.onset[k] + delay < trajectory.relapse[k]:
        return trajectory.onset[k] + delay
    return trajectory.relapse[k] + delay if offered else math.inf


@step
def cord_allows(bed_gy2, total_gy2, days_since, p):
    """Does the cord budget allow a further course of ``bed_gy2``, ``days_since`` after the last fraction so far?"""
    limit = p.cord_early_limit_gy2 if days_since < p.cord_early_within_days else p.cord_late_limit_gy2
    return bed_gy2 <= p.cord_course_limit_gy2 and total_gy2 + bed_gy2 <= limit


@step
def choose_repeat(trajectory, k, day, u_schedule, patient, repeats, p):
    """Row of ``repeats`` given after course ``k``, or -1 where the cord forbids all.

    Parameters
    ----------
    repeats : record array, shape (3,)
        One fraction; several after a single fraction; several after several.
    """
    policy = trajectory.fraction_class[k]
    several = REPEAT_AFTER_SINGLE + policy
    single_first = u_schedule < p.retreatment_single_fraction_share[policy]
    first = REPEAT_SINGLE if single_first else several
    if patient.site != SPINE:
        return first
    second = several if single_first else REPEAT_SINGLE
    total = patient.prior_bed_gy2
    for j in range(k + 1):
        total += trajectory.bed_gy2[j]
    days_since = day - trajectory.last_fraction[k]
    if cord_allows(repeats[first].cord_bed_gy2, total, days_since, p):
        return first
    return second if cord_allows(repeats[second].cord_bed_gy2, total, days_since, p) else -1


@step
def plan_repeat(trajectory, k, u_offer, u_delay, u_schedule, u_without_failure, patient, repeats, p):
    """Day and schedule of the repeat after course ``k``: ``(inf, -1)`` if there is none."""
    offered = time_offered(trajectory, k, u_offer, u_delay, u_without_failure, p)
    day = max(offered, trajectory.last_fraction[k] + p.retreatment_minimum_interval_days)
    if not day < trajectory.time_to_death:
        return math.inf, -1
    chosen = choose_repeat(trajectory, k, day, u_schedule, patient, repeats, p)
    return (day, chosen) if chosen >= 0 else (math.inf, -1)
