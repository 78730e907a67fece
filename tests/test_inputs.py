"""Inputs mean what they say: nothing dropped, filled in or read as something else without a word."""

from __future__ import annotations

import time

import click
import numpy as np
import pytest

from radsim.cli.main import COMMANDS, group
from radsim.cohort import CohortError, build_tables, read_rows
from radsim.config import CATEGORIES, COVARIATES, ConfigError, load_config

REAL = "primary,site,age,sex,karnofsky,visceral,pain\nlung,spine,80,male,40,yes,9\nlung,spine,80,male,40,yes,9\n"
AT = {name: i for i, name in enumerate(COVARIATES)}


def refused(done, *parts):
    """Exit 2, nothing on stdout, and every part on stderr."""
    assert (done.code, done.out) == (2, ""), done
    for part in parts:
        assert part in done.err


# --- options given twice


def test_an_option_of_one_value_is_given_once(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--site", "spine", "--prior-weeks-ago", "60", "--prior-weeks-ago=20")
    refused(done, "--prior-weeks-ago: expected once, found 60 and 20")
    done = run("run", "study.yaml", "--seed", "1", "-o", "a.nc", "--seed=2", "--json", "--output", "b.nc", "--json")
    refused(done, "-o/--output: expected once, found a.nc and b.nc", "--seed: expected once, found 1 and 2")
    refused(
        run("cea", "r.nc", "--two-way", "a", "b", "--two-way", "c", "d"), "--two-way: expected once, found a b and c d"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_one_value_in_every_command_is_given_once(run, name):
    command = group.get_command(None, name)
    single = [p for p in command.params if isinstance(p, click.Option) and not (p.multiple or p.is_flag)]
    for option in single:
        typed = [option.opts[-1], *["1"] * option.nargs]
        refused(run(name, *typed, *typed), f"{option.opts[-1]}: expected once, found ")


def test_options_that_may_be_repeated_are_not_refused(run):
    done = run(
        "cea", "r.nc", "--threshold", "1", "--threshold", "2", "--set", "cost.fraction=1", "--set", "cost.course=2"
    )
    refused(done, "r.nc")
    assert "expected once" not in done.err


# --- tables


def table(tmp_path, text, name="rows.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def parquet(tmp_path, columns):
    pyarrow = pytest.importorskip("pyarrow")
    writer = pytest.importorskip("pyarrow.parquet")
    path = str(tmp_path / "rows.parquet")
    names, cells = zip(*columns, strict=True)
    writer.write_table(pyarrow.Table.from_arrays([pyarrow.array(each) for each in cells], names=list(names)), path)
    return path


def faults_of(path):
    with pytest.raises(CohortError) as caught:
        read_rows(path)
    return [str(fault) for fault in caught.value.faults]


def column(rows, name):
    return list(rows.values[:, AT[name]])


def study(**cohort):
    return {"schedules": ["8Gy/1"], "seed": 1, "cohort": {"size": 200, **cohort}}


def config_faults(**cohort):
    with pytest.raises(ConfigError) as caught:
        load_config(study(**cohort))
    return [str(fault) for fault in caught.value.faults]


def test_empty_rows_left_by_a_spreadsheet_are_no_patients(tmp_path):
    import radsim

    left_over = table(tmp_path, (REAL + ",,,,,,\n" * 18).replace("\n", "\r\n"), "excel20.csv")
    alone = table(tmp_path, REAL, "real2.csv")
    found, wanted = (radsim.simulate(study(file=path), threads=1) for path in (left_over, alone))
    assert set(found.variables) == set(wanted.variables)
    for name in wanted.variables:
        np.testing.assert_array_equal(found[name].values, wanted[name].values)
    assert read_rows(left_over).warnings[0] == "excel20.csv: 18 rows are empty and left out"
    assert "18 rows are empty" in found.attrs["radsim_record"]


def test_rows_of_missing_cells_are_empty_in_parquet_too(tmp_path):
    rows = read_rows(parquet(tmp_path, [("pain", [7.0, None, float("nan")]), ("primary", ["lung", "NA", None])]))
    assert len(rows.values) == 1
    assert rows.warnings[0] == "rows.parquet: 2 rows are empty and left out"
    assert faults_of(table(tmp_path, "pain,age\n,\nNA,.\n")) == ["rows.csv: expected at least one row, found 2 empty"]


YES_NO = ["Yes", "no", "Y", "n", "TRUE", "false", "True", "False", "1", "0", "1.0", "0.0", " yes "]


def test_yes_and_no_as_they_are_written(tmp_path):
    wanted = [float(i % 2 == 0) for i in range(len(YES_NO))]
    cells = "\n".join(f"{word},6" for word in YES_NO)
    assert column(read_rows(table(tmp_path, f"visceral,pain\n{cells}\n")), "visceral") == wanted
    pain = ("pain", [6] * len(YES_NO))
    assert column(read_rows(parquet(tmp_path, [("visceral", YES_NO), pain])), "visceral") == wanted
    for kind in (int, float, bool):
        numbers = [kind(each) for each in wanted]
        assert column(read_rows(parquet(tmp_path, [("visceral", numbers), pain])), "visceral") == wanted
    yaml = tmp_path / "study.yaml"
    for word, yes in zip(YES_NO, wanted, strict=True):
        yaml.write_text(f"schedules: [8Gy/1]\ncohort: {{visceral: {word}}}\n")
        assert load_config(yaml).cohort.visceral == ("yes" if yes else "no")
    shipped = read_rows(table(tmp_path, "visceral,neuropathic,pain\nYes,No,6\nTRUE,FALSE,7\n"))
    assert (column(shipped, "visceral"), column(shipped, "neuropathic")) == ([1, 1], [0, 0])


@pytest.mark.parametrize("word", ["", "NA", "n/a", "N/A", "NaN", "nan", "null", "NULL", ".", "<NA>", "  "])
def test_missing_cells_are_the_same_everywhere(tmp_path, word):
    rows = read_rows(table(tmp_path, f"age,primary,prior_schedule,pain\n{word},{word},{word},7\n"))
    assert np.isnan(rows.values[0, [AT["age"], AT["primary"], AT["prior_schedule"]]]).all()
    again = read_rows(
        parquet(tmp_path, [(name, [word]) for name in ("age", "primary", "prior_schedule")] + [("pain", [7])])
    )
    np.testing.assert_array_equal(again.values, rows.values)


@pytest.mark.parametrize("word", ["none", "None", "-", "?", "unknown"])
def test_a_word_that_may_mean_no_or_not_known_is_refused(tmp_path, word):
    assert faults_of(table(tmp_path, f"visceral,age,pain\n{word},{word},7\n")) == [
        f'rows.csv:2: row 1: visceral: expected one of no, yes; an empty cell if it is not known, found "{word}"',
        f'rows.csv:2: row 1: age: expected a number from 18 to 110 [year]; an empty cell if it is not known, found "{word}"',
    ]


def test_none_is_no_earlier_course(tmp_path):
    assert column(read_rows(table(tmp_path, "prior_schedule,pain\nNone,7\n")), "prior_schedule") == [0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "\ufeff", "sep={}\n", "\ufeffsep={}\n"])
def test_separators_and_marks(tmp_path, separator, first):
    lines = "primary,site,age,sex,karnofsky,pain\nbreast,hip,60,female,70,8\n".replace(",", separator)
    rows = read_rows(table(tmp_path, first.format(separator) + lines))
    assert [column(rows, name) for name in ("primary", "site", "age", "sex", "karnofsky", "pain")] == [
        [0], [0], [60], [0], [70], [8]
    ]  # fmt: skip


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_decimal_comma_is_read_where_it_cannot_separate(tmp_path, separator):
    rows = read_rows(
        table(tmp_path, f"age{separator}morphine_equivalent{separator}pain\n61,5{separator}1,5{separator}7,0\n")
    )
    assert [column(rows, name) for name in ("age", "morphine_equivalent", "pain")] == [[61.5], [1.5], [7]]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("morphine_equivalent;pain\n1.500;7\n30;8\n", ["row 1: morphine_equivalent: expected a number without a separator of thousands", '"1.500"']),
        ("morphine_equivalent;pain\n1,500;7\n", ["without a separator of thousands", '"1,500"']),
        ("age;morphine_equivalent;pain\n61,5;30;7\n61;1.250;7\n61;2.5;7\n", ["one decimal sign in the whole file", '"1.250" here and "61,5" in row 1']),
        ('age,pain\n"61,5",7\n', ["row 1: age: expected a number from 18 to 110", '"61,5"']),
        ("pain\n7\n1,5\n", ["row 2: expected 1 cells, found 2"]),
        ("age,pain\n6_1,7\n", ["age: expected a number", '"6_1"']),
        (",site,pain\nhello,hip,7\n", ["column 1: expected a name for every column, found none"]),
        ("age,pain\n61,7\n".encode("utf-16"), ["expected UTF-8 text (save it as CSV UTF-8), found UTF-16"]),
        ("age,pain\n61,7\n".encode("utf-16-le"), ["expected UTF-8 text (save it as CSV UTF-8), found UTF-16"]),
        (b"PK\x03\x04rest", ["expected CSV (save the sheet as CSV UTF-8) or Parquet, found a workbook"]),
    ],
)  # fmt: skip
def test_what_could_be_misread_is_refused_with_what_to_do(tmp_path, text, parts):
    (fault,) = faults_of(table(tmp_path, text))
    for part in parts:
        assert part in fault


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("", (0, 1)), ("", (1, 2)), ("Unnamed: 0", (0, 1)), ("index", (17, 3)), ("X", (1, 2)), ("...1", (1, 2))],
)
def test_a_column_of_row_numbers_is_left_out_and_said(tmp_path, name, numbers):
    rows = read_rows(table(tmp_path, f"{name},age,pain\n{numbers[0]},61,7\n,,\n{numbers[1]},62,8\n9,,\n"))
    assert column(rows, "age") == [61, 62]
    said = f" ({name})" if name else ""
    assert rows.warnings[0] == f"rows.csv: column 1{said} holds row numbers and is left out"
    assert rows.warnings[1] == "rows.csv: 2 rows are empty and left out"


