"""Stage 4, care: what the care around the radiotherapy changes of a trajectory, and what is counted of it.

Each kind of care has a module here, found by the name of its row, with some of

    act(p, seed, draw, number, u, patient, schedule, trajectory, modifiers)
        before the trajectory is simulated: writes effects (`radsim.kernel.effects`), so that the order of the kinds does not matter
    act_last(…, the same)
        after every `act`: writes what depends on the hazards that those have changed
    follow(p, seed, draw, number, u, patient, trajectory, modifiers, start, visit_days)
        after the index course is written (``start`` 0) and again after each repeat (``start`` its day): writes what depends on the
        pain so far, and replaces what it wrote beyond ``start``
    count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s)
        afterwards: adds to ``count`` (group, schedule, period, item) what was given, or happened, before ``end``

They are called only where the care is switched on: without it no bit of a result changes. The calls are joined when this module is
imported, so that the compiler sees each of them by itself.
"""

from __future__ import annotations

import importlib

from radsim.care import KINDS
from radsim.compiled import apart, step


def _joined(name):
    """One step that calls the function ``name`` of every kind of care that is switched on."""
    joined = _nothing
    for index, kind in enumerate(KINDS):
        function = getattr(importlib.import_module(f"{__name__}.{kind.name}"), name, None)
        joined = joined if function is None else _with(joined, function, index)
    return joined


def _with(others, function, index):
    @apart
    def joined(p, *arguments):
        others(p, *arguments)
        if p.care[index]:
            function(p, *arguments)

    return joined


@step
def _nothing(p, *arguments):
    return


_act, _act_last = _joined("act"), _joined("act_last")


@step
def act(p, *arguments):
    """What the care does before the trajectory is simulated."""
    _act(p, *arguments)
    _act_last(p, *arguments)


follow = _joined("follow")
count = _joined("count")
