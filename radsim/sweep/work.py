"""Plays units: the same code in a thread, in a Dask worker, anywhere."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from radsim.engine import N_BATCHES
from radsim.kernel.block import BLOCK_SIZE, play_block, workspace
from radsim.kernel.tally import Sums
from radsim.sweep.units import row_form


class Job(NamedTuple):
    """A unit with what it takes to play it.

    Attributes
    ----------
    config : Config
        With the schedules of the play.
    draw, first, last : int
        Parameter draw, first patient, and one after the last.
    n_patients : int
        Of the scenario; patients beyond are not played.
    """

    config: object
    draw: int
    first: int
    last: int
    n_patients: int


class Failure(NamedTuple):
    """Why a unit could not be played; ``block`` is None if it failed before the first block."""

    position: int
    block: int | None
    reason: str


class Worker:
    """Plays jobs one after another, keeping the study and the workspace of the job before if they fit."""

    def __init__(self, shared):
        self.shared = shared
        self.config = self.study = None

    def play(self, job, row):
        """Put the sums of a job into a row.

        Raises
        ------
        Exception
            Whatever went wrong, with the attribute ``block`` if it did so in a block.
        """
        study = self._study(job.config)
        tables = study.tables_of(job.draw)
        self.row[:] = 0
        for block, first, n in pieces(job.first, min(job.last, job.n_patients)):
            try:
                play_block(study.config.seed, job.draw, first, n, *tables, self.work, self.by_batch[block % N_BATCHES])
            except Exception as error:
                error.block = block
                raise
        row[:] = self.row

    def _study(self, config):
        if config is not self.config and config != self.config:
            study = self.shared.study(config, like=self.study)
            if self.study is None or study.outline is not self.study.outline:
                self._make_room(study)
            self.config, self.study = config, study
        return self.study

    def _make_room(self, study):
        """Where the lives of a study are played and added up: in the cache, from one job to the next."""
        self.work = workspace(len(study.visits_weeks), len(study.times_days), len(study.period_ends))
        form = row_form(study)
        self.row = np.zeros(form.length, np.int64)
        sums = form.sums(self.row)
        self.by_batch = [Sums(*(array[batch % len(array)] for array in sums)) for batch in range(N_BATCHES)]


def pieces(first, last):
    """Cut patients ``first`` … ``last - 1`` where blocks end: block, first patient, and how many."""
    found = []
    while first < last:
        block = first // BLOCK_SIZE
        end = min(last, (block + 1) * BLOCK_SIZE)
        found.append((block, first, end - first))
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
