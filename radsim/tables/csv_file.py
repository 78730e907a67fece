"""A table as comma-separated text: the same bytes for the same data, numbers to the last bit, no text that acts as a formula."""

from __future__ import annotations

import csv
import io

from radsim.tables.table import TEXT, plain_cells

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text):
    """A text that no spreadsheet takes for a formula: with an apostrophe before it if it begins like one."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(table, path):
    """Write a table to a file: UTF-8 without a mark."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        _write(table, file)


def csv_text(table):
    """A table as text."""
    text = io.StringIO()
    _write(table, text)
    return text.getvalue()


def _write(table, file):
    """With the identity of the table as its last column. Numbers in the fewest digits that read back to the same bits; what is not known is empty; lines end in a line feed."""
    table = table.with_identity()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([harmless(column.name) for column in table.file_columns])
    for block in table.blocks():
        columns = [_cells(block[column.name], column.kind) for column in table.file_columns]
        writer.writerows(zip(*columns, strict=True))


def _cells(values, kind):
    found = plain_cells(values, kind)
    return [cell and harmless(cell) for cell in found] if kind == TEXT else found
