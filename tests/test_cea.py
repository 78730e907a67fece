"""`radsim.cost_effectiveness` and `radsim cea`: document, repricing, draw alignment, analyses that simulate again, faults, output."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
import xarray

import radsim
from radsim import SCOPE
from radsim.decision import analysis, budget, burden, cost_effectiveness, groups, subgroups, tables
from radsim.decision.base_case import BaseCase
from radsim.decision.columns import standing, versus
from radsim.decision.incremental import QUADRANTS
from radsim.decision.samples import parameter_table, samples
from radsim.decision.scenario_file import read_scenarios
from radsim.decision.scenarios import packaged_scenarios
from radsim.evidence import load_registry
from radsim.provenance import from_dataset
from radsim.storage import UsageFault, read_netcdf, write_netcdf
from radsim.tables import page_of
from radsim.tables.table import records
from radsim.valuation.appraisal import resolve

STUDY = {
    "radsim": 1, "name": "Small study", "seed": 11, "cohort": {"size": 1100, "era": "modern"}, "horizon_days": 730.5,
    "schedules": ["8Gy/1", "20Gy/5", "30Gy/10"], "draws": 24, "subgroups": ["visceral"],
    "economics": {
        "costs": "uk", "thresholds": [20000, 30000],
        "budget_impact": {
            "patients_per_year": 1000, "current": {"8Gy/1": [0.5, 0.5, 0.5], "20Gy/5": [0.5, 0.5, 0.5]},
            "future": {"8Gy/1": [0.6, 0.7, 0.8], "20Gy/5": [0.4, 0.3, 0.2]},
        },
    },
}  # fmt: skip
SCHEDULE_KEYS = {
    "schedule", "cost", "qalys", "cost_deterministic", "qalys_deterministic", "incremental_cost", "incremental_qalys", "icer", "quadrant",
    "status", "versus_reference", "net_benefit", "p_cost_effective",
}  # fmt: skip
DOCUMENT_KEYS = {
    "currency",
    "price_year",
    "reference",
    "base_case",
    "schedules",
    "evpi",
    "evpi_adjusted",
    "evppi",
    "monte_carlo",
    "valuation",
}


@pytest.fixture(scope="module")
def result():
    return radsim.simulate(STUDY, threads=1)


@pytest.fixture(scope="module")
def file(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("cea") / "result.nc"
    write_netcdf(result, path, force=False)
    return path


@pytest.fixture(scope="module")
def base_case(result):
    record = from_dataset(result)
    return BaseCase(record, resolve(None, record), threads=1)


def dataset(cost, qalys, *, schedules=None, draws=None, **variables):
    """A bare result: cost and QALYs by draw and schedule, as any tool may export them."""
    cost, qalys = np.asarray(cost, float), np.asarray(qalys, float)
    names = schedules or [f"{8 + s}Gy/1" for s in range(cost.shape[1])]
    arm = ("draw", "schedule")
    return xarray.Dataset(
        {"cost": ((*arm, "component"), np.stack([0.25 * cost, 0.75 * cost], axis=2), {"currency": "GBP", "price_year": 2020}),
         "qalys": (arm, qalys), **variables},
        coords={"draw": np.arange(len(cost)) if draws is None else draws, "schedule": names},
    )  # fmt: skip


def normal_draws(n, seed=1):
    random = np.random.default_rng(seed)
    return random.normal([1000.0, 1500.0, 2500.0], 200.0, (n, 3)), random.normal([0.40, 0.43, 0.45], 0.05, (n, 3))


# --- the document -------------------------------------------------------------------------------------------


def test_document_has_what_outside_things_rely_on(result):
    document = cost_effectiveness(result).to_dict()
    assert set(document) >= DOCUMENT_KEYS and document["base_case"] == "probabilistic"
    assert (document["currency"], document["reference"]) == ("GBP", "8Gy/1")
    for row in document["schedules"]:
        assert set(row) >= SCHEDULE_KEYS and row["quadrant"] in QUADRANTS.values()
        assert list(row["net_benefit"]) == list(row["p_cost_effective"]) == ["20000", "30000"]
        assert row["icer"] is None or row["status"] == "undominated"
    for t in ("20000", "30000"):
        assert sum(row["p_cost_effective"][t] for row in document["schedules"]) == pytest.approx(1.0, abs=1e-12)
        assert 0.0 <= document["evpi_adjusted"][t] <= document["evpi"][t] * (1 + 1e-9)
    json.dumps(document, allow_nan=False)


def test_statistics_are_of_the_parameter_draws_alone(result):
    document = cost_effectiveness(result).to_dict()
    everyone = result.isel(subgroup=0)
    for s, row in enumerate(document["schedules"]):
        cost, qalys = everyone["cost"].values.sum(axis=-1)[:, s], everyone["qalys"].values[:, s]
        assert row["cost"] == pytest.approx(cost[1:].sum() / 24, rel=1e-9) and row[
            "cost_deterministic"
        ] == pytest.approx(cost[0], rel=1e-12)
        assert row["qalys"] == pytest.approx(qalys[1:].sum() / 24, rel=1e-9) and row["qalys_deterministic"] == qalys[0]
        assert row["net_benefit"]["30000"] == pytest.approx(30000.0 * row["qalys"] - row["cost"], rel=1e-9)


def test_document_equals_a_second_computation():
    cost, qalys = normal_draws(301)
    cost[7], qalys[7] = cost[7, 0], qalys[7, 0]  # one draw in which all are equal
    document = cost_effectiveness(dataset(cost, qalys), thresholds=[5000, 40000.5], reference="9Gy/1").to_dict()
    for worth, name in ((5000.0, "5000"), (40000.5, "40000.5")):
        rows = [
            [worth * q - c for q, c in zip(*both, strict=True)]
            for both in zip(qalys[1:].tolist(), cost[1:].tolist(), strict=True)
        ]
        means = [sum(column) / 300 for column in zip(*rows, strict=True)]
        for s, found in enumerate(document["schedules"]):
            share = sum(1 / row.count(max(row)) for row in rows if row[s] == max(row)) / 300
            assert found["p_cost_effective"][name] == pytest.approx(share, abs=1e-9)
            assert found["net_benefit"][name] == pytest.approx(means[s], rel=1e-9)
            against = found["versus_reference"]
            assert against["incremental_net_benefit"][name] == pytest.approx(means[s] - means[1], rel=1e-9, abs=1e-9)
            assert against["incremental_net_health_benefit"][name] == pytest.approx(
                (means[s] - means[1]) / worth, rel=1e-9, abs=1e-12
            )
            assert document["expected_loss"][found["schedule"]][name] == pytest.approx(
                sum(max(r) - r[s] for r in rows) / 300, rel=1e-9
            )
        assert document["evpi"][name] == pytest.approx(sum(map(max, rows)) / 300 - max(means), rel=1e-9)
        best = means.index(max(means))
        assert document["ceaf"][name]["schedule"] == f"{8 + best}Gy/1" and document["best"][name] == [f"{8 + best}Gy/1"]
    mean_cost, mean_qalys = cost[1:].mean(axis=0), qalys[1:].mean(axis=0)
    step = document["schedules"][1]
    assert step["icer"] == pytest.approx((mean_cost[1] - mean_cost[0]) / (mean_qalys[1] - mean_qalys[0]), rel=1e-9)
    assert document["evpi_adjusted"] == {"5000": None, "40000.5": None}  # without batches the noise is not known


def test_south_west_is_labelled_and_positive():
    cost, qalys = np.tile([2000.0, 1500.0], (5, 1)), np.tile([0.5, 0.49], (5, 1))
    row = cost_effectiveness(dataset(cost, qalys), thresholds=[20000]).to_dict()["schedules"][1]
    assert row["status"] == "undominated" and row["comparator"] is None
    against = row["versus_reference"]
    assert (
        against["quadrant"] == "south-west"
        and against["icer"] == pytest.approx(50000.0)
        and "forgone" in against["meaning"]
    )


def test_identical_arms_give_exactly_nothing():
    cost, qalys = (np.repeat(part[:, :1], 3, axis=1) for part in normal_draws(50))
    batches = np.random.default_rng(0).normal(1.0, 0.1, (4, 50, 1)).repeat(3, axis=2)
    found = dataset(
        cost, qalys, cost_by_batch=(("batch", "draw", "schedule"), batches), qalys_by_batch=(("batch", "draw", "schedule"), batches),
        n_patients=(("batch", "draw"), np.full((4, 50), 512)),
    )  # fmt: skip
    document = cost_effectiveness(found, thresholds=[20000], evppi=()).to_dict()
    assert document["evpi"]["20000"] == document["evpi_adjusted"]["20000"] == 0.0
    for row in document["schedules"]:
        assert row["versus_reference"]["incremental_net_benefit"]["20000"] == 0.0 and row["status"] == "equal"
        assert row["p_cost_effective"]["20000"] == pytest.approx(1 / 3, abs=1e-12)
    assert all(
        row["mcse"] == row["second_order"] == 0.0 for row in document["monte_carlo"]["20000"]["incremental_net_benefit"]
    )
    assert document["monte_carlo"]["20000"]["plan"] is None and document["best"]["20000"] == [
        "8Gy/1",
        "9Gy/1",
        "10Gy/1",
    ]


def test_identical_schedules_of_a_simulation_are_equal_to_the_last_bit():
    twin = {"name": "the same", "dose_gy": 20, "fractions": 5}
    study = {**STUDY, "cohort": {"size": 1100}, "schedules": ["20Gy/5", twin], "economics": {"costs": "uk"}}
    document = cost_effectiveness(radsim.simulate(study, threads=1), evppi=["retreatment"]).to_dict()
    second = document["schedules"][1]
    assert (second["incremental_cost"], second["incremental_qalys"], second["quadrant"]) == (0.0, 0.0, "origin")
    assert [row["p_cost_effective"]["20000"] for row in document["schedules"]] == [0.5, 0.5]
    assert document["evpi"]["20000"] == document["evpi_adjusted"]["20000"] == document["evppi"][0]["value"] == 0.0
    assert document["monte_carlo"]["20000"]["incremental_net_benefit"][0]["mcse"] == 0.0


def test_without_draws_the_base_case_is_deterministic(result):
    document = cost_effectiveness(result.isel(draw=[0])).to_dict()
    assert document["base_case"] == "deterministic" and document["evpi"] == {} and document["monte_carlo"] == {}
    assert all(
        row["p_cost_effective"]["20000"] is None and row["cost"] == row["cost_deterministic"]
        for row in document["schedules"]
    )


def test_curves_agree_with_the_document(result):
    found = cost_effectiveness(result)
    curves, document = found.to_xarray(), found.to_dict()
    assert curves.sizes["subgroup"] == 3 and 0 not in curves["draw"].values
    at = curves.sel(threshold=20000.0, subgroup="all")
    assert [row["p_cost_effective"]["20000"] for row in document["schedules"]] == at["acceptability"].values.tolist()
    assert (
        document["evpi"]["20000"] == at["evpi"].item()
        and at["optimal_schedule"].item() == document["ceaf"]["20000"]["schedule"]
    )
    assert np.all(curves["acceptability_low95"] <= curves["acceptability"]) and np.all(
        curves["acceptability"] <= curves["acceptability_high95"]
    )
    assert np.all(curves["incremental_cost"].sel(schedule="8Gy/1") == 0.0)


# --- draws ------------------------------------------------------------------------------------------------


def informative(n=120, seed=5):
    """Net benefit that hangs on one parameter; the draws of a result in its order."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, 2))
    qalys = np.column_stack([np.full(n, 0.4), 0.4 + 0.02 * x[:, 0]])
    found = dataset(np.full((n, 2), 1000.0), qalys, parameter_value=(("draw", "parameter"), x))
    return found.assign_coords(parameter=["first.one", "second.two"])


