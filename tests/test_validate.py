"""`radsim validate`: predictive distributions, scores, the reference, and the command."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray
from scipy import integrate, stats

import radsim
from radsim.cli import validate as cli
from radsim.cli.main import main
from radsim.config import ConfigError
from radsim.evidence import load_registry
from radsim.figures.forest import weeks, wilson
from radsim.trials import differences, load_trial
from radsim.trials import validate as validation
from radsim.trials.predictive import EMPTY, FINEST_GRID, binomial_mixture, difference_mixture
from radsim.trials.rerun import predict, resolved
from radsim.trials.scores import Pool, crps, is_inside, pool, reference_pools, schedule_class, skill, summarise
from radsim.trials.study import prepare_trial

SMALL = """\
radsim_trial: 1
id: {id}
citation: A paper
kind: {kind}
arms: [{{schedule: 8Gy/1}}, {{schedule: 20Gy/5}}]
outcomes:
  - outcome: overall_response
    measure: pain_score
    when: {{week: 4}}
    denominator: assessable
    observed: [{{proportion: {first}, n: 50}}, {{events: 30, n: 48}}]
"""
DRAWS, PATIENTS = 12, 300
PROPORTIONS = np.random.default_rng(1).beta(6.0, 4.0, 40)
ROW_KEYS = {
    "trial", "kind", "outcome", "measure", "when", "denominator", "arm", "observed", "n", "predicted", "low95", "high95",
    "quantiles", "inside", "crps",
}  # fmt: skip
CONTRAST_KEYS = {
    "trial", "outcome", "measure", "first", "second", "observed_difference", "predicted", "low95", "high95", "inside",
}  # fmt: skip


def small(name="small", kind="held_out", first=0.6):
    return SMALL.format(id=name, kind=kind, first=first)


def trial(name="t", kind="calibration", arms=("8Gy/1", "20Gy/5"), outcome="retreatment", figures=((20, 100), (8, 100))):
    observed = [{"events": events, "n": n} for events, n in figures]
    return load_trial({
        "radsim_trial": 1, "id": name, "citation": "A paper", "kind": kind, "arms": [{"schedule": arm} for arm in arms],
        "outcomes": [{"outcome": outcome, "when": {"by_week": 52}, "denominator": "randomised", "observed": observed}],
    })  # fmt: skip


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run `radsim validate`, small, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main(["validate", *map(str, arguments), "--draws", str(DRAWS), "--patients", str(PATIENTS)])
        return leaving.value.code, *capsys.readouterr()

    return call


# --- predictive distributions


def test_a_mixture_of_one_is_the_binomial():
    one = binomial_mixture(np.array([0.3]), 20)
    assert one.values == pytest.approx(np.arange(21) / 20)
    assert one.probabilities == pytest.approx(stats.binom.pmf(np.arange(21), 20, 0.3), rel=1e-10)
    assert one.quantile(0.025) == stats.binom.ppf(0.025, 20, 0.3) / 20


@pytest.mark.parametrize("n", [7, 100])
def test_quantiles_are_those_of_brute_force(n):
    rng = np.random.default_rng(2)
    size = 400_000
    sample = np.sort(rng.binomial(n, rng.choice(PROPORTIONS, size))) / n
    exact = binomial_mixture(PROPORTIONS, n)
    assert exact.mean == pytest.approx(PROPORTIONS.mean(), rel=1e-12)
    for q in validation.QUANTILES:
        below, within = (np.searchsorted(sample, exact.quantile(q) + shift) / size for shift in (-1e-9, 1e-9))
        error = 5 * np.sqrt(q * (1 - q) / size)
        assert below - error < q < within + error


def test_differences_are_those_of_brute_force():
    rng = np.random.default_rng(3)
    size, others = 400_000, np.clip(PROPORTIONS - 0.1 + rng.normal(0, 0.03, len(PROPORTIONS)), 0, 1)
    d = rng.integers(len(PROPORTIONS), size=size)
    sample = rng.binomial(30, PROPORTIONS[d]) / 30 - rng.binomial(45, others[d]) / 45
    exact = difference_mixture(PROPORTIONS, others, 30, 45)
    assert exact.cdf[-1] == pytest.approx(1.0, rel=1e-12)
    assert exact.mean == pytest.approx((PROPORTIONS - others).mean(), rel=1e-9)
    for x in (-0.1, 0.0, 0.1, 0.25):
        p = exact.cdf[np.searchsorted(exact.values, x + 1e-9) - 1]
        assert np.mean(sample <= x + 1e-9) == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / size))


def test_equal_differences_are_one_value():
    values = difference_mixture(np.array([0.5]), np.array([0.5]), 10, 10).values
    assert values == pytest.approx(np.arange(-10, 11) / 10)


def test_a_huge_arm_is_put_on_a_grid():
    huge = binomial_mixture(np.array([0.37]), 1_000_000)
    assert len(huge.values) == FINEST_GRID + 1
    assert huge.quantile(0.5) == pytest.approx(0.37, abs=1 / FINEST_GRID)


def test_certain_and_missing_proportions():
    assert binomial_mixture(np.array([0.0, 1.0, np.nan]), 10).probabilities[[0, -1]] == pytest.approx([0.5, 0.5])
    nothing = binomial_mixture(np.array([np.nan]), 10)
    assert nothing.is_empty and np.isnan([nothing.mean, nothing.quantile(0.5), crps(nothing, 0.5)]).all()
    assert difference_mixture(np.array([np.nan]), np.array([0.5]), 10, 10) is EMPTY


# --- scores


@pytest.mark.parametrize("observed", [0.0, 0.44, 0.5, 1.0])
def test_the_crps_is_the_integral(observed):
    predictive = binomial_mixture(PROPORTIONS, 30)

    def squared(x):
        cdf = np.mean(stats.binom.cdf(np.floor(30 * x + 1e-9), 30, PROPORTIONS))
        return (cdf - (x >= observed)) ** 2

    edges = np.union1d(predictive.values, [observed])
    parts = [integrate.quad(squared, *pair)[0] for pair in zip(edges[:-1], edges[1:], strict=True)]
    assert crps(predictive, observed) == pytest.approx(sum(parts), rel=1e-6)


def test_the_crps_of_certainty_is_the_distance():
    certain = binomial_mixture(np.array([1.0]), 10)
    assert crps(certain, 0.3) == pytest.approx(0.7)
    assert crps(difference_mixture(np.array([0.0]), np.array([1.0]), 5, 5), 0.5) == pytest.approx(1.5)


def test_ends_are_inside():
    assert is_inside(0.3, 0.1 + 0.2, 0.5) and is_inside(0.1 + 0.2, 0.1, 0.3)
    assert not is_inside(0.301, 0.1, 0.3)
    assert not is_inside(0.3, np.nan, np.nan)


def test_the_pool_by_hand():
    equal = pool([30, 60, 15], [60, 120, 30])  # all one half: no heterogeneity
    assert (equal.mu, equal.tau, equal.n_trials) == (0.0, 0.0, 3)
    assert equal.se == pytest.approx((60 / 4 + 120 / 4 + 30 / 4) ** -0.5)
    y, v = np.log([1 / 9, 1.0, 9.0]), np.array([1 / 10 + 1 / 90, 1 / 50 + 1 / 50, 1 / 90 + 1 / 10])
    w = 1 / v
    q = np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2)
    tau_squared = (q - 2) / (w.sum() - (w**2).sum() / w.sum())
    unlike = pool([10, 50, 90], [100, 100, 100])
    assert unlike.mu == pytest.approx(0.0, abs=1e-12)
    assert unlike.tau**2 == pytest.approx(tau_squared)
    assert unlike.se == pytest.approx(np.sum(1 / (v + tau_squared)) ** -0.5)
    assert np.isfinite(pool([0, 5, 10], [10, 10, 10])).all()


def test_the_reference_is_a_logit_normal():
    p = Pool(mu=0.4, tau=0.6, se=0.8, n_trials=5).proportions()
    logits = np.log(p / (1 - p))
    assert logits.mean() == pytest.approx(0.4) and logits.std() == pytest.approx(1.0, abs=0.01)


def test_a_study_enters_a_pool_once_and_three_are_needed():
    three = [trial(str(i)) for i in range(3)]
    pools = reference_pools([*three, trial("h", kind="held_out", figures=((90, 100), (90, 100)))])
    assert set(pools) == {("retreatment", "single"), ("retreatment", "multiple")}
    assert pools["retreatment", "single"].n_trials == 3
    assert pools["retreatment", "single"].mu == pytest.approx(np.log(0.2 / 0.8))
    assert reference_pools(three[:2]) == {}
    arms = trial("a", arms=("4Gy/1", "8Gy/1"), figures=((10, 100), (30, 100)))
    assert reference_pools([*three, arms])["retreatment", "single"].n_trials == 4
    assert set(reference_pools([arms, *three[:2]])) == {("retreatment", "single")}


def test_classes_of_schedule():
    schedules = [arm.schedule for arm in trial(arms=("8Gy/1", "20Gy/5", "none"), figures=((1, 9),) * 3).arms]
    assert [schedule_class(schedule) for schedule in schedules] == ["single", "multiple", None]


def test_the_reference_has_no_skill_against_itself():
    of_reference = [0.1, 0.04, 0.2]
    assert skill(of_reference, of_reference) == 0.0
    assert skill([0.05, 9.0, np.nan], [0.1, np.nan, 9.0]) == 0.5  # figures that have both
    assert np.isnan(skill([], []))


def test_a_summary_by_hand():
    def row(study, inside, outcome="overall_response", width=0.4, score=0.1):
        return {"study": study, "inside": inside, "outcome": outcome, "low95": 0.2, "high95": 0.2 + width, "crps": score,
                "reference_crps": 0.2}  # fmt: skip

    rows = [row("a", True), row("a", True), row("a", False, width=0.1), row("b", False, "survival", width=0.9)]
    s = summarise(rows, [{"inside": True}, {"inside": False}])
    assert (s["arms"], s["trials"], s["contrasts"]) == (4, 2, 2)
    assert s["coverage95"] == 0.5 and s["coverage95_by_trial"] == pytest.approx(1 / 3)
    assert s["mean_width"] == pytest.approx(0.3)
    assert s["skill"] == pytest.approx(0.5) and s["contrast_coverage95"] == 0.5


# --- draws


def test_a_study_has_one_shift_for_all_its_files():
    columns, origin = validation.parameter_draws(4000, 7, path=validation.POSTERIOR.parent / "none.nc")
    assert origin == "prior"
    columns[differences.deviation("analgesics")] = np.full(4000, 0.5)  # off as packaged
    one, again, other = (differences.draw_shifts(columns, name, 7) for name in ("one", "one", "other"))
    scores = np.array([one[effect] / columns[differences.deviation(effect)] for effect in differences.EFFECTS])
    for effect, score in zip(differences.EFFECTS, scores, strict=True):
        assert np.array_equal(one[effect], again[effect]) and not np.array_equal(one[effect], other[effect])
        assert stats.kstest(score, "norm").pvalue > 1e-6
    assert np.abs(np.corrcoef(scores) - np.eye(len(scores))).max() < 5 / np.sqrt(4000)
    events = [differences.event_shifts(columns, "one", what, 7) for what in ("pain_flare", "pathological_fracture")]
    assert not np.array_equal(*events)
    assert stats.kstest(events[0] / columns[differences.deviation(differences.EVENT)], "norm").pvalue > 1e-6


def test_shifts_move_what_they_say():
    values = load_registry("trials").values() | {"retreatment.late_rate_per_day": 0.0}
    shifts = {
        "response": 0.5,
        "complete": 0.25,
        "onset": 0.7,
        "questionnaires": -0.4,
        "retreatment": 0.3,
        "analgesics": 0.6,
    }
    moved = differences.shifted(values, shifts)

    def log_odds(p):
        return np.log(p / (1 - p))

    def by(name, transform=float):
        return transform(moved[name]) - transform(values[name])

    assert by("response.cut_overall") == pytest.approx(0.5) and by("response.cut_complete") == pytest.approx(0.75)
    assert by("onset.median_days", np.log) == pytest.approx(0.7)
    assert by("observation.never_returns", log_odds) == pytest.approx(-0.4)
    assert by("retreatment.early_rate_per_day", np.log) == pytest.approx(0.3)
    assert by("analgesic.titration_probability", log_odds) == pytest.approx(0.6)
    assert all(by(name, np.log) == pytest.approx(0.6) for name in differences.ESCALATIONS)
    assert moved["retreatment.late_rate_per_day"] == 0.0
    touched = {
        "response.cut_overall",
        "response.cut_complete",
        "onset.median_days",
        "observation.never_returns",
        differences.TITRATION,
        *differences.ESCALATIONS,
        *differences.OFFER_RATES,
    }
    assert all(moved[name] == value for name, value in values.items() if name not in touched)
    closed = differences.shifted(values, {"complete": -50.0})
    assert closed["response.cut_complete"] - closed["response.cut_overall"] == pytest.approx(differences.NARROWEST)


def test_a_level_moves_how_responses_alone_are_read():
    both = [{"outcome": "overall_response", "measure": "consensus", "when": {"week": 4}, "denominator": "randomised"},
            {"outcome": "survival", "when": {"by_week": 26}, "denominator": "randomised"}]  # fmt: skip
    outcomes = [{**outcome, "observed": [{"events": 5, "n": 10}] * 2} for outcome in both]
    study = prepare_trial(load_trial({**small_mapping(), "outcomes": outcomes}))
    plain, moved = (predict(study, shifts=shifts, n_patients=500) for shifts in (None, {"level": 0.4}))
    assert moved[:2] / (1 - moved[:2]) == pytest.approx(plain[:2] / (1 - plain[:2]) * np.exp(0.4))
    assert np.array_equal(moved[2:], plain[2:])


def test_who_raises_analgesics_moves_what_counts_them():
    """Consensus response fails whoever takes more; where any reduction counts, it helps a little, as analgesics lower pain."""
    outcomes = [{"outcome": "overall_response", "measure": measure, "when": {"week": 12}, "denominator": "assessable",
                 "observed": [{"events": 5, "n": 10}] * 2} for measure in ("consensus", "any_reduction")]  # fmt: skip
    study = prepare_trial(load_trial({**small_mapping(), "outcomes": outcomes}))
    seldom, often = (predict(study, shifts={"analgesics": shift}, n_patients=2000) for shift in (-1.0, 1.0))
    assert (seldom[:2] > often[:2] + 0.1).all()
    assert (often[2:] >= seldom[2:]).all() and (often[2:] - seldom[2:]).max() < 0.1


def test_the_former_name_of_questionnaires_is_still_read(tmp_path):
    def text(keys):
        return SMALL.format(id="t", kind="held_out", first=0.6).replace("arms:", f"observation: {{{keys}}}\narms:")

    path = tmp_path / "trial.yaml"
    path.write_text(text("charts: reported"))
    assert load_trial(path).observation.questionnaires == "reported"
    for keys in ("charts: repotred", "questionnaires: assumed, charts: reported"):
        path.write_text(text(keys))
        with pytest.raises(ConfigError, match="trial.yaml:5: observation.charts: expected"):
            load_trial(path)


@pytest.mark.parametrize(("said", "moves"), [({}, True), ({"questionnaires": "reported"}, False)])
def test_questionnaires_move_only_where_the_paper_is_silent(said, moves):
    study = prepare_trial(load_trial({
        **small_mapping(), "observation": {"visits_weeks": [4], "ever_seen": 0.8, **said},
        "outcomes": [{"outcome": "overall_response", "measure": "consensus", "when": {"week": 4}, "denominator": "randomised",
                      "observed": [{"events": 5, "n": 10}] * 2}],
    }))  # fmt: skip
    values = resolved(study, {"between_trial.questionnaires_mean": -0.5}, {"questionnaires": -0.5})
    odds = 0.25 * np.exp(-1.0) if moves else 0.25
    assert values["observation.never_returns"] == pytest.approx(odds / (1 + odds))


def test_events_of_a_study_have_a_shift_of_their_own():
    outcomes = [{"outcome": what, "when": {"by_week": 26}, "denominator": "randomised", "observed": [{"events": 1, "n": 10}] * 2}
                for what in ("pathological_fracture", "survival")]  # fmt: skip
    study = prepare_trial(load_trial({**small_mapping(), "outcomes": outcomes}))
    p = np.full((500, 4), 0.2)
    columns = {"between_trial.event": np.full(500, 0.3)}
    moved = validation.with_event_shifts(study, p, columns, 3)
    shift = np.log(moved / (1 - moved)) - np.log(0.25)
    assert np.array_equal(moved[:, 2:], p[:, 2:]) and np.array_equal(moved[:, 0], moved[:, 1])
    assert shift[:, 0].std() == pytest.approx(0.3, rel=0.2)


def test_the_posterior_is_used_where_there_is_one(tmp_path):
    path = tmp_path / "posterior.nc"
    names = ["response.cut_overall", "between_trial.response"]
    values = np.column_stack([np.arange(9.0), np.full(9, 0.1)])
    file = xarray.Dataset(
        {"parameter_value": (("draw", "parameter"), values)}, {"draw": np.arange(9), "parameter": names}
    )
    file.to_netcdf(path)
    columns, origin = validation.parameter_draws(4, 7, path=path)
    assert origin == "posterior"
    assert columns["response.cut_overall"].tolist() == [1, 3, 5, 7]  # without the base case
    assert np.all(columns["between_trial.response"] == 0.1)
    prior = load_registry("trials").sample(7, 4)["flare.probability"][1:]
    assert np.array_equal(columns["flare.probability"], prior)
    assert validation.parameter_draws(10, 7, path=path)[0]["response.cut_overall"].tolist() == [*range(1, 9), 1, 2]


def test_coverage_of_trials_that_the_model_made():
    """Fake trials from the model, each at a draw and luck of its own: 95 % intervals hold 95 % of them."""
    outcomes = [
        {"outcome": "overall_response", "measure": "pain_score", "when": {"week": 4}, "denominator": "randomised"},
        {"outcome": "retreatment", "when": {"by_week": 26}, "denominator": "randomised"},
    ]
    n, n_fakes = 80, 200
    blank = {**small_mapping(), "outcomes": [{**o, "observed": [{"events": 0, "n": n}] * 2} for o in outcomes]}
    fake = prepare_trial(load_trial(blank))
    columns, _ = validation.parameter_draws(100, 1)
    (predicted,) = validation.simulate_trials([fake], columns, seed=1, patients=1000)
    truth_columns, _ = validation.parameter_draws(n_fakes, 2)
    (truth,) = validation.simulate_trials([fake], truth_columns, seed=2, patients=1000)
    observed = np.random.default_rng(4).binomial(n, truth) / n
    inside = np.zeros((n_fakes, 4), bool)
    for row in range(4):
        predictive = binomial_mixture(predicted[:, row], n)
        low, high = predictive.quantile(0.025), predictive.quantile(0.975)
        inside[:, row] = (low <= observed[:, row]) & (observed[:, row] <= high)
    by_fake = inside.mean(axis=1)
    # 100 draws find the ends of an interval to about 0.2 standard deviations: a point or two of coverage
    assert by_fake.mean() == pytest.approx(0.95, abs=4 * by_fake.std() / np.sqrt(n_fakes) + 0.02)


def small_mapping():
    return {"radsim_trial": 1, "id": "fake", "citation": "A paper", "kind": "held_out", "arms": [{"schedule": "8Gy/1"}, {"schedule": "20Gy/5"}]}  # fmt: skip


def test_neither_threads_nor_neighbours_change_a_trial():
    a, b = (prepare_trial(trial(name)) for name in "ab")
    columns, _ = validation.parameter_draws(3, 5)
    options = {"seed": 5, "patients": 200}
    alone = validation.simulate_trials([b], columns, threads=1, **options)[0]
    assert np.array_equal(validation.simulate_trials([a, b], columns, threads=3, **options)[1], alone)
    values, shifts = (
        {name: x[1] for name, x in each.items()} for each in (columns, differences.draw_shifts(columns, "b", 5))
    )
    again = predict(b, values, shifts=shifts, seed=5 + validation.SEED_STRIDE, n_patients=200)
    assert np.array_equal(again, alone[1])


def test_threads_report_progress():
    seen = []
    validation.validate(trial(), draws=3, patients=50, progress=lambda *at: seen.append(at))
    assert seen == [(1, 3), (2, 3), (3, 3)]


# --- the door and the command


def test_the_document(run, tmp_path):
    (tmp_path / "new.yaml").write_text(small(first=0.01))
    code, out, err = run("new.yaml", "--json")
    document = json.loads(out)
    rows, contrasts = document["rows"], document["contrasts"]
    assert [set(row) >= ROW_KEYS for row in rows] == [True, True]
    assert set(contrasts[0]) >= CONTRAST_KEYS and len(contrasts) == 1
    assert list(rows[0]["quantiles"]) == ["0.025", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.975"]
    values = list(rows[0]["quantiles"].values())
    assert values == sorted(values) and (values[0], values[-1]) == (rows[0]["low95"], rows[0]["high95"])
    assert [row["inside"] for row in rows] == [row["low95"] <= row["observed"] <= row["high95"] for row in rows]
    assert contrasts[0]["observed_difference"] == pytest.approx(0.01 - 30 / 48)
    assert (rows[0]["observed"], rows[0]["n"], rows[0]["when"]) == (0.01, 50, {"week": 4})
    held_out = document["summary"]["held_out"]
    assert (held_out["arms"], held_out["coverage95"]) == (2, 0.5)
    assert document["summary"]["calibration"]["coverage95"] is None
    assert held_out["scored"] == 2  # against the calibration trials that are shipped
    assert code == 3 and "held-out coverage 50 %" in err


def test_the_door_takes_what_the_command_takes(tmp_path):
    (tmp_path / "new.yaml").write_text(small())
    options = {"draws": 3, "patients": 100}
    by_path, by_folder, by_trial = (
        radsim.validate(what, **options)
        for what in (str(tmp_path / "new.yaml"), [tmp_path], load_trial(tmp_path / "new.yaml"))
    )
    assert by_path["rows"] == by_folder["rows"] == by_trial["rows"]
    mixed = radsim.validate((each for each in [tmp_path / "new.yaml", trial()]), **options)["rows"]
    assert mixed[:2] == by_path["rows"] and len(mixed) == 4
    assert by_path["rows"] != radsim.validate(tmp_path, **options, seed=1)["rows"]
    with pytest.raises(ConfigError, match="nowhere.yaml"):
        radsim.validate("nowhere.yaml")


@pytest.mark.parametrize("options", [{"draws": 0}, {"patients": 0}, {"seed": -1}, {"seed": 2**53}])
def test_impossible_sizes_are_refused(options):
    with pytest.raises(ValueError, match="expected draws >= 1"):
        radsim.validate(**options)


def test_a_trial_that_calibrates_enters_the_reference_and_one_given_replaces_that_shipped():
    shipped = validation.reference_trials([])
    assert len(validation.reference_trials([trial("new")])) == len(shipped) + 1 > 20
    (again,) = [each for each in validation.reference_trials([trial("hoskin-1992", kind="held_out")]) if each.id == "hoskin-1992"]  # fmt: skip
    assert again.kind == "held_out"


def test_a_faulty_file_is_named_and_the_others_run(run, tmp_path):
    for name, first in (("a", "60"), ("b", "0.6")):
        (tmp_path / f"{name}.yaml").write_text(small(name, first=first))
    (tmp_path / "c.yaml").write_text(small("c").replace("pain_score", "pain").replace("20Gy/5", "20"))
    (tmp_path / "d.yaml").write_text(small("d").replace(", {events: 30, n: 48}", ""))
    code, out, err = run(tmp_path, "--json")
    assert code == 2
    lines = err.splitlines()
    assert [line.split(": expected")[0] for line in lines] == [
        "a.yaml:11: outcomes[0].observed[0].proportion", "c.yaml:5: arms[1].schedule", "c.yaml:8: outcomes[0].measure",
        "d.yaml:11: outcomes[0].observed",
    ]  # fmt: skip
    document = json.loads(out)
    assert {row["trial"] for row in document["rows"]} == {"b"} and document["faults"] == lines


@pytest.mark.parametrize("content", [None, small(first=60)])
def test_nothing_to_run_is_a_fault(run, tmp_path, content):
    (tmp_path / "folder").mkdir()
    if content is not None:
        (tmp_path / "folder" / "x.yaml").write_text(content)
    code, out, err = run(tmp_path / "folder")
    assert (code, out) == (2, "") and "expected" in err and "Traceback" not in err


def test_the_table_fits_80_columns(run):
    code, out, err = run()
    assert code in (0, 3)
    assert max(map(len, out.splitlines())) <= 80
    for part in ("Overall response, held out (%)", "price-1986", "Chow 2012", "Held out: ", "skill", radsim.SCOPE):
        assert part in out
    headings = [line.split() for line in out.splitlines() if line.startswith("trial ")]
    assert headings and all(
        heading == ["trial", "arm", "measure", "weeks", "n", "observed", "predicted"] for heading in headings
    )
    words = " ".join(out.split())
    assert f"{DRAWS} draws of the" in words and f"{PATIENTS} virtual patients" in words


def test_coverage_at_the_limit_holds():
    def document(coverage, arms=10):
        return {"summary": {"held_out": {"arms": arms, "coverage95": coverage}}}

    assert validation.holds(document(0.9)) and not validation.holds(document(0.89))
    assert validation.holds(document(np.nan, arms=0))


def test_options_of_the_command_are_those_of_the_door():
    defaults = {option.name: option.default for option in cli.command.params}
    assert (defaults["draws"], defaults["patients"]) == (validation.N_DRAWS, validation.N_PATIENTS)


def test_weeks_in_words():
    assert weeks({"week": 4.0}) == "4"
    assert weeks({"best_within_weeks": 12.0, "from": "end_of_treatment"}) == "best +12"
    assert weeks({"by_week": 1.5}) == "by 1.5"


def test_the_interval_of_a_share():
    """Wilson's interval of 1 in 10, as published (0.0179, 0.4042)."""
    assert wilson(0.1, 10) == pytest.approx([0.0179, 0.4042], abs=5e-5)


@pytest.mark.parametrize(("name", "start"), [("f.png", b"\x89PNG"), ("f.svg", b"<?xml"), ("f.pdf", b"%PDF")])
def test_the_figure(run, tmp_path, name, start):
    pytest.importorskip("matplotlib")
    (tmp_path / "new.yaml").write_text(small())
    assert run("new.yaml", "--plot", name)[0] in (0, 3)
    assert (tmp_path / name).read_bytes().startswith(start)
    code, out, err = run("new.yaml", "--plot", name)
    assert (code, out) == (2, "") and "--force" in err


def test_a_figure_of_another_type_is_refused(run, tmp_path):
    (tmp_path / "new.yaml").write_text(small())
    code, out, err = run("new.yaml", "--plot", "f.bmp")
    assert (code, out) == (2, "") and ".png" in err
