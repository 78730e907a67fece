"""Tables with a header line, from CSV as spreadsheets and statistics packages write it, or from Parquet.

What is read: commas, semicolons or tabs between cells (Excel's line ``sep=;`` too), a byte-order mark, decimal
commas where the separator is not a comma, the same words for a missing cell everywhere. What is left out is said:
empty rows, an index column. What could be misread is refused with what to do.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import os
import re
from decimal import Decimal
from typing import NamedTuple

from radsim.ordinary_files import open_ordinary
from radsim.yaml.faults import ConfigError, Fault, describe

MISSING = ("", "na", "n/a", "nan", "<na>", "null", ".")
"""Cells that say nothing, in any case. Not "none" and "-", which may as well mean no or 0: they are read as they stand."""

SEPARATORS = (",", ";", "\t")
SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
INDEX_NAME = re.compile(r"|unnamed: ?[0-9]+|index|__index_level_0__|\.\.\.1|x", re.IGNORECASE)
"""What pandas, R and spreadsheets call the column of row numbers."""

NUMBER = re.compile(r"[-+]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][-+]?[0-9]{1,3})?")
THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""A number that is one thousand of something in half the world and one of it in the other half."""


class Row(NamedTuple):
    """One row with something in it.

    Parameters
    ----------
    line : int or None
        Of the file; None for Parquet.
    number : int
        Of the row, from 1, the empty ones counted.
    cells : tuple
        As many as there are columns, unless the file has a fault there; None where a cell is missing.
    """

    line: int | None
    number: int
    cells: tuple


class Table(NamedTuple):
    """A file as columns and rows.

    Parameters
    ----------
    file : str
        Base name, for messages.
    line : int or None
        Of the header; None for Parquet.
    columns : tuple of str
    rows : list of Row
    warnings : tuple of str
        Rows and columns that were left out.
    """

    file: str
    line: int | None
    columns: tuple
    rows: list
    warnings: tuple


def read_table(path, *, known, numeric):
    """Read a table.

    Parameters
    ----------
    path : str
        CSV, or Parquet by its name ending in ``.parquet``.
    known : collection of str
        Names of columns, in lower case, that are taken in any case.
    numeric : collection of str
        Those of numbers, whose decimal commas become points where the separator is not a comma.

    Returns
    -------
    Table
        Its columns each once; there may be others than those that are known.

    Raises
    ------
    ConfigError
        With every fault: a file that cannot be read or is empty, repeated columns, numbers that could mean two things.
    """
    file = os.path.basename(path)
    if str(path).lower().endswith(".parquet"):
        separator, (line, columns), records = ",", *_parquet(path, file)
    else:
        separator, (line, columns), records = _csv(path, file)
    rows = [Row(at, i + 1, tuple(map(_cell, cells))) for i, (at, cells) in enumerate(records)]
    columns, rows, said = _without_index([_name(name, known) for name in columns], rows, file)
    kept = [row for row in rows if any(cell is not None for cell in row.cells)]
    faults = _name_faults(columns, file, line)
    if not kept and not faults:
        faults = [Fault(file, None, "", "at least one row", f"{len(rows)} empty" if rows else "none")]
    if not faults and separator != ",":
        kept, faults = _with_points(kept, columns, numeric, file)
    if faults:
        raise ConfigError(faults)
    if n := len(rows) - len(kept):
        said.append(f"{file}: {'1 row is' if n == 1 else f'{n} rows are'} empty and left out")
    return Table(file, line, tuple(columns), kept, tuple(said))


def to_number(cell):
    """The number of a cell; ValueError if it is none.

    Parameters
    ----------
    cell : str, int, float or bool
    """
    if isinstance(cell, str):
        if NUMBER.fullmatch(cell) is None or "," in cell:
            raise ValueError("a number")
        return float(cell)
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        raise ValueError("a number")
    return float(cell) if isinstance(cell, Decimal) else cell


def _name(name, known):
    name = str(name).strip()
    return name.lower() if name.lower() in known else name


def _cell(cell):
    """A cell without the blanks around it; None where it is missing."""
    if isinstance(cell, str):
        cell = cell.strip()
        return None if cell.lower() in MISSING else cell
    return None if isinstance(cell, float | Decimal) and math.isnan(cell) else cell


# --- files --------------------------------------------------------------------------------------------------


