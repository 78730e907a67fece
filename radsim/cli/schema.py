"""`radsim schema`: the JSON Schema of a configuration, for editors."""

from __future__ import annotations

import click

from radsim.cli.shared import print_json


@click.command()
def command():
    """Print the JSON Schema of a configuration."""
    from radsim.config import json_schema

    print_json(json_schema())
