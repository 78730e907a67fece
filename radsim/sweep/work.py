"""Plays units: the same code in a thread, in a Dask worker, anywhere."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from radsim.engine import ThreadWorkspace
from radsim.kernel.tables import BLOCK_SIZE
from radsim.sweep.enrolment import Enrolment
from radsim.sweep.units import PLAYS_SIDE_BY_SIDE, row_form

STUDIES_KEPT = 2 * PLAYS_SIDE_BY_SIDE
"""By each worker."""


class Job(NamedTuple):
    """A unit with what it takes to play it.

    Attributes
    ----------
    key : hashable
        Jobs with the same key have equal configurations and as many batches.
    config : Config
        With the schedules of the play.
    draw, first, last : int
        Parameter draw, first patient, and one after the last.
    n_patients : int
        Of the scenario; patients beyond are not played.
    n_batches : int
        Batches of patients in a row.
    """

    key: object
    config: object
    draw: int
    first: int
    last: int
    n_patients: int
    n_batches: int


class Task(NamedTuple):
    """Some units of a chunk, or all.

    Attributes
    ----------
    segment, chunk : int
        Number of the segment, and of the chunk in it.
    units : list of int
        Numbers of the units in the segment.
    places : list of int
        Their rows in the chunk.
    jobs : list of Job
    rows : list of int64 array, or None for a whole chunk
        Where the sums belong; an engine of this process fills them, others bring rows of their own.
    shape : tuple of int
        Rows of a chunk, and integers of a row.
    whole : bool
        Whether the task is all of a chunk, to be packed by whoever plays it.
    """

    segment: int
    chunk: int
    units: list
    places: list
    jobs: list
    rows: list | None
    shape: tuple
    whole: bool


class Played(NamedTuple):
    """What came of a task: a row for each of its jobs, or the chunk that they make, packed.

    Attributes
    ----------
    rows : sequence of int64 array, or None
    packed : bytes or None
    failures : list of Failure
    """

    rows: object
    packed: bytes | None
    failures: list


class Failure(NamedTuple):
    """Why a unit could not be played; ``block`` is None if it failed before the first block."""

    position: int
    block: int | None
    reason: str


class Worker:
    """Plays jobs one after another, keeping what the next may share: studies, patients, and the workspace they are played at."""

    def __init__(self, shared):
        self.shared, self.enrolment = shared, Enrolment()
        self._at_hand = OrderedDict()
        self._last = self._form = None
        self._chunk = np.empty((0, 0), np.int64)

    def play(self, job, row):
        """Put the sums of a job into a row.

        Raises
        ------
        Exception
            Whatever went wrong, with the attribute ``block`` if it did so in a block.
        """
        study, workspace, sums = self._ready(job)
        seed, draw = study.config.seed, job.draw
        cohort, protocol, parameters = study.tables_of(draw)
        sums[:] = 0
        for first, n in pieces(job.first, min(job.last, job.n_patients)):
            try:
                enrolled = self.enrolment.of(cohort, seed, draw, first, n)
                workspace.simulate(seed, draw, first, enrolled, protocol, parameters)
            except Exception as error:
                error.block = first // BLOCK_SIZE
                raise
        row[:] = sums

    def chunk(self, shape):
        """Rows for a chunk, with anything in them; the same memory each time, as new memory costs more than what is put there."""
        if self._chunk.shape != shape:
            self._chunk = np.empty(shape, np.int64)
        return self._chunk

    def _ready(self, job):
        """The study of a job, a workspace to play it at, and the row that its sums are."""
        if job.key not in self._at_hand:
            self._last = self.shared.study(job.config, like=self._last)
            self._at_hand[job.key] = self._last, *self._room(self._last, job.n_batches)
            if len(self._at_hand) > STUDIES_KEPT:
                self._at_hand.popitem(last=False)
        return self._at_hand[job.key]

    def _room(self, study, n_batches):
        """Where the lives of a study are played and added up: in the cache, from one job to the next that has as many sums."""
        form = row_form(study, n_batches)
        if form != self._form:
            sums = np.zeros(form.length, np.int64)
            self._form, self._workspace = form, (ThreadWorkspace(study, form.sums(sums)), sums)
        return self._workspace


def pieces(first, last):
    """Cut patients ``first`` … ``last - 1`` where blocks end: first patient, and how many."""
    found = []
    while first < last:
        end = min(last, (first // BLOCK_SIZE + 1) * BLOCK_SIZE)
        found.append((first, end - first))
        first = end
    return found


def play_jobs(jobs, rows, worker):
    """Play some jobs.

    Parameters
    ----------
    jobs : sequence of Job
    rows : sequence of int64 array
        A row for each job: its sums, or left as it is if the job fails.
    worker : Worker

    Returns
    -------
    list of Failure
    """
    failures = []
    for i, (job, row) in enumerate(zip(jobs, rows, strict=True)):
        try:
            worker.play(job, row)
        except Exception as error:  # one scenario must not stop the others; the reason is kept
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
            failures.append(Failure(i, getattr(error, "block", None), reason[:500]))
    return failures


_here = threading.local()


def thread_worker(shared):
    """The `Worker` of this thread for some shared tables."""
    if getattr(_here, "shared", None) is not shared:
        _here.shared, _here.worker = shared, Worker(shared)
    return _here.worker
