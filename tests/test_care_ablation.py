"""Ablation: responses against a sham, when it is done, what it must not move, harms, and where it is refused."""

import json
import math

import numpy as np
import pytest
from studies import same_totals, study, totals

from radsim.compiled import doors
from radsim.config import ConfigError, load_config
from radsim.engine import record_trajectories
from radsim.kernel import layout
from radsim.kernel.care import ablation as compiled_ablation
from radsim.kernel.entries import read_trajectories

FIRST, BESIDE = ({"ablation": {"when": when}} for when in ("first_line", "beside"))
AS_IN_THE_TRIAL = {"era": "modern", "pain": {"normal": {"mean": 7, "sd": 1.5, "low": 4}}}
ARMS = ["8Gy/1", "20Gy/5"]
OPTIMISED = {"analgesic.titration_probability": 0.0}
METHODS = ("radiofrequency", "cryo", "ultrasound")


def recorded(care, *, schedules=("none",), n=3000, cohort=AS_IN_THE_TRIAL, parameters=OPTIMISED, **changes):
    s = study(n=n, schedules=list(schedules), care=care, cohort=cohort, parameters=parameters, **changes)
    return s, *record_trajectories(s, 0, n)


def responds(care, day=84.0, schedule=0, **changes):
    """Share of the living with two points less and at most a quarter more opioids, as the trial counted."""
    s, patients, trajectories = recorded(care, **changes)
    mine = trajectories[schedule]
    alive, found = mine["time_to_death"] > day, np.zeros((len(patients), 4))
    read_trajectories(patients, mine, np.where(alive, day, 0.0), s.parameters(0), found)
    better = (found[:, 1] <= patients["pain"] - 2) & (found[:, 2] <= 1.25 * patients["morphine_equivalent"] + 1e-9)
    return better[alive].mean()


def counted(care, schedules=("none",), n=4000, **changes):
    t = totals(study(n=n, schedules=list(schedules), care=care, **changes))
    return {name: t.count.sum(axis=(0, 1, 3))[:, i] / n for i, name in enumerate(layout.ITEMS)}


def test_a_fifth_responds_to_a_sham_and_many_more_to_an_ablation():
    """Hurwitz 2014: 7 of 35 (10 to 36 %) v 72 of 112 (55 to 73 %) at three months, on optimised medication. Here 32 v 61 % of the living."""
    sham, ablated = responds({}), responds(FIRST)
    assert 0.10 < sham < 0.36
    assert 0.55 < ablated < 0.73


def test_the_odds_of_a_response_of_the_site_are_those_of_the_trial():
    """Of the luck of all patients alike: who has relief without anything, or else by the ablation, has an odds ratio of 7.2."""
    p = study(n=1, schedules=["none"], care=FIRST).parameters(0)[0]
    traits = np.zeros(1, layout.TRAITS)[0]
    traits["terminal"] = 1e6
    cut, without = p["response_cut_overall"], p["ablation_log_odds"][1]
    relieve, n = doors(compiled_ablation).relieve, 20_000
    by_itself, relieved = 1.0 / (1.0 + math.exp(cut - without)), 0
    trajectory = np.zeros(1, layout.TRAJECTORY)[0]
    trajectory["pain"] = 8.0
    for number in range(n):
        trajectory["n_reliefs"] = 0
        relieve(0.0, 1, 0, number, traits, trajectory, p)
        relieved += trajectory["n_reliefs"] > 0 and trajectory["relief_share"].max() >= 2.0 / 8.0
        trajectory["relief_share"] = 0.0
    together = by_itself + (1.0 - by_itself) * relieved / n
    ratio = together / (1.0 - together) / (by_itself / (1.0 - by_itself))
    assert ratio == pytest.approx(7.2, rel=0.06)


@pytest.mark.parametrize(("method", "days"), [("radiofrequency", 7.0), ("cryo", 14.0), ("ultrasound", 3.0)])
def test_relief_begins_in_the_median_as_published_by_method(method, days):
    _, _, trajectories = recorded({"ablation": {"when": "first_line", "method": method}})
    onsets = np.array([one["relief_start"][: one["n_reliefs"]].min() for one in trajectories[0] if one["n_reliefs"]])
    assert len(onsets) > 1000 and np.median(onsets) == pytest.approx(days, rel=0.1)


def test_the_first_ablation_takes_the_place_of_irradiation_and_the_one_beside_it_does_not():
    for care, ablated in ((FIRST, [1.0, 0.0]), (BESIDE, [0.0, 1.0])):
        found = counted(care, ["none", "8Gy/1"])
        assert found["ultrasound_ablations"].tolist() == ablated
    assert responds(BESIDE, schedules=["8Gy/1"]) > responds({}, schedules=["8Gy/1"]) + 0.05


def test_salvage_comes_after_the_course_has_had_time_and_to_those_in_pain():
    s, patients, trajectories = recorded({"ablation": True}, schedules=["8Gy/1", "none"])
    treated = trajectories["treated"]
    assert np.all(np.isinf(treated[1])) and 0.3 < np.isfinite(treated[0]).mean() < 0.8
    assert treated[0].min() >= 56.0 and np.all(
        treated[0][np.isfinite(treated[0])] < trajectories["terminal"][0][np.isfinite(treated[0])]
    )
    done = np.isfinite(treated[0]) & (trajectories["n_courses"][0] == 1)
    found = np.zeros((len(patients), 4))
    read_trajectories(patients, trajectories[0], np.where(done, treated[0], 0.0), s.parameters(0), found)
    assert found[done, 1].min() >= 4.0
    for one in trajectories[0]:
        if one["n_courses"] > 1 and math.isfinite(one["treated"]):
            between = [k for k in range(one["n_courses"]) if one["start"][k] <= one["treated"]]
            assert one["treated"] >= one["start"][between[-1]] + 56.0


