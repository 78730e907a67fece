"""A sweep from its plan to its store: what is missing is simulated, whatever happened before."""

from __future__ import annotations

import time
from typing import NamedTuple

from radsim.sweep.chunks import Chunks, find_pending
from radsim.sweep.compatible import refuse_other_plan, refuse_other_version
from radsim.sweep.derive import root_attributes
from radsim.sweep.design import load_design
from radsim.sweep.engines import check_choice, engine
from radsim.sweep.named import write_named
from radsim.sweep.plan import make_plan
from radsim.sweep.raw import CHUNK_TRAJECTORIES, RawSums
from radsim.sweep.store import STATE, STATE_VERSION, Store


class Summary(NamedTuple):
    """What a call of `run` did.

    Attributes
    ----------
    scenarios, trajectories : int
        Of the plan.
    simulated : int
        Trajectories simulated now; the others were there before.
    damaged : int
        Chunks that were there but torn or altered, and have been simulated again.
    failures : list of dict
        ``scenario``, ``draw``, ``block`` and ``reason`` of what could not be simulated.
    seconds : float
    """

    scenarios: int
    trajectories: int
    simulated: int
    damaged: int
    failures: list
    seconds: float

    def __repr__(self):
        return (
            f"Summary({self.scenarios:,} scenarios, {self.trajectories:,} trajectories; {self.simulated:,} simulated now "
            f"in {self.seconds:.1f} s; {len(self.failures)} failures, {self.damaged} damaged chunks)"
        )


def run(
    plan,
    store,
    *,
    threads=None,
    workers=None,
    scheduler=None,
    progress=None,
    yes=False,
    force=False,
    command="radsim.sweep",
    chunk_trajectories=CHUNK_TRAJECTORIES,
):
    """Simulate every scenario of a sweep that a store does not have yet.

    Parameters
    ----------
    plan : path, open text or Mapping
        The sweep: ``base`` (a file, or in a mapping a configuration) with ``grid`` and/or ``sample``.
    store : path
        Folder of the store; made if it is not there.
    threads, workers, scheduler : optional
        Threads of this process (the default: all processors), or Dask workers on this machine, or the address of a Dask
        scheduler. The result does not depend on it.
    progress : callable, optional
        Called with a dict: ``event`` (start, task, chunk, naming, done) and its details.
    yes : bool
        Whether more than `radsim.sweep.plan.MOST_SCENARIOS` scenarios are meant.
    force : bool
        Start again where the store holds another plan or comes from another version.
    command : str, optional
        For the run record.
    chunk_trajectories : int, optional
        Trajectories of a chunk of a new store: what an interruption may lose. By default about a second of two processors.

    Returns
    -------
    Summary

    Raises
    ------
    ConfigError, EvidenceError, CohortError, UsageFault
        If the plan cannot be simulated, or the store cannot take it.
    OSError
        If the machine or the cluster gives way; what is stored stays, and the same call goes on from there.
    """
    started = time.monotonic()
    check_choice(threads=threads, workers=workers, scheduler=scheduler)
    store, report = Store(store), progress or (lambda event: None)
    try:
        with store.faults_of_the_disk():
            plan, attributes = _prepare(load_design(plan), store, yes=yes, force=force, command=command)
            study = plan.shared.dimensions(plan.base)
            store.make_arrays_for(plan, study, chunk_trajectories=chunk_trajectories)
            arrays = store.raw()
            pending, damaged = find_pending(arrays)
            chunks = Chunks(plan, arrays, pending, chunk_trajectories=chunk_trajectories)
            if pending:
                with engine(threads=threads, workers=workers, scheduler=scheduler) as where:
                    _simulate(chunks, where, report)
            failures = _described(plan, chunks.failures)
            if pending or not store.state["finished"] or store.named_fault(read=True):
                report({"event": "naming", "scenarios": len(plan.scenarios)})
                state = {**attributes[STATE], "failures": failures}
                store.set_state(**state)
                raw, finished = RawSums(plan, store.raw(), study), {**attributes, STATE: {**state, "finished": True}}
                write_named(store, plan, raw, study=study, attributes=finished, threads=threads)
    finally:
        store.release()
    n, seconds = len(plan.scenarios), time.monotonic() - started
    summary = Summary(n, plan.trajectories, chunks.done, damaged, failures, seconds)
    report({
        "event": "done", "scenarios": n, "lifetimes": plan.trajectories, "played": chunks.done, "damaged": damaged,
        "failures": failures, "seconds": seconds,
    })  # fmt: skip
    return summary


def _prepare(design, store, *, yes, force, command):
    """The plan, and the attributes of its store, which is made, or refused if it holds more than the plan."""
    exists = store.exists(even_damaged=force)
    resumes = exists and not force
    plan = make_plan(design, yes=yes, seed=store.state["seed"] if resumes else None)
    attributes = {**root_attributes(plan, plan.shared.study(plan.base), command=command), STATE: _state(plan)}
    if exists:
        store.claim()
    if not resumes:
        store.create(attributes)
        return plan, attributes
    refuse_other_version(store, plan)
    refuse_other_plan(store, plan)
    store.remove_leftovers()
    if store.state["digest"] != plan.digest:
        store.set_attributes(attributes)
    return plan, attributes


def _state(plan):
    return {
        "version": STATE_VERSION,
        "design": plan.description(),
        "digest": plan.digest,
        "seed": plan.base.seed,
        "rows": plan.rows,
        "files": plan.pins,
        "failures": [],
        "finished": False,
    }


def _simulate(chunks, where, report):
    """Simulate what is pending, writing every chunk as soon as it is complete."""
    plan = chunks.plan
    report({
        "event": "start", "scenarios": len(plan.scenarios), "lifetimes": plan.trajectories, "to_play": chunks.total,
        "chunks": len(chunks.pending), "dashboard": where.dashboard,
    })  # fmt: skip
    for task, results in where.simulate(chunks.tasks(), plan.shared):
        is_written = chunks.take(task, results)
        report({"event": "chunk" if is_written else "task", "done": chunks.done, "to_play": chunks.total})


def _described(plan, failures):
    """Failures as plain data, with the scenarios that they leave incomplete."""
    scenarios = {}
    for scenario in plan.scenarios if failures else ():
        scenarios.setdefault(plan.courses[scenario.key].id, []).append(scenario.index)
    found = [
        {
            "scenario": scenarios[course][0],
            "scenarios": scenarios[course],
            "draw": draw,
            "block": block,
            "reason": reason,
        }
        for (course, draw), (block, reason) in failures.items()
    ]
    return sorted(found, key=lambda failure: (failure["scenario"], failure["draw"]))
