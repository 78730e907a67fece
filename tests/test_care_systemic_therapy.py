"""Systemic therapy against its trials: the clocks, the survival, and that at the share already in the baseline nothing changes."""

import math

import numpy as np
import pytest
from scipy.stats import norm
from studies import same_totals, study, totals

from radsim.care.systemic_therapy import THERAPIES
from radsim.compiled import doors
from radsim.config import ConfigError, load_config
from radsim.config.covariates import CATEGORIES
from radsim.engine import record_trajectories
from radsim.kernel import layout
from radsim.kernel import survival as compiled_survival
from radsim.kernel.care import systemic_therapy as compiled

LIVES = {"survival.log_time.intercept": 9.0}
WOMEN = {
    "primary": "breast", "site": "rib", "era": "modern", "age": 40, "karnofsky": 80, "visceral": "no", "pain": 6,
    "subtype": "hr_positive_her2_negative",
}  # fmt: skip
ERAS = ("era_1990s", "modern")
UNTREATED = {f"systemic_therapy.share_in_baseline.{era}.{name}": 0.0 for era in ERAS for name in THERAPIES} | {
    f"systemic_therapy.controlled_in_baseline.{era}": 0.0 for era in ERAS
}
"""As if nobody behind the baseline had had any."""


def given(therapy, **settings):
    return {"systemic_therapy": {"therapy": therapy, **settings}}


def recorded(care, *, n=4000, cohort=WOMEN, parameters=UNTREATED, **changes):
    """Trajectories under 8 Gy."""
    used = {name: value for name, value in parameters.items() if care.get("systemic_therapy") or "systemic" not in name}
    s = study(n=n, schedules=["8Gy/1"], care=care, cohort=dict(cohort), parameters=used, **changes)
    return record_trajectories(s, 0, n)[1][0]


def amounts(care, *, n=6000, cohort=WOMEN, parameters=LIVES, periods=None):
    """Items of a patient."""
    s = study(n=n, schedules=["8Gy/1"], care=care, cohort=dict(cohort), parameters=dict(parameters))
    count = totals(s).count.sum(axis=(0, 1))[0] / n
    return {item: count[:periods, i].sum() for i, item in enumerate(layout.ITEMS)}


def clocks(therapy, primary, subtype="unknown", *, n=4000, **care):
    """Line and end of the clock of ``n`` patients. [d]"""
    p = study(n=1, care={**given(therapy), **care} if therapy != "default" else {"systemic_therapy": True, **care},
              cohort={"primary": primary, "era": "modern", **({"subtype": subtype} if primary == "breast" else {})}).parameters(0)[0]  # fmt: skip
    survive = doors(compiled).survive
    patient, u, traits = (np.zeros(1, each) for each in (layout.PATIENT, layout.DRAWN, layout.TRAITS))
    patient["primary"], patient["subtype"] = CATEGORIES["primary"].index(primary), CATEGORIES["subtype"].index(subtype)
    patient["lesion"] = layout.BLASTIC
    lines, stops = np.zeros(n), np.zeros(n)
    for number in range(n):
        modifiers = layout.NEUTRAL.copy()
        survive(p, 1, 0, number, u[0], traits[0], patient[0], modifiers[0])
        lines[number], stops[number] = (
            modifiers["systemic_therapy_line"][0],
            modifiers["systemic_therapy_first_stop"][0],
        )
    return lines, stops


MEDIANS = [
    ("endocrine", "breast", "hr_positive_her2_negative", 16.0), ("ribociclib", "breast", "hr_positive_her2_negative", 25.3),
    ("palbociclib", "breast", "hr_positive_her2_negative", 24.8), ("abemaciclib", "breast", "hr_positive_her2_negative", 28.2),
    ("palbociclib_fulvestrant", "breast", "hr_positive_her2_negative", 11.2), ("her2", "breast", "hr_negative_her2_positive", 18.7),
    ("her2", "breast", "hr_positive_her2_positive", 18.7), ("chemotherapy", "breast", "triple_negative", 5.6),
    ("enzalutamide", "prostate", "unknown", 16.4), ("chemotherapy", "lung", "unknown", 4.9),
]  # fmt: skip


@pytest.mark.parametrize(("therapy", "primary", "subtype", "months"), MEDIANS)
def test_median_times_to_progression_are_those_of_the_trials(therapy, primary, subtype, months):
    """MONALEESA-2, PALOMA-2 and -3, MONARCH-3, CLEOPATRA, KEYNOTE-355, PEACE-3; among patients who do not die first."""
    lines, stops = clocks(therapy, primary, subtype)
    assert set(lines) == {THERAPIES.index(therapy)}
    assert np.median(stops) / layout.DAYS_PER_MONTH == pytest.approx(
        months, rel=5 * 1.0 / (math.log(2) * math.sqrt(4000))
    )


