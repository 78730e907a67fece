"""Configurations: what is read, what is refused and in which words, and what comes out again."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from radsim.config import (
    CATEGORIES,
    COVARIATES,
    SCALES,
    STARTING_FILE,
    ConfigError,
    Fault,
    Schedule,
    config_digest,
    json_schema,
    load_config,
    load_population,
    population_names,
    resolved_config,
    to_yaml,
)
from radsim.config.bands import BANDS
from radsim.config.contradictions import contradictions, drawn_from
from radsim.yaml.nodes import resolve_scalar

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(
    file
    for file in (ROOT / "configs").glob("*.yaml")
    if file.stem != "calibration" and not file.stem.startswith(("sweep_", "trial_"))
)  # these are no studies
INVALID = sorted((Path(__file__).parent / "data" / "invalid").glob("*.yaml"))
SMALLEST = {"schedules": ["8Gy/1"]}


def faults_of(source, **options):
    with pytest.raises(ConfigError) as caught:
        load_config(source, **options)
    return [str(fault) for fault in caught.value.faults]


def from_text(text):
    return load_config(io.StringIO(text))


# --- what is read


def test_everything_has_a_default_but_the_schedules():
    config = load_config(SMALLEST)
    assert config.cohort.size == 100_000
    assert config.cohort.era == "1990s"
    assert config.evidence == "trials"
    assert config.observation.visits_weeks == (1, 2, 4, 8, 12)
    assert config.observation.from_ == "start"
    assert config.observation.never_returns is None
    assert config.horizon_days == 1825
    assert config.times_days == (7, 14, 28, 56, 84, 182, 365)
    assert (config.seed, config.draws, config.subgroups, config.parameters) == (None, 0, (), {})


def test_the_whole_format_of_the_contract():
    config = from_text(
        """
radsim: 1
name: Painful uncomplicated bone metastasis
seed: 20260101
cohort:
  size: 1000
  population: default
  era: modern
  primary: {breast: 0.4, prostate: 0.25, lung: 0.25, other: 0.1}
  karnofsky: 70
  neuropathic: 0.2
  prior_schedule: 30Gy/10
  prior_weeks_ago: 20
