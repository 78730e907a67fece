"""Stage 4, care: what the care around the radiotherapy changes of a trajectory, and what is counted of it.

Each kind of care has a module here, found by the name of its row, with some of

    survive(p, seed, draw, number, u, traits, patient, modifiers)
        before everything else: multiplies the hazard of death from the disease; systemic therapy alone has it
    act(p, seed, draw, number, u, traits, patient, modifiers)
        before any schedule is simulated: writes effects (`radsim.kernel.effects`), so that the order of the kinds does not matter
    once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s)
        after every `act`: what follows from the hazards that those have changed, and what is given or happens whatever the schedule;
        adds to ``count`` (group, schedule, period, item) what of that lies before ``end``
    follow(p, seed, draw, number, u, patient, trajectory, modifiers, start, visit_days)
        after the index course is written (``start`` 0) and again after each repeat (``start`` its day): writes what depends on the
        pain so far, steps of the dose alone, and replaces what it wrote beyond ``start``
    intervene(p, seed, draw, number, u, traits, patient, trajectory, modifiers, start)
        after `follow`, unless the site was treated before: whether and when the site is treated otherwise than by radiotherapy after the
        course of day ``start``, and what relief comes of it (`effects.treat_site`); `follow` is then called once more
    count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s)
        afterwards: adds to ``count`` what was given, or happened, under this schedule

They are called only where the care is switched on: without it no bit of a result changes. The calls are joined when this module is
imported, so that the compiler sees each of them by itself.

Each hook begins with ``caring``, None where a study gives no care at all: numba leaves out what follows from that, so that whoever asks for no
care does not wait until it is compiled.
"""

from __future__ import annotations

import importlib

from radsim.care import KINDS
from radsim.compiled import apart, step


def _hook(name):
    """One step that calls the function ``name`` of every kind of care that is switched on; none is even compiled where ``caring`` is None."""
    joined = _joined(name)

    @step
    def hook(caring, p, *arguments):
        if caring is not None:
            joined(p, *arguments)

    return hook


def _joined(name):
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


survive = _hook("survive")
act = _hook("act")
once = _hook("once")
follow = _hook("follow")
intervene = _hook("intervene")
count = _hook("count")
