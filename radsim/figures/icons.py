"""Of 100 patients like these: one icon each."""

from __future__ import annotations

import numpy as np

from radsim.extras import require
from radsim.figures.style import NOTE_POINTS, heading_inches, headings, legend, new_figure, panel_title, panels_of
from radsim.figures.view import groups_of
from radsim.outcomes import format
from radsim.outcomes.catalogue import WEEK
from radsim.outcomes.frequencies import situations
from radsim.storage import UsageFault

ACROSS, MOST_PANELS = 4, 12
SIDE = 10
DAY = 12 * WEEK
PANEL_HEIGHT = 2.0  # inches, beside text
ICONS = {
    "free": ("Alive and free of pain", {"marker": "o", "facecolor": "#0072B2", "edgecolor": "#0072B2"}),
    "relief": ("Alive with some relief", {"marker": "o", "facecolor": "#A9D2EC", "edgecolor": "#0072B2"}),
    "without": ("Alive without relief", {"marker": "s", "facecolor": "white", "edgecolor": "#D55E00"}),
    "died": ("Died", {"marker": "x", "color": "#707070"}),
}
"""Kinds of patient with their icons: filled, pale, open and crossed, so that they differ in grey."""
SHORT = {"free": "free of pain", "relief": "some relief", "without": "no relief", "died": "died"}
NOTE = "Means, rounded so that they add up to 100. Relief includes that after repeats; the dead are not in relief."


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
    when, counts = hundred(view, day)
    groups = _groups(counts)
    if len(groups) > MOST_PANELS:
        raise UsageFault(f"{len(groups)} schedules are too many panels: choose at most {MOST_PANELS} with --schedule")
    across = min(len(groups), ACROSS)
    lines = max(view.group_name(group).count("\n") for group in groups) + len(counts[0])
    title = view.titled(f"Of 100 patients, at {when}")
    panels_height = -(-len(groups) // across) * (PANEL_HEIGHT + 0.16 * lines)
    figure = new_figure((size[0], panels_height + heading_inches(size[0], title, NOTE, legend_lines=2)))
    for axes, group in zip(panels_of(figure, len(groups), across=across), groups, strict=True):
        _draw_hundred(axes, counts[group[0]])
        panel_title(axes, view.group_name(group), size[0] / across - 0.2)
        caption = "\n".join(f"{n} {SHORT[kind]}" for kind, n in counts[group[0]].items())
        axes.set_xlabel(caption, loc="left", linespacing=1.3, fontsize=NOTE_POINTS)
    _legend_of_icons(figure, counts[0])
    headings(figure, title, NOTE)
    return figure


def hundred(view, day):
    """The nearest time in words, and a hundred patients by kind under each schedule: those of every other picture of them."""
    times = view.dataset["time"].values
    when = float(times[np.argmin(np.abs(times - day))])
    has_free = "complete_relief" in view.dataset
    found = situations(view.dataset, when)
    if found is None:
        raise UsageFault("needs relief and survival at that day, found none")
    return format.time(when), [
        ({"free": one.free_of_pain} if has_free else {})
        | {"relief": one.relief - one.free_of_pain, "without": one.no_relief, "died": one.died}
        for one in found
    ]


def _groups(counts):
    return groups_of(len(counts), lambda a, b: counts[a] == counts[b])


def _draw_hundred(axes, numbers):
    kinds = np.repeat(list(numbers), list(numbers.values()))
    for kind in numbers:
        at = np.flatnonzero(kinds == kind)
        if len(at):
            axes.scatter(at % SIDE, at // SIDE, s=34.0, linewidth=1.1, clip_on=False, **ICONS[kind][1])
    axes.set_xlim(-0.5, SIDE - 0.5)
    axes.set_ylim(SIDE - 0.5, -0.5)
    axes.set_aspect("equal", anchor="NW")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _legend_of_icons(figure, kinds):
    line = require("matplotlib.lines", extra="plot").Line2D
    handles = []
    for look in (ICONS[kind][1] for kind in kinds):
        edge = look.get("edgecolor", look.get("color"))
        fill = {"markerfacecolor": look.get("facecolor", edge), "markeredgecolor": edge}
        handles.append(line([], [], linestyle="", marker=look["marker"], markersize=6, **fill))
    legend(figure, handles, [ICONS[kind][0] for kind in kinds], ncols=2, handletextpad=0.2)


def describe_icons(view, *, day=DAY):
    """One sentence: of 100 patients, how many of each kind."""
    when, counts = hundred(view, day)
    parts = [
        f"{view.group_name(group).replace(chr(10), ' and ')}: "
        + ", ".join(f"{n} {ICONS[kind][0].lower()}" for kind, n in counts[group[0]].items())
        for group in _groups(counts)
    ]
    return f"{view.titled(f'Of 100 patients, at {when}')}. {'; '.join(parts)}."
