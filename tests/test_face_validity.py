"""The table of face validity: what the page shows is what the file holds, every row is simulated or says why not, and its arithmetic."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import numpy as np
import pytest
from studies import study

import radsim
from radsim.cli.main import group
from radsim.compare import question
from radsim.config import Config
from radsim.evidence import CALIBRATED
from radsim.kernel import layout

VERIFICATION = Path(__file__).parent / "verification"


@pytest.fixture
def scripts(monkeypatch):
    """Import a script of `tests/verification` by its name."""
    monkeypatch.syspath_prepend(VERIFICATION)
    return importlib.import_module


def test_the_page_shows_the_file(scripts):
    table = scripts("face_validity")
    rows = table.read_table()
    assert len(rows) >= 33 and len({row["id"] for row in rows}) == len(rows)
    assert all(tuple(row) == table.COLUMNS for row in rows)
    assert table.as_markdown(rows) in table.PAGE.read_text(encoding="utf-8")
    assert table.put_into(table.PAGE.read_text(encoding="utf-8"), table.as_markdown(rows)) == table.PAGE.read_text(
        encoding="utf-8"
    )


def test_every_row_is_simulated_or_says_why_not(scripts):
    rows = scripts("face_validity").read_table()
    known = scripts("face_validity_rows").ROWS
    assert set(known) <= {row["id"] for row in rows}
    for row in rows:
        assert row["note"] and row["source"] and row["published"], row["id"]
        if row["id"] not in known:
            assert row["note"].startswith("Not simulated: "), row["id"]


def test_a_row_is_what_its_function_gives(scripts):
    """One quick row; the command makes them all."""
    table = scripts("face_validity")
    (row,) = [row for row in table.read_table() if row["id"] == "FV22"]
    (again,) = table.simulated([row | {"second_edition": ""}])
    assert again["second_edition"] == scripts("face_validity_rows").flares() != ""


def test_a_table_written_is_read_again(scripts, tmp_path):
    table = scripts("face_validity")
    rows = table.read_table()
    table.write_table(rows, tmp_path / "copy.csv")
    assert (tmp_path / "copy.csv").read_bytes() == table.CSV.read_bytes()


def test_kaplan_meier_by_hand(scripts):
    rows = scripts("face_validity_rows")
    event = np.array([1.0, 3.0, np.inf, np.inf, 5.0])
    censored = np.array([9.0, 9.0, 2.0, 4.0, 9.0])
    # 1 of 5; then 1 of the 3 still followed on day 3; the last one on day 5
    expected = [0.0, 20.0, 20.0, 100 * (1 - 0.8 * 2 / 3), 100.0]
    assert rows.kaplan_meier(event, censored, 0.5, 1.0, 2.5, 3.0, 5.0) == pytest.approx(expected)
    assert rows.median_kaplan_meier(event, censored) == 5.0


def test_what_is_read_of_a_trajectory_is_what_the_kernel_tallies(scripts):
    n, day = 2000, 84.0
    s = study(n=n, schedules=("8Gy/1",), times_days=[day])
    one = scripts("trajectories_read").Recorded(s, n)
    pain, dose = one.at(day)
    alive = one.death > day
    result = radsim.simulate(s.config)
    assert pain[alive].mean() == pytest.approx(float(result["mean_pain_score"].values[0, 0, 0]), abs=1e-4)
    assert dose[alive].mean() == pytest.approx(float(result["mean_morphine_equivalent"].values[0, 0, 0]), abs=1e-3)
    responds = one.responds() & (one["onset"][:, 0] < layout.HEADLINE_DAYS)
    assert responds.mean() == pytest.approx(float(result["latent_overall_response"].values[0, 0]), abs=0.02)


def test_the_state_at_repeats(scripts):
    one = scripts("trajectories_read").Recorded(study(n=3000, schedules=("8Gy/1",)), 3000)
    partial, score = one.repeats()
    assert len(partial) == len(score) == (one["n_courses"] - 1).sum() > 100
    assert ((score >= 0.0) & (score <= 10.0) & (score == score.round())).all()
    assert (score[partial] >= 1.0).all()  # partial relief is not freedom from pain


def test_the_time_course_is_that_of_the_model_that_commands_simulate(scripts):
    """The default set everywhere, and draw 0 of it."""
    time_course = scripts("time_course")
    defaults = {
        time_course.EVIDENCE,
        Config.model_fields["evidence"].default,
        question(["8Gy/1", "20Gy/5"]).evidence,
        inspect.signature(radsim.compare).parameters["evidence"].default,
        *(_default(group.get_command(None, name), "--evidence") for name in ("compare", "evidence")),
    }
    assert defaults == {CALIBRATED} == {"trials"}
    s = time_course.trial()
    values = radsim.simulate({"seed": 1, "schedules": ["8Gy/1"], "cohort": {"size": 10}, "draws": 1})["parameter_value"]
    base = dict(zip(values["parameter"].values.tolist(), values.sel(draw=0).values.tolist(), strict=True))
    assert s.n_draws == 1 and s.values(0) == base


def _default(command, option):
    return next(parameter.default for parameter in command.params if option in parameter.opts)
