"""Value of a trial: closed forms of the normal linear and the beta-binomial case, the file of a proposal, and what is refused."""

import json
import math

import numpy as np
import pytest
from scipy.stats import beta, betabinom, norm

import radsim
from radsim.decision import proposed
from radsim.decision.evpi import evpi, evpi_error
from radsim.decision.evppi import evppi
from radsim.decision.evsi import Evsi, by_importance_sampling, evsi, log_likelihood, log_odds
from radsim.decision.evsi_tables import hidden_value
from radsim.decision.net_benefit import acceptability
from radsim.decision.tables import decision_tables
from radsim.storage import write_netcdf
from radsim.tables.page import page_of
from radsim.tables.table import rows_of
from radsim.trials.differences import draw_shifts
from radsim.trials.proposal import load_proposal, proportions_by_draw
from radsim.trials.rerun import predict
from radsim.trials.study import prepare_trial
from radsim.trials.validate import parameter_draws


def expected_gain(mean, sd):
    """E max(X, 0) - max(E X, 0) of a normal X."""
    return mean * norm.cdf(mean / sd) + sd * norm.pdf(mean / sd) - max(mean, 0.0)


def normal_case(n, *, mean, sd, other, seed):
    """Gain = mean + sd a + other b of two standard normal parameters; returns net benefits and a."""
    a, b = np.random.default_rng(seed).standard_normal((2, n))
    return np.column_stack([np.zeros(n), mean + sd * a + other * b]), a


def near(found, exact, se):
    return abs(found - exact) <= max(0.02 * abs(exact), 3.0 * se)


@pytest.mark.parametrize("mean", [0.0, 30.0, -50.0])
def test_closed_forms_of_the_normal_linear_case(mean):
    sd, other, n = 100.0, 60.0, 20_000
    benefit, a = normal_case(n, mean=mean, sd=sd, other=other, seed=1)
    whole = math.hypot(sd, other)
    assert near(float(evpi(benefit)), expected_gain(mean, whole), float(evpi_error(benefit)))
    p = norm.cdf(mean / whole)
    assert near(acceptability(benefit)[1], p, math.sqrt(p * (1.0 - p) / n))
    known = evppi(benefit, a)
    assert near(known.value, expected_gain(mean, sd), known.se) and known.se < 0.05 * expected_gain(mean, sd)
    for n_patients in (
        5,
        50,
    ):  # each sees a with an error of sd 3: the mean given the data has variance 1 / (1 + 9 / n)
        data = a + 3.0 / math.sqrt(n_patients) * np.random.default_rng(2).standard_normal(n)
        exact = expected_gain(mean, sd / math.sqrt(1.0 + 9.0 / n_patients))
        found = evppi(benefit, data)
        assert near(found.value, exact, found.se) and found.se < 0.1 * exact
        few = slice(0, 2000)
        distance = data[few, np.newaxis] - a[few]
        value, se, effective = by_importance_sampling(benefit[few], -(distance**2) * n_patients / 18.0)
        assert near(value, exact, se) and 0.0 < se < 0.35 * exact and effective > 100.0


def test_a_trial_of_one_arm_meets_the_beta_binomial():
    """p ~ Beta(4, 6); gain 1000 (p - 0.45); 20 patients: the mean of p given y is (4 + y) / 30."""
    p = beta(4.0, 6.0).rvs(4000, random_state=3)
    benefit = np.column_stack([np.zeros(4000), 1000.0 * (p - 0.45)])
    y = np.arange(21)
    exact = betabinom(20, 4.0, 6.0).pmf(y) @ np.maximum(1000.0 * ((4.0 + y) / 30.0 - 0.45), 0.0)
    found = evsi(benefit, p[:, np.newaxis], [20], seed=4)
    assert near(found.value, exact, found.se) and found.se < 0.15 * exact
    assert near(found.importance_sampling, exact, found.importance_sampling_se)
    assert 0.0 < found.importance_sampling_se < 0.15 * exact


