"""The one place that reads an estimate, or the difference of two schedules, out of a result: every face shows what stands here."""

from __future__ import annotations

import numpy as np

from radsim.maths import ties
from radsim.outcomes.intervals import NORMAL_95, STUDENT_95, Draws, draws_of, support
from radsim.results.variables import BY_PATIENT, DIFFERENCE_SUFFIX, MCSE_SUFFIX, PAIRING

TIME_TOLERANCE_DAYS = 2.0
"""Week 52 is day 364: a study that looked on day 365 answers the same question."""


MEANS_AT_START = {"mean_pain_score": "pain_score_at_start", "mean_morphine_equivalent": "morphine_equivalent_at_start"}
"""Where a result holds the means over time of the moment before the first fraction."""


def estimate_names(dataset):
    """Variables with a Monte Carlo standard error beside them, differences left out."""
    names = [str(name) for name in dataset.data_vars]
    return [name for name in names if not name.endswith(DIFFERENCE_SUFFIX) and f"{name}{MCSE_SUFFIX}" in names]


def estimate(dataset, name, *, day=None, subgroup=None):
    """A variable under every schedule, over the draws.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
    name : str
    day : float, optional
        Day to look at, of a variable with `time`; every time by default. [d]
    subgroup : int, optional
        Position along `subgroup`, where there is one; every subgroup by default.

    Returns
    -------
    Estimate or None
        Shape (schedule, ...), then what other dimensions the variable has, in order. None if the result has no such variable, or did
        not look within `TIME_TOLERANCE_DAYS` of that day.
    """
    found = columns(dataset, name, day=day, subgroup=subgroup)
    return None if found is None else found.estimate().within(*support(name, dataset[name].attrs.get("units")))


def difference(dataset, name, *, first=0, second=1, day=None, subgroup=None):
    """One schedule minus another over the draws, by their positions; an `Estimate`, shape (...), or None as of `estimate`."""
    found = gaps(dataset, name, first=first, others=[second], day=day, subgroup=subgroup)
    return None if found is None else found.at(0).estimate()


def differences(dataset, name, *, day=None, subgroup=None):
    """The first schedule minus each of the others; an `Estimate`, shape (schedule - 1, ...), or None as of `estimate`."""
    found = gaps(dataset, name, day=day, subgroup=subgroup)
    return None if found is None else found.estimate()


def columns(dataset, name, *, day=None, subgroup=None):
    """As `estimate`, before it is summarised: `Draws`, shape (draw, schedule, ...)."""
    values = _read(dataset, name, day, subgroup)
    if values is None:
        return None
    return draws_of(values, _errors(dataset, name, values, day, subgroup), numbers=_numbers(dataset, len(values)))


def gaps(dataset, name, *, first=0, others=None, day=None, subgroup=None):
    """As `difference` of one schedule and each of the others, before they are summarised: `Draws`, shape (draw, other, ...).

    Notes
    -----
    The error is the paired one that the result holds, `<name>_difference_mcse`. It is an upper bound where nothing paired is known:
    for medians, where fewer than two batches of patients tell of a difference, and between two schedules neither of which is the
    reference. A bound is shown as the error, but not taken out of the spread between draws, which would make the evidence look surer
    than it is.
    """
    values = _read(dataset, name, day, subgroup)
    if values is None:
        return None
    others = [s for s in range(values.shape[1]) if s != first] if others is None else others
    own, held = _errors(dataset, name, values, day, subgroup), _paired(dataset, name, day, subgroup)
    gap, error, noise = (np.full((len(values), len(others), *values.shape[2:]), np.nan) for _ in range(3))
    for i, other in enumerate(others):
        gap[:, i] = values[:, first] - values[:, other]
        error[:, i], noise[:, i] = _error_of_gap(gap[:, i], own, held, first, other)
    quantile = np.where(np.isnan(noise[0]), NORMAL_95, student(dataset, subgroup=subgroup, n_dims=noise.ndim - 2))
    return Draws(gap, error, noise, quantile, _numbers(dataset, len(values)))


def _error_of_gap(gap, own, held, first, second):
    """Error of a difference in every draw, and what of it is known to be noise."""
    unpaired = np.where(ties.equal(gap, 0.0).all(axis=0), 0.0, np.hypot(own[:, first], own[:, second]))
    unknown = np.full(gap.shape, np.nan)
    reference, paired, is_paired = held
    if reference is None:
        return unpaired, unknown
    if reference not in (first, second):
        return np.fmin(unpaired, paired[:, first] + paired[:, second]), unknown
    error = paired[:, second if first == reference else first]
    return np.where(np.isnan(error), unpaired, error), error if is_paired else unknown


