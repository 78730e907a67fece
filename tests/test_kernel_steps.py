"""Steps of the kernel at the edges that a random patient hardly ever meets, by hand."""

import math

import numpy as np
import pytest
import twin

from radsim.compiled import door
from radsim.config import load_config
from radsim.kernel import layout, observe, pain, purposes, response, retreatment, skeletal, trajectory
from radsim.maths.dose import fraction_day
from radsim.study import parameter_record, prepare, schedule_records


@pytest.fixture(scope="module")
def study():
    return prepare(load_config({"schedules": ["8Gy/1", "30Gy/10"], "cohort": {"size": 1}}))


def parameters(study, **changes):
    """One record, with some values of the study's set replaced: underscores for dots within a name are two."""
    values = study.values(0) | {name.replace("__", "."): value for name, value in changes.items()}
    return parameter_record(values, study.config)[0]


def record(kind, **given):
    one = np.zeros(1, kind).view(np.recarray)[0]
    for name, value in given.items():
        one[name] = value
    return one


def test_fractions_given_before_death_follow_the_calendar(study):
    fractions_before = door(trajectory.fractions_before)
    (schedule,) = schedule_records(study.config.schedules[1:], study.values(0))
    days = [fraction_day(j, 5) for j in range(10)]
    assert days == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    for death in (0.0, 0.5, 1.0, 4.5, 7.0, 8.5, 11.0, 11.5, 400.0):
        assert fractions_before(100.0 + death, 100.0, schedule) == sum(day < death for day in days), death


def test_the_limits_of_the_cord_hold_to_the_last_unit(study):
    cord_allows = door(retreatment.cord_allows)
    p = parameters(
        study,
        cord__course_limit_gy2=98.0,
        cord__early_limit_gy2=120.0,
        cord__late_limit_gy2=135.5,
        cord__early_within_days=182.0,
    )
    for bed, total, days, allowed in (
        (40.0, 80.0, 100.0, True), (40.0, 80.1, 100.0, False), (40.0, 80.1, 181.9, False), (40.0, 80.1, 182.0, True),
        (40.0, 95.5, 200.0, True), (40.0, 95.6, 200.0, False), (98.0, 0.0, 200.0, True), (98.1, 0.0, 200.0, False),
    ):  # fmt: skip
        assert cord_allows(bed, total, days, p) == allowed, (bed, total, days)


def test_the_other_repeat_is_tried_where_the_cord_forbids_the_first(study):
    choose = door(retreatment.choose_repeat)
    share = {
        "retreatment__single_fraction_share__after_single": 0.5,
        "retreatment__single_fraction_share__after_multiple": 0.5,
    }
    p = parameters(study, cord__course_limit_gy2=98.0, cord__early_limit_gy2=120.0, **share)
    repeats = np.zeros(3, layout.SCHEDULE).view(np.recarray)
    repeats.cord_bed_gy2 = 40.0, 60.0, 45.0
    one = record(layout.TRAJECTORY, n_courses=1)
    one["fraction_class"][:] = layout.MULTIPLE
    one["bed_gy2"][:2] = 30.0, 1000.0  # of the second course, which is not yet given
    for site, prior, u, row in (
        (layout.SPINE, 0.0, 0.4, 0), (layout.SPINE, 0.0, 0.5, 2), (layout.SPINE, 45.0, 0.4, 0), (layout.SPINE, 46.0, 0.4, 0),
        (layout.SPINE, 46.0, 0.6, 0), (layout.SPINE, 51.0, 0.4, -1), (layout.HIP, 51.0, 0.4, 0), (layout.HIP, 51.0, 0.6, 2),
    ):  # fmt: skip
        patient = record(layout.PATIENT, site=site, prior_bed_gy2=prior)
        assert choose(one, 0, 100.0, u, patient, repeats, p) == row, (site, prior, u)
    one["fraction_class"][:] = layout.SINGLE
    patient = record(layout.PATIENT, site=layout.SPINE)
    assert choose(one, 0, 100.0, 0.5, patient, repeats, p) == 1
    assert choose(one, 0, 100.0, 0.5, record(layout.PATIENT, site=layout.SPINE, prior_bed_gy2=40.0), repeats, p) == 0


