"""The door: a result into a folder of csv or Parquet files, or into one workbook."""

from __future__ import annotations

import json

from radsim import SCOPE
from radsim.export import cheers, draws, outcomes
from radsim.export.about import readme
from radsim.export.decision import decision_tables
from radsim.export.folder import MARK, check_folder, written_aside
from radsim.export.inputs import inputs
from radsim.export.results import results
from radsim.export.run import gather
from radsim.export.table import WHOLE, Column, from_rows
from radsim.storage import UsageFault, check_output, write_bytes

CSV, XLSX, PARQUET = "csv", "xlsx", "parquet"
FORMATS = (CSV, XLSX, PARQUET)
RAW = {"occupancy": outcomes.occupancy, "count": outcomes.count}
RECORD = "record.json"


def check_target(path, *, to, force, inputs=()):
    """Refuse what could not be written, before any work: a folder for csv and Parquet, a file for a workbook.

    Raises
    ------
    UsageFault
        If the place is taken, or a library is not installed.
    """
    if to == PARQUET:
        from radsim.export.parquet_file import need

        need()
    if to == XLSX:
        from radsim.export.workbook import need as need_workbook

        need_workbook()
        check_output(path, force=force, inputs=inputs)
    else:
        check_folder(path, force=force, inputs=inputs)


def write(dataset, path, *, to, raw=(), analysis=None, force=False):
    """Write a result as tables; see `radsim.export`. The same result gives the same bytes, whenever it is written."""
    if to not in FORMATS:
        raise UsageFault(f"to: expected one of {', '.join(FORMATS)}, found {to}")
    check_target(path, to=to, force=force)
    run = gather(dataset, analysis)
    analysis = run.analysis
    if to == XLSX:
        from radsim.export.workbook import workbook_bytes

        if raw:
            raise UsageFault(f"{raw[0]}: too long for a workbook; use csv or parquet")
        content, names = workbook_bytes(run, analysis)
        write_bytes(content, path, force=force)
        return names
    found = tables(run, analysis, raw=raw)
    with written_aside(path, force=force) as folder:
        for table in found:
            _write_table(table, folder, to=to, digest=run.record["digest"])
        (folder / MARK).write_text(readme(run, found, to), encoding="utf-8", newline="\n")
        (folder / RECORD).write_text(
            json.dumps(run.record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )
    return [table.name for table in found]


def tables(run, analysis, *, raw=()):
    """Every table of a folder, the description of all columns last."""
    dataset = run.dataset
    found = [
        results(dataset),
        outcomes.outcomes(dataset),
        draws.draws(dataset),
        *draws.psa(dataset),
        inputs(dataset, run.record),
    ]
    if run.economics is not None or run.documents:
        found += [*decision_tables(analysis), checklist(dataset, analysis)]
    for name in raw:
        if name not in dataset or "n_patients" not in dataset:
            raise UsageFault(f"{name}: expected in the result, found none")
        found.append(RAW[name](dataset))
    return [*found, dictionary(found, dataset)]


def checklist(dataset, analysis):
    """The CHEERS items as a table."""
    columns = [
        Column("number", "item", kind=WHOLE),
        Column("section", "of the article"),
        Column("topic", "what is to be reported, in our words"),
        Column("text", "what the run says; empty where only authors can"),
        Column("status", "where the text is from"),
    ]
    return from_rows("cheers", "CHEERS 2022 checklist, filled from the run", columns, cheers.table(dataset, analysis))


def dictionary(found, dataset):
    """What every column of every table is, and every variable of outcomes and results; a `Table`."""
    columns = [
        Column("table", ""),
        Column("column", "or variable of outcomes and results"),
        Column("units", ""),
        Column("description", ""),
    ]
    rows = [(table.name, column.name, column.units, column.description) for table in found for column in table.columns]
    rows += [
        ("outcomes, results", name, dataset[name].attrs.get("units", ""), dataset[name].attrs.get("long_name", ""))
        for name in outcomes.outcome_names(dataset)
    ]
    return from_rows("columns", "what every column is, with its units", columns, rows)


def _write_table(table, folder, *, to, digest):
    if to == CSV:
        from radsim.export.csv_file import write_csv

        write_csv(table, folder / f"{table.name}.csv")
    else:
        from radsim.export.parquet_file import write_parquet

        metadata = {"description": table.description, "scope": SCOPE, "radsim_digest": digest}
        write_parquet(table, folder / f"{table.name}.parquet", metadata=metadata)