schedules: [8Gy/1, 20Gy/5, 30Gy/10]
evidence: trials
parameters: {flare.probability: 0.3, retreatment.willingness_ratio: 1}
observation: {visits_weeks: [1, 2, 4, 8, 12], never_returns: 0.22, attendance: 0.9, from: end_of_treatment}
care: {dexamethasone_prophylaxis: true}
horizon_days: lifetime
times_days: [0, 7.5]
draws: 3
subgroups: [primary]
"""
    )
    assert config.cohort.covariates == {
        "primary": {"breast": 0.4, "prostate": 0.25, "lung": 0.25, "other": 0.1},
        "karnofsky": 70.0,
        "neuropathic": {"no": 0.8, "yes": 0.2},
        "prior_schedule": "30Gy/10",
        "prior_weeks_ago": 20.0,
    }
    assert config.parameters == {"flare.probability": 0.3, "retreatment.willingness_ratio": 1.0}
    assert config.observation.from_ == "end_of_treatment"
    assert config.horizon_days == "lifetime"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configurations_load(path):
    assert load_config(path).schedules


def test_there_are_shipped_configurations():
    assert len(CONFIGS) >= 5


def test_starting_file_is_the_default_study():
    assert (ROOT / "configs" / "guideline.yaml").read_text() == STARTING_FILE
    config = from_text(STARTING_FILE)
    assert [schedule.name for schedule in config.schedules] == ["8Gy/1", "20Gy/5", "30Gy/10", "none"]
    assert (config.cohort.size, config.seed, config.cohort.era) == (100_000, 20260101, "1990s")


def test_hints_of_the_starting_file_are_valid():
    commented = STARTING_FILE.replace("  # - {", "  - {").replace("# parameters", "parameters")
    commented = commented.replace("# subgroups", "subgroups")
    for name in ("primary", "site", "karnofsky", "age", "pain", "morphine_equivalent", "neuropathic"):
        commented = commented.replace(f"  # {name}:", f"  {name}:")
    config = from_text(commented)
    assert len(config.cohort.covariates) == 7
    assert config.schedules[-1].cord_dose_gy == 17
    assert config.subgroups == ("primary",)


def test_default_times_stay_within_the_horizon():
    assert load_config({**SMALLEST, "horizon_days": 60}).times_days == (7, 14, 28, 56)
    assert load_config({**SMALLEST, "horizon_days": 3}).times_days == (3,)


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("schedules: [8Gy/1]\n"))
    assert load_config("-").schedules == (Schedule.parse("8Gy/1"),)
    monkeypatch.setattr(sys, "stdin", io.StringIO("schedules: []\n"))
    assert faults_of("-") == ["<stdin>:1: schedules: expected a list of at least one, found an empty list"]


def test_nothing_can_be_changed():
    config = load_config(SMALLEST)
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 1
    with pytest.raises(ValueError, match="frozen"):
        config.cohort.size = 1


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ({"<b>": 1}, "<b>"),
        ({"<number>": 1}, "<number>"),
        ({"cohort": {"<b>": 1}}, "cohort.<b>"),
        ({"cohort": {"age": {"<distribution>": 1}}}, "cohort.age.<distribution>"),
        ({"economics": {"costs": "uk", "<set>": 1}}, "economics.<set>"),
    ],
)
def test_a_key_in_angle_brackets_is_a_key_like_any_other(part, path):
    (fault,) = faults_of(SMALLEST | part)
    assert fault.startswith(f"configuration: {path}: expected one of the keys: ") and fault.endswith(
        f", found {path.rpartition('.')[2]}"
    )


# --- schedules


@pytest.mark.parametrize(
    ("text", "dose", "fractions", "technique"),
    [
        ("8Gy/1", 8, 1, "conventional"),
        ("8.5Gy/1", 8.5, 1, "conventional"),
        ("30Gy/10", 30, 10, "conventional"),
        ("24Gy/2@sbrt", 24, 2, "sbrt"),
    ],
)
def test_short_form(text, dose, fractions, technique):
    schedule = Schedule.parse(text)
    assert (schedule.name, schedule.dose_gy, schedule.fractions) == (text, dose, fractions)
    assert (schedule.technique, schedule.fractions_per_week, schedule.none) == (technique, 5, False)


def test_no_radiotherapy_is_a_schedule():
    none = load_config({"schedules": ["none"]}).schedules[0]
    assert none.none
    assert (none.name, none.dose_gy, none.fractions) == ("none", 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "8",
        "8Gy",
        "8Gy/0",
        "0Gy/1",
        "-8Gy/1",
        "8Gy/1.5",
        "8 Gy/1",
        "8Gy/1@x",
        "",
        "None",
        "1e3Gy/1",
        "8Gy/1\n",
    ],
)
def test_not_a_schedule(text):
    with pytest.raises(ValueError, match="a schedule such as 8Gy/1"):
        Schedule.parse(text)


def test_a_mapping_names_itself():
    schedule = load_config({"schedules": [{"dose_gy": 24, "fractions": 6, "fractions_per_week": 2}]}).schedules[0]
    assert (schedule.name, schedule.fractions_per_week) == ("24Gy/6", 2)


def test_sbrt_needs_the_cord_dose_only_where_there_is_a_spine():
    sbrt = {"schedules": ["24Gy/2@sbrt"]}
    assert load_config({**sbrt, "cohort": {"site": "hip"}})
    assert load_config({**sbrt, "cohort": {"site": {"hip": 1, "spine": 0}}})
    assert load_config({**sbrt, "cohort": {"population": "hip_breast"}})
    assert load_config({"schedules": [{"dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17}]})
    assert faults_of({**sbrt, "cohort": {"population": "neuropathic_spine"}})
    assert faults_of({**SMALLEST, "cohort": {"prior_schedule": "24Gy/2@sbrt"}})


def test_a_cord_dose_is_for_sbrt():
    schedule = {"dose_gy": 8, "fractions": 1, "cord_dose_gy": 8}
    assert (
        "schedules[0].cord_dose_gy: expected a cord dose only with technique sbrt"
        in faults_of({"schedules": [schedule]})[0]
    )


# --- covariates


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (True, "yes"),
        (False, "no"),
        ("yes", "yes"),
        (0.25, {"no": 0.75, "yes": 0.25}),
        (1, "yes"),
    ],
)
def test_yes_or_no_or_a_probability(given_, kept):
    assert load_config({**SMALLEST, "cohort": {"visceral": given_}}).cohort.covariates == {"visceral": kept}


def test_limits_of_a_distribution_are_filled_in():
    config = load_config({**SMALLEST, "cohort": {"age": {"normal": {"mean": 65, "sd": 10, "low": 40}}}})
    normal = config.cohort.covariates["age"].family
    assert (normal.low, normal.high) == (40, 110)


# --- what is refused


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid(path):
    expected = [line.removeprefix("#! ") for line in path.read_text().splitlines() if line.startswith("#! ")]
    assert expected
    assert faults_of(path) == [f"{path.name}:{line}" for line in expected]


def test_there_are_invalid_files():
    assert len(INVALID) > 30


def test_unreadable_files(tmp_path):
    assert faults_of(tmp_path / "no.yaml") == ["no.yaml: expected a readable file, found no such file or directory"]
    assert faults_of(tmp_path) == [f"{tmp_path.name}: expected a readable file, found is a directory"]
    (tmp_path / "latin.yaml").write_bytes("name: x\nname: é".encode("latin-1"))
    assert faults_of(tmp_path / "latin.yaml") == ["latin.yaml:2: expected UTF-8 text, found other bytes"]
    (tmp_path / "binary.yaml").write_bytes(b"\x00\x01")
    assert "expected YAML" in faults_of(tmp_path / "binary.yaml")[0]


def test_deep_and_long_files_are_refused_quickly():
    assert "at most 12 levels" in faults_of(io.StringIO("x: " + "[" * 20_000))[0]
    assert faults_of(io.StringIO("seed: " + "9" * 5000))
    assert faults_of(io.StringIO("? [a, b]\n: 1\nschedules: [8Gy/1]\n")) == [
        "configuration:1: expected text as a key, found something else"
    ]


def test_a_mapping_is_held_to_the_same_rules():
    assert faults_of({"schedules": ["8Gy/1"], "seed": None, "cohort": {"size": 0}}) == [
        "configuration: seed: expected a value (leave the key out for its default), found nothing",
        "configuration: cohort.size: expected a whole number from 1 to 4294967296, found 0",
    ]


def test_a_fault_prints_where_what_and_what_instead():
    fault = Fault("bone.yaml", 3, "schedules[2].fractions", "a whole number", "0.5")
    assert str(fault) == "bone.yaml:3: schedules[2].fractions: expected a whole number, found 0.5"


@settings(deadline=None)
@given(st.text(max_size=200) | st.text("{}[]:-&*!|>'\"#%@,? \nab1~", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        from_text(text)
    except ConfigError as error:
        assert error.faults
        assert len(str(error).splitlines()) == len(error.faults)


# --- overrides


def test_overrides_replace_values_by_path():
    config = load_config(
        SMALLEST, overrides={"cohort.size": 5, "seed": 0, "parameters.flare.probability": 0.5, "care": {}}
    )
    assert (config.cohort.size, config.seed, config.parameters) == (5, 0, {"flare.probability": 0.5})


def test_an_override_replaces_a_fault_and_answers_for_its_own():
    text = "schedules: [8Gy/1]\ncohort:\n  size: 0\nseed: !!int 3\n"
    config = load_config(io.StringIO(text), overrides={"cohort.size": 10, "seed": 4})
    assert (config.cohort.size, config.seed) == (10, 4)
    assert faults_of(io.StringIO(text), overrides={"cohort.size": -1, "sead": 1}) == [
        "configuration:4: seed: expected a value without a tag, found the tag !!int",
        "override: cohort.size: expected a whole number from 1 to 4294967296, found -1",
        "override: sead: expected one of the keys: radsim, name, seed, cohort, schedules, evidence, "
        "parameters, observation, care, retreatment, horizon_days, times_days, draws, subgroups, economics "
        "(did you mean seed?), found sead",
    ]


# --- what comes out again


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configurations_come_back(path):
    config = load_config(path)
    again = from_text(to_yaml(config))
    assert again == config
    assert config_digest(again) == config_digest(config)


probabilities = st.lists(st.integers(0, 1000), min_size=2, max_size=6).filter(sum)


@st.composite
def distributions(draw, name):
    scale = SCALES[name]
    step = scale.resolution or 1
    number = st.floats(1, 100)
    low = scale.low + step * draw(st.integers(0, 3))
    high = low + step * draw(st.integers(2, 5))
    family = draw(st.sampled_from(["normal", "lognormal", "uniform"]))
    if family == "uniform":
        return {"uniform": {"low": low, "high": high}}
    if family == "normal":
        return {"normal": {"mean": draw(st.floats(-50, 150)), "sd": draw(number), "low": low, "high": high}}
    return {"lognormal": {"median": draw(number), "sigma": draw(st.floats(0.01, 10))}}


@st.composite
def marginals(draw, name):
    if name in SCALES:
        return draw(distributions(name))
    if name == "prior_schedule":
        return draw(st.sampled_from(["none", "8Gy/1", {"none": 0.5, "20Gy/5": 0.5}]))
    shares = draw(st.lists(st.integers(0, 1000), min_size=1, max_size=len(CATEGORIES[name])).filter(sum))
    return {category: n / sum(shares) for category, n in zip(CATEGORIES[name], shares, strict=False)}


schedules = st.builds(
    lambda dose, fractions, week: {"dose_gy": dose, "fractions": fractions, "fractions_per_week": week},
    st.floats(0.01, 200),
    st.integers(1, 100),
    st.integers(1, 7),
) | st.sampled_from(["none", "8Gy/1", "20Gy/5", {"name": "no 1", "dose_gy": 8, "fractions": 1}])


def name_of(schedule):
    return schedule if isinstance(schedule, str) else Schedule.model_validate(schedule).name


@st.composite
def configurations(draw):
    names = draw(st.lists(st.sampled_from(COVARIATES), unique=True, max_size=5))
    line = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and text.isprintable())
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    patients = {name: draw(marginals(name)) for name in names}
    assume(not contradictions(patients, drawn_from("default")))
    return {
        "name": draw(line),
        "seed": draw(st.integers(0, 2**53 - 1)),
        "cohort": {"size": draw(st.integers(1, 2**32)), **patients},
        "schedules": draw(st.lists(schedules, min_size=1, max_size=3, unique_by=name_of)),
        "parameters": draw(st.dictionaries(line, numbers, max_size=3)),
        "horizon_days": draw(st.floats(0.1, 36525) | st.just("lifetime")),
        "subgroups": draw(st.lists(st.sampled_from([*CATEGORIES, *BANDS]), unique=True)),
        "draws": draw(st.integers(0, 100)),
    }


@settings(deadline=None)
@given(configurations())
def test_a_configuration_comes_back_from_its_yaml(data):
    config = load_config(data)
    again = from_text(to_yaml(config))
    assert again == config
    assert config_digest(again) == config_digest(config)
    assert load_config(resolved_config(config)) == config


@pytest.mark.parametrize(
    "name",
    ["@home", "- spine", "-", "---", "+", "a: b", "a #b", "true", "1e3", "0x1", "12:30", "2026-11-22", "?", "~", "é"],
)
def test_a_name_comes_back_from_its_yaml(name):
    assert from_text(to_yaml(load_config({**SMALLEST, "name": name}))).name == name


@given(st.integers(-(10**30), 10**30) | st.floats(allow_nan=False))
def test_numbers_are_read_as_written(number):
    text = repr(number).replace("inf", ".inf")
    assert resolve_scalar(text) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1990s", "1990s"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("12:30", "12:30"),
        ("8Gy/1", "8Gy/1"), ("1_000", "1_000"), ("true", True), ("FALSE", False), ("0o17", 15), ("0x1F", 31),
        ("017", 17), ("1e3", 1000.0), (".5", 0.5), ("-.inf", float("-inf")), ("~", None), ("", None),
        ("Null", None),
    ],
)  # fmt: skip
def test_yaml_1_2_core_schema(text, value):
    assert resolve_scalar(text) == value
    assert type(resolve_scalar(text)) is type(value)


def test_digest_names_the_content(tmp_path):
    digest = config_digest(load_config(SMALLEST))
    assert digest == config_digest(from_text("horizon_days: 1825.0\nschedules:\n- 8Gy/1  # the default horizon"))
    assert digest != config_digest(load_config(SMALLEST, overrides={"seed": 1}))
    assert len(digest) == 64


def test_equal_configurations_have_one_digest():
    plus, minus = (load_config({**SMALLEST, "parameters": {"x": zero}}) for zero in (0.0, -0.0))
    assert plus == minus
    assert config_digest(plus) == config_digest(minus)


def test_digest_knows_a_cohort_file_by_name_and_content(tmp_path):
    digests = []
    for folder, content in (("a", "pain\n5\n"), ("b", "pain\n5\n"), ("c", "pain\n6\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rows.csv").write_text(content)
        path = tmp_path / folder / "study.yaml"
        path.write_text("schedules: [8Gy/1]\ncohort: {file: rows.csv, each_row: 2}\n")
        config = load_config(path)
        assert config.cohort.file == str(tmp_path / folder / "rows.csv")
        assert config.cohort.size is None
        assert from_text(to_yaml(config)) == config
        assert str(tmp_path) not in str(resolved_config(config))
        digests.append(config_digest(config))
    assert digests[0] == digests[1] != digests[2]


def test_a_pinned_cohort_file_must_not_have_changed(tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("pain\n5\n")
    record = resolved_config(load_config({**SMALLEST, "cohort": {"file": str(rows)}}))
    here = {"cohort.file": str(rows)}
    assert resolved_config(load_config(record, overrides=here)) == record
    rows.write_text("pain\n6\n")
    assert "cohort.file_sha256: expected a file with SHA-256" in faults_of(record, overrides=here)[0]


def test_schema_has_every_key_and_no_null():
    schema = json_schema()
    assert set(schema["properties"]) >= {"radsim", "cohort", "schedules", "observation", "times_days"}
    assert set(COVARIATES) <= set(schema["$defs"]["Cohort"]["properties"])
    assert "from" in schema["$defs"]["Observation"]["properties"]
    assert "'null'" not in str(schema)
    assert schema["required"] == ["schedules"]


# --- populations


@pytest.mark.parametrize("name", population_names())
def test_populations_are_complete_and_sourced(name):
    population = load_population(name)
    assert population.name == name
    assert population.description
    assert tuple(population.covariates) == COVARIATES
    for covariate in population.covariates.values():
        assert covariate.source
        assert covariate.status in ("checked", "provisional")
        assert covariate.status == "provisional" or "assumption" not in covariate.source
        assert covariate.given in (None, "primary", "site")
    for entry in population.correlation:
        assert -1 < entry.value < 1
        assert set(entry.between) <= set(COVARIATES)


def test_there_are_populations():
    assert population_names() == (
        "clinic",
        "default",
        "hip_breast",
        "lung_poor_prognosis",
        "modern",
        "neuropathic_spine",
    )


# --- cost


def test_importing_is_light():
    code = (
        "import sys, radsim.config; "
        "print(*{'numba', 'numpy', 'scipy', 'xarray', 'ruamel.yaml', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