def test_empty_columns_of_a_spreadsheet_are_left_out(tmp_path):
    rows = read_rows(table(tmp_path, "age,pain,,\n61,7,,\n"))
    assert (column(rows, "age"), len(rows.values)) == ([61], 1)


def test_an_index_of_pandas_in_parquet_is_left_out(tmp_path):
    rows = read_rows(parquet(tmp_path, [("pain", [7, 8]), ("__index_level_0__", [4, 9])]))
    assert column(rows, "pain") == [7, 8]
    assert rows.warnings[0] == "rows.parquet: column 2 (__index_level_0__) holds row numbers and is left out"


def test_repeated_columns_are_named_once_and_fast(tmp_path):
    path = table(tmp_path, ",".join(["pain", "age", *["pain"] * 10_000]) + "\n")
    start = time.perf_counter()
    assert faults_of(path) == ["rows.csv:1: column 3: expected each column once, found pain again, 10001 times in all"]
    assert time.perf_counter() - start < 2.0


def test_names_and_categories_in_any_case(tmp_path):
    text = "Primary,SITE,Sex,Subtype,Pain\nBreast,Spine,F,Triple negative,7\nLUNG,hip,M,Unknown,7\nbreast,rib,Female,HR-positive-HER2-negative,7\n"
    rows = read_rows(table(tmp_path, text))
    codes = {
        name: [CATEGORIES[name][int(code)] for code in column(rows, name)] for name in ("primary", "sex", "subtype")
    }
    assert codes == {
        "primary": ["breast", "lung", "breast"],
        "sex": ["female", "male", "female"],
        "subtype": ["triple_negative", "unknown", "hr_positive_her2_negative"],
    }
    cohort = load_config(study(primary="Breast", sex="F", subtype={"Triple negative": 0.5, "unknown": 0.5})).cohort
    assert (cohort.primary, cohort.sex) == ("breast", "female")
    assert cohort.subtype == {"triple_negative": 0.5, "unknown": 0.5}


