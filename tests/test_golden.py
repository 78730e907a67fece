"""A small frozen run: counts exactly, sums to 1e-10. ``pytest tests/test_golden.py --regenerate-golden`` writes it anew.

Parameters and cohort are frozen with it, so that a change of evidence does not look like a change of the model.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from radsim.config import load_config
from radsim.engine import record_trajectories, simulate
from radsim.kernel import layout
from radsim.study import prepare

FOLDER = Path(__file__).parent / "golden"
STUDY = {
    "radsim": 1, "seed": 20260101, "evidence": "trials",
    "schedules": ["8Gy/1", "20Gy/5", "30Gy/10", "4Gy/1", {"name": "SBRT", "dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17}, "none"],
    "care": {"dexamethasone_prophylaxis": True}, "times_days": [7, 84, 364],
}  # fmt: skip
N = 60
EVENTS = (
    "pain",
    "deviation",
    "time_to_death",
    "terminal",
    "worsening",
    "worsening_end",
    "fracture",
    "cord_compression",
    "surgery",
    "escalation",
)
COURSES = (
    "start",
    "last_fraction",
    "fractions_given",
    "onset",
    "fade",
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
    lives = record_trajectories(s, 0, N)[1]
    table = {name: lives[name].tolist() for name in EVENTS}
    table |= {"n_courses": lives["n_courses"].tolist(), "classes": lives["response_class"].tolist()}
    given = np.arange(4) < lives["n_courses"][..., None]
    return table | {name: np.where(given, lives[name], -1.0).tolist() for name in COURSES}


COLUMNS = {
    "flag": layout.FLAGS, "visit": layout.VISIT_COUNTS, "time_count": layout.TIME_COUNTS, "time_sum": layout.TIME_SUMS,
    "patient": layout.PATIENT_SUMS, "count": layout.ITEMS, "exposure": layout.EXPOSURES,
}  # fmt: skip
FROZEN = {
    "flag": (
        "response", "complete", "latent_response", "latent_complete", "retreatment", "fracture", "cord_compression", "flare",
        "flare_missing_as_flare", "flare_missing_as_none", "toxicity", "response_including_retreatment",
        "complete_including_retreatment", "responder", "died",
    ),
    "visit": ("assessable", "overall", "complete", "at_risk_overall", "first_overall", "at_risk_complete", "first_complete"),
    "time_count": (
        "alive", "retreated", "fractured", "cord_compressed", "in_relief", "at_risk_retreatment", "at_risk_fracture",
        "at_risk_cord_compression", "in_complete_relief",
    ),
    "time_sum": ("pain", "pain_squared", "morphine", "morphine_squared"),
    "patient": (
        "days_alive", "days_in_response", "responder_days_alive", "responder_days_in_response", "treatment_days",
        "treatment_days_squared", "days_alive_squared", "share_in_treatment", "share_in_treatment_squared",
    ),
    "count": (
        "fractions", "courses", "flares", "acute_toxicity", "fractures", "cord_compressions", "operations",
        "dexamethasone_courses", "hyperglycaemias", "follow_up_visits", "deaths", "opioid_mg",
    ),
    "exposure": ("days", "age", "age_squared", "male"),
}  # fmt: skip
"""Columns of ``sums.json`` by name: what the kernel counts beside them is compared with nothing, what it no longer counts is missed."""


def sums(s):
    t = simulate(s).totals[0]
    return {name: columns(getattr(t, name).sum(axis=1), COLUMNS[name], FROZEN[name]).tolist() for name in FROZEN}


def columns(table, names, wanted):
    """Columns of a table, on its last axis, by name."""
    missing = set(wanted) - set(names)
    assert not missing, f"expected the columns of the golden file, found none named {', '.join(sorted(missing))}"
    return table[..., [names.index(name) for name in wanted]]


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


def test_golden_columns_go_by_name():
    table, names = np.array([[1.0, 2.0], [3.0, 4.0]]), ("one", "two")
    kept = columns(table, names, names).tolist()
    wider = np.hstack([[[9.0], [9.0]], table])
    assert columns(wider, ("added", *names), names).tolist() == kept  # an added column does not matter
    assert columns(table[:, ::-1], names[::-1], names).tolist() == kept  # nor does the order
    for other in (("one", "renamed"), ("one",)):
        with pytest.raises(AssertionError, match="none named two"):
            columns(table[:, : len(other)], other, names)
    with pytest.raises(AssertionError):
        assert_same({"t": columns(table + 1.0, names, names)}, {"t": kept})  # a changed one does
