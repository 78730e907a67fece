"""Incremental analysis: which schedules are dominated, and what a QALY costs between those that are not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

UNDOMINATED, DOMINATED, EXTENDEDLY_DOMINATED = "undominated", "dominated", "extendedly dominated"

QUADRANTS = {
    (0, 0): "origin", (0, 1): "north", (1, 1): "north-east", (1, 0): "east", (1, -1): "south-east",
    (0, -1): "south", (-1, -1): "south-west", (-1, 0): "west", (-1, 1): "north-west",
}  # fmt: skip
"""Where a difference lies in the cost-effectiveness plane, by the signs of (effect, cost)."""

MEANINGS = {
    "origin": "no difference",
    "north": "costs more, equal effect: dominated",
    "north-east": "costs more, more effective: cost per QALY gained",
    "east": "equal cost, more effective: dominant",
    "south-east": "costs less, more effective: dominant",
    "south": "costs less, equal effect: dominant",
    "south-west": "costs less, less effective: saving per QALY forgone",
    "west": "equal cost, less effective: dominated",
    "north-west": "costs more, less effective: dominated",
}
"""What a quadrant says of the schedule against its comparator."""

WITH_RATIO = {"north-east", "south-west"}
"""Quadrants in which cost and effect pull in opposite ways: only there is a ratio something to weigh."""

ROUNDING = 1e-12  # relative; three schedules on one line must not be told apart by the last bit


class Increment(NamedTuple):
    """One schedule against a comparator.

    Attributes
    ----------
    cost : float
        Cost more than the comparator's. [currency]
    effect : float
        Effect more than the comparator's. [QALY]
    icer : float
        Their ratio; NaN outside the north-east and south-west quadrants. In the south-west it is the saving per QALY
        forgone, where a high ratio speaks for the schedule. [currency per QALY]
    quadrant : str
        One of `QUADRANTS`.
    """

    cost: float
    effect: float
    icer: float
    quadrant: str

    @property
    def meaning(self):
        """The quadrant in words."""
        return MEANINGS[self.quadrant]


class Standing(NamedTuple):
    """Where a schedule stands among all.

    Attributes
    ----------
    status : str
        `UNDOMINATED`, `DOMINATED` or `EXTENDEDLY_DOMINATED`.
    by : tuple of int
        Schedules that dominate it: one that does by itself, or the two whose mixture does. Empty if undominated.
    comparator : int or None
        The next undominated schedule that costs less; None for the one that costs least.
    increment : Increment or None
        Against the comparator.
    """

    status: str
    by: tuple
    comparator: int | None
    increment: Increment | None


def increment(cost, effect, *, comparator_cost, comparator_effect):
    """Difference from a comparator, with its quadrant.

    Examples
    --------
    >>> increment(1200.0, 0.9, comparator_cost=1000.0, comparator_effect=0.8).quadrant
    'north-east'
    """
    more_cost, more_effect = float(cost - comparator_cost), float(effect - comparator_effect)
    quadrant = QUADRANTS[int(np.sign(more_effect)), int(np.sign(more_cost))]
    icer = more_cost / more_effect if quadrant in WITH_RATIO else float("nan")
    return Increment(more_cost, more_effect, icer, quadrant)


def incremental_analysis(cost, effect):
    """Strict and extended dominance, and each schedule against the next undominated one.

    Parameters
    ----------
    cost, effect : array_like, shape (schedule,)
        Means. [currency, QALY]

    Returns
    -------
    list of Standing
        In the order of the schedules.

    Notes
    -----
    A schedule is dominated if another costs no more and does no less, and is better in one of the two; extendedly
    dominated if it would pay to leave it out: its ICER exceeds that of the next more effective one [1]_. Schedules equal in both do
    not dominate each other; those on one line have equal ICERs, and none of them is extendedly dominated.

    References
    ----------
    .. [1] Drummond MF et al., "Methods for the Economic Evaluation of Health Care Programmes," 4th ed., Oxford, 2015,
       section 4.2.
    """
    cost, effect = np.asarray(cost, float), np.asarray(effect, float)
    dominators = [strict_dominator(s, cost, effect) for s in range(len(cost))]
    line = frontier(cost, effect, [s for s, by in enumerate(dominators) if by is None])
    return [_standing(s, cost, effect, dominator=dominators[s], line=line) for s in range(len(cost))]


def strict_dominator(schedule, cost, effect):
    """The cheapest schedule that dominates this one by itself; None if there is none."""
    no_worse = (cost <= cost[schedule]) & (effect >= effect[schedule])
    better = (cost < cost[schedule]) | (effect > effect[schedule])
    found = np.flatnonzero(no_worse & better)
    return int(found[np.lexsort((-effect[found], cost[found]))[0]]) if len(found) else None


def frontier(cost, effect, candidates):
    """Undominated schedules by rising cost: groups of equal ones along the lower convex hull.

    Parameters
    ----------
    cost, effect : ndarray, shape (schedule,)
    candidates : list of int
        Schedules that none dominates by itself.

    Returns
    -------
    list of list of int
        Each group holds schedules of equal cost and effect.
    """
    line = []
    for schedule in sorted(candidates, key=lambda s: (cost[s], s)):
        if line and cost[line[-1][0]] == cost[schedule]:  # not dominated: so equal in effect too
            line[-1].append(schedule)
            continue
        while len(line) > 1 and _is_above(line[-1][0], line[-2][0], schedule, cost, effect):
            line.pop()
        line.append([schedule])
    return line


def _is_above(middle, left, right, cost, effect):
    """Whether the ICER from left to middle exceeds that from middle to right."""
    first = (cost[middle] - cost[left]) * (effect[right] - effect[middle])
    second = (cost[right] - cost[middle]) * (effect[middle] - effect[left])
    return first > second * (1.0 + ROUNDING)


def _standing(schedule, cost, effect, *, dominator, line):
    comparator = next_undominated(schedule, cost, line)
    found = None
    if comparator is not None:
        found = increment(
            cost[schedule], effect[schedule], comparator_cost=cost[comparator], comparator_effect=effect[comparator]
        )
    undominated = any(schedule in group for group in line)
    if undominated:
        return Standing(UNDOMINATED, (), comparator, found)
    status = EXTENDEDLY_DOMINATED if dominator is None else DOMINATED
    by = _mixture(schedule, effect, line) if dominator is None else (dominator,)
    return Standing(status, by, comparator, None if found is None else found._replace(icer=float("nan")))


def next_undominated(schedule, cost, line):
    """The dearest undominated schedule that comes before this one, by cost or, among equals, by order; None if none does."""
    before = [group[0] for group in line if cost[group[0]] <= cost[schedule] and group[0] != schedule]
    return before[-1] if before else None


def _mixture(schedule, effect, line):
    """The neighbours on the frontier between which an extendedly dominated schedule lies by effect."""
    left = max(i for i, group in enumerate(line) if effect[group[0]] <= effect[schedule])
    return (line[left][0], line[left + 1][0])
