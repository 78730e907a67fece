"""One row a draw: parameters and what came of them, aligned; and the three matrices that packages for decisions read."""

from __future__ import annotations

import numpy as np

from radsim.export.lead import SCENARIO, axis_columns, labels, units
from radsim.tables import from_rows
from radsim.tables.table import NUMBER, Column, Table
from radsim.tables.workbook import sheet_name

CELLS_AT_ONCE = 2_000_000
LEAD = (SCENARIO, "subgroup", "draw")
DRAWN = {"cost": "total_cost", "qalys": "qalys", "life_years": "life_years"}
"""Prefix of a column to the variable that it is of."""

PARAMETERS = {"parameter": "parameter_value", "economic_parameter": "economic_parameter_value"}


def draws(dataset):
    """Parameters, costs, QALYs and life years, a row a draw (and scenario, and subgroup).

    Returns
    -------
    Table
        Columns ``cost_SCHEDULE``, ``qalys_SCHEDULE``, ``life_years_SCHEDULE``, then every parameter by name.
    """
    lead = [dim for dim in LEAD if dim in dataset.dims]
    first = dataset.isel({SCENARIO: slice(0, 1)}) if SCENARIO in lead else dataset
    columns = (*axis_columns(dataset, lead), *(column for column, _ in _sources(first)))
    n_rows = int(np.prod([dataset.sizes[dim] for dim in lead]))

    def blocks():
        for part in scenario_parts(dataset, rows=n_rows, width=len(columns)):
            yield _rows(dataset.isel(part), lead)

    return Table("draws", "one row a draw: parameters and what came of them", columns, n_rows, blocks)


