"""Steps of the kernel at the edges that a random patient hardly ever meets, by hand."""

import math
from statistics import NormalDist

import numpy as np
import pytest
import twin

from radsim.compiled import door
from radsim.config import load_config
from radsim.courses import schedule_records
from radsim.evidence.entries import NARROWEST
from radsim.kernel import (
    analgesic,
    layout,
    observe,
    pain,
    purposes,
    report,
    response,
    retreatment,
    segments,
    skeletal,
    trajectory,
)
from radsim.maths.dose import fraction_day
from radsim.study import parameter_record, prepare


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


def in_pain(**given):
    """The trajectory of a patient in pain to whom nothing has happened after one course."""
    one = record(layout.TRAJECTORY, n_courses=1, irradiated=1, pain=8.0, time_to_death=math.inf)
    for name in ("onset", "fade", "relapse", "flare_start", "flare_stop"):
        one[name][:] = math.inf
    for name in ("worsening", "worsening_end", "fracture", "cord_compression", "surgery", "titration", "escalation"):
        one[name] = math.inf
    for name, value in given.items():
        if np.ndim(one[name]):
            one[name][0] = value
        else:
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
    one = record(layout.TRAJECTORY, n_courses=1, irradiated=1)
    one["fraction_class"][:] = layout.MULTIPLE
    one["bed_gy2"][:2] = 30.0, 1000.0  # of the second course, which is not yet given
    for site, prior, u, row in (
        (layout.SPINE, 0.0, 0.4, 0), (layout.SPINE, 0.0, 0.5, 2), (layout.SPINE, 45.0, 0.4, 0), (layout.SPINE, 46.0, 0.4, 0),
        (layout.SPINE, 46.0, 0.6, 0), (layout.HIP, 51.0, 0.4, 0), (layout.HIP, 51.0, 0.6, 1),
    ):  # fmt: skip
        patient = record(layout.PATIENT, site=site, prior_bed_gy2=prior)
        assert choose(one, 0, 100.0, u, patient, repeats, p) == row, (site, prior, u)
    eligible = door(retreatment.eligible)
    for site, prior, allowed in ((layout.SPINE, 50.0, True), (layout.SPINE, 50.1, False), (layout.HIP, 50.1, True)):
        assert eligible(one, 0, 100.0, record(layout.PATIENT, site=site, prior_bed_gy2=prior), repeats, p) == allowed
    repeats.cord_bed_gy2 = 60.0, 60.0, 45.0  # where several fractions spare the cord
    assert eligible(one, 0, 100.0, record(layout.PATIENT, site=layout.SPINE, prior_bed_gy2=45.0), repeats, p)
    repeats.cord_bed_gy2 = 40.0, 60.0, 45.0
    one["fraction_class"][:] = layout.SINGLE
    patient = record(layout.PATIENT, site=layout.SPINE)
    assert choose(one, 0, 100.0, 0.5, patient, repeats, p) == 1
    assert choose(one, 0, 100.0, 0.5, record(layout.PATIENT, site=layout.SPINE, prior_bed_gy2=40.0), repeats, p) == 0


def rates(study, **changes):
    """Rates of a repeat that can be added on paper."""
    given = {"least_pain": 3, "minimum_interval_days": 28.0, "early_until_days": 182.0, "early_rate_per_day": 0.01, "late_rate_per_day": 0.002,
             "willingness_ratio": 4.0, "late_willingness_ratio": 2.0, **changes}  # fmt: skip
    return parameters(study, **{f"retreatment__{name}": value for name, value in given.items()})


def test_a_repeat_is_not_given_on_the_day_of_death_or_too_soon(study):
    plan, p = door(retreatment.plan_repeat), rates(study)
    repeats = np.zeros(3, layout.SCHEDULE).view(np.recarray)
    patient = record(layout.PATIENT, site=layout.HIP)
    for exponential, death, day in (
        (0.4, 68.1, 68.0),
        (0.4, 68.0, math.inf),
        (1e-9, 28.1, 28.0),
        (1e-9, 28.0, math.inf),
    ):
        found, row = plan(in_pain(time_to_death=death), 0, exponential, 0.0, patient, repeats, p)
        assert (found, row) == (pytest.approx(day), 0 if day < math.inf else -1), (exponential, death)


def test_the_rates_of_a_repeat_by_class(study):
    offer_rates, p = door(retreatment.offer_rates), rates(study)
    assert offer_rates(layout.SINGLE, p) == (0.01, 0.002)
    assert offer_rates(layout.MULTIPLE, p) == (0.0025, 0.001)