def test_parameters_and_outcomes_are_aligned_on_the_number_of_the_draw():
    whole = informative()
    order = np.random.default_rng(1).permutation(whole.sizes["draw"])
    shuffled = whole.isel(draw=order)
    for name, expected_share in (("first", 0.99), ("second", 0.0)):
        values = [
            cost_effectiveness(each, thresholds=[20000], evppi=[name]).to_dict()["evppi"][0]["value"]
            for each in (whole, shuffled)
        ]
        evpi = cost_effectiveness(whole, thresholds=[20000]).to_dict()["evpi"]["20000"]
        assert (
            values[0] == pytest.approx(values[1], rel=1e-6, abs=1e-6)
            and expected_share * evpi - 0.1 <= values[0] <= evpi
        )
    assert np.array_equal(parameter_table(shuffled, [3, 1])["first.one"], whole["parameter_value"].values[[3, 1], 0])


def test_draws_must_be_numbers_each_once():
    whole = informative(30)
    with pytest.raises(UsageFault, match="each once"):
        samples(whole.assign_coords(draw=np.zeros(30, int)))
    with pytest.raises(UsageFault, match="parameters of draw 99"):
        parameter_table(whole, [1, 99])


def test_groups_of_parameters(result):
    table = parameter_table(result.isel(subgroup=0), range(1, 25))
    names = groups.group_names(table)
    assert {"response", "retreatment", "survival", "prices", "utilities", "clinical", "all"} <= set(names)
    assert (
        len(groups.members("all", table))
        == len(table)
        == len(groups.members("clinical", table))
        + len(groups.members("prices", table))
        + len(groups.members("utilities", table))
    )
    shares = [n for n in table if n.startswith("retreatment.single_fraction_share.")]
    assert groups.members("retreatment.single_fraction_share", table) == shares and len(shares) == 2
    assert groups.members("cost.fraction", table) == ["cost.fraction"]
    with pytest.raises(UsageFault, match=r"did you mean retreatment\?\), found retreatmnt"):
        groups.members("retreatmnt", table)


