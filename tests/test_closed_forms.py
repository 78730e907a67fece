"""Special cases with an answer on paper.

Each comparison allows five standard errors from theory: about one false alarm in 10,000 for a suite of 200 such comparisons in a
*correct rewrite*; with a fixed seed and fixed code none.
"""

import math

import numpy as np
import pytest
from scipy import integrate, stats
from studies import flag, study, time_column, totals

from radsim.engine import record_trajectories
from radsim.kernel.layout import COMPLETE, PARTIAL, SPINE

N = 100_000
Z = 5.0
PLAIN = {
    "primary": "other",
    "karnofsky": 70,
    "visceral": False,
    "neuropathic": False,
    "age": 40,
    "sex": "female",
    "site": "rib",
}
NO_BACKGROUND = {
    "survival.background.female.log_rate_per_year": -40.0, "survival.background.male.log_rate_per_year": -40.0,
    "survival.log_time.other": 0.0,
}  # fmt: skip
NO_RESPONSE = {"response.cut_overall": 60.0, "response.cut_complete": 61.0}
STATED_AS_FELT = {"report.slow_sd": 0.0, "analgesic.relief_per_increase": 0.0, "fracture.rate_per_day.rib": 0.0}

DISEASE_FAR_OFF = {"survival.log_time.intercept": 12.0, "survival.log_time.era_1990s": 5.0}


def plain(*, cohort=None, parameters=None, **changes):
    return study(n=N, cohort={**PLAIN, **(cohort or {})}, parameters={**NO_BACKGROUND, **(parameters or {})}, **changes)


def assert_share(count, probability, n=N):
    """A binomial count within five standard errors of its expectation."""
    assert abs(count - n * probability) < Z * math.sqrt(n * probability * (1 - probability)) + 1e-9


def lognormal_survival(t, values, *, more_months=0.0):
    months = values["survival.log_time.intercept"] + more_months
    return stats.lognorm.sf(t, values["survival.log_time.sigma"], scale=math.exp(months) * 365.25 / 12)


@pytest.mark.parametrize("era", ["1990s", "modern"])
def test_survival_of_the_reference_patient_is_lognormal(era):
    s = plain(schedules=("none",), times_days=[30, 84, 364, 1000], cohort={"era": era})
    values = s.values(0)
    shift = values["survival.log_time.era_1990s"] if era == "1990s" else 0.0
    for t, count in zip(s.times_days, time_column(totals(s), "alive")[0], strict=True):
        assert_share(count, lognormal_survival(t, values, more_months=shift))


@pytest.mark.parametrize(
    ("cohort", "terms"),
    [
        ({"primary": "prostate", "sex": "male", "visceral": True}, {"prostate": 1, "visceral": 1}),
        ({"primary": "lung", "visceral": True}, {"lung": 1}),
        ({"karnofsky": 50}, {"per_ten_karnofsky": -2}),
        ({"karnofsky": 100}, {"per_ten_karnofsky": 1}),  # the cap
        ({"primary": "breast", "subtype": "triple_negative"}, {"subtype.triple_negative": 1}),
    ],
)
@pytest.mark.parametrize("era", ["1990s", "modern"])
def test_a_prognosis_stretches_survival_by_a_factor(cohort, terms, era):
    s = plain(schedules=("none",), times_days=[84, 364], cohort={**cohort, "era": era})
    values = s.values(0)
    stretch = sum(n * values[f"survival.log_time.{name}"] for name, n in terms.items())
    if era == "1990s":
        stretch = values["survival.log_time.era_1990s"] + values["survival.log_time.era_1990s_prognosis"] * stretch
    for t, count in zip(s.times_days, time_column(totals(s), "alive")[0], strict=True):
        assert_share(count, lognormal_survival(t, values, more_months=stretch))


def test_general_population_death_by_gompertz():
    rates = {"survival.background.female.log_rate_per_year": -10.0, "survival.background.female.slope_per_year": 0.1,
             **DISEASE_FAR_OFF}  # fmt: skip
    s = plain(schedules=("none",), times_days=[1000, 1800], cohort={"age": 90}, parameters=rates)
    for t, count in zip((1000, 1800), time_column(totals(s), "alive")[0], strict=True):
        hazard = math.exp(-10 + 0.1 * 90)
        assert_share(count, math.exp(-hazard / 0.1 * math.expm1(0.1 * t / 365.25)))