def test_pembrolizumab_is_for_those_with_enough_pd_l1_and_the_others_have_chemotherapy():
    """KEYNOTE-355: 38 % with a score of 10 or more; medians 9.7 and 5.6 months."""
    lines, stops = clocks("pembrolizumab", "breast", "triple_negative")
    has = lines == THERAPIES.index("pembrolizumab")
    assert has.mean() == pytest.approx(0.38, abs=0.04) and set(lines[~has]) == {THERAPIES.index("chemotherapy")}
    months = [np.median(stops[which]) / layout.DAYS_PER_MONTH for which in (has, ~has)]
    assert months == [pytest.approx(9.7, rel=0.15), pytest.approx(5.6, rel=0.15)]


@pytest.mark.parametrize(
    ("primary", "subtype", "line"),
    [
        ("breast", "unknown", "ribociclib"), ("breast", "hr_positive_her2_negative", "ribociclib"), ("breast", "hr_positive_her2_positive", "her2"),
        ("breast", "hr_negative_her2_positive", "her2"), ("prostate", "unknown", "enzalutamide"), ("lung", "unknown", "chemotherapy"),
        ("other", "unknown", "chemotherapy"),
    ],
)  # fmt: skip
def test_the_line_follows_the_primary_and_the_receptors(primary, subtype, line):
    lines, _ = clocks("default", primary, subtype, n=20)
    assert set(lines) == {THERAPIES.index(line)}


# --- survival


def test_the_score_at_a_hazard_ratio_is_where_the_power_of_the_survival_says():
    move = doors(compiled_survival).score_at_hazard_ratio
    for ratio in (0.5, 0.76, 1.3):
        z = np.linspace(-7.0, 7.0, 29)
        moved = np.array([move(x, ratio) for x in z])
        np.testing.assert_allclose(ratio * norm.logsf(moved), norm.logsf(z), rtol=1e-9)
        assert np.all(np.diff(moved) > 0.0) and np.all((moved > z) == (ratio < 1.0))


RATIOS = [("ribociclib", 0.76), ("palbociclib", 0.96), ("palbociclib_fulvestrant", 0.81), ("abemaciclib", 0.754)]


@pytest.mark.parametrize(("therapy", "published"), RATIOS)
def test_survival_under_a_cdk_inhibitor_is_that_of_its_own_trial(therapy, published):
    """By agent, never a class mean: ln S on it over ln S without, at the quartiles."""
    off, on = (recorded(c, n=20_000)["time_to_death"] for c in ({}, given(therapy)))
    assert np.all(on >= off) and np.any(on > off)
    for t in np.quantile(off, (0.25, 0.5, 0.75)):
        assert math.log((on > t).mean()) / math.log((off > t).mean()) == pytest.approx(published, abs=0.035)


def test_her2_antibodies_and_pembrolizumab_lengthen_survival_as_in_their_trials():
    """CLEOPATRA 0.68 (0.56 to 0.84); KEYNOTE-355 0.73 (0.55 to 0.95) in the 38 % with enough PD-L1."""
    for therapy, subtype, ratio, parameters in (
        ("her2", "hr_negative_her2_positive", 0.68, {}),
        ("pembrolizumab", "triple_negative", 0.73, {"systemic_therapy.cps_10_or_more": 1.0}),
    ):
        off, on = (
            recorded(c, n=20_000, cohort={**WOMEN, "subtype": subtype}, parameters={**UNTREATED, **parameters})[
                "time_to_death"
            ]
            for c in ({}, given(therapy))
        )
        t = np.median(off)
        assert math.log((on > t).mean()) / math.log((off > t).mean()) == pytest.approx(ratio, abs=0.03)


MEN = {
    "primary": "prostate",
    "lesion": "blastic",
    "site": "rib",
    "era": "modern",
    "age": 50,
    "karnofsky": 80,
    "visceral": "no",
}


def test_radium_beside_enzalutamide_lengthens_survival_and_radium_alone_does_not():
    """PEACE-3: 0.69 (0.52 to 0.90), 42.3 v 35.0 months, with a bone agent."""
    radium = {"radiopharmaceutical": {"agent": "radium_223"}, "bone_agent": True}
    alone, both, no_enzalutamide, none = (
        recorded(c, n=20_000, cohort=MEN)["time_to_death"]
        for c in (given("enzalutamide"), {**given("enzalutamide"), **radium}, radium, {})
    )
    t = np.median(alone)
    assert math.log((both > t).mean()) / math.log((alone > t).mean()) == pytest.approx(0.69, abs=0.03)
    assert np.array_equal(no_enzalutamide, none)
    _, stops = clocks("enzalutamide", "prostate", **radium)
    assert np.median(stops) / layout.DAYS_PER_MONTH == pytest.approx(19.4, rel=0.12)


