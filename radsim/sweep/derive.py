"""From raw sums to the named variables, many scenarios at a time, to the bit as `radsim.simulate` gives them one by one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from radsim import SCOPE, provenance
from radsim.care import given_by_any
from radsim.cord import CordVerdict
from radsim.kernel.layout import counted_items, parameter_names
from radsim.kernel.tables import Sums
from radsim.results.assemble import coordinates, cord_variables, outputs
from radsim.results.labelled import Labelled
from radsim.sums import in_real_units, kept_batches, n_batches
from radsim.sweep.canonical import canonical
from radsim.sweep.value import economics_key, with_value

AT_ONCE = 24
"""Scenarios (times draws) whose sums are in memory together."""

SCENARIO = "scenario"


class Derived:
    """Derives the named variables of the scenarios of a plan.

    Parameters
    ----------
    plan : Plan
    raw : RawSums
    study : Study
        That of the base: for dimensions and labels.
    record : dict
        Run record of the base.

    Notes
    -----
    Several threads may derive scenarios side by side.
    """

    def __init__(self, plan, raw, study, record):
        self.plan, self.raw, self.study, self.record = plan, raw, study, record
        self.coords = labels(plan, study)

    def of(self, scenarios):
        """Named variables of some scenarios.

        Returns
        -------
        dict of str to Labelled
            Variables with the dimension `scenario` in front, in the order of ``scenarios``; NaN (0 for counts of patients) where
            a scenario has not been simulated, or not under a schedule. Coordinates of costs and QALYs are added to `coords`.
        """
        found, groups, parts = {}, {}, []
        for place, scenario in enumerate(scenarios):
            groups.setdefault(self._kind(scenario), []).append((place, scenario))
        for group in groups.values():
            step = self._together()
            parts += [group[start : start + step] for start in range(0, len(group), step)]
        for part in parts:
            self._fill(found, part, len(scenarios))
        return found | _of_configurations(self.plan, scenarios)

    def are_there(self, scenario):
        """Whether all sums of a scenario are."""
        return all(self.raw.of(scenario, draws) is not None for draws in self._some_draws())

    def _some_draws(self):
        """Draws that are worked on together: all, or parts."""
        n_draws = self.plan.n_draws
        n_parts = max(1, n_draws // AT_ONCE)
        edges = [n_draws * part // n_parts for part in range(n_parts + 1)]
        return list(zip(edges[:-1], edges[1:], strict=True))

    def _kind(self, scenario):
        """Scenarios of a kind have the same schedules, by name, as many batches, and the same prices and utilities."""
        names = tuple(schedule.name for schedule in scenario.schedules)
        return names, n_batches(scenario.n_patients), self._economics_key(scenario)

    def _economics_key(self, scenario):
        if self.plan.base.economics is None:
            return None
        if not self.plan.sweeps("economics") and not self.plan.sweeps("seed"):
            return tuple(scenario.schedules)
        return *economics_key(self.plan.config(scenario)), tuple(scenario.schedules)

    def _together(self):
        """How many scenarios to work on together."""
        return max(1, AT_ONCE // self.plan.n_draws)

    def _fill(self, found, group, n_scenarios):
        """Fill in the variables of scenarios of one kind, but of those that are not there."""
        parts = []
        for draws in self._some_draws():
            rows = [self.raw.of(scenario, draws) for _, scenario in group]
            group = [one for one, row in zip(group, rows, strict=True) if row is not None]
            rows = [row for row in rows if row is not None]
            if not group:
                return
            parts.append(self._outputs(np.concatenate(rows), group[0][1], len(group)))
        data = (
            parts[0] if len(parts) == 1 else {name: _along_draws([part[name] for part in parts]) for name in parts[0]}
        )
        plan, (_, scenario) = self.plan, group[0]
        if plan.base.economics is not None:
            data |= self._valued(data, scenario, len(group))
        places = [place for place, _ in group]
        columns = [plan.schedule_names.index(schedule.name) for schedule in scenario.schedules]
        for name, one in data.items():
            _add_blank(found, name, one, plan=plan, n_scenarios=n_scenarios)
            _place(found[name].values, one, places, columns, all_schedules=len(plan.schedule_names))

    def _outputs(self, rows, scenario, n):
        """Outputs of ``n`` scenarios of the kind of one, from their rows, draw by draw."""
        sums = stacked(self.raw.form(len(scenario.schedules), n_batches(scenario.n_patients)).sums(rows))
        has_subgroups = bool(self.plan.base.subgroups)
        if has_subgroups:
            sums = SimpleNamespace(**{name: _with_all(table) for name, table in vars(sums).items()})
        names = [schedule.name for schedule in scenario.schedules]
        found = outputs(
            sums,
            has_subgroups,
            schedules=names,
            reference=self.plan.schedule_names[0],
            items=counted_items(self.plan.cares),
            kinds=given_by_any(self.plan.cares),
            n_batches=kept_batches(n_batches(scenario.n_patients), self.plan.n_draws),
        )
        return {name: _by_scenario(one, n) for name, one in found.items()}

    def _valued(self, data, scenario, n):
        """Costs and QALYs of scenarios of one kind."""
        names = np.array([schedule.name for schedule in scenario.schedules], dtype=object)
        coords = {**self.coords, "schedule": self.coords["schedule"]._replace(values=names)}
        config = self.plan.config(scenario)
        new, labels = with_value(data, coords, config, record=self.record, reference=self.plan.schedule_names[0])
        self.coords |= labels
        return {name: one if SCENARIO in one.dims else _repeated(one, n) for name, one in new.items()}


def _by_scenario(one, n):
    """An output of several scenarios, their draws side by side, with the scenarios in front."""
    axis = one.dims.index("draw")
    shape = one.values.shape
    values = one.values.reshape(*shape[:axis], n, shape[axis] // n, *shape[axis + 1 :])
    return Labelled((SCENARIO, *one.dims), np.moveaxis(values, axis, 0), one.attrs)


def _along_draws(parts):
    """Parts of an output, each in some draws, as one."""
    axis = parts[0].dims.index("draw")
    return parts[0]._replace(values=np.concatenate([part.values for part in parts], axis=axis))


def _repeated(one, n):
    """A value common to scenarios of a kind, for each of them."""
    return Labelled((SCENARIO, *one.dims), np.repeat(one.values[np.newaxis], n, axis=0), one.attrs)


def stacked(sums):
    """`Sums` with a row in front, as tables with a draw axis after group and batch: what `results.stack` makes of `Totals`."""
    by_group = (np.array(np.swapaxes(array, 0, 2), order="C") for array in sums)
    return SimpleNamespace(**in_real_units(Sums(*by_group), axis=3)._asdict())


def _with_all(table):
    return np.concatenate([table.sum(axis=0, keepdims=True), table])


def _add_blank(found, name, one, *, plan, n_scenarios):
    """An array for an output of all scenarios, blank so far; the first to bring the output makes it."""
    if name in found:
        return
    sizes = {
        SCENARIO: n_scenarios,
        "schedule": len(plan.schedule_names),
        "batch": kept_batches(plan.n_batches, plan.n_draws),
    }
    shape = [sizes.get(dim, size) for dim, size in zip(one.dims, one.values.shape, strict=True)]
    blank = 0 if one.values.dtype.kind == "i" else np.nan
    found[name] = Labelled(one.dims, np.full(shape, blank, one.values.dtype), one.attrs)


def _place(target, one, places, columns, *, all_schedules):
    """Put the values of some scenarios at their positions."""
    dims, values = one.dims, one.values
    if "batch" in dims:
        target = target[(slice(None),) * dims.index("batch") + (slice(values.shape[dims.index("batch")]),)]
    if "schedule" not in dims or columns == list(range(all_schedules)):
        target[places] = values
        return
    axis = dims.index("schedule")
    for s, column in enumerate(columns):
        target[(places, *(slice(None),) * (axis - 1), column)] = np.take(values, s, axis=axis)


def _of_configurations(plan, scenarios):
    """Variables that follow from the configuration of each scenario alone: its parameters, and the rule of the spinal cord."""
    configs = [plan.config(scenario) for scenario in scenarios]
    return _parameter_values(plan, configs) | _cord(plan, configs)


def _parameter_values(plan, configs):
    """The value of each parameter in each draw of each scenario."""
    rows = []
    for config in configs:
        try:
            samples = plan.shared.samples(config)
        except ValueError:  # what cannot be drawn has been reported when it was to be simulated
            rows.append(None)
            continue
        missing = np.full(plan.n_draws, np.nan)  # of care that this scenario does not give
        rows.append(np.array([samples.get(name, missing) for name in parameter_names(plan.cares)], float).T)
    shape = next((row.shape for row in rows if row is not None), None)
    if shape is None:
        return {}
    values = np.stack([np.full(shape, np.nan) if row is None else row for row in rows])
    attributes = {"long_name": "value of the parameter, in its parameter_units"}
    return {"parameter_value": Labelled((SCENARIO, "draw", "parameter"), values, attributes)}


def _cord(plan, configs):
    """Verdicts of the rule of the spinal cord on each schedule of each scenario; empty where a cohort file is not available."""
    if not configs:
        return {}
    blank = CordVerdict("", "", 1.0, "", (), np.nan, np.nan, None, (), True)
    rows = [_cord_by_name(plan, config) for config in configs]
    by_scenario = [[row.get(name, blank) for name in plan.schedule_names] for row in rows]
    return cord_variables(by_scenario, dims=(SCENARIO, "schedule"))


def _cord_by_name(plan, config):
    try:
        return {each.schedule: each for each in plan.shared.cord(config)}
    except ValueError:
        return {}


def labels(plan, study):
    """Coordinates: those of a result, and for each scenario its number, its values and its point of grid and sample."""
    coords = coordinates(
        study,
        kept_batches(plan.n_batches, plan.n_draws),
        plan.n_draws,
        items=counted_items(plan.cares),
        kinds=given_by_any(plan.cares),
        parameters=parameter_names(plan.cares),
    )
    names = np.array(plan.schedule_names, dtype=object)
    coords["schedule"] = Labelled(("schedule",), names, {"long_name": "schedule"})
    n_grid = int(np.prod([len(values) for values in plan.design.grid.values()], dtype=int))
    index = np.arange(len(plan.scenarios))
    coords[SCENARIO] = Labelled((SCENARIO,), index, {"long_name": "scenario"})
    for name, values, what in (
        ("grid_point", index % n_grid, "combination of the grid"),
        ("sample_point", index // n_grid, "point of the sample"),
    ):
        coords[name] = Labelled((SCENARIO,), values, {"long_name": what})
    for i, path in enumerate(plan.paths):
        values = [scenario.values[i] for scenario in plan.scenarios]
        coords[path] = Labelled((SCENARIO,), as_column(values), {"long_name": f"{path} of the configuration"})
    return coords


def as_column(values):
    """Swept values as an array: numbers where all are, text otherwise."""
    if all(isinstance(value, bool) for value in values):
        return np.array(values, bool)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) == len(values):
        return np.array(values, np.int64 if all(isinstance(value, int) for value in values) else np.float64)
    return np.array([value_text(value) for value in values], dtype=object)


def value_text(value):
    """A swept value in words: text as it is, a list of texts with commas, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return canonical(_jsonable(value))


def _jsonable(value):
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    return [_jsonable(item) for item in value] if isinstance(value, tuple | list) else value


def root_attributes(plan, study, *, command):
    """Attributes of the dataset: as of a result, the record with the plan of the sweep in it."""
    record = provenance.record(study, command=command)
    record["sweep"] = {**plan.description(), "digest": plan.digest, "scenarios": len(plan.scenarios)}
    record["warnings"] = [str(warning) for warning in plan.warnings]
    del record["cord"]  # that of the base; each scenario has its own, in the variable `cord_verdict`
    return {
        "title": plan.base.name,
        "disclaimer": SCOPE,
        provenance.RECORD_ATTRIBUTE: provenance.to_attribute(record),
    }
