"""Real patients from a CSV or Parquet file, one a row, every fault of every row found."""

from __future__ import annotations

import csv
import io
import math
import os
from typing import NamedTuple

import numpy as np

from radsim.config import CATEGORIES, COVARIATES, LEAST_PAIN, SCALES, ConfigError, Fault, Schedule
from radsim.config.covariates import check_value, value_text
from radsim.config.faults import Expected, a_known, describe
from radsim.config.schedule import NONE
from radsim.ordinary_files import open_ordinary

PAIN = COVARIATES.index("pain")
SPOKEN = {"true": "yes", "false": "no", "1": "yes", "0": "no"}
"""How registries write yes and no."""
MOST_NAMED = 10


class CohortError(ConfigError):
    """A cohort file that cannot be used; its text has one line per fault."""


class Rows(NamedTuple):
    """The patients of a file.

    Parameters
    ----------
    values : array, shape (row, covariate)
        Numbers, codes of categories, positions in `prior_schedules`; NaN: not in the file, to be drawn.
    prior_schedules : tuple of Schedule
        The first is `none`.
    warnings : tuple of str
        Rows left out, cells to be drawn.
    """

    values: np.ndarray
    prior_schedules: tuple
    warnings: tuple


class _Cell(NamedTuple):
    """Where a cell stands in the file, for messages."""

    file: str
    line: int | None
    row: int


def read_rows(path, *, prior_schedules=(NONE,)):
    """Read real patients.

    Parameters
    ----------
    path : str
        CSV with a header line (UTF-8, comma) or, by its name, ``.parquet``. Columns: any of `COVARIATES`.
    prior_schedules : tuple of Schedule, optional
        Schedules that already have a position; those of the file are appended.

    Returns
    -------
    Rows
        Without the rows whose worst pain is below 2: they cannot respond.

    Raises
    ------
    CohortError
        With every fault: an unreadable or empty file, unknown or repeated columns, every value that is not
        possible.

    Notes
    -----
    An empty cell is drawn from the population, conditional on nothing but the patient's primary and site
    where the population distinguishes them. What follows from the rest of the row is filled in.
    """
    file = os.path.basename(path)
    columns, records = _read_parquet(path, file) if str(path).endswith(".parquet") else _read_csv(path, file)
    faults = _column_faults(columns, file)
    if not faults and not records:
        faults = [Fault(file, None, "", "at least one row", "none")]
    if faults:
        raise CohortError(faults)
    schedules = {schedule.name: i for i, schedule in enumerate(prior_schedules)}
    values = np.full((len(records), len(COVARIATES)), np.nan)
    for number, (line, cells) in enumerate(records):
        _fill_row(values[number], columns, cells, _Cell(file, line, number + 1), schedules, faults)
    if faults:
        raise CohortError(faults)
    kept = ~(values[:, PAIN] < LEAST_PAIN)
    if not kept.any():
        raise CohortError([Fault(file, None, "pain", f"a row with worst pain of at least {LEAST_PAIN}", "none")])
    warnings = (*_left_out(file, kept), *_to_draw(file, values[kept]))
    return Rows(values[kept], tuple(Schedule.parse(name) for name in schedules), warnings)


def _read_csv(path, file):
    """Return the column names and, for each row, its line number and cells."""
    try:
        with open_ordinary(path) as stream:
            text = stream.read().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
        records = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except OSError as error:
        raise CohortError([Fault(file, None, "", "a readable file", error.strerror.lower())]) from None
    except UnicodeDecodeError as error:
        raise CohortError([Fault(file, None, "", "UTF-8 text", f"other bytes at {error.start}")]) from None
    except csv.Error as error:
        raise CohortError([Fault(file, reader.line_num, "", "CSV", str(error))]) from None
    records = [(line, cells) for line, cells in records if len(cells) > 1 or any(cells)]  # no blank lines
    if not records:
        raise CohortError([Fault(file, 1, "", "a header line and at least one row", "an empty file")])
    return records[0][1], records[1:]


