"""What a reader of costs and QALYs must know of the numbers behind them."""

from __future__ import annotations

from types import MappingProxyType

from radsim.care import given
from radsim.economics.sets import proposals_in_use
from radsim.economics.unpriced import without_need

NO_CARE = MappingProxyType({})
MOST_NAMED = 6  # of a warning
DEAR = 10
"""Quality-adjusted life years that the price of one unit may be worth before it is asked about."""

OF_STATUS = {
    "provisional": "are provisional (from memory, assumed or not yet checked)",
    "scenario": "are scenarios (carried over from another setting), not estimates",
    "missing": "have no figure in the evidence and count as nothing",
}


def economic_warnings(economics, care=NO_CARE) -> list[str]:
    """What a reader of costs and QALYs must know of the numbers behind them.

    Parameters
    ----------
    economics : radsim.config.Economics
    care : mapping of str to bool, optional
        The section `care` of the configuration.
    """
    parameters = economics.parameters
    found = [
        *_by_status([each for each in parameters if not each.is_set]),
        _before_discount(parameters),
        _dear(parameters, economics.price_set),
        _other_years(parameters, economics.price_set),
        _counted_twice({each.name: each.value for each in parameters}),
        _thresholds(economics),
        _without_price(economics.price_set, care),
    ]
    return [f"economics: {line}" for line in found if line]


def _by_status(used):
    """A line for each status but `checked`."""
    for status, said in OF_STATUS.items():
        names = [each.name for each in used if each.item.status == status]
        if names:
            yield f"{len(names)} of {len(used)} prices and utilities {said}: {_some(names)}"


def _some(names):
    """The first few names, and how many more."""
    rest = len(names) - MOST_NAMED
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:MOST_NAMED])} and {rest} more"


def _before_discount(parameters):
    """List prices of drugs for which the payer has a discount that nobody else knows."""
    names = [one.name for one in parameters if not one.is_set and getattr(one.item, "before_discount", False)]
    if names:
        said = "list prices before a confidential discount, so that less is paid; differences between schedules hold if each gives as much"
        return f"{len(names)} of {len(parameters)} prices and utilities are {said}: {_some(names)}"


def _dear(parameters, prices):
    """Prices of one unit that no threshold would ever pay for: a slip, most probably."""
    limit = DEAR * max(prices.thresholds.values)
    found = [f"{p.name} {p.value:,.0f}" for p in parameters if p.name.startswith("cost.") and p.value > limit > 0]
    if found:
        of = f"({DEAR} QALYs at the highest threshold of the prices)"
        return f"{_some(found)}: more than {limit:,.0f} {prices.currency} for one unit {of}; is it meant?"


def _other_years(parameters, prices):
    usual = (None, prices.price_year)
    used = [each for each in parameters if not each.is_set and each.item.price_year not in usual]
    if used:
        names = ", ".join(sorted({f"{each.name} ({each.item.price_year})" for each in used}))
        return f"prices of other years than {prices.price_year} are not brought up to date: {names}"


def _counted_twice(value):
    """The burden of attending, as utility lost and as travel and time."""
    lost = [name for name in ("utility.loss.fraction", "utility.loss.course") if value[name] > 0]
    paid = [name for name in ("cost.fraction_travel", "cost.fraction_time") if value.get(name, 0.0) > 0]
    if lost and paid:
        return f"the burden of attending may be counted twice, as {' and '.join(lost)} and as {' and '.join(paid)}"


def _thresholds(economics):
    """Thresholds that nobody has checked."""
    thresholds = proposals_in_use(economics).get("economics.thresholds")
    if thresholds is not None and thresholds.status != "checked" and thresholds.note is not None:
        return f"thresholds are {thresholds.note}"


def _without_price(prices, care):
    """Items of the care that is given for which the prices have no figure and need one."""
    items = [item.price for kind in given(care) for item in kind.items]
    needless = without_need(prices)
    missing = [f"cost.{name}" for name in items if getattr(prices.items, name) is None and name not in needless]
    if missing:
        return f"the prices {prices.name} have none for {', '.join(missing)}, which costs nothing here"
