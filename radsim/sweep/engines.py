"""Where tasks are simulated: threads of this process, Dask workers on this machine, or an existing Dask cluster.

An engine takes tasks and gives back their sums, in any order; nothing else depends on which one it is.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from radsim.engine import n_threads
from radsim.extras import require
from radsim.storage import UsageFault
from radsim.sweep.share import Shared
from radsim.sweep.work import Failure, in_a_line, simulate_jobs, thread_worker

TASKS_A_WORKER = 3
"""Tasks handed out at a time: enough that nobody waits, few enough that little is lost."""

SECONDS_TO_CONNECT = 10

GONE = "the Dask scheduler is gone; what was finished is stored, and the same command goes on from there"


class EngineLost(OSError):
    """The cluster went away; what is stored stays, and the same command goes on from there."""


class Threads:
    """Threads of this process."""

    dashboard = None

    def __init__(self, n_threads):
        self.n_threads = n_threads

    def simulate(self, tasks, shared):
        """Yield each task and its results, from `simulate_jobs`, as they finish."""
        pool = ThreadPoolExecutor(self.n_threads, thread_name_prefix="radsim")
        waiting = {}
        try:
            for task in tasks:
                waiting[pool.submit(_simulate_here, task, shared)] = task
                if len(waiting) >= TASKS_A_WORKER * self.n_threads:
                    yield from _finished(waiting)
            while waiting:
                yield from _finished(waiting)
        finally:
            pool.shutdown(cancel_futures=True)


def _simulate_here(task, shared):
    return simulate_jobs(task.jobs, task.rows, thread_worker(shared))


def _finished(waiting):
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in [
        future for future in waiting if future in done
    ]:  # in the order of the chunks: these are complete sooner
        yield waiting.pop(future), future.result()


class Dask:
    """Workers of a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client):
        self.client = client
        self.dashboard = client.dashboard_link or None

    def simulate(self, tasks, shared):
        """Yield each task and its results as they finish.

        Raises
        ------
        EngineLost
            If the scheduler is gone.
        """
        from distributed import as_completed

        cohorts, waiting = shared.from_files(), {}
        queue = as_completed([], loop=self.client.loop)

        def hand_out():
            while len(waiting) < most and (task := next(tasks, None)) is not None:
                future = self._submit(_simulate_remotely, task.jobs, cohorts)
                waiting[future] = task
                queue.add(future)

        most = TASKS_A_WORKER * max(1, sum(self.client.nthreads().values()))
        hand_out()
        for future in queue:
            task = waiting.pop(future)
            yield task, _outcome(future, task)
            hand_out()

    def _submit(self, function, *arguments):
        try:
            return self.client.submit(function, *arguments, pure=False)
        except Exception as error:
            if self.client.status == "running":
                raise
            raise EngineLost(GONE) from error


def _outcome(future, task):
    """Results of a future; a task that kills its workers is a failure of its jobs, not of the sweep."""
    from asyncio import CancelledError

    try:
        return future.result()
    except (CancelledError, OSError) as error:  # of the connection: everything is cancelled when the scheduler goes
        raise EngineLost(GONE) from error
    except Exception as error:
        return [Failure(None, in_a_line(error)) for _ in task.jobs]


_of_this_worker = Shared()


def _simulate_remotely(jobs, cohorts):
    """Simulate jobs in a Dask worker, with what it has kept from earlier ones."""
    _of_this_worker.add(cohorts)
    return simulate_jobs(jobs, [None] * len(jobs), thread_worker(_of_this_worker))


@contextlib.contextmanager
def engine(*, threads=None, workers=None, scheduler=None):
    """The engine asked for: threads unless workers or a scheduler are.

    Parameters
    ----------
    threads : int, optional
        Threads of this process; all processors by default.
    workers : int, optional
        Dask workers, processes of one thread each, on this machine.
    scheduler : str, optional
        Address of an existing Dask scheduler.

    Raises
    ------
    UsageFault
        If Dask is not installed, or if no scheduler answers at the address, or its workers have another version.
    """
    if workers is None and scheduler is None:
        yield Threads(n_threads(threads))
        return
    distributed = require("distributed", extra="dask")
    if scheduler is None:
        warm_up()
        with (
            _calm(),
            distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                host="127.0.0.1",
            ) as cluster,
            distributed.Client(cluster, direct_to_workers=True) as client,  # rows do not pass through the scheduler
        ):
            yield Dask(client)
        return
    with _calm(), _connected(distributed, scheduler) as client:
        _refuse_other_workers(client)
        yield Dask(client)


def check_choice(*, threads, workers, scheduler):
    """Refuse more than one engine at a time, and impossible numbers of threads."""
    if workers is not None and scheduler is not None:
        raise UsageFault(
            "--workers starts a cluster of its own, --scheduler uses one: expected one of them, found both"
        )
    if threads is not None and (workers is not None or scheduler is not None):
        raise UsageFault("--threads is for this process alone: expected no --workers or --scheduler beside it")
    n_threads(threads)
    if workers is not None or scheduler is not None:
        require("distributed", extra="dask")


def warm_up():
    """Compile the model in this process, so that the workers find it compiled and do not all do the same."""
    from radsim.config import load_config
    from radsim.engine import simulate
    from radsim.study import prepare

    simulate(prepare(load_config({"seed": 0, "cohort": {"size": 1}, "schedules": ["8Gy/1"]})), threads=1)


@contextlib.contextmanager
def _calm():
    """Dask without its log on the terminal: radsim reports what matters."""
    import logging

    loggers = [logging.getLogger(name) for name in ("distributed", "bokeh", "tornado")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    yield  # after an error the levels stay: Dask goes on reporting a lost connection in the background
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def _connected(distributed, address):
    try:
        return distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageFault(f"--scheduler {address}: expected a Dask scheduler, found none ({reason})") from None


def fingerprint():
    """Versions that have to be the same for the same bits."""
    import platform

    from radsim import provenance

    return {
        "radsim's sources": provenance.source_digest(),
        **provenance.library_versions(provenance.NUMERIC_LIBRARIES),
        "machine": platform.machine(),
        "system": platform.system(),
    }


def _refuse_other_workers(client):
    """Refuse workers that would not give the same bits as this process."""
    here = fingerprint()
    try:
        found = client.run(fingerprint)
    except Exception as error:  # radsim is missing there, or older than this function
        raise UsageFault(f"--scheduler: expected workers that have this radsim, found: {error}") from None
    if not found:
        raise UsageFault("--scheduler: expected at least one worker, found none")
    lines = [
        f"--scheduler: worker {address}: {name}: expected {here[name]}, found {there.get(name)}"
        for address, there in sorted(found.items())
        for name in here
        if there.get(name) != here[name]
    ]
    if lines:
        raise UsageFault("\n".join(lines))
