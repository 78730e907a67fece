"""Plays units: the same code in a thread, in a Dask worker, anywhere."""

from __future__ import annotations

import threading
from typing import NamedTuple

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
        self.config = self.study = self.work = self.shape = self.form = None

    def play(self, job, row):
        """Fill a row with the sums of a job.

        Raises
        ------
        Exception
            Whatever went wrong, with the attribute ``block`` if it did so in a block.
        """
        study = self._study(job.config)
        sums = self.form.sums(row)
        tables = study.cohort, study.protocol(job.draw), study.parameters(job.draw)
        by_batch = [Sums(*(array[batch % len(array)] for array in sums)) for batch in range(N_BATCHES)]
        for block, first, n in pieces(job.first, min(job.last, job.n_patients)):
            try:
                play_block(study.config.seed, job.draw, first, n, *tables, self.work, by_batch[block % N_BATCHES])
            except Exception as error:
                error.block = block
                raise

    def _study(self, config):
        if config is not self.config and config != self.config:
            study = self.shared.study(config)
            shape = len(study.visits_weeks), len(study.times_days), len(study.period_ends)
            if shape != self.shape:
                self.work, self.shape = workspace(*shape), shape
            if self.form is None or len(config.schedules) != len(self.config.schedules):
                self.form = row_form(study)
            self.config, self.study = config, study
        return self.study


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
        A row of zeros for each job; filled, or what there is of it if the job fails.
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
