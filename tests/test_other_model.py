"""Costs and effects of another model into `radsim cea`: by hand, and refused where they contradict each other."""

import json

import numpy as np
import pytest

import radsim
from radsim.config import ConfigError
from radsim.decision.other_model import read_other_model

COSTS = "draw,Old,New\n1,100,300\n2,200,300\n3,100,500\n4,200,500\n"
EFFECTS = "draw,New,Old\n1,3,1\n2,3,2\n3,2,1\n4,4,2\n"  # in another order of columns
PARAMETERS = "draw,p\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n"


@pytest.fixture
def files(tmp_path):
    for name, text in (("costs.csv", COSTS), ("effects.csv", EFFECTS), ("parameters.csv", PARAMETERS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_numbers_by_hand(files, run):
    done = run(
        "cea",
        "--psa-costs",
        "costs.csv",
        "--psa-effects",
        "effects.csv",
        "--currency",
        "GBP",
        "--threshold",
        "200",
        "--json",
    )
    document = json.loads(done.out)
    assert done.code == 0 and document["currency"] == "GBP"
    # strategies are matched by name: costs 150 and 400, effects 1.5 and 3
    assert [(one["cost"], one["qalys"]) for one in document["schedules"]] == [(150.0, 1.5), (400.0, 3.0)]
    assert document["schedules"][1]["icer"] == pytest.approx(250 / 1.5)
    # net benefit at 200: Old 100, 200, 100, 200 (mean 150); New 300, 300, -100, 300 (mean 200); the best of each draw 300, 300, 100, 300
    assert document["evpi"]["200"] == pytest.approx(250.0 - 200.0)
    assert document["schedules"][1]["p_cost_effective"]["200"] == 0.75


def test_the_same_from_semicolons_parquet_netcdf_and_python(files, run):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (files / "semi.csv").write_text(COSTS.replace(",", ";").replace("100", "100,0"))
    parquet.write_table(
        pyarrow.table({"Old": [1.0, 2.0, 1.0, 2.0], "New": [3.0, 3.0, 2.0, 4.0]}), files / "effects.parquet"
    )
    plain = read_other_model(files / "costs.csv", files / "effects.csv", files / "parameters.csv")
    for costs, effects in (("semi.csv", "effects.csv"), ("costs.csv", "effects.parquet")):
        other = read_other_model(files / costs, files / effects)
        assert np.array_equal(other["cost"], plain["cost"]) and np.array_equal(other["qalys"], plain["qalys"])
    plain.to_netcdf(files / "other.nc")
    from_file = json.loads(run("cea", "other.nc", "--threshold", "200", "--evppi", "none", "--json").out)
    from_python = radsim.cost_effectiveness(plain, thresholds=[200]).to_dict()
    assert from_file["evpi"] == from_python["evpi"] == {"200": pytest.approx(50.0)}
    assert plain["parameter_value"].values.ravel().tolist() == [0.1, 0.2, 0.3, 0.4]


def test_every_fault_at_once(files):
    (files / "costs.csv").write_text("Old,New\n1,x\n,4\n")
    (files / "effects.csv").write_text("Old,Newer\n1,inf\n")
    with pytest.raises(ConfigError) as error:
        read_other_model(files / "costs.csv", files / "effects.csv")
    assert [str(fault) for fault in error.value.faults] == [
        'costs.csv:2: row 1: New: expected a number, found "x"',
        "costs.csv:3: row 2: Old: expected a number, found an empty cell",
        'effects.csv:2: row 1: Newer: expected a number, found "inf"',
    ]


@pytest.mark.parametrize(
    ("effects", "message"),
    [
        (
            "Old,Newer\n1,3\n2,3\n1,2\n2,4\n",
            "effects.csv: columns: expected the strategies of costs.csv: Old, New, found Old, Newer",
        ),
        (
            "draw,Old,New\n1,1,3\n3,2,3\n2,1,2\n4,2,4\n",
            "effects.csv: draw: expected the draws of costs.csv in the same order, found others",
        ),
        ("Old,New\n1,3\n2,3\n1,2\n", "effects.csv: rows: expected as many rows as costs.csv: 4, found 3"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(files, run, effects, message):
    (files / "effects.csv").write_text(effects)
    done = run("cea", "--psa-costs", "costs.csv", "--psa-effects", "effects.csv", "--threshold", "1")
    assert (done.code, done.err.strip()) == (2, message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--psa-costs", "costs.csv"],
            "expected RESULT, or another model's draws with --psa-costs FILE and --psa-effects FILE",
        ),
        (
            ["r.nc", "--psa-costs", "costs.csv"],
            "RESULT, or --psa-costs with --psa-effects: expected one of them, found both",
        ),
        (
            ["--psa-costs", "costs.csv", "--psa-effects", "effects.csv"],
            "thresholds: expected at least one (--threshold), found none",
        ),
    ],
)
def test_what_is_missing_or_too_much_is_said(files, run, arguments, message):
    done = run("cea", *arguments)
    assert (done.code, done.err.strip()) == (2, message)


def test_small_amounts_are_not_rounded_to_nothing(files, run):
    (files / "costs.csv").write_text("Old,New\n1.01,1.50\n1.02,1.60\n")
    (files / "effects.csv").write_text("Old,New\n0,0.1\n0,0.02\n")
    done = run(
        "cea", "--psa-costs", "costs.csv", "--psa-effects", "effects.csv", "--threshold", "10", "--evppi", "none"
    )
    assert "0.19" in done.out  # EVPI: the mean of 0.51 and 0 less the mean net benefit of New, 0.065


def test_of_many_strategies_partial_information_is_left_out_and_named(files, run):
    random = np.random.default_rng(1)
    names = ",".join(f"s{i}" for i in range(13))
    for name, scale in (("c.csv", 100.0), ("e.csv", 1.0)):
        np.savetxt(files / name, scale * random.random((30, 13)), delimiter=",", header=names, comments="")
    np.savetxt(files / "p.csv", random.random((30, 1)), header="p", comments="")
    given = ["cea", "--psa-costs", "c.csv", "--psa-effects", "e.csv", "--psa-parameters", "p.csv", "--threshold", "200"]
    done = run(*given, "--json")
    assert done.code == 0 and json.loads(done.out)["evppi"] == []
    assert "13 schedules: the value of partial information is left out" in done.err and "--evppi groups" in done.err
    assert {row["parameters"] for row in json.loads(run(*given, "--evppi", "groups", "--json").out)["evppi"]} >= {"p"}
