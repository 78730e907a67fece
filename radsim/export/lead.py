"""The columns that say which scenario, subgroup, draw and schedule a row is of."""

from __future__ import annotations

import numpy as np

from radsim.care import DIMENSIONS as DIMENSIONS_OF_CARE
from radsim.presentation.reading import POINTS
from radsim.tables.table import WHOLE, Column, cells, kind_of

SCENARIO = "scenario"

AXES = {
    "subgroup": ("subgroup", "patients that the row is of; all: everybody", ""),
    "draw": ("draw", "parameter draw; 0 is the base case", ""),
    "schedule": ("schedule", "schedule of the index course", ""),
    "visit": ("visit_weeks", "visit, from the first fraction", "week"),
    "time": ("time_days", "time from the first fraction", "d"),
    "component": ("component", "part of the cost", ""),
    "period": ("period_middle_days", "middle of the period by whose end it is counted", "d"),
    **{dim: (dim, f"which {dim.replace('_', ' ')}; of the care around the radiotherapy", "") for dim in DIMENSIONS_OF_CARE},
}  # fmt: skip
"""Dimension to name, description and units of its column."""


def scenario_columns(dataset):
    """Columns of a sweep: the number of the scenario, and every swept value; none for one study."""
    if SCENARIO not in dataset.dims:
        return []
    swept = [
        Column(name, POINTS.get(name, "swept value"), units(dataset[name]), kind_of(dataset[name].values))
        for name in swept_names(dataset)
    ]
    return [Column(SCENARIO, "number of the scenario", kind=WHOLE), *swept]


def swept_names(dataset):
    """Coordinates along `scenario`, but for its number."""
    return [str(name) for name, one in dataset.coords.items() if one.dims == (SCENARIO,) and name != SCENARIO]


def axis_column(dataset, dim):
    """The column of a dimension that is not `scenario`."""
    name, description, unit = AXES[dim]
    return Column(name, description, unit, kind_of(dataset[dim].values))


def axis_columns(dataset, dims):
    """Columns of dimensions, in order: `scenario` brings its swept values."""
    found = []
    for dim in dims:
        found += scenario_columns(dataset) if dim == SCENARIO else [axis_column(dataset, dim)]
    return found


def labels(dataset, dims, *, taken=None):
    """Labels of every cell of an array with some dimensions, flattened.

    Returns
    -------
    dict of str to ndarray
        By name of the column.
    """
    taken = taken or {}
    shape = [len(range(dataset.sizes[dim])[taken.get(dim, slice(None))]) for dim in dims]
    found = {}
    for axis, dim in enumerate(dims):
        for column, source in _sources(dataset, dim):
            values = cells(dataset[source].values, column.kind)[taken.get(dim, slice(None))]
            beside = [1] * len(shape)
            beside[axis] = shape[axis]
            found[column.name] = np.broadcast_to(values.reshape(beside), shape).ravel()
    return found


def _sources(dataset, dim):
    """Columns of a dimension, and the coordinate that each is filled from."""
    columns = axis_columns(dataset, [dim])
    return [(column, dim if dim != SCENARIO else column.name) for column in columns]


def units(variable):
    """Units of a variable; empty for text."""
    return str(variable.attrs.get("units", ""))
