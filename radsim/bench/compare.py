"""Two measurements side by side: what is slower by more than noise, and whether a result changed."""

from __future__ import annotations

from radsim.bench.workload import KINDS
from radsim.storage import UsageFault, read_json

MEANING = {
    "one_thread": "work of a lifetime, one thread",
    "all_threads": "work of a lifetime, all threads",
    "all_threads_waiting": "threads waiting",
    "one_schedule": "work of a lifetime, one schedule",
    "unequal_schedules": "work of a lifetime, unequal schedules",
    "subgroups": "work of a lifetime, 24 subgroups",
    "all_care": "work of a lifetime, all care",
    "warm_start": "warm start of a run",
    "cold_start": "cold start of a run",
}
"""Measures in words, in the order in which they are shown. What only one of two documents has is not compared."""

NO_SPEED = ("radsim", "commit", "sources")
"""Software whose change is what a comparison is about."""


def read_document(path):
    """Read a measurement from a JSON file.

    Parameters
    ----------
    path : path
        What `radsim bench --json` printed.

    Returns
    -------
    dict

    Raises
    ------
    UsageFault
        If it cannot be read or is no measurement of this format.
    """
    from radsim.bench.measure import FORMAT

    document = read_json(path, expected="JSON from radsim bench --json")
    if "radsim_bench" not in document:
        raise UsageFault(f"{path}: expected JSON from radsim bench --json, found no radsim_bench in it")
    if document["radsim_bench"] != FORMAT:
        raise UsageFault(f"{path}: expected format {FORMAT}, found {document['radsim_bench']}")
    _check_shape(document, path)
    return document


def check_comparable(old, *, workload, kinds, yardstick, threads, path):
    """Refuse a comparison that would mean nothing, before anything is measured.

    Parameters
    ----------
    old : dict
        From `read_document`.
    workload, yardstick : str
        Digests of what would be measured here.
    kinds : dict of str to str
        The same of each of `workload.KINDS`.
    threads : int
        All threads, here.
    path : path
        Of ``old``, for the message.

    Raises
    ------
    UsageFault
        With a line for everything that does not agree.
    """
    here = {"workload": workload, "yardstick": yardstick}
    faults = [
        f"{path}: another {name}: there {old[name][:12]}, here {found[:12]}"
        for name, found in here.items()
        if old[name] != found
    ]
    faults += [
        f"{path}: another workload of {name}: there {old['measures'][name]['workload'][:12]}, here {found[:12]}"
        for name, found in kinds.items()
        if name in old["measures"] and old["measures"][name]["workload"] != found
    ]
    all_threads = old["measures"].get("all_threads", old["measures"]["one_thread"])["threads"]
    if all_threads != threads:
        faults.append(f"{path}: another number of threads: there {all_threads}, here {threads} (--threads)")
    if faults:
        raise UsageFault("\n".join(faults))


def compare(old, new, *, max_slowdown):
    """Hold a measurement against an earlier one.

    Parameters
    ----------
    old, new : dict
        Documents that `check_comparable` let pass.
    max_slowdown : float
        A measure is slower if its ratio grew by more than this factor. [1]

    Returns
    -------
    dict
        ``measures``: name to ``then``, ``now``, ``slowdown`` and ``slower``; ``result_changed``; ``differences``: what else differs.
    """
    shared = [name for name in MEANING if name in old["measures"] and name in new["measures"]]
    measures = {name: _pair(old["measures"][name], new["measures"][name], max_slowdown) for name in shared}
    return {
        "max_slowdown": max_slowdown,
        "measures": measures,
        "result_changed": old["result"]["digest"] != new["result"]["digest"],
        "differences": differences(old, new),
    }


def slower(comparison):
    """Names of the measures that are slower."""
    return [name for name, pair in comparison["measures"].items() if pair["slower"]]


def alarms(comparison, old, new):
    """A line for everything that did not hold.

    Returns
    -------
    list of str
        Empty if nothing is slower and no result changed.
    """
    lines = [
        f"{name}: {MEANING[name]} is {pair['slowdown']:.2f} times what it was, more than {comparison['max_slowdown']:g}: "
        f"ratio {pair['then']:.3g} then, {pair['now']:.3g} now"
        for name, pair in comparison["measures"].items()
        if pair["slower"]
    ]
    if comparison["result_changed"]:
        then, now = old["result"], new["result"]
        evidence = "the evidence too" if then["evidence"] != now["evidence"] else "with the same evidence"
        lines.append(f"result changed, {evidence}: digest {then['digest'][:12]} then, {now['digest'][:12]} now")
    return lines


def differences(old, new):
    """What differs in machine and software and may explain the rest: a line each."""
    return [
        f"{key}: {then} then, {new[part].get(key)} now"
        for part in ("machine", "software")
        for key, then in old[part].items()
        if key not in NO_SPEED and new[part].get(key) != then
    ]


def _pair(then, now, max_slowdown):
    slowdown = now["ratio"] / then["ratio"]
    return {"then": then["ratio"], "now": now["ratio"], "slowdown": slowdown, "slower": slowdown > max_slowdown}


def _check_shape(document, path):
    """A document cut short or edited must be refused, not half compared."""
    try:
        sound = (
            all(isinstance(document[name], str) for name in ("workload", "yardstick"))
            and all(isinstance(document["result"][name], str) for name in ("digest", "evidence"))
            and all(isinstance(document[name], dict) for name in ("machine", "software"))
            and all(0 < float(entry["ratio"]) < float("inf") for entry in document["measures"].values())
            and document["measures"]["one_thread"]["threads"] == 1
            and all(int(document["measures"][name]["threads"]) for name in {"all_threads"} & set(document["measures"]))
            and all(
                isinstance(document["measures"][name]["workload"], str)
                for name in set(KINDS) & set(document["measures"])
            )
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise UsageFault(f"{path}: expected a whole measurement from radsim bench --json, found one that is incomplete")
