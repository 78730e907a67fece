"""`none` that may be irradiated later where the study says so: what changes, what does not, and how it is worded."""

import json

import numpy as np
import pytest
from studies import flag, of_schedule, same_totals, study, totals

from radsim.compare import answer
from radsim.config import ConfigError, config_digest, load_config, resolved_config
from radsim.engine import record_trajectories
from radsim.kernel.layout import ITEMS

LATER = {"retreatment": {"none_may_be_irradiated": True}}
SCHEDULES = ("8Gy/1", "none")
PATH = "retreatment.none_may_be_irradiated"
N = 1500


@pytest.fixture(scope="module")
def both():
    """Sums without and with the first course of `none` later."""
    return totals(study(n=N, schedules=SCHEDULES)), totals(study(n=N, schedules=SCHEDULES, **LATER))


def given(t, item):
    return t.count[..., ITEMS.index(item)].sum(axis=(0, 1, -1))


def test_only_none_changes_and_its_index_response_does_not(both):
    without, later = both
    assert same_totals(of_schedule(without, 0), of_schedule(later, 0))
    assert flag(without, "retreatment")[1] == 0 < flag(later, "retreatment")[1]
    for name in ("response", "complete", "latent_response", "fracture", "died", "flare", "toxicity"):
        assert flag(without, name)[1] == flag(later, name)[1], name
    assert flag(later, "response_including_retreatment")[1] > flag(later, "response")[1]


def test_every_later_course_is_counted_and_none_at_the_start(both):
    _, later = both
    s = study(n=N, schedules=SCHEDULES, **LATER)
    _, (_, none) = record_trajectories(s, 0, N)
    end = np.minimum(none["time_to_death"], s.period_ends[-1])
    begun = np.arange(none["start"].shape[1]) < none["n_courses"][:, None]
    begun &= none["start"] < end[:, None]
    assert given(later, "courses")[1] == begun[:, 1:].sum() > 0
    assert given(later, "fractions")[1] == none["fractions_given"][begun].sum() > 0
    assert none["fractions_given"][:, 0].sum() == 0


def test_the_first_course_of_none_responds_as_a_first_course():
    """No patient had a course before: what reirradiation does to a response moves the repeats alone."""
    worse = {"retreatment.early_rate_per_day": 0.05, "response.log_odds.reirradiation": -30.0}
    s = study(n=N, schedules=SCHEDULES, cohort={"prior_schedule": "none"}, parameters=worse, **LATER)
    _, (single, none) = record_trajectories(s, 0, N)

    def responses(trajectories, k):
        again = trajectories["n_courses"] > k
        return again.sum(), (trajectories["response_class"][again, k] > 0).sum()

    assert responses(single, 1)[1] == 0 < responses(single, 1)[0]
    assert responses(none, 2)[1] == 0 < responses(none, 2)[0]
    n, responded = responses(none, 1)
    assert responded > 0.4 * n


def test_the_cord_counts_the_later_course_alone():
    """Of `none` nothing is counted: a first course is given where a repeat would be beyond the limit."""
    tight = {"cord.early_limit_gy2": 60.0, "cord.late_limit_gy2": 60.0}
    s = study(n=N, schedules=SCHEDULES, cohort={"site": "spine", "prior_schedule": "none"}, parameters=tight, **LATER)
    _, (single, none) = record_trajectories(s, 0, N)
    assert (single["n_courses"] == 1).all()
    assert set(np.unique(none["n_courses"])) == {1, 2}


def test_what_changes_nothing_has_the_same_digest():
    plain = {"radsim": 1, "seed": 1, "schedules": list(SCHEDULES)}
    digests = [
        config_digest(load_config({**plain, **extra}))
        for extra in ({}, {"retreatment": {}}, {"retreatment": {"none_may_be_irradiated": False}}, LATER)
    ]
    assert digests[0] == digests[1] == digests[2] != digests[3]
    assert "retreatment" not in resolved_config(load_config(plain))
    again = load_config(resolved_config(load_config({**plain, **LATER})))
    assert again.none_may_be_irradiated
    with pytest.raises(ConfigError, match="none_may_be_irradiated: expected true or false"):
        load_config({**plain, "retreatment": {"none_may_be_irradiated": 1}})


def test_without_none_it_is_said_to_have_no_effect():
    said = "retreatment.none_may_be_irradiated: has no effect, as no schedule is none"
    assert said in study(n=10, **LATER).warnings
    assert said not in study(n=10, schedules=SCHEDULES, **LATER).warnings


def test_a_first_course_is_not_called_a_repeat():
    from radsim.cli.compare_notes import evidence_lines, which_trade_offs

    config = {"radsim": 1, "seed": 1, "schedules": ["8Gy/1", "20Gy/5", "none"], "cohort": {"size": 1024}, "draws": 2}
    found = answer(load_config({**config, **LATER}))
    (line,) = evidence_lines(found)
    assert "irradiated for the first time" in " ".join(line.split())
    assert [each.schedules for each in which_trade_offs(found)] == [("8Gy/1", "20Gy/5")]
    without = answer(load_config(config))
    assert not evidence_lines(without)
    assert len(which_trade_offs(without)) == 2


@pytest.mark.parametrize("later", [True, False])
def test_run_and_report_say_what_treated_again_means(run, tmp_path, later):
    config = tmp_path / "study.yaml"
    text = {"radsim": 1, "seed": 1, "schedules": list(SCHEDULES), "cohort": {"size": 500}, **(LATER if later else {})}
    config.write_text(json.dumps(text))
    done = run("run", config, "-o", "out.nc")
    assert done.code == 0
    assert ("irradiated for the first time" in " ".join(done.out.split())) is later
    assert run("report", "out.nc", "-o", "out.html").code == 0
    page = (tmp_path / "out.html").read_text()
    assert ("irradiated for the first time" in page) is later
    assert ("painkillers alone" in page) is not later


def test_the_page_of_a_sweep_over_it_says_so_too(run, tmp_path):
    base = {"seed": 1, "schedules": list(SCHEDULES), "cohort": {"size": 300}}
    (tmp_path / "sweep.yaml").write_text(json.dumps({"base": base, "grid": {PATH: [False, True]}}))
    assert run("sweep", "sweep.yaml", "-o", "swept.zarr").code == 0
    assert run("report", "swept.zarr", "-o", "swept.html").code == 0
    page = (tmp_path / "swept.html").read_text()
    assert "irradiated for the first time" in page and "painkillers alone" not in page
