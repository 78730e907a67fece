"""A store as a dataset: finished, or as far as it has come."""

from __future__ import annotations

import json

from radsim.storage import UsageFault
from radsim.sweep.named import named_in_memory
from radsim.sweep.plan import design_of, make_plan
from radsim.sweep.raw import RawSums
from radsim.sweep.store import STATE, STATE_VERSION, DamagedStore, Store


def open_sweep(store):
    """The named variables of a sweep.

    Parameters
    ----------
    store : path
        A store that `run` made, finished or not.

    Returns
    -------
    xarray.Dataset
        With the dimension `scenario` in front and the swept values as coordinates along it. Read from disk when it is used if
        the sweep is finished; otherwise derived now, of the scenarios that have been simulated.

    Raises
    ------
    UsageFault
        If there is no sweep.
    """
    found = Store(store)
    if not found.exists():
        raise UsageFault(f"{found.path}: expected the store of a sweep, found none")
    if found.state["finished"]:
        return _finished(found)
    return _so_far(found)


def _finished(store):
    """The named variables, read when they are used. A chunk that is not there would be read as missing values."""
    import xarray

    if fault := store.named_fault():
        raise DamagedStore(f"{store.path}: damaged ({fault}); the same sweep writes it again")
    try:
        dataset = xarray.open_zarr(store.location, chunks=None, consolidated=True)
        return dataset.assign_attrs({STATE: json.dumps(store.state)})  # older stores hold a dictionary
    except Exception as error:  # whatever a library makes of a description that is not what was written
        raise DamagedStore(f"{store.path}: damaged ({' '.join(str(error).split())})") from error


def _so_far(store):
    """The named variables of the scenarios that are complete."""
    state = store.state
    if state["version"] != STATE_VERSION:
        raise UsageFault(
            f"{store.path}: not finished, and begun by another version of radsim: finish it with that, or start again with --force"
        )
    design = design_of(state["design"], pins=state["files"])
    plan = make_plan(design, yes=True, seed=state["seed"], rows=state["rows"])
    study = plan.shared.dimensions(plan.base)
    raw = RawSums(plan, store.raw("r"), study)
    attributes = {name: value for name, value in store.attributes.items() if name != STATE}
    return named_in_memory(plan, raw, study=study, attributes=attributes)
