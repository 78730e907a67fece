"""Lives per second of the kernel, by the number of schedules and of threads. Run: ``pytest benchmarks --benchmark-only``.

A benchmark informs; it never gates. The JIT is warmed before the clock starts.
"""

import pytest

from radsim.config import load_config
from radsim.engine import simulate
from radsim.study import prepare

N_PATIENTS = 20_480


def study_of(schedules, n_patients=N_PATIENTS):
    return prepare(load_config({"radsim": 1, "seed": 1, "cohort": {"size": n_patients}, "schedules": schedules}))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("schedules", [["8Gy/1"], ["8Gy/1", "20Gy/5", "30Gy/10"]], ids=["1-schedule", "3-schedules"])
def bench_lives(benchmark, schedules, threads):
    study = study_of(schedules)
    benchmark.extra_info["lives"] = N_PATIENTS * len(schedules)
    benchmark.pedantic(simulate, (study,), {"threads": threads}, rounds=10, warmup_rounds=2)
    benchmark.extra_info["lives_per_second"] = N_PATIENTS * len(schedules) / benchmark.stats.stats.median


@pytest.mark.parametrize("n_patients", [1_000, 10_000, 100_000])
def bench_prepare_and_simulate(benchmark, n_patients):
    def whole():
        return simulate(study_of(["8Gy/1", "20Gy/5", "30Gy/10"], n_patients), threads=2)

    benchmark.pedantic(whole, rounds=5, warmup_rounds=1)