def test_the_hazard_ratio_acts_on_a_survival_curve_of_the_users_own():
    """Half alive at a year; with a ratio of a half, 0.5 to the power of 0.5."""
    curve = {"survival": {"days": [100, 365, 1000, 3000], "alive": [0.9, 0.5, 0.2, 0.01]}}
    half = {**UNTREATED, "systemic_therapy.survival_ratio.ribociclib": 0.5}
    off, on = (
        recorded(c, n=20_000, cohort={**WOMEN, **curve}, parameters=half)["time_to_death"]
        for c in ({}, given("ribociclib"))
    )
    assert (off > 365).mean() == pytest.approx(0.5, abs=0.02) and (on > 365).mean() == pytest.approx(0.5**0.5, abs=0.02)
    assert np.all(on >= off)


# --- no double counting


@pytest.mark.parametrize("share", [1.0, 0.4])
@pytest.mark.parametrize("era", ["1990s", "modern"])
def test_at_the_share_already_in_the_baseline_not_a_bit_changes(share, era):
    """Whatever the ratios, and whether all patients are treated or some."""
    cohort = {"era": era, "population": "hip_breast"}
    parameters = {name: share for name in UNTREATED}
    off = study(n=1500, care={"other_bones": True}, cohort=cohort)
    on = study(
        n=1500, care={"other_bones": True, **given("by_diagnosis", share=share)}, cohort=cohort, parameters=parameters
    )
    (_, before), (_, after) = (record_trajectories(s, 0, 1500) for s in (off, on))
    for name in before.dtype.names:
        assert np.array_equal(before[name], after[name]), name
    one, other = totals(off), totals(on)
    mine = [i for i, item in enumerate(layout.ITEMS) if "month" not in item and "therap" not in item]
    assert same_totals(
        [one.patient, one.occupancy, one.visit, one.count[..., mine]],
        [other.patient, other.occupancy, other.visit, other.count[..., mine]],
    )


def test_with_a_smaller_share_than_in_the_baseline_patients_die_sooner():
    shares = {f"systemic_therapy.share_in_baseline.{era}.ribociclib": 0.8 for era in ERAS}
    off, on = (recorded(c, parameters=shares)["time_to_death"] for c in ({}, given("ribociclib", share=0.2)))
    assert np.all(on <= off) and np.any(on < off)


# --- control of the cancer


def test_pain_worsens_later_while_the_cancer_is_controlled_and_as_before_after_it():
    """Palbociclib and fulvestrant: 0.64 (0.49 to 0.85) while the clock runs."""
    always = {**UNTREATED, **LIVES, "pain.worsening_rate_per_day": 0.002}
    off = recorded({}, parameters={k: v for k, v in always.items() if "systemic" not in k})["worsening"]
    on = recorded(given("palbociclib_fulvestrant"), parameters=always)["worsening"]
    assert np.all(on >= off)
    short = off < 20.0  # before nearly any clock has run out
    np.testing.assert_allclose(np.median(on[short] / off[short]), 1.0 / 0.64, rtol=1e-9)
    longest = off > 2000.0  # a delay by the time of the clock alone
    assert np.median(on[longest] - off[longest]) < 0.36 * 365.25 / 12 * 3 * 11.2


def test_events_elsewhere_and_new_sites_are_rarer_while_the_cancer_is_controlled():
    """Enzalutamide v placebo: first skeletal event 0.69 (0.57 to 0.84)."""
    never_ends = {**UNTREATED, **LIVES, "systemic_therapy.median_months.ribociclib": 200.0}
    bones = {"other_bones": True}
    off = amounts(bones, periods=4)
    on = amounts({**bones, **given("ribociclib")}, parameters=never_ends, periods=4)
    for name in ("fractures_elsewhere", "painful_sites_elsewhere"):
        assert on[name] / off[name] == pytest.approx(0.69, abs=0.05), name
    assert on["fractures"] == off["fractures"]


def test_a_second_line_is_chemotherapy_from_the_end_of_the_first_on():
    found = {line: amounts(given("endocrine", second_line=line), periods=None) for line in (False, True)}
    assert found[False]["months_of_chemotherapy"] == 0.0 < found[True]["months_of_chemotherapy"]
    assert found[True]["months_of_endocrine_therapy"] == found[False]["months_of_endocrine_therapy"]
    assert found[True]["progressions_on_therapy"] > 1.5 * found[False]["progressions_on_therapy"]


