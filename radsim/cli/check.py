"""`radsim check`: every fault of every file, without simulating anything."""

from __future__ import annotations

import click

from radsim.cli.shared import DONE, USAGE, note, warn


@click.command()
@click.argument("configs", nargs=-1, required=True, metavar="CONFIG...")
def command(configs):
    """Check configurations, with the parameters and cohort files that they name."""
    from radsim.api import prepared
    from radsim.cohort import CohortError
    from radsim.config import ConfigError
    from radsim.evidence import EvidenceError

    code = DONE
    for config in configs:
        try:
            study = prepared(config)
        except (ConfigError, EvidenceError, CohortError) as error:
            note(_named(config, error))
            code = USAGE
        else:
            warn(f"{config}: {warning}" for warning in study.warnings)
            click.echo(f"{config}: ok")
    return code


def _named(config, error):
    """The faults, each with its file: those of the evidence do not know which file asked for it."""
    from radsim.config import ConfigError

    if isinstance(error, ConfigError):
        return str(error)
    return "\n".join(
        line if line.startswith(config) else f"{config}: {line}" for line in str(error).splitlines()
    )