# --- contradictions

WEEKS_ALONE = "prior_weeks_ago: expected prior_schedule beside it, which the weeks are since"
NONE_WITH_WEEKS = "prior_weeks_ago: expected no weeks, as prior_schedule is none"
SUBTYPE = "subtype: expected unknown unless the primary is breast"
CONTRADICTIONS = [
    ({"prior_weeks_ago": 12}, WEEKS_ALONE),
    ({"prior_schedule": "none", "prior_weeks_ago": 12}, NONE_WITH_WEEKS),
    ({"primary": "lung", "subtype": "triple_negative"}, SUBTYPE),
    ({"primary": "prostate", "sex": "female"}, "sex: expected male for a prostate cancer"),
]


@pytest.mark.parametrize(("given", "expected"), CONTRADICTIONS)
def test_a_contradiction_is_refused_alike_everywhere(run, tmp_path, given, expected):
    in_python = config_faults(**given)
    assert len(in_python) == 1 and f"cohort.{expected}" in in_python[0]
    names, cells = ",".join(given), ",".join(map(str, given.values()))
    yaml = ", ".join(f"{name}: {value}" for name, value in given.items())
    (tmp_path / "study.yaml").write_text(f"radsim: 1\nschedules: [8Gy/1]\ncohort: {{size: 500, {yaml}}}\n")
    refused(run("check", "study.yaml"), f"study.yaml:3: cohort.{expected}")
    table(tmp_path, f"{names},pain\n{cells},7\n")
    parquet(tmp_path, [(name, [value]) for name, value in given.items()] + [("pain", [7])])
    for file, where in (("rows.csv", "rows.csv:2: row 1: "), ("rows.parquet", "rows.parquet: row 1: ")):
        (tmp_path / "study.yaml").write_text(f"radsim: 1\nschedules: [8Gy/1]\ncohort: {{file: {file}}}\n")
        refused(run("check", "study.yaml"), where + expected)
    options = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
    refused(run("compare", "8Gy/1", "20Gy/5", *options), "--" + expected.replace("_weeks_ago", "-weeks-ago"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"primary": {"lung": 0.5, "other": 0.5}, "subtype": {"unknown": 0.5, "triple_negative": 0.5}}, SUBTYPE),
        ({"primary": {"lung": 1.0, "breast": 0.0}, "subtype": "triple_negative"}, SUBTYPE),
        ({"prior_weeks_ago": {"uniform": {"low": 4, "high": 12}}}, WEEKS_ALONE),
        ({"prior_schedule": {"none": 1.0}, "prior_weeks_ago": 3}, NONE_WITH_WEEKS),
        ({"primary": {"prostate": 1.0}, "sex": {"female": 1.0}}, "sex: expected male for a prostate cancer"),
    ],
)
def test_distributions_contradict_as_values_do(given, expected):
    (fault,) = config_faults(**given)
    assert f"cohort.{expected}" in fault