def test_ordered_logit_without_frailty():
    s = plain(
        schedules=("8Gy/1", "none"),
        cohort={"pain": 8},
        parameters={"response.frailty": 0.0, "response.log_odds.other": 0.0, "response.log_odds.single_fraction": 0.3,
                    "response.complete_log_odds.single_fraction": -0.2},
    )  # fmt: skip
    values = s.values(0)
    _, lives = record_trajectories(s, 0, N)
    for life, shift, complete in ((lives[0], 0.3, 0.1), (lives[1], *[values["response.log_odds.no_irradiation"]] * 2)):
        classes = life["response_class"][:, 0]
        assert_share((classes >= PARTIAL).sum(), 1 / (1 + math.exp(values["response.cut_overall"] - shift)))
        assert_share((classes == COMPLETE).sum(), 1 / (1 + math.exp(values["response.cut_complete"] - complete)))


def test_ordered_logit_with_frailty_is_a_normal_mixture():
    s = plain(schedules=("8Gy/1",), parameters={
        "response.frailty": 1.3, "response.log_odds.other": 0.0, "response.log_odds.single_fraction": 0.0,
    })  # fmt: skip
    cut = s.values(0)["response.cut_overall"]
    expected, _ = integrate.quad(lambda z: stats.norm.pdf(z) / (1 + math.exp(cut - 1.3 * z)), -9, 9)
    assert_share((record_trajectories(s, 0, N)[1]["response_class"][0, :, 0] >= PARTIAL).sum(), expected)


def test_an_exponential_that_competes_with_lognormal_death():
    s = plain(schedules=("none",), horizon_days="lifetime", cohort={"site": "spine", "era": "modern"},
              parameters={"cord_compression.rate_per_day": 0.002})  # fmt: skip
    assert record_trajectories(s, 0, 10)[0]["site"].tolist() == [SPINE] * 10
    scale, sigma = (
        math.exp(s.values(0)["survival.log_time.intercept"]) * 365.25 / 12,
        s.values(0)["survival.log_time.sigma"],
    )
    dead_before, _ = integrate.quad(
        lambda z: stats.norm.pdf(z) * math.exp(-0.002 * scale * math.exp(sigma * z)), -9, 9, epsabs=1e-12
    )
    assert_share(flag(totals(s), "cord_compression")[0], 1.0 - dead_before)


def test_piecewise_fracture_hazard():
    rates = {"fracture.high_risk.early_rate_per_day": 0.004, "fracture.high_risk.late_rate_per_day": 0.001,
             "fracture.high_risk.early_until_days": 61.0, "fracture.lytic_rate_ratio": 1.0, "fracture.single_fraction_rate_ratio": 1.0,
             **DISEASE_FAR_OFF}  # fmt: skip
    s = plain(schedules=("8Gy/1",), times_days=[30, 61, 200], parameters=rates,
              cohort={"site": "hip", "cortical_involvement_mm": 40})  # fmt: skip
    fractured = time_column(totals(s), "fractured")[0]
    for t, count in zip((30, 61, 200), fractured, strict=True):
        assert_share(count, 1 - math.exp(-(0.004 * min(t, 61) + 0.001 * max(t - 61, 0))))


def test_mean_days_alive_is_the_area_under_survival():
    s = plain(schedules=("none",), horizon_days=500, times_days=[7])
    values = s.values(0)
    shift = values["survival.log_time.era_1990s"]
    mean, _ = integrate.quad(lambda t: lognormal_survival(t, values, more_months=shift), 0, 500)
    square, _ = integrate.quad(lambda t: 2 * t * lognormal_survival(t, values, more_months=shift), 0, 500)
    lived = totals(s).patient[..., 0].sum()
    assert abs(lived / N - mean) < Z * math.sqrt((square - mean**2) / N)


def test_onset_and_the_ends_of_relief_are_lognormal():
    def gaps(begin, end, **parameters):
        s = plain(schedules=("20Gy/5",), parameters={**DISEASE_FAR_OFF, **parameters})
        life = record_trajectories(s, 0, N)[1][0]
        life = life[np.isfinite(life[end][:, 0])]
        return s.values(0), np.log(life[end][:, 0] - (life[begin][:, 0] if begin else 0.0))

    for begin, end, median, sigma, parameters in (
        (None, "onset", "onset.median_days", "onset.sigma", {}),
        ("onset", "relapse", "relapse.median_days", "relapse.sigma", {}),
        ("onset", "fade", "relapse.complete_median_days", "relapse.sigma", {"relapse.median_days": 1e6}),
    ):
        values, sample = gaps(begin, end, **parameters)
        assert len(sample) > N / 20
        assert stats.kstest(sample, "norm", (np.log(values[median]), values[sigma])).pvalue > 1e-6, end


def test_the_last_weeks_are_exponential():
    life = record_trajectories(plain(schedules=("none",), parameters={"terminal.mean_days": 40.0}), 0, N)[1][0]
    assert stats.kstest(life["time_to_death"] - life["terminal"], "expon", (0, 40.0)).pvalue > 1e-6


