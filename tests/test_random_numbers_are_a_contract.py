"""Whatever is added, dropped or reordered, everybody else's life stays as it was, to the last bit."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from studies import of_schedule, same_totals, study, totals

from radsim.engine import BLOCK_SIZE, record_trajectories, simulate
from radsim.kernel import workspace

HERE = str(Path(__file__).parent)
SCHEDULES = ("8Gy/1", "20Gy/5", "30Gy/10", "none")


def lives_of(s, first=0, count=300):
    patients, lives = record_trajectories(s, first, count)
    return patients.tobytes(), [lives[i].tobytes() for i in range(len(lives))]


def test_one_more_patient_changes_nobody():
    few, more = study(n=BLOCK_SIZE * 16), study(n=BLOCK_SIZE * 16 + 1)
    assert lives_of(few) == lives_of(more)
    a, b = totals(few), totals(more)
    assert np.array_equal(
        a.occupancy[:, 1:], b.occupancy[:, 1:]
    )  # the new patient is in the 17th block, of the first batch
    assert b.n.sum() == a.n.sum() + 1


def test_schedules_may_be_dropped_and_reordered():
    whole, part = study(schedules=SCHEDULES), study(schedules=("none", "8Gy/1"))
    patients, lives = lives_of(whole)
    assert lives_of(part) == (patients, [lives[3], lives[0]])
    a, b = totals(whole), totals(part)
    for mine, theirs in ((3, 0), (0, 1)):
        for x, y in zip(of_schedule(a, mine), of_schedule(b, theirs), strict=True):
            assert np.array_equal(x, y)


def test_visits_and_times_may_be_added():
    few = study(observation={"visits_weeks": [1, 4, 12]}, times_days=[28, 84])
    more = study(observation={"visits_weeks": [1, 2, 4, 8, 12]}, times_days=[7, 28, 56, 84])
    assert lives_of(few) == lives_of(more)
    a, b = totals(few), totals(more)
    assert np.array_equal(
        a.visit[..., :3], b.visit[:, :, :, [0, 2, 4]][..., :3]
    )  # first responses depend on the visits
    assert np.array_equal(a.time_sum, b.time_sum[:, :, :, [1, 3]])
    assert np.array_equal(a.patient, b.patient)
    # a segment of life is cut where it was: looking more often moves no sum
    assert np.array_equal(a.occupancy, b.occupancy)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_do_not_matter(threads):
    s = study(n=5000)
    assert same_totals(totals(s, threads=threads), totals(s, threads=3))


def test_size_of_a_stage_does_not_matter():
    s = study(n=700)
    patients, lives = record_trajectories(s, 0, 700)
    alone = [record_trajectories(s, number, 1) for number in (0, 31, 32, 511, 512, 699)]
    for number, (patient, life) in zip((0, 31, 32, 511, 512, 699), alone, strict=True):
        assert patient[0].tobytes() == patients[number].tobytes()
        assert life[:, 0].tobytes() == lives[:, number].tobytes()
    assert workspace.STAGE_SIZE < 512


def test_draws_are_apart_and_the_base_case_stays():
    without, with_draws = study(draws=0), study(draws=2)
    a, b = simulate(without).totals, simulate(with_draws).totals
    assert same_totals(a[0], b[0])
    assert not np.array_equal(b[1].flag, b[2].flag)
    more = simulate(study(draws=3)).totals
    assert all(same_totals(x, y) for x, y in zip(b, more, strict=False))


def test_another_process_gives_the_same_bits():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import hashlib; from studies import study, totals\n"
        "print(hashlib.sha256(b''.join(x.tobytes() for x in totals(study(n=2000)))).hexdigest())"
    )
    here = hashlib.sha256(b"".join(x.tobytes() for x in totals(study(n=2000)))).hexdigest()
    there = subprocess.run([sys.executable, "-c", code, HERE], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_identical_schedules_give_identical_results():
    twice = study(schedules=("8Gy/1", {"name": "the same", "dose_gy": 8, "fractions": 1}, "20Gy/5"))
    t = totals(twice)
    for x, y in zip(of_schedule(t, 0), of_schedule(t, 1), strict=True):
        assert np.array_equal(x, y)


@pytest.mark.parametrize(
    "difference",
    [
        {},
        {"flare.single_fraction_risk_ratio": 0.5},
        {"fracture.single_fraction_rate_ratio": 8.0},
        {"relapse.neuropathic_single_fraction_hazard_ratio": 2.0},
        {"response.log_odds.single_fraction": 0.4},
        {"response.complete_log_odds.single_fraction": 0.4},
        {"cord_compression.single_fraction_rate_ratio": 8.0},
    ],
    ids=["policy", "flare", "fracture", "relapse", "response", "complete response", "cord compression"],
)
def test_a_life_taken_over_from_the_schedule_before_is_the_life_looked_at_anew(difference):
    # 8Gy/1 in front lets 20Gy/5 take over what is alike; alone it has to look for itself
    together = totals(study(schedules=("8Gy/1", "20Gy/5", "8Gy/2"), parameters=difference))
    alone = totals(study(schedules=("20Gy/5",), parameters=difference))
    for x, y in zip(of_schedule(together, 1), of_schedule(alone, 0), strict=True):
        assert np.array_equal(x, y)


def test_compiled_and_plain_python_agree():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import warnings; warnings.simplefilter('error')\n"
        "from studies import study, totals\n"
        "t = totals(study(n=24, schedules=('8Gy/1', '20Gy/5')), threads=1)\n"
        "print(t.flag.sum(axis=1).tolist(), t.visit.sum(axis=1).tolist(), [round(float(x.sum()), 6) for x in t])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, HERE],
            capture_output=True,
            text=True,
            env={**os.environ, "NUMBA_DISABLE_JIT": off},
        )
        for off in ("0", "1")
    ]
    assert [run.stderr for run in runs] == ["", ""]
    assert runs[0].stdout == runs[1].stdout != ""
