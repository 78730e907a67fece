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


def known_schedules(names, record):
    """The schedules of a result, as the rules of a configuration read them.

    Parameters
    ----------
    names : sequence of str
        Along `schedule`.
    record : dict
        The run record; a name that it does not know, as where a sweep varies the schedules, is read as an abbreviation.

    Returns
    -------
    list of radsim.config.Schedule or None
        None where neither says what the schedule is.
    """
    from radsim.config import Schedule

    configured = record.get("config", {}).get("schedules", ())
    mappings = {each["name"]: each for each in configured if isinstance(each, dict)}

    def known(name):
        try:
            return Schedule.model_validate(mappings[name]) if name in mappings else Schedule.parse(name)
        except ValueError:
            return None

    return [known(name) for name in names]


def samples_of(dataset):
    """Parameters of every draw of a result by dotted name, as the simulation used them; empty where it does not hold them."""
    if "parameter_value" not in dataset or "parameter" not in dataset["parameter_value"].dims:
        return {}
    values = dataset["parameter_value"].values
    return {str(name): values[..., i] for i, name in enumerate(dataset["parameter"].values)}
