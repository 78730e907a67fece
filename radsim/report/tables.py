"""Every estimate of a result as tables: what a page's pictures are made of."""

from __future__ import annotations

from radsim.outcomes import format
from radsim.outcomes.care_given import care_given
from radsim.outcomes.catalogue import BY_KEY, VALUE, held
from radsim.outcomes.estimates import estimate
from radsim.presentation import cord
from radsim.presentation.reading import all_patients, n_draws


def outcome_table(dataset, schedules):
    """Rows of (label, unit, cells), that of the spinal cord first: every outcome of the catalogue, a cell a schedule."""
    marks = [(cord.TITLE, "", [one.mark for one in schedules])] if any(one.mark for one in schedules) else []
    return marks + [
        (one.label, one.scale.unit, _cells(dataset, one, schedules, day=one.day)) for one in held(dataset) if one.group != VALUE
    ]  # fmt: skip


def care_table(dataset, schedules, record):
    """Rows of (label, unit, cells) as of `outcome_table`: what was given and what happened of the care around the radiotherapy."""
    n, rows = n_draws(dataset), []
    for row in care_given(dataset, record["config"].get("care", {})):
        if not row.is_seen:
            continue
        figures = [row.to_the_end.at(one.position) for one in schedules]
        if n == 0:
            cells = [format.with_error(one.value, one.mcse, 1, scale=row.factor) for one in figures]
        else:
            cells = [format.interval(*one.with_ends, 1, scale=row.factor) for one in figures]
        rows.append((row.label, "" if row.is_amount else "of 100", cells))
    return rows


def subgroup_tables(dataset, schedules):
    """One table a subgroup beyond all patients: label, patients of the base case, rows as of `outcome_table`."""
    if "subgroup" not in dataset.dims:
        return []
    found = []
    for i, label in enumerate(dataset["subgroup"].values):
        part = dataset.isel(subgroup=i, drop=True)
        n = int(part["n_patients"].isel(draw=0).sum())
        if i > 0 and n > 0:
            found.append((str(label), n, outcome_table(part, schedules)))
    return found


def time_table(dataset, schedules):
    """Relief and survival at every time looked at: heading, and rows of (time, cells by schedule)."""
    dataset, found = all_patients(dataset), []
    for outcome, heading in (
        (BY_KEY["relief_12_weeks"], "Alive with relief, of 100"),
        (BY_KEY["alive_12_months"], "Alive, of 100"),
    ):
        if outcome.variable in dataset and dataset.sizes.get("time", 0):
            days = [float(day) for day in dataset["time"].values]
            found.append((heading, [(f"{day:g}", _cells(dataset, outcome, schedules, day=day)) for day in days]))
    return found


def _cells(dataset, outcome, schedules, *, day):
    """A cell a schedule: `54.2 (50.1 to 58.0)`, or `54.2 ± 0.2` where only simulation error is known."""
    n, scale = n_draws(dataset), outcome.scale
    found = estimate(dataset, outcome.variable, day=day)
    figures = [found.at(one.position) for one in schedules]
    if n == 0:
        return [format.with_error(one.value, one.mcse, scale.decimals, scale=scale.factor) for one in figures]
    return [format.interval(*one.with_ends, scale.decimals, scale=scale.factor) for one in figures]
