"""The cohort: tables that sample the distribution asked for, rows of real patients with all their faults."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radsim.cohort import (
    CohortError,
    build_tables,
    covariates_from_uniforms,
    provisional_covariates,
    read_rows,
    resolve_cohort,
)
from radsim.config import CATEGORIES, COVARIATES, SCALES, ConfigError, load_config, population_names

CONFIGS = Path(__file__).parents[1] / "configs"
POSITION = {name: i for i, name in enumerate(COVARIATES)}
PRIMARY, SITE, AGE, SEX, SUBTYPE, KARNOFSKY = (
    POSITION[n] for n in ("primary", "site", "age", "sex", "subtype", "karnofsky")
)
PAIN, MORPHINE, PRIOR = POSITION["pain"], POSITION["morphine_equivalent"], POSITION["prior_schedule"]


def tables_of(**cohort):
    return build_tables(load_config({"schedules": ["8Gy/1"], "cohort": {"size": 10, **cohort}}))


def level_probabilities(tables, covariate, parent=0):
    """Values in use and their probabilities."""
    c = POSITION[covariate]
    n = tables.n_levels[c, parent]
    return tables.values[c, parent, :n], np.diff(tables.cumulative[c, parent, :n], prepend=0)


def sample(tables, n, seed=1):
    return covariates_from_uniforms(tables, np.random.default_rng(seed).random((n, len(COVARIATES))))


def csv_file(tmp_path, text, name="rows.csv"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def faults_of(path):
    with pytest.raises(CohortError) as caught:
        read_rows(path)
    return [str(fault) for fault in caught.value.faults]


# --- tables


@pytest.mark.parametrize("name", population_names())
def test_tables_of_every_population(name):
    tables, warnings = tables_of(population=name)
    assert warnings == []
    check_tables(tables)


def check_tables(tables):
    n = len(COVARIATES)
    assert tables.values.shape == tables.cumulative.shape == (n, 6, 256)
    assert tables.n_levels.shape == (n, 6)
    assert tables.n_levels.dtype == tables.parent.dtype == np.int64
    assert tables.correlated.dtype == np.uint8
    assert (tables.n_levels >= 1).all() and (tables.n_levels <= 256).all()
    for c, name in enumerate(COVARIATES):
        for p in range(len(CATEGORIES[COVARIATES[tables.parent[c]]]) if tables.parent[c] >= 0 else 1):
            check_levels(name, tables.values[c, p], tables.cumulative[c, p], tables.n_levels[c, p])
    assert np.allclose(np.diag(tables.cholesky @ tables.cholesky.T), 1)
    assert (np.triu(tables.cholesky, 1) == 0).all()
    plain = tables.correlated == 0
    assert (tables.cholesky[plain] == np.eye(n)[plain]).all()


def check_levels(name, values, cumulative, n):
    assert (np.diff(cumulative[:n], prepend=0) >= 0).all()
    assert (cumulative[n - 1 :] == 1.0).all()
    assert (np.diff(values[:n]) >= 0).all()
    if name in SCALES:
        assert SCALES[name].low <= values[0] and values[n - 1] <= SCALES[name].high
    elif name in CATEGORIES:
        assert set(values[:n]) <= set(range(len(CATEGORIES[name])))
    if name == "pain":
        assert values[0] >= 2


@st.composite
def numeric_marginals(draw):
    name = draw(st.sampled_from(list(SCALES)))
    scale = SCALES[name]
    step = scale.resolution or 1
    low = scale.low + step * draw(st.integers(0, 4))
    high = low + step * draw(st.integers(1, 5))
    wide = st.floats(-1e6, 1e6)
    positive = st.floats(1e-300, 1e6)
    family = draw(st.sampled_from(["normal", "lognormal", "uniform"]))
    if family == "uniform":
        return name, {"uniform": {"low": low, "high": high}}
    if family == "normal":
        limits = draw(st.sampled_from([{}, {"low": low}, {"high": high}, {"low": low, "high": high}]))
        return name, {"normal": {"mean": draw(wide), "sd": draw(positive), **limits}}
    zero = draw(st.floats(0, 1)) if scale.low == 0 else 0
    return name, {"lognormal": {"median": draw(positive), "sigma": draw(st.floats(1e-3, 10)), "zero": zero}}


@settings(deadline=None)
@given(numeric_marginals())
def test_tables_of_any_distribution(marginal):
    name, distribution = marginal
    beside = {"prior_schedule": "8Gy/1"} if name == "prior_weeks_ago" else {}
    try:
        tables, _ = tables_of(**beside, **{name: distribution})
    except ConfigError as error:
        assert name == "pain" and "at least 2" in str(error)
        return
    check_tables(tables)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=6, max_size=6).filter(sum), st.floats(1e-9, 1 - 1e-9))
def test_the_level_of_a_uniform_is_the_first_it_does_not_exceed(shares, u):
    site = {category: n / sum(shares) for category, n in zip(CATEGORIES["site"], shares, strict=True)}
    tables, _ = tables_of(site=site)
    uniforms = np.full(len(COVARIATES), u)
    code = int(covariates_from_uniforms(tables, uniforms)[SITE])
    before = sum(shares[:code]) / sum(shares)
    assert shares[code] > 0
    assert before - 1e-12 < u <= before + shares[code] / sum(shares) + 1e-12


def test_categories_keep_their_shares():
    values, probabilities = level_probabilities(tables_of()[0], "primary")
    assert list(values) == [0, 1, 2, 3]
    assert probabilities == pytest.approx([0.39, 0.23, 0.25, 0.13], abs=1e-12)


def test_a_fixed_covariate_has_one_level():
    values, probabilities = level_probabilities(tables_of(karnofsky=70)[0], "karnofsky")
    assert (list(values), list(probabilities)) == ([70], [1])


def test_uniform_levels_are_equally_likely():
    values, probabilities = level_probabilities(tables_of(pain={"uniform": {"low": 5, "high": 8}})[0], "pain")
    assert list(values) == [5, 6, 7, 8]
    assert probabilities == pytest.approx([0.25] * 4)


def test_normal_levels_hold_the_mass_around_them():
    normal = NormalDist(70, 16)
    tables, _ = tables_of(karnofsky={"normal": {"mean": 70, "sd": 16, "low": 50, "high": 90}})
    values, probabilities = level_probabilities(tables, "karnofsky")
    mass = [normal.cdf(value + 5) - normal.cdf(value - 5) for value in (50, 60, 70, 80, 90)]
    assert list(values) == [50, 60, 70, 80, 90]
    assert probabilities == pytest.approx([part / sum(mass) for part in mass])


def test_lognormal_with_zeros():
    marginal = {"lognormal": {"median": 40, "sigma": 0.9, "zero": 0.45}}
    values, probabilities = level_probabilities(tables_of(morphine_equivalent=marginal)[0], "morphine_equivalent")
    assert len(values) == 256
    assert (values[0], probabilities[0]) == (0, pytest.approx(0.45))
    assert values[128] == pytest.approx(40, rel=1e-6)
    assert probabilities[1:] @ values[1:] / 0.55 == pytest.approx(40 * math.exp(0.9**2 / 2), rel=0.01)


def test_mass_beyond_the_limits_goes_to_the_nearest():
    far = {"normal": {"mean": 1000, "sd": 1}}
    assert list(level_probabilities(tables_of(age=far)[0], "age")[0]) == [110]
    assert list(level_probabilities(tables_of(morphine_equivalent={"normal": {"mean": -1e4, "sd": 1}})[0],
                                    "morphine_equivalent")[0]) == [0]  # fmt: skip


def test_pain_that_cannot_respond_is_cut_with_a_warning():
    tables, warnings = tables_of(pain={"uniform": {"low": 1, "high": 10}})
    values, probabilities = level_probabilities(tables, "pain")
    assert (values[0], probabilities[0]) == (2, pytest.approx(1 / 9))
    assert warnings == ["cohort.pain: the 10.0% with pain below 2 cannot respond and are left out"]


def test_pain_that_never_responds_is_refused():
    with pytest.raises(ConfigError, match="at least 2"):
        tables_of(pain={"uniform": {"low": 0, "high": 1}})
    with pytest.raises(CohortError, match="at least 2"):
        tables_of(pain={"normal": {"mean": 0, "sd": 0.1}})


def test_default_population_meets_its_sources():
    patients = sample(tables_of()[0], 20_000)
    se = 0.5 / math.sqrt(20_000)
    age = patients[:, AGE]
    assert np.mean(age < 65) == pytest.approx(520 / 1157, abs=5 * se)  # Westhoff 2014
    assert np.mean(age >= 75) == pytest.approx(227 / 1157, abs=5 * se)
    assert np.mean(patients[:, SEX]) == pytest.approx(0.54, abs=5 * se)  # Steenland 1999
    assert np.mean(patients[:, PAIN]) == pytest.approx(6.3, abs=0.1)
    assert np.mean(patients[:, KARNOFSKY]) == pytest.approx(70, abs=1)
    assert np.mean(patients[:, MORPHINE] == 0) == pytest.approx(0.45, abs=5 * se)
    assert (patients[:, PRIOR] == 0).all()
    assert (patients[:, SUBTYPE] == 0).all()


def test_the_copula_correlates_and_keeps_the_marginals():
    tables, _ = tables_of()
    patients = sample(tables, 20_000)
    assert np.corrcoef(patients[:, KARNOFSKY], patients[:, PAIN])[0, 1] == pytest.approx(-0.2, abs=0.03)
    assert np.corrcoef(patients[:, AGE], patients[:, PAIN])[0, 1] == pytest.approx(0, abs=0.03)
    values, probabilities = level_probabilities(tables, "pain")
    shares = np.array([np.mean(patients[:, PAIN] == value) for value in values])
    assert (np.abs(shares - probabilities) < 5 * np.sqrt(probabilities / 20_000)).all()


def test_what_belongs_to_one_primary_or_site_stays_there():
    tables, _ = tables_of(subtype="triple_negative", cortical_involvement_mm=40, sex="female")
    patients = sample(tables, 2_000)
    breast, hip, prostate = patients[:, PRIMARY] == 0, patients[:, SITE] == 0, patients[:, PRIMARY] == 1
    assert (patients[breast, SUBTYPE] == 4).all() and (patients[~breast, SUBTYPE] == 0).all()
    cortical = patients[:, POSITION["cortical_involvement_mm"]]
    assert (cortical[hip] == 40).all() and (cortical[~hip] == 0).all()
    assert (patients[prostate, SEX] == 1).all() and (patients[~prostate, SEX] == 0).all()
    assert breast.any() and hip.any() and prostate.any()


def test_the_configuration_stands_before_the_population():
    cohort = load_config({"schedules": ["8Gy/1"], "cohort": {"lesion": "lytic"}}).cohort
    marginals = resolve_cohort(cohort)
    assert marginals["lesion"] == (None, ["lytic"])
    assert marginals["visceral"][0] == "primary"
    assert len(marginals["visceral"][1]) == len(CATEGORIES["primary"])


def test_prior_schedules_have_positions():
    tables, _ = tables_of(prior_schedule={"20Gy/5": 0.25, "none": 0.5, "8Gy/1": 0.25})
    assert [schedule.name for schedule in tables.prior_schedules] == ["none", "20Gy/5", "8Gy/1"]
    values, probabilities = level_probabilities(tables, "prior_schedule")
    assert (list(values), list(probabilities)) == ([0, 1, 2], [0.5, 0.25, 0.25])


def test_tables_cannot_be_changed():
    tables, _ = tables_of()
    with pytest.raises(ValueError, match="read-only"):
        tables.values[0, 0, 0] = 1


def test_provisional_numbers_are_named_unless_replaced():
    config = load_config({"schedules": ["8Gy/1"], "cohort": {"karnofsky": 70}})
    provisional = provisional_covariates(config)
    assert provisional["visceral"] == "assumption"
    assert "karnofsky" not in provisional and "primary" not in provisional


# --- rows


def test_rows_are_read(tmp_path):
    rows = read_rows(
        csv_file(
            tmp_path,
            "pain,primary,site,visceral,prior_schedule,prior_weeks_ago,morphine_equivalent\n"
            "8,lung,spine,yes,20Gy/5,12,30.5\n"
            "\n"
            ' 2 ,breast,"hip",0,none,,\n',
        )
    )
    first, second = rows.values
    assert [first[POSITION[n]] for n in ("pain", "primary", "site", "visceral", "prior_weeks_ago")] == [
        8,
        2,
        2,
        1,
        12,
    ]
    assert (first[PRIOR], first[MORPHINE], second[PRIOR]) == (1, 30.5, 0)
    assert [schedule.name for schedule in rows.prior_schedules] == ["none", "20Gy/5"]
    assert np.isnan(second[[MORPHINE, AGE, KARNOFSKY, SUBTYPE]]).all()
    assert first[SUBTYPE] == 0  # a lung cancer has no receptor subtype
    assert rows.warnings == (
        "rows.csv: visceral has no effect where the primary is neither breast nor prostate cancer (row 1)",
        "rows.csv: empty cells are drawn from the population, whatever else the row says (of 2 rows: age 2, "
        "sex 2, subtype 1, karnofsky 2, lesion 2, cortical_involvement_mm 1, neuropathic 2, "
        "morphine_equivalent 1)",
    )


def test_every_bad_row_is_reported_with_its_number(tmp_path):
    path = csv_file(
        tmp_path,
        "pain,karnofsky,sex,primary,subtype,age\n"
        "14,70,female,breast,unknown,60\n"
        "7,70,female,breast,unknown,60\n"
        "x,75,woman,breast,unknown,inf\n"
        "7,70,female,breast\n"
        "7,70,female,prostate,unknown,60\n"
        "7,70,male,lung,triple_negative,60\n"
        "6.5,70,male,lung,,60\n",
    )
    assert faults_of(path) == [
        'rows.csv:2: row 1: pain: expected a whole number from 0 to 10, found "14"',
        'rows.csv:4: row 3: pain: expected a whole number from 0 to 10, found "x"',
        'rows.csv:4: row 3: karnofsky: expected a multiple of 10 from 10 to 100, found "75"',
        'rows.csv:4: row 3: sex: expected one of female, male, found "woman"',
        'rows.csv:4: row 3: age: expected a number from 18 to 110 [year], found "inf"',
        "rows.csv:5: row 4: expected 6 cells, found 4",
        'rows.csv:6: row 5: sex: expected male for a prostate cancer, found "female"',
        'rows.csv:7: row 6: subtype: expected unknown unless the primary is breast, found "triple_negative"',
        'rows.csv:8: row 7: pain: expected a whole number from 0 to 10, found "6.5"',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "rows.csv:1: expected a header line and at least one row, found an empty file"),
        ("\n\n", "rows.csv:1: expected a header line and at least one row, found an empty file"),
        ("pain,age\n", "rows.csv: expected at least one row, found none"),
        ("pain,pain\n1,2\n", "rows.csv:1: column 2: expected each column once, found pain again"),
        ("pain\n1\n0\n", "rows.csv: pain: expected a row with worst pain of at least 2, found none"),
        ('pain\n"1\n', "rows.csv:2: expected CSV, found unexpected end of data"),
        (
            "prior_schedule\n8Gy\n",
            "rows.csv:2: row 1: prior_schedule: expected a schedule such as 8Gy/1, 20Gy/5, "
            '24Gy/2@sbrt or none, found "8Gy"',
        ),
        (
            "prior_schedule,site\n24Gy/2@sbrt,spine\n",
            "rows.csv:2: row 1: prior_schedule: expected no SBRT at the spine: its dose to the cord "
            'is not known, found "24Gy/2@sbrt"',
        ),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, text, fault):
    assert faults_of(csv_file(tmp_path, text)) == [fault]


def test_an_unknown_column_names_the_nearest(tmp_path):
    (fault,) = faults_of(csv_file(tmp_path, "pain,karnovsky\n5,70\n"))
    assert fault.startswith("rows.csv:1: column 2: expected one of the covariates: primary, ")
    assert fault.endswith('(did you mean karnofsky?), found "karnovsky"')


def test_an_unreadable_file(tmp_path):
    assert faults_of(str(tmp_path / "no.csv")) == ["no.csv: expected a readable file, found no such file or directory"]
    (tmp_path / "latin.csv").write_bytes(b"pain\n\xe9\n")
    assert faults_of(str(tmp_path / "latin.csv")) == ["latin.csv: expected UTF-8 text, found other bytes at 5"]
    (tmp_path / "not.parquet").write_bytes(b"pain\n5\n")
    assert "not.parquet: expected a readable Parquet file" in faults_of(str(tmp_path / "not.parquet"))[0]


def test_rows_that_cannot_respond_are_left_out_with_a_message(tmp_path):
    rows = read_rows(csv_file(tmp_path, "pain\n5\n1\n\n0\n"))
    assert len(rows.values) == 1
    message = "rows.csv: 2 of 3 rows left out, as a worst pain below 2 cannot respond (row 2, 4)"
    assert rows.warnings[:2] == ("rows.csv: 1 row is empty and left out", message)


def test_parquet_reads_like_csv(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    columns = {
        "pain": [8, 5],
        "primary": ["lung", None],
        "visceral": [True, False],
        "age": [61.5, math.nan],
        "neuropathic": [1.0, None],
    }
    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.table(columns), path)
    text = csv_file(tmp_path, "pain,primary,visceral,age,neuropathic\n8,lung,true,61.5,1\n5,,false,,\n")
    np.testing.assert_array_equal(read_rows(str(path)).values, read_rows(text).values)
    parquet.write_table(pyarrow.table({"pain": [5, 14]}), path)
    assert faults_of(str(path)) == ["rows.parquet: row 2: pain: expected a whole number from 0 to 10, found 14"]


def test_a_row_stands_before_anything_drawn(tmp_path):
    path = csv_file(tmp_path, "pain,site,age\n9,spine,\n")
    tables, warnings = tables_of(file=path)
    assert tables.each_row == 0
    assert len(warnings) == 1
    u = np.random.default_rng(3).random((50, len(COVARIATES)))
    patients = covariates_from_uniforms(tables, u, row=0)
    drawn = covariates_from_uniforms(tables, u)
    assert (patients[:, PAIN] == 9).all() and (patients[:, SITE] == 2).all()
    np.testing.assert_array_equal(patients[:, AGE], drawn[:, AGE])
    assert len(set(patients[:, AGE])) > 5


def test_the_shipped_registry():
    config = load_config(CONFIGS / "real_cohort.yaml")
    tables, _ = build_tables(config)
    assert tables.rows.shape == (40, len(COVARIATES))
    assert tables.each_row == 500
    assert "INVENTED" in (CONFIGS / "real_cohort.yaml").read_text()
