"""Tails of survival and survival curves of one's own: the maps, the section of a configuration, what is simulated."""

import math

import numpy as np
import pytest
from scipy import stats
from studies import study, time_column, totals

import radsim
from radsim.cohort import build_tables
from radsim.compare.prognosis import kind_of, median_survival_days, prognosis_parameters
from radsim.config import ConfigError, load_config
from radsim.config.dump import resolved_config, to_yaml
from radsim.engine import record_trajectories
from radsim.evidence import load_registry
from radsim.prognosis import Kind, Sample
from radsim.survival_map import Curve, log_generalised_gamma, tail_map
from radsim.sweep import open_sweep

N, Z = 60_000, 5.0
VALUES = load_registry("trials").values()
SCORES = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
PLAIN = {"primary": "breast", "karnofsky": 70, "visceral": False, "age": 40, "sex": "female", "era": "modern"}
NO_BACKGROUND = {f"survival.background.{sex}.log_rate_per_year": -40.0 for sex in ("female", "male")}


def at(survival_map, x):
    grid = survival_map.start + np.arange(len(survival_map.values)) / survival_map.per_unit
    return np.interp(x, grid, survival_map.values)


def mixed(**cohort):
    return study(n=N, schedules=("none",), times_days=[30, 84, 364, 1000], cohort={"era": "modern", **cohort})


def deaths(s, n=N):
    return record_trajectories(s, 0, n)[1]["time_to_death"][0]


def test_the_generalised_gamma_has_the_weibull_and_the_lognormal_in_it():
    weibull = np.log(-np.log(stats.norm.sf(SCORES)))
    assert log_generalised_gamma(SCORES, 1.0) == pytest.approx(weibull, rel=1e-10)
    assert log_generalised_gamma(SCORES, -1.0) == pytest.approx(-weibull[::-1], rel=1e-10)
    assert np.diff(log_generalised_gamma(SCORES, 0.01)) == pytest.approx(np.diff(SCORES), rel=0.05)


@pytest.mark.parametrize("tail", ["weibull", "generalised_gamma"])
def test_a_tail_keeps_the_median_and_the_interquartile_range(tail):
    found = tail_map(tail, VALUES)
    quartile = stats.norm.ppf(0.75)
    assert at(found, 0.0) == pytest.approx(0.0, abs=1e-3)
    assert at(found, quartile) - at(found, -quartile) == pytest.approx(2 * quartile, abs=1e-3)
    assert np.all(np.diff(found.values) > 0)
    assert at(found, 3.0) < 3.0 and at(found, -3.0) < -3.0  # more early deaths, fewer late ones
    assert found.inverse(at(found, SCORES)) == pytest.approx(SCORES, abs=1e-9)


def test_a_lognormal_tail_is_the_same_to_the_bit():
    assert np.array_equal(deaths(mixed()), deaths(mixed(survival={"tail": "lognormal"})))


def test_survival_within_a_prognosis_is_weibull_where_asked():
    s = study(n=N, schedules=("none",), times_days=[7, 30, 364, 1800], parameters=NO_BACKGROUND,
              cohort={**PLAIN, "survival": {"tail": "weibull"}})  # fmt: skip
    median = math.exp(VALUES["survival.log_time.intercept"]) * 365.25 / 12
    spread = np.diff(np.log(-np.log([0.75, 0.25])))[0]
    shape = spread / (2 * stats.norm.ppf(0.75) * VALUES["survival.log_time.sigma"])
    expected = np.exp(-math.log(2) * (s.times_days / median) ** shape)
    alive = time_column(totals(s), "alive")[0] / N
    assert np.all(np.abs(alive - expected) < Z * np.sqrt(expected * (1 - expected) / N) + 1e-3)


@pytest.mark.parametrize("tail", ["weibull", "generalised_gamma"])
def test_the_closed_form_knows_the_tail(tail):
    s = mixed(survival={"tail": tail})
    expected = kind_of(s.config, s.values(0)).survival(s.times_days)
    alive = time_column(totals(s), "alive")[0] / N
    assert np.all(np.abs(alive - expected) < Z * np.sqrt(expected * (1 - expected) / N))


# --- a curve of one's own ---------------------------------------------------------------------------------------


def test_a_curve_by_hand():
    curve = Curve([10, 30], [0.8, 0.4])
    assert curve.quantile([0.1, 0.2, 0.4, 0.6]) == pytest.approx([5.0, 10.0, 20.0, 30.0])
    assert curve.last_hazard == pytest.approx(math.log(2) / 20)
    assert curve.quantile(0.8) == pytest.approx(50.0)  # half of those left, at that hazard
    assert Curve([0, 10, 20], [1, 0.5, 0]).quantile([0.25, 0.75, 1.0]) == pytest.approx([5.0, 15.0, 20.0])


