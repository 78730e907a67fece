"""The value of a day in each state and of one of each item, in each draw: the tables that occupancy and counts are multiplied with."""

from __future__ import annotations

import numpy as np

from radsim.economics.items import (
    AGE_TERMS,
    COMPONENTS,
    COUNTED,
    EVENT_STATES,
    LIVED,
    LOSSES,
    NEAR_DEATH,
    PAIN_LEVELS,
    PRICED,
)
from radsim.storage import UsageFault

HIGHEST_UTILITY = 1.0  # full health: a definition


def state_parts(states):
    """The three parts of each state: ``pain_severe``, ``fracture_recent``, ``death_over_90_days``.

    Raises
    ------
    UsageFault
        If a state is not of this form.
    """
    parts = [tuple(str(state).split("|")) for state in states]
    if bad := [state for state, part in zip(states, parts, strict=True) if len(part) != 3]:
        raise UsageFault(f"state: expected pain | health | nearness to death, found {bad[0]}")
    return parts


def pain_utilities(values, economics):
    """Utility of each pain level without event and far from death.

    Parameters
    ----------
    values : dict of str to array, shape (draw,)
        From `parameters.sample`.
    economics : Economics

    Returns
    -------
    ndarray, shape (draw, level)
        In the order of `PAIN_LEVELS`. With an anchor u, shares w of the levels it is known for and decrements d:
        u (1 - d) / sum of w (1 - d). [1]

    Notes
    -----
    The levels are drawn one by one, so that a draw can have them out of order although the values are in order
    (`radsim.economics.sets.section_faults`). They are put in order: more pain never has a higher utility. Their sum stays.
    """
    pain = np.stack([values[f"utility.pain.{level}"] for level in PAIN_LEVELS], axis=1)
    anchor = economics.utility_set.anchor
    if anchor is None:
        return -np.sort(-pain, axis=1)
    pain = np.sort(pain, axis=1)
    left = 1.0 - pain
    shares = np.array([anchor.at.get(level, 0.0) for level in PAIN_LEVELS])
    return values["utility.anchor"][:, None] * left / (left @ shares)[:, None]


def cell_utilities(values, economics, states):
    """Utility of each joint state.

    Returns
    -------
    ndarray, shape (draw, state)
        Additive: pain less event less nearness to death. Multiplicative: pain times (1 - event / base) times
        (1 - nearness / base), base the utility that the decrements were measured against; a state below 0 stays what it is, as a
        factor would better it. Between the lowest utility and 1.
    """
    parts = state_parts(states)
    pain = pain_utilities(values, economics)[:, [PAIN_LEVELS.index(p.removeprefix("pain_")) for p, _, _ in parts]]
    event = _decrements(values, "event", EVENT_STATES, [health for _, health, _ in parts])
    death = _decrements(values, "death", NEAR_DEATH, [near.removeprefix("death_") for _, _, near in parts])
    if economics.combination == "additive":
        utility = pain - event - death
    else:
        base = economics.utility_set.decrement_base
        kept = pain * np.maximum(1.0 - event / base, 0.0) * np.maximum(1.0 - death / base, 0.0)
        utility = np.minimum(pain, kept)
    return np.clip(utility, values["utility.lowest"][:, None], HIGHEST_UTILITY)


def _decrements(values, table, known, names):
    """Decrement of each state by one of its parts, shape (draw, state); 0 for a part without one."""
    n_draws = len(values["utility.lowest"])
    columns = {name: values[f"utility.{table}.{name}"] for name in known}
    return np.stack([columns.get(name, np.zeros(n_draws)) for name in names], axis=1)


def item_losses(values, items):
    """Quality-adjusted days lost by one of each counted item, shape (draw, item). [d]"""
    items = list(items)
    losses = np.zeros((len(values["utility.lowest"]), len(items)))
    for name, (counted, _) in LOSSES.items():
        if f"utility.loss.{name}" in values and counted in items:
            losses[:, items.index(counted)] += values[f"utility.loss.{name}"]
    return losses


def item_prices(values, items):
    """Price of one of each counted item by component, shape (draw, item, component); all courses as conventional ones."""
    items = list(items)
    prices = np.zeros((len(values["cost.course"]), len(items), len(COMPONENTS)))
    for name, counted in {"course": "courses", "fraction": "fractions", **COUNTED}.items():
        if f"cost.{name}" in values and counted in items:  # a result from before a kind of care has none of it
            prices[:, items.index(counted), COMPONENTS.index(PRICED[name].component)] += values[f"cost.{name}"]
    return prices


def state_prices(values, states):
    """Price of a day in each state by component, shape (draw, state, component)."""
    parts = state_parts(states)
    prices = np.zeros((len(values["cost.course"]), len(parts), len(COMPONENTS)))
    for name, part in LIVED.items():
        if f"cost.{name}" in values:
            inside = np.array([part in each for each in parts])
            prices[:, inside, COMPONENTS.index(PRICED[name].component)] += values[f"cost.{name}"][:, None]
    return prices


def stereotactic_surcharge(values):
    """What a stereotactic course, and a fraction of it, costs beyond a conventional one; two arrays, shape (draw,)."""
    return tuple(values[f"cost.sbrt_{name}"] - values[f"cost.{name}"] for name in ("course", "fraction"))


def age_terms(values):
    """Coefficients of the population norm on (days, age, age squared, male), and the norm at the reference.

    Returns
    -------
    coefficients : ndarray, shape (draw, 4)
    reference : ndarray, shape (draw,)
        None, None without a norm.
    """
    if "utility.age.constant" not in values:
        return None, None
    constant, slope, square, male, age, share = (values[f"utility.age.{name}"] for name in AGE_TERMS)
    reference = constant + slope * age + square * age**2 + male * share
    return np.stack([constant, slope, square, male], axis=1), reference
