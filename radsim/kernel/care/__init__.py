"""Stage 4, care: what the care around the radiotherapy changes of a trajectory, and what is counted of it.

Each row of `radsim.care.KINDS` has a module here, found by its name, with one or both of

    act(p, seed, draw, number, u, patient, schedule, modifiers)
        before the trajectory is simulated: multiplies a factor or adds to a shift, so that the order of the kinds does not matter
    count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s)
        afterwards: adds to ``count`` (group, schedule, period, item) what was given, or happened, before ``end``

They are called only where the care is switched on: without it no bit of a result changes. The calls are joined when this module is
imported, so that the compiler sees each of them by itself.
"""

from __future__ import annotations

import importlib

from radsim.care import KINDS
from radsim.compiled import step


def _joined(name):
    """One step that calls the function ``name`` of every kind of care that is switched on."""
    joined = _nothing
    for index, kind in enumerate(KINDS):
        function = getattr(importlib.import_module(f"{__name__}.{kind.name}"), name, None)
        joined = joined if function is None else _with(joined, function, index)
    return joined


def _with(others, function, index):
    @step
    def joined(p, *arguments):
        others(p, *arguments)
        if p.care[index]:
            function(p, *arguments)

    return joined


@step
def _nothing(p, *arguments):
    return


act = _joined("act")
count = _joined("count")