@pytest.mark.parametrize("era", ["1990s", "modern"])
def test_the_cohort_dies_as_the_curve_says_and_keeps_its_ranks(era):
    days, alive = [30, 84, 364, 1000], [0.6, 0.5, 0.2, 0.1]
    own, plain = mixed(era=era, survival={"days": days, "alive": alive}), mixed(era=era)
    found = time_column(totals(own), "alive")[0] / N
    assert np.all(np.abs(found - alive) < Z * np.sqrt(np.multiply(alive, np.subtract(1, alive)) / N) + 2e-3)
    inside = deaths(own) < 1000
    order = np.argsort(deaths(plain)[inside], kind="stable")
    assert np.all(np.diff(deaths(own)[inside][order]) >= 0)


def test_the_curve_holds_in_every_draw():
    s = study(n=N, schedules=("none",), times_days=[84, 364], draws=2,
              cohort={"era": "modern", "survival": {"quantiles": {"0.5": 84, "0.75": 364}}})  # fmt: skip
    for draw in (1, 2):
        alive = 1.0 - np.searchsorted(np.sort(record_trajectories(s, 0, N, draw)[1]["time_to_death"][0]), [84, 364]) / N
        assert alive == pytest.approx([0.5, 0.25], abs=0.012)


def test_beyond_the_curve_nobody_outlives_the_general_population():
    s = mixed(age=95, survival={"days": [30, 60], "alive": [0.9, 0.89]})
    assert len(s.warnings) == 1 and "the curve ends at day 60 with 89 of 100 alive" in s.warnings[0]
    late, background = deaths(s), deaths(mixed(age=95, primary="breast", karnofsky=100))
    assert np.quantile(late, 0.9) < 1.2 * np.quantile(background, 0.9) + 365
    quiet = mixed(survival={"days": [30, 60], "alive": [0.9, 0.0]})
    assert quiet.warnings == () and deaths(quiet).max() <= 60 + 1e-6


def test_a_cohort_file_dies_as_the_curve_says(tmp_path):
    rows = "\n".join(
        f"{p},{k},{a},{s}" for p, s in (("breast", "female"), ("lung", "male")) for k in (50, 80) for a in (50, 80)
    )
    (tmp_path / "patients.csv").write_text("primary,karnofsky,age,sex\n" + rows + "\n")
    s = mixed(file=str(tmp_path / "patients.csv"), survival={"quantiles": {"0.25": 30, "0.5": 84, "0.75": 364}})
    alive = time_column(totals(s), "alive")[0][:3] / N
    assert alive == pytest.approx([0.75, 0.5, 0.25], abs=0.02)


def test_a_sample_has_the_survival_of_its_kind():
    s = mixed()
    days = np.array([30.0, 364.0, 1800.0])
    sample = Sample(record_trajectories(s, 0, 8000)[0], VALUES, "modern").survival(days)
    exact = Kind(build_tables(s.config)[0], VALUES, "modern").survival(days)
    assert sample == pytest.approx(exact, abs=5 * 0.35 / math.sqrt(8000))


def test_the_median_is_that_of_the_curve():
    config = mixed(survival={"quantiles": {"0.25": 40, "0.5": 100}}).config
    assert median_survival_days(config) == 100.0
    with pytest.raises(ConfigError, match="no estimate beside a survival curve"):
        prognosis_parameters(config, 20)


def test_an_estimate_keeps_its_meaning_beside_a_tail():
    config = mixed(primary="lung", survival={"tail": "weibull"}).config
    found = prognosis_parameters(config, 20.0)
    assert median_survival_days(config.model_copy(update={"parameters": found})) == pytest.approx(140.0, rel=1e-9)


# --- the section ------------------------------------------------------------------------------------------------


def written(tmp_path, survival, curve=None, name="curve.csv"):
    if curve is not None:
        (tmp_path / name).write_text(curve)
    path = tmp_path / "study.yaml"
    path.write_text(f"schedules: [8Gy/1]\nseed: 1\ncohort:\n  size: 100\n  survival: {survival}\n")
    return path


