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
        parameters={"response.frailty": 0.0, "response.log_odds.other": 0.0},
    )
    values = s.values(0)
    _, lives = record_trajectories(s, 0, N)
    for life, shift in ((lives[0], 0.0), (lives[1], values["response.log_odds.no_irradiation"])):
        classes = life["response_class"][:, 0]
        assert_share((classes >= PARTIAL).sum(), 1 / (1 + math.exp(values["response.cut_overall"] - shift)))
        assert_share((classes == COMPLETE).sum(), 1 / (1 + math.exp(values["response.cut_complete"] - shift)))


def test_ordered_logit_with_frailty_is_a_normal_mixture():
    s = plain(schedules=("8Gy/1",), parameters={"response.frailty": 1.3, "response.log_odds.other": 0.0})
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
             "fracture.high_risk.early_until_days": 61.0, "fracture.lytic_rate_ratio": 1.0, **DISEASE_FAR_OFF}  # fmt: skip
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


def test_onset_and_relapse_are_lognormal():
    s = plain(schedules=("8Gy/1",))
    values = s.values(0)
    life = record_trajectories(s, 0, N)[1][0]
    responds = life["response_class"][:, 0] >= PARTIAL
    onset = np.log(life["onset"][responds, 0])
    duration = np.log(life["relapse"][responds, 0] - life["onset"][responds, 0])
    for sample, name in ((onset, "onset"), (duration, "relapse")):
        normal = (np.log(values[f"{name}.median_days"]), values[f"{name}.sigma"])
        assert stats.kstest(sample, "norm", normal).pvalue > 1e-6


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
        "response.cut_overall": 60.0, "response.cut_complete": 61.0, "pain.worsening_rate_per_day": 0.01,
        **DISEASE_FAR_OFF, "fracture.rate_per_day.rib": 0.0,
    })  # fmt: skip
    cells = totals(s).occupancy.sum(axis=(0, 1, 2, 3)).reshape(4, 15).sum(axis=1)
    moderate = (1 - math.exp(-4.0)) / 0.01  # days at 6 before worsening to 8, of 400
    square = 2 * (1 - math.exp(-4.0) * 5) / 0.01**2
    assert abs(cells[2] / N - moderate) < Z * math.sqrt((square - moderate**2) / N)
    assert cells.sum() / N == pytest.approx(400.0, rel=1e-8)
