"""The named variables in the store: derived from the raw sums when all is played, or in memory on demand."""

from __future__ import annotations

import shutil

import numpy as np

from radsim.kernel.layout import ITEMS, STATES
from radsim.results.labelled import Labelled
from radsim.sweep.derive import SCENARIO, Derived
from radsim.sweep.store import RAW

WRITTEN_AT_ONCE = 256
"""Scenarios of a chunk of the named variables: a file costs about as much as a scenario."""

DRAWS_AT_ONCE = 256

BYTES_AT_ONCE = 96 * 2**20


def write_named(store, plan, raw, *, study, attributes, threads=None):
    """Write every named variable of every scenario, and their coordinates, and the description of them all last.

    Parameters
    ----------
    store : Store
    plan : Plan
    raw : RawSums
    study : Study
        That of the base.
    attributes : dict
        Of the finished store.
    threads : int, optional
        Threads; by default one per processor.
    """
    remove_named(store)
    derived = Derived(plan, raw, study, threads=threads)
    group = store.zarr.open_group(store.path, mode="r+")
    arrays, at_once = {}, _at_once(plan, study)
    for first in range(0, len(plan.scenarios), at_once):
        for name, one in derived.of(plan.scenarios[first : first + at_once]).items():
            if name not in arrays:
                arrays[name] = _array(store, group, name, one, len(plan.scenarios), at_once)
            _write(store, arrays[name], one, first)
    for name, one in derived.coords.items():
        array = _array(store, group, name, one, len(plan.scenarios), len(plan.scenarios))
        _write(store, array, one, 0)
    store.finish(attributes, [name for name, one in derived.coords.items() if one.dims != (name,)])


def _at_once(plan, study):
    """Scenarios of a chunk: as many as fit, by the largest of the variables."""
    cells = (
        plan.n_batches * plan.n_draws * len(plan.schedule_names) * len(study.period_ends) * (len(STATES) + len(ITEMS))
    )
    size = 8 * cells * (1 + len(study.subgroups) if plan.base.subgroups else 1)
    return max(1, min(WRITTEN_AT_ONCE, BYTES_AT_ONCE // size, len(plan.scenarios)))


def _array(store, group, name, one, n_scenarios, at_once):
    """An empty array for a variable."""
    values = one.values
    is_text = values.dtype.kind in "OUTS"
    by_scenario = SCENARIO in one.dims
    shape = (n_scenarios, *values.shape[1:]) if by_scenario else values.shape
    sizes = {SCENARIO: min(at_once, n_scenarios), "draw": DRAWS_AT_ONCE}
    chunks = (
        [min(size, sizes.get(dim, size)) for dim, size in zip(one.dims, shape, strict=True)] if by_scenario else shape
    )
    return store.create_named(
        group, name, shape=shape, chunks=tuple(max(1, c) for c in chunks), dims=one.dims, attributes=one.attrs,
        dtype=str if is_text else values.dtype,
    )  # fmt: skip


def _write(store, array, one, first):
    if not one.values.size:
        return
    values = one.values.astype(object) if one.values.dtype.kind in "OUTS" else one.values
    where = slice(first, first + len(values)) if SCENARIO in one.dims else ...
    store.fill(array, where, values)


def remove_named(store):
    """Remove the named variables, if there are any."""
    for child in store.path.iterdir():
        if child.is_dir() and child.name != RAW:
            shutil.rmtree(child)


def named_in_memory(plan, raw, *, study, attributes):
    """Named variables of the scenarios that are there, as an `xarray.Dataset`; the others are left out."""
    import xarray

    derived = Derived(plan, raw, study)
    there = [scenario for scenario in plan.scenarios if derived.are_there(scenario)]
    data = derived.of(there) if there else {}
    places = np.array([scenario.index for scenario in there], int)
    kept = {name: _taken(one, places) for name, one in derived.coords.items()}
    return xarray.Dataset(dict(data), coords=kept, attrs=attributes)


def _taken(one, places):
    if SCENARIO not in one.dims:
        return one
    return Labelled(one.dims, one.values[places], one.attrs)
