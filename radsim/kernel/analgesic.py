"""The analgesic dose: it follows the pain, and in some patients drifts upward for a time with the disease elsewhere."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.effects import step_at, time_of_three
from radsim.kernel.layout import H_ESCALATION, PARTIAL
from radsim.maths.hazard import exponential_time, interrupted_time


@step
def prescribe(trajectory, u, traits, modifiers, p):
    """Write titration, escalation and tapering into the trajectory. Only the index response matters: repeats change no hazard."""
    trajectory.titration = p.analgesic_titration_day if u.titration < p.analgesic_titration_probability else math.inf
    trajectory.tapers = 1 if u.taper < p.analgesic_taper_probability else 0
    trajectory.drifts = 1 if u.drift < p.analgesic_drift_probability else 0
    uncontrolled, controlled = (
        p.analgesic_escalation_rate_uncontrolled_per_day,
        p.analgesic_escalation_rate_responding_per_day,
    )
    responds = trajectory.response_class[0] >= PARTIAL
    if modifiers.n_edges > 0 or modifiers.hazard_ratio[H_ESCALATION, 0] != 1.0:
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


@step
def raised_dose(t, trajectory, dose_at_start, p):
    """Dose with its increases, before any tapering; or as the care says. [mg d-1]"""
    if trajectory.n_steps > 0:
        return trajectory.step_dose[max(0, step_at(t, trajectory))]
    titrated = t >= trajectory.titration
    escalated = t >= trajectory.escalation
    increase = p.analgesic_increase
    if dose_at_start > 0.0:
        dose = dose_at_start * (1.0 + increase * titrated) * (1.0 + increase * escalated)
    else:
        dose = p.analgesic_starting_dose_mg * (titrated | escalated) * (1.0 + increase * (titrated & escalated))
    drifting = min(max(t - trajectory.escalation, 0.0), p.analgesic_drift_until_days)
    return dose * (1.0 + p.analgesic_drift_per_day * trajectory.drifts * drifting)


@step
def tapered_at(t, trajectory, n_courses, p):
    """Has the dose been tapered for a response that is in force at ``t``?"""
    tapered = False
    for k in range(n_courses):
        old_enough = (trajectory.onset[k] + p.analgesic_taper_delay_days <= t) & (t < trajectory.relapse[k])
        tapered |= (trajectory.response_class[k] >= PARTIAL) & old_enough
    return (trajectory.tapers == 1) & tapered


@step
def morphine_equivalent_at(t, trajectory, n_courses, dose_at_start, p):
    """Daily oral morphine equivalent at ``t``, counting the first ``n_courses`` courses. [mg d-1]"""
    return raised_dose(t, trajectory, dose_at_start, p) * (
        1.0 - p.analgesic_taper_reduction * tapered_at(t, trajectory, n_courses, p)
    )