def test_partial_information_is_within_the_whole(result):
    document = cost_effectiveness(result, evppi="groups", thresholds=[0.0, 20000.0]).to_dict()
    assert {row["threshold"] for row in document["evppi"]} == {0.0, 20000.0}
    for row in document["evppi"]:
        assert 0.0 <= row["value"] <= document["evpi"][f"{row['threshold']:.0f}"] and row["se"] >= 0.0
    with pytest.raises(UsageFault, match="at least 20 draws"):
        cost_effectiveness(result.isel(draw=slice(0, 10)), evppi="groups")
    with pytest.raises(UsageFault, match="found 19"):
        cost_effectiveness(result.isel(draw=slice(0, 20)), evppi="groups")  # of which one is the base case
    assert cost_effectiveness(result.isel(draw=slice(0, 21)), evppi="groups").to_dict()["evppi"]


# --- valuing anew -------------------------------------------------------------------------------------------


def test_repricing_changes_what_it_should_and_nothing_else(result):
    before = cost_effectiveness(result).to_dict()
    again = cost_effectiveness(result, economics=STUDY["economics"]).to_dict()
    assert again["schedules"] == before["schedules"]
    cheap = cost_effectiveness(result, economics={**STUDY["economics"], "values": {"cost.fraction": 0.0}}).to_dict()
    for old, new in zip(before["schedules"], cheap["schedules"], strict=True):
        assert new["qalys"] == old["qalys"] and new["cost"] < old["cost"]
    flat = cost_effectiveness(
        result, economics={**STUDY["economics"], "discount": {"costs": 0.0, "effects": 0.0}}
    ).to_dict()
    assert all(
        new["qalys"] > old["qalys"] and new["cost"] > old["cost"]
        for old, new in zip(before["schedules"], flat["schedules"], strict=True)
    )


def test_thresholds_alone_do_not_value_anew(result, monkeypatch):
    from radsim import valuation

    monkeypatch.setattr(valuation, "appraise", lambda *_: pytest.fail("valued again"))
    found = cost_effectiveness(result, economics={**STUDY["economics"], "thresholds": [1000]}).to_dict()
    assert found["thresholds"] == [1000.0]


# --- simulating the base case again ----------------------------------------------------------------------------


def test_a_second_simulation_gives_the_base_case_to_the_bit(result, base_case):
    document = cost_effectiveness(result).to_dict()
    outcome = base_case.outcome()
    np.testing.assert_allclose(outcome.cost, [row["cost_deterministic"] for row in document["schedules"]], rtol=1e-12)
    np.testing.assert_allclose(outcome.qalys, [row["qalys_deterministic"] for row in document["schedules"]], rtol=1e-12)


def test_another_base_case_is_admitted(result):
    chosen = [{"name": "nothing", "config": {"horizon_days": 365.0}}]
    same = cost_effectiveness(result, scenarios=chosen, threads=1).to_dict()
    assert same["replayed"]["is_that_of_the_result"] and analysis.DIFFERS not in same["warnings"]
    altered = result.copy()
    altered["cost"] = result["cost"] * 1.001
    assert analysis.DIFFERS in cost_effectiveness(altered, scenarios=chosen, threads=1).to_dict()["warnings"]
    fewer = cost_effectiveness(result, scenarios=chosen, patients=300, threads=1).to_dict()
    assert fewer["replayed"]["patients"] == 300 and analysis.DIFFERS not in fewer["warnings"]


def test_one_way_moves_one_parameter_with_the_same_random_numbers(result, base_case):
    names = ["cost.fraction", "flare.probability", "utility.anchor"]
    document = cost_effectiveness(result, one_way=names, threads=1).to_dict()
    rows = [row for row in document["one_way"] if row["schedule"] == "30Gy/10"]
    assert {row["parameter"] for row in rows} == set(names) and rows == sorted(rows, key=lambda row: -row["span"])
    by = {row["parameter"]: row for row in rows}
    fractions = base_case.simulated().sums["count"][:, 0].sum(axis=-2)[..., 0]  # batch, schedule
    n = base_case.simulated().sums["n_patients"][:, 0]
    more = ((fractions[:, 2] - fractions[:, 0]) * n).sum() / n.sum()
    moved = by["cost.fraction"]["at_high"]["20000"] - by["cost.fraction"]["at_low"]["20000"]
    width = by["cost.fraction"]["high"] - by["cost.fraction"]["low"]
    assert moved == pytest.approx(-more * width, rel=0.02)  # discounting takes the rest
    assert by["flare.probability"]["low"] < by["flare.probability"]["value"] < by["flare.probability"]["high"]
    with pytest.raises(UsageFault, match="found cost.sbrt"):
        cost_effectiveness(result, one_way=["cost.sbrt"], threads=1)


def test_two_way_covers_the_grid(result):
    found = cost_effectiveness(result, two_way=("cost.fraction", "utility.anchor"), threads=1).to_dict()["two_way"]
    grid = np.array(found["incremental_net_benefit"]["30Gy/10"])
    assert grid.shape == (5, 5) and np.all(np.diff(grid, axis=0) < 0.0) and np.array(found["best"]).shape == (5, 5)


def test_break_even_price_is_where_net_benefits_meet(result, base_case):
    economics = {**STUDY["economics"], "values": {"utility.loss.fraction": 0.0, "utility.anchor": 0.01}}
    rows = cost_effectiveness(result, economics=economics, thresholds=[20000], break_even=True, threads=1).to_dict()[
        "break_even"
    ]
    price = next(row for row in rows if row["parameter"] == "cost.fraction")
    assert len(price["flips"]) >= 1 and price["value"] == 229.87
    low, high = price["searched"]
    assert low < 130.0 < high and all(low <= flip["at"] <= high for flip in price["flips"])
    assert all(flip["below"] != flip["above"] for flip in price["flips"])
    assert [flip["above"] for flip in price["flips"][:-1]] == [flip["below"] for flip in price["flips"][1:]]
    for flip in price["flips"]:
        changed = BaseCase(from_dataset(result), resolve(economics, from_dataset(result)), threads=1)
        around = [
            changed.with_parameter("cost.fraction", flip["at"] * factor).net_benefit(np.array([20000.0]))[0]
            for factor in (0.999, 1.001)
        ]
        names = changed.schedules
        assert [names[int(one.argmax())] for one in around] == [flip["below"], flip["above"]]
    ratio = next(row for row in rows if row["parameter"] == "retreatment.willingness_ratio")
    assert ratio["value"] == load_registry("trials")["retreatment.willingness_ratio"].value
    assert ratio["searched"][0] < 1.0 < ratio["searched"][1]
    assert {row["parameter"] for row in rows} == {
        "cost.fraction",
        "retreatment.willingness_ratio",
        "survival.log_time.intercept",
    }


