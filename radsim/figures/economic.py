"""Costs and QALYs of the draws: the cost-effectiveness plane, and curves over the willingness-to-pay threshold."""

from __future__ import annotations

import json
from itertools import cycle

import numpy as np

from radsim.figures.style import (
    GREY,
    LINES,
    colour,
    columns_of_legend,
    draw_band,
    headings,
    label_ends,
    legend,
    line_style,
    marker,
    new_figure,
    shown,
)
from radsim.outcomes import format
from radsim.storage import UsageFault

FRONTIER = {"color": "black", "linewidth": 4.5, "alpha": 0.22, "solid_capstyle": "butt"}
MARKS = 8
"""Markers along a curve of a hundred points."""
MOST_POINTS = 1000
"""Draws shown of each schedule; more would only make the file large."""
LONGEST_CURRENCY = 12


def draw_plane(view, *, size, threshold=None, reference=None):
    """Cost and QALYs gained over the reference, a point a draw, the mean of all draws as a large mark.

    Parameters
    ----------
    view : radsim.figures.view.View
    size : tuple of float
        Width and height. [inch]
    threshold : sequence of float, optional
        Lines of equal net benefit; those of the study by default. [currency per QALY]
    reference : str, optional
        Name of the schedule the others are compared with; the first by default.

    Returns
    -------
    matplotlib.figure.Figure
    """
    money, first = _money(view), _reference(view, reference)
    figure = new_figure(size)
    axes = figure.subplots()
    axes.axhline(0.0, color=GREY, linewidth=0.8, zorder=0)
    axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
    n = len(money.cost)
    chosen = np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).astype(int)
    keys = [_draw_cloud(axes, view, money, chosen, s, first) for s in range(len(view.names)) if s != first]
    keys += _draw_thresholds(axes, _thresholds(view, threshold), money.currency)
    axes.set_xlabel("QALYs gained per patient")
    axes.set_ylabel(f"Additional cost ({unit_of(money.currency, money.year_text)})")
    axes.yaxis.set_major_formatter(lambda value, _: format.significant(value))
    names = [name for _, name in keys]
    legend(figure, [handle for handle, _ in keys], names, ncols=columns_of_legend(figure, names), handlelength=2.4)
    some = f"{len(chosen):,} of {n:,} draws of the parameters are shown"
    headings(
        figure, view.titled(f"Cost-effectiveness plane: against {view.names[first]}"),
        f"{some if len(chosen) < n else f'A point is one of {n:,} draws'}, a large mark the mean of all. Below and to the right of a "
        "dashed line a schedule is cost-effective at that threshold.",
    )  # fmt: skip
    return figure


def _draw_cloud(axes, view, money, chosen, s, first):
    """Points of one schedule and their mean; handle and name for the legend."""
    gained, spent = _increments(money, s, first)
    look = {"color": colour(view.styles[s]), "marker": marker(view.styles[s]), "linestyle": ""}
    axes.plot(gained[chosen], spent[chosen], markersize=3.0, alpha=0.35, markeredgewidth=0, zorder=1, **look)
    mark = {"markersize": 9.0, "markeredgecolor": "black", "markeredgewidth": 1.2, "zorder": 3}
    return axes.plot(gained.mean(), spent.mean(), **mark, **look)[0], view.names[s]


def _draw_thresholds(axes, thresholds, currency):
    """Lines of equal net benefit, with their names; they do not enlarge the picture."""
    x, y = axes.get_xlim(), axes.get_ylim()
    keys = []
    for threshold, dashes in zip(thresholds, cycle(LINES[1:]), strict=False):
        ends = [threshold * x[0], threshold * x[1]]
        (line,) = axes.plot(x, ends, color=GREY, linewidth=1.0, linestyle=dashes, zorder=2)
        keys.append((line, _per_qaly(currency, threshold)))
    axes.set_xlim(x)
    axes.set_ylim(y)
    return keys


def describe_plane(view, *, threshold=None, reference=None):
    """One sentence: mean increments of each schedule."""
    money, first = _money(view), _reference(view, reference)
    parts = []
    for s in (s for s in range(len(view.names)) if s != first):
        gained, spent = (format.significant(part.mean(), 3) for part in _increments(money, s, first))
        parts.append(f"{view.names[s]} {gained} QALYs and {shown(money.currency, LONGEST_CURRENCY)} {spent}")
    about = view.titled(f"Cost-effectiveness plane against {view.names[first]}")
    return f"{about}; mean difference per patient over {len(money.cost):,} draws: {'; '.join(parts)}."


def draw_ceac(view, *, size, threshold=None):
    """Share of draws in which each schedule is best, with Monte Carlo bands, and the frontier: the one best on average."""
    found, money, marked, figure, axes = _over_thresholds(view, size, threshold)
    grid, share = found["threshold"], 100.0 * found["acceptability"]
    starts = np.flatnonzero(np.diff(found["best"], prepend=-1))
    for start, end in zip(
        starts, [*starts[1:], len(grid)], strict=True
    ):  # the frontier jumps where the best schedule changes
        axes.plot(grid[start:end], 100.0 * found["frontier"][start:end], gid="frontier", **FRONTIER)
    for s, style in enumerate(view.styles):
        draw_band(axes, grid, 100.0 * found["low95"][:, s], 100.0 * found["high95"][:, s], style)
    axes.set_ylim(0.0, 100.0)
    axes.set_ylabel("Probability of being cost-effective (%)")
    patients = " and of patients" if np.isfinite(found["first_order"]).all() else ""
    _finish(
        view, figure, axes, share, grid, marked, money, "frontier: the schedule with the highest mean net benefit",
        "How probably each schedule is the best choice, by willingness to pay",
        f"{len(money.cost):,} draws of the parameters; bands: Monte Carlo error (95 %) of the number of draws{patients}.",
    )  # fmt: skip
    return figure


