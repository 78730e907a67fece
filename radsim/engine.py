"""Blocks of patients on a pool of threads. Sums are integers, so no order of theirs is better than another."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from numbers import Integral
from queue import SimpleQueue
from threading import Lock

import numpy as np

from radsim.kernel import layout
from radsim.kernel.entries import enrol, simulate_blocks
from radsim.kernel.tables import BLOCK_SIZE
from radsim.kernel.workspace import empty_patients, scratch
from radsim.kernel.workspace import workspace as empty_workspace
from radsim.native import packed
from radsim.storage import UsageFault
from radsim.sums import added_up, as_simulated, empty_sums, n_batches, to_totals

MOST_BLOCKS_A_TASK = 8
DRAWS_IN_FLIGHT = 2  # for each thread: their sums are held until it is their turn
DRAWS_A_THREAD = 4  # so many draws a thread are shared out fairly enough
MOST_BLOCKS_ALONE = 64  # of a draw that one thread simulates without a pause for Ctrl-C
TASKS_IN_FLIGHT = 16  # enough to keep the threads busy, few enough for progress and for Ctrl-C


MOST_THREADS = 64
"""Or as many as there are processors, if there are more: each has tables of its own, half a megabyte and more."""


@dataclass(frozen=True)
class Outcome:
    """Sums of a simulation: one `Totals` per draw."""

    totals: tuple


def n_threads(threads=None, *, tasks=None):
    """Threads to use: those asked for, else one per processor this process may run on, but never more than can be of use.

    Parameters
    ----------
    threads : int, optional
    tasks : int, optional
        Pieces of work there are.

    Raises
    ------
    UsageFault
        If ``threads`` is no whole number of at least 1.
    """
    processors = len(os.sched_getaffinity(0))
    if threads is None:
        threads = processors
    elif isinstance(threads, bool) or not isinstance(threads, Integral) or threads < 1:
        raise UsageFault(f"threads: expected a whole number of at least 1, found {threads!r}")
    most = max(MOST_THREADS, processors)
    return min(int(threads), most, most if tasks is None else max(1, tasks))


def n_blocks(n_patients):
    """Blocks that some patients fill."""
    return -(-n_patients // BLOCK_SIZE)


class ThreadWorkspace:
    """Where blocks are simulated: records and sums of its own, lent to one task at a time.

    Parameters
    ----------
    study : Study
        For the dimensions.
    sums : Sums
        Zeros, from `empty_sums`; incremented.
    """

    def __init__(self, study, sums):
        work = empty_workspace(
            len(study.visits_weeks),
            len(study.times_days),
            len(study.period_ends),
            n_schedules=len(study.config.schedules),
        )
        self.work, self.caring = packed(work), packed(work._replace(caring=True))
        self.scratch, self.enrolled = scratch(), packed(empty_patients(BLOCK_SIZE))
        self.sums, self.simulated, self._clear = sums, packed(as_simulated(sums)), True

    def clear(self):
        """Zeros again. Those that nobody has written to are left alone: to touch every page of them takes time."""
        if not self._clear:
            for array in self.sums:
                array[...] = 0
        self._clear = True

    def work_of(self, parameters):
        """The workspace of the kernel, of the type that has the care compiled where any is given."""
        return self.caring if parameters[0].any_care else self.work

    def simulate(self, seed, draw, first, n, tables, enrolled=None):
        """Add the trajectories of ``n`` patients, numbered from ``first`` on, where a block begins, to the sums; ``enrolled`` if they are."""
        cohort, protocol, parameters = tables
        self._clear = False
        simulate_blocks(
            seed, draw, first, n, enrolled is None, cohort, self.scratch, self.enrolled if enrolled is None else enrolled,
            protocol, parameters, self.work_of(parameters), self.simulated,
        )  # fmt: skip


def tasks(n_patients, blocks_a_task):
    """First patient and number of patients of each task of so many blocks."""
    size = blocks_a_task * BLOCK_SIZE
    return [(first, min(size, n_patients - first)) for first in range(0, n_patients, size)]


def packed_tables(study, draw):
    """What the kernel reads in one draw, for many calls."""
    cohort, protocol, parameters = study.tables_of(draw)
    return packed(cohort), packed(protocol), parameters


def simulate_draw_alone(study, draw, workspace, report):
    """Every block of one draw at one workspace; returns its `Totals`."""
    tables = packed_tables(study, draw)
    workspace.clear()
    for first, n in tasks(study.n_patients, MOST_BLOCKS_A_TASK):
        workspace.simulate(study.config.seed, draw, first, n, tables)
        report(n)
    return to_totals(workspace.sums)


def simulate_draw(study, draw, workspaces, pool, report):
    """Every block of one draw, at all workspaces; returns its `Totals`."""
    tables = packed_tables(study, draw)
    free = SimpleQueue()
    for workspace in workspaces:
        workspace.clear()
        free.put(workspace)

    def task(part):
        first, n = part
        workspace = free.get()
        try:
            workspace.simulate(study.config.seed, draw, first, n, tables)
            return n
        finally:
            free.put(workspace)

    at_once = max(1, min(MOST_BLOCKS_A_TASK, n_blocks(study.n_patients) // (4 * len(workspaces))))
    for n_patients in in_order(pool, task, tasks(study.n_patients, at_once)):
        report(n_patients)
    return to_totals(added_up([workspace.sums for workspace in workspaces]))


def in_order(pool, task, parts, in_flight=TASKS_IN_FLIGHT):
    """Results of a task for each part, in order, with a few parts in flight."""
    waiting = deque()
    for part in parts:
        if len(waiting) == in_flight:
            yield waiting.popleft().result()
        waiting.append(pool.submit(task, part))
    while waiting:
        yield waiting.popleft().result()


def side_by_side(study, n_workspaces):
    """Whether each draw gets a thread of its own: many draws of few patients."""
    few_patients = n_blocks(study.n_patients) <= MOST_BLOCKS_ALONE
    return few_patients and study.n_draws >= DRAWS_A_THREAD * n_workspaces


def simulate(study, *, threads=None, progress=None):
    """Simulate a whole study; see `simulate_draws`, which hands out the sums draw by draw.

    Returns
    -------
    Outcome
    """
    return Outcome(tuple(simulate_draws(study, threads=threads, progress=progress)))


def simulate_draws(study, *, threads=None, progress=None):
    """Simulate a whole study, draw after draw: nobody needs to hold the sums of all of them, half a megabyte and more each.

    Parameters
    ----------
    study : Study
    threads : int, optional
        Threads; by default one per processor. The result does not depend on it.
    progress : callable, optional
        Called as ``progress(trajectories_done, trajectories_in_all)``, by one thread at a time.

    Yields
    ------
    Totals
        Of each draw, in their order.

    Notes
    -----
    Many draws are simulated side by side, a thread each, as a small study spends much of its time between them; few share all threads.
    """
    trajectories = study.n_patients * len(study.config.schedules)
    done, lock = 0, Lock()

    def report(n_patients):
        nonlocal done
        with lock:
            done += n_patients * len(study.config.schedules)
            if progress is not None:
                progress(done, trajectories * study.n_draws)

    batches = n_batches(study.n_patients)
    wanted = n_threads(threads, tasks=study.n_draws * n_blocks(study.n_patients))
    wanted = wanted if side_by_side(study, wanted) else min(wanted, n_blocks(study.n_patients))  # draw after draw
    workspaces = [ThreadWorkspace(study, empty_sums(study, batches=batches)) for _ in range(wanted)]
    free = SimpleQueue()
    for workspace in workspaces:
        free.put(workspace)

    def alone(draw):
        workspace = free.get()
        try:
            return simulate_draw_alone(study, draw, workspace, report)
        finally:
            free.put(workspace)

    pool = ThreadPoolExecutor(len(workspaces), thread_name_prefix="radsim")
    try:
        if side_by_side(study, len(workspaces)):
            yield from in_order(pool, alone, range(study.n_draws), DRAWS_IN_FLIGHT * len(workspaces))
        else:
            yield from (simulate_draw(study, draw, workspaces, pool, report) for draw in range(study.n_draws))
    finally:
        pool.shutdown(cancel_futures=True)


def record_trajectories(study, first, count, draw=0):
    """Records of some patients and of their trajectories.

    Returns
    -------
    patients : record array of `layout.PATIENT`, shape (patient,)
    trajectories : record array of `layout.TRAJECTORY`, shape (schedule, patient)

    Raises
    ------
    ValueError
        If a cohort file that is copied row by row has not so many: the kernel would read beyond its rows.
    """
    if study.tables.each_row and first + count > study.n_patients:
        raise ValueError(
            f"patients {first} to {first + count}: expected at most {study.n_patients}, which the study has"
        )
    cohort, protocol, parameters = study.tables_of(draw)
    workspace = ThreadWorkspace(study, empty_sums(study, batches=1))
    trajectories = np.zeros((len(study.config.schedules), count), layout.TRAJECTORY)
    enrolled = empty_patients(count)
    enrol(study.config.seed, draw, first, cohort, workspace.scratch, enrolled)
    work = workspace.work_of(parameters)._replace(recorded=trajectories)
    simulate_blocks(
        study.config.seed, draw, first, count, False, cohort, workspace.scratch, enrolled, protocol, parameters, work,
        workspace.simulated,
    )  # fmt: skip
    return enrolled.patients, trajectories


def simulate_patients(study, first, count, draw=0):
    """What happened to some patients, one by one.

    Parameters
    ----------
    study : Study
    first, count : int
        Number of the first patient and how many.
    draw : int, optional
        Parameter draw; 0 is the base case.

    Returns
    -------
    dict of str to array
        Baseline columns, shape (patient,), under the names of the configuration, categories as codes; and ``time_to_<event>``
        [d], shape (schedule, patient), NaN where the event did not happen before death or the horizon.
    """
    patients, trajectories = record_trajectories(study, first, count, draw)
    table = {name: patients[name].copy() for name in layout.PATIENT.names if name not in ("subgroup", "prior_bed_gy2")}
    table |= {name: times for name, times in event_times(trajectories, study.period_ends[-1]).items()}
    return table


def event_times(trajectories, horizon):
    """Times of the events of some trajectories. [d]

    Parameters
    ----------
    trajectories : record array of `layout.TRAJECTORY`
    horizon : float
        End of follow-up. [d]
    """
    death = trajectories["time_to_death"]
    end = np.minimum(death, horizon)
    in_force = trajectories["onset"][..., 0] < trajectories["relapse"][..., 0]  # not if the last weeks began before
    responds = (trajectories["response_class"][..., 0] >= layout.PARTIAL) & in_force
    onset = np.where(responds, trajectories["onset"][..., 0], np.inf)
    repeat = np.where(trajectories["n_courses"] > 1, trajectories["start"][..., 1], np.inf)
    times = {
        "time_to_death": np.where(death <= horizon, death, np.inf),
        "time_to_response": np.where(onset < end, onset, np.inf),
        "time_to_relapse": np.where(
            responds & (trajectories["relapse"][..., 0] < end), trajectories["relapse"][..., 0], np.inf
        ),
        "time_to_retreatment": np.where(repeat < end, repeat, np.inf),
        "time_to_pathological_fracture": np.where(trajectories["fracture"] < end, trajectories["fracture"], np.inf),
        "time_to_spinal_cord_compression": np.where(
            trajectories["cord_compression"] < end, trajectories["cord_compression"], np.inf
        ),
        "time_to_surgery": np.where(trajectories["surgery"] < end, trajectories["surgery"], np.inf),
    }
    return {name: np.where(np.isinf(values), np.nan, values) for name, values in times.items()}
