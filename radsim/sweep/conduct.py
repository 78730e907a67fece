"""A sweep from its plan to its store: what is missing is played, whatever happened before."""

from __future__ import annotations

import time
from functools import cached_property
from typing import NamedTuple

from radsim.sweep.chunks import Chunks
from radsim.sweep.compatible import refuse_other_plan, refuse_other_version
from radsim.sweep.coverage import missing_segments
from radsim.sweep.derive import root_attributes
from radsim.sweep.design import load_design
from radsim.sweep.engines import check_choice, engine
from radsim.sweep.named import write_named
from radsim.sweep.plan import make_plan
from radsim.sweep.raw import RawSums
from radsim.sweep.store import STATE, STATE_VERSION, Store
from radsim.sweep.units import CHUNK_LIVES


class Summary(NamedTuple):
    """What a call of `run` did.

    Attributes
    ----------
    scenarios, lifetimes : int
        Of the plan.
    played : int
        Lives played now; the others were there before.
    damaged : int
        Chunks that were there but torn or altered, and have been played again.
    failures : list of dict
        ``scenario``, ``draw``, ``block`` and ``reason`` of what could not be played.
    seconds : float
    """

    scenarios: int
    lifetimes: int
    played: int
    damaged: int
    failures: list
    seconds: float

    def __repr__(self):
        return (
            f"Summary({self.scenarios:,} scenarios, {self.lifetimes:,} trajectories; {self.played:,} simulated now "
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
    chunk_lives=CHUNK_LIVES,
):
    """Play every scenario of a sweep that a store does not have yet.

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
        Called with a dict: ``event`` (start, chunk, played, naming, done) and what it is about.
    yes : bool
        Whether more than `radsim.sweep.plan.MOST_SCENARIOS` scenarios are meant.
    force : bool
        Start again where the store holds another plan or comes from another version.
    command : str, optional
        For the run record.
    chunk_lives : int, optional
        Lives of a chunk of the store: what an interruption may lose. By default about two seconds of two processors.

    Returns
    -------
    Summary

    Raises
    ------
    ConfigError, EvidenceError, CohortError, UsageFault
        If the plan cannot be played, or the store cannot take it.
    OSError
        If the machine or the cluster gives way; what is stored stays, and the same call goes on from there.
    """
    started = time.monotonic()
    check_choice(threads=threads, workers=workers, scheduler=scheduler)
    report = progress or (lambda event: None)
    sweep = _Sweep(load_design(plan), Store(store), report=report, command=command, chunk_lives=chunk_lives)
    try:
        sweep.prepare(yes=yes, force=force)
        with engine(threads=threads, workers=workers, scheduler=scheduler) if sweep.pending else _nobody() as where:
            sweep.play(where)
        sweep.name_variables(threads)
        return sweep.summary(time.monotonic() - started)
    finally:
        sweep.store.release()


class _Sweep:
    """One call of `run`."""

    def __init__(self, design, store, *, report, command, chunk_lives):
        self.design, self.store, self.report, self.command = design, store, report, command
        self.chunk_lives = chunk_lives
        self.played = self.damaged = 0

    # -- before

    def prepare(self, *, yes, force):
        """Check the plan against the store and find out what is missing."""
        exists = self.store.exists(even_damaged=force)
        seed = self.store.state["seed"] if exists and not force else None
        self.plan = make_plan(self.design, yes=yes, seed=seed)
        self.study = self.plan.shared.study(self.plan.base)
        if exists:
            self.store.claim()
        if exists and not force:
            self._continue()
        else:
            self.store.create({**self._attributes, STATE: self._state()}, replace=exists)
            self._read_segments()
        for segment in missing_segments(self.plan, self.segments, self.row_length, chunk_lives=self.chunk_lives):
            self.store.add_segment(segment, self.row_length(segment.n_schedules, segment.n_batches))
        self._read_segments()
        self.failures = {(f["segment"], f["unit"]): f for f in self.store.state["failures"]}
        self.pending = self._pending()

    def _read_segments(self):
        self.segments = self.store.segments()
        self.raw = RawSums(self.store, self.segments, failed=set(), study=self.study, n_patients=self.plan.n_patients)

    def _continue(self):
        """Go on with a store, which has to be of this version and hold nothing but what the plan holds."""
        refuse_other_version(self.store, self.plan)
        self._read_segments()
        refuse_other_plan(self.store, self.plan, self.segments)
        self.store.sweep_out()
        if self.store.state["digest"] != self.plan.digest:
            self.store.set_attributes(
                {**self._attributes, STATE: {**self._state(), "failures": self.store.state["failures"]}}
            )

    @cached_property
    def _attributes(self):
        """Attributes of the store, with the record of the version that plays it."""
        return root_attributes(self.plan, self.study, command=self.command)

    def _state(self):
        return {
            "version": STATE_VERSION,
            "design": self.plan.description(),
            "digest": self.plan.digest,
            "seed": self.plan.base.seed,
            "rows": self.plan.rows,
            "files": self.plan.pins,
            "failures": [],
            "finished": False,
        }

    def row_length(self, n_schedules, n_batches):
        """Integers in the raw sums of some schedules and batches of patients."""
        return self.raw.form(n_schedules, n_batches).length

    def _pending(self):
        """Units to play by segment and chunk: those of missing or damaged chunks, and those that failed."""
        pending = {}
        for number, segment in enumerate(self.segments):
            for c in self.store.missing_chunks(number, segment):
                self.damaged += self.store.chunk_path(number, c).is_file()
                pending[number, c] = list(segment.chunk(c))
        for number, unit in self.failures:
            c = unit // self.segments[number].chunk_units
            pending.setdefault((number, c), []).append(unit)
        return {place: sorted(set(units)) for place, units in sorted(pending.items())}

    # -- play

    def play(self, where):
        """Play what is pending, writing every chunk as soon as it is whole."""
        if not self.pending:
            return
        chunks = Chunks(
            self.plan, self.store, self.segments, self.row_length, pending=self.pending, failures=self.failures
        )
        self.report(
            {
                "event": "start", "scenarios": len(self.plan.scenarios), "lifetimes": self.plan.lifetimes,
                "to_play": chunks.total, "chunks": len(self.pending), "dashboard": where.dashboard,
            }
        )  # fmt: skip
        for task, played in where.play(chunks.tasks(where.packers), self.plan.shared):
            is_written = chunks.take(task, played)
            self.played = chunks.played
            self.report({"event": "chunk" if is_written else "task", "done": self.played, "to_play": chunks.total})

    # -- after

    def name_variables(self, threads):
        """Derive and write the named variables unless they stand there, whole, and nothing was played."""
        listed = [self.failures[key] for key in sorted(self.failures)]
        if self.store.state["finished"] and not self.played and self.store.named_are_whole():
            return
        self.report({"event": "naming", "scenarios": len(self.plan.scenarios)})
        self.store.set_state(failures=listed, finished=False)
        self.raw.failed = set(self.failures)
        attributes = {**self._attributes, STATE: {**self._state(), "failures": listed, "finished": True}}
        write_named(self.store, self.plan, self.raw, study=self.study, attributes=attributes, threads=threads)

    def summary(self, seconds):
        """What was done."""
        listed = [self.failures[key] for key in sorted(self.failures)]
        found = Summary(len(self.plan.scenarios), self.plan.lifetimes, self.played, self.damaged, listed, seconds)
        self.report({"event": "done", **found._asdict()})
        return found


class _nobody:
    """No engine, where nothing is to be played."""

    dashboard = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
