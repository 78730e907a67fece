"""Death: from the disease, by prognosis and frailty, or from whatever else people die of. Never from the schedule."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import DAYS_PER_YEAR, KARNOFSKY_REFERENCE
from radsim.maths.hazard import gompertz_time, normal_quantile


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
    """The earlier of the two deaths. [d]"""
    score = disease_score(frailty, u.survival, p)
    return min(time_to_disease_death(score, patient, p), time_to_background_death(u.background_death, patient, p))
