"""Ties: what differs by rounding alone is equal, in every statistic and on every face."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import xarray

import radsim
from radsim.decision import cost_effectiveness, tables
from radsim.decision.columns import standing
from radsim.decision.convergence import acceptability_bands
from radsim.decision.evpi import evpi, evpi_adjusted, evpi_error
from radsim.decision.evppi import evppi
from radsim.decision.incremental import (
    DOMINATED,
    EQUAL,
    EXTENDEDLY_DOMINATED,
    UNDOMINATED,
    increment,
    incremental_analysis,
)
from radsim.decision.net_benefit import acceptability, acceptability_frontier, expected_loss, incremental
from radsim.decision.scenarios import scenario_rows
from radsim.decision.subgroups import individualisation
from radsim.maths import ties
from radsim.tables import page_of

LAST_BITS = 3e-13
"""What other orders of additions make of a sum, relative."""

TWIN = {"name": "twin", "dose_gy": 8, "fractions": 1}
ONE = {
    "radsim": 1, "name": "one", "seed": 10, "cohort": {"size": 300, "era": "modern"}, "schedules": ["8Gy/1", TWIN], "draws": 20,
    "economics": {"costs": "uk"},
}  # fmt: skip


def nudged(values, seed=0):
    """The same but for the last bits, up or down."""
    return values * (1.0 + LAST_BITS * np.random.default_rng(seed).uniform(-1.0, 1.0, np.shape(values)))


def draws_of(*pairs, n=40):
    """Draws of cost and QALYs: a column a schedule around its means, moving together."""
    random = np.random.default_rng(1)
    cost, qalys = (np.array(part) for part in zip(*pairs, strict=True))
    return cost + random.normal(0.0, 300.0, (n, 1)), qalys + random.normal(0.0, 0.02, (n, 1))


def result(cost, qalys, names):
    """A result with nothing but draws of cost and QALYs, and the base case their mean."""
    cost, qalys = (np.vstack([part.mean(axis=0), part]) for part in (cost, qalys))
    attrs = {"currency": "GBP", "units": "GBP", "price_year": 2024}
    return xarray.Dataset(
        {"cost": (("draw", "schedule"), cost, attrs), "qalys": (("draw", "schedule"), qalys, {"units": "year"})},
        coords={"draw": np.arange(len(cost)), "schedule": names},
    )


def with_twin(*pairs, twin_of=0):
    """As `draws_of`, and the last schedule is one of the others but for the last bits of each draw."""
    cost, qalys = draws_of(*pairs)
    return np.column_stack([cost, nudged(cost[:, twin_of])]), np.column_stack([qalys, nudged(qalys[:, twin_of], 7)])


# --- the one comparison


@pytest.mark.parametrize(
    ("first", "second", "is_equal"),
    [
        (0.5416258431749438, 0.541625843174944, True), (2000.0, 2000.0 + 1e-6, True), (2000.0, 2000.0 + 3e-6, False), (-2e9, -2e9 - 1.0, True),
        (0.0, 9e-10, True), (0.0, 1.1e-9, False), (0.54, 0.54 + 1.1e-9, False), (np.nan, np.nan, False),
    ],
)  # fmt: skip
def test_equal_within_a_billionth(first, second, is_equal):
    assert ties.equal(first, second) == ties.equal(second, first) == is_equal
    if first == first:
        assert ties.sign(first, second) == -ties.sign(second, first) == (0 if is_equal else np.sign(first - second))
        assert (ties.difference(first, second) == 0.0) == is_equal


def test_best_are_all_within_rounding_of_the_greatest():
    values = np.array([[1.0, nudged(3.0), 3.0], [5.0, 4.0, nudged(5.0, 2)], [-1.0, -2.0, -3.0]])
    assert ties.are_best(values).tolist() == [[False, True, True], [True, False, True], [True, False, False]]
    assert ties.first_best(values).tolist() == [1, 0, 0] and ties.first_best(values, keep=2).tolist() == [2, 2, 0]
    assert ties.names_of_best(values[1], "abc") == ["a", "c"]
    assert ties.groups([1.0, 2.0, nudged(1.0), 2.0], [5.0, 5.0, 5.0, 6.0]) == [[0, 2], [1], [3]]


# --- dominance


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("cost", "effect", "status", "comparators", "equal_to"),
    [
        ([1950.0, 1950.0], [0.54, 0.54], [EQUAL] * 2, [None, 0], [(1,), (0,)]),
        ([100.0, 300.0, 300.0], [1.0, 3.0, 3.0], [UNDOMINATED, EQUAL, EQUAL], [None, 0, 1], [(), (2,), (1,)]),  # on the frontier
        ([100.0, 300.0, 100.0], [3.0, 1.0, 3.0], [EQUAL, DOMINATED, EQUAL], [None, 0, 0], [(2,), (), (0,)]),  # best together
        ([300.0, 300.0, 100.0], [1.0, 1.0, 3.0], [DOMINATED, DOMINATED, UNDOMINATED], [2, 2, None], [(1,), (0,), ()]),
        ([100.0, 250.0, 250.0, 300.0], [1.0, 2.0, 2.0, 3.0], [UNDOMINATED, *[EXTENDEDLY_DOMINATED] * 2, UNDOMINATED], [None, 0, 0, 0], [(), (2,), (1,), ()]),
        ([100.0, 100.0, 200.0], [1.0, 2.0, 2.0], [DOMINATED, UNDOMINATED, DOMINATED], [None, None, 1], [()] * 3),  # equal in one of the two
        ([100.0, 200.0, 300.0], [1.0, 2.0, 3.0], [UNDOMINATED] * 3, [None, 0, 1], [()] * 3),  # on one line
    ],
)  # fmt: skip
def test_the_last_bits_dominate_nothing(cost, effect, status, comparators, equal_to, seed):
    found = incremental_analysis(nudged(np.array(cost), seed), nudged(np.array(effect), seed + 50))
    assert [one.status for one in found] == status and [one.equal_to for one in found] == equal_to
    for one, comparator in zip(found, comparators, strict=True):
        if comparator is not None:
            assert one.comparator == comparator
            quadrant = increment(0.0, 0.0, comparator_cost=0.0, comparator_effect=0.0).quadrant
            assert (one.increment.quadrant == quadrant) == (comparator in one.equal_to)
            if comparator in one.equal_to:
                assert (one.increment.cost, one.increment.effect) == (0.0, 0.0) and np.isnan(one.increment.icer)


def test_equal_schedules_share_what_dominates_them():
    cheap = incremental_analysis(nudged(np.array([300.0, 300.0, 100.0])), nudged(np.array([1.0, 1.0, 3.0]), 3))
    assert cheap[0].by == cheap[1].by == (2,)
    mixed = incremental_analysis(
        nudged(np.array([100.0, 250.0, 250.0, 300.0])), nudged(np.array([1.0, 2.0, 2.0, 3.0]), 3)
    )
    assert mixed[1].by == mixed[2].by == (0, 3)


# --- statistics of the draws


def benefit_with_twin():
    """Net benefits of two schedules that are good in turn, and of a twin of the first."""
    two = np.random.default_rng(5).normal([9000.0, 9010.0], 400.0, (60, 2))
    return two, np.column_stack([two, nudged(two[:, 0])])


def test_a_twin_shares_the_probability_and_changes_nothing_else():
    two, three = benefit_with_twin()
    share = acceptability(two)
    np.testing.assert_allclose(acceptability(three), [share[0] / 2, share[1], share[0] / 2], rtol=1e-12)
    np.testing.assert_allclose(expected_loss(three), expected_loss(two)[[0, 1, 0]], rtol=1e-9)
    assert evpi(three) == pytest.approx(evpi(two), rel=1e-9) and evpi_error(three) == pytest.approx(
        evpi_error(two), rel=1e-9
    )
    noise = np.array([[900.0, 300.0], [300.0, 800.0]])
    assert evpi_adjusted(three, noise[np.ix_([0, 1, 0], [0, 1, 0])]) == evpi_adjusted(two, noise)
    parameter = two[:, 0] - two[:, 1] + np.random.default_rng(6).normal(0.0, 100.0, 60)
    assert evppi(three, parameter) == evppi(two, parameter)


def test_twins_alone_are_worth_no_information_and_their_curve_has_no_noise():
    one = benefit_with_twin()[0][:, :1]
    twins = np.column_stack([one, nudged(one)])
    assert evpi(twins) == evpi_error(twins) == evpi_adjusted(twins, np.zeros((2, 2))) == 0.0
    assert np.all(expected_loss(twins) == 0.0) and np.all(incremental(twins, 0) == 0.0)
    assert evppi(twins, one[:, 0]) == (0.0, 0.0)
    best, probability = acceptability_frontier(twins)
    assert (best, probability) == (0, 0.5)
    covariance = np.full((60, 2, 2), 1e6) + 1e-4 * np.eye(2)
    assert np.all(acceptability_bands(twins, covariance)["first_order"] == 0.0)


def test_one_for_all_stays_where_a_band_has_its_equal():
    benefit = np.array([[[1.0, 9.0]], [[nudged(7.0), 7.0]]])  # (subgroup, draw, schedule)
    _, _, one_for_all, best = individualisation(benefit, np.array([0.5, 0.5]))
    assert one_for_all == 1 and best == {0: 1, 1: 1}


# --- the document


@pytest.mark.parametrize(
    ("pairs", "twin_of", "status", "best", "shares"),
    [
        ([(1900.0, 0.54)], 0, ["equal", "equal"], [0, 1], [0.5, 0.5]),
        ([(1900.0, 0.54), (2500.0, 0.50)], 0, ["equal", "dominated", "equal"], [0, 2], [0.5, 0.0, 0.5]),
        ([(1900.0, 0.54), (2500.0, 0.50)], 1, ["undominated", "dominated", "dominated"], [0], [1.0, 0.0, 0.0]),
        ([(1900.0, 0.54), (2500.0, 0.60)], 1, ["undominated", "equal", "equal"], [1, 2], [0.0, 0.5, 0.5]),
        ([(1900.0, 0.54), (3400.0, 0.60)], 1, ["undominated", "equal", "equal"], [0], [1.0, 0.0, 0.0]),
    ],
)  # fmt: skip
def test_a_document_says_equal(pairs, twin_of, status, best, shares):
    cost, qalys = with_twin(*pairs, twin_of=twin_of)
    names = [f"{8 + i}Gy/1" for i in range(cost.shape[1])]
    document = cost_effectiveness(result(cost, qalys, names), thresholds=[20000]).to_dict()
    rows = document["schedules"]
    assert [row["status"] for row in rows] == status and document["best"]["20000"] == [names[i] for i in best]
    assert [row["p_cost_effective"]["20000"] for row in rows] == shares
    pair = names[twin_of], names[-1]
    assert [row["equal_to"] for row in rows] == [
        [other for other in pair if other != name] if name in pair else [] for name in names
    ]
    last = rows[-1]
    assert last["icer"] is None or last["comparator"] not in pair
    if status[-1] == "equal":
        assert last["icer"] is None and (last["incremental_cost"], last["incremental_qalys"], last["quadrant"]) == (
            0.0,
            0.0,
            "origin",
        )
        assert standing(last) == f"equal to {pair[0]}"
    assert standing(rows[twin_of]).endswith(f"equal to {pair[1]}")
    optimal = cost_effectiveness(result(cost, qalys, names), thresholds=[20000]).to_xarray().sel(threshold=20000.0)
    assert (
        np.flatnonzero(optimal["is_optimal"]).tolist() == best and optimal["optimal_schedule"].item() == names[best[0]]
    )


def test_a_scenario_names_all_that_are_best():
    class Twins:
        """The base case of two schedules that are equal but for the last bits."""

        economics, parameters = None, {}
        schedules = ("8Gy/1", "twin")

        def outcome(self, **_):
            from radsim.decision.base_case import Outcome

            cost, qalys = np.array([1900.0, nudged(1900.0)]), np.array([0.54, nudged(0.54, 3)])
            return Outcome(cost, qalys, cost[np.newaxis], qalys[np.newaxis], np.ones(1))

    (row,) = scenario_rows(Twins(), thresholds=np.array([20000.0]), reference=0, scenarios=[])
    assert row["best"] == {"20000": "8Gy/1"} and row["all_best"] == {"20000": ["8Gy/1", "twin"]}
    assert row["schedules"][1]["meaning"] == "no difference" and row["schedules"][1]["incremental_cost"] == 0.0


def test_a_decision_does_not_flip_to_its_equal():
    from radsim.decision.one_way import _best
    from radsim.decision.threshold_analysis import _flips

    class Steps:
        """From 5 on, the second schedule is no better than the first, and no worse."""

        schedules = ("8Gy/1", "20Gy/5")

        def with_parameter(self, _, value):
            self.value = value
            return self

        def net_benefit(self, _):
            return np.array([[10.0, 11.0 if self.value < 5.0 else nudged(10.0)]])

    base_case = Steps()
    benefit = {x: base_case.with_parameter("x", x).net_benefit(None) for x in (1.0, 4.0, 8.0, 9.0)}
    assert _flips(base_case, "x", benefit, np.array([20000.0]), 0) == []
    assert [_best(benefit[x], Steps.schedules) for x in (1.0, 9.0)] == ["20Gy/5", "8Gy/1 = 20Gy/5"]


# --- every face, of a study that radsim ran


@pytest.mark.parametrize("seed", [10, 11, 20260101])
def test_the_same_schedule_under_two_names_is_equal_at_any_seed(seed):
    document = cost_effectiveness(
        radsim.simulate({**ONE, "seed": seed}, threads=1), thresholds=[0, 13000, 20000, 50000]
    ).to_dict()
    first, second = document["schedules"]
    assert first["status"] == second["status"] == "equal" and (first["cost"], first["qalys"]) == (
        second["cost"],
        second["qalys"],
    )
    assert set(first["p_cost_effective"].values()) == set(second["p_cost_effective"].values()) == {0.5}
    assert first["icer"] is second["icer"] is None and set(document["evpi"].values()) == {0.0}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Three schedules of which two are one, with economics."""
    from radsim.storage import write_netcdf

    path = tmp_path_factory.mktemp("ties") / "twin.nc"
    write_netcdf(radsim.simulate({**ONE, "schedules": ["8Gy/1", "30Gy/10", TWIN]}, threads=1), path, force=False)
    return path


