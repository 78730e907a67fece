"""Builds the Dataset of a study, once, from plain arrays: it labels and computes nothing."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np

from radsim import SCOPE, provenance
from radsim.care import given
from radsim.kernel.layout import EXPOSURES, ITEMS, STATES, counted_items
from radsim.results.care import care_labels, care_variables, patients_to_warn_of
from radsim.results.differences import difference, labelled_difference
from radsim.results.estimators import Quotient
from radsim.results.labelled import Labelled, Results
from radsim.results.variables import MCSE_SUFFIX, VARIABLES
from radsim.sums import kept_batches

ALL_PATIENTS = "all"

BYTES_AT_ONCE = 16_000_000

HISTOGRAMS = ("onset_histogram", "relapse_histogram", "censor_histogram")
"""Sums that are not kept by batch."""


def assemble(study, outcome, *, command="radsim.simulate"):
    """Label the outcome of a study.

    Parameters
    ----------
    study : radsim.study.Study
        What was simulated.
    outcome : radsim.engine.Outcome
        The kernel's sums, one set per draw.
    command : str
        For the run record; see `provenance.describe_command`.

    Returns
    -------
    xarray.Dataset
        Variables of `VARIABLES`, each estimate with its `_mcse`, `_difference` and `_difference_mcse`; the run record in the
        attribute `radsim_record`.

    Notes
    -----
    NaN means that nobody was in the denominator, that a median was not reached, or, in an `_mcse`, that there
    were too few patients or batches to tell.
    """
    return label(study, outcome.totals, command=command).to_xarray()


def label(study, totals, *, command="radsim.simulate"):
    """As `assemble`, in plain labelled arrays: xarray takes longer to load than a study to run.

    Parameters
    ----------
    totals : iterable of radsim.sums.Totals
        One per draw, `Outcome.totals` or what `radsim.engine.simulate_draws` yields: taken some draws at a time.
    """
    has_subgroups = bool(study.config.subgroups)
    items, kinds = counted_items([study.config.care]), given(study.config.care)
    data, n_batches, first, to_warn_of = {}, 0, 0, Counter()
    for some in _some_at_a_time(totals):
        to_warn_of |= patients_to_warn_of(some, kinds)
        sums = stack(some, with_all=has_subgroups)
        n_batches = kept_batches(sums.n.shape[1], study.n_draws)
        found = outputs(
            sums, has_subgroups, schedules=study.schedule_names, items=items, kinds=kinds, n_batches=n_batches
        )
        if study.n_draws > len(some):
            found = _into(data, found, first, study.n_draws)
        data, first = found, first + len(some)
    data["parameter_value"] = _parameter_values(study)
    data |= cord_variables([study.cord])
    record = provenance.record(study, command=command)
    record["warnings"] += [f"{n} patients under a schedule {item.warning}" for item, n in to_warn_of.items()]
    attributes = {
        "title": study.config.name,
        "disclaimer": SCOPE,
        provenance.RECORD_ATTRIBUTE: provenance.to_attribute(record),
    }
    return Results(data, coordinates(study, n_batches, study.n_draws, items=items, kinds=kinds), attributes)


def _some_at_a_time(totals):
    """The sums of some draws after each other: of all of them they would take several times the room of a result."""
    some, size = [], 0
    for one in totals:
        some.append(one)
        size += sum(array.nbytes for array in one)
        if size >= BYTES_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _into(data, found, first, n_draws):
    """Put what was found for some draws, from ``first`` on, into arrays for all of them; made where ``data`` has none."""
    for name, one in found.items():
        axis = one.dims.index("draw")
        if name not in data:
            shape = (*one.values.shape[:axis], n_draws, *one.values.shape[axis + 1 :])
            data[name] = one._replace(values=np.empty(shape, one.values.dtype))
        place = (slice(None),) * axis + (slice(first, first + one.values.shape[axis]),)
        data[name].values[place] = one.values
    return data


def outputs(sums, has_subgroups, *, schedules, items, n_batches, kinds=(), reference=None):
    """Every output of `VARIABLES` and of the care with its error and its difference, from sums as `stack` lays them; a dict of `Labelled`.

    Parameters
    ----------
    sums : SimpleNamespace
    has_subgroups : bool
    schedules : sequence of str
        Names of the schedules, in the order of the sums.
    items : sequence of str
        What is counted, of `layout.ITEMS`.
    n_batches : int
        Batches of the variables by batch; see `radsim.sums.kept_batches`.
    kinds : sequence of radsim.care.Kind, optional
        Kinds of care that are given.
    reference : str, optional
        Schedule that differences are from; the first by default. They are NaN where it is none of these.
    """
    data, by_batch = {}, _in_fewer_batches(sums, n_batches)
    for name, variable in (VARIABLES | care_variables(kinds)).items():
        data |= _entries(
            name,
            variable,
            by_batch if "batch" in variable.dims else sums,
            has_subgroups,
            schedules,
            schedules[0] if reference is None else reference,
        )
    kept = [ITEMS.index(item) for item in items]
    if len(kept) == sums.count.shape[-1]:
        return data
    return {name: _of_items(one, kept) if "item" in one.dims else one for name, one in data.items()}


def _in_fewer_batches(sums, n):
    """Tables by batch, batch b added to batch b mod ``n``: sums of whole units, exact in any order."""
    if sums.n.shape[1] == n:
        return sums
    names = ("n", "exposure", "occupancy", "count")
    return SimpleNamespace(**{
        name: np.stack([getattr(sums, name)[:, first::n].sum(axis=1) for first in range(n)], axis=1) for name in names
    })  # fmt: skip


def _of_items(one, kept):
    """A variable with some of its items."""
    return one._replace(values=np.take(one.values, kept, axis=one.dims.index("item")))


def stack(totals, *, with_all):
    """Lay the sums of all draws side by side.

    Parameters
    ----------
    totals : sequence of radsim.sums.Totals
        One per draw; axes group, batch (but in histograms), then schedule and the table's own.
    with_all : bool
        Whether to put the sum over all groups first.

    Returns
    -------
    SimpleNamespace
        The same tables with a draw axis after group and batch. Batches that a small study leaves empty are
        left out.
    """
    used = totals[0].n.sum(axis=0) > 0
    stacked = {}
    for name in type(totals[0])._fields:
        kept = [getattr(one, name) if name in HISTOGRAMS else getattr(one, name)[:, used] for one in totals]
        table = np.stack(kept, axis=1 if name in HISTOGRAMS else 2)
        stacked[name] = np.concatenate([table.sum(axis=0, keepdims=True), table]) if with_all else table
    return SimpleNamespace(**stacked)


def coordinates(study, n_batches, n_draws, *, items, kinds=(), parameters=None):
    """Labels of every dimension, with their units; those of the kinds of care that are given among them; the parameters are those of the study unless they are named."""
    config = study.config
    edges = np.concatenate([[0.0], study.period_ends])
    names = sorted(study.samples) if parameters is None else list(parameters)
    day = {"units": "d"}
    labels = {
        "batch": (np.arange(n_batches), {"long_name": "batch of patients"}),
        "draw": (np.arange(n_draws), {"long_name": "parameter draw; 0 is the base case"}),
        "schedule": (_text(study.schedule_names), {"long_name": "schedule"}),
        "visit": (study.visits_weeks, {"long_name": "visit", "units": "week"}),
        "time": (study.times_days, {"long_name": "time since the first fraction", **day}),
        "period": ((edges[:-1] + edges[1:]) / 2.0, {"long_name": "middle of the period", **day}),
        "state": (_text(STATES), {"long_name": "pain level | health state | distance from death"}),
        "item": (_text(items), {"long_name": "item counted"}),
        "exposure": (_text(EXPOSURES), {"long_name": "what the days lived are weighted by"}),
        "parameter": (_text(names), {"long_name": "parameter of the evidence registry"}),
    }
    labels |= {dim: (_text(names), {"long_name": text}) for dim, (names, text) in care_labels(kinds).items()}
    if config.subgroups:
        covariates = ", ".join(config.subgroups)
        labels["subgroup"] = (
            _text([ALL_PATIENTS, *study.subgroups]),
            {"long_name": f"subgroup by {covariates}"},
        )
    coords = {name: Labelled((name,), values, attributes) for name, (values, attributes) in labels.items()}
    units = _text(_unit(study.registry, name) for name in names)
    coords["period_start"] = Labelled(("period",), edges[:-1], {"long_name": "start of the period", **day})
    coords["period_end"] = Labelled(("period",), edges[1:], {"long_name": "end of the period, not included", **day})
    coords["parameter_units"] = Labelled(("parameter",), units, {"long_name": "unit of the parameter"})
    return coords


def _entries(name, variable, sums, has_subgroups, schedules, reference):
    """One output; an estimate with its Monte Carlo standard error and its difference from the reference."""
    dims = ("subgroup", *variable.dims) if has_subgroups else variable.dims
    attributes = {"long_name": variable.long_name, "units": variable.units}
    if not variable.is_estimate:
        return {name: Labelled(dims, _shaped(variable.how(sums), has_subgroups, variable.dtype), attributes)}
    value, mcse = variable.how(sums)
    parts = variable.how.parts(sums) if isinstance(variable.how, Quotient) else None
    gap = difference(value, mcse, parts, schedules=schedules, reference=reference)
    value, mcse, *gap = (_shaped(part, has_subgroups, variable.dtype) for part in (value, mcse, *gap))
    beside = {"long_name": f"Monte Carlo standard error of {name}", "units": variable.units}
    return {
        name: Labelled(dims, value, attributes | {"ancillary_variables": name + MCSE_SUFFIX}),
        name + MCSE_SUFFIX: Labelled(dims, mcse, beside),
        **labelled_difference(name, dims, *gap, attributes, reference=reference, is_paired=parts is not None),
    }


def _shaped(values, has_subgroups, dtype):
    """Drop the group axis where there are no subgroups."""
    return np.asarray(values if has_subgroups else values[0], dtype=dtype)


def _parameter_values(study):
    """What each draw used for each parameter."""
    values = np.stack([np.asarray(study.samples[name], float) for name in sorted(study.samples)], axis=1)
    attributes = {"long_name": "value of the parameter, in its parameter_units"}
    return Labelled(("draw", "parameter"), values, attributes)


def cord_variables(by_scenario, *, dims=("schedule",)):
    """Verdict and total of the spinal cord's rule for each schedule; with scenarios in front if ``dims`` names them.

    Parameters
    ----------
    by_scenario : list of sequence of radsim.cord.CordVerdict
        All of the same schedules; a single one without the dimension of scenarios.
    """
    verdict = np.array([[each.verdict for each in verdicts] for verdicts in by_scenario], dtype=object)
    total = np.array([[each.total_gy2 for each in verdicts] for verdicts in by_scenario], float)
    values = (verdict, total) if len(dims) > 1 else (verdict[0], total[0])
    return {
        "cord_verdict": Labelled(
            dims,
            values[0],
            {"long_name": "what the rule of the spinal cord says, for the worst of any patient", "units": "1"},
        ),
        "cord_total": Labelled(
            dims, values[1], {"long_name": "BED at the cord (alpha/beta 2) with all earlier courses", "units": "Gy"}
        ),
    }


def _unit(registry, name):
    """Unit of a parameter; optional parameters outside the registry are ratios."""
    return registry[name].unit if name in registry else "1"


def _text(labels):
    return np.array(list(labels), dtype=object)
