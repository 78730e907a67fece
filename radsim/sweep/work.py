"""Simulates jobs: the same code in a thread, in a Dask worker, anywhere."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from radsim.engine import ThreadWorkspace
from radsim.kernel.tables import BLOCK_SIZE
from radsim.native import packed
from radsim.sweep.enrolment import Enrolment
from radsim.sweep.raw import row_form

COURSES_SIDE_BY_SIDE = 16
"""Courses that go through draws and patients together: those of one cohort then enrol them once."""

STUDIES_KEPT = 2 * COURSES_SIDE_BY_SIDE
"""By each worker."""


class Job(NamedTuple):
    """Some patients of a course in one draw.

    Attributes
    ----------
    key : hashable
        Jobs with the same key have equal configurations and as many batches.
    config : Config
        With the schedules of the course.
    draw, first, last : int
        Parameter draw, first patient, and one after the last.
    n_batches : int
        Batches of patients in a row.
    """

    key: object
    config: object
    draw: int
    first: int
    last: int
    n_batches: int


class Failure(NamedTuple):
    """Why a job could not be simulated; ``block`` is None if it failed before the first block."""

    block: int | None
    reason: str


class Worker:
    """Simulates jobs one after another, keeping what the next may share: studies, patients, and the workspace."""

    def __init__(self, shared):
        self.shared, self.enrolment = shared, Enrolment()
        self._ready = OrderedDict()
        self._last = self._form = None

    def simulate(self, job):
        """Sums of a job, a row that the next one overwrites.

        Raises
        ------
        Exception
            Whatever went wrong, with the attribute ``block`` if it did so in a block.
        """
        study, workspace, sums = self._study(job)
        seed, draw = study.config.seed, job.draw
        cohort, protocol, parameters = study.tables_of(draw)
        tables = packed(cohort), packed(protocol), parameters
        sums[:] = 0
        for first in range(job.first, job.last, BLOCK_SIZE):  # a job begins where a block does
            try:
                n = min(BLOCK_SIZE, job.last - first)
                workspace.simulate(seed, draw, first, n, tables, self.enrolment.of(tables[0], seed, draw, first, n))
            except Exception as error:
                error.block = first // BLOCK_SIZE
                raise
        return sums

    def _study(self, job):
        """The study of a job, a workspace for it, and the row that its sums are."""
        if job.key not in self._ready:
            self._last = self.shared.study(job.config, like=self._last)
            self._ready[job.key] = self._last, *self._workspace_for(self._last, job.n_batches)
            if len(self._ready) > STUDIES_KEPT:
                self._ready.popitem(last=False)
        return self._ready[job.key]

    def _workspace_for(self, study, n_batches):
        """A workspace and its sums: the same, and so in the processor's cache, as long as studies have as many sums."""
        form = row_form(study, n_batches)
        if form != self._form:
            sums = np.zeros(form.length, np.int64)
            self._form, self._workspace = form, (ThreadWorkspace(study, form.sums(sums)), sums)
        return self._workspace


def simulate_jobs(jobs, rows, worker):
    """Simulate some jobs.

    Parameters
    ----------
    jobs : sequence of Job
    rows : sequence of int64 array or None
        Where to put the sums of each job; new memory for None.
    worker : Worker

    Returns
    -------
    list of int64 array or Failure
        The sums of each job. Where it failed its row is left as it was.
    """
    found = []
    for job, row in zip(jobs, rows, strict=True):
        try:
            sums = worker.simulate(job)
        except Exception as error:  # one scenario must not stop the others; the reason is kept
            found.append(Failure(getattr(error, "block", None), in_a_line(error)))
            continue
        row = np.empty_like(sums) if row is None else row
        row[:] = sums
        found.append(row)
    return found


def in_a_line(error):
    """Kind and text of an error."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]


_here = threading.local()


def thread_worker(shared):
    """The `Worker` of this thread for some shared tables."""
    if getattr(_here, "shared", None) is not shared:
        _here.shared, _here.worker = shared, Worker(shared)
    return _here.worker