def test_more_patients_are_worth_more_and_never_more_than_certainty():
    random = np.random.default_rng(5)
    p = 1.0 / (1.0 + np.exp(-random.normal(0.0, 0.5, (1500, 2))))
    benefit = np.column_stack([np.zeros(1500), 2000.0 * (p[:, 1] - p[:, 0]) + random.normal(50.0, 100.0, 1500)])
    found = [evsi(benefit, p, [n, n], seed=6) for n in (5, 50, 2000)]
    for name in ("value", "importance_sampling"):
        values = [getattr(one, name) for one in found]
        assert values == sorted(values) and values[0] >= 0.0 and values[-1] <= float(evpi(benefit))
    assert found[0].effective_draws > found[1].effective_draws > found[2].effective_draws


def test_a_trial_that_tells_nothing_is_worth_nothing():
    random = np.random.default_rng(7)
    p = np.full((400, 1), 0.3)
    benefit = np.column_stack([np.zeros(400), random.normal(5.0, 100.0, 400)])
    found = evsi(benefit, p, [50], seed=8)
    assert found.importance_sampling == pytest.approx(0.0, abs=1e-9) and found.effective_draws == pytest.approx(400.0)
    assert found.value < 3.0 * found.se


def test_the_likelihood_is_the_binomial_one_by_hand():
    found = log_likelihood(np.array([[3, 0]]), np.array([4, 2]), np.array([[0.5, 0.1], [0.25, 0.2]]))
    expected = [7.0 * 0.0 + 4.0 * math.log(0.5) + 2.0 * math.log(0.9), 3.0 * math.log(0.25) + math.log(0.75) + 2.0 * math.log(0.8)]  # fmt: skip
    np.testing.assert_allclose(found, [expected], rtol=1e-12)
    np.testing.assert_allclose(log_odds(np.array([3]), np.array([4])), [math.log(3.5 / 1.5)])


