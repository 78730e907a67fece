"""The kinds of care around the radiotherapy.

A kind of care is three files and no more:

1. ``care/<name>.py``: its row `KIND`: its switch and settings, its parameters, its random numbers and what is counted of it;
2. ``data/evidence/<name>.yaml``: its numbers with their sources;
3. ``kernel/care/<name>.py``: what it does, by the effects of `radsim.kernel.effects`.

Rows are found by themselves and stand in the order of their numbers, which is the order in which they were added.
The configuration and its schema, the registry, the records of the kernel, the items of `count`, their prices, the report and the
export read the rows. A price set may price the items; what it leaves out costs nothing, and a result that counts it says so.

A kind of care that is off is in no resolved configuration, and neither its parameters nor its items are in a result.
"""

from __future__ import annotations

import importlib
import pkgutil

from radsim.care.kind import Amount, Choice, Item, Kind, Output, Yes

__all__ = [
    "ARMS", "DIMENSIONS", "ITEMS", "KINDS", "LATER_ITEMS", "Amount", "Choice", "Item", "Kind", "Output", "Yes", "acting_on", "given", "given_by_any",
    "items_of_nobody", "outputs_of", "purpose", "switched_on", "values_of_care_not_given",
]  # fmt: skip


def _rows():
    """The row of every module beside `kind`, in the order of their numbers."""
    names = [module.name for module in pkgutil.iter_modules(__path__) if module.name != "kind"]
    rows = [importlib.import_module(f"{__name__}.{name}").KIND for name in names]
    return tuple(sorted(rows, key=lambda kind: kind.number))


KINDS = _rows()

ARMS = {kind.arm: kind for kind in KINDS if kind.arm}
"""Schedules without radiotherapy that are a kind of care, by their names."""

ITEMS = tuple(item for kind in KINDS for item in kind.items)

LATER_ITEMS = tuple(tuple(item.name for item in kind.items) for kind in KINDS[1:])
"""Counted items of each kind of care after the first: their costs are added by themselves."""


def given(care):
    """Kinds of care that a configuration gives.

    Parameters
    ----------
    care : mapping or radsim.config.model.Care
        The section `care` of a configuration, resolved or as a model.

    Returns
    -------
    tuple of Kind
    """
    value = care.get if hasattr(care, "get") else lambda switch: getattr(care, switch)
    return tuple(kind for kind in KINDS if switched_on(value(kind.switch)))


def given_by_any(cares):
    """Kinds of care that at least one of the sections `care` gives, in their order."""
    there = {kind.name for care in cares for kind in given(care)}
    return tuple(kind for kind in KINDS if kind.name in there)


HARM = "harm"


def outputs_of(kinds):
    """Variables of a result that the items of some kinds of care add up to: those of their rows, and all harms in one.

    Returns
    -------
    list of Output
    """
    found = [output for kind in kinds for output in kind.outputs]
    harms = {
        item.name: (item.name,)
        for kind in kinds
        for item in kind.items
        if item.component == "toxicity" and item.per != "day"
    }
    if harms:
        found.append(
            Output("adverse_event", "1", "harms of the care around the radiotherapy, of a patient", harms, dim=HARM)
        )
    return found


DIMENSIONS = tuple(dict.fromkeys(output.dim for output in outputs_of(KINDS) if output.dim))
"""Dimensions of these variables beside draw, schedule and period."""


def switched_on(value):
    """Whether what stands under the switch of a kind of care gives it: settings or true."""
    return value is not None and value is not False


def items_of_nobody(cares):
    """Names of the items that are counted under none of the sections `care`."""
    there = {item.name for care in cares for kind in given(care) for item in kind.items}
    return frozenset(item.name for item in ITEMS if item.name not in there)


def values_of_care_not_given(care):
    """Names of the prices and losses of the kinds of care that a configuration does not give; those of the first kind are always there."""
    there = {kind.name for kind in given(care)} | {KINDS[0].name}
    return _values_of([item for kind in KINDS if kind.name not in there for item in kind.items])


def values_of_items_not_counted(counted):
    """Names of the prices and losses of the items of care that a result, which counts ``counted``, has not."""
    return _values_of([item for item in ITEMS if item.name not in counted])


def _values_of(items):
    return {f"cost.{item.price}" for item in items} | {f"utility.loss.{item.price}" for item in items if item.loss}


def acting_on(effect):
    """Names of the kinds of care that change something of a trajectory; see `Kind.acts_on`."""
    return tuple(kind.name for kind in KINDS if effect in kind.acts_on)


def purpose(name, random_number):
    """Purpose of a random number of the kind of care ``name``, as the kernel reads it."""
    import numpy as np  # here: rows are read for --help, which is instant

    (kind,) = (kind for kind in KINDS if kind.name == name)
    return np.int64(
        kind.purposes[random_number]
    )  # a Python number would be a type of its own, and every call be compiled anew
