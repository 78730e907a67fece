"""Curves over the worth of a QALY: probability of being cost-effective with its frontier, and expected loss."""

from __future__ import annotations

import numpy as np

from radsim.figures.course import PERCENT
from radsim.figures.money import LONGEST_CURRENCY, money_of, rounded, thresholds_of, unit_of
from radsim.figures.style import GREY, draw_band, headings, label_ends, legend, line_style, new_figure, shown

FRONTIER = {"color": "black", "linewidth": 4.5, "alpha": 0.22, "solid_capstyle": "butt"}
MARKS = 8
"""Markers along a curve of a hundred points."""


def draw_ceac(view, *, size, threshold=None):
    """Share of draws in which each schedule is best, with Monte Carlo bands, and the frontier: the one best on average.

    Parameters
    ----------
    view : radsim.figures.view.View
    size : tuple of float
        Width and height. [inch]
    threshold : sequence of float, optional
        Thresholds marked; those of the study by default. [currency per QALY]

    Returns
    -------
    matplotlib.figure.Figure
    """
    from radsim.decision.document import curves

    money, marked = money_of(view), thresholds_of(view, threshold)
    found = curves(money, marked)
    grid, share = found["threshold"], PERCENT * found["acceptability"]
    figure = new_figure(size)
    axes = figure.subplots()
    _draw_frontier(axes, grid, found["best"], PERCENT * found["frontier"])
    for s, style in enumerate(view.styles):
        draw_band(axes, grid, PERCENT * found["low95"][:, s], PERCENT * found["high95"][:, s], style)
        axes.plot(grid, share[:, s], markevery=len(grid) // MARKS, **line_style(style))
    axes.set_ylim(0.0, PERCENT)
    axes.set_ylabel("Probability of being cost-effective (%)")
    _finish(axes, grid, marked, money)
    line = axes.plot([], [], **FRONTIER)[0]
    legend(
        figure,
        [line],
        ["frontier: the schedule with the highest mean net benefit"],
        handlelength=3.4,
    )
    patients = " and of patients" if np.isfinite(found["first_order"]).all() else ""
    headings(
        figure,
        view.titled("How probably each schedule is the best choice, by what a QALY is worth"),
        f"{len(money.cost):,} draws of the parameters; bands: Monte Carlo error (95 %) of the number of draws{patients}.",
    )
    label_ends(axes, [(share[-1, s], view.names[s], style) for s, style in enumerate(view.styles)])
    return figure


def _draw_frontier(axes, grid, best, frontier):
    """A broad line, broken where the best schedule changes: the frontier jumps there."""
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(grid)], strict=True):
        axes.plot(grid[start:end], frontier[start:end], gid="frontier", **FRONTIER)


def draw_loss(view, *, size, threshold=None):
    """Mean net benefit forgone by each choice; the lowest curve is the expected value of perfect information."""
    from radsim.decision.document import curves

    money, marked = money_of(view), thresholds_of(view, threshold)
    found = curves(money, marked)
    grid, loss = found["threshold"], found["expected_loss"]
    figure = new_figure(size)
    axes = figure.subplots()
    axes.plot(grid, found["evpi"], gid="evpi", **FRONTIER)
    for s, style in enumerate(view.styles):
        axes.plot(grid, loss[:, s], markevery=len(grid) // MARKS, **line_style(style))
    axes.set_ylim(0.0, None)
    axes.set_ylabel(f"Expected loss per patient ({unit_of(money.currency, money.price_year)})")
    _finish(axes, grid, marked, money)
    legend(
        figure,
        axes.lines[:1],
        ["lowest: expected value of perfect information"],
        handlelength=3.4,
    )
    headings(
        figure, view.titled("What each choice is expected to lose, by what a QALY is worth"),
        f"Mean over {len(money.cost):,} draws of the parameters of the net benefit forgone against the best schedule of each draw; noise "
        "from a finite number of patients in each draw makes it too high rather than too low.",
    )  # fmt: skip
    label_ends(axes, [(loss[-1, s], view.names[s], style) for s, style in enumerate(view.styles)])
    return figure


def _finish(axes, grid, marked, money):
    axes.set_xlim(0.0, grid[-1])
    for threshold in marked:
        axes.axvline(threshold, color=GREY, linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    axes.set_xlabel(
        f"Worth of a QALY ({shown(money.currency, LONGEST_CURRENCY)} per QALY); dotted: thresholds of the study"
    )
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.yaxis.set_major_formatter(
        lambda value, _: f"{value:,.0f}" if abs(value) >= 10.0 or value == 0.0 else f"{value:.3g}"
    )


def describe_ceac(view, *, threshold=None):
    """One sentence: probability of each schedule at each threshold."""
    from radsim.decision.net_benefit import acceptability, net_monetary_benefit

    money, marked = money_of(view), thresholds_of(view, threshold)
    share = acceptability(net_monetary_benefit(money.cost, money.qalys, np.array(marked)))
    parts = [
        f"at {shown(money.currency, LONGEST_CURRENCY)} {each:,.0f} per QALY "
        + ", ".join(f"{name} {PERCENT * p:.0f} %" for name, p in zip(view.names, row, strict=True))
        for each, row in zip(marked, share, strict=True)
    ]
    return f"{view.titled('Probability of being cost-effective')}: {'; '.join(parts)}."


def describe_loss(view, *, threshold=None):
    """One sentence: expected loss of each schedule at each threshold."""
    from radsim.decision.net_benefit import expected_loss, net_monetary_benefit

    money, marked = money_of(view), thresholds_of(view, threshold)
    loss = expected_loss(net_monetary_benefit(money.cost, money.qalys, np.array(marked)))
    parts = [
        f"at {shown(money.currency, LONGEST_CURRENCY)} {each:,.0f} per QALY "
        + ", ".join(f"{name} {rounded(value)}" for name, value in zip(view.names, row, strict=True))
        for each, row in zip(marked, loss, strict=True)
    ]
    return (
        f"{view.titled('Expected loss per patient')} ({unit_of(money.currency, money.price_year)}): {'; '.join(parts)}."
    )
