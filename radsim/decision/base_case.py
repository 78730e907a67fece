"""The base case simulated again with something changed, with the same random numbers: for one-way analyses and scenarios."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.decision.convergence import batch_weights, difference_variance, within_draw_covariance
from radsim.decision.net_benefit import net_monetary_benefit
from radsim.decision.samples import PRICES, UTILITIES
from radsim.kernel.layout import ITEMS, STATES
from radsim.maths.addition import in_order
from radsim.results import VARIABLES
from radsim.results.assemble import stack
from radsim.storage import UsageFault

SUMS = ("occupancy", "count", "n_patients", "age_exposure")
"""Outputs that a valuation needs."""


class Simulated(NamedTuple):
    """Draw 0 of a study, before it is valued.

    Attributes
    ----------
    schedules : tuple of str
    middles_days : ndarray, shape (period,)
    stereotactic : list of int
        Fractions of each index course that is stereotactic, else 0.
    sums : dict of str to ndarray
        The outputs `SUMS` of one draw, without subgroups.
    """

    schedules: tuple
    middles_days: np.ndarray
    stereotactic: list
    sums: dict


class Outcome(NamedTuple):
    """Costs and QALYs of draw 0.

    Attributes
    ----------
    cost, qalys : ndarray, shape (schedule,)
    cost_by_batch, qalys_by_batch : ndarray, shape (batch, schedule)
    weights : ndarray, shape (batch,)
    """

    cost: np.ndarray
    qalys: np.ndarray
    cost_by_batch: np.ndarray
    qalys_by_batch: np.ndarray
    weights: np.ndarray

    def net_benefit(self, thresholds):
        """Net monetary benefit, shape (threshold, schedule)."""
        return net_monetary_benefit(self.cost, self.qalys, thresholds)

    def error(self, thresholds, reference):
        """Monte Carlo error of net benefits less the reference's, shape (threshold, schedule)."""
        by_batch = net_monetary_benefit(self.cost_by_batch, self.qalys_by_batch, thresholds)[..., np.newaxis, :]
        covariance = within_draw_covariance(by_batch, self.weights[:, np.newaxis])[..., 0, :, :]
        return np.sqrt(difference_variance(covariance, reference))


