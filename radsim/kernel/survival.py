"""Death: from the disease, by prognosis and frailty, or from whatever else people die of. Never from the schedule."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import DAYS_PER_YEAR, ERA_1990S, KARNOFSKY_REFERENCE
from radsim.maths.hazard import (
    gompertz_time,
    lognormal_hazard_time,
    normal_cdf,
    normal_quantile,
    weibull_time,
)


@step
def log_hazard(patient, p):
    """Log hazard of death against a breast primary of Karnofsky 70 without visceral metastases. [1]"""
    return (
        p.survival_log_hazard_primary[patient.primary]
        + p.survival_log_hazard_subtype[patient.subtype]
        + p.survival_log_hazard_visceral * patient.visceral
        + p.survival_log_hazard_per_ten_karnofsky * (KARNOFSKY_REFERENCE - patient.karnofsky) / 10.0
    )


@step
def disease_exponential(frailty, u_survival, p):
    """Unit exponential of the death from disease, correlated with the frailty by its normal score. [1]"""
    score = p.survival_frailty_correlation * frailty + p.survival_frailty_residual * normal_quantile(u_survival)
    return -math.log(normal_cdf(-score))


@step
def time_to_disease_death(exponential, patient, p):
    """Time to death from the disease in the era of the study. [d]"""
    scaled = exponential * math.exp(-log_hazard(patient, p))
    if p.era == ERA_1990S:
        return weibull_time(scaled, p.survival_1990s_scale_days, p.survival_inverse_shape)
    return lognormal_hazard_time(scaled, p.survival_modern_log_median, p.survival_modern_sigma)


@step
def time_to_background_death(u, patient, p):
    """Time to death as in the general population of that age and sex. [d]"""
    slope = p.survival_background_slope_per_year[patient.sex]
    rate = math.exp(p.survival_background_log_rate_per_year[patient.sex] + slope * patient.age) / DAYS_PER_YEAR
    return gompertz_time(-math.log(u), rate, slope / DAYS_PER_YEAR)


@step
def time_to_death(frailty, u, patient, p):
    """The earlier of the two deaths. [d]"""
    exponential = disease_exponential(frailty, u.survival, p)
    return min(time_to_disease_death(exponential, patient, p), time_to_background_death(u.background_death, patient, p))
