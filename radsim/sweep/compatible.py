"""Whether a store can go on with a plan: the same, or one that only adds to it; what changed otherwise."""

from __future__ import annotations

from radsim import provenance
from radsim.storage import UsageFault
from radsim.sweep.coverage import boxes, schedule_key
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
    record = provenance.from_dataset(_Attributes(store.attributes))
    digest = plan.shared.registry(record["evidence"]["set"]).digest
    differences = provenance.versions_differ(record, evidence_digest=digest)
    if differences:
        _refuse(store, "was made by another version", differences)


def refuse_other_plan(store, plan, segments):
    """Refuse a plan that does not hold everything that a store has begun.

    Raises
    ------
    OtherPlan
        With a line for each path that changed.
    """
    needed = {(key, schedule_key(s)) for key, schedules in plan.plays.items() for s in schedules}
    stored = boxes(segments)
    shrunk = any(
        draws[1] > plan.n_draws or patients[1] > plan.n_patients for kept in stored.values() for draws, patients in kept
    )
    if set(stored) <= needed and not shrunk:
        return
    changes = changed(store.state["design"], plan.description())
    _refuse(store, "holds another plan", changes or ["the scenarios differ"])


def changed(before, now):
    """What differs between two descriptions of a plan, a line each."""
    lines = []
    for path in sorted({*_flat(before), *_flat(now)}):
        then, here = _flat(before).get(path, "nothing"), _flat(now).get(path, "nothing")
        if then != here:
            lines.append(f"{path}: the store has {then}, the plan {here}")
    method = design_of(before).sample and design_of(before).sample["method"]
    if method and method not in EXTENDABLE and any(line.startswith("sample.n:") for line in lines):
        lines.append(f"a sample by {method} cannot grow: its points all move; {', '.join(EXTENDABLE)} can")
    return lines


def _flat(data, path=""):
    """Single values and lists by dotted path."""
    if not isinstance(data, dict) or not data:
        return {path: _short(data)}
    flat = {}
    for key, value in data.items():
        flat |= _flat(value, f"{path}.{key}" if path else key)
    return flat


def _short(value, most=60):
    text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def _refuse(store, what, lines):
    first = f"{store.path}: {what}; --force starts again and loses it, or give another store"
    raise OtherPlan("\n".join([first, *(f"  {line}" for line in lines)]))


class _Attributes:
    """What `provenance.from_dataset` reads of a dataset."""

    def __init__(self, attrs):
        self.attrs = attrs
