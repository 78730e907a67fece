"""A sweep on threads, by number of scenarios and of patients: what the store and the bookkeeping add to the lives."""

from itertools import count

import pytest

sweep = pytest.importorskip("radsim.sweep", reason="this version of radsim has no sweeps")
pytest.importorskip("zarr", reason='sweeps need pip install "radsim[sweep]"')

SCHEDULES = ["8Gy/1", "20Gy/5", "30Gy/10"]


@pytest.mark.parametrize(("n_scenarios", "n_patients"), [(10, 1_000), (100, 1_000), (10, 10_000)])
def bench_sweep(benchmark, tmp_path, n_scenarios, n_patients):
    base = {"radsim": 1, "seed": 1, "cohort": {"size": n_patients}, "schedules": SCHEDULES}
    flare = [0.1 + 0.5 * k / n_scenarios for k in range(n_scenarios)]
    plan = {"base": base, "grid": {"parameters.flare.probability": flare}}
    stores = count()  # a store that is there already would be resumed, which is no work

    def whole():
        sweep.run(plan, tmp_path / f"{next(stores)}.zarr")

    benchmark.pedantic(whole, rounds=3, warmup_rounds=1)
    benchmark.extra_info["lives"] = n_scenarios * n_patients * len(SCHEDULES)
