"""Radiopharmaceuticals against their trials, what they must not do, and what is refused."""

import math

import numpy as np
import pytest
from studies import study, totals

from radsim.config import ConfigError, load_config
from radsim.engine import record_trajectories
from radsim.kernel import layout

LIVES = {
    "survival.log_time.intercept": 9.0,
    "retreatment.early_rate_per_day": 0.0,
    "retreatment.late_rate_per_day": 0.0,
}
MEN = {"primary": "prostate", "lesion": "blastic", "site": "pelvis", "several_sites": "yes", "era": "modern"}
WOMEN = {**MEN, "primary": "breast"}
AGENT = {"bone_agent": True, "other_bones": True}
RADIUM = {"radiopharmaceutical": {"agent": "radium_223"}, **AGENT}


def amounts(given, *, n=8000, periods=4, cohort=MEN, parameters=LIVES, schedules=("8Gy/1",)):
    """Items of a patient under the first schedule, in the first year."""
    s = study(n=n, schedules=list(schedules), care=given, parameters=dict(parameters), cohort=dict(cohort))
    count = totals(s).count.sum(axis=(0, 1))[0] / n
    return {item: count[:periods, i].sum() for i, item in enumerate(layout.ITEMS)}


def relieved(given, week=6):
    """Shares of patients of `none` with any and with complete relief by the pain score, and how many were seen."""
    s = study(
        n=20_000, schedules=["none"], care=given, cohort=MEN, parameters=LIVES, observation={"visits_weeks": [week]}
    )
    seen, overall, complete = totals(s).visit[..., 0, 0, :3].sum(axis=(0, 1, 2))
    return overall / seen, complete / seen


@pytest.mark.parametrize("agent", ["strontium_89", "samarium_153"])
def test_relief_against_placebo_is_that_of_the_trials(agent):
    """Cochrane CD003347: any relief 1.72 (1.13 to 2.63), complete 2.10 (1.32 to 3.35).

    Here 1.16 and 2.56: on analgesics alone half are relieved by the pain score in the model, in the trials 18 of 100.
    """
    off, on = relieved({}), relieved({"radiopharmaceutical": {"agent": agent}})
    assert 1.13 < on[0] / off[0] < 2.63 and 1.32 < on[1] / off[1] < 3.35
    assert on[0] - off[0] == pytest.approx(0.16 * (1.0 - off[0]), abs=0.02)
    assert on[1] - off[1] == pytest.approx(0.260 - 0.124, abs=0.03)


def test_relief_begins_late_lasts_ten_weeks_and_ends_with_the_terminal_phase():
    """Strontium after three weeks, samarium after one; ten weeks."""
    for agent, onset in (("strontium_89", 21.0), ("samarium_153", 7.0)):
        s = study(n=4000, schedules=["8Gy/1"], care={"radiopharmaceutical": {"agent": agent}}, cohort=MEN)
        _, (one,) = record_trajectories(s, 0, 4000)
        has = one["n_levels"] == 1
        start, stop = one["level_start"][has, 0], one["level_stop"][has, 0]
        assert np.all(start == onset)
        np.testing.assert_array_equal(stop, np.minimum(onset + 70.0, one["terminal"][has]))
        assert (stop == onset + 70.0).mean() > 0.5


def test_the_relief_reaches_the_other_sites():
    """Where relief of all is complete, no day of the ten weeks is one of pain, wherever it comes from."""
    always = {
        "radiopharmaceutical.complete_on_placebo.samarium_153": 0.5,
        "radiopharmaceutical.complete_ratio.samarium_153": 2.0,
    }
    found = []
    for given, parameters in (({}, {}), ({"radiopharmaceutical": {"agent": "samarium_153"}}, always)):
        s = study(
            n=2000, schedules=["none"], care={"other_bones": True, **given}, cohort=MEN, parameters={**LIVES, **parameters},
            horizon_days=70, times_days=[6, 30],
        )  # fmt: skip
        t = totals(s)
        hurts = [i for i, state in enumerate(layout.STATES) if not state.startswith("pain_none")]
        found.append(t.occupancy[..., hurts].sum() / t.occupancy.sum())
    assert found[0] > 0.9 and found[1] == pytest.approx(7.0 / 70.0, abs=0.04)


def test_the_marrow_suffers_as_in_the_trials():
    """Strontium: leucopenia 348 and thrombocytopenia 73 of 1,000. Radium: 2 and 7 %."""
    found = amounts({"radiopharmaceutical": True})
    assert found["leucopenias"] == pytest.approx(0.348, abs=0.02)
    assert found["thrombocytopenias"] == pytest.approx(0.073, abs=0.012)
    assert found["strontium_injections"] == 1.0
    found = amounts(RADIUM)
    assert found["leucopenias"] == pytest.approx(0.02, abs=0.006)
    assert found["thrombocytopenias"] == pytest.approx(0.07, abs=0.012)
    assert found["radium_injections"] == pytest.approx(6.0, abs=0.1)  # but for who dies of something else