def _read_parquet(path, file):
    """As `_read_csv`, from Parquet; rows have no line."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        fault = Fault(file, None, "", "pyarrow to read Parquet (pip install 'radsim[parquet]')", "none installed")
        raise CohortError([fault]) from None
    try:
        with open_ordinary(path) as stream:
            table = pyarrow.parquet.ParquetFile(stream, page_checksum_verification=True).read()
    except (OSError, pyarrow.ArrowException) as error:
        reason = " ".join((getattr(error, "strerror", None) or str(error)).split())
        raise CohortError([Fault(file, None, "", "a readable Parquet file", reason)]) from None
    columns = [column.to_pylist() for column in table.columns]
    return table.column_names, [(None, list(cells)) for cells in zip(*columns, strict=True)]


def _column_faults(columns, file):
    line = None if file.endswith(".parquet") else 1
    faults = []
    for i, name in enumerate(columns):
        if name not in COVARIATES:
            found = describe(name)
            faults.append(
                Fault(file, line, f"column {i + 1}", a_known("one of the covariates", name, COVARIATES), found)
            )
        elif name in columns[:i]:
            faults.append(Fault(file, line, f"column {i + 1}", "each covariate once", f"{name} again"))
    return faults


def _fill_row(target, columns, cells, where, schedules, faults):
    """Fill one row of values, (covariate,), or add its faults."""
    if len(cells) != len(columns):
        faults.append(Fault(where.file, where.line, f"row {where.row}", f"{len(columns)} cells", str(len(cells))))
        return
    given = {name: cell for name, cell in zip(columns, cells, strict=True) if not _is_empty(cell)}
    before = len(faults)
    for name, cell in given.items():
        try:
            target[COVARIATES.index(name)] = read_cell(name, cell, schedules)
        except ValueError as error:
            expected = str(error) if isinstance(error, Expected) else value_text(name)
            faults.append(Fault(where.file, where.line, f"row {where.row}: {name}", expected, describe(cell)))
    if len(faults) > before:
        return
    faults += [
        Fault(where.file, where.line, f"row {where.row}: {name}", expected, describe(given[name]))
        for name, expected in _impossible(given)
    ]
    for name, value in _implied(given):
        target[COVARIATES.index(name)] = value


def _is_empty(cell):
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell))


def read_cell(covariate, cell, schedules):
    """Turn one cell into its number.

    Parameters
    ----------
    covariate : str
    cell : str, bool, int or float
        Not empty.
    schedules : dict of str to int
        Position of each prior schedule by name; a new one is added.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the covariate cannot have this value.
    """
    if covariate in SCALES:
        return check_value(covariate, float(cell) if isinstance(cell, str) else cell)
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    if covariate == "prior_schedule":
        return schedules.setdefault(Schedule.parse(text).name, len(schedules))
    categories = CATEGORIES[covariate]
    return categories.index(SPOKEN.get(text.lower(), text) if categories == ("no", "yes") else text)


def _impossible(given):
    """Yield what contradicts itself within one row: covariate and what was expected."""
    if given.get("primary") == "prostate" and given.get("sex") == "female":
        yield "sex", "male for a prostate cancer"
    if given.get("subtype", "unknown") != "unknown" and given.get("primary") != "breast":
        yield "subtype", "unknown unless the row's primary is breast"
    if str(given.get("prior_schedule", "")).endswith("@sbrt") and given.get("site", "spine") == "spine":
        yield "prior_schedule", "no SBRT at the spine: its dose to the cord is not known"


def _implied(given):
    """Yield what an empty cell of a row must be: covariate and value."""
    if given.get("primary", "breast") != "breast":
        yield "subtype", CATEGORIES["subtype"].index("unknown")
    if given.get("site", "hip") != "hip" and "cortical_involvement_mm" not in given:
        yield "cortical_involvement_mm", 0.0
    if given.get("prior_schedule") == NONE.name:
        yield "prior_weeks_ago", 0.0


def _left_out(file, kept):
    numbers = np.flatnonzero(~kept) + 1
    if len(numbers):
        named = ", ".join(str(number) for number in numbers[:MOST_NAMED]) + (", …" if len(numbers) > MOST_NAMED else "")
        yield (
            f"{file}: {len(numbers)} of {len(kept)} rows left out, as a worst pain below {LEAST_PAIN} cannot "
            f"respond (row {named})"
        )


def _to_draw(file, values):
    counts = np.isnan(values).sum(axis=0)
    drawn = [f"{name} {n}" for name, n in zip(COVARIATES, counts, strict=True) if n]
    if drawn:
        yield (
            f"{file}: empty cells are drawn from the population, whatever else the row says "
            f"(of {len(values)} rows: {', '.join(drawn)})"
        )
