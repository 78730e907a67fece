"""`radsim sweep`: every scenario of a plan, in a store that loses no work."""

from __future__ import annotations

import click

from radsim.cli.shared import FAULT, note, threads_option, warn


@click.command()
@click.argument("plan", metavar="SWEEP.yaml")
@click.option(
    "-o", "--output", type=click.Path(), metavar="STORE.zarr", help="Store of the results; what is there is kept."
)
@click.option("--plan", "only_plan", is_flag=True, help="Show scenarios, trajectories and time; simulate nothing.")
@threads_option
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Dask workers on this machine, instead of threads."
)
@click.option("--scheduler", metavar="ADDRESS", help="An existing Dask cluster, instead of threads.")
@click.option("--progress", type=click.Choice(["json"]), help="Progress on stderr as one JSON object a line.")
@click.option("--yes", is_flag=True, help="More than 100,000 scenarios are meant.")
@click.option("--force", is_flag=True, help="Start again where STORE.zarr holds another plan or version.")
def command(plan, output, only_plan, threads, workers, scheduler, progress, yes, force):
    """Simulate every scenario of SWEEP.yaml (base, grid, sample; - for standard input). A rerun goes on where it was."""
    from radsim.cli.sweep_progress import reporter
    from radsim.storage import UsageFault

    if only_plan:
        _show_plan(plan, yes=yes, threads=threads if workers is None else workers)
        return None
    if output is None:
        raise UsageFault(
            "-o STORE.zarr: expected the store to write, found none (--plan shows what would be simulated)"
        )
    from radsim.sweep import run

    with reporter(progress) as report:
        summary = run(
            plan, output, threads=threads, workers=workers, scheduler=scheduler, progress=report, yes=yes, force=force,
            command=_described(plan, output),
        )  # fmt: skip
    return _say(summary, output)


def _described(plan, output):
    """The command as the record keeps it: without what does not touch the result."""
    from radsim.provenance import describe_command

    return describe_command(["sweep", plan, "-o", output])


def _say(summary, output):
    """Report what was done; returns the exit code."""
    from radsim.cli.sweep_progress import duration

    if summary.damaged:
        note(f"{output}: {summary.damaged} torn or altered chunks simulated again")
    for failure in summary.failures:
        block = "before its first block" if failure["block"] is None else f"block {failure['block']}"
        warn([f"scenario {failure['scenario']}, draw {failure['draw']}, {block}: failed: {failure['reason']}"])
    what = f"{summary.scenarios:,} scenarios, {summary.trajectories:,} trajectories"
    if not summary.simulated and not summary.failures:
        note(f"{output}: complete already: {what}")
    else:
        note(f"{output}: {what}; {summary.simulated:,} simulated now, in {duration(summary.seconds)}")
    if summary.failures:
        n = len({index for failure in summary.failures for index in failure["scenarios"]})
        note(f"{output}: {n} scenarios failed; the same command tries them again")
        return FAULT
    return None


def _show_plan(source, *, yes, threads):
    """The plan on stdout."""
    from radsim.cli.sweep_progress import duration
    from radsim.sweep import load_design, make_plan
    from radsim.sweep.estimate import estimate

    plan = make_plan(load_design(source), yes=yes)
    warn(plan.warnings)
    for line in _plan_lines(plan):
        click.echo(line)
    seconds, rate, n_threads = estimate(plan, threads=threads)
    click.echo(
        f"time          about {duration(seconds)} at {rate:,.0f} trajectories a second, measured now with {n_threads} threads"
    )


def _plan_lines(plan):
    design = plan.design
    yield f"scenarios     {len(plan.scenarios):,}"
    for path, values in design.grid.items():
        yield f"  grid        {path}: {_listed(values)}"
    if design.sample is not None:
        yield f"  sample      {design.sample['method']}, n = {design.sample['n']:,}"
        for path, distribution in design.sample["over"].items():
            yield f"              {path}: {_words(distribution)}"
    yield f"schedules     {_listed(plan.schedule_names)}"
    yield f"patients      {plan.n_patients:,}"
    yield f"draws         {plan.base.draws:,} and the base case"
    shared = (
        f", as {len(plan.scenarios):,} scenarios share {len(plan.courses):,} cohorts"
        if len(plan.courses) < len(plan.scenarios)
        else ""
    )
    yield f"trajectories  {plan.trajectories:,}{shared if len(plan.courses) < len(plan.scenarios) else ''}"


def _listed(values, most=8):
    from radsim.sweep.derive import value_text

    texts = [str(value) if not isinstance(value, dict | tuple) else f"[{value_text(value)}]" for value in values]
    return ", ".join(texts[:most]) + (f", … ({len(texts)})" if len(texts) > most else "")


def _words(distribution):
    if isinstance(distribution, str):
        return distribution
    ((family, numbers),) = distribution.items()
    if not isinstance(numbers, dict):
        return f"{family} {_listed(numbers)}"
    return f"{family} {', '.join(f'{name} {value:g}' for name, value in numbers.items())}"
