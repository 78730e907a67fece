"""`radsim validate`: rerun published trials in silico and say how well they were predicted."""

from __future__ import annotations

import click

from radsim.cli.shared import DONE, USAGE, force_option, json_option, note, print_json, threads_option, warn
from radsim.figures.forest import KIND_NAMES, MEASURE_NAMES, weeks, words
from radsim.printable import listed

DID_NOT_HOLD = 3
LONGEST_ARM = 12
MISSED = "*"


@click.command()
@click.argument("trials", nargs=-1, metavar="[TRIAL.yaml|FOLDER]...")
@click.option(
    "--draws", type=click.IntRange(1, 100_000), default=200, show_default=True,
    help="Draws of the parameters and of the differences between trials.",
)  # fmt: skip
@click.option(
    "--patients", type=click.IntRange(1, 10**7), default=4000, show_default=True,
    help="Virtual patients of each arm and draw.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Seed of all random numbers.")
@threads_option
@click.option("--plot", "figure", type=click.Path(), metavar="FILE.png|svg|pdf", help="Draw observed beside predicted.")
@json_option
@force_option
def command(trials, draws, patients, seed, threads, figure, as_json, force):
    """Rerun trials in silico: each figure observed beside what was to be expected; those shipped if none is named.

    The intervals are predictive: parameters, differences between trials, and the trial's own sampling error. Exit code 2 if a file
    is faulty (the others are run all the same), 3 if fewer than 90 % of the held-out figures lie inside.
    """
    from radsim.cli.progress import Progress
    from radsim.trials.validate import SEED, holds, validate

    if figure is not None:
        _check_figure(figure, force=force)
    with Progress("rerunning trials") as progress:
        document = validate(
            list(trials) or None, draws=draws, patients=patients, seed=SEED if seed is None else seed,
            threads=threads, progress=progress,
        )  # fmt: skip
    warn(document["warnings"])
    if document["faults"]:
        note(listed(document["faults"]))
    if figure is not None:
        _write_figure(document, figure, force=force)
    if as_json:
        print_json(document)
    else:
        show(document)
    if document["faults"]:
        return USAGE
    if not holds(document):
        note(f"held-out coverage {_percent(document['summary']['held_out']['coverage95'])}, expected at least 90 %")
        return DID_NOT_HOLD
    return DONE


# --- tables -------------------------------------------------------------------------------------------------


def show(document):
    """Rows by kind and outcome, pooled reviews, and the summary."""
    from radsim import SCOPE
    from radsim.cli.tables import paragraph, show_table

    for kind, kind_name in KIND_NAMES.items():
        rows = [row for row in document["rows"] if row["kind"] == kind]
        for outcome in dict.fromkeys(row["outcome"] for row in rows):
            cells = [_cells(row) for row in rows if row["outcome"] == outcome]
            columns = ["trial", "arm", "measure", "weeks", "n", "observed", "predicted"]
            show_table(f"{words(outcome)}, {kind_name} (%)", columns, cells)
            click.echo()
    reviews = _reviews(document)
    if reviews:
        show_table("Pooled reviews, to read beside (%): one fraction (first) against several", *reviews)
        click.echo()
    for kind in KIND_NAMES:
        if document["summary"][kind]["arms"]:
            click.echo(paragraph(summary_line(document, kind)))
            click.echo()
    click.echo(paragraph(_footnote(document)))
    click.echo()
    click.echo(SCOPE)


def _cells(row):
    arm = row["arm"] if len(row["arm"]) <= LONGEST_ARM else row["arm"][: LONGEST_ARM - 1] + "…"
    interval = f"{_number(row['low95'])}–{_number(row['high95'])}"
    return [
        row["trial"], arm, MEASURE_NAMES.get(row["measure"], ""), weeks(row["when"]), str(row["n"]),
        f"{_number(row['observed'])} {' ' if row['inside'] else MISSED}",
        f"{_number(row['predicted'])} ({interval})",
    ]  # fmt: skip


def _reviews(document):
    """Columns and rows of the reviews about outcomes that were rerun."""
    outcomes = dict.fromkeys(row["outcome"] for row in document["rows"])
    found = [
        [
            _review_name(review), words(outcome), review["denominator"],
            *(_review_share(review.get(side)) for side in ("first", "second", "all")),
        ]
        for outcome in outcomes for review in document["reviews"] if review["outcome"] == outcome
    ]  # fmt: skip
    return (["review", "outcome", "denominator", "first", "second", "all"], found) if found else None


def _review_name(review):
    """`Wu 2003`; with what it compares where that is not one fraction against several."""
    name = review["review"].split(" / ")[0].split(" SBRT")[0].removesuffix(" re-RT")
    compares = {"one fraction against several": "", "stereotactic against conventional": "SBRT v conventional"}
    about = [compares.get(review["compares"], review["compares"]), review.get("population", "")]
    return ", ".join(part for part in (name, *about) if part)


def _review_share(side):
    if side is None:
        return ""
    return _number(side["proportion"] if "proportion" in side else side["events"] / side["n"])


def summary_line(document, kind):
    """Coverage, width and skill of one kind, and which figures were missed, in words."""
    s = document["summary"][kind]
    missed = dict.fromkeys(
        f"{row['trial']} {row['arm']} {words(row['outcome']).lower()}"
        for row in document["rows"]
        if row["kind"] == kind and not row["inside"]
    )
    parts = [
        f"{KIND_NAMES[kind].capitalize()}: {_percent(s['coverage95'])} of {s['arms']} figures lie inside the 95 % interval "
        f"({_percent(s['coverage95_by_trial'])} with each of {s['trials']} trials weighing the same)"
    ]
    if s["mean_width"] == s["mean_width"]:
        parts.append(f"mean width for overall response {s['mean_width']:.2f}")
    if s["skill"] == s["skill"]:
        parts.append(f"skill {s['skill']:.2f} against a pooled look-up ({s['scored']} figures)")
    if s["contrasts"]:
        parts.append(f"{_percent(s['contrast_coverage95'])} of {s['contrasts']} contrasts inside")
    text = "; ".join(parts) + "."
    return text + (f" Missed ({MISSED}): {'; '.join(missed)}." if missed else "")


def _footnote(document):
    return (
        f"{document['draws']} draws of the {document['parameters']}, {document['patients']} virtual patients of each arm and draw, seed "
        f"{document['seed']}. Predicted: mean and 95 % predictive interval. Weeks from the first fraction; + from the last."
    )


def _number(share):
    return "–" if share != share else f"{100.0 * share:.0f}"


def _percent(share):
    return f"{_number(share)} %"


# --- figure -------------------------------------------------------------------------------------------------


def _check_figure(path, *, force):
    """Before any work: can this figure be drawn and written?"""
    from radsim.extras import require
    from radsim.figures import figure_format
    from radsim.storage import check_output

    figure_format(path)
    require("matplotlib", extra="plot")
    check_output(path, force=force)


def _write_figure(document, path, *, force):
    """All trials, as `radsim plot --kind forest` draws them."""
    from radsim.figures import FIGURES, alt_text, draw, write_figure

    title, words_for_it = FIGURES["forest"].summary.capitalize(), alt_text("forest", document)
    write_figure(draw("forest", document), path, force=force, title=title, description=words_for_it)
