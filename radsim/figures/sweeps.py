"""Figures of a sweep: one outcome as a map over two swept paths, or as lines over one."""

from __future__ import annotations

import numpy as np

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
from radsim.figures.swept import MOST_LEVELS, level_ticks, path_values, swept
from radsim.outcomes import format
from radsim.outcomes.intervals import NORMAL_95
from radsim.storage import UsageFault

N_BINS = 12
MOST_NUMBERS = 100
"""Cells of a map that get their number written in."""
NUMBER_INCHES, NUMBER_POINTS = 0.3, 7.0
MOST_PANELS, ACROSS = 6, 3
COLOUR_MAP = "cividis"
"""Even in grey, and the same for every colour vision."""


def draw_map(dataset, *, size, **choice):
    """A map of one outcome over two swept paths, a panel a schedule.

    Parameters
    ----------
    dataset : xarray.Dataset
    size : tuple of float
        Width, and least height. [inch]
    **choice
        As of `radsim.figures.swept.swept`; two paths, across and up, and at most `MOST_PANELS` schedules.

    Returns
    -------
    matplotlib.figure.Figure

    Notes
    -----
    A grid gives cells, each the mean of its scenarios if further paths vary; a random sample gives a coloured dot a scenario.
    """
    found = swept(dataset, n_paths=2, **choice)
    groups = found.groups()
    if len(groups) > MOST_PANELS:
        raise UsageFault(f"{len(groups)} schedules are too many panels: choose at most {MOST_PANELS} with --schedule")
    across = 2 if len(groups) == 4 else min(len(groups), ACROSS)
    inches = (size[0] - 1.6) / across
    figure = new_figure((size[0], max(size[1], 1.4 + 2.4 * -(-len(groups) // across))))
    panels = panels_of(figure, len(groups), across=across)
    low, high = np.nanmin(found.values), np.nanmax(found.values)
    limits = {"vmin": low, "vmax": high if high > low else low + 1.0, "cmap": COLOUR_MAP}
    (x_name, x), (y_name, y) = found.paths.items()
    levels = [len(np.unique(values)) for values in (x, y)]
    grid = levels[0] * levels[1] <= len(x) and max(levels) <= MOST_LEVELS
    for axes, group in zip(panels, groups, strict=True):
        drawn = (_draw_cells if grid else _draw_dots)(axes, x, y, found.values[group[0]], limits=limits, inches=inches)
        whole = len(group) == len(found.names) > 2
        panel_title(axes, f"all {len(group)} schedules" if whole else found.named(group), inches)
    figure.supylabel(shown(y_name, 60), fontsize=TEXT_POINTS)
    for axes in panels[-across:]:
        axes.set_xlabel(shown(x_name, max(16, int(inches * 11))))
    figure.colorbar(drawn, ax=panels, label=found.axis, shrink=0.9)
    what = "A cell is a combination of values" if grid else "A dot is a scenario"
    headings(figure, found.title(), f"{what}{found.others_in_words(means=grid)}.")
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
    levels_x, column = np.unique(x, return_inverse=True)
    levels_y, row = np.unique(y, return_inverse=True)
    total, n = np.zeros((2, len(levels_y), len(levels_x)))
    known = np.isfinite(values)
    np.add.at(total, (row[known], column[known]), values[known])
    np.add.at(n, (row[known], column[known]), 1.0)
    return levels_x, levels_y, np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)


def _draw_cells(axes, x, y, values, *, limits, inches):
    levels_x, levels_y, table = cells(x, y, values)
    edges_x, edges_y = (np.arange(len(levels) + 1) - 0.5 for levels in (levels_x, levels_y))
    drawn = axes.pcolormesh(edges_x, edges_y, table, edgecolor="white", linewidth=0.5, **limits)
    level_ticks(axes.xaxis, levels_x)
    level_ticks(axes.yaxis, levels_y)
    if table.size <= MOST_NUMBERS and inches / len(levels_x) >= NUMBER_INCHES:
        _write_numbers(axes, table, limits["vmin"], limits["vmax"])
    return drawn


def _write_numbers(axes, table, low, high):
    """The number of each cell, with as many decimals as tell cells apart."""
    decimals = max(0, min(4, 2 - int(np.floor(np.log10(high - low))))) if high - low < 100.0 else 0
    decimals -= decimals > 0 and high - low >= 10.0
    look = {"ha": "center", "va": "center", "fontsize": NUMBER_POINTS}
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            ink = "white" if value < (low + high) / 2.0 else "black"
            axes.text(column, row, format.number(value, decimals), color=ink, **look)


def _draw_dots(axes, x, y, values, *, limits, inches):
    order = np.argsort(values, kind="stable")
    x, y = (path_values(axis, path)[order] for axis, path in ((axes.xaxis, x), (axes.yaxis, y)))
    return axes.scatter(x, y, c=values[order], s=16, linewidth=0, **limits)


def describe_map(dataset, **choice):
    """One sentence: the range of the outcome over both paths."""
    return swept(dataset, n_paths=2, **choice).describe()


def draw_line(dataset, *, size, **choice):
    """One outcome over one swept path, a line a schedule; arguments as of `draw_map`, with one path."""
    found = swept(dataset, n_paths=1, **choice)
    (name, path), = found.paths.items()  # fmt: skip
    figure = new_figure(size)
    axes = figure.subplots()
    x = path_values(axes.xaxis, path)
    binned = len(np.unique(x)) > MOST_LEVELS
    has_points = binned or bool(found.others)
    ends = []
    for group in found.groups():
        y, error, style = found.values[group[0]], found.errors[group[0]], found.styles[group[0]]
        look = line_style(style)
        at, mean, reach = along(x, y, error, bins=N_BINS if binned else None)
        if has_points:
            dot = {"color": look["color"], "marker": look["marker"], "linestyle": "", "markersize": 2.5}
            axes.plot(x, y, alpha=0.35, markeredgewidth=0, **dot)
        else:
            draw_band(axes, at, mean - reach, mean + reach, style)
        axes.plot(at, mean, **look)
        ends.append((float(mean[-1]), found.named(group), style))
    axes.set_xlabel(shown(name, 70))
    axes.set_ylabel(found.axis)
    axes.margins(y=0.08)
    others, lines = found.others_in_words(), f"lines means of {N_BINS} bins" if binned else "lines their means"
    note = f"Lines join scenarios{others}; bands: Monte Carlo error (95 %), not how sure the evidence is."
    headings(figure, found.title(), f"Points are scenarios, {lines}{others}." if has_points else note)
    label_ends(axes, ends)
    return figure


def along(x, y, error, *, bins=None):
    """Means of scenarios along a path: by its values, or in bins of as many scenarios each.

    Returns
    -------
    at, mean, reach : ndarray
        Value of the path, mean outcome, and 1.96 Monte Carlo standard errors of it (zero where not known).
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


def describe_line(dataset, **choice):
    """One sentence: the range of the outcome over the path."""
    return swept(dataset, n_paths=1, **choice).describe()
