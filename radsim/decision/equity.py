"""Distributional cost-effectiveness: health of the subgroups, and how a society that dislikes inequality values it."""

from __future__ import annotations

import numpy as np

from radsim.decision.equity_values import equity_values
from radsim.decision.general_population import lived_qalys, norm_of, person_of
from radsim.decision.net_benefit import share_best
from radsim.decision.subgroups import parts
from radsim.maths import ties
from radsim.outcomes.intervals import LEVELS_95
from radsim.storage import UsageFault


def equally_distributed_equivalent(health, shares, *, aversion):
    """The level of health that, had everybody the same, would be as good as what there is (Atkinson).

    Parameters
    ----------
    health : ndarray, shape (group, ...)
        > 0. [year]
    shares : ndarray, shape (group,)
        Of the patients; sum to one.
    aversion : float
        0: the mean, inequality is nothing; the higher, the more the worst off count. [1]

    Returns
    -------
    ndarray, shape (...)
        Not above the mean. [year]
    """
    shares = np.reshape(shares, (-1,) + (1,) * (np.ndim(health) - 1))
    if aversion == 1.0:
        return np.exp(np.sum(shares * np.log(health), axis=0))
    scale = health.min(axis=0)  # powers of ratios do not overflow
    return scale * np.sum(shares * (health / scale) ** (1.0 - aversion), axis=0) ** (1.0 / (1.0 - aversion))


def equity_weights(health, shares, *, aversion):
    """Weight of a year gained in each group, mean one over the patients; shape (group,)."""
    weights = (health / health.min()) ** -aversion
    return weights / float(np.sum(shares * weights))


def distributional(dataset, economics, *, thresholds, reference, aversion=None):
    """Schedules by health, its distribution over the subgroups, and both together.

    Parameters
    ----------
    dataset : xarray.Dataset
        With the dimension `subgroup`.
    economics : Economics
    thresholds : ndarray, shape (threshold,)
    reference : int
    aversion : float, optional
        To inequality; that of the registry by default. [1]

    Returns
    -------
    dict
        ``aversion``; ``groups``: ``subgroup``, ``share``, ``age``, ``lived`` and ``health`` (quality-adjusted years had, and of a lifetime, under
        the reference), ``weight``; ``schedules``: by threshold and schedule ``health`` (mean, net of what its cost displaces), ``equivalent`` (equally
        distributed), ``inequality`` (what inequality costs), ``gain`` of the equivalent over the reference with ``gain_low95`` and
        ``gain_high95``, ``weighted_gain`` (of health, each group by its weight), ``p_best``.

    Raises
    ------
    UsageFault
        If there are no subgroups, or ages and norm are not known.

    Notes
    -----
    Health is that of a lifetime: the years lived, at the population norm of each age, and the QALYs to come as they are discounted in the
    appraisal. What a schedule costs more than the reference displaces health of others, at the threshold, spread evenly over all groups.
    """
    if "subgroup" not in dataset.dims or not (found := parts(dataset, reference)):
        raise UsageFault(
            "equity: expected a result with subgroups (subgroups: [visceral] in its configuration), found none"
        )
    names = [str(name) for name in dataset["subgroup"].values]
    try:
        norm = norm_of(economics)
        people = [person_of(dataset.isel(subgroup=names.index(name))) for name, *_ in found]
    except UsageFault as fault:
        raise UsageFault(f"equity: {fault}") from None
    aversion = equity_values().atkinson.value if aversion is None else float(aversion)
    lived, shares = np.array([lived_qalys(patient, norm) for patient in people]), np.array([part[2] for part in found])
    data = [part[1] for part in found]
    mean = lived[:, np.newaxis] + np.stack([each.mean_qalys for each in data])
    cost = np.tensordot(shares, np.stack([each.mean_cost for each in data]), axes=1)
    weights = equity_weights(mean[:, reference], shares, aversion=aversion)
    groups = [
        {"subgroup": part[0], "share": part[2], "age": patient.age, "lived": float(years), "health": float(h[reference]), "weight": float(w)}
        for part, patient, years, h, w in zip(found, people, lived, mean, weights, strict=True)
    ]  # fmt: skip
    over_draws = None
    if data[0].is_probabilistic:
        by_draw = lived[:, np.newaxis, np.newaxis] + np.stack([each.qalys for each in data])
        over_draws = by_draw, np.tensordot(shares, np.stack([each.cost for each in data]), axes=1)
    rows = []
    for threshold in thresholds[thresholds > 0.0]:
        how = {"shares": shares, "weights": weights, "aversion": aversion, "reference": reference}
        rows += _rows(data[0].schedules, float(threshold), _net(mean, cost, threshold, reference), over_draws, **how)
    return {"aversion": aversion, "groups": groups, "schedules": rows}


def _net(health, cost, threshold, reference):
    """Health less what the extra cost displaces; shape (group, ..., schedule)."""
    return health - ties.difference(cost, cost[..., reference, np.newaxis]) / threshold


def _rows(schedules, threshold, health, over_draws, *, shares, weights, aversion, reference):
    average = shares @ health
    equivalent = equally_distributed_equivalent(health, shares, aversion=aversion)
    weighted = (shares * weights) @ (health - health[:, reference, np.newaxis])
    low = high = best = np.full(len(schedules), np.nan)
    if over_draws is not None:
        drawn = equally_distributed_equivalent(_net(*over_draws, threshold, reference), shares, aversion=aversion)
        best = share_best(drawn).mean(axis=0)
        if len(drawn) > 1:
            low, high = np.quantile(drawn - drawn[:, reference, np.newaxis], LEVELS_95, axis=0)
    return [
        {
            "threshold": threshold, "schedule": name, "health": float(average[s]), "equivalent": float(equivalent[s]),
            "inequality": float(average[s] - equivalent[s]), "gain": float(equivalent[s] - equivalent[reference]), "gain_low95": float(low[s]),
            "gain_high95": float(high[s]), "weighted_gain": float(weighted[s]), "p_best": float(best[s]),
        }
        for s, name in enumerate(schedules)
    ]  # fmt: skip