def test_a_part_of_those_on_chemotherapy_has_less_pain():
    """Marked relief in 30 % of the control group of Conte 1996; none on endocrine therapy alone."""
    for therapy, share in (("chemotherapy", 0.30), ("endocrine", 0.0)):
        levels = recorded(given(therapy), parameters={**UNTREATED, **LIVES})["n_levels"]
        chosen = np.mean(levels > 0)
        # whose clock ends before the relief begins have none: e.g. half a median of 5.9 months
        expected = share * 0.5 ** (56.0 / (5.9 * layout.DAYS_PER_MONTH))
        assert chosen == pytest.approx(expected, abs=0.025)


# --- whom it fits


def test_in_a_mixed_cohort_those_whom_it_does_not_fit_do_not_get_it():
    subtype = {
        "hr_positive_her2_negative": 0.5,
        "hr_positive_her2_positive": 0.2,
        "hr_negative_her2_positive": 0.1,
        "triple_negative": 0.2,
    }
    for therapy, misfit in (
        ("her2", 0.7),
        ("endocrine", 0.3),
        ("ribociclib", 0.5),
        ("pembrolizumab", 0.8),
        ("chemotherapy", 0.0),
    ):
        found = amounts(given(therapy), cohort={**WOMEN, "subtype": subtype}, periods=1)
        assert found["systemic_therapies_not_fitting"] == pytest.approx(misfit, abs=0.03), therapy
    found = amounts(given("enzalutamide"), cohort={"primary": {"prostate": 0.3, "lung": 0.7}})
    assert found["systemic_therapies_not_fitting"] == pytest.approx(0.7, abs=0.03)


def test_who_does_not_get_it_is_as_without_it():
    cohort = {"primary": {"breast": 0.5, "lung": 0.5}, "era": "modern"}
    off, on = (recorded(c, cohort=cohort) for c in ({}, given("endocrine")))
    lung = record_trajectories(study(n=4000, schedules=["8Gy/1"], cohort=cohort), 0, 4000)[0]["primary"] == 2
    for name in ("worsening", "time_to_death", "fracture", "onset"):
        assert np.array_equal(off[name][lung], on[name][lung])
    assert not np.array_equal(off["worsening"][~lung], on["worsening"][~lung])


@pytest.mark.parametrize(
    ("therapy", "cohort", "words"),
    [
        ("her2", {"primary": "breast", "subtype": "hr_positive_her2_negative"}, "her2 needs cohort.subtype"),
        ("her2", {"primary": "breast"}, "her2 needs cohort.subtype"),
        ("endocrine", {"primary": "breast", "subtype": "triple_negative"}, "endocrine needs cohort.subtype"),
        ("ribociclib", {"primary": "breast", "subtype": "hr_positive_her2_positive"}, "ribociclib needs cohort.subtype"),
        ("palbociclib", {"primary": "lung"}, "palbociclib needs cohort.primary breast"),
        ("pembrolizumab", {"population": "hip_breast", "subtype": "hr_positive_her2_negative"}, "triple_negative"),
        ("enzalutamide", {"population": "hip_breast"}, "enzalutamide needs cohort.primary prostate"),
    ],
)  # fmt: skip
def test_a_therapy_that_fits_nobody_is_refused(therapy, cohort, words):
    with pytest.raises(ConfigError, match=words) as error:
        load_config({"schedules": ["8Gy/1"], "cohort": cohort, "care": given(therapy)})
    assert error.value.faults[0].path.startswith("care.systemic_therapy.therapy")


def test_what_fits_somebody_is_taken():
    for therapy, cohort in (
        ("her2", {"population": "hip_breast"}),
        ("endocrine", {}),
        ("enzalutamide", {}),
        ("by_diagnosis", {"primary": "lung"}),
    ):
        load_config({"schedules": ["8Gy/1"], "cohort": cohort, "care": given(therapy)})


def test_compare_has_an_option_for_each_and_counts_what_was_given(run):
    words = [
        "compare",
        "8Gy/1",
        "20Gy/5",
        "--primary",
        "prostate",
        "--lesion",
        "blastic",
        "--patients",
        "256",
        "--draws",
        "2",
    ]
    done = run(
        *words,
        "--systemic-therapy",
        "enzalutamide",
        "--radiopharmaceutical",
        "radium_223",
        "--bone-agent",
        "denosumab",
        "--full",
    )
    assert done.code == 0 and "enzalutamide" in done.out and "radium-223" in done.out.lower()
    assert "before the effect of systemic therapy)" in " ".join(done.out.split())
    refused = run(*words, "--radiopharmaceutical", "radium_223")
    assert refused.code == 2 and "care.bone_agent" in refused.err
