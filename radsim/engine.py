"""Blocks of patients on a pool of threads; sums in the order of the blocks, whatever order they finish in."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from radsim.endpoints import MEASURES
from radsim.kernel import layout
from radsim.kernel.block import BLOCK_SIZE, play_block, play_lives, workspace
from radsim.kernel.tally import Totals

N_BATCHES = 16
"""Batches in which sums are kept: block b belongs to batch b mod 16, so that more patients leave the earlier sums as they were."""

MAX_HISTOGRAM_DAYS = 1827
IN_FLIGHT_PER_THREAD = 3

HISTOGRAMS = ("onset_histogram", "relapse_histogram", "censor_histogram")


@dataclass(frozen=True)
class Outcome:
    """Sums of a simulation: one `Totals` per draw, each array but the histograms with the batch after the group."""

    totals: tuple


def histogram_days(study):
    """Bins of the duration histograms: whole days to the horizon or five years, and one for all beyond."""
    return int(min(MAX_HISTOGRAM_DAYS, np.ceil(study.period_ends[-1]) + 1))


def empty_totals(study, lead):
    """`Totals` of zeros, with the shape ``lead`` in front of each array but the histograms, which take its first entry only."""
    n_schedules = len(study.config.schedules)
    n_visits, n_times, n_periods = len(study.visits_weeks), len(study.times_days), len(study.period_ends)

    def integers(*shape):
        return np.zeros((*lead, *shape), np.int64)

    def reals(*shape):
        return np.zeros((*lead, *shape))

    days = (lead[0], n_schedules, histogram_days(study))
    return Totals(
        n=integers(),
        flag=integers(n_schedules, len(layout.FLAGS)),
        visit=integers(n_schedules, n_visits, len(MEASURES), len(layout.VISIT_COUNTS)),
        endpoint=integers(n_schedules, len(study.endpoints), len(layout.ENDPOINT_COUNTS)),
        time_count=integers(n_schedules, n_times, len(layout.TIME_COUNTS)),
        time_sum=reals(n_schedules, n_times, len(layout.TIME_SUMS)),
        life=reals(n_schedules, len(layout.LIFE_SUMS)),
        occupancy=reals(n_schedules, n_periods, len(layout.STATES)),
        count=reals(n_schedules, n_periods, len(layout.ITEMS)),
        **{name: np.zeros(days, np.int64) for name in HISTOGRAMS},
    )


def n_threads(threads=None):
    """Threads to use: those asked for, else one per processor this process may run on."""
    return threads if threads is not None else len(os.sched_getaffinity(0))


def blocks(n_patients):
    """First patient and size of each block."""
    return [(first, min(BLOCK_SIZE, n_patients - first)) for first in range(0, n_patients, BLOCK_SIZE)]


class _Desk:
    """Where one block is played: a workspace and sums of its own, lent to one task at a time."""

    def __init__(self, study):
        self.work = workspace(len(study.visits_weeks), len(study.times_days), len(study.period_ends))
        self.totals = empty_totals(study, (len(study.subgroups),))

    def play(self, study, draw, block, cohort, protocol, parameters):
        for name, array in zip(Totals._fields, self.totals, strict=True):
            if name not in HISTOGRAMS:  # integers, added up over all blocks of a draw at once
                array[...] = 0
        first, n = block
        play_block(study.config.seed, draw, first, n, cohort, protocol, parameters, self.work, self.totals)
        return self

    def add_to(self, total, batch):
        for name, mine, theirs in zip(Totals._fields, self.totals, total, strict=True):
            if name not in HISTOGRAMS:
                theirs[:, batch] += mine

    def hand_over_histograms(self, total):
        for name in HISTOGRAMS:
            getattr(total, name)[...] += getattr(self.totals, name)
            getattr(self.totals, name)[...] = 0


def play_draw(study, draw, desks, pool, report):
    """Every block of one draw; returns its `Totals`."""
    cohort, protocol, parameters = study.cohort, study.protocol(draw), study.parameters(draw)
    total = empty_totals(study, (len(study.subgroups), N_BATCHES))
    waiting = deque()
    free = list(desks)

    def finish():
        index, future = waiting.popleft()
        desk = future.result()
        desk.add_to(total, index % N_BATCHES)
        free.append(desk)
        report(blocks_of_study[index][1])

    blocks_of_study = blocks(study.n_patients)
    for index, block in enumerate(blocks_of_study):
        if not free:
            finish()
        future = pool.submit(free.pop().play, study, draw, block, cohort, protocol, parameters)
        waiting.append((index, future))
    while waiting:
        finish()
    for desk in desks:
        desk.hand_over_histograms(total)
    return total


def simulate(study, *, threads=None, progress=None):
    """Play a whole study.

    Parameters
    ----------
    study : Study
    threads : int, optional
        Threads; by default one per processor. The result does not depend on it.
    progress : callable, optional
        Called as ``progress(lives_done, lives_in_all)`` from this thread.

    Returns
    -------
    Outcome
    """
    n = n_threads(threads)
    lives = study.n_patients * len(study.config.schedules)
    done = 0

    def report(n_patients):
        nonlocal done
        done += n_patients * len(study.config.schedules)
        if progress is not None:
            progress(done, lives * study.n_draws)

    pool = ThreadPoolExecutor(n, thread_name_prefix="radsim")
    try:
        desks = [_Desk(study) for _ in range(n * IN_FLIGHT_PER_THREAD)]
        return Outcome(tuple(play_draw(study, draw, desks, pool, report) for draw in range(study.n_draws)))
    finally:
        pool.shutdown(cancel_futures=True)


def play_patients(study, first, count, draw=0):
    """Records of some patients and of their lives.

    Returns
    -------
    patients : record array of `layout.PATIENT`, shape (patient,)
    lives : record array of `layout.LIFE`, shape (schedule, patient)
    """
    cohort, protocol, parameters = study.cohort, study.protocol(draw), study.parameters(draw)
    work = workspace(len(study.visits_weeks), len(study.times_days), len(study.period_ends))
    patients = np.zeros(count, layout.PATIENT)
    lives = np.zeros((len(study.config.schedules), count), layout.LIFE)
    for start, n in blocks(count):
        part = slice(start, start + n)
        chunk = np.zeros((len(study.config.schedules), n), layout.LIFE)
        play_lives(study.config.seed, draw, first + start, n, cohort, protocol, parameters, work, patients[part], chunk)
        lives[:, part] = chunk
    return patients, lives


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
    patients, lives = play_patients(study, first, count, draw)
    table = {name: patients[name].copy() for name in layout.PATIENT.names if name not in ("subgroup", "prior_bed_gy2")}
    table |= {name: times for name, times in event_times(lives, study.period_ends[-1]).items()}
    return table


def event_times(lives, horizon):
    """Times of the events of some lives. [d]

    Parameters
    ----------
    lives : record array of `layout.LIFE`
    horizon : float
        End of follow-up. [d]
    """
    death = lives["time_to_death"]
    end = np.minimum(death, horizon)
    responds = lives["response_class"][..., 0] >= layout.PARTIAL
    onset = np.where(responds, lives["onset"][..., 0], np.inf)
    repeat = np.where(lives["n_courses"] > 1, lives["start"][..., 1], np.inf)
    times = {
        "time_to_death": np.where(death <= horizon, death, np.inf),
        "time_to_response": np.where(onset < end, onset, np.inf),
        "time_to_relapse": np.where(responds & (lives["relapse"][..., 0] < end), lives["relapse"][..., 0], np.inf),
        "time_to_retreatment": np.where(repeat < end, repeat, np.inf),
        "time_to_pathological_fracture": np.where(lives["fracture"] < end, lives["fracture"], np.inf),
        "time_to_spinal_cord_compression": np.where(lives["cord_compression"] < end, lives["cord_compression"], np.inf),
        "time_to_surgery": np.where(lives["surgery"] < end, lives["surgery"], np.inf),
    }
    return {name: np.where(np.isinf(values), np.nan, values) for name, values in times.items()}