class BaseCase:
    """Simulates the base case of a result again from its record, with changes.

    A change of the course of disease is a simulation of draw 0, with the same random numbers; a change of price or utility is a
    valuation of what was simulated before.

    Parameters
    ----------
    record : dict
        Run record of a result.
    economics : radsim.config.Economics
        How to value; the changes are made to it.
    cohort : path, optional
        The cohort file, if the study has one.
    patients : int, optional
        Patients under each schedule, instead of as many as the result had.
    threads : int, optional

    Raises
    ------
    UsageFault
        If the study has a cohort file and none is given.
    """

    def __init__(self, record, economics, *, cohort=None, patients=None, threads=None):
        self.economics = economics
        self.threads = threads
        self._config = {name: value for name, value in record["config"].items() if name != "economics"}
        self._fixed = {"draws": 0, "subgroups": [], "seed": record["seed"]}
        if cohort is not None:
            self._fixed["cohort.file"] = str(cohort)
        elif (name := record["config"]["cohort"].get("file")) is not None:
            raise UsageFault(
                f"{name}: the cohort file of the result is needed to simulate it again; give it with --cohort"
            )
        if patients is not None:
            self._fixed["cohort.size"] = patients
        self._unchanged = None

    @property
    def parameters(self):
        """Clinical parameters that the study sets itself; these do not vary."""
        return dict(self._config.get("parameters", {}))

    def config_value(self, name):
        """Value of a dotted path of the configuration, None where there is none."""
        found = self._config
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return found

    @property
    def schedules(self):
        """Names of the schedules of the study."""
        return list(self.simulated().schedules)

    def outcome(self, *, config=None, economics=None):
        """Costs and QALYs with changes.

        Parameters
        ----------
        config : dict of str to object, optional
            By dotted path, as `overrides` of `radsim.load_config`.
        economics : dict of str to object, optional
            Keys of the section `economics`; ``values`` adds to those it has.

        Returns
        -------
        Outcome

        Raises
        ------
        ConfigError, EvidenceError
            If a change is impossible.
        """
        return self.value(self.simulated(config), economics)

    def simulated(self, config=None):
        """Draw 0 with some changes of the configuration, before it is valued; the unchanged one is kept."""
        if config:
            return self._simulate({**self._fixed, **self._within(config), **config})
        if self._unchanged is None:
            self._unchanged = self._simulate(self._fixed)
        return self._unchanged

    def _within(self, config):
        """Times of the study that a shorter horizon still holds; neither costs nor QALYs are read at them."""
        horizon = config.get("horizon_days")
        if not isinstance(horizon, int | float):
            return {}
        return {"times_days": [t for t in self._config["times_days"] if t <= horizon] or [horizon]}

    def _simulate(self, changes):
        from radsim.config import load_config
        from radsim.engine import simulate
        from radsim.simulation import prepared

        study = prepared(load_config(self._config, overrides=changes))
        sums = stack(simulate(study, threads=self.threads).totals, with_all=False)
        needed = {name: VARIABLES[name].how(sums)[0] for name in SUMS if name in VARIABLES}
        edges = np.concatenate([[0.0], study.period_ends])
        stereotactic = [one.fractions if one.technique == "sbrt" else 0 for one in study.config.schedules]
        return Simulated(study.schedule_names, (edges[:-1] + edges[1:]) / 2.0, stereotactic, needed)

    def value(self, simulated, economics=None):
        """`Outcome` of what was simulated."""
        from radsim.economics.parameters import sample
        from radsim.valuation import value
        from radsim.valuation.values import weights

        economics = changed_economics(self.economics, economics)
        items = ITEMS[: simulated.sums["count"].shape[-1]]
        worth = weights(sample(economics, seed=self._fixed["seed"], draws=[0]), economics, states=STATES, items=items)
        found = value(
            simulated.sums["occupancy"], simulated.sums["count"], worth, middles_days=simulated.middles_days,
            discount=economics.discount, items=items, stereotactic=simulated.stereotactic,
            age_exposure=simulated.sums.get("age_exposure"),
        )  # fmt: skip
        weight = batch_weights(simulated.sums["n_patients"])  # (batch, draw 0)
        by_batch = in_order(found.cost[:, 0], -1), found.qalys[:, 0]
        return Outcome(*(in_order(weight * part, 0) for part in by_batch), *by_batch, weight[:, 0])

    def with_parameter(self, name, value):
        """`Outcome` with one parameter, clinical or economic, at a value."""
        return self.with_parameters({name: value})

    def with_parameters(self, values):
        """`Outcome` with some parameters, clinical or economic, at values by name."""
        economic = {name: float(value) for name, value in values.items() if name.startswith((PRICES, UTILITIES))}
        clinical = {f"parameters.{name}": float(value) for name, value in values.items() if name not in economic}
        return self.outcome(config=clinical, economics={"values": economic} if economic else None)


def changed_economics(economics, changes):
    """How to value with some keys of the section `economics` changed.

    Parameters
    ----------
    economics : radsim.config.Economics
    changes : mapping or None
        ``values`` and ``discount`` add to those there are; another set of prices or utilities brings what goes with it, unless that is
        among the changes too.

    Returns
    -------
    Economics

    Raises
    ------
    ConfigError
        If a change is impossible.
    """
    if not changes:
        return economics
    from radsim.config import load_config
    from radsim.config.dump import plain

    values = {**economics.values, **changes.get("values", {})}
    if set(changes) == {"values"}:
        return economics.model_copy(update={"values": values})
    follows = {
        "costs": ("perspective", "discount", "thresholds", "utilities", "combination", "price_year", "currency"),
        "utilities": ("combination",),
    }
    dropped = {each for name, keys in follows.items() if name in changes for each in keys}
    kept = {name: value for name, value in plain(economics).items() if name not in dropped}
    merged = {**kept, **changes, "values": values}
    if "discount" in changes:
        merged["discount"] = {**kept.get("discount", {}), **changes["discount"]}
    return load_config({"schedules": ["8Gy/1"], "economics": merged}).economics
