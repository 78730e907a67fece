"""`radsim bench`: speed as ratios that survive noisy machines, and whether a change made it worse."""

from __future__ import annotations

import click

from radsim.cli.shared import DONE, json_option, note, print_json, threads_option

DID_NOT_HOLD = 3
MEGABYTE = 1e6
LEAST_SLOWDOWN = 1.01


@click.command()
@json_option
@click.option(
    "--compare", "old", type=click.Path(), metavar="OLD.json",
    help="Hold against what `radsim bench --json` printed earlier; exit code 3 if slower, or if a result changed.",
)  # fmt: skip
@click.option(
    "--max-slowdown", type=click.FloatRange(min=LEAST_SLOWDOWN), default=1.25, show_default=True,
    help="By what factor a ratio may grow.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="A third of the repetitions.")
@click.option("--cold", is_flag=True, help="Also time a first run, which compiles the model (a minute).")
@threads_option
def command(as_json, old, max_slowdown, quick, cold, threads):
    """Measure trajectories per second, start-up and memory.

    Each speed is also given as a ratio to a frozen loop that draws random numbers and takes logarithms, as many as a lifetime consumes,
    in turns with it in the same process. A measure that looks slower than --max-slowdown is measured twice more, and the best counts.
    """
    from radsim.bench.measure import FULL, QUICK

    effort = QUICK if quick else FULL
    then = None if old is None else _read(old, threads)
    document = _measure(effort, cold=cold or _has_cold(then), threads=threads)
    if then is not None:
        document["comparison"] = _compare(then, document, max_slowdown, effort)
    if as_json:
        print_json(document)
    else:
        show(document)
    return DONE if then is None else _verdict(then, document)


def _read(path, threads):
    """The earlier measurement, if it can be compared with one made here."""
    from radsim.bench import bare, workload
    from radsim.bench.compare import check_comparable, read_document
    from radsim.engine import n_threads

    then = read_document(path)
    check_comparable(
        then,
        workload=workload.digest(),
        kinds={kind: workload.kind_digest(kind) for kind in workload.KINDS},
        yardstick=bare.source_digest(),
        threads=n_threads(threads),
        path=path,
    )
    return then


def _has_cold(document):
    return document is not None and "cold_start" in document["measures"]


def _measure(effort, *, cold, threads):
    from radsim.bench.measure import measure
    from radsim.cli.progress import Progress

    with Progress("measuring") as progress:
        return measure(effort=effort, cold=cold, threads=threads, progress=progress)


def _compare(then, document, max_slowdown, effort):
    """The comparison, after another look at what seems slower."""
    from radsim.bench.compare import compare
    from radsim.bench.confirm import confirm

    confirm(then, document, max_slowdown=max_slowdown, effort=effort, tell=note)
    return compare(then, document, max_slowdown=max_slowdown)


def _verdict(then, document):
    """A line for each alarm on stderr; the exit code."""
    from radsim.bench.compare import alarms

    comparison = document["comparison"]
    for line in comparison["differences"]:
        note(f"differs: {line}")
    found = alarms(comparison, then, document)
    for line in found:
        note(line)
    return DID_NOT_HOLD if found else DONE


def show(document):
    """Tables of speeds, starts and memory, and of the comparison if there is one."""
    from radsim import SCOPE
    from radsim.cli.tables import paragraph, show_table

    software, machine = document["software"], document["machine"]
    click.echo(f"radsim {software['radsim']}, Python {software['python']}, numba {software['numba']}")
    click.echo(f"{machine['processor']}, {machine['processors']} processors")
    click.echo()
    head = ["", "a second", "ratio (half of them)", "to vector code"]
    show_table("Trajectories", head, _speed_rows(document["measures"], document["yardstick_in_vector_code"]["median"]))
    click.echo()
    show_table("Whole process", ["", "", "ratio (half of them)"], _process_rows(document))
    click.echo()
    if "comparison" in document:
        show_table("Ratios compared", ["", "then", "now", "slowdown"], _comparison_rows(document["comparison"]))
        click.echo()
    click.echo(paragraph(FOOTNOTE))
    click.echo()
    click.echo(SCOPE)


FOOTNOTE = (
    "Ratios are of processor time: a lifetime over its random numbers and logarithms alone; a start over the import of the libraries "
    "alone. Threads waiting: how much less well than that loop the kernel keeps the processors busy. In brackets, between which half of "
    "the repetitions lie; compared is the least disturbed round. To vector code: the median over the same random numbers and logarithms, "
    "taken for 32 lifetimes at once."
)


KINDS = {
    "one_schedule": "one schedule",
    "unequal_schedules": "unequal schedules",
    "subgroups": "24 subgroups",
    "all_care": "all care",
}


def _speed_rows(measures, vector_yardstick):
    def row(label, entry):
        over_vector_code = f"{entry['ratios']['median'] / vector_yardstick:.0f}"
        speed = f"{entry['lifetimes_per_second']['median']:,.0f}"
        return [label, speed, _span(entry["ratios"], ".2f"), over_vector_code]

    rows = []
    for name in ("one_thread", "all_threads"):
        if name in measures:
            entry = measures[name]
            label = f"{entry['threads']} thread{'s' if entry['threads'] > 1 else ''}"
            rows.append(row(label, entry))
    rows += [row(label, measures[name]) for name, label in KINDS.items()]
    if "all_threads_waiting" in measures:
        rows.append(["threads waiting", "", _span(measures["all_threads_waiting"]["ratios"], ".2f"), ""])
    return rows


def _process_rows(document):
    measures, memory = document["measures"], document["peak_memory_bytes"]
    warm = measures["warm_start"]
    rows = [["warm start, s", _span(warm["seconds"], ".2f"), _span(warm["ratios"], ".2f")]]
    if "cold_start" in measures:
        cold = measures["cold_start"]
        rows.append(["cold start, s", f"{cold['seconds']:.1f}", f"{cold['ratio']:.1f}"])
    rows.append(["peak memory, MB", f"{memory['run'] / MEGABYTE:.0f}", ""])
    return rows


def _comparison_rows(comparison):
    from radsim.bench.compare import MEANING

    return [
        [
            MEANING[name],
            f"{pair['then']:.3g}",
            f"{pair['now']:.3g}",
            f"{pair['slowdown']:.2f}{' *' if pair['slower'] else ''}",
        ]
        for name, pair in comparison["measures"].items()
    ]


def _span(summary, form):
    return f"{summary['median']:{form}} ({summary['q25']:{form}}–{summary['q75']:{form}})"
