"""One outcome of every scenario of a sweep, over two swept paths (a map) or one (a line)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.figures.course import PERCENT, in_words
from radsim.figures.money import rounded
from radsim.figures.style import (
    TEXT_POINTS,
    draw_band,
    headings,
    label_ends,
    line_style,
    new_figure,
    panel_title,
    panels_of,
    shown,
)
from radsim.figures.view import ALL_PATIENTS, group_of_names
from radsim.intervals import NORMAL_95, SCORES
from radsim.storage import UsageFault

OUTCOME = "overall_response"
PARAMETERS = "parameters."
DAY = 84.0
MOST_NUMBERS = 100
"""Cells of a map that get their number written in."""
NUMBER_INCHES, NUMBER_POINTS = 0.3, 7.0
MOST_PANELS = 6
ACROSS = 3
COLOUR_MAP = "cividis"
"""Even in grey, and the same for every colour vision."""
MOST_LEVELS = 40
N_BINS = 12
NOT_SWEPT = {"scenario", "grid_point", "sample_point"}


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


def swept_paths(dataset):
    """Swept values by path: those coordinates of `scenario` that vary, in order."""
    found = {}
    for name, coordinate in dataset.coords.items():
        if coordinate.dims == ("scenario",) and name not in NOT_SWEPT:
            values = coordinate.values
            plain = values.astype(str) if values.dtype.kind == "O" else values
            if len(np.unique(plain)) > 1:
                found[str(name)] = plain
    return found


def swept(dataset, *, n_paths, outcome, over, schedules, subgroup, day):
    """Choose what of a sweep is shown.

    Raises
    ------
    UsageFault
        If the sweep has no such outcome, path, schedule or subgroup, or too few paths.
    """
    outcome = outcome or OUTCOME
    paths = swept_paths(dataset)
    chosen = list(over or list(paths)[:n_paths])
    unknown = [path for path in chosen if path not in paths]
    if unknown:
        raise UsageFault(f"--over {unknown[0]}: expected {', '.join(paths) or 'a path, but nothing was swept'}")
    if len(chosen) != n_paths or len(set(chosen)) != n_paths:
        raise UsageFault(
            f"needs {n_paths} swept path{'s' if n_paths > 1 else ''}, found {len(chosen)}: {', '.join(chosen) or 'none'}"
        )
    data, errors, axis = _outcome(dataset, outcome, day)
    place = 0
    if "subgroup" in data.dims:
        labels = [str(label) for label in dataset["subgroup"].values]
        if (subgroup or ALL_PATIENTS) not in labels:
            raise UsageFault(f"--subgroup {subgroup}: expected {', '.join(labels)}")
        place = labels.index(subgroup or ALL_PATIENTS)
        data, errors = data.isel(subgroup=place), errors.isel(subgroup=place) if errors is not None else None
    names = [str(name) for name in dataset["schedule"].values]
    missing = [name for name in schedules or [] if name not in names]
    if missing:
        raise UsageFault(f"--schedule {missing[0]}: expected {', '.join(names)}")
    styles = [names.index(name) for name in schedules or names]
    values = _over_draws(data)[:, styles]
    noise = np.full(values.shape, np.nan) if errors is None else _error_over_draws(errors)[:, styles]
    others = [path for path in paths if path not in chosen]
    shown_paths = {path: paths[path] for path in chosen}
    return Swept(
        values, noise, [shown(names[s]) for s in styles], styles, axis, shown_paths, others, data.sizes["draw"] - 1
    )


def _outcome(dataset, outcome, day):
    """Variable and its error with dims (subgroup,) draw, schedule, scenario, scaled for an axis; label of the axis."""
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
    if set(data.dims) - {"scenario", "subgroup", "draw", "schedule"}:
        raise UsageFault(
            f"--outcome {outcome}: expected an outcome by schedule, found one by {', '.join(map(str, data.dims))}"
        )
    share = units == "1" and outcome not in SCORES
    scale, unit = (PERCENT, "%") if share else (1.0, units)
    order = [dim for dim in ("scenario", "subgroup", "draw", "schedule") if dim in data.dims]
    data = data.transpose(*order) * scale
    return data, None if errors is None else errors.transpose(*order) * scale, f"{label} ({unit})" if unit else label


def path_label(dataset, path, longest):
    """A swept path with its unit, where it is a parameter that has one."""
    unit = ""
    if path.startswith(PARAMETERS) and {"parameter", "parameter_units"} <= set(dataset.coords):
        units = dict(zip(dataset["parameter"].values.tolist(), dataset["parameter_units"].values.tolist(), strict=True))
        unit = units.get(path.removeprefix(PARAMETERS), "")
    return f"{shown(path, longest)} ({unit})" if unit not in ("", "1") else shown(path, longest)


def _over_draws(data):
    """Mean over draws 1, 2, …, or the base case; shape (scenario, schedule)."""
    values = data.transpose("scenario", "draw", "schedule").values
    return values[:, 1:].mean(axis=1) if values.shape[1] > 1 else values[:, 0]


def _error_over_draws(errors):
    values = errors.transpose("scenario", "draw", "schedule").values
    return np.sqrt((values[:, 1:] ** 2).sum(axis=1)) / (values.shape[1] - 1) if values.shape[1] > 1 else values[:, 0]


def draw_map(dataset, *, size, outcome=None, over=None, schedules=None, subgroup=None, day=DAY):
    """A map of one outcome over two swept paths, a panel a schedule.

    Parameters
    ----------
    dataset : xarray.Dataset
        With dimension `scenario` and the swept values as coordinates of it.
    size : tuple of float
        Width, and least height. [inch]
    outcome : str, optional
        Variable; the headline response by default.
    over : sequence of str, optional
        Two swept paths, across and up; the first two that vary by default.
    schedules : sequence of str, optional
        All by default, at most `MOST_PANELS`.
    subgroup : str, optional
    day : float
        Of an outcome over time or visits the nearest is shown. [d]

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    A grid gives cells, each the mean of its scenarios if further paths vary; a random sample gives a coloured dot a scenario.
    """
    found = swept(dataset, n_paths=2, outcome=outcome, over=over, schedules=schedules, subgroup=subgroup, day=day)
    groups = _same_columns(found.values)
    if len(groups) > MOST_PANELS:
        raise UsageFault(f"{len(groups)} schedules are too many panels: choose at most {MOST_PANELS} with --schedule")
    across = 2 if len(groups) == 4 else min(len(groups), ACROSS)
    down = -(-len(groups) // across)
    inches = (size[0] - 1.6) / across
    figure = new_figure((size[0], max(size[1], 1.4 + 2.4 * down)))
    panels = panels_of(figure, len(groups), across=across)
    low, high = np.nanmin(found.values), np.nanmax(found.values)
    limits = {"vmin": low, "vmax": high if high > low else low + 1.0, "cmap": COLOUR_MAP}
    (x_name, x), (y_name, y) = found.paths.items()
    grid = len(np.unique(x)) * len(np.unique(y)) <= len(x) and max(len(np.unique(x)), len(np.unique(y))) <= MOST_LEVELS
    for axes, group in zip(panels, groups, strict=True):
        drawn = (_draw_cells if grid else _draw_dots)(
            axes, x, y, found.values[:, group[0]], limits=limits, inches=inches
        )
        whole = len(group) == len(found.names) > 2
        panel_title(
            axes, f"all {len(group)} schedules" if whole else group_of_names([found.names[s] for s in group]), inches
        )
    figure.supylabel(path_label(dataset, y_name, 60), fontsize=TEXT_POINTS)
    for axes in panels[-across:]:
        axes.set_xlabel(path_label(dataset, x_name, max(16, int(inches * 11))))
    figure.colorbar(drawn, ax=panels, label=found.axis, shrink=0.9)
    what = "A cell is a combination of values" if grid else "A dot is a scenario"
    headings(
        figure, f"{found.axis} over {shown(x_name, 60)} and {shown(y_name, 60)}", f"{what}{_others(found, means=grid)}."
    )
    return figure


def cells(x, y, values):
    """Means of scenarios by the values of two paths.

    Returns
    -------
    levels_x, levels_y : ndarray
        Rising.
    table : ndarray, shape (y, x)
        NaN where no scenario is.
    """
    levels_x, place_x = np.unique(x, return_inverse=True)
    levels_y, place_y = np.unique(y, return_inverse=True)
    total, n = np.zeros((len(levels_y), len(levels_x))), np.zeros((len(levels_y), len(levels_x)))
    known = np.isfinite(values)
    np.add.at(total, (place_y[known], place_x[known]), values[known])
    np.add.at(n, (place_y[known], place_x[known]), 1.0)
    return levels_x, levels_y, np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)


def _draw_cells(axes, x, y, values, *, limits, inches):
    levels_x, levels_y, table = cells(x, y, values)
    edges_x, edges_y = (np.arange(len(levels) + 1) - 0.5 for levels in (levels_x, levels_y))
    drawn = axes.pcolormesh(edges_x, edges_y, table, edgecolor="white", linewidth=0.5, **limits)
    _level_ticks(axes.xaxis, levels_x)
    _level_ticks(axes.yaxis, levels_y)
    if table.size <= MOST_NUMBERS and inches / len(levels_x) >= NUMBER_INCHES:
        _write_numbers(axes, table, limits)
    return drawn


def _write_numbers(axes, table, limits):
    """The figure of each cell, with as many decimals as tell cells apart."""
    spread = limits["vmax"] - limits["vmin"]
    decimals = max(0, min(4, 2 - int(np.floor(np.log10(spread))))) if spread < 100.0 else 0
    decimals -= decimals > 0 and spread >= 10.0
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            colour = "white" if value < (limits["vmin"] + limits["vmax"]) / 2.0 else "black"
            axes.text(
                column,
                row,
                f"{round(value, decimals) + 0.0:.{decimals}f}",
                ha="center",
                va="center",
                fontsize=NUMBER_POINTS,
                color=colour,
            )


def _level_ticks(axis, levels):
    step = -(-len(levels) // 8)
    places = range(0, len(levels), step)
    axis.set_ticks(list(places), [_level(levels[i]) for i in places])


def _level(value):
    return f"{value:.4g}" if isinstance(value, float | np.floating) else shown(value, 16)


def _draw_dots(axes, x, y, values, *, limits, inches):
    order = np.argsort(values, kind="stable")
    return axes.scatter(
        _numbers(axes.xaxis, x)[order], _numbers(axes.yaxis, y)[order], c=values[order], s=16, linewidth=0, **limits
    )


def _numbers(axis, values):
    """Values of a path on an axis; words get places."""
    if values.dtype.kind in "fiu":
        return values.astype(float)
    levels, places = np.unique(values, return_inverse=True)
    _level_ticks(axis, levels)
    return places.astype(float)


def draw_line(dataset, *, size, outcome=None, over=None, schedules=None, subgroup=None, day=DAY):
    """One outcome over one swept path, a line a schedule; parameters as of `draw_map`, `over` with one path."""
    found = swept(dataset, n_paths=1, outcome=outcome, over=over, schedules=schedules, subgroup=subgroup, day=day)
    (name, path), = found.paths.items()  # fmt: skip
    figure = new_figure(size)
    axes = figure.subplots()
    x = _numbers(axes.xaxis, path)
    levels = np.unique(x)
    binned = len(levels) > MOST_LEVELS
    ends = []
    for group in _same_columns(found.values):
        y, error, style = found.values[:, group[0]], found.errors[:, group[0]], found.styles[group[0]]
        look = line_style(style)
        if binned or found.others:
            axes.plot(
                x,
                y,
                color=look["color"],
                marker=look["marker"],
                linestyle="",
                markersize=2.5,
                alpha=0.35,
                markeredgewidth=0,
            )
        at, mean, reach = along(x, y, error, bins=N_BINS if binned else None)
        if not (binned or found.others):
            draw_band(axes, at, mean - reach, mean + reach, style)
        axes.plot(at, mean, **look)
        ends.append((float(mean[-1]), group_of_names([found.names[s] for s in group]), style))
    axes.set_xlabel(path_label(dataset, name, 70))
    axes.set_ylabel(found.axis)
    axes.margins(y=0.08)
    what = (
        f"Points are scenarios, lines means of {N_BINS} bins" if binned else "Points are scenarios, lines their means"
    )
    note = f"{what}{_others(found)}." if binned or found.others else "Bands: Monte Carlo error (95 %)."
    headings(figure, f"{found.axis} over {shown(name, 50)}", note)
    label_ends(axes, ends)
    return figure


def along(x, y, error, *, bins=None):
    """Means of scenarios along a path: by its values, or in bins of as many scenarios each.

    Returns
    -------
    at, mean, reach : ndarray
        Place, mean outcome, and 1.96 Monte Carlo standard errors of it (zero where not known).
    """
    known = np.isfinite(y)
    x, y, error = x[known], y[known], error[known]
    if bins:
        parts = [part for part in np.array_split(np.argsort(x, kind="stable"), bins) if len(part)]
    else:
        parts = [np.flatnonzero(x == level) for level in np.unique(x)]
    at, mean = np.array([x[p].mean() for p in parts]), np.array([y[p].mean() for p in parts])
    reach = np.array([NORMAL_95 * np.sqrt((error[p] ** 2).sum()) / len(p) for p in parts])
    return at, mean, np.nan_to_num(reach)


def _same_columns(values):
    """Schedules that do not differ in any scenario."""
    found = []
    for s in range(values.shape[1]):
        same = next(
            (group for group in found if np.array_equal(values[:, group[0]], values[:, s], equal_nan=True)), None
        )
        if same is None:
            found.append([s])
        else:
            same.append(s)
    return found


def _others(found, *, means=True):
    """What else varies, and over what the figures are means."""
    over = f", mean over {found.n_draws:,} draws of the parameters" if found.n_draws > 1 else ""
    if not found.others:
        return over
    verb = "averaged over" if means else "with differing"
    return f"{over}, {verb} {', '.join(shown(other, 40) for other in found.others[:3])}{' and more' if len(found.others) > 3 else ''}"


def describe_map(dataset, *, outcome=None, over=None, schedules=None, subgroup=None, day=DAY):
    """One sentence: the range of the outcome over both paths."""
    found = swept(dataset, n_paths=2, outcome=outcome, over=over, schedules=schedules, subgroup=subgroup, day=day)
    return _describe(found)


def describe_line(dataset, *, outcome=None, over=None, schedules=None, subgroup=None, day=DAY):
    """One sentence: the range of the outcome over the path."""
    found = swept(dataset, n_paths=1, outcome=outcome, over=over, schedules=schedules, subgroup=subgroup, day=day)
    return _describe(found)


def _describe(found):
    parts = [
        f"{name} {rounded(np.nanmin(column))} to {rounded(np.nanmax(column))}"
        for name, column in zip(found.names, found.values.T, strict=True)
    ]
    paths = " and ".join(shown(path, 60) for path in found.paths)
    return f"{found.axis} over {paths} in {len(found.values):,} scenarios: {'; '.join(parts)}."
