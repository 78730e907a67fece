"""Costs and QALYs: hand-worked cases, closed forms, black-box checks on a simulated result, faults of files and requests."""

from __future__ import annotations

import copy
import csv
import functools
import io
import json
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import xarray
from verification import unpriced

import radsim
from radsim import care
from radsim.config import Config, ConfigError, json_schema, load_config, resolved_config, to_yaml
from radsim.config.dump import plain
from radsim.economics.items import COMPONENTS, COUNTED, LIVED, LOSSES, PRICED
from radsim.economics.parameters import sample
from radsim.economics.section import Economics
from radsim.economics.sets import (
    load_packaged_set,
    load_set_file,
    set_names,
    set_parameters,
)
from radsim.economics.templates import template
from radsim.economics.unpriced import without_figure
from radsim.economics.warnings import economic_warnings
from radsim.kernel.layout import EXPOSURES, ITEMS, STATES
from radsim.provenance import from_dataset
from radsim.simulation import prepared, simulate_study
from radsim.storage import UsageFault, write_netcdf
from radsim.valuation import appraise, discount_factors
from radsim.valuation.appraisal import EconomicsWarning
from radsim.valuation.values import value, weights
from radsim.valuation.weights import cell_utilities

SCHEDULES = ["8Gy/1", "20Gy/5", "none", {"dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17}]
UNDISCOUNTED = {"costs": 0, "effects": 0}
DAYS_PER_YEAR = 365.25


def economics(**changes):
    return load_config({"schedules": ["8Gy/1"], "economics": {"costs": "uk", "age_norm": False, **changes}}).economics


def plain_set(kind, name):
    """A packaged set as a mapping of its own."""
    return copy.deepcopy(plain(load_packaged_set(kind, name)))


def prices(**changes):
    """The set uk with every price 0, but for `changes`."""
    content = plain_set("costs", "uk")
    content["items"] = {name: changes.get(name, 0) for name in PRICED}
    return content


def utilities(**changes):
    """Utilities without an anchor: 1 in every pain level and nothing lost, but for `changes` by table."""
    content = plain_set("utilities", "dutch_patients")
    del content["anchor"], content["age"]
    content |= {"lowest": -1.0, "pain": dict.fromkeys(content["pain"], 1.0)}
    for table in ("event", "death", "loss"):
        content[table] = dict.fromkeys(content[table], 0)
    for table, given in changes.items():
        content[table] = {**content[table], **given} if isinstance(given, dict) else given
    return content


@functools.cache
def simulated():
    """A small lifetime study with draws, valued at the packaged prices."""
    return radsim.simulate(
        {
            "seed": 5, "schedules": SCHEDULES, "cohort": {"size": 1200, "era": "modern"}, "horizon_days": "lifetime",
            "draws": 3, "subgroups": ["visceral"], "economics": {"costs": "uk"},
        },
        threads=1,
    )  # fmt: skip


def valued(dataset=None, **changes):
    """The base case of a valued result, all patients."""
    result = appraise(simulated() if dataset is None else dataset, {"costs": "uk", "age_norm": False, **changes})
    return result.isel(draw=0, subgroup=0)


def bare(n_draws=1, n_schedules=1, n_periods=1):
    """Empty occupancy and counts of one batch."""
    shape = (1, n_draws, n_schedules, n_periods)
    return np.zeros((*shape, len(STATES))), np.zeros((*shape, len(ITEMS)))


def by_hand(occupancy, count, section, *, middles=(0.0,), **given):
    """`value` with the base-case numbers of a section."""
    n_draws = occupancy.shape[1]
    values = sample(section, seed=1, draws=np.zeros(n_draws, int))
    worth = weights(values, section, states=STATES, items=ITEMS)
    return value(
        occupancy, count, worth, middles_days=np.array(middles), discount=section.discount, items=ITEMS, **given
    )


# --- discounting --------------------------------------------------------------------------------------------


def test_one_unit_in_the_middle_of_a_period():
    days = DAYS_PER_YEAR * np.array([0.0, 0.5, 1.0, 2.0])
    np.testing.assert_allclose(
        discount_factors(days, rate=0.05, convention="continuous"), np.exp([0, -0.025, -0.05, -0.1]), rtol=1e-15
    )
    np.testing.assert_allclose(
        discount_factors(days, rate=0.05, convention="annual"), [1, 1.05**-0.5, 1 / 1.05, 1 / 1.1025], rtol=1e-15
    )


@pytest.mark.parametrize("convention", ["continuous", "annual"])
def test_a_rate_of_zero_takes_nothing(convention):
    assert np.all(discount_factors([0.0, 100.0, 1e5], rate=0.0, convention=convention) == 1.0)


def test_a_stay_of_four_years_meets_its_integral():
    quarter = DAYS_PER_YEAR / 4
    ends = quarter * np.arange(1, 17)
    present = (discount_factors(ends - quarter / 2, rate=0.035, convention="continuous") * quarter).sum()
    exact = (1 - np.exp(-0.035 * 4)) / 0.035 * DAYS_PER_YEAR
    # the middle of an interval h integrates exp(-r t) to r^2 h^2 / 24 of itself
    np.testing.assert_allclose(present, exact * (1 - (0.035 / 4) ** 2 / 24), rtol=1e-9)


def test_costs_and_effects_have_rates_of_their_own():
    occupancy, count = bare(n_periods=2)
    occupancy[..., 0] = DAYS_PER_YEAR
    count[..., ITEMS.index("operations")] = 1
    section = economics(
        costs=prices(operation=100),
        utilities=utilities(),
        discount={"costs": 0.25, "effects": 0.6, "convention": "annual"},
    )
    found = by_hand(occupancy, count, section, middles=(0.0, DAYS_PER_YEAR))
    np.testing.assert_allclose(found.cost.sum(), 100 + 80, rtol=1e-12)
    np.testing.assert_allclose(found.qalys, 1 + 0.625, rtol=1e-12)
    np.testing.assert_allclose(found.qalys_undiscounted, 2, rtol=1e-12)


# --- by hand ------------------------------------------------------------------------------------------------


def test_occupancy_times_utility():
    occupancy, count = bare()
    occupancy[..., STATES.index("pain_none|no_event|death_over_90_days")] = 100
    occupancy[..., STATES.index("pain_severe|fracture_recent|death_under_30_days")] = 20
    occupancy[..., STATES.index("pain_mild|cord_compression_late|death_30_to_90_days")] = 50
    section = economics(
        utilities=utilities(
            pain={"none": 0.8, "mild": 0.7, "moderate": 0.5, "severe": 0.3},
            event={"fracture_recent": 0.1, "cord_compression_late": 0.2},
            death={"30_to_90_days": 0.05, "under_30_days": 0.15},
        ),
        discount=UNDISCOUNTED,
    )
    expected = 100 * 0.8 + 20 * (0.3 - 0.1 - 0.15) + 50 * (0.7 - 0.2 - 0.05)
    np.testing.assert_allclose(by_hand(occupancy, count, section).qalys, expected / DAYS_PER_YEAR, rtol=1e-12)


def test_additive_and_multiplicative():
    state = "pain_severe|fracture_recent|death_under_30_days"
    content = utilities(pain={"severe": 0.4}, event={"fracture_recent": 0.1}, death={"under_30_days": 0.2})
    content["decrement_base"] = 0.5
    for combination, expected in (("additive", 0.4 - 0.1 - 0.2), ("multiplicative", 0.4 * 0.8 * 0.6)):
        section = economics(utilities=content, combination=combination)
        values = sample(section, seed=1, draws=[0])
        np.testing.assert_allclose(
            cell_utilities(values, section, STATES)[0, STATES.index(state)], expected, rtol=1e-12
        )


def test_no_state_is_below_the_lowest_or_above_full_health():
    section = economics(utilities=utilities(pain={"severe": -0.5}, death={"under_30_days": 0.9}, lowest=-0.6))
    found = cell_utilities(sample(section, seed=1, draws=[0]), section, STATES)
    assert found.min() == -0.6 and found.max() == 1.0


def test_the_anchor_sets_the_level_and_the_decrements_the_shape():
    section = economics(utilities="described_state")
    values = sample(section, seed=1, draws=[0])
    found = cell_utilities(
        values, section, [f"pain_{p}|no_event|death_over_90_days" for p in ("none", "mild", "moderate", "severe")]
    )
    np.testing.assert_allclose(
        found[0], 0.47 / (1 - 0.267) * np.array([1, 1 - 0.065, 1 - 0.267, 1 - 0.713]), rtol=1e-12
    )


def test_an_anchor_over_several_levels_is_their_mean():
    section = economics(utilities="dutch_patients")
    shares = load_packaged_set("utilities", "dutch_patients").anchor.at
    found = cell_utilities(
        sample(section, seed=1, draws=[0]), section, [f"pain_{p}|no_event|death_over_90_days" for p in shares]
    )
    np.testing.assert_allclose(found[0] @ list(shares.values()), 0.405, rtol=1e-12)


def test_count_times_price_and_days_times_price():
    occupancy, count = bare()
    occupancy[..., STATES.index("pain_severe|fracture_late|death_under_30_days")] = 10
    occupancy[..., STATES.index("pain_none|no_event|death_over_90_days")] = 7
    for item, n in (
        ("courses", 1.2),
        ("fractions", 6.5),
        ("opioid_mg", 5000),
        ("deaths", 0.9),
        ("follow_up_visits", 3),
    ):
        count[..., ITEMS.index(item)] = n
    section = economics(
        costs=prices(
            course=200, fraction=100, opioid_mg=0.01, death=10, follow_up_visit=50, pain_severe_day=2, pain_none_day=1,
            fracture_late_day=3, final_month_day=20, fraction_travel=5, visit_time=4,
        ),
        perspective="societal",
        discount=UNDISCOUNTED,
    )  # fmt: skip
    expected = {
        "radiotherapy": 1.2 * 200 + 6.5 * 100, "analgesics": 50, "end_of_life": 9 + 200, "follow_up": 150,
        "care": 20 + 7, "skeletal_events": 30, "travel_and_time": 6.5 * 5 + 3 * 4, "toxicity": 0,
    }  # fmt: skip
    found = by_hand(occupancy, count, section).cost[0, 0, 0]
    np.testing.assert_allclose(found, [expected[name] for name in COMPONENTS], rtol=1e-12)


def test_the_payer_does_not_pay_for_travel_and_time():
    occupancy, count = bare()
    count[...] = 1
    for perspective, paid in (("healthcare", 0.0), ("societal", 5.0)):
        section = economics(
            costs=prices(fraction_travel=2, visit_time=3), perspective=perspective, discount=UNDISCOUNTED
        )
        assert by_hand(occupancy, count, section).cost.sum() == paid


def test_a_stereotactic_index_course_has_its_own_price_and_repeats_have_not():
    occupancy, count = bare(n_schedules=2, n_periods=2)
    count[..., 0, ITEMS.index("courses")], count[..., 0, ITEMS.index("fractions")] = 1.1, 2.5  # some repeat early
    count[..., 1, ITEMS.index("courses")], count[..., 1, ITEMS.index("fractions")] = 0.2, 0.6
    section = economics(costs=prices(course=10, fraction=1, sbrt_course=1000, sbrt_fraction=100), discount=UNDISCOUNTED)
    cost = by_hand(occupancy, count, section, middles=(0, 0), stereotactic=[0, 2]).cost.sum(axis=-1)[0, 0]
    np.testing.assert_allclose(cost, [13 + 3.1, 1000 + 2 * 100 + 0.3 * 10 + 1.1 * 1], rtol=1e-12)


def test_the_population_norm_by_age():
    occupancy, count = bare(n_periods=2)
    occupancy[..., 0, 0], occupancy[..., 1, 0] = 100, 40
    age, male = np.array([70.0, 71.0]), 0.6
    exposure = np.array([100.0, 40.0])[:, None] * np.stack([np.ones(2), age, age**2 + 9, np.full(2, male)], axis=1)
    content = utilities(pain=dict.fromkeys(("none", "mild", "moderate", "severe"), 0.5))
    terms = {"constant": 0.95, "per_year": -0.0003, "per_year_squared": -0.00003, "male": 0.02}
    content["age"] = {**terms, "reference_age": 65, "reference_male": 0.5}
    norm = 0.95 - 0.0003 * age - 0.00003 * (age**2 + 9) + 0.02 * male
    reference = 0.95 - 0.0003 * 65 - 0.00003 * 65**2 + 0.02 * 0.5
    days = np.array([100.0, 40.0])
    for combination, expected in (
        ("additive", (days * (0.5 + norm - reference)).sum()),
        ("multiplicative", (days * 0.5 * norm / reference).sum()),
    ):
        section = economics(utilities=content, combination=combination, age_norm=True, discount=UNDISCOUNTED)
        found = by_hand(occupancy, count, section, middles=(0, 0), age_exposure=exposure[None, None])
        np.testing.assert_allclose(found.qalys, expected / DAYS_PER_YEAR, rtol=1e-12)


def test_a_period_that_nobody_lives_to_see_adds_nothing():
    occupancy, count = bare()
    section = economics(utilities="dutch_patients", age_norm=True, combination="multiplicative")
    found = by_hand(occupancy, count, section, age_exposure=np.zeros((1, 1, 1, 4)))
    assert found.qalys[0, 0, 0] == 0.0


def test_losses_are_taken_in_days():
    occupancy, count = bare()
    occupancy[..., 0] = 100
    count[..., ITEMS.index("fractions")] = 10
    section = economics(utilities=utilities(loss={"fraction": 0.5}), discount=UNDISCOUNTED)
    np.testing.assert_allclose(by_hand(occupancy, count, section).qalys, 95 / DAYS_PER_YEAR, rtol=1e-12)


def test_everything_priced_is_attached_to_something_once():
    radiotherapy = {"course", "fraction", "sbrt_course", "sbrt_fraction"}
    assert not COUNTED.keys() & LIVED.keys()
    assert radiotherapy | COUNTED.keys() | LIVED.keys() == set(PRICED)
    assert {item for item in COUNTED.values()} | {item for item, _ in LOSSES.values()} <= set(ITEMS)
    assert {*COUNTED.values(), "courses", "fractions"} == set(ITEMS)  # whatever the kernel counts has a price
    parts = {part for state in STATES for part in state.split("|")}
    assert set(LIVED.values()) <= parts


# --- draws --------------------------------------------------------------------------------------------------


def test_draw_0_is_the_value_and_more_draws_change_none():
    section = economics()
    few, many = (sample(section, seed=7, draws=np.arange(n)) for n in (4, 60))
    for parameter in section.parameters:
        assert few[parameter.name][0] == parameter.item.value
        assert np.array_equal(few[parameter.name], many[parameter.name][:4])
    some = sample(section, seed=7, draws=[50, 2])
    assert all(np.array_equal(some[name], column[[50, 2]]) for name, column in many.items())


def test_another_item_changes_no_draw():
    before = sample(economics(), seed=7, draws=np.arange(20))
    content = plain_set("costs", "uk")
    content["items"] |= {"flare": {"value": 30, "uncertainty": {"gamma": {"shape": 4}}}, "death": 0}
    after = sample(economics(costs=content, perspective="societal"), seed=7, draws=np.arange(20))
    assert set(after) - set(before) and np.ptp(after["cost.flare"][1:]) > 0
    assert all(np.array_equal(before[name], after[name]) for name in set(before) - {"cost.flare"})


def test_another_seed_draws_otherwise():
    first, second = (sample(economics(), seed=seed, draws=np.arange(9))["cost.fraction"] for seed in (1, 2))
    assert not np.any(first[1:] == second[1:])


@pytest.mark.parametrize(
    ("family", "mean", "sd"),
    [
        ({"gamma": {"shape": 4}}, 0.5, 0.25),
        ({"normal": {"sd": 0.05}}, 0.5, 0.05),
        ({"beta": {"n": 99}}, 0.5, 0.05),
        ({"uniform": {"low": 0.2, "high": 0.8}}, 0.5, 0.6 / 12**0.5),
        ({"lognormal": {"sigma": 0.2}}, 0.5 * np.exp(0.02), 0.5 * np.exp(0.02) * np.expm1(0.04) ** 0.5),
    ],
)
def test_families_have_their_moments(family, mean, sd):
    n = 20_000
    section = economics(costs=prices(fraction={"value": 0.5, "uncertainty": family}))
    drawn = sample(section, seed=3, draws=np.arange(n + 1))["cost.fraction"][1:]
    assert abs(drawn.mean() - mean) < 5 * sd / n**0.5
    assert abs(drawn.std() / sd - 1) < 0.05


def test_values_replace_and_do_not_vary():
    section = economics(values={"cost.fraction": 99.0, "utility.pain.severe": 0.6})
    drawn = sample(section, seed=3, draws=np.arange(5))
    assert np.all(drawn["cost.fraction"] == 99.0) and np.all(drawn["utility.pain.severe"] == 0.6)
    assert np.ptp(drawn["cost.course"]) > 0


def test_the_draws_of_a_result_are_what_it_was_valued_with():
    result = simulated()
    table = result["economic_parameter_value"]
    expected = sample(economics(age_norm=True), seed=5, draws=np.arange(4))
    assert list(table["economic_parameter"].values) == list(expected)
    assert np.array_equal(table.values, np.stack(list(expected.values()), axis=1))
    assert (
        dict(zip(expected, result["economic_parameter_units"].values, strict=True))["cost.fraction"]
        == "GBP per fraction"
    )


def test_a_result_without_its_record_is_valued_with_the_draws_of_seed_0():
    result = simulated().copy()
    result.attrs = {}
    stereotactic = result["schedule"].values != "24Gy/2@sbrt"  # what it was is in the record alone
    found = appraise(result.isel(schedule=stereotactic), {"costs": "uk"})["economic_parameter_value"]
    expected = sample(economics(age_norm=True), seed=0, draws=np.arange(4))
    assert np.array_equal(found.values, np.stack(list(expected.values()), axis=1))


# --- black-box checks on a result ---------------------------------------------------------------------------


def test_without_prices_nothing_costs():
    assert np.all(valued(costs=prices())["cost"] == 0.0)


def test_in_full_health_qalys_are_life_years():
    result = valued(utilities=utilities())
    np.testing.assert_allclose(result["qalys_undiscounted"], result["life_years"], rtol=1e-6)


def test_worthless_states_give_nothing():
    result = valued(utilities=utilities(pain=dict.fromkeys(("none", "mild", "moderate", "severe"), 0.0)))
    assert np.all(result["qalys"] == 0.0)


def test_doubling_every_price_doubles_cost():
    twice = plain_set("costs", "uk")
    twice["items"] = {name: 2 * item["value"] for name, item in twice["items"].items()}
    np.testing.assert_allclose(valued(costs=twice)["cost"], 2 * valued()["cost"], rtol=1e-12)


def test_halving_every_utility_halves_qalys():
    half = utilities(pain=dict.fromkeys(("none", "mild", "moderate", "severe"), 0.5))
    np.testing.assert_allclose(valued(utilities=half)["qalys"], valued(utilities=utilities())["qalys"] / 2, rtol=1e-12)


def test_without_discounting_qalys_are_undiscounted():
    result = valued(discount=UNDISCOUNTED)
    assert np.array_equal(result["qalys"], result["qalys_undiscounted"])


@pytest.mark.parametrize("convention", ["continuous", "annual"])
def test_a_higher_rate_lowers_costs_and_qalys_each_by_its_own(convention):
    low, high = (valued(discount={"costs": r, "effects": r, "convention": convention}) for r in (0.02, 0.06))
    assert np.all(high["total_cost"] < low["total_cost"]) and np.all(high["qalys"] < low["qalys"])
    costs_alone = valued(discount={"costs": 0.06, "effects": 0.02, "convention": convention})
    assert np.array_equal(costs_alone["qalys"], low["qalys"])
    assert np.array_equal(costs_alone["total_cost"], high["total_cost"])


def test_components_add_up_and_no_irradiation_costs_no_radiotherapy():
    result = valued()
    np.testing.assert_allclose(result["cost"].sum("component"), result["total_cost"], rtol=1e-12)
    radiotherapy = result["cost"].sel(component="radiotherapy").values
    assert radiotherapy[2] == 0.0 and np.all(radiotherapy[[0, 1, 3]] > 0.0)
    assert radiotherapy[3] > radiotherapy[1] > radiotherapy[0]


def test_a_price_moves_its_component_alone():
    before, after = valued(), valued(values={"cost.operation": 1e5})
    changed = np.any(before["cost"].values != after["cost"].values, axis=0)
    assert [name for name, moved in zip(COMPONENTS, changed, strict=True) if moved] == ["skeletal_events"]
    assert np.array_equal(before["qalys"], after["qalys"])


def test_society_pays_at_least_what_the_payer_does():
    travelled = plain_set("costs", "uk")
    travelled["items"] |= {"fraction_travel": 20, "visit_time": 10}
    payer, society = (valued(costs=travelled, perspective=p) for p in ("healthcare", "societal"))
    assert np.all((society["total_cost"] > payer["total_cost"])[:2])


def test_worse_pain_or_death_lowers_qalys():
    base = valued(utilities=utilities())["qalys"]
    for changes in ({"pain": {"severe": 0.9}}, {"death": {"under_30_days": 0.1}}, {"event": {"fracture_recent": 0.1}}):
        assert np.all(valued(utilities=utilities(**changes))["qalys"] < base)


def test_the_same_schedule_twice_differs_by_nothing():
    twin = {"name": "again", "dose_gy": 8, "fractions": 1}
    result = simulate_study(
        prepared({"seed": 1, "schedules": ["8Gy/1", twin], "cohort": {"size": 5000}, "economics": {"costs": "uk"}}),
        threads=1,
    )
    for name in ("total_cost", "qalys"):
        assert np.all(result[f"{name}_difference"].values == 0.0) and np.all(
            result[f"{name}_difference_mcse"].values == 0.0
        )


def test_differences_are_each_schedule_less_the_first():
    section = {"costs": "uk"}
    study = {
        "seed": 5,
        "schedules": SCHEDULES,
        "cohort": {"size": 1200},
        "draws": 1,
        "subgroups": ["visceral"],
        "economics": section,
    }
    result = simulate_study(prepared(study), threads=1)
    for name in ("cost", "total_cost", "qalys", "qalys_undiscounted"):
        variable, difference = result.data_vars[name], result.data_vars[f"{name}_difference"]
        value, found = (
            np.moveaxis(np.asarray(each.values), each.dims.index("schedule"), 0) for each in (variable, difference)
        )
        assert len(found) == len(SCHEDULES) and not found[0].any()
        for other in range(1, len(SCHEDULES)):
            np.testing.assert_allclose(found[other], value[other] - value[0], rtol=1e-12, atol=1e-12, err_msg=name)


def test_survival_has_no_part_in_the_difference():
    result = valued(utilities="pain_blind", combination="multiplicative")
    events = valued(utilities=utilities())["qalys"]
    assert np.ptp(events.values) < 1e-9  # the same life under every schedule
    assert abs(float(result["qalys"][0] - result["qalys"][1])) < 1e-3  # but for skeletal events


# --- errors, groups, scenarios ------------------------------------------------------------------------------


def test_batches_give_mean_and_error():
    result = appraise(simulated(), {"costs": "uk"})
    n = result["n_patients"].isel(subgroup=0).values[:, 0]
    for name, by_batch in (("total_cost", "cost_by_batch"), ("qalys", "qalys_by_batch")):
        each = result[by_batch].isel(subgroup=0, draw=0).values
        mean = (each * n[:, None]).sum(axis=0) / n.sum()
        spread = ((n[:, None] * (each - mean)) ** 2).sum(axis=0) * len(n) / (len(n) - 1)
        np.testing.assert_allclose(result[name].isel(subgroup=0, draw=0), mean, rtol=1e-12)
        if len(n) > 1:
            np.testing.assert_allclose(
                result[f"{name}_mcse"].isel(subgroup=0, draw=0), spread**0.5 / n.sum(), rtol=1e-12
            )


def test_the_error_of_several_batches_is_that_of_the_scatter_between_seeds():
    def run(seed):
        config = {"seed": seed, "schedules": ["8Gy/1"], "cohort": {"size": 6000}, "economics": {"costs": "uk"}}
        return radsim.simulate(config, threads=1)

    found = [run(seed) for seed in range(12)]
    qalys = np.array([float(f["qalys"][0, 0]) for f in found])
    error = np.sqrt(np.mean([float(f["qalys_mcse"][0, 0]) ** 2 for f in found]))
    assert 0.4 < qalys.std(ddof=1) / error < 2.5


def test_subgroups_average_to_all_patients():
    result = simulated()
    n = result["n_patients"].sum("batch").values[1:, :, None]
    for name in ("total_cost", "qalys"):
        parts = result[name].values
        np.testing.assert_allclose((parts[1:] * n).sum(axis=0) / n.sum(axis=0), parts[0], rtol=1e-9)


def test_a_subgroup_without_patients_has_no_value():
    config = {
        "seed": 1,
        "schedules": ["8Gy/1", "20Gy/5"],
        "cohort": {"size": 50, "primary": "breast"},
        "subgroups": ["primary"],
    }
    result = radsim.simulate(config | {"economics": {"costs": "uk"}}, threads=1)
    empty = result.sel(subgroup="primary=lung")
    assert np.all(np.isnan(empty["qalys"])) and np.all(np.isnan(empty["cost"]))
    np.testing.assert_array_equal(result["qalys"].sel(subgroup="primary=breast"), result["qalys"].sel(subgroup="all"))


def test_scenarios_are_valued_one_by_one():
    one = simulated()
    first, second = (one.drop_vars([n for n in one.data_vars if n not in KEPT]) for _ in range(2))
    second = second.assign(occupancy=second["occupancy"] * 0.5)
    both = xarray.concat(
        [first, second], dim="scenario", data_vars=["occupancy", "count", "n_patients", "age_exposure"]
    )
    section = {"costs": "uk", "utilities": "radiotherapy_burden"}
    together = appraise(both, section)
    assert together["cost"].dims == ("scenario", "subgroup", "draw", "schedule", "component")
    for i, alone in enumerate((first, second)):
        expected = appraise(alone, section)
        for name in ("cost", "cost_mcse", "qalys", "qalys_mcse", "cost_by_batch", "qalys_by_batch"):
            np.testing.assert_array_equal(together[name].isel(scenario=i), expected[name])


KEPT = ("occupancy", "count", "n_patients", "age_exposure")


def test_a_dataset_with_fewer_draws_keeps_theirs():
    whole = simulated()
    part = appraise(whole.isel(draw=[0, 3]))
    np.testing.assert_array_equal(part["qalys"], whole["qalys"].isel(draw=[0, 3]))
    np.testing.assert_array_equal(part["economic_parameter_value"], whole["economic_parameter_value"].isel(draw=[0, 3]))


def test_a_result_without_ages_is_valued_with_a_warning():
    without = simulated().drop_vars("age_exposure")
    with pytest.warns(EconomicsWarning, match="age_exposure"):
        found = appraise(without, {"costs": "uk"})
    np.testing.assert_array_equal(found["qalys"], appraise(simulated(), {"costs": "uk", "age_norm": False})["qalys"])


def test_all_ages_are_named():
    assert list(simulated()["exposure"].values) == list(EXPOSURES)


# --- the record ---------------------------------------------------------------------------------------------


def test_a_result_is_valued_again_from_its_record_alone(tmp_path):
    content = plain_set("costs", "uk")
    content["items"] |= {
        "fraction": {"value": 77, "uncertainty": {"gamma": {"shape": 9}}, "source": "our finance department"}
    }
    (tmp_path / "ours.yaml").write_text(json.dumps(content))
    config = {
        "seed": 5,
        "schedules": ["8Gy/1"],
        "cohort": {"size": 300},
        "draws": 2,
        "economics": {"costs": str(tmp_path / "ours.yaml")},
    }
    result = radsim.simulate(config, threads=1)
    (tmp_path / "ours.yaml").unlink()
    again = appraise(result)
    xarray.testing.assert_identical(again, result)
    record = from_dataset(result)
    assert record["citations"]["our finance department"] == ["cost.fraction"]
    assert record["economics"]["resolved"]["costs"]["items"]["fraction"]["value"] == 77
    assert str(tmp_path) not in json.dumps(record)
    repeated = radsim.simulate(record["config"], threads=1)
    np.testing.assert_array_equal(repeated["cost"], result["cost"])


def test_the_record_follows_a_new_valuation():
    before = from_dataset(simulated())
    result = appraise(simulated(), {"costs": "nl", "utilities": "described_state"})
    record = from_dataset(result)
    assert record["config"]["economics"]["costs"] == "nl"
    assert record["digest"] != before["digest"] and record["economics"]["digest"] != before["economics"]["digest"]
    assert any("Matza" in source for source in record["citations"]) and not any(
        "Cost Collection" in s for s in record["citations"]
    )
    assert any("Cost Collection" in source for source in before["citations"])
    assert "utility.anchor" in record["provisional"] and "cost.cord_compression" not in record["provisional"]
    assert any(names == ["economics.discount"] for names in record["citations"].values())
    assert any("round amounts in the dollars" in warning for warning in record["warnings"])
    unproposed = from_dataset(appraise(result, {"costs": "nl", "discount": {"costs": 0.1}, "thresholds": [1]}))
    assert not any(name.startswith("economics.") for names in unproposed["citations"].values() for name in names)
    back = from_dataset(appraise(result, {"costs": "uk"}))
    assert back == before
    assert result["cost"].attrs["currency"] == "USD" and result["cost"].attrs["price_year"] == 2000


def test_what_was_valued_otherwise_leaves_nothing_behind():
    once = appraise(simulated(), {"costs": "uk", "perspective": "societal"})
    assert once.sizes["economic_parameter"] > simulated().sizes["economic_parameter"]
    xarray.testing.assert_identical(appraise(once, {"costs": "uk"}), simulated())


def test_the_digest_follows_the_numbers():
    digests = {radsim.config.config_digest(load_config({"schedules": ["8Gy/1"], "economics": e})) for e in (
        {"costs": "uk"}, {"costs": "nl"}, {"costs": "uk", "values": {"cost.fraction": 1}}, {"costs": prices(fraction=1)},
        {"costs": prices(fraction=2)},
    )}  # fmt: skip
    assert len(digests) == 5


# --- the packaged sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["costs", "utilities"])
def test_every_packaged_number_has_unit_population_source_and_status(kind):
    for name in set_names(kind):
        content = load_packaged_set(kind, name)
        assert content.name == name and content.description != "not described"
        for parameter in set_parameters(kind, content):
            item = parameter.item
            assert item.unit and "not stated" not in (item.population, item.source), (name, parameter.name)
            if item.status in ("checked", "provisional") and parameter.name.startswith("cost."):
                assert item.uncertainty.family[0] != "fixed", (name, parameter.name)


def test_the_reference_case_is_that_of_nice():
    section = load_config({"schedules": ["8Gy/1"], "economics": {"costs": "uk"}}).economics
    assert (section.discount.costs, section.discount.effects, section.perspective) == (0.035, 0.035, "healthcare")
    assert section.thresholds == (20000.0, 30000.0)


def test_prices_of_the_dutch_trial_give_back_its_totals():
    items = load_packaged_set("costs", "nl").items
    single = 1.24 * items.course.value + 1.72 * items.fraction.value
    multiple = 1.06 * items.course.value + 6.186 * items.fraction.value
    np.testing.assert_allclose([single, multiple], [2438, 3311], atol=1.5)


def test_what_has_no_figure_is_said_and_counts_as_nothing():
    said = " ".join(economic_warnings(economics()))
    assert re.search(r"\d+ of \d+ prices and utilities have no figure", said) and "cost.hyperglycaemia" in said
    assert "brought up to date" not in said  # one price year
    assert "brought up to date: cost.fraction (2010)" in " ".join(
        economic_warnings(economics(costs=prices(fraction={"value": 1, "price_year": 2010})))
    )
    assert load_config({"schedules": ["8Gy/1"]}).economic_warnings() == []


WITHOUT_FIGURE = [
    "hyperglycaemia",
    "fracture_recent_day",
    "fracture_late_day",
    "cord_compression_recent_day",
    "cord_compression_late_day",
    "pain_none_day",
    "pain_mild_day",
    "pain_moderate_day",
    "pain_severe_day",
    "death",
    "fraction_time",
    "visit_time",
    "day_not_walking",
    "local_failure",
    "ablation_harm",
    "destroyed_joint",
    "day_with_walking_aid",
    "day_in_chair_or_bed",
    "day_needing_help",
    "patient_with_depression",
]


def test_what_counts_as_nothing_in_england_is_this():
    """Changed on purpose only: an item that is added to the counts has a price, or is written down here or as in need of none."""
    prices = load_packaged_set("costs", "uk")
    found = without_figure(prices)
    assert sorted(found) == sorted(WITHOUT_FIGURE)
    assert all(found.values()), [name for name, why in found.items() if not why]


def test_a_price_and_a_reason_for_none_are_not_both_there():
    prices = load_packaged_set("costs", "uk")
    needless, missing = (plain(found).keys() for found in (prices.needs_no_price, prices.no_figure_found))
    priced = {name for name in PRICED if getattr(prices.items, name) is not None}
    assert not needless & missing and not priced & (needless | missing)
    assert priced | needless | missing == set(PRICED)


PRICED_FROM_MEMORY = {"dental_check_before_agent"}


def prices_of_care():
    """Name to price, of the care that has one in England."""
    items = load_packaged_set("costs", "uk").items
    found = {item.price: getattr(items, item.price) for item in care.ITEMS}
    return {name: price for name, price in found.items() if price is not None and price.status != "missing"}


def test_prices_of_care_are_of_a_file_that_says_so():
    """The group, the pack, the year of the prescriptions or the guidance is in the source of every price of the care."""
    known = r"Collection 2024/25, .*[A-Z]+\d\d|Collection 2024/25, \d\dIAPT|Tariff July 2026, part VIIIA|Cost Analysis 2025|NICE TA\d+"
    for name, found in prices_of_care().items():
        if name in PRICED_FROM_MEMORY:
            assert "recalled" in found.source and found.status == "provisional"
            continue
        assert re.search(known, found.source) and found.licence, name
        assert ("Open Government Licence v3" in found.licence) == bool(re.search("NHS", found.source)), name


def test_a_price_put_together_is_the_sum_that_its_source_says():
    """Every amount is there to the penny, so that a slip in one of them shows."""
    checked = 0
    for name, found in prices_of_care().items():
        if re.search("arithmetic: (their sum|one contact and one blood test)", found.source):
            amounts = [float(amount.replace(",", "")) for amount in re.findall(r"\d[\d,]*\.\d\d\b", found.source)]
            np.testing.assert_allclose(sum(amounts), found.value, atol=0.005, err_msg=name)
            checked += 1
    assert checked >= 9


@pytest.mark.parametrize(
    ("name", "weeks_apart", "amounts"),
    [
        ("month_of_her2_therapy", 3, (2395, 3 * 407.40, 490.90)),
        ("month_of_pembrolizumab", 3, (2 * 2630,)),
        ("month_of_chemotherapy", 3, (382.42,)),
        ("month_of_abemaciclib", 4, (56 * 2950 / 56,)),
    ],
)
def test_a_drug_given_every_few_weeks_costs_its_share_of_four(name, weeks_apart, amounts):
    np.testing.assert_allclose(prices_of_care()[name].value, sum(amounts) * 4 / weeks_apart, atol=0.005)


def test_a_list_price_before_a_discount_is_not_called_checked():
    """What the payer pays is not known: the run says so."""
    listed = {name: found for name, found in prices_of_care().items() if found.before_discount}
    assert {"month_of_ribociclib", "radium_injection", "denosumab_injection"} <= listed.keys() and len(listed) >= 8
    assert all(found.status in ("scenario", "provisional") for found in listed.values())
    assert listed.keys() == {name for name, found in prices_of_care().items() if "confidential" in (found.note or "")}
    config = {"schedules": ["8Gy/1"], "care": {"systemic_therapy": True}, "economics": {"costs": "uk"}}
    used = load_config(config)
    (said,) = (line for line in used.economic_warnings() if "confidential" in line)
    assert said.startswith("economics: 6 of ") and "cost.month_of_ribociclib" in said and "radium" not in said
    paid = {
        **config,
        "economics": {"costs": "uk", "values": {f"cost.{name}": 100 for name in listed if "month" in name}},
    }
    assert not any("confidential" in line for line in load_config(paid).economic_warnings())


def test_only_what_needs_a_price_is_said_to_lack_one():
    section = load_config({"schedules": ["8Gy/1"], "economics": {"costs": "uk"}}).economics
    (said,) = (line for line in economic_warnings(section, {"fracture_care": True}) if "costs nothing here" in line)
    assert "cost.local_failure" in said and "hospital_day" not in said and "high_risk_bone" not in said


def test_a_result_with_care_valued_again_keeps_the_prices_of_its_care():
    study = {"seed": 5, "schedules": ["8Gy/1"], "cohort": {"size": 60, "site": "hip"}, "care": {"bone_agent": True}}
    result = radsim.simulate({**study, "economics": {"costs": "uk"}}, threads=1)
    assert result["cost"].sel(component="care").item() > 309
    for again in (appraise(result), appraise(result, {"costs": "uk"})):
        xarray.testing.assert_identical(again["cost"], result["cost"])
        assert (
            "cost.denosumab_injection" in again["economic_parameter"]
            and "cost.vertebroplasty" not in again["economic_parameter"]
        )
    assert from_dataset(appraise(result, {"costs": "uk"})) == from_dataset(result)


def with_care(switch):
    """Prices of England, undiscounted, where one kind of care is given."""
    given = {"costs": "uk", "age_norm": False, "discount": UNDISCOUNTED}
    return load_config(
        {"schedules": ["8Gy/1"], "cohort": {"site": "hip"}, "care": {switch: True}, "economics": given}
    ).economics


def test_a_fixation_before_a_fracture_is_paid_once_with_its_stay():
    occupancy, count = bare()
    count[..., ITEMS.index("prophylactic_fixations")] = 1
    count[..., ITEMS.index("hospital_days_for_fixation")] = 7
    section = with_care("fracture_care")
    paid = by_hand(occupancy, count, section).cost.sum()
    np.testing.assert_allclose(paid, section.price_set.items.prophylactic_fixation.value, rtol=1e-12)


@pytest.mark.parametrize("step", ["days_on_step_1", "days_on_step_2", "days_on_step_3"])
def test_a_day_on_a_step_costs_its_drugs_and_not_more(step):
    """Paracetamol by its own days, the opioid by its milligrams."""
    occupancy, count = bare()
    count[..., ITEMS.index(step)] = 1
    section = with_care("analgesic_ladder")
    assert by_hand(occupancy, count, section).cost.sum() == 0
    count[..., ITEMS.index("days_with_paracetamol")] = 1
    np.testing.assert_allclose(by_hand(occupancy, count, section).cost.sum(), 0.16, rtol=1e-12)


def test_the_page_has_the_list_of_what_has_no_price():
    tables = unpriced.as_markdown(load_packaged_set("costs", "uk"))
    page = unpriced.PAGE.read_text(encoding="utf-8")
    assert unpriced.put_into(page, tables) == page, "python tests/verification/unpriced.py --write"
    assert "`ablation_harm`" in tables and "`hospital_day_for_fixation`" in tables


ON_THE_PAGE = {
    "a course (planning)": "course",
    "a fraction": "fraction",
    "a stereotactic course / fraction": "sbrt_course sbrt_fraction",
    "a fracture": "fracture",
    "a cord compression": "cord_compression",
    "an operation": "operation",
    "a milligram of opioid": "opioid_mg",
    "a flare / acute toxicity": "flare acute_toxicity",
    "a follow-up visit": "follow_up_visit",
    "a day in the last 90": "final_quarter_day final_month_day",
    "travel to a fraction or a visit": "fraction_travel visit_travel",
    "four weeks of ribociclib, palbociclib, abemaciclib": "month_of_ribociclib month_of_palbociclib month_of_abemaciclib",
    "four weeks of enzalutamide": "month_of_enzalutamide",
    "four weeks of pembrolizumab": "month_of_pembrolizumab",
    "four weeks of HER2 antibodies": "month_of_her2_therapy",
    "four weeks of chemotherapy": "month_of_chemotherapy",
    "an injection of denosumab": "denosumab_injection",
    "an infusion of zoledronic acid, pamidronate, ibandronate": "zoledronic_acid_infusion pamidronate_infusion ibandronate_infusion",
    "an injection of radium-223": "radium_injection",
    "an injection of strontium-89, samarium-153": "strontium_injection samarium_injection",
    "a bone scan, CT, MRI, PET": "one_bone_scan one_ct_scan one_mri_scan one_pet_scan",
    "a session of physiotherapy, of psychological therapy": "rehabilitation_session psychological_session",
    "upper gut bleeding, septic arthritis, hypercalcaemia": "one_bleeding septic_arthritis one_hypercalcaemia",
    "osteonecrosis of the jaw, harm of high-dose dexamethasone": "jaw_osteonecrosis cord_steroid_harm",
    "hypocalcaemia, falling kidney function, low blood counts": "one_hypocalcaemia kidney_deterioration one_leucopenia",
    "a progression of the cancer": "progression_on_therapy",
    "a dental check, thrush, oedema": "dental_check_before_agent one_thrush one_oedema",
}


def test_the_page_has_the_prices_of_the_set():
    items, page = load_packaged_set("costs", "uk").items, unpriced.PAGE.read_text(encoding="utf-8")
    tables = re.findall(r"^\| price \| GBP \| from \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    rows = dict(row.strip("| ").split(" | ")[:2] for table in tables for row in table.splitlines())
    assert len(tables) == 2 and rows.keys() == ON_THE_PAGE.keys()
    for label, names in ON_THE_PAGE.items():
        shown = [text.replace(",", "") for text in re.split(r", | / ", rows[label].removesuffix(" each"))]
        names = names.split()
        for text, name in zip(shown * (len(names) if len(shown) == 1 else 1), names, strict=True):
            decimals = len(text.partition(".")[2])
            assert f"{getattr(items, name).value:.{decimals}f}" == text, (label, name)


def test_a_burden_counted_twice_is_said():
    content = prices(fraction_travel=10)
    assert not any("twice" in line for line in economic_warnings(economics(costs=content, perspective="societal")))
    section = economics(costs=content, perspective="societal", utilities="radiotherapy_burden")
    assert any("twice" in line for line in economic_warnings(section))


@pytest.mark.parametrize(("kind", "name"), [("costs", "uk"), ("utilities", "dutch_patients")])
def test_a_template_is_the_packaged_set_whole(kind, name, tmp_path):
    (tmp_path / "mine.yaml").write_text(template(kind))
    mine, theirs = load_set_file(kind, tmp_path / "mine.yaml"), load_packaged_set(kind, name)
    assert mine.model_copy(update={"name": name}) == theirs  # uncertainty, source, year and status too


def test_the_templates_as_they_stand_change_no_bit(tmp_path):
    section = {kind: str(tmp_path / f"{kind}.yaml") for kind in ("costs", "utilities")}
    for kind, path in section.items():
        with open(path, "w") as file:
            file.write(template(kind))
    given = load_config(io.StringIO(json.dumps({"schedules": ["8Gy/1"], "economics": section}))).economics
    mine, theirs = appraise(simulated(), given), appraise(simulated(), {"costs": "uk"})
    for name in ("cost", "qalys", "economic_parameter_value"):
        np.testing.assert_array_equal(mine[name], theirs[name])


# --- price years and currencies -----------------------------------------------------------------------------


def test_prices_are_brought_to_a_year_by_the_index_of_their_currency():
    normal, uniform = {"normal": {"sd": 2}}, {"uniform": {"low": 50, "high": 150}}
    content = prices(
        fraction={"value": 100, "price_year": 2022, "uncertainty": normal},
        course={"value": 100, "uncertainty": uniform},
    )
    found = economics(costs=content, price_year=2023).price_set
    up, down = 1.0247, 1 / 1.0402  # NHS Cost Inflation Index into 2023/24, and 2024/25 back to it
    assert found.price_year == 2023 and found.items.fraction.price_year is None
    np.testing.assert_allclose(found.items.fraction.value, 100 * up, rtol=1e-14)
    np.testing.assert_allclose(found.items.fraction.uncertainty.normal.sd, 2 * up, rtol=1e-14)
    np.testing.assert_allclose(found.items.course.value, 100 * down, rtol=1e-14)
    np.testing.assert_allclose(found.items.course.uncertainty.uniform.high, 150 * down, rtol=1e-14)


def test_all_prices_of_another_year_cost_what_their_index_says():
    now, then = valued(), valued(price_year=2022)
    np.testing.assert_allclose(then["cost"], now["cost"] / (1.0247 * 1.0402), rtol=1e-12)
    assert (then["cost"].attrs["price_year"], now["cost"].attrs["price_year"]) == (2022, 2024)
    np.testing.assert_array_equal(valued(price_year=2024)["cost"], now["cost"])


def test_single_values_are_of_the_year_wanted_already():
    assert economics(price_year=2020, values={"cost.fraction": 99.0}).parameters[1].value == 99.0


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"costs": "uk", "price_year": 1990}, "economics.price_year: expected a year from 2008 to 2024, which the index of GBP covers (the year wanted), found 1990"),
        ({"costs": "uk", "currency": "EUR"}, "economics.currency: expected GBP, in which the prices uk are: no rate of exchange is in the evidence, so give prices in EUR, found EUR"),
        ({"costs": {**prices(), "currency": "JPY"}, "price_year": 2020}, "economics.price_year: expected the year 2024 of the prices: JPY has no index of prices here, found 2020"),
        ({"costs": {**prices(), "thresholds": {"values": [1], "currency": "EUR"}}}, "costs.thresholds.currency: expected GBP, the currency of the prices: a threshold in another is not worth the same, found EUR"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_refused(section, expected):
    with pytest.raises(ConfigError) as caught:
        load_config({"schedules": ["8Gy/1"], "economics": section})
    assert expected in str(caught.value)


@pytest.mark.parametrize("name", set_names("costs"))
def test_thresholds_are_in_the_currency_of_the_prices(name):
    content = load_packaged_set("costs", name)
    assert content.thresholds.currency in (None, content.currency)
    if content.currency != "EUR":  # euro thresholds of the Netherlands are never shown in dollars
        assert content.thresholds.values != (20000.0, 50000.0, 80000.0)


# --- faults -------------------------------------------------------------------------------------------------


FRACTION = "    value: 229.87\n    uncertainty: {gamma: {shape: 25}}\n"
DEATH = '  death: {value: 0, unit: GBP per event, population: none, source: "no figure found", status: missing}'


def faulty(tmp_path, old, new, *, kind="costs"):
    """First line that differs, and faults, of a study that names a template in which one place was changed."""
    text = template(kind)
    assert old in text
    changed = text.replace(old, new, 1)
    (tmp_path / "mine.yaml").write_text(changed)
    given = {"costs": "mine.yaml"} if kind == "costs" else {"costs": "uk", "utilities": "mine.yaml"}
    (tmp_path / "study.yaml").write_text(json.dumps({"schedules": ["8Gy/1"], "economics": given}))
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "study.yaml")
    line = 1 + os.path.commonprefix([text, changed]).count("\n")
    return line, [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("costs", FRACTION, FRACTION.replace("229.87", "-130"), "items.fraction.value: expected a number from 0 to 1000000000, found -130"),
        ("costs", "\n  fraction:\n", "\n  frction:\n", None),
        ("costs", FRACTION, FRACTION.replace("25", "0"), "items.fraction.uncertainty.gamma.shape: expected a number above 0, found 0"),
        ("costs", FRACTION, FRACTION.replace("gamma", "gama"), None),
        ("costs", "currency: GBP", "currency: pounds", 'currency: expected three capital letters such as GBP, found "pounds"'),
        ("costs", "[20000, 30000]", "[30000, 30000]", "thresholds.values[1]: expected each number once, found 30000 again"),
        ("costs", "costs: 0.035", "costs: -1", "discount.costs: expected a number from 0 to 1, found -1"),
        ("costs", DEATH, "  death: {value: 5, status: missing}", "items.death.value: expected the value 0 without uncertainty where the status is missing, found 5"),
        ("costs", DEATH, "  death: {value: 0, uncertainty: {gamma: {shape: 4}}}", "items.death.uncertainty.gamma: expected a value above 0 for this family, found 0"),
        ("utilities", "    value: 0.713", "    value: 0.2", "pain.severe: expected a decrement from 0.267 to below 1, found 0.2"),
        ("utilities", "severe: 0.16", "severe: 0.26", "anchor.at: expected probabilities that sum to 1, found a sum of 1.1"),
        ("utilities", "  value: 0.405", "  value: 1.405", "anchor.value: expected a number from 0 to 1, found 1.405"),
    ],
)  # fmt: skip
def test_faults_of_a_set_have_file_and_line(kind, old, new, expected, tmp_path):
    line, found = faulty(tmp_path, old, new, kind=kind)
    if expected is not None:
        assert found == [f"mine.yaml:{line - ('decrement' in expected)}: {expected}"]  # of a whole item: at its name
    elif "frction" in new:
        assert [text.partition(" expected ")[0] for text in found] == [
            f"mine.yaml:{1 + template('costs').splitlines().index('items:')}: items.fraction:",
            f"mine.yaml:{line}: items.frction:",
        ]
    else:
        assert any(
            text.startswith(f"mine.yaml:{line}: items.fraction.uncertainty.gama: expected one of the keys")
            for text in found
        )


