"""Death: from the disease, by prognosis and frailty, or from whatever else people die of. Never from the schedule."""

from __future__ import annotations

import math

from radsim.compiled import apart, step
from radsim.kernel.layout import DAYS_PER_YEAR, KARNOFSKY_REFERENCE, MAP_OF_SCORE, MAP_OF_TIME, MAP_POINTS
from radsim.maths.hazard import gompertz_time, normal_cdf, normal_quantile


@step
def prognosis(patient, p):
    """Log time against a breast primary of Karnofsky 70 without visceral metastases, in patients of today. [1]"""
    karnofsky = min(patient.karnofsky, p.survival_log_time_karnofsky_cap)
    return (
        p.survival_log_time_primary[patient.primary]
        + p.survival_log_time_subtype[patient.subtype]
        + p.survival_log_time_visceral[patient.primary] * patient.visceral
        + p.survival_log_time_per_ten_karnofsky * (karnofsky - KARNOFSKY_REFERENCE) / 10.0
    )


@step
def disease_score(frailty, u_survival, p):
    """Normal score of the death from disease, correlated with the frailty; large is late. [1]"""
    return p.survival_frailty_correlation * frailty + p.survival_frailty_residual * normal_quantile(u_survival)


@step
def time_to_disease_death(score, patient, p):
    """Time to death from the disease in the era of the study: lognormal, stretched by the prognosis. [d]"""
    log_days = p.survival_reference_log_days + p.survival_prognosis_factor * prognosis(patient, p)
    return math.exp(log_days + p.survival_log_time_sigma * score)


@step
def time_to_background_death(u, patient, p):
    """Time to death as in the general population of that age and sex. [d]"""
    slope = p.survival_background_slope_per_year[patient.sex]
    rate = math.exp(p.survival_background_log_rate_per_year[patient.sex] + slope * patient.age) / DAYS_PER_YEAR
    return gompertz_time(-math.log(u), rate, slope / DAYS_PER_YEAR)


@step
def time_to_death(frailty, u, patient, p):
    """The earlier of the two deaths, or where it stands on a survival curve of the user's own. [d]"""
    return time_at_score(disease_score(frailty, u.survival, p), u, patient, p)


@step
def time_at_score(score, u, patient, p):
    """Time to death at a normal score of the death from disease. [d]"""
    if p.survival_map_of == MAP_OF_SCORE:
        score = mapped(score, p)
    background = time_to_background_death(u.background_death, patient, p)
    time = min(time_to_disease_death(score, patient, p), background)
    if p.survival_map_of == MAP_OF_TIME:
        time = time_on_own_curve(time, background, p)
    return time


@step
def mapped(x, p):
    """The study's map of survival at x: linear between its points, and straight on beyond them."""
    position = (x - p.survival_map_start) * p.survival_map_per_unit
    i = int(min(max(position, 0.0), MAP_POINTS - 2.0))
    below = p.survival_map[i]
    return below + (position - i) * (p.survival_map[i + 1] - below)


@step
def time_on_own_curve(time, background, p):
    """Time of the same rank on the user's curve; beyond its end nobody lives longer than the general population. [d]"""
    own = math.exp(mapped(math.log(time), p))
    if own > p.survival_map_end_days:
        own = min(own, max(p.survival_map_end_days, background))
    return own


@step
def score_at_hazard_ratio(score, hazard_ratio):
    """Normal score of the death from disease of the same patient at a hazard ratio: S(t) becomes S(t) to the power of it. [1]

    Notes
    -----
    The patient stands on both curves where the same share is alive, Φ(−score), so that a ratio below 1 brings nobody's death forward. Taken by
    the tail that the score lies in, where its digits are.
    """
    if score < 0.0:
        return normal_quantile(-math.expm1(math.log1p(-normal_cdf(score)) / hazard_ratio))
    return -normal_quantile(math.exp(math.log(normal_cdf(-score)) / hazard_ratio))


@apart
def move_death(traits, u, patient, hazard_ratio, p):
    """Move a patient's death from the disease by a hazard ratio, and the terminal phase with it."""
    score = score_at_hazard_ratio(disease_score(traits.frailty, u.survival, p), hazard_ratio)
    traits.time_to_death = time_at_score(score, u, patient, p)
    traits.terminal = terminal_from(traits.time_to_death, u, p)


@step
def terminal_from(death, u, p):
    """Beginning of the terminal phase. [d]"""
    return death + p.terminal_mean_days * math.log(u.terminal)
