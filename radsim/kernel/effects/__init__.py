"""Stage 4, effects: where the care around the radiotherapy acts on a trajectory.

A kind of care is one small module here. To add one:

1. Its numbers go into the evidence registry and into `layout.SCALAR_PARAMETERS`, with its switch.
2. Where it acts is a field of `layout.MODIFIERS`: a factor on a hazard (one when the care is off, so that the bits do not change),
   a shift of a trajectory, or a count. A new field is set to its neutral value in `neutral` and used in the one step it concerns.
3. Its module has one function ``act(u, patient, schedule, p, modifiers)``, called from `apply` below. Chance of its own takes a
   new purpose in `purposes.py`.

The order of the calls is of no consequence as long as each module multiplies.
"""

from __future__ import annotations

from radsim.compiled import step
from radsim.kernel.effects import dexamethasone


@step
def neutral(modifiers):
    """No care: every factor one, every count zero."""
    modifiers.flare_risk_ratio = 1.0
    modifiers.fracture_rate_ratio = 1.0
    modifiers.cord_compression_rate_ratio = 1.0
    modifiers.dexamethasone_courses = 0.0
    modifiers.hyperglycaemias = 0.0


@step
def apply(u, patient, schedule, p, modifiers):
    """Let every kind of care that is switched on act."""
    neutral(modifiers)
    if p.dexamethasone_prophylaxis:
        dexamethasone.act(u, patient, schedule, p, modifiers)
