"""Of 100 patients like these: one icon each."""

from __future__ import annotations

import numpy as np

from radsim.extras import require
from radsim.figures.course import in_words, with_interval
from radsim.figures.style import NOTE_POINTS, heading_inches, headings, legend, new_figure, panel_title, panels_of
from radsim.figures.view import band
from radsim.outcomes.frequencies import situation
from radsim.outcomes.intervals import summarise
from radsim.storage import UsageFault

ACROSS = 4
MOST_PANELS = 12
SIDE = 10
PATIENTS = SIDE * SIDE
DAY = 84.0
PANEL_HEIGHT = 2.0  # inches, beside text
ICONS = {
    "free": ("Alive and free of pain", {"marker": "o", "facecolor": "#0072B2", "edgecolor": "#0072B2"}),
    "relief": ("Alive with some relief", {"marker": "o", "facecolor": "#A9D2EC", "edgecolor": "#0072B2"}),
    "without": ("Alive without relief", {"marker": "s", "facecolor": "white", "edgecolor": "#D55E00"}),
    "died": ("Died", {"marker": "x", "color": "#707070"}),
}
"""Kinds of patient with their icons: filled, pale, open and crossed, so that they differ in grey."""


def draw_icons(view, *, size, day=DAY):
    """A hundred patients under each schedule at one time: alive free of pain, with relief, without; died.

    Parameters
    ----------
    view : radsim.figures.view.View
    size : tuple of float
        Width; the height follows from the content. [inch]
    day : float
        The nearest time of the result is shown. [d]

    Returns
    -------
    matplotlib.figure.Figure
    """
    place, shares = shares_at(view, day)
    groups = view.groups(*(shares[kind] for kind in shares))
    if len(groups) > MOST_PANELS:
        raise UsageFault(
            f"{len(view.names)} schedules are too many panels: choose at most {MOST_PANELS} with --schedule"
        )
    when = in_words(view.dataset["time"].values[place])
    interval = f", in brackets 95 % of the {view.n_draws:,} draws of the parameters" if view.n_draws > 1 else ""
    note = f"Figures per 100 patients{interval}. Relief includes that after repeats; the dead are not in relief."
    title = view.titled(f"Of 100 patients, at {when}")
    across = min(len(groups), ACROSS)
    down = -(-len(groups) // across)
    lines = max(view.group_name(group).count("\n") for group in groups)
    height = down * (PANEL_HEIGHT + 0.16 * (lines + len(shares))) + heading_inches(size[0], title, note, legend_lines=2)
    figure = new_figure((size[0], height))
    for axes, group in zip(panels_of(figure, len(groups), across=across), groups, strict=True):
        _draw_hundred(axes, hundred(shares, group[0]))
        panel_title(axes, view.group_name(group), size[0] / across - 0.2)
        axes.set_xlabel(_caption(shares, group[0]), loc="left", linespacing=1.3, fontsize=NOTE_POINTS)
    _legend_of_icons(figure, shares)
    headings(figure, title, note)
    return figure


def shares_at(view, day):
    """Place of the nearest time, and the share of each kind of patient as Estimate, shape (schedule,)."""
    times = view.dataset["time"].values
    place = int(np.argmin(np.abs(times - day)))
    dataset = view.dataset.isel(time=place)
    n = (
        dataset["n_patients"].sum("batch").values
        if "n_patients" in dataset and view.n_draws
        else np.full(dataset.sizes["draw"], np.nan)
    )
    alive, relief = dataset["survival"].values, dataset["relief"].values
    parts = {"relief": relief, "without": alive - relief, "died": 1.0 - alive}
    if "complete_relief" in dataset:
        free = dataset["complete_relief"].values
        parts = {"free": free, **parts, "relief": relief - free}
    return place, {kind: band(_share(parts[kind], n)) for kind in ICONS if kind in parts}


def _share(values, n):
    """A share of ``n`` patients, shapes (draw, schedule) and (draw,), over the draws; without draws no interval is shown."""
    return summarise(values, np.sqrt(np.clip(values * (1.0 - values), 0.0, None) / n[:, np.newaxis])).within(0.0, 1.0)


def hundred(shares, s):
    """A hundred patients under one schedule, by kind: whole numbers that make 100 together, as every other picture of them."""
    value = {kind: float(estimate.value[s]) for kind, estimate in shares.items()}
    free = value.get("free", 0.0)
    found = situation(alive=1.0 - value["died"], relief=free + value["relief"], free_of_pain=free)
    counts = {
        "free": found.free_of_pain,
        "relief": found.relief - found.free_of_pain,
        "without": found.no_relief,
        "died": found.died,
    }
    return {kind: counts[kind] for kind in shares}


def figures_of(shares, s):
    """Each kind with its whole number, as drawn, and the interval of its share over the draws."""
    found = {}
    for kind, n in hundred(shares, s).items():
        low, high = (PATIENTS * part[s] for part in shares[kind][1:])
        found[kind] = with_interval(float(n), low, high, digits=0)
    return found


def _draw_hundred(axes, numbers):
    kinds = [kind for kind, n in numbers.items() for _ in range(n)]
    for kind in numbers:
        places = np.array([i for i, each in enumerate(kinds) if each == kind])
        if len(places):
            axes.scatter(places % SIDE, places // SIDE, s=34.0, linewidth=1.1, clip_on=False, **ICONS[kind][1])
    axes.set_xlim(-0.5, SIDE - 0.5)
    axes.set_ylim(SIDE - 0.5, -0.5)
    axes.set_aspect("equal", anchor="NW")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _caption(shares, s):
    return "\n".join(f"{text.replace(' to ', '–')} {SHORT[kind]}" for kind, text in figures_of(shares, s).items())


SHORT = {"free": "free of pain", "relief": "some relief", "without": "no relief", "died": "died"}


def _legend_of_icons(figure, shares):
    line = require("matplotlib.lines", extra="plot").Line2D
    handles = []
    for kind in shares:
        look = ICONS[kind][1]
        edge = look.get("edgecolor", look.get("color"))
        face = look.get("facecolor", edge)
        handles.append(
            line([], [], linestyle="", marker=look["marker"], markerfacecolor=face, markeredgecolor=edge, markersize=6)
        )
    legend(figure, handles, [ICONS[kind][0] for kind in shares], ncols=2, handletextpad=0.2)


def describe_icons(view, *, day=DAY):
    """One sentence: of 100 patients, how many of each kind."""
    place, shares = shares_at(view, day)
    parts = [
        f"{view.group_name(group).replace(chr(10), ' and ')}: "
        + ", ".join(f"{text} {ICONS[kind][0].lower()}" for kind, text in figures_of(shares, group[0]).items())
        for group in view.groups(*shares.values())
    ]
    return f"{view.titled('Of 100 patients, at ' + in_words(view.dataset['time'].values[place]))}. {'; '.join(parts)}."
