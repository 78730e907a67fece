"""A sweep from its plan to its store: what is missing is played, whatever happened before."""

from __future__ import annotations

import time
from functools import cached_property
from typing import NamedTuple

import numpy as np

from radsim.sweep.compatible import refuse_other_plan, refuse_other_version
from radsim.sweep.coverage import missing_segments
from radsim.sweep.derive import root_attributes
from radsim.sweep.design import load_design
from radsim.sweep.engines import Task, check_choice, engine
from radsim.sweep.named import write_named
from radsim.sweep.plan import make_plan
from radsim.sweep.raw import RawSums
from radsim.sweep.store import STATE, STATE_VERSION, Store
from radsim.sweep.units import CHUNK_LIVES, PLAYS_SIDE_BY_SIDE
from radsim.sweep.work import Job

TASK_LIVES = CHUNK_LIVES // 16
"""Lives of a task: what a killed worker loses, and long against the handing over."""


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
        self._configurations = {}

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
            self.store.add_segment(segment, self.row_length(len(segment.plays[0].schedules)))
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
            "failures": [],
            "finished": False,
        }

    def row_length(self, n_schedules):
        """Integers in the raw sums of some schedules."""
        return self.raw.form(n_schedules).length

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
        self.total = sum(self._lives(number, unit) for (number, _), units in self.pending.items() for unit in units)
        self.report(
            {
                "event": "start", "scenarios": len(self.plan.scenarios), "lifetimes": self.plan.lifetimes,
                "to_play": self.total, "chunks": len(self.pending), "dashboard": where.dashboard,
            }
        )  # fmt: skip
        self.rows, self.left, self.healed, self.spare = {}, {}, {}, {}
        for task, rows, failures in where.play(self._tasks(), self.plan.shared):
            self._take(task, rows, failures)

    def _lives(self, number, unit):
        play, _, first, last = self.segments[number].unit(unit)
        n_patients = self.plan.first_of_key[play.key].n_patients
        return len(play.schedules) * max(0, min(last, n_patients) - first)

    def _tasks(self):
        """Tasks of every pending chunk, made when they are asked for."""
        for (number, c), units in self.pending.items():
            segment = self.segments[number]
            length = self.raw.form(len(segment.plays[0].schedules)).length
            rows = self._rows_before((number, c), length)
            self.rows[number, c] = rows
            self.left[number, c] = len(units)
            for part in self._parts(number, segment.in_turn(units)):
                jobs = [self._job(segment.unit(unit)) for unit in part]
                start = segment.chunk(c).start
                yield Task(number, c, part, jobs, [rows[unit - start] for unit in part])

    def _parts(self, number, units):
        """Cut units into tasks of about `TASK_LIVES`."""
        part, lives = [], 0
        for unit in units:
            part.append(unit)
            lives += self._lives(number, unit)
            if lives >= TASK_LIVES:
                yield part
                part, lives = [], 0
        if part:
            yield part

    def _job(self, unit):
        scenario = self.plan.first_of_key[unit.play.key]
        key, config = self._configuration(unit.play)
        return Job(key, config, unit.draw, unit.first, unit.last, scenario.n_patients)

    def _configuration(self, play):
        """Configuration of a play, and a key for it."""
        key = *play, self.plan.base.draws
        if key not in self._configurations:
            if len(self._configurations) >= 2 * PLAYS_SIDE_BY_SIDE:
                del self._configurations[next(iter(self._configurations))]
            self._configurations[key] = self.plan.config(self.plan.first_of_key[play.key], play.schedules)
        return key, self._configurations[key]

    def _take(self, task, rows, failures):
        """Put what a task gives into its chunk, and write the chunk when nothing of it is missing."""
        place = task.segment, task.chunk
        failed = {task.units[f.position]: f for f in failures if f.position >= 0}
        if rows is None:
            failed = {unit: failures[0] for unit in task.units}
        for i, (unit, row) in enumerate(zip(task.units, task.rows, strict=True)):
            if unit in failed:
                row[:] = 0
            elif rows is not task.rows:
                row[:] = rows[i]
            self._note(place, unit, failed.get(unit))
        self.left[place] -= len(task.units)
        self.played += sum(self._lives(task.segment, unit) for unit in task.units)
        if not self.left[place]:
            self._write(place)
        self.report(
            {"event": "chunk" if not self.left.get(place) else "task", "done": self.played, "to_play": self.total}
        )

    def _rows_before(self, place, length):
        """The rows of a chunk: as stored where only what failed is played again, else with nothing in them yet."""
        number, c = place
        segment = self.segments[number]
        if len(self.pending[place]) < len(segment.chunk(c)):
            return np.array(self.store.read_chunk(number, segment, c))
        shape = segment.chunk_units, length
        room = self.spare.pop(shape, None)  # new memory costs more than compressing what is put there
        return (np.empty(shape, np.int64) if room is None else room)[: len(segment.chunk(c))]

    def _note(self, place, unit, failure):
        """Keep why a unit failed; one that did not is forgotten once its sums are written."""
        number, _ = place
        if failure is None:
            self.healed.setdefault(place, []).append((number, unit))
            return
        play, draw, _, _ = self.segments[number].unit(unit)
        scenarios = [scenario.index for scenario in self.plan.scenarios if scenario.key == play.key]
        self.failures[number, unit] = {
            "segment": number, "unit": unit, "scenario": scenarios[0], "scenarios": scenarios, "draw": draw,
            "block": failure.block, "reason": failure.reason,
        }  # fmt: skip

    def _write(self, place):
        """Write a whole chunk; failures in it are on record before it is, and only then forgotten."""
        number, c = place
        listed = [self.failures[key] for key in sorted(self.failures)]
        if listed != self.store.state["failures"] and any(f["segment"] == number for f in listed):
            self.store.set_state(failures=listed, finished=False)
        rows = self.rows.pop(place)
        self.store.write_chunk(number, self.segments[number], c, rows)
        if rows.base is not None:
            self.spare[rows.base.shape] = rows.base
        del self.left[place]
        for key in self.healed.pop(place, []):
            self.failures.pop(key, None)

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
