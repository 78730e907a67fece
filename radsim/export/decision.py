"""Every table of a decision as one workbook, or as a folder of csv or Parquet files."""

from __future__ import annotations

import json

from radsim import SCOPE
from radsim.decision.columns import documents_of
from radsim.decision.tables import curve, decision_tables, schedules
from radsim.decision.valued import valued
from radsim.economics.files import COSTS, UTILITIES
from radsim.export import cheers
from radsim.export.about import COLUMNS, QUOTED, about, warnings
from radsim.export.folder import FIRST_LINE, MARK, check_folder, written_aside
from radsim.export.inputs import inputs
from radsim.export.listing import of_section
from radsim.export.run import gather
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


def run_of(analysis, dataset):
    """The `Run` that was analysed, valued as the analysis valued it; None for another model's draws and for a sweep."""
    if dataset is None or analysis.economics is None or analysis.scenarios:
        return None
    record, _, dataset = valued(dataset, analysis.economics)
    return None if record is None else gather(dataset, analysis)


def tables_of(analysis, run=None):
    """Every table that an analysis has, for files: those of a page, the curve, all numbers by schedule, prices and utilities.

    Of a `Run`, also every input and the checklist CHEERS 2022, which then knows the scenarios and whatever else was asked for.
    """
    found = decision_tables(analysis)
    probabilistic = documents_of(analysis)[0]["base_case"] == "probabilistic"
    found += [curve(analysis)] if probabilistic else []
    found.append(schedules(analysis))
    if analysis.economics is not None:
        prices, utilities = analysis.economics.price_set, analysis.economics.utility_set
        found.append(of_section(analysis.economics.parameters, {COSTS: prices, UTILITIES: utilities}))
    if run is not None:
        found += [inputs(run.dataset, run.record), cheers.checklist(run.dataset, analysis)]
    return found


def write_decision(analysis, path, *, dataset=None, to=None, force=False):
    """Write every table of an analysis.

    Parameters
    ----------
    analysis : radsim.decision.Analysis
    path : path
        A file that ends in .xlsx, or a folder.
    dataset : xarray.Dataset, optional
        The result that was analysed: its inputs, its record and CHEERS 2022 are written too.
    to : {'csv', 'parquet', 'xlsx'}, optional
    force : bool

    Returns
    -------
    list of str
        Names of the sheets or files.
    """
    run = run_of(analysis, dataset)
    form, found = form_of(path, to), tables_of(analysis, run)
    check(path, to=to, force=force)
    if form == XLSX:
        content, names = workbook.workbook_bytes(found, title="cost-effectiveness", about=_about(analysis, run))
        write_bytes(content, path, force=force)
        return names
    found.append(dictionary(found, {}))
    with written_aside(path, force=force) as folder:
        for table in found:
            write_table(table, folder, to=form, metadata={"scope": SCOPE})
        (folder / MARK).write_text(_readme(_about(analysis, run), found, form), encoding="utf-8", newline="\n")
        text = json.dumps(analysis.to_dict(), indent=1, ensure_ascii=False)
        (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8", newline="\n")
    return [table.name for table in found]


def _about(analysis, run=None):
    """Names and texts of what the tables are; of a `Run`, also what it was and how to make it again."""
    documents = documents_of(analysis)
    first = documents[0]
    if run is not None:
        facts = [("Reference", first["reference"]), ("Increments and intervals", READING), *about(run)]
        said = list(dict.fromkeys([*warnings(run), *first["warnings"]]))
        return [*facts, *(("Warning", text) for text in said)]
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


def _readme(facts, tables, form):
    lines = [FIRST_LINE, *(f"{name}: {text}" for name, text in facts), "", "Files:"]
    lines += [f"  {table.name}.{form}: {table.description} ({table.n_rows} rows)" for table in tables]
    lines += [f"  {DOCUMENT}: the document of radsim cea --json", "", COLUMNS, *([QUOTED] if form == CSV else [])]
    return "\n".join(lines) + "\n"
