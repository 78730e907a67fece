"""What proposed trials are worth: the model simulates each in every draw, and the net benefits of the draws are regressed on what it finds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from radsim.decision.evpi import evpi, population_value
from radsim.decision.evppi import LEAST_DRAWS
from radsim.decision.evsi import FEW_EFFECTIVE, evsi
from radsim.decision.net_benefit import net_monetary_benefit
from radsim.decision.samples import draw_numbers
from radsim.storage import UsageFault


class Plan(NamedTuple):
    """What a trial costs and who has the use of it.

    Attributes
    ----------
    cost : float or None
        Of the trial, whatever its size. [currency]
    cost_per_patient : float or None
        Of each patient randomised, on top. [currency]
    sizes : tuple of int
        Patients in each arm to ask about, in the place of those of the file; none: those of the file.
    reports_after_years : int
        Years until the trial reports, in which nobody has the use of it.
    """

    cost: float | None = None
    cost_per_patient: float | None = None
    sizes: Sequence[int] = ()
    reports_after_years: int = 0

    @property
    def has_cost(self):
        """Whether anything was said of what it costs."""
        return self.cost is not None or self.cost_per_patient is not None

    def total(self, n_patients):
        """Cost of a trial of so many patients. [currency]"""
        return (self.cost or 0.0) + (self.cost_per_patient or 0.0) * n_patients


def check_plan(plan, *, per_year, years):
    """Refuse a plan that cannot be."""
    if plan.has_cost and per_year is None:
        raise UsageFault("trial-cost: needs the patients of a year who have the use of the trial (--population N)")
    if bad := [n for n in plan.sizes if n < 1]:
        raise UsageFault(f"trial-size: expected at least one patient in each arm, found {bad[0]}")
    if not 0 <= plan.reports_after_years < years:
        raise UsageFault(
            f"trial-years: expected fewer than the {years} years for which the decision is valid, found {plan.reports_after_years}"
        )


def trial_information(
    dataset, data, proposals, *, thresholds, seed, plan, per_year, years, discount, threads=None, progress=None
):
    """Value of proposed trials at every threshold and size.

    Parameters
    ----------
    dataset : xarray.Dataset
        A result with `parameter_value`.
    data : samples.Samples
    proposals : sequence of path or mapping
        Proposed trials.
    thresholds : ndarray, shape (threshold,)
    seed : int
        Of the simulated trials.
    plan : Plan
    per_year : float or None
        Patients a year who have the use of the trial.
    years : int
        Years for which the decision is valid.
    discount : float
        Annual rate. [1]
    threads : int, optional
    progress : callable, optional

    Returns
    -------
    list of dict
        ``trial``, ``arms``, ``randomised``, ``figures``, ``threshold``, ``value``, ``se``, ``importance_sampling``,
        ``importance_sampling_se``, ``effective_draws``, ``enough_draws``, ``share_of_evpi``, ``population_value``, ``trial_cost``, ``enbs`` (expected net benefit of
        sampling), ``enbs_se``; the last four None where nothing was said of the population, or of the cost.

    Raises
    ------
    UsageFault
        If there are too few draws, no parameters of a simulation, or an arm is no schedule of the result.
    ConfigError
        If the file of a trial is faulty.
    """
    from radsim.trials.proposal import load_proposal, proportions_by_draw

    check_plan(plan, per_year=per_year, years=years)
    if len(data.draws) < LEAST_DRAWS:
        raise UsageFault(
            f"evsi: expected at least {LEAST_DRAWS} draws of the parameters, found {len(data.draws)} (radsim run --draws)"
        )
    if "parameter_value" not in dataset.variables:
        raise UsageFault("evsi: expected a result of radsim, whose parameters the trial is simulated with, found none")
    loaded = [load_proposal(each) for each in proposals]
    for proposal in loaded:
        _check_arms(proposal, data.schedules)
    rows = []
    for proposal in loaded:
        parameters = _parameters(dataset, data.draws)
        found = proportions_by_draw(proposal, parameters, seed=seed, threads=threads, progress=progress)
        for randomised in [[n] * len(proposal.arms) for n in plan.sizes] or [[a.randomised for a in proposal.arms]]:
            rows += _rows(proposal, found, randomised, data, thresholds, seed, plan, per_year, years, discount)
    return rows


def _check_arms(proposal, schedules):
    for i, arm in enumerate(proposal.arms):
        if arm.schedule.name not in schedules:
            raise UsageFault(
                f"{proposal.id}: arms[{i}].schedule: expected a schedule of the result ({', '.join(schedules)}), found {arm.schedule.name}"
            )


def _parameters(dataset, draws):
    """Every parameter of the simulation in some draws, those that do not vary too."""
    place = {int(number): row for row, number in enumerate(draw_numbers(dataset))}
    values = dataset["parameter_value"].transpose("draw", "parameter").values[[place[int(draw)] for draw in draws]]
    return {str(name): values[:, i].astype(float) for i, name in enumerate(dataset["parameter"].values)}


def _rows(proposal, found, randomised, data, thresholds, seed, plan, per_year, years, discount):
    proportions, shares = found
    of_arm = np.tile(randomised, len(proposal.outcomes))
    sizes = np.maximum(np.rint(of_arm * shares), 1).astype(int)
    common = {
        "trial": proposal.id, "arms": [arm.name for arm in proposal.arms], "randomised": list(randomised),
        "figures": _figures(proposal, proportions, sizes),
    }  # fmt: skip
    rows = []
    for threshold in thresholds:
        benefit = net_monetary_benefit(data.cost, data.qalys, threshold)
        one, whole = evsi(benefit, proportions, sizes, seed=seed), float(evpi(benefit))
        rows.append({
            **common, "threshold": float(threshold), **one._asdict(), "enough_draws": one.effective_draws >= FEW_EFFECTIVE,
            "share_of_evpi": one.value / whole if whole > 0.0 else None,
            **_of_population(one, sum(randomised), plan, per_year, years, discount),
        })  # fmt: skip
    return rows


def _figures(proposal, proportions, sizes):
    """What the trial is expected to find: mean and 95 % of the draws of each figure, without its own chance."""
    low, high = np.quantile(proportions, (0.025, 0.975), axis=0)
    cells = [(outcome, arm) for outcome in proposal.outcomes for arm in proposal.arms]
    return [
        {
            "outcome": outcome.outcome, "measure": outcome.measure, "arm": arm.name, "n": int(sizes[i]),
            "expected": float(proportions[:, i].mean()), "low95": float(low[i]), "high95": float(high[i]),
        }
        for i, (outcome, arm) in enumerate(cells)
    ]  # fmt: skip


def _of_population(one, n_patients, plan, per_year, years, discount):
    """Value for everyone treated after the trial has reported, and less what it costs."""
    nothing = dict.fromkeys(("population_value", "trial_cost", "enbs", "enbs_se"))
    if per_year is None:
        return nothing
    how = {"per_year": per_year, "discount": discount}
    per_unit = population_value(1.0, years=years, **how) - population_value(1.0, years=plan.reports_after_years, **how)
    worth = {**nothing, "population_value": one.value * per_unit}
    if not plan.has_cost:
        return worth
    cost = plan.total(n_patients)
    return {
        **worth,
        "trial_cost": cost,
        "enbs": worth["population_value"] - cost,
        "enbs_se": math.fabs(per_unit) * one.se,
    }
