"""What a result holds: draws, costs, subgroups, swept paths, and a variable at one day; `radsim.outcomes.estimates` has its figures."""

from __future__ import annotations

import numpy as np

from radsim.outcomes.estimates import nearest_time
from radsim.storage import UsageFault

POINTS = {"grid_point": "point of the grid, from 0", "sample_point": "point of the sample, from 0"}
"""Coordinates along `scenario` that number the points of a design, and what they are."""
NOT_SWEPT = {"scenario", *POINTS}


def check_result(dataset, name="a dataset"):
    """Refuse what is no result of outcomes: a file of patients, or draws of parameters.

    Raises
    ------
    UsageFault
        With ``name``, such as that of the file.
    """
    if missing := [dim for dim in ("draw", "schedule") if dim not in dataset.dims]:
        raise UsageFault(
            f"{name}: expected a result of radsim run -o or the store of a sweep, found no dimension {missing[0]}"
        )


def has_value(dataset):
    """Whether a result has costs and QALYs."""
    return "cost" in dataset and "qalys" in dataset


def n_draws(dataset):
    """Draws of the parameters, the base case not counted."""
    return dataset.sizes["draw"] - 1


def all_patients(dataset):
    """A result without its subgroups: the first of them holds everybody."""
    return dataset.isel(subgroup=0, drop=True) if "subgroup" in dataset.dims else dataset


def swept_paths(dataset):
    """Swept values by path, shape (scenario,): those coordinates of `scenario` that vary, in order."""
    found = {}
    for name, coordinate in dataset.coords.items():
        if coordinate.dims == ("scenario",) and name not in NOT_SWEPT:
            values = coordinate.values
            plain = values.astype(str) if values.dtype.kind == "O" else values
            if len(np.unique(plain)) > 1:
                found[str(name)] = plain
    return found


def column(dataset, name, *, day=None):
    """A variable without its dimension of time.

    Parameters
    ----------
    dataset : xarray.Dataset
    name : str
        A variable with dims (…, draw, schedule) or (…, draw, schedule, time).
    day : float, optional
        Day to look at, of a variable with `time`. [d]

    Returns
    -------
    xarray.DataArray or None
        None if the result has no such variable, or did not look within `radsim.outcomes.estimates.TIME_TOLERANCE_DAYS` of that day.
    """
    if name not in dataset:
        return None
    variable = dataset[name]
    if "time" not in variable.dims:
        return variable
    nearest = nearest_time(dataset["time"].values, day)
    return None if nearest is None else variable.isel(time=nearest)
