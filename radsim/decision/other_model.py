"""Costs and effects of another model, one row a draw and one column a strategy, in the form that decisions are made of here."""

from __future__ import annotations

import math
import os

import numpy as np

from radsim.config import ConfigError, Fault
from radsim.config.table_file import read_table, to_number
from radsim.yaml.faults import describe

LEAST_DRAWS = 2

DRAW_NAMES = ("draw", "iteration", "iter", "sim", "simulation", "sample")
"""What a column of the numbers of the draws is called; it says which rows belong together, and is no strategy."""


class _EveryColumn:
    """All columns hold numbers, whatever their names."""

    def __contains__(self, name):
        return True


def read_other_model(costs, effects, parameters=None, *, currency="currency"):
    """The draws of another model.

    Parameters
    ----------
    costs, effects : path
        CSV or Parquet: a row for each draw, in the same order in all files, and a named column for each strategy.
    parameters : path, optional
        A row for each draw and a named column for each parameter: for the value of partial information.
    currency : str
        What the costs are in.

    Returns
    -------
    xarray.Dataset
        `cost` and `qalys` (draw, schedule), draws numbered from 1, strategies in the order of the costs; with parameters
        `parameter_value` (draw, parameter). For `radsim.cost_effectiveness`.

    Raises
    ------
    ConfigError
        With every fault: a file that cannot be read, cells that are no finite numbers, strategies or draws that differ between the files.
    """
    import xarray

    tables = {path: _Numbers(path) for path in (costs, effects, parameters) if path is not None}
    faults = [fault for table in tables.values() for fault in table.faults]
    if not faults:
        faults = _disagreements(*tables.values())
    if faults:
        raise ConfigError(faults)
    names, money = tables[costs].columns, tables[costs].values
    gained = tables[effects].values[:, [tables[effects].columns.index(name) for name in names]]
    data = {
        "cost": (("draw", "schedule"), money, {"long_name": "cost", "units": currency, "currency": currency}),
        "qalys": (("draw", "schedule"), gained, {"long_name": "effect", "units": "1"}),
    }
    labels = {"draw": np.arange(1, len(money) + 1), "schedule": np.array(names, dtype=object)}
    if parameters is not None:
        data["parameter_value"] = (
            ("draw", "parameter"),
            tables[parameters].values,
            {"long_name": "parameter", "units": "1"},
        )
        labels["parameter"] = np.array(tables[parameters].columns, dtype=object)
    return xarray.Dataset(data, coords=labels)


class _Numbers:
    """A table of finite numbers, or what is wrong with it."""

    def __init__(self, path):
        self.file, self.faults = os.path.basename(path), []
        self.columns, self.values, self.draws = [], np.empty((0, 0)), None
        try:
            table = read_table(path, known=(), numeric=_EveryColumn())
        except ConfigError as error:
            self.faults = error.faults
            return
        self.columns = list(table.columns)
        rows = [[self._number(row, i) for i in range(len(self.columns))] for row in table.rows]
        self.values = np.array(rows, float).reshape(len(rows), len(self.columns))
        for i in [i for i, name in enumerate(self.columns) if name.lower() in DRAW_NAMES][:1]:
            self.draws = self.values[:, i]
            self.values = np.delete(self.values, i, axis=1)
            del self.columns[i]

    def _number(self, row, i):
        cell = row.cells[i] if i < len(row.cells) else None
        try:
            value = math.nan if cell is None else to_number(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            found = "an empty cell" if cell is None else describe(cell)
            self.faults.append(Fault(self.file, row.line, f"row {row.number}: {self.columns[i]}", "a number", found))
        return value


def _disagreements(costs, effects, parameters=None):
    """Strategies and draws that are not the same in all files."""
    found = []
    if set(costs.columns) != set(effects.columns):
        expected = f"the strategies of {costs.file}: {', '.join(costs.columns)}"
        found.append(Fault(effects.file, None, "columns", expected, ", ".join(effects.columns)))
    for other in (effects, *([parameters] if parameters else [])):
        if len(other.values) != len(costs.values):
            expected = f"as many rows as {costs.file}: {len(costs.values)}"
            found.append(Fault(other.file, None, "rows", expected, str(len(other.values))))
        elif costs.draws is not None and other.draws is not None and not np.array_equal(costs.draws, other.draws):
            found.append(Fault(other.file, None, "draw", f"the draws of {costs.file} in the same order", "others"))
    if len(costs.values) < LEAST_DRAWS:
        found.append(Fault(costs.file, None, "rows", f"at least {LEAST_DRAWS} draws", str(len(costs.values))))
    return found
