"""What it costs and what it is worth: the part of the page for a result with economics."""

from __future__ import annotations

import numpy as np

from radsim.outcomes import format
from radsim.outcomes.estimates import difference, estimate
from radsim.presentation.reading import has_value, n_draws
from radsim.presentation.words import EQUAL, equal_words, listed

FEWEST_DRAWS = 2
MOST_INFORMATIVE = 8
WORTH_A_LINE = 0.005
"""What rounds to nothing in the table. [currency per patient]"""


def analyse(dataset):
    """The document of `radsim cea --json`; None if there are too few draws for one."""
    if not has_value(dataset) or n_draws(dataset) < FEWEST_DRAWS:
        return None
    from radsim.decision import cost_effectiveness

    return cost_effectiveness(dataset, evppi=_groups(dataset)).to_dict()


def _groups(dataset):
    """What to find the value of information for: groups of parameters, where the regressions can be fitted."""
    from importlib.util import find_spec

    from radsim.decision.evppi import LEAST_DRAWS

    return "groups" if n_draws(dataset) >= LEAST_DRAWS and find_spec("sklearn") else ()


def economics(dataset, schedules, document):
    """Everything the section says.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of all patients, without `scenario` or `subgroup`.
    schedules : list of ScheduleWords
    document : dict or None
        Of `analyse`.

    Returns
    -------
    dict or None
        None without economics.
    """
    if not has_value(dataset):
        return None
    money = dataset["cost"].attrs
    currency = str(money.get("currency", money.get("units", "")))
    return {
        "currency": currency,
        "price_year": money.get("price_year", ""),
        "rows": _rows(dataset, schedules),
        "gaps": _gaps(dataset, schedules),
        "components": _components(dataset, schedules),
        "increments": _increments(document) if document else [],
        "thresholds": _thresholds(document) if document else [],
        "information": (known := _information(document) if document else []),
        "no_information": bool(document and document.get("evppi")) and not known,
        "headline": _headline(document, currency) if document else None,
        "document": document,
    }


def total_cost(dataset):
    """A result with `total_cost`; summed over the components, without its error, where it has these alone."""
    return dataset if "total_cost" in dataset else dataset.assign(total_cost=dataset["cost"].sum("component"))


def _rows(dataset, schedules):
    cost, qalys = estimate(total_cost(dataset), "total_cost"), estimate(dataset, "qalys")
    return [
        (one, *(_interval(part.at(one.position).of_evidence(n_draws(dataset)), digits=n) for part, n in ((cost, 0), (qalys, 3))))
        for one in schedules
    ]  # fmt: skip


def _gaps(dataset, schedules):
    """Cost and QALYs of the first schedule less those of each other."""
    found, whole = [], total_cost(dataset)
    for other in schedules[1:]:
        cost = difference(whole, "total_cost", first=schedules[0].position, second=other.position)
        qalys = difference(dataset, "qalys", first=schedules[0].position, second=other.position)
        found.append((
            schedules[0], other,
            *(_interval(part.of_evidence(n_draws(dataset)), digits=n, signed=True) for part, n in ((cost, 0), (qalys, 3))),
        ))  # fmt: skip
    return found


def _components(dataset, schedules):
    """Mean cost by component: names, and a row a schedule."""
    values = estimate(dataset, "cost").value
    names = [str(name).replace("_", " ") for name in dataset["component"].values]
    kept = [i for i in range(len(names)) if np.nanmax(np.abs(values[:, i])) > 0.0]
    rows = [(one, [_number(values[one.position, i], digits=0) for i in kept]) for one in schedules]
    return [names[i] for i in kept], rows


def _increments(document):
    """A line a schedule, by cost: increments against the next undominated one, ICER, status."""
    return [
        (
            row["schedule"], _number(row["cost"], digits=0), _number(row["qalys"], digits=3),
            _number(row.get("incremental_cost"), digits=0), _number(row.get("incremental_qalys"), digits=3),
            _number(row.get("icer"), digits=0), row.get("quadrant") or "–", _status(row),
        )
        for row in sorted(document["schedules"], key=lambda row: row["cost"])
    ]  # fmt: skip


def _status(row):
    """`undominated`, `equal to twin`, `dominated, equal to twin`."""
    status, equal = row.get("status") or "–", equal_words(row)
    return equal if status == EQUAL else ", ".join([status, *([equal] if equal else [])])


def _thresholds(document):
    """By threshold: for each schedule net benefit and probability of being best, and the value of perfect information."""
    keys = list(document.get("evpi") or {})
    return [
        {
            "threshold": _number(float(key), digits=0),
            "cells": [
                (row["schedule"], _number(row["net_benefit"].get(key), digits=0), _per_cent(row["p_cost_effective"].get(key)))
                for row in document["schedules"]
            ],
            "evpi": _number(_perfect_information(document, key), digits=2),
        }
        for key in keys
    ]  # fmt: skip


def _perfect_information(document, key):
    """Expected value of perfect information at a threshold, the noise of the simulation taken out where it is known. [currency]"""
    adjusted = (document.get("evpi_adjusted") or {}).get(key)
    return document["evpi"].get(key) if adjusted is None else adjusted


def _information(document):
    """Groups of parameters whose knowledge would be worth most, at the first threshold; none if it is worth nothing."""
    found = [row for row in document.get("evppi") or [] if row.get("value") is not None and not np.isnan(row["value"])]
    if not found:
        return []
    first = found[0]["threshold"]
    rows = sorted((row for row in found if row["threshold"] == first), key=lambda row: -row["value"])
    rows = [row for row in rows[:MOST_INFORMATIVE] if row["value"] >= WORTH_A_LINE]
    return [
        (_parameters(row["parameters"]), _number(float(row["threshold"]), digits=0), _number(row["value"], digits=2), _number(row.get("se"), digits=2))
        for row in rows
    ]  # fmt: skip


def _parameters(names):
    return names if isinstance(names, str) else ", ".join(map(str, names))


def _headline(document, currency):
    """Which schedule has the highest net benefit at each threshold, and how probably it is the best."""
    keys = list(document.get("evpi") or {})
    if not keys:
        return None
    best = {}
    for key in keys:
        best.setdefault(tuple(document["best"][key]), []).append(key)
    shares = {row["schedule"]: row["p_cost_effective"] for row in document["schedules"]}
    return " ".join(_best_words(names, found, shares, currency) for names, found in best.items())


def _best_words(names, keys, shares, currency):
    """That one schedule, or several equal ones, have the highest net benefit at some thresholds."""
    where = listed([f"{_number(float(key), digits=0)} {currency}" for key in keys])
    how = listed([_per_cent(shares[names[0]].get(key)) for key in keys])
    if len(names) == 1:
        return (
            f"{names[0]} has the highest net benefit at {where} per QALY (probability of being the best choice: {how})."
        )
    return f"{listed(names)} are equal and have the highest net benefit at {where} per QALY (probability of being the best choice: {how} each)."


def _interval(found, *, digits, signed=False):
    """`1,234 (1,100 to 1,400)`."""
    value, low, high = (float(part) for part in found.with_ends)
    text = _number(value, digits=digits, signed=signed)
    if np.isnan(low):
        return text
    return f"{text} ({_number(low, digits=digits, signed=signed)} to {_number(high, digits=digits, signed=signed)})"


def _number(value, *, digits, signed=False):
    """A number with thousands set apart and a true minus; a dash for none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "–"
    text = f"{float(value):{'+' if signed else ''},.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def _per_cent(share):
    return "–" if share is None else format.probability(float(share))
