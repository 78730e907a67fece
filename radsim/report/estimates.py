"""Reading estimates out of a result: one number, its interval over draws, its simulation error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TIME_TOLERANCE_DAYS = 2.0
"""Week 52 is day 364: a study that looked on day 365 answers the same question."""

LEVELS = (0.025, 0.975)


class Estimate(NamedTuple):
    """A quantity under each schedule, or one difference between two of them.

    Attributes
    ----------
    value : ndarray
        Mean of draws 1, 2, …, or the base case where there are no draws. Dimensions as of the variable, without draw and time.
    low95, high95 : ndarray
        2.5th and 97.5th percentile of draws 1, 2, …; NaN with fewer than two: simulation error is never shown in their place.
    mcse : ndarray
        Monte Carlo standard error of the value.
    """

    value: np.ndarray
    low95: np.ndarray
    high95: np.ndarray
    mcse: np.ndarray

    def at(self, index):
        """The estimate of one schedule, by its position along the last dimension."""
        return Estimate(*(part[..., index] for part in self))


def n_draws(dataset):
    """Draws of the parameters, the base case not counted."""
    return dataset.sizes["draw"] - 1


def all_patients(dataset):
    """A result without its subgroups: the first of them holds everybody."""
    return dataset.isel(subgroup=0, drop=True) if "subgroup" in dataset.dims else dataset


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
    nearest = nearest_time(dataset, day)
    return None if nearest is None else variable.isel(time=nearest)


def nearest_time(dataset, day):
    """Position of the time within tolerance of a day, None if there is none."""
    times = dataset["time"].values
    if day is None or not times.size:
        return None
    nearest = int(np.argmin(np.abs(times - day)))
    return nearest if abs(times[nearest] - day) <= TIME_TOLERANCE_DAYS else None


def estimate(dataset, name, *, day=None):
    """The estimate of a variable, dims (…, schedule); None where `column` is."""
    variable, error = column(dataset, name, day=day), column(dataset, f"{name}_mcse", day=day)
    if variable is None:
        return None
    return summarise(_draw_first(variable), None if error is None else _draw_first(error))


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
        The error takes the two as independent, which makes it too large rather than too small: they share their patients' luck, and a
        file does not keep what pairing takes. Zero where both are equal to the last bit in every draw.
    """
    values = _draw_first(column(dataset, name, day=day))
    gap = values[..., first] - values[..., second]
    error = column(dataset, f"{name}_mcse", day=day)
    if error is None:
        return summarise(gap, None)
    errors = _draw_first(error)
    both = np.hypot(errors[..., first], errors[..., second])
    return summarise(gap, np.where((gap == 0.0).all(axis=0), 0.0, both))


def summarise(values, errors):
    """Summarise draws along the first axis; see `Estimate`."""
    errors = np.full(values.shape, np.nan) if errors is None else errors
    if len(values) == 1:
        unknown = np.full(values.shape[1:], np.nan)
        return Estimate(values[0], unknown, unknown, errors[0])
    values, errors = values[1:], errors[1:]
    if len(values) > 1:
        low, high = np.quantile(values, LEVELS, axis=0)
    else:
        low = high = np.full(values.shape[1:], np.nan)
    return Estimate(values.mean(axis=0), low, high, np.sqrt((errors**2).sum(axis=0)) / len(errors))


def _draw_first(variable):
    """Values with the draw first and the schedule, where there is one, last."""
    rest = [dim for dim in variable.dims if dim not in ("draw", "schedule")]
    last = ["schedule"] if "schedule" in variable.dims else []
    return variable.transpose("draw", *rest, *last).values
