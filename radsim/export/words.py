"""Values of a configuration and amounts as text."""

from __future__ import annotations


def as_text(value):
    """A value of a configuration in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {as_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def money(value, currency):
    """`GBP 1,234`; a dash where there is none."""
    return "–" if value is None else f"{currency} {value:,.0f}"


def amount(value, digits):
    """A number with so many digits; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"
