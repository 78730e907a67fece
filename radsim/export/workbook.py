"""A workbook to read: what it is, inputs, results, economics, draws, checklist, configuration, each on its sheet."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from radsim.export.about import about, warnings
from radsim.export.cheers import AUTHORS, table
from radsim.export.decision import decision_tables
from radsim.export.draws import draws
from radsim.export.inputs import inputs
from radsim.export.results import wide_results
from radsim.export.table import NUMBER, TEXT, Column, from_rows, rows_of
from radsim.extras import require
from radsim.storage import UsageFault

EXTRA = "export"
CREATED = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The same in every file: a date would make equal results differ."""

MOST_ROWS, MOST_COLUMNS, LONGEST_TEXT = 1_048_576, 16_384, 32_767
NARROWEST, WIDEST, NUMBER_WIDTH = 8, 60, 12
SHEETS = {
    "inputs": "Inputs", "results": "Results", "incremental": "Incremental", "net_benefit": "Net benefit",
    "information": "Information", "subgroups": "Subgroups", "individualised": "Individualised", "burden": "Burden", "draws": "Draws", "cheers": "CHEERS", "configuration": "Configuration",
}  # fmt: skip
FROZEN = {"inputs": 1, "results": None, "incremental": 1, "draws": None, "cheers": 1}
"""Columns that stay in view; None: those before the first number."""

STYLES = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EEF4"},
    "name": {"bold": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "plain": {"valign": "top"},
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


def need():
    """UsageFault if the library is not installed."""
    require("xlsxwriter", extra=EXTRA)


def workbook_bytes(run, analysis):
    """The workbook of a run.

    Parameters
    ----------
    run : radsim.export.run.Run
    analysis : Analysis, dict or None

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
    sheets = _tables(run, analysis)
    for one in sheets:
        _check_size(one)
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": _short(run.config["name"]), "comments": "Made by radsim", "created": CREATED})
        styles = {name: book.add_format(style) for name, style in STYLES.items()}
        _write_about(book.add_worksheet("About"), run, styles)
        for one in sheets:
            _write_sheet(book.add_worksheet(SHEETS[one.name]), one, styles)
    return content.getvalue(), ["About", *(SHEETS[one.name] for one in sheets)]


def _tables(run, analysis):
    """Tables in the order of their sheets."""
    dataset, drawn = run.dataset, draws(run.dataset)
    _check_size(drawn)  # the longest, and known before any work
    decision = decision_tables(analysis) if run.documents else []
    found = [inputs(dataset, run.record), wide_results(dataset), *decision, drawn]
    if run.economics is not None or run.documents:
        found.append(_checklist(dataset, analysis))
    return [*found, _configuration(run)]


def _checklist(dataset, analysis):
    columns = [
        Column("Item", ""),
        Column("Section", ""),
        Column("What is to be reported", ""),
        Column("What the run says", ""),
        Column("Status", ""),
    ]
    rows = [[str(one.number), *one[1:]] for one in table(dataset, analysis)]
    return from_rows("cheers", "CHEERS 2022", columns, rows)


def _configuration(run):
    lines = json.dumps(run.config, indent=2, ensure_ascii=False).splitlines()
    return from_rows(
        "configuration",
        "resolved configuration",
        [Column("Resolved configuration, as JSON", "")],
        [[line] for line in lines],
    )


def _check_size(one):
    if one.n_rows >= MOST_ROWS or len(one.columns) > MOST_COLUMNS:
        raise UsageFault(
            f"xlsx: a sheet holds {MOST_ROWS - 1:,} rows and {MOST_COLUMNS:,} columns, found {one.n_rows:,} rows and {len(one.columns):,} "
            f"columns of {one.name}; use csv or parquet"
        )


# --- sheets -------------------------------------------------------------------------------------------------


def _write_about(sheet, run, styles):
    """The first sheet: what this is, its scope, what to know of it, how to make it again."""
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    _write_text(sheet, 0, 0, f"radsim: {run.config['name']}", styles["title"])
    row = 2
    for name, value in about(run):
        _write_text(sheet, row, 0, name, styles["name"])
        _write_text(sheet, row, 1, value, styles["text"])
        row += 1
    for text in warnings(run):
        _write_text(sheet, row, 0, "Warning", styles["name"])
        _write_text(sheet, row, 1, text, styles["warning"])
        row += 1
    sheet.fit_to_pages(1, 0)


def _write_sheet(sheet, one, styles):
    """A table with its units in the header, filters, and the first row and columns in view."""
    for i, column in enumerate(one.columns):
        _write_text(sheet, 0, i, header(column), styles["head"])
    widths = _write_rows(sheet, one, styles)
    for i, width in enumerate(widths):
        sheet.set_column(i, i, min(max(width, NARROWEST), WIDEST))
    sheet.freeze_panes(1, _frozen(one))
    if one.n_rows and one.name != "configuration":
        sheet.autofilter(0, 0, one.n_rows, len(one.columns) - 1)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _write_rows(sheet, one, styles):
    """Write all rows; the width that each column needs."""
    kinds = [_style(column) for column in one.columns]
    own_units = next((i for i, column in enumerate(one.columns) if column.name == "units"), None)
    widths = [len(column.name) + 2 if column.kind == TEXT else NUMBER_WIDTH for column in one.columns]
    for row, values in enumerate(rows_of(one), start=1):
        for i, (column, value) in enumerate(zip(one.columns, values, strict=True)):
            by_row = own_units is not None and column.units == "see units"
            style = _style_of_units(values[own_units]) if by_row else kinds[i]
            _write_cell(sheet, row, i, value, _marked(one, values, i, style), styles)
            if isinstance(value, str):
                widths[i] = max(widths[i], len(value))
    return widths


def header(column):
    """Name of a column with its units, where it has some of its own."""
    return f"{column.name} [{column.units}]" if column.units not in ("", "see units") else column.name


def _frozen(one):
    wanted = FROZEN.get(one.name, 0)
    if wanted is None:
        return next((i for i, column in enumerate(one.columns) if column.kind == NUMBER), 0)
    return wanted


def _marked(one, values, i, style):
    """What is left for the authors stands out."""
    return "blank" if one.name == "cheers" and values[-1] == AUTHORS and i >= len(values) - 2 else style


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


def _style(column):
    if column.kind == TEXT:
        return "text"
    return _style_of_units(column.units) if column.kind == NUMBER else "whole"


def _style_of_units(units):
    """How a number of some units is shown."""
    if units in ("1", "year", "d", "week"):
        return {"1": "share", "year": "year", "d": "day", "week": "whole"}[units]
    first = (units or "").split(" ")
    is_money = len(first[0]) == 3 and first[0].isupper() and "mg" not in first
    return "money" if is_money else "general"
