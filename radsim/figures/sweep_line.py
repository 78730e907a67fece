"""One outcome of every scenario of a sweep over one swept path: lines, or points with the means of bins."""

from __future__ import annotations

import numpy as np

from radsim.figures.style import draw_band, headings, label_ends, line_style, new_figure, shown
from radsim.figures.swept import MOST_LEVELS, path_label, path_values, swept
from radsim.figures.view import group_of_names
from radsim.outcomes.intervals import NORMAL_95

N_BINS = 12


def draw_line(dataset, *, size, **choice):
    """One outcome over one swept path, a line a schedule.

    Parameters
    ----------
    dataset : xarray.Dataset
    size : tuple of float
        Width and height. [inch]
    **choice
        As of `radsim.figures.swept.swept`, with one path.

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = swept(dataset, n_paths=1, **choice)
    (name, path), = found.paths.items()  # fmt: skip
    figure = new_figure(size)
    axes = figure.subplots()
    x = path_values(axes.xaxis, path)
    levels = np.unique(x)
    binned = len(levels) > MOST_LEVELS
    ends = []
    for group in found.groups():
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
    note = (
        f"{what}{found.others_in_words()}."
        if binned or found.others
        else f"Lines join scenarios{found.others_in_words()}; bands: Monte Carlo error (95 %), not how sure the evidence is."
    )
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


def describe_line(dataset, **choice):
    """One sentence: the range of the outcome over the path."""
    return swept(dataset, n_paths=1, **choice).describe()
