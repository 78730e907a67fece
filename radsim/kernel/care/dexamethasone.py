"""Dexamethasone around the index course: fewer pain flares, some hyperglycaemia.

Only the risk of a flare changes. The Dutch trial found flares postponed rather than prevented, SC.23 found fewer in the first five
days and no difference after; the registry's entry says which reading its value takes.
"""

from __future__ import annotations

from radsim.care import purpose
from radsim.compiled import step
from radsim.kernel.layout import item
from radsim.maths.rng import uniform

HYPERGLYCAEMIA = purpose("dexamethasone", "hyperglycaemia")
COURSES, HYPERGLYCAEMIAS = item("dexamethasone_courses"), item("hyperglycaemias")


@step
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Lower the risk of a flare after the index course."""
    modifiers.flare_risk_ratio *= p.dexamethasone_flare_risk_ratio


@step
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """One course of it with the index course, and hyperglycaemia in some."""
    if trajectory.irradiated:
        count[g, s, 0, COURSES] += 1
        count[g, s, 0, HYPERGLYCAEMIAS] += (
            uniform(seed, draw, number, HYPERGLYCAEMIA, 0) < p.dexamethasone_hyperglycaemia_probability
        )