@pytest.mark.parametrize(
    "given",
    [
        {"primary": "lung", "subtype": "unknown"},
        {"prior_schedule": "none", "prior_weeks_ago": 0},
        {"prior_schedule": {"none": 0.5, "8Gy/1": 0.5}, "prior_weeks_ago": 12},
        {"population": "hip_breast", "subtype": "triple_negative"},
        {"site": "spine", "cortical_involvement_mm": 0},
    ],
)
def test_what_is_no_contradiction_is_neither_refused_nor_said(given):
    assert build_tables(load_config(study(**given)))[1] == []


@pytest.mark.parametrize(
    ("given", "warning"),
    [
        ({"site": "spine", "cortical_involvement_mm": 40}, "cohort.cortical_involvement_mm: has no effect, as the site is not the hip (proximal femur)"),
        ({"cortical_involvement_mm": 40}, "cohort.cortical_involvement_mm: holds for the patients whose site is the hip (proximal femur); 0 elsewhere"),
        ({"subtype": "triple_negative"}, "cohort.subtype: holds for the patients with breast cancer; the others have none"),
        ({"sex": "female"}, "cohort.sex: holds for the others; patients with prostate cancer are men"),
    ],
)  # fmt: skip
def test_what_has_an_effect_on_a_part_alone_is_said_in_the_result(given, warning):
    import radsim

    assert build_tables(load_config(study(**given)))[1] == [warning]
    assert warning in radsim.simulate(study(**given), threads=1).attrs["radsim_record"]


