"""The document of a decision: incremental analysis, net benefits and value of information as plain numbers, text and lists."""

from __future__ import annotations

import numpy as np

from radsim.decision import convergence
from radsim.decision.evpi import evpi, evpi_adjusted, evpi_error, population_value
from radsim.decision.incremental import MEANINGS, increment, incremental_analysis
from radsim.decision.net_benefit import (
    acceptability,
    acceptability_frontier,
    expected_loss,
    incremental,
    net_health_benefit,
    net_monetary_benefit,
)
from radsim.maths import ties
from radsim.outcomes.intervals import LEVELS_95

CURVE_POINTS = 41
WANTED_SHARE = 0.1
"""Of the incremental net benefit of the two best: the precision advised on unless another is asked for."""


def key(threshold):
    """A threshold as the name of a field: `20000`, `0.5`."""
    return f"{threshold:.0f}" if threshold == int(threshold) else repr(float(threshold))


def keyed(thresholds, values):
    """Values by threshold, ready for JSON."""
    return {key(t): None if not np.isfinite(v) else float(v) for t, v in zip(thresholds, values, strict=True)}


def core(data, *, thresholds, reference, wanted=None):
    """The decision document of one population.

    Returns
    -------
    dict
        The document of `radsim cea --json`, without partial information.
    """
    benefit = net_monetary_benefit(data.cost, data.qalys, thresholds)
    document = {
        "currency": data.currency,
        "price_year": data.price_year,
        "price_year_text": data.year_text,
        "reference": data.schedules[reference],
        "base_case": "probabilistic" if data.is_probabilistic else "deterministic",
        "draws": len(data.draws),
        "patients": data.n_patients,
        "thresholds": [float(t) for t in thresholds],
        "schedules": schedule_rows(data, thresholds=thresholds, reference=reference),
        "best": _best(data, thresholds),
        "evpi": {}, "evpi_se": {}, "evpi_adjusted": {}, "evppi": [], "evsi": [], "monte_carlo": {},
    }  # fmt: skip
    if data.is_probabilistic:
        covariance = noise(data, thresholds)
        adjusted = [evpi_adjusted(b, c.mean(axis=0)) for b, c in zip(benefit, covariance, strict=True)]
        document |= {
            "evpi": keyed(thresholds, evpi(benefit)),
            "evpi_se": keyed(thresholds, evpi_error(benefit)),
            "evpi_adjusted": keyed(thresholds, adjusted),
            "ceaf": _frontier(data, benefit, thresholds),
            "expected_loss": _by_schedule(data, expected_loss(benefit), thresholds),
            "monte_carlo": monte_carlo(data, thresholds=thresholds, reference=reference, wanted=wanted),
        }
    return document


def schedule_rows(data, *, thresholds, reference):
    """One row a schedule, in the order of the result."""
    standings = incremental_analysis(data.mean_cost, data.mean_qalys)
    value = net_monetary_benefit(data.mean_cost, data.mean_qalys, thresholds)
    health = net_health_benefit(data.mean_cost, data.mean_qalys, thresholds)
    share = acceptability(net_monetary_benefit(data.cost, data.qalys, thresholds)) if data.is_probabilistic else None
    rows = []
    for s, (name, standing) in enumerate(zip(data.schedules, standings, strict=True)):
        rows.append({
            "schedule": name,
            "cost": _number(data.mean_cost[s]),
            "qalys": _number(data.mean_qalys[s]),
            **_interval("cost", data.cost[:, s]),
            **_interval("qalys", data.qalys[:, s]),
            "cost_deterministic": _number(data.base_cost[s]),
            "qalys_deterministic": _number(data.base_qalys[s]),
            "comparator": None if standing.comparator is None else data.schedules[standing.comparator],
            **increment_cells(standing.increment),
            **increment_intervals(data, s, standing.comparator),
            **({} if data.life_years is None else {"life_years": _number(data.life_years[s])}),
            **({} if not data.components else {"cost_by_component": {name: _number(mean[s]) for name, mean in data.components.items()}}),
            "status": standing.status,
            "dominated_by": [data.schedules[by] for by in standing.by],
            "equal_to": [data.schedules[other] for other in standing.equal_to],
            "versus_reference": versus_reference(data, s, thresholds=thresholds, reference=reference),
            "net_benefit": keyed(thresholds, value[:, s]),
            "net_health_benefit": keyed(thresholds, health[:, s]),
            "p_cost_effective": keyed(thresholds, share[:, s]) if share is not None else keyed(thresholds, np.full(len(thresholds), np.nan)),
        })  # fmt: skip
    return rows