def test_text_json_and_csv_say_equal(run, file):
    text = run("cea", file, "--evppi", "none", "--ceac").out
    assert "equal to twin" in text and "equal to 8Gy/1" in text and "8Gy/1 = twin" in text
    rows = json.loads(run("cea", file, "--evppi", "none", "--json").out)["schedules"]
    assert [row["status"] for row in rows] == ["equal", "dominated", "equal"] and rows[0]["equal_to"] == ["twin"]
    table = list(csv.DictReader(io.StringIO(run("cea", file, "--evppi", "none", "--csv").out)))
    assert [row["status"] for row in table] == ["equal", "dominated", "equal"] and table[2]["equal_to"] == "8Gy/1"


def test_tables_and_workbook_say_equal(run, file, tmp_path):
    assert run("export", file, "--to", "csv", "-o", tmp_path / "tables").code == 0
    with open(tmp_path / "tables" / "incremental.csv", encoding="utf-8") as opened:
        rows = {row["schedule"]: row for row in csv.DictReader(line for line in opened if not line.startswith("#"))}
    assert rows["8Gy/1"]["status"] == rows["twin"]["status"] == "equal" and rows["twin"]["equal_to"] == "8Gy/1"
    assert run("export", file, "--to", "xlsx", "-o", tmp_path / "tables.xlsx").code == 0
    assert "equal" in shared_strings(tmp_path / "tables.xlsx")


