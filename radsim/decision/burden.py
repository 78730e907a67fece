"""What a department and its patients feel: linac slots, courses and days of travel."""

from __future__ import annotations

import numpy as np

from radsim.decision.convergence import batch_weights
from radsim.decision.samples import draw_numbers
from radsim.outcomes.intervals import LEVELS_95

PER = 100
ITEMS = {
    "linac_slots": ("fractions",),
    "courses": ("courses",),
    "follow_up_visits": ("follow_up_visits",),
    "travel_days": ("fractions", "follow_up_visits"),
}
"""Burden to the counted items that it is the sum of; a fraction is a slot on the linac and a journey."""

FIRST_YEAR_DAYS = 365.25


def burden(dataset, *, patients_per_year=None):
    """Slots, courses, visits and days of travel of every schedule.

    Returns
    -------
    list of dict
        A row a schedule: ``schedule``, and for each of `ITEMS` ``per_100_patients``, its ``mcse`` and 95 % interval over the draws,
        ``in_first_year`` of these, and ``per_year`` (a service in balance: as many as a year's patients will ever need).
    """
    numbers = draw_numbers(dataset)
    used = numbers >= 1 if (numbers >= 1).any() else numbers == 0
    names = [str(name) for name in dataset["item"].values]
    count = dataset["count"].transpose("batch", "draw", "schedule", "period", "item").values[:, used]
    weights = batch_weights(dataset["n_patients"].transpose("batch", "draw").values)[:, used]
    early = np.asarray(dataset["period"].values, float) < FIRST_YEAR_DAYS
    pooled = np.einsum("bd,bdspi->dspi", weights, np.nan_to_num(count))
    rows = []
    for s, schedule in enumerate(dataset["schedule"].values):
        row = {"schedule": str(schedule)}
        for name, items in ITEMS.items():
            amount = PER * pooled[:, s][..., [names.index(item) for item in items]].sum(axis=-1)
            row[name] = _summary(amount.sum(axis=1), amount[:, early].sum(axis=1), patients_per_year)
        rows.append(row)
    return rows


def _summary(per_100, in_first_year, patients_per_year):
    n = len(per_100)
    low, high = np.quantile(per_100, LEVELS_95) if n > 1 else (np.nan, np.nan)
    mean = float(per_100.mean())
    return {
        "per_100_patients": mean,
        "mcse": float(per_100.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"),
        "low95": float(low), "high95": float(high),
        "in_first_year": float(in_first_year.mean()),
        "per_year": None if patients_per_year is None else mean / PER * patients_per_year,
    }  # fmt: skip
