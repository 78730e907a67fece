"""The section `cohort.survival`: another tail of survival, or a survival curve of one's own."""

from __future__ import annotations

import hashlib
import os
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from radsim.config.table_file import read_table, to_number
from radsim.ordinary_files import open_ordinary
from radsim.yaml.content import fault_at
from radsim.yaml.faults import ConfigError, Expected, Fault, describe
from radsim.yaml.fields import Line, Numbers, Section, not_empty, number, one_of

TAILS = ("lognormal", "weibull", "generalised_gamma")
UNITS = {"time_days": 1.0, "time_weeks": 7.0, "time_months": 365.25 / 12.0}
"""Columns of a curve file that may hold the time, and their units in days."""

PATH = ("cohort", "survival", "file")
FORMS = "tail, quantiles, file, or days with alive"
Days = number(low=0, high=36525, unit="d")
Share = number(low=0, high=1)


class Survival(Section):
    """Survival other than that of the evidence registry.

    Parameters
    ----------
    tail : {'lognormal', 'weibull', 'generalised_gamma'} or None
        Family of the survival times within a prognosis, of the same median and interquartile range.
    quantiles : dict of str to float or None
        Own curve: by the share that has died, the time at which it has. [d]
    file, file_sha256 : str or None
        Own curve: a file with a column of times and one of survival, and what it has to be; its content is then in `days` and `alive`.
    days, alive : tuple of float or None
        Own curve: times above 0, increasing, and the share alive at each, not increasing. [d], [1]
    """

    tail: one_of(*TAILS) | None = None
    quantiles: Numbers | None = None
    file: Line | None = None
    file_sha256: Annotated[str, Field(pattern="[0-9a-f]{64}")] | None = None
    days: Annotated[tuple[Days, ...], BeforeValidator(not_empty)] | None = None
    alive: Annotated[tuple[Share, ...], BeforeValidator(not_empty)] | None = None

    @model_validator(mode="after")
    def _one_curve(self):
        points = self.days is not None and self.alive is not None
        if self.file is not None and not points:
            raise Expected("a file that could be read here; a file cannot be swept", path=("file",))
        if (self.days is None) != (self.alive is None):
            raise Expected("days and alive beside each other", found="one of them")
        given = [
            name
            for name, there in (("tail", self.tail), ("quantiles", self.quantiles), ("days", self.days))
            if there is not None
        ]
        if len(given) != 1:
            raise Expected(f"one of {FORMS}", found=" and ".join(given) or "none of them")
        where = "quantiles" if self.quantiles is not None else "file" if self.file else "days"
        faults = _quantile_faults(self.quantiles) if self.quantiles else []
        faults = faults or [] if self.tail else faults or curve_faults(*self.points)
        if faults:
            raise Expected.together([Expected(text, found=found, path=(where,)) for text, found in faults])
        return self

    @property
    def is_own_curve(self) -> bool:
        """Whether it is a curve, not a tail."""
        return self.tail is None

    @property
    def points(self) -> tuple:
        """Times and shares alive of an own curve. [d], [1]"""
        if self.quantiles is None:
            return self.days, self.alive
        pairs = sorted((float(dead), days) for dead, days in self.quantiles.items())
        return tuple(days for _, days in pairs), tuple(1.0 - dead for dead, _ in pairs)


def _quantile_faults(quantiles):
    """What is wrong with the shares of quantiles, as (expected, found)."""
    faults = []
    for name in quantiles:
        try:
            ok = 0.0 < float(name) < 1.0
        except ValueError:
            ok = False
        if not ok:
            faults.append(("shares that have died above 0 and below 1, and the day of each", name))
    return faults