def _csv(path, file):
    """Separator, header with its line, and line and cells of each record."""
    text = _text(path, file)
    first = SEPARATOR_LINE.match(text)
    body = text[first.end() :] if first else text
    separator = first[1] if first else _separator(body)
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=separator, strict=True, skipinitialspace=separator != "\t"
    )
    try:
        records = [(reader.line_num + bool(first), [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ConfigError([Fault(file, reader.line_num + bool(first), "", "CSV", str(error))]) from None
    header = next((i for i, (_, cells) in enumerate(records) if any(cells)), None)
    if header is None:
        raise ConfigError([Fault(file, 1, "", "a header line and at least one row", "an empty file")])
    alone = len(records[header][1]) == 1  # a blank line is an empty row of one column, and none of several
    after = [(line, cells or [""]) for line, cells in records[header + 1 :] if alone or len(cells) > 1 or any(cells)]
    return separator, records[header], after


def _text(path, file):
    try:
        with open_ordinary(path) as stream:
            content = stream.read()
    except OSError as error:
        raise ConfigError([Fault(file, None, "", "a readable file", error.strerror.lower())]) from None
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ConfigError([Fault(file, None, "", "CSV (save the sheet as CSV UTF-8) or Parquet", "a workbook")])
    if content.startswith(WIDE_MARKS) or b"\0" in content[:100]:
        raise ConfigError([Fault(file, None, "", "UTF-8 text (save it as CSV UTF-8)", "UTF-16 or other bytes")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([Fault(file, None, "", "UTF-8 text", f"other bytes at {error.start}")]) from None


def _separator(text):
    """What separates the names of the first line that has any: the most frequent candidate outside quotes."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


def _parquet(path, file):
    """As `_csv`, without a separator; nothing has a line."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        fault = Fault(file, None, "", "pyarrow to read Parquet (pip install 'radsim[parquet]')", "none installed")
        raise ConfigError([fault]) from None
    try:
        with open_ordinary(path) as stream:
            table = pyarrow.parquet.ParquetFile(stream, page_checksum_verification=True).read()
    except (OSError, pyarrow.ArrowException) as error:
        reason = " ".join((getattr(error, "strerror", None) or str(error)).split())
        raise ConfigError([Fault(file, None, "", "a readable Parquet file", reason)]) from None
    except UnicodeDecodeError:  # a damaged name of a column
        raise ConfigError([Fault(file, None, "", "UTF-8 text", "other bytes")]) from None
    try:
        names, columns = table.column_names, [column.to_pylist() for column in table.columns]
    except UnicodeDecodeError:
        raise ConfigError([Fault(file, None, "", "UTF-8 text", "other bytes")]) from None
    return (None, names), [(None, cells) for cells in zip(*columns, strict=True)]


# --- columns and cells --------------------------------------------------------------------------------------


def _without_index(columns, rows, file):
    """Columns and rows without a column of row numbers, and without columns that have neither name nor cells; what was left out."""
    drop, said = set(), []
    whole = [row for row in rows if len(row.cells) == len(columns)]
    for i, name in enumerate(columns):
        if INDEX_NAME.fullmatch(name) is None:
            continue
        cells = [row.cells[i] for row in whole if row.cells[i] is not None]
        if cells and _are_row_numbers(cells):
            said.append(f"{file}: column {i + 1}{f' ({name})' if name else ''} holds row numbers and is left out")
        elif cells or name:
            continue
        drop.add(i)
    if not drop:
        return columns, rows, said
    keep = [i for i in range(len(columns)) if i not in drop]
    short = [
        row._replace(cells=tuple(row.cells[i] for i in keep)) if len(row.cells) == len(columns) else row for row in rows
    ]
    return [columns[i] for i in keep], short, said


def _are_row_numbers(cells):
    """Whether cells are whole numbers, each once, as the rows of a table, or of a part of it, are numbered."""
    try:
        numbers = [to_number(cell) for cell in cells]
    except ValueError:
        return False
    return len(set(numbers)) == len(numbers) and all(number >= 0 and number == int(number) for number in numbers)


def _name_faults(columns, file, line):
    """One fault for each column without a name, and for each name that is there more than once."""
    places = {}
    for i, name in enumerate(columns):
        places.setdefault(name, []).append(i + 1)
    faults = [Fault(file, line, f"column {at}", "a name for every column", "none") for at in places.pop("", [])[:1]]
    for name, at in places.items():
        if len(at) > 1:
            found = f"{name} again" + (f", {len(at)} times in all" if len(at) > 2 else "")
            faults.append(Fault(file, line, f"column {at[1]}", "each column once", found))
    return faults


def _with_points(rows, columns, numeric, file):
    """Rows with decimal points for decimal commas, and what could mean two things."""
    signs, faults = {}, []
    places = [i for i, name in enumerate(columns) if name in numeric]
    for i in places:
        cells = [(row, row.cells[i]) for row in rows if i < len(row.cells) and _has_sign(row.cells[i])]
        if cells and all(THOUSANDS.fullmatch(cell) for _, cell in cells):
            row, cell = cells[0]
            expected = "a number without a separator of thousands (1500, or 1.50 for one and a half)"
            faults.append(Fault(file, row.line, f"row {row.number}: {columns[i]}", expected, describe(cell)))
        for row, cell in cells:
            signs.setdefault("," if "," in cell else ".", (row, columns[i], cell))
    if len(signs) == 2:
        row, name, cell = signs["."]
        expected = "one decimal sign in the whole file"
        found = f"{describe(cell)} here and {describe(signs[','][2])} in row {signs[','][0].number}"
        faults.append(Fault(file, row.line, f"row {row.number}: {name}", expected, found))
    if faults:
        return rows, faults
    return [row._replace(cells=_pointed(row.cells, places)) for row in rows], []


def _has_sign(cell):
    return isinstance(cell, str) and ("," in cell or "." in cell) and NUMBER.fullmatch(cell) is not None


def _pointed(cells, places):
    return tuple(cell.replace(",", ".") if i in places and _has_sign(cell) else cell for i, cell in enumerate(cells))
