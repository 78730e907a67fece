"""A result with its costs and QALYs: labelled arrays in, labelled arrays out."""

from __future__ import annotations

import warnings

import numpy as np

from radsim import provenance
from radsim.care import values_of_care_not_given, values_of_items_not_counted
from radsim.economics.items import COMPONENTS
from radsim.economics.parameters import sample
from radsim.economics.section import Economics
from radsim.economics.sets import section_faults
from radsim.kernel.layout import EXPOSURES
from radsim.maths.addition import in_order
from radsim.results.differences import difference, labelled_difference
from radsim.results.labelled import Labelled, schedule_labels
from radsim.results.statistics import ratio
from radsim.results.variables import DIFFERENCE_SUFFIX, MCSE_SUFFIX
from radsim.storage import UsageFault
from radsim.valuation.values import value, weights
from radsim.yaml.faults import ConfigError, Fault, dotted

NEEDED = ("occupancy", "count", "n_patients")

ESTIMATES = ("cost", "total_cost", "qalys", "qalys_undiscounted")
ADDED = (
    *(f"{name}{suffix}" for name in ESTIMATES for suffix in ("", MCSE_SUFFIX, DIFFERENCE_SUFFIX, DIFFERENCE_SUFFIX + MCSE_SUFFIX)),
    "cost_by_batch", "qalys_by_batch", "economic_parameter_value", "component", "economic_parameter", "economic_parameter_units",
)  # fmt: skip
"""Variables and coordinates that an appraisal brings."""


class EconomicsWarning(UserWarning):
    """Something that a reader of costs and QALYs must know."""


def appraise(dataset, economics=None):
    """Value a result: costs and QALYs by draw and schedule.

    Parameters
    ----------
    dataset : xarray.Dataset
        A result with `occupancy`, `count` and `n_patients`; may lead with `scenario` and `subgroup`.
    economics : mapping or radsim.config.Economics, optional
        As the section `economics` of a configuration; by default that of the result itself.

    Returns
    -------
    xarray.Dataset
        A copy with `cost` (…, draw, schedule, component), `total_cost`, `qalys`, `qalys_undiscounted` (…, draw, schedule) and
        their `_mcse`, `_difference` and `_difference_mcse`, `cost_by_batch` and `qalys_by_batch` (…, batch, draw, schedule), `economic_parameter_value` (draw,
        economic_parameter). Its record names the economics used.

    Raises
    ------
    UsageFault
        If the result lacks what is needed, or two of its schedules have the same name.
    ConfigError
        If `economics` is faulty.

    Notes
    -----
    Nothing is simulated: a change of price, perspective, utility or discount rate is a matrix product.
    """
    _check(dataset)
    record = _record(dataset)
    given, economics = economics is not None, resolve(economics, record)
    economics = economics.without_care(values_of_items_not_counted(set(_labels(dataset, "item"))))
    data, coords = _valued(dataset, economics, record)
    bare = dataset.drop_vars([name for name in ADDED if name in dataset.variables])
    new = bare.assign({name: tuple(variable) for name, variable in data.items()})
    new = new.assign_coords({name: tuple(variable) for name, variable in coords.items()})
    if record is not None and given:
        text = provenance.to_attribute(provenance.with_economics(record, economics))
        new = new.assign_attrs({provenance.RECORD_ATTRIBUTE: text})
    return new


def with_value(results, economics, *, reference=None):
    """As `appraise`, for `radsim.results.Results`, whose record has the economics already; ``reference`` as of `results.assemble.outputs`."""
    data, coords = _valued(results, economics, _record(results), reference=reference)
    return results._replace(data_vars={**results.data_vars, **data}, coords={**results.coords, **coords})


def resolve(economics, record):
    """A checked `Economics` from what `appraise` takes, with the prices of the care of the record.

    Raises
    ------
    UsageFault
        If neither the call nor the record says how to value.
    ConfigError
        If its values are impossible.
    """
    found = _resolved(economics, record)
    if record is None:
        return found
    return found.without_care(values_of_care_not_given(record["config"]["care"]))