def test_all_faults_of_study_and_sets_come_together(tmp_path):
    (tmp_path / "c.yaml").write_text(template("costs").replace("value: 229.87", "value: -1", 1))
    (tmp_path / "u.yaml").write_text(template("utilities").replace("value: 0.065", "value: 5"))
    study = "schedules: [8Gy/1]\nname: ''\neconomics:\n  costs: c.yaml\n  utilities: u.yaml\n  thresholds: []\n"
    (tmp_path / "study.yaml").write_text(study)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "study.yaml")
    assert sorted(f.file for f in caught.value.faults) == ["c.yaml", "study.yaml", "study.yaml", "u.yaml"]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({}, "economics.costs: expected this key, found nothing"),
        ({"costs": "uk", "utilities": "nobody"}, "economics.utilities: expected one of described_state"),
        ({"costs": "nl", "perspective": "healthcare"}, "economics.perspective: expected societal, which these prices serve, found healthcare"),
        ({"costs": "gone.yaml"}, "economics.costs: expected a readable file, found \"gone.yaml\": no such file"),
        ({"costs": "uk", "values": {"utility.pain.severe": 3}}, "economics.values.utility.pain.severe: expected a number from -1 to 1, found 3"),
        ({"costs": "uk", "values": {"cost.visit_time": 3}}, "economics.values.cost.visit_time: expected the name of a price or utility in use"),
        ({"costs": "uk", "budget_impact": {"patients_per_year": 10, "current": {"8Gy/1": [0.5]}, "future": {"8Gy/1": [1]}}},
         "economics.budget_impact.current: expected shares that sum to 1 in year 1, found a sum of 0.5"),
    ],
)  # fmt: skip
def test_faults_of_the_section(section, expected):
    with pytest.raises(ConfigError) as caught:
        load_config({"schedules": ["8Gy/1"], "economics": section})
    assert len(caught.value.faults) == 1 and expected in str(caught.value)


