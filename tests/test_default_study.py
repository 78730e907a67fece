"""The default study inside the ranges it must meet, as it is shipped."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from reports import few_figures
from studies import flag, time_column

import radsim
from radsim.config import load_config
from radsim.engine import record_trajectories, simulate
from radsim.kernel import layout
from radsim.provenance import from_dataset
from radsim.study import prepare

CONFIGS = Path(__file__).parent.parent / "configs"
SINGLE, *MULTIPLE, NONE = range(4)


def shipped(size, name="guideline.yaml", **overrides):
    return prepare(load_config(CONFIGS / name, overrides={"cohort.size": size, "times_days": [84, 364], **overrides}))


def assert_guideline(s):
    """Every range of the guideline and of the Dutch trial that the defaults are chosen to meet."""
    t = simulate(s).totals[0]
    n = t.n.sum()
    overall, complete = flag(t, "response") / n, flag(t, "complete") / n
    retreated = time_column(t, "retreated")[:, 1] / n
    alive = time_column(t, "alive")[SINGLE] / n
    irradiated = [SINGLE, *MULTIPLE]
    assert ((overall[irradiated] > 0.50) & (overall[irradiated] < 0.58)).all()
    assert ((complete[irradiated] > 0.30) & (complete[irradiated] < 0.35)).all()
    assert np.ptp(overall[irradiated]) < 0.03
    assert 0.17 < retreated[SINGLE] < 0.24
    assert ((retreated[MULTIPLE] > 0.04) & (retreated[MULTIPLE] < 0.10)).all()
    assert abs(alive[0] - 0.763) < 0.02
    assert 0.32 < alive[1] < 0.40
    assert flag(t, "retreatment")[NONE] == 0


def test_default_study_meets_the_guideline():
    assert_guideline(shipped(40_000))


@pytest.mark.slow
def test_default_study_meets_the_guideline_at_full_size_and_under_another_seed():
    assert_guideline(shipped(1_000_000))
    assert_guideline(shipped(1_000_000, seed=7))


def test_response_of_early_deaths_is_far_below_that_of_year_survivors():
    s = shipped(40_000)
    life = record_trajectories(s, 0, 40_000)[1][SINGLE]
    in_time = life["onset"][:, 0] < np.minimum(life["time_to_death"], life["relapse"][:, 0])
    responds = (life["response_class"][:, 0] >= layout.PARTIAL) & in_time
    early, late = responds[life["time_to_death"] < 84].mean(), responds[life["time_to_death"] > 364].mean()
    assert early < 0.55
    assert late > 0.80


def test_questionnaires_explain_the_distance_of_headline_and_latent_response():
    s = shipped(20_000)
    t = simulate(s).totals[0]
    # without irradiation what is stated varies, and analgesics help: more respond by their words than have a response of the site
    assert (flag(t, "latent_response") > flag(t, "response"))[[SINGLE, *MULTIPLE]].all()
    everybody = simulate(shipped(20_000, **{"observation.never_returns": 0.0, "observation.attendance": 1.0,
                                            "parameters.observation.near_death_ratio": 1.0})).totals[0]  # fmt: skip
    assert (flag(everybody, "response") > flag(t, "response")).all()


@pytest.mark.parametrize(
    "name",
    sorted(
        file.name for file in CONFIGS.glob("*.yaml") if not file.stem.startswith(("calibration", "sweep_", "trial_"))
    ),
)
def test_every_shipped_configuration_runs(name):
    changes = {} if name == "real_cohort.yaml" else {"cohort.size": 600}
    s = prepare(load_config(CONFIGS / name, overrides=changes))
    t = simulate(s).totals[0]
    assert t.n.sum() == s.n_patients
    assert (flag(t, "died") <= s.n_patients).all()


def test_a_study_that_names_the_guideline_holds_what_the_calibrated_set_gives():
    """Beside its own: the same as a study of the calibrated set, up to the error of the first patients alone."""
    named = load_config(CONFIGS / "guideline.yaml", overrides={"cohort.size": 20_000})
    found = from_dataset(radsim.simulate(named))["as_calibrated"]
    assert (found["evidence"], found["patients"]) == ("trials", 10_000)
    calibrated = radsim.simulate(
        load_config(CONFIGS / "guideline.yaml", overrides={"cohort.size": 20_000, "evidence": "trials"})
    )
    assert "as_calibrated" not in from_dataset(calibrated)
    own = radsim.simulate(named)
    for s, each in enumerate(found["schedules"]):
        assert each["schedule"] == named.schedules[s].name
        for name in ("overall_response", "complete_response"):
            value, mcse = each[name]["value"], each[name]["mcse"]
            assert abs(value - float(calibrated[name].values[0, s])) < 5.0 * mcse
            assert 0.0 < mcse < 0.01
        overall = float(own["overall_response"].values[0, s])
        assert each["overall_response"]["value"] == pytest.approx(
            overall, abs=0.01
        )  # little moved: more state a pain that is gone
        assert each["complete_response"]["value"] < float(own["complete_response"].values[0, s])


def test_what_the_calibrated_set_gives_keeps_what_the_study_sets():
    config = {
        "seed": 1,
        "evidence": "guideline",
        "cohort": {"size": 2000},
        "schedules": ["8Gy/1"],
        "draws": 2,
        "subgroups": ["sex"],
    }
    free, fixed = (
        from_dataset(radsim.simulate({**config, **more}))["as_calibrated"]["schedules"][0]
        for more in ({}, {"parameters": {"response.cut_complete": 0.826}})
    )
    assert fixed["complete_response"]["value"] > free["complete_response"]["value"]


@pytest.mark.parametrize("evidence", ["guideline", "trials"])
def test_both_sets_stand_on_every_page_of_a_study_that_names_the_guideline(evidence, run, tmp_path):
    pytest.importorskip("jinja2", reason="the report needs jinja2")
    asked = ("compare", "8Gy/1", "20Gy/5", "--patients", "600", "--draws", "2", "--evidence", evidence)
    (tmp_path / "study.yaml").write_text(run(*asked, "--yaml").out)
    document = json.loads(run(*asked, "--json").out)
    with few_figures():
        pages = [
            run(*asked, "--report", "page.html").out,
            run("run", "study.yaml").out,
            (tmp_path / "page.html").read_text(),
        ]
    for text in pages:
        said = "As calibrated on the trials (evidence: trials)" in " ".join(text.split())
        assert said is ("as_calibrated" in document) is (evidence == "guideline")
    if evidence == "guideline":
        value = document["as_calibrated"]["schedules"][0]["complete_response"]["value"]
        for text in pages:
            assert re.search(rf"trials\): \d+ and {100 * value:.0f} after", " ".join(text.split()))
