"""One outcome of every scenario of a sweep over two swept paths: a map."""

from __future__ import annotations

import numpy as np

from radsim.figures.style import TEXT_POINTS, headings, new_figure, panel_title, panels_of, shown
from radsim.figures.swept import MOST_LEVELS, level_ticks, path_label, path_values, swept
from radsim.figures.view import group_of_names
from radsim.storage import UsageFault

MOST_NUMBERS = 100
"""Cells of a map that get their number written in."""
NUMBER_INCHES, NUMBER_POINTS = 0.3, 7.0
MOST_PANELS = 6
ACROSS = 3
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
        figure,
        f"{found.axis} over {shown(x_name, 60)} and {shown(y_name, 60)}",
        f"{what}{found.others_in_words(means=grid)}.",
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
    level_ticks(axes.xaxis, levels_x)
    level_ticks(axes.yaxis, levels_y)
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


def _draw_dots(axes, x, y, values, *, limits, inches):
    order = np.argsort(values, kind="stable")
    return axes.scatter(
        path_values(axes.xaxis, x)[order],
        path_values(axes.yaxis, y)[order],
        c=values[order],
        s=16,
        linewidth=0,
        **limits,
    )


def describe_map(dataset, **choice):
    """One sentence: the range of the outcome over both paths."""
    return swept(dataset, n_paths=2, **choice).describe()
