"""Tables as a workbook: a first sheet that says what it is, then each table on its sheet, numbers as numbers."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from radsim.extras import require
from radsim.storage import UsageFault
from radsim.tables.table import IDENTITY, NUMBER, TEXT, rows_of

EXTRA = "export"
CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same in every file: a date would make equal results differ."""

MOST_ROWS, MOST_COLUMNS, LONGEST_TEXT = 1_048_576, 16_384, 32_767
NARROWEST, WIDEST, NUMBER_WIDTH = 8, 60, 12
ABBREVIATIONS = ("ceac", "cheers")

STYLES = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"},
    "identity": {"italic": True, "valign": "top"},
    "name": {"bold": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "warning": {"text_wrap": True, "valign": "top", "font_color": "#9C3B00"},
    "blank": {"text_wrap": True, "valign": "top", "bg_color": "#FFF6D6"},
    "share": {"num_format": "0.000", "valign": "top"},
    "money": {"num_format": "#,##0.00", "valign": "top"},
    "year": {"num_format": "0.0000", "valign": "top"},
    "day": {"num_format": "0.0", "valign": "top"},
    "whole": {"num_format": "0", "valign": "top"},
    "general": {"num_format": "General", "valign": "top"},
}
"""How cells look; a number keeps all its digits, whatever is shown."""

STYLE_OF_UNITS = {"1": "share", "year": "year", "d": "day", "week": "whole"}


def need():
    """UsageFault if the library is not installed."""
    require("xlsxwriter", extra=EXTRA)


def workbook_bytes(tables, *, title, about):
    """A workbook of tables.

    Parameters
    ----------
    tables : list of radsim.tables.Table
    title : str
    about : list of (str, str)
        Names and texts of the first sheet; those called ``Warning`` stand out. What each sheet holds follows, with the notes of its table.

    Returns
    -------
    bytes
    names : list of str
        Of its sheets.

    Raises
    ------
    UsageFault
        If xlsxwriter is not installed, or a table does not fit on a sheet.
    """
    xlsxwriter = require("xlsxwriter", extra=EXTRA)
    for table in tables:
        check_size(table)
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    names = [sheet_name(table) for table in tables]
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": _short(title), "comments": "Made by radsim", "created": CREATED})
        styles = {name: book.add_format(style) for name, style in STYLES.items()}
        held = [(f"Sheet {name}", contents(table)) for name, table in zip(names, tables, strict=True)]
        _write_about(book.add_worksheet("About"), title, [*about, *held], styles)
        for name, table in zip(names, tables, strict=True):
            _write_sheet(book.add_worksheet(name), table, styles)
    return content.getvalue(), ["About", *names]


def contents(table):
    """What a sheet holds, in words: the description of its table, and the notes that stand below it on a page."""
    return " ".join([f"{table.description[:1].upper()}{table.description[1:]}.", *table.notes])


def sheet_name(table):
    """`Net benefit`, `CHEERS`."""
    return table.name.upper() if table.name in ABBREVIATIONS else table.name.replace("_", " ").capitalize()


def check_size(table):
    """UsageFault for a table that does not fit on a sheet."""
    if table.n_rows >= MOST_ROWS or len(table.file_columns) > MOST_COLUMNS:
        raise UsageFault(
            f"xlsx: a sheet holds {MOST_ROWS - 1:,} rows and {MOST_COLUMNS:,} columns, found {table.n_rows:,} rows and "
            f"{len(table.file_columns):,} columns of {table.name}; use csv or parquet"
        )


def _write_about(sheet, title, about, styles):
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    _write_text(sheet, 0, 0, f"radsim: {title}", styles["title"])
    for row, (name, text) in enumerate(about, start=2):
        _write_text(sheet, row, 0, name, styles["name"])
        _write_text(sheet, row, 1, text, styles["warning" if name == "Warning" else "text"])
    sheet.fit_to_pages(1, 0)


def _write_sheet(sheet, table, styles):
    """A table with its units in the header, filters, and the first row and the columns before the first number in view."""
    table = table.with_identity()
    columns = table.file_columns
    for i, column in enumerate(columns):
        units = f" [{column.units}]" if column.units not in ("", "see units") else ""
        _write_text(sheet, 0, i, column.name + units, styles["head"])
    for i, width in enumerate(_write_rows(sheet, table, styles)):
        sheet.set_column(i, i, min(max(width, NARROWEST), WIDEST))
    sheet.freeze_panes(1, next((i for i, column in enumerate(columns) if column.kind == NUMBER), 0))
    if table.n_rows:
        sheet.autofilter(0, 0, table.n_rows, len(columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_rows(sheet, table, styles):
    """Write all rows; the width that each column needs."""
    columns = table.file_columns
    own_units = next((i for i, column in enumerate(columns) if column.name == "units"), None)
    widths = [len(column.name) + 2 if column.kind == TEXT else NUMBER_WIDTH for column in columns]
    for row, values in enumerate(rows_of(table), start=1):
        is_blank = bool(table.fill_in) and values[-1] == table.fill_in
        for i, (column, value) in enumerate(zip(columns, values, strict=True)):
            units = values[own_units] if column.units == "see units" else column.units
            if column.formula and value is not None:
                sheet.write_formula(
                    row, i, _formula(column, columns, values, row), styles[_style(column.kind, column.units)], value
                )
                continue
            if column is IDENTITY:
                _write_cell(sheet, row, i, value, "identity", styles)
                continue
            style = "blank" if is_blank and i >= len(values) - 2 else _style(column.kind, units)
            _write_cell(sheet, row, i, value, style, styles)
            if isinstance(value, str):
                widths[i] = max(widths[i], len(value))
    return widths


def _formula(column, columns, values, row):
    """The formula of a cell: in the place of the names of columns the cells of its row, of a column of text what it says."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    cells = {
        other.name: values[i] if other.kind == TEXT else xl_rowcol_to_cell(row, i) for i, other in enumerate(columns)
    }
    return f"={column.formula.format(**cells)}"


def _write_cell(sheet, row, i, value, style, styles):
    """Write a text or number; an empty cell only where it stands out."""
    if isinstance(value, str):
        _write_text(sheet, row, i, value, styles[style])
    elif value is not None:
        sheet.write_number(row, i, value, styles[style])
    elif style == "blank":
        sheet.write_blank(row, i, None, styles[style])


def _write_text(sheet, row, i, text, style):
    """A text as a text, whatever it begins with."""
    sheet.write_string(row, i, _short(text), style)


def _short(text):
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _style(kind, units):
    """How a cell of some kind and units is shown."""
    if kind != NUMBER:
        return "text" if kind == TEXT else "whole"
    first = (units or "").split(" ")
    is_money = len(first[0]) == 3 and first[0].isupper() and "mg" not in first
    return STYLE_OF_UNITS.get(units, "money" if is_money else "general")
