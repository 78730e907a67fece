"""One outcome of every scenario of a sweep: what is chosen of it, and what its axes and notes say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.figures.style import shown
from radsim.figures.view import chosen_schedules, chosen_subgroup, group_of_names, groups_of
from radsim.outcomes import format
from radsim.outcomes.catalogue import BY_KEY, CATALOGUE, WEEK
from radsim.outcomes.estimates import estimate
from radsim.presentation.reading import swept_paths
from radsim.storage import UsageFault

OUTCOME = BY_KEY["overall_response"].variable
PARAMETERS = "parameters."
DAY = 12 * WEEK
MOST_LEVELS = 40
"""Values of a path beyond which scenarios are no longer told apart by them."""


class Swept(NamedTuple):
    """One outcome of a sweep.

    Attributes
    ----------
    values, errors : ndarray, shape (schedule, scenario)
        In the units of the axis; Monte Carlo standard errors, NaN where not known.
    names, styles : list
        Schedules as shown, and their positions.
    axis : str
        What it is, with its unit.
    paths : dict of str to ndarray, shape (scenario,)
        Values of the swept paths that are shown, by label.
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
        """Positions of the schedules that do not differ in any scenario, in order."""
        return groups_of(len(self.values), lambda a, b: np.array_equal(self.values[a], self.values[b], equal_nan=True))

    def named(self, group):
        """Names of a group, one below the other."""
        return group_of_names([self.names[s] for s in group])

    def others_in_words(self, *, means=True):
        """What else varies, and over what the figures are means."""
        over = f", mean over {self.n_draws:,} draws of the parameters" if self.n_draws > 1 else ""
        if not self.others:
            return over
        more = " and more" if len(self.others) > 3 else ""
        names = ", ".join(shown(other, 40) for other in self.others[:3])
        return f"{over}, {'averaged over' if means else 'with differing'} {names}{more}"

    def title(self):
        """The outcome over its paths."""
        return f"{self.axis} over {' and '.join(shown(path, 60) for path in self.paths)}"

    def describe(self):
        """One sentence: the range of the outcome over the paths."""
        ranges = [
            f"{name} {format.significant(np.nanmin(row), 3)} to {format.significant(np.nanmax(row), 3)}"
            for name, row in zip(self.names, self.values, strict=True)
        ]
        return f"{self.title()} in {self.values.shape[1]:,} scenarios: {'; '.join(ranges)}."


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
    found, scale, axis = _outcome(dataset, outcome or OUTCOME, day)
    return Swept(
        scale * found.value[styles], scale * found.mcse[styles], [shown(names[s]) for s in styles], styles,
        f"{axis}, {about}" if about else axis, {_path_label(dataset, path): paths[path] for path in chosen},
        [path for path in paths if path not in chosen], dataset.sizes["draw"] - 1,
    )  # fmt: skip


def _chosen_paths(paths, n_paths, over):
    chosen = list(over or list(paths)[:n_paths])
    if unknown := [path for path in chosen if path not in paths]:
        raise UsageFault(f"--over {unknown[0]}: expected {', '.join(paths) or 'a path, but nothing was swept'}")
    if len(chosen) != n_paths or len(set(chosen)) != n_paths:
        found = f"found {len(chosen)}: {', '.join(chosen) or 'none'}"
        raise UsageFault(f"needs {n_paths} swept path{'s' if n_paths > 1 else ''}, {found}")
    return chosen


def _outcome(dataset, variable, day):
    """Estimate of a variable, shape (schedule, scenario), the factor to the unit of an axis, and the label of the axis."""
    wanted = {"scenario", "draw", "schedule"}
    if variable not in dataset.data_vars or not wanted <= set(dataset[variable].dims):
        known = [n for n, v in dataset.data_vars.items() if wanted <= set(v.dims) and f"{n}_mcse" in dataset]
        raise UsageFault(f"--outcome {variable}: expected one of {', '.join(map(str, known))}")
    dims, when = set(dataset[variable].dims) - wanted, ""
    for dim, days in (("time", 1.0), ("visit", WEEK)):
        if dim in dims:
            labels = days * dataset[dim].values
            nearest = int(np.argmin(np.abs(labels - day)))
            dataset, when = dataset.isel({dim: nearest}), f" at {format.time(labels[nearest])}"
    if "component" in dims:
        dataset = dataset.assign({variable: dataset[variable].sum("component", keep_attrs=True)}).drop_vars(f"{variable}_mcse", errors="ignore")  # fmt: skip
    if dims := set(dataset[variable].dims) - wanted:
        raise UsageFault(f"--outcome {variable}: expected an outcome by schedule, found one by {', '.join(dims)}")
    return estimate(dataset, variable), *_axis(dataset[variable], when)


def _axis(variable, when):
    """Factor and label of an axis: those of the catalogue, or the name and unit of a variable that it does not show."""
    units, name = variable.attrs.get("units", ""), str(variable.name)
    one = next((one for one in CATALOGUE if one.variable == name), None)
    if one is None:
        return 1.0, f"{name.replace('_', ' ').capitalize()}{when}{f' ({units})' if units else ''}"
    label = one.undated.format(**{"currency": units, **variable.attrs})
    unit = f" ({one.scale.unit})" if "(" not in label and "{" not in one.scale.unit else ""
    return one.scale.factor, f"{label}{when}{unit}"


def _path_label(dataset, path):
    """A swept path with its unit, where it is a parameter that has one."""
    unit = ""
    if path.startswith(PARAMETERS) and {"parameter", "parameter_units"} <= set(dataset.coords):
        units = dict(zip(dataset["parameter"].values.tolist(), dataset["parameter_units"].values.tolist(), strict=True))
        unit = units.get(path.removeprefix(PARAMETERS), "")
    return f"{path} ({unit})" if unit not in ("", "1") else path


def level_ticks(axis, levels):
    positions = range(0, len(levels), -(-len(levels) // 8))
    axis.set_ticks(list(positions), [_level(levels[i]) for i in positions])


def _level(value):
    return f"{value:.4g}" if isinstance(value, float | np.floating) else shown(value, 16)


def path_values(axis, values):
    """Values of a path on an axis; words get positions."""
    if values.dtype.kind in "fiu":
        return values.astype(float)
    levels, positions = np.unique(values, return_inverse=True)
    level_ticks(axis, levels)
    return positions.astype(float)
