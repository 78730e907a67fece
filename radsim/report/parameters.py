"""Every parameter that a result rests on: value, uncertainty, unit, source, status."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.report import phrases
from radsim.report.estimates import LEVELS

CHECKED, PROVISIONAL, SET_HERE = "checked", "provisional", "set by this study"
UNKNOWN_SOURCE = "set in the configuration of the study"


class Parameter(NamedTuple):
    """One line of the table."""

    name: str
    topic: str
    value: str
    sort_value: float
    uncertainty: str
    unit: str
    source: str
    population: str
    note: str
    status: str


def parameters(dataset, record):
    """Parameters of the model, in the order of their names.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `parameter_value`; of a sweep, without `scenario`.
    record : dict
        Its run record: what it says of sources and status holds, whatever the evidence of this installation.

    Returns
    -------
    list of Parameter
        Uncertainty is that of the draws the result used; without draws that of the registry, if it is the one the result used.
    """
    registry = same_registry(record)
    return _of_variable(dataset, record, "parameter", entries=registry or {}, calibrated=_calibrated(registry))


def economic_parameters(dataset, record):
    """Prices and utilities of an economic result, as `parameters`; empty without economics."""
    return _of_variable(dataset, record, "economic_parameter", entries=_economic_entries(record), calibrated={})


def _of_variable(dataset, record, dim, *, entries, calibrated):
    if f"{dim}_value" not in dataset:
        return []
    sources = {name: source for source, names in record["citations"].items() for name in names}
    units = dataset[f"{dim}_units"].values
    values = dataset[f"{dim}_value"].transpose("draw", dim).values
    return [
        _parameter(str(name), values[:, i], str(units[i]), sources, set(record["provisional"]), entries, calibrated)
        for i, name in enumerate(dataset[dim].values)
    ]


def _economic_entries(record):
    """Prices and utilities by name in the form of the evidence registry, from the record's own copy of their sets."""
    if "economics" not in record:
        return {}
    from radsim.config.economic_sets import parameters as used
    from radsim.economics.appraisal import resolve
    from radsim.economics.parameters import as_entry

    return {one.name: as_entry(one) for one in used(resolve(None, record))}


def same_registry(record):
    """The evidence set of this installation if it is the one that the result used, else None."""
    from radsim.evidence import EvidenceError, load_registry

    try:
        registry = load_registry(record["evidence"]["set"])
    except EvidenceError:
        return None
    return registry if registry.digest == record["evidence"]["digest"] else None


def _calibrated(registry):
    from radsim.evidence import posterior_summary

    return {} if registry is None else posterior_summary(registry)


def _parameter(name, values, unit, sources, provisional, entries, calibrated):
    entry = entries.get(name)
    set_here = name not in sources
    uncertainty = "fixed" if set_here else _of_draws(values) or _of_registry(entry, calibrated.get(name))
    known = entry.status if entry else PROVISIONAL if name in provisional else CHECKED
    status = SET_HERE if set_here else known
    return Parameter(
        name, name.split(".")[0], phrases.figure(values[0]), float(values[0]), uncertainty, unit,
        sources.get(name, UNKNOWN_SOURCE), entry.population if entry and not set_here else "",
        entry.note if entry and not set_here else "", status,
    )  # fmt: skip


def _of_draws(values):
    """`0.24 to 0.39` of the draws used; nothing without draws."""
    drawn = values[1:]
    if len(drawn) < 2:
        return ""
    low, high = np.quantile(drawn, LEVELS)
    return "fixed" if low == high else _span(low, high)


def _of_registry(entry, calibrated):
    """The 95 % interval of the registry, or of the calibration."""
    from radsim.evidence import quantile

    if entry is None:
        return "not kept in this result"
    if calibrated is not None:
        found = calibrated["posterior"]
        return f"{_span(found['low95'], found['high95'])}, calibrated"
    ((family, _),) = entry.uncertainty.items()
    if family == "fixed":
        return "fixed"
    low, high = quantile(entry, np.array(LEVELS))
    return f"{_span(low, high)}, {family}"


def _span(low, high):
    return f"{low:.3g} to {high:.3g}".replace("-", "−")


def provisional_that_matter(found, topics):
    """Names of provisional parameters whose topic the answer rests on."""
    return [one.name for one in found if one.status == PROVISIONAL and one.topic in topics]
