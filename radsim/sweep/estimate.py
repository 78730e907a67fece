"""How long a sweep will take: measured on a small part of it."""

from __future__ import annotations

import time

from radsim.engine import n_threads as processors
from radsim.sums import n_batches
from radsim.sweep.chunks import Task
from radsim.sweep.engines import Threads, warm_up
from radsim.sweep.work import Job

PATIENTS = 4096
DRAWS = 16
"""At most so many of a scenario are simulated; what a scenario costs by itself then counts for a little more than it will."""

SECONDS = 0.5
MOST_SCENARIOS = 200
"""After so long, or so many, the measurement ends."""


def estimate(plan, *, threads=None):
    """Time to simulate a plan.

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
        Trajectories a second. [s-1]
    threads : int
    """
    warm_up()
    threads = processors(threads)
    trajectories, started = 0, time.perf_counter()
    for task, _ in Threads(threads).simulate(_some_of(plan, until=started + SECONDS), plan.shared):
        trajectories += sum((job.last - job.first) * len(job.config.schedules) for job in task.jobs)
    rate = trajectories / (time.perf_counter() - started)
    return plan.trajectories / rate, rate, threads


def _some_of(plan, until):
    """Tasks of some patients and draws of one scenario after the other, until a time."""
    for i in range(MOST_SCENARIOS):
        if i and time.perf_counter() > until:
            return
        scenario = plan.scenarios[i % len(plan.scenarios)]
        config, n = plan.config(scenario), min(PATIENTS, scenario.n_patients)
        draws, batches = range(min(DRAWS, plan.n_draws)), n_batches(scenario.n_patients)
        jobs = [Job(i, config, draw, 0, n, batches) for draw in draws]
        yield Task(0, list(draws), jobs, [None] * len(jobs))
