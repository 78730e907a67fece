"""Who gains: cost per responder, the severity modifier and equity, worked by hand, and what they refuse."""

import json
import math

import numpy as np
import pytest
import xarray

import radsim
from radsim.decision import equity, severity
from radsim.decision.general_population import Norm, Person, expected_qalys, lived_qalys, person_of, survival
from radsim.decision.responders import cost_per_responder
from radsim.decision.samples import samples
from radsim.storage import UsageFault, write_netcdf

FULL_HEALTH = Norm(1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("sex", "age", "years"),
    [("female", 65.0, 21.12), ("male", 65.0, 18.76), ("female", 0.0, 83.06), ("male", 85.0, 5.96)],
)
def test_life_expectancy_is_that_of_the_published_table(sex, age, years):
    found = expected_qalys(Person(age, float(sex == "male")), FULL_HEALTH, rate=0.0, convention="annual")
    assert found == pytest.approx(years, abs=0.05)
    assert survival(sex, 65.0, np.array([0.0]))[0] == 1.0


def test_quality_and_discounting_make_less_of_it():
    person, norm = Person(65.0, 0.5), Norm(0.95, -0.001, 0.0, 0.02)
    whole = expected_qalys(person, FULL_HEALTH, rate=0.0, convention="annual")
    assert whole == pytest.approx((21.12 + 18.76) / 2.0, abs=0.05)
    with_quality = expected_qalys(person, norm, rate=0.0, convention="annual")
    assert 0.84 * whole < with_quality < 0.90 * whole  # utility falls from 0.895 at 65 to 0.865 at 95
    assert expected_qalys(person, norm, rate=0.035, convention="continuous") < 0.8 * with_quality
    assert lived_qalys(person, norm) == pytest.approx(65.0 * 0.96 - 0.001 * 65.0**2 / 2.0, rel=1e-4)


def test_age_is_that_at_the_beginning():
    # 91 days, lived at 70 years and 45.5 days on average, 40 % by men
    middle = 45.5
    exposure = 91.0 * np.array([1.0, 70.0 + middle / 365.25, 0.0, 0.4])
    dataset = xarray.Dataset(
        {"age_exposure": (("batch", "draw", "period", "exposure"), exposure.reshape(1, 1, 1, 4))},
        coords={"period": [middle], "exposure": ["days", "age", "age_squared", "male"]},
    )
    found = person_of(dataset)
    assert found.age == pytest.approx(70.0) and found.male == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("absolute", "proportional", "weight"),
    [(0.5, 0.1, 1.0), (11.99, 0.849, 1.0), (12.0, 0.2, 1.2), (3.0, 0.85, 1.2), (17.9, 0.94, 1.2), (18.0, 0.5, 1.7), (4.0, 0.95, 1.7), (-1.0, -0.1, 1.0)],
)  # fmt: skip
def test_the_greater_of_two_weights_counts(absolute, proportional, weight):
    assert severity.weight_of(absolute, proportional) == weight


def test_an_equivalent_by_hand():
    health, shares = np.array([4.0, 1.0]), np.array([0.5, 0.5])
    assert equity.equally_distributed_equivalent(health, shares, aversion=0.0) == pytest.approx(2.5)
    assert equity.equally_distributed_equivalent(health, shares, aversion=1.0) == pytest.approx(2.0)  # geometric mean
    assert equity.equally_distributed_equivalent(health, shares, aversion=2.0) == pytest.approx(1.6)  # harmonic mean
    assert equity.equally_distributed_equivalent(health, shares, aversion=300.0) == pytest.approx(1.0, rel=0.01)
    assert equity.equally_distributed_equivalent(100.0 * health, shares, aversion=2.0) == pytest.approx(160.0)
    found = equity.equity_weights(health, shares, aversion=2.0)  # 1/16 to 1, mean one
    np.testing.assert_allclose(found, np.array([1.0 / 16.0, 1.0]) / (17.0 / 32.0))


def test_cost_per_responder_by_hand():
    dims = ("draw", "schedule")
    dataset = xarray.Dataset(
        {
            "cost": (dims, [[9.0, 9.0, 9.0], [100.0, 300.0, 80.0], [200.0, 300.0, 80.0]], {"units": "GBP"}),
            "qalys": (dims, np.ones((3, 3))), "overall_response": (dims, [[0.9, 0.9, 0.9], [0.5, 0.7, 0.6], [0.5, 0.5, 0.6]]),
        },
        coords={"draw": [0, 1, 2], "schedule": ["a", "b", "c"]},
    )  # fmt: skip
    a, b, c = cost_per_responder(dataset, samples(dataset), reference=0)
    assert a["cost_per_responder"] == pytest.approx(300.0) and b["cost_per_responder"] == pytest.approx(500.0)
    assert b["cost_per_additional_responder"] == pytest.approx(150.0 / 0.1) and b["quadrant"] == "north-east"
    assert c["cost_per_additional_responder"] is None and c["quadrant"] == "south-east"
    assert (b["incremental_response_low95"], b["incremental_response_high95"]) == pytest.approx((0.005, 0.195))
    with pytest.raises(UsageFault, match="expected a result with overall_response"):
        cost_per_responder(dataset.drop_vars("overall_response"), samples(dataset), reference=0)


