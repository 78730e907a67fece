"""What `radsim compare --full` prints below the page: every outcome, how sure each difference is, and what the numbers rest on."""

from __future__ import annotations

import click

from radsim.cli.compare_notes import footnotes, method, provisional, reirradiation_lines, sources_line
from radsim.cli.compare_page import show_lines
from radsim.cli.summary import cell
from radsim.cli.tables import paragraph, show_table
from radsim.cli.text import show_care
from radsim.outcomes import format
from radsim.outcomes.frequencies import HUNDRED
from radsim.presentation import cord

SITUATIONS = (("Alive with relief", "relief"), ("  of these without pain", "free_of_pain"), ("Alive without relief", "no_relief"),
              ("Died", "died"))  # fmt: skip


def show_full(found):
    """Print the rest of an `Answer`."""
    for weeks in found.of_100:
        click.echo()
        show_table(f"At {weeks} weeks, of 100 patients", ["", *found.schedules], situation_rows(found, weeks))
    click.echo()
    title = "All outcomes: of 100 patients unless the row says otherwise"
    show_table(title + interval_title(found), ["", *found.schedules], figure_rows(found))
    show_care(found.results, found.record)
    show_differences(found)
    show_prognosis(found)
    show_section(reirradiation_lines(found))
    show_guideline(found)
    show_section([paragraph(sentence) for sentence in footnotes(found)])
    show_section([paragraph(sentence) for sentence in (method(found), sources_line(found), provisional(found))])


def show_guideline(found):
    """What guidelines say of this patient, in short."""
    from radsim.guide import of_answer

    said = [paragraph(each.text("clinician")) for each in of_answer(found).brief()]
    show_section(["What guidelines say (radsim guide says more)", "", *said])


def show_section(lines):
    """Print a part of the answer, if it has one, with space before it."""
    show_lines(["", *lines] if lines else [])


def situation_rows(found, weeks):
    """Whole patients that add up to a hundred."""
    return [[label, *(f"{getattr(each, name)}" for each in found.of_100[weeks])] for label, name in SITUATIONS]


def figure_rows(found):
    """Every outcome, a cell a schedule."""
    rows = []
    for each in found.outcomes.values():
        scale = each.outcome.scale
        figures = [figure.of_evidence(found.n_draws) for figure in each.figures]
        rows.append([each.outcome.label, *(cell(figure, scale, found.n_draws > 0, between="–") for figure in figures)])
    return rows


def show_differences(found):
    """A table for each schedule that the first is compared with."""
    for i in range(len(found.schedules) - 1):
        click.echo()
        title = f"{_marked(found, 0)} minus {_marked(found, i + 1)}"
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
        if each.outcome.differs:
            gap, scale = each.differences[i].of_evidence(found.n_draws), each.outcome.scale
            text = cell(gap, scale, found.n_draws > 0, signed=True)
            rows.append([each.outcome.label, text, each.sureness[i].words])
    return rows


def show_prognosis(found):
    """The chances that follow from the clinician's own estimate."""
    p = found.prognosis
    if p is None:
        return
    click.echo()
    click.echo(paragraph(
        f"With your estimate of {p.weeks:g} weeks (the model alone: {p.model_weeks:.0f}), taken as given and without uncertainty of its own:"
    ))  # fmt: skip
    rows = [["die before the course is complete", *_chances(found, p.died_before_completion)],
            ["die before relief begins *", *_chances(found, p.died_before_relief)]]  # fmt: skip
    show_table("Of 100 patients" + interval_title(found), ["", *found.schedules], rows)
    click.echo(paragraph("* who would have had relief had they lived"))


def _chances(found, figures):
    return [
        format.interval(*figure.of_evidence(found.n_draws).with_ends, 1, scale=float(HUNDRED)) for figure in figures
    ]  # fmt: skip


def interval_title(found):
    """Of a table whose cells have intervals."""
    return " (95 % interval)" if found.n_draws > 1 else ""
