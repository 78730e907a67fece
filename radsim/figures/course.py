"""Curves over time: pain, opioids, relief, survival."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.figures.style import draw_band, headings, label_ends, line_style, new_figure
from radsim.figures.view import SAME_LINE
from radsim.outcomes.estimates import TIME_TOLERANCE_DAYS
from radsim.presentation.caveats import MEAN_PAIN

DAYS_PER_WEEK, DAYS_PER_YEAR = 7.0, 365.25
LONGEST_IN_WEEKS = 550.0  # days; beyond, an axis in years
WEEKS = (0, 52, 4, 26, 12, 8, 39, 78, 65)
"""Ticks, the most wanted first."""
TICK_INCHES = 0.27
PERCENT = 100.0


class Curve(NamedTuple):
    """How a variable over time is shown.

    Attributes
    ----------
    variable, title, axis : str
        Name in the result; heading; label of the vertical axis with its unit.
    scale : float
        Factor from the unit of the variable to that of the axis.
    limits : tuple
        Of the vertical axis; None for what the data need.
    start : float or None
        Value at the first fraction, where it is known by definition.
    """

    variable: str
    title: str
    axis: str
    scale: float = 1.0
    limits: tuple = (0.0, None)
    start: float | None = None


CURVES = {
    "pain": Curve("mean_pain_score", f"Mean worst pain {MEAN_PAIN}", "Worst pain score (0 to 10)"),
    "opioids": Curve(
        "mean_morphine_equivalent",
        "Mean opioid dose among the living: patients who have died no longer count",
        "Oral morphine equivalent (mg per day)",
    ),
    "relief": Curve(
        "relief", "Patients alive and in relief, repeats included", "Share of all patients (%)", PERCENT, (0.0, PERCENT)
    ),
    "survival": Curve(
        "survival", "Survival of all patients", "Share of all patients alive (%)", PERCENT, (0.0, PERCENT), 1.0
    ),
}


def draw_curve(view, kind, *, size):
    """One of `CURVES` by schedule, with bands.

    Parameters
    ----------
    view : radsim.figures.view.View
    kind : str
        Key of `CURVES`.
    size : tuple of float
        Width and height. [inch]

    Returns
    -------
    matplotlib.figure.Figure
    """
    curve = CURVES[kind]
    estimate = view.estimate(curve.variable)
    x, unit = on_time_axis(view.dataset["time"].values)
    figure = new_figure(size)
    axes = figure.subplots()
    groups = view.groups(estimate)
    ends = []
    for group in groups:
        y, low, high = (part[group[0]] * curve.scale for part in estimate)
        at = x
        if curve.start is not None and x[0] > 0.0:
            at = np.concatenate([[0.0], x])
            y, low, high = (np.concatenate([[curve.start * curve.scale], part]) for part in (y, low, high))
        style = view.styles[group[0]]
        draw_band(axes, at, low, high, style)
        axes.plot(at, y, **line_style(style))
        ends.append((last_known(y), view.group_name(group), style))
    finish_time_axis(axes, x, unit)
    axes.set_ylabel(curve.axis)
    axes.set_ylim(*curve.limits)
    headings(figure, view.titled(curve.title), view.band_note(), SAME_LINE if len(groups) < len(view.names) else "")
    label_ends(axes, ends)
    return figure


def describe_curve(view, kind):
    """One sentence: where each schedule stands at the last time."""
    curve = CURVES[kind]
    estimate = view.estimate(curve.variable)
    days = view.dataset["time"].values
    place = int(np.argmin(np.abs(days - 84.0))) if kind != "survival" else len(days) - 1
    values = ", ".join(
        f"{view.group_name(group).replace(chr(10), ' and ')} "
        f"{with_interval(*(part[group[0], place] * curve.scale for part in estimate))}"
        for group in view.groups(estimate)
    )
    return f"{view.titled(curve.title)}; {curve.axis.lower()} at {in_words(days[place])}: {values}."


def on_time_axis(days):
    """Days in the unit that suits an axis: weeks, or years for a long study.

    Returns
    -------
    ndarray, str
        Times and their unit.
    """
    days = np.asarray(days, float)
    return (days / DAYS_PER_WEEK, "week") if days.max() <= LONGEST_IN_WEEKS else (days / DAYS_PER_YEAR, "year")


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
    axes.set_xlabel(f"Time since the first fraction ({unit}s)")


def last_known(values):
    """The last value of a curve that is a number; NaN if none is."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def with_interval(value, low, high, *, digits=1):
    """`3.1 (2.8 to 3.4)`, or `3.1` without an interval; a dash for what is unknown."""
    if not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}f}"
    return f"{text} ({low:.{digits}f} to {high:.{digits}f})" if np.isfinite(low) and np.isfinite(high) else text


def in_words(days):
    """`week 12`, `day 10`, `year 3`."""
    if days > LONGEST_IN_WEEKS:
        return f"year {days / DAYS_PER_YEAR:.2g}"
    weeks = days / DAYS_PER_WEEK
    near = round(weeks)
    return f"week {near}" if near and abs(weeks - near) * DAYS_PER_WEEK <= TIME_TOLERANCE_DAYS else f"day {days:g}"