def versus_reference(data, schedule, *, thresholds, reference):
    """One schedule less the reference: costs, QALYs, quadrant, net benefits with their 95 % interval over the draws."""
    found = increment(
        data.mean_cost[schedule], data.mean_qalys[schedule],
        comparator_cost=data.mean_cost[reference], comparator_effect=data.mean_qalys[reference],
    )  # fmt: skip
    inmb = incremental(net_monetary_benefit(data.mean_cost, data.mean_qalys, thresholds), reference)[:, schedule]
    inhb = incremental(net_health_benefit(data.mean_cost, data.mean_qalys, thresholds), reference)[:, schedule]
    over_draws = incremental(net_monetary_benefit(data.cost, data.qalys, thresholds), reference)[..., schedule]
    enough = len(data.draws) > 1  # one draw has no interval
    low, high = np.quantile(over_draws, LEVELS_95, axis=1) if enough else np.full((2, len(thresholds)), np.nan)
    return {
        **increment_cells(found),
        **increment_intervals(data, schedule, reference),
        "incremental_net_benefit": keyed(thresholds, inmb),
        "incremental_net_benefit_low95": keyed(thresholds, low),
        "incremental_net_benefit_high95": keyed(thresholds, high),
        "incremental_net_health_benefit": keyed(thresholds, inhb),
    }


def noise(data, thresholds):
    """Covariance of the Monte Carlo error of each draw's net benefits, shape (threshold, draw, schedule, schedule)."""
    by_batch = net_monetary_benefit(data.cost_by_batch, data.qalys_by_batch, thresholds)
    return convergence.within_draw_covariance(by_batch, data.weights)


def monte_carlo(data, *, thresholds, reference, wanted=None):
    """Monte Carlo error of each incremental net benefit, its parts, and what more patients or draws would buy."""
    benefit = net_monetary_benefit(data.cost, data.qalys, thresholds)
    covariance = noise(data, thresholds)
    return {key(t): _errors(data, benefit[i], covariance[i], reference, wanted) for i, t in enumerate(thresholds)}


def _errors(data, benefit, covariance, reference, wanted):
    against = incremental(benefit, reference)
    within = convergence.difference_variance(covariance, reference)
    parts = convergence.error_parts(against, within)
    rows = [
        {
            "schedule": name, "incremental_net_benefit": _number(against[:, s].mean()), "mcse": _number(parts.mcse[s]),
            "first_order": _number(parts.first_order[s]), "second_order": _number(parts.second_order[s]),
            "noise_share": _number(parts.noise_share[s]),
        }
        for s, name in enumerate(data.schedules) if s != reference
    ]  # fmt: skip
    bands = convergence.acceptability_bands(benefit, covariance)
    shares = [
        {"schedule": name, **{part: _number(values[s]) for part, values in bands.items()}}
        for s, name in enumerate(data.schedules)
    ]
    return {
        "incremental_net_benefit": rows,
        "p_cost_effective": shares,
        "plan": _plan(data, benefit, covariance, wanted),
    }