STUDY = {
    "schedules": ["8Gy/1", "20Gy/5"], "cohort": {"size": 300, "era": "modern"}, "seed": 3, "horizon_days": "lifetime", "draws": 6,
    "subgroups": ["visceral"], "economics": {"costs": "uk"},
}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return radsim.simulate(STUDY, threads=1)


def test_a_scenario_of_severity_is_the_threshold_times_the_weight(result):
    document = radsim.cost_effectiveness(result, thresholds=[20000.0], severity=True).to_dict()
    found = document["severity"]
    assert found["weight"] in (1.2, 1.7)  # a year of life left of about ten
    assert found["absolute_shortfall"] == pytest.approx(found["qalys_without_disease"] - found["qalys_with_disease"])
    again = radsim.cost_effectiveness(result, thresholds=[20000.0 * found["weight"]]).to_dict()
    key = f"{20000.0 * found['weight']:.0f}"
    for mine, other in zip(found["schedules"], again["schedules"], strict=True):
        theirs = other["versus_reference"]["incremental_net_benefit"][key]
        assert mine["incremental_net_benefit"]["20000"] == pytest.approx(theirs, rel=1e-9)
        assert mine["p_cost_effective"]["20000"] == other["p_cost_effective"][key]


def test_without_aversion_equity_is_the_net_health_benefit(result):
    document = radsim.cost_effectiveness(result, thresholds=[20000.0], equity=0.0).to_dict()
    rows, groups = document["equity"]["schedules"], document["equity"]["groups"]
    assert sum(g["share"] for g in groups) == pytest.approx(1.0) and all(g["weight"] == 1.0 for g in groups)
    # the share of a group differs between draws; here it is its mean
    gain = document["schedules"][1]["versus_reference"]["incremental_net_health_benefit"]["20000"]
    assert rows[1]["gain"] == pytest.approx(gain, abs=1e-4) and rows[1]["weighted_gain"] == pytest.approx(
        gain, abs=1e-4
    )
    assert rows[1]["gain_low95"] < rows[1]["gain"] < rows[1]["gain_high95"]
    averse = radsim.cost_effectiveness(result, thresholds=[20000.0], equity=True).to_dict()["equity"]
    assert averse["aversion"] == 10.95 and all(row["inequality"] > 0.0 for row in averse["schedules"])
    worst = min(averse["groups"], key=lambda g: g["health"])
    assert worst["weight"] == max(g["weight"] for g in averse["groups"]) > 1.0


def test_every_table_of_who_gains_is_written(result, run, tmp_path):
    write_netcdf(result, tmp_path / "result.nc", force=False)
    given = ["cea", tmp_path / "result.nc", "--responders", "--severity", "--equity", "--inequality-aversion", 2]
    done = run(*given, "--json", "-o", tmp_path / "out")
    document = json.loads(done.out)
    assert document["equity"]["aversion"] == 2.0 and len(document["responders"]) == 2
    for name, rows in (("responders", 2), ("severity", 4), ("equity", 4), ("equity_groups", 2)):
        assert len((tmp_path / "out" / f"{name}.csv").read_text().splitlines()) == 1 + rows, name
    page = run(*given).out
    assert (
        "QALYs weighted by severity" in page
        and "Aversion to inequality 2 (Atkinson)" in page
        and "Cost per responder" in page
    )
    assert not any(math.isnan(row["p_best"]) for row in document["equity"]["schedules"])


def test_what_has_no_meaning_is_refused(result):
    with pytest.raises(UsageFault, match="equity: expected a result with subgroups"):
        radsim.cost_effectiveness(result.isel(subgroup=0, drop=True), equity=True)
    short = radsim.simulate({**STUDY, "horizon_days": 365, "draws": 0, "cohort": {"size": 50}}, threads=1)
    with pytest.raises(UsageFault, match="severity: expected a result to the end of life .* found 365"):
        radsim.cost_effectiveness(short, severity=True)
    with pytest.raises(UsageFault, match="severity: expected utilities with a population norm by age"):
        radsim.cost_effectiveness(result, economics={"costs": "uk", "age_norm": False}, severity=True)