def test_scenarios_change_what_they_say(result):
    rows = cost_effectiveness(result, scenarios=True, threads=1).to_dict()["scenarios"]
    by = {row["scenario"]: row for row in rows}
    assert rows[0]["scenario"] == "base case"
    same = by["survival of today (modern)"]  # that is the base case, which it says in its place
    assert same["unchanged"] == "the base case has this already" and "schedules" not in same
    base = by["base case"]["schedules"]
    flat = by["no discounting"]["schedules"]
    assert all(b["qalys"] < f["qalys"] for b, f in zip(base, flat, strict=True))
    trials = by["survival of the trials (1990s)"]["schedules"]
    assert all(b["qalys"] > t["qalys"] for b, t in zip(base, trials, strict=True))
    equal = by["equal retreatment policy"]["schedules"]
    moved = [abs(e["net_benefit"]["20000"] - b["net_benefit"]["20000"]) for e, b in zip(equal, base, strict=True)]
    assert (
        0.0 < moved[0] != moved[1]
    )  # the policy is that after several fractions; after one, only third courses know of it
    assert any(name.startswith("utilities ") for name in by) and "decrements multiplicative" in by
    # a policy that is different for life, and more late repeats, are not what is simulated
    for name in ("policies differ for life", "late repeats three times as often"):
        assert all(p["cost"] != b["cost"] for p, b in zip(by[name]["schedules"][1:], base[1:], strict=True)), name


def test_a_scenario_of_ones_own(result):
    chosen = [{"name": "fractions for nothing", "economics": {"values": {"cost.fraction": 0.0}}}]
    rows = cost_effectiveness(result, scenarios=chosen, threads=1).to_dict()["scenarios"]
    assert [row["scenario"] for row in rows] == ["base case", "fractions for nothing"]
    assert rows[1]["schedules"][2]["cost"] < rows[0]["schedules"][2]["cost"]


def test_scenarios_say_in_their_place_what_they_cannot(result):
    chosen = [
        {"name": "dear hours", "economics": {"values": {"cost.visit_time": 9.0}}},
        {"name": "as it is", "config": {"cohort.era": "modern"}},
        {"name": "another death", "economics": {"values": {"cost.sbrt_course": 5.0}}},
        {"name": "short", "config": {"horizon_days": 20}},
        {"name": "a cohort that cannot be", "config": {"cohort.karnofsky": 7000}},
    ]
    found = cost_effectiveness(result, scenarios=chosen, threads=1)
    rows = {row["scenario"]: row for row in found.to_dict()["scenarios"]}
    assert list(rows) == ["base case", *(each["name"] for each in chosen)]
    assert "cost.visit_time: expected the name of a price" in rows["dear hours"]["impossible"]
    assert rows["as it is"]["unchanged"] == "the base case has this already"
    assert rows["another death"]["said"] == "changes no figure here" and rows["short"]["said"] == ""
    assert (
        rows["short"]["schedules"][0]["cost"] < rows["base case"]["schedules"][0]["cost"]
    )  # whose times lie beyond it
    assert "cohort.karnofsky" in rows["a cohort that cannot be"]["impossible"]
    (table,) = (each for each in tables.decision_tables(found) if each.name == "scenarios")
    best = {row["scenario"]: row["best"] for row in records(table)}
    assert (best["dear hours"], best["as it is"]) == ("not possible", "no change")
    said = " ".join(table.notes)
    assert (
        "Not possible: dear hours (" in said
        and "already: as it is." in said
        and "no figure changes: another death." in said
    )


def test_amounts_of_a_scenario_belong_to_its_prices(result):
    chosen = [{"name": "complex", "prices": "uk", "economics": {"values": {"cost.fraction": 268.35}}}]

    def row(**economics):
        given = {**STUDY["economics"], **economics}
        return cost_effectiveness(result, economics=given, scenarios=chosen, threads=1).to_dict()["scenarios"][1]

    assert row()["schedules"][0]["cost"] > 0.0
    assert row(price_year=2020)["impossible"] == "its amounts are of the price year 2024/25, not 2020/21"
    chosen[0]["prices"] = "nl"
    assert row()["impossible"] == "its amounts belong to the prices nl, not uk"


def test_own_scenarios_are_a_file(run, file, tmp_path):
    code, out, _ = run("init", "--kind", "scenarios")
    (tmp_path / "mine.yaml").write_text(out)
    assert code == 0 and read_scenarios(tmp_path / "mine.yaml") == list(packaged_scenarios())
    own = "radsim_scenarios: 1\nscenarios:\n  - {name: cheap, economics: {values: {cost.fraction: 1}}}\n"
    (tmp_path / "own.yaml").write_text(own)
    done = run("cea", file, "--evppi", "none", "--scenario-file", "own.yaml", "--json")
    assert [row["scenario"] for row in json.loads(done.out)["scenarios"]] == ["base case", "cheap"]
    (tmp_path / "own.yaml").write_text(own.replace("values", "valus") + "  - {name: cheap, config: {}}\n")
    done = run("cea", file, "--scenario-file", "own.yaml")
    assert done.code == 2 and "own.yaml:3: scenarios[0].economics: expected a key of the section economics" in done.err
    assert "own.yaml:4: scenarios[1].config: expected a mapping of at least one change" in done.err


# --- every table as files -----------------------------------------------------------------------------------


def _by_hand(formula, cells):
    """The value of a formula of one row."""
    return eval(re.sub(r"[A-Z]+[0-9]+", lambda match: repr(cells[match[0]]), formula.removeprefix("=")))


