"""What a result says: estimates with intervals, and differences, for a JSON document or a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.outcomes import estimates
from radsim.outcomes.intervals import Estimate

PERCENT = 100.0


class Row(NamedTuple):
    """A row of the table: label, variable, the day it is read at, whether it is worth a difference, and its decimals."""

    label: str
    variable: str
    day: float | None = None
    differs: bool = False
    decimals: int = 1


ROWS = (
    Row("Overall response, headline, %", "overall_response", differs=True),
    Row("Complete response, headline, %", "complete_response", differs=True),
    Row("Overall response, latent, %", "latent_overall_response"),
    Row("Complete response, latent, %", "latent_complete_response"),
    Row("Median time to response, d", "time_to_response"),
    Row("In relief at week 4, %", "relief", 28.0),
    Row("In relief at week 12, %", "relief", 84.0, differs=True),
    Row("Net pain relief, responders, %", "net_pain_relief"),
    Row("Retreated by week 52, %", "retreatment_incidence", 364.0, differs=True),
    Row("Pathological fracture, %", "pathological_fracture", differs=True),
    Row("Spinal cord compression, %", "spinal_cord_compression", differs=True),
    Row("Pain flare, %", "pain_flare", differs=True),
    Row("Acute toxicity, grade >= 2, %", "acute_toxicity", differs=True),
    Row("Alive at week 12, %", "survival", 84.0),
    Row("Alive at week 52, %", "survival", 364.0),
    Row("Days of radiotherapy, d", "treatment_days", differs=True),
    Row("Cost, {currency}", "total_cost", differs=True, decimals=0),
    Row("QALYs", "qalys", differs=True, decimals=3),
)
"""In a label, attributes of the variable may stand in braces. Rows of which the result has no variable are left out."""


def json_document(dataset, record):
    """The document of `run --json`.

    Parameters
    ----------
    dataset : Results or xarray.Dataset
    record : dict
        Its run record.

    Returns
    -------
    dict
        Numbers are Python floats, NaN included; a variable that depends on time or visit has lists in that
        order.
    """
    document = {
        "name": record["config"]["name"],
        "seed": record["seed"],
        "patients": n_patients(dataset),
        "draws": dataset.sizes["draw"] - 1,
        "digest": record["digest"],
        "visits_weeks": dataset["visit"].values.tolist(),
        "times_days": dataset["time"].values.tolist(),
        "schedules": [
            {"schedule": each["schedule"], **_cord(record, each["schedule"]), **each}
            for each in _by_schedule(dataset, _everybody(dataset))
        ],
        "differences": _by_difference(dataset),
        "warnings": record["warnings"],
    }
    if "subgroup" in dataset.sizes:
        labels = dataset["subgroup"].values.tolist()
        document["subgroups"] = [
            {"subgroup": label, "schedules": _by_schedule(dataset, i)} for i, label in enumerate(labels) if i > 0
        ]
    return document


def _cord(record, schedule):
    """What the rule of the spinal cord says of a schedule."""
    found = [each for each in record.get("cord", ()) if each["schedule"] == schedule]
    return {"cord": found[0]} if found else {}


def n_patients(dataset):
    """Patients simulated under each schedule in one draw."""
    return int(_of_group(dataset["n_patients"], 0).sum(axis=0)[0])


def table_rows(dataset):
    """Cells of the table of outcomes, a row each: label, then one cell per schedule."""
    return _table(dataset, ROWS, estimates.estimate, signed=False)


def difference_rows(dataset):
    """Cells of the table of differences: label, then one cell per schedule after the first, which it is minus."""
    return _table(dataset, [row for row in ROWS if row.differs], estimates.differences, signed=True)


def _table(dataset, rows, read, *, signed):
    has_draws, subgroup, cells = dataset.sizes["draw"] > 1, _everybody(dataset), []
    for row in rows:
        found = read(dataset, row.variable, day=row.day, subgroup=subgroup)
        if found is not None:
            cells.append([_label(row, dataset), *_cells(found, row, interval=has_draws, signed=signed)])
    return cells


def _everybody(dataset):
    """Position of all patients along `subgroup`, where there is one."""
    return 0 if "subgroup" in dataset.sizes else None


def _label(row, dataset):
    return row.label.format(**dataset[row.variable].attrs)


def _of_group(variable, subgroup):
    """Values of one subgroup; `subgroup`, where there is one, is the first dimension."""
    return variable.values[subgroup] if variable.dims[0] == "subgroup" else variable.values


def _by_schedule(dataset, subgroup):
    found = {name: estimates.estimate(dataset, name, subgroup=subgroup) for name in estimates.estimate_names(dataset)}
    return [
        {"schedule": schedule, **{name: _as_json(estimate, i) for name, estimate in found.items()}}
        for i, schedule in enumerate(dataset["schedule"].values.tolist())
    ]


def _by_difference(dataset):
    first, *others = dataset["schedule"].values.tolist()
    found = {
        name: estimates.differences(dataset, name, subgroup=_everybody(dataset))
        for name in estimates.estimate_names(dataset)
    }
    return [
        {"schedules": [first, other], **{name: _as_json(estimate, i) for name, estimate in found.items()}}
        for i, other in enumerate(others)
    ]


def _as_json(estimate, i):
    return {field: part[i].tolist() for field, part in zip(Estimate._fields, estimate, strict=True)}


def _cells(estimate, row, *, interval, signed):
    scale = PERCENT if row.label.endswith("%") else 1.0
    scaled = [np.asarray(part) * scale for part in estimate]
    return [
        _cell(Estimate(*values), interval=interval, signed=signed, decimals=row.decimals)
        for values in zip(*scaled, strict=True)
    ]


def _cell(estimate, *, interval, signed, decimals=1):
    """One figure: `54.2 ± 0.2`, or `54.2 (50.1 to 58.0)`; a dash for what nobody could show."""
    if np.isnan(estimate.value):
        return "–"
    sign = "+" if signed else ""
    value = _plain_zero(f"{estimate.value:{sign}.{decimals}f}")
    if interval:
        if np.isnan(estimate.low95):
            return value
        low, high = (_plain_zero(f"{bound:.{decimals}f}") for bound in (estimate.low95, estimate.high95))
        return f"{value} ({low} to {high})"
    return value if np.isnan(estimate.mcse) else f"{value} ± {estimate.mcse:.{decimals}f}"


def _plain_zero(text):
    """`0.0` for what rounds to it from either side."""
    return text.lstrip("+-") if float(text) == 0.0 else text
