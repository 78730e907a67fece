"""Cells of the tables of `radsim cea`: figures and differences in words."""

from __future__ import annotations

from radsim.presentation.words import equal_words

SHORT = {"undominated": "", "equal": "", "dominated": "dominated", "extendedly dominated": "ext. dominated"}


def ratio(row):
    """The ICER in words: a figure only where cost and effect pull in opposite ways."""
    return ", ".join(part for part in (_standing(row), equal_words(row)) if part)


def _standing(row):
    """What a schedule is against the undominated one before it; nothing if that is its equal."""
    if SHORT[row["status"]]:
        by = f" by {' + '.join(row['dominated_by'])}" if row["dominated_by"] else ""
        return SHORT[row["status"]] + by
    if row["incremental_cost"] is None:
        return "costs least"
    return "" if row["comparator"] in row["equal_to"] else versus(row)


def versus(row):
    """What a difference says: `12,300 per QALY`, `saves 12,300 per QALY forgone`, `dominant`, `dominated`, `equal`."""
    if row["icer"] is not None:
        return (
            f"{money(row['icer'])} per QALY"
            if row["quadrant"] == "north-east"
            else f"saves {money(row['icer'])} per QALY forgone"
        )
    if row["quadrant"] == "origin":
        return "equal"
    return row["meaning"].rpartition(": ")[2]


def key(threshold):
    """A threshold as the name of a field of the document."""
    from radsim.decision.table import key as named

    return named(threshold)


def number(value, digits):
    """A figure, or a dash where there is none."""
    return "–" if value is None or value != value else f"{value:,.{digits}f}"


SMALL = 10.0
"""Amounts below this are shown with two decimals: a value of information of a few pence is not nothing."""


def money(value, digits=0):
    """An amount without currency: `1,234`, `0.06`; also from the name of a threshold."""
    value = None if value is None else float(value)
    fine = value is not None and 0.0 < abs(value) < SMALL and not value.is_integer()
    text = number(value, max(digits, 2) if fine else digits)
    return text.removeprefix("-") if text.strip("-0.,") == "" else text


def qalys(value):
    return number(value, 4)


def percent(value):
    return "–" if value is None else f"{100.0 * value:.0f} %"


def interval(value, low, high):
    """`-850 (-1,263 to -524)`, without the interval where there is none."""
    return money(value) if low is None else f"{money(value)} ({money(low)} to {money(high)})"


def with_error(value, error, digits=0):
    """`-850 ± 12`, without the error where it is not known."""
    return money(value, digits) if error is None else f"{money(value, digits)} ± {money(error, digits)}"
