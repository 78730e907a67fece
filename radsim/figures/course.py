"""Outcomes over time, from the first fraction on: a curve a schedule, with bands, a panel an outcome."""

from __future__ import annotations

import numpy as np

from radsim.figures.style import draw_band, headings, label_ends, line_style, new_figure
from radsim.figures.view import SAME_LINE
from radsim.outcomes import format
from radsim.outcomes.catalogue import BY_KEY, EVENTS, PAIN, WEEK, YEAR
from radsim.outcomes.estimates import at_start

LONGEST_IN_WEEKS = 550.0  # days; beyond, an axis in years
WEEKS = (0, 52, 4, 26, 12, 8, 39, 78, 65)
"""Ticks, the most wanted first."""
TICK_INCHES = 0.27
ACROSS = 2
DEAD_LEFT_OUT = "Patients who have died no longer count."


def draw_course(view, outcomes, *, size):
    """Outcomes of the catalogue over time by schedule, with bands.

    Parameters
    ----------
    view : radsim.figures.view.View
    outcomes : tuple of str
        Keys of the catalogue; those that the result does not hold, or that never happen, are left out.
    size : tuple of float
        Width and height; several panels make it higher. [inch]

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = outcomes_of(view, outcomes)
    across = min(len(shown), ACROSS)
    down = -(-len(shown) // across)
    figure = new_figure((size[0], size[1] * (1.0 if down == 1 else 0.65 * down)))
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes in panels[len(shown) :]:
        axes.remove()
    drawn = [
        _draw_panel(axes, view, one, inches=size[0] / across - 1.5) for axes, one in zip(panels, shown, strict=False)
    ]
    if len(shown) > 1:  # the title of a panel says what it is, its axis only the unit
        for axes, one in zip(panels, shown, strict=False):
            axes.set_title(one.undated)
            axes.set_ylabel(f"{one.scale.unit.capitalize()} patients" if one.is_share else one.scale.unit)
    is_merged = any(len(groups) < len(view.names) for _, groups in drawn)
    headings(figure, view.titled(title_of(shown)), note_of(shown), view.band_note(), SAME_LINE if is_merged else "")
    figure.draw_without_rendering()
    for axes, (ends, _) in zip(panels, drawn, strict=False):
        label_ends(axes, ends, lay_out=False)
    return figure


def outcomes_of(view, keys):
    """Outcomes that a result holds over time; of several, those that happen to anybody."""
    known = [one for key in keys if (one := BY_KEY[key]).variable in view.dataset]
    happens = [one for one in known if np.nanmax(view.estimate(one.variable).value, initial=0.0) > 0.0]
    return happens or known[:1]


def title_of(outcomes):
    """`Alive with relief`, or of several panels what they have in common."""
    return (
        outcomes[0].undated
        if len(outcomes) == 1
        else "First events over time: each patient counts at most once in a panel"
    )


def note_of(outcomes):
    """What must be said of these outcomes."""
    name = "{0.undated}: {0.note}" if len(outcomes) > 1 else "{0.note}"
    notes = [name.format(one) for one in outcomes if one.note]
    if any(one.group == PAIN for one in outcomes) and "died" not in " ".join(notes):
        notes.append(DEAD_LEFT_OUT)
    return " ".join(notes)


def axis_of(outcome):
    """Label of an axis with its unit."""
    label = outcome.undated
    if "(" in label:
        return label
    return f"{label.partition(',')[0]} ({outcome.scale.unit}{' patients' if outcome.is_share else ''})"


def _draw_panel(axes, view, outcome, *, inches):
    """The curves of one outcome; labels for their ends, and the groups of schedules that share one."""
    found = view.estimate(outcome.variable)
    x, unit = on_time_axis(view.dataset["time"].values)
    start = at_start(view.dataset, outcome.variable)
    groups, ends = view.groups(found), []
    for group in groups:
        at, (y, low, high) = x, (outcome.scale.factor * part[group[0]] for part in found.with_ends)
        if start is not None and x[0] > 0.0:
            at, first = np.append(0.0, x), outcome.scale.factor * start
            y, low, high = (np.append(first, part) for part in (y, low, high))
        style = view.styles[group[0]]
        draw_band(axes, at, low, high, style)
        axes.plot(at, y, **line_style(style))
        ends.append((last_known(y), view.group_name(group), style))
    finish_time_axis(axes, x, unit, inches=inches)
    axes.set_ylabel(axis_of(outcome))
    whole = outcome.is_share and outcome.group != EVENTS
    axes.set_ylim(0.0, 100.0 if whole else None)
    return ends, groups


def describe_course(view, outcomes):
    """Where each schedule stands, at the day of the catalogue or the last time before it."""
    shown = outcomes_of(view, outcomes)
    said = " ".join(_describe_panel(view, one) for one in shown)
    return said if len(shown) == 1 and not view.about else f"{view.titled(title_of(shown))}. {said}"


def _describe_panel(view, outcome):
    found, days = view.estimate(outcome.variable), view.dataset["time"].values
    position = int(np.argmin(np.abs(days - outcome.day)))
    values = ", ".join(
        f"{view.group_name(group).replace(chr(10), ' and ')} "
        f"{format.interval(*(part[group[0], position] for part in found.with_ends), 1, scale=outcome.scale.factor)}"
        for group in view.groups(found)
    )
    start = None if outcome.is_share else at_start(view.dataset, outcome.variable)
    before = "" if start is None else f" ({format.number(outcome.scale.factor * start, 1)} at the start)"
    return f"{axis_of(outcome)} at {format.time(days[position])}{before}: {values}."


def on_time_axis(days):
    """Days in the unit that suits an axis, weeks or for a long study years; and the unit."""
    days = np.asarray(days, float)
    return (days / WEEK, "week") if days.max() <= LONGEST_IN_WEEKS else (days / YEAR, "year")


def finish_time_axis(axes, x, unit, *, inches=5.0):
    """Limits, ticks and label of a time axis of about this length; ticks that would touch are left out."""
    end = x.max() * 1.01 if x.max() > 0.0 else 1.0
    axes.set_xlim(0.0, end)
    if unit == "week" and end >= WEEKS[2]:
        chosen = []
        for week in WEEKS:
            if week <= end and all(abs(week - other) * inches / end >= TICK_INCHES for other in chosen):
                chosen.append(week)
        axes.set_xticks(sorted(chosen))
    axes.set_xlabel(f"Time since the first fraction ({unit}s)" if inches > 3.0 else f"Time ({unit}s)")


def last_known(values):
    """The last value of a curve that is a number; NaN if none is."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")