@pytest.mark.parametrize(("column", "unit"), [("time_days", 1.0), ("time_weeks", 7.0), ("time_months", 365.25 / 12.0)])
def test_a_curve_file_is_read_once_and_recorded_by_its_content(tmp_path, column, unit):
    path = written(tmp_path, "{file: curve.csv}", f"{column},survival\n0,1\n10,0.7\n20,0.4\n")
    config = load_config(path)
    assert config.cohort.survival.points == ((0.0, 10.0 * unit, 20.0 * unit), (1.0, 0.7, 0.4))
    (tmp_path / "curve.csv").unlink()
    again = load_config(resolved_config(config))
    assert again == config and again.cohort.survival.file == "curve.csv"
    assert len(config.cohort.survival.file_sha256) == 64
    (tmp_path / "again.yaml").write_text(to_yaml(config))
    assert load_config(tmp_path / "again.yaml") == config


@pytest.mark.parametrize(
    ("survival", "expected"),
    [
        ("{tail: cauchy}", "cohort.survival.tail: expected one of lognormal, weibull, generalised_gamma"),
        ("{}", "cohort.survival: expected one of tail, quantiles, file"),
        ("{tail: weibull, quantiles: {0.5: 90}}", "cohort.survival: expected one of tail, quantiles, file"),
        ("{quantiles: {1.5: 90}}", "cohort.survival.quantiles: expected shares that have died above 0 and below 1"),
        ("{quantiles: {0.25: 90, 0.5: 30}}", "cohort.survival.quantiles: expected times that increase, above 90 d"),
        (
            "{days: [10, 20], alive: [0.5, 0.6]}",
            "cohort.survival.days: expected survival that does not rise, at most 0.5",
        ),
        ("{days: [0, 20], alive: [0.9, 0.6]}", "cohort.survival.days: expected survival of 1 at time 0, found 0.9"),
        ("{days: [10, 20], alive: [1, 1]}", "cohort.survival.days: expected a curve on which somebody dies"),
        ("{days: [10, 20], alive: [0.5]}", "cohort.survival.days: expected as many shares alive as days"),
        ("{days: [10, 20]}", "cohort.survival: expected days and alive beside each other"),
        ("{file: absent.csv}", 'cohort.survival.file: expected a readable file, found "absent.csv": no such file'),
        ("{tial: weibull}", "cohort.survival.tial: expected one of the keys"),
    ],
)
def test_a_contradiction_is_refused(tmp_path, survival, expected):
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, survival))
    assert any(line.startswith("study.yaml:5: " + expected) for line in str(caught.value).splitlines()), caught.value


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ("days,survival\n1,0.5\n", "curve.csv:1: columns: expected two columns, survival and one of time_days"),
        ("time_days,time_weeks,survival\n1,1,0.5\n", "curve.csv:1: columns: expected two columns"),
        ("time_days,survival\n10,1.5\n", 'curve.csv:2: row 1: survival: expected a number from 0 to 1, found "1.5"'),
        ("time_days,survival\nx,0.5\n", 'curve.csv:2: row 1: time_days: expected a number from 0 to 36525, found "x"'),
        (
            "time_days,survival\n10,0.5\n20,0.6\n",
            "curve.csv: expected survival that does not rise, at most 0.5 at 20 d",
        ),
    ],
)
def test_a_faulty_curve_file_is_refused(tmp_path, curve, expected):
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, "{file: curve.csv}", curve))
    assert str(caught.value).startswith(expected)


def test_a_result_records_the_curve_and_is_repeated_without_the_file(tmp_path, run):
    path = written(tmp_path, "{file: curve.csv}", "time_weeks,survival\n4,0.8\n12,0.5\n40,0.2\n")
    done = run("run", str(path), "-o", str(tmp_path / "a.nc"))
    assert "the curve ends at day 280 with 20 of 100 alive" in done.err.replace("\n", " ")
    (tmp_path / "curve.csv").unlink()
    run("rerun", str(tmp_path / "a.nc"), "-o", str(tmp_path / "b.nc"))
    shown = run("show", str(tmp_path / "b.nc"))
    assert "curve.csv (sha256" in shown.out


def test_a_sweep_over_tails(tmp_path, run):
    (tmp_path / "base.yaml").write_text("schedules: [8Gy/1, none]\nseed: 1\ncohort: {size: 2000, era: modern}\n")
    (tmp_path / "sweep.yaml").write_text("base: base.yaml\ngrid:\n  cohort.survival.tail: [lognormal, weibull]\n")
    run("sweep", str(tmp_path / "sweep.yaml"), "-o", str(tmp_path / "s.zarr"), "--yes")
    swept = open_sweep(tmp_path / "s.zarr").load()
    for i, tail in enumerate(("lognormal", "weibull")):
        config = load_config(tmp_path / "base.yaml", overrides={"cohort.survival.tail": tail})
        alone = radsim.simulate(config, threads=1)
        assert np.array_equal(swept["life_years"].values[i], alone["life_years"].values)
    assert not np.array_equal(*swept["life_years"].values)