def test_rows_say_what_has_no_effect(tmp_path):
    path = table(tmp_path, "site,cortical_involvement_mm,pain\nhip,40,7\nspine,40,7\nrib,0,7\nhumerus,5,7\n")
    assert read_rows(path).warnings[0] == (
        "rows.csv: cortical_involvement_mm has no effect where the site is not the hip (proximal femur) (row 2, 4)"
    )
    path = table(tmp_path, "site,pain\nhip,7\n")
    assert (
        "cohort.prior_weeks_ago: has no effect, as nobody had an earlier course"
        in (build_tables(load_config(study(file=path, prior_weeks_ago=4)))[1])
    )


def test_a_row_is_judged_with_what_its_empty_cells_can_be(tmp_path):
    path = table(tmp_path, "subtype,prior_weeks_ago,pain\ntriple_negative,4,7\n")
    tables, _ = build_tables(load_config(study(file=path, primary="breast", prior_schedule="8Gy/1")))
    assert tables.rows[0, AT["subtype"]] == 4 and tables.rows[0, AT["prior_weeks_ago"]] == 4
    with pytest.raises(CohortError) as caught:
        build_tables(load_config(study(file=path)))
    assert [str(fault) for fault in caught.value.faults] == [
        f'rows.csv:2: row 1: {SUBTYPE}, found "triple_negative"', f'rows.csv:2: row 1: {WEEKS_ALONE}, found "4"'
    ]  # fmt: skip


# --- prices, thresholds, utilities


@pytest.fixture(scope="module")
def valued():
    """A small result with costs and QALYs."""
    import radsim

    return radsim.simulate(
        {**study(era="modern"), "schedules": ["8Gy/1", "20Gy/5"], "draws": 3, "economics": {"costs": "uk"}}, threads=1
    )


@pytest.fixture
def result(valued, tmp_path):
    from radsim.storage import write_netcdf

    write_netcdf(valued, tmp_path / "r.nc", force=False)
    return "r.nc"


def economics_of(**section):
    return load_config({"schedules": ["8Gy/1"], "economics": {"costs": "uk", **section}}).economics


def economics_faults(**section):
    with pytest.raises(ConfigError) as caught:
        economics_of(**section)
    return [str(fault) for fault in caught.value.faults]


def test_a_setting_is_given_once(run, result):
    refused(
        run("cea", result, "--set", "cost.fraction=1", "--set", " cost.fraction =2"),
        "--set cost.fraction: expected once, found 1 and 2",
    )


def test_prices_have_an_upper_limit_of_sense(run, result, tmp_path):
    from radsim.economics.sets import load_set_file
    from radsim.economics.templates import template

    limit = "cost.fraction: expected a number from 0 to 1000000000, found "
    assert economics_faults(values={"cost.fraction": 1.1e9}) == [f"configuration: economics.values.{limit}1.1e+09"]
    refused(run("cea", result, "--set", "cost.fraction=1e300"), limit + "1e+300")
    (tmp_path / "mine.yaml").write_text(template("costs").replace("value: 229.87", "value: 13e9", 1))
    with pytest.raises(
        ConfigError, match=r"items\.fraction\.value: expected a number from 0 to 1000000000, found 13000000000"
    ):
        load_set_file("costs", tmp_path / "mine.yaml")
    assert economics_of(values={"cost.fraction": 1e9}).values == {"cost.fraction": 1e9}


def test_a_price_that_no_threshold_pays_for_is_asked_about():
    from radsim.economics.warnings import economic_warnings

    asked = [
        line
        for line in economic_warnings(economics_of(values={"cost.fraction": 300_001, "cost.course": 300_000}))
        if "meant" in line
    ]
    assert asked == [
        "economics: cost.fraction 300,001: more than 300,000 GBP for one unit (10 QALYs at the highest threshold of the prices); is it meant?"
    ]
    assert not [
        line for costs in ("uk", "nl") for line in economic_warnings(economics_of(costs=costs)) if "meant" in line
    ]


