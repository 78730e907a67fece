"""The answer of `radsim compare` laid out for a terminal: bars, tables of 80 columns, and the sentences that belong to them."""

from __future__ import annotations

import sys

import click

from radsim import SCOPE
from radsim.cli.sentences import (
    break_even_lines,
    cord_verdict_lines,
    evidence_lines,
    femur_lines,
    footnotes,
    interval_text,
    method,
    patient_lines,
    provisional,
    reirradiation_lines,
)
from radsim.cli.tables import is_terminal, paragraph, show_table
from radsim.cli.terminal import beneath
from radsim.presentation import cord
from radsim.presentation.caveats import HEADLINE as HEADLINE_CAVEAT
from radsim.presentation.frequencies import HUNDRED, largest_remainder
from radsim.printable import visible

BAR_MARKS = 50
LONGEST_NAME = 14
NOBODY = "-"  # nobody alive to ask
FINE = 9.95  # below ten of a hundred a tenth is worth showing

SEGMENTS = ("free of pain", "some relief", "alive, no relief", "died")
GLYPHS = {"utf-8": "█▓░·", "ascii": "#=-."}
COLOURS = ("blue", "cyan", "yellow", "bright_black")

SITUATION_ROWS = (("  alive with relief", "relief"), ("    of these free of pain", "free_of_pain"),
                  ("  alive without relief", "no_relief"), ("  died", "died"))  # fmt: skip
EVENTS = ("retreatment_1_year", "retreatment", "fracture_1_year", "cord_compression_1_year")
ALIVE = ("alive_1_months", "alive_3_months", "alive_6_months", "alive_12_months")
BURDEN = ("hospital_days", "share_of_life")
RESPONSES = ("overall_response", "complete_response")
MEAN_PAINS = ("mean_pain_4_weeks", "mean_pain_12_weeks")


def show_answer(found):
    """Print an `Answer`."""
    for line in cord_verdict_lines(found):
        click.echo(line)
    if cord_verdict_lines(found):
        click.echo()
    for line in [*patient_lines(found), *evidence_lines(found)]:
        click.echo(line)
    click.echo()
    for line in bar_lines(found):
        click.echo(line, file=beneath(sys.stdout))  # it has colours
    click.echo()
    show_table("Of 100 patients like this one" + _interval_title(found), ["", *found.schedules], figure_rows(found))
    click.echo()
    for sentence in footnotes(found):
        click.echo(paragraph(sentence))
    show_differences(found)
    show_lines(break_even_lines(found))
    show_prognosis(found)
    show_lines(reirradiation_lines(found))
    show_lines(femur_lines(found))
    click.echo()
    for sentence in (method(found), provisional(found), SCOPE):
        click.echo(paragraph(sentence))


def show_lines(lines):
    """Print a part of the answer, if it has one, with space before it."""
    for line in ["", *lines] if lines else []:
        click.echo(line)


# --- bars ---------------------------------------------------------------------------------------------------


def bar_lines(found):
    """A bar for each schedule and week, and what the marks mean; no colour is needed to read them."""
    glyphs = GLYPHS["utf-8" if can_print(GLYPHS["utf-8"]) else "ascii"]
    lines = []
    for weeks, situations in found.of_100.items():
        lines.append(f"At {weeks} weeks")
        for name, each, verdict in zip(found.schedules, situations, found.cord, strict=True):
            name = visible(name)
            short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."
            is_choice = verdict.verdict != cord.BEYOND
            drawn = bar(each, glyphs) if is_choice else f"no choice: {cord.WORDS[cord.BEYOND]}"
            lines.append(f"  {short.ljust(LONGEST_NAME)} {drawn}")
    legend = "  ".join(f"{glyph} {segment}" for glyph, segment in zip(glyphs, SEGMENTS, strict=True))
    return [*lines, f"  {legend}  ({HUNDRED // BAR_MARKS} of 100 a mark)"]


def bar(situation, glyphs, *, marks=BAR_MARKS):
    """One bar: free of pain, other relief, alive without relief, died."""
    counts = (situation.free_of_pain, situation.relief - situation.free_of_pain, situation.no_relief, situation.died)
    parts = [glyph * n for glyph, n in zip(glyphs, largest_remainder(counts, total=marks), strict=True)]
    if is_terminal():
        parts = [click.style(part, fg=colour) for part, colour in zip(parts, COLOURS, strict=True)]
    return "".join(parts)


