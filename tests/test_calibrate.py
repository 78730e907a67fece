"""The calibration: its format, its pieces against closed forms, the packaged posterior, and how draws come out of it."""

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest, multivariate_normal
from studies import study
from verification.hypotheses import VARIANTS, WIDE, Held, log_densities, wide_prior
from verification.left_out import blind_to, log_normal, predict_left_out
from verification.sbc import recover

from radsim.calibrate import load_settings
from radsim.calibrate.bank import Points, Prior, around, fill
from radsim.calibrate.conditional import DUTCH_DAYS, DUTCH_VISITS_WEEKS, READERS, figures_of, repeats_by, repeats_of
from radsim.calibrate.curves import ALL_EFFECTS, STEPS, simulate_curves, through
from radsim.calibrate.diagnostics import effective_size, rank_normalised_rhat
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.likelihood import N_EFFECTS, Posterior, make_likelihood
from radsim.calibrate.report import wilson
from radsim.calibrate.sampler import sample
from radsim.calibrate.targets import Target, Targets, calibration_trials, corrected_logit, discount, expit
from radsim.cli.main import main
from radsim.engine import record_trajectories
from radsim.evidence import (
    OWN_LOCATION,
    POSTERIOR,
    EvidenceError,
    Registry,
    load_posterior,
    load_priors,
    load_registry,
    posterior_summary,
    prior_fingerprint,
)  # fmt: skip
from radsim.kernel import layout
from radsim.storage import UsageFault, read_netcdf
from radsim.trials import shipped_trials
from radsim.trials.individuals import questionnaires
from radsim.yaml.faults import ConfigError

CONFIG = Path(__file__).parent.parent / "configs" / "calibration.yaml"
PATIENTS = 1500  # of whom a few are repeated after several fractions without response, whose success is a figure
SMALL = {
    "radsim_calibration": 1, "seed": 7, "bank": {"points": 64, "patients": PATIENTS, "rounds": 2}, "draws": 50,
    "sampler": {"chains": 16, "steps": 40, "burn_in": 60},
    "between_trial": {"analgesics": 0.7},
    "parameters": ["response.cut_overall", "flare.probability"],
}  # fmt: skip


@pytest.fixture(scope="module")
def targets():
    return Targets()


@pytest.fixture(scope="module")
def small(targets):
    settings = load_settings(SMALL)
    prior = Prior(settings.parameters)
    points = fill(targets, prior, n_points=64, n_patients=PATIENTS, seed=7)
    curves = simulate_curves(targets, prior, settings, n_patients=PATIENTS)
    return settings, prior, points, curves


@pytest.fixture(scope="module")
def packaged():
    return read_netcdf(POSTERIOR)


# --- what is asked ------------------------------------------------------------------------------------------


def test_the_former_name_of_a_scale_is_still_read():
    between = load_settings({**SMALL, "between_trial": {"charts": 0.2}}).between_trial
    assert between.questionnaires == 0.2
    with pytest.raises(ConfigError, match="between_trial.charts: expected"):
        load_settings({**SMALL, "between_trial": {"charts": 0.2, "questionnaires": 0.3}})


def test_the_shipped_configuration_loads():
    settings = load_settings(CONFIG)
    assert settings.draws == 4000 and len(settings.names) == len(set(settings.names)) >= 15


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parameters": ["flare.probabilty"]}, "did you mean flare.probability"),
        ({"parameters": ["flare.earliest_day"]}, "with an uncertainty"),
        ({"parameters": ["flare.probability", "flare.probability"]}, "each parameter once"),
        ({"parameters": []}, "parameters"),
        ({"parameters": [{"name": "flare.probability", "widen": 2}]}, "one of the keys: name, draws"),
        ({"bank": {"points": 100, "patients": 300}}, "a power of two"),
        ({"sampler": {"chain": 40}}, "chains"),
        ({"radsim_calibration": 2}, "the version of the format"),
        ({"seed": -1}, "a whole number"),
    ],
)
def test_faults_of_a_configuration_say_what_was_expected(changes, said):
    with pytest.raises(ConfigError, match=said):
        load_settings({**SMALL, **changes})


