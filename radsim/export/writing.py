"""Writes a result as a folder of csv or Parquet files, or as one workbook."""

from __future__ import annotations

import json

from radsim import SCOPE
from radsim.decision.tables import decision_tables
from radsim.export import cheers, draws, outcomes
from radsim.export.about import about, readme, warnings
from radsim.export.folder import MARK, check_folder, written_aside
from radsim.export.inputs import inputs
from radsim.export.results import results, wide_results
from radsim.export.run import gather
from radsim.storage import UsageFault, check_output, write_bytes
from radsim.tables import Column, csv_file, from_rows, parquet_file, workbook

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
        parquet_file.need()
    if to == XLSX:
        workbook.need()
        check_output(path, force=force, inputs=inputs)
    else:
        check_folder(path, force=force, inputs=inputs)


def write(dataset, path, *, to, raw=(), analysis=None, force=False):
    """Write a result as tables; see `radsim.export`. The same result gives the same bytes, whenever it is written."""
    if to not in FORMATS:
        raise UsageFault(f"to: expected one of {', '.join(FORMATS)}, found {to}")
    check_target(path, to=to, force=force)
    run = gather(dataset, analysis)
    if to == XLSX:
        if raw:
            raise UsageFault(f"{raw[0]}: too long for a workbook; use csv or parquet")
        front = [*about(run), *(("Warning", text) for text in warnings(run))]
        content, names = workbook.workbook_bytes(sheets(run), title=run.config["name"], about=front)
        write_bytes(content, path, force=force)
        return names
    found = tables(run, raw=raw)
    metadata = {"scope": SCOPE, "radsim_digest": run.record["digest"], **_valuation(run)}
    with written_aside(path, force=force) as folder:
        for table in found:
            write_table(table, folder, to=to, metadata=metadata)
        (folder / MARK).write_text(readme(run, found, to), encoding="utf-8", newline="\n")
        (folder / RECORD).write_text(
            json.dumps(run.record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )
    return [table.name for table in found]


def _valuation(run):
    """What was valued and how, for tables that have no column of it."""
    return {name.lower(): text for name, text in about(run) if name == "Valuation"}


def tables(run, *, raw=()):
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
        found += [*decision_tables(run.analysis), cheers.checklist(dataset, run.analysis)]
    for name in raw:
        if name not in dataset or "n_patients" not in dataset:
            raise UsageFault(f"{name}: expected in the result, found none")
        found.append(RAW[name](dataset))
    return [*found, dictionary(found, dataset)]


def sheets(run):
    """Tables of a workbook: as of a folder, but results with a row an outcome, and without what is too long to read."""
    drawn = draws.draws(run.dataset)
    workbook.check_size(drawn)  # the longest, and known before any work
    found = [inputs(run.dataset, run.record), wide_results(run.dataset), *decision_tables(run.analysis)]
    if run.documents and not run.is_sweep and run.n_draws:
        found.append(draws.from_draws(run.dataset, drawn, run.documents[0]))
    found.append(drawn)
    if run.economics is not None or run.documents:
        found.append(cheers.checklist(run.dataset, run.analysis))
    lines = json.dumps(run.config, indent=2, ensure_ascii=False).splitlines()
    return [*found, from_rows("configuration", "resolved configuration", [Column("JSON")], [[line] for line in lines])]


def dictionary(found, dataset):
    """What every column of every table is, and every variable of outcomes and results of a dataset, if it has any; a `Table`."""
    columns = [
        Column("table", ""),
        Column("column", "or variable of outcomes and results"),
        Column("units", ""),
        Column("description", ""),
    ]
    rows = [
        (table.name, column.name, column.units, column.description)
        for table in found
        for column in table.with_identity().file_columns
    ]
    rows += [
        ("outcomes, results", name, dataset[name].attrs.get("units", ""), dataset[name].attrs.get("long_name", ""))
        for name in (outcomes.outcome_names(dataset) if len(dataset) else ())
    ]
    return from_rows("columns", "what every column is, with its units", columns, rows)


def write_table(table, folder, *, to, metadata):
    """Write one table as a file of a folder; `metadata` travels with a Parquet file."""
    if to == CSV:
        csv_file.write_csv(table, folder / f"{table.name}.csv")
    else:
        metadata = {"description": table.description, **metadata}
        metadata |= {"basis": table.basis} if table.basis else {}
        parquet_file.write_parquet(table, folder / f"{table.name}.parquet", metadata=metadata)