def test_a_study_without_economics_does_not_pay_for_it():
    code = "import sys, radsim.config as c; c.load_config({'schedules': ['8Gy/1']}); print('radsim.economics.section' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_schema_knows_the_section():
    schema = json_schema()
    section = schema["$defs"]["Economics"]
    assert section["required"] == ["costs"] and "perspective" in section["properties"]
    named = set(re.findall(r"#/\$defs/(\w+)", json.dumps(schema)))
    assert named <= set(schema["$defs"])
    theirs, ours = (set(model.model_json_schema()["$defs"]) for model in (Config, Economics))
    assert not theirs & ours  # one name, one meaning


def test_what_show_prints_loads_to_the_same(tmp_path):
    (tmp_path / "prices").write_text(template("costs"))  # a file needs no ending
    section = {"costs": "prices", "utilities": "described_state", "values": {"cost.fraction": 3}}
    (tmp_path / "study.yaml").write_text(json.dumps({"schedules": ["8Gy/1"], "economics": section}))
    config = load_config(tmp_path / "study.yaml")
    text = to_yaml(config)
    assert load_config(io.StringIO(text)) == config
    assert "\n  costs:\n    radsim_costs: 1\n" in text and max(map(len, text.splitlines())) < 250


def test_an_override_reaches_a_single_value():
    config = load_config(
        {"schedules": ["8Gy/1"], "economics": {"costs": "uk"}}, overrides={"economics.values.cost.fraction": 5}
    )
    assert config.economics.values == {"cost.fraction": 5.0}
    assert load_config(resolved_config(config)) == config


