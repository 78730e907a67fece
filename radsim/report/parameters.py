"""Every parameter that a result rests on: value, uncertainty, unit, source, status."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.outcomes import format
from radsim.outcomes.intervals import LEVELS_95
from radsim.presentation.inputs import clinical_inputs, economic_inputs


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
    """Parameters of the model: a list of `Parameter`, in the order of their names.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `parameter_value`; of a sweep, without `scenario`.
    record : dict
        Its run record.
    """
    return [_parameter(one) for one in clinical_inputs(dataset, record)]


def economic_parameters(dataset, record):
    """Prices and utilities of an economic result, as `parameters`; empty without economics."""
    return [_parameter(one) for one in economic_inputs(dataset, record)]


def _parameter(one):
    uncertainty = "fixed" if one.is_set else _of_draws(one.drawn) or _of_evidence(one)
    return Parameter(
        one.name, one.name.split(".")[0], format.significant(one.value), one.value, uncertainty, one.unit, one.source,
        one.population, one.note, one.status,
    )  # fmt: skip


def _of_draws(drawn):
    """`0.24 to 0.39` of the draws used; nothing without draws."""
    if len(drawn) < 2:
        return ""
    low, high = np.quantile(drawn, LEVELS_95)
    return "fixed" if low == high else _span(low, high)


def _of_evidence(one):
    """The 95 % interval of the evidence, or of the calibration."""
    from radsim.evidence import quantile

    if one.entry is None:
        return "not kept in this result"
    if one.posterior is not None:
        return f"{_span(one.posterior['low95'], one.posterior['high95'])}, calibrated"
    ((family, _),) = one.entry.uncertainty.items()
    if family == "fixed":
        return "fixed"
    low, high = quantile(one.entry, np.array(LEVELS_95))
    return f"{_span(low, high)}, {family}"


def _span(low, high):
    return f"{low:.3g} to {high:.3g}".replace("-", "−")
