"""Threshold analysis: the value of a parameter at which another schedule becomes the best (break-even value)."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np

from radsim.maths import ties
from radsim.prognosis import INTERCEPT

PRECISION = 1e-4  # relative; finer than the Monte Carlo error
MOST_HALVINGS = 30

WILLINGNESS = "retreatment.willingness_ratio"

FACTORS = {
    "willingness": np.geomspace(0.25, 32.0, 15),
    "price": np.concatenate([[0.0], np.geomspace(0.125, 16.0, 15)]),
    "survival": np.geomspace(0.125, 8.0, 13),
}
"""Where to look, as multiples of the base case (of 1 for the willingness ratio; of survival time): a search range, not evidence."""


def threshold_analysis(base_case, record, *, thresholds, progress=None):
    """Values of the willingness ratio, the price of a fraction and survival at which the decision changes.

    Returns
    -------
    list of dict
        ``parameter``, ``meaning``, ``value`` (base case), ``searched`` (low, high), ``unit``, ``threshold``, and
        ``flips``: a list of ``at``, ``below``, ``above`` (the best schedules on either side), empty if the best schedule is the same
        all over the range.

    Notes
    -----
    All use the random numbers of draw 0. Flips are found between neighbours of a grid, then halved; a schedule that is best only between
    two neighbours with the same best one is missed.
    """
    rows = []
    searches = list(wanted(base_case, record))
    for number, (name, meaning, base, unit, grid) in enumerate(searches):
        benefit = _over(base_case, name, grid, thresholds)
        for t, threshold in enumerate(thresholds):
            rows.append({
                "parameter": name, "meaning": meaning, "value": base, "unit": unit, "searched": [min(benefit), max(benefit)] if benefit else None,
                "threshold": float(threshold), "flips": _flips(base_case, name, benefit, thresholds, t),
            })  # fmt: skip
        if progress is not None:
            progress(number + 1, len(searches))
    return rows


def wanted(base_case, record):
    """Name, meaning, base value, unit and grid of each parameter to search."""
    from radsim.evidence import load_registry

    registry = load_registry(record["evidence"]["set"])
    own = base_case.parameters
    meaning = "rate of repeats in the early months after one fraction against after several; 1: the same policy"
    yield WILLINGNESS, meaning, own.get(WILLINGNESS, registry[WILLINGNESS].value), "1", FACTORS["willingness"]
    price = next(each for each in base_case.economics.parameters if each.name == "cost.fraction")
    if price.value > 0.0:
        yield price.name, price.meaning, price.value, price.unit, price.value * FACTORS["price"]
    if "tail" not in (base_case.config_value("cohort.survival") or {"tail": None}):
        return  # an own curve stays as it is, whatever the parameters
    base = own.get(INTERCEPT, registry[INTERCEPT].value)
    yield (
        INTERCEPT,
        "log of every survival time from the disease",
        base,
        registry[INTERCEPT].unit,
        base + np.log(FACTORS["survival"]),
    )


def _over(base_case, name, grid, thresholds):
    """Net benefits at each value of a grid that the parameter may take."""
    from radsim.evidence import EvidenceError

    found = {}
    for x in grid:
        with contextlib.suppress(EvidenceError):  # beyond its support
            found[float(x)] = base_case.with_parameter(name, x).net_benefit(thresholds)
    return found


def _flips(base_case, name, benefit, thresholds, t):
    schedules = base_case.schedules
    grid = sorted(benefit)
    best = []
    for x in grid:  # a schedule as good as the best so far changes nothing
        best.append(int(ties.first_best(benefit[x][t], keep=best[-1] if best else None)))
    found = []
    for (x, at_x), (y, at_y) in itertools.pairwise(zip(grid, best, strict=True)):
        low = (x, at_x)
        while low[1] != at_y:
            below, above = _halved(base_case, name, low, (y, at_y), thresholds[[t]])
            found.append(
                {"at": (below[0] + above[0]) / 2.0, "below": schedules[below[1]], "above": schedules[above[1]]}
            )
            low = above  # a third schedule may be best in between
    return found


def _halved(base_case, name, low, high, threshold):
    """The ends of a narrow interval in which the best schedule first changes: (value, best schedule) twice."""
    for _ in range(MOST_HALVINGS):
        if high[0] - low[0] <= PRECISION * abs(high[0]):
            break
        middle = (low[0] + high[0]) / 2.0
        best = int(ties.first_best(base_case.with_parameter(name, middle).net_benefit(threshold)[0], keep=low[1]))
        low, high = ((middle, best), high) if best == low[1] else (low, (middle, best))
    return low, high
