"""The registry, its draws, and the cache underneath."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import zlib

import numpy as np
import pytest
from scipy.special import ndtr

from radsim import _cache, evidence
from radsim.compiled import door
from radsim.evidence import Entry, EvidenceError, Registry, load_priors, load_registry, quantile
from radsim.kernel import layout, purposes
from radsim.maths import rng

SEED = 20260101
N = 100_000
Z = 5.0  # chance of a false alarm: 6e-7 a comparison
SETS = ("guideline", "trials")
WILLINGNESS = "retreatment.willingness_ratio"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of this test's own, empty at its start."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("RADSIM_CACHE", str(folder))
    return folder


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RADSIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        return {name: load_registry(name) for name in SETS}


def entry(name="some.number", value=0.3, *, low=-math.inf, high=math.inf, **uncertainty):
    return Entry(name, value, uncertainty, "1", "anyone", "a paper", "checked", "none", low, high)


def entries(found):
    return [found[name] for name in found]


def python(code, **environment):
    """Standard output of a fresh interpreter."""
    run = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, env={**os.environ, **environment}, check=True)
    return done.stdout


# --- the registry as shipped --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_the_registry_holds_exactly_what_a_life_depends_on(registry, name):
    of_a_life = {each for each in registry[name] if not each.startswith("between_trial.")}
    assert of_a_life == set(layout.parameter_names())


@pytest.mark.parametrize("name", SETS)
def test_every_entry_is_complete_and_its_value_is_inside_the_support(registry, name):
    for found in entries(registry[name]):
        texts = (found.unit, found.population, found.source, found.note)
        assert all(text.strip() for text in texts), found.name
        assert found.status in ("checked", "provisional")
        assert found.low <= found.value <= found.high
        assert isinstance(found.value, float)


@pytest.mark.parametrize("name", SETS)
def test_every_value_is_a_plausible_draw_of_its_own_uncertainty(name):
    for found in entries(load_priors(name)):
        lower, upper = quantile(found, [0.025, 0.975])
        assert lower <= found.value <= upper, found.name
        extremes = quantile(found, [2.0**-33, 1 - 2.0**-33])
        assert found.low <= extremes[0] <= extremes[1] <= found.high, found.name


def test_a_checked_entry_does_not_lean_on_a_recalled_value_an_assumption_or_a_fit(registry):
    for found in entries(registry["trials"]):
        if found.status == "checked":
            assert not found.source.startswith(("assumption", "fitted", "recalled")), found.name
            assert "recalled" not in found.source, found.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response.log_odds.per_ten_karnofsky", math.log(1.39)),
        ("response.log_odds.breast", math.log(2.54)),
        ("response.log_odds.prostate", math.log(2.83)),
    ],
)
def test_a_logarithm_is_that_of_the_published_ratio(name, value):
    assert load_priors("trials")[name].value == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize(("sex", "at_65", "at_85"), [("male", 0.0125, 0.10), ("female", 0.008, 0.075)])
def test_background_mortality_meets_the_yearly_rates_it_was_made_from(registry, sex, at_65, at_85):
    values = registry["trials"].values()
    name = f"survival.background.{sex}."
    for age, rate in ((65, at_65), (85, at_85)):
        log_rate = values[name + "log_rate_per_year"] + values[name + "slope_per_year"] * age
        assert math.exp(log_rate) == pytest.approx(rate, rel=1e-4)


def test_the_sets_differ_in_the_cut_point_of_complete_response_and_nothing_else(registry):
    guideline, trials = registry["guideline"], registry["trials"]
    assert list(guideline) == list(trials)
    differing = {name for name in trials if guideline[name] != trials[name]}
    assert differing == {"response.cut_complete"}
    assert differing == {name for name in trials if guideline[name].value != trials[name].value}
    assert guideline.digest != trials.digest
    draws = guideline.sample(SEED, 20), trials.sample(SEED, 20)
    assert {name for name in trials if not np.array_equal(draws[0][name], draws[1][name])} == {"response.cut_complete"}


def test_an_unknown_set_is_refused():
    with pytest.raises(EvidenceError, match="expected one of guideline, trials, found folklore"):
        load_registry("folklore")


def test_names_have_distinct_checksums(registry):
    names = list(registry["trials"])
    assert len({zlib.crc32(name.encode()) for name in names}) == len(names)


def test_the_purpose_is_the_one_reserved_for_parameters():
    assert evidence.PARAMETER_PURPOSE == purposes.PARAMETER


# --- values, citations, digest ------------------------------------------------------------------------------


def test_an_override_replaces_one_value(registry):
    plain = registry["trials"].values()
    changed = registry["trials"].values({"flare.probability": 1})
    assert changed.pop("flare.probability") == 1.0
    assert plain.pop("flare.probability") == registry["trials"]["flare.probability"].value
    assert changed == plain


def test_all_bad_overrides_are_reported_together(registry):
    bad = {
        "flare.probabilty": 0.3, "flare.probability": 1.2, "retreatment.repeat.several.fractions": 4.5,
        "onset.sigma": float("nan"), "observation.attendance": True, WILLINGNESS: 0.0, "zzz": 1.0,
        "pain.worsening_points": "2",
    }  # fmt: skip
    with pytest.raises(EvidenceError) as caught:
        registry["trials"].values(bad)
    assert len(caught.value.faults) == len(bad)
    assert str(caught.value).splitlines() == list(caught.value.faults)
    first, second = caught.value.faults[:2]
    assert first == (
        "parameters.flare.probabilty: expected the name of a parameter (did you mean flare.probability?), "
        "found an unknown one"
    )
    assert second == "parameters.flare.probability: expected a finite number >= 0 and <= 1, found 1.2"


def test_cut_points_may_not_cross(registry):
    with pytest.raises(EvidenceError, match=r"response\.cut_overall: expected below response\.cut_complete"):
        registry["trials"].values({"response.cut_overall": 5.0})
    with pytest.raises(EvidenceError, match="every draw"):  # between the base case and its draws
        complete = registry["trials"].values()["response.cut_complete"]
        registry["trials"].sample(SEED, 500, {"response.cut_overall": complete - 0.01})


def test_citations_are_grouped_by_source_and_name_what_they_are_cited_for(registry):
    trials = registry["trials"]
    cited = trials.citations()
    assert sorted(name for names in cited.values() for name in names) == sorted(trials)
    some = ["flare.diary_missing", WILLINGNESS, "cord.course_limit_gy2"]
    assert trials.citations(some) == {
        trials["flare.diary_missing"].source: ["flare.diary_missing"],
        trials[WILLINGNESS].source: [WILLINGNESS],
        trials["cord.course_limit_gy2"].source: ["cord.course_limit_gy2"],
    }
    json.dumps(cited)


def test_provisional_parameters_are_named_in_the_order_asked(registry):
    asked = ["surgery.delay_days", "flare.diary_missing", WILLINGNESS, "onset.median_days"]
    assert registry["trials"].provisional(asked) == ("surgery.delay_days", WILLINGNESS, "onset.median_days")
    assert len(registry["trials"].provisional()) < len(registry["trials"])


def test_the_digest_depends_on_content_and_not_on_order():
    first, second = entry("a.a", 0.3, fixed={}), entry("b.b", 0.3, fixed={})
    assert Registry([first, second]).digest == Registry([second, first]).digest
    assert Registry([first]).digest != Registry([first._replace(value=0.31)]).digest
    assert Registry([first]).digest != Registry([first._replace(note="else")]).digest


# --- draws --------------------------------------------------------------------------------------------------

BETA_SD = math.sqrt(2 * 6 / (8**2 * 9))  # of two and six
HALF_LOGNORMAL = 2 * math.exp(0.5) * ndtr(1.0)  # mean of exp(|Z|)
# entry, mean, sd, median: textbook moments, worked apart from the code
FAMILIES = [
    pytest.param(entry(beta={"a": 2.0, "b": 6.0}), 0.25, BETA_SD, None, id="beta counts"),
    pytest.param(entry(value=0.2, beta={"mean": 0.25, "n": 8.0}), 0.25, BETA_SD, None, id="beta mean"),
    pytest.param(entry(value=0.25, beta={"n": 8.0}), 0.25, BETA_SD, None, id="beta about the value"),
    pytest.param(entry(value=-1.5, normal={"sd": 0.4}), -1.5, 0.4, -1.5, id="normal"),
    pytest.param(
        entry(value=2.0, lognormal={"sigma": 0.5}), 2 * math.exp(0.125),
        2 * math.exp(0.125) * math.sqrt(math.expm1(0.25)), 2.0, id="lognormal",
    ),
    pytest.param(entry(gamma={"shape": 4.0, "scale": 0.1}), 0.4, 0.2, None, id="gamma"),
    pytest.param(entry(uniform={"low": 0.1, "high": 0.7}), 0.4, 0.6 / math.sqrt(12), 0.4, id="uniform"),
    pytest.param(
        entry(value=0.0, low=0.0, normal={"sd": 1.0}), math.sqrt(2 / math.pi), math.sqrt(1 - 2 / math.pi),
        0.6744897501960817, id="half normal",
    ),
    pytest.param(
        entry(value=1.0, low=1.0, lognormal={"sigma": 1.0}), HALF_LOGNORMAL,
        math.sqrt(2 * math.exp(2) * ndtr(2.0) - HALF_LOGNORMAL**2), math.exp(0.6744897501960817),
        id="half lognormal",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("parameter", "mean", "sd", "median"), FAMILIES)
def test_draws_of_a_family_have_its_mean_and_median(parameter, mean, sd, median):
    draws = Registry([parameter]).sample(SEED, N)[parameter.name]
    assert draws[0] == parameter.value
    assert abs(draws[1:].mean() - mean) < Z * sd / math.sqrt(N)
    if median is not None:
        assert abs((draws[1:] < median).mean() - 0.5) < Z * 0.5 / math.sqrt(N)


@pytest.mark.parametrize(("parameter", "mean", "sd", "median"), FAMILIES)
def test_quantiles_of_the_draws_are_those_asked_for(parameter, mean, sd, median):
    draws = Registry([parameter]).sample(SEED, N)[parameter.name][1:]
    for p in (0.025, 0.25, 0.75, 0.975):
        assert abs((draws < quantile(parameter, [p])[0]).mean() - p) < Z * math.sqrt(p * (1 - p) / N)


@pytest.mark.parametrize(
    ("parameter", "p", "expected"),
    [
        (entry(beta={"a": 1.0, "b": 3.0}), 0.4, 1 - 0.6 ** (1 / 3)),  # cdf 1 − (1 − x)³
        (entry(gamma={"shape": 1.0, "scale": 0.5}), 0.4, -0.5 * math.log(0.6)),  # exponential
        (entry(value=10.0, normal={"sd": 2.0}), 0.975, 10 + 2 * 1.959963984540054),
        (entry(value=10.0, lognormal={"sigma": 2.0}), 0.975, 10 * math.exp(2 * 1.959963984540054)),
        (entry(uniform={"low": 0.2, "high": 0.6}), 0.25, 0.3),
        (entry(value=0.3, fixed={}), 0.9, 0.3),
    ],
)
def test_quantiles_have_closed_forms(parameter, p, expected):
    assert quantile(parameter, [p])[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("parameter", "mean", "sd", "median"), FAMILIES)
def test_draws_are_the_inverse_cdf_of_one_keyed_uniform(parameter, mean, sd, median):
    draws = Registry([parameter]).sample(SEED, 20)[parameter.name]
    patient = zlib.crc32(parameter.name.encode())
    uniform = door(rng.uniform)
    uniforms = [uniform(SEED, draw, patient, purposes.PARAMETER, 0) for draw in range(1, 21)]
    assert np.array_equal(draws[1:], quantile(parameter, uniforms))
    assert np.array_equal(np.argsort(draws[1:]), np.argsort(uniforms))


def test_another_parameter_leaves_the_draws_of_the_others_unchanged(registry):
    trials = registry["trials"]
    first, last = entry("aaa.first", beta={"n": 9.0}), entry("zzz.last", normal={"sd": 1.0})
    more = Registry([first, *entries(trials), last], joint=trials.joint, posterior=trials.posterior)
    before, after = trials.sample(SEED, 50), more.sample(SEED, 50)
    assert set(after) - set(before) == {"aaa.first", "zzz.last"}
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_more_draws_leave_the_first_unchanged(registry):
    few, many = registry["trials"].sample(SEED, 10), registry["trials"].sample(SEED, 200)
    assert all(np.array_equal(few[name], many[name][:11]) for name in few)


def test_another_seed_gives_other_draws(registry):
    name = "pain.worsening_points"  # not calibrated: those are rows of the posterior, whatever the seed
    first, second = (registry["trials"].sample(seed, 1)[name] for seed in (1, 1 + 2**32))
    assert first[0] == second[0]
    assert first[1] != second[1]


def test_row_0_is_the_base_case_and_draws_stay_in_the_support(registry):
    values, draws = registry["guideline"].values(), registry["guideline"].sample(SEED, 1000)
    assert {name: column[0] for name, column in draws.items()} == values
    for found in entries(registry["guideline"]):
        column = draws[found.name]
        assert column.shape == (1001,)
        assert np.all((found.low <= column) & (column <= found.high)), found.name


def test_overridden_parameters_do_not_vary_and_leave_the_others_alone(registry):
    overrides = {"flare.probability": 0.3, WILLINGNESS: 1.5}
    plain, changed = registry["trials"].sample(SEED, 100), registry["trials"].sample(SEED, 100, overrides)
    for name, value in overrides.items():
        assert np.array_equal(changed[name], np.full(101, value))
    assert np.ptp(plain["flare.probability"]) > 0
    assert all(np.array_equal(plain[name], changed[name]) for name in plain if name not in overrides)


def test_no_draws_give_the_base_case_alone(registry):
    draws = registry["trials"].sample(SEED, 0)
    assert all(column.shape == (1,) for column in draws.values())


def test_draws_are_the_same_without_compilation(registry):
    code = (
        "from radsim.evidence import load_registry as load\n"
        f"print([d.tobytes().hex() for d in load('trials').sample({SEED}, 5).values()])"
    )
    here = [draws.tobytes().hex() for draws in registry["trials"].sample(SEED, 5).values()]
    assert python(code, NUMBA_DISABLE_JIT="1").strip() == str(here)


# --- draws that are kept ------------------------------------------------------------------------------------


@pytest.fixture
def drawn(monkeypatch):
    """How often draws were made."""
    made, whole = [], Registry._drawn
    monkeypatch.setattr(Registry, "_drawn", lambda *arguments: made.append(arguments[2:4]) or whole(*arguments))
    return made


def bits(draws):
    return {name: column.tobytes() for name, column in draws.items()}


def test_draws_are_made_once_and_kept_to_the_bit(registry, drawn, cache):
    trials = registry["trials"]
    before = bits(trials.sample(SEED, 20))
    for _ in range(3):
        found = trials.sample(SEED, 20)
        assert bits(found) == before
        for column in found.values():
            column[:] = 0.0  # the caller's own
    assert drawn == [(SEED, 20)]
    (path,) = cache.glob("draws-*.hex")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert bits(trials.sample(SEED, 20)) == before
    assert drawn == 2 * [(SEED, 20)]


def test_whatever_draws_hang_on_has_its_own(registry, drawn, monkeypatch):
    trials = registry["trials"]
    reordered = Registry(entries(trials)[::-1], joint=trials.joint, posterior=trials.posterior)
    moved = Registry(
        entries(trials), joint=trials.joint, posterior=trials.posterior, own_location=["onset.median_days"]
    )
    for asked in (
        (trials, SEED, 20),
        (trials, SEED, 21),
        (trials, SEED + 1, 20),
        (reordered, SEED, 20),
        (moved, SEED, 20),
    ):
        asked[0].sample(*asked[1:])
    assert len(drawn) == 5
    monkeypatch.setattr("radsim.evidence.kept_draws._made_by", lambda: "other libraries")
    trials.sample(SEED, 20)
    assert len(drawn) == 6


def test_few_draws_of_the_packaged_sets_alone_are_kept(registry, cache):
    trials = registry["trials"]
    trials.sample(SEED, 0)
    trials.sample(SEED, 201)
    trials.sample(SEED, 5, {"flare.probability": 0.3})
    Registry([entry(beta={"n": 9.0})]).sample(SEED, 5)
    assert not list(cache.glob("draws-*"))
    for seed in range(10):
        trials.sample(seed, 2)
    assert len(list(cache.glob("draws-*.hex"))) == 8


# --- faults of the files ------------------------------------------------------------------------------------

GOOD = """\
radsim_evidence: 1
parameters:
  some.share:
    value: 0.3
    uncertainty: {beta: {n: 10}}
    low: 0
    high: 1
    unit: "1"
    population: anyone
    source: a paper
    status: checked
    note: none