def test_faults_have_lines(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(
        "radsim_calibration: 1\nseed: 1\nbank: {points: 100}\nnonsense: 3\nparameters: [flare.probability]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    lines = [fault.line for fault in caught.value.faults]
    assert sorted(lines) == [3, 4]


# --- what is met --------------------------------------------------------------------------------------------


def test_held_out_trials_never_calibrate(targets, packaged):
    held_out = {trial.id for trial in shipped_trials() if trial.kind != "calibration"}
    assert held_out
    assert not held_out & {row.trial for row in targets.rows}
    assert not held_out & {study.trial.id for study in targets.studies}
    record = json.loads(packaged.attrs["radsim_record"])
    assert record["trials"] and not held_out & set(record["trials"])
    with pytest.raises(ValueError, match="held-out trials never calibrate"):
        calibration_trials(shipped_trials())


def test_conditional_figures_are_among_the_targets(targets):
    asked = [(trial, figure) for trial in READERS for figure in figures_of(trial)]
    names = [figure.name for _, figure in asked]
    assert len(names) == len(set(names))
    assert [(r.trial, r.outcome, r.what, r.arm, r.observed, r.n) for r in targets.rows[-len(asked) :]] == [
        (trial, figure.outcome, figure.what, figure.arm, figure.observed, figure.n) for trial, figure in asked
    ]
    p, n = targets.simulate({}, seed=3, n_patients=3000)
    assert np.isfinite(p).all() and (n > 0).all() and len(p) == len(targets.rows)
    found = dict(zip(names, p[-len(asked) :], strict=True))
    assert found["response_dying"] < found["response_living"]
    assert found["repeated_none_multiple"] < found["repeated_none_single"]
    assert found["later_change"] < found["early_change"] < 0.5  # pain falls


def test_progression_is_what_questionnaires_show_before_the_repeat_and_within_two_years():
    s = study(
        n=2000,
        schedules=("8Gy/1",),
        evidence="trials",
        observation={"never_returns": 0.0, "attendance": 1.0},
        parameters={"observation.near_death_ratio": 1.0},
    )
    patients, (trajectories,) = record_trajectories(s, 0, 2000)
    shown = questionnaires(s, patients, trajectories, 7.0 * np.array(DUTCH_VISITS_WEEKS), measure="pain_score")
    again, progressed, failed, late = [], [], [], 0
    for i, (patient, one) in enumerate(zip(patients, trajectories, strict=True)):
        repeat = one["start"][1] if one["n_courses"] > 1 else np.inf
        late += DUTCH_DAYS < repeat < np.inf
        again.append(repeat <= DUTCH_DAYS)
        before = [7.0 * week < repeat and 7.0 * week < one["time_to_death"] for week in DUTCH_VISITS_WEEKS]
        scores = shown.stated[before, i]
        unoperated = [7.0 * week < one["surgery"] for week in DUTCH_VISITS_WEEKS]
        drops = [
            (score == 0 or patient["pain"] - score >= 2) and untouched
            for score, untouched in zip(scores, np.array(unoperated)[before], strict=True)
        ]
        first = drops.index(True) if any(drops) else len(drops)
        progressed.append(any(score >= patient["pain"] for score in scores[first:]))
        failed.append(len(drops) > 0 and not any(drops))
    again, progressed, failed = np.array(again), np.array(progressed), np.array(failed)
    found = repeats_of(s, patients, trajectories)
    assert late > 0  # so that the two years matter
    assert found["repeated_progress"] == ((again & progressed).sum(), progressed.sum())
    assert found["repeated_none"] == ((again & failed).sum(), failed.sum())
    ever = trajectories["n_courses"] > 1
    none = trajectories["response_class"][:, 0] < layout.PARTIAL
    assert 0 < found["success_none"][0] < found["success_none"][1] == (ever & none).sum()
    by_year, all_repeats = repeats_by(trajectories, 364.0)
    assert 0 < by_year < all_repeats == again.sum()


def test_the_discount_is_the_design_effect():
    rows = [
        Target("t", "s", "overall_response", what, arm, 0.5, 10) for what, arm in (("a", "1"), ("b", "1"), ("a", "2"))
    ]
    rows.append(Target("t", "s", "survival", "a", "1", 0.5, 10))
    assert discount(rows, 0.5).tolist() == [1.5, 1.5, 1.0, 1.0]
    rows.append(Target("t", "s", "overall_response", "a", "both", 0.5, 10))
    assert discount(rows, 0.5).tolist() == [2.0, 2.0, 1.5, 1.0, 2.5]


def test_what_is_left_out_informs_nothing(targets, small):
    settings, prior, points, curves = small
    emulator = Emulator(points.scores, points.logits)
    out = targets.fitted(("dosis-2024", "sc24-2021 survival"))
    assert {(r.trial, r.outcome) for r, kept in zip(targets.rows, out, strict=True) if not kept} == {
        ("dosis-2024", "overall_response"), ("sc24-2021", "survival"),
    }  # fmt: skip
    likelihood = make_likelihood(targets, emulator, curves, settings.model_copy(update={"leave_out": ("chow-2004",)}))
    mean, none = emulator(np.zeros((1, 2))), np.zeros((1, likelihood.n_shifts))
    moved = mean.copy()
    moved[0, [row.trial == "chow-2004" for row in targets.rows]] += 0.5
    (before,), (after,) = (likelihood(x, np.ones((1, N_EFFECTS)), none)[0] for x in (mean, moved))
    assert after == pytest.approx(before, abs=1e-3)


def test_logits_are_finite_at_the_ends_and_right_between():
    assert np.isfinite(corrected_logit(np.array([0.0, 1.0]), np.array([10.0, 10.0]))).all()
    assert expit(corrected_logit(0.3, 1e9)) == pytest.approx(0.3, rel=1e-8)


def test_wilson_is_the_textbook_interval():
    low, high = wilson(np.array([0.5]), np.array([10.0]))
    assert (low[0], high[0]) == (pytest.approx(0.2366, abs=1e-4), pytest.approx(0.7634, abs=1e-4))


# --- bank and emulator --------------------------------------------------------------------------------------


def test_the_bank_does_not_depend_on_threads(targets, small):
    settings, prior, points, curves = small
    again = fill(targets, prior, n_points=64, n_patients=PATIENTS, seed=7, threads=1)
    assert np.array_equal(points.logits, again.logits)


def test_too_few_patients_are_refused_with_how_many_would_do():
    """Of 100 patients after 24Gy/6 nobody may be irradiated again, and nobody's repeat succeeds or fails."""
    dutch = Targets([trial for trial in shipped_trials() if trial.id == "steenland-1999"])
    names = ["retreatment.early_rate_per_day", "retreatment.willingness_ratio"]
    prior = Prior(load_settings({**SMALL, "parameters": names}).parameters)
    texts = []
    for threads in (1, 2):
        with pytest.raises(UsageFault) as caught:
            fill(dutch, prior, n_points=64, n_patients=100, seed=7, threads=threads)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]
    said = re.fullmatch(
        r"bank\.patients: expected so many .* figure, about ([0-9,]+) or more, found 100, of whom nobody is in that of steenland-1999: .*",
        texts[0],
    )
    assert said and 200 <= int(said[1].replace(",", "")) <= 100_000


def test_a_quadratic_is_emulated_exactly():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 4))

    def truth(z):
        return np.stack([1 + z[:, 0] - 2 * z[:, 1] ** 2, z[:, 0] * z[:, 1] + z[:, 3], 0.1 * z[:, 2]], axis=1)

    emulator = Emulator(x, truth(x))
    new = rng.normal(size=(50, 4))
    assert np.abs(emulator(new) - truth(new)).max() < 0.05
    assert np.allclose(emulator.gradient(np.zeros(4))[:, 2], [0, 0, 0.1, 0], atol=1e-6)


