"""One outcome of every scenario of a sweep: what is chosen of it, and what its axes and notes say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.figures.course import PERCENT, in_words
from radsim.figures.money import rounded
from radsim.figures.style import shown
from radsim.figures.view import chosen_schedules, chosen_subgroup, groups_of
from radsim.outcomes.intervals import SCORES, summarise
from radsim.presentation.reading import swept_paths
from radsim.storage import UsageFault

OUTCOME = "overall_response"
PARAMETERS = "parameters."
DAY = 84.0
MOST_LEVELS = 40
"""Values of a path beyond which scenarios are no longer told apart by them."""


class Swept(NamedTuple):
    """One outcome of a sweep.

    Attributes
    ----------
    values : ndarray, shape (scenario, schedule)
        In the units of the axis.
    errors : ndarray, same shape
        Monte Carlo standard errors; NaN where not known.
    names, styles : list
        Schedules as shown, and their places.
    axis : str
        What it is, with its unit.
    paths : dict of str to ndarray, shape (scenario,)
        Values of the swept paths that are shown.
    others : list of str
        Paths that vary beside those.
    n_draws : int
    """

    values: np.ndarray
    errors: np.ndarray
    names: list
    styles: list
    axis: str
    paths: dict
    others: list
    n_draws: int

    def groups(self):
        """Places of the schedules that do not differ in any scenario, in order."""
        return groups_of(
            self.values.shape[1], lambda a, b: np.array_equal(self.values[:, a], self.values[:, b], equal_nan=True)
        )

    def others_in_words(self, *, means=True):
        """What else varies, and over what the figures are means."""
        over = f", mean over {self.n_draws:,} draws of the parameters" if self.n_draws > 1 else ""
        if not self.others:
            return over
        verb = "averaged over" if means else "with differing"
        more = " and more" if len(self.others) > 3 else ""
        return f"{over}, {verb} {', '.join(shown(other, 40) for other in self.others[:3])}{more}"

    def describe(self):
        """One sentence: the range of the outcome over the paths."""
        parts = [
            f"{name} {rounded(np.nanmin(column))} to {rounded(np.nanmax(column))}"
            for name, column in zip(self.names, self.values.T, strict=True)
        ]
        paths = " and ".join(shown(path, 60) for path in self.paths)
        return f"{self.axis} over {paths} in {len(self.values):,} scenarios: {'; '.join(parts)}."


def swept(dataset, *, n_paths, outcome=None, over=None, schedules=None, subgroup=None, day=DAY):
    """Choose what of a sweep is shown.

    Parameters
    ----------
    dataset : xarray.Dataset
        With dimension `scenario` and the swept values as coordinates of it.
    n_paths : int
        Swept paths that a figure has axes for.
    outcome : str, optional
        Variable; the headline response by default.
    over : sequence of str, optional
        Swept paths; the first that vary by default.
    schedules : sequence of str, optional
        All by default.
    subgroup : str, optional
    day : float
        Of an outcome over time or visits the nearest is shown. [d]

    Returns
    -------
    Swept

    Raises
    ------
    UsageFault
        If the sweep has no such outcome, path, schedule or subgroup, or too few paths.
    """
    paths = swept_paths(dataset)
    chosen = _chosen_paths(paths, n_paths, over)
    dataset, about = chosen_subgroup(dataset, subgroup)
    names, styles = chosen_schedules(dataset, schedules)
    data, errors, axis = _outcome(dataset, outcome or OUTCOME, day)
    values = _draw_first(data)
    found = summarise(values, np.full(values.shape, np.nan) if errors is None else _draw_first(errors))
    return Swept(
        found.value[:, styles], found.mcse[:, styles], [shown(names[s]) for s in styles], styles,
        f"{axis}, {about}" if about else axis, {path: paths[path] for path in chosen},
        [path for path in paths if path not in chosen], data.sizes["draw"] - 1,
    )  # fmt: skip


def _chosen_paths(paths, n_paths, over):
    chosen = list(over or list(paths)[:n_paths])
    unknown = [path for path in chosen if path not in paths]
    if unknown:
        raise UsageFault(f"--over {unknown[0]}: expected {', '.join(paths) or 'a path, but nothing was swept'}")
    if len(chosen) != n_paths or len(set(chosen)) != n_paths:
        raise UsageFault(
            f"needs {n_paths} swept path{'s' if n_paths > 1 else ''}, found {len(chosen)}: {', '.join(chosen) or 'none'}"
        )
    return chosen


def _outcome(dataset, outcome, day):
    """Variable and its error with dims scenario, draw, schedule, scaled for an axis; label of the axis."""
    if outcome not in dataset.data_vars or not {"scenario", "draw", "schedule"} <= set(dataset[outcome].dims):
        known = [
            n
            for n, v in dataset.data_vars.items()
            if {"scenario", "draw", "schedule"} <= set(v.dims) and f"{n}_mcse" in dataset
        ]
        raise UsageFault(f"--outcome {outcome}: expected one of {', '.join(map(str, known))}")
    data = dataset[outcome]
    errors = dataset.get(f"{outcome}_mcse")
    units, label = data.attrs.get("units", ""), outcome.replace("_", " ").capitalize()
    for dim, wanted in (("time", day), ("visit", day / 7.0)):
        if dim in data.dims:
            place = int(np.argmin(np.abs(dataset[dim].values - wanted)))
            label += f" at {in_words(dataset[dim].values[place] * (7.0 if dim == 'visit' else 1.0))}"
            data, errors = data.isel({dim: place}), errors.isel({dim: place}) if errors is not None else None
    if "component" in data.dims:
        data, errors = data.sum("component"), None
    if set(data.dims) - {"scenario", "draw", "schedule"}:
        raise UsageFault(
            f"--outcome {outcome}: expected an outcome by schedule, found one by {', '.join(map(str, data.dims))}"
        )
    share = units == "1" and outcome not in SCORES
    scale, unit = (PERCENT, "%") if share else (1.0, units)
    return data * scale, None if errors is None else errors * scale, f"{label} ({unit})" if unit else label


def _draw_first(data):
    return data.transpose("draw", "scenario", "schedule").values


def path_label(dataset, path, longest):
    """A swept path with its unit, where it is a parameter that has one."""
    unit = ""
    if path.startswith(PARAMETERS) and {"parameter", "parameter_units"} <= set(dataset.coords):
        units = dict(zip(dataset["parameter"].values.tolist(), dataset["parameter_units"].values.tolist(), strict=True))
        unit = units.get(path.removeprefix(PARAMETERS), "")
    return f"{shown(path, longest)} ({unit})" if unit not in ("", "1") else shown(path, longest)


def level_ticks(axis, levels):
    step = -(-len(levels) // 8)
    places = range(0, len(levels), step)
    axis.set_ticks(list(places), [_level(levels[i]) for i in places])


def _level(value):
    return f"{value:.4g}" if isinstance(value, float | np.floating) else shown(value, 16)


def path_values(axis, values):
    """Values of a path on an axis; words get places."""
    if values.dtype.kind in "fiu":
        return values.astype(float)
    levels, places = np.unique(values, return_inverse=True)
    level_ticks(axis, levels)
    return places.astype(float)
