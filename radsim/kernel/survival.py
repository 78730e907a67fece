"""Death: from the disease, by prognosis and frailty, or from whatever else people die of. Never from the schedule."""

from __future__ import annotations

from radsim.compiled import apart, step
from radsim.kernel.columns import meaning
from radsim.kernel.layout import DAYS_PER_YEAR, KARNOFSKY_REFERENCE, MAP_OF_SCORE, MAP_OF_TIME, MAP_POINTS
from radsim.maths.elementary import exp, expm1, log, log1p
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
def disease_score(frailty, score, p):
    """Normal score of the death from disease, correlated with the frailty; large is late. [1]"""
    return p.survival_frailty_correlation * frailty + p.survival_frailty_residual * score


@step
def time_to_disease_death(score, prognosis, p):
    """Time to death from the disease in the era of the study: lognormal, stretched by the prognosis. [d]"""
    log_days = p.survival_reference_log_days + p.survival_prognosis_factor * prognosis
    return exp(log_days + p.survival_log_time_sigma * score)


@step
def background_hazard(patient, p):
    """Log of the yearly rate of death in the general population of that age and sex, and its slope a year."""
    slope = p.survival_background_slope_per_year[patient.sex]
    return p.survival_background_log_rate_per_year[patient.sex] + slope * patient.age, slope


@step
def time_to_background_death(exponential, hazard):
    """Time to death as in the general population of that `background_hazard`. [d]"""
    log_rate, slope = hazard
    return gompertz_time(exponential, exp(log_rate) / DAYS_PER_YEAR, slope / DAYS_PER_YEAR)


@step
def time_to_death(score, prognosis, exponential, hazard, p):
    """The earlier of the two deaths, from the disease and as in the general population. [d]"""
    return min(time_to_disease_death(score, prognosis, p), time_to_background_death(exponential, hazard))


@apart
def place_death(traits, drawn, patient, score, p):
    """Put a patient's death at a normal score of the death from the disease, on a survival curve of the user's own if there is one.

    The beginning of the terminal phase moves with it.
    """
    hazard, q = background_hazard(patient, p), meaning(p)
    if p.survival_map_of == MAP_OF_SCORE:
        score = mapped(score, p)
    time = time_to_death(score, prognosis(patient, p), drawn.background_death_exponential, hazard, q)
    if p.survival_map_of == MAP_OF_TIME:
        time = time_on_own_curve(time, time_to_background_death(drawn.background_death_exponential, hazard), p)
    traits.time_to_death = time
    traits.terminal = terminal_from(time, drawn.terminal_exponential, p)


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
    own = exp(mapped(log(time), p))
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
        return normal_quantile(-expm1(log1p(-normal_cdf(score)) / hazard_ratio))
    return -normal_quantile(exp(log(normal_cdf(-score)) / hazard_ratio))


@step
def survive_by_care(caring, traits, drawn, patient, hazard_ratio, p):
    """Move a patient's death by what care does to it; nothing where ``caring`` is None."""
    if caring is not None and hazard_ratio != 1.0:
        move_death(traits, drawn, patient, hazard_ratio, p)


@apart
def move_death(traits, drawn, patient, hazard_ratio, p):
    """Move a patient's death from the disease by a hazard ratio, and the terminal phase with it."""
    score = score_at_hazard_ratio(disease_score(traits.frailty, drawn.survival_score, p), hazard_ratio)
    place_death(traits, drawn, patient, score, p)


@step
def follow_own_curve(traits, drawn, patient, p):
    """Put a patient's death where it stands on a survival curve of the user's own."""
    place_death(traits, drawn, patient, disease_score(traits.frailty, drawn.survival_score, p), p)


@step
def terminal_from(death, exponential, p):
    """Beginning of the terminal phase. [d]"""
    return death - p.terminal_mean_days * exponential
