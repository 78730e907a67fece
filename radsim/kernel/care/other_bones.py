"""The rest of the skeleton: recurrent events there, and other painful sites, some of them irradiated.

All rates of a patient share one factor. Radiation to bone follows from the pain of other sites; it is not an event added on top.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.compiled import apart
from radsim.kernel.changes import next_change_of_sites
from radsim.kernel.effects import (
    add_site,
    count_at,
    count_days,
    four_random_numbers,
    hurts_elsewhere,
    random_number,
    time_after,
)  # fmt: skip
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
from radsim.kernel.pain import WORST
from radsim.kernel.response import onset_delay, pain_while_responding, relief_days, response_class
from radsim.maths.elementary import log
from radsim.maths.hazard import logit, normal_quantile

FRAILTY, FRACTURE, SURGERY, CORD_COMPRESSION, HYPERCALCAEMIA = (
    purpose("other_bones", name) for name in ("frailty", "fracture", "surgery", "cord_compression", "hypercalcaemia")
)
RESPONSE = purpose("other_bones", "site_response")
FRACTURES, OPERATIONS, CORD_COMPRESSIONS, HYPERCALCAEMIAS, SITES, COURSES, FRACTIONS, EVENTS, FIRST_EVENTS, DAYS_IN_PAIN = (
    item(name)
    for name in (
        "fractures_elsewhere", "operations_elsewhere", "cord_compressions_elsewhere", "hypercalcaemias", "painful_sites_elsewhere",
        "courses_elsewhere", "fractions_elsewhere", "skeletal_events_anywhere", "first_skeletal_events", "days_with_other_painful_site",
    )
)  # fmt: skip


@apart
def add_painful_site(start, course, u_pain, u_response, u_onset, u_relapse, traits, modifiers, p):
    """A site that hurts from ``start`` on, and its relief after a course, by the response of the model without any effect of the schedule."""
    pain = p.other_bones_pain_mean + p.other_bones_pain_sd * normal_quantile(u_pain)
    pain = min(max(pain, p.other_bones_pain_least), WORST)
    onset, relapse, level = math.inf, math.inf, pain
    if course < traits.time_to_death:
        score = traits.response_base + logit(u_response)
        latent_class = response_class(score, pain, p.response_cut_overall, p.response_cut_complete, p)
        if latent_class > NONE:
            level = pain_while_responding(score, latent_class, pain, p)
            onset = course + onset_delay(normal_quantile(u_onset), p)
            relapse = max(
                onset, min(onset + relief_days(normal_quantile(u_relapse), p.relapse_log_median, p), traits.terminal)
            )
    add_site(modifiers, start, pain, onset, relapse, level)


@apart
def count_kind(first, own, hazard, rate, item, counts, seed, draw, number, modifiers, p, end, period_ends, count, g, s):
    """Count the recurrent events of one kind, the first on day ``first``."""
    t, n = first, 0
    while t < end:
        n += 1
        count_at(t, end, period_ends, count, g, s, item)
        if counts:
            count_at(t, end, period_ends, count, g, s, EVENTS)
        exponential = -log(random_number(seed, draw, number, own, n))
        t = time_after(t + p.other_bones_least_interval_days, modifiers, hazard, exponential, rate)


@apart
def count_course(course, p, end, period_ends, count, g, s):
    """A course to another site, its fractions with it."""
    if course < end:
        count_at(course, end, period_ends, count, g, s, COURSES)
        for _ in range(int(p.setting_other_bones_fractions)):
            count_at(course, end, period_ends, count, g, s, FRACTIONS)


@apart
def count_days_in_pain(modifiers, end, period_ends, count, g, s):
    """Days on which one of the sites that are kept hurts without relief, each once."""
    t = 0.0
    while t < end:
        stop = next_change_of_sites(t, modifiers, end)
        if hurts_elsewhere(t, modifiers):
            count_days(t, stop, period_ends, count, g, s, DAYS_IN_PAIN)
        t = stop


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The events elsewhere, and the other painful sites with their courses: the first at the start where the patient has several."""
    death = traits.time_to_death
    u_frailty, u_fracture, u_surgery, u_cord = four_random_numbers(seed, draw, number, FRAILTY, 0)
    f = 1.0 - p.other_bones_spread - p.other_bones_spread * log(u_frailty)
    u_hypercalcaemia, u_new, u_pain, u_irradiated = four_random_numbers(seed, draw, number, HYPERCALCAEMIA, 0)

    rate = f * p.other_bones_fracture_rate_per_day
    fracture = time_after(0.0, modifiers, H_ELSEWHERE_FRACTURE, -log(u_fracture), rate)
    count_kind(
        fracture, FRACTURE, H_ELSEWHERE_FRACTURE, rate, FRACTURES, True,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    )  # fmt: skip
    rate = f * p.other_bones_surgery_rate_per_day
    surgery = time_after(0.0, modifiers, H_ELSEWHERE_SURGERY, -log(u_surgery), rate)
    count_kind(
        surgery, SURGERY, H_ELSEWHERE_SURGERY, rate, OPERATIONS, True,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    )  # fmt: skip
    rate = f * p.other_bones_cord_compression_rate_per_day
    cord = time_after(0.0, modifiers, H_ELSEWHERE_CORD_COMPRESSION, -log(u_cord), rate)
    modifiers.cord_elsewhere = cord if cord < death else math.inf
    count_kind(
        cord, CORD_COMPRESSION, H_ELSEWHERE_CORD_COMPRESSION, rate, CORD_COMPRESSIONS, True,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    )  # fmt: skip
    rate = f * p.other_bones_hypercalcaemia_rate_per_day
    hypercalcaemia = time_after(0.0, modifiers, H_HYPERCALCAEMIA, -log(u_hypercalcaemia), rate)
    count_kind(
        hypercalcaemia, HYPERCALCAEMIA, H_HYPERCALCAEMIA, rate, HYPERCALCAEMIAS, False,
        seed, draw, number, modifiers, p, end, period_ends, count, g, s,
    )  # fmt: skip
    first = min(fracture, min(surgery, cord))

    rate = f * p.other_bones_site_rate_per_day
    t, n = 0.0, -1
    while t < death:
        n += 1
        if n > 0:
            _, u_new, u_pain, u_irradiated = four_random_numbers(seed, draw, number, HYPERCALCAEMIA, n)
        there_before = n == 0 and patient.several_sites
        if not there_before:
            t = time_after(t, modifiers, H_NEW_SITE, -log(u_new), rate)
            if t >= death:
                break
            count_at(t, end, period_ends, count, g, s, SITES)
        course = t + p.other_bones_wait_days if u_irradiated < p.other_bones_irradiated else math.inf
        if n < MAX_SITES:
            u_response, u_onset, u_relapse, _ = four_random_numbers(seed, draw, number, RESPONSE, n)
            add_painful_site(t, course, u_pain, u_response, u_onset, u_relapse, traits, modifiers, p)
        count_course(course, p, end, period_ends, count, g, s)
        if not there_before:  # else the course is no new event
            count_at(course, end, period_ends, count, g, s, EVENTS)
            first = min(first, course)
    modifiers.other_bones_first_event = first
    if modifiers.n_sites > 0:
        count_days_in_pain(modifiers, end, period_ends, count, g, s)


@apart
def follows_soon(trajectory, p):
    """Does the operation of the irradiated site follow its fracture or compression so soon that trials would count both as one event?"""
    earliest = trajectory.surgery - p.other_bones_least_interval_days
    after_fracture = earliest < trajectory.fracture <= trajectory.surgery
    return after_fracture or earliest < trajectory.cord_compression <= trajectory.surgery


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """Events of the irradiated site, its repeats among them, and the first anywhere."""
    first = modifiers.other_bones_first_event
    for day in (trajectory.fracture, trajectory.cord_compression):
        count_at(day, end, period_ends, count, g, s, EVENTS)
        first = min(first, day)
    if not follows_soon(trajectory, p):
        count_at(trajectory.surgery, end, period_ends, count, g, s, EVENTS)
    for k in range(1, trajectory.n_courses):
        count_at(trajectory.start[k], end, period_ends, count, g, s, EVENTS)
        first = min(first, trajectory.start[k])
    count_at(first, end, period_ends, count, g, s, FIRST_EVENTS)
