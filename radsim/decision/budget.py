"""What a payer spends, year by year, as practice changes: undiscounted, all patients, no QALYs."""

from __future__ import annotations

import numpy as np

from radsim.decision.convergence import batch_weights
from radsim.decision.samples import draw_numbers
from radsim.economics.items import COMPONENTS
from radsim.storage import UsageFault

DAYS_PER_YEAR = 365.25


def budget_impact(dataset, record, economics):
    """Budget impact of a change of practice.

    Returns
    -------
    dict
        ``years``, ``patients_per_year``, ``current``, ``future`` and ``impact`` (lists by year, and their sums as ``total``), ``low95`` and
        ``high95`` of the impact over the draws, ``cost_per_patient`` by schedule and year since treatment, ``uptake``,
        ``by_component``: ``current``, ``future`` and ``impact`` of each part of the cost.

    Notes
    -----
    Patients of a year start at its beginning; what their disease costs in later years falls into those years. Undiscounted, as a budget
    is (ISPOR budget impact guidelines, 2014).
    """
    plan = economics.budget_impact
    if plan is None:
        text = "economics.budget_impact: expected patients_per_year and the uptake (current, future) of each schedule, found nothing"
        raise UsageFault(text)
    schedules = [str(name) for name in dataset["schedule"].values]
    unknown = sorted({*plan.current, *plan.future} - set(schedules))
    if unknown:
        raise UsageFault(
            f"economics.budget_impact: expected schedules of the result ({', '.join(schedules)}), found {unknown[0]}"
        )
    n_years = len(next(iter(plan.current.values())))
    by_component = yearly_costs(dataset, record, economics, n_years)
    per_patient = by_component.sum(axis=-1)
    worlds = {
        name: _spending(per_patient, _uptake(getattr(plan, name), schedules, n_years), plan.patients_per_year)
        for name in ("current", "future")
    }
    impact = worlds["future"] - worlds["current"]
    parts = {component: by_component[..., i] for i, component in enumerate(COMPONENTS)}
    return {
        "patients_per_year": plan.patients_per_year,
        "years": list(range(1, n_years + 1)),
        "uptake": {name: {s: list(shares) for s, shares in getattr(plan, name).items()} for name in ("current", "future")},
        "cost_per_patient": {name: per_patient.mean(axis=0)[s].tolist() for s, name in enumerate(schedules)},
        **{name: _yearly(values) for name, values in worlds.items()},
        "impact": _yearly(impact),
        "low95": _interval(impact, 0.025), "high95": _interval(impact, 0.975),
        "by_component": {name: _of_component(part, plan, schedules, n_years) for name, part in parts.items() if part.any()},
    }  # fmt: skip


def _of_component(per_patient, plan, schedules, n_years):
    """Spending on one part of the cost: ``current``, ``future`` and ``impact`` by year, and their sums."""
    current, future = (
        _spending(per_patient, _uptake(shares, schedules, n_years), plan.patients_per_year)
        for shares in (plan.current, plan.future)
    )
    return {"current": _yearly(current), "future": _yearly(future), "impact": _yearly(future - current)}


def yearly_costs(dataset, record, economics, n_years):
    """Undiscounted cost per patient in each year since treatment began by part, shape (draw, schedule, year, component).

    Draws >= 1, or the base case if there are none. Periods are taken whole, by their middle.
    """
    from radsim.economics.parameters import sample
    from radsim.economics.section import Discount
    from radsim.valuation import value
    from radsim.valuation.appraisal import stereotactic_fractions
    from radsim.valuation.values import weights

    numbers = draw_numbers(dataset)
    used = numbers >= 1 if (numbers >= 1).any() else numbers == 0
    labels = {name: [str(label) for label in dataset[name].values] for name in ("state", "item")}
    worth = weights(
        sample(economics, seed=record["seed"], draws=numbers[used]),
        economics,
        states=labels["state"],
        items=labels["item"],
    )
    amounts = [_pooled(dataset, name, used) for name in ("occupancy", "count")]
    middles = np.asarray(dataset["period"].values, float)
    year = np.floor(middles / DAYS_PER_YEAR).astype(int)
    stereotactic = stereotactic_fractions(dataset, record)
    without = Discount(costs=0.0, effects=0.0, convention="continuous")
    found = []
    for number in range(n_years):
        of_year = year == number
        if not of_year.any():  # beyond the horizon
            found.append(np.zeros((int(used.sum()), dataset.sizes["schedule"], len(COMPONENTS))))
            continue
        parts = [amount[:, :, :, of_year] for amount in amounts]
        index_course = stereotactic if number == 0 else None  # everyone begins it in the first year
        priced = value(
            *parts,
            worth,
            middles_days=middles[of_year],
            discount=without,
            items=labels["item"],
            stereotactic=index_course,
        )
        found.append(priced.cost[0])
    return np.stack(found, axis=2)


def _pooled(dataset, name, used):
    """Amounts of all patients together, with a batch axis of length 1."""
    values = dataset[name].transpose("batch", "draw", ...).values[:, used]
    weights = batch_weights(dataset["n_patients"].transpose("batch", "draw").values)[:, used]
    return np.einsum("bd,bd...->d...", weights, np.nan_to_num(values))[np.newaxis]


def _uptake(shares, schedules, n_years):
    """Share of each schedule in each year, shape (schedule, year); nothing for those not named."""
    return np.array([shares.get(name, (0.0,) * n_years) for name in schedules])


def _spending(per_patient, uptake, patients_per_year):
    """Spending in each calendar year, shape (draw, year): everyone who began in it or before."""
    n_years = uptake.shape[1]
    spent = np.zeros((len(per_patient), n_years))
    for start in range(n_years):
        since = per_patient[:, :, : n_years - start]
        spent[:, start:] += patients_per_year * np.einsum("s,dsy->dy", uptake[:, start], since)
    return spent


def _yearly(values):
    mean = values.mean(axis=0)
    return {"by_year": mean.tolist(), "total": float(mean.sum())}


def _interval(values, probability):
    if len(values) < 2:
        return None
    total = float(np.quantile(values.sum(axis=1), probability))
    return {"by_year": np.quantile(values, probability, axis=0).tolist(), "total": total}