def test_a_repeat_is_not_given_on_the_day_of_death_or_too_soon(study):
    plan = door(retreatment.plan_repeat)
    p = parameters(
        study, retreatment__offer__single__non_response=1.0, retreatment__judged_after_days=28.0, retreatment__minimum_interval_days=60.0,
        retreatment__delay__single_median_days=40.0, retreatment__delay__sigma=1.0,
    )  # fmt: skip
    repeats = np.zeros(3, layout.SCHEDULE).view(np.recarray)
    patient = record(layout.PATIENT, site=layout.HIP)
    for u_delay, death, day in ((0.5, 69.0, 68.0), (0.5, 68.0, math.inf), (1e-6, 61.0, 60.0), (1e-6, 60.0, math.inf)):
        one = record(layout.TRAJECTORY, n_courses=1, time_to_death=death)
        found, row = plan(one, 0, 0.99, u_delay, 0.0, 0.99, patient, repeats, p)
        assert (found, row) == (pytest.approx(day), 0 if day < math.inf else -1), (u_delay, death)


def test_a_repeat_without_failure_comes_before_the_relapse_or_not_at_all(study):
    offered = door(retreatment.time_offered)
    p = parameters(
        study, retreatment__offer__single__progression=0.3, retreatment__offer__single__no_failure=0.04,
        retreatment__delay__single_median_days=40.0,
    )  # fmt: skip
    one = record(layout.TRAJECTORY, n_courses=1)
    one["response_class"][0], one["onset"][0], one["relapse"][0] = layout.PARTIAL, 10.0, 100.0
    for u_offer, u_without, relapse, day in (
        (0.29, 0.04, 100.0, 140.0), (0.3, 0.04, 100.0, math.inf), (0.3, 0.039, 100.0, 50.0), (0.29, 0.039, 100.0, 50.0),
        (0.29, 0.039, 50.0, 90.0), (0.3, 0.039, 50.0, math.inf),
    ):  # fmt: skip
        one["relapse"][0] = relapse
        assert offered(one, 0, u_offer, 0.5, u_without, p) == pytest.approx(day), (u_offer, u_without, relapse)


def test_the_cut_points_of_response(study):
    response_class, level = door(response.response_class), door(response.pain_while_responding)
    p = parameters(study, response__cut_overall=-1.0, response__cut_complete=1.0, response__minor_margin=0.5)
    for score, index_pain, expected, height in (
        (1.001, 8.0, layout.COMPLETE, 0.0), (1.0, 8.0, layout.PARTIAL, 1.0), (0.0, 8.0, layout.PARTIAL, 3.5),
        (-0.999, 8.0, layout.PARTIAL, 1.0 + 5.0 * 1.999 / 2.0), (-1.0, 8.0, layout.MINOR, 7.0), (-1.499, 8.0, layout.MINOR, 7.0),
        (0.0, 2.0, layout.COMPLETE, 0.0), (0.0, 3.0, layout.PARTIAL, 1.0),
    ):  # fmt: skip
        assert response_class(score, index_pain, p) == expected, score
        assert level(score, expected, index_pain, p) == pytest.approx(height, rel=1e-12), score
    assert response_class(-1.5, 8.0, p) == layout.NONE


def test_spikes_begin_on_their_day_and_are_over_on_their_last(study):
    rise_at = door(pain.rise_at)
    p = parameters(
        study, flare__rise_points=1.0, fracture__rise_points=3.0, fracture__pain_days=42.0, cord_compression__rise_points=2.0,
        cord_compression__pain_days=28.0,
    )  # fmt: skip
    one = record(layout.TRAJECTORY, n_courses=1, fracture=50.0, cord_compression=80.0)
    one["flare_start"][:], one["flare_stop"][:] = math.inf, math.inf
    one["flare_start"][0], one["flare_stop"][0] = 2.0, 9.0
    for day, rise in (
        (1.9, 0),
        (2.0, 1),
        (8.9, 1),
        (9.0, 0),
        (49.9, 0),
        (50.0, 3),
        (91.9, 3),
        (92.0, 2),
        (107.9, 2),
        (108.0, 0),
    ):
        assert rise_at(day, one, 1, p) == rise, day