def test_every_table_is_written_and_a_reviewer_can_follow_the_formulas(run, file, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    asked = (
        "cea",
        file,
        "--evppi",
        "prices",
        "--budget",
        "--one-way",
        "--scenarios",
        "--patients",
        "100",
        "--threads",
        "1",
    )
    done = run(*asked, "-o", "all.xlsx")
    assert done.code == 0 and "all.xlsx: About, Incremental" in done.err
    assert max(map(len, done.out.splitlines())) <= 100
    book, values = (
        openpyxl.load_workbook(tmp_path / "all.xlsx"),
        openpyxl.load_workbook(tmp_path / "all.xlsx", data_only=True),
    )
    sheets = {"Incremental", "Net benefit", "Cost components", "Worked out", "Information", "One way", "Scenarios", "Subgroups", "Budget impact", "Budget components", "CEAC", "Schedules", "Evidence"}  # fmt: skip
    assert sheets <= set(book.sheetnames)
    checked = 0
    kept = {cell.coordinate: cell.value for row in values["Worked out"].iter_rows() for cell in row}
    for row in book["Worked out"].iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("="):
                assert _by_hand(cell.value, kept) == pytest.approx(kept[cell.coordinate], rel=1e-9, abs=1e-9)
                checked += 1
    assert checked > 20
    document = json.loads(run(*asked, "--json").out)
    first = {name.value.partition(" [")[0]: i for i, name in enumerate(values["Worked out"][1])}
    rows = list(values["Worked out"].iter_rows(min_row=2, values_only=True))
    by = {(row[first["threshold"]], row[first["schedule"]]): row[first["net_monetary_benefit"]] for row in rows}
    for row in document["schedules"]:
        assert by[20000, row["schedule"]] == pytest.approx(row["net_benefit"]["20000"], rel=1e-12)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_table_is_written_as_a_folder(form, run, file, tmp_path):
    pytest.importorskip("pyarrow")
    asked = ("cea", file, "--evppi", "none", "--budget", "-o", "out", "--to", form)
    assert run(*asked).code == 0
    assert {f"cheers.{form}", f"inputs.{form}"} <= {path.name for path in (tmp_path / "out").iterdir()}
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = ("incremental", "net_benefit", "cost_components", "worked_out", "information", "subgroups", "budget_impact", "budget_components", "ceac", "schedules", "evidence", "columns")  # fmt: skip
    assert {f"{name}.{form}" for name in tables} | {"README.txt", "decision.json"} <= names
    assert "Valuation: prices uk (GBP of 2024/25)" in (tmp_path / "out" / "README.txt").read_text()
    again = run(*asked)
    assert again.code == 2 and "--force replaces it" in again.err and run(*asked, "--force").code == 0
    assert run("cea", file, "-o", "book.xlsx", "--to", "csv").code == run("cea", file, "--to", "csv").code == 2


def test_increments_have_intervals_and_costs_have_parts(result):
    found = cost_effectiveness(result.isel(subgroup=0))
    data, document = found.samples, found.to_dict()
    for s, row in enumerate(document["schedules"]):
        assert sum(row["cost_by_component"].values()) == pytest.approx(row["cost"], rel=1e-12)
        years = result["life_years"].isel(subgroup=0, schedule=s).values
        assert row["life_years"] == pytest.approx(years[result["draw"].values >= 1].mean(), rel=1e-12)
        gap = data.cost[:, s] - data.cost[:, 0]
        ends = [row["versus_reference"][f"incremental_cost_{end}95"] for end in ("low", "high")]
        np.testing.assert_allclose(ends, np.quantile(gap, [0.025, 0.975]), rtol=1e-12)
        if row["comparator"] is None:
            assert row["incremental_qalys_low95"] is None
        else:
            gap = data.qalys[:, s] - data.qalys[:, data.schedules.index(row["comparator"])]
            assert row["incremental_qalys_high95"] == pytest.approx(np.quantile(gap, 0.975), rel=1e-12)
    (table,) = (each for each in tables.decision_tables(found) if each.name == "incremental")
    names = {column.name for column in table.file_columns}
    assert {
        "life_years",
        "cost_radiotherapy",
        "cost_skeletal_events",
        "incremental_cost_low95",
        "incremental_qalys_high95_versus_reference",
    } <= names


def test_parts_of_the_budget_add_up(result):
    record = from_dataset(result)
    found = budget.budget_impact(result.isel(subgroup=0), record, resolve(None, record))
    for world in ("current", "future", "impact"):
        parts = np.sum([part[world]["by_year"] for part in found["by_component"].values()], axis=0)
        np.testing.assert_allclose(parts, found[world]["by_year"], rtol=1e-9)
        total = sum(part[world]["total"] for part in found["by_component"].values())
        assert total == pytest.approx(found[world]["total"], rel=1e-9)
    assert {"radiotherapy", "end_of_life"} <= set(found["by_component"]) and "care" not in found["by_component"]


# --- subgroups, budget, burden ------------------------------------------------------------------------------


def test_subgroups_are_decisions_of_their_own(result):
    document = cost_effectiveness(result).to_dict()
    names = [row["subgroup"] for row in document["subgroups"]]
    assert names == ["visceral=no", "visceral=yes"] and sum(
        row["share"] for row in document["subgroups"]
    ) == pytest.approx(1.0)
    for number, row in enumerate(document["subgroups"]):
        alone = cost_effectiveness(result.isel(subgroup=number + 1), thresholds=[20000, 30000]).to_dict()
        assert row["schedules"] == alone["schedules"] and row["evpi"] == alone["evpi"]
    means = [sum(row["share"] * row["schedules"][s]["qalys"] for row in document["subgroups"]) for s in range(3)]
    np.testing.assert_allclose(
        means, [row["qalys"] for row in document["schedules"]], rtol=0.01
    )  # shares differ a little by draw


def test_individualised_fractionation_worked_by_hand():
    benefit = np.array([[[10.0, 8.0]], [[1.0, 5.0]], [[4.0, 3.0]]])  # subgroup, draw, schedule
    shares = np.array([0.5, 0.3, 0.2])
    value, _, one, best = subgroups.individualisation(benefit, shares)
    # for all: 0.5*10 + 0.3*1 + 0.2*4 = 6.1 against 4 + 1.5 + 0.6 = 6.1: the first; each its own: 5 + 1.5 + 0.8 = 7.3
    assert (one, best) == (0, {0: 0, 1: 1, 2: 0}) and value == pytest.approx(1.2)
    banded, _, _, best = subgroups.individualisation(benefit, shares, np.array([0, 1, 1]))
    assert banded == pytest.approx(1.0) and best == {0: 0, 1: 1}  # 5 + max(0.3 + 0.8, 1.5 + 0.6) = 7.1
    assert subgroups.individualisation(benefit[:1].repeat(3, axis=0), shares)[0] == 0.0


def test_individualisation_error_is_that_of_its_draws():
    random = np.random.default_rng(2)
    benefit = random.normal(0.0, 10.0, (2, 400, 2)) + np.array([[[5.0, 0.0]], [[0.0, 5.0]]])
    value, se, one, _ = subgroups.individualisation(benefit, np.array([0.5, 0.5]))
    other = 1 - one
    gain = 0.5 * (benefit[other, :, other] - benefit[other, :, one])
    assert value == pytest.approx(gain.mean()) and se == pytest.approx(gain.std(ddof=1) / 20.0)


def test_prognostic_bands_are_ordered_thirds():
    bands = subgroups.prognostic_bands(np.array([2.0, 0.5, 1.0, 4.0]), np.array([0.25, 0.25, 0.25, 0.25]))
    assert bands.tolist() == [1, 0, 1, 2]


def test_budget_impact_adds_up(result):
    record = from_dataset(result)
    economics = resolve(None, record)
    everyone = result.isel(subgroup=0)
    found = budget.budget_impact(everyone, record, economics)
    costs = (
        budget.yearly_costs(everyone, record, economics, 3).sum(axis=-1).mean(axis=0)
    )  # schedule, year since treatment
    assert found["cost_per_patient"]["8Gy/1"] == costs[0].tolist() and np.all(costs[:, 2] == 0.0)  # horizon two years
    flat = cost_effectiveness(
        everyone, economics={**STUDY["economics"], "discount": {"costs": 0.0, "effects": 0.0}}
    ).to_dict()
    np.testing.assert_allclose(costs.sum(axis=1), [row["cost"] for row in flat["schedules"]], rtol=1e-9)
    shift = [0.1, 0.2, 0.3]  # towards one fraction
    gap = costs[0] - costs[1]
    by_hand = [1000.0 * sum(shift[start] * gap[year - start] for start in range(year + 1)) for year in range(3)]
    np.testing.assert_allclose(found["impact"]["by_year"], by_hand, rtol=1e-9)
    assert (
        found["impact"]["total"] == pytest.approx(sum(by_hand))
        and found["low95"]["total"] < found["impact"]["total"] < found["high95"]["total"]
    )


def test_budget_impact_needs_to_be_told(result):
    record = from_dataset(result)
    economics = resolve({"costs": "uk"}, record)
    with pytest.raises(UsageFault, match="budget_impact: expected patients_per_year"):
        budget.budget_impact(result.isel(subgroup=0), record, economics)
    plan = {"patients_per_year": 10, "current": {"40Gy/20": [1.0]}, "future": {"8Gy/1": [1.0]}}
    with pytest.raises(UsageFault, match="found 40Gy/20"):
        budget.budget_impact(result.isel(subgroup=0), record, resolve({"costs": "uk", "budget_impact": plan}, record))


def test_burden_is_fractions_and_journeys(result):
    rows = burden.burden(result.isel(subgroup=0), patients_per_year=500.0)
    for s, row in enumerate(rows):
        slots = row["linac_slots"]
        assert slots["per_100_patients"] == pytest.approx(
            100.0 * result["treatment_days"].values[0, 1:, s].mean(), rel=1e-6
        )
        assert slots["per_year"] == pytest.approx(5.0 * slots["per_100_patients"])
        assert row["travel_days"]["per_100_patients"] == pytest.approx(
            slots["per_100_patients"] + row["follow_up_visits"]["per_100_patients"]
        )
    assert [row["linac_slots"]["per_100_patients"] > 100.0 * n for row, n in zip(rows, (1, 4, 8), strict=True)] == [
        True
    ] * 3


def test_a_burden_by_hand():
    # per 100 patients in three draws, and what of it falls in the first year; 50 patients a year
    found = burden._summary(np.array([100.0, 200.0, 300.0]), np.array([50.0, 60.0, 100.0]), 50.0)
    assert found == pytest.approx({
        "per_100_patients": 200.0, "mcse": 100.0 / np.sqrt(3.0), "low95": 105.0, "high95": 295.0, "in_first_year": 70.0, "per_year": 100.0,
    })  # fmt: skip
    one = burden._summary(np.array([100.0]), np.array([50.0]), None)
    assert (
        np.isnan([one["mcse"], one["low95"], one["high95"]]).all()
        and one["per_year"] is None
        and one["in_first_year"] == 50.0
    )


# --- sweeps -------------------------------------------------------------------------------------------------


def test_a_sweep_gives_a_table_for_each_scenario(result):
    cheap = cost_effectiveness(result.isel(subgroup=0))
    two = xarray.concat(
        [result.isel(subgroup=0), result.isel(subgroup=0)],
        dim="scenario",
        data_vars="all",
        coords="minimal",
        compat="override",
    )
    two = two.assign_coords({"cohort.karnofsky": ("scenario", [50, 80]), "scenario": [0, 1]})
    two["cost"][1] += 100.0
    found = cost_effectiveness(two)
    documents = found.to_dict()["scenarios"]
    assert [each["scenario"]["cohort.karnofsky"] for each in documents] == [50, 80]
    assert documents[0]["schedules"] == cheap.to_dict()["schedules"]
    assert documents[1]["schedules"][0]["cost"] == pytest.approx(
        documents[0]["schedules"][0]["cost"] + 800.0
    )  # 8 components
    assert found.to_xarray().sizes["scenario"] == 2
    failed = two.assign(qalys=two["qalys"].where(two["scenario"] == 0))
    with pytest.raises(UsageFault, match="^scenario 1: qalys: expected finite numbers"):
        cost_effectiveness(failed)
    with pytest.raises(UsageFault, match="found a sweep"):
        cost_effectiveness(two, one_way=True)


def test_a_single_draw_has_no_interval():
    found = cost_effectiveness(dataset([[1.0, 2.0], [3.0, 5.0]], [[0.1, 0.2], [0.1, 0.3]]), thresholds=[10.0]).to_dict()
    row = found["schedules"][1]
    assert row["cost_low95"] is None and row["qalys_high95"] is None
    assert row["versus_reference"]["incremental_net_benefit_low95"] == {"10": None}
    assert found["warnings"] == ["1 draw: the acceptability curve and the value of information are rough"]


def test_a_scenario_goes_by_its_number_and_what_was_swept():
    document = cost_effectiveness(dataset(*normal_draws(5)), thresholds=[20000]).to_dict()
    swept = {"cohort.pain": 4.123456789, "grid_point": 3, "sample_point": 0, "scenario": 3}
    page = page_of(tables.decision_tables({**document, "scenario": swept})[0])
    at = [page.headings.index(name) for name in ("Scenario", "cohort.pain")]
    assert [[row[i] for i in at] for row in page.rows] == [["3", "4.123"]] * 3 and "grid_point" not in page.headings


def test_a_result_that_nobody_says_how_to_value_is_named(run, tmp_path):
    write_netcdf(
        radsim.simulate({**STUDY, "draws": 0, "economics": {"costs": "uk"}}, threads=1).drop_vars("cost"),
        tmp_path / "x.nc",
        force=False,
    )
    assert run("cea", "x.nc").code == 0  # its record says how
    plain = {name: value for name, value in STUDY.items() if name != "economics"}
    write_netcdf(radsim.simulate({**plain, "draws": 0}, threads=1), tmp_path / "plain.nc", force=False)
    done = run("cea", "plain.nc")
    assert (done.code, done.out) == (2, "") and done.err.startswith(
        "plain.nc: expected a result with economics, or how to value it"
    )
    assert run("cea", "plain.nc", "--costs", "uk").code == 0


def test_a_real_sweep(run, tmp_path):
    (tmp_path / "base.yaml").write_text(
        "radsim: 1\nseed: 3\ncohort: {size: 300}\nhorizon_days: 400\nschedules: [8Gy/1, 20Gy/5]\ndraws: 3\neconomics: {costs: uk}\n"
    )
    (tmp_path / "sweep.yaml").write_text("base: base.yaml\ngrid: {economics.discount.costs: [0.0, 0.5]}\n")
    assert run("sweep", "sweep.yaml", "-o", "store.zarr", "--yes").code == 0
    done = run("cea", "store.zarr", "--json")
    documents = json.loads(done.out)["scenarios"]
    assert done.code == 0 and [each["scenario"]["economics.discount.costs"] for each in documents] == [0.0, 0.5]
    assert documents[0]["schedules"][0]["cost"] > documents[1]["schedules"][0]["cost"]  # each as it was valued
    assert documents[0]["schedules"][0]["qalys"] == documents[1]["schedules"][0]["qalys"]
    shown = run("cea", "store.zarr")
    assert (
        shown.out.count("Cost-effectiveness (") == 1
        and "economics.discount.costs" in shown.out
        and "Linac slots" not in shown.out
        and shown.out.rstrip().endswith(SCOPE)
    )
    rows = list(csv.DictReader(io.StringIO(run("cea", "store.zarr", "--csv").out)))
    assert len(rows) == 4 and {row["economics.discount.costs"] for row in rows} == {"0.0", "0.5"}
    rows = list(
        csv.DictReader(io.StringIO(run("cea", "store.zarr", "--csv").out))
    )  # each scenario as it was valued itself
    assert [re.search(r"discounting (\S+) % costs", row["valuation"])[1] for row in rows] == ["0", "0", "50", "50"]
    rows = list(csv.DictReader(io.StringIO(run("cea", "store.zarr", "--csv", "--discount-costs", "0.01").out)))
    assert {re.search(r"discounting (\S+) % costs", row["valuation"])[1] for row in rows} == {"1"}


# --- the command --------------------------------------------------------------------------------------------


def test_command_prints_tables_and_ends_with_the_scope(run, file):
    done = run("cea", file, "--ceac", "--patients-per-year", "100", "--budget")
    assert done.code == 0 and done.out.rstrip().endswith(SCOPE) and "Provisional" in done.out
    for words in (
        "probabilistic, mean of 24 draws x 1,100 patients; GBP 2024/25",
        "Quadrant",
        "EVPI",
        "Subgroups",
        "Budget impact",
        "Acceptability curve",
        "Linac slots",
    ):
        assert words in " ".join(done.out.split()), words
    assert not any(line != line.rstrip() for line in done.out.splitlines())


def test_command_says_what_kind_of_difference_it_is():
    def of(cost, effect):
        draws = np.tile([cost, 1000.0], (3, 1)), np.tile([effect, 0.5], (3, 1))
        row = cost_effectiveness(dataset(*draws), thresholds=[20000]).to_dict()["schedules"]
        return standing(row[1]), versus(row[1]["versus_reference"])

    assert of(900.0, 0.4) == ("1,000 per QALY", "1,000 per QALY")
    assert of(900.0, 0.6) == ("dominated by 8Gy/1", "dominated")
    assert of(1100.0, 0.6) == ("costs least", "saves 1,000 per QALY forgone")
    assert of(1100.0, 0.4) == ("costs least", "dominant")
    assert of(1000.0, 0.5) == ("equal to 8Gy/1", "equal")


def test_json_is_one_document(run, file):
    done = run(
        "cea",
        file,
        "--json",
        "--threshold",
        10000,
        "--threshold",
        50000,
        "--reference",
        "20Gy/5",
        "--evppi",
        "retreatment",
    )
    document = json.loads(done.out)
    assert done.code == 0 and set(document) >= DOCUMENT_KEYS and list(document["evpi"]) == ["10000", "50000"]
    assert document["reference"] == "20Gy/5" and {row["parameters"] for row in document["evppi"]} == {"retreatment"}
    assert document["schedules"][1]["versus_reference"]["quadrant"] == "origin"


def test_csv_has_a_row_for_each_schedule(run, file):
    done = run("cea", file, "--csv", "--evppi", "none")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["schedule"] for row in rows] == ["8Gy/1", "20Gy/5", "30Gy/10"]
    expected = cost_effectiveness(read_netcdf(file)).to_dict()["schedules"]
    assert float(rows[1]["cost"]) == pytest.approx(expected[1]["cost"]) and rows[0]["icer"] == ""
    assert float(rows[1]["net_benefit_20000"]) == pytest.approx(expected[1]["net_benefit"]["20000"])
    curve = list(csv.DictReader(io.StringIO(run("cea", file, "--csv", "--ceac", "--evppi", "none").out)))
    assert {row["subgroup"] for row in curve} == {"all", "visceral=no", "visceral=yes"} and len(curve) % 9 == 0


