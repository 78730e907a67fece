"""The rest of the skeleton: recurrent events there, and other painful sites, some of them irradiated.

All rates of a patient share one factor. Radiation to bone follows from the pain of other sites; it is not an event added on top.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.compiled import apart
from radsim.kernel.changes import next_change_of_sites
from radsim.kernel.effects import add_site, count_at, count_days, hurts_elsewhere, random_number, time_after
from radsim.kernel.layout import (
    H_ELSEWHERE_CORD_COMPRESSION,
    H_ELSEWHERE_FRACTURE,
    H_ELSEWHERE_SURGERY,
    H_HYPERCALCAEMIA,
    H_NEW_SITE,
    MAX_SITES,
    NONE,
    item,
)
from radsim.kernel.response import onset_delay, pain_while_responding, relief_days, response_base, response_class
from radsim.maths.hazard import logit, normal_quantile

FRAILTY, FRACTURE, SURGERY, CORD_COMPRESSION, HYPERCALCAEMIA = (
    purpose("other_bones", name) for name in ("frailty", "fracture", "surgery", "cord_compression", "hypercalcaemia")
)
NEW_SITE, PAIN, IRRADIATED, RESPONSE, ONSET, RELAPSE = (
    purpose("other_bones", name)
    for name in ("new_site", "site_pain", "site_irradiated", "site_response", "site_onset", "site_relapse")
)
FRACTURES, OPERATIONS, CORD_COMPRESSIONS, HYPERCALCAEMIAS, SITES, COURSES, FRACTIONS, EVENTS, FIRST_EVENTS, DAYS_IN_PAIN = (
    item(name)
    for name in (
        "fractures_elsewhere", "operations_elsewhere", "cord_compressions_elsewhere", "hypercalcaemias", "painful_sites_elsewhere",
        "courses_elsewhere", "fractions_elsewhere", "skeletal_events_anywhere", "first_skeletal_events", "days_with_other_painful_site",
    )
)  # fmt: skip
LEAST_PAIN, WORST_PAIN = 2.0, 10.0
MOST_EVENTS = 200  # of one kind; nobody lives to have as many


@apart
def factor(seed, draw, number, p):
    """What the rates of a patient are multiplied with: mean 1 over the patients. [1]"""
    return 1.0 - p.other_bones_spread - p.other_bones_spread * math.log(random_number(seed, draw, number, FRAILTY, 0))


@apart
def next_event(t, n, own, seed, draw, number, modifiers, hazard, rate):
    """Time of event number ``n`` of a kind, the one before having been at ``t``. [d]"""
    return time_after(t, modifiers, hazard, -math.log(random_number(seed, draw, number, own, n)), rate)


@apart
def course_at_site(n, start, seed, draw, number, p):
    """Day of the course to site number ``n``, which hurts from ``start`` on; infinite if it is not irradiated. [d]"""
    if random_number(seed, draw, number, IRRADIATED, n) < p.other_bones_irradiated:
        return start + p.other_bones_wait_days
    return math.inf


@apart
def add_painful_site(n, start, seed, draw, number, u, patient, trajectory, p):
    """Site number ``n`` and its relief after a course, by the response of the model without any effect of the schedule."""
    pain = p.other_bones_pain_mean + p.other_bones_pain_sd * normal_quantile(random_number(seed, draw, number, PAIN, n))
    pain = min(max(pain, LEAST_PAIN), WORST_PAIN)
    onset, relapse, level = math.inf, math.inf, pain
    course = course_at_site(n, start, seed, draw, number, p)
    if course < trajectory.time_to_death:
        score = response_base(normal_quantile(u.frailty), patient, p) + logit(
            random_number(seed, draw, number, RESPONSE, n)
        )
        latent_class = response_class(score, pain, p.response_cut_overall, p.response_cut_complete, p)
        if latent_class > NONE:
            level = pain_while_responding(score, latent_class, pain, p)
            onset = course + onset_delay(random_number(seed, draw, number, ONSET, n), p)
            relief = relief_days(random_number(seed, draw, number, RELAPSE, n), p.relapse_log_median, p)
            relapse = max(onset, min(onset + relief, trajectory.terminal))
    add_site(trajectory, start, pain, onset, relapse, level)


@apart
def act_last(p, seed, draw, number, u, patient, schedule, trajectory, modifiers):
    """Write the other painful sites, the first of them at the start where the patient has several, and the first cord compression."""
    death = trajectory.time_to_death
    g = factor(seed, draw, number, p)
    n = 0
    if patient.several_sites:
        add_painful_site(0, 0.0, seed, draw, number, u, patient, trajectory, p)
        n = 1
    t = 0.0
    while n < MAX_SITES:
        t = next_event(t, n, NEW_SITE, seed, draw, number, modifiers, H_NEW_SITE, g * p.other_bones_site_rate_per_day)
        if t >= death:
            break
        add_painful_site(n, t, seed, draw, number, u, patient, trajectory, p)
        n += 1
    rate = g * p.other_bones_cord_compression_rate_per_day
    first = next_event(0.0, 0, CORD_COMPRESSION, seed, draw, number, modifiers, H_ELSEWHERE_CORD_COMPRESSION, rate)
    trajectory.cord_elsewhere = first if first < death else math.inf


@apart
def count_kind(own, hazard, rate, item, counts, seed, draw, number, modifiers, p, end, period_ends, count, g, s):
    """Count the recurrent events of one kind; the first of them, or infinity. [d]"""
    first, t = math.inf, 0.0
    for n in range(MOST_EVENTS):
        t = next_event(t, n, own, seed, draw, number, modifiers, hazard, rate)
        if t >= end:
            break
        first = min(first, t)
        count_at(t, end, period_ends, count, g, s, item)
        if counts:
            count_at(t, end, period_ends, count, g, s, EVENTS)
        t += p.other_bones_least_interval_days
    return first


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """Events elsewhere, courses there, and the first skeletal event anywhere."""
    f = factor(seed, draw, number, p)
    first = count_kind(
        FRACTURE, H_ELSEWHERE_FRACTURE, f * p.other_bones_fracture_rate_per_day, FRACTURES, True,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    )  # fmt: skip
    first = min(first, count_kind(
        SURGERY, H_ELSEWHERE_SURGERY, f * p.other_bones_surgery_rate_per_day, OPERATIONS, True,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    ))  # fmt: skip
    first = min(first, count_kind(
        CORD_COMPRESSION, H_ELSEWHERE_CORD_COMPRESSION, f * p.other_bones_cord_compression_rate_per_day, CORD_COMPRESSIONS, True,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    ))  # fmt: skip
    count_kind(
        HYPERCALCAEMIA, H_HYPERCALCAEMIA, f * p.other_bones_hypercalcaemia_rate_per_day, HYPERCALCAEMIAS, False,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    )  # fmt: skip
    n, t = 0, 0.0
    if patient.several_sites:  # was there before: its course is no new event
        course = course_at_site(0, 0.0, seed, draw, number, p)
        count_course(course, p, end, period_ends, count, g, s)
        n = 1
    for i in range(n, MOST_EVENTS):
        t = next_event(t, i, NEW_SITE, seed, draw, number, modifiers, H_NEW_SITE, f * p.other_bones_site_rate_per_day)
        if t >= end:
            break
        count_at(t, end, period_ends, count, g, s, SITES)
        course = course_at_site(i, t, seed, draw, number, p)
        if course < end:
            count_course(course, p, end, period_ends, count, g, s)
            count_at(course, end, period_ends, count, g, s, EVENTS)
            first = min(first, course)
    for day in (trajectory.fracture, trajectory.cord_compression, trajectory.surgery):
        count_at(day, end, period_ends, count, g, s, EVENTS)
        first = min(first, day)
    for k in range(1, trajectory.n_courses):
        count_at(trajectory.start[k], end, period_ends, count, g, s, EVENTS)
        first = min(first, trajectory.start[k])
    count_at(first, end, period_ends, count, g, s, FIRST_EVENTS)
    count_days_in_pain(trajectory, end, period_ends, count, g, s)


@apart
def count_days_in_pain(trajectory, end, period_ends, count, g, s):
    """Days on which one of the sites that are kept hurts without relief, each once."""
    t = 0.0
    while t < end:
        stop = next_change_of_sites(t, trajectory, end)
        if hurts_elsewhere(t, trajectory):
            count_days(t, stop, period_ends, count, g, s, DAYS_IN_PAIN)
        t = stop


@apart
def count_course(course, p, end, period_ends, count, g, s):
    """A course to another site, its fractions with it."""
    if course < end:
        count_at(course, end, period_ends, count, g, s, COURSES)
        for _ in range(int(p.setting_other_bones_fractions)):
            count_at(course, end, period_ends, count, g, s, FRACTIONS)