def _resolved(economics, record):
    """The same, whatever the care."""
    if isinstance(economics, Economics):
        return _checked(economics)
    if economics is None:
        block = (record or {}).get("economics")
        if block is None:
            raise UsageFault("economics: expected in the configuration of the result, or given; found neither")
        economics = block["resolved"]
    from radsim.config import load_config

    return load_config({"schedules": ["8Gy/1"], "economics": economics}).economics


def _checked(economics):
    """The same, as a copy with other `values` (`model_copy`) is not checked when it is made."""
    if faults := section_faults(economics):
        raise ConfigError(
            Fault("economics", None, dotted(path), expected, found or "")
            for fault in faults
            for path, expected, found in fault.details
        )
    return economics


def _check(dataset):
    schedule_labels(dataset)
    missing = [name for name in NEEDED if name not in dataset.variables]
    if missing:
        raise UsageFault(f"a result without {', '.join(missing)} cannot be valued; simulate it anew with radsim run")


def _record(dataset):
    """The run record, None for a dataset that has none."""
    if provenance.RECORD_ATTRIBUTE not in dataset.attrs:
        return None
    return provenance.from_dataset(dataset)


def _valued(dataset, economics, record, *, reference=None):
    """New variables and coordinates of a result."""
    draws = np.asarray(dataset["draw"].values)
    values = sample(economics, seed=0 if record is None else record["seed"], draws=draws)
    worth = weights(values, economics, states=_labels(dataset, "state"), items=_labels(dataset, "item"))
    lead = dataset["occupancy"].dims[: -len(("batch", "draw", "schedule", "period", "state"))]
    shape = tuple(dataset.sizes[dim] for dim in lead)
    _warn_of_age(dataset, worth)
    valued = [_value_one(dataset, index, worth, economics, record, lead) for index in np.ndindex(*shape)]
    cost, qalys, undiscounted = (np.stack(parts) for parts in zip(*(v for v, _ in valued), strict=True))
    n = np.stack([n for _, n in valued])
    schedules = _labels(dataset, "schedule")
    compared = {"schedules": schedules, "reference": schedules[0] if reference is None else reference}
    return _labelled(cost, qalys, undiscounted, n, values, economics, lead, shape, compared)


def _value_one(dataset, index, worth, economics, record, lead):
    """`Value` and patients of one scenario and subgroup."""
    at = dict(zip(lead, index, strict=True))
    take = lambda name: _at(dataset[name], at)  # noqa: E731
    exposure = None
    if "age_exposure" in dataset.variables:
        names = [str(name) for name in dataset["exposure"].values]
        exposure = take("age_exposure")[..., [names.index(name) for name in EXPOSURES]]
    found = value(
        take("occupancy"),
        take("count"),
        worth,
        middles_days=np.asarray(dataset["period"].values, float),
        discount=economics.discount,
        items=_labels(dataset, "item"),
        stereotactic=stereotactic_fractions(dataset, record),
        age_exposure=exposure,
    )
    return found, take("n_patients")


def _at(variable, at):
    """Values of one scenario and subgroup; what does not depend on them is taken whole."""
    index = tuple(at[dim] for dim in variable.dims if dim in at)
    kept = variable[index] if hasattr(variable, "isel") else variable.values[index]
    return np.asarray(getattr(kept, "values", kept))


def stereotactic_fractions(dataset, record):
    """Fractions of the index course of each schedule if it is stereotactic, else 0; shape (schedule,)."""
    from radsim.config import Schedule

    def parsed(given):
        return Schedule.parse(given) if isinstance(given, str) else Schedule.model_validate(given)

    labels = _labels(dataset, "schedule")
    known = {s.name: s for s in map(parsed, [] if record is None else record["config"]["schedules"])}
    schedules = [known[label] if label in known else Schedule.parse(label) for label in labels]
    return [s.fractions if s.technique == "sbrt" else 0 for s in schedules]