def test_the_report_says_equal(file):
    with xarray.open_dataset(file, decode_times=False) as dataset:
        document = cost_effectiveness(dataset).to_dict()
    words = tables.best_choice(document)
    assert words.startswith(
        "8Gy/1 and twin are equal and have the highest net benefit at GBP 20,000 and GBP 30,000 per QALY"
    )
    assert words.endswith("(probability of being the best choice: 50 % and 50 % each).")
    page = page_of(tables.decision_tables(document)[0])
    place = page.headings.index("ICER")
    assert {row[0]: row[place] for row in page.rows} == {
        "8Gy/1": "costs least, equal to twin", "twin": "equal to 8Gy/1", "30Gy/10": "dominated by 8Gy/1",
    }  # fmt: skip


def shared_strings(path):
    """Texts of the cells of a workbook."""
    from openpyxl import load_workbook

    return {
        cell
        for sheet in load_workbook(path)
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str)
    }


# --- what stands beside a schedule leaves its numbers as they are


@pytest.mark.parametrize(
    ("size", "draws", "more"), [(6000, 0, {}), (700, 1, {}), (700, 9, {}), (1500, 2, {"subgroups": ["primary"]})]
)
def test_a_schedule_does_not_depend_on_those_beside_it(size, draws, more):
    study = {**ONE, "cohort": {"size": size, "era": "modern"}, "draws": draws, **more}
    beside = (["20Gy/5"], ["8Gy/1", "20Gy/5"], ["8Gy/1", "none", "20Gy/5", "30Gy/10"])
    alone, *others = (radsim.simulate({**study, "schedules": names}, threads=1) for names in beside)
    for valued in (lambda one: one, lambda one: radsim.valuation.appraise(one, {"costs": "nl"}), decided):
        first = valued(alone).sel(schedule="20Gy/5")
        for other in others:
            second = valued(other).sel(schedule="20Gy/5")
            for name in first.data_vars:
                if "_difference" in name:  # from the first schedule, which is another here
                    continue
                assert first[name].values.tobytes() == second[name].values.tobytes(), name


