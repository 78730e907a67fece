"""Reading estimates out of a result: one variable at one day, its interval over draws, its simulation error."""

from __future__ import annotations

import numpy as np

from radsim.presentation.intervals import difference_error, over_draws
from radsim.storage import UsageFault

TIME_TOLERANCE_DAYS = 2.0
"""Week 52 is day 364: a study that looked on day 365 answers the same question."""

POINTS = {"grid_point": "point of the grid, from 0", "sample_point": "point of the sample, from 0"}
"""Coordinates along `scenario` that number the points of a design, and what they are."""
NOT_SWEPT = {"scenario", *POINTS}


def check_result(dataset, name="a dataset"):
    """Refuse what is no result of outcomes: lives of patients, or draws of parameters.

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
        None if the result has no such variable, or did not look within `TIME_TOLERANCE_DAYS` of that day.
    """
    if name not in dataset:
        return None
    variable = dataset[name]
    if "time" not in variable.dims:
        return variable
    nearest = nearest_time(dataset["time"].values, day)
    return None if nearest is None else variable.isel(time=nearest)


def nearest_time(times, day):
    """Position of the time within `TIME_TOLERANCE_DAYS` of a day, None if there is none. [d]"""
    if day is None or not len(times):
        return None
    nearest = int(np.argmin(np.abs(times - day)))
    return nearest if abs(times[nearest] - day) <= TIME_TOLERANCE_DAYS else None


def estimate(dataset, name, *, day=None):
    """The estimate of a variable, dims (…, schedule); None where `column` is."""
    variable, error = column(dataset, name, day=day), column(dataset, f"{name}_mcse", day=day)
    if variable is None:
        return None
    return over_draws(_draw_first(variable), None if error is None else _draw_first(error))


def difference(dataset, name, *, first, second, day=None):
    """One schedule minus another, draw by draw.

    Parameters
    ----------
    dataset : xarray.Dataset
    name : str
    first, second : int
        Positions of the schedules.
    day : float, optional
        As in `column`. [d]

    Returns
    -------
    Estimate
        Its error is that of `radsim.presentation.intervals.difference_error`.
    """
    values = _draw_first(column(dataset, name, day=day))
    gap = values[..., first] - values[..., second]
    error = column(dataset, f"{name}_mcse", day=day)
    if error is None:
        return over_draws(gap)
    errors = _draw_first(error)
    return over_draws(gap, difference_error(errors[..., first], errors[..., second], gap))


def _draw_first(variable):
    """Values with the draw first and the schedule, where there is one, last."""
    rest = [dim for dim in variable.dims if dim not in ("draw", "schedule")]
    last = ["schedule"] if "schedule" in variable.dims else []
    return variable.transpose("draw", *rest, *last).values
