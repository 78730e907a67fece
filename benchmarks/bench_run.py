"""A whole run in one process, from configuration to netCDF file, by number of patients and of draws."""

import pytest

import radsim
from radsim.storage import write_netcdf

SCHEDULES = ["8Gy/1", "20Gy/5", "30Gy/10"]


@pytest.mark.parametrize(("n_patients", "draws"), [(1_000, 0), (10_000, 0), (100_000, 0), (1_000, 20)])
def bench_run(benchmark, tmp_path, n_patients, draws):
    config = {"radsim": 1, "seed": 1, "cohort": {"size": n_patients}, "schedules": SCHEDULES, "draws": draws}

    def whole():
        write_netcdf(radsim.simulate(config), tmp_path / "run.nc", force=True)

    benchmark.pedantic(whole, rounds=5, warmup_rounds=1)
    benchmark.extra_info["lives"] = n_patients * (draws + 1) * len(SCHEDULES)