def test_only_days_of_need_bring_a_repeat_nearer(study):
    time_of_repeat, p = door(retreatment.time_of_repeat), rates(study)
    repeats = np.zeros(3, layout.SCHEDULE).view(np.recarray)
    patient = record(layout.PATIENT, site=layout.HIP)
    # 12 days before relief on day 40, 82 after its end on day 100, then the late rate
    relieved = {
        "response_class": layout.COMPLETE,
        "onset": 40.0,
        "fade": 60.0,
        "relapse": 100.0,
        "time_to_death": 1000.0,
    }
    for exponential, day in ((0.1, 38.0), (0.12, 40.0), (0.13, 101.0), (0.93, 181.0), (0.96, 192.0), (2.6, math.inf)):
        assert time_of_repeat(in_pain(**relieved), 0, exponential, patient, repeats, p) == pytest.approx(day), (
            exponential
        )
    # what is stated decides: relief that has faded, and relief of somebody who says three more
    for deviation, fade, day in (
        (1.4, 60.0, 101.0),
        (1.5, 60.0, 61.0),
        (3.0, 90.0, 91.0),
        (-5.4, 60.0, 101.0),
        (-5.6, 60.0, math.inf),
    ):
        one = in_pain(**relieved, deviation=deviation)
        one["fade"][0] = fade
        assert time_of_repeat(one, 0, 0.13, patient, repeats, p) == pytest.approx(day), deviation
    # a flare is need while it lasts; a second course's relief ends it
    flaring = in_pain(**relieved | {"onset": 20.0}, flare_start=50.0, flare_stop=55.0)
    assert time_of_repeat(flaring, 0, 0.03, patient, repeats, p) == pytest.approx(53.0)
    assert time_of_repeat(flaring, 0, 0.06, patient, repeats, p) == pytest.approx(101.0)


def test_days_without_a_budget_of_the_cord_do_not_count(study):
    time_of_repeat = door(retreatment.time_of_repeat)
    cord = {"cord__early_limit_gy2": 120.0, "cord__late_limit_gy2": 135.5, "cord__early_within_days": 100.0}
    p = rates(study)
    for name, value in cord.items():
        p[name.replace("__", "_")] = value
    repeats = np.zeros(3, layout.SCHEDULE).view(np.recarray)
    repeats.cord_bed_gy2 = 40.0, 60.0, 45.0
    for prior, day in ((40.0, 38.0), (41.0, 110.0), (56.0, math.inf)):
        patient = record(layout.PATIENT, site=layout.SPINE, prior_bed_gy2=prior)
        one = in_pain(bed_gy2=40.0, time_to_death=900.0)
        assert time_of_repeat(one, 0, 0.1, patient, repeats, p) == pytest.approx(day), prior


def test_what_is_stated_of_a_pain(study):
    stated, true = door(report.stated_pain), door(report.true_pain)
    for felt, deviation, score in (
        (2.49, 0.0, 2),
        (2.5, 0.0, 3),
        (9.8, 1.0, 10),
        (0.3, -1.0, 0),
        (0.0, 3.0, 0),  # who has no pain states none
        (0.49, 3.0, 0),
        (0.5, 3.0, 4),
    ):
        assert stated(felt, deviation) == score, (felt, deviation)
    at_start = {"report__at_start_mean": 6.0, "report__at_start_sd": 2.0}
    for sd, before, u, felt in (
        (0.0, 9.0, 0.999, 9.0),
        (1.0, 10.0, 0.5, 9.0),
        (1.0, 10.0, 1.0 - 1e-9, 10.0),
        (1.0, 0.0, 1e-9, 0.0),
        (2.5, 10.0, 0.9, 6.0),
    ):
        assert true(
            before, NormalDist().inv_cdf(u), parameters(study, report__slow_sd=sd, **at_start)
        ) == pytest.approx(felt), (sd, before)