def curve_faults(days, alive):
    """What is wrong with the points of a curve, as (expected, found)."""
    faults = []
    if len(days) == 0:
        return [("one point or more", "none")]
    if len(days) != len(alive):
        return [("as many shares alive as days", f"{len(alive)} and {len(days)}")]
    for i, (day, share) in enumerate(zip(days, alive, strict=True)):
        if day <= 0.0 and share != 1.0:
            faults.append(("survival of 1 at time 0", f"{share:g}"))
        if i and day <= days[i - 1]:
            faults.append((f"times that increase, above {days[i - 1]:g} d", f"{day:g} d"))
        if i and share > alive[i - 1]:
            faults.append((f"survival that does not rise, at most {alive[i - 1]:g} at {day:g} d", f"{share:g}"))
    if not faults and alive[-1] == 1.0:
        faults.append(("a curve on which somebody dies", "survival of 1 at its end"))
    return faults


def pin_survival_file(document):
    """Put the content of a curve file, and its digest, beside its base name; what has its content already is left as it is."""
    cohort = document.data.get("cohort") if isinstance(document.data, dict) else None
    survival = cohort.get("survival") if isinstance(cohort, dict) else None
    file = survival.get("file") if isinstance(survival, dict) else None
    if not isinstance(file, str) or not file.strip() or "days" in survival or "alive" in survival:
        return document
    overridden = PATH in document.lines and document.lines[PATH] is None
    path = file if overridden else os.path.join(document.folder, file)
    try:
        with open_ordinary(path) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        days, alive = read_curve(path)
    except (OSError, ValueError) as error:
        rest = {key: value for key, value in cohort.items() if key != "survival"}  # its one fault is known
        faults = [*document.faults, *_file_faults(document, path, error)]
        return document._replace(data={**document.data, "cohort": rest}, faults=faults)
    if survival.get("file_sha256", digest) != digest:
        fault = fault_at(
            document, (*PATH[:-1], "file_sha256"), f"a file with SHA-256 {survival['file_sha256']}", digest
        )
        return document._replace(faults=[*document.faults, fault])
    found = {"file": os.path.basename(file), "file_sha256": digest, "days": tuple(days), "alive": tuple(alive)}
    return document._replace(data={**document.data, "cohort": {**cohort, "survival": {**survival, **found}}})


def _file_faults(document, path, error):
    if isinstance(error, ConfigError):
        return list(error.faults)
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return [fault_at(document, PATH, "a readable file", f"{describe(os.path.basename(path))}: {reason}")]


def read_curve(path):
    """Read a survival curve.

    Parameters
    ----------
    path : str
        CSV or Parquet with one of the columns ``time_days``, ``time_weeks`` and ``time_months`` (of 365.25/12 days), and ``survival``.

    Returns
    -------
    days, alive : list of float
        [d], [1]

    Raises
    ------
    ConfigError
        With every fault.
    """
    table = read_table(str(path), known=(*UNITS, "survival"), numeric=(*UNITS, "survival"))
    time = [name for name in table.columns if name in UNITS]
    if len(time) != 1 or set(table.columns) != {*time, "survival"}:
        expected = f"two columns, survival and one of {', '.join(UNITS)}"
        raise ConfigError([Fault(table.file, table.line, "columns", expected, ", ".join(table.columns))])
    at, faults, points = table.columns.index(time[0]), [], []
    for row in table.rows:
        point, found = _read_row(table, row, at)
        faults += found
        points.append(point)
    if not faults:
        days, alive = [x * UNITS[time[0]] for x, _ in points], [y for _, y in points]
        faults = [Fault(table.file, None, "", *fault) for fault in curve_faults(days, alive)]
    if faults:
        raise ConfigError(faults)
    return days, alive


def _read_row(table, row, at):
    """Time and survival of one row, and its faults."""
    if len(row.cells) != 2:
        return None, [Fault(table.file, row.line, f"row {row.number}", "2 cells", str(len(row.cells)))]
    numbers, faults = {}, []
    for i, cell in enumerate(row.cells):
        high = 36525.0 if i == at else 1.0
        try:
            numbers[i] = to_number(cell)
        except ValueError:
            numbers[i] = -1.0
        if not 0.0 <= numbers[i] <= high:
            expected = f"a number from 0 to {high:g}"
            faults.append(
                Fault(table.file, row.line, f"row {row.number}: {table.columns[i]}", expected, describe(cell))
            )
    return (float(numbers[at]), float(numbers[1 - at])), faults
