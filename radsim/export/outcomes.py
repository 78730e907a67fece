"""Every estimate of a result in long form, and on request the occupancy and counts that costs and QALYs are made of."""

from __future__ import annotations

import numpy as np

from radsim.care import DIMENSIONS as DIMENSIONS_OF_CARE
from radsim.export.lead import SCENARIO, axis_columns, labels, units
from radsim.results.variables import DIFFERENCE_SUFFIX
from radsim.results.variables import MCSE_SUFFIX as MCSE
from radsim.tables.table import NUMBER, Column, Table

ROWS_AT_ONCE = 250_000
NEVER = {"batch", "parameter", "economic_parameter"}
"""Dimensions of variables that are not outcomes."""

FIRST = (SCENARIO, "subgroup", "draw", "schedule")
WITHIN = ("visit", "time", "period", "component", *DIMENSIONS_OF_CARE)
STATE_PARTS = ("pain", "health", "death")

VALUE_COLUMNS = (
    Column("value", "the estimate; empty where nobody was in the denominator or a median was not reached", "see units", NUMBER),
    Column("mcse", "Monte Carlo standard error of value", "see units", NUMBER),
    Column("units", "units of value and mcse"),
)  # fmt: skip
PERIOD_COLUMNS = (
    Column("period_start_days", "start of the period", "d", NUMBER),
    Column("period_end_days", "end of the period, not included", "d", NUMBER),
)


def outcome_names(dataset):
    """Names of the estimates of a result, in its order."""
    return [
        str(name) for name, one in dataset.data_vars.items()
        if not str(name).endswith((MCSE, DIFFERENCE_SUFFIX)) and {"draw", "schedule"} <= set(one.dims) and not NEVER & set(one.dims)
    ]  # fmt: skip


def outcomes(dataset):
    """Every estimate in long form.

    Returns
    -------
    Table
        A row for each scenario, subgroup, draw, schedule, variable, and visit, time or component.
    """
    names = outcome_names(dataset)
    used = {dim for name in names for dim in dataset[name].dims}
    columns = (
        *axis_columns(dataset, [dim for dim in FIRST if dim in dataset.dims]),
        Column("variable", "what was estimated; columns.csv says what each is"),
        *axis_columns(dataset, [dim for dim in WITHIN if dim in used]),
        *VALUE_COLUMNS,
    )

    def blocks():
        for name in names:
            for part in parts(dataset, dataset[name].dims):
                yield _outcome_rows(dataset, name, part, columns)

    n_rows = sum(int(dataset[name].size) for name in names)
    return Table("outcomes", "every estimate by draw and schedule", columns, n_rows, blocks)


def _outcome_rows(dataset, name, part, columns):
    """Rows of a part of one variable; columns that it does not vary along are empty."""
    variable = dataset[name]
    values = _flat(variable, part)
    error = _flat(dataset[name + MCSE], part) if name + MCSE in dataset else np.full(values.shape, np.nan)
    filled = labels(dataset, variable.dims, taken=part)
    constant = {"variable": name, "units": units(variable)}
    filled |= {key: np.full(len(values), text, dtype=object) for key, text in constant.items()}
    filled |= {"value": values, "mcse": error}
    return {column.name: filled.get(column.name, empty(column, len(values))) for column in columns}


def empty(column, n):
    """Cells of a column that does not apply."""
    return np.full(n, np.nan) if column.kind == NUMBER else np.full(n, "", dtype=object)


def _flat(variable, part):
    return np.asarray(variable.isel(part).values, float).ravel()


def parts(dataset, dims):
    """Parts of an array, along scenarios and draws, that are not too large to hold; each a dict of slices."""
    cut = [dim for dim in (SCENARIO, "draw") if dim in dims]
    if not cut or not all(dataset.sizes[dim] for dim in dims):
        yield {}
        return
    first, *others = cut
    cells = int(np.prod([dataset.sizes[dim] for dim in dims if dim != first]))
    if others and cells > ROWS_AT_ONCE:  # one scenario is too many rows: cut its draws
        within = max(1, ROWS_AT_ONCE // (cells // dataset.sizes["draw"]))
        for i in range(dataset.sizes[first]):
            yield from ({first: slice(i, i + 1), "draw": one} for one in _slices(dataset.sizes["draw"], within))
    else:
        yield from ({first: one} for one in _slices(dataset.sizes[first], max(1, ROWS_AT_ONCE // cells)))


def _slices(n, step):
    return [slice(i, min(i + step, n)) for i in range(0, n, step)]


def occupancy(dataset):
    """Days per patient in each joint state by period, of all batches together; a `Table`."""
    state = [
        Column(name, text)
        for name, text in zip(STATE_PARTS, ("pain level", "health state", "distance from death"), strict=True)
    ]
    description = "days per patient in joint states by period since the first fraction, undiscounted"
    return _accumulated(dataset, "occupancy", state, description)


def count(dataset):
    """Items per patient by period, of all batches together; a `Table`."""
    description = "fractions, courses, events, visits and doses (opioids in mg) per patient by period since the first fraction, undiscounted"
    return _accumulated(dataset, "count", [Column("item", "what is counted")], description)


def _accumulated(dataset, name, own, description):
    dims = [one for one in dataset[name].dims if one != "batch"]
    unit = units(dataset[name])
    columns = (
        *axis_columns(dataset, dims[:-2]),
        *PERIOD_COLUMNS, *own, Column("value", description, unit, NUMBER),
    )  # fmt: skip

    def blocks():
        for part in parts(dataset, dims):
            yield _accumulated_rows(dataset, name, dims, part)

    return Table(name, description, columns, int(np.prod([dataset.sizes[one] for one in dims])), blocks)


def _accumulated_rows(dataset, name, dims, part):
    values = dataset[name].isel(part)
    weights = dataset["n_patients"].isel({dim: one for dim, one in part.items() if dim in dataset["n_patients"].dims})
    known = values.where(weights > 0, 0.0)  # a batch without patients of a subgroup has no mean
    mean = ((known * weights).sum("batch") / weights.sum("batch")).transpose(*dims)
    filled = labels(dataset, dims[:-2], taken=part)
    shape = mean.shape
    lead = int(np.prod(shape[:-2]))
    found = {key: np.repeat(column, shape[-2] * shape[-1]) for key, column in filled.items()}
    for end in ("start", "end"):
        found[f"period_{end}_days"] = np.tile(np.repeat(dataset[f"period_{end}"].values.astype(float), shape[-1]), lead)
    names = [str(label) for label in dataset[dims[-1]].values]
    own = (
        {"item": names}
        if name == "count"
        else dict(zip(STATE_PARTS, zip(*(n.split("|") for n in names), strict=True), strict=True))
    )
    for key, column in own.items():
        found[key] = np.tile(np.array(column, dtype=object), lead * shape[-2])
    return found | {"value": np.asarray(mean.values, float).ravel()}
