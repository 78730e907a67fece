"""Valuing a result anew: other prices and another discount rate, nothing simulated. Run: ``pytest benchmarks --benchmark-only``.

A benchmark informs; it never gates.
"""

import numpy as np
import pytest
import xarray

from radsim.kernel.layout import EXPOSURES, ITEMS, STATES
from radsim.valuation import appraise

N_BATCHES, N_SCHEDULES, N_PERIODS = 16, 3, 11


def result_of(n_draws):
    """A made-up result with ``n_draws`` draws beside the base case; its numbers mean nothing, its size does."""
    whole = ("batch", "draw", "schedule", "period")
    shape = (N_BATCHES, n_draws + 1, N_SCHEDULES, N_PERIODS)
    random = np.random.default_rng(1)
    return xarray.Dataset(
        {
            "occupancy": ((*whole, "state"), random.random((*shape, len(STATES)))),
            "count": ((*whole, "item"), random.random((*shape, len(ITEMS)))),
            "n_patients": (("batch", "draw"), np.full(shape[:2], 625)),
            "age_exposure": (("batch", "draw", "period", "exposure"), random.random((*shape[:2], N_PERIODS, 4))),
        },
        coords={
            "draw": np.arange(n_draws + 1), "schedule": ["8Gy/1", "20Gy/5", "30Gy/10"],
            "period": 91.3 * np.arange(N_PERIODS), "state": list(STATES), "item": list(ITEMS), "exposure": list(EXPOSURES),
        },
    )  # fmt: skip


@pytest.mark.parametrize("n_draws", [100, 1_000])
def bench_value_anew(benchmark, n_draws):
    result = result_of(n_draws)
    other = {"costs": "uk", "discount": {"costs": 0.05}, "values": {"cost.pain_severe_day": 5}}
    benchmark.pedantic(appraise, (result, other), rounds=5, warmup_rounds=1)
