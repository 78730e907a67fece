"""The kernel against the plain-Python twin: the same patients, the same luck, event by event.

Two readings of the same page, by two hands. Every patient's life is compared, not an average.
"""

import numpy as np
import pytest
import twin
from twin_compared import N_PATIENTS, assert_same_life, assert_same_trajectories, play, study_of

from radsim.engine import record_trajectories, simulate
from radsim.kernel.layout import EXPOSURES, ITEMS, MALE, MAX_COURSES, TIME_COUNTS

STUDIES = {
    "default": {"schedules": ["8Gy/1", "20Gy/5", "30Gy/10", "4Gy/1", "none"]},
    "modern hip": {"schedules": ["8Gy/1", "24Gy/6"], "cohort": {"era": "modern", "site": "hip", "primary": "breast"}},
    "spine irradiated before": {
        "schedules": ["8Gy/1", "20Gy/5"],
        "cohort": {"site": "spine", "prior_schedule": "30Gy/10", "prior_weeks_ago": 20, "neuropathic": True},
        "parameters": {
            "retreatment.early_rate_per_day": 0.05, "retreatment.late_rate_per_day": 0.01, "retreatment.willingness_ratio": 2.0,
            "relapse.neuropathic_single_fraction_hazard_ratio": 1.35, "cord.early_limit_gy2": 140.0, "cord.late_limit_gy2": 200.0,
            "cord_compression.single_fraction_rate_ratio": 1.5,
        },
    },
    "stereotactic at the spine": {
        "schedules": [
            {"name": "24Gy/1@sbrt", "dose_gy": 24, "fractions": 1, "technique": "sbrt", "cord_dose_gy": 10},
            {"name": "24Gy/2@sbrt", "dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17},
            "8Gy/1", "none",
        ],
        "cohort": {"site": "spine"},
    },
    "none, irradiated later": {
        "schedules": ["8Gy/1", "none"],
        "retreatment": {"none_may_be_irradiated": True},
        "parameters": {
            "retreatment.early_rate_per_day": 0.05, "retreatment.late_rate_per_day": 0.01, "retreatment.willingness_ratio": 2.0,
            "response.log_odds.reirradiation": -1.0, "response.log_odds.reirradiation_after_multiple": -1.0,
        },
    },
    "none at a spine irradiated before": {
        "schedules": ["none", "20Gy/5"],
        "cohort": {"site": "spine", "prior_schedule": "30Gy/10", "prior_weeks_ago": 20},
        "retreatment": {"none_may_be_irradiated": True},
        "parameters": {
            "retreatment.early_rate_per_day": 0.03, "retreatment.late_rate_per_day": 0.01, "response.log_odds.reirradiation": -1.0,
            "response.log_odds.reirradiation_after_multiple": -1.0, "cord.early_limit_gy2": 110.0, "cord.late_limit_gy2": 160.0,
        },
    },
    "everybody is retreated, fractured, flared": {
        "schedules": ["8Gy/1", "30Gy/10"],
        "parameters": {
            "retreatment.early_rate_per_day": 0.1, "retreatment.late_rate_per_day": 0.02, "retreatment.late_willingness_ratio": 3.0,
            "retreatment.least_pain": 2, "retreatment.early_until_days": 60.0, "response.log_odds.single_fraction": -0.4,
            "response.complete_log_odds.single_fraction": 0.5, "response.log_odds.neuropathic_single_fraction": -0.3,
            "relapse.single_fraction_hazard_ratio": 1.4, "relapse.complete_median_days": 20.0, "report.slow_sd": 1.5,
            "terminal.mean_days": 40.0, "pain.worsening_mean_days": 30.0,
            "response.log_odds.reirradiation_after_multiple": -0.6, "analgesic.relief_per_increase": 0.3,
            "flare.probability": 0.9, "flare.single_fraction_risk_ratio": 0.7, "fracture.high_risk.early_rate_per_day": 0.05, "cord_compression.rate_per_day": 0.01,
            "fracture.rate_per_day.pelvis": 0.01, "fracture.single_fraction_rate_ratio": 1.8,
            "relapse.median_days": 30.0, "pain.worsening_rate_per_day": 0.01, "analgesic.titration_probability": 0.6,
        },
        "care": {"dexamethasone_prophylaxis": True},
    },
}  # fmt: skip


@pytest.mark.parametrize("changes", STUDIES.values(), ids=STUDIES)
def test_every_life_agrees_with_the_twin(changes):
    study = study_of(changes)
    config = study.config
    p = study.parameters(0)[0]
    patients, lives = record_trajectories(study, 0, N_PATIENTS)
    n_repeats = 0
    for number in range(N_PATIENTS):
        for s in range(len(config.schedules)):
            other = play(study, s, number, patients[number])
            assert_same_life(lives[s, number], other)
            assert_same_trajectories(lives[s, number], other, patients[number], p)
            n_repeats += len(other.courses) - 1
    if "parameters" in changes:
        assert n_repeats > N_PATIENTS / 20  # the comparison reaches the repeats
        assert n_repeats < MAX_COURSES * N_PATIENTS * len(config.schedules)


def test_time_in_each_pain_level_and_opioid_and_relief_agree_with_the_twin():
    study = study_of(STUDIES["everybody is retreated, fractured, flared"])
    totals = simulate(study, threads=1).totals[0]
    patients, _ = record_trajectories(study, 0, N_PATIENTS)
    horizon = study.config.horizon_days
    for s in range(len(study.config.schedules)):
        days, opioid, relief = np.zeros(4), 0.0, np.zeros((2, len(study.times_days)))
        for number in range(N_PATIENTS):
            other = play(study, s, number, patients[number], visit_days=[])
            days += np.array(twin.time_in_pain_level(other, horizon))
            opioid += twin.opioid_mg(other, horizon)
            relief[0] += [twin.in_response(other, t) for t in study.times_days]
            relief[1] += [twin.in_complete_response(other, t) for t in study.times_days]
        occupancy = totals.occupancy[0, :, s].sum(axis=(0, 1)).reshape(4, 5, 3).sum(axis=(1, 2))
        assert occupancy == pytest.approx(days, rel=1e-7)  # sums are kept in 2**-20 of a day
        assert totals.count[0, :, s, :, ITEMS.index("opioid_mg")].sum() == pytest.approx(opioid, rel=1e-7)
        times = totals.time_count[0, :, s].sum(axis=0)
        for name, expected in zip(("in_relief", "in_complete_relief"), relief, strict=True):
            assert times[:, TIME_COUNTS.index(name)].tolist() == expected.tolist()


def test_days_lived_by_age_and_sex():
    study = study_of(STUDIES["modern hip"])
    patients, lives = record_trajectories(study, 0, N_PATIENTS)
    exposure = simulate(study, threads=1).totals[0].exposure.sum(axis=(0, 1))
    start = 0.0
    for period, stop in enumerate(study.period_ends):
        days = np.clip(lives["time_to_death"][0] - start, 0.0, stop - start)
        age = patients["age"] + (start + days / 2.0) / 365.25
        expected = [days, days * age, days * age**2, days * (patients["sex"] == MALE)]
        for name, column in zip(EXPOSURES, expected, strict=True):
            assert exposure[period, EXPOSURES.index(name)] == pytest.approx(column.sum(), rel=1e-5), name
        start = stop