def scenario_parts(dataset, *, rows, width):
    """Parts of a sweep, along scenarios, that are not too large to hold; everything of one study."""
    n = dataset.sizes.get(SCENARIO)
    if n is None:
        return [{}]
    at_once = max(1, CELLS_AT_ONCE * n // max(1, rows * width))
    return [{SCENARIO: slice(i, i + at_once)} for i in range(0, n, at_once)]


def _rows(dataset, lead):
    found, shape = labels(dataset, lead), [dataset.sizes[dim] for dim in lead]
    for column, variable in _sources(dataset):
        found[column.name] = _spread(variable, lead, shape)
    return found


def _sources(dataset):
    """Columns, and the variable that each is of; the parameters of a sweep are read from disk once."""
    return [*_by_schedule(dataset), *_by_parameter(dataset)]


def psa(dataset):
    """Costs, effects and parameters of draws >= 1 as three matrices, everybody's; no tables without draws, costs or for a sweep.

    Rows of the three are of the same draw. Parameters that do not vary are left out.
    """
    from radsim.decision.samples import parameter_table, samples

    if (
        SCENARIO in dataset.dims
        or not {"cost", "qalys"} <= set(dataset.data_vars)
        or not (dataset["draw"].values >= 1).any()
    ):
        return []
    whole = dataset.isel(subgroup=0) if "subgroup" in dataset.dims else dataset
    data = samples(whole)
    drawn = parameter_table(whole, data.draws)
    unit_of = parameter_units(dataset)
    return [
        _matrix("psa_costs", "cost of each schedule, a row a draw from 1 on", dict(zip(data.schedules, data.cost.T, strict=True)), data.currency),
        _matrix("psa_effects", "QALYs of each schedule, a row a draw from 1 on", dict(zip(data.schedules, data.qalys.T, strict=True)), "year"),
        _matrix("psa_parameters", "parameters that vary, a row a draw from 1 on", drawn, unit_of),
    ]  # fmt: skip


def from_draws(dataset, drawn, document):
    """Means, intervals and acceptability worked out from the draws; in a workbook by formulas over its sheet of them.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of one study.
    drawn : Table
        Of `draws`, the sheet that the formulas read.
    document : dict
        Of the analysis, with draws.

    Returns
    -------
    Table
        A row a threshold and schedule. Of everybody: the first rows of the draws, whatever subgroups follow.
    """
    money, year = document["currency"], "year"
    columns = [
        Column("threshold", "willingness to pay", f"{money} per QALY", NUMBER), Column("schedule"),
        Column("cost", "mean of the draws from 1 on", money, NUMBER, formula="AVERAGE({costs})"),
        Column("cost_low95", "2.5th percentile", money, NUMBER, formula="PERCENTILE({costs},0.025)"),
        Column("cost_high95", "97.5th percentile", money, NUMBER, formula="PERCENTILE({costs},0.975)"),
        Column("qalys", "mean", year, NUMBER, formula="AVERAGE({effects})"),
        Column("qalys_low95", "2.5th percentile", year, NUMBER, formula="PERCENTILE({effects},0.025)"),
        Column("qalys_high95", "97.5th percentile", year, NUMBER, formula="PERCENTILE({effects},0.975)"),
        Column("net_monetary_benefit", "mean", money, NUMBER, formula="{threshold}*{qalys}-{cost}"),
        Column("p_cost_effective", "share of draws in which no schedule has more net benefit; a formula counts a tie for each of the equal ones", "1", NUMBER, formula="SUMPRODUCT({best})/COUNT({costs})"),
        Column("costs", "where the draws are"), Column("effects", "where the draws are"), Column("best", "1 in the draws in which the schedule is the best"),
    ]  # fmt: skip
    where = {name: _cells_of(dataset, drawn, name) for name in _names_of_draws(document)}
    rows = []
    for t in document["schedules"][0]["net_benefit"]:
        for row in document["schedules"]:
            name = row["schedule"]
            gains = [
                f"{float(t):g}*{where[f'qalys_{each}']}-{where[f'cost_{each}']}"
                for each in (name, *_others(document, name))
            ]
            rows.append([
                float(t), name, *(row[part] for part in ("cost", "cost_low95", "cost_high95", "qalys", "qalys_low95", "qalys_high95")),
                row["net_benefit"][t], row["p_cost_effective"][t], where[f"cost_{name}"], where[f"qalys_{name}"],
                "*".join(["1", *(f"({gains[0]}>={other})" for other in gains[1:])]),
            ])  # fmt: skip
    return from_rows("from_draws", "means, intervals and acceptability, from the draws", columns, rows)


def _names_of_draws(document):
    return [f"{prefix}_{row['schedule']}" for prefix in ("cost", "qalys") for row in document["schedules"]]


def _others(document, name):
    return [row["schedule"] for row in document["schedules"] if row["schedule"] != name]


def _cells_of(dataset, drawn, name):
    """Cells that hold a column of draws from 1 on, of everybody; the first row of a sheet is its heading."""
    from xlsxwriter.utility import xl_range_abs

    column = [one.name for one in drawn.file_columns].index(name)
    rows = 1 + np.flatnonzero(dataset["draw"].values >= 1)
    return f"{sheet_name(drawn)}!{xl_range_abs(rows[0], column, rows[-1], column)}"


def parameter_units(dataset):
    """Units of every parameter of a result, by name."""
    return {
        str(name): str(unit)
        for dim, variable in PARAMETERS.items() if variable in dataset
        for name, unit in zip(dataset[dim].values, dataset[f"{dim}_units"].values, strict=True)
    }  # fmt: skip


def _matrix(name, description, columns, units_of):
    """A table of numbers from columns by name."""
    listed = tuple(
        Column(key, "one column a schedule" if isinstance(units_of, str) else "parameter", units_of if isinstance(units_of, str) else units_of[key], NUMBER)
        for key in columns
    )  # fmt: skip
    n_rows = len(next(iter(columns.values()), ()))
    return Table(name, description, listed, n_rows, lambda: iter([columns]))


def _by_schedule(dataset):
    """Column and variable of each estimate of `DRAWN` under each schedule."""
    found = []
    for prefix, name in DRAWN.items():
        if (variable := drawn_variable(dataset, name)) is None:
            continue
        text = variable.attrs.get("long_name", name)
        for s, schedule in enumerate(dataset["schedule"].values):
            column = Column(f"{prefix}_{schedule}", f"{text}; {schedule}", units(variable), NUMBER)
            found.append((column, variable.isel(schedule=s)))
    return found


def drawn_variable(dataset, name):
    """A variable; total cost is summed where only its components are there; None if there is neither."""
    if name == "total_cost" and name not in dataset and "cost" in dataset:
        return dataset["cost"].sum("component", keep_attrs=True)
    return dataset.get(name)


def _by_parameter(dataset):
    unit_of = parameter_units(dataset)
    tables = {dim: dataset[variable].copy().load() for dim, variable in PARAMETERS.items() if variable in dataset}
    return [
        (Column(str(label), "parameter", unit_of[str(label)], NUMBER), table.isel({dim: i}))
        for dim, table in tables.items()
        for i, label in enumerate(dataset[dim].values)
    ]  # fmt: skip


def _spread(variable, lead, shape):
    """Values along the leading dimensions, repeated along those that the variable has not."""
    there = [dim for dim in lead if dim in variable.dims]
    values = np.asarray(variable.transpose(*there).values, float)
    widened = values.reshape([size if dim in there else 1 for dim, size in zip(lead, shape, strict=True)])
    return np.broadcast_to(widened, shape).ravel()
