"""What is worth knowing: value of partial perfect information, and net benefit as single parameters vary."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.figures.economic import LONGEST_CURRENCY, unit_of
from radsim.figures.style import COLOURS, GREY, INK, NOTE_POINTS, headings, legend, new_figure, shown
from radsim.outcomes import format
from radsim.outcomes.intervals import NORMAL_95
from radsim.storage import UsageFault

MOST_BARS, BARS_THAT_FIT = 20, 8
BAR_INCHES = 0.24
LONGEST_LABEL = 44


def draw_evppi(source, *, size, threshold=None):
    """Bars of the expected value of knowing each group of parameters, with standard errors, under the value of knowing all.

    Parameters
    ----------
    source : dict or xarray.Dataset
        Document of `radsim cea --json`, or a result of which it is made here.
    size : tuple of float
        Width, and least height. [inch]
    threshold : sequence of float, optional
        The first that the document knows is shown; its lowest by default. [currency per QALY]

    Returns
    -------
    matplotlib.figure.Figure
    """
    document = _document(source)
    chosen, ranked = values_of_information(document, threshold)
    rows = ranked[:MOST_BARS]
    figure, axes = _bars_figure(size, 1.9, [_group_name(row["parameters"]) for row in rows])
    values, errors = (np.array([_number(row[key]) for row in rows]) for key in ("value", "se"))
    axes.barh(range(len(rows)), values, color="#56B4E9", edgecolor=INK, linewidth=0.6, height=0.62)
    reach = np.nan_to_num(NORMAL_95 * errors)
    look = {"fmt": "none", "ecolor": INK, "elinewidth": 1.0, "capsize": 2.5}
    axes.errorbar(values, range(len(rows)), xerr=[np.minimum(reach, values), reach], **look)
    ceiling = _perfect_information(document, chosen)
    if ceiling is not None:
        axes.axvline(ceiling, color=GREY, linestyle=(0, (4, 3)), linewidth=1.0)
        axes.annotate(
            f"knowing everything: {format.significant(ceiling, 3)}", (ceiling, 1.0), xycoords=("data", "axes fraction"), xytext=(-3, 3),
            textcoords="offset points", ha="right", va="bottom", fontsize=NOTE_POINTS, color="#404040",
        )  # fmt: skip
    axes.set_xlim(0.0, None)
    axes.set_xlabel(f"Expected value of knowing them, per patient ({_unit(document)})", loc="right")
    more = f" {len(ranked) - MOST_BARS} groups of less value are not shown." if len(ranked) > MOST_BARS else ""
    note = f"Regression on the draws of the parameters; lines: 95 % of its error.{more}"
    headings(figure, f"What it would be worth to know, at {_per_qaly(document, chosen)}", note)
    return figure


def describe_evppi(source, *, threshold=None):
    """One sentence: the three groups that are worth most."""
    document = _document(source)
    chosen, rows = values_of_information(document, threshold)
    parts = [f"{_group_name(row['parameters'])} {format.significant(row['value'], 3)}" for row in rows[:3]]
    everything = _perfect_information(document, chosen)
    known = "" if everything is None else f"; knowing everything {format.significant(everything, 3)}"
    what = f"Expected value of knowing parameters, per patient ({_unit(document)}) at {_per_qaly(document, chosen)}"
    return f"{what}: {', '.join(parts)}{known}."


def values_of_information(document, threshold=None):
    """Threshold shown, and its rows of `evppi`, the most valuable first; UsageFault if it has none of that threshold."""
    rows = document.get("evppi") or []
    if not rows:
        what = "needs the value of partial information (evppi), which takes draws of the parameters"
        raise UsageFault(f"{what}: radsim run --draws")
    chosen = _threshold_among([float(row["threshold"]) for row in rows], threshold)
    mine = [row for row in rows if float(row["threshold"]) == chosen and row["value"] is not None]
    return chosen, sorted(mine, key=lambda row: -row["value"])


def draw_tornado(source, *, size, threshold=None, against=None):
    """Incremental net benefit of one schedule as single parameters go from the low to the high end of their range, the widest first.

    Parameters
    ----------
    source : dict or object
        Document of `radsim cea --json` with `one_way`, or what has `to_dict()` of it.
    size : tuple of float
        Width, and least height. [inch]
    threshold : sequence of float, optional
        The first that the document knows is shown; its lowest by default. [currency per QALY]
    against : str, optional
        Schedule that is held against the reference; the first that is not it by default.

    Returns
    -------
    matplotlib.figure.Figure
    """
    document = _document(source)
    chosen, schedule, ranked = one_way_of(document, threshold=threshold, against=against)
    rows = ranked[:MOST_BARS]
    figure, axes = _bars_figure(size, 2.2, [row.label for row in rows], fontsize=NOTE_POINTS)
    base = rows[0].base
    looks = {"low": {"facecolor": COLOURS[0]}, "high": {"facecolor": "#F2C9A8", "hatch": "////"}}
    bars = []
    for end, look in looks.items():
        widths = [getattr(row, end) - base for row in rows]
        bars.append(axes.barh(range(len(rows)), widths, left=base, height=0.62, edgecolor=INK, linewidth=0.6, **look))
    axes.axvline(base, color=INK, linewidth=1.0)
    if min(axes.get_xlim()) < 0.0 < max(axes.get_xlim()):
        axes.axvline(0.0, color=GREY, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.margins(x=0.08)
    axes.set_xlabel(f"Incremental net benefit per patient ({_unit(document)})", loc="right")
    axes.xaxis.set_major_formatter(lambda value, _: format.significant(value, 3))
    legend(figure, bars, ["parameter at its low end", "at its high end"], ncols=2)
    more = len(ranked) - MOST_BARS
    headings(
        figure, _tornado_title(document, schedule, chosen),
        f"Line: base case, {format.significant(base, 3)}; to the right of zero {shown(schedule)} has the higher net benefit. In brackets the "
        "range of the parameter (95 % of its distribution); all others as in the base case.",
        f"{more} parameters that matter less are not shown." if more > 0 else "",
    )  # fmt: skip
    return figure


def describe_tornado(source, *, threshold=None, against=None):
    """One sentence: the three parameters that matter most."""
    document = _document(source)
    chosen, schedule, bars = one_way_of(document, threshold=threshold, against=against)
    said = [f"{bar.label} {format.significant(bar.low, 3)} to {format.significant(bar.high, 3)}" for bar in bars[:3]]
    about = f"{_tornado_title(document, schedule, chosen)}; incremental net benefit per patient ({_unit(document)})"
    return f"{about}, base case {format.significant(bars[0].base, 3)}: {'; '.join(said)}."


class Bar(NamedTuple):
    """One parameter of a tornado: its name with its range, and the outcome in the base case and at either end."""

    label: str
    base: float
    low: float
    high: float

    @property
    def span(self):
        """How far the outcome moves; an end that could not be simulated does not move it."""
        return np.nanmax([self.low, self.high, self.base]) - np.nanmin([self.low, self.high, self.base])


def one_way_of(document, *, threshold=None, against=None):
    """Threshold, schedule and bars of a one-way analysis, the widest first; UsageFault if it has none of that threshold or schedule."""
    rows = document["one_way"]
    schedules = list(dict.fromkeys(row["schedule"] for row in rows))
    schedule = against if against is not None else schedules[0]
    if schedule not in schedules:
        raise UsageFault(f"--against {schedule}: expected {', '.join(schedules)}")
    chosen = _threshold_among([float(key) for key in rows[0]["base"]], threshold)
    bars = [
        Bar(_row_label(row), *(_number(_of_threshold(row[name], chosen)) for name in ("base", "at_low", "at_high")))
        for row in rows
        if row["schedule"] == schedule
    ]
    return chosen, schedule, sorted(bars, key=lambda bar: -bar.span)


def _document(source):
    """The document of a cost-effectiveness analysis: of its object, or made here, with the value of groups, of a result."""
    if isinstance(source, dict):
        return source
    if hasattr(source, "data_vars"):
        from radsim.decision import cost_effectiveness

        source = cost_effectiveness(source, evppi="groups")
    return source.to_dict()


def _bars_figure(size, height, labels, **look):
    """A figure with horizontal bars from the top down; so high without them. [inch]"""
    least = size[1] if len(labels) > BARS_THAT_FIT else 0.0
    figure = new_figure((size[0], max(least, height + BAR_INCHES * len(labels))))
    axes = figure.subplots()
    axes.set_yticks(range(len(labels)), labels, **look)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    return figure, axes


def _threshold_among(known, wanted):
    """The first threshold wanted that is known, the lowest if none is wanted."""
    known = sorted(set(known))
    if not wanted:
        return known[0]
    wanted = [float(each) for each in np.atleast_1d(wanted)]
    found = next((each for each in wanted if each in known), None)
    if found is None:
        raise UsageFault(f"--threshold {wanted[0]:g}: expected {', '.join(f'{each:g}' for each in known)}")
    return found


def _of_threshold(values, threshold):
    """One of `{"20000": …}` by its threshold."""
    return next((value for key, value in values.items() if float(key) == threshold), None)


def _perfect_information(document, threshold):
    """Expected value of perfect information, without simulation noise where that is known, as in regressions. [currency]"""
    adjusted = _of_threshold(document.get("evpi_adjusted", {}), threshold)
    return _of_threshold(document.get("evpi", {}), threshold) if adjusted is None else adjusted


def _group_name(parameters):
    return shown(parameters if isinstance(parameters, str) else ", ".join(parameters), LONGEST_LABEL)


def _number(value):
    return float("nan") if value is None else float(value)


def _row_label(row):
    unit = "" if row.get("unit") in (None, "", "1") else f" {row['unit']}"
    low, high = (format.significant(row[end], 3) for end in ("low", "high"))
    return f"{shown(row['parameter'], LONGEST_LABEL)} ({low} to {high}{unit})"


def _unit(document):
    return unit_of(document["currency"], document.get("price_year_text") or document.get("price_year"))


def _per_qaly(document, threshold):
    return f"{shown(document['currency'], LONGEST_CURRENCY)} {threshold:,.0f} per QALY"


def _tornado_title(document, schedule, threshold):
    against = shown(document.get("reference", "the reference"))
    return f"One parameter at a time: {shown(schedule)} against {against}, {_per_qaly(document, threshold)}"
