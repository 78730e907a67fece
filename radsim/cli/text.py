"""The human-readable summary of a result, with the sentences that must stand below its figures."""

from __future__ import annotations

import click

from radsim import SCOPE
from radsim.cli.shared import note
from radsim.cli.summary import difference_rows, n_patients, table_rows
from radsim.cli.tables import paragraph, show_table

HEADLINE = (
    "Headline response is the best pain score seen at the visits within 12 weeks, of all patients: a missing "
    "chart counts as failure. Latent response is what a chart from every living patient would have shown."
)


def show_summary(dataset, record):
    """Print outcomes by schedule, differences, and what the figures mean."""
    schedules = dataset["schedule"].values.tolist()
    title = f"{record['config']['name']}: {n_patients(dataset):,} patients under each schedule"
    title += f", seed {record['seed']}"
    show_table(paragraph(title), ["Outcome", *schedules], table_rows(dataset))
    if len(schedules) > 1:
        click.echo()
        spread = "95 % of the draws" if dataset.sizes["draw"] > 1 else "95 % Monte Carlo interval"
        title = f"Differences: {schedules[0]} minus the others, percentage points or days ({spread})"
        show_table(paragraph(title), ["Outcome", *schedules[1:]], difference_rows(dataset))
    click.echo()
    for sentence in (meaning(dataset), HEADLINE, provisional(record), SCOPE):
        click.echo(paragraph(sentence))


def meaning(dataset):
    """One sentence on what the figures and their intervals are."""
    n_draws = dataset.sizes["draw"] - 1
    if n_draws:
        return (
            f"Figures are means over {n_draws} draws of the parameters, in per cent of all patients unless "
            "the row says otherwise, with the interval that holds 95 % of the draws."
        )
    return (
        "Figures are simulated, in per cent of all patients unless the row says otherwise, ± their Monte "
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
    """Sources of the evidence in use, on stderr."""
    note(f"Evidence set {record['evidence']['set']}, from:")
    for source in dict.fromkeys([*record["citations"], *record["provisional_covariates"].values()]):
        note(f"  {source}")