def test_what_is_left_out_comes_from_the_price_set():
    section = load_config({"schedules": ["8Gy/1"], "economics": {"costs": "nl", "discount": {"costs": 0.1}}}).economics
    assert section == Economics.model_validate({
        "costs": "nl", "utilities": "dutch_patients", "perspective": "societal", "combination": "additive",
        "discount": {"costs": 0.1, "effects": 0.015, "convention": "continuous"}, "thresholds": (50000, 100000),
    })  # fmt: skip


def test_a_result_that_cannot_be_valued():
    with pytest.raises(UsageFault, match="without occupancy, count cannot be valued"):
        appraise(simulated().drop_vars(["occupancy", "count"]), {"costs": "uk"})
    without = radsim.simulate({"seed": 1, "schedules": ["8Gy/1"], "cohort": {"size": 100}}, threads=1)
    assert "qalys" not in without and "economics" not in from_dataset(without)
    with pytest.raises(UsageFault, match="economics: expected in the configuration"):
        appraise(without)


# --- the commands -------------------------------------------------------------------------------------------


def test_run_shows_writes_and_repeats_costs_and_qalys(run, tmp_path):
    (tmp_path / "study.yaml").write_text(
        "schedules: [8Gy/1, 20Gy/5]\nseed: 4\ncohort: {size: 4000}\neconomics: {costs: uk}\n"
    )
    code, out, err = run("run", "study.yaml", "-o", "out.nc", "--threads", 1)
    assert (
        code == 0
        and re.search(r"^Cost, GBP +[\d,]+ ± \d+ ", out, re.M)
        and re.search(r"^QALYs +0\.\d{3} ± 0\.\d{3} ", out, re.M)
    )
    assert re.search(r"^Cost, GBP +−\d+ ± ", out, re.M)  # the difference
    assert "warning: economics: " in err
    assert run("rerun", "out.nc", "-o", "again.nc")[0] == 0
    first, second = (xarray.load_dataset(name) for name in ("out.nc", "again.nc"))
    for name in ("cost", "qalys", "economic_parameter_value"):
        np.testing.assert_array_equal(first[name], second[name])
    xarray.testing.assert_identical(appraise(first), first)


