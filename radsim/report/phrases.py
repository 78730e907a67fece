"""Outcomes and differences as people say them: of 100 patients, or days."""

from __future__ import annotations

import math

from radsim.outcomes import format


def plain(estimate, scale):
    """`22 of 100 (17 to 28)`, `1.8 days (1.5 to 2.2)`; no brackets where no interval is known. For an `Estimate` and a `Scale`."""
    value, low, high = (scale.factor * float(part) for part in estimate.with_ends)
    if math.isnan(value):
        return "not known"
    text = format.interval(value, low, high, decimals_of(scale), unit=scale.unit)
    is_few = decimals_of(scale) == 0 and 0.0 < value < 0.5
    return f"fewer than 1 {text.removeprefix('0 ')}" if is_few else text


def decimals_of(scale):
    """Whole patients; days to a tenth."""
    return 0 if scale.unit == "of 100" else scale.decimals


def more_or_fewer(estimate, scale):
    """A difference in words: `15 more of 100 (11 to 20 more)`, `3.5 fewer days (from 3.2 to 3.8 fewer)`."""
    value, low, high = (scale.factor * float(part) for part in estimate.with_ends)
    if math.isnan(value):
        return "an unknown number more or fewer"
    decimals = decimals_of(scale)
    size = format.number(abs(value), decimals)
    is_none = float(size.replace(",", "")) == 0.0
    text = f"about as many {scale.unit}" if is_none else f"{size} {_direction(value)} {scale.unit}"
    if math.isnan(low) or math.isnan(high):
        return text
    ends = format.ends(low, high, decimals, as_sizes=True)
    return f"{text} ({ends})" if ends.startswith("between") else f"{text} ({ends} {_direction(low + high)})"


def _direction(value):
    return "more" if value > 0.0 else "fewer"