def test_leave_out_error_is_that_of_leaving_out():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 2))
    y = (x[:, :1] + 0.3 * rng.normal(size=(40, 1))).astype(float)
    emulator = Emulator(x, y)
    left = []
    for i in range(40):
        free, products = emulator._terms(np.delete(x, i, 0))
        design = np.concatenate([free, products], axis=1)
        found = []
        for penalty in (1e6,):  # products all but absent: ordinary least squares of the rest
            ridge = np.diag([0.0] * free.shape[1] + [penalty] * products.shape[1])
            weights = np.linalg.solve(design.T @ design + ridge, design.T @ np.delete(y, i, 0))
            new = np.concatenate(emulator._terms(x[i : i + 1]), axis=1)
            found.append((y[i] - new @ weights)[0])
        left.append(found[0])
    assert emulator.leave_out_error[0] <= np.sqrt(np.mean(np.square(left))) * (1 + 1e-3)


# --- likelihood and sampler ---------------------------------------------------------------------------------


def posterior_of(targets, small):
    settings, prior, points, curves = small
    emulator = Emulator(points.scores, points.logits)
    return Posterior(make_likelihood(targets, emulator, curves, settings), emulator, len(prior.names))


def test_the_likelihood_is_the_multivariate_normal(targets, small):
    posterior = posterior_of(targets, small)
    likelihood, emulator, curves = posterior.likelihood, posterior.emulator, posterior.likelihood.curves
    rng = np.random.default_rng(3)
    scores, deviations, shifts = posterior.split(rng.normal(size=(4, posterior.n_dimensions)))
    found, _ = likelihood(emulator(scores), deviations, shifts)
    signed = np.concatenate(
        [deviations * curves.scales[:N_EFFECTS], np.repeat(curves.scales[None, N_EFFECTS:], 4, axis=0)], axis=1
    )
    added, _ = curves(signed[:, curves.pairs[:, 1]] * shifts, len(targets.rows))
    means = emulator(scores) + added
    expected = [multivariate_normal.logpdf(likelihood.observed, mean, likelihood.covariance) for mean in means]
    assert np.diff(found) == pytest.approx(np.diff(expected), rel=1e-9)


