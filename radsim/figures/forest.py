"""Published trials simulated again: what was observed beside what was predicted, held-out trials first and apart from those that calibrate."""

from __future__ import annotations

from math import sqrt

from radsim.extras import require
from radsim.figures.style import GREY, NOTE_POINTS, headings, legend, new_figure, shown

PERCENT = 100.0
ROW_INCHES = 0.17
SMALL = 7.0  # points
KIND_NAMES = {"held_out": "held out", "calibration": "calibration"}
MEASURE_NAMES = {"pain_score": "score", "categorical": "category", "any_reduction": "any", "consensus": "consensus"}
PARTS = {
    "held-out": ("Held-out trials, which the model has never seen", "rows", "held_out"),
    "calibration": ("Trials that calibrate the model", "rows", "calibration"),
    "held-out-contrasts": ("Held-out trials: first schedule minus second", "contrasts", "held_out"),
    "calibration-contrasts": ("Trials that calibrate: first schedule minus second", "contrasts", "calibration"),
}
"""Panels from top to bottom: heading, list of the document, kind of trial."""
PREDICTED, INSIDE, MISSED = "#C9C9C9", "#0072B2", "#D55E00"
NOTE = (
    "Grey: predicted mean and 95 % predictive interval (parameters, differences between trials, sampling). Dot: observed, with its own "
    "95 % interval; a cross lies outside the prediction. Weeks from the first fraction, + from the last."
)


def draw_forest(document, *, size, parts=tuple(PARTS)):
    """Forest figure of a validation.

    Parameters
    ----------
    document : dict
        As `radsim validate --json` prints it.
    size : tuple of float
        Width; the height follows from the rows. [inch]
    parts : sequence of str
        Keys of `PARTS`; those without rows are left out.

    Returns
    -------
    matplotlib.figure.Figure
    """
    lists = {part: lines_of(document, part) for part in parts}
    lists = {part: lines for part, lines in lists.items() if lines}
    heights = [1.5 + len(lines) for lines in lists.values()]
    figure = new_figure((size[0], 1.3 + 0.45 * len(lists) + ROW_INCHES * sum(heights)))
    panels = figure.subplots(len(lists), 1, squeeze=False, height_ratios=heights).ravel()
    for axes, (part, lines) in zip(panels, lists.items(), strict=True):
        _draw_part(axes, lines, contrasts=PARTS[part][1] == "contrasts")
        rows = _rows(lines)
        axes.set_title(f"{PARTS[part][0]} ({sum(row['inside'] for row in rows)} of {len(rows)} inside)", loc="right")
    _legend_of_marks(figure)
    headings(figure, "Trials simulated again: observed beside predicted", NOTE)
    return figure


def lines_of(document, part):
    """Headings (text) and rows (mappings) of one panel, by outcome in the order of the document."""
    _, name, kind = PARTS[part]
    kinds = {row["trial"]: row["kind"] for row in document["rows"]}
    rows = [row for row in document[name] if kinds.get(row["trial"]) == kind and row["predicted"] is not None]
    lines = []
    for outcome in dict.fromkeys(row["outcome"] for row in rows):
        lines += [words(outcome), *(row for row in rows if row["outcome"] == outcome)]
    return lines


def missing_rows(document, *, parts=tuple(PARTS)):
    """What a document lacks for these parts, in words; empty if one of them has rows."""
    if any(lines_of(document, part) for part in parts):
        return ""
    kinds = " or ".join(dict.fromkeys(KIND_NAMES[PARTS[part][2]] for part in parts))
    return f"needs the document of radsim validate --json with a trial of kind {kinds}"


def _rows(lines):
    return [line for line in lines if not isinstance(line, str)]


def _draw_part(axes, lines, *, contrasts):
    names = []
    for y, line in enumerate(lines):
        if isinstance(line, str):
            names.append(line)
            continue
        _draw_row(axes, y, line, contrasts=contrasts)
        names.append(_row_name(line, contrasts=contrasts))
    axes.set_yticks(range(len(lines)), names, fontsize=SMALL)
    for tick, line in zip(axes.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("bold" if isinstance(line, str) else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    if contrasts:
        axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
        axes.set_xlabel("Difference (percentage points), first minus second", fontsize=NOTE_POINTS)
    else:
        axes.set_xlim(0.0, PERCENT)
        axes.set_xlabel("Share of patients (%)", fontsize=NOTE_POINTS)
    axes.tick_params(axis="x", labelsize=NOTE_POINTS)


def _draw_row(axes, y, row, *, contrasts):
    observed = row["observed_difference"] if contrasts else row["observed"]
    low, high = (PERCENT * row[end] for end in ("low95", "high95"))
    axes.plot([low, high], [y, y], color=PREDICTED, linewidth=6, solid_capstyle="butt", zorder=1)
    axes.plot(PERCENT * row["predicted"], y, "|", color="#404040", markersize=8, zorder=2)
    colour = INSIDE if row["inside"] else MISSED
    if not contrasts:
        axes.plot([PERCENT * end for end in wilson(observed, row["n"])], [y, y], color=colour, linewidth=1, zorder=3)
    marker = {"marker": "o", "markersize": 3.5} if row["inside"] else {"marker": "X", "markersize": 5.0}
    axes.plot(PERCENT * observed, y, color=colour, linestyle="", zorder=4, **marker)


def _row_name(row, *, contrasts):
    about = f"{MEASURE_NAMES.get(row['measure'], '')} {weeks(row['when'])}".strip()
    if contrasts:
        return f"{shown(row['trial'])}, {shown(row['first'], 20)} − {shown(row['second'], 20)}, {about}"
    return f"{shown(row['trial'])}, {shown(row['arm'])}, {about} (n {row['n']})"


def _legend_of_marks(figure):
    line = require("matplotlib.lines", extra="plot").Line2D
    handles = [
        line([], [], color=PREDICTED, linewidth=6, marker="|", markeredgecolor="#404040", markersize=8),
        line([], [], color=INSIDE, linewidth=1, marker="o", markersize=3.5),
        line([], [], color=MISSED, linewidth=1, marker="X", markersize=5),
    ]
    legend(figure, handles, ["Predicted", "Observed, inside", "Observed, outside"], ncols=3)


def describe_forest(document, *, parts=tuple(PARTS)):
    """One sentence: how many figures lie inside their interval."""
    found = []
    for part in parts:
        rows = _rows(lines_of(document, part))
        if rows:
            inside = sum(row["inside"] for row in rows)
            what = "contrasts" if PARTS[part][1] == "contrasts" else "figures"
            found.append(f"{inside} of {len(rows)} {what} of {KIND_NAMES[PARTS[part][2]]} trials")
    return f"Trials simulated again, observed beside predicted: {', '.join(found) or 'none'} lie inside the 95 % predictive interval."


def weeks(when):
    """`4`, `best 12`, `by 52`; after the end of treatment `+4`."""
    later = "+" if when.get("from") == "end_of_treatment" else ""
    names = {"week": "", "best_within_weeks": "best ", "by_week": "by "}
    return next(f"{name}{later}{when[key]:g}" for key, name in names.items() if key in when)


def words(name):
    """`Overall response` for `overall_response`."""
    return name.replace("_", " ").capitalize()


def wilson(share, n):
    """Wilson's 95 % interval of an observed share: low and high. [1]

    Source: Wilson EB, J Am Stat Assoc 1927;22:209-212.
    """
    from radsim.outcomes.intervals import NORMAL_95 as z  # here, as the help of a command must not load numpy

    centre = share + z**2 / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return [(centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)]
