"""What the kernel keeps of a patient is limited nowhere in silence."""

import json

import numpy as np
import pytest
from studies import study, totals

from radsim.care import KINDS
from radsim.engine import record_trajectories, simulate
from radsim.kernel import layout
from radsim.results import assemble

N = 20
LONG_LIVES = {"survival.log_time.intercept": 7.0}
HASTY = {
    "ladder.increase": 0.02, "ladder.ceiling_mg": 2000.0, "ladder.review_days": 3.0, "ladder.step_2_from_pain": 1.0,
    "ladder.step_3_from_pain": 2.0, "ladder.relief_log_odds.low_dose_morphine": -10.0, "ladder.breakthrough": 1.0,
    "analgesic.relief_per_increase": 0.0,
}  # fmt: skip


def counted(name, **changes):
    """Of a patient."""
    return totals(study(n=N, schedules=["8Gy/1"], **changes)).count[..., layout.ITEMS.index(name)].sum() / N


@pytest.mark.parametrize(
    ("care", "item", "parameter", "rate"),
    [
        ("other_bones", "painful_sites_elsewhere", "other_bones.site_rate_per_day", 0.1),
        ("other_bones", "hypercalcaemias", "other_bones.hypercalcaemia_rate_per_day", 0.1),
        ("person", "patient_falls", "person.fall.rate_per_day", 0.5),
    ],
)  # fmt: skip
def test_no_number_of_events_is_too_large_to_be_counted(care, item, parameter, rate):
    """Of patients of one frailty and one mood, who all live to the horizon."""
    same = {
        "other_bones": {"other_bones.spread": 0.0, "other_bones.least_interval_days": 0.0},
        "person": {"person.fall.pain_ratio": 1.0, "person.fall.ratio_per_point_of_depression": 1.0},
    }[care]  # fmt: skip
    found = counted(
        item, care={care: True}, parameters={"survival.log_time.intercept": 12.0, parameter: rate, **same}, horizon_days=4000,
        cohort={"age": 40, "sex": "female", "site": "rib"},
    )  # fmt: skip
    assert found == pytest.approx(4000 * rate, abs=5 * np.sqrt(4000 * rate / N))


def record_of(parameters, **ladder):
    s = study(
        n=N,
        schedules=["8Gy/1", "none"],
        care={"analgesic_ladder": ladder or True},
        parameters=parameters,
        cohort={"pain": 9},
    )
    return json.loads(assemble(s, simulate(s, threads=1)).attrs["radsim_record"]), s


def test_a_result_says_how_many_patients_may_lack_changes_of_the_dose():
    found, s = record_of({**LONG_LIVES, **HASTY})
    _, lives = record_trajectories(s, 0, N)
    full = (lives["n_steps"] == layout.MAX_STEPS).sum(axis=1).max()
    (said,) = (warning for warning in found["warnings"] if "changes of the dose" in warning)
    assert full > 0 and said.startswith(f"{full} patients under a schedule have as many changes of the dose")


def test_nothing_is_said_where_all_is_kept():
    found, s = record_of({})
    assert record_trajectories(s, 0, N)[1]["n_steps"].max() < layout.MAX_STEPS
    assert not any("changes of the dose" in warning for warning in found["warnings"])


def test_run_says_it_on_stderr_and_in_its_json(run, tmp_path):
    parameters = "".join(f"  {name}: {value}\n" for name, value in {**LONG_LIVES, **HASTY}.items())
    (tmp_path / "hasty.yaml").write_text(
        "radsim: 1\nseed: 1\nschedules: [8Gy/1]\ncohort: {size: 20, pain: 9}\ncare: {analgesic_ladder: true}\nparameters:\n"
        + parameters
    )
    done = run("run", "hasty.yaml", "--json")
    assert done.code == 0 and done.err.count("changes of the dose on the ladder") == 1
    assert any("changes of the dose on the ladder" in said for said in json.loads(done.out)["warnings"])


def test_only_what_has_a_warning_is_warned_of():
    assert [item.name for kind in KINDS for item in kind.items if item.warning] == ["doses_not_kept"]
