"""A table as a reader sees it: headings and cells as text, ready for a terminal or a page of HTML."""

from __future__ import annotations

from typing import NamedTuple

from radsim.outcomes import format as shown
from radsim.tables.table import TEXT, WHOLE, records

FORMS = {
    "money": shown.money,
    "per_cent": shown.per_cent,
    "probability": shown.probability,
    "significant": shown.significant,
}
"""How a number is shown, unless it is a ``number`` with so many decimals."""

SHARES = ("per_cent", "probability")


class Page(NamedTuple):
    """A table in words.

    Attributes
    ----------
    name : str
    title : str
    headings : list of str
    is_number : list of bool
        By column: numbers stand to the right.
    rows : list of list of str
    notes : tuple of str
    """

    name: str
    title: str
    headings: list
    is_number: list
    rows: list
    notes: tuple


def page_of(table):
    """The columns that have a label, as text; no rows where none has one, as such a table is for files alone.

    Notes
    -----
    With `Table.across`, rows that agree in all other columns that are not `Column.spread` become one.
    """
    columns = [column for column in table.columns if column.label and column.name != table.across]
    fixed = [column for column in columns if not column.spread]
    spread = [column for column in columns if column.spread]
    by_key, beside = {}, {}
    for number, row in enumerate(records(table)):
        place = _text(_column(table, table.across), row) if table.across else ""
        beside.setdefault(place)
        key = tuple(row[column.name] for column in fixed) if table.across else number
        by_key.setdefault(key, {})[place] = row
    rows = [
        [_text(column, next(iter(found.values()))) for column in fixed]
        + [_text(column, found[place]) if place in found else shown.UNKNOWN for column in spread for place in beside]
        for found in by_key.values()
    ]
    headings = [c.label for c in fixed] + [c.label.replace("{}", place) for c in spread for place in beside]
    is_number = [c.kind != TEXT for c in fixed] + [c.kind != TEXT for c in spread for _ in beside]
    return Page(
        table.name,
        table.title or table.description,
        headings,
        is_number,
        rows[: table.most_rows] if headings else [],
        table.notes,
    )


def _column(table, name):
    return next(column for column in table.columns if column.name == name)


def _text(column, row):
    """One cell, with the interval or error that goes with it, or the bound below which it lies."""
    if column.ceiling and row[column.ceiling] is not None:
        bound = column._replace(name=column.ceiling, ceiling="", error="", interval=())
        return f"below {_text(bound, row)}"
    value = row[column.name]
    if column.kind == TEXT:
        return shown.UNKNOWN if value is None else value
    if column.kind == WHOLE:
        return str(value)
    size = value or row.get(column.error, value)  # the error of a 0 says how many decimals it has
    decimals = shown.money_decimals(size) if column.form == "money" else column.decimals
    if column.error:
        return shown.with_error(value, row[column.error], decimals, signed=column.signed)
    if column.interval:
        how = {"scale": 100.0, "unit": "%"} if column.form in SHARES else {}
        return shown.interval(value, *(row[name] for name in column.interval), decimals, signed=column.signed, **how)
    if column.form == "money":
        return shown.money(value, signed=column.signed)
    return (
        FORMS[column.form](value)
        if column.form in FORMS
        else shown.number(value, column.decimals, signed=column.signed)
    )
