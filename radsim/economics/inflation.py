"""Prices of one year as prices of another, by the index of their currency; what the index does not cover is refused."""

from __future__ import annotations

import functools
from typing import NamedTuple

from radsim.yaml.faults import Expected
from radsim.yaml.packaged import read_packaged


class Index(NamedTuple):
    """An index of prices.

    Attributes
    ----------
    name, source, licence, status : str
    change : dict of int to float
        Change from the year before, by year. [per cent]
    """

    name: str
    source: str
    licence: str
    status: str
    change: dict

    @property
    def years(self):
        """First and last year that prices can be brought from and to."""
        return min(self.change) - 1, max(self.change)


@functools.cache
def indices() -> dict[str, Index]:
    """The index of every currency that has one, by its ISO 4217 name."""
    series = read_packaged("inflation.yaml")["series"]
    return {
        currency: Index(
            one["name"], one["source"], one["licence"], one["status"],
            {int(year): float(change) for year, change in one["change_per_cent"].items()},
        )
        for currency, one in series.items()
    }  # fmt: skip


def factor(currency: str, start: int, end: int) -> float:
    """What a price of one year is multiplied by to be one of another.

    Parameters
    ----------
    currency : str
        ISO 4217.
    start, end : int
        Year of the price, and the year wanted.

    Returns
    -------
    float
        Exactly 1 for the same year. [1]

    Raises
    ------
    Expected
        If the currency has no index, or it does not cover both years.

    Examples
    --------
    >>> round(factor("GBP", 2022, 2024), 6)
    1.065893
    """
    if start == end:
        return 1.0
    index = indices().get(currency)
    if index is None:
        raise Expected(f"the year {start} of the prices: {currency} has no index of prices here", found=str(end))
    first, last = index.years
    for year, whose in ((end, "wanted"), (start, "of the prices")):
        if not first <= year <= last:
            text = f"a year from {first} to {last}, which the index of {currency} covers (the year {whose})"
            raise Expected(text, found=str(year))
    grown = 1.0
    for year in range(min(start, end) + 1, max(start, end) + 1):
        grown *= 1.0 + index.change[year] / 100.0
    return grown if end > start else 1.0 / grown


SCALED = {"normal": ("sd",), "uniform": ("low", "high")}
"""Numbers of a family of uncertainty that are amounts of money; those of the others have no unit."""


@functools.lru_cache(maxsize=8)
def at_year(prices, year):
    """A price set with every price, and its uncertainty, brought from its own year to another.

    Parameters
    ----------
    prices : radsim.economics.files.PriceSet
    year : int

    Returns
    -------
    PriceSet

    Raises
    ------
    Expected
        As `factor`.
    """
    items = {
        name: _at_year(getattr(prices.items, name), prices, year)
        for name in type(prices.items).model_fields
        if getattr(prices.items, name) is not None
    }
    return prices.model_copy(update={"price_year": year, "items": prices.items.model_copy(update=items)})


def _at_year(item, prices, year):
    grown = factor(prices.currency, item.price_year or prices.price_year, year)
    family, numbers = item.uncertainty.family
    changed = {name: numbers[name] * grown for name in SCALED.get(family, ())}
    spread = getattr(item.uncertainty, family).model_copy(update=changed)
    uncertainty = item.uncertainty.model_copy(update={family: spread})
    return item.model_copy(update={"value": item.value * grown, "uncertainty": uncertainty, "price_year": None})