def test_command_values_anew_as_told(run, file, tmp_path):
    def costs(*arguments):
        done = run("cea", file, "--json", "--evppi", "none", *arguments)
        assert done.code == 0, done.err
        document = json.loads(done.out)
        return [row["cost"] for row in document["schedules"]], [row["qalys"] for row in document["schedules"]]

    base = costs()
    assert costs("--discount-costs", "0.035")[0] == pytest.approx(base[0], rel=1e-12)
    higher = costs("--discount-costs", "0.2")
    assert all(np.array(higher[0]) < base[0]) and higher[1] == base[1]
    assert all(np.array(costs("--set", "cost.fraction=500")[0]) > base[0])
    (tmp_path / "other.yaml").write_text("economics: {costs: uk, utilities: pain_blind, discount: {costs: 0.2}}\n")
    other = costs("--economics", "other.yaml")
    assert other[0] == pytest.approx(higher[0], rel=1e-12) and other[1] != base[1]
    assert costs("--utilities", "pain_blind")[1] == pytest.approx(other[1], rel=1e-12)


def assert_fault(done, *words):
    assert (done.code, done.out) == (2, "") and "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1
    for word in words:
        assert word in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--threshold", "30000", "--threshold", "30000"], ["each once", "30000, 30000"]),
        (["--threshold", "-1"], ["0 or more"]),
        (["--threshold", "nan"], ["expected amounts"]),
        (["--reference", "40Gy/20"], ["reference", "8Gy/1, 20Gy/5, 30Gy/10", "40Gy/20"]),
        (["--evppi", "retreatmnt"], ["did you mean retreatment?"]),
        (["--costs", "narnia"], ["economics.costs", "narnia"]),
        (["--set", "cost.fraction"], ["NAME=NUMBER"]),
        (["--set", "cost.fraction=-5"], ["cost.fraction", "-5"]),
        (["--set", "cost.fractoin=5"], ["cost.fractoin"]),
        (["--discount-costs", "-0.1"], ["discount.costs"]),
        (["--json", "--csv"], ["--csv: not together with --json"]),
        (["--two-way", "cost.fraction", "nonsense"], ["nonsense"]),
    ],
)
def test_faults_of_the_request(run, file, arguments, words):
    assert_fault(run("cea", file, *arguments), *words)


