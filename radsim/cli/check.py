"""`radsim check`: every fault of every file, without simulating anything."""

from __future__ import annotations

import click

from radsim.cli.shared import DONE, USAGE, note, warn


@click.command()
@click.argument("configs", nargs=-1, required=True, metavar="CONFIG...")
def command(configs):
    """Check configurations, with the parameters and cohort files that they name."""
    from radsim.cli.load import load_study
    from radsim.cli.tables import paragraph
    from radsim.config import ConfigError
    from radsim.evidence import EvidenceError
    from radsim.presentation import cord

    code = DONE
    for config in configs:
        try:
            study = load_study(config)
        except (ConfigError, EvidenceError) as error:
            note(str(error))
            code = USAGE
        else:
            said = [*study.warnings, *study.config.economic_warnings()]
            warn(f"{config}: {warning}" for warning in said)
            click.echo(f"{config}: ok")
            for line in (*cord.earlier_lines(study.cord), *cord.lines(study.cord)):
                click.echo(paragraph(line))
    return code
