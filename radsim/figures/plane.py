"""The cost-effectiveness plane."""

from __future__ import annotations

from itertools import cycle

import numpy as np

from radsim.figures.money import LONGEST_CURRENCY, money_of, rounded, thresholds_of, unit_of
from radsim.figures.style import GREY, LINES, colour, columns_of_legend, headings, legend, marker, new_figure, shown
from radsim.storage import UsageFault

MOST_POINTS = 1000
"""Draws shown of each schedule; more would only make the file large."""


def draw_plane(view, *, size, threshold=None, reference=None):
    """Cost and QALYs gained over the reference, a point a draw, the mean of all draws as a large mark.

    Parameters
    ----------
    view : radsim.figures.view.View
    size : tuple of float
        Width and height. [inch]
    threshold : sequence of float, optional
        Lines of equal net benefit; those of the study by default. [currency per QALY]
    reference : str, optional
        Name of the schedule the others are compared with; the first by default.

    Returns
    -------
    matplotlib.figure.Figure
    """
    money, place = money_of(view), reference_place(view, reference)
    others = [s for s in range(len(view.names)) if s != place]
    figure = new_figure(size)
    axes = figure.subplots()
    axes.axhline(0.0, color=GREY, linewidth=0.8, zorder=0)
    axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
    chosen, keys = points_shown(len(money.cost)), []
    for s in others:
        gained, spent = _increments(money, s, place)
        look = {"color": colour(view.styles[s]), "marker": marker(view.styles[s]), "linestyle": ""}
        axes.plot(gained[chosen], spent[chosen], markersize=3.0, alpha=0.35, markeredgewidth=0, zorder=1, **look)
        mark = {"markersize": 9.0, "markeredgecolor": "black", "markeredgewidth": 1.2, "zorder": 3}
        (handle,) = axes.plot(gained.mean(), spent.mean(), **mark, **look)
        keys.append((handle, view.names[s]))
    lines = _draw_thresholds(axes, thresholds_of(view, threshold))
    axes.set_xlabel("QALYs gained per patient")
    axes.set_ylabel(f"Additional cost ({unit_of(money.currency, money.price_year)})")
    axes.yaxis.set_major_formatter(
        lambda value, _: f"{value:,.0f}".replace("-", "−") if abs(value) >= 1 or value == 0 else f"{value:g}"
    )
    keys += [
        (line, f"{shown(money.currency, LONGEST_CURRENCY)} {value:,.0f} per QALY") for value, line in lines.items()
    ]
    names = [name for _, name in keys]
    legend(figure, [handle for handle, _ in keys], names, ncols=columns_of_legend(figure, names), handlelength=2.4)
    n = len(money.cost)
    many = (
        f"{len(chosen):,} of {n:,} draws of the parameters are shown"
        if len(chosen) < n
        else f"A point is one of {n:,} draws"
    )
    headings(
        figure, view.titled(f"Cost-effectiveness plane: against {view.names[place]}"),
        f"{many}, a large mark the mean of all. Below and to the right of a dashed line a schedule is worth its cost at that threshold.",
    )  # fmt: skip
    return figure


def points_shown(n):
    """Draws that are drawn: all, or evenly spaced ones."""
    return np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).astype(int)


def reference_place(view, reference):
    """Place of the schedule that others are compared with."""
    if len(view.names) < 2:
        raise UsageFault("needs at least two schedules: a plane compares")
    if reference is None:
        return 0
    names = [str(name) for name in view.dataset["schedule"].values]
    if reference not in names:
        raise UsageFault(f"--reference {reference}: expected {', '.join(names)}")
    return names.index(reference)


def _increments(money, s, reference):
    return money.qalys[:, s] - money.qalys[:, reference], money.cost[:, s] - money.cost[:, reference]


def _draw_thresholds(axes, thresholds):
    """Lines of equal net benefit, by threshold; they do not enlarge the picture."""
    x, y = axes.get_xlim(), axes.get_ylim()
    lines = {}
    for threshold, dashes in zip(thresholds, cycle(LINES[1:]), strict=False):
        ends = [threshold * x[0], threshold * x[1]]
        (lines[threshold],) = axes.plot(x, ends, color=GREY, linewidth=1.0, linestyle=dashes, zorder=2)
    axes.set_xlim(x)
    axes.set_ylim(y)
    return lines


def describe_plane(view, *, threshold=None, reference=None):
    """One sentence: mean increments of each schedule."""
    money, place = money_of(view), reference_place(view, reference)
    parts = []
    for s in range(len(view.names)):
        if s != place:
            gained, spent = (part.mean() for part in _increments(money, s, place))
            parts.append(
                f"{view.names[s]} {rounded(gained)} QALYs and {shown(money.currency, LONGEST_CURRENCY)} {rounded(spent)}"
            )
    about = view.titled(f"Cost-effectiveness plane against {view.names[place]}")
    return f"{about}; mean difference per patient over {len(money.cost):,} draws: {'; '.join(parts)}."
