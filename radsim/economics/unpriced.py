"""What has no price in a set of prices, and why: what should have one, and what needs none."""

from __future__ import annotations

from radsim.economics.items import PRICED


def without_figure(prices) -> dict[str, str]:
    """What should have a price and counts as nothing.

    Parameters
    ----------
    prices : radsim.economics.files.PriceSet

    Returns
    -------
    dict of str to str
        Name to why there is none: what the set says, empty if it says nothing.
    """
    needless = without_need(prices)
    return {
        name: _why(prices, name)
        for name in PRICED
        if name not in needless and (not _has(prices, name) or getattr(prices.items, name).status == "missing")
    }


def without_need(prices) -> dict[str, str]:
    """What is counted and rightly has no price, and why; named and ordered as in `without_figure`."""
    found = prices.needs_no_price
    reasons = {name: getattr(found, name, None) for name in PRICED} if found is not None else {}
    return {name: why for name, why in reasons.items() if why is not None and not _has(prices, name)}


def _has(prices, name):
    return getattr(prices.items, name) is not None


def _why(prices, name):
    if _has(prices, name):
        return getattr(prices.items, name).source
    return getattr(prices.no_figure_found, name, None) or ""
