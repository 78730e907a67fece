"""What must hold of every life, whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import flag, of_schedule, study, time_column, totals

from radsim.config import load_config
from radsim.engine import event_times, record_trajectories
from radsim.kernel.layout import COMPLETE, PARTIAL
from radsim.study import prepare
from radsim.trials.individuals import read_on

N = 2000
NO_OFFERS = {"retreatment.early_rate_per_day": 0.0, "retreatment.late_rate_per_day": 0.0}
MANY_OFFERS = {"retreatment.early_rate_per_day": 0.03, "retreatment.late_rate_per_day": 0.005}
NO_DIFFERENCE = {
    "response.log_odds.single_fraction": 0.0,
    "response.complete_log_odds.single_fraction": 0.0,
    "response.log_odds.neuropathic_single_fraction": 0.0,
    "relapse.single_fraction_hazard_ratio": 1.0,
    "relapse.neuropathic_single_fraction_hazard_ratio": 1.0,
    "flare.single_fraction_risk_ratio": 1.0,
    "fracture.single_fraction_rate_ratio": 1.0,
    "cord_compression.single_fraction_rate_ratio": 1.0,
}
SPREAD = {"report.slow_sd": 1.5, "pain.worsening_rate_per_day": 0.005, "analgesic.relief_per_increase": 0.2}
HELPS = [
    {"flare.probability": 0.1},
    {"flare.rise_points": 1.0},
    {
        "fracture.rate_per_day.pelvis": 1e-6,
        "fracture.rate_per_day.hip": 1e-6,
        "fracture.high_risk.early_rate_per_day": 1e-6,
        "fracture.high_risk.late_rate_per_day": 1e-6,
    },
    {"cord_compression.rate_per_day": 1e-6},
    {"survival.log_time.intercept": 4.3},
    {"pain.worsening_rate_per_day": 1e-6},
]


@settings(max_examples=15, deadline=None)
@given(
    karnofsky=st.sampled_from([30, 60, 90]), pain=st.integers(2, 10), site=st.sampled_from(["hip", "spine", "rib"]),
    era=st.sampled_from(["1990s", "modern"]), horizon=st.sampled_from([30, 400, 1825, "lifetime"]),
)  # fmt: skip
def test_sums_are_consistent(karnofsky, pain, site, era, horizon):
    s = study(n=200, schedules=("8Gy/1", "none"), horizon_days=horizon, times_days=[7, 28],
              cohort={"karnofsky": karnofsky, "pain": pain, "site": site, "era": era})  # fmt: skip
    t = totals(s)
    n = t.n.sum()
    assert n == 200
    assert (t.flag >= 0).all() and (t.flag.sum(axis=1) <= n).all()
    assert (t.visit[..., 1] <= t.visit[..., 0]).all() and (t.visit[..., 2] <= t.visit[..., 1]).all()
    assert (flag(t, "complete") <= flag(t, "response")).all()
    # every day of every life is in exactly one cell; a segment is rounded to a 2**20th of a day
    segments = 200 * 60
    assert t.occupancy.sum(axis=(0, 1, 3, 4)) == pytest.approx(
        t.patient[..., 0].sum(axis=(0, 1)), abs=segments * 2.0**-21
    )
    assert (t.patient[..., 1] <= t.patient[..., 0] + segments * 2.0**-21).all()
    assert (time_column(t, "in_relief") <= time_column(t, "alive")).all()
    assert (time_column(t, "in_complete_relief") <= time_column(t, "in_relief")).all()
    assert t.exposure[..., 0].sum() == pytest.approx(t.patient[..., 0, 0].sum(), abs=segments * 2.0**-21)
    assert t.onset_histogram.sum() == flag(t, "responder").sum()
    assert (t.relapse_histogram + t.censor_histogram).sum() == flag(t, "responder").sum()


def test_nothing_happens_after_death():
    s = study(n=N)
    _, lives = record_trajectories(s, 0, N)
    times = event_times(lives, math.inf)
    for name, values in times.items():
        assert not (values > lives["time_to_death"]).any(), name
    repeats = lives["n_courses"] > 1
    assert repeats.any()
    for k in (1, 2, 3):
        there = lives["n_courses"] > k
        gap = lives["start"][..., k] - lives["last_fraction"][..., k - 1]
        assert (gap[there] >= 28.0).all()
        assert (lives["start"][..., k][there] < lives["time_to_death"][there]).all()


@pytest.mark.parametrize("change", HELPS, ids=[next(iter(c)) for c in HELPS])
def test_what_can_only_help_harms_nobody(change):
    before, after = study(n=N, parameters=NO_OFFERS), study(n=N, parameters={**NO_OFFERS, **change})
    _, worse = record_trajectories(before, 0, N)
    _, better = record_trajectories(after, 0, N)
    for name in ("fracture", "cord_compression", "worsening", "time_to_death"):
        earlier = better[name] < worse[name]
        if name in ("fracture", "cord_compression"):  # a longer life may meet what death forestalled
            earlier &= worse["time_to_death"] >= better[name]
        assert not earlier.any(), name
    a, b = totals(before), totals(after)
    for i, (x, y) in enumerate(zip(flag(a, "response"), flag(b, "response"), strict=True)):
        assert y >= x, i
    living = time_column(a, "alive") > 0
    if "survival.log_time.intercept" not in change:  # the living are the same people
        assert (b.time_sum[..., 0].sum(axis=(0, 1)) <= a.time_sum[..., 0].sum(axis=(0, 1)) + 1e-9)[living].all()


def test_retreatment_off_leaves_the_index_response_unchanged():
    on, without = totals(study(n=4000)), totals(study(n=4000, parameters=NO_OFFERS))
    assert flag(without, "retreatment").sum() == 0 < flag(on, "retreatment").sum()
    assert np.array_equal(on.visit, without.visit)
    for name in ("response", "complete", "latent_response", "latent_complete"):
        assert np.array_equal(flag(on, name), flag(without, name)), name
    assert (flag(on, "response_including_retreatment") >= flag(on, "response")).all()
    assert np.array_equal(flag(without, "response_including_retreatment"), flag(without, "response"))


def first_repeats(lives):
    """Day of the first repeat, infinite where there is none."""
    return np.where(lives["n_courses"] > 1, lives["start"][..., 1], np.inf)


def test_willingness_of_one_leaves_only_eligibility():
    equal = NO_DIFFERENCE | MANY_OFFERS | {"retreatment.willingness_ratio": 1.0}

    def repeats(schedule, interval, **cohort):
        s = study(
            n=N,
            schedules=(schedule,),
            parameters={**equal, "retreatment.minimum_interval_days": interval},
            cohort=cohort,
        )
        return first_repeats(record_trajectories(s, 0, N)[1][0])

    # the last of five fractions is given on day 4, of ten on day 11
    one = repeats("8Gy/1", 39.0, site="pelvis")
    assert np.isfinite(one).sum() > N / 4
    for schedule, interval in (("20Gy/5", 35.0), ("30Gy/10", 28.0)):  # but for rounding
        assert np.allclose(one, repeats(schedule, interval, site="pelvis"), rtol=1e-12, atol=0.0), schedule
    # 40 + 40 (8 Gy in 1) + 40 may be given to the cord, 40 + 60 + 40 never
    earlier = {"site": "spine", "prior_schedule": "8Gy/1", "prior_weeks_ago": 40}
    assert np.isfinite(repeats("8Gy/1", 28.0, **earlier)).sum() > N / 4
    assert not np.isfinite(repeats("20Gy/5", 28.0, **earlier)).any()


def test_more_reluctance_never_brings_a_first_repeat_earlier():
    before = np.full(N, -np.inf)
    for ratio in (0.5, 1.0, 1.5, 4.0, 20.0):
        s = study(n=N, schedules=("20Gy/5",), parameters={**MANY_OFFERS, "retreatment.willingness_ratio": ratio})
        days = first_repeats(record_trajectories(s, 0, N)[1][0])
        assert (days >= before).all() and (days > before).any(), ratio
        before = days


@pytest.mark.parametrize("least", [2, 3, 6])
def test_nobody_is_irradiated_again_without_stating_enough_pain(least):
    s = study(n=N, schedules=("8Gy/1",), parameters={**SPREAD, **MANY_OFFERS, "retreatment.least_pain": least})
    patients, lives = record_trajectories(s, 0, N)
    patients, lives = patients, lives[0]
    for k in (1, 2, 3):
        repeated = lives["n_courses"] > k
        just_before = np.nextafter(lives["start"][repeated, k], 0.0)
        stated = read_on(s, patients[repeated], lives[repeated], just_before).stated
        assert len(stated) and stated.min() == least, k
    # true pain is lower in some: it is what they state that counts
    assert (read_on(s, patients[repeated], lives[repeated], just_before).pain < least - 0.5).any()


def readings_of(parameters, days=(0.0, 3.0, 10.0, 40.0, 100.0, 250.0, 700.0), **changes):
    """Patients, trajectories and what is read of them on days on which they live."""
    s = study(n=N, schedules=("8Gy/1",), parameters=parameters, **changes)
    patients, lives = record_trajectories(s, 0, N)
    for day in days:
        alive = lives[0]["time_to_death"] > day
        yield s.values(0), patients[alive], lives[0][alive], read_on(s, patients[alive], lives[0][alive], day)


def test_pain_stays_on_its_scale():
    rises = {
        "flare.probability": 0.9,
        "fracture.rate_per_day.pelvis": 0.01,
        "pain.worsening_points": 3.0,
        "report.slow_sd": 2.5,
    }
    highest, lowest = [], []
    for _, _, lives, read in readings_of({**SPREAD, **rises}, cohort={"pain": 10}):
        for scores in (read.pain, read.stated, lives["pain"]):
            assert (scores >= 0.0).all() and (scores <= 10.0).all()
        assert np.array_equal(read.stated, np.floor(read.stated))
        highest.append((read.pain == 10.0).any() and (read.stated == 10.0).any())
        lowest.append((read.pain == 0.0).any() and (read.stated == 0.0).any())
    assert any(highest) and any(lowest)  # the ends of the scale were met


def test_the_dose_of_opioids_is_bounded():
    reached = 0.0
    fast = {
        "analgesic.escalation_rate_uncontrolled_per_day": 0.2,
        "analgesic.drift_until_days": 91.0,
        "analgesic.titration_probability": 0.5,
    }
    for p, patients, _, read in readings_of(fast, days=(1.0, 20.0, 80.0, 200.0, 700.0, 1500.0)):
        start = np.where(
            patients["morphine_equivalent"] > 0.0, patients["morphine_equivalent"], p["analgesic.starting_dose_mg"]
        )
        most = (1 + p["analgesic.increase"]) ** 2 * (1 + p["analgesic.drift_per_day"] * p["analgesic.drift_until_days"])
        assert (read.morphine_equivalent <= start * most * (1 + 1e-12)).all()
        reached = max(reached, (read.morphine_equivalent / (start * most)).max())
    assert reached == pytest.approx(1.0)  # by those who are titrated, escalated and drift


def test_no_relief_outlasts_the_beginning_of_the_last_weeks():
    s = study(
        n=N, schedules=("8Gy/1",), parameters={"terminal.mean_days": 60.0, "relapse.median_days": 5000.0, **MANY_OFFERS}
    )
    patients, lives = record_trajectories(s, 0, N)
    lives = lives[0]
    for k in range(4):
        in_force = (lives["n_courses"] > k) & (lives["onset"][:, k] < lives["relapse"][:, k])
        assert in_force.any()
        for edge in ("fade", "relapse"):
            ends = lives[edge][in_force, k]
            assert (ends[np.isfinite(ends)] <= lives["terminal"][in_force][np.isfinite(ends)]).all(), (k, edge)
    days = np.maximum(lives["terminal"], 0.0) + 1e-6
    alive = days < lives["time_to_death"]
    assert not read_on(s, patients[alive], lives[alive], days[alive]).response.any()
    ended = (lives["relapse"][:, 0] == lives["terminal"]).mean()
    assert ended > 0.2  # of all patients: nearly every relief ends so


def test_times_of_response_are_those_of_the_responders_who_are_counted():
    s = study(n=N, parameters={"terminal.mean_days": 60.0}, horizon_days=400)
    patients, lives = record_trajectories(s, 0, N)
    times = event_times(lives, 400.0)
    assert np.isfinite(times["time_to_response"]).sum(axis=1).tolist() == flag(totals(s), "responder").tolist()
    responds = (lives["response_class"][..., 0] >= PARTIAL) & (
        lives["onset"][..., 0] < np.minimum(lives["time_to_death"], 400.0)
    )
    assert (
        np.isfinite(times["time_to_response"]).sum(axis=1) < responds.sum(axis=1)
    ).all()  # relief in the last weeks never begins
    assert not (np.isfinite(times["time_to_relapse"]) & ~np.isfinite(times["time_to_response"])).any()


def test_without_deviation_what_is_stated_is_what_is_felt():
    for _, patients, lives, read in readings_of({**SPREAD, "report.slow_sd": 0.0}):
        assert np.array_equal(lives["pain"], patients["pain"]) and not lives["deviation"].any()
        assert np.array_equal(read.stated, np.floor(read.pain + 0.5))
    *_, (_, patients, lives, read) = readings_of(SPREAD)
    assert (lives["pain"] != patients["pain"]).any() and (read.stated != np.floor(read.pain + 0.5)).any()


RELIEF = ("response_class", "level", "onset", "fade", "relapse")


COURSES = {"start", "last_fraction", "fractions_given", "onset", "fade", "relapse", "level", "flare_start", "flare_stop", "toxicity", "response_class", "fraction_class"}  # fmt: skip
"""Fields of a trajectory that hold one value a course."""


def test_schedules_of_a_class_on_the_plateau_take_the_same_course():
    s = study(
        n=N,
        schedules=("20Gy/5", "25Gy/5", "30Gy/10", "8Gy/1", "10Gy/1"),
        cohort={"site": "pelvis"},
        parameters=MANY_OFFERS,
    )
    five, more, ten, eight, higher = record_trajectories(s, 0, N)[1]
    for same, other in ((five, more), (eight, higher)):
        assert (same["n_courses"] > 1).any()
        for name in set(same.dtype.names) - {"bed_gy2"}:
            there = (
                np.arange(4) < same["n_courses"][:, None] if same[name].shape[1:] == (4,) and name in COURSES else ...
            )
            assert np.array_equal(same[name][there], other[name][there]), name
    for name in RELIEF:  # a longer course is repeated later
        assert np.array_equal(five[name][:, 0], ten[name][:, 0]), name


def test_without_relative_effects_one_fraction_and_five_respond_alike():
    def index(**effects):
        s = study(n=N, schedules=("8Gy/1", "20Gy/5"), parameters={**NO_DIFFERENCE, **effects})
        return record_trajectories(s, 0, N)[1], totals(s)

    (one, five), t = index()
    for name in RELIEF:
        assert np.array_equal(one[name][:, 0], five[name][:, 0]), name
    assert np.array_equal(t.visit[:, :, 0], t.visit[:, :, 1])
    for name in ("response", "complete", "flare", "fracture", "cord_compression"):
        assert flag(t, name)[0] == flag(t, name)[1], name
    for effect, better, field in (
        ("response.log_odds.single_fraction", 0.4, "response_class"), ("response.complete_log_odds.single_fraction", 0.4, "response_class"),
        ("response.log_odds.neuropathic_single_fraction", 0.4, "response_class"), ("relapse.single_fraction_hazard_ratio", 0.7, "relapse"),
        ("relapse.neuropathic_single_fraction_hazard_ratio", 0.7, "relapse"),
    ):  # fmt: skip
        (one, five), _ = index(**{effect: better})
        there = np.isfinite(five[field][:, 0])
        assert (np.isfinite(one[field][:, 0]) == there).all()
        gain = one[field][there, 0] - five[field][there, 0]
        assert (gain >= 0.0).all() and (gain > 0.0).any(), effect


def test_policies_as_calibrated_differ():
    t = totals(study(n=4000))
    single, *multiple = flag(t, "retreatment")
    assert single > 2 * max(multiple)


def test_four_gray_relieves_less_than_eight_and_ten_fractions_no_more():
    four, six, eight, ten = flag(
        totals(study(n=6000, schedules=("4Gy/1", "6Gy/1", "8Gy/1", "30Gy/10"), parameters=NO_DIFFERENCE)), "response"
    )
    assert four < six < eight == ten


def test_nobody_complete_has_pain_left():
    _, lives = record_trajectories(study(n=N), 0, N)
    complete = lives["response_class"][..., 0] == COMPLETE
    partial = lives["response_class"][..., 0] == PARTIAL
    assert (lives["level"][..., 0][complete] == 0.0).all()
    pain = np.broadcast_to(lives["pain"], partial.shape)[partial]
    level = lives["level"][..., 0][partial]
    assert (level >= np.minimum(1.0, pain - 2.0) - 1e-12).all() and (level >= 0.0).all()
    assert (level <= np.maximum(1.0, pain - 2.0) + 1e-12).all()  # a partial response takes two points


def test_cord_budget_binds_only_at_the_spine():
    offers = {
        "retreatment.early_rate_per_day": 0.2,
        "retreatment.late_rate_per_day": 0.05,
        "retreatment.willingness_ratio": 1.0,
    }
    spine = study(n=3000, schedules=("30Gy/10",), parameters=offers, cohort={"site": "spine"})
    _, lives = record_trajectories(spine, 0, 3000)
    total = np.where(np.arange(4) < lives["n_courses"][..., None], lives["bed_gy2"], 0.0)
    assert (total.sum(axis=-1) <= 135.5).all()
    early = (lives["n_courses"] > 1) & (lives["start"][..., 1] - lives["last_fraction"][..., 0] < 182)
    assert (total[early][:, :2].sum(axis=-1) <= 120.0).all()
    _, elsewhere = record_trajectories(
        study(n=3000, schedules=("30Gy/10",), parameters=offers, cohort={"site": "rib"}), 0, 3000
    )
    assert (elsewhere["n_courses"] == 4).any() and (lives["n_courses"] < 4).all()


def test_dexamethasone_lowers_flare_and_nothing_else():
    without, with_it = totals(study(n=4000)), totals(study(n=4000, care={"dexamethasone_prophylaxis": True}))
    assert (flag(with_it, "flare") < flag(without, "flare")).all()
    for name in ("latent_response", "fracture", "died"):
        assert np.array_equal(flag(with_it, name), flag(without, name))
    assert (flag(with_it, "retreatment") <= flag(without, "retreatment")).all()  # a flare of a month is need


def test_subgroups_add_up_to_the_whole():
    whole, parts = totals(study(n=3000)), totals(study(n=3000, subgroups=["primary", "site"]))
    assert parts.n.shape[0] == 24
    assert np.array_equal(parts.flag.sum(axis=0), whole.flag.sum(axis=0))
    assert np.array_equal(parts.occupancy.sum(axis=0), whole.occupancy.sum(axis=0))


def test_registry_of_real_patients_each_row(tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("primary,pain,karnofsky,site\nbreast,8,70,hip\nlung,5,50,spine\nprostate,10,90,rib\n")
    s = prepare(
        load_config({"radsim": 1, "seed": 1, "schedules": ["8Gy/1"], "cohort": {"file": str(rows), "each_row": 4}})
    )
    assert s.n_patients == 12
    patients, _ = record_trajectories(s, 0, 12)
    assert patients["pain"].tolist() == [8] * 4 + [5] * 4 + [10] * 4
    assert patients["site"].tolist() == [0] * 4 + [2] * 4 + [4] * 4
    again = of_schedule(totals(s), 0)
    assert all(np.array_equal(x, y) for x, y in zip(again, of_schedule(totals(s), 0), strict=True))
