"""The small model of `benchmarks/peers`: every peer plays the same model, and plays it right."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

PEERS = Path(__file__).parent.parent / "benchmarks" / "peers"
Z = 5.0


@pytest.fixture(scope="module")
def peer():
    """A module of the peers, which are scripts and no package."""
    sys.path.insert(0, str(PEERS))
    before = set(sys.modules)
    yield importlib.import_module
    sys.path.remove(str(PEERS))
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(PEERS)):
            del sys.modules[name]


@pytest.fixture(scope="module")
def expected(peer):
    """QALYs and costs by strategy, on a coarse grid, shape (2, 2)."""
    truth = peer("truth")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(truth, "STEPS", 100)
        patch.setattr(truth, "AGE_NODES", 7)
        return np.array([truth.expected(multi) for multi in range(2)])


def test_the_truth_is_close_to_the_reported_one(peer, expected):
    """Within half a per cent: see the note in `model`."""
    model = peer("model")
    assert expected[:, 0] == pytest.approx(model.REPORTED_QALYS, rel=0.005)
    assert expected[:, 1] == pytest.approx(model.REPORTED_COSTS, rel=0.005)


def test_the_truth_of_a_model_without_competition(peer):
    """One patient who can only die, of an exponential: the discounted stay is (1 - exp(-(h + r) T)) / (h + r)."""
    truth, model = peer("truth"), peer("model")
    table = model.transitions()
    scales = np.where(table.target == model.DEAD, 0.5, 1e12)
    table.weibull_shape[:] = 1.0
    rate = 1 / 0.5 + model.DISCOUNT_RATE
    stay = (1 - np.exp(-rate * model.HORIZON)) / rate
    assert truth.values(scales, table, 2000) == pytest.approx([0.5 * stay, 6000 * stay], rel=1e-4)


def test_the_loop_meets_the_truth(peer, expected):
    race, n = peer("race"), 20_000
    mean, variance = peer("numba_loop").simulate(n)
    assert np.abs(race.misses(mean, variance, n, expected)).max() < Z


@pytest.mark.slow
def test_simpy_meets_the_truth(peer, expected):
    pytest.importorskip("simpy", reason="pip install -r benchmarks/requirements.txt")
    race, n = peer("race"), 5_000
    mean, variance = peer("simpy_model").simulate(n)
    assert np.abs(race.misses(mean, variance, n, expected)).max() < Z


def test_the_key_decides_how_many_patients_a_difference_needs(peer):
    """Luck by event and occurrence beats a stream per patient, which beats none; these ratios were 11, 7 and 1."""
    race, loop = peer("race"), peer("numba_loop")
    ratios = [
        race.variance_ratio(loop.simulate(20_000, key=key)[1])[0]
        for key in (loop.OCCURRENCE, loop.STREAM, loop.INDEPENDENT)
    ]
    assert ratios[0] > 1.2 * ratios[1] > 3 * ratios[2] and ratios[2] == pytest.approx(1.0, abs=0.1)
