"""Every estimate of a result as tables: what a page's pictures are made of."""

from __future__ import annotations

import numpy as np

from radsim.outcomes.estimates import estimate
from radsim.presentation import cord
from radsim.presentation.reading import all_patients, n_draws
from radsim.report import phrases
from radsim.report.outcomes import ALL, OF_100

OTHERS = (
    ("latent_overall_response", "Response within 12 weeks, had every living patient been seen", OF_100),
    ("latent_complete_response", "Complete response within 12 weeks, had every living patient been seen", OF_100),
    ("net_pain_relief", "Days in response of days alive, responders", OF_100),
    ("net_pain_relief_all", "Days in response of days alive, everyone", OF_100),
    ("share_of_life_in_treatment", "Days of attendance of days alive", OF_100),
    ("time_to_response", "Median time to response, of responders", "days"),
    ("duration_of_response", "Median duration of response", "days"),
)  # fmt: skip


def outcome_table(dataset, schedules):
    """Rows of (label, scale, cells), that of the spinal cord first: every outcome of the page and what else there is, a cell a schedule."""
    rows = []
    for outcome in ALL:
        rows.append((outcome.clinician, outcome.scale, estimate(dataset, outcome.variable, day=outcome.day)))
    for name, label, scale in OTHERS:
        rows.append((label, scale, estimate(dataset, name)))
    errors = n_draws(dataset) == 0
    marks = [(cord.TITLE, "", [one.mark for one in schedules])] if any(one.mark for one in schedules) else []
    return marks + [
        (label, scale, [_cell(found.at(one.position).of_evidence(n_draws(dataset)), scale, errors) for one in schedules])
        for label, scale, found in rows if found is not None
    ]  # fmt: skip


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
    for name, heading in (("relief", "Alive and in relief, of 100"), ("survival", "Alive, of 100")):
        if name in dataset and dataset.sizes.get("time", 0):
            rows = [
                (
                    f"{day:g}",
                    [
                        _cell(
                            estimate(dataset, name, day=float(day)).at(one.position).of_evidence(n_draws(dataset)),
                            OF_100,
                            False,
                        )
                        for one in schedules
                    ],
                )
                for day in dataset["time"].values
            ]
            found.append((heading, rows))
    return found


def _cell(found, scale, errors):
    """`54.2 (50.1 to 58.0)`, or `54.2 ± 0.2` where only simulation error is known."""
    value, error, low, high = (phrases.scaled(part, scale) for part in found)
    if np.isnan(value):
        return "–"
    if not np.isnan(low):
        return f"{value:.1f} ({low:.1f} to {high:.1f})"
    return f"{value:.1f} ± {error:.1f}" if errors and not np.isnan(error) else f"{value:.1f}"
