"""How long a sweep will take: measured on a little of it."""

from __future__ import annotations

import time

import numpy as np

from radsim.engine import n_batches
from radsim.engine import n_threads as processors
from radsim.sweep.engines import Threads, warm_up
from radsim.sweep.units import row_form
from radsim.sweep.work import Job, Task

PATIENTS = 2048
SECONDS = 0.5
"""Calibration goes on for about so long after the first patients."""


def estimate(plan, *, threads=None):
    """Time to play a plan.

    Parameters
    ----------
    plan : Plan
    threads : int, optional
        Threads, or workers; all processors by default.

    Returns
    -------
    seconds : float
        Without compilation, and without the time to name the variables. [s]
    rate : float
        Lives a second. [s-1]
    threads : int
    """
    warm_up()
    threads = processors(threads)
    place = Threads(threads)
    rates = []
    first, spent = 0, 0.0
    while spent < SECONDS and len(rates) < 50:
        started = time.perf_counter()
        lives = _play(plan, place, first, threads)
        rates.append((lives, time.perf_counter() - started))
        spent += rates[-1][1]
        first += threads
    lives, seconds = (sum(column) for column in zip(*rates, strict=True))
    rate = lives / seconds
    return plan.lifetimes / rate, rate, threads


def _play(plan, place, first, count):
    """Play some patients of some scenarios; returns lives."""
    tasks, lives = [], 0
    for i in range(first, first + count):
        scenario = plan.scenarios[i % len(plan.scenarios)]
        config = plan.config(scenario)
        n = min(PATIENTS, scenario.n_patients)
        batches = n_batches(n)
        length = row_form(plan.shared.dimensions(config), batches).length
        row = np.zeros(length, np.int64)
        job = Job(scenario.index, config, 0, 0, n, scenario.n_patients, batches)
        tasks.append(Task(0, 0, [0], [0], [job], [row], (1, length), whole=False))
        lives += n * len(scenario.schedules)
    for _ in place.play(tasks, plan.shared):
        pass
    return lives
