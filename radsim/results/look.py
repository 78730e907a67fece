"""Whether a dataset from a file is what radsim wrote: its labels and dimensions before it is used, all of it once something failed."""

from __future__ import annotations

import numpy as np

from radsim.care import DIMENSIONS as DIMENSIONS_OF_CARE
from radsim.results.variables import DIFFERENCE_SUFFIX, DIMENSIONS, MCSE_SUFFIX, VARIABLES

TEXT = {"subgroup", "schedule", "state", "item", "exposure", "parameter", *DIMENSIONS_OF_CARE}
"""Dimensions whose labels are text; those of the others are numbers."""
OUTER = ("scenario", "subgroup")
"""Dimensions that may stand before those of `VARIABLES`."""
ALWAYS_FINITE = ("n_patients", "occupancy", "count")
MAY_BE_EMPTY = ("visit", "time", "scenario")
"""No visits, no times; nothing of a sweep simulated yet."""


def fault_of(dataset):
    """What is wrong with the form of a result, without reading more than its labels.

    Parameters
    ----------
    dataset : xarray.Dataset

    Returns
    -------
    str
        In words, such as ``schedule: expected text, found numbers``; empty if nothing is.
    """
    for name in (*DIMENSIONS, "scenario"):
        if name in dataset.sizes and (fault := _label_fault(dataset, name)):
            return f"{name}: {fault}"
    for name, variable in dataset.data_vars.items():
        if "patient" not in dataset.sizes and (fault := _variable_fault(str(name), variable)):
            return f"{name}: {fault}"
    return ""


def damage_in(dataset):
    """As `fault_of`, but with every value read and every outcome expected: why something failed that should not.

    Returns
    -------
    str
        Empty if the dataset is whole: then the fault is ours.
    """
    for name, variable in dataset.variables.items():
        try:
            values = variable.values
        except Exception as error:  # whatever a library makes of bytes that are not what was written
            return f"{name}: cannot be read ({' '.join(str(error).split())})"
        if name in ALWAYS_FINITE and not np.isfinite(values).all():
            return f"{name}: expected finite numbers"
    if "draw" in dataset.sizes and "schedule" in dataset.sizes:
        lacking = [name for name in VARIABLES if name not in dataset.variables]
        if lacking:
            return f"{lacking[0]}: expected, found none"
    return fault_of(dataset)


def _label_fault(dataset, name):
    if dataset.sizes[name] == 0:
        return "" if name in MAY_BE_EMPTY else "expected some, found none"
    if name not in dataset.coords:
        return "expected labels, found none"
    labels = dataset[name].values
    if name in TEXT:
        if not all(isinstance(label, str) and label.isprintable() for label in labels.tolist()):
            return "expected lines of text"
    elif labels.dtype.kind not in "iuf" or not np.isfinite(labels).all():
        return "expected numbers"
    return "" if len(set(labels.tolist())) == len(labels) else "expected labels that differ"


def _variable_fault(name, variable):
    if not all(isinstance(variable.attrs.get(attribute, ""), str) for attribute in ("units", "long_name")):
        return "expected units and long_name as text"
    known = VARIABLES.get(name.removesuffix(MCSE_SUFFIX).removesuffix(DIFFERENCE_SUFFIX))
    if known is None:
        return ""
    if tuple(dim for dim in variable.dims if dim not in OUTER) != known.dims:
        return f"expected the dimensions {', '.join(known.dims)}, found {', '.join(map(str, variable.dims))}"
    return "" if variable.dtype.kind in "iuf" else "expected numbers"