def test_complete_relief_passes_and_none_outlasts_the_last_weeks(study):
    respond = door(response.respond)
    level_at, response_at = door(pain.level_at), door(pain.response_at)
    p = parameters(
        study,
        response__cut_overall=-1.0,
        response__cut_complete=1.0,
        response__minor_margin=0.5,
        analgesic__relief_per_increase=0.2,
    )
    schedule, patient = record(layout.SCHEDULE), record(layout.PATIENT)
    for score, onset, complete, relapse, terminal, expected in (
        (1.1, 9.0, 30.0, 100.0, 400.0, (9.0, 39.0, 109.0)), (1.1, 9.0, 300.0, 100.0, 400.0, (9.0, 109.0, 109.0)),
        (1.1, 9.0, 30.0, 100.0, 20.0, (9.0, 20.0, 20.0)), (1.1, 9.0, 30.0, 100.0, -4.0, (9.0, 9.0, 9.0)),
        (0.0, 9.0, 30.0, 100.0, 50.0, (9.0, math.inf, 50.0)), (-2.0, 9.0, 30.0, 100.0, 50.0, (math.inf,) * 3),
    ):  # fmt: skip
        one = in_pain(terminal=terminal)
        respond(one, 0, score, onset, complete, relapse, schedule, patient, p)
        assert (one.onset[0], one.fade[0], one.relapse[0]) == expected, (score, terminal)
    one = in_pain(terminal=400.0, escalation=50.0)
    respond(one, 0, 1.1, 9.0, 30.0, 100.0, schedule, patient, p)
    for day, height, latent in (
        (8.9, 8.0, layout.NONE), (9.0, 0.0, layout.COMPLETE), (38.9, 0.0, layout.COMPLETE), (39.0, 1.0, layout.PARTIAL),
        (50.0, 0.8, layout.PARTIAL), (108.9, 0.8, layout.PARTIAL), (109.0, 6.4, layout.NONE),
    ):  # fmt: skip
        assert (level_at(day, one, 1, p), response_at(day, one, 1)) == (pytest.approx(height), latent), day


def test_worse_pain_and_the_drift_of_the_dose_end(study):
    base_pain, raised_dose = door(pain.base_pain), door(analgesic.raised_dose)
    p = parameters(
        study,
        pain__worsening_points=3.0,
        analgesic__increase=0.5,
        analgesic__drift_per_day=0.01,
        analgesic__drift_until_days=50.0,
    )
    one = in_pain(worsening=10.0, worsening_end=20.0, escalation=100.0, drifts=1)
    assert [base_pain(day, one, p) for day in (9.9, 10.0, 19.9, 20.0)] == [8.0, 10.0, 10.0, 8.0]
    assert [raised_dose(day, one, 1, 60.0, p) for day in (99.0, 100.0, 120.0, 150.0, 900.0)] == pytest.approx(
        [60, 90, 108, 135, 135]
    )
    one.drifts = 0
    assert raised_dose(900.0, one, 1, 60.0, p) == 90.0


@pytest.mark.parametrize("name", ["onset", "fade", "relapse", "level", "flare_start", "flare_stop", "response_class"])
def test_a_trajectory_that_differs_in_relief_is_looked_at_anew(name):
    same = door(segments.same_trajectory)
    one, other = in_pain(time_to_death=500.0), in_pain(time_to_death=500.0)
    assert same(one, other)
    other[name][0] = 1
    assert not same(one, other)


def test_the_cut_points_of_response(study):
    response_class, level = door(response.response_class), door(response.pain_while_responding)
    p = parameters(study, response__cut_overall=-1.0, response__cut_complete=1.0, response__minor_margin=0.5)
    for score, index_pain, expected, height in (
        (1.001, 8.0, layout.COMPLETE, 0.0), (1.0, 8.0, layout.PARTIAL, 1.0), (0.0, 8.0, layout.PARTIAL, 3.5),
        (-0.999, 8.0, layout.PARTIAL, 1.0 + 5.0 * 1.999 / 2.0), (-1.0, 8.0, layout.MINOR, 7.0), (-1.499, 8.0, layout.MINOR, 7.0),
        (0.0, 2.0, layout.COMPLETE, 0.0), (0.0, 3.0, layout.PARTIAL, 1.0),
    ):  # fmt: skip
        assert response_class(score, index_pain, -1.0, 1.0, p) == expected, score
        assert level(score, expected, index_pain, p) == pytest.approx(height, rel=1e-12), score
    assert response_class(-1.5, 8.0, -1.0, 1.0, p) == layout.NONE
    assert response_class(0.6, 8.0, -1.0, 0.5, p) == layout.COMPLETE
    cut_points = door(response.cut_points)
    schedule = record(layout.SCHEDULE, advantage=0.3, neuropathic_advantage=0.1, complete_advantage=0.2)
    assert cut_points(schedule, record(layout.PATIENT), p) == pytest.approx((-1.3, 0.5))
    assert cut_points(schedule, record(layout.PATIENT, neuropathic=1), p) == pytest.approx((-1.1, 0.7))
    schedule["complete_advantage"] = 9.0
    assert cut_points(schedule, record(layout.PATIENT), p) == pytest.approx((-1.3, -1.25))


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
    one["fade"][:] = math.inf
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
        assert time_to_fracture(1.0, patient, ratio, layout.NEUTRAL[0].copy(), p) == pytest.approx(day), (
            site,
            cortical,
            ratio,
        )


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


def test_the_band_of_partial_response_has_one_least_width():
    assert response.NARROWEST_PARTIAL == NARROWEST  # the kernel does not import the registry
