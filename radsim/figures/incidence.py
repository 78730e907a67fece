"""Retreatment, fracture and death over time, stacked."""

from __future__ import annotations

import numpy as np

from radsim.extras import require
from radsim.figures.course import PERCENT, finish_time_axis, in_words, on_time_axis
from radsim.figures.style import GREY, INK, headings, label_ends, legend, new_figure, panel_title, panels_of
from radsim.figures.view import groups_of
from radsim.storage import UsageFault

LAYERS = {
    "retreatment": ("Retreated", "#0072B2", None),
    "pathological_fracture": ("Pathological fracture", "#E69F00", "////"),
    "death": ("Died", "#D9D9D9", None),
}
"""Layers from the bottom: name, colour, hatch."""
MOST_PANELS = 12
ACROSS = 4
TITLE = "Of 100 patients: first retreatment, first fracture, death"
NOT_EXCLUSIVE = (
    "A patient counts once in each layer: one who was retreated and then died counts in both, so the height is a number of events, not "
    "of patients, and may exceed 100. Nobody has a first event after death."
)
FIRST_TITLE = "Which comes first: retreatment, fracture or death"
EXCLUSIVE = (
    "Each patient counts once, for whichever came first. Base case; one life of each patient under each schedule."
)


def draw_incidence(view, *, size):
    """Stacked cumulative numbers of events of 100 patients, a panel a schedule.

    Notes
    -----
    A result holds the cumulative incidence of each event, death competing, and not of their combinations: layers are therefore
    events per 100 patients, which may be added, and not shares of patients.
    """
    days = view.dataset["time"].values
    tables = {layer: events_of_100(view, layer) for layer in LAYERS}
    return _stacks(view, days, tables, size=size, title=TITLE, note=NOT_EXCLUSIVE, axis="Events per 100 patients")


def draw_first_events(view, *, size):
    """Stacked cumulative incidence of whichever event comes first, from a file of patients: layers exclude each other."""
    days, tables = first_events(view)
    return _stacks(view, days, tables, size=size, title=FIRST_TITLE, note=EXCLUSIVE, axis="Patients per 100")


def events_of_100(view, layer):
    """Cumulative first events of 100 patients, shape (schedule, time)."""
    if layer == "death":
        return PERCENT * (1.0 - view.estimate("survival").value)
    return PERCENT * view.estimate(f"{layer}_incidence").value


def first_events(view, *, n_days=100):
    """Cumulative incidence of the first of the events, exactly, from the times of every patient.

    Returns
    -------
    days : ndarray, shape (time,)
    tables : dict of str to ndarray, shape (schedule, time)
        Patients of 100.
    """
    times = np.stack([_time_of(view, layer) for layer in LAYERS])
    first = times.min(axis=0)
    last = first[np.isfinite(first)].max(initial=1.0)
    days = np.linspace(0.0, last, n_days)
    share = PERCENT / first.shape[-1]
    tables = {}
    for i, layer in enumerate(LAYERS):
        earlier = times[:i].min(axis=0, initial=np.inf)
        mine = np.where((times[i] == first) & (earlier > first), first, np.inf)
        tables[layer] = np.array([share * np.searchsorted(np.sort(row), days, side="right") for row in mine])
    return days, tables


def _time_of(view, layer):
    """Day of an event of every patient, infinite if it did not happen."""
    values = np.asarray(view.dataset[f"time_to_{layer}"].values, float)
    return np.where(np.isnan(values), np.inf, values)


def _stacks(view, days, tables, *, size, title, note, axis):
    names, groups = view.names, _same_tables(view, tables)
    if len(groups) > MOST_PANELS:
        raise UsageFault(f"{len(names)} schedules are too many panels: choose at most {MOST_PANELS} with --schedule")
    across = min(len(groups), ACROSS)
    down = -(-len(groups) // across)
    figure = new_figure((size[0], size[1] * (1.0 + 0.6 * (down - 1))))
    panels = panels_of(figure, len(groups), across=across)
    x, unit = on_time_axis(days)
    inches = size[0] / across - 0.6
    for axes, group in zip(panels, groups, strict=True):
        layers = {layer: table[group[0]] for layer, table in tables.items()}
        _draw_stack(axes, *_from_the_start(x, layers))
        panel_title(axes, view.group_name(group), inches)
        finish_time_axis(axes, x, unit, inches=inches)
        axes.set_xlabel("")
    for axes in panels[-across:]:
        axes.set_xlabel(unit.capitalize() + "s")
    top = max(float(np.nansum([table[:, -1] for table in tables.values()], axis=0).max()), 1.0)
    panels[0].set_ylim(0.0, max(PERCENT, top * 1.02))
    for row in range(down):
        panels[row * across].set_ylabel(axis)
    _legend_of_layers(figure)
    headings(figure, view.titled(title), "Time since the first fraction.", note)
    figure.draw_without_rendering()
    for axes, group in zip(panels, groups, strict=True):
        _number_layers(axes, {layer: table[group[0], -1] for layer, table in tables.items()})
    return figure


def _same_tables(view, tables):
    """Schedules whose stacks are the same share a panel."""
    return groups_of(
        len(view.names), lambda a, b: all(np.array_equal(t[a], t[b], equal_nan=True) for t in tables.values())
    )


def _from_the_start(x, layers):
    """Curves from the first fraction on, when nothing has happened."""
    if x[0] <= 0.0:
        return x, layers
    return np.concatenate([[0.0], x]), {layer: np.concatenate([[0.0], y]) for layer, y in layers.items()}


def _draw_stack(axes, x, layers):
    base = np.zeros(len(x))
    for layer, y in layers.items():
        _, face, hatch = LAYERS[layer]
        axes.fill_between(x, base, base + y, facecolor=face, hatch=hatch, edgecolor=INK, linewidth=0.0)
        axes.plot(x, base + y, color=INK, linewidth=0.8)
        base = base + y


def _number_layers(axes, last):
    """The height of each layer at the end, to the right of it."""
    ends, base = [], 0.0
    for value in last.values():
        if value > 0.0:
            ends.append((base + value / 2.0, f"{value:.1f}" if value < 10.0 else f"{value:.0f}", 3))
            base += value
    label_ends(axes, ends, leaders=False, lay_out=False)


def _legend_of_layers(figure):
    patch = require("matplotlib.patches", extra="plot").Patch
    handles = [patch(facecolor=face, hatch=hatch, edgecolor=GREY) for _, face, hatch in LAYERS.values()]
    legend(figure, handles, [name for name, _, _ in LAYERS.values()], ncols=len(LAYERS))


def describe_incidence(view):
    """One sentence: events of 100 patients by the last time."""
    return _describe(view, view.dataset["time"].values, {layer: events_of_100(view, layer) for layer in LAYERS}, TITLE)


def describe_first_events(view):
    """One sentence: which came first, of 100 patients."""
    return _describe(view, *first_events(view), FIRST_TITLE)


def _describe(view, days, tables, title):
    parts = [
        f"{view.group_name(group).replace(chr(10), ' and ')} "
        + ", ".join(f"{LAYERS[layer][0].lower()} {table[group[0], -1]:.1f}" for layer, table in tables.items())
        for group in _same_tables(view, tables)
    ]
    return f"{view.titled(title)}; per 100 patients by {in_words(days[-1])}: {'; '.join(parts)}."
