"""`tests/verification/first_edition.py`: this edition's predictions beside those of the first."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from radsim.calibrate.targets import calibration_trials


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent / "verification")
    return importlib.import_module("first_edition")


def write_bank(path, *, slopes, also=()):
    """A bank of three rows, each of a study, that two parameters move along slopes of shape (2,); and rows of labels of their own."""
    rng = np.random.default_rng(3)
    outcomes = ["overall_response"] * 3 + list(also)
    scores = rng.standard_normal((80, 2))
    rows = [
        {
            "trial": f"t{i}", "study": f"t{i}", "outcome": outcome, "what": "week 4", "arm": "8Gy/1",
            "observed": 0.6 + 0.05 * i, "n": 100,
        }
        for i, outcome in enumerate(outcomes)
    ]  # fmt: skip
    logits = np.repeat(scores @ np.asarray(slopes)[:, None], len(rows), axis=1) + 0.5
    np.savez(
        path, scores=scores, logits=logits, centre=np.zeros(2), scale=np.ones(2), rows=json.dumps(rows),
        fitted=np.ones(len(rows), bool), loading=np.eye(len(rows)), effect=np.zeros(len(rows), int), deviations=np.array([0.2]),
        correlation=0.7, row_sd=0.05,
    )  # fmt: skip


def test_the_same_edition_predicts_no_better_than_itself(script, tmp_path, capsys):
    write_bank(tmp_path / "a.npz", slopes=[0.5, 0.0], also=["complete_response"])
    write_bank(tmp_path / "b.npz", slopes=[0.5, 0.0])
    script.compare([tmp_path / "a.npz", tmp_path / "b.npz"])
    said = capsys.readouterr().out
    assert "only the second: ['t3: complete_response week 4, 8Gy/1']" in said and "only the first: []" in said
    assert "3 rows that inform, of 3 common" in said
    assert said.count("| +0.0 (0.0) | +0.0 | +0.0 |") == 5
    assert "other studies: +0.0 (0.0)" in said


def test_a_study_is_predicted_as_linear_theory_has_it(script, tmp_path):
    """Three alike rows, each normal given the others."""
    write_bank(tmp_path / "a.npz", slopes=[0.5, 0.0])
    edition = script.Edition.read(tmp_path / "a.npz")
    found = edition.predict(edition.deviations)
    own = np.diag(edition.variance) + 0.04 * np.eye(3) + 0.25
    residual = edition.observed - 0.5
    weights = np.linalg.solve(own[1:, 1:], own[1:, 0])
    mean, variance = weights @ residual[1:], own[0, 0] - weights @ own[1:, 0]
    expected = -0.5 * (residual[0] - mean) ** 2 / variance - 0.5 * np.log(2 * np.pi * variance)
    assert found["t0"].sum() == pytest.approx(expected, abs=1e-4)


def test_the_second_bank_lies_around_the_posterior_and_nowhere_beyond_the_prior(script, tmp_path):
    write_bank(tmp_path / "a.npz", slopes=[0.5, 0.0])
    edition = script.Edition.read(tmp_path / "a.npz")
    centre, scale = script.region_of(edition)
    precision = (1.0 / (edition.variance + 0.04)).sum() * 0.25 + 1.0
    assert scale == pytest.approx([1.5 / precision**0.5, 1.0], abs=1e-3)
    pull = (0.5 * (edition.observed - 0.5) / (edition.variance + 0.04)).sum()
    assert centre == pytest.approx([pull / precision, 0.0], abs=1e-3)


def test_the_first_edition_is_given_the_trials_of_this_one(script):
    assert [trial.id for trial in script.trials_here()] == [trial.id for trial in calibration_trials()]
