"""The analgesic dose: it follows the pain, and in some patients drifts upward for a time with the disease elsewhere."""

from __future__ import annotations

import math

from radsim.compiled import apart, step
from radsim.kernel.changes import next_change_by_care, next_change_of_sites, sooner
from radsim.kernel.effects import dose_of_steps, hazard_ratio_at, hurts_elsewhere, kept_here, time_of_three
from radsim.kernel.layout import H_ESCALATION, PARTIAL
from radsim.kernel.pain import escalation_day
from radsim.kernel.response import LEAST_PAIN_FOR_PARTIAL
from radsim.maths.hazard import exponential_time, interrupted_time


@step
def prescribe(trajectory, u, traits, modifiers, p):
    """Write titration, escalation and tapering into the trajectory. Only the index response, and local reliefs, matter: repeats change no hazard."""
    if modifiers.doses_by_care:
        trajectory.titration = math.inf
        trajectory.escalation = math.inf
        trajectory.escalation_alone = math.inf
        trajectory.tapers = 0
        trajectory.drifts = 0
        return
    trajectory.titration = p.analgesic_titration_day if u.titration < p.analgesic_titration_probability else math.inf
    trajectory.tapers = 1 if u.taper < p.analgesic_taper_probability else 0
    trajectory.drifts = 1 if u.drift < p.analgesic_drift_probability else 0
    uncontrolled, controlled = (
        p.analgesic_escalation_rate_uncontrolled_per_day,
        p.analgesic_escalation_rate_responding_per_day,
    )
    responds = trajectory.response_class[0] >= PARTIAL
    if trajectory.n_sites > 0:
        trajectory.escalation = escalation_among_sites(
            trajectory, responds, False, traits.escalation_exponential, modifiers, p
        )
    elif modifiers.n_edges > 0 or modifiers.hazard_ratio[H_ESCALATION, 0] != 1.0:
        onset = trajectory.onset[0] if responds else math.inf
        relapse = trajectory.relapse[0] if responds else math.inf
        trajectory.escalation = time_of_three(
            0.0,
            modifiers,
            H_ESCALATION,
            traits.escalation_exponential,
            uncontrolled,
            onset,
            controlled,
            relapse,
            uncontrolled,
        )
    elif responds:
        trajectory.escalation = interrupted_time(
            traits.escalation_exponential, uncontrolled, trajectory.onset[0], trajectory.relapse[0], controlled
        )
    else:
        trajectory.escalation = exponential_time(traits.escalation_exponential, uncontrolled)
    trajectory.escalation_alone = trajectory.escalation
    if trajectory.n_reliefs > 0:
        escalate_under_reliefs(trajectory, traits, modifiers, p)


@apart
def escalate_under_reliefs(trajectory, traits, modifiers, p):
    """Write the escalation anew where a local relief begins or is taken back."""
    if trajectory.n_reliefs == 0:
        trajectory.escalation = trajectory.escalation_alone
    elif not modifiers.doses_by_care:
        responds = trajectory.response_class[0] >= PARTIAL
        trajectory.escalation = escalation_among_sites(
            trajectory, responds, True, traits.escalation_exponential, modifiers, p
        )


@apart
def escalation_among_sites(trajectory, responds, with_reliefs, exponential, modifiers, p):
    """Escalation where other sites hurt, or local reliefs count: the rate is the lower one only while no other site hurts and the index response is
    in force, or the reliefs take as much off the pain of the site as a partial response. [d]"""
    t, left = 0.0, exponential
    while t < trajectory.time_to_death:
        stop = next_change_of_sites(t, trajectory, trajectory.time_to_death)
        controlled = False
        if responds:
            stop = sooner(trajectory.onset[0], t, stop)
            stop = sooner(trajectory.relapse[0], t, stop)
            controlled = trajectory.onset[0] <= t and t < trajectory.relapse[0]
        if with_reliefs:
            stop = next_change_by_care(t, trajectory, stop)
            taken = (1.0 - kept_here(t, trajectory, trajectory.n_courses)) * trajectory.pain
            controlled |= taken >= LEAST_PAIN_FOR_PARTIAL
        controlled &= not hurts_elsewhere(t, trajectory)
        for i in range(modifiers.n_edges):
            stop = sooner(modifiers.edges[i], t, stop)
        rate = (
            p.analgesic_escalation_rate_responding_per_day
            if controlled
            else p.analgesic_escalation_rate_uncontrolled_per_day
        )
        rate *= hazard_ratio_at(t, modifiers, H_ESCALATION)
        if left <= rate * (stop - t):
            return t + left / rate if rate > 0.0 else math.inf
        left -= rate * (stop - t)
        t = stop
    return math.inf


@step
def raised_dose(t, trajectory, n_courses, dose_at_start, p):
    """Dose with its increases, before any tapering. [mg d-1]"""
    titrated = t >= trajectory.titration
    escalation = escalation_day(trajectory, n_courses)
    escalated = t >= escalation
    increase = p.analgesic_increase
    if dose_at_start > 0.0:
        dose = dose_at_start * (1.0 + increase if titrated else 1.0) * (1.0 + increase if escalated else 1.0)
    else:
        dose = p.analgesic_starting_dose_mg * (titrated | escalated) * (1.0 + increase * (titrated & escalated))
    drifting = min(max(t - escalation, 0.0), p.analgesic_drift_until_days)
    return dose * (1.0 + p.analgesic_drift_per_day * trajectory.drifts * drifting)


@step
def may_taper_at(t, trajectory, n_courses, p):
    """Has the dose been tapered at ``t`` for a response of the site, unless another hurts?"""
    tapered = False
    for k in range(max(n_courses, 1)):
        old_enough = (trajectory.onset[k] + p.analgesic_taper_delay_days <= t) & (t < trajectory.relapse[k])
        tapered |= (trajectory.response_class[k] >= PARTIAL) & old_enough
    return (trajectory.tapers == 1) & tapered


@step
def tapered_dose(dose, tapered, p):
    """What is left of a dose that has been tapered, if it has. [mg d-1]"""
    return dose * (1.0 - p.analgesic_taper_reduction if tapered else 1.0)


@step
def dose_by_course(t, trajectory, n_courses, dose_at_start, p):
    """Daily oral morphine equivalent at ``t`` without the care around the radiotherapy. [mg d-1]"""
    dose = raised_dose(t, trajectory, n_courses, dose_at_start, p)
    return tapered_dose(dose, may_taper_at(t, trajectory, n_courses, p), p)


@step
def morphine_equivalent_at(t, trajectory, n_courses, dose_at_start, p):
    """Daily oral morphine equivalent at ``t``, counting the first ``n_courses`` courses; as the care says, if it does. [mg d-1]"""
    if trajectory.n_steps > 0:
        return dose_of_steps(t, trajectory, n_courses)
    dose = raised_dose(t, trajectory, n_courses, dose_at_start, p)
    tapered = may_taper_at(t, trajectory, n_courses, p) & (not hurts_elsewhere(t, trajectory))
    return tapered_dose(dose, tapered, p)