"""
EMPTY = "radsim_evidence: 1\nparameters: {}\n"


@pytest.fixture
def folder(tmp_path):
    """A folder of evidence with one good parameter."""
    place = tmp_path / "evidence"
    place.mkdir()
    for topic in evidence.SETS["guideline"]:
        (place / f"{topic}.yaml").write_text(EMPTY)
    (place / "pain.yaml").write_text(GOOD)
    return place


def faults(folder, evidence_set="trials"):
    with pytest.raises(EvidenceError) as caught:
        load_registry(evidence_set, folder=folder)
    return caught.value.faults


def test_the_smallest_registry_is_read(folder):
    found = load_registry("trials", folder=folder)["some.share"]
    texts = ("1", "anyone", "a paper", "checked", "none")
    assert found == Entry("some.share", 0.3, {"beta": {"n": 10.0}}, *texts, 0.0, 1.0)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("value: 0.3", "value: 1.3", "value: expected a finite number >= 0 and <= 1, found 1.3"),
        ("value: 0.3", "value: ~", "value: expected a finite number >= 0 and <= 1, found None"),
        ("value: 0.3", "value: yes", "value: expected a finite number >= 0 and <= 1, found 'yes'"),
        ("value: 0.3", "value: true", "value: expected a finite number >= 0 and <= 1, found True"),
        ("value: 0.3", "value: .nan", "value: expected a finite number >= 0 and <= 1, found nan"),
        ("    source: a paper\n", "", "source: expected, found nothing"),
        ("source: a paper", "source: ' '", "source: expected text, found ' '"),
        ("note: none", "note: none\n    doi: 10.1", "doi: unknown"),
        ("status: checked", "status: sure", "status: expected one of checked, provisional, found sure"),
        ("low: 0", "low: none", "low: expected a finite number, found 'none'"),
        ("{beta: {n: 10}}", "{cauchy: {x: 1}}", "uncertainty: expected one family of fixed, beta, normal,"),
        ("{beta: {n: 10}}", "wide", "uncertainty: expected one family of"),
        ("{beta: {n: 10}}", "{beta: {a: 10}}", "uncertainty.beta: expected {a, b} or {mean, n} or {n}"),
        ("{beta: {n: 10}}", "{normal: {sd: x}}", "uncertainty.normal: expected finite numbers"),
        ("{beta: {n: 10}}", "{normal: {sd: 0}}", "uncertainty.normal: impossible for"),
        ("{beta: {n: 10}}", "{beta: {mean: 1.5, n: 9}}", "uncertainty.beta: impossible for"),
        ("{beta: {n: 10}}", "{gamma: {shape: 1, scale: 1}}", "uncertainty.gamma: impossible for"),
        ("{beta: {n: 10}}", "{uniform: {low: 0.2, high: 1.2}}", "uncertainty.uniform: impossible for"),
        ("{beta: {n: 10}}", "{uniform: {low: 0.4, high: 0.5}}", "uncertainty.uniform: impossible for"),
        ("value: 0.3", "value: 0", "uncertainty.beta: impossible for"),
        ("some.share:", "Some Share:", "expected a dotted name"),
    ],
)  # fmt: skip
def test_a_fault_of_an_entry_names_the_file_and_the_entry(folder, old, new, expected):
    assert old in GOOD
    (folder / "pain.yaml").write_text(GOOD.replace(old, new))
    (found,) = faults(folder)
    name = "Some Share" if "Share:" in new else "some.share"
    assert found.startswith(f"pain.yaml: {name}: {expected}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("parameters: {}\n", "pain.yaml: expected radsim_evidence and parameters, and nothing else"),
        ("radsim_evidence: 2\nparameters: {}\n", "pain.yaml: expected radsim_evidence: 1 and a mapping"),
        ("radsim_evidence: 1\nparameters: []\n", "pain.yaml: expected radsim_evidence: 1 and a mapping"),
        ("- 1\n", "pain.yaml: expected radsim_evidence and parameters, and nothing else"),
        ("a: [1\n", "pain.yaml: line 2: expected YAML, found expected ',' or ']'"),
        (GOOD + "    note: again\n", "pain.yaml: line 13: expected YAML, found found duplicate key"),
        ("radsim_evidence: 1\nparameters: {some.share: 3}\n", "pain.yaml: some.share: expected a mapping"),
    ],
)
def test_a_fault_of_a_file_names_it(folder, text, expected):
    (folder / "pain.yaml").write_text(text)
    (found,) = faults(folder)
    assert found.startswith(expected)


def test_all_faults_of_all_files_are_reported_together(folder):
    faulty = GOOD.replace("value: 0.3", "value: 3").replace("some.share", "other.share")
    (folder / "pain.yaml").write_text(faulty + "  x: 1\n")
    (folder / "survival.yaml").write_text(GOOD)
    (folder / "response.yaml").write_text(GOOD)
    (folder / "toxicity.yaml").write_bytes(b"\xff\xfe")
    found = faults(folder)
    named = [fault.split(": ")[0] for fault in found]
    assert named == ["response.yaml", "pain.yaml", "pain.yaml", "toxicity.yaml"]
    assert found[0] == "response.yaml: some.share: expected once, found again"


def test_the_guideline_may_only_lay_over_what_is_there(folder):
    (folder / "guideline.yaml").write_text(GOOD.replace("some.share", "new.share"))
    assert faults(folder, "guideline") == ("guideline.yaml: new.share: expected to overlay another file",)
    (folder / "guideline.yaml").write_text(GOOD.replace("value: 0.3", "value: 0.4"))
    assert load_registry("guideline", folder=folder)["some.share"].value == 0.4
    assert load_registry("trials", folder=folder)["some.share"].value == 0.3


def test_missing_files_are_all_named(folder):
    (folder / "pain.yaml").unlink()
    (folder / "response.yaml").unlink()
    assert [fault.split(":")[0] for fault in faults(folder)] == ["response.yaml", "pain.yaml"]


def test_faulty_files_are_not_kept(folder, cache):
    (folder / "pain.yaml").write_text(GOOD.replace("value: 0.3", "value: 3"))
    faults(folder)
    assert not cache.exists() or not list(cache.iterdir())


# --- the cache ----------------------------------------------------------------------------------------------


def forbid_parsing(monkeypatch):
    def parse(texts):
        raise AssertionError("parsed again")

    monkeypatch.setattr(evidence.registry, "parse", parse)


def test_a_kept_set_is_the_parsed_one_to_the_bit(monkeypatch):
    cold = load_registry("guideline")
    forbid_parsing(monkeypatch)
    warm = load_registry("guideline")
    assert entries(warm) == entries(cold)
    assert list(warm) == list(cold)
    assert warm.digest == cold.digest


def test_a_changed_file_is_parsed_again(folder):
    load_registry("trials", folder=folder)
    (folder / "pain.yaml").write_text(GOOD.replace("value: 0.3", "value: 0.5"))
    assert load_registry("trials", folder=folder)["some.share"].value == 0.5


def damaged(content):
    checksum, _, text = content.partition(b"\n")
    other = text.replace(b'"value":0', b'"value":9', 1)
    return {
        "empty": b"", "cut short": content[: len(content) // 2], "no checksum": text,
        "not text": b"\xff\x00" * 50, "one digit": checksum + b"\n" + other,
    }  # fmt: skip


@pytest.mark.parametrize("how", ["empty", "cut short", "no checksum", "not text", "one digit"])
def test_a_damaged_entry_is_parsed_again_and_mended(cache, how):
    cold = load_registry("trials")
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damaged(whole)[how])
    assert damaged(whole)[how] != whole
    assert entries(load_registry("trials")) == entries(cold)
    assert kept.read_bytes() == whole


@pytest.mark.parametrize("text", ["[]x", "[1]", "[{}]", '[{"name": "a"}]', "null"])
def test_a_whole_entry_of_another_kind_is_parsed_again(cache, text):
    cold = load_registry("trials")
    (kept,) = cache.iterdir()
    _cache.store(kept.name, text)
    assert _cache.load(kept.name) == text
    assert entries(load_registry("trials")) == entries(cold)


def test_an_entry_is_written_aside_and_leaves_nothing_else(cache):
    _cache.store("some", "text äöü\nof two lines")
    assert _cache.load("some") == "text äöü\nof two lines"
    assert [path.name for path in cache.iterdir()] == ["some"]
    assert _cache.load("other") is None


def test_a_failed_write_is_silent_and_leaves_nothing(cache, monkeypatch):
    def refuse(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", refuse)
    _cache.store("some", "text")
    assert list(cache.iterdir()) == []
    assert 0.0 < load_registry("trials")["flare.probability"].value < 1.0


def test_the_folder_is_the_first_that_works(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path / "a" / "b"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert _cache.cache_folder() == tmp_path / "a" / "b"
    monkeypatch.setenv("RADSIM_CACHE", str(file / "below"))
    assert _cache.cache_folder() == tmp_path / "xdg" / "radsim"
    monkeypatch.setenv("RADSIM_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert _cache.cache_folder() == tmp_path / "home" / ".cache" / "radsim"
    assert _cache.cache_folder().is_dir()


def test_without_any_home_the_registry_still_loads(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    for name in ("RADSIM_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(file / "below"))
    monkeypatch.setattr(_cache.tempfile, "tempdir", str(tmp_path))
    folder = _cache.cache_folder()
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0
    assert 0.0 < load_registry("trials")["flare.probability"].value < 1.0
    assert list(folder.iterdir())


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="other users only where there are users")
def test_a_temporary_folder_that_others_can_write_to_is_passed_over(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    for name in ("RADSIM_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(file / "below"))
    monkeypatch.setattr(_cache.tempfile, "tempdir", str(tmp_path))
    planted = tmp_path / f"radsim-cache-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    _cache._throwaway_folder.cache_clear()
    assert _cache.cache_folder() != planted
    assert _cache.cache_folder() == _cache.cache_folder()
    _cache._throwaway_folder.cache_clear()


def test_reading_a_kept_set_imports_nothing_heavy():
    code = (
        "import sys; from radsim.evidence import load_registry as load\n"
        "registry = load('guideline'); registry.values({'flare.probability': 0.3}); registry.digest\n"
        "heavy = ('numpy', 'scipy', 'numba', 'pydantic', 'ruamel.yaml')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    assert python(code).strip() == "['numpy', 'ruamel.yaml']"  # once, to parse the files and read the posterior
    assert python(code).strip() == "[]"
