"""Response at each visit, by endpoint."""

from __future__ import annotations

import numpy as np

from radsim.figures.course import PERCENT, last_known, with_interval
from radsim.figures.style import draw_band, headings, label_ends, line_style, new_figure
from radsim.figures.view import SAME_LINE

ENDPOINTS = {"pain_score": "Pain score alone", "consensus": "International Consensus (pain and opioids)"}
DEGREES = {"overall": "Overall response", "complete": "Complete response"}
VARIABLES = tuple(f"{endpoint}_{degree}_response" for endpoint in ENDPOINTS for degree in DEGREES)
TITLE = "Response at each visit: the same patients, two definitions"
NOTE = "Of the patients assessable at the visit: neither the dead nor those who did not come."


def draw_response(view, *, size):
    """Overall and complete response, rows, by pain score and by consensus, columns."""
    figure = new_figure(size)
    panels = figure.subplots(len(DEGREES), len(ENDPOINTS), sharex=True, sharey=True)
    estimates = {name: view.estimate(name) for name in VARIABLES}
    groups = view.groups(*estimates.values())
    weeks = view.dataset["visit"].values
    ends = []
    for row, degree in zip(panels, DEGREES, strict=True):
        for axes, endpoint in zip(row, ENDPOINTS, strict=True):
            _draw_panel(axes, weeks, view, groups, estimates[f"{endpoint}_{degree}_response"])
        row[0].set_ylabel(f"{DEGREES[degree]} (%)")
        last = estimates[f"consensus_{degree}_response"].value
        ends.append(
            (row[-1], [(last_known(last[g[0]]) * PERCENT, view.group_name(g), view.styles[g[0]]) for g in groups])
        )
    for axes, endpoint in zip(panels[0], ENDPOINTS, strict=True):
        axes.set_title(ENDPOINTS[endpoint])
    for axes in panels[-1]:
        axes.set_xlabel("Time since the first fraction (weeks)")
        axes.set_xticks(weeks if len(weeks) <= 8 else axes.get_xticks())
    panels[0, 0].set_ylim(0.0, PERCENT)
    panels[0, 0].set_xlim(0.0, weeks.max() * 1.03)
    headings(figure, view.titled(TITLE), NOTE, view.band_note(), SAME_LINE if len(groups) < len(view.names) else "")
    figure.draw_without_rendering()
    for axes, labels in ends:
        label_ends(axes, labels, lay_out=False)
    return figure


def _draw_panel(axes, weeks, view, groups, estimate):
    for group in groups:
        y, low, high = (part[group[0]] * PERCENT for part in estimate)
        draw_band(axes, weeks, low, high, view.styles[group[0]])
        axes.plot(weeks, y, **line_style(view.styles[group[0]]))


def describe_response(view):
    """One sentence: response by both endpoints at the visit nearest to week 4."""
    weeks = view.dataset["visit"].values
    place = int(np.argmin(np.abs(weeks - 4.0)))
    estimates = {name: view.estimate(name) for name in VARIABLES}
    parts = []
    for group in view.groups(*estimates.values()):
        figures = {
            name: with_interval(*(p[group[0], place] * PERCENT for p in e), digits=0) for name, e in estimates.items()
        }
        parts.append(
            f"{view.group_name(group).replace(chr(10), ' and ')}: overall {figures['pain_score_overall_response']} % by pain score and "
            f"{figures['consensus_overall_response']} % by consensus, complete {figures['pain_score_complete_response']} % and "
            f"{figures['consensus_complete_response']} %"
        )
    return f"{view.titled(TITLE)}. At week {weeks[place]:g}, of assessable patients, {'; '.join(parts)}."
