"""Outcomes and differences as people say them: of 100 patients, or days."""

from __future__ import annotations

import math

from radsim.outcomes import format


def plain(estimate, scale):
    """`22 of 100 (17 to 28)`, `1.8 days (1.5 to 2.2)`; no brackets where no interval is known.

    Parameters
    ----------
    estimate : Estimate
        In the unit of the variable.
    scale : radsim.outcomes.catalogue.Scale
    """
    value, low, high = (scale.factor * float(part) for part in estimate.with_ends)
    if math.isnan(value):
        return "nobody to tell from"
    if decimals_of(scale) == 0 and 0.0 < value < 0.5:
        return f"fewer than 1 {scale.unit}{_span(low, high, scale)}"
    return format.interval(value, low, high, decimals_of(scale), unit=scale.unit)


def decimals_of(scale):
    """Whole patients; days to a tenth."""
    return 0 if scale.unit == "of 100" else scale.decimals


def more_or_fewer(estimate, scale):
    """A difference in words: `15 more of 100 (11 to 20 more)`, `3.5 days fewer (from 3.2 to 3.8 fewer)`."""
    value, low, high = (scale.factor * float(part) for part in estimate.with_ends)
    return _size(value, scale) + _reach(low, high, scale)


def _size(value, scale):
    if math.isnan(value):
        return "an unknown number more or fewer"
    size = format.number(abs(value), decimals_of(scale))
    if float(size.replace(",", "")) == 0.0:
        return f"about as many {scale.unit}"
    return f"{size} {'more' if value > 0.0 else 'fewer'} {scale.unit}"


def _reach(low, high, scale):
    """The interval of a difference, its direction at both ends."""
    if math.isnan(low) or math.isnan(high):
        return ""
    decimals = decimals_of(scale)
    if low >= 0.0 or high <= 0.0:
        near, far = sorted((abs(low), abs(high)))
        return (
            f" ({format.number(near, decimals)} to {format.number(far, decimals)} {'more' if high > 0.0 else 'fewer'})"
        )
    return f" (from {format.number(-low, decimals)} fewer to {format.number(high, decimals)} more)"


def _span(low, high, scale):
    if math.isnan(low) or math.isnan(high) or low == high:
        return ""
    return f" ({format.number(low, decimals_of(scale))} to {format.number(high, decimals_of(scale))})"