def _labels(dataset, name):
    return [str(label) for label in dataset[name].values]


def _warn_of_age(dataset, worth):
    if worth.age[0] is not None and "age_exposure" not in dataset.variables:
        text = "utilities do not fall with age: the result holds no age_exposure"
        warnings.warn(text, EconomicsWarning, stacklevel=4)


# --- labels -------------------------------------------------------------------------------------------------


def _labelled(cost, qalys, undiscounted, n, values, economics, lead, shape, compared):
    """Variables and coordinates; arrays have one leading axis for all scenarios and subgroups."""
    prices = economics.price_set
    money = {"units": prices.currency, "currency": prices.currency, "price_year": prices.price_year}
    money |= {"price_year_text": prices.year_text} if prices.financial_year else {}
    arm, year = (*lead, "draw", "schedule"), {"units": "year"}
    total = in_order(cost, -1)
    data = {}
    for name, part, dims, attrs, words in (
        ("cost", cost, (*arm, "component"), money, "mean cost by component, discounted"),
        ("total_cost", total, arm, money, "mean cost, discounted"),
        ("qalys", qalys, arm, year, "mean quality-adjusted life years, discounted"),
        ("qalys_undiscounted", undiscounted, arm, year, "mean quality-adjusted life years, undiscounted"),
    ):
        numerator, denominator = _sums(part, n)
        mean, mcse = ratio(numerator, denominator)
        gap = difference(mean, mcse, (numerator, denominator), **compared)
        attrs = {"long_name": words, **attrs}
        data |= _estimate(name, mean, mcse, dims=dims, shape=shape, attrs=attrs)
        data |= labelled_difference(
            name, dims, *_shaped(gap, shape), attrs, reference=compared["reference"], is_paired=True
        )
    batches = (*lead, "batch", "draw", "schedule")
    for name, part, attrs in (("cost_by_batch", total, money), ("qalys_by_batch", qalys, year)):
        attrs = {"long_name": f"{name.partition('_')[0]} per patient of the batch, discounted", **attrs}
        data[name] = Labelled(batches, *_shaped((part,), shape), attrs)
    table = np.stack(list(values.values()), axis=1)
    attrs = {"long_name": "price or utility, in its economic_parameter_units"}
    data["economic_parameter_value"] = Labelled(("draw", "economic_parameter"), table, attrs)
    return data, _coordinates(economics)


def _coordinates(economics):
    used = economics.parameters
    text = lambda labels: np.array(list(labels), dtype=object)  # noqa: E731
    parameter = ("economic_parameter",)
    return {
        "component": Labelled(("component",), text(COMPONENTS), {"long_name": "part of the cost"}),
        "economic_parameter": Labelled(parameter, text(p.name for p in used), {"long_name": "price or utility"}),
        "economic_parameter_units": Labelled(
            parameter, text(p.unit for p in used), {"long_name": "unit of the price or utility"}
        ),
    }


def _sums(part, n):
    """Sums per batch, and patients; axes group, batch, draw, schedule and what follows."""
    patients = n.reshape(n.shape + (1,) * (part.ndim - n.ndim)).astype(float)
    return np.where(patients > 0, part, 0.0) * patients, patients


def _estimate(name, mean, mcse, *, dims, shape, attrs):
    """One estimate with its Monte Carlo standard error beside it."""
    mean, mcse = _shaped((mean, mcse), shape)
    beside = {**attrs, "long_name": f"Monte Carlo standard error of {name}"}
    return {
        name: Labelled(dims, mean, {**attrs, "ancillary_variables": f"{name}_mcse"}),
        f"{name}_mcse": Labelled(dims, mcse, beside),
    }


def _shaped(parts, shape):
    """Arrays with the leading axis unfolded into scenarios and subgroups."""
    return tuple(part.reshape(*shape, *part.shape[1:]) for part in parts)
