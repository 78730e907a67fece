"""`radsim export`: a result for R, for spreadsheets or for a committee."""

from __future__ import annotations

import click

from radsim.cli.shared import force_option, note

FORMATS = ("csv", "xlsx", "parquet")


@click.command()
@click.argument("result", type=click.Path(), metavar="RESULT")
@click.option("--to", required=True, type=click.Choice(FORMATS), help="Form of the tables.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    metavar="PATH",
    help="A folder for csv and parquet, a file for xlsx.",
)
@click.option("--occupancy", is_flag=True, help="Days in joint states by period too (csv, parquet).")
@click.option("--count", is_flag=True, help="Items counted by period too (csv, parquet).")
@force_option
def command(result, to, output, occupancy, count, force):
    """Write RESULT, a file of `radsim run -o` or a store of `radsim sweep`, as tables.

    csv and parquet: a folder with one table a file, tidy, with a description of every column. xlsx: one workbook to read.
    """
    from radsim.cli.load import opened_result
    from radsim.export.writing import check_target, write
    from radsim.storage import UsageFault

    raw = [name for name, wanted in (("occupancy", occupancy), ("count", count)) if wanted]
    if raw and to == "xlsx":
        raise UsageFault(f"--{raw[0]}: too long for a workbook; use --to csv or parquet")
    check_target(output, to=to, force=force, inputs=[result])
    with opened_result(result) as dataset:
        names = write(dataset, output, to=to, raw=raw, force=force)
    note(f"{output}: {', '.join(names)}")
