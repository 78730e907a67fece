"""Numbers as people say them: of 100 patients, or days."""

from __future__ import annotations

import math

from radsim.report.outcomes import OF_100

PERCENT = 100.0


def scaled(part, scale):
    """A share as patients of 100; days as they are."""
    return PERCENT * float(part) if scale == OF_100 else float(part)


def number(value, scale):
    """A figure without its unit: whole patients, or days to a tenth; a dash for what nobody could show."""
    if math.isnan(value):
        return "–"
    if scale == OF_100:
        return "fewer than 1" if 0.0 < value < 0.5 else f"{value:.0f}"
    return f"{value:.1f}"


def plain(estimate, scale):
    """`22 of 100 (17 to 28)`, `1.8 days (1.5 to 2.2)`; no brackets where no interval is known."""
    value, low, high = (scaled(part, scale) for part in estimate.with_ends)
    if math.isnan(value):
        return "nobody to tell from"
    unit = "of 100" if scale == OF_100 else "days"
    return f"{number(value, scale)} {unit}{span(low, high, scale)}"


def span(low, high, scale):
    """` (17 to 28)`, or nothing."""
    if math.isnan(low) or math.isnan(high) or low == high:
        return ""
    digits = 0 if scale == OF_100 else 1
    return f" ({_round(low, digits)} to {_round(high, digits)})"


def more_or_fewer(estimate, scale):
    """A difference in words: `15 more of 100 (11 to 20 more)`, `3.5 days fewer (from 3.2 to 3.8 fewer)`."""
    value, low, high = (scaled(part, scale) for part in estimate.with_ends)
    return _size(value, scale) + _reach(low, high, scale)


def _size(value, scale):
    if math.isnan(value):
        return "an unknown number more or fewer"
    unit = "of 100" if scale == OF_100 else "days"
    size = f"{abs(value):.{0 if scale == OF_100 else 1}f}"
    if float(size) == 0.0:
        return f"about as many {unit}"
    word = "more" if value > 0.0 else "fewer"
    return f"{size} {word} {unit}"


def _reach(low, high, scale):
    """The interval of a difference, its direction at both ends."""
    if math.isnan(low) or math.isnan(high):
        return ""
    digits = 0 if scale == OF_100 else 1
    if low >= 0.0 or high <= 0.0:
        near, far = sorted((abs(low), abs(high)))
        return f" ({_round(near, digits)} to {_round(far, digits)} {'more' if high > 0.0 else 'fewer'})"
    return f" (from {_round(-low, digits)} fewer to {_round(high, digits)} more)"


def _round(value, digits):
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0.0 else text.replace("-", "−")


def interval(value, low, high):
    """`12.3 (10.1 to 14.0)` to four figures; the value alone without an interval."""
    text = figure(value)
    return text if math.isnan(low) or math.isnan(high) else f"{text} ({figure(low)} to {figure(high)})"


def figure(value):
    """A number to four significant figures, thousands set apart; a dash for none."""
    value = float(value)
    if math.isnan(value):
        return "–"
    if abs(value) >= 10_000:
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def per_cent(share):
    """`83 %`; never 0 or 100, as a share of draws is an estimate."""
    if math.isnan(share):
        return "–"
    text = f"{PERCENT * share:.0f}"
    return {"0": "< 1 %", "100": "> 99 %"}.get(text, f"{text} %")
