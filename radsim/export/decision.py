"""Every table of a decision as one workbook, or as a folder of csv or Parquet files."""

from __future__ import annotations

import json

from radsim import SCOPE
from radsim.decision.columns import documents_of
from radsim.decision.tables import curve, decision_tables, schedules
from radsim.economics.files import COSTS, UTILITIES
from radsim.export.about import COLUMNS, QUOTED
from radsim.export.folder import FIRST_LINE, MARK, check_folder, written_aside
from radsim.export.listing import of_section
from radsim.export.writing import CSV, PARQUET, XLSX, dictionary, write_table
from radsim.presentation.identity import identity_text
from radsim.storage import UsageFault, check_output, write_bytes
from radsim.tables import parquet_file, workbook

DOCUMENT = "decision.json"
READING = (
    "Means over draws 1, 2, ... of the parameters, or of draw 0, the deterministic base case, where there are no others; low and high: 95 % of those draws "
    "lie between them. Increments are against the undominated schedule before it by cost, or against the reference, as the column says."
)


def form_of(path, to):
    """Form of the file or folder: what was asked for, else a workbook for a name that ends in .xlsx and csv for others.

    Raises
    ------
    UsageFault
        If a workbook is to be a folder, or the other way round.
    """
    is_book = str(path).lower().endswith(".xlsx")
    found = to or (XLSX if is_book else CSV)
    if (found == XLSX) != is_book:
        raise UsageFault(
            f"{path}: expected a name that ends in .xlsx for a workbook, and that of a folder for {CSV} and {PARQUET}"
        )
    return found


def check(path, *, to, force, inputs=()):
    """Refuse what could not be written, before any work."""
    form = form_of(path, to)
    if form == PARQUET:
        parquet_file.need()
    if form == XLSX:
        workbook.need()
        check_output(path, force=force, inputs=inputs)
    else:
        check_folder(path, force=force, inputs=inputs)


def tables_of(analysis):
    """Every table that an analysis has, for files: those of a page, the curve, all numbers by schedule, prices and utilities."""
    found = decision_tables(analysis)
    probabilistic = documents_of(analysis)[0]["base_case"] == "probabilistic"
    found += [curve(analysis)] if probabilistic else []
    found.append(schedules(analysis))
    if analysis.economics is not None:
        prices, utilities = analysis.economics.price_set, analysis.economics.utility_set
        found.append(of_section(analysis.economics.parameters, {COSTS: prices, UTILITIES: utilities}))
    return found


def write_decision(analysis, path, *, to=None, force=False):
    """Write every table of an analysis.

    Parameters
    ----------
    analysis : radsim.decision.Analysis
    path : path
        A file that ends in .xlsx, or a folder.
    to : {'csv', 'parquet', 'xlsx'}, optional
    force : bool

    Returns
    -------
    list of str
        Names of the sheets or files.
    """
    form, found = form_of(path, to), tables_of(analysis)
    check(path, to=to, force=force)
    if form == XLSX:
        content, names = workbook.workbook_bytes(found, title="cost-effectiveness", about=_about(analysis))
        write_bytes(content, path, force=force)
        return names
    found.append(dictionary(found, {}))
    with written_aside(path, force=force) as folder:
        for table in found:
            write_table(table, folder, to=form, metadata={"scope": SCOPE})
        (folder / MARK).write_text(_readme(analysis, found, form), encoding="utf-8", newline="\n")
        text = json.dumps(analysis.to_dict(), indent=1, ensure_ascii=False)
        (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8", newline="\n")
    return [table.name for table in found]


def _about(analysis):
    """Names and texts of what the tables are."""
    documents = documents_of(analysis)
    first = documents[0]
    facts = [("Scope", SCOPE), ("Valuation", identity_text(first["valuation"])), ("Reference", first["reference"])]
    if len(documents) > 1:
        facts.append(
            (
                "Scenarios",
                f"{len(documents)}; the valuation above is that of the first, and each row of a table has its own",
            )
        )
    facts.append(("How to read the numbers", READING))
    return [*facts, *(("Warning", text) for text in first["warnings"])]


def _readme(analysis, tables, form):
    lines = [FIRST_LINE, *(f"{name}: {text}" for name, text in _about(analysis)), "", "Files:"]
    lines += [f"  {table.name}.{form}: {table.description} ({table.n_rows} rows)" for table in tables]
    lines += [f"  {DOCUMENT}: the document of radsim cea --json", "", COLUMNS, *([QUOTED] if form == CSV else [])]
    return "\n".join(lines) + "\n"
