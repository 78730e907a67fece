"""How blocks and draws are shared out among threads leaves no trace in the sums."""

import numpy as np
import pytest

from radsim import engine
from radsim.compiled import door
from radsim.config import load_config
from radsim.kernel import tables
from radsim.maths import endpoints
from radsim.study import prepare


def study_of(n_patients, draws=0):
    return prepare(
        load_config({
            "radsim": 1, "seed": 1, "cohort": {"size": n_patients}, "schedules": ["8Gy/1", "20Gy/5"], "draws": draws,
        })
    )  # fmt: skip


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("n_patients", [300, 1300])
def test_draws_side_by_side_are_those_one_after_another(monkeypatch, threads, n_patients):
    study, seen = study_of(n_patients, draws=12), []
    assert engine.side_by_side(study, threads)
    together = engine.simulate(study, threads=threads, progress=lambda done, total: seen.append((done, total)))
    monkeypatch.setattr(engine, "side_by_side", lambda study, n_workspaces: False)
    apart = engine.simulate(study, threads=2)
    for one, other in zip(together.totals, apart.totals, strict=True):
        for name, array in one._asdict().items():
            assert np.array_equal(array, getattr(other, name)), name
    lives = n_patients * 2 * 13
    assert seen[-1] == (lives, lives) and seen == sorted(seen)


def test_a_draw_of_many_patients_is_shared_by_all_threads():
    assert not engine.side_by_side(study_of(engine.MOST_BLOCKS_ALONE * 512 + 1, draws=12), 2)
    assert not engine.side_by_side(study_of(512, draws=0), 1)


def test_only_batches_in_use_are_kept():
    assert engine.simulate(study_of(1000)).totals[0].n.tolist() == [[512, 488]]
    assert engine.simulate(study_of(512 * 20)).totals[0].n.shape == (1, tables.N_BATCHES)


def test_a_step_called_from_python_is_refused_and_does_not_end_the_process():
    with pytest.raises(TypeError, match="pain_category is a step of the kernel"):
        endpoints.pain_category(3)
    assert door(endpoints.pain_category)(3) == 1


def test_more_patients_than_a_file_has_rows_are_refused(tmp_path):
    (tmp_path / "rows.csv").write_text("pain\n8\n7\n")
    cohort = {"file": str(tmp_path / "rows.csv"), "each_row": 3}
    study = prepare(load_config({"radsim": 1, "seed": 1, "cohort": cohort, "schedules": ["8Gy/1"]}))
    assert len(engine.record_trajectories(study, 0, 6)[0]) == 6
    with pytest.raises(ValueError, match="expected at most 6, which the study has"):
        engine.record_trajectories(study, 0, 7)