def draw_loss(view, *, size, threshold=None):
    """Mean net benefit forgone by each choice; the lowest curve is the expected value of perfect information."""
    found, money, marked, figure, axes = _over_thresholds(view, size, threshold)
    axes.plot(found["threshold"], found["evpi"], gid="evpi", **FRONTIER)
    axes.set_ylabel(f"Expected loss per patient ({unit_of(money.currency, money.year_text)})")
    _finish(
        view, figure, axes, found["expected_loss"], found["threshold"], marked, money,
        "lowest: expected value of perfect information", "What each choice is expected to lose, by willingness to pay",
        f"Mean over {len(money.cost):,} draws of the parameters of the net benefit forgone against the best schedule of each draw; noise "
        "from a finite number of patients in each draw makes it too high rather than too low.",
    )  # fmt: skip
    axes.set_ylim(0.0, None)
    return figure


def _over_thresholds(view, size, threshold):
    """Curves of the decision, costs and QALYs, thresholds marked, and an empty figure with its axes."""
    from radsim.decision.document import curves

    money, marked = _money(view), _thresholds(view, threshold)
    figure = new_figure(size)
    return curves(money, marked), money, marked, figure, figure.subplots()


def _finish(view, figure, axes, values, grid, marked, money, frontier, title, note):
    """The curves of the schedules, the thresholds, and everything around them."""
    for s, style in enumerate(view.styles):
        axes.plot(grid, values[:, s], markevery=len(grid) // MARKS, **line_style(style))
    axes.set_xlim(0.0, grid[-1])
    for threshold in marked:
        axes.axvline(threshold, color=GREY, linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    currency = shown(money.currency, LONGEST_CURRENCY)
    axes.set_xlabel(f"Willingness to pay ({currency} per QALY); dotted: thresholds of the study")
    axes.xaxis.set_major_formatter(lambda value, _: format.count(value))
    axes.yaxis.set_major_formatter(lambda value, _: format.significant(value, 3))
    legend(figure, axes.plot([], [], **FRONTIER), [frontier], handlelength=3.4)
    headings(figure, view.titled(title), note)
    label_ends(axes, [(values[-1, s], view.names[s], style) for s, style in enumerate(view.styles)])


def describe_ceac(view, *, threshold=None):
    """One sentence: probability of each schedule at each threshold."""
    from radsim.decision.net_benefit import acceptability

    said = _at_thresholds(view, threshold, acceptability, format.probability)
    return f"{view.titled('Probability of being cost-effective')}: {said}."


def describe_loss(view, *, threshold=None):
    """One sentence: expected loss of each schedule at each threshold."""
    from radsim.decision.net_benefit import expected_loss

    money = _money(view)
    said = _at_thresholds(view, threshold, expected_loss, lambda value: format.significant(value, 3))
    return f"{view.titled('Expected loss per patient')} ({unit_of(money.currency, money.year_text)}): {said}."


def _at_thresholds(view, threshold, function, written):
    """What a function of the net benefit is for each schedule, at each threshold."""
    from radsim.decision.net_benefit import net_monetary_benefit

    money, marked = _money(view), _thresholds(view, threshold)
    rows = function(net_monetary_benefit(money.cost, money.qalys, np.array(marked)))
    return "; ".join(
        f"at {_per_qaly(money.currency, each)} "
        + ", ".join(f"{name} {written(value)}" for name, value in zip(view.names, row, strict=True))
        for each, row in zip(marked, rows, strict=True)
    )


def _money(view):
    """Costs and QALYs of the parameter draws: `radsim.decision.samples.Samples`."""
    from radsim.decision.samples import samples

    return samples(view.dataset)


def _increments(money, s, first):
    return money.qalys[:, s] - money.qalys[:, first], money.cost[:, s] - money.cost[:, first]


def _reference(view, reference):
    """Position of the schedule that others are compared with."""
    if len(view.names) < 2:
        raise UsageFault("needs at least two schedules: a plane compares")
    names = [str(name) for name in view.dataset["schedule"].values]
    if reference is not None and reference not in names:
        raise UsageFault(f"--reference {reference}: expected {', '.join(names)}")
    return 0 if reference is None else names.index(reference)


def _per_qaly(currency, threshold):
    return f"{shown(currency, LONGEST_CURRENCY)} {threshold:,.0f} per QALY"


def unit_of(currency, price_year):
    """`GBP, prices of 2024`."""
    text = shown(currency, LONGEST_CURRENCY)
    return f"{text}, prices of {price_year}" if price_year else text


def _thresholds(view, threshold):
    """Thresholds that matter, rising: those asked for, or those of the study's record. [currency per QALY]"""
    if threshold:
        return sorted({float(each) for each in np.atleast_1d(threshold)})
    try:
        economics = json.loads(view.dataset.attrs.get("radsim_record", "{}"))["config"]["economics"]
        found = sorted(float(each) for each in economics["thresholds"])
    except (KeyError, TypeError, ValueError):
        found = []
    if not found:
        raise UsageFault("needs a threshold: give --threshold, or economics.thresholds in the configuration")
    return found
