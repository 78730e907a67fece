"""`radsim compare`: questions, natural frequencies, how sure, what must not mislead, and the layout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsim import engine
from radsim.cli import compare_bars as layout
from radsim.cli.compare_notes import trade_off_sentence
from radsim.compare import answer, caveats, question, read
from radsim.compare.answer import influential
from radsim.compare.chances import died_before_relief
from radsim.compare.findings import findings
from radsim.compare.influence import most_influential
from radsim.compare.prognosis import median_survival_days
from radsim.compare.reirradiation import reirradiation
from radsim.compare.trade_off import _trade_off
from radsim.config import ConfigError, Schedule
from radsim.cord import where_is_it
from radsim.evidence import load_registry
from radsim.outcomes.catalogue import BY_KEY
from radsim.outcomes.frequencies import largest_remainder, situation
from radsim.outcomes.intervals import LEAST_KEPT, draws_of, remove_monte_carlo_variance, summarise
from radsim.presentation.caveats import EVIDENCE, HEADLINE, MEAN_PAIN, RETREATED, URGENT
from radsim.presentation.certainty import is_drawn, sureness
from radsim.results import label
from radsim.simulation import prepared
from radsim.study import prepare

SMALL = {"patients": 1024, "draws": 3}
SMALL_OPTIONS = ("--patients", "1024", "--draws", "3")
HIP = {"primary": "breast", "site": "hip", "karnofsky": 70, "pain": 8}
HIP_OPTIONS = ("--primary", "breast", "--site", "hip", "--karnofsky", "70", "--pain", "8")
SCOPE = "Not a medical device: radsim informs, it does not prescribe."


@pytest.fixture(scope="module")
def hip():
    """The answer for the patient of the README, small."""
    return answer(question(["8Gy/1", "20Gy/5"], patient=HIP, **SMALL))


def joined(text):
    """Text without its line breaks."""
    return " ".join(text.split())


# --- natural frequencies ------------------------------------------------------------------------------------


def test_largest_remainder_by_hand():
    assert largest_remainder([0.5, 0.3, 0.2], total=9) == [4, 3, 2]  # 4.5, 2.7, 1.8
    assert largest_remainder([1, 1, 1]) == [34, 33, 33]
    assert largest_remainder([7]) == [100]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6).filter(lambda shares: sum(shares) > 1e-6), st.integers(0, 500))
def test_largest_remainder_adds_up_and_rounds_up_or_down(shares, total):
    whole = largest_remainder(shares, total=total)
    exact = total * np.array(shares) / sum(shares)
    assert sum(whole) == total
    assert np.all(np.abs(np.array(whole) - exact) < 1 + 1e-9)


shares = st.floats(0, 1)


@given(shares, shares, shares, shares)
def test_a_hundred_patients_add_up_and_keep_the_order_of_the_schedules(alive, one, other, complete):
    def of_100(share):
        return situation(alive=alive, relief=alive * share, free_of_pain=alive * share * complete)

    less, more = sorted((of_100(one), of_100(other)), key=lambda each: each.relief)
    for each in (less, more):
        assert each.relief + each.no_relief + each.died == 100 and min(each) >= 0
        assert each.free_of_pain <= each.relief
        assert abs(each.died - 100 * (1 - alive)) <= 0.5
    assert less.died == more.died  # deaths are shared, so they must not look different
    assert (of_100(min(one, other)).relief, of_100(max(one, other)).relief) == (less.relief, more.relief)


def test_deaths_alike_stay_alike_where_one_round_of_remainders_would_differ():
    first, second = (situation(alive=0.924, relief=r, free_of_pain=0.0) for r in (0.684, 0.677))
    assert largest_remainder([0.684, 0.240, 0.076]) == [68, 24, 8]
    assert largest_remainder([0.677, 0.247, 0.076])[2] == 7
    assert (first.died, second.died) == (8, 8)


def test_nobody_alive():
    assert situation(alive=0.0, relief=0.0, free_of_pain=0.0) == (0, 0, 0, 100)


# --- how sure -----------------------------------------------------------------------------------------------


def test_the_luck_of_the_simulation_is_taken_out_of_the_spread():
    random = np.random.default_rng(1)
    truth, noise = random.normal(0.2, 0.03, 20_000), np.full(20_000, 0.02)
    seen = truth + random.normal(0.0, 0.02, 20_000)
    assert seen.std() > 1.15 * 0.03
    narrowed = remove_monte_carlo_variance(seen, noise)
    assert narrowed.std() == pytest.approx(0.03, rel=0.02)
    assert narrowed.mean() == pytest.approx(seen.mean())
    assert summarise(seen, noise, numbers=1 + np.arange(20_000)).mcse == pytest.approx(0.02 / np.sqrt(20_000))


def test_chance_is_never_taken_for_certainty():
    values = np.random.default_rng(2).normal(0.2, 0.03, 500)
    assert np.array_equal(
        remove_monte_carlo_variance(values, np.full(500, np.nan)), values
    )  # not known: nothing is taken out
    all_chance = remove_monte_carlo_variance(values, np.full(500, 0.03))
    assert all_chance.std() == pytest.approx(np.sqrt(LEAST_KEPT) * values.std())


def test_two_variables_at_once_are_as_one_by_one():
    random = np.random.default_rng(3)
    values, noise = random.normal(size=(50, 2)), np.full((50, 2), 0.3)
    assert np.allclose(
        remove_monte_carlo_variance(values, noise)[:, 1], remove_monte_carlo_variance(values[:, 1], noise[:, 1])
    )


@pytest.mark.parametrize(
    ("values", "verdict", "words"),
    [
        (np.zeros(100), "equal", "assumed equal"),
        (np.linspace(0.1, 0.2, 100), "more", "very likely more"),
        (np.linspace(-0.2, -0.1, 100), "fewer", "very likely fewer"),
        (np.linspace(-0.25, 9.65, 100), "more", "very likely more, 97 v 3"),
        (np.linspace(-0.51, 1.47, 100), "more", "perhaps more, 74 v 26"),
        (np.linspace(-0.99, 0.99, 100), "open", "open, 50 more v 50 fewer"),
        (np.linspace(0.0004, 0.0006, 100), "negligible", "none to speak of"),
        (np.array([0.2]), "unknown", "not known"),
    ],
)
def test_how_sure(values, verdict, words):
    first = 1 if len(values) > 1 else 0
    found = sureness(draws_of(values, np.zeros(len(values)), numbers=first + np.arange(len(values))), negligible=1.5e-3)
    assert (found.verdict, found.words) == (verdict, words)


def test_a_figure_stays_within_the_limits_of_its_quantity_and_one_draw_has_no_interval():
    values = np.array([0.0, 0.0, 0.5, 1.0, 1.0] * 20)
    found = summarise(values, np.zeros(100), numbers=1 + np.arange(100)).within(0.1, 0.9)
    assert (found.low95, found.high95) == (0.1, 0.9)
    assert np.isnan(summarise([0.2, 0.3], np.zeros(2)).low95)


# --- the question -------------------------------------------------------------------------------------------


def test_a_question_is_a_configuration_of_this_patient_today():
    config = question(["8Gy/1", "20Gy/5"], patient=HIP)
    assert config.cohort.covariates == {"primary": "breast", "site": "hip", "karnofsky": 70.0, "pain": 8.0}
    assert (config.cohort.era, config.cohort.population, config.evidence) == ("modern", "default", "trials")
    assert config.seed == question(["8Gy/1", "20Gy/5"]).seed
    assert {28.0, 84.0, 4.0, 30.0, 365.0} <= set(config.times_days)  # day 4: the last fraction of five


def test_a_prior_course_is_read():
    cohort = question(["8Gy/1", "20Gy/5"], prior="30Gy/10@20.5w").cohort
    assert (cohort.covariates["prior_schedule"], cohort.covariates["prior_weeks_ago"]) == ("30Gy/10", 20.5)


def test_the_cord_dose_goes_to_sbrt_alone():
    config = question(["8Gy/1", "24Gy/2@sbrt"], patient={"site": "spine"}, cord_dose_gy=12.0)
    assert [schedule.cord_dose_gy for schedule in config.schedules] == [None, 12.0]
    assert config.schedules[1].name == "24Gy/2@sbrt"


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        ([], ["schedules: expected two schedules or more to compare, found none"]),
        (["8Gy/1"], ["schedules: expected two schedules or more to compare, found 8Gy/1"]),
        (["8Gy/1", "8Gy/1"], ["schedule 2: expected a name of its own for each schedule, found 8Gy/1 again"]),
        (
            ["8Gy/1", "8"],
            ['schedule 2: expected a schedule such as 8Gy/1, 20Gy/5, 24Gy/2@sbrt or none, found "8"'],
        ),
        (
            ["8Gy/1", "20Gy/5", "--karnofsky", "72", "--pain", "1", "--cortical-involvement-mm", "-1"],
            ["--karnofsky: expected a multiple of 10 from 10 to 100", "--pain: expected a worst pain of at least 2",
             "--cortical-involvement-mm: expected a number from 0 to 200 [mm]"],
        ),
        (["8Gy/1", "20Gy/5", "--site", "knee"], ["--site: expected one of hip, pelvis, spine"]),
        (["8Gy/1", "20Gy/5", "--era", "1980s"], ["--era: expected one of 1990s, modern"]),
        (["8Gy/1", "20Gy/5", "--patients", "0"], ["--patients: expected a whole number from 1"]),
        (["8Gy/1", "20Gy/5", "--draws", "5000"], ["--draws: expected at most"]),
        (["8Gy/1", "20Gy/5", "--prior", "30Gy/10"], ["--prior: expected a schedule and how long ago"]),
        (["8Gy/1", "20Gy/5", "--prior", "30G@3w"], ["--prior: expected a schedule such as 8Gy/1"]),
        (["8Gy/1", "20Gy/5", "--prior", "8Gy/1@9w", "--prior-weeks-ago", "9"], ["--prior: expected prior, or"]),
        (
            ["8Gy/1", "24Gy/2@sbrt", "--site", "spine"],
            ["--cord-dose-gy: expected cord_dose_gy, as the index site may be the spine, found none for SBRT"],
        ),
        (["8Gy/1", "20Gy/5", "--prognosis-weeks", "0"], ["--prognosis-weeks: expected a number above 0"]),
        (
            ["8Gy/1", "20Gy/5", "--age", "104", "--sex", "male", "--prognosis-weeks", "300"],
            ["--prognosis-weeks: expected a median survival that such a patient can have"],
        ),
    ],
)  # fmt: skip
def test_every_fault_names_its_option(run, arguments, lines):
    done = run("compare", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == len(lines)
    for line in lines:
        assert line in done.err


def test_faults_of_a_question_from_python_have_the_path_of_the_configuration():
    with pytest.raises(ConfigError) as error:
        question(["8Gy/1", "20Gy/5"], patient={"karnofsky": 72})
    assert error.value.faults[0].path == "cohort.karnofsky"


# --- the answer ---------------------------------------------------------------------------------------------


def test_numbers_agree_with_run_to_the_bit(run):
    asked = ("compare", "8Gy/1", "20Gy/5", *HIP_OPTIONS, *SMALL_OPTIONS)
    configuration = run(*asked, "--yaml")
    assert configuration.code == 0
    with open("study.yaml", "w") as file:
        file.write(configuration.out)
    compared, ran = json.loads(run(*asked, "--json").out), json.loads(run("run", "study.yaml", "--json").out)
    assert {key: compared[key] for key in ran} == ran
    relief = ran["schedules"][0]["relief"]["value"][ran["times_days"].index(84.0)]
    assert compared["outcomes"]["relief_12_weeks"]["schedules"]["8Gy/1"]["value"] == relief
    by_year = ran["schedules"][1]["retreatment_incidence"]["value"][ran["times_days"].index(365.0)]
    assert compared["outcomes"]["retreatment_1_year"]["schedules"]["20Gy/5"]["value"] == by_year


def test_json_is_what_the_contract_says(run):
    done = run("compare", "8Gy/1", "20Gy/5", "30Gy/10", *SMALL_OPTIONS, "--json")
    document = json.loads(done.out)
    assert set(document) >= {"name", "seed", "patients", "draws", "digest", "schedules", "differences", "warnings"}
    assert [each["schedule"] for each in document["schedules"]] == ["8Gy/1", "20Gy/5", "30Gy/10"]
    assert [each["schedules"] for each in document["differences"]] == [["8Gy/1", "20Gy/5"], ["8Gy/1", "30Gy/10"]]
    for each in (*document["schedules"], *document["differences"]):
        assert set(each["overall_response"]) == {"value", "mcse", "low95", "high95"}
    for situations in document["of_100"].values():
        for each in situations.values():
            assert each["relief"] + each["no_relief"] + each["died"] == 100
    for difference in document["outcomes"]["hospital_days"]["differences"]:
        assert difference["how_sure"]["words"] == "fewer: by the fractions" and difference["value"] < 0
    assert document["scope"] == SCOPE


def test_a_question_has_the_same_answer_each_time_and_on_any_threads(run):
    asked = ("compare", "8Gy/1", "20Gy/5", *SMALL_OPTIONS)
    assert run(*asked, "--threads", "1").out == run(*asked, "--threads", "3").out


def test_a_hundred_patients_are_those_of_the_result(hip):
    for weeks, situations in hip.of_100.items():
        time = hip.results["time"].values.tolist().index(7.0 * weeks)
        for s, each in enumerate(situations):
            died = 1.0 - hip.results["survival"].values[1:, s, time].mean()
            relief = hip.results["relief"].values[1:, s, time].mean()
            free = hip.results["complete_relief"].values[1:, s, time].mean()
            assert abs(each.died - 100 * died) <= 0.5 + 1e-9
            assert abs(each.relief - 100 * relief) <= 1.0 and abs(each.free_of_pain - 100 * free) <= 0.5 + 1e-9


def test_repeats_are_courses_beyond_the_first(hip):
    n = hip.results["n_patients"].values[:, 1:]
    items = hip.results["item"].values.tolist()
    courses = hip.results["count"].values[:, 1:, :, :, items.index("courses")].sum(axis=3)
    per_patient = (courses * n[:, :, None]).sum(axis=0) / n.sum(axis=0)[:, None]
    difference = (per_patient[:, 0] - per_patient[:, 1]).mean()
    assert hip.repeats[0].value == pytest.approx(difference)
    assert hip.repeats[0].value >= hip.outcomes["retreatment"].differences[0].value > 0.1


def test_beside_none_the_first_course_is_no_repeat():
    found = answer(question(["8Gy/1", "none"], **SMALL))
    assert 0.1 < found.outcomes["retreatment"].differences[0].value <= found.repeats[0].value < 0.6


def test_without_draws_there_is_no_interval_and_no_saying_how_sure(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--patients", "600", "--draws", "0")
    assert done.code == 0 and "95 %" not in done.out and not re.search(r"\([-0-9.]+ to ", done.out)
    assert "One set of parameters: no intervals" in joined(done.out)
    full = run("compare", "8Gy/1", "20Gy/5", "--patients", "600", "--draws", "0", "--full").out
    assert "not known" in full and "no interval" in joined(full)
    document = json.loads(run("compare", "8Gy/1", "20Gy/5", "--patients", "600", "--draws", "0", "--json").out)
    found = document["outcomes"]["relief_4_weeks"]["schedules"][
        "8Gy/1"
    ]  # in a document the Monte Carlo interval, as everywhere
    day = document["times_days"].index(28.0)
    assert found["low95"] == document["schedules"][0]["relief"]["low95"][day] < found["value"]


def test_no_word_of_certainty_on_what_was_not_drawn():
    spread = draws_of(np.linspace(0.1, 0.2, 100), np.zeros(100), numbers=1 + np.arange(100))
    assumed = sureness(spread, negligible=1.5e-3, is_drawn=False)
    assert (assumed.verdict, assumed.words) == ("assumed", "assumed, not drawn")
    assert "likely" not in assumed.sentence and "assumed" in assumed.sentence
    counted = sureness(spread, negligible=1.5e-3, is_drawn=False, is_counted=True)
    assert (counted.verdict, counted.words) == ("counted", "more: by the fractions")


def test_a_sentence_on_certainty_names_both_sides_and_never_all_draws():
    def sentence(values):
        return sureness(draws_of(values, np.zeros(100), numbers=1 + np.arange(100)), negligible=1.5e-3).sentence

    assert sentence(np.linspace(-0.25, 9.65, 100)) == "; very likely (more in 97 of 100 sets of values, fewer in 3)"
    assert sentence(np.linspace(-0.99, 0.99, 100)) == "; open (more in 50 of 100 sets of values, fewer in 50)"
    assert sentence(np.linspace(0.1, 0.2, 100)) == "; very likely"
    assert sentence(np.zeros(100)) == ""


EFFECTS = [
    # a parameter, an outcome, two schedules, whether the schedules differ in the outcome through it
    ("response.log_odds.single_fraction", "relief_12_weeks", "8Gy/1", "20Gy/5", True),
    ("relapse.single_fraction_hazard_ratio", "free_of_pain_12_weeks", "8Gy/1", "20Gy/5", True),
    ("response.log_odds.single_fraction", "relief_12_weeks", "20Gy/5", "30Gy/10", False),
    ("response.log_odds.single_fraction", "fracture_1_year", "8Gy/1", "20Gy/5", False),
    ("response.frailty", "relief_12_weeks", "8Gy/1", "20Gy/5", False),
    ("fracture.single_fraction_rate_ratio", "fracture_1_year", "8Gy/1", "20Gy/5", True),
    ("fracture.single_fraction_rate_ratio", "fracture_1_year", "8Gy/1", "none", False),
    ("fracture.no_irradiation_rate_ratio", "fracture_1_year", "8Gy/1", "none", True),
    ("retreatment.willingness_ratio", "retreatment_1_year", "8Gy/1", "20Gy/5", True),
    ("response.log_odds.sbrt", "overall_response", "8Gy/1", "24Gy/2@sbrt", True),
    ("response.log_odds.sbrt", "overall_response", "8Gy/1", "20Gy/5", False),
    ("response.dose.exponent", "overall_response", "4Gy/1", "8Gy/1", True),
    ("response.dose.exponent", "overall_response", "20Gy/5", "30Gy/10", False),  # both at least on the plateau
    ("survival.log_time.sigma", "alive_12_months", "8Gy/1", "none", False),
]


@pytest.mark.parametrize(("parameter", "key", "first", "second", "found"), EFFECTS)
def test_an_effect_is_drawn_where_its_parameter_varies(parameter, key, first, second, found):
    fixed = {"response.dose.plateau_gy": np.full(4, 8.0), "response.alpha_beta_gy": np.full(4, 10.0)}
    asked = BY_KEY[key], Schedule.parse(first), Schedule.parse(second)
    varying = fixed | {parameter: np.array([1.0, 0.9, 1.1, 1.2])}
    assert is_drawn(*asked, varying) is found
    assert not is_drawn(*asked, fixed | {parameter: np.array([1.0, 0.9, 0.9, 0.9])})  # only the base case apart
    assert not is_drawn(*asked, {name: column[:1] for name, column in varying.items()})


def test_certainty_is_said_of_what_was_drawn_alone(hip):
    samples = prepared(hip.config).samples
    for found in hip.outcomes.values():
        schedules = hip.config.schedules[:2]
        if found.sureness[0].verdict in ("more", "fewer", "open"):
            assert is_drawn(found.outcome, *schedules, samples), found.outcome.key
        if found.sureness[0].verdict == "assumed":
            assert not is_drawn(found.outcome, *schedules, samples), found.outcome.key
    assert hip.outcomes["retreatment_1_year"].sureness[0].verdict == "more"  # drawn from evidence
    assert hip.outcomes["alive_12_months"].sureness[0].words == "assumed equal"


def test_an_effect_that_the_study_sets_has_no_word_of_certainty():
    config = question(["8Gy/1", "20Gy/5"], patient=HIP, **SMALL)
    config = config.model_copy(update={"parameters": {"fracture.single_fraction_rate_ratio": 1.8}})
    found = answer(config).outcomes["fracture_1_year"]
    assert found.differences[0].low95 > 0.0
    assert (found.sureness[0].verdict, found.sureness[0].words) == ("assumed", "assumed, not drawn")


# --- trade-off ---------------------------------------------------------------------------------------------


def test_a_trade_off_by_hand():
    extra_days, extra_repeats = np.array([-3.0, -3.2, -2.8]), np.array([0.2, 0.25, 0.15])
    found = _trade_off(("8Gy/1", "20Gy/5"), extra_days, extra_repeats, same_relief=True)
    assert (found.verdict, found.longer) == ("trade", "20Gy/5")
    assert (found.extra_days, found.repeats_spared) == pytest.approx((3.0, 0.2))
    assert found.days_per_repeat.value == pytest.approx(15.0)  # three days for a fifth of a repeat
    assert 12.8 <= found.days_per_repeat.low95 < 15.0 < found.days_per_repeat.high95 <= 18.7
    sentence = trade_off_sentence(found)
    assert sentence.startswith("20Gy/5 is worth it only if avoiding one repeat treatment is worth 15 (95 % 1")
    assert sentence.endswith("more days at the hospital.")


def test_a_trade_off_with_the_schedules_exchanged_is_the_same():
    found = _trade_off(("20Gy/5", "8Gy/1"), np.array([3.0]), np.array([-0.2]), same_relief=True)
    assert (found.verdict, found.longer) == ("trade", "20Gy/5")
    assert found.days_per_repeat.value == pytest.approx(15.0) and np.isnan(found.days_per_repeat.low95)


@pytest.mark.parametrize(
    ("days", "repeats", "same_relief", "verdict", "words"),
    [
        (-3.0, -0.1, True, "both", "20Gy/5 takes more days at the hospital than 8Gy/1 and spares no repeat treatment."),
        (0.0, 0.0, True, "same", ""),
        (-3.0, 0.2, False, "relief", ""),
    ],
)
def test_no_trade_where_there_is_none(days, repeats, same_relief, verdict, words):
    found = _trade_off(("8Gy/1", "20Gy/5"), np.array([days]), np.array([repeats]), same_relief=same_relief)
    assert (found.verdict, trade_off_sentence(found)) == (verdict, words)


def test_a_lower_dose_is_no_matter_of_days(run):
    done = run("compare", "8Gy/1", "4Gy/1", "none", *SMALL_OPTIONS)
    assert done.code == 0 and "worth it" not in done.out


# --- what must not mislead ----------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", ["--suspected-cord-compression", "--impending-fracture"])
@pytest.mark.parametrize("rest", [[], ["8Gy/1", "20Gy/5", "--pain", "8"], ["8Gy/1", "--karnofsky", "nonsense"]])
def test_an_emergency_is_all_there_is_to_say(run, flag, rest):
    done = run("compare", *rest, flag)
    assert (done.code, done.out, done.err) == (0, URGENT + "\n", "")
    assert json.loads(run("compare", *rest, flag, "--json").out) == {"urgent": URGENT}


@pytest.mark.parametrize(
    ("patient", "circumstances", "schedules", "about"),
    [
        ({}, (), ("8Gy/1", "20Gy/5"), []),
        ({"neuropathic": "no", "karnofsky": 50}, (), ("8Gy/1", "20Gy/5"), []),
        ({"neuropathic": "yes"}, (), ("8Gy/1", "20Gy/5"), ["neuropathic pain"]),
        ({"neuropathic": 0.2}, (), ("8Gy/1", "20Gy/5"), []),
        ({"karnofsky": 40}, (), ("8Gy/1", "20Gy/5"), ["Karnofsky under 50"]),
        ({}, ("complicated",), ("8Gy/1", "20Gy/5"), ["complicated metastasis"]),
        ({}, ("postoperative",), ("8Gy/1", "20Gy/5"), ["after surgery"]),
        ({"site": "hip"}, (), ("8Gy/1", "24Gy/2@sbrt"), ["SBRT"]),
        ({"prior_schedule": "8Gy/1", "prior_weeks_ago": 20}, (), ("8Gy/1", "20Gy/5"), ["irradiated before at this site"]),
        ({"prior_schedule": "none"}, (), ("8Gy/1", "20Gy/5"), []),
        ({"neuropathic": True, "karnofsky": 30}, ("postoperative",), ("8Gy/1", "20Gy/5"),
         ["neuropathic pain", "after surgery", "Karnofsky under 50"]),
    ],
)  # fmt: skip
def test_what_trials_there_are_is_said_of_unusual_patients_and_of_no_others(patient, circumstances, schedules, about):
    config = question(list(schedules), patient=patient)
    found = caveats(config, circumstances=circumstances)
    assert sorted(caveat.about for caveat in found if caveat.beside == EVIDENCE) == sorted(about)


def test_of_sbrt_both_answer_and_report_say_that_its_trials_conflict():
    from types import SimpleNamespace

    from radsim.cli.compare_notes import evidence_lines
    from radsim.report.page import limits

    config = question(["8Gy/1", "24Gy/2@sbrt"], patient={"site": "hip"})
    said = joined("\n".join(evidence_lines(SimpleNamespace(caveats=caveats(config)))))
    assert "SBRT: its trials against conventional radiotherapy contradict each other" in said
    report = limits(config.cohort.covariates, config.schedules)
    assert report[0][0] in said


@pytest.mark.parametrize(("patient", "n"), [({"neuropathic": True}, "272"), ({"prior_schedule": "8Gy/1"}, "850")])
def test_where_there_is_a_trial_it_is_named_with_its_size_and_nobody_says_few_or_none(patient, n):
    (said,) = [
        caveat for caveat in caveats(question(["8Gy/1", "20Gy/5"], patient=patient)) if caveat.beside == EVIDENCE
    ]
    assert f"one randomised trial of {n}" in said.text or f"one randomised trial of repeats, {n} patients" in said.text
    assert not said.text.startswith("few") and "few or no" not in said.text


@pytest.mark.parametrize(
    ("schedules", "said"),
    [
        (("8Gy/1", "20Gy/5"), True),
        (("none", "8Gy/1", "30Gy/10"), True),
        (("8Gy/1", "4Gy/1"), False),
        (("20Gy/5", "30Gy/10"), False),
        (("8Gy/1", "none"), False),
    ],
)
def test_retreatment_is_no_measure_of_failure_between_one_fraction_and_several(schedules, said):
    assert (RETREATED in [caveat.text for caveat in caveats(question(list(schedules)))]) == said


def test_sentences_stand_in_the_answer_in_full(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--karnofsky", "40", "--complicated", *SMALL_OPTIONS, "--full")
    text = joined(done.out)
    for sentence in (
        HEADLINE,
        MEAN_PAIN,
        RETREATED,
        "Complicated metastasis: randomised trials of fractionation left most such patients out",
        "Karnofsky under 50: few patients of the trials",
        SCOPE,
    ):
        assert sentence in text
    assert text.index("Complicated metastasis:") < text.index("Of 100 patients")  # before any number
    assert "Survival: that of today (era modern)" in text
    assert "randomised trial" not in joined(run("compare", "8Gy/1", "20Gy/5", *SMALL_OPTIONS).out)


def test_era_of_the_trials_is_said(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--era", "1990s", *SMALL_OPTIONS)
    assert "that of the trials (1990s)" in joined(done.out)


@pytest.mark.parametrize(("site", "shown"), [("spine", True), ("hip", False)])
def test_cord_compression_is_shown_of_the_spine(run, site, shown):
    done = run("compare", "8Gy/1", "20Gy/5", "--site", site, *SMALL_OPTIONS)
    assert ("Cord compression within a year" in done.out) == shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--site", "hip", "--cortical-involvement-mm", "30"), True),
        (("--site", "hip", "--cortical-involvement-mm", "29"), False),
        (("--site", "hip"), False),
        (("--site", "pelvis", "--cortical-involvement-mm", "30"), False),
    ],
)
def test_a_femur_at_high_risk_is_named(run, options, said):
    assert ("high risk of fracture" in joined(run("compare", "8Gy/1", "20Gy/5", *options, *SMALL_OPTIONS).out)) == said


def test_provisional_numbers_that_move_the_answer_are_named():
    random = np.random.default_rng(4)
    samples = {name: random.normal(size=100) for name in ("a.strong", "b.weak", "c.none", "d.other")}
    samples["e.fixed"] = np.ones(100)
    columns = {
        "relief": 3 * samples["a.strong"] + random.normal(size=100),
        "repeats": samples["d.other"] + 0.01 * random.normal(size=100),
        "constant": np.zeros(100),
    }
    assert [(one.parameter, one.outcome) for one in most_influential(samples, samples, columns)] == [
        ("a.strong", "relief"), ("d.other", "repeats"),
    ]  # fmt: skip
    few = {"a.strong": np.arange(20.0)}
    assert most_influential(few, few, {"relief": np.arange(20.0)}) == ()  # too few draws to tell, however close
    assert most_influential({"e.fixed": np.ones(100)}, ["e.fixed"], {"relief": np.arange(100.0)}) == ()


def test_checked_numbers_are_not_named():
    study = prepared(question(["8Gy/1", "20Gy/5"], patients=512, draws=40))
    result = label(study, engine.simulate_draws(study))
    found = findings(result, study, spine=True)
    everything = sorted(study.samples)
    assert influential(study, result, found, everything) != () == influential(study, result, found, ())


def test_named_numbers_are_provisional_and_the_rest_is_counted(run):
    done = run("compare", "8Gy/1", "20Gy/5", *HIP_OPTIONS, "--patients", "1024", "--draws", "60", "--json")
    document = json.loads(done.out)
    registry = load_registry("trials")
    named = [one["parameter"] for one in document["most_influential"]]
    assert named and all(registry[name].status == "provisional" for name in named)
    assert any(
        name.startswith("retreatment.") for name in named
    )  # the difference is a matter of who is offered a repeat
    assert document["provisional"]["parameters"] > len(named)


# --- prognosis ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("era", ["modern", "1990s"])
@pytest.mark.parametrize(
    ("patient", "days"),
    [
        ({"primary": "lung", "karnofsky": 40}, 84.0),
        ({"age": 95, "sex": "male", "primary": "other"}, 365.0),
        ({}, 84.0),
    ],
)
def test_the_median_is_what_the_clinician_expects_in_every_draw(era, patient, days):
    weeks = days / 7
    config = question(["8Gy/1", "20Gy/5"], patient=patient, era=era, prognosis_weeks=weeks, patients=4096, draws=3)
    assert median_survival_days(config) == pytest.approx(days)
    found = answer(config, prognosis_weeks=weeks)
    alive = found.results["survival"].values[:, 0, found.results["time"].values.tolist().index(days)]
    assert np.all(np.abs(alive - 0.5) < 5 * 0.5 / np.sqrt(4096))
    assert found.prognosis.weeks == weeks and found.prognosis.model_weeks != pytest.approx(weeks, abs=1e-3)


def test_the_median_of_the_model_is_that_of_its_patients():
    config = question(["8Gy/1", "20Gy/5"], patient={"primary": "lung"}, era="1990s", patients=40_000, draws=0)
    median = median_survival_days(config)
    found = answer(config.model_copy(update={"times_days": tuple(sorted({*config.times_days, median}))}))
    time = found.results["time"].values.tolist().index(median)
    assert abs(found.results["survival"].values[0, 0, time] - 0.5) < 5 * 0.5 / np.sqrt(40_000)
    assert found.median_survival_weeks == pytest.approx(median / 7)


def test_the_median_of_a_population_is_found_once(monkeypatch):
    asked = {"patient": {"primary": "lung", "karnofsky": 60}, "patients": 512, "draws": 0}
    config = question(["8Gy/1", "20Gy/5"], **asked)
    median = median_survival_days(config)
    monkeypatch.setattr("radsim.compare.prognosis.median_days", lambda kind: -1.0)
    assert median_survival_days(question(["8Gy/1", "30Gy/10"], **asked)) == median > 0
    assert median_survival_days(config.model_copy(update={"parameters": {"survival.log_time.sigma": 1.0}})) == -1.0


def test_dying_before_relief_takes_it_from_those_who_would_have_had_it():
    would_respond = []
    for weeks in (3, 400):
        study = prepared(question(["8Gy/1", "20Gy/5"], prognosis_weeks=weeks, patients=512, draws=0))
        relieved = np.isfinite(engine.simulate_patients(study, 0, 512)["time_to_response"]).mean(axis=1)
        lost = np.array([each.value for each in died_before_relief(study)])
        would_respond.append(relieved + lost)
        assert np.all(lost > 0.1) == (weeks == 3)
    assert np.allclose(*would_respond, atol=3 / 512)  # an onset beyond five years is in neither


def test_dying_before_the_course_is_complete(run):
    done = run("compare", "8Gy/1", "20Gy/5", "30Gy/10", "none", "--prognosis-weeks", "4", *SMALL_OPTIONS, "--json")
    prognosis = json.loads(done.out)["prognosis"]
    single, five, ten, none = (each["value"] for each in prognosis["died_before_completion"].values())
    assert single == none == 0.0 < five < ten < 0.5
    assert prognosis["weeks"] == 4.0


def test_what_the_estimate_holds_fixed_is_still_counted_as_provisional():
    asked = {"patient": {"primary": "lung"}, "patients": 256, "draws": 0}
    own = answer(question(["8Gy/1", "20Gy/5"], prognosis_weeks=10, **asked), prognosis_weeks=10)
    model = answer(question(["8Gy/1", "20Gy/5"], **asked))
    assert set(own.provisional) == set(model.provisional) - {"survival.log_time.intercept"}


def test_the_estimate_is_said_to_be_taken_as_given(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--prognosis-weeks", "4", *SMALL_OPTIONS, "--full")
    assert "taken as given and without uncertainty of its own" in joined(done.out)
    assert "die before relief begins" in done.out
    assert "your estimate" not in run("compare", "8Gy/1", "20Gy/5", *SMALL_OPTIONS).out


# --- re-irradiation -----------------------------------------------------------------------------------------


def options(*prior, site="spine", schedules=("8Gy/1", "20Gy/5", "30Gy/10")):
    study = prepare(question(list(schedules), patient={"site": site}, prior=prior, **SMALL))
    return reirradiation(study.config, where_is_it(study.config, study.tables), study.values(0))


def test_the_table_holds_what_was_asked_and_the_usual_repeats():
    found = options("30Gy/10@20w")  # 30 (1 + 3/2) = 75
    assert (found.prior_gy2, found.limits.early, found.limits.late, found.limits.course) == (75.0, 120.0, 135.5, 98.0)
    assert {o.schedule: (o.course_gy2, o.total_gy2, o.verdict, o.allowed) for o in found.options if o.asked} == {
        "8Gy/1": (40.0, 115.0, "not covered", False), "20Gy/5": (60.0, 135.0, "beyond", False), "30Gy/10": (75.0, 150.0, "beyond", False),
    }  # fmt: skip
    assert [o.schedule for o in found.options if not o.asked] == ["20Gy/8"]


def test_half_a_year_later_more_remains():
    assert [o.verdict for o in options("30Gy/10@26w").options if o.asked] == ["within", "within", "beyond"]


def test_a_repeat_that_cannot_be_given_is_none_in_either_and_not_an_assumption():
    found = answer(question(["8Gy/1", "20Gy/5"], patient={"site": "spine"}, prior="30Gy/10@20w", **SMALL))
    assert found.outcomes["retreatment"].figures[0].value == 0.0
    assert found.outcomes["retreatment"].sureness[0].words == "none in either"


def test_away_from_the_cord_there_is_no_limit(run):
    assert all(option.allowed for option in options("30Gy/10@20w", site="hip").options)
    done = run("compare", "8Gy/1", "20Gy/5", "--site", "hip", "--prior", "30Gy/10@20w", *SMALL_OPTIONS, "--full")
    assert "No cord in the field" in done.out and "Gy2" not in done.out
    assert "Irradiated before" not in run("compare", "8Gy/1", "20Gy/5", *SMALL_OPTIONS).out


def test_without_the_time_the_table_waits_but_the_rule_speaks_of_all_intervals(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--site", "spine", "--prior-schedule", "30Gy/10", *SMALL_OPTIONS)
    text = joined(done.out)
    assert "How long ago decides on the limits of the spinal cord" in text and "so far 75 Gy2" not in text
    assert re.search(r"20Gy/5: beyond the limits of the spinal cord, for \d+ of 100 such patients", text)
    assert "Irradiated before" not in run("compare", "8Gy/1", "20Gy/5", "--prior-schedule", "none", *SMALL_OPTIONS).out


def test_the_table_of_the_cord(run):
    done = run("compare", "8Gy/1", "30Gy/10", "--site", "spine", "--prior", "30Gy/10@20w", *SMALL_OPTIONS, "--full")
    assert re.search(r"8Gy/1 +40\.0 +115\.0 +not covered", done.out)
    assert re.search(r"30Gy/10 +75\.0 +150\.0 +BEYOND LIMITS", done.out)
    assert "cord.early_limit_gy2" in done.out and "cord.late_limit_gy2" not in done.out  # an assumption, and named


# --- layout -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["8Gy/1", "20Gy/5", *HIP_OPTIONS],
        ["8Gy/1", "20Gy/5", "24Gy/6", "30Gy/10", "none", "--site", "spine", "--prior", "30Gy/10@20w",
         "--prognosis-weeks", "6.5", "--neuropathic", "yes", "--complicated", "--postoperative", "--karnofsky", "30"],
    ],
)  # fmt: skip
def test_eighty_columns_and_no_colour_in_a_pipe(run, arguments):
    for more in ([], ["--full"]):
        done = run("compare", *arguments, *SMALL_OPTIONS, *more)
        assert done.code == 0 and done.err.count("\n") <= 4
        assert "\x1b" not in done.out
        assert max(len(line) for line in done.out.splitlines()) <= 80
        assert SCOPE in done.out


def test_the_page_is_forty_lines_with_the_answer_first(run):
    lines = run("compare", "8Gy/1", "20Gy/5", *HIP_OPTIONS).out.splitlines()
    assert len(lines) <= 40 and lines[0] == "8Gy/1 or 20Gy/5? Breast cancer, hip, Karnofsky 70, worst pain 8"
    text = joined("\n".join(lines))
    answer_, picture, table = (
        text.index(part) for part in ("Pain relief is", "At 12 weeks, of 100", "Of 100 patients (95")
    )
    assert answer_ < picture < table
    start = next(i for i, line in enumerate(lines) if line.startswith("Alive with relief, 4"))
    rows = lines[start : lines.index("", start)]
    assert len(rows) <= 12
    for wanted in ("Pain flare", "Acute side effects", "Opioids"):
        assert any(row.startswith(wanted) for row in rows)
    assert not re.search(
        r"\b(response|retreatment|survival|cord)\.[a-z_]+\.", text
    )  # names of parameters are for --full


def test_the_answer_has_a_direction_and_a_size(run):
    text = joined(run("compare", "8Gy/1", "20Gy/5", *HIP_OPTIONS).out)
    document = json.loads(run("compare", "8Gy/1", "20Gy/5", *HIP_OPTIONS, "--json").out)["outcomes"]
    relief = [100 * document["relief_12_weeks"]["schedules"][name]["value"] for name in ("8Gy/1", "20Gy/5")]
    assert (
        f"{relief[0]:.0f} of 100 such patients are alive with relief after 8Gy/1 and {relief[1]:.0f} after 20Gy/5"
        in text
    )
    again = document["retreatment_1_year"]["differences"][0]
    low, high = 100 * again["low95"], 100 * again["high95"]
    assert (
        f"After 8Gy/1, {100 * again['value']:.0f} more are treated again within a year ({low:.0f} to {high:.0f}), mostly"
        in text
    )
    days = document["hospital_days"]["differences"][0]["value"]
    assert f"20Gy/5 takes {-days:.0f} more days at the hospital and causes more acute side effects." in text
    turned = joined(run("compare", "20Gy/5", "8Gy/1", *HIP_OPTIONS).out)
    assert f"After 20Gy/5, {100 * again['value']:.0f} fewer are treated again within a year" in turned


def test_the_page_of_the_same_question_is_written(run):
    assert run("compare", "8Gy/1", "20Gy/5", *SMALL_OPTIONS, "--report", "page.html").code == 0
    with open("page.html", encoding="utf-8") as file:
        page = file.read()
    assert page.startswith("<!doctype html>") and "treated again within a year" in page
    again = run("compare", "8Gy/1", "20Gy/5", *SMALL_OPTIONS, "--report", "page.html")
    assert again.code == 2 and "page.html" in again.err and again.out == ""


def test_bars_are_fifty_marks_that_show_the_hundred(hip):
    for each in hip.of_100[12]:
        drawn = layout.bar(each, "#=-.")
        assert len(drawn) == 50
        assert abs(2 * drawn.count("#") - each.free_of_pain) <= 2 and abs(2 * drawn.count(".") - each.died) <= 2
        assert drawn == "".join(sorted(drawn, key="#=-.".index))


def test_where_nobody_is_alive_to_ask_there_is_no_figure(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--prognosis-weeks", "0.1", "--patients", "40", "--draws", "2")
    assert re.search(r"Opioids at 12 weeks, mg a day +– +–", done.out) and "nan" not in done.out


def test_colour_in_a_terminal_only_and_marks_without_it_the_same(hip, monkeypatch):
    each = hip.of_100[12][0]
    plain = layout.bar(each, "#=-.")
    monkeypatch.setattr(layout, "is_terminal", lambda: True)
    coloured = layout.bar(each, "#=-.")
    assert "\x1b[" in coloured and re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_plain_ascii_where_the_terminal_has_no_more(run):
    program = "from radsim.cli.main import main; main()"
    arguments = ["compare", "8Gy/1", "20Gy/5", "--patients", "200", "--draws", "2"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, check=True, timeout=300,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    ascii_text, utf8_text = done.stdout.decode("ascii"), run(*arguments).out
    assert "█" in utf8_text and utf8_text.translate(str.maketrans("█▓░·–−", "#=-.--")) == ascii_text


def test_compare_needs_nothing_slow():
    program = """
import atexit, sys
heavy = {"xarray", "pandas", "matplotlib", "sklearn", "rich", "scipy.stats"}
atexit.register(lambda: sys.stderr.write("loaded:" + ",".join(sorted(heavy & set(sys.modules)))))
from radsim.cli.main import main
main()
"""
    arguments = ["compare", "8Gy/1", "20Gy/5", "--prognosis-weeks", "9", "--patients", "64", "--draws", "2"]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stderr.endswith("loaded:")


def test_help_is_light():
    program = """
import atexit, sys
heavy = {"numba", "scipy", "pydantic", "numpy", "rich", "ruamel"}
atexit.register(lambda: sys.stderr.write("loaded:" + ",".join(sorted(heavy & set(sys.modules)))))
from radsim.cli.main import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, "compare", "--help"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stderr == "loaded:"


def test_read_is_answer_without_the_simulation(hip):
    again = read(prepared(hip.config), hip.results)
    assert again.to_dict() == hip.to_dict()