def can_print(text):
    """Whether stdout has the characters of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


# --- figures ------------------------------------------------------------------------------------------------


def figure_rows(found):
    """Cells of the table: a label and one cell for each schedule."""
    marks = cord.marks(found.cord)
    rows = [[cord.TITLE, *(marks[name] for name in found.schedules)]] if marks else []
    for weeks in found.of_100:
        rows += [[f"At {weeks} weeks", *_empty(found)], *situation_rows(found, weeks)]
    rows += [_row(found, name) for name in EVENTS if name in found.outcomes]
    rows += [_row(found, name) for name in ALIVE]
    rows.append(["Radiotherapy, within five years", *_empty(found)])
    rows += [_row(found, name, indent="  ", percent=name == "share_of_life") for name in BURDEN]
    rows += [[words, *_empty(found)] for words in ("Trial-style headline:", HEADLINE_CAVEAT)]
    rows += [_row(found, name, indent="  ") for name in RESPONSES]
    return rows + [_row(found, name) for name in MEAN_PAINS]


def situation_rows(found, weeks):
    """Whole patients that add up to a hundred, those with relief with an interval."""
    intervals = {"relief": f"relief_{weeks}_weeks", "free_of_pain": f"free_of_pain_{weeks}_weeks"}
    rows = []
    for label, name in SITUATION_ROWS:
        cells = [f"{getattr(each, name)}" for each in found.of_100[weeks]]
        if name in intervals:
            figures = evidence(found, found.outcomes[intervals[name]].figures)
            cells = [cell + interval_text(f, 0, HUNDRED) for cell, f in zip(cells, figures, strict=True)]
        rows.append([label, *cells])
    return rows


def _row(found, name, *, indent="", percent=False):
    """One outcome; shares of 100, whole where all are ten or more."""
    each = found.outcomes[name]
    scale = HUNDRED if each.row.units == "1" else 1
    values = [scale * f.value for f in each.figures]
    digits = 1 if scale == 1 or percent or min(values) < FINE else 0
    cells = [
        f"{value:.{digits}f}{interval_text(f, digits, scale)}" if value == value else NOBODY
        for value, f in zip(values, evidence(found, each.figures), strict=True)
    ]
    return [indent + each.row.clinician, *cells]


def show_differences(found):
    """A table for each schedule that the first is compared with."""
    for i in range(len(found.schedules) - 1):
        click.echo()
        title = f"{_marked(found, 0)} minus {_marked(found, i + 1)}: of 100 patients, or days"
        sure = f"how sure, of {found.n_draws} draws" if found.n_draws > 1 else "how sure"
        show_table(title, ["", "difference", sure], difference_rows(found, i))


def _marked(found, place):
    """A schedule with what the rule of the spinal cord says of it, where that is not `within`."""
    mark = cord.MARKS[found.cord[place].verdict] if found.cord[place].verdict in (cord.BEYOND, cord.NOT_COVERED) else ""
    return f"{found.schedules[place]} ({mark})" if mark else found.schedules[place]


def difference_rows(found, i):
    """Label, difference with its interval, and in what share of the draws; for the ``i``-th other schedule."""
    rows = []
    for each in found.outcomes.values():
        if each.row.differs:
            scale = HUNDRED if each.row.units == "1" else 1
            (f,) = evidence(found, each.differences[i : i + 1])
            value = _signed(f"{scale * f.value:+.1f}")
            rows.append([each.row.clinician, value + _interval_signed(f, scale), each.sureness[i].words])
    return rows


def _interval_signed(figure, scale):
    if figure.low95 != figure.low95:
        return ""
    low, high = (_signed(f"{scale * end:.1f}") for end in (figure.low95, figure.high95))
    return f" ({low} to {high})"


def _signed(text):
    """`0.0` for what rounds to it from either side."""
    return "0.0" if float(text) == 0.0 else text


# --- prognosis ---------------------------------------------------------------------------------------------


def show_prognosis(found):
    """The chances that follow from the clinician's own estimate."""
    if found.prognosis is None:
        return
    p = found.prognosis
    click.echo()
    click.echo(paragraph(
        f"With your estimate of {p.weeks:g} weeks (the model alone: {p.model_weeks:.0f}), taken as given and without uncertainty of its own:"
    ))  # fmt: skip
    rows = [["die before the course is complete", *map(_chance, evidence(found, p.died_before_completion))],
            ["die before relief begins *", *map(_chance, evidence(found, p.died_before_relief))]]  # fmt: skip
    show_table("Of 100 patients like this one" + _interval_title(found), ["", *found.schedules], rows)
    click.echo(paragraph("* who would have had relief had they lived"))


def _chance(figure):
    return f"{HUNDRED * figure.value:.1f}{interval_text(figure, 1, HUNDRED)}"


def evidence(found, figures):
    """Figures as they are printed: without draws there is no interval that says how sure the evidence is."""
    return [figure.of_evidence(found.n_draws) for figure in figures]


def _interval_title(found):
    return " (95 % interval)" if found.n_draws > 1 else ""


def _empty(found):
    return [""] * len(found.schedules)
