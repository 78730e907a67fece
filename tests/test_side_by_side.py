"""Trajectories read side by side: as each is read alone, to the last bit, and by vector code."""

import re

import numba
import numpy as np
import pytest

from radsim import engine
from radsim.config import load_config
from radsim.entry_compiler import machine_code
from radsim.kernel import (
    baseline,
    block,
    columns,
    draw,
    layout,
    observe,
    runs,
    side_by_side,
    tally_page,
    transform,
    workspace,
)  # fmt: skip
from radsim.native import undefined_symbols
from radsim.study import prepare
from radsim.sums import as_simulated, empty_sums

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
    q = runs.reading.py_func(study().parameters(0)[0])
    code = compiled(getattr(side_by_side, name), *READS[name], q)
    assert vectors(code) >= 5, f"{name} has {vectors(code)} multiplications of vectors"


def zeros(*shape):
    return np.zeros(shape, np.int64)


PAGE, OBSERVED, LANES = (np.zeros(1, record)[0] for record in (layout.PAGE, layout.OBSERVED, layout.LANES))
WEIGHT, CATEGORY, SEEN = zeros(layout.WIDTH), zeros(5, 4, layout.WIDTH), zeros(5, layout.WIDTH)
ROWS, DAYS, MEASURES = np.zeros((5, layout.WIDTH)), np.arange(5.0), np.ones(4, np.uint8)
AT_TIMES = zeros(5, 4 * layout.WIDTH)
READS = {
    "read_at_visits": (PAGE, ROWS, ROWS, ROWS),
    "read_at_times": (PAGE, DAYS, AT_TIMES, ROWS),
    "advance": (PAGE, LANES, np.arange(3.0), zeros(180), zeros(1, 1, 3, 60), zeros(1, 1, 11)),
}
ADDS = {
    observe.judge: (PAGE, ROWS, ROWS, ROWS, SEEN, MEASURES, OBSERVED, CATEGORY),
    observe.write_best: (CATEGORY, 0, 0, 4, OBSERVED),
    tally_page.weigh: (OBSERVED, 0, 0, WEIGHT),
    tally_page.tally_flags: (PAGE, OBSERVED, WEIGHT, 100.0, zeros(1, 1, 15), 0, 0),
    tally_page.tally_visits: (CATEGORY, MEASURES, WEIGHT, zeros(1, 1, 5, 4, 7), 0, 0),
    tally_page.tally_first_responses: (CATEGORY, SEEN, MEASURES, OBSERVED, WEIGHT, zeros(1, 1, 5, 4, 7), 0, 0),
    tally_page.tally_endpoints: (CATEGORY, zeros(2, 3), OBSERVED, WEIGHT, zeros(1, 1, 2, 3), 0, 0),
    tally_page.tally_times: (PAGE, AT_TIMES, ROWS, DAYS, OBSERVED, WEIGHT, zeros(1, 1, 5, 9), zeros(1, 1, 5, 4), 0, 0),
    tally_page.tally_at_risk: (PAGE, DAYS, OBSERVED, WEIGHT, zeros(1, 1, 5, 9), 0, 0),
    tally_page.tally_patient: (PAGE, OBSERVED, WEIGHT, 100.0, zeros(1, 1, 11), 0, 0),
    tally_page.tally_deaths: (PAGE, DAYS, WEIGHT, zeros(1, 1, 5, 20), 0, 0),
    tally_page.tally_follow_up: (ROWS, SEEN, DAYS, WEIGHT, zeros(1, 1, 5, 20), 0, 0),
    tally_page.look_at_index_response: (PAGE, 100.0, 99.0, OBSERVED),
}


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="reads compiled code")
@pytest.mark.parametrize("step", ADDS, ids=lambda step: step.__name__)
def test_what_is_added_up_of_a_page_is_vector_code(step):
    """Whole numbers are added or chosen several at once, and none is fetched one by one into a vector."""
    code = compiled(step, *ADDS[step])
    found = re.findall(r"(?:add|or|select|smax\S*|store)(?: nsw)* <\d+ x i(?:1|64)>", code)
    assert len(found) >= 5, f"{len(found)} operations on vectors of whole numbers"
    assert "masked.gather" not in code


def test_random_numbers_and_what_they_mean_are_vector_code():
    """Of every loop: no number is multiplied by itself, neither by the generator nor by logarithm, quantile, exponential and error function."""
    page, traits_page = np.zeros(1, layout.DRAW_PAGE)[0], np.zeros(1, layout.TRAITS_PAGE)[0]
    cohort, _, parameters = study().tables_of(0)
    drawn = compiled(draw.draw_side_by_side, 3, 0, 0, 4, cohort.correlated, page)
    transformed = compiled(transform.transform_side_by_side, traits_page, columns.meaning.py_func(parameters[0]))
    correlated = compiled(baseline.correlate, page, cohort.correlated, cohort.cholesky)
    assert vectors(drawn) > 40 and vectors(transformed) > 80 and vectors(correlated) > 35
    assert len(re.findall(r" mul [a-z ]*<\d+ x i64>", drawn)) >= 18  # two for each round, the first of which are known
    for code, most in ((drawn, 0), (transformed, 0), (correlated, 4)):  # a sum over scores is none
        assert len(re.findall(r"fmul double", code)) <= most


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="reads compiled code")
def test_the_machine_code_of_the_kernel_asks_nothing_of_the_mathematics_of_the_c_library():
    """Else its results would differ from machine to machine in their last bits."""
    given = study()
    for work in ({}, {"caring": True}):
        asked = wanted(given, **work)
        assert asked and not asked & {"log", "log1p", "exp", "expm1", "pow", "erfc", "sqrt", "sin", "cos"}, asked


def wanted(given, **work):
    """Functions that the machine code of the kernel needs from elsewhere."""
    cohort, protocol, parameters = given.tables_of(0)
    room = workspace.workspace(
        len(given.visits_weeks), len(given.times_days), len(given.period_ends), n_schedules=2, **work
    )
    enrolled, sums = workspace.empty_patients(512), as_simulated(empty_sums(given, batches=1))
    arguments = (3, 0, 0, 512, True, cohort, workspace.scratch(), enrolled, protocol, parameters, room, sums)
    return set(undefined_symbols(machine_code(block.simulate_blocks, arguments)) or ())


def vectors(code):
    """How many multiplications of vectors there are."""
    return len(re.findall(r"fmul <\d+ x double>", code))


def compiled(inner, *arguments):
    """What LLVM makes of a step for such arguments, after its optimisation."""

    @numba.njit(nogil=True, error_model="numpy", _nrt=False)
    def outer(*given):
        inner(*given)

    outer(*arguments)
    (code,) = outer.inspect_llvm().values()
    return code


def test_a_lane_that_is_free_points_at_no_cell_that_the_next_table_may_not_have():
    given = study(**CASES["subgroups, and visits of their own"])
    worker = engine.ThreadWorkspace(given, empty_sums(given))
    worker.simulate(3, 0, 0, 700, given.tables_of(0))
    lanes = worker.work.lanes[0]
    assert lanes["now"].any()  # somebody was there
    for name in ("busy", "first_cell", "on_to_until", "opioid_mg"):
        assert not lanes[name].any(), name


def test_a_workspace_has_a_place_for_every_run_that_waits():
    for n in (1, 100):
        work = workspace.workspace(3, 4, 5, n_schedules=n)
        assert len(work.trajectories) == len(work.runs) == len(work.seen) > layout.WIDTH + n
