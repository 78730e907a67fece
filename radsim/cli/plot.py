"""`radsim plot`: one figure of a result."""

from __future__ import annotations

import os

import click

from radsim.cli.shared import DONE, force_option
from radsim.figures.registry import FIGURES, SOURCES

KINDS = "\b\nKinds:\n" + "\n".join(f"  {name:<20}{kind.summary}" for name, kind in FIGURES.items())


@click.command(epilog=KINDS)
@click.argument("result", metavar="RESULT")
@click.option("--kind", required=True, type=click.Choice(list(FIGURES)), metavar="K", help="What to draw; see below.")
@click.option("-o", "--output", required=True, type=click.Path(), metavar="FILE.png|svg|pdf", help="Where to write it.")
@click.option(
    "--schedule",
    "schedules",
    multiple=True,
    metavar="NAME",
    help="Show this schedule; may be repeated. All by default.",
)
@click.option("--subgroup", metavar="NAME", help="Show these patients; all by default.")
@click.option("--scenario", type=click.IntRange(min=0), metavar="N", help="Scenario of a sweep, counted from 0.")
@click.option("--day", type=click.FloatRange(min=0), help="Day that icons and sweeps show; 84 by default.")
@click.option("--threshold", type=click.FloatRange(min=0), multiple=True, help="Worth of a QALY; may be repeated.")
@click.option("--reference", metavar="NAME", help="Schedule that a plane compares with; the first by default.")
@click.option(
    "--against", metavar="NAME", help="Schedule of a tornado; the first that is not the reference by default."
)
@click.option("--outcome", metavar="NAME", help="Variable that a sweep's figure shows.")
@click.option("--over", multiple=True, metavar="PATH", help="Swept path along an axis; given twice for a map.")
@click.option("--width", type=click.FloatRange(2, 40), default=7.0, show_default=True, help="Inches.")
@click.option(
    "--height", type=click.FloatRange(2, 40), default=4.5, show_default=True, help="Inches; some figures take more."
)
@click.option("--dpi", type=click.IntRange(30, 1200), default=150, show_default=True, help="Dots per inch of a png.")
@force_option
def command(result, kind, output, schedules, subgroup, scenario, width, height, dpi, force, **options):
    """Draw one figure of RESULT: a result (netCDF), the store of a sweep, or the JSON of validate or cea (- for standard input)."""
    from radsim.figures import alt_text, draw, figure_format, write_figure
    from radsim.storage import UsageFault, check_output

    figure_format(output)
    check_output(output, force=force, inputs=[] if result == "-" else [result])
    source = read_source(result, kind)
    choice = {"subgroup": subgroup, "scenario": scenario, "schedules": list(schedules) or None}
    choice |= {name: (list(value) or None) if isinstance(value, tuple) else value for name, value in options.items()}
    try:
        figure = draw(kind, source, size=(width, height), **choice)
        words = alt_text(kind, source, **choice)
    except UsageFault as fault:
        raise UsageFault(f"{result}: {fault}") from None
    write_figure(figure, output, force=force, dpi=dpi, title=FIGURES[kind].summary.capitalize(), description=words)
    return DONE


def read_source(path, kind):
    """What a path holds: the Dataset of a result or a sweep, or a JSON document.

    Raises
    ------
    UsageFault
        If there is no such file, or it is none of these.
    """
    from radsim.storage import is_netcdf, read_json, read_netcdf

    if os.path.isdir(path):
        from radsim.sweep import open_sweep

        return open_sweep(path)
    if path != "-" and is_netcdf(path):
        return read_netcdf(path)
    return read_json(path, expected=SOURCES[FIGURES[kind].source])
