"""What a result says: estimates with intervals, and differences, for a JSON document or a table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.presentation.intervals import NORMAL_95, Estimate, summarise, support
from radsim.presentation.reading import nearest_time

STUDENT_95 = np.array([
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604,
    2.1448, 2.1314,
])  # fmt: skip
"""Student's t at 0.975 for 1, 2, … degrees of freedom, as many as batches allow; scipy is slow to load."""
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


def estimates(dataset, *, subgroup=0):
    """Every estimate of a result by name, for all patients or one subgroup.

    Parameters
    ----------
    dataset : Results or xarray.Dataset
        From `radsim.results`.
    subgroup : int
        Position along `subgroup`, if the result has that dimension.

    Returns
    -------
    dict of str to Estimate
    """
    found = {}
    for name in estimate_names(dataset):
        value, mcse = _draws_first(dataset, name, subgroup)
        found[name] = summarise(value, mcse).within(*support(name, dataset[name].attrs["units"]))
    return found


def differences(dataset, *, subgroup=0):
    """The first schedule minus each of the others, by variable.

    Returns
    -------
    dict of str to Estimate
        Arrays begin with the other schedules, in order.

    Notes
    -----
    A patient has the same luck under every schedule, and `Results` brings differences with the error of that
    pairing. Where it has none, errors are taken as independent, which makes them too large rather than too
    small: for medians, where fewer than two batches of patients tell of a difference, and for an
    `xarray.Dataset`, which does not keep what pairing takes.
    """
    found = {}
    for name in estimate_names(dataset):
        value, mcse = _draws_first(dataset, name, subgroup)
        error, quantile = np.hypot(mcse[:, :1], mcse[:, 1:]), NORMAL_95
        paired = getattr(dataset, "differences", {}).get(name)
        if paired is not None:
            mine = [part[subgroup] if dataset[name].dims[0] == "subgroup" else part for part in paired]
            error, quantile = _paired_where_possible(*mine[1:], error)
        found[name] = summarise(value[:, :1] - value[:, 1:], error, quantile=quantile)
    return found


def _paired_where_possible(mcse, n_batches, independent):
    """Standard errors of differences, and the quantile that makes an interval of each."""
    possible = n_batches > 1
    student = STUDENT_95[np.clip(n_batches - 2, 0, len(STUDENT_95) - 1)]
    return np.where(possible, mcse, independent), np.where(possible, student, NORMAL_95)


def estimate_names(dataset):
    """Variables that have a Monte Carlo standard error beside them."""
    return [name for name in dataset.data_vars if f"{name}_mcse" in dataset.data_vars]


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
            {"schedule": each["schedule"], **_cord(record, each["schedule"]), **each} for each in _by_schedule(dataset, 0)
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
    found = estimates(dataset)
    has_draws = dataset.sizes["draw"] > 1
    rows = []
    for row in _rows(found):
        estimate = _at_day(found[row.variable], dataset, row)
        if estimate is not None:
            rows.append([_label(row, dataset), *_cells(estimate, row, interval=has_draws, signed=False)])
    return rows


def difference_rows(dataset):
    """Cells of the table of differences: label, then one cell per schedule after the first."""
    found = differences(dataset)
    has_draws = dataset.sizes["draw"] > 1
    rows = []
    for row in _rows(found):
        estimate = _at_day(found[row.variable], dataset, row)
        if row.differs and estimate is not None:
            rows.append([_label(row, dataset), *_cells(estimate, row, interval=has_draws, signed=True)])
    return rows


def _rows(found):
    return [row for row in ROWS if row.variable in found]


def _label(row, dataset):
    return row.label.format(**dataset[row.variable].attrs)


def _draws_first(dataset, name, subgroup):
    """Value and standard error of a variable for one subgroup, shape (draw, schedule, ...)."""
    return _of_group(dataset[name], subgroup), _of_group(dataset[f"{name}_mcse"], subgroup)


def _of_group(variable, subgroup):
    """Values of one subgroup; `subgroup`, where there is one, is the first dimension."""
    return variable.values[subgroup] if variable.dims[0] == "subgroup" else variable.values


def _by_schedule(dataset, subgroup):
    found = estimates(dataset, subgroup=subgroup)
    return [
        {"schedule": schedule, **{name: _as_json(estimate, i) for name, estimate in found.items()}}
        for i, schedule in enumerate(dataset["schedule"].values.tolist())
    ]


def _by_difference(dataset):
    first, *others = dataset["schedule"].values.tolist()
    found = differences(dataset)
    return [
        {"schedules": [first, other], **{name: _as_json(estimate, i) for name, estimate in found.items()}}
        for i, other in enumerate(others)
    ]


def _as_json(estimate, i):
    return {field: part[i].tolist() for field, part in zip(Estimate._fields, estimate, strict=True)}


def _at_day(estimate, dataset, row):
    """The estimate on the row's day; None if the study did not look near it."""
    if row.day is None:
        return estimate
    nearest = nearest_time(dataset["time"].values, row.day)
    return None if nearest is None else estimate.at(nearest)


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
