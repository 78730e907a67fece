"""The kernel by number of schedules and of threads. Run: ``pytest -c benchmarks/pytest.ini benchmarks --benchmark-only``.

A benchmark informs; it never gates (`radsim bench --compare` does). The JIT is warmed before the clock starts.
"""

import os

import pytest

from radsim.config import load_config
from radsim.engine import simulate
from radsim.study import prepare

N_PATIENTS = 20_480
THREADS = sorted({1, len(os.sched_getaffinity(0))})


def study_of(schedules, n_patients=N_PATIENTS):
    return prepare(load_config({"radsim": 1, "seed": 1, "cohort": {"size": n_patients}, "schedules": schedules}))


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("schedules", [["8Gy/1"], ["8Gy/1", "20Gy/5", "30Gy/10"]], ids=["1-schedule", "3-schedules"])
def bench_lives(benchmark, schedules, threads):
    study = study_of(schedules)
    lives = N_PATIENTS * len(schedules)
    benchmark.pedantic(simulate, (study,), {"threads": threads}, rounds=10, warmup_rounds=2)
    benchmark.extra_info["lives"] = lives
    if benchmark.stats is not None:  # None with --benchmark-disable
        benchmark.extra_info["lives_per_second"] = lives / benchmark.stats.stats.median
