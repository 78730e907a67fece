"""From a labelled result to the plain arrays that decisions are made of, aligned on the number of the draw."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from radsim.decision.convergence import batch_weights
from radsim.maths.addition import in_order, mean_in_order
from radsim.results.labelled import schedule_labels
from radsim.storage import UsageFault

BASE_CASE = 0
ALL_PATIENTS = "all"
PRICES, UTILITIES = "cost.", "utility."


class Samples(NamedTuple):
    """Costs and QALYs of one population.

    Attributes
    ----------
    schedules : tuple of str
    draws : ndarray of int, shape (draw,)
        Numbers of the parameter draws, >= 1; may be none.
    cost, qalys : ndarray, shape (draw, schedule)
        Per patient, of those draws. [currency, QALY]
    base_cost, base_qalys : ndarray, shape (schedule,)
        Of draw 0; NaN if the result has none.
    cost_by_batch, qalys_by_batch : ndarray, shape (batch, draw, schedule)
        Of batches of patients, of those draws; no batches if they are not known.
    weights : ndarray, shape (batch, draw)
        Share of the patients in each batch.
    n_patients : int or None
        Patients under each schedule in a draw.
    currency : str
    price_year : int or None
    year_text : str
        As its readers call it: `2024/25`; empty if it is not known.
    life_years : ndarray, shape (schedule,), or None
        Undiscounted, mean as of the costs; None if not known.
    components : dict of str to ndarray, shape (schedule,)
        Mean cost of each part, discounted; empty if the costs have no parts. [currency]
    """

    schedules: tuple
    draws: np.ndarray
    cost: np.ndarray
    qalys: np.ndarray
    base_cost: np.ndarray
    base_qalys: np.ndarray
    cost_by_batch: np.ndarray
    qalys_by_batch: np.ndarray
    weights: np.ndarray
    n_patients: int | None
    currency: str
    price_year: int | None
    year_text: str = ""
    life_years: np.ndarray | None = None
    components: Mapping = MappingProxyType({})

    @property
    def is_probabilistic(self):
        """Whether there are parameter draws at all."""
        return len(self.draws) > 0

    @property
    def mean_cost(self):
        """Mean over the draws, of the base case if there are none; shape (schedule,)."""
        return mean_in_order(self.cost, 0) if self.is_probabilistic else self.base_cost

    @property
    def mean_qalys(self):
        """As `mean_cost`."""
        return mean_in_order(self.qalys, 0) if self.is_probabilistic else self.base_qalys


def samples(dataset):
    """The arrays of a valued result without leading dimensions.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `cost` (draw, schedule, component) and `qalys` (draw, schedule); `cost_by_batch`, `qalys_by_batch` and `n_patients` where
        Monte Carlo errors are wanted.

    Returns
    -------
    Samples

    Raises
    ------
    UsageFault
        If costs or QALYs are missing, not finite, or their draws do not match, or names of schedules repeat.
    """
    _check(dataset)
    numbers = draw_numbers(dataset)
    cost = _ordered(dataset["cost"], "draw", "schedule")
    components = _components(dataset, cost, numbers)
    cost = in_order(cost, -1) if "component" in dataset["cost"].dims else cost
    qalys = _ordered(dataset["qalys"], "draw")
    parameter = numbers >= 1
    of_base = numbers == BASE_CASE
    cost_by_batch, qalys_by_batch, weights, n_patients = _batches(dataset, parameter)
    attributes = dataset["cost"].attrs
    year = attributes.get("price_year")
    return Samples(
        schedules=tuple(schedule_labels(dataset)),
        draws=numbers[parameter],
        cost=cost[parameter],
        qalys=qalys[parameter],
        base_cost=cost[of_base][0] if of_base.any() else np.full(cost.shape[1], np.nan),
        base_qalys=qalys[of_base][0] if of_base.any() else np.full(cost.shape[1], np.nan),
        cost_by_batch=cost_by_batch,
        qalys_by_batch=qalys_by_batch,
        weights=weights,
        n_patients=n_patients,
        currency=str(attributes.get("currency", attributes.get("units", "currency"))),
        price_year=None if year is None else int(year),
        year_text=str(attributes.get("price_year_text", "" if year is None else year)),
        life_years=_mean(_ordered(dataset["life_years"], "draw", "schedule"), numbers)
        if "life_years" in dataset
        else None,
        components=components,
    )


def _mean(values, numbers):
    """Mean over draws >= 1, or the base case without them; the first axis is the draw."""
    parameter = numbers >= 1
    return mean_in_order(values[parameter], 0) if parameter.any() else values[numbers == BASE_CASE][0]


def _components(dataset, cost, numbers):
    """Mean cost of each part by schedule."""
    if "component" not in dataset["cost"].dims or "component" not in dataset.coords:
        return {}
    mean = _mean(cost, numbers)
    return {str(name): mean[:, i] for i, name in enumerate(dataset["component"].values)}


def draw_numbers(dataset):
    """Numbers of the draws of a result, in its order, each once; shape (draw,)."""
    numbers = np.asarray(dataset["draw"].values)
    if numbers.dtype.kind not in "iu" or len(np.unique(numbers)) < len(numbers) or numbers.min(initial=0) < 0:
        raise UsageFault("draw: expected the numbers of the draws, whole and each once; 0 is the base case")
    return numbers


def parameter_table(dataset, draws):
    """What each draw used for each parameter, clinical ones and prices and utilities.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `parameter_value` (draw, parameter), `economic_parameter_value` (draw, economic_parameter), or either.
    draws : array_like of int, shape (draw,)
        Numbers of the draws wanted; rows come in this order, found by number.

    Returns
    -------
    dict of str to ndarray, shape (draw,)
        By name; only those that vary over the draws.

    Raises
    ------
    UsageFault
        If the result lacks the parameters of a draw.
    """
    numbers, table = draw_numbers(dataset), {}
    place = {int(number): row for row, number in enumerate(numbers)}
    if missing := [int(draw) for draw in draws if int(draw) not in place]:
        raise UsageFault(f"draw: expected the parameters of draw {missing[0]}, found none")
    rows = [place[int(draw)] for draw in draws]
    for variable, axis in (("parameter_value", "parameter"), ("economic_parameter_value", "economic_parameter")):
        if variable in dataset.variables:
            values = _ordered(dataset[variable], "draw", axis)[rows]
            table |= {str(name): values[:, i] for i, name in enumerate(dataset[axis].values)}
    return {name: column for name, column in table.items() if len(column) and np.ptp(column) > 0.0}


def _check(dataset):
    missing = [name for name in ("cost", "qalys") if name not in dataset.variables]
    if missing:
        text = "its configuration needs a section economics, or give prices and utilities"
        raise UsageFault(f"a result without {' and '.join(missing)}: {text}")
    for name in ("cost", "qalys"):
        if "draw" not in dataset[name].dims or "schedule" not in dataset[name].dims:
            raise UsageFault(
                f"{name}: expected the dimensions draw and schedule, found {', '.join(map(str, dataset[name].dims))}"
            )
        if not np.all(np.isfinite(dataset[name].values)):
            raise UsageFault(f"{name}: expected finite numbers in every draw and schedule")


def _ordered(variable, *dims):
    """Values with some dimensions first (schedule after draw)."""
    rest = [dim for dim in variable.dims if dim not in dims]
    return np.asarray(variable.transpose(*dims, *rest).values, float)


def _batches(dataset, parameter):
    """Batch means of the parameter draws, the weight of each batch, and patients of a draw."""
    n_draws, n_schedules = int(parameter.sum()), dataset.sizes["schedule"]
    if not all(name in dataset.variables for name in ("cost_by_batch", "qalys_by_batch", "n_patients")):
        nothing = np.zeros((0, n_draws, n_schedules))
        return nothing, nothing, np.zeros((0, n_draws)), None
    patients = _ordered(dataset["n_patients"], "batch", "draw")
    weights = batch_weights(patients)[:, parameter]
    by_batch = [_ordered(dataset[name], "batch", "draw")[:, parameter] for name in ("cost_by_batch", "qalys_by_batch")]
    return *by_batch, weights, int(patients[:, 0].sum())
