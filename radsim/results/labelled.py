"""Labelled arrays, as plain as can be: what a command needs of a Dataset without the start-up of xarray."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.storage import UsageFault


class Labelled(NamedTuple):
    """An array with the names of its dimensions, and attributes that are text or numbers."""

    dims: tuple[str, ...]
    values: np.ndarray
    attrs: dict


class Results(NamedTuple):
    """What `assemble` makes an `xarray.Dataset` of, with the part of its interface that our own code reads.

    Attributes
    ----------
    data_vars, coords : dict of str to Labelled
    attrs : dict
        Text or numbers.
    """

    data_vars: dict
    coords: dict
    attrs: dict

    @property
    def variables(self):
        """Variables and coordinates by name."""
        return self.coords | self.data_vars

    @property
    def sizes(self):
        """Length of each dimension."""
        return {
            dim: length for variable in self.variables.values()
            for dim, length in zip(variable.dims, variable.values.shape, strict=True)
        }  # fmt: skip

    def __getitem__(self, name):
        return self.data_vars[name] if name in self.data_vars else self.coords[name]

    def to_xarray(self):
        """The same as an `xarray.Dataset`."""
        import xarray

        return xarray.Dataset(dict(self.data_vars), coords=dict(self.coords), attrs=self.attrs)


def schedule_labels(dataset):
    """Names of the schedules of a result, in its order.

    Parameters
    ----------
    dataset : xarray.Dataset or Results

    Returns
    -------
    list of str

    Raises
    ------
    UsageFault
        If two have the same name: what is said of one could be of the other.
    """
    names = [str(name) for name in dataset["schedule"].values]
    if repeated := [name for i, name in enumerate(names) if name in names[:i]]:
        raise UsageFault(f"schedule: expected a name of its own for each schedule, found {repeated[0]} again")
    return names