def test_the_response_in_force_is_the_best_of_its_days():
    response_at = door(pain.response_at)
    one = record(layout.TRAJECTORY, n_courses=2)
    one["response_class"][:2], one["onset"][:2], one["relapse"][:2] = (
        (layout.MINOR, layout.COMPLETE),
        (10.0, 30.0),
        (40.0, 60.0),
    )
    for day, expected in ((9.9, 0), (10.0, layout.MINOR), (30.0, layout.COMPLETE), (59.9, layout.COMPLETE), (60.0, 0)):
        assert response_at(day, one, 2) == expected, day
    assert response_at(35.0, one, 1) == layout.MINOR and response_at(40.0, one, 1) == 0


def test_who_attends_at_the_edges(study):
    attend = door(observe.attend)
    near = {"observation__near_death_days": 28.0, "observation__near_death_ratio": 0.0}
    p = parameters(study, observation__never_returns=0.2, observation__attendance=1.0, **near)
    days, seen = np.array([7.0, 28.0, 56.0]), np.zeros(3, np.uint8)
    for never, death, expected in (
        (0.2, 400.0, [1, 1, 1]), (0.19, 400.0, [0, 0, 0]), (0.2, 84.0, [1, 1, 1]), (0.2, 83.9, [1, 1, 0]), (0.2, 56.0, [1, 1, 0]),
        (0.2, 35.0, [1, 0, 0]), (0.2, 7.0, [0, 0, 0]),
    ):  # fmt: skip
        attend(1, 0, 0, never, death, days, p, seen)
        assert seen.tolist() == expected, (never, death)
    always = parameters(
        study, observation__never_returns=0.0, observation__attendance=1.0, observation__near_death_ratio=1.0
    )
    attend(1, 0, 0, 0.5, 28.0, days, always, seen)
    assert seen.tolist() == [1, 0, 0]  # not on the day of death


def test_operations_need_somebody_alive(study):
    operate = door(skeletal.operate)
    p = parameters(study, surgery__delay_days=3.0)
    for death, n, day in ((103.0, 0.0, math.inf), (103.1, 1.0, 103.0)):
        one = record(layout.TRAJECTORY, time_to_death=death, surgery=math.inf)
        operate(one, 100.0, p)
        assert (one.n_operations, one.surgery) == (n, day)
    one = record(layout.TRAJECTORY, time_to_death=400.0, surgery=math.inf)
    for event in (200.0, 100.0, 300.0):
        operate(one, event, p)
    assert (one.n_operations, one.surgery) == (3.0, 103.0)


def test_the_hip_at_high_risk_begins_at_its_limit(study):
    time_to_fracture = door(skeletal.time_to_fracture)
    p = parameters(
        study, fracture__high_risk_mm=30.0, fracture__high_risk__early_rate_per_day=0.01, fracture__high_risk__late_rate_per_day=0.001,
        fracture__high_risk__early_until_days=60.0, fracture__rate_per_day__hip=0.0001, fracture__rate_per_day__rib=0.0002,
    )  # fmt: skip
    for site, cortical, ratio, day in (
        (layout.HIP, 30.0, 1.0, 60.0 + 400.0), (layout.HIP, 29.9, 1.0, 10_000.0), (layout.RIB, 30.0, 1.0, 5_000.0), (layout.HIP, 30.0, 2.0, 50.0),
        (layout.RIB, 0.0, 2.0, 2_500.0),
    ):  # fmt: skip
        patient = record(layout.PATIENT, site=site, cortical_involvement_mm=cortical)
        assert time_to_fracture(1.0, patient, ratio, p) == pytest.approx(day), (site, cortical, ratio)


def test_purposes_are_never_renumbered():
    names = [name for name in vars(purposes) if name.isupper()]
    by_hand = {"COHORT_ROW": 16, "PARAMETER": 64}
    assert {name: getattr(purposes, name) for name in names} == {
        name: by_hand.get(name) or getattr(twin, name) for name in names
    }
    assert (twin.FRAILTY, twin.RESPONSE, twin.FLARE, twin.OFFER, twin.WORSENING, twin.TITRATION) == (
        128,
        132,
        136,
        140,
        144,
        148,
    )