def test_run_json_has_costs_and_qalys(run, tmp_path):
    (tmp_path / "study.yaml").write_text(
        "schedules: [8Gy/1, 20Gy/5]\nseed: 4\ncohort: {size: 4000}\neconomics: {costs: uk}\n"
    )
    code, out, _ = run("run", "study.yaml", "--json", "--threads", 1)
    document = json.loads(out)
    first = document["schedules"][0]
    assert code == 0 and first["qalys"]["low95"] < first["qalys"]["value"] < first["qalys"]["high95"]
    assert len(first["cost"]["value"]) == len(COMPONENTS)
    difference = document["differences"][0]
    assert difference["total_cost"]["high95"] < 0 and difference["total_cost"]["mcse"] < first["total_cost"]["mcse"]
    assert any(line.startswith("economics: ") for line in document["warnings"])


def test_a_faulty_price_file_is_exit_2(run, tmp_path):
    (tmp_path / "mine.yaml").write_text(template("costs").replace("value: 229.87", "value: -1", 1))
    (tmp_path / "study.yaml").write_text("schedules: [8Gy/1]\neconomics: {costs: mine.yaml}\n")
    for command in ("run", "check"):
        code, out, err = run(command, "study.yaml")
        assert (code, out) == (2, "") and re.fullmatch(r"mine\.yaml:\d+: items\.fraction\.value: .*\n", err)


