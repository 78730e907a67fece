"""Everything that is measured, as one JSON document.

Each entry of ``measures`` has a ``ratio``, which is what is compared: higher is slower.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radsim.bench import bare, starts, workload
from radsim.bench.machine import describe_machine, describe_software
from radsim.bench.slices import PROCESSOR, WALL, measure_slices, measure_vector_yardstick, summary

FORMAT = 1


@dataclass(frozen=True)
class Effort:
    """How often everything is measured: each round has so many slices for each number of threads, half as many for each of
    `workload.KINDS`, and one start of each kind.

    Rounds spread each measure over the whole time. What shares the machine may press on its caches for many seconds, and that slows the
    kernel and not the yardstick, which needs none.
    """

    rounds: int
    slices: int

    @property
    def slices_of_a_kind(self):
        return max(1, self.slices // 2)


FULL = Effort(rounds=5, slices=12)
QUICK = Effort(rounds=3, slices=6)


def measure(*, effort=FULL, cold=False, threads=None, progress=None):
    """Measure speed, start-up and memory, and digest a fixed result.

    Parameters
    ----------
    effort : Effort, optional
        `FULL` (half a minute) or `QUICK`.
    cold : bool, optional
        Also time a start with an empty compile cache (a minute).
    threads : int, optional
        All threads; by default one per processor.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    dict
        Ready for JSON; ``yardstick_in_vector_code``: its ratio to the yardstick; ``measures`` by name: see `summarise_threads`, `summarise_starts`, `measure_cold`.
    """
    from radsim.engine import n_threads

    threads = n_threads(threads)
    counts = sorted({1, threads})
    slices_of_a_round = len(counts) * effort.slices + len(workload.KINDS) * effort.slices_of_a_kind + 2
    step = _steps(effort.rounds * slices_of_a_round + effort.slices, progress)
    result = workload.result()  # first: it compiles the kernel, which must be over before anything is timed
    measures = measure_rounds(counts, effort, kinds=workload.KINDS, step=step)
    if cold:
        measures |= measure_cold(measures["warm_start"]["reference_processor_seconds"])
    return {
        "radsim_bench": FORMAT,
        "workload": workload.digest(),
        "yardstick": bare.source_digest(),
        "yardstick_in_vector_code": summary(measure_vector_yardstick(effort.slices, step)),
        "result": result,
        "measures": measures,
        "peak_memory_bytes": measure_memory(threads),
        "machine": describe_machine(),
        "software": describe_software(),
    }


def measure_again(name, document, *, effort=FULL):
    """Measure one of the measures of a document once more.

    Returns
    -------
    dict
        The measure that is named, and those that come with it.
    """
    if name == "cold_start":
        return measure_cold(document["measures"]["warm_start"]["reference_processor_seconds"])
    if name == "warm_start":
        return measure_rounds([], effort)
    if name in workload.KINDS:
        return measure_rounds([], effort, kinds=[name], with_starts=False)
    return measure_rounds([document["measures"][name]["threads"]], effort, with_starts=False)


def measure_rounds(counts, effort, *, kinds=(), with_starts=True, step=None):
    """Round after round, slices for each number of threads, slices of each kind on one thread, and starts.

    Returns
    -------
    dict
        Measures by name.
    """
    rounds, rounds_of = {n: [] for n in counts}, {kind: [] for kind in kinds}
    runs, references = [], []
    for _ in range(effort.rounds):
        for n in counts:
            rounds[n].append(measure_slices(n, effort.slices, step))
        for kind in kinds:
            rounds_of[kind].append(measure_slices(1, effort.slices_of_a_kind, step, kind))
        if with_starts:
            references.append(_counted(starts.start_reference, step))
            runs.append(_counted(starts.start_run, step))
    measures = {}
    for n in counts:
        measures |= summarise_threads(n, rounds[n])
    for kind, found in rounds_of.items():
        measures[kind] = {**summarise_threads(1, found)["one_thread"], "workload": workload.kind_digest(kind)}
    return measures | ({"warm_start": summarise_starts(runs, references)} if with_starts else {})


def summarise_threads(threads, rounds):
    """Trajectories per second on some threads.

    Parameters
    ----------
    threads : int
    rounds : list of Slices

    Returns
    -------
    dict
        ``one_thread``, or ``all_threads`` and ``all_threads_waiting``. The ratio of the first two is the processor time of a lifetime
        over that of its draws and logarithms alone: the median of the least disturbed round. That of the last is the median of how
        much less well than the yardstick the kernel keeps the processors busy: one if equally well, and as many as there are threads if they
        wait for each other.
    """
    work = [found.ratios(PROCESSOR) for found in rounds]
    kernel, yard = (np.concatenate([getattr(found, kind) for found in rounds]) for kind in ("kernel", "bare"))
    entry = {
        "threads": threads,
        "ratio": float(min(np.median(ratios) for ratios in work)),
        "ratios": summary(np.concatenate(work)),
        "lifetimes_per_second": summary(1 / kernel[:, WALL]),
        "yardstick_lifetimes_per_second": summary(1 / yard[:, WALL]),
        "lifetimes_per_processor_second": summary(1 / kernel[:, PROCESSOR]),
    }
    if threads == 1:
        return {"one_thread": entry}
    waiting = summary(np.concatenate([found.ratios(WALL) / found.ratios(PROCESSOR) for found in rounds]))
    return {
        "all_threads": entry,
        "all_threads_waiting": {"threads": threads, "ratio": waiting["median"], "ratios": waiting},
    }


def summarise_starts(runs, references):
    """Warm starts of a whole small run, beside the import of the libraries alone.

    The ratio is of the least processor time of each: what other programs do to a process only ever adds to it. Measured, this ratio of
    five starts scatters by 2 % where the median of pairs scatters by 4.
    """
    work, lone = ([start["processor"] for start in found] for found in (runs, references))
    return {
        "ratio": min(work) / min(lone),
        "ratios": summary(np.divide(work, lone)),
        "seconds": summary([run["wall"] for run in runs]),
        "reference_seconds": summary([run["wall"] for run in references]),
        "reference_processor_seconds": min(lone),
    }


def measure_cold(reference_seconds):
    """One start with an empty compile cache, over the import of the libraries (processor time, [s])."""
    run = starts.start_cold()
    return {"cold_start": {"ratio": run["processor"] / reference_seconds, "seconds": run["wall"]}}


def measure_memory(threads):
    """Most memory of whole processes: a run of 100,000 patients on all threads, and the libraries alone. [bytes]"""
    run = starts.start_run(n_patients=workload.MEMORY_PATIENTS, threads=threads)
    return {"run": run["peak_memory"], "libraries": starts.start_reference()["peak_memory"]}


def _counted(start, step):
    found = start()
    if step is not None:
        step()
    return found


def _steps(total, progress):
    """A function to be called after each step, which tells ``progress`` how many are done."""
    done = 0

    def step():
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    return step
