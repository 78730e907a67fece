"""`radsim init`: a commented configuration to start from."""

from __future__ import annotations

import click

from radsim.cli.shared import note


@click.command()
@click.argument("name", type=click.Path(), required=False)
def command(name):
    """Write a commented starting configuration to NAME, or to standard output. Never replaces a file."""
    from radsim.config import STARTING_FILE

    if name is None:
        click.echo(STARTING_FILE, nl=False)
        return
    _write(STARTING_FILE, name)
    note(f"{name}: written; radsim run {name} simulates it")


def _write(text, path):
    from radsim.storage import write_text

    write_text(text, path, force=False)