@pytest.mark.parametrize("kind", ["costs", "utilities"])
def test_init_writes_a_set(kind, run):
    assert run("init", "--kind", kind) == (0, template(kind), "")
    code, out, err = run("init", "--kind", kind, "mine.yaml")
    assert (code, out) == (0, "") and f"economics: {{{kind}: mine.yaml}}" in err
    assert run("init", "--kind", kind, "mine.yaml")[0] == 2


def test_evidence_lists_prices_and_utilities(run, tmp_path):
    code, out, _ = run("evidence", "--costs", "uk", "cost.fraction")
    assert code == 0 and out.startswith(
        "cost.fraction = 229.87 [GBP per fraction]  gamma(shape 25, scale 9.1948)  checked"
    )
    assert "National Cost Collection 2024/25, SC22Z" in out
    code, out, _ = run("evidence", "--utilities", "pain_blind", "--json")
    listed = json.loads(out)
    assert code == 0 and listed["utilities"] == "pain_blind" and len(listed["parameters"]) > 20
    assert run("evidence", "--costs", "nobody")[0] == 2
    assert run("evidence", "--costs", "uk", "nothing")[0] == 2


def test_evidence_gives_a_set_as_csv(run):
    code, out, _ = run("evidence", "--costs", "uk", "--csv")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(out))}
    assert code == 0 and list(rows) == [p.name for p in set_parameters("costs", load_packaged_set("costs", "uk"))]
    one = rows["cost.fraction"]
    assert (one["value"], one["family"], one["numbers"]) == ("229.87", "gamma", "shape 25; scale 9.1948")
    assert (one["units"], one["set"], one["price_year"], one["status"]) == ("GBP per fraction", "uk", "2024", "checked")
    assert one["licence"] == "Open Government Licence v3" and float(one["low95"]) < 229.87 < float(one["high95"])
    assert run("evidence", "--costs", "uk", "--csv", "--json")[0] == 2


def test_the_example_is_the_reference_case(run):
    from pathlib import Path

    text = (Path(__file__).parent.parent / "configs" / "economics_uk.yaml").read_text()
    hinted = re.sub(r"^  # (values|budget_impact|  \w+):", r"  \1:", text, flags=re.M)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config = load_config(io.StringIO(hinted))
    assert config.economics.budget_impact.patients_per_year == 1000
    given = load_config(io.StringIO(text)).economics
    assert given == load_config({"schedules": ["8Gy/1"], "economics": {"costs": "uk"}}).economics


def test_a_file_keeps_everything(tmp_path):
    write_netcdf(simulated(), tmp_path / "r.nc", force=False)
    again = xarray.load_dataset(tmp_path / "r.nc")
    xarray.testing.assert_identical(appraise(again), again)
