"""A table as data: named columns with units, rows in blocks so that a large one is never whole in memory, title and notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

TEXT, NUMBER, WHOLE = "text", "number", "whole"


class Column(NamedTuple):
    """One column.

    Attributes
    ----------
    name : str
        In files.
    description : str
    units : str
        UDUNITS or a currency; empty for text, or where a column of its own has them.
    kind : {'text', 'number', 'whole'}
    label : str
        Heading on a page; a column without one is in files only.
    spread : bool
        Whether the column stands on a page once for each value of the column `Table.across`, which takes the place of ``{}`` in the label.
    form : str
        How a page shows a number: one of `radsim.tables.page.FORMS`.
    decimals : int
        For the form ``number``.
    signed : bool
        Whether a page shows a plus sign: a difference.
    interval, error : tuple of (str, str) and str
        Names of the columns that hold the ends of the interval, or the standard error, to show behind the number.
    ceiling : str
        Name of the column that holds, where the number cannot be told from 0, what it lies below: a page then shows this bound.
    in_files : bool
        False for what repeats other columns in words.
    formula : str
        How a workbook works the number out from other columns of its row, these in braces: ``{threshold}*{qalys}-{cost}``. A column of text
        stands for its text: a range of another sheet, such as ``AVERAGE({costs})``.
    """

    name: str
    description: str = ""
    units: str = ""
    kind: str = TEXT
    label: str = ""
    spread: bool = False
    form: str = "number"
    decimals: int = 0
    signed: bool = False
    interval: tuple = ()
    error: str = ""
    ceiling: str = ""
    in_files: bool = True
    formula: str = ""


IDENTITY = Column(
    "valuation",
    "what was valued and how: prices, utilities, perspective, discounting, horizon, survival, evidence, draws",
)


class Table(NamedTuple):
    """Rows of one kind.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    description : str
        In the list of files.
    columns : tuple of Column
    n_rows : int
    blocks : callable
        Without arguments; yields mappings from the name of a column to an array of equal lengths.
    title : str
        On a page.
    notes : tuple of str
        Sentences below it on a page.
    across : str
        Column whose values stand side by side on a page; see `Column.label`.
    most_rows : int or None
        Rows that a page shows; the others are in files.
    basis : str
        What was valued: draws, patients, currency and price year.
    identity : str or dict of int to str
        What was valued and how, the last column of a file; empty where nothing was. Of a sweep whose scenarios differ in it: by the
        number in the column `scenario`.
    fill_in : str
        Text of the last column that marks a row whose last two cells are for the reader to fill in.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    n_rows: int
    blocks: Callable
    title: str = ""
    notes: tuple = ()
    across: str = ""
    most_rows: int | None = None
    basis: str = ""
    identity: str | dict = ""
    fill_in: str = ""

    @property
    def file_columns(self):
        """Columns of files."""
        return [column for column in self.columns if column.in_files]

    def with_identity(self):
        """The table with its identity as the last column, for a file that has no other place for it."""
        if not self.identity:
            return self

        def blocks():
            for block in self.blocks():
                n, text = len(next(iter(block.values()))), self.identity
                of_row = [text] * n if isinstance(text, str) else [text[int(number)] for number in block["scenario"]]
                yield {**block, IDENTITY.name: np.array(of_row, dtype=object)}

        return self._replace(columns=(*self.columns, IDENTITY), blocks=blocks, identity="")


def from_rows(name, description, columns, rows, **page):
    """A small table from a list of rows, each with a cell a column; None is a cell that is empty. `page`: other fields of `Table`."""
    columns, rows = tuple(columns), list(rows)

    def blocks():
        yield {column.name: as_array([row[i] for row in rows], column.kind) for i, column in enumerate(columns)}

    return Table(name, description, columns, len(rows), blocks, **page)


def as_array(cells, kind):
    """Cells of a column as an array: None is NaN among numbers, an empty text among texts."""
    if kind == TEXT:
        return np.array(["" if cell is None else str(cell) for cell in cells], dtype=object)
    if kind == WHOLE:
        return np.array(cells, np.int64)
    return np.array([np.nan if cell is None else cell for cell in cells], float)


def kind_of(values):
    """Kind of the column that an array becomes."""
    kind = np.asarray(values).dtype.kind
    return WHOLE if kind in "iu" else NUMBER if kind == "f" else TEXT


def cells(values, kind):
    """An array as what a column of a kind holds."""
    values = np.asarray(values)
    if kind == TEXT:
        return np.array([str(value) for value in values.ravel()], dtype=object).reshape(values.shape)
    return values.astype(np.int64 if kind == WHOLE else np.float64)


def rows_of(table):
    """Rows of a table as tuples of plain cells in the order of `file_columns`; what is empty or not a number is None."""
    for block in table.blocks():
        yield from zip(*(plain_cells(block[c.name], c.kind) for c in table.file_columns), strict=True)


def records(table):
    """Rows of a table as mappings from the name of a column to its plain cell; files' and pages' columns."""
    for block in table.blocks():
        columns = {column.name: plain_cells(block[column.name], column.kind) for column in table.columns}
        for cells_of_row in zip(*columns.values(), strict=True):
            yield dict(zip(columns, cells_of_row, strict=True))


def plain_cells(values, kind):
    """A column as a list of text, int, float; None for NaN and for empty text."""
    found = values.tolist()
    if kind == TEXT:
        return [cell or None for cell in found]
    return [None if cell != cell else cell for cell in found] if kind == NUMBER else found
