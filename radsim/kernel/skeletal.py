"""Fracture, spinal cord compression, surgery for either, and acute toxicity."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.effects import hazard_ratio_at, time_under, time_under_two
from radsim.kernel.layout import H_CORD_COMPRESSION, H_FRACTURE, H_SURGERY, HIP, LYTIC, SPINE


@step
def fracture_rate_ratio(patient, schedule, p):
    """Factor on the fracture hazard for the lesion and the schedule. [1]"""
    ratio = p.fracture_lytic_rate_ratio if patient.lesion == LYTIC else 1.0
    return ratio * (schedule.spine_fracture_rate_ratio if patient.site == SPINE else schedule.fracture_rate_ratio)


@step
def time_to_fracture(exponential, patient, rate_ratio, modifiers, p):
    """Time to pathological fracture of the index site, death aside. [d]"""
    if patient.site == HIP and patient.cortical_involvement_mm >= p.fracture_high_risk_mm:
        return time_under_two(
            modifiers,
            H_FRACTURE,
            exponential,
            rate_ratio * p.fracture_high_risk_early_rate_per_day,
            p.fracture_high_risk_early_until_days,
            rate_ratio * p.fracture_high_risk_late_rate_per_day,
        )
    return time_under(modifiers, H_FRACTURE, exponential, rate_ratio * p.fracture_rate_per_day[patient.site])


@step
def time_to_cord_compression(exponential, patient, rate_ratio, modifiers, p):
    """Time to spinal cord compression at the index site, death aside; only the spine has a cord. [d]"""
    if patient.site != SPINE:
        return math.inf
    return time_under(modifiers, H_CORD_COMPRESSION, exponential, rate_ratio * p.cord_compression_rate_per_day)


@step
def skeletal_events(trajectory, u, traits, patient, schedule, modifiers, p):
    """Write fracture, cord compression and the first operation into the trajectory; infinite if not before death."""
    death = trajectory.time_to_death
    ratio = fracture_rate_ratio(patient, schedule, p)
    if schedule.irradiated:
        ratio *= modifiers.irradiated_fracture_ratio
    fracture = time_to_fracture(traits.fracture_exponential, patient, ratio, modifiers, p)
    cord_ratio = schedule.cord_compression_rate_ratio
    compression = time_to_cord_compression(traits.cord_compression_exponential, patient, cord_ratio, modifiers, p)
    trajectory.fracture = fracture if fracture < death else math.inf
    trajectory.cord_compression = compression if compression < death else math.inf
    trajectory.surgery = math.inf
    trajectory.n_operations = 0.0
    after_fracture = p.surgery_after_fracture[0 if patient.site == HIP else 1]
    if u.surgery_fracture < after_fracture * hazard_ratio_at(trajectory.fracture, modifiers, H_SURGERY):
        operate(trajectory, trajectory.fracture, p)
    after_compression = p.surgery_after_cord_compression
    if u.surgery_cord < after_compression * hazard_ratio_at(trajectory.cord_compression, modifiers, H_SURGERY):
        operate(trajectory, trajectory.cord_compression, p)


@step
def operate(trajectory, event, p):
    """Operate after an event, if the patient is alive then."""
    day = event + p.surgery_delay_days
    if day < trajectory.time_to_death:
        trajectory.n_operations += 1.0
        trajectory.surgery = min(trajectory.surgery, day)


@step
def toxicity_probability(fraction_class, patient, p):
    """Probability of acute toxicity of grade 2 or more after one course. [1]"""
    return p.toxicity_spine[fraction_class] if patient.site == SPINE else p.toxicity_other[fraction_class]
