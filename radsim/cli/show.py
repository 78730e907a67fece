"""`radsim show`: the fully resolved configuration, or what a result holds."""

from __future__ import annotations

import os
import textwrap

import click

from radsim.printable import one_line


@click.command()
@click.argument("source", metavar="CONFIG|RESULT")
def command(source):
    """Show the fully resolved configuration of CONFIG, or what RESULT (a file or the store of a sweep) holds."""
    from radsim.storage import is_netcdf

    if os.path.isdir(source) or (os.path.isfile(source) and is_netcdf(source)):
        _show_result(source)
    else:
        _show_config(source)


def _show_config(source):
    from radsim.cli.load import load_checked
    from radsim.config import config_digest, to_yaml

    config = load_checked(source)
    click.echo(f"# digest: {config_digest(config)}")
    click.echo(to_yaml(config).rstrip("\n"))


def _show_result(path):
    from radsim.cli.load import opened
    from radsim.provenance import from_dataset

    with opened(path) as dataset:
        for line in [*describe(dataset, from_dataset(dataset)), "", *variable_lines(dataset)]:
            click.echo(one_line(line))


def describe(dataset, record):
    """Who, what and with which numbers: lines of `name: value`."""
    from radsim.presentation.reading import swept_paths

    sizes = ", ".join(f"{name} {size}" for name, size in dataset.sizes.items())
    files = ", ".join(f"{name} (sha256 {digest[:12]})" for name, digest in record["files"].items())
    software, evidence = record["software"], record["evidence"]
    swept = [f"swept: {', '.join(swept_paths(dataset)) or 'nothing'}"] if "scenario" in dataset.dims else []
    return [
        f"name: {record['config']['name']}",
        f"made by: radsim {software['version']} (commit {software['commit'][:12]}), {record['command']}",
        f"configuration digest: {record['digest']}",
        f"seed: {record['seed']}",
        f"evidence: {evidence['set']} ({evidence['digest'][:12]}), {len(record['provisional'])} provisional",
        f"files: {files or 'none'}",
        f"dimensions: {sizes}",
        *swept,
    ]


def variable_lines(dataset):
    """Two lines per variable; standard errors and differences stand beside theirs and are not listed."""
    from radsim.results.variables import DIFFERENCE_SUFFIX, MCSE_SUFFIX

    lines = []
    for name, variable in dataset.data_vars.items():
        if not str(name).endswith((MCSE_SUFFIX, DIFFERENCE_SUFFIX)):
            lines.append(f"{name} [{variable.attrs.get('units', '')}] ({', '.join(variable.dims)})")
            lines += textwrap.wrap(
                variable.attrs.get("long_name", ""), 80, initial_indent="    ", subsequent_indent="    "
            )
    return lines
