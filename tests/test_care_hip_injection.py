"""An injection into the hip joint: the articular share of the pain decides, harms as published, and where it is refused."""

import json

import numpy as np
import pytest
from studies import same_totals, study, totals

from radsim.config import ConfigError, load_config
from radsim.kernel import layout

STILL = {
    "pain.worsening_rate_per_day": 0.0, "analgesic.relief_per_increase": 0.0, "survival.log_time.intercept": 9.0,
    "fracture.rise_points": 0.0, "response.log_odds.no_irradiation": -20.0,
}  # fmt: skip
"""Nothing else moves the pain of those who live for years."""
DAYS = [0, 28, 83, 90, 100, 130, 150, 170, 182]


def relief(articular_share, pain=10):
    """Points off the mean pain of the site on each day."""
    mean = []
    for care in ({}, {"hip_injection": {"articular_share": articular_share}}):
        s = study(
            n=3000, schedules=["none"], care=care, parameters=STILL, cohort={"site": "hip", "pain": pain, "era": "modern"},
            times_days=DAYS,
        )  # fmt: skip
        t = totals(s)
        mean.append((t.time_sum[..., 0].sum(axis=(0, 1)) / t.time_count[..., 0].sum(axis=(0, 1)))[0])
    return mean[0], mean[0] - mean[1]


def amounts(care, n=6000, **cohort):
    t = totals(study(n=n, schedules=["8Gy/1"], care=care, cohort={"site": "hip", "pain": 8, **cohort}))
    return {name: t.count.sum(axis=(0, 1, 2, 3))[i] / n for i, name in enumerate(layout.ITEMS)}


def test_where_no_pain_comes_from_the_joint_nothing_changes_but_what_is_counted():
    off, on = (totals(study(n=1500, care=care, cohort={"site": "hip"})) for care in ({}, {"hip_injection": True}))
    injections = [layout.ITEMS.index(n) for n in ("hip_injections", "septic_arthritides", "destroyed_joints")]
    assert on.count[..., injections[0]].sum() == 3 * 1500
    on.count[..., injections] = 0
    assert not on.count[..., off.count.shape[-1] :].any()
    assert same_totals(off, on._replace(count=on.count[..., : off.count.shape[-1]]))


def test_where_all_pain_comes_from_the_joint_it_takes_the_points_of_the_trial():
    """HIT: -1.43 (-2.15 to -0.72). Here -1.43."""
    assert relief(1)[1][0] == pytest.approx(1.43, abs=0.03)


def test_half_of_the_pain_from_the_joint_is_half_of_the_points():
    np.testing.assert_allclose(relief(0.5)[1], relief(1)[1] / 2.0, rtol=1e-5, atol=1e-5)


def test_a_patient_with_less_pain_than_in_the_trial_loses_the_same_share_of_it():
    before, less = relief(1, pain=2)
    assert less[0] / before[0] == pytest.approx(1.43 / 5.7, rel=0.01)


def test_the_effect_is_full_for_twelve_weeks_and_gone_after_26():
    before, less = relief(1)
    share = less / before
    share /= share[0]
    np.testing.assert_allclose(share, [1, 1, 1, 7 / 8, 7 / 8, 5 / 8, 3 / 8, 1 / 8, 0], atol=0.002)


def test_a_joint_is_infected_as_often_as_published_and_destroyed_only_in_the_scenario():
    """14 of 15,021 (0.6 to 1.6 in 1,000); 8 % in a series without controls."""
    found = amounts({"hip_injection": True}, n=60_000)
    assert 0.0006 < found["septic_arthritides"] < 0.0016 and found["destroyed_joints"] == 0.0
    found = amounts({"hip_injection": {"joint_harm": True}}, karnofsky=90)
    assert 0.04 < found["destroyed_joints"] < 0.08  # some die before


@pytest.mark.parametrize("condition", ["bleeding_tendency", "low_platelets", "immunosuppressed"])
def test_whoever_it_would_harm_does_not_have_it(condition):
    assert amounts({"hip_injection": True}, **{condition: 0.25})["hip_injections"] == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        ({"site": "spine"}, "site hip or pelvis"),
        ({"site": {"rib": 0.5, "spine": 0.5}}, "found rib, spine"),
        ({"site": "hip", "immunosuppressed": "yes"}, "found immunosuppressed"),
        ({"site": "pelvis", "bleeding_tendency": "yes"}, "found bleeding tendency"),
    ],
)
def test_an_injection_is_refused_with_the_reason(cohort, message):
    with pytest.raises(ConfigError, match=message) as error:
        load_config({"schedules": ["8Gy/1"], "cohort": cohort, "care": {"hip_injection": True}})
    assert [fault.path for fault in error.value.faults] == ["care.hip_injection"]


def test_compare_takes_an_injection_and_the_articular_share(run):
    words = ["compare", "8Gy/1", "20Gy/5", "--patients", "256", "--draws", "2", "--hip-injection"]
    assert "next to the joint" in run(*words, "--site", "spine").err
    document = json.loads(run(*words, "--site", "hip", "--care", "hip_injection.articular_share=0.5", "--json").out)
    assert {row["care"] for row in document["care"]} == {"hip_injection"}