def test_slopes_are_those_of_the_density(targets, small):
    posterior = posterior_of(targets, small)
    at = 0.7 * np.random.default_rng(4).normal(size=(2, posterior.n_dimensions))
    _, slopes = posterior(at)
    for i in range(posterior.n_dimensions):
        step = np.zeros(posterior.n_dimensions)
        step[i] = 1e-5
        differences = (posterior(at + step)[0] - posterior(at - step)[0]) / 2e-5
        assert slopes[:, i] == pytest.approx(differences, rel=1e-3, abs=1e-3), i


def test_curves_go_through_their_nodes_and_on():
    nodes = np.zeros((len(ALL_EFFECTS), len(STEPS), 3))
    nodes[0, :, 0] = -0.3 * STEPS
    nodes[0, :, 1] = np.tanh(STEPS)
    nodes[3, :, 2] = 0.1 * STEPS
    scales = np.full(len(ALL_EFFECTS), 0.5)
    uniforms = [["a", "b", "b"]] * len(ALL_EFFECTS)
    curves = through(nodes, scales, uniforms)
    assert curves.pairs.tolist() == [[0, 0], [1, 0], [1, 3]]
    added, _ = curves(np.array([[0.5, -1.0, 1.0], [2.5, 0.0, 3.0]]), 3)
    assert added[0] == pytest.approx([-0.3, np.tanh(-2.0), 0.2])
    assert added[1, [0, 2]] == pytest.approx([-1.5, 0.6])  # straight beyond the last node
    assert curves.loading(3).diagonal() == pytest.approx([-0.6, 2.0 * np.tanh(1.0) / 1.0, 0.2], rel=0.1)
    assert np.count_nonzero(curves.loading(3)) == 3


