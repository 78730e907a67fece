"""Occupancy and counts times their values: plain arrays, one pass over the large ones.

Every product is of the table of one batch, draw and schedule by itself, always of the same shape: a larger one would be added up in
an order that depends on how many schedules there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim import care
from radsim.economics.items import COMPONENTS
from radsim.maths.addition import in_order
from radsim.valuation.discounting import DAYS_PER_YEAR, discount_factors
from radsim.valuation.weights import (
    age_terms,
    cell_utilities,
    item_losses,
    item_prices,
    state_prices,
    stereotactic_surcharge,
)


class Weights(NamedTuple):
    """Utilities, losses and prices, in each draw.

    Attributes
    ----------
    utility : ndarray, shape (draw, state)
    loss : ndarray, shape (draw, item)
        Quality-adjusted days.
    item_price : ndarray, shape (draw, item, component)
    state_price : ndarray, shape (draw, state, component)
        Per day.
    surcharge : tuple of two ndarray, shape (draw,)
        Of a stereotactic course, and of a fraction of it.
    age : tuple
        Coefficients, shape (draw, 4), and reference, shape (draw,), of the population norm; None, None without.
    multiplicative : bool
        How the norm acts.
    """

    utility: np.ndarray
    loss: np.ndarray
    item_price: np.ndarray
    state_price: np.ndarray
    surcharge: tuple
    age: tuple
    multiplicative: bool


class Value(NamedTuple):
    """What the patients of each batch cost and gain, per patient.

    Attributes
    ----------
    cost : ndarray, shape (batch, draw, schedule, component)
    qalys, qalys_undiscounted : ndarray, shape (batch, draw, schedule)
        [year]
    """

    cost: np.ndarray
    qalys: np.ndarray
    qalys_undiscounted: np.ndarray


def weights(values, economics, *, states, items):
    """The `Weights` of a set of draws (`parameters.sample`)."""
    return Weights(
        utility=cell_utilities(values, economics, states),
        loss=item_losses(values, items),
        item_price=item_prices(values, items),
        state_price=state_prices(values, states),
        surcharge=stereotactic_surcharge(values),
        age=age_terms(values),
        multiplicative=economics.combination == "multiplicative",
    )


def value(occupancy, count, weights, *, middles_days, discount, items, stereotactic=None, age_exposure=None):
    """Value one result.

    Parameters
    ----------
    occupancy : array, shape (batch, draw, schedule, period, state)
        Days per patient of the batch.
    count : array, shape (batch, draw, schedule, period, item)
        Items per patient of the batch.
    weights : Weights
    middles_days : array, shape (period,)
        Middle of each period. [d]
    discount : radsim.config.Discount
    items : sequence of str
        Names of the items.
    stereotactic : sequence of int or None, shape (schedule,)
        Fractions of the index course where it is stereotactic, else 0; None: nowhere.
    age_exposure : array, shape (batch, draw, period, 4), optional
        Days lived per patient, and the same weighted by age, its square and being male.

    Returns
    -------
    Value
    """
    costs, effects = (
        discount_factors(middles_days, rate=rate, convention=discount.convention)
        for rate in (discount.costs, discount.effects)
    )
    days = _quality_adjusted_days(occupancy, weights, age_exposure)
    cost = _of_items(count, costs, weights.item_price, items) + _present_value(occupancy, costs, weights.state_price)
    _add_surcharge(cost, count, weights, items=items, stereotactic=stereotactic, present=costs[0])
    gained = [
        (in_order(days * factors, -1) - _of_items(count, factors, weights.loss[..., None], items)[..., 0])
        / DAYS_PER_YEAR
        for factors in (effects, np.ones_like(effects))
    ]
    return Value(cost, *gained)


def _quality_adjusted_days(occupancy, weights, age_exposure):
    """Days lived times utility, shape (batch, draw, schedule, period)."""
    days = np.matmul(occupancy, weights.utility[:, None, :, None])[..., 0]
    if weights.age[0] is None or age_exposure is None:
        return days
    return _with_norm(days, weights, age_exposure)


def _present_value(amounts, factors, worth):
    """Amounts (batch, draw, schedule, period, n) discounted and times worth (draw, n, k): (batch, draw, schedule, k)."""
    if not worth.any():
        return np.zeros((*amounts.shape[:3], worth.shape[-1]))
    discounted = np.matmul(factors[None, :], amounts)
    return np.matmul(discounted, worth[:, None])[..., 0, :]


def _of_items(count, factors, worth, items):
    """Present value of what is counted. Later kinds of care are added by themselves: without them no bit of a sum changes."""
    later = [[list(items).index(name) for name in kind if name in items] for kind in care.LATER_ITEMS]
    first = [i for i in range(len(items)) if not any(i in kind for kind in later)]
    total = 0.0
    for columns in (first, *later):
        whole = len(columns) == len(items)
        priced = worth if whole else np.ascontiguousarray(worth[:, columns])
        amounts = count if whole else count[..., columns[:1]]
        if priced.any() and not whole:  # what is worth nothing need not be brought together
            amounts = np.ascontiguousarray(count[..., columns])
        total = total + _present_value(amounts, factors, priced)
    return total


def _with_norm(days, weights, exposure):
    """Quality-adjusted days moved with the population norm of those alive in each period.

    Additive: the norm's distance from the reference, times the days lived, exactly. Multiplicative: the mean norm of the period
    over the reference; age and pain within a period are taken as independent.
    """
    coefficients, reference = weights.age
    lived = exposure[..., 0]
    normed = in_order(exposure * coefficients[:, None, :], -1)
    if not weights.multiplicative:
        return days + (normed - reference[:, None] * lived)[:, :, None, :]
    mean = np.divide(normed, lived, out=np.broadcast_to(reference[:, None], lived.shape).copy(), where=lived > 0)
    return days * (mean / reference[:, None])[:, :, None, :]


def _add_surcharge(cost, count, weights, *, items, stereotactic, present):
    """Put the index course of stereotactic schedules at its own price, in place; ``present`` is the factor of the first period.

    Every patient begins the index course in the first period. Its fractions are those planned, or as many as were given in that
    period if fewer; repeats are conventional.
    """
    component, fractions = COMPONENTS.index("radiotherapy"), list(items).index("fractions")
    course, fraction = weights.surcharge
    for s, planned in enumerate(stereotactic if stereotactic is not None else ()):
        if planned:
            given = np.minimum(planned, count[:, :, s, 0, fractions])
            cost[:, :, s, component] += present * (course + given * fraction)