def _paired(dataset, name, day, subgroup):
    """Position of the reference, errors of the differences from it, and whether patients were paired; None for what is not held."""
    variable = f"{name}{DIFFERENCE_SUFFIX}{MCSE_SUFFIX}"
    if variable not in dataset.data_vars:
        return None, None, False
    attributes, labels = dataset[variable].attrs, [str(label) for label in dataset["schedule"].values]
    if attributes.get("reference") not in labels:  # a part of a result, without its first schedule
        return None, None, False
    return (
        labels.index(attributes["reference"]),
        _read(dataset, variable, day, subgroup),
        attributes.get(PAIRING) == BY_PATIENT,
    )


def student(dataset, *, subgroup=None, n_dims=0):
    """Standard errors that make an interval of a paired difference: Student's, one degree of freedom less than batches with patients.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
    subgroup : int, optional
    n_dims : int
        Dimensions of what it is for, which begin with those of the batches (`scenario`, `subgroup`).

    Returns
    -------
    float or ndarray
        Broadcasts against ``n_dims`` dimensions. That of a normal distribution where the result does not hold `n_patients`.
    """
    if "n_patients" not in dataset.data_vars:
        return NORMAL_95
    variable = _at(dataset["n_patients"], "subgroup", subgroup)
    dims = list(variable.dims)
    n = np.moveaxis(np.asarray(variable.values), [dims.index("draw"), dims.index("batch")], [0, -1])[0]
    n_batches = (n > 0).sum(axis=-1)
    found = STUDENT_95[np.clip(n_batches - 2, 0, len(STUDENT_95) - 1)]
    return found.reshape(found.shape + (1,) * (n_dims - found.ndim)) if n_dims > found.ndim else found


def at_start(dataset, name):
    """A variable over time before the first fraction, the same under every schedule.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
    name : str
        A variable with `time`.

    Returns
    -------
    float or None
        1 for survival; 0 for relief and for events, of which there are none yet; of a mean that of all patients, over the draws. None
        where the result does not hold that mean, as of before it was kept.
    """
    if name not in MEANS_AT_START:
        return 1.0 if name == "survival" else 0.0
    held = MEANS_AT_START[name]
    if held not in dataset.data_vars or dataset[held].dims != ("draw",):
        return None
    values = np.asarray(dataset[held].values, float)
    return float(draws_of(values, np.zeros(len(values)), numbers=_numbers(dataset, len(values))).estimate().value)


def nearest_time(times, day):
    """Position of the time within `TIME_TOLERANCE_DAYS` of a day, None if there is none. [d]"""
    if day is None or not len(times):
        return None
    nearest = int(np.argmin(np.abs(times - day)))
    return nearest if abs(times[nearest] - day) <= TIME_TOLERANCE_DAYS else None


def _read(dataset, name, day, subgroup):
    """Values of a variable, shape (draw, schedule, ...); None where there are none to read."""
    if name not in dataset.data_vars:
        return None
    variable = _at(dataset[name], "subgroup", subgroup)
    if day is not None and "time" in variable.dims:
        nearest = nearest_time(dataset["time"].values, day)
        if nearest is None:
            return None
        variable = _at(variable, "time", nearest)
    dims = list(variable.dims)
    return np.moveaxis(np.asarray(variable.values, float), [dims.index("draw"), dims.index("schedule")], [0, 1])


def _at(variable, dim, index):
    """A variable at a position along one of its dimensions; whole where it has no such dimension, or no position is given."""
    if index is None or dim not in variable.dims:
        return variable
    if hasattr(variable, "isel"):
        return variable.isel({dim: index})
    axis = variable.dims.index(dim)
    return variable._replace(
        dims=variable.dims[:axis] + variable.dims[axis + 1 :], values=np.take(variable.values, index, axis=axis)
    )


def _errors(dataset, name, values, day, subgroup):
    found = _read(dataset, f"{name}{MCSE_SUFFIX}", day, subgroup)
    return np.full(values.shape, np.nan) if found is None else found


def _numbers(dataset, n):
    """Numbers of the draws; in order where they have no labels."""
    return np.asarray(dataset["draw"].values) if "draw" in dataset.coords else np.arange(n)
