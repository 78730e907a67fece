"""What a sweep costs beyond the trajectories it simulates. As a script: ``sweep_speed.py [SCENARIOS] [threads|workers N] [shared|own]``.

The same trajectories are simulated twice: by the kernel alone, scenario by scenario and in as many threads, and by a sweep with its checks, store and
named variables. The scenarios share one cohort, which a sweep enrols once where the kernel alone does so for each; or each has its own. Times of processors are compared beside those of the clock, as they do not depend on what else a machine is doing.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PATIENTS = 10_000
BASE = {"radsim": 1, "seed": 5, "cohort": {"size": PATIENTS}, "schedules": ["8Gy/1", "20Gy/5", "30Gy/10"]}


def plan(n, *, own=False):
    """``n`` scenarios that share nothing but their cohort, or not even that."""
    over = {
        "parameters.flare.probability": {"uniform": {"low": 0.2, "high": 0.5}},
        "parameters.response.frailty": {"uniform": {"low": 0.2, "high": 0.5}},
    }
    if own:
        over["cohort.neuropathic"] = {"uniform": {"low": 0.1, "high": 0.4}}
    return {"base": BASE, "sample": {"n": n, "method": "random", "over": over}}


def bare(n, n_threads):
    """The kernel alone: seconds of the clock and of processors for ``n`` scenarios, and their number of trajectories."""
    from radsim.config import load_config
    from radsim.engine import ThreadWorkspace, empty_sums
    from radsim.study import prepare

    study = prepare(load_config(BASE))
    tables = study.tables_of(0)

    def simulate(times):
        workspace = ThreadWorkspace(study, empty_sums(study))
        for _ in range(times):
            workspace.simulate(study.config.seed, 0, 0, PATIENTS, tables)

    simulate(1)
    clock, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(simulate, [n // n_threads] * n_threads))
    return time.perf_counter() - clock, time.process_time() - used


def measure(folder, *, n, kind="threads", count=None, own=False):
    """Times of a sweep and of the kernel alone, its peak memory, and the share on top."""
    import radsim
    from radsim.sweep.engines import warm_up

    warm_up()
    count = count or len(os.sched_getaffinity(0))
    radsim.sweep(plan(2, own=own), Path(folder) / "first.zarr", threads=1)  # libraries are loaded
    kernel_clock, kernel = bare(n, count)
    stages = {}
    clock, used = time.perf_counter(), time.process_time()

    def note(event):
        stages[event["event"]] = round(time.perf_counter() - clock, 2), round(time.process_time() - used, 2)

    radsim.sweep(plan(n, own=own), Path(folder) / "speed.zarr", progress=note, **{kind: count})
    sweep_clock, sweep = time.perf_counter() - clock, time.process_time() - used
    return {
        "scenarios": n, "cohorts": "own" if own else "shared", "lifetimes": n * PATIENTS * 3, kind: count, "clock_seconds": round(sweep_clock, 2),
        "kernel_clock_seconds": round(kernel_clock, 2), "processor_seconds": round(sweep, 2),
        "kernel_processor_seconds": round(kernel, 2), "overhead": round(sweep / kernel - 1.0, 4),
        "overhead_by_the_clock": round(sweep_clock / kernel_clock - 1.0, 4),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "store_mib": round(sum(p.stat().st_size for p in (Path(folder) / "speed.zarr").rglob("*") if p.is_file()) / 2**20, 1),
        "stages": stages,
    }  # fmt: skip


if __name__ == "__main__":
    arguments = sys.argv[1:] + ["1000", "threads", "2", "shared"][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory() as place:
        n, kind, count, cohorts = arguments
        print(json.dumps(measure(place, n=int(n), kind=kind, count=int(count), own=cohorts == "own"), indent=1))