def decided(dataset):
    """Costs and QALYs as the decision takes them, and their means."""
    from radsim.decision.samples import samples

    whole = dataset.isel(subgroup=0) if "subgroup" in dataset.dims else dataset
    data = samples(whole)
    means = {"cost": data.cost, "qalys": data.qalys} if data.is_probabilistic else {}
    found = {name: (("draw", "schedule"), values) for name, values in means.items()}
    found |= {f"mean_{name}": ("schedule", getattr(data, f"mean_{name}")) for name in ("cost", "qalys")}
    return xarray.Dataset(found, coords={"schedule": list(data.schedules)})


def test_commands_give_a_schedule_the_same_numbers_whatever_stands_beside_it(run, tmp_path):
    rows = []
    for names in ("[20Gy/5]", "[8Gy/1, 20Gy/5]"):
        name = f"n{len(rows)}"
        Path(tmp_path / f"{name}.yaml").write_text(
            f"radsim: 1\nname: one\nseed: 3\ncohort: {{size: 600}}\nschedules: {names}\ndraws: 12\neconomics: {{costs: uk}}\n"
        )
        done = run("run", tmp_path / f"{name}.yaml", "-o", tmp_path / f"{name}.nc", "--json")
        of_run = next(row for row in json.loads(done.out)["schedules"] if row["schedule"] == "20Gy/5")
        done = run("cea", tmp_path / f"{name}.nc", "--evppi", "none", "--set", "cost.fraction=90", "--json")
        of_cea = next(row for row in json.loads(done.out)["schedules"] if row["schedule"] == "20Gy/5")
        rows.append(
            (
                of_run,
                [
                    of_cea[part]
                    for part in (
                        "cost",
                        "qalys",
                        "cost_low95",
                        "qalys_high95",
                        "cost_deterministic",
                        "qalys_deterministic",
                    )
                ],
            )
        )
    assert rows[0] == rows[1]