def test_shifts_act_where_they_should(targets, small):
    """Consensus response of all randomised falls with questionnaires that never return, of the assessable it does not; offers move retreatment."""
    *_, curves = small
    moved = {effect: set(rows.tolist()) for effect, (rows, _) in zip(ALL_EFFECTS, curves.moved, strict=True)}
    for r, row in enumerate(targets.rows):
        if row.outcome in ("survival", "pathological_fracture", "spinal_cord_compression", "pain_flare"):
            assert {effect for effect, rows in moved.items() if r in rows} <= {"event"}, row.label
        assert (r in moved["event"]) == (row.effect == "event")
        if row.trial == "kirkbride-2000" and row.outcome == "overall_response":
            assert r in moved["questionnaires"] and r in moved["response"] and r not in moved["retreatment"]
        if row.trial == "sc20-2014":
            assert r not in moved["questionnaires"], "who was seen is reported"
        if row.outcome == "retreatment":
            assert r in moved["retreatment"]
        assert (r in moved["level"]) == (
            row.outcome in ("overall_response", "complete_response") and "by weeks" not in row.what
        )
        if "consensus" in row.what:
            assert r in moved["analgesics"]
        assert (r in moved["sbrt"]) <= ("sbrt" in row.arm)


def density_of_one_figure(scores):
    """Prior N(0, 1) and one figure, 1, with error ½: mean y / (1 + s²), sd s / √(1 + s²)."""
    residual = 1.0 - scores[:, :1]
    value = -0.5 * (residual[:, 0] ** 2 / 0.25 + (scores**2).sum(axis=1))
    return value, np.concatenate([residual / 0.25, 0.0 * scores[:, 1:]], axis=1) - scores


def test_a_known_posterior_is_sampled():
    def again():
        return sample(density_of_one_figure, 4, chains=40, steps=1000, burn_in=200, seed=1, keep=100_000)

    found = again()
    sd = np.sqrt(0.25 / 1.25)
    n = found.effective_size
    assert n.min() > 2000 and found.rhat.max() < 1.01
    for i, (mean, spread) in enumerate([(0.8, sd), (0, 1), (0, 1), (0, 1)]):
        assert abs(found.scores[:, i].mean() - mean) < 5 * spread / np.sqrt(n[i])
        assert abs(found.scores[:, i].std() - spread) < 10 * spread / np.sqrt(2 * n[i])
    assert np.array_equal(found.scores, again().scores)


