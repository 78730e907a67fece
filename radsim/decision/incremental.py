"""Incremental analysis: which schedules are dominated, and what a QALY costs between those that are not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.maths import ties

UNDOMINATED, DOMINATED, EXTENDEDLY_DOMINATED, EQUAL = "undominated", "dominated", "extendedly dominated", "equal"

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
    """The status of a schedule among all.

    Attributes
    ----------
    status : str
        `UNDOMINATED`, `DOMINATED` or `EXTENDEDLY_DOMINATED`; `EQUAL` for undominated schedules of equal cost and effect.
    by : tuple of int
        Schedules that dominate it: one that does by itself, or the two whose mixture does. Empty if undominated.
    comparator : int or None
        The next undominated schedule that costs less; for the second of equal ones, the first; None for the one that costs least.
    increment : Increment or None
        Against the comparator.
    equal_to : tuple of int
        Schedules of equal cost and effect, whatever the status.
    """

    status: str
    by: tuple
    comparator: int | None
    increment: Increment | None
    equal_to: tuple = ()


def increment(cost, effect, *, comparator_cost, comparator_effect):
    """Difference from a comparator, with its quadrant.

    Examples
    --------
    >>> increment(1200.0, 0.9, comparator_cost=1000.0, comparator_effect=0.8).quadrant
    'north-east'
    """
    more_cost = float(ties.difference(cost, comparator_cost))
    more_effect = float(ties.difference(effect, comparator_effect))
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
    dominated if it would pay to leave it out: its ICER exceeds that of the next more effective one [1]_. What differs by rounding alone
    (`radsim.maths.ties`) is equal: such schedules do not dominate each other; those on one line have equal ICERs, and none of them is
    extendedly dominated.

    References
    ----------
    .. [1] Drummond MF et al., "Methods for the Economic Evaluation of Health Care Programmes," 4th ed., Oxford, 2015,
       section 4.2.
    """
    cost, effect = np.asarray(cost, float), np.asarray(effect, float)
    groups = ties.groups(cost, effect)
    firsts = [group[0] for group in groups]
    dominators = {s: strict_dominator(s, firsts, cost, effect) for s in firsts}
    line = frontier(cost, effect, [s for s in firsts if dominators[s] is None])
    found = {
        s: _standing(s, group, cost, effect, dominator=dominators[group[0]], line=line)
        for group in groups
        for s in group
    }
    return [found[s] for s in range(len(cost))]


def strict_dominator(schedule, others, cost, effect):
    """The cheapest of some schedules that dominates this one by itself; None if there is none."""
    others = np.asarray(others)
    cheaper, better = ties.sign(cost[schedule], cost[others]), ties.sign(effect[others], effect[schedule])
    found = others[(cheaper >= 0) & (better >= 0) & (cheaper + better > 0)]
    return int(found[np.lexsort((-effect[found], cost[found]))[0]]) if len(found) else None


def frontier(cost, effect, candidates):
    """Undominated schedules by rising cost, along the lower convex hull.

    Parameters
    ----------
    cost, effect : ndarray, shape (schedule,)
    candidates : list of int
        Schedules that none dominates by itself; no two of them equal in both.

    Returns
    -------
    list of int
    """
    line = []
    for schedule in sorted(candidates, key=lambda s: cost[s]):
        while len(line) > 1 and _is_above(line[-1], line[-2], schedule, cost, effect):
            line.pop()
        line.append(schedule)
    return line


def _is_above(middle, left, right, cost, effect):
    """Whether a schedule costs more than the mixture of two others that does as much."""
    share = (effect[middle] - effect[left]) / (effect[right] - effect[left])
    return ties.sign(cost[middle], cost[left] + share * (cost[right] - cost[left])) > 0


def _standing(schedule, group, cost, effect, *, dominator, line):
    first, others = group[0], tuple(other for other in group if other != schedule)
    comparator = first if first in line and schedule != first else next_undominated(first, cost, line)
    found = None
    if comparator is not None:
        found = increment(
            cost[schedule], effect[schedule], comparator_cost=cost[comparator], comparator_effect=effect[comparator]
        )
    if first in line:
        return Standing(EQUAL if others else UNDOMINATED, (), comparator, found, others)
    status = EXTENDEDLY_DOMINATED if dominator is None else DOMINATED
    by = _mixture(first, effect, line) if dominator is None else (dominator,)
    return Standing(status, by, comparator, None if found is None else found._replace(icer=float("nan")), others)


def next_undominated(schedule, cost, line):
    """The dearest undominated schedule that costs no more than this one, itself apart; None if there is none."""
    before = (
        line[: line.index(schedule)]
        if schedule in line
        else [s for s in line if ties.sign(cost[s], cost[schedule]) <= 0]
    )
    return before[-1] if before else None


def _mixture(schedule, effect, line):
    """The neighbours on the frontier between which an extendedly dominated schedule lies by effect."""
    left = max(i for i, s in enumerate(line) if effect[s] <= effect[schedule])
    return (line[left], line[left + 1])
