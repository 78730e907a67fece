"""Response at each visit, by endpoint."""

from __future__ import annotations

import numpy as np

from radsim.figures.course import last_known
from radsim.figures.style import draw_band, headings, label_ends, line_style, new_figure
from radsim.figures.view import SAME_LINE
from radsim.outcomes import format

ENDPOINTS = {"pain_score": "Pain score alone", "consensus": "International Consensus (pain and opioids)"}
DEGREES = {"overall": "Overall", "complete": "Complete"}
TITLE = "Response at each visit: the same patients, two definitions"
NOTE = "Of the patients assessable at the visit: neither the dead nor those who did not come."


def draw_response(view, *, size):
    """Overall and complete response, rows, by pain score and by consensus, columns."""
    figure = new_figure(size)
    panels = figure.subplots(len(DEGREES), len(ENDPOINTS), sharex=True, sharey=True)
    estimates, weeks = _estimates(view), view.dataset["visit"].values
    groups = view.groups(*estimates.values())
    for row, degree in zip(panels, DEGREES, strict=True):
        row[0].set_ylabel(f"{DEGREES[degree]} (of 100)")
        for axes, endpoint in zip(row, ENDPOINTS, strict=True):
            for group in groups:
                y, low, high = (100.0 * part[group[0]] for part in estimates[endpoint, degree].with_ends)
                draw_band(axes, weeks, low, high, view.styles[group[0]])
                axes.plot(weeks, y, **line_style(view.styles[group[0]]))
    for axes, endpoint in zip(panels[0], ENDPOINTS, strict=True):
        axes.set_title(ENDPOINTS[endpoint])
    for axes in panels[-1]:
        axes.set_xlabel("Time since the first fraction (weeks)")
        axes.set_xticks(weeks if len(weeks) <= 8 else axes.get_xticks())
    panels[0, 0].set_ylim(0.0, 100.0)
    panels[0, 0].set_xlim(0.0, weeks.max() * 1.03)
    headings(figure, view.titled(TITLE), NOTE, view.band_note(), SAME_LINE if len(groups) < len(view.names) else "")
    figure.draw_without_rendering()
    for row, degree in zip(panels, DEGREES, strict=True):
        last = estimates["consensus", degree].value
        ends = [(100.0 * last_known(last[g[0]]), view.group_name(g), view.styles[g[0]]) for g in groups]
        label_ends(row[-1], ends, lay_out=False)
    return figure


def _estimates(view):
    """By endpoint and degree."""
    return {(e, d): view.estimate(f"{e}_{d}_response") for d in DEGREES for e in ENDPOINTS}


def describe_response(view):
    """One sentence: response by both endpoints at the visit nearest to week 4."""
    weeks = view.dataset["visit"].values
    position = int(np.argmin(np.abs(weeks - 4.0)))
    estimates, parts = _estimates(view), []
    for group in view.groups(*estimates.values()):
        said = {
            key: format.interval(*(part[group[0], position] for part in found.with_ends), scale=100.0)
            for key, found in estimates.items()
        }
        by_degree = ", ".join(
            f"{degree} {said['pain_score', degree]} by pain score and {said['consensus', degree]} by consensus"
            for degree in DEGREES
        )
        parts.append(f"{view.group_name(group).replace(chr(10), ' and ')}: {by_degree}")
    return f"{view.titled(TITLE)}. At week {weeks[position]:g}, of 100 assessable patients, {'; '.join(parts)}."
