"""Kernel and yardstick in turns of some milliseconds, so that a noisy machine slows both equally.

The processor time of a slice does not see other programs that take the processor away, and what they do to caches and clock rates hits
neighbouring slices equally: each slice of the kernel is divided by the two slices of the yardstick around it. Measured beside other work on a shared machine of two processors, single ratios scatter by 3–7 % in processor
time and by 10–45 % in wall time.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from radsim.bench import bare, bare_vector, workload

CALLS_A_THREAD = 26
"""Calls of the yardstick in a slice, per thread: half as long as a slice of the kernel, which lies between two of them."""

CALLS_A_TASK = 2
WARM_UP = 2  # slices of each kind that do not count
WALL, PROCESSOR = 0, 1
BARE_SEED = 20260101


class Slices:
    """Times of slices in turns: yardstick, kernel, yardstick, … yardstick.

    Attributes
    ----------
    kernel : array, shape (slice, 2)
        Wall and processor time of each slice of the kernel, per lifetime. [s]
    bare : array, shape (slice + 1, 2)
        The same of the yardstick.
    """

    def __init__(self, kernel, bare):
        self.kernel = kernel
        self.bare = bare

    def ratios(self, clock):
        """Kernel over the yardstick around it, by one of the clocks, shape (slice,). [1]"""
        return self.kernel[:, clock] / ((self.bare[:-1, clock] + self.bare[1:, clock]) / 2)


def measure_slices(n_threads, n_slices, progress=None, kind=None):
    """Simulate with the kernel and the yardstick in turns.

    Parameters
    ----------
    n_threads : int
        Threads that each of them uses.
    n_slices : int
        Slices of the kernel.
    progress : callable, optional
        Called after each slice, without arguments.
    kind : str, optional
        One of `workload.KINDS`.

    Returns
    -------
    Slices
    """
    from radsim import engine

    study = workload.speed_study(n_threads, kind)
    kernel, yard = [], []
    with ThreadPoolExecutor(n_threads) as pool:

        def simulate():
            engine.simulate(study, threads=n_threads)

        def yardstick():
            simulate_bare(pool, n_threads)

        for _ in range(WARM_UP):
            simulate(), yardstick()
        yard.append(_timed(yardstick))
        for _ in range(n_slices):
            kernel.append(_timed(simulate))
            yard.append(_timed(yardstick))
            if progress is not None:
                progress()
    return Slices(
        np.array(kernel) / workload.n_trajectories(n_threads, kind), np.array(yard) / n_bare_trajectories(n_threads)
    )


def simulate_bare(pool, n_threads):
    """One slice of the yardstick on a pool of threads."""

    def task(start):
        for call in range(start, start + CALLS_A_TASK):
            bare.bare_lives(BARE_SEED, call * bare.LIVES_PER_CALL, bare.LIVES_PER_CALL)

    list(pool.map(task, range(0, CALLS_A_THREAD * n_threads, CALLS_A_TASK)))


def measure_vector_yardstick(n_slices, progress=None):
    """The yardstick in vector code over the yardstick, in turns on one thread, shape (slice,). [1]

    Parameters
    ----------
    n_slices : int
    progress : callable, optional
        Called after each slice, without arguments.
    """

    def slice_of(yardstick):
        for call in range(CALLS_A_THREAD):
            yardstick.bare_lives(BARE_SEED, call * bare.LIVES_PER_CALL, bare.LIVES_PER_CALL)

    found = []
    for _ in range(WARM_UP + n_slices):
        found.append([_timed(partial(slice_of, each))[PROCESSOR] for each in (bare_vector, bare)])
        if progress is not None and len(found) > WARM_UP:
            progress()
    in_vector_code, one_by_one = np.array(found[WARM_UP:]).T
    return in_vector_code / one_by_one


def n_bare_trajectories(n_threads):
    """Trajectories of one slice of the yardstick. [1]"""
    return CALLS_A_THREAD * n_threads * bare.LIVES_PER_CALL


def summary(values):
    """Median, quantiles and spread of some values.

    Returns
    -------
    dict
        ``median``, ``q05``, ``q25``, ``q75``, ``q95`` and ``spread``: half the distance of the quartiles over the median. [1]
    """
    q05, q25, median, q75, q95 = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
    return {
        "median": median, "q05": q05, "q25": q25, "q75": q75, "q95": q95, "spread": (q75 - q25) / 2 / median,
        "n": len(values),
    }  # fmt: skip


def _timed(call):
    """Wall and processor time of a call. [s]"""
    wall, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - processor
