"""Trajectories read side by side: as each is read alone, to the last bit, and by vector code."""

import re

import numba
import numpy as np
import pytest

from radsim import engine
from radsim.config import load_config
from radsim.kernel import layout, runs, side_by_side, workspace
from radsim.study import prepare

CASES = {
    "one repeat or none": {},
    "many repeats": {"parameters": {"retreatment.early_rate_per_day": 0.2, "retreatment.late_rate_per_day": 0.1}},
    "no drug at the start": {"cohort": {"morphine_equivalent": 0}},
    "subgroups, and visits of their own": {
        "schedules": ["8Gy/1", "none", "20Gy/5", "30Gy/10"], "subgroups": ["primary", "site"],
        "observation": {"visits_weeks": [1, 4, 12], "from": "end_of_treatment"},
    },
    "a short horizon": {"horizon_days": 30},
}  # fmt: skip


def study(**changes):
    return prepare(
        load_config(
            {
                "schedules": ["8Gy/1", "20Gy/5"],
                "seed": 3,
                **changes,
                "cohort": {"size": 700, **changes.get("cohort", {})},
            }
        )
    )


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="compares two compiled ways")
@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_side_by_side_and_alone_are_the_same_to_the_last_bit(changes, monkeypatch):
    """The way of a study with care reads every trajectory alone."""
    given = study(**changes)
    together = engine.simulate(given, threads=1).totals[0]
    monkeypatch.setattr(engine.ThreadWorkspace, "work_of", lambda self, parameters: self.caring)
    alone = engine.simulate(given, threads=1).totals[0]
    for name, one, other in zip(together._fields, together, alone, strict=True):
        assert one.tobytes() == other.tobytes(), name


def test_some_have_more_courses_than_a_page_shows():
    """Else the case of many repeats would say nothing of them."""
    _, lives = engine.record_trajectories(study(**CASES["many repeats"]), 0, 700)
    assert (lives["n_courses"] > layout.COURSES_SHOWN).any() and (lives["n_courses"] == layout.COURSES_SHOWN).any()


@pytest.mark.parametrize("name", ["read_at_visits", "read_at_times", "advance"])
def test_the_loops_over_a_page_are_vector_code(name):
    """Several columns an instruction, and no step of the loop that takes them one by one: numbers of a page are multiplied as vectors."""
    code = optimised(name)
    vectors = re.findall(r"fmul <(\d+) x double>", code)
    assert len(vectors) >= 5, f"{name} has {len(vectors)} multiplications of vectors"


def optimised(name):
    """What LLVM makes of one of the functions, after its optimisation."""
    page, lanes = np.zeros(1, layout.PAGE)[0], np.zeros(1, layout.LANES)[0]
    rows, sums = np.zeros(5 * layout.WIDTH), [np.zeros((1, 1, 3, 60), np.int64)] * 2 + [np.zeros((1, 1, 11), np.int64)]
    arguments = {
        "read_at_visits": (page, 5, rows, rows, rows),
        "read_at_times": (page, np.arange(5.0), rows, rows, rows),
        "advance": (page, lanes, np.arange(3.0), *sums),
    }[name]
    q = runs.reading.py_func(study().parameters(0)[0])
    inner = getattr(side_by_side, name)

    @numba.njit(nogil=True, error_model="numpy", _nrt=False)
    def outer(*given):
        inner(*given)

    outer(*arguments, q)
    (code,) = outer.inspect_llvm().values()
    return code


def test_a_workspace_has_a_place_for_every_run_that_waits():
    for n in (1, 100):
        work = workspace.workspace(3, 4, 5, n_schedules=n)
        assert len(work.trajectories) == len(work.runs) == len(work.seen) > layout.WIDTH + n