def test_salvage_relieves_and_spares_repeats_but_is_not_credited_to_the_radiotherapy():
    off, on = (totals(study(n=4000, schedules=ARMS, care=care)) for care in ({}, {"ablation": True}))
    same = [
        layout.F_RESPONSE,
        layout.F_COMPLETE,
        layout.F_LATENT_RESPONSE,
        layout.F_LATENT_COMPLETE,
        layout.F_FRACTURE,
        layout.F_DIED,
    ]
    assert np.array_equal(off.flag[..., same], on.flag[..., same])
    assert np.array_equal(off.visit, on.visit) and np.array_equal(off.endpoint, on.endpoint)
    again, both = (
        (t.flag[..., f].sum(axis=(0, 1))) for t, f in ((on, layout.F_RETREATMENT), (off, layout.F_RETREATMENT))
    )
    assert np.all(again < both)
    severe = [i for i, state in enumerate(layout.STATES) if state.startswith(("pain_moderate", "pain_severe"))]
    assert on.occupancy[..., severe].sum() < off.occupancy[..., severe].sum()


def test_the_index_course_is_judged_by_the_ladder_as_if_there_were_no_ablation():
    given = {"analgesic_ladder": True}
    off, on = (totals(study(n=2500, schedules=ARMS, care={**given, **more})) for more in ({}, {"ablation": True}))
    assert np.array_equal(off.visit, on.visit) and np.array_equal(
        off.flag[..., layout.F_RESPONSE], on.flag[..., layout.F_RESPONSE]
    )
    assert (
        on.count[..., layout.ITEMS.index("days_on_step_3")].sum()
        < off.count[..., layout.ITEMS.index("days_on_step_3")].sum()
    )


def test_escalation_never_comes_earlier_by_relief():
    _, _, before = recorded({})
    _, _, after = recorded(FIRST)
    assert np.all(after["escalation"] >= before["escalation"] * (1.0 - 1e-12))
    assert (after["escalation"] > before["escalation"]).mean() > 0.2
    assert np.array_equal(after["escalation_alone"], before["escalation"])


@pytest.mark.parametrize(
    "care",
    [{"ablation": True}, {"ablation": True, "analgesic_ladder": True}, FIRST],
    ids=["salvage", "ladder", "first"],
)
def test_no_schedule_depends_on_those_before_it(care):
    together = totals(study(n=1500, schedules=["8Gy/1", "none", "30Gy/10"], care=care))
    alone = totals(study(n=1500, schedules=["none"] if care is FIRST else ["30Gy/10"], care=care))
    s = 1 if care is FIRST else 2
    for name in ("occupancy", "visit", "count", "flag", "time_sum"):
        assert np.array_equal(getattr(together, name)[:, :, s], getattr(alone, name)[:, :, 0]), name


def test_harms_are_as_often_as_published_by_method():
    """Serious: 3 of 43, 1 of 61, 0.9 %; pain during sonication 32.1 %."""
    for method, harm in zip(METHODS, (0.07, 0.016, 0.009), strict=True):
        found = counted({"ablation": {"when": "first_line", "method": method}}, n=8000)
        assert found["ablation_harms"][0] == pytest.approx(harm, abs=0.008)
        assert found["painful_sonications"][0] == pytest.approx(0.321 if method == "ultrasound" else 0.0, abs=0.02)
        assert [found[f"{name}_ablations" if name != "cryo" else "cryoablations"][0] for name in METHODS] == [
            float(name == method) for name in METHODS
        ]


def test_a_needle_is_not_for_those_who_would_bleed():
    cohort = {"low_platelets": 0.25}
    needle = counted({"ablation": {"when": "first_line", "method": "cryo"}}, cohort=cohort)["cryoablations"][0]
    assert needle == pytest.approx(0.75, abs=0.03)
    assert counted(FIRST, cohort=cohort)["ultrasound_ablations"][0] == 1.0


def test_threads_do_not_move_a_bit_under_all_procedures():
    s = study(n=1500, care={"ablation": True, "cement": True, "hip_injection": {"articular_share": 1}}, draws=1)
    assert same_totals(totals(s, threads=1), totals(s, threads=2))


@pytest.mark.parametrize(
    ("settings", "rest", "path", "message"),
    [
        ({"method": "ethanol"}, {}, "method", "no figure for ethanol is known"),
        ({"method": "cryo"}, {"cohort": {"low_platelets": "yes"}}, "method", "ultrasound, which needs no needle"),
        ({"when": "first_line"}, {}, "when", "none among the schedules"),
        ({"when": "salvage"}, {"schedules": ["none"]}, "when", "a schedule that irradiates"),
        ({"when": "beside"}, {"schedules": ["none"]}, "when", "a schedule that irradiates"),
    ],
)
def test_ablation_is_refused_with_the_reason(settings, rest, path, message):
    with pytest.raises(ConfigError, match=message) as error:
        load_config({"schedules": ["8Gy/1"], **rest, "care": {"ablation": settings}})
    assert [fault.path for fault in error.value.faults] == [f"care.ablation.{path}"]


def test_compare_takes_an_ablation_by_its_method(run):
    words = ["compare", "8Gy/1", "none", "--patients", "256", "--draws", "2"]
    assert "no figure for ethanol" in run(*words, "--ablation", "ethanol").err
    found = run(*words, "--ablation", "cryo", "--care", "ablation.when=first_line", "--json")
    assert {row["care"] for row in json.loads(found.out)["care"]} == {"ablation"}
