"""Results by schedule with their differences: what a reader looks at first, over the draws."""

from __future__ import annotations

import numpy as np

from radsim.export.draws import scenario_parts
from radsim.export.lead import SCENARIO, axis_columns, labels, units
from radsim.export.outcomes import VALUE_COLUMNS, WITHIN, empty, outcome_names
from radsim.outcomes.estimates import columns, differences, estimate
from radsim.tables.table import NUMBER, Column, Table, from_rows

LEAD = (SCENARIO, "subgroup")
MINUS = "minus"
NOTHING = ""
INTERVAL = "Monte Carlo variance removed; without draws end of the Monte Carlo interval (95 %), which is not how sure the evidence is"


def variable_summaries(dataset, name):
    """Every schedule, and the first minus each other, of one variable.

    Returns
    -------
    dims : list of str
        Dimensions of each summary.
    found : dict of (str, str) to dict of str to ndarray
        By schedule and, for a difference, the schedule that is taken off (``(schedule, "")`` for a schedule itself): the parts of an
        `Estimate`, and ``base_case``, NaN where the result has none.
    """
    dims = [dim for dim in dataset[name].dims if dim not in ("draw", "schedule")]
    own, gaps = columns(dataset, name), differences(dataset, name)
    names = [str(label) for label in dataset["schedule"].values]
    whole, base = estimate(dataset, name), _base_case(own)
    found = {(label, NOTHING): {**whole.at(s)._asdict(), "base_case": base[s]} for s, label in enumerate(names)}
    for i, label in enumerate(names[1:]):
        found[names[0], label] = {**gaps.at(i)._asdict(), "base_case": base[0] - base[i + 1]}
    return dims, found


def _base_case(own):
    """Draw 0, shape (schedule, ...); NaN where the result has none."""
    is_base = own.numbers == 0
    return own.values[is_base][0] if is_base.any() else np.full(own.values.shape[1:], np.nan)


def results(dataset):
    """Results by schedule with differences, in long form.

    Returns
    -------
    Table
        ``schedule`` and ``minus``: a difference where the second is not empty.
    """
    names = outcome_names(dataset)
    used = {dim for name in names for dim in dataset[name].dims}
    lead = [dim for dim in (*LEAD, *WITHIN) if dim in used]
    listed = (
        *axis_columns(dataset, [dim for dim in lead if dim in LEAD]),
        Column("variable", "what was estimated"),
        *axis_columns(dataset, [dim for dim in lead if dim in WITHIN]),
        Column("schedule", "schedule of the index course"),
        Column(MINUS, "schedule that is taken off, for a difference"),
        Column("value", "mean of draws 1, 2, ..., or the base case without draws", "see units", NUMBER),
        Column("low95", f"2.5th percentile of draws 1, 2, ..., {INTERVAL}", "see units", NUMBER),
        Column("high95", f"97.5th percentile of draws 1, 2, ..., {INTERVAL}", "see units", NUMBER),
        Column(
            "mcse",
            "Monte Carlo standard error; of a difference paired patient by patient, but for medians",
            "see units",
            NUMBER,
        ),
        Column("base_case", "draw 0", "see units", NUMBER),
        VALUE_COLUMNS[-1],
    )
    n_pairs = 2 * dataset.sizes["schedule"] - 1
    per = dataset.sizes["draw"] * dataset.sizes["schedule"]
    n_rows = sum(int(dataset[name].size) // per * n_pairs for name in names)

    def blocks():
        for name in names:
            for part in scenario_parts(dataset, rows=int(dataset[name].size), width=1):
                yield from _long(dataset.isel(part), name, listed)

    return Table("results", "results by schedule, and the first schedule minus each other", listed, n_rows, blocks)


def _long(dataset, name, listed):
    dims, found = variable_summaries(dataset, name)
    beside = labels(dataset, dims)
    n = int(np.prod([dataset.sizes[dim] for dim in dims], dtype=int))
    for (schedule, minus), summary in found.items():
        texts = {"variable": name, "schedule": schedule, MINUS: minus, "units": units(dataset[name])}
        block = beside | {key: np.full(n, text, dtype=object) for key, text in texts.items()}
        block |= {key: np.asarray(part, float).ravel() for key, part in summary.items()}
        yield {column.name: block.get(column.name, empty(column, n)) for column in listed}


WIDE = {"value": "", "low95": ", low 95 %", "high95": ", high 95 %", "mcse": ", MC error"}


def wide_results(dataset):
    """As `results` for a page: a row an outcome, columns for each schedule and each difference; a `Table`."""
    names = outcome_names(dataset)
    lead = [dim for dim in LEAD if dim in dataset.dims]
    schedules = [str(label) for label in dataset["schedule"].values]
    pairs = [(name, NOTHING) for name in schedules] + [(schedules[0], other) for other in schedules[1:]]
    numbers = [
        Column(f"{first}{f' minus {second}' if second else ''}{suffix}", "", "see units", NUMBER)
        for first, second in pairs for suffix in WIDE.values()
    ]  # fmt: skip
    listed = (
        *axis_columns(dataset, lead), Column("outcome", "what was estimated"), Column("meaning", "in words"),
        Column("at", "visit, time or component"), Column("units", "units of the row"), *numbers,
    )  # fmt: skip
    rows = [row for name in names for row in _wide_rows(dataset, name, lead, pairs)]
    return from_rows("results", "results by schedule with differences", listed, rows)


def _wide_rows(dataset, name, lead, pairs):
    dims, found = variable_summaries(dataset, name)
    beside = labels(dataset, dims)
    own = [column.name for column in axis_columns(dataset, [dim for dim in lead if dim in dims])]
    at = [_at(beside, dims, i) for i in range(int(np.prod([dataset.sizes[d] for d in dims], dtype=int)))]
    numbers = [np.asarray(found[pair][part], float).ravel() for pair in pairs for part in WIDE]
    variable = dataset[name]
    for i, when in enumerate(at):
        texts = (name, variable.attrs.get("long_name", ""), when, units(variable))
        yield (*(beside[key][i] for key in own), *texts, *(float(column[i]) for column in numbers))


def _at(beside, dims, i):
    """`week 4`, `day 28`, `radiotherapy`, or nothing."""
    if "visit" in dims:
        return f"week {beside['visit_weeks'][i]:g}"
    if "time" in dims:
        return f"day {beside['time_days'][i]:g}"
    return str(beside["component"][i]) if "component" in dims else ""
