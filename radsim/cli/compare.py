"""`radsim compare`: two schedules or more for one kind of patient, in natural frequencies; no file needed."""

from __future__ import annotations

import functools

import click

from radsim.cli.patient import ask, named_by_option, patient_options
from radsim.cli.shared import print_json, typed_command, warn


@click.command()
@click.argument("schedules", nargs=-1, metavar="SCHEDULE SCHEDULE...")
@patient_options
@click.option("--cord-dose-gy", type=float, metavar="GY", help="Dose of an SBRT course to the spinal cord.")
@click.option("--full", is_flag=True, help="Every table, how sure each difference is, and which numbers matter most.")
@click.option("--report", metavar="FILE.html", help="Write the page of the same question as well.")
@click.option("--force", is_flag=True, help="Replace an existing report.")
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the question as a configuration for run, and stop.")
def command(
    schedules, cord_dose_gy, complicated, postoperative, suspected_cord_compression, impending_fracture, full, report, force, as_yaml,
    threads, as_json, **options,
):  # fmt: skip
    """Compare schedules such as 8Gy/1 20Gy/5 for one kind of patient: of 100 patients like this one.

    What is not given of the patient comes from the default population. Schedules: total dose, a slash, number of fractions;
    24Gy/2@sbrt names a technique, none is analgesics alone.
    """
    if suspected_cord_compression or impending_fracture:
        show_urgent(as_json=as_json)
        return
    config = ask(functools.partial(_question, schedules, cord_dose_gy=cord_dose_gy), options)
    if as_yaml:
        from radsim.config import to_yaml

        click.echo(to_yaml(config).rstrip("\n"))
        return
    circumstances = [name for name, is_so in (("complicated", complicated), ("postoperative", postoperative)) if is_so]
    if report:
        from radsim.storage import check_output

        check_output(report, force=force)
    found = find_answer(config, circumstances, options["prognosis_weeks"], threads)
    show(found, as_json=as_json, full=full)
    if report:
        write_page(found, report, force=force)


def _question(schedules, **asked):
    from radsim.compare import question

    return question(list(schedules), **asked)


def write_page(found, path, *, force):
    """The report of the same question as one HTML page."""
    from radsim.cli.shared import note
    from radsim.report import write_report

    write_report(found.results.to_xarray(), path, force=force)
    note(f"Report: {path}")


def show_urgent(*, as_json):
    """All there is to say."""
    from radsim.presentation.caveats import URGENT

    if as_json:
        print_json({"urgent": URGENT})
    else:
        click.echo(URGENT)


def find_answer(config, circumstances, prognosis_weeks, threads):
    """Simulate and read; a fault of the evidence names its option."""
    from radsim.cli.progress import Progress
    from radsim.compare import answer

    with named_by_option(), Progress("simulating") as progress:
        return answer(
            config, circumstances=circumstances, prognosis_weeks=prognosis_weeks, threads=threads, progress=progress,
            command=typed_command(),
        )  # fmt: skip


def show(found, *, as_json, full=False):
    """The answer on stdout; where its numbers come from on stderr."""
    from radsim.cli.text import note_citations
    from radsim.presentation.cord import warnings as cord_warnings

    already_said = () if as_json else cord_warnings(found.cord)  # they stand first on the page
    warn(warning for warning in found.record["warnings"] if warning not in already_said)
    note_citations(found.record)
    if as_json:
        from radsim.cli.summary import json_document
        from radsim.guide import of_answer

        guideline = {"guideline": of_answer(found).to_dict()["headings"]}
        print_json(json_document(found.results, found.record) | found.to_dict() | guideline)
        return
    from radsim.cli.compare_page import show_page

    show_page(found)
    if full:
        from radsim.cli.compare_full import show_full

        show_full(found)
