"""`radsim guide`: what guidelines say of one kind of patient, rule by rule, each with its source and strength."""

from __future__ import annotations

import textwrap

import click

from radsim.cli.patient import ask, named_by_option, patient_options
from radsim.cli.shared import print_json, typed_command, warn

INDENT, DEEPER = "  ", "    "
MORE = {
    "clinician": "More: --reader patient  --json  radsim compare 8Gy/1 20Gy/5 for the same patient",
    "patient": "Ask your doctor what of this is right for you.",
}


@click.command()
@patient_options
@click.option("--bleeding-risk", is_flag=True, help="Bleeds easily, or takes anticoagulants.")
@click.option("--infection", is_flag=True, help="An infection now.")
@click.option(
    "--reader", type=click.Choice(["clinician", "patient"]), default="clinician", help="For whom.  [default: clinician]"
)
def command(
    complicated, postoperative, suspected_cord_compression, impending_fracture, bleeding_risk, infection, reader, threads, as_json, **options,
):  # fmt: skip
    """What guidelines say of one kind of patient: rule by rule, with source and strength, and radsim's own figures.

    The rules report what a source says; they advise nobody. What is not given of the patient is not known to the rules; in the figures it is
    averaged over the default population, as in compare.
    """
    from radsim.guide import guide_question

    flags = {
        "suspected_cord_compression": suspected_cord_compression, "impending_fracture": impending_fracture, "complicated": complicated,
        "postoperative": postoperative, "bleeding_risk": bleeding_risk, "infection": infection,
    }  # fmt: skip
    config = ask(guide_question, options)
    said = [name for name, is_so in flags.items() if is_so]
    show(find_guidance(config, said, options["prognosis_weeks"], reader, threads), as_json=as_json)


def find_guidance(config, said, prognosis_weeks, reader, threads):
    """Ask the rules, and simulate where it is no emergency; a fault of the evidence names its option."""
    from radsim.cli.progress import Progress
    from radsim.guide import guidance

    with named_by_option(), Progress("simulating") as progress:
        return guidance(
            config, said=said, prognosis_weeks=prognosis_weeks, reader=reader, threads=threads, progress=progress, command=typed_command()
        )  # fmt: skip


def show(found, *, as_json):
    """The guidance on stdout; warnings on stderr."""
    from radsim.presentation.cord import warnings as cord_warnings

    if found.answer is not None:
        already_said = cord_warnings(found.answer.cord)
        warn(f"the figures: {each}" for each in found.answer.record["warnings"] if as_json or each not in already_said)
    if as_json:
        print_json(found.to_dict())
    else:
        show_page(found)


def show_page(found):
    """Headings, statements and figures, then the sources."""
    from radsim import SCOPE
    from radsim.cli.tables import paragraph
    from radsim.guide.figures import figure_words
    from radsim.guide.passages import EMERGENCY

    reader = found.reader
    click.echo(paragraph(found.title))
    if found.emergency:
        click.echo(f"\n{paragraph(EMERGENCY[reader])}")
    for passage in found.passages:
        click.echo(f"\n{passage.title[reader]}")
        for statement in passage.statements:
            click.echo(indented(statement.text(reader), INDENT))
            for sentence in figure_words(statement.figures, reader):
                click.echo(indented(sentence, DEEPER))
    click.echo("\nSources")
    for short, citation in found.citations.items():
        click.echo(indented(f"{short}: {citation}", INDENT))
    click.echo(f"\n{SCOPE}\n{paragraph(MORE[reader])}")


def indented(text, indent):
    """A paragraph whose lines all begin with the same text."""
    from radsim.cli.tables import WIDTH, line_width

    return textwrap.fill(text, min(WIDTH, line_width()), initial_indent=indent, subsequent_indent=indent)