def test_true_pain_at_the_start_and_deviations_are_normal():
    values = {"report.slow_sd": 0.5, "report.at_start_mean": 6.0, "report.at_start_sd": 1.0}
    life = record_trajectories(plain(schedules=("none",), cohort={"pain": 5}, parameters=values), 0, N)[1][0]
    assert stats.kstest(life["pain"], "norm", (6.0 - 0.75, 0.5 * math.sqrt(0.75))).pvalue > 1e-6
    assert stats.kstest(life["deviation"], "norm", (0, 0.5)).pvalue > 1e-6
    assert abs(np.corrcoef(life["pain"], life["deviation"])[0, 1]) < Z / math.sqrt(N)


def test_repeats_of_constant_need_come_at_two_rates():
    rates = {"retreatment.early_rate_per_day": 0.008, "retreatment.late_rate_per_day": 0.001, "retreatment.early_until_days": 150.0,
             "retreatment.willingness_ratio": 4.0, "retreatment.late_willingness_ratio": 2.0, "pain.worsening_rate_per_day": 0.0}  # fmt: skip
    s = plain(schedules=("8Gy/1", "20Gy/5"), cohort={"pain": 6}, times_days=[28, 60, 150, 400, 1000], horizon_days=1001,
              parameters={**rates, **NO_RESPONSE, **STATED_AS_FELT, **DISEASE_FAR_OFF})  # fmt: skip
    retreated = time_column(totals(s), "retreated")
    for s, (begin, early, late) in enumerate(((28, 0.008, 0.001), (32, 0.002, 0.0005))):
        for t, count in zip((28, 60, 150, 400, 1000), retreated[s], strict=True):
            hazard = early * max(min(t, 150) - begin, 0) + late * max(t - 150, 0)
            assert_share(count, 1 - math.exp(-hazard))


def test_worse_pain_comes_and_passes_at_two_rates():
    come, go = 0.01, 1 / 50
    s = plain(schedules=("none",), cohort={"pain": 6}, times_days=[20, 60, 200], parameters={
        "pain.worsening_rate_per_day": come, "pain.worsening_mean_days": 1 / go, "pain.worsening_points": 2.0,
        **NO_RESPONSE, **STATED_AS_FELT, **DISEASE_FAR_OFF,
    })  # fmt: skip
    pain = totals(s).time_sum[..., 0].sum(axis=(0, 1))[0]
    for t, total in zip((20, 60, 200), pain, strict=True):
        worse = come / (go - come) * (math.exp(-come * t) - math.exp(-go * t))
        assert_share((total - 6 * N) / 2, worse)


def test_flare_probability_start_and_duration():
    s = plain(schedules=("20Gy/5",))
    values = s.values(0)
    life = record_trajectories(s, 0, N)[1][0]
    flares = np.isfinite(life["flare_start"][:, 0])
    assert_share(flares.sum(), values["flare.probability"])
    start = life["flare_start"][flares, 0]
    width = values["flare.latest_day"] - values["flare.earliest_day"]
    assert stats.kstest(start, "uniform", (values["flare.earliest_day"], width)).pvalue > 1e-6
    duration = life["flare_stop"][flares, 0] - start
    assert stats.kstest(duration, "expon", (0, values["flare.mean_duration_days"])).pvalue > 1e-6


def test_attendance_without_death():
    s = plain(schedules=("8Gy/1",), parameters={**DISEASE_FAR_OFF},
              observation={"visits_weeks": [1, 4], "never_returns": 0.3, "attendance": 0.8})  # fmt: skip
    assessable = totals(s).visit[0, :, 0, :, 0, 0].sum(axis=0)
    for count in assessable:
        assert_share(count, 0.7 * 0.8)


def test_steady_state_pain_levels_of_a_life_without_response():
    s = plain(schedules=("none",), cohort={"pain": 6}, horizon_days=400, times_days=[7], parameters={
        "pain.worsening_rate_per_day": 0.01, "pain.worsening_mean_days": 1e9, "pain.worsening_points": 2.0,
        **NO_RESPONSE, **STATED_AS_FELT, **DISEASE_FAR_OFF,
    })  # fmt: skip
    cells = totals(s).occupancy.sum(axis=(0, 1, 2, 3)).reshape(4, 15).sum(axis=1)
    moderate = (1 - math.exp(-4.0)) / 0.01  # days at 6 before worsening to 8, of 400
    square = 2 * (1 - math.exp(-4.0) * 5) / 0.01**2
    assert abs(cells[2] / N - moderate) < Z * math.sqrt((square - moderate**2) / N)
    assert cells.sum() / N == pytest.approx(400.0, rel=1e-8)
