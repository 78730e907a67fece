"""`radsim validate`: rerun published trials in silico and say how well they were predicted."""

from __future__ import annotations

import click

from radsim.cli.shared import DONE, USAGE, force_option, json_option, note, print_json, threads_option

DID_NOT_HOLD = 3
KIND_NAMES = {"held_out": "held out", "calibration": "calibration"}
MEASURE_NAMES = {"pain_score": "score", "categorical": "category", "any_reduction": "any", "consensus": "consensus"}
FIGURE_TYPES = (".png", ".svg", ".pdf")
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
    for fault in document["faults"]:
        note(fault)
    if figure is not None:
        write_figure(document, figure, force=force)
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
            show_table(f"{_words(outcome)}, {kind_name} (%)", columns, cells)
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


def weeks(when):
    """`4`, `best 12`, `by 52`; after the end of treatment `+4`."""
    later = "+" if when.get("from") == "end_of_treatment" else ""
    words = {"week": "", "best_within_weeks": "best ", "by_week": "by "}
    return next(f"{word}{later}{when[key]:g}" for key, word in words.items() if key in when)


def _reviews(document):
    """Columns and rows of the reviews about outcomes that were rerun."""
    outcomes = dict.fromkeys(row["outcome"] for row in document["rows"])
    found = [
        [
            _review_name(review), _words(outcome), review["denominator"],
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
        f"{row['trial']} {row['arm']} {_words(row['outcome']).lower()}"
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


def _words(name):
    return name.replace("_", " ").capitalize()


def _number(share):
    return "–" if share != share else f"{100.0 * share:.0f}"


def _percent(share):
    return f"{_number(share)} %"


# --- figure -------------------------------------------------------------------------------------------------


def _check_figure(path, *, force):
    """Before any work: can this figure be drawn and written?"""
    from importlib.util import find_spec

    from radsim.storage import UsageFault, check_output

    if not str(path).lower().endswith(FIGURE_TYPES):
        raise UsageFault(f"{path}: expected a name that ends in {', '.join(FIGURE_TYPES)}")
    if find_spec("matplotlib") is None:
        raise UsageFault("--plot: needs matplotlib (pip install 'radsim[plot]')")
    check_output(path, force=force)


def write_figure(document, path, *, force):
    """Forest figure: one line a figure, the observed share with its own interval above the predictive one."""
    import io
    from pathlib import Path

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from radsim.storage import write_bytes

    order = {outcome: i for i, outcome in enumerate(dict.fromkeys(row["outcome"] for row in document["rows"]))}
    rows = sorted(document["rows"], key=lambda row: (row["kind"] != "held_out", order[row["outcome"]]))
    figure = Figure(figsize=(8.0, 1.2 + 0.22 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    draw_forest(figure.subplots(), rows)
    content = io.BytesIO()
    figure.savefig(content, format=Path(path).suffix[1:].lower(), dpi=150)
    write_bytes(content.getvalue(), path, force=force)


def draw_forest(axes, rows):
    """Draw rows of a validation from top to bottom.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    rows : list of dict
    """
    for y, row in enumerate(rows):
        colour = "tab:blue" if row["inside"] else "tab:red"
        axes.plot([row["low95"], row["high95"]], [y, y], color="0.8", linewidth=6, solid_capstyle="butt")
        axes.plot(row["predicted"], y, "|", color="0.3", markersize=8)
        axes.plot(wilson(row["observed"], row["n"]), [y, y], color=colour, linewidth=1)
        axes.plot(row["observed"], y, "o", color=colour, markersize=3)
    names = [
        f"{KIND_NAMES[row['kind']]}: {row['trial']}, {row['arm']}, {_words(row['outcome']).lower()} "
        f"{MEASURE_NAMES.get(row['measure'], '')} {weeks(row['when'])}"
        for row in rows
    ]
    axes.set_yticks(range(len(rows)), names, fontsize=6)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("share of patients; line: observed, 95 % interval; band: predicted, 95 %", fontsize=7, loc="right")
    axes.tick_params(axis="x", labelsize=7)


def wilson(share, n):
    """Wilson's 95 % interval of an observed share: low and high. [1]"""
    from math import sqrt

    z = 1.959963984540054
    centre = share + z**2 / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return [(centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)]
