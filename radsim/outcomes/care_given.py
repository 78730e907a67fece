"""What was given, and what happened, of the care around the radiotherapy: the items of `count` of the kinds that a study gives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.care import Item, Kind, given
from radsim.maths.addition import in_order
from radsim.outcomes.intervals import Estimate, summarise

FIRST_YEAR_DAYS = 365.25
AMOUNTS = ("day", "mg")
"""Units of items that a table shows of one patient."""


class Given(NamedTuple):
    """One item of one kind of care.

    Attributes
    ----------
    kind : radsim.care.Kind
    item : radsim.care.Item
    to_the_end, in_first_year : Estimate
        Of one patient, to the end of follow-up and by the middle of the periods of the first year, shape (schedule,). [1]
    """

    kind: Kind
    item: Item
    to_the_end: Estimate
    in_first_year: Estimate

    @property
    def is_amount(self):
        """Whether it is an amount of one patient, in days or milligrams, where others are a number among 100 patients."""
        return self.item.per in AMOUNTS

    @property
    def is_seen(self):
        """Whether there is any of it under any schedule."""
        return bool(np.any(self.to_the_end.value > 0.0))

    @property
    def label(self):
        """For a table: a number of 100 patients, unless it says otherwise."""
        return f"{self.item.meaning[:1].upper()}{self.item.meaning[1:]}" + (", a patient" if self.is_amount else "")

    @property
    def factor(self):
        """What its estimates are multiplied with for a table."""
        return 1.0 if self.is_amount else 100.0


def care_given(dataset, care, *, subgroup=None):
    """Every item of the care that a study gives.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
        Of one study, without `scenario`.
    care : mapping
        The section `care` of its configuration.
    subgroup : int, optional
        Position along `subgroup`, where there is one.

    Returns
    -------
    list of Given
    """
    kinds = given(care)
    if not kinds or "count" not in dataset.data_vars:
        return []
    items = [str(item) for item in dataset["item"].values]
    count, n = (
        _of(dataset, name, subgroup) for name in ("count", "n_patients")
    )  # (batch, draw, schedule, period, item), (batch, draw)
    early = np.asarray(dataset["period"].values, float) < FIRST_YEAR_DAYS
    found = []
    for kind in kinds:
        for item in kind.items:
            amount = count[..., items.index(item.name)]
            parts = [_estimate(in_order(part, -1), n) for part in (amount, amount[..., early])]
            found.append(Given(kind, item, *parts))
    return found


def _of(dataset, name, subgroup):
    variable = dataset[name]
    values = np.asarray(variable.values)
    return values[subgroup] if variable.dims[0] == "subgroup" else values


def _estimate(by_batch, n):
    """An `Estimate`, shape (schedule,), of amounts a patient by batch (batch, draw, schedule) and patients (batch, draw)."""
    weight = (n / n.sum(axis=0))[..., None]
    used = np.nan_to_num(by_batch)
    mean = in_order(weight * used, 0)
    n_batches = (n > 0).sum(axis=0)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(in_order(weight**2 * (used - mean) ** 2, 0) * n_batches / (n_batches - 1.0))
    return summarise(mean, error)
