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

N = 2000
NEEDS = ("non_response", "progression", "no_failure")
NO_OFFERS = {f"retreatment.offer.{c}.{need}": 0.0 for c in ("single", "multiple") for need in NEEDS}
HELPS = [
    {"flare.probability": 0.1},
    {"flare.rise_points": 1.0},
    {
        "fracture.rate_per_day.pelvis": 1e-6,
        "fracture.rate_per_day.hip": 1e-6,
        "fracture.high_risk.early_rate_per_day": 1e-6,
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


def test_willingness_of_one_leaves_only_eligibility():
    s = study(n=6000, parameters={"retreatment.willingness_ratio": 1.0}, cohort={"site": "pelvis"})
    _, lives = record_trajectories(s, 0, 6000)
    single, multiple = lives[0], lives[1]
    both = (single["n_courses"] > 1) & (multiple["n_courses"] > 1)
    assert both.sum() > 500
    # whoever is treated again after several fractions would have been after one; four weeks after the last fraction is later
    assert not ((multiple["n_courses"] > 1) & (single["n_courses"] == 1)).any()
    assert (multiple["start"][both, 1] >= single["start"][both, 1]).all()
    assert (multiple["start"][both, 1] - single["start"][both, 1] <= multiple["last_fraction"][both, 0] + 1e-9).all()
    missed = (single["n_courses"] > 1) & (multiple["n_courses"] == 1)
    assert (single["start"][missed, 1] + 4.0 >= single["time_to_death"][missed] - 1e-9).all()  # died in between


def test_policies_as_calibrated_differ():
    t = totals(study(n=4000))
    single, *multiple = flag(t, "retreatment")
    assert single > 2 * max(multiple)


def test_four_gray_relieves_less_than_eight_and_ten_fractions_no_more():
    four, six, eight, ten = flag(totals(study(n=6000, schedules=("4Gy/1", "6Gy/1", "8Gy/1", "30Gy/10"))), "response")
    assert four < six < eight == ten


def test_nobody_complete_has_pain_left():
    _, lives = record_trajectories(study(n=N), 0, N)
    complete = lives["response_class"][..., 0] == COMPLETE
    partial = lives["response_class"][..., 0] == PARTIAL
    assert (lives["level"][..., 0][complete] == 0.0).all()
    assert (lives["level"][..., 0][partial] >= 1.0).all()


def test_cord_budget_binds_only_at_the_spine():
    offers = {
        f"retreatment.offer.{c}.{k}": 1.0 for c in ("single", "multiple") for k in ("non_response", "progression")
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
    for name in ("latent_response", "retreatment", "fracture", "died"):
        assert np.array_equal(flag(with_it, name), flag(without, name))


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