def test_faults_of_the_result(run, file, tmp_path):
    whole = read_netcdf(file)
    write_netcdf(whole.drop_vars(["occupancy"]), tmp_path / "bare.nc", force=False)
    assert_fault(run("cea", "bare.nc"), "bare.nc", "occupancy")
    assert_fault(run("cea", "absent.nc"), "absent.nc")
    (tmp_path / "text.nc").write_text("no result")
    assert_fault(run("cea", "text.nc"), "not a result of radsim")
    (tmp_path / "none.yaml").write_text("radsim: 1\n")
    assert_fault(run("cea", file, "--economics", "none.yaml"), "expected a section economics")


def test_one_draw_is_shown_and_refused_a_curve(run, file, tmp_path):
    write_netcdf(read_netcdf(file).isel(draw=[0]), tmp_path / "one.nc", force=False)
    done = run("cea", "one.nc")
    assert done.code == 0 and "deterministic" in done.out and "No parameter draws in this result" in done.out
    assert json.loads(run("cea", "one.nc", "--json").out)["base_case"] == "deterministic"
    for option in (["--ceac"], ["--evppi", "all"], ["--patients-per-year", "10"]):
        assert_fault(run("cea", "one.nc", *option), option[0], "needs draws of the parameters")


def test_a_result_without_economics_says_what_is_missing(run, tmp_path):
    study = {**STUDY, "cohort": {"size": 300}, "draws": 2, "subgroups": []}
    del study["economics"]
    write_netcdf(radsim.simulate(study, threads=1), tmp_path / "plain.nc", force=False)
    assert_fault(run("cea", "plain.nc"), "economics")
    done = run("cea", "plain.nc", "--costs", "uk", "--json")
    assert done.code == 0 and json.loads(done.out)["currency"] == "GBP"


