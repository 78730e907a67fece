"""Dexamethasone around the index course: fewer pain flares, some hyperglycaemia.

Only the risk of a flare changes. The Dutch trial found flares postponed rather than prevented, SC.23 found fewer in the first five
days and no difference after; the registry's entry says which reading its value takes.
"""

from __future__ import annotations

from radsim.compiled import step


@step
def act(u, patient, schedule, p, modifiers):
    """Lower the risk of a flare after the index course, if there is one."""
    if not schedule.irradiated:
        return
    modifiers.flare_risk_ratio *= p.dexamethasone_flare_risk_ratio
    modifiers.dexamethasone_courses = 1.0
    if u.hyperglycaemia < p.dexamethasone_hyperglycaemia_probability:
        modifiers.hyperglycaemias = 1.0