def test_thresholds_in_any_order(run, result, valued, tmp_path):
    import json

    import radsim
    from radsim.economics.sets import load_set_file
    from radsim.economics.templates import template
    from radsim.storage import UsageFault

    assert economics_of(thresholds=[30000, 20000]).thresholds == (20000.0, 30000.0)
    assert economics_faults(thresholds=[30000, 20000, 30000.0]) == [
        "configuration: economics.thresholds[2]: expected each number once, found 30000 again"
    ]
    (tmp_path / "mine.yaml").write_text(template("costs").replace("[20000, 30000]", "[30000, 20000]"))
    assert load_set_file("costs", tmp_path / "mine.yaml").thresholds.values == (20000.0, 30000.0)
    typed = [
        json.loads(run("cea", result, "--json", "--threshold", a, "--threshold", b).out) for a, b in ((2, 1), (1, 2))
    ]
    assert typed[0] == typed[1] and typed[0]["thresholds"] == [1.0, 2.0]
    assert radsim.cost_effectiveness(valued, thresholds=[3, 1, 2]).to_dict()["thresholds"] == [1.0, 2.0, 3.0]
    with pytest.raises(UsageFault, match="each once, found 1, 1"):
        radsim.cost_effectiveness(valued, thresholds=[1, 1])
    with pytest.raises(UsageFault, match="up to 1e"):
        radsim.cost_effectiveness(valued, thresholds=[1e300])


LEVELS = {"none": 0.8, "mild": 0.6, "moderate": 0.4, "severe": 0.1}


def utilities(*, anchor=None, spread=None, combination="additive", **changes):
    """An own set of utilities as a mapping."""
    pain = {**LEVELS, **changes}
    if spread is not None:
        pain = {name: {"value": value, "uncertainty": {"normal": {"sd": spread}}} for name, value in pain.items()}
    events = dict.fromkeys(
        ("fracture_recent", "fracture_late", "cord_compression_recent", "cord_compression_late"), 0.2
    )
    losses = dict.fromkeys(("fraction", "course", "flare", "acute_toxicity", "operation", "follow_up_visit"), 0)
    found = {
        "radsim_utilities": 1, "name": "mine", "combination": combination, "pain": pain, "event": events, "loss": losses,
        "death": {"30_to_90_days": 0.1, "under_30_days": 0.2},
    }  # fmt: skip
    return found if anchor is None else {**found, "anchor": anchor}


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ({"values": {"utility.anchor": -0.5}}, "values.utility.anchor: expected a number from 0 to 1, found -0.5"),
        ({"values": {"utility.pain.mild": 0.5}}, "values.utility.pain.mild: expected a value that leaves utility.pain.moderate a decrement from 0.5 to below 1, found 0.267"),
        ({"values": {"utility.pain.severe": 0.1}}, "values.utility.pain.severe: expected a decrement from 0.267 to below 1, found 0.1"),
        ({"values": {"utility.pain.severe": 1}}, "values.utility.pain.severe: expected a decrement from 0.267 to below 1, found 1"),
        ({"utilities": utilities(mild=0.9)}, "utilities.pain.mild: expected at most 0.8, that of pain level none, found 0.9"),
        ({"utilities": utilities(severe=0.41)}, "utilities.pain.severe: expected at most 0.4, that of pain level moderate, found 0.41"),
        ({"utilities": utilities(), "values": {"utility.pain.none": -0.2}}, "values.utility.pain.none: expected a value that leaves utility.pain.mild at most -0.2, that of pain level none, found 0.6"),
        ({"utilities": utilities(anchor={"value": -0.1, "at": "none"}, none=0, mild=0.1, moderate=0.2, severe=0.3)}, "utilities.anchor.value: expected a number from 0 to 1, found -0.1"),
        ({"values": {"utility.event.fracture_recent": -0.2}}, "values.utility.event.fracture_recent: expected a number from 0 to 2, found -0.2"),
    ],
)  # fmt: skip
def test_utilities_out_of_order_are_refused(section, fault):
    assert economics_faults(**section) == [f"configuration: economics.{fault}"]


def test_utilities_out_of_order_are_refused_at_every_door(run, result, valued):
    import radsim
    from radsim.valuation import appraise

    refused(
        run("cea", result, "--set", "utility.anchor=-0.5"),
        "economics.values.utility.anchor: expected a number from 0 to 1, found -0.5",
    )
    refused(
        run("cea", result, "--set", "utility.pain.mild=0.5"),
        "economics.values.utility.pain.mild: expected a value that leaves ",
    )
    turned = economics_of().model_copy(update={"values": {"utility.anchor": -0.5}})
    for call in (appraise, radsim.cost_effectiveness):
        with pytest.raises(
            ConfigError, match=r"economics: values\.utility\.anchor: expected a number from 0 to 1, found -0\.5"
        ):
            call(valued, economics=turned)


