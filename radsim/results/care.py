"""Outputs of the care around the radiotherapy: the rows of its kinds say which items add up to what."""

from __future__ import annotations

import numpy as np

from radsim.care import outputs_of
from radsim.kernel.layout import EXPOSURES, ITEMS
from radsim.maths.addition import in_order
from radsim.results.estimators import Quotient, patients
from radsim.results.statistics import ratio
from radsim.results.variables import Variable

DAYS = EXPOSURES.index("days")


def care_variables(kinds):
    """Outputs of the kinds of care that are given.

    Parameters
    ----------
    kinds : sequence of radsim.care.Kind

    Returns
    -------
    dict of str to Variable
    """
    return {one.name: _variable(one) for one in outputs_of(kinds)}


def care_labels(kinds):
    """Labels of the dimensions of these outputs; a dict of dimension to (labels, meaning)."""
    return {one.dim: (tuple(one.items), one.long_name) for one in outputs_of(kinds) if one.dim}


def patients_to_warn_of(totals, kinds):
    """Greatest number of patients under a schedule, by each item of the kinds of care that has a warning.

    Parameters
    ----------
    totals : sequence of radsim.sums.Totals
        Of some draws.
    kinds : sequence of radsim.care.Kind

    Returns
    -------
    dict of Item to int
    """
    warning = [item for kind in kinds for item in kind.items if item.warning]
    return {
        item: max(int(one.count[..., ITEMS.index(item.name)].sum(axis=(0, 1, 3)).max()) for one in totals)
        for item in warning
    }


def _variable(output):
    """A line as those of `radsim.results.variables.VARIABLES`."""
    dims = ("draw", "schedule", *(("period",) if output.cumulative else ()), *((output.dim,) if output.dim else ()))
    columns = [[ITEMS.index(name) for name in names] for names in output.items.values()]

    def parts(sums):
        by_label = [in_order(sums.count[..., chosen], -1) for chosen in columns]
        numerator = np.stack(by_label, axis=-1)  # (group, batch, draw, schedule, period, label)
        numerator = np.cumsum(numerator, axis=-2) if output.cumulative else in_order(numerator, -2)
        if not output.dim:
            numerator = numerator[..., 0]
        denominator = in_order(sums.exposure[..., DAYS], -1)[..., None] if output.of_days else patients(sums)
        return numerator, denominator.reshape(denominator.shape + (1,) * (numerator.ndim - denominator.ndim))

    return Variable(dims, "float64", output.units, output.long_name, Quotient(parts, lambda sums: ratio(*parts(sums))))
