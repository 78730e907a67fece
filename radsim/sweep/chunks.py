"""Chunks of raw sums: cut into tasks, put together from the results, and written as soon as they are complete."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radsim.kernel.tables import BLOCK_SIZE
from radsim.sums import n_batches
from radsim.sweep.raw import CHUNK_TRAJECTORIES, MISSING
from radsim.sweep.work import COURSES_SIDE_BY_SIDE, STUDIES_KEPT, Failure, Job

TASKS_A_CHUNK = 16
"""So that there is work for every processor; a task is still long against handing it over."""


class Pending(NamedTuple):
    """What is missing of a chunk.

    Attributes
    ----------
    name : str
        Of its array.
    place : tuple of int
        Of the chunk along courses and draws.
    units : list of (int, int)
        Course and draw in the chunk.
    """

    name: str
    place: tuple
    units: list


class Task(NamedTuple):
    """Some jobs of a chunk.

    Attributes
    ----------
    chunk : int
        Number in the list of pending ones.
    units : list of (int, int)
        Course and draw in the chunk, of each job.
    jobs : list of Job
    rows : list of int64 array or None
        Where the sums of each job belong; None for a job that does not have all patients of its unit.
    """

    chunk: int
    units: list
    jobs: list
    rows: list


def find_pending(arrays):
    """What is missing of each chunk, and how many chunks were damaged: these are removed. Every chunk is read for that."""
    pending, n_damaged = [], 0
    for name, array in arrays.items():
        for place in array.places():
            rows = array.read(place)
            if rows is None:
                n_damaged += 1
                array.file(place).unlink()
                rows = array.read(place)
            if len(units := np.argwhere(rows[:, :, 0] == MISSING)):
                pending.append(Pending(name, place, [tuple(map(int, unit)) for unit in units]))
    return pending, n_damaged


class Chunks:
    """Chunks to simulate.

    Parameters
    ----------
    plan : Plan
    arrays : dict of str to RawArray
    pending : list of Pending
    chunk_trajectories : int

    Attributes
    ----------
    total, done : int
        Trajectories to simulate, and those simulated so far.
    failures : dict of (str, int) to Failure
        By course and draw, what could not be simulated.
    """

    def __init__(self, plan, arrays, pending, *, chunk_trajectories=CHUNK_TRAJECTORIES):
        self.plan, self.arrays, self.pending = plan, arrays, pending
        self.task_trajectories = chunk_trajectories // TASKS_A_CHUNK
        self.done, self.failures = 0, {}
        self.total = sum(self._trajectories(self._course(one, unit)) for one in pending for unit in one.units)
        self._rows, self._left = {}, {}
        self._config = lru_cache(STUDIES_KEPT)(plan.config_of_course)

    def _course(self, one, unit):
        array = self.arrays[one.name]
        return self.plan.course_by_id[array.courses[one.place[0] * array.array.chunks[0] + unit[0]]]

    @staticmethod
    def _trajectories(course):
        return course.n_patients * len(course.schedules)

    def tasks(self):
        """Tasks of every chunk, made when they are asked for."""
        for number, one in enumerate(self.pending):
            rows = self._rows[number] = self.arrays[one.name].read(one.place)
            tasks = list(self._tasks(number, one, rows))
            self._left[number] = len(tasks)
            yield from tasks

    def _tasks(self, number, one, rows):
        """Tasks of a chunk: courses side by side, in them draws, in them parts of the patients."""
        task, trajectories = Task(number, [], [], []), 0
        for unit in sorted(one.units, key=lambda unit: (unit[0] // COURSES_SIDE_BY_SIDE, unit[1], unit[0])):
            for job in self._jobs(one, unit):
                is_whole = (job.first, job.last) == (0, self._course(one, unit).n_patients)
                task.units.append(unit)
                task.jobs.append(job)
                task.rows.append(rows[unit] if is_whole else None)
                trajectories += (job.last - job.first) * len(job.config.schedules)
                if trajectories >= self.task_trajectories:
                    yield task
                    task, trajectories = Task(number, [], [], []), 0
        if task.jobs:
            yield task

    def _jobs(self, one, unit):
        course = self._course(one, unit)
        draw = one.place[1] * self.arrays[one.name].array.chunks[1] + unit[1]
        key, config, batches = (course.id, self.plan.base.draws), self._config(course.id), n_batches(course.n_patients)
        step = max(1, self.task_trajectories // len(course.schedules) // BLOCK_SIZE) * BLOCK_SIZE
        for first in range(0, course.n_patients, step):
            yield Job(key, config, draw, first, min(first + step, course.n_patients), batches)

    def take(self, task, results):
        """Put results into their chunk, and write the chunk when nothing of it is pending.

        Returns
        -------
        bool
            Whether it was written.
        """
        one, rows = self.pending[task.chunk], self._rows[task.chunk]
        for unit, job, result in zip(task.units, task.jobs, results, strict=True):
            self.done += (job.last - job.first) * len(job.config.schedules)
            if isinstance(result, Failure):
                self.failures.setdefault((self._course(one, unit).id, job.draw), result)
            elif rows[unit][0] == MISSING:
                rows[unit] = result
            elif not np.may_share_memory(rows, result):  # another part of the patients
                rows[unit] += result
        self._left[task.chunk] -= 1
        if self._left[task.chunk]:
            return False
        self._write(one, self._rows.pop(task.chunk))
        return True

    def _write(self, one, rows):
        """Write a chunk, without what failed: parts of a unit, if others of them did not."""
        array = self.arrays[one.name]
        for unit in one.units:
            draw = one.place[1] * array.array.chunks[1] + unit[1]
            if (self._course(one, unit).id, draw) in self.failures:
                rows[unit] = MISSING
        array.write(one.place, rows)
