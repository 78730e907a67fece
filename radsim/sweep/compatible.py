"""Whether a store can go on with a plan: the same, or one with more points or draws; what changed otherwise."""

from __future__ import annotations

from types import SimpleNamespace

from radsim import provenance
from radsim.storage import UsageFault
from radsim.sweep.plan import design_of
from radsim.sweep.sample import EXTENDABLE


class OtherPlan(UsageFault):
    """A store of another plan or version."""


def refuse_other_version(store, plan):
    """Refuse to go on with numbers that another version would not repeat.

    Raises
    ------
    OtherPlan
        With a line for each difference.
    """
    record = provenance.from_dataset(SimpleNamespace(attrs=store.attributes))
    digest = plan.shared.registry(record["evidence"]["set"]).digest
    differences = provenance.versions_differ(record, evidence_digest=digest)
    if differences:
        _refuse(store, "was made by another version", differences)


def refuse_other_plan(store, plan):
    """Refuse a plan that does not hold everything that a store has begun.

    Raises
    ------
    OtherPlan
        With a line for each path that changed.
    """
    arrays = store.raw().values()
    if all(array.n_draws <= plan.n_draws and set(array.courses) <= set(plan.course_by_id) for array in arrays):
        return
    changes = changed(store.state["design"], plan.description()) or ["the scenarios differ"]
    _refuse(store, "holds another plan, and only points, grid values and draws can be added", changes)


def changed(before, now):
    """What differs between two descriptions of a plan, a line each."""
    lines = []
    then, here = _flat(before), _flat(now)
    for path in sorted({*then, *here}):
        if then.get(path) != here.get(path):
            pair = (_short(each.get(path, "nothing")) for each in (then, here))
            lines.append("{}: the store has {}, the plan {}".format(path, *pair))
    method = design_of(before).sample and design_of(before).sample["method"]
    if method and method not in EXTENDABLE and any(line.startswith("sample.n:") for line in lines):
        lines.append(f"a sample by {method} cannot grow: its points all move; {', '.join(EXTENDABLE)} can")
    return lines


def _flat(data, path=""):
    """Single values and lists of them by path."""
    if isinstance(data, dict) and data:
        parts = [(f"{path}.{key}" if path else key, value) for key, value in data.items()]
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        parts = [(f"{path}[{i}]", item) for i, item in enumerate(data)]
    else:
        return {path: data}
    return {name: value for part, item in parts for name, value in _flat(item, part).items()}


def _short(value):
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _refuse(store, what, lines):
    first = f"{store.path}: {what}; --force starts again and loses it, or give another store"
    raise OtherPlan("\n".join([first, *(f"  {line}" for line in lines)]))