def test_the_command_writes_draws_and_repeats_itself(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("c.json").write_text(
        json.dumps(
            {
                **SMALL,
                "draws": 40,
                "bank": {"points": 64, "patients": PATIENTS},
                "sampler": {"chains": 8, "steps": 10, "burn_in": 10},
            }
        )
    )
    for name in ("a.nc", "b.nc"):
        with pytest.raises(SystemExit) as left:
            main(["calibrate", "c.json", "-o", name, "--threads", "2"])
        assert left.value.code == 0
    out = capsys.readouterr().out
    assert "response.cut_overall" in out and "steenland-1999" in out
    first, second = read_netcdf("a.nc"), read_netcdf("b.nc")
    assert np.array_equal(first["parameter_value"], second["parameter_value"])
    assert first.sizes == {"draw": 40, "parameter": 2 + N_EFFECTS}
    report = json.loads(first.attrs["radsim_calibration_report"])
    assert report["sampler"]["effective_size_least"] > 0 and report["targets"]
    record = json.loads(first.attrs["radsim_record"])
    assert record["seed"] == 7 and record["command"].startswith("radsim calibrate c.json")
    with pytest.raises(SystemExit) as left:
        main(["calibrate", "c.json", "-o", "a.nc"])
    assert left.value.code == 2


# --- the packaged posterior ---------------------------------------------------------------------------------


def test_the_packaged_posterior_belongs_to_this_registry_and_these_trials(packaged, targets):
    """If this fails: radsim calibrate configs/calibration.yaml -o radsim/data/draws/posterior.nc --force."""
    record, settings = json.loads(packaged.attrs["radsim_record"]), load_settings(CONFIG)
    stored = record["settings"]
    for parameter in stored["parameters"]:
        assert parameter.pop("widen", 1.0) == 1.0  # a key of the format that drew it, which did nothing there
    assert stored == settings.model_dump(mode="json")
    assert record["targets"] == targets.fingerprint
    assert record["priors"] == prior_fingerprint(load_priors("trials"), settings.names)
    assert POSTERIOR.stat().st_size < 600_000


def test_the_packaged_posterior_was_sampled_enough(packaged):
    report = json.loads(packaged.attrs["radsim_calibration_report"])
    assert report["sampler"]["effective_size_least"] > 4000
    assert report["emulator"]["leave_out_error_median"] < 0.1


@pytest.mark.parametrize("evidence_set", ["trials", "guideline"])
def test_draws_are_rows_of_the_posterior(evidence_set):
    registry, rows = load_registry(evidence_set), load_posterior(POSTERIOR)
    draws = registry.sample(5, 300)
    for name, column in rows.items():
        entry = registry[name]
        assert draws[name][0] == entry.value
        expected = column[:300]
        if name in OWN_LOCATION.get(evidence_set, ()):
            expected = entry.value + (expected - load_registry("trials")[name].value)
        assert np.array_equal(draws[name][1:], np.clip(expected, entry.low, entry.high)), name


def test_what_the_calibration_left_out_has_no_posterior():
    summary = posterior_summary(load_registry("trials"))
    assert "between_trial.level" in summary and "between_trial.analgesics" not in summary


def test_the_guideline_set_keeps_the_location_of_its_cut_point():
    registry = load_registry("guideline")
    draws = registry.sample(5, len(next(iter(load_posterior(POSTERIOR).values()))))
    for name in OWN_LOCATION["guideline"]:
        assert np.mean(draws[name][1:]) == pytest.approx(
            registry[name].value, abs=1e-4
        )  # the mean is kept to five digits


def test_parameters_that_are_not_calibrated_keep_their_prior():
    registry = load_registry("trials")
    a, b = registry.sample(5, 20), registry.sample(6, 20)
    assert "response.log_odds.sbrt" not in load_posterior(POSTERIOR)
    assert not np.array_equal(a["response.log_odds.sbrt"], b["response.log_odds.sbrt"])
    assert np.array_equal(a["onset.median_days"], b["onset.median_days"])


def test_more_draws_than_packaged_are_refused():
    registry = load_registry("trials")
    size = len(load_posterior(POSTERIOR)["onset.median_days"])
    with pytest.raises(EvidenceError, match=f"draws: expected at most {size}.*found {size + 1}"):
        registry.sample(5, size + 1)


def test_overridden_parameters_stay_fixed():
    draws = load_registry("trials").sample(5, 30, {"onset.median_days": 12.0})
    assert np.array_equal(draws["onset.median_days"], np.full(31, 12.0))


def test_the_digest_depends_on_the_posterior(tmp_path):
    registry = load_registry("trials")
    other = tmp_path / "p.nc"
    other.write_bytes(POSTERIOR.read_bytes() + b"x")
    assert Registry([registry[name] for name in registry], posterior=other).digest != registry.digest


# --- each study from the others -----------------------------------------------------------------------------


def test_a_study_left_out_says_nothing(targets, small):
    """Whatever its figures, the prediction is the same (but for a variance of a million): only their density under it is not."""
    settings, prior, points, curves = small
    emulator, study = Emulator(points.scores, points.logits), "hoskin-1992"
    moved = copy.copy(targets)
    moved.rows = tuple(replace(row, observed=0.9) if row.study == study else row for row in targets.rows)
    options = {"chains": 8, "steps": 20, "burn_in": 40}
    first, second = (predict_left_out(study, each, emulator, curves, settings, **options) for each in (targets, moved))
    assert np.abs(first.mean - second.mean).max() < 0.02 and first.log_density > second.log_density + 1.0
    assert [row.study for row in first.rows] == [study] * len(first.inside)
    assert (first.low95 < first.mean).all() and (first.mean < first.high95).all()
    assert not second.inside.all()


def test_what_informs_nothing_is_not_predicted(targets, small):
    settings, prior, points, curves = small
    out = settings.model_copy(update={"leave_out": ("dosis-2024",)})
    assert predict_left_out("dosis-2024", targets, Emulator(points.scores, points.logits), curves, out) is None


def autoregressive(correlation, *, steps=4000, chains=8, seed=3):
    """Chains of unit variance whose neighbouring values are correlated: (1 + r) / (1 - r) of them are worth one independent value."""
    rng = np.random.default_rng(seed)
    chain = rng.standard_normal((steps, chains, len(correlation)))
    for i in range(1, steps):
        chain[i] = correlation * chain[i - 1] + np.sqrt(1.0 - correlation**2) * chain[i]
    return chain


def test_correlated_chains_are_worth_fewer_samples():
    correlation = np.array([0.0, 0.5, 0.9])
    chain = autoregressive(correlation)
    wanted = chain[:, :, 0].size * (1.0 - correlation) / (1.0 + correlation)
    assert effective_size(chain) == pytest.approx(wanted, rel=0.15)
    assert (rank_normalised_rhat(chain) < 1.01).all()


@pytest.mark.parametrize(
    "disturb",
    [
        lambda chain: chain + np.arange(8)[:, None] / 4.0,  # chains in different regions
        lambda chain: chain * (1.0 + np.arange(8)[:, None] / 4.0),  # of one mean, with different spreads
        lambda chain: chain + np.linspace(0.0, 1.0, len(chain))[:, None, None],  # all still moving the same way
    ],
)
def test_chains_that_disagree_have_a_large_rhat(disturb):
    chain = autoregressive(np.array([0.3]))
    assert rank_normalised_rhat(chain)[0] < 1.01 < 1.02 < rank_normalised_rhat(disturb(chain))[0]


def test_heavy_tails_do_not_hide_disagreement():
    """The mean of a Cauchy does not exist: ranks see what variances miss."""
    chain = np.random.default_rng(1).standard_cauchy((2000, 4, 1))
    assert rank_normalised_rhat(chain)[0] < 1.01
    assert rank_normalised_rhat(chain + np.arange(4)[:, None])[0] > 1.05


def test_a_likelihood_can_be_blind(targets, small):
    likelihood = posterior_of(targets, small).likelihood
    rows = np.arange(len(targets.rows)) < 3
    one, other = np.zeros((2, 1, len(targets.rows)))
    other[0, rows] = 2.0
    arguments = np.ones((1, N_EFFECTS)), np.zeros((1, likelihood.n_shifts))
    values = [blind_to(likelihood, rows)(each, *arguments)[0][0] for each in (one, other)]
    assert values[0] == pytest.approx(values[1], abs=1e-4)


def test_the_log_density_is_the_normal_one():
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    residuals = np.array([[0.3, -1.0], [2.0, 0.1]])
    expected = multivariate_normal.logpdf(residuals, cov=covariance)
    assert log_normal(residuals, covariance) == pytest.approx(expected, rel=1e-12)


def test_an_effect_of_scale_zero_is_none(targets, small):
    settings, prior, *_ = small
    off = settings.model_copy(update={"between_trial": settings.between_trial.model_copy(update={"level": 0.0})})
    curves = simulate_curves(targets, prior, off, n_patients=PATIENTS)
    assert ALL_EFFECTS.index("level") not in curves.pairs[:, 1]


# --- simulation-based calibration ---------------------------------------------------------------------------


@pytest.mark.slow
def test_known_parameters_are_recovered_from_fake_trials(targets):
    settings = load_settings(CONFIG)
    prior = Prior(settings.parameters)
    points = fill(targets, prior, n_points=1024, n_patients=1000, seed=11)
    curves = simulate_curves(targets, prior, settings, n_patients=2000)
    found = recover(points, targets, prior, curves, settings, n_fakes=64)
    assert found.p_uniform.min() > 1e-4, dict(zip(found.names, found.p_uniform, strict=True))
    pooled = (found.ranks + 0.5).ravel() / 64.0
    assert kstest(pooled, "uniform").statistic < 0.05
    by_fake = found.covered.mean(axis=1)
    assert abs(by_fake.mean() - 0.9) < 5 * by_fake.std() / np.sqrt(len(by_fake))


def test_a_small_recovery_has_ranks_in_range(targets, small):
    settings, prior, points, curves = small
    points = Points(points.scores, points.logits)
    found = recover(points, targets, prior, curves, settings, n_fakes=3, chains=2, steps=40, burn_in=30)
    assert found.ranks.shape == found.covered.shape == (3, len(settings.names) + N_EFFECTS)
    assert found.ranks.min() >= 0 and found.ranks.max() <= 63


# --- banks in rounds


def test_an_emulator_around_a_region_is_exact_for_a_quadratic_and_has_its_slopes():
    rng = np.random.default_rng(3)
    centre, scale = np.array([0.8, -1.0, 0.1]), np.array([0.2, 0.4, 1.0])
    scores = centre + scale * rng.standard_normal((200, 3))

    def truth(x):
        return np.stack([1.0 + x[:, 0] - 2.0 * x[:, 1] ** 2 + 0.5 * x[:, 0] * x[:, 2], x[:, 2] ** 2 - x[:, 1]], axis=1)

    emulator = Emulator(scores, truth(scores), centre, scale)
    x = centre + 0.5 * scale * rng.standard_normal((5, 3))
    logits, back = emulator.with_slopes(x)
    assert logits == pytest.approx(truth(x), abs=1e-3) and emulator(x) == pytest.approx(logits, abs=1e-9)
    along = back(np.ones((5, 2)))
    step = 1e-5 * np.eye(3)
    for i in range(3):
        rise = (emulator(x + step[i]) - emulator(x - step[i])).sum(axis=1) / 2e-5
        assert along[:, i] == pytest.approx(rise, abs=1e-5)


def test_the_next_bank_lies_around_the_posterior_but_nowhere_wider_than_the_prior():
    found = np.array([[2.0, -1.0], [2.2, 1.0], [1.8, -1.0], [2.0, 1.0]])
    region = around(found, factor=1.5)
    assert region.centre == pytest.approx([2.0, 0.0]) and region.scale == pytest.approx([1.5 * 0.1 * 2**0.5, 1.0])
    scores = region.scores(np.array([[0.0, 0.0], [9.0, -9.0]]))
    assert scores.tolist()[0] == pytest.approx([2.0, 0.0]) and (np.abs(scores) <= 4.0).all()


# --- what each part earns


def test_a_part_is_taken_out_by_holding_its_parameter_where_it_does_nothing():
    settings = load_settings(CONFIG)
    prior = wide_prior(settings)
    assert {name for held in VARIANTS.values() for name in held} <= set(prior.names) and set(WIDE) <= set(prior.names)
    values = prior.values(np.array([[VARIANTS["none of these"].get(name, 0.0) for name in prior.names]]))[0]
    found = dict(zip(prior.names, values, strict=True))
    assert (
        found["report.slow_sd"] < 0.05
        and found["analgesic.relief_per_increase"] < 0.01
        and found["terminal.mean_days"] < 4.0
    )
    assert found["relapse.complete_median_days"] > 2000.0
    assert found["response.log_odds.single_fraction"] == 0.0 and found["relapse.single_fraction_hazard_ratio"] == 1.0


def test_a_study_is_predicted_from_the_others_as_linear_theory_has_it(targets, small):
    *_, points, curves = small
    rng = np.random.default_rng(5)
    scores = rng.standard_normal((80, 2))
    slopes = np.array([[1.0, 0.5, 0.0], [0.0, 0.3, 2.0]])
    emulator = Emulator(scores, scores @ slopes)
    observed, variance = np.array([0.3, -0.2, 0.7]), np.array([0.04, 0.09, 0.01])
    likelihood = make_likelihood(targets, Emulator(points.scores, points.logits), curves, small[0])
    likelihood = replace(likelihood, observed=observed, covariance=np.diag(variance))
    held = Held(emulator, np.array([np.nan, 0.4]))
    found = log_densities(held, likelihood, np.diag(variance), np.array(["a", "a", "b"]))
    # the second score is held at 0.4; the first is estimated from the study "a" alone, "b" does not depend on it
    assert found["b"] == pytest.approx(-0.5 * (0.7 - 0.8) ** 2 / 0.01 - 0.5 * np.log(2 * np.pi * 0.01), abs=1e-3)
    prior_of_a = slopes[0, :2, None] * slopes[0, None, :2] + np.diag(
        variance[:2]
    )  # "b" tells nothing of the first score
    apart = observed[:2] - np.array([0.0, 0.3 * 0.4])
    expected = -0.5 * apart @ np.linalg.solve(prior_of_a, apart) - 0.5 * np.linalg.slogdet(2 * np.pi * prior_of_a)[1]
    assert found["a"] == pytest.approx(expected, abs=1e-3)
