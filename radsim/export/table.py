"""A table on its way into a file: named columns with units, and rows in blocks so that a large one is never whole in memory."""

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
    description : str
    units : str
        UDUNITS or a currency; empty for text, or where a column of its own has them.
    kind : {'text', 'number', 'whole'}
    """

    name: str
    description: str
    units: str = ""
    kind: str = TEXT


class Table(NamedTuple):
    """Rows of one kind.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    description : str
    columns : tuple of Column
    n_rows : int
    blocks : callable
        Without arguments; yields mappings from the name of a column to an array of equal lengths.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    n_rows: int
    blocks: Callable


def from_rows(name, description, columns, rows):
    """A small table from a list of rows, each with a cell a column; None is a cell that is empty."""
    columns = tuple(columns)

    def blocks():
        yield {column.name: as_array([row[i] for row in rows], column.kind) for i, column in enumerate(columns)}

    return Table(name, description, columns, len(rows), blocks)


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
    """Rows of a table as tuples of plain cells; what is empty or not a number is None."""
    for block in table.blocks():
        columns = [plain_cells(block[column.name], column.kind) for column in table.columns]
        yield from zip(*columns, strict=True)


def plain_cells(values, kind):
    """A column as a list of text, int, float; None for NaN and for empty text."""
    found = values.tolist()
    if kind == TEXT:
        return [cell or None for cell in found]
    return [None if cell != cell else cell for cell in found] if kind == NUMBER else found
