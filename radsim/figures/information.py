"""What is worth knowing: value of partial perfect information, and net benefit as single parameters vary."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.figures.money import LONGEST_CURRENCY, rounded, unit_of
from radsim.figures.style import COLOURS, GREY, INK, NOTE_POINTS, headings, legend, new_figure, shown
from radsim.outcomes.intervals import NORMAL_95
from radsim.storage import UsageFault

MOST_BARS = 20
BAR_INCHES = 0.24
LONGEST_LABEL = 44


def document_of(source):
    """The document of a cost-effectiveness analysis: of its object, or made here, with the value of groups, of a result."""
    if isinstance(source, dict):
        return source
    if hasattr(source, "data_vars"):
        from radsim.decision import cost_effectiveness

        source = cost_effectiveness(source, evppi="groups")
    return source.to_dict()


def draw_evppi(source, *, size, threshold=None):
    """Bars of the expected value of knowing each group of parameters, with standard errors, under the value of knowing all.

    Parameters
    ----------
    source : dict or object
        Document of `radsim cea --json`, or what has `to_dict()` of it.
    size : tuple of float
        Width, and least height. [inch]
    threshold : sequence of float, optional
        The first that the document knows is shown; its lowest by default. [currency per QALY]

    Returns
    -------
    matplotlib.figure.Figure
    """
    document = document_of(source)
    chosen, rows = values_of_information(document, threshold)
    left_out, rows = rows[MOST_BARS:], rows[:MOST_BARS]
    figure = new_figure((size[0], max(size[1] if len(rows) > 8 else 0.0, 1.9 + BAR_INCHES * len(rows))))
    axes = figure.subplots()
    values, errors = (
        np.array([float(row[key] if row[key] is not None else np.nan) for row in rows]) for key in ("value", "se")
    )
    axes.barh(range(len(rows)), values, color="#56B4E9", edgecolor=INK, linewidth=0.6, height=0.62)
    reach = np.nan_to_num(NORMAL_95 * errors)
    axes.errorbar(
        values,
        range(len(rows)),
        xerr=[np.minimum(reach, values), reach],
        fmt="none",
        ecolor=INK,
        elinewidth=1.0,
        capsize=2.5,
    )
    ceiling = perfect_information(document, chosen)
    if ceiling is not None:
        axes.axvline(ceiling, color=GREY, linestyle=(0, (4, 3)), linewidth=1.0)
        axes.annotate(
            f"knowing everything: {rounded(ceiling)}", (ceiling, 1.0), xycoords=("data", "axes fraction"), xytext=(-3, 3),
            textcoords="offset points", ha="right", va="bottom", fontsize=NOTE_POINTS, color="#404040",
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [_group_name(row["parameters"]) for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0.0, None)
    axes.set_xlabel(f"Expected value of knowing them, per patient ({_unit(document)})", loc="right")
    more = f" {len(left_out)} groups of less value are not shown." if left_out else ""
    headings(
        figure, f"What it would be worth to know, at {shown(document['currency'], LONGEST_CURRENCY)} {chosen:,.0f} per QALY",
        f"Regression on the draws of the parameters; lines: 95 % of its error.{more}",
    )  # fmt: skip
    return figure


def values_of_information(document, threshold=None):
    """Threshold shown, and its rows of `evppi`, the most valuable first.

    Raises
    ------
    UsageFault
        If it has none of that threshold.
    """
    rows = document.get("evppi") or []
    if not rows:
        raise UsageFault(
            "needs the value of partial information (evppi), which takes draws of the parameters: radsim run --draws"
        )
    chosen = _threshold_among([float(row["threshold"]) for row in rows], threshold)
    mine = [row for row in rows if float(row["threshold"]) == chosen and row["value"] is not None]
    return chosen, sorted(mine, key=lambda row: -row["value"])


def _threshold_among(known, wanted):
    """The first threshold wanted that is known, the lowest if none is wanted."""
    known = sorted(set(known))
    if not wanted:
        return known[0]
    wanted = [float(each) for each in np.atleast_1d(wanted)]
    found = [each for each in wanted if each in known]
    if not found:
        raise UsageFault(f"--threshold {wanted[0]:g}: expected {', '.join(f'{each:g}' for each in known)}")
    return found[0]


def _of_threshold(values, threshold):
    """A figure of `{"20000": …}` by its threshold."""
    return next((value for key, value in values.items() if float(key) == threshold), None)


def perfect_information(document, threshold):
    """Expected value of perfect information, the noise of the simulation taken out where it is known, as regressions do. [currency]"""
    adjusted = _of_threshold(document.get("evpi_adjusted", {}), threshold)
    return _of_threshold(document.get("evpi", {}), threshold) if adjusted is None else adjusted


def _group_name(parameters):
    text = parameters if isinstance(parameters, str) else ", ".join(parameters)
    return shown(text, LONGEST_LABEL)


def _unit(document):
    return unit_of(document["currency"], document.get("price_year"))


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
    document = document_of(source)
    chosen, schedule, ranked = one_way_of(document, threshold=threshold, against=against)
    rows, left_out = ranked[:MOST_BARS], len(ranked) - MOST_BARS
    figure = new_figure((size[0], max(size[1] if len(rows) > 8 else 0.0, 2.2 + BAR_INCHES * len(rows))))
    axes = figure.subplots()
    base = rows[0].base
    looks = {"low": {"facecolor": COLOURS[0]}, "high": {"facecolor": "#F2C9A8", "hatch": "////"}}
    bars = {}
    for end, look in looks.items():
        widths = [getattr(row, end) - base for row in rows]
        bars[end] = axes.barh(range(len(rows)), widths, left=base, height=0.62, edgecolor=INK, linewidth=0.6, **look)
    axes.axvline(base, color=INK, linewidth=1.0)
    if min(axes.get_xlim()) < 0.0 < max(axes.get_xlim()):
        axes.axvline(0.0, color=GREY, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_yticks(range(len(rows)), [row.label for row in rows], fontsize=NOTE_POINTS)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.margins(x=0.08)
    axes.set_xlabel(f"Incremental net benefit per patient ({_unit(document)})", loc="right")
    axes.xaxis.set_major_formatter(lambda value, _: rounded(value) if value else "0")
    legend(figure, list(bars.values()), ["parameter at its low end", "at its high end"], ncols=2)
    more = f" {left_out} parameters that matter less are not shown." if left_out > 0 else ""
    headings(
        figure, _tornado_title(document, schedule, chosen),
        f"Line: base case, {rounded(base)}; to the right of zero {shown(schedule)} is worth more. In brackets the range of the parameter "
        f"(95 % of its distribution); all others as in the base case.{more}",
    )  # fmt: skip
    return figure


class Bar(NamedTuple):
    """One parameter of a tornado: its name with its range, and the outcome in the base case and at either end."""

    label: str
    base: float
    low: float
    high: float

    @property
    def span(self):
        """How far the outcome moves; what could not be played does not move it."""
        return np.nanmax([self.low, self.high, self.base]) - np.nanmin([self.low, self.high, self.base])


def one_way_of(document, *, threshold=None, against=None):
    """Threshold, schedule and bars of the one-way analysis of a document, the widest first.

    Raises
    ------
    UsageFault
        If it has none of that threshold or schedule.
    """
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


def _number(value):
    return float("nan") if value is None else float(value)


def _row_label(row):
    unit = "" if row.get("unit") in (None, "", "1") else f" {row['unit']}"
    return f"{shown(row['parameter'], LONGEST_LABEL)} ({rounded(row['low'])} to {rounded(row['high'])}{unit})"


def _tornado_title(document, schedule, threshold):
    reference = document.get("reference", "the reference")
    currency = shown(document["currency"], LONGEST_CURRENCY)
    return (
        f"One parameter at a time: {shown(schedule)} against {shown(reference)}, {currency} {threshold:,.0f} per QALY"
    )


def describe_evppi(source, *, threshold=None):
    """One sentence: the three groups that are worth most."""
    document = document_of(source)
    chosen, rows = values_of_information(document, threshold)
    parts = [f"{_group_name(row['parameters'])} {rounded(row['value'])}" for row in rows[:3]]
    everything = perfect_information(document, chosen)
    known = f"; knowing everything {rounded(everything)}" if everything is not None else ""
    place = f"at {shown(document['currency'], LONGEST_CURRENCY)} {chosen:,.0f} per QALY"
    return f"Expected value of knowing parameters, per patient ({_unit(document)}) {place}: {', '.join(parts)}{known}."


def describe_tornado(source, *, threshold=None, against=None):
    """One sentence: the three parameters that matter most."""
    document = document_of(source)
    chosen, schedule, bars = one_way_of(document, threshold=threshold, against=against)
    parts = [f"{bar.label} {rounded(bar.low)} to {rounded(bar.high)}" for bar in bars[:3]]
    about = f"{_tornado_title(document, schedule, chosen)}; incremental net benefit per patient ({_unit(document)})"
    return f"{about}, base case {rounded(bars[0].base)}: {'; '.join(parts)}."
