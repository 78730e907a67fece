"""The named variables in the store: derived from the raw sums when all is played, or in memory on demand."""

from __future__ import annotations

import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from radsim.kernel.layout import ITEMS, STATES
from radsim.provenance import RECORD_ATTRIBUTE
from radsim.results.labelled import Labelled
from radsim.sweep.derive import SCENARIO, Derived
from radsim.sweep.store import RAW
from radsim.sweep.zarr_form import ArrayForm

WRITTEN_AT_ONCE = 64
"""Scenarios of a chunk of the variables that are kept by batch of patients: a part, derived and written by one thread."""

PARTS_GATHERED = 16
"""Parts whose other variables, much smaller, make a chunk together."""

BATCH = "batch"

DRAWS_AT_ONCE = 256

BYTES_AT_ONCE = 32 * 2**20
BYTES_IN_ALL = 256 * 2**20
"""Of the variables of a chunk, and of all threads together."""


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
        Of the finished store, the run record of the base among them.
    threads : int, optional
        Threads; by default one per processor. The store does not depend on it.
    """
    remove_named(store)
    derived = Derived(plan, raw, study, json.loads(attributes[RECORD_ATTRIBUTE]))
    size = _bytes_of_scenario(plan, study)
    from radsim.engine import n_threads

    at_once = max(1, min(WRITTEN_AT_ONCE, BYTES_AT_ONCE // size, len(plan.scenarios)))
    writer = _Writer(store, len(plan.scenarios), at_once)
    side_by_side = max(1, min(n_threads(threads), BYTES_IN_ALL // (at_once * size)))
    with ThreadPoolExecutor(side_by_side, thread_name_prefix="radsim") as pool:
        for start in range(0, len(plan.scenarios), at_once * PARTS_GATHERED):
            firsts = range(start, min(start + at_once * PARTS_GATHERED, len(plan.scenarios)), at_once)
            for _ in pool.map(
                lambda first: writer.add(derived.of(plan.scenarios[first : first + at_once]), first), firsts
            ):
                pass
            writer.write_gathered(start)
    for name, one in derived.coords.items():
        values = one.values.astype(object) if one.values.dtype.kind in "OUTS" else one.values
        form = _form(one._replace(values=values), len(plan.scenarios), len(plan.scenarios))
        store.add_array(name, form)
        store.fill(name, form, values)
    store.finish(attributes, [name for name, one in derived.coords.items() if one.dims != (name,)])


class _Writer:
    """Writes what is kept by batch of patients part by part, and gathers the rest: creating a file takes as long as filling it.

    Parameters
    ----------
    store : Store
    n_scenarios : int
        In all.
    at_once : int
        Scenarios of a part.
    """

    def __init__(self, store, n_scenarios, at_once):
        self.store, self.n_scenarios, self.at_once = store, n_scenarios, at_once
        self.forms, self.gathered, self.lock = {}, {}, threading.Lock()

    def add(self, data, first):
        """Take the variables of a part, whose first scenario is ``first``; several threads may."""
        for name, one in data.items():
            form = self._form(name, one)
            if BATCH in one.dims:
                self.store.fill(name, form, one.values, first // self.at_once)
            else:
                at = first % form.chunks[0]
                self._room(name, form)[at : at + len(one.values)] = one.values

    def _form(self, name, one):
        """The array of a variable, described in the store by the first part that has it."""
        with self.lock:
            if name not in self.forms:
                n = self.at_once if BATCH in one.dims else self.at_once * PARTS_GATHERED
                self.forms[name] = _form(one, self.n_scenarios, n)
                self.store.add_array(name, self.forms[name])
            return self.forms[name]

    def _room(self, name, form):
        with self.lock:
            if name not in self.gathered:
                self.gathered[name] = np.full((form.chunks[0], *form.shape[1:]), form.fill, form.dtype)
            return self.gathered[name]

    def write_gathered(self, start):
        """Write what has been gathered of the scenarios from ``start`` on."""
        for name, values in self.gathered.items():
            form = self.forms[name]
            self.store.fill(name, form, values[: self.n_scenarios - start], start // form.chunks[0])
        self.gathered = {}


def _bytes_of_scenario(plan, study):
    """Size of the largest variables of a scenario."""
    cells = (
        plan.n_batches * plan.n_draws * len(plan.schedule_names) * len(study.period_ends) * (len(STATES) + len(ITEMS))
    )
    return 8 * cells * (1 + len(study.subgroups) if plan.base.subgroups else 1)


def _form(one, n_scenarios, at_once):
    """The array of a variable or coordinate."""
    by_scenario = SCENARIO in one.dims
    shape = (n_scenarios, *one.values.shape[1:]) if by_scenario else one.values.shape
    sizes = {SCENARIO: min(at_once, n_scenarios), "draw": DRAWS_AT_ONCE} if by_scenario else {}
    chunks = tuple(max(1, min(size, sizes.get(dim, size))) for dim, size in zip(one.dims, shape, strict=True))
    fill = {"f": float("nan"), "b": False, "O": ""}.get(one.values.dtype.kind, 0)
    return ArrayForm(shape, chunks, one.dims, one.values.dtype, fill, one.attrs)


def remove_named(store):
    """Remove the named variables, if there are any."""
    for child in store.path.iterdir():
        if child.is_dir() and child.name != RAW:
            shutil.rmtree(child)


def named_in_memory(plan, raw, *, study, attributes):
    """Named variables of the scenarios that are there, as an `xarray.Dataset`; the others are left out."""
    import xarray

    derived = Derived(plan, raw, study, json.loads(attributes[RECORD_ATTRIBUTE]))
    there = [scenario for scenario in plan.scenarios if derived.are_there(scenario)]
    data = derived.of(there) if there else {}
    places = np.array([scenario.index for scenario in there], int)
    kept = {name: _taken(one, places) for name, one in derived.coords.items()}
    return xarray.Dataset(dict(data), coords=kept, attrs=attributes)


def _taken(one, places):
    if SCENARIO not in one.dims:
        return one
    return Labelled(one.dims, one.values[places], one.attrs)
