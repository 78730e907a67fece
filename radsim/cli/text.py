"""The human-readable summary of a result, with the sentences that must stand below its figures."""

from __future__ import annotations

import click

from radsim import SCOPE
from radsim.cli.shared import note
from radsim.cli.summary import care_rows, difference_rows, n_patients, table_rows
from radsim.cli.tables import paragraph, show_table
from radsim.cord import from_record
from radsim.outcomes.catalogue import VALUE, held
from radsim.presentation import cord
from radsim.presentation.calibrated import beside
from radsim.presentation.caveats import EQUAL, irradiated_later
from radsim.presentation.reading import known_schedules

HEADLINE = (
    "Overall and complete response are the best pain score at the visits within 12 weeks, of all patients: a missing questionnaire counts as "
    "failure. Relief and days at the hospital include repeats; the dead are not in relief. What has no date counts to the end of follow-up."
)

ENOUGH_DRAWS = 100
"""Below this, two draws or fewer lie beyond each end of the interval."""


def show_summary(dataset, record):
    """Print outcomes by schedule, differences, and what the figures mean."""
    schedules, verdicts = dataset["schedule"].values.tolist(), from_record(record)
    for line in (*cord.earlier_lines(verdicts), *cord.lines(verdicts)):
        click.echo(paragraph(line))
    if cord.lines(verdicts):
        click.echo()
    n_draws = dataset.sizes["draw"] - 1
    size = f"{n_patients(dataset):,} patients under each schedule"
    size += f" in each of {n_draws} draws" if n_draws > 1 else ""
    lines = (record["config"]["name"], f"{size}, seed {record['seed']}")
    click.echo("\n".join(paragraph(line) for line in lines))
    click.echo()
    outcomes = held(dataset)
    of_100 = "Of 100 patients unless the row says otherwise"
    title = f"{of_100}{' (95 % interval)' if n_draws > 1 else ''}"
    show_parts(title, ["", *schedules], cord_row(verdicts, schedules), outcomes, lambda part: table_rows(dataset, part))
    if len(schedules) > 1:
        click.echo()
        columns = ["", *(f"minus {schedule}" for schedule in schedules[1:])]
        show_parts(
            f"{schedules[0]} minus the others", columns, [], outcomes, lambda part: difference_rows(dataset, part)
        )
    show_care(dataset, record)
    click.echo()
    equal = [f"Where schedules do not differ at all, {EQUAL}."] if len(schedules) > 1 else []
    later = irradiated_later(record, known_schedules(schedules, record), dataset)
    for sentence in (*beside(dataset, record), *later, meaning(dataset), *equal, HEADLINE, provisional(record), SCOPE):
        click.echo(paragraph(sentence))


def show_care(dataset, record):
    """The tables of the care around the radiotherapy, where there is any: what is the same under every schedule once."""
    rows, schedules = care_rows(dataset, record), dataset["schedule"].values.tolist()
    same = [row[:2] for row in rows if len(schedules) > 1 and len(set(row[1:])) == 1]
    differs = [row for row in rows if len(schedules) == 1 or len(set(row[1:])) > 1]
    title = "Care around the radiotherapy, to the end of follow-up: of 100 patients unless the row says otherwise"
    for columns, part in ((["", "every schedule"], same), (["", *schedules], differs)):
        if part:
            click.echo()
            show_table(title, columns, part)
            title = "What differs of it"


def show_parts(title, columns, first, outcomes, rows_of):
    """Print a table of outcomes; costs and QALYs, whose cells are wider, stand below."""
    value = [one for one in outcomes if one.group == VALUE]
    show_table(title, columns, [*first, *rows_of([one for one in outcomes if one.group != VALUE])])
    if value:
        click.echo()
        show_table("Costs and QALYs", columns, rows_of(value))


def cord_row(verdicts, schedules):
    """The row of a table that says what the rule of the spinal cord says of each schedule; none where nothing has to be said."""
    marks = cord.marks(verdicts)
    return [[cord.TITLE, *(marks.get(name, "") for name in schedules)]] if marks else []


def meaning(dataset):
    """One sentence on what the figures and their intervals are."""
    n_draws = dataset.sizes["draw"] - 1
    if n_draws == 1:
        return (
            "Figures are from a single draw of the parameters, which has no interval, of 100 "
            "patients unless the row says otherwise."
        )
    if n_draws:
        text = (
            f"Figures are means over {n_draws} draws of the parameters, of 100 patients unless "
            "the row says otherwise. The interval holds 95 % of the draws: it says how sure the evidence is of "
            "the average, not how much patients differ; Monte Carlo variance is removed as far as it is known."
        )
        few = f" With fewer than {ENOUGH_DRAWS} draws its ends are rough."
        return text + (few if n_draws < ENOUGH_DRAWS else "")
    return (
        "Figures are simulated, of 100 patients unless the row says otherwise, ± their Monte "
        "Carlo standard error, which says how many patients were simulated and not how sure the evidence is "
        "(--draws shows that)."
    )


def provisional(record):
    """How much of the run rests on numbers nobody has checked."""
    n, n_covariates = len(record["provisional"]), len(record["provisional_covariates"])
    if n + n_covariates == 0:
        return "Every number taken from the evidence has been checked against its source."
    text = f"Provisional, that is from memory, assumed or not yet checked: {n} parameters "
    text += "(radsim evidence shows which)"
    return f"{text} and {n_covariates} covariates of the population." if n_covariates else f"{text}."


def note_citations(record):
    """How many sources the evidence in use has, on stderr; the record names them."""
    sources = {*record["citations"], *record["provisional_covariates"].values()}
    note(
        f"Evidence set {record['evidence']['set']}: {len(sources)} sources "
        "(radsim evidence lists them; the record of a result holds them)."
    )