def _plan(data, benefit, covariance, wanted):
    """Advice on the difference between the two best schedules; None where nothing can be said."""
    if data.n_patients is None or benefit.shape[1] < 2:
        return None
    best, second = np.argsort(-benefit.mean(axis=0), kind="stable")[:2]
    against = incremental(benefit, second)[:, best]
    wanted = WANTED_SHARE * abs(float(against.mean())) if wanted is None else wanted
    if wanted <= 0.0:
        return None
    within = convergence.difference_variance(covariance, second)[:, best]
    found = convergence.plan(against, within, n_patients=data.n_patients, wanted=wanted)
    return None if found is None else {"schedules": [data.schedules[best], data.schedules[second]], **found._asdict()}


def curves(data, thresholds):
    """Acceptability, its frontier and bands, expected loss and EVPI along a grid of thresholds.

    Returns
    -------
    dict of str to ndarray
        ``threshold`` (threshold,), ``acceptability`` and ``expected_loss`` (threshold, schedule), ``evpi`` and
        ``frontier`` (threshold,), ``best`` (threshold,) as numbers of schedules, the first of equal ones, ``is_best`` (threshold,
        schedule), bands as `convergence.acceptability_bands`.
    """
    grid = np.unique(np.concatenate([np.linspace(0.0, 2.0 * thresholds[-1], CURVE_POINTS), thresholds]))
    benefit = net_monetary_benefit(data.cost, data.qalys, grid)
    best, probability = acceptability_frontier(benefit)
    return {
        "threshold": grid,
        "acceptability": acceptability(benefit),
        "expected_loss": expected_loss(benefit),
        "evpi": evpi(benefit),
        "best": best,
        "is_best": ties.are_best(benefit.mean(axis=-2)),
        "frontier": probability,
        **convergence.acceptability_bands(benefit, noise(data, grid)),
    }


def population(document, *, patients_per_year, years, discount):
    """EVPI for everyone treated while the decision is valid, beside that per patient."""
    how = {"per_year": patients_per_year, "years": years, "discount": discount}
    return {
        **how,
        **{
            name: {t: None if value is None else population_value(value, **how) for t, value in document[name].items()}
            for name in ("evpi", "evpi_adjusted")
        },
    }


def _best(data, thresholds):
    """The schedule of the greatest mean net benefit; several where they are equal."""
    value = net_monetary_benefit(data.mean_cost, data.mean_qalys, thresholds)
    return {key(t): ties.names_of_best(v, data.schedules) for t, v in zip(thresholds, value, strict=True)}


def _frontier(data, benefit, thresholds):
    best, probability = acceptability_frontier(benefit)
    return {
        key(t): {"schedule": data.schedules[b], "p_cost_effective": float(p)}
        for t, b, p in zip(thresholds, best, probability, strict=True)
    }


def _by_schedule(data, values, thresholds):
    return {name: keyed(thresholds, values[:, s]) for s, name in enumerate(data.schedules)}


def increment_cells(found):
    """An `Increment` as fields of a row; None, of the schedule that costs least, has none."""
    if found is None:
        nothing = dict.fromkeys(("incremental_cost", "incremental_qalys", "icer"))
        return {**nothing, "quadrant": "origin", "meaning": "costs least"}
    return {
        "incremental_cost": found.cost, "incremental_qalys": found.effect, "icer": _number(found.icer),
        "quadrant": found.quadrant, "meaning": MEANINGS[found.quadrant],
    }  # fmt: skip


def increment_intervals(data, schedule, comparator):
    """Ends between which 95 % of the draws of the increments lie; None with fewer than two draws, or nothing to compare with."""
    if comparator is None:
        names = [f"incremental_{what}_{end}95" for what in ("cost", "qalys") for end in ("low", "high")]
        return dict.fromkeys(names)
    cost, qalys = (values[:, schedule] - values[:, comparator] for values in (data.cost, data.qalys))
    return {**_interval("incremental_cost", cost), **_interval("incremental_qalys", qalys)}


def _number(value):
    return float(value) if np.isfinite(value) else None


def _interval(name, values):
    """Ends between which 95 % of the draws lie; None with fewer than two."""
    low, high = np.quantile(values, LEVELS_95).tolist() if len(values) > 1 else (None, None)
    return {f"{name}_low95": low, f"{name}_high95": high}
