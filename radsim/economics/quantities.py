"""Prices and utilities one by one: a number with its uncertainty and where it comes from.

A price or utility is either a bare number or a mapping::

    fraction:
      value: 130
      uncertainty: {gamma: {shape: 25}}   # mean = value
      unit: GBP per fraction
      source: citation, and table or arithmetic
      licence: of the source
      population: whom it describes
      price_year: 2016
      status: checked         # read in its source, or simple arithmetic on it; provisional: from memory or assumed;
                              # scenario: carried over from elsewhere; missing: no figure found, counts as nothing
      before_discount: true   # a list price, while what is paid is less and confidential
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, create_model, model_validator

from radsim import care
from radsim.economics.items import AGE_TERMS, EVENT_STATES, LOSSES, NEAR_DEATH, PAIN_LEVELS, PRICED
from radsim.yaml.faults import Expected
from radsim.yaml.fields import Flag, Line, OneFamily, Section, number, one_of, whole

STATUSES = ("checked", "provisional", "scenario", "missing")

HIGHEST_PRICE = 1_000_000_000
"""Of one unit, in any currency: a slip of the keyboard, or a unit mistaken, beyond it. The dearest unit, an operation, costs about
10^4 pounds, and 10^8 in the currencies that count in the smallest money."""
HIGHEST_WORTH = 10**12
"""Of a quality-adjusted life year: above it only rounding would decide."""

Price = number(low=0, high=HIGHEST_PRICE)
Worth = number(low=0, high=HIGHEST_WORTH)
Utility = number(low=-1, high=1)
Level = number(low=0, high=1)
Loss = number(low=0, high=2)
Days = number(low=0, high=3650, unit="d")
Coefficient = number(low=-200, high=200)
Positive = number(above=0)


def _text(value):
    if not isinstance(value, str) or not value.strip() or len(value) > 2000:
        raise Expected("text, at most 2000 characters")
    return " ".join(value.split())


Text = Annotated[str, BeforeValidator(_text)]


class FixedSpread(Section):
    """No uncertainty."""


class GammaSpread(Section):
    """Gamma distribution with the value as its mean."""

    shape: Positive


class LognormalSpread(Section):
    """Lognormal distribution with the value as its median."""

    sigma: Positive


class NormalSpread(Section):
    """Normal distribution with the value as its mean, cut to what the quantity may be."""

    sd: Positive


class BetaSpread(Section):
    """Beta distribution with the value as its mean and the weight of `n` observations."""

    n: Positive


class UniformSpread(Section):
    """Uniform distribution around the value."""

    low: Coefficient | Price
    high: Coefficient | Price


class Uncertainty(OneFamily):
    """Exactly one of the families."""

    fixed: FixedSpread | None = None
    gamma: GammaSpread | None = None
    lognormal: LognormalSpread | None = None
    normal: NormalSpread | None = None
    beta: BetaSpread | None = None
    uniform: UniformSpread | None = None

    @property
    def family(self):
        """Name of the family, and its numbers."""
        (name,) = self.given
        return name, getattr(self, name).model_dump()


class _Quantity(Section):
    """A number with its uncertainty and where it comes from; subclasses say what the number may be."""

    uncertainty: Uncertainty = Uncertainty(fixed=FixedSpread())
    unit: Line | None = None
    population: Text = "not stated"
    source: Text = "not stated"
    licence: Text | None = None
    price_year: whole(low=1900, high=2200) | None = None
    status: one_of(*STATUSES) = "provisional"
    note: Text | None = None

    @model_validator(mode="after")
    def _possible(self):
        name, numbers = self.uncertainty.family
        at = ("uncertainty", name)
        if name in ("gamma", "lognormal") and not self.value > 0:
            raise Expected("a value above 0 for this family", found=f"{self.value:g}", path=at)
        if name == "beta" and not 0 < self.value < 1:
            raise Expected("a value between 0 and 1 for this family", found=f"{self.value:g}", path=at)
        if name == "uniform" and not (
            numbers["low"] <= self.value <= numbers["high"] and numbers["low"] < numbers["high"]
        ):
            raise Expected(
                "low below high, around the value", found=f"{numbers['low']:g} to {numbers['high']:g}", path=at
            )
        if name == "uniform" and numbers["low"] < self.limits[0]:
            raise Expected(f"at least {self.limits[0]:g}", found=f"{numbers['low']:g}", path=(*at, "low"))
        if name == "uniform" and numbers["high"] > self.limits[1]:
            raise Expected(f"at most {self.limits[1]:g}", found=f"{numbers['high']:g}", path=(*at, "high"))
        if self.status == "missing" and (self.value != 0 or name != "fixed"):
            raise Expected("the value 0 without uncertainty where the status is missing", path=("value",))
        return self


class _Paid(_Quantity):
    """A price: it may be one of a list, before a discount that is confidential."""

    before_discount: Flag = False


def _quantity(name, kind, low, high, base=_Quantity):
    """A model of a quantity, and the annotation that also takes its bare number."""
    model = create_model(name, __base__=base, __module__=__name__, value=(kind, ...))
    model.limits = (low, high)
    expand = BeforeValidator(lambda given: given if isinstance(given, dict | model) else {"value": given})
    return model, Annotated[model, expand]


PriceItem, PriceOrNumber = _quantity("PriceItem", Price, 0.0, float("inf"), _Paid)
UtilityItem, UtilityOrNumber = _quantity("UtilityItem", Utility, -1.0, 1.0)
LevelItem, LevelOrNumber = _quantity("LevelItem", Level, 0.0, 1.0)
LossItem, LossOrNumber = _quantity("LossItem", Loss, 0.0, 2.0)
DaysItem, DaysOrNumber = _quantity("DaysItem", Days, 0.0, 3650.0)
TermItem, TermOrNumber = _quantity("TermItem", Coefficient, -200.0, 200.0)


def _items(name, kind, names, optional=()):
    keys = {each: (kind | None, None) if each in optional else (kind, ...) for each in names}
    return create_model(name, __base__=Section, __module__=__name__, **keys)


Prices = _items("Prices", PriceOrNumber, PRICED, optional=[item.price for item in care.ITEMS])
Reasons = _items("Reasons", Text, [item.price for item in care.ITEMS], optional=[item.price for item in care.ITEMS])
PainUtilities = _items("PainUtilities", UtilityOrNumber, PAIN_LEVELS)
EventLosses = _items("EventLosses", LossOrNumber, EVENT_STATES)
DeathLosses = _items("DeathLosses", LossOrNumber, NEAR_DEATH)
CountLosses = _items(
    "CountLosses", DaysOrNumber, LOSSES, optional=[item.price for item in care.ITEMS if item.loss is not None]
)
AgeNorm = _items("AgeNorm", TermOrNumber, AGE_TERMS)
