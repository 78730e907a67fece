"""The named variables in the store: derived from the raw sums when all is simulated, or in memory on demand."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np

from radsim.kernel.layout import ITEMS, STATES
from radsim.provenance import RECORD_ATTRIBUTE
from radsim.results.labelled import Labelled
from radsim.sums import kept_batches
from radsim.sweep.derive import SCENARIO, Derived

SCENARIOS_A_PART = 64
"""Scenarios of a chunk of the variables that are kept by batch of patients: a part, derived and written by one thread."""

PARTS_A_BLOCK = 16
"""Parts whose other variables, much smaller, make a chunk together: writing a chunk takes as long as deriving its content."""

BATCH = "batch"

DRAWS_A_CHUNK = 256

BYTES_A_PART = 32 * 2**20
BYTES_IN_ALL = 256 * 2**20
"""Of the largest variables of a part, and of all threads together."""


def write_named(store, plan, raw, *, study, attributes, threads=None):
    """Write every named variable of every scenario and their coordinates, and the description of them all last.

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
    from radsim.engine import n_threads  # with the compiler, which reading a store does without

    store.remove_named()
    derived = Derived(plan, raw, study, json.loads(attributes[RECORD_ATTRIBUTE]))
    size = _bytes_of_scenario(plan, study)
    part = max(1, min(SCENARIOS_A_PART, BYTES_A_PART // size, len(plan.scenarios)))
    writer = _Writer(store, derived, part)
    side_by_side = max(1, min(n_threads(threads), BYTES_IN_ALL // (part * size)))
    with ThreadPoolExecutor(side_by_side, thread_name_prefix="radsim") as pool:
        for start in range(0, len(plan.scenarios), part * PARTS_A_BLOCK):
            block = range(start, min(start + part * PARTS_A_BLOCK, len(plan.scenarios)), part)
            parts = list(pool.map(writer.write_part, block))
            pool.submit(writer.write_block, start, parts).result()
        coords = {name: _as_objects(one) for name, one in derived.coords.items()}
        pool.submit(writer.write, coords, 0, len(plan.scenarios)).result()
    beside = sorted(name for name, one in derived.coords.items() if one.dims != (name,))
    store.finish({**attributes, "coordinates": " ".join(beside)})


class _Writer:
    """Writes what is kept by batch of patients part by part, and the rest block by block.

    zarr makes and fills many arrays together in a third of the time; the event loop for that needs a thread without one, and the main
    thread of a notebook has one.
    """

    def __init__(self, store, derived, part):
        self.store, self.derived, self.part = store, derived, part
        self.scenarios = derived.plan.scenarios
        self.arrays, self.lock = {}, Lock()

    def write_part(self, first):
        """Derive the part whose first scenario is ``first``; returns what is not written yet. Several threads may."""
        data = self.derived.of(self.scenarios[first : first + self.part])
        by_batch = {name: one for name, one in data.items() if BATCH in one.dims}
        self.write(by_batch, first, self.part)
        return {name: one for name, one in data.items() if name not in by_batch}

    def write_block(self, start, parts):
        """Write the variables of some parts together; a part whose scenarios all failed may lack some."""
        n = min(self.part * PARTS_A_BLOCK, len(self.scenarios) - start)
        block = {}
        for i, part in enumerate(parts):
            for name, one in part.items():
                if name not in block:
                    block[name] = one._replace(
                        values=np.full((n, *one.values.shape[1:]), _blank(one), one.values.dtype)
                    )
                block[name].values[i * self.part : (i + 1) * self.part] = one.values
        self.write(block, start, self.part * PARTS_A_BLOCK)

    def write(self, variables, start, step):
        """Write values from scenario ``start`` on into arrays with chunks of ``step`` scenarios, made if they are not there."""
        with self.lock:
            new = {name: one for name, one in variables.items() if name not in self.arrays}
            made = asyncio.run(_together(self._new_array(name, one, step) for name, one in new.items()))
            self.arrays |= dict(zip(new, made, strict=True))
        where = {
            name: slice(start, start + len(one.values)) if SCENARIO in one.dims else ...
            for name, one in variables.items()
        }
        asyncio.run(_together(self.arrays[name].setitem(where[name], one.values) for name, one in variables.items()))

    def _new_array(self, name, one, step):
        from zarr.api.asynchronous import create_array

        by_scenario = SCENARIO in one.dims
        shape = (len(self.scenarios), *one.values.shape[1:]) if by_scenario else one.values.shape
        most = {SCENARIO: step, "draw": DRAWS_A_CHUNK} if by_scenario else {}
        chunks = tuple(max(1, min(n, most.get(dim, n))) for dim, n in zip(one.dims, shape, strict=True))
        dtype = str if one.values.dtype.kind == "O" else one.values.dtype
        form = {"shape": shape, "chunks": chunks, "dtype": dtype, "fill_value": _blank(one)}
        return create_array(**self.store.array(name, **form, attributes=one.attrs, dimension_names=one.dims))


async def _together(awaitables):
    return await asyncio.gather(*awaitables)


def _as_objects(one):
    """Text as objects, which zarr writes with lengths of their own."""
    return one._replace(values=one.values.astype(object)) if one.values.dtype.kind in "OUTS" else one


def _blank(one):
    """What stands where there is no value."""
    return {"f": np.nan, "b": False, "O": ""}.get(one.values.dtype.kind, 0)


def _bytes_of_scenario(plan, study):
    """Size of the largest variables of a scenario."""
    cells = (
        kept_batches(plan.n_batches, plan.n_draws) * plan.n_draws * len(plan.schedule_names) * len(study.period_ends)
    )
    groups = 1 + len(study.subgroups) if plan.base.subgroups else 1
    return 8 * cells * groups * (len(STATES) + len(ITEMS))


def named_in_memory(plan, raw, *, study, attributes):
    """Named variables of the scenarios that are complete, as an `xarray.Dataset`; the others are left out."""
    import xarray

    derived = Derived(plan, raw, study, json.loads(attributes[RECORD_ATTRIBUTE]))
    there = [scenario for scenario in plan.scenarios if derived.are_there(scenario)]
    data = derived.of(there) if there else {}
    places = np.array([scenario.index for scenario in there], int)
    coords = {
        name: Labelled(one.dims, one.values[places], one.attrs) if SCENARIO in one.dims else one
        for name, one in derived.coords.items()
    }
    return xarray.Dataset(dict(data), coords=coords, attrs=attributes)
