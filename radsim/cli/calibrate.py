"""`radsim calibrate`: the joint posterior of the parameters given the calibration trials."""

from __future__ import annotations

import click

from radsim.cli.shared import force_option, note, threads_option, typed_command


@click.command()
@click.argument("config", metavar="CONFIG")
@click.option(
    "-o", "--output", type=click.Path(), required=True, metavar="DRAWS.nc", help="Write the draws (netCDF-4)."
)
@click.option("--draws", type=click.IntRange(10, 10**5), help="Draws to write, instead of those of CONFIG.")
@threads_option
@force_option
def command(config, output, draws, threads, force):
    """Calibrate the parameters to the trials of kind `calibration`, as CONFIG (YAML) asks."""
    from radsim.calibrate import calibrate, load_settings
    from radsim.cli.progress import Progress
    from radsim.storage import check_output, write_netcdf

    check_output(output, force=force, inputs=[] if config == "-" else [config])
    settings = load_settings(config, draws=draws)
    _require_libraries()
    with Progress("simulating the bank") as progress:
        dataset = calibrate(settings, threads=threads, progress=progress, command=typed_command())
    write_netcdf(dataset, output, force=force)
    show(dataset)
    note(f"{output}: {dataset.sizes['draw']} draws of {dataset.sizes['parameter']} parameters")


def show(dataset):
    """Print what was found."""
    import json

    from radsim import SCOPE
    from radsim.calibrate.report import parameter_table, target_table, tension_lines
    from radsim.cli.tables import paragraph, show_table

    report = json.loads(dataset.attrs["radsim_calibration_report"])
    show_table("Parameters: prior and posterior", *parameter_table(report))
    click.echo()
    click.echo(paragraph(
        "Shrinkage is the share of the prior's standard deviation that the trials took away (as normal scores). * Draws of these stay "
        "those of the prior."
    ))  # fmt: skip
    click.echo()
    show_table("Targets at the posterior medians, the worst met first", *target_table(report))
    click.echo()
    outside = report["targets_outside_their_interval"]
    click.echo(paragraph(
        f"Simulated with the model itself. {len(report['targets']) - len(outside)} of {len(report['targets'])} targets lie inside the 95 % "
        "interval of the trial's own sampling error; the residual counts differences between trials, repeated looks at the "
        "same patients and the emulator as well."
    ))  # fmt: skip
    lines = tension_lines(report)
    if lines:
        click.echo("\nTargets that pull against each other:")
        for line in lines:
            click.echo(paragraph(line))
    click.echo(paragraph(SCOPE))


def _require_libraries():
    """Refuse, before minutes of work, where what the sampler needs is not installed."""
    from radsim.extras import require

    require("threadpoolctl", extra="calibrate")
