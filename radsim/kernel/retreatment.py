"""Treating the same site again: need × offer × eligibility.

Who states pain may be offered a repeat, at a rate that is higher in the first months, and higher after one fraction than after several; at
the spine only while the cord can take one. Nobody without pain is irradiated again. Where the study says so, the same rule offers a first
course to patients of `none`. An arm without radiotherapy may have a day of its own, on which who has no response crosses over to it.
"""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.changes import next_change_of_pain
from radsim.kernel.layout import INDEX_COURSE, MULTIPLE, PARTIAL, SPINE
from radsim.kernel.pain import pain_at, response_at
from radsim.kernel.report import stated_pain
from radsim.maths.elementary import log

DAYS_PER_WEEK = 7.0
REPEAT_SINGLE, REPEAT_SEVERAL, REPEAT_SPINE_AFTER_SEVERAL = 0, 1, 2  # rows of the table of repeats


@step
def first_irradiation(trajectory):
    """Number of the first course of the study that irradiates: 1 where the index arm is `none`."""
    return 0 if trajectory.irradiated else 1


@step
def last_irradiation(trajectory, k, patient):
    """Day of the last fraction up to course ``k``, that of an earlier course where course 0 gave none; minus infinite if never. [d]"""
    if k >= first_irradiation(trajectory):
        return trajectory.last_fraction[k]
    return -DAYS_PER_WEEK * patient.prior_weeks_ago if patient.prior_schedule > 0 else -math.inf


@step
def offer_rates(fraction_class, p):
    """Rates of a repeat while there is need, early and late, after a course of that class. [d-1]"""
    early, late = p.retreatment_early_rate_per_day, p.retreatment_late_rate_per_day
    if fraction_class == MULTIPLE:
        early /= p.retreatment_willingness_ratio
        late /= p.retreatment_late_willingness_ratio
    return early, late


@step
def needs(t, trajectory, p):
    """Is the pain stated at ``t`` one for which a repeat is considered?"""
    return (
        stated_pain(pain_at(t, trajectory, trajectory.n_courses, p), trajectory.deviation) >= p.retreatment_least_pain
    )


@step
def time_of_repeat(trajectory, k, exponential, patient, repeats, p):
    """Day of the repeat after course ``k``: when its rate, where there is need and the cord allows, has consumed a unit exponential. [d]"""
    early, late = offer_rates(trajectory.fraction_class[k], p)
    t = trajectory.last_fraction[k] + p.retreatment_minimum_interval_days
    early_end = trajectory.start[k] + p.retreatment_early_until_days
    death = trajectory.time_to_death
    most = early * max(0.0, min(early_end, death) - t) + late * max(0.0, death - max(t, early_end))
    left = exponential
    if left > most:  # nearly everybody after several fractions: no need to walk through the pain
        return math.inf
    cord_change = last_irradiation(trajectory, k, patient) + p.cord_early_within_days
    while t < death:
        stop = min(death, next_change_of_pain(t, trajectory, p))
        stop = min(stop, early_end) if t < early_end else stop
        stop = min(stop, cord_change) if t < cord_change else stop
        within = t + 0.5 * (stop - t)  # an edge of the budget may round to either side
        if needs(t, trajectory, p) and eligible(trajectory, k, within, patient, repeats, p):
            rate = early if t < early_end else late
            if left <= rate * (stop - t):
                return t + left / rate
            left -= rate * (stop - t)
        t = stop
    return math.inf


@step
def cord_allows(bed_gy2, total_gy2, days_since, p):
    """Does the cord budget allow a further course of ``bed_gy2``, ``days_since`` after the last fraction so far?"""
    limit = p.cord_early_limit_gy2 if days_since < p.cord_early_within_days else p.cord_late_limit_gy2
    return bed_gy2 <= p.cord_course_limit_gy2 and total_gy2 + bed_gy2 <= limit


@step
def cord_dose_so_far(trajectory, k, patient):
    """BED of the cord by every course up to ``k``, earlier ones included. [Gy]"""
    total = patient.prior_bed_gy2
    for j in range(k + 1):
        total += trajectory.bed_gy2[j]
    return total


@step
def several(trajectory, k, patient):
    """Row of ``repeats`` given as several fractions after course ``k``."""
    if patient.site == SPINE and trajectory.fraction_class[k] == MULTIPLE:
        return REPEAT_SPINE_AFTER_SEVERAL
    return REPEAT_SEVERAL


@step
def eligible(trajectory, k, day, patient, repeats, p):
    """Is there a repeat after course ``k`` that the cord can take on that day?"""
    if patient.site != SPINE:
        return True
    total = cord_dose_so_far(trajectory, k, patient)
    days_since = day - last_irradiation(trajectory, k, patient)
    bed = repeats[several(trajectory, k, patient)].cord_bed_gy2
    return cord_allows(repeats[REPEAT_SINGLE].cord_bed_gy2, total, days_since, p) or cord_allows(
        bed, total, days_since, p
    )


@step
def choose_repeat(trajectory, k, day, u_schedule, patient, repeats, p):
    """Row of ``repeats`` given on an eligible ``day`` after course ``k``.

    Parameters
    ----------
    repeats : record array, shape (3,)
        One fraction; several; several at the spine after several.
    """
    other = several(trajectory, k, patient)
    first, second = (
        (REPEAT_SINGLE, other)
        if u_schedule < p.retreatment_single_fraction_share[trajectory.fraction_class[k]]
        else (other, REPEAT_SINGLE)
    )
    if patient.site != SPINE:
        return first
    total = cord_dose_so_far(trajectory, k, patient)
    days_since = day - last_irradiation(trajectory, k, patient)
    return first if cord_allows(repeats[first].cord_bed_gy2, total, days_since, p) else second


@step
def plan_repeat(trajectory, k, exponential, u_schedule, patient, repeats, p):
    """Day and schedule of the repeat after course ``k``, offered at a unit exponential: ``(inf, -1)`` if there is none."""
    day = time_of_repeat(trajectory, k, exponential, patient, repeats, p)
    if not day < trajectory.time_to_death:
        return math.inf, -1
    return day, choose_repeat(trajectory, k, day, u_schedule, patient, repeats, p)


@step
def plan_cross_over(trajectory, u_offer, u_schedule, patient, schedule, repeats, p):
    """Day and schedule of the first irradiation of an arm without it: on its day of crossing over, of a share of those in need and without response.

    Who does not cross over is irradiated later by the rule of a repeat where the study says so: ``(inf, -1)`` if not.
    """
    day, share, left = schedule.cross_over_day, schedule.cross_over_share, u_offer
    if day < trajectory.time_to_death:
        fails = response_at(day, trajectory, trajectory.n_courses) < PARTIAL and needs(day, trajectory, p)
        if fails and eligible(trajectory, INDEX_COURSE, day, patient, repeats, p):
            if u_offer < share:
                return day, choose_repeat(trajectory, INDEX_COURSE, day, u_schedule, patient, repeats, p)
            left = (u_offer - share) / (1.0 - share)
    if p.none_may_be_irradiated:
        return plan_repeat(trajectory, INDEX_COURSE, -log(left), u_schedule, patient, repeats, p)
    return math.inf, -1
