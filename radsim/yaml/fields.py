"""Kinds of value that a configuration is made of, each with the words that a fault of it is reported in."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)

from radsim.yaml.faults import Expected, describe

ROUNDING = 1e-6  # of probabilities that sum to one


class Section(BaseModel):
    """A mapping with a fixed set of keys: strict types, unknown keys refused, never changed once made."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class OneFamily(Section):
    """A mapping with exactly one of its keys, each the numbers of a family of distributions."""

    @model_validator(mode="after")
    def _one_family(self):
        if len(self.given) != 1:
            known = ", ".join(type(self).model_fields)
            raise Expected(f"one of {known}", found=" and ".join(self.given) or "an empty mapping")
        return self

    @property
    def given(self) -> list[str]:
        """Names of the families that are given."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]


def described(text):
    """Report any fault of a value in these words."""

    def check(value, handler):
        try:
            return handler(value)
        except ValidationError:
            raise Expected(text) from None

    return WrapValidator(check)


def number(*, low=None, high=None, above=None, unit=None):
    """Annotate a finite number within limits.

    Parameters
    ----------
    low, high : float, optional
        Limits, themselves allowed.
    above : float, optional
        Lower limit, itself not allowed.
    unit : str, optional
        For the message.

    Returns
    -------
    annotation
    """
    text = "a number" + (f" [{unit}]" if unit else "") + _limits(low=low, high=high, above=above)
    return Annotated[float, Field(ge=low, le=high, gt=above), described(text)]


def whole(*, low, high=None):
    """Annotate a whole number from `low` to `high`."""
    return Annotated[int, Field(ge=low, le=high), described("a whole number" + _limits(low=low, high=high))]


def _limits(*, low=None, high=None, above=None):
    parts = [
        f"above {above:g}" if above is not None else "",
        f"from {low}" if low is not None and high is not None else f">= {low}" if low is not None else "",
        (f"to {high}" if low is not None else f"and up to {high}") if high is not None else "",
    ]
    return "".join(f" {part}" for part in parts if part)


def increasing(values: tuple) -> tuple:
    """Refuse a list whose numbers do not increase (a validator)."""
    for i, (before, after) in enumerate(zip(values, values[1:], strict=False)):
        if after <= before:
            raise Expected(f"a number above the one before it, {before:g}", found=f"{after:g}", path=(i + 1,))
    return values


def ascending(values: tuple) -> tuple:
    """Put numbers in order, and refuse one that is there twice (a validator)."""
    errors = [
        Expected("each number once", found=f"{value:g} again", path=(i,))
        for i, value in enumerate(values)
        if value in values[:i]
    ]
    if errors:
        raise Expected.together(errors)
    return tuple(sorted(values))


def not_empty(values: tuple) -> tuple:
    """Refuse an empty list (a validator, to come before that of the list itself)."""
    if values == ():
        raise Expected("a list of at least one")
    return values


def _one_line(value):
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 200:
        raise Expected("one line of text, at most 200 characters")
    return value


def _numbers(values):
    if not isinstance(values, dict):
        return values
    errors = [
        Expected("a number", path=(name,))
        for name, value in values.items()
        if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0  # inf and nan
    ]
    if errors:
        raise Expected.together(errors)
    return values


Numbers = Annotated[
    dict[str, float],
    BeforeValidator(_numbers),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "number"}}),
]
"""Finite numbers by name."""

Line = Annotated[str, BeforeValidator(_one_line)]
Flag = Annotated[bool, described("true or false")]


def check_probabilities(probabilities: dict, check_category) -> dict:
    """Check ``{category: probability}``: known categories, each in [0, 1], summing to one.

    Parameters
    ----------
    probabilities : dict of str to float
    check_category : callable
        Returns the canonical name of a category, or raises ``Expected``.

    Returns
    -------
    dict of str to float

    Raises
    ------
    Expected
        All that is wrong with it.
    """
    checked, errors = {}, []
    for category, probability in probabilities.items():
        try:
            name = check_category(category)
        except Expected as error:
            errors.append(Expected(str(error), found=describe(category), path=(category,)))
            continue
        if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
            errors.append(Expected("a probability from 0 to 1", found=describe(probability), path=(category,)))
            continue
        checked[name] = checked.get(name, 0.0) + float(probability)
    total = math.fsum(checked.values())
    if not errors and abs(total - 1) > ROUNDING:
        errors.append(Expected("probabilities that sum to 1", found=f"a sum of {total:.7g}"))
    if errors:
        raise Expected.together(errors)
    return checked


def one_of(*words: str):
    """Annotate one of several words."""

    def check(value):
        if not isinstance(value, str) or value not in words:
            raise Expected("one of " + ", ".join(words))
        return value

    return Annotated[Literal[words], BeforeValidator(check)]
