"""Which comes first, retreatment, fracture or death: each patient counts once, so that the parts may be stacked."""

from __future__ import annotations

import numpy as np

from radsim.extras import require
from radsim.figures.course import finish_time_axis, on_time_axis
from radsim.figures.style import GREY, INK, headings, label_ends, legend, new_figure, panel_title, panels_of
from radsim.figures.view import groups_of
from radsim.outcomes import format
from radsim.storage import UsageFault

LAYERS = {
    "time_to_retreatment": ("Treated again", "#0072B2", None),
    "time_to_pathological_fracture": ("Pathological fracture", "#E69F00", "////"),
    "time_to_death": ("Died", "#D9D9D9", None),
}
"""Layers from the bottom, by the variable of a file of patients: name, colour, hatch."""
MOST_PANELS, ACROSS = 12, 4
N_DAYS = 100
TITLE = "Which comes first: retreatment, fracture or death"
NOTE = (
    "Each patient counts once, for whichever came first. Base case; one trajectory of each patient under each schedule."
)


def draw_first_events(view, *, size):
    """Stacked cumulative incidence of whichever event comes first, a panel a schedule, from a file of patients."""
    days, tables = first_events(view)
    groups = _groups(view, tables)
    if len(groups) > MOST_PANELS:
        raise UsageFault(f"{len(groups)} schedules are too many panels: choose at most {MOST_PANELS} with --schedule")
    across = min(len(groups), ACROSS)
    down = -(-len(groups) // across)
    figure = new_figure((size[0], size[1] * (1.0 + 0.6 * (down - 1))))
    panels = panels_of(figure, len(groups), across=across)
    x, unit = on_time_axis(days)
    inches = size[0] / across - 0.6
    for axes, group in zip(panels, groups, strict=True):
        _draw_stack(axes, x, [table[group[0]] for table in tables.values()])
        panel_title(axes, view.group_name(group), inches)
        finish_time_axis(axes, x, unit, inches=inches)
    panels[0].set_ylim(0.0, 100.0)
    for axes in panels[::across]:
        axes.set_ylabel("Patients of 100")
    patch = require("matplotlib.patches", extra="plot").Patch
    looks = [{"facecolor": face, "hatch": hatch, "edgecolor": GREY} for _, face, hatch in LAYERS.values()]
    legend(figure, [patch(**look) for look in looks], [name for name, _, _ in LAYERS.values()], ncols=len(LAYERS))
    headings(figure, view.titled(TITLE), NOTE)
    figure.draw_without_rendering()
    for axes, group in zip(panels, groups, strict=True):
        _number_layers(axes, [table[group[0], -1] for table in tables.values()])
    return figure


def first_events(view):
    """Cumulative incidence of the first of the events, exactly, from the times of every patient.

    Returns
    -------
    days : ndarray, shape (time,)
    tables : dict of str to ndarray, shape (schedule, time)
        Patients of 100.
    """
    times = np.stack([np.nan_to_num(view.dataset[layer].values, nan=np.inf) for layer in LAYERS])
    first = times.min(axis=0)
    days = np.linspace(0.0, first[np.isfinite(first)].max(initial=1.0), N_DAYS)
    winner = np.where(np.isfinite(first), times.argmin(axis=0), -1)  # of simultaneous events the first layer

    def shares(i):
        rows = np.sort(np.where(winner == i, first, np.inf), axis=1)
        return 100.0 * np.array([np.searchsorted(row, days, side="right") for row in rows]) / rows.shape[1]

    return days, {layer: shares(i) for i, layer in enumerate(LAYERS)}


def _groups(view, tables):
    """Schedules whose stacks are the same share a panel."""
    return groups_of(len(view.names), lambda a, b: all(np.array_equal(t[a], t[b]) for t in tables.values()))


def _draw_stack(axes, x, heights):
    base = np.zeros(len(x))
    for (_, face, hatch), y in zip(LAYERS.values(), heights, strict=True):
        axes.fill_between(x, base, base + y, facecolor=face, hatch=hatch, edgecolor=INK, linewidth=0.0)
        axes.plot(x, base + y, color=INK, linewidth=0.8)
        base = base + y


def _number_layers(axes, last):
    """The height of each layer at the end, to the right of it."""
    tops = np.cumsum(last)
    ends = [(top - n / 2.0, format.number(n, 1 if n < 10.0 else 0), 3) for top, n in zip(tops, last, strict=True) if n]
    label_ends(axes, ends, leaders=False, lay_out=False)


def describe_first_events(view):
    """One sentence: which came first, of 100 patients."""
    days, tables = first_events(view)
    parts = [
        f"{view.group_name(group).replace(chr(10), ' and ')} "
        + ", ".join(f"{LAYERS[layer][0].lower()} {table[group[0], -1]:.1f}" for layer, table in tables.items())
        for group in _groups(view, tables)
    ]
    return f"{view.titled(TITLE)}; of 100 patients by {format.time(days[-1])}: {'; '.join(parts)}."
