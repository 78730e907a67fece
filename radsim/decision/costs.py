"""Costs and QALYs of a result as tables: by schedule, their differences, and the cost by component."""

from __future__ import annotations

import numpy as np

from radsim.decision.columns import number
from radsim.outcomes.estimates import differences, estimate
from radsim.presentation.reading import n_draws
from radsim.results.labelled import schedule_labels
from radsim.tables import Column, from_rows

PARTS = ("value", "low95", "high95")


def cost_tables(dataset):
    """Costs and QALYs with their intervals, differences between schedules, and mean cost by component.

    Parameters
    ----------
    dataset : xarray.Dataset
        Valued, of all patients, without `scenario` or `subgroup`.

    Returns
    -------
    list of radsim.tables.Table
        ``values``, ``value_differences`` if there are several schedules, ``components``.
    """
    whole, names = with_total_cost(dataset), schedule_labels(dataset)
    found = [
        _values(
            "values", "Cost and quality-adjusted life years (QALYs) of a patient, discounted", whole, estimate, names
        )
    ]
    if len(names) > 1:
        gaps = [f"{names[0]} − {other}" for other in names[1:]]
        title = "Differences: the first schedule minus each other"
        found.append(_values("value_differences", title, whole, differences, gaps, signed=True))
    return [*found, components(dataset)]


def with_total_cost(dataset):
    """A result with `total_cost`; summed over the components, without its error, where it has these alone."""
    return dataset if "total_cost" in dataset else dataset.assign(total_cost=dataset["cost"].sum("component"))


def _values(name, title, dataset, read, labels, *, signed=False):
    """A row a schedule, or a difference of two."""
    money = _money(dataset)
    columns = [Column("schedule", label="Difference" if signed else "Schedule")]
    parts = []
    for variable, label, units, how in (
        ("total_cost", f"Cost, {money}", money, {"form": "money"}),
        ("qalys", "QALYs", "year", {"decimals": 3}),
    ):
        ends = f"{variable}_low95", f"{variable}_high95"
        columns.append(number(variable, label, units, label=label, signed=signed, interval=ends, **how))
        columns += [number(end, f"95 % interval of {variable}", units) for end in ends]
        shown = read(dataset, variable).of_evidence(n_draws(dataset))
        parts += [np.asarray(getattr(shown, part), float) for part in PARTS]
    rows = [[label, *(float(part[s]) for part in parts)] for s, label in enumerate(labels)]
    return from_rows(name, title, columns, rows, title=title, notes=(INTERVALS,) if signed else ())


INTERVALS = (
    "In brackets 95 % of the draws, here with the noise of the simulation taken out; the increments of the cost-effectiveness table have the draws as they "
    "are, so that their intervals are a little wider."
)


def components(dataset):
    """Mean cost by component, those that are zero under every schedule left out of a page."""
    money, values = _money(dataset), estimate(dataset, "cost").value
    named = [str(name).replace("_", " ") for name in dataset["component"].values]
    columns = [
        Column("schedule", label="Schedule"), Column("component"), number("cost", "mean", money, label="{}", spread=True, form="money"),
    ]  # fmt: skip
    rows = [
        [schedule, named[i], float(values[s, i])]
        for s, schedule in enumerate(schedule_labels(dataset))
        for i in np.flatnonzero(np.nanmax(np.abs(values), axis=0) > 0.0)
    ]
    title = f"Mean cost by component, {money}"
    return from_rows("components", "mean cost by component", columns, rows, title=title, across="component")


def _money(dataset):
    attributes = dataset["cost"].attrs
    currency = attributes.get("currency", attributes.get("units", ""))
    year = attributes.get("price_year_text", attributes.get("price_year"))
    return f"{currency} {year}" if year else str(currency)
