"""Percentiles of each parameter: how far a one-way analysis moves it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.outcomes.intervals import LEVELS_95


class Range(NamedTuple):
    """A parameter that varies.

    Attributes
    ----------
    name : str
    value : float
        In the base case.
    low, high : float
        2.5 and 97.5 percentiles of its uncertainty.
    unit : str
    """

    name: str
    value: float
    low: float
    high: float
    unit: str


def clinical_ranges(record, *, names=None):
    """Ranges of the clinical parameters of a study that vary.

    Returns
    -------
    list of Range

    Notes
    -----
    Exact percentiles of a parameter's own uncertainty; of calibrated ones, those of the posterior draws.
    """
    from radsim.evidence import load_posterior, load_registry, quantile
    from radsim.kernel.layout import parameter_names

    registry = load_registry(record["evidence"]["set"])
    fixed = set(record["config"].get("parameters", {})) | {
        f"observation.{name}"
        for name in ("never_returns", "attendance")
        if record["config"].get("observation", {}).get(name) is not None
    }
    posterior = {} if registry.posterior is None else load_posterior(registry.posterior)
    found = []
    for name in parameter_names([record["config"].get("care", {})]):
        if name in fixed or (names is not None and name not in names):
            continue
        entry = registry[name]
        if name in posterior:
            low, high = np.quantile(posterior[name], LEVELS_95)
            shift = entry.value - np.median(posterior[name]) if name in registry.own_location else 0.0
            low, high = np.clip([low + shift, high + shift], entry.low, entry.high)
        elif "fixed" in entry.uncertainty:
            continue
        else:
            low, high = quantile(entry, np.array(LEVELS_95))
        found.append(Range(name, entry.value, float(low), float(high), entry.unit))
    return [each for each in found if each.high > each.low]


def economic_ranges(economics, *, names=None):
    """Ranges of the prices and utilities in use that vary; as `clinical_ranges`."""
    from radsim.economics.parameters import as_entry
    from radsim.evidence import quantile

    found = []
    for parameter in economics.parameters:
        if parameter.is_set or (names is not None and parameter.name not in names):
            continue
        entry = as_entry(parameter)
        if "fixed" not in entry.uncertainty:
            low, high = quantile(entry, np.array(LEVELS_95))
            found.append(Range(parameter.name, entry.value, float(low), float(high), entry.unit))
    return found
