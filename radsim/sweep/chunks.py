"""Chunks of raw sums in the making: cut into tasks, put together from what the tasks give, written as soon as they are whole."""

from __future__ import annotations

import numpy as np

from radsim.sweep.units import CHUNK_LIVES
from radsim.sweep.work import STUDIES_KEPT, Job, Task

TASK_LIVES = CHUNK_LIVES // 16
"""Lives of a task that is less than a chunk: long against the handing over."""

CHUNKS_CUT = 2
"""For each worker that would pack chunks, so many of the last are cut into tasks, so that none waits long for another."""


class Chunks:
    """Chunks to play.

    Parameters
    ----------
    plan : Plan
    store : Store
    segments : list of Segment
    row_length : callable
        From numbers of schedules and batches to the integers in a row.
    pending : dict of (int, int) to list of int
        Units to play by segment and chunk.
    failures : dict of (int, int) to dict
        What is on record of units that failed, by segment and unit; kept up to date.
    """

    def __init__(self, plan, store, segments, row_length, *, pending, failures):
        self.plan, self.store, self.segments, self.row_length = plan, store, segments, row_length
        self.pending, self.failures = pending, failures
        self.total = sum(self._lives(number, unit) for (number, _), units in pending.items() for unit in units)
        self.played = 0
        self._rows, self._left, self._healed, self._spare, self._configurations = {}, {}, {}, {}, {}

    def _lives(self, number, unit):
        play, _, first, last = self.segments[number].unit(unit)
        n_patients = self.plan.first_of_key[play.key].n_patients
        return len(play.schedules) * max(0, min(last, n_patients) - first)

    # -- handed out

    def tasks(self, packers=0):
        """Tasks of every chunk, made when they are asked for.

        Parameters
        ----------
        packers : int
            Workers that pack the chunks they are given whole.
        """
        for i, ((number, c), units) in enumerate(self.pending.items()):
            segment = self.segments[number]
            self._left[number, c] = len(units)
            units = segment.in_turn(units)
            all_of_it = len(units) == len(segment.chunk(c))
            if packers and all_of_it and i < len(self.pending) - CHUNKS_CUT * packers:
                yield self._task((number, c), units, None, whole=True)
                continue
            rows = self._rows[number, c] = self._rows_before((number, c))
            for part in self._parts(number, units):
                yield self._task((number, c), part, rows, whole=False)

    def _task(self, place, units, rows, *, whole):
        number, c = place
        segment = self.segments[number]
        places = [unit - segment.chunk(c).start for unit in units]
        targets = None if whole else [rows[i] for i in places]
        jobs = [self._job(segment.unit(unit), segment.n_batches) for unit in units]
        return Task(number, c, units, places, jobs, targets, self._shape(number), whole)

    def _shape(self, number):
        segment = self.segments[number]
        return segment.chunk_units, self.row_length(segment.n_schedules, segment.n_batches)

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

    def _job(self, unit, n_batches):
        scenario = self.plan.first_of_key[unit.play.key]
        key, config = self._configuration(unit.play)
        return Job((*key, n_batches), config, unit.draw, unit.first, unit.last, scenario.n_patients, n_batches)

    def _configuration(self, play):
        """Configuration of a play, and a key for it."""
        key = *play, self.plan.base.draws
        if key not in self._configurations:
            if len(self._configurations) >= STUDIES_KEPT:
                del self._configurations[next(iter(self._configurations))]
            self._configurations[key] = self.plan.config(self.plan.first_of_key[play.key], play.schedules)
        return key, self._configurations[key]

    def _rows_before(self, place):
        """The rows of a chunk: as stored where only what failed is played again, else with nothing in them yet."""
        number, c = place
        segment = self.segments[number]
        if len(self.pending[place]) < len(segment.chunk(c)):
            return np.array(self.store.read_chunk(number, segment, c))
        shape = self._shape(number)
        room = self._spare.pop(shape, None)  # new memory costs more than compressing what is put there
        return (np.empty(shape, np.int64) if room is None else room)[: len(segment.chunk(c))]

    # -- taken back

    def take(self, task, played):
        """Put what a task gives into its chunk, and write the chunk when nothing of it is missing.

        Returns
        -------
        bool
            Whether it was.
        """
        place = task.segment, task.chunk
        failed = {task.units[failure.position]: failure for failure in played.failures}
        for unit in task.units:
            self._note(place, unit, failed.get(unit))
        self._left[place] -= len(task.units)
        self.played += sum(self._lives(task.segment, unit) for unit in task.units)
        if played.packed is not None:
            self._write(place, self.store.write_packed, played.packed)
            return True
        if task.whole:
            self._rows[place] = self._rows_before(place)
        rows = self._rows[place]
        for i, (unit, at) in enumerate(zip(task.units, task.places, strict=True)):
            if unit in failed:
                rows[at] = 0
            elif played.rows is not task.rows:
                rows[at] = played.rows[i]
        if self._left[place]:
            return False
        self._write(place, self.store.write_chunk, self._rows.pop(place), self.segments[task.segment].chunk_units)
        if rows.base is not None:
            self._spare[rows.base.shape] = rows.base
        return True

    def _note(self, place, unit, failure):
        """Keep why a unit failed; one that did not is forgotten once its sums are written."""
        number, _ = place
        if failure is None:
            self._healed.setdefault(place, []).append((number, unit))
            return
        play, draw, _, _ = self.segments[number].unit(unit)
        scenarios = [scenario.index for scenario in self.plan.scenarios if scenario.key == play.key]
        self.failures[number, unit] = {
            "segment": number, "unit": unit, "scenario": scenarios[0], "scenarios": scenarios, "draw": draw,
            "block": failure.block, "reason": failure.reason,
        }  # fmt: skip

    def _write(self, place, write, *content):
        """Write a whole chunk; failures in it are on record before it is, and only then forgotten."""
        number, _ = place
        listed = [self.failures[key] for key in sorted(self.failures)]
        if listed != self.store.state["failures"] and any(f["segment"] == number for f in listed):
            self.store.set_state(failures=listed, finished=False)
        write(*place, *content)
        del self._left[place]
        for key in self._healed.pop(place, []):
            self.failures.pop(key, None)
