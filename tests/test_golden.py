"""A small frozen run: counts exactly, sums to 1e-10. ``pytest tests/test_golden.py --regenerate-golden`` writes it anew.

Parameters and cohort are frozen with it, so that a change of evidence does not look like a change of the model.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from radsim.config import load_config
from radsim.engine import play_patients, simulate
from radsim.study import prepare

FOLDER = Path(__file__).parent / "golden"
STUDY = {
    "radsim": 1, "seed": 20260101, "evidence": "trials",
    "schedules": ["8Gy/1", "20Gy/5", "30Gy/10", "4Gy/1", {"name": "SBRT", "dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17}, "none"],
    "care": {"dexamethasone_prophylaxis": True}, "times_days": [7, 84, 364],
}  # fmt: skip
N = 60
EVENTS = ("time_to_death", "worsening", "fracture", "cord_compression", "surgery", "escalation")
COURSES = (
    "start",
    "last_fraction",
    "fractions_given",
    "onset",
    "relapse",
    "level",
    "flare_start",
    "flare_stop",
)


def frozen_study():
    rows = FOLDER / "cohort.csv"
    parameters = json.loads((FOLDER / "parameters.json").read_text())
    return prepare(load_config({**STUDY, "parameters": parameters, "cohort": {"file": str(rows), "each_row": 1}}))


def lived(s):
    """Every number of every life, courses that were not given left out."""
    lives = play_patients(s, 0, N)[1]
    table = {name: lives[name].tolist() for name in EVENTS}
    table |= {"n_courses": lives["n_courses"].tolist(), "classes": lives["response_class"].tolist()}
    given = np.arange(4) < lives["n_courses"][..., None]
    return table | {name: np.where(given, lives[name], -1.0).tolist() for name in COURSES}


def sums(s):
    t = simulate(s).totals[0]
    return {
        name: getattr(t, name).sum(axis=1).tolist()
        for name in ("flag", "visit", "time_count", "time_sum", "life", "count", "exposure")
    }


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        mine, theirs = np.array(found[name], float), np.array(values, float)
        assert np.array_equal(np.isinf(mine), np.isinf(theirs)), name
        finite = np.isfinite(theirs)
        np.testing.assert_allclose(mine[finite], theirs[finite], rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(("name", "look"), [("lives", lived), ("sums", sums)])
def test_golden(name, look, request):
    file = FOLDER / f"{name}.json"
    found = look(frozen_study())
    if request.config.getoption("--regenerate-golden"):
        file.write_text(json.dumps(found, indent=None, separators=(",", ":")) + "\n")
    assert_same(found, json.loads(file.read_text()))