def test_public_door():
    assert radsim.cost_effectiveness is analysis.cost_effectiveness


def test_help_is_light():
    program = (
        "import sys, atexit; heavy = {'numba', 'xarray', 'scipy', 'sklearn', 'pandas', 'netCDF4', 'numpy', 'rich'}\n"
        "atexit.register(lambda: sys.stderr.write('loaded:' + ','.join(sorted(heavy & set(sys.modules)))))\n"
        "from radsim.cli.main import main; main(['cea', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0 and done.stderr == "loaded:" and "--evppi GROUP" in done.stdout


def test_without_scikit_learn_the_rest_is_shown(run, file, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    done = run("cea", file)
    assert done.code == 0 and 'pip install "radsim[economics]"' in done.err and "EVPI" in done.out


def test_missing_scikit_learn_is_named_where_it_is_asked_for(monkeypatch):
    def absent(module):
        raise ModuleNotFoundError(module, name="sklearn")

    monkeypatch.setattr(
        "radsim.extras.import_module", lambda name: absent(name) if name.startswith("sklearn") else import_module(name)
    )
    with pytest.raises(UsageFault, match=r'needs sklearn: pip install "radsim\[economics\]"'):
        cost_effectiveness(informative(), thresholds=[20000], evppi=["first"])


@pytest.mark.parametrize("known", [("record", None), (None, "economics"), (None, None)])
def test_what_is_simulated_again_needs_the_record_and_the_prices(known):
    from radsim.decision.deterministic import _need_record

    with pytest.raises(UsageFault, match="one-way: needs a result with its run record and its prices and utilities"):
        _need_record(*known, "one-way")
    _need_record("record", "economics", "one-way")


def test_a_bare_table_of_draws_is_refused_an_analysis_that_simulates_again():
    cost, qalys = normal_draws(5)
    with pytest.raises(UsageFault, match="needs a result with its run record"):
        cost_effectiveness(dataset(cost, qalys), thresholds=[20000], one_way=True)


def test_what_the_configuration_fixes_has_no_range(result):
    from radsim.decision.percentiles import clinical_ranges

    record = from_dataset(result)
    fixed = {
        "parameters": {"flare.probability": 0.3},
        "observation": {**record["config"]["observation"], "attendance": 0.9},
    }
    names = {one.name for one in clinical_ranges(record)}
    fewer = {one.name for one in clinical_ranges({**record, "config": {**record["config"], **fixed}})}
    assert names - fewer == {"flare.probability", "observation.attendance"} and fewer < names


def test_parameters_that_do_not_vary_are_left_out():
    names, values = ["moves", "stays"], np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    cost, qalys = normal_draws(3)
    given = dataset(cost, qalys, parameter_value=(("draw", "parameter"), values)).assign_coords(parameter=names)
    assert list(parameter_table(given, np.arange(3))) == ["moves"]


def test_subgroups_are_their_own_members_and_scenarios_tell_how_far_they_are(result, base_case):
    found = subgroups.individualised_value(result, thresholds=[20000.0], reference=0)
    for row in (row for row in found if row["by"] == "subgroup"):
        assert row["members"] == {name: [name] for name in row["members"]} and len(row["members"]) == 2
    from radsim.decision import scenarios

    told = []
    rows = scenarios.scenario_rows(
        base_case, scenarios=[{"name": "dearer", "economics": {"values": {"cost.fraction": 500.0}}}], thresholds=np.array([20000.0]),
        reference=0, progress=lambda *done: told.append(done),
    )  # fmt: skip
    assert told == [(1, 2), (2, 2)] and len(rows) == 2


def test_advice_on_precision_is_given_for_any_error_above_zero():
    from types import SimpleNamespace

    from radsim.decision import document

    cost, qalys = normal_draws(30)
    benefit = 20000.0 * qalys - cost
    data = SimpleNamespace(n_patients=1000, schedules=["a", "b", "c"])
    for wanted, expected in ((0.5, True), (1.0, True), (0.0, False)):
        assert (document._plan(data, benefit, np.full((30, 3, 3), 4.0), wanted) is not None) == expected
