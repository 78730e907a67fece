"""The page of `radsim compare`: the answer in sentences, then the picture, then one table; 40 lines of 80 columns."""

from __future__ import annotations

import sys
import textwrap

import click

from radsim import SCOPE
from radsim.care import given
from radsim.cli.compare_bars import bar_lines
from radsim.cli.compare_notes import (
    cord_verdict_lines,
    evidence_lines,
    femur_lines,
    prior_lines,
    trade_off_sentence,
    which_trade_offs,
)
from radsim.cli.tables import WIDTH, line_width, paragraph, show_table
from radsim.cli.terminal import beneath
from radsim.outcomes import format
from radsim.outcomes.catalogue import SURVIVAL
from radsim.presentation import cord, patient
from radsim.presentation.calibrated import beside
from radsim.presentation.certainty import EQUAL
from radsim.presentation.words import capital, listed

WEEKS = 12
INDENT = "  "
NOBODY = "–"


def show_page(found):
    """Print an `Answer`, the essentials."""
    show_lines(cord_verdict_lines(found), after=True)
    show_lines([*title_lines(found), *evidence_lines(found)], after=True)
    show_lines(answer_lines(found), after=True)
    for line in bar_lines(found, WEEKS):
        click.echo(line, file=beneath(sys.stdout))  # it has colours
    click.echo()
    columns, rows = table(found)
    show_table(f"Of 100 patients{' (95 % interval)' if found.n_draws > 1 else ''}", columns, rows)
    if len(found.schedules) > 2:
        click.echo()
        show_table(f"{found.schedules[0]} minus the others", *difference_table(found))
    click.echo()
    show_lines(closing_lines(found))


def show_lines(lines, *, after=False):
    """Print lines, if there are any, with space after them if wanted."""
    for line in lines:
        click.echo(line)
    if lines and after:
        click.echo()


def title_lines(found):
    """What was asked, of whom, and what was not given."""
    about = capital(patient.describe(found.given)) or "No patient in particular"
    lines = [paragraph(f"{' or '.join(found.schedules)}? {about}")]
    if found.drawn:
        lines.append(paragraph(f"Averaged over what you did not give: {', '.join(patient.names(found.drawn))}."))
    return lines


def answer_lines(found):
    """The sentences of the answer, indented."""
    width = min(WIDTH, line_width())
    return [
        line for sentence in found.sentences
        for line in textwrap.wrap(sentence, width, initial_indent=INDENT, subsequent_indent=INDENT)
    ]  # fmt: skip


def table(found):
    """Headings and rows: one outcome a row, a cell for each schedule, and the difference where there are two."""
    two = len(found.schedules) == 2
    columns = ["", *found.schedules, *(["difference"] if two else [])]
    marks = cord.marks(found.cord)
    rows = [[cord.TITLE, *(marks[name] for name in found.schedules), *([""] if two else [])]] if marks else []
    for each in brief(found):
        rows.append([each.outcome.label, *cells(found, each), *([difference_cell(found, each, 0)] if two else [])])
    return columns, [*rows, survival_row(found, two)]


def difference_table(found):
    """Headings and rows of the first schedule minus each of the others."""
    others = range(len(found.schedules) - 1)
    rows = [[each.outcome.label, *(difference_cell(found, each, i) for i in others)] for each in brief(found)]
    return ["", *(f"minus {name}" for name in found.schedules[1:])], rows


def brief(found):
    """Findings that the page shows without being asked, survival apart."""
    return [
        each for each in found.outcomes.values() if each.outcome.brief and each.outcome.group != SURVIVAL
    ]  # fmt: skip


def cells(found, each):
    """A cell for each schedule: `73 (64–82)`."""
    return [cell(each.outcome.scale.factor, figure.of_evidence(found.n_draws)) for figure in each.figures]


def cell(factor, figure):
    """A figure in whole numbers; what rounds to none but is not is said to be below one."""
    if figure.value != figure.value:
        return NOBODY
    text = format.interval(*figure.with_ends, scale=factor, between="–")
    return text.replace("0", "<1", 1) if 0.0 < factor * figure.value < 0.5 and text.startswith("0") else text


def difference_cell(found, each, i):
    """`+19 (11 to 26)`, or `assumed equal` where the model lets them differ in no draw."""
    if each.sureness[i].verdict == EQUAL:
        return each.sureness[i].words
    gap = each.differences[i].of_evidence(found.n_draws)
    return format.interval(*gap.with_ends, scale=each.outcome.scale.factor, signed=True)


def survival_row(found, two):
    """Alive at 3, 6, 12 months in one row: the same under every schedule."""
    alive = [each for each in found.outcomes.values() if each.outcome.brief and each.outcome.group == SURVIVAL]
    months = ", ".join(each.outcome.key.split("_")[1] for each in alive)
    numbers = [
        ", ".join(format.of_100(each.figures[s].value) for each in alive) for s in range(len(found.schedules))
    ]  # fmt: skip
    return [f"Alive at {months} months", *numbers, *(["assumed equal"] if two else [])]


def closing_lines(found):
    """What the figures are, what one avoided repeat must be worth, and where there is more."""
    sure = (
        "The intervals show how certain the evidence is about the average, not how patients differ. "
        if found.n_draws > 1 else "One set of parameters: no intervals (--draws). "
    )  # fmt: skip
    survival = f"Survival is {survival_words(found)} and is assumed to be the same under every schedule. "
    n = len(found.provisional)
    notes = paragraph(
        f"{sure}{survival}{n} numbers behind this page are provisional (--full names those that matter most)."
    )
    trades = [sentence for each in which_trade_offs(found) if (sentence := trade_off_sentence(each))]
    return [
        notes,
        *(paragraph(sentence) for sentence in beside(found.results, found.record)),
        *(paragraph(sentence) for sentence in trades),
        *(paragraph(f"{capital(line)}.") for line in cord.no_repeat_lines(found.cord)),
        *prognosis_lines(found),
        *prior_lines(found),
        *femur_lines(found),
        SCOPE,
        "More: --full  --report page.html  --json  radsim guide",
    ]


def survival_words(found):
    """Whose survival it is."""
    longer = [kind.label.lower() for kind in given(found.config.care) if "death" in kind.acts_on]
    before = f", before the effect of {listed(longer)}" if longer else ""
    if found.prognosis is not None:
        return f"scaled to your estimate of {found.prognosis.weeks:g} weeks{before}"
    era = {"modern": "that of today", "1990s": "that of the trials (1990s)"}[found.config.cohort.era]
    return f"{era} (half live longer than {found.median_survival_weeks:.0f} weeks{before})"


def prognosis_lines(found):
    """The chances that follow from the clinician's own estimate."""
    if found.prognosis is None:
        return []
    parts = [
        f"{name} {format.of_100(relief.value, 1)} and {format.of_100(course.value, 1)}"
        for name, relief, course in zip(
            found.schedules, found.prognosis.died_before_relief, found.prognosis.died_before_completion, strict=True
        )
    ]
    return [
        paragraph(
            f"Of 100, die before relief begins (who would have had it) and before the last fraction: {listed(parts)}."
        )
    ]
