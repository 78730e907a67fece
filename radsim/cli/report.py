"""`radsim report`: a result as one self-contained HTML page."""

from __future__ import annotations

import os

import click

from radsim.cli.shared import force_option, note

WORDS = ("clinician", "patient")


@click.command()
@click.argument("result", metavar="RESULT")
@click.option("-o", "--output", required=True, type=click.Path(), metavar="REPORT.html", help="Write the page.")
@click.option(
    "--words", type=click.Choice(WORDS), default=WORDS[0], show_default=True,
    help="Whose words the page begins with; the reader can switch.",
)  # fmt: skip
@click.option(
    "--validation", "validation_file", type=click.Path(), metavar="FILE.json",
    help="Document of radsim validate --json to quote, instead of the summary that comes with radsim.",
)  # fmt: skip
@force_option
def command(result, output, words, validation_file, force):
    """Write RESULT (a file of radsim run, or a store of radsim sweep) as one HTML page: the answer first, then all it rests on.

    The page needs no network, holds no name of a machine or of anybody, and prints.
    """
    from radsim.cli.load import opened_result
    from radsim.report import write_report
    from radsim.report.validation import read_document
    from radsim.storage import check_output

    inputs = [result] + ([validation_file] if validation_file is not None else [])
    check_output(output, force=force, inputs=inputs)
    document = None if validation_file is None else read_document(validation_file)
    with opened_result(result) as dataset:
        whole = dataset if "scenario" in dataset.dims else dataset.load()  # a page looks at most of it, many times
        write_report(whole, output, words=words, validation_document=document, force=force)
    note(f"{os.path.basename(output)}: open it in a browser; nothing leaves the page")
