"""`radsim init`: a commented configuration, price list, table of utilities or list of scenarios to start from."""

from __future__ import annotations

import click

from radsim.cli.shared import note

KINDS = ("study", "costs", "utilities", "scenarios")

USE = {"study": "radsim run {name} simulates it", "scenarios": "radsim cea RESULT --scenario-file {name} runs them"}


@click.command()
@click.argument("name", type=click.Path(), required=False)
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=KINDS[0],
    show_default=True,
    help="What to start: a study, prices or utilities for its section economics, or scenarios of a decision.",
)
def command(name, kind):
    """Write a commented starting file to NAME, or to standard output. Never replaces a file."""
    text = _starting_file(kind)
    if name is None:
        click.echo(text, nl=False)
        return
    _write(text, name)
    use = USE.get(kind, "name it in a study as economics: {{{kind}: {name}}}")
    note(f"{name}: written; {use.format(name=name, kind=kind)}")


def _starting_file(kind):
    if kind == KINDS[0]:
        from radsim.config import STARTING_FILE

        return STARTING_FILE
    if kind == "scenarios":
        from radsim.decision.scenario_file import starting_file

        return starting_file()
    from radsim.economics.templates import template

    return template(kind)


def _write(text, path):
    from radsim.storage import write_text

    write_text(text, path, force=False)