STATES = [
    f"pain_{pain}|{health}|death_{near}"
    for pain in LEVELS
    for health in ("well", "fracture_recent", "cord_compression_late")
    for near in ("over_90_days", "30_to_90_days")
]


@pytest.mark.parametrize(
    "given",
    [
        utilities(spread=0.3),
        utilities(none=-0.1, mild=-0.1, moderate=-0.2, severe=-0.4, spread=0.3, combination="multiplicative"),
        utilities(
            anchor={"value": 0.05, "uncertainty": {"normal": {"sd": 0.2}}, "at": "moderate"},
            none=0,
            mild=0.1,
            moderate=0.2,
            severe=0.3,
        ),
        "dutch_patients",
    ],
    ids=["wide", "below zero", "anchor about zero", "packaged"],
)
def test_every_draw_keeps_the_order_of_states(given):
    from radsim.economics.parameters import sample
    from radsim.valuation.weights import cell_utilities

    economics = economics_of(
        utilities=given, combination=given["combination"] if isinstance(given, dict) else "additive"
    )
    found = cell_utilities(sample(economics, seed=1, draws=np.arange(2001)), economics, STATES).reshape(2001, 4, 3, 2)
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=1) <= 0).all()
    assert (found[:, :, 1:] <= found[:, :, :1]).all()
    assert (found[..., 1] <= found[..., 0]).all()


def test_putting_draws_in_order_keeps_their_sum():
    from radsim.economics.parameters import sample
    from radsim.valuation.weights import pain_utilities

    economics = economics_of(utilities=utilities(spread=0.3))
    values = sample(economics, seed=1, draws=np.arange(2001))
    drawn = np.stack([values[f"utility.pain.{level}"] for level in LEVELS], axis=1)
    assert (np.diff(drawn, axis=1) > 0).any()
    np.testing.assert_allclose(pain_utilities(values, economics).sum(axis=1), drawn.sum(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(pain_utilities(values, economics)[0], list(LEVELS.values()))


# --- schedules of the same name


def test_schedules_have_names_of_their_own_in_python_too(valued):
    import radsim
    from radsim.config import Schedule
    from radsim.storage import UsageFault
    from radsim.valuation import appraise

    config = load_config({**study(), "schedules": ["8Gy/1", "20Gy/5"]})
    eight = Schedule.parse("8Gy/1")
    named = Schedule(name="20Gy/5", dose_gy=20.0, fractions=5, fractions_per_week=3)
    for schedules, fault in (
        ((eight, eight), r"schedules\[1\]: expected a name of its own for each schedule, found 8Gy/1 again"),
        (
            (eight, *config.schedules[1:], named),
            r"schedules\[2\]: expected a name of its own for each schedule, found 20Gy/5 again",
        ),
    ):
        with pytest.raises(ConfigError, match=fault):
            radsim.simulate(config.model_copy(update={"schedules": schedules}))
        with pytest.raises(ConfigError, match=fault):
            radsim.simulate({**study(), "schedules": list(schedules)})
    twice = valued.isel(schedule=[0, 1, 0])
    for call in (appraise, radsim.cost_effectiveness):
        with pytest.raises(
            UsageFault, match="schedule: expected a name of its own for each schedule, found 8Gy/1 again"
        ):
            call(twice)


def test_text_in_parquet_that_is_no_utf_8_is_named(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    text = pyarrow.array([b"\xf0\x28", b"breast"], pyarrow.binary())
    data = pyarrow.Array.from_buffers(pyarrow.string(), 2, text.buffers())  # as a damaged or careless writer leaves it
    parquet.write_table(pyarrow.table({"primary": data, "pain": [7, 8]}), tmp_path / "bytes.parquet")
    with pytest.raises(ConfigError, match="bytes.parquet: expected UTF-8 text, found other bytes"):
        read_rows(str(tmp_path / "bytes.parquet"))