def test_sizes_and_proportions_that_cannot_be_are_refused():
    benefit, p = np.zeros((40, 2)), np.full((40, 1), 0.5)
    with pytest.raises(ValueError, match="at least one patient behind each figure, found 0"):
        evsi(benefit, p, [0], seed=1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        evsi(benefit, p * 2.0, [5], seed=1)
    with pytest.raises(ValueError, match="at least 20 draws"):
        by_importance_sampling(benefit[:19], np.zeros((19, 19)))


# --- the command --------------------------------------------------------------------------------------------


TRIAL = {
    "radsim_trial": 1, "id": "next", "arms": [{"schedule": "8Gy/1", "randomised": 50}, {"schedule": "20Gy/5", "randomised": 150}],
    "outcomes": [
        {"outcome": "overall_response", "measure": "consensus", "when": {"week": 4}, "denominator": "assessable"},
        {"outcome": "retreatment", "when": {"by_week": 26}, "denominator": "randomised"},
    ],
}  # fmt: skip
STUDY = {"schedules": ["8Gy/1", "20Gy/5"], "cohort": {"size": 200}, "seed": 3, "horizon_days": 365, "economics": {"costs": "uk"}}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return radsim.simulate({**STUDY, "draws": 24}, threads=1)


@pytest.fixture(scope="module")
def files(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evsi")
    write_netcdf(result, folder / "result.nc", force=False)
    write_netcdf(radsim.simulate({**STUDY, "draws": 0}, threads=1), folder / "base.nc", force=False)
    (folder / "trial.yaml").write_text(json.dumps(TRIAL))
    other = {**TRIAL, "arms": [TRIAL["arms"][0], {"schedule": "30Gy/10", "randomised": 150}]}
    (folder / "other.yaml").write_text(json.dumps(other))
    (folder / "zero.yaml").write_text(json.dumps({**TRIAL, "arms": [{"schedule": "8Gy/1", "randomised": 0}]}))
    return folder


def test_a_trial_is_simulated_in_every_draw_and_valued_for_a_population(result):
    how = {"evsi": [TRIAL], "trial_cost": 1000.0, "trial_cost_per_patient": 10.0, "patients_per_year": 500.0, "years": 4, "trial_years": 1}  # fmt: skip
    document = radsim.cost_effectiveness(result, thresholds=[20000.0], **how, threads=1).to_dict()
    (row,) = document["evsi"]
    assert row["arms"] == ["8Gy/1", "20Gy/5"] and row["randomised"] == [50, 150]
    assert [f["n"] for f in row["figures"][2:]] == [50, 150]  # everybody is known to have been retreated or not
    assert all(0 < f["n"] < size for f, size in zip(row["figures"][:2], (50, 150), strict=True))
    assert all(0.0 < f["low95"] < f["expected"] < f["high95"] < 1.0 for f in row["figures"])
    assert row["trial_cost"] == 1000.0 + 10.0 * 200
    years = sum(1.035**-year for year in (1, 2, 3))  # from the year after the report
    assert row["population_value"] == pytest.approx(row["value"] * 500.0 * years, rel=1e-9)
    assert row["enbs"] == pytest.approx(row["population_value"] - 3000.0)
    assert row["value"] <= document["evpi"]["20000"] and row["importance_sampling"] <= document["evpi"]["20000"] + 1e-9


def test_the_proportions_are_those_of_the_trial_at_the_parameters_of_the_draw(result):
    proposal = load_proposal(TRIAL)
    names = [str(name) for name in result["parameter"].values]
    values = result["parameter_value"].transpose("draw", "parameter").values[1:3]
    parameters = {name: values[:, i] for i, name in enumerate(names)}
    found, shares = proportions_by_draw(proposal, parameters, seed=7, threads=1)
    columns = parameter_draws(2, 7)[0] | parameters
    shifts = draw_shifts(columns, "next", 7)
    for d in range(2):
        at = {name: float(column[d]) for name, column in columns.items()}
        moved = {name: float(column[d]) for name, column in shifts.items()}
        again = predict(prepare_trial(proposal), at, shifts=moved, seed=7, n_patients=4000, threads=1)
        np.testing.assert_allclose(found[d], again, rtol=1e-12)
    assert shares[2:].tolist() == [1.0, 1.0] and np.all(shares[:2] < 1.0)


def hidden_case(**changes):
    """A document in which 30 of 1,000 draws have another choice, worth 200 each."""
    schedules = [
        {"schedule": name, "p_cost_effective": {"20000": share}, "net_benefit": {"20000": mean}}
        for name, share, mean in (("8Gy/1", 0.97, 500.0), ("20Gy/5", 0.03, 0.0))
    ]
    row = {"threshold": 20000.0, "value": 0.0, "se": 0.0, "importance_sampling": 2.0, "importance_sampling_se": 1.0}
    document = {"evpi": {"20000": 6.0}, "draws": 1000, "schedules": schedules}
    return {**row, **changes}, document


@pytest.mark.parametrize(
    ("changes", "bound"),
    [
        ({}, 2.0 + 1.959963984540054),
        ({"importance_sampling": 5.0}, 6.0),  # never above the value of knowing everything
        ({"importance_sampling": 0.0, "importance_sampling_se": 0.0}, 3 / 1000 * 200.0),
        ({"value": 0.004}, 2.0 + 1.959963984540054),
        ({"value": 0.006}, None),
    ],
)
def test_a_value_that_shows_as_nothing_lies_below_what_the_draws_can_show(changes, bound):
    found = hidden_value(*hidden_case(**changes))
    assert found is None if bound is None else found == pytest.approx(bound, rel=1e-12)


def test_nothing_to_learn_is_0_and_no_bound():
    row, document = hidden_case()
    assert hidden_value(row, {**document, "evpi": {"20000": 0.0}}) is None


def test_the_tables_say_below_and_files_keep_the_numbers(result):
    how = {"evsi": [TRIAL], "trial_cost": 1000.0, "patients_per_year": 500.0, "years": 2}
    document = radsim.cost_effectiveness(result, thresholds=[20000.0], **how, threads=1).to_dict()
    document |= {"evpi": {"20000": 8.0}, "draws": 10**6}
    for schedule in document["schedules"]:
        schedule["p_cost_effective"]["20000"] = 0.5
    document["evsi"][0] |= {"value": 0.0, "se": 0.0, "importance_sampling": 2.0, "importance_sampling_se": 1.0}
    table = next(each for each in decision_tables(document) if each.name == "trials")
    page = page_of(table)
    shown = dict(zip(page.headings, page.rows[0], strict=True))
    bound = 2.0 + 1.959963984540054
    of_all = bound * 500.0 * (1.0 + 1.0 / 1.035)
    assert shown["EVSI"] == "below 3.96" and shown["Of EVPI"] == "below 49 %"
    assert shown["For all"] == f"below {of_all:,.0f}" and shown["Net benefit"] == f"below {of_all - 1000.0:+,.0f}"
    assert any(note.startswith("Below: less than these draws can show") for note in page.notes)
    cells = dict(zip((column.name for column in table.file_columns), next(rows_of(table)), strict=True))
    assert (cells["value"], cells["se"], cells["below"]) == (0.0, 0.0, pytest.approx(bound))


def test_command_prints_the_value_of_a_trial_and_writes_it(run, files):
    arguments = [
        "cea",
        files / "result.nc",
        "--evsi",
        files / "trial.yaml",
        "--evppi",
        "none",
        "--population",
        100,
        "--trial-cost",
        5,
    ]
    done = run(*map(str, arguments), "--trial-size", "30", "--trial-size", "90", "--json", "-o", str(files / "out"))
    rows = json.loads(done.out)["evsi"]
    assert [row["randomised"] for row in rows[::2]] == [[30, 30], [90, 90]] and len(rows) == 4
    header, *lines = (files / "out" / "trials.csv").read_text().splitlines()
    assert header.startswith("trial,arms,randomised,threshold,value,se,importance_sampling") and len(lines) == 4
    assert len((files / "out" / "trial_figures.csv").read_text().splitlines()) == 1 + 8
    page = run(*map(str, arguments)).out
    assert "Expected value of sample information per patient" in page and "50 + 150" in page and "Net benefit" in page


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["base.nc", "--evsi", "trial.yaml"], "--evsi: needs draws of the parameters"),
        (["result.nc", "--evsi", "other.yaml"], "arms[1].schedule: expected a schedule of the result (8Gy/1, 20Gy/5), found 30Gy/10"),
        (["result.nc", "--evsi", "zero.yaml"], "arms[0].randomised: expected a whole number from 1 to 1000000, found 0"),
        (["result.nc", "--evsi", "trial.yaml", "--trial-size", "0"], "trial-size: expected at least one patient in each arm, found 0"),
        (["result.nc", "--evsi", "trial.yaml", "--trial-cost", "5"], "trial-cost: needs the patients of a year"),
        (["result.nc", "--evsi", "trial.yaml", "--trial-years", "5"], "trial-years: expected fewer than the 5 years"),
        (["result.nc", "--trial-size", "5"], "--trial-size: needs --evsi TRIAL.yaml"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(run, files, arguments, words):
    done = run("cea", *(str(files / each) if "." in each else each for each in arguments))
    assert done.code == 2 and words in done.err and done.out == ""


def test_the_net_benefit_of_sampling_by_hand():
    worth = proposed._of_population(
        Evsi(2.0, 0.5, 2.0, 0.5, 50.0), 200, proposed.Plan(1000.0, 10.0, (), 1), 500.0, 3, 0.25
    )
    patients = 500.0 * (1.0 / 1.25 + 1.0 / 1.25**2)  # the second and the third year: in the first the trial runs
    assert worth["population_value"] == pytest.approx(2.0 * patients) and worth["trial_cost"] == 3000.0
    assert worth["enbs"] == pytest.approx(2.0 * patients - 3000.0) and worth["enbs_se"] == pytest.approx(0.5 * patients)