def hazard_ratio(cohort):
    """First skeletal events in a year with radium against without, both on a bone agent."""
    share = [amounts(given, cohort=cohort)["first_skeletal_events"] for given in (AGENT, RADIUM)]
    return math.log(1.0 - share[1]) / math.log(1.0 - share[0])


def test_radium_lowers_skeletal_events_in_prostate_cancer_as_in_its_trial():
    """ALSYMPCA: first symptomatic skeletal event 0.66 (0.52 to 0.83)."""
    found = hazard_ratio(MEN)
    assert 0.52 < found < 0.83 and found == pytest.approx(0.66, abs=0.06)


def test_breast_cancer_does_not_gain_the_benefit_that_prostate_cancer_has():
    """Pooled phase 2 trials: 0.81 (0.61 to 1.07), not told from 1. Not one event moves."""
    one, other = (
        totals(study(n=3000, schedules=["8Gy/1"], care=c, cohort=WOMEN, parameters=LIVES)).count
        for c in (AGENT, RADIUM)
    )
    for name in (
        "fractures",
        "cord_compressions",
        "fractures_elsewhere",
        "operations_elsewhere",
        "painful_sites_elsewhere",
    ):
        i = layout.ITEMS.index(name)
        assert np.array_equal(one[..., i], other[..., i]), name
    assert one[..., layout.ITEMS.index("fractures_elsewhere")].sum() > 0


def test_radium_never_advances_an_event():
    cohort = {**MEN, "site": "spine"}
    off, on = (study(n=4000, schedules=["8Gy/1"], care=c, cohort=cohort, parameters=LIVES) for c in (AGENT, RADIUM))
    (_, (before,)), (_, (after,)) = (record_trajectories(s, 0, 4000) for s in (off, on))
    for name in ("fracture", "cord_compression", "cord_elsewhere"):
        assert np.all(after[name] >= before[name]) and np.any(after[name] > before[name]), name
    assert np.array_equal(before["time_to_death"], after["time_to_death"])


def test_only_those_whom_it_fits_get_it():
    """Not lytic lesions, low platelets, failing kidneys, or chemotherapy; a single site where the study says who has several."""
    given = {"radiopharmaceutical": True}
    assert amounts(given, cohort={**MEN, "lesion": {"lytic": 0.4, "blastic": 0.6}})[
        "radiopharmaceuticals_not_fitting"
    ] == pytest.approx(0.4, abs=0.02)
    for condition in ("low_platelets", "kidney_failure"):
        found = amounts(given, cohort={**MEN, condition: 0.3})
        assert found["radiopharmaceuticals_not_fitting"] == pytest.approx(0.3, abs=0.02)
        assert found["strontium_injections"] == pytest.approx(1.0 - found["radiopharmaceuticals_not_fitting"])
    some = {**MEN, "several_sites": {"no": 0.25, "yes": 0.75}}
    found = amounts({"radiopharmaceutical": {"several_sites_only": True}}, cohort=some)
    assert found["radiopharmaceuticals_not_fitting"] == pytest.approx(0.25, abs=0.02)
    lung = {**MEN, "primary": "lung"}
    assert amounts({**given, "systemic_therapy": True}, cohort=lung)["strontium_injections"] == 0.0
    assert amounts({**given, "systemic_therapy": True}, cohort=MEN)["strontium_injections"] == 1.0


@pytest.mark.parametrize(
    ("cohort", "given", "words"),
    [
        ({"lesion": "lytic"}, {"radiopharmaceutical": True}, "only mixed and blastic lesions"),
        ({"several_sites": "no"}, {"radiopharmaceutical": True}, "several painful sites"),
        ({"several_sites": 0.5}, {"radiopharmaceutical": True}, "several_sites_only"),
        ({"low_platelets": "yes"}, {"radiopharmaceutical": True}, "low platelets"),
        ({"kidney_failure": "yes"}, {"radiopharmaceutical": True}, "kidney failure"),
        ({}, {"radiopharmaceutical": {"agent": "radium_223"}}, "care.bone_agent"),
        ({}, {"radiopharmaceutical": True, "systemic_therapy": {"therapy": "chemotherapy"}}, "suppress the marrow"),
        (
            MEN,
            {
                **AGENT,
                "radiopharmaceutical": {"agent": "radium_223", "start_day": 90},
                "systemic_therapy": {"therapy": "enzalutamide"},
            },
            "start together",
        ),
    ],
)
def test_what_contradicts_is_refused(cohort, given, words):
    with pytest.raises(ConfigError, match=words):
        load_config({"schedules": ["8Gy/1"], "cohort": cohort, "care": given})


def test_what_does_not_contradict_is_taken():
    for cohort, given in (
        ({}, {"radiopharmaceutical": True}),
        (MEN, RADIUM),
        ({"lesion": {"lytic": 0.5, "mixed": 0.5}}, {"radiopharmaceutical": True}),
    ):
        load_config({"schedules": ["8Gy/1"], "cohort": cohort, "care": given})
