"""The kernel and the twin on the same patients: what one holds, handed to the other, and both compared."""

import importlib
import importlib.util
import math

import numba
import pytest
import twin

from radsim.care import KINDS
from radsim.compiled import door
from radsim.config import CATEGORIES, load_config
from radsim.kernel import analgesic, pain
from radsim.kernel.layout import COMPLETE, CONDITIONS, INDEX_ALONE, PARTIAL
from radsim.study import prepare

morphine_equivalent_at, pain_at, response_at, worst_pain = map(
    door, (analgesic.morphine_equivalent_at, pain.pain_at, pain.response_at, pain.worst_pain)
)

N_PATIENTS = 400 if not numba.config.DISABLE_JIT else 40
TIMES = (0.0, 2.0, 6.0, 7.0, 14.0, 28.0, 56.0, 84.0, 150.0, 300.0, 700.0)
TWINS = {
    kind.switch: importlib.import_module(f"twin_care.{kind.name}")
    for kind in KINDS
    if importlib.util.find_spec(f"twin_care.{kind.name}")
}
"""Modules of the kinds of care that have a twin, by the switch of the kind."""


def study_of(changes, size=N_PATIENTS):
    """A study of some patients; `changes` are keys of the configuration."""
    config = {"radsim": 1, "seed": 20260101, **changes}
    config["cohort"] = {"size": size, **changes.get("cohort", {})}
    return prepare(load_config(config))


def patient_of_the_twin(record):
    covariates = {name: record[name].item() for name in ("age", "karnofsky", "cortical_involvement_mm", "pain")}
    covariates |= {name: CATEGORIES[name][record[name]] for name in ("sex", "primary", "subtype", "site", "lesion")}
    return covariates | {
        "visceral": int(record["visceral"]), "neuropathic": int(record["neuropathic"]),
        "morphine_equivalent": float(record["morphine_equivalent"]), "prior_bed_gy2": float(record["prior_bed_gy2"]),
        "has_prior": int(record["prior_schedule"] > 0), "prior_days_ago": 7.0 * float(record["prior_weeks_ago"]),
        **{name: int(record[name]) for name in CONDITIONS},
    }  # fmt: skip


def schedule_of_the_twin(schedule):
    if schedule.none:
        return twin.NOTHING | {"name": schedule.name}
    return {
        "none": False, "name": schedule.name, "dose_gy": schedule.dose_gy, "fractions": schedule.fractions,
        "fractions_per_week": schedule.fractions_per_week, "technique": schedule.technique,
        "cord_dose_gy": schedule.dose_gy if schedule.cord_dose_gy is None else schedule.cord_dose_gy,
    }  # fmt: skip


def care_of_the_twin(care):
    """The kinds of care that a configuration gives, with their settings in words, for the twin."""
    found = []
    for kind, module in TWINS.items():
        value = getattr(care, kind)
        if value:
            found.append((module, {} if value is True else value.model_dump()))
    return found


def play(study, s, number, record, **options):
    """The twin's life of one patient of a study under schedule number ``s``."""
    config = study.config
    return twin.play(
        patient_of_the_twin(record), schedule_of_the_twin(config.schedules[s]), study.values(0), seed=config.seed, draw=0,
        number=number, era=config.cohort.era, horizon_days=config.horizon_days, care=care_of_the_twin(config.care),
        **{
            "visit_days": [7 * week for week in config.observation.visits_weeks],
            "none_may_be_irradiated": config.none_may_be_irradiated, **options,
        },
    )  # fmt: skip


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
    death = other.time_to_death  # where other sites hurt the kernel looks no further
    assert same(twin.before(death, life.escalation), twin.before(death, other.time_to_escalation))
    assert same(twin.before(death, life.escalation_alone), twin.before(death, other.escalation_alone))
    assert bool(life.tapers) == other.tapers
    assert bool(life.drifts) == other.drifts


def assert_same_trajectories(life, other, patient, p, times=TIMES):
    for t in times:
        for n_courses, index_only in ((int(life.n_courses), False), (INDEX_ALONE, True)):
            felt = pain_at(t, life, n_courses, p)
            dose = morphine_equivalent_at(t, life, n_courses, patient.morphine_equivalent, p)
            assert same(felt, twin.pain_at(other, t, index_only=index_only))
            assert same(dose, twin.morphine_at(other, t, index_only=index_only))
        assert same(worst_pain(t, life, int(life.n_courses), p), twin.worst_pain(other, t))
        response = (t < life.time_to_death) * response_at(t, life, int(life.n_courses))
        assert (response >= PARTIAL) == twin.in_response(other, t)
        assert (response == COMPLETE) == twin.in_complete_response(other, t)
