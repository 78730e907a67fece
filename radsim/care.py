"""The kinds of care around the radiotherapy: one row each.

A kind of care is three files and no more:

1. a row of `KINDS` here: its switch, its parameters, where it acts, its random numbers and what is counted of it;
2. its numbers with their sources, in ``data/evidence/<name>.yaml``;
3. what it does, in ``kernel/care/<name>.py``.

The configuration and its schema, the registry, the records of the kernel, the items of `count`, their prices, the report and the
export read the rows. A price set may price the items; what it leaves out costs nothing, and a result that counts it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

EFFECTS = MappingProxyType({
    "flare_risk_ratio": 1.0,  # on the probability of a flare after the index course
    "fracture_rate_ratio": 1.0,  # on the hazard of a fracture of the index site
    "cord_compression_rate_ratio": 1.0,  # on the hazard of a cord compression at the index site
})  # fmt: skip
"""Where care can act on a trajectory, each with its neutral value. A new one is a line here and its use in the one step it concerns."""


class Item(NamedTuple):
    """Something that is counted of a kind of care, and can have a price.

    Attributes
    ----------
    name : str
        Of the item of `count`, in the plural.
    price : str
        Of one; the parameter is called ``cost.`` and this.
    component : str
        Part of the cost, one of `radsim.economics.items.COMPONENTS`.
    per : str
        What one unit is, for the unit of the price.
    meaning : str
    """

    name: str
    price: str
    component: str
    per: str
    meaning: str


class Kind(NamedTuple):
    """A kind of care.

    Attributes
    ----------
    name : str
        Of its evidence file and its module of the kernel.
    switch : str
        Key of `care` in a configuration.
    label, description : str
        A short title for tables, and a phrase for the schema and the starting file.
    parameters : tuple of str
        Names in the evidence registry.
    modifiers : mapping of str to float
        Where it acts and the neutral value there: `EFFECTS`, or fields of its own that its module carries from `act` to `count`.
    purposes : mapping of str to int
        Its random numbers, each a purpose of its own from 160 on; append, never renumber.
    items : tuple of Item
        What is counted.
    """

    name: str
    switch: str
    label: str
    description: str
    parameters: tuple[str, ...]
    modifiers: Mapping[str, float]
    purposes: Mapping[str, int]
    items: tuple[Item, ...]


KINDS = (
    Kind(
        name="dexamethasone",
        switch="dexamethasone_prophylaxis",
        label="Dexamethasone against flare",
        description="against pain flare",
        parameters=("dexamethasone.flare_risk_ratio", "dexamethasone.hyperglycaemia_probability"),
        modifiers={"flare_risk_ratio": 1.0},
        purposes={"hyperglycaemia": 156},
        items=(
            Item("dexamethasone_courses", "dexamethasone_course", "toxicity", "course", "dexamethasone against pain flare"),
            Item("hyperglycaemias", "hyperglycaemia", "toxicity", "event", "hyperglycaemia under dexamethasone"),
        ),
    ),
)  # fmt: skip

ITEMS = tuple(item for kind in KINDS for item in kind.items)

LATER_ITEMS = tuple(tuple(item.name for item in kind.items) for kind in KINDS[1:])
"""Counted items of each kind of care after the first, with which results were stored before there were others."""


def neutral_values():
    """Every field that care can act on, with its value when there is none."""
    return {**EFFECTS, **{name: value for kind in KINDS for name, value in kind.modifiers.items()}}


def acting_on(modifier):
    """Names of the kinds of care that act on a modifier."""
    return tuple(kind.name for kind in KINDS if modifier in kind.modifiers)


def purpose(name, random_number):
    """Purpose of a random number of the kind of care ``name``."""
    (kind,) = (kind for kind in KINDS if kind.name == name)
    return kind.purposes[random_number]
