"""What a result rests on: every parameter, price and utility with all that is known of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CHECKED, PROVISIONAL, SET_HERE = "checked", "provisional", "set by this study"
STUDY = "configuration of the study"
CLINICAL = "clinical"
ECONOMIC_KINDS = {"cost": "price", "utility": "utility"}


class Input(NamedTuple):
    """One number that a result rests on.

    Attributes
    ----------
    name, kind, unit : str
        `kind` is clinical, price or utility.
    value : float
        Of the base case, in `unit`.
    drawn : ndarray, shape (draw,)
        Of draws 1, 2, …; empty without.
    is_set : bool
        Whether the study sets it, so that it does not vary.
    entry : radsim.evidence.Entry or None
        In the evidence or the sets of prices and utilities; None where the study sets it, or this installation has other evidence.
    posterior : dict or None
        Of the calibration: ``low95``, ``high95`` and more.
    status, population, source, note : str
    """

    name: str
    kind: str
    unit: str
    value: float
    drawn: np.ndarray
    is_set: bool
    entry: object
    posterior: dict | None
    status: str
    population: str
    source: str
    note: str


def clinical_inputs(dataset, record):
    """Parameters of the model, in the order of the result.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `parameter_value`; of a sweep, without `scenario`.
    record : dict
        Its run record: what it says of sources and status holds, whatever the evidence of this installation.

    Returns
    -------
    list of Input
    """
    from radsim.evidence import posterior_summary

    registry = same_registry(record)
    calibrated = {} if registry is None else posterior_summary(registry)
    posteriors = {name: found["posterior"] for name, found in calibrated.items()}
    return _inputs(dataset, record, "parameter", entries=registry or {}, posteriors=posteriors)


def economic_inputs(dataset, record):
    """Prices and utilities, from the record's own copy of their sets, as `clinical_inputs`; none without economics."""
    if "economics" not in record:
        return []
    from radsim.economics.parameters import as_entry
    from radsim.valuation.appraisal import resolve

    entries = {one.name: as_entry(one) for one in resolve(None, record).parameters}
    return _inputs(dataset, record, "economic_parameter", entries=entries, posteriors={})


def same_registry(record):
    """The evidence set of this installation if it is the one that the result used, else None."""
    from radsim.evidence import EvidenceError, load_registry

    try:
        registry = load_registry(record["evidence"]["set"])
    except EvidenceError:
        return None
    return registry if registry.digest == record["evidence"]["digest"] else None


def _inputs(dataset, record, dim, *, entries, posteriors):
    """Inputs of a variable; `entries` says what the record does not."""
    if f"{dim}_value" not in dataset:
        return []
    table = dataset[f"{dim}_value"].transpose("draw", dim).values
    numbers, units = dataset["draw"].values, dataset[f"{dim}_units"].values
    sources = {name: source for source, names in record["citations"].items() for name in names}
    found = []
    for i, label in enumerate(dataset[dim].values):
        name = str(label)
        is_set = _is_set(name, record, economic=dim == "economic_parameter")
        entry = None if is_set else entries.get(name)
        found.append(Input(
            name, ECONOMIC_KINDS.get(name.split(".")[0], CLINICAL), str(units[i]), float(table[np.argmin(numbers), i]),
            table[numbers >= 1, i], is_set, entry, None if is_set else posteriors.get(name),
            *((SET_HERE, "", STUDY, "") if is_set else _known(name, entry, record, sources)),
        ))  # fmt: skip
    return found


def _is_set(name, record, *, economic):
    config = record["config"]
    if economic:
        return name in config.get("economics", {}).get("values", {})
    observed = name.removeprefix("observation.")
    return name in config["parameters"] or (observed != name and config["observation"].get(observed) is not None)


def _known(name, entry, record, sources):
    """Status, population, source and note of what the study does not set."""
    if entry is None:
        return PROVISIONAL if name in record["provisional"] else CHECKED, "", sources.get(name, ""), ""
    return entry.status, entry.population, sources.get(name, entry.source), entry.note
