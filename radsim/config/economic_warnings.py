"""What a reader of costs and QALYs must know of the numbers behind them."""

from __future__ import annotations

from radsim.config.economic_sets import parameters, price_set, proposals_in_use

MOST_NAMED = 6  # of a warning
DEAR = 10
"""Quality-adjusted life years that the price of one unit may be worth before it is asked about."""


def economic_warnings(economics) -> list[str]:
    """What a reader of costs and QALYs must know of the numbers behind them."""
    used = [each for each in parameters(economics) if each.name not in economics.values]
    by_status = {
        status: [p.name for p in used if p.item.status == status] for status in ("provisional", "scenario", "missing")
    }
    said = {
        "provisional": "are provisional (from memory, assumed or not yet checked)",
        "scenario": "are scenarios (carried over from another setting), not estimates",
        "missing": "have no figure in the evidence and count as nothing",
    }
    lines = [
        f"economics: {len(names)} of {len(used)} prices and utilities {said[status]}: {_some(names)}"
        for status, names in by_status.items()
        if names
    ]
    return [
        *lines,
        *_dear(economics),
        *_year_warnings(economics, used),
        *_counted_twice(economics, used),
        *_threshold_warnings(economics),
    ]


def _some(names):
    """The first few names, and how many more."""
    rest = len(names) - MOST_NAMED
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:MOST_NAMED])} and {rest} more"


def _dear(economics):
    """A line for prices of one unit that no threshold would ever pay for: a slip, most probably."""
    prices = price_set(economics)
    limit = DEAR * max(prices.thresholds.values)
    value = {p.name: economics.values.get(p.name, p.item.value) for p in parameters(economics)}
    found = [f"{name} {each:,.0f}" for name, each in value.items() if name.startswith("cost.") and each > limit > 0]
    if not found:
        return []
    said = (
        f"more than {limit:,.0f} {prices.currency} for one unit ({DEAR} QALYs at the highest threshold of the prices)"
    )
    return [f"economics: {_some(found)}: {said}; is it meant?"]


def _counted_twice(economics, used):
    """A line where the burden of attending is both utility lost and travel and time."""
    value = {each.name: economics.values.get(each.name, each.item.value) for each in parameters(economics)}
    lost = [name for name in ("utility.loss.fraction", "utility.loss.course") if value[name] > 0]
    paid = [name for name in ("cost.fraction_travel", "cost.fraction_time") if value.get(name, 0.0) > 0]
    if not (lost and paid):
        return []
    return [
        f"economics: the burden of attending may be counted twice, as {' and '.join(lost)} and as {' and '.join(paid)}"
    ]


def _threshold_warnings(economics):
    """What is to be known of thresholds that nobody has checked."""
    thresholds = proposals_in_use(economics).get("economics.thresholds")
    if thresholds is None or thresholds.status == "checked" or thresholds.note is None:
        return []
    return [f"economics: thresholds are {thresholds.note}"]


def _year_warnings(economics, used):
    prices = price_set(economics)
    other = sorted(
        {f"{p.name} ({p.item.price_year})" for p in used if p.item.price_year not in (None, prices.price_year)}
    )
    if not other:
        return []
    return [f"economics: prices of other years than {prices.price_year} are not brought up to date: {', '.join(other)}"]
