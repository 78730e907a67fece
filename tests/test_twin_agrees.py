"""The kernel against the plain-Python twin: the same patients, the same luck, event by event.

Two readings of the same page, by two hands. Every patient's life is compared, not an average.
"""

import math

import numba
import numpy as np
import pytest
import twin

from radsim.compiled import door
from radsim.config import CATEGORIES, load_config
from radsim.engine import record_trajectories, simulate
from radsim.kernel import analgesic, pain
from radsim.kernel.layout import COMPLETE, EXPOSURES, ITEMS, MALE, MAX_COURSES, PARTIAL, TIME_COUNTS
from radsim.study import prepare

morphine_equivalent_at, pain_at, response_at = map(
    door, (analgesic.morphine_equivalent_at, pain.pain_at, pain.response_at)
)

N_PATIENTS = 400 if not numba.config.DISABLE_JIT else 40
TIMES = (0.0, 2.0, 6.0, 7.0, 14.0, 28.0, 56.0, 84.0, 150.0, 300.0, 700.0)

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


def study_of(changes):
    config = {"radsim": 1, "seed": 20260101, **changes}
    config["cohort"] = {"size": N_PATIENTS, **changes.get("cohort", {})}
    return prepare(load_config(config))


def patient_of_the_twin(record):
    covariates = {name: record[name].item() for name in ("age", "karnofsky", "cortical_involvement_mm", "pain")}
    covariates |= {name: CATEGORIES[name][record[name]] for name in ("sex", "primary", "subtype", "site", "lesion")}
    return covariates | {
        "visceral": int(record["visceral"]), "neuropathic": int(record["neuropathic"]),
        "morphine_equivalent": float(record["morphine_equivalent"]), "prior_bed_gy2": float(record["prior_bed_gy2"]),
        "has_prior": int(record["prior_schedule"] > 0), "prior_days_ago": 7.0 * float(record["prior_weeks_ago"]),
    }  # fmt: skip


def schedule_of_the_twin(schedule):
    if schedule.none:
        return {"none": True, "dose_gy": 0.0, "fractions": 0, "fractions_per_week": 5, "technique": "conventional",
                "cord_dose_gy": 0.0}  # fmt: skip
    return {
        "none": False, "dose_gy": schedule.dose_gy, "fractions": schedule.fractions,
        "fractions_per_week": schedule.fractions_per_week, "technique": schedule.technique,
        "cord_dose_gy": schedule.dose_gy if schedule.cord_dose_gy is None else schedule.cord_dose_gy,
    }  # fmt: skip


def same(mine, theirs):
    return mine == theirs or mine == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def assert_same_life(life, other):
    assert same(life.pain, other.pain)
    assert same(life.deviation, other.deviation)
    assert same(life.time_to_death, other.time_to_death)
    assert life.n_courses == len(other.courses)
    for k, course in enumerate(other.courses):
        assert life.response_class[k] == course["responds"]
        for name in ("start", "last_fraction", "fractions_given", "onset", "fade", "relapse"):
            assert same(life[name][k], course[name]), name
        if course["responds"]:
            assert same(life.level[k], course["level"])
        start, stop = course["flare"] or (math.inf, math.inf)
        assert same(life.flare_start[k], start)
        assert same(life.flare_stop[k], stop)
        assert bool(life.toxicity[k]) == course["toxicity"]
    assert same(life.worsening, other.time_to_worsening)
    assert same(life.worsening_end, other.end_of_worsening)
    assert same(life.fracture, other.time_to_fracture)
    assert same(life.cord_compression, other.time_to_cord_compression)
    assert same(life.surgery, other.time_to_surgery)
    assert same(life.titration, other.parameters["analgesic.titration_day"] if other.titrated else math.inf)
    assert same(life.escalation, other.time_to_escalation)
    assert bool(life.tapers) == other.tapers
    assert bool(life.drifts) == other.drifts


def assert_same_trajectories(life, other, patient, p):
    for t in TIMES:
        for n_courses, index_only in ((int(life.n_courses), False), (1, True)):
            felt = pain_at(t, life, n_courses, p)
            dose = morphine_equivalent_at(t, life, n_courses, patient.morphine_equivalent, p)
            assert same(felt, twin.pain_at(other, t, index_only=index_only))
            assert same(dose, twin.morphine_at(other, t, index_only=index_only))
        response = (t < life.time_to_death) * response_at(t, life, int(life.n_courses))
        assert (response >= PARTIAL) == twin.in_response(other, t)
        assert (response == COMPLETE) == twin.in_complete_response(other, t)


@pytest.mark.parametrize("changes", STUDIES.values(), ids=STUDIES)
def test_every_life_agrees_with_the_twin(changes):
    study = study_of(changes)
    config = study.config
    values, p = study.values(0), study.parameters(0)[0]
    patients, lives = record_trajectories(study, 0, N_PATIENTS)
    n_repeats = 0
    for number in range(N_PATIENTS):
        for s, schedule in enumerate(config.schedules):
            other = twin.play(
                patient_of_the_twin(patients[number]), schedule_of_the_twin(schedule), values, seed=config.seed, draw=0,
                number=number, era=config.cohort.era, horizon_days=config.horizon_days,
                dexamethasone=config.care.dexamethasone_prophylaxis,
                visit_days=[7 * week for week in config.observation.visits_weeks],
                none_may_be_irradiated=config.none_may_be_irradiated,
            )  # fmt: skip
            assert_same_life(lives[s, number], other)
            assert_same_trajectories(lives[s, number], other, patients[number], p)
            n_repeats += len(other.courses) - 1
    if "parameters" in changes:
        assert n_repeats > N_PATIENTS / 20  # the comparison reaches the repeats
        assert n_repeats < MAX_COURSES * N_PATIENTS * len(config.schedules)


def test_time_in_each_pain_level_and_opioid_and_relief_agree_with_the_twin():
    study = study_of(STUDIES["everybody is retreated, fractured, flared"])
    values = study.values(0)
    totals = simulate(study, threads=1).totals[0]
    patients, _ = record_trajectories(study, 0, N_PATIENTS)
    horizon = study.config.horizon_days
    for s, schedule in enumerate(study.config.schedules):
        days, opioid, relief = np.zeros(4), 0.0, np.zeros((2, len(study.times_days)))
        for number in range(N_PATIENTS):
            other = twin.play(
                patient_of_the_twin(patients[number]), schedule_of_the_twin(schedule), values, seed=study.config.seed,
                draw=0, number=number, era="1990s", horizon_days=horizon, dexamethasone=True, visit_days=[],
            )  # fmt: skip
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
