"""The small model of `benchmarks/peers`: every peer plays the same model, and plays it right."""

from __future__ import annotations

import importlib
import os
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


def test_vectorised_numpy_meets_the_truth_and_shares_random_numbers(peer, expected):
    """The ratio was 7.4; without shared random numbers it is 1."""
    race, n = peer("race"), 20_000
    mean, variance = peer("numpy_model").simulate(n)
    assert np.abs(race.misses(mean, variance, n, expected)).max() < Z
    assert race.variance_ratio(variance)[0] > 4.0


def test_heormodel_meets_the_truth(peer, expected):
    pytest.importorskip("heormodel", reason="pip install heormodel")
    race, n = peer("race"), 20_000
    mean, variance = peer("heormodel_model").simulate(n)
    assert np.abs(race.misses(mean, variance, n, expected)).max() < Z


HESIM = """#!/bin/sh
printf 'version\t9\nseconds\t0.5\n'
printf 'mean\t0.48\t0.49\t0.01\nvariance\t0.3\t0.3\t0.06\nmean\t3600\t3500\t-100\nvariance\t9\t9\t3\n'
"""


def test_what_hesim_says_is_read(peer, tmp_path, monkeypatch):
    (tmp_path / "Rscript").write_text(HESIM)
    (tmp_path / "Rscript").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    mean, variance, seconds = peer("hesim_model").simulate_timed(10)
    assert mean.tolist() == [[0.48, 3600.0], [0.49, 3500.0], [0.01, -100.0]]
    assert variance.tolist() == [[0.3, 9.0], [0.3, 9.0], [0.06, 3.0]] and seconds == 0.5
    assert peer("race").timed(peer("hesim_model"), 10)[2] == 0.5


@pytest.mark.parametrize("script", [None, "#!/bin/sh\necho missing\n"])
def test_a_peer_that_is_not_there_is_named(peer, tmp_path, monkeypatch, capsys, script):
    race = peer("race")
    if script:
        (tmp_path / "Rscript").write_text(script)
        (tmp_path / "Rscript").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(race, "PEERS", {"hesim, in R": ("hesim_model", 10), "another": ("no_such_peer", 10)})
    monkeypatch.setattr(race, "show_keys", lambda n: None)
    monkeypatch.setattr(race.truth, "expected", lambda multi: (0.5, 3600.0))
    monkeypatch.setattr(sys, "argv", ["race.py"])
    with pytest.raises(SystemExit) as leaving:
        race.main()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert leaving.value.code == 0
    assert ["hesim,", "in", "R", "not", "installed:", "hesim,", "in", "R"] in lines
    assert ["another", "not", "installed:", "no_such_peer"] in lines


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
