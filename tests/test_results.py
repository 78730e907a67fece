"""Results: statistics against closed forms and hand counts, a Dataset from sums made by hand."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from radsim.cord import CordVerdict
from radsim.evidence import Entry, Registry
from radsim.kernel.layout import (
    EXPOSURES,
    FLAGS,
    ITEMS,
    PATIENT_SUMS,
    STATES,
    TIME_COUNTS,
    TIME_SUMS,
    VISIT_COUNTS,
    counted_items,
)
from radsim.maths.measures import MEASURES
from radsim.results import DIMENSIONS, VARIABLES, assemble, label
from radsim.results.assemble import outputs, stack
from radsim.results.statistics import (
    divide,
    mean,
    median_of_days,
    median_of_durations,
    paired_error,
    proportion,
    ratio,
)
from radsim.sums import Totals

N_BATCHES, N_DAYS = 3, 40
SCHEDULES = ("8Gy/1", "20Gy/5")

CONTRACT = [
    "overall_response",
    "complete_response",
    "partial_response",
    "latent_overall_response",
    "latent_complete_response",
    "consensus_overall_response",
    "consensus_complete_response",
    "pain_score_overall_response",
    "pain_score_complete_response",
    "relief",
    "retreatment",
    "pathological_fracture",
    "spinal_cord_compression",
    "pain_flare",
    "acute_toxicity",
    "retreatment_incidence",
    "pathological_fracture_incidence",
    "spinal_cord_compression_incidence",
    "survival",
    "mean_pain_score",
    "mean_morphine_equivalent",
    "time_to_response",
    "duration_of_response",
    "net_pain_relief",
    "net_pain_relief_all",
    "life_years",
    "treatment_days",
    "share_of_life_in_treatment",
    "occupancy",
    "count",
]


# --- a study and its sums, by hand ----------------------------------------------------------------


def entry(name, value, unit):
    return Entry(name, value, {"fixed": {}}, unit, "anyone", "Nobody 2001, table 1", "provisional", "")


@pytest.fixture
def make_study():
    """A study as far as results read it."""
    from radsim.config import load_config

    def make(*, n_draws=0, subgroups=(), labels=("",)):
        config = load_config({
            "seed": 5, "schedules": list(SCHEDULES), "draws": n_draws, "subgroups": list(subgroups),
            "observation": {"visits_weeks": [1, 4]}, "times_days": [7, 28, 84], "horizon_days": 200,
        })  # fmt: skip
        return SimpleNamespace(
            config=config, n_draws=n_draws + 1,
            registry=Registry([entry("flare.probability", 0.3, "1"), entry("onset.median_days", 9.0, "d")]),
            samples={
                "flare.probability": np.full(n_draws + 1, 0.3),
                "onset.median_days": np.arange(n_draws + 1) + 9.0,
            },
            schedule_names=SCHEDULES,
            visits_weeks=np.array([1.0, 4.0]), times_days=np.array([7.0, 28.0, 84.0]),
            period_ends=np.array([91.3125, 182.625, 200.0]), subgroups=labels, warnings=("mind the gap",),
            tables=SimpleNamespace(rows=np.empty((0, 14))),
            cord=tuple(CordVerdict(name, "within", 1.0, "spine", (), 40.0, 40.0, None, (), True) for name in SCHEDULES),
        )  # fmt: skip

    return make


def make_totals(*, n_groups=1, n_batches=N_BATCHES, patients=100, fill=10):
    """Sums in which every patient count is `fill` and every batch has `patients`."""
    lead, s = (n_groups, n_batches), len(SCHEDULES)

    def whole(*shape, value=fill):
        return np.full((*lead, *shape), value, np.int64)

    def real(*shape, value=50.0):
        return np.full((*lead, *shape), value)

    histogram = np.zeros((n_groups, s, N_DAYS), np.int64)
    return Totals(
        n=whole(value=patients),
        exposure=real(3, len(EXPOSURES)),
        flag=whole(s, len(FLAGS)),
        visit=whole(s, 2, len(MEASURES), len(VISIT_COUNTS)),
        endpoint=whole(s, 0, 3),
        time_count=whole(s, 3, len(TIME_COUNTS)),
        time_sum=real(s, 3, len(TIME_SUMS)),
        patient=real(s, len(PATIENT_SUMS), value=5000.0),
        occupancy=real(s, 3, len(STATES)),
        count=real(s, 3, len(ITEMS)),
        onset_histogram=histogram.copy(),
        relapse_histogram=histogram.copy(),
        censor_histogram=histogram.copy(),
    )  # fmt: skip


def random_totals():
    """Sums that differ between batches and schedules, no part of them above the whole."""
    rng = np.random.default_rng(6)
    totals = make_totals(patients=100)
    for table in (totals.flag, totals.visit, totals.time_count):
        table[...] = rng.integers(20, 60, table.shape)
        table[..., 0] += 40  # responses, assessable, alive: what others are part of
    for table in (totals.time_sum, totals.patient):
        table[...] = rng.uniform(100.0, 900.0, table.shape)
    return totals


def outcome(*totals):
    return SimpleNamespace(totals=totals)


# --- statistics -----------------------------------------------------------------------------------


def test_a_zero_denominator_is_nan_and_not_zero():
    assert np.isnan(divide(0, 0)) and np.isnan(divide(3, 0))
    value, mcse = proportion(np.array([0, 0]), np.array([0, 10]))
    assert np.isnan(value[0]) and np.isnan(mcse[0])
    assert value[1] == 0.0 and mcse[1] == 0.0


def test_proportion_has_the_binomial_error():
    value, mcse = proportion(30, 120)
    assert value == 0.25
    assert mcse == pytest.approx(math.sqrt(0.25 * 0.75 / 120), rel=1e-14)


def test_mean_has_the_error_of_a_sample_mean():
    sample = np.array([1.0, 2.0, 4.0, 9.0])
    value, mcse = mean(sample.sum(), (sample**2).sum(), 4)
    assert value == sample.mean()
    assert mcse == pytest.approx(sample.std(ddof=1) / 2.0, rel=1e-14)


def test_mean_of_one_patient_has_no_error():
    value, mcse = mean(3.0, 9.0, 1)
    assert value == 3.0 and np.isnan(mcse)


def test_ratio_is_that_of_the_sums_with_the_spread_between_batches():
    rng = np.random.default_rng(1)
    x = rng.gamma(50.0, size=(2000, 16))
    y = 0.4 * x + rng.normal(size=x.shape)
    value, mcse = ratio(y, x)
    assert value[0] == pytest.approx(y[0].sum() / x[0].sum(), rel=1e-14)
    assert np.sqrt((mcse**2).mean()) == pytest.approx(value.std(), rel=5.0 / math.sqrt(2 * 2000))


def test_ratio_of_one_batch_has_no_error():
    value, mcse = ratio(np.array([[2.0]]), np.array([[4.0]]))
    assert value == 0.5 and np.isnan(mcse)


def test_ratio_that_one_batch_alone_tells_of_has_no_error():
    value, mcse = ratio(np.array([[2.0, 0.0, 0.0]]), np.array([[4.0, 0.0, 0.0]]))
    assert value == 0.5 and np.isnan(mcse)


def test_paired_error_by_hand():
    numerator = np.array([[3.0, 1.0], [5.0, 2.0]]).reshape(1, 2, 1, 2)  # batch, then schedule
    error = paired_error(numerator, np.full((1, 2, 1, 1), 10.0))
    # ratios 0.4 and 0.15; residuals (-1, 1) and (-0.5, 0.5), over 20 patients: differences of 0.025 either way
    assert error.shape == (1, 1, 2) and error[0, 0, 0] == 0.0
    assert error[0, 0, 1] == pytest.approx(math.sqrt(2.0 * 2.0 * 0.025**2), rel=1e-14)


def test_paired_error_is_the_spread_of_differences_under_the_same_luck():
    rng = np.random.default_rng(4)
    x = rng.gamma(50.0, size=(2000, 16, 1, 2))
    y = 0.4 * x + rng.normal(size=(2000, 16, 1, 1)) + 0.3 * rng.normal(size=x.shape)
    error = paired_error(y, x)[..., 1]
    value = y.sum(axis=1) / x.sum(axis=1)
    difference = value[..., 0] - value[..., 1]
    assert np.sqrt((error**2).mean()) == pytest.approx(difference.std(), rel=5.0 / math.sqrt(2 * 2000))
    independent = np.sqrt((ratio(y, x)[1] ** 2).mean(axis=0).sum())
    assert difference.std() < 0.5 * independent


def test_paired_error_needs_two_batches_with_anything_in_the_denominator():
    numerator, denominator = np.zeros((2, 1, 4, 1, 2, 1))
    numerator[0, 0], denominator[0, 0], denominator[0, 1, 0, 0] = 1.0, 2.0, 0.0
    assert np.isnan(paired_error(numerator, denominator)[0, 0, 1])
    denominator[0, 1, 0, 1] = 2.0
    assert paired_error(numerator, denominator)[0, 0, 1] > 0.0


def test_paired_error_from_another_reference():
    rng = np.random.default_rng(5)
    x, y = rng.gamma(50.0, size=(2, 1, 16, 1, 3))
    from_first, from_last = paired_error(y, x), paired_error(y, x, reference=2)
    assert from_last[0, 0, 2] == 0.0 and from_last[0, 0, 0] == pytest.approx(from_first[0, 0, 2], rel=1e-12)
    of_all = np.full((1, 16, 1, 1), 50.0)  # a denominator that every schedule shares
    assert paired_error(y, of_all, reference=2).shape == (1, 1, 3)


def test_median_of_days_by_hand():
    histogram = np.array([0, 2, 4, 2, 0])  # eight patients; the fourth is half way through day 2
    value, mcse = median_of_days(histogram)
    assert value == 2.5
    assert mcse > 0.0


def test_median_of_days_is_nan_where_nobody_responds_or_it_lies_beyond():
    value, mcse = median_of_days(np.array([[0, 0, 0], [1, 0, 5]]))
    assert np.isnan(value).all() and np.isnan(mcse).all()


def test_median_of_days_error_is_that_of_repeated_samples():
    rng = np.random.default_rng(2)
    times = rng.exponential(30.0, size=(1000, 500))
    histograms = np.stack([np.bincount(np.minimum(t, 399).astype(int), minlength=400) for t in times])
    value, mcse = median_of_days(histograms)
    assert value.mean() == pytest.approx(30.0 * math.log(2.0), abs=5.0 * 30.0 / math.sqrt(500 * 1000) + 0.05)
    assert mcse.mean() == pytest.approx(30.0 / math.sqrt(500), rel=0.05)


def test_median_of_durations_agrees_with_kaplan_meier():
    rng = np.random.default_rng(3)
    end, cut = rng.exponential(100.0, 20_000), rng.exponential(150.0, 20_000)
    lasted, ended = np.minimum(end, cut), end <= cut
    days = np.minimum(lasted.astype(int), 999)
    value, mcse = median_of_durations(
        np.bincount(days[ended], minlength=1000), np.bincount(days[~ended], minlength=1000)
    )
    with np.errstate():  # lifelines silences numpy for good
        oracle = KaplanMeierFitter().fit(lasted, ended).median_survival_time_
    assert value == pytest.approx(
        oracle, abs=0.5
    )  # lifelines steps at events, the life table interpolates within a day
    assert 0.5 < mcse < 2.0


def test_median_of_durations_is_nan_where_it_is_not_reached():
    ended, censored = np.array([[1, 0, 0], [0, 0, 0]]), np.array([[0, 9, 0], [0, 0, 0]])
    value, mcse = median_of_durations(ended, censored)
    assert np.isnan(value).all() and np.isnan(mcse).all()


# --- the Dataset ----------------------------------------------------------------------------------


def test_every_name_of_the_contract_is_there(make_study):
    dataset = assemble(make_study(), outcome(make_totals()))
    assert set(CONTRACT) <= set(dataset.data_vars)


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_is_as_its_table_says(make_study, name):
    dataset, variable = assemble(make_study(), outcome(make_totals())), VARIABLES[name]
    assert dataset[name].dims == variable.dims
    assert dataset[name].dtype == variable.dtype
    assert dataset[name].attrs["units"] == variable.units and dataset[name].attrs["long_name"]
    assert (f"{name}_mcse" in dataset) == variable.is_estimate
    if variable.is_estimate:
        assert dataset[f"{name}_mcse"].dims == variable.dims


def test_dimensions_keep_their_order(make_study):
    study = make_study(subgroups=["sex"], labels=("sex=female", "sex=male"))
    dataset = assemble(study, outcome(make_totals(n_groups=2)))
    for variable in dataset.data_vars.values():
        assert list(variable.dims) == sorted(variable.dims, key=DIMENSIONS.index)


def test_attributes_are_text_or_numbers(make_study):
    dataset = assemble(make_study(), outcome(make_totals()))
    for owner in [dataset, *dataset.variables.values()]:
        assert all(
            isinstance(value, str | int | float) and not isinstance(value, bool) for value in owner.attrs.values()
        )


def test_flags_become_shares_of_all_patients(make_study):
    totals = make_totals()
    totals.flag[0, :, 0, FLAGS.index("response")] = [50, 60, 70]
    totals.flag[0, :, 0, FLAGS.index("complete")] = [30, 30, 30]
    dataset = assemble(make_study(), outcome(totals))
    assert dataset["overall_response"].values[0, 0] == 180 / 300
    assert dataset["partial_response"].values[0, 0] == 90 / 300
    assert dataset["overall_response_mcse"].values[0, 0] == pytest.approx(math.sqrt(0.6 * 0.4 / 300), rel=1e-14)
    assert dataset["overall_response"].values[0, 1] == 30 / 300


def test_visits_are_shares_of_the_assessable(make_study):
    totals = make_totals()
    totals.visit[0, :, 1, 1, MEASURES.index("consensus"), VISIT_COUNTS.index("assessable")] = 40
    totals.visit[0, :, 1, 1, MEASURES.index("consensus"), VISIT_COUNTS.index("complete")] = 8
    dataset = assemble(make_study(), outcome(totals))
    assert dataset["consensus_overall_response"].values[0, 1].tolist() == [1.0, 0.25]
    assert dataset["consensus_complete_response"].values[0, 1, 1] == 0.2
    assert dataset["pain_score_overall_response"].values[0, 1].tolist() == [1.0, 1.0]


def test_means_are_among_the_living(make_study):
    dataset = assemble(make_study(), outcome(make_totals()))
    assert dataset["mean_pain_score"].values[0, 0, 0] == 5.0  # 150 points over 30 alive
    assert dataset["life_years"].values[0, 0] == pytest.approx(50.0 / 365.25, rel=1e-14)
    assert dataset["net_pain_relief"].values[0, 0] == 1.0


def test_occupancy_and_counts_are_per_patient_of_the_batch(make_study):
    totals = make_totals()
    totals.n[0] = [100, 100, 50]
    dataset = assemble(make_study(), outcome(totals))
    assert dataset["n_patients"].values[:, 0].tolist() == [100, 100, 50]
    assert dataset["occupancy"].values[:, 0, 0, 0, 0].tolist() == [0.5, 0.5, 1.0]
    assert dataset["count"].sizes["item"] == len(counted_items([{}]))


def test_where_the_patients_start_is_the_mean_of_all_of_them():
    import radsim
    from radsim.api import prepared
    from radsim.engine import record_trajectories, simulate_patients

    config = {"radsim": 1, "seed": 5, "cohort": {"size": 300}, "schedules": ["8Gy/1", "none"], "draws": 1}
    dataset, study = radsim.simulate(config, threads=1), prepared(config)
    pain = [
        record_trajectories(study, 0, 300, draw)[1]["pain"][0].mean() for draw in (0, 1)
    ]  # of the site, as every mean of pain
    dose = [simulate_patients(study, 0, 300, draw=draw)["morphine_equivalent"].mean() for draw in (0, 1)]
    for name, by_hand in (("pain_score_at_start", pain), ("morphine_equivalent_at_start", dose)):
        assert dataset[name].values == pytest.approx(by_hand, abs=1e-5) and by_hand[0] > 1.0


def test_batches_left_empty_are_left_out(make_study):
    totals = make_totals()
    totals.n[0] = [100, 0, 0]
    dataset = assemble(make_study(), outcome(totals))
    assert dataset.sizes["batch"] == 1
    assert not np.isnan(dataset["occupancy"]).any()


def test_nobody_responding_is_nan_in_medians_and_zero_in_shares(make_study):
    dataset = assemble(make_study(), outcome(make_totals(fill=0)))
    assert np.isnan(dataset["time_to_response"]).all() and np.isnan(dataset["duration_of_response"]).all()
    assert (dataset["overall_response"] == 0.0).all()
    assert np.isnan(dataset["consensus_overall_response"]).all()  # nobody was assessable


def test_subgroups_begin_with_everyone(make_study):
    totals = make_totals(n_groups=2)
    totals.n[1] = 300
    dataset = assemble(make_study(subgroups=["sex"], labels=("sex=female", "sex=male")), outcome(totals))
    assert dataset["subgroup"].values.tolist() == ["all", "sex=female", "sex=male"]
    assert dataset["n_patients"].sum("batch").values[:, 0].tolist() == [1200, 300, 900]
    assert dataset["overall_response"].values[:, 0, 0].tolist() == [60 / 1200, 30 / 300, 30 / 900]


def test_an_empty_subgroup_is_nan(make_study):
    totals = make_totals(n_groups=2)
    for table in totals:
        table[1] = 0
    dataset = assemble(make_study(subgroups=["sex"], labels=("sex=female", "sex=male")), outcome(totals))
    assert np.isnan(dataset["overall_response"].sel(subgroup="sex=male")).all()
    assert not np.isnan(dataset["overall_response"].sel(subgroup="all")).any()


def test_draws_are_a_dimension_with_their_parameters(make_study):
    dataset = assemble(make_study(n_draws=2), outcome(make_totals(), make_totals(fill=20), make_totals(fill=30)))
    assert dataset["draw"].values.tolist() == [0, 1, 2]
    assert dataset["overall_response"].values[:, 0] == pytest.approx([0.1, 0.2, 0.3], rel=1e-14)
    assert dataset["parameter_value"].sel(parameter="onset.median_days").values.tolist() == [9.0, 10.0, 11.0]
    assert dataset["parameter_units"].values.tolist() == ["1", "d"]


QUOTIENTS = [
    name for name, variable in VARIABLES.items()
    if variable.is_estimate and name not in ("time_to_response", "duration_of_response")
]  # fmt: skip


ESTIMATES = [name for name, variable in VARIABLES.items() if variable.is_estimate]


def gap_of(results, name):
    """The difference of an estimate, and its error."""
    return results[f"{name}_difference"], results[f"{name}_difference_mcse"]


@pytest.mark.parametrize("n_groups", [1, 2])
def test_every_estimate_has_its_difference(make_study, n_groups):
    study = make_study(n_draws=1, subgroups=["sex"] * (n_groups - 1), labels=("sex=female", "sex=male")[:n_groups])
    results = label(study, outcome(*(make_totals(n_groups=n_groups) for _ in range(2))).totals)
    assert sorted(
        name.removesuffix("_difference") for name in results.data_vars if name.endswith("_difference")
    ) == sorted(ESTIMATES)
    for name in ESTIMATES:
        for part in gap_of(results, name):
            assert (part.dims, part.values.shape) == (results[name].dims, results[name].values.shape)
            assert part.attrs["units"] == results[name].attrs["units"] and part.attrs["reference"] == SCHEDULES[0]
            assert part.attrs.get("pairing", "") in ("", "by patient" if name in QUOTIENTS else "none: an upper bound")


def test_identical_schedules_differ_by_exactly_nothing(make_study):
    totals = random_totals()
    for table in totals[1:]:
        axis = 1 if table.shape[1] == len(SCHEDULES) and table.ndim == 3 else 2
        np.moveaxis(table, axis, 0)[1] = np.moveaxis(table, axis, 0)[0]
    results = label(make_study(), outcome(totals).totals)
    for name in ESTIMATES:
        for part in gap_of(results, name):
            known = part.values[:, 1][~np.isnan(part.values[:, 1])]  # medians may lie beyond the histogram
            assert not known.any() and not np.signbit(known).any() and (name not in QUOTIENTS or known.size), name


def test_differences_are_those_of_the_estimates(make_study):
    results = label(make_study(), outcome(random_totals()).totals)
    for name in ESTIMATES:
        value, (gap, mcse) = results[name].values, gap_of(results, name)
        np.testing.assert_array_equal(gap.values, value - value[:, :1])
        assert not np.nan_to_num(mcse.values[:, 0]).any() and (
            name not in QUOTIENTS or (mcse.values[:, 1:] > 0.0).all()
        ), name


def test_without_the_reference_nothing_is_known_of_differences(make_study):
    sums = stack([random_totals()], with_all=False)
    for name, one in outputs(
        sums, False, schedules=SCHEDULES, items=ITEMS, n_batches=sums.n.shape[1], reference="another"
    ).items():
        assert "_difference" not in name or np.isnan(one.values).all(), name


@pytest.mark.parametrize("name", QUOTIENTS)
def test_the_parts_of_a_quotient_give_its_estimate(name):
    sums = stack([random_totals()], with_all=False)
    numerator, denominator = (part.sum(axis=1) for part in VARIABLES[name].how.parts(sums))
    value, _ = VARIABLES[name].how(sums)
    assert value == pytest.approx(numerator / denominator, rel=1e-12)


def test_one_batch_has_no_paired_error(make_study):
    results = label(make_study(), outcome(make_totals(n_batches=1)).totals)
    for name in QUOTIENTS:
        mcse = gap_of(results, name)[1].values
        assert np.isnan(mcse[:, 1:]).all() and not mcse[:, 0].any(), name


def test_stack_puts_draws_after_groups_and_batches():
    stacked = stack([make_totals(), make_totals()], with_all=False)
    assert stacked.flag.shape[:4] == (1, N_BATCHES, 2, len(SCHEDULES))
    assert stacked.onset_histogram.shape == (1, 2, len(SCHEDULES), N_DAYS)


def test_periods_have_bounds(make_study):
    dataset = assemble(make_study(), outcome(make_totals()))
    assert dataset["period_start"].values.tolist() == [0.0, 91.3125, 182.625]
    assert dataset["period_end"].values.tolist() == [91.3125, 182.625, 200.0]
    assert dataset["period"].values.tolist() == [45.65625, 136.96875, 191.3125]


def test_the_record_is_json_in_an_attribute(make_study):
    record = json.loads(assemble(make_study(), outcome(make_totals())).attrs["radsim_record"])
    assert record["seed"] == 5 and record["warnings"] == ["mind the gap"]


def test_the_interval_of_a_pain_score_is_not_that_of_a_share():
    from radsim.outcomes.intervals import summarise, support

    draws, error = np.array([[5.0], [4.0], [6.0]]), np.full((3, 1), 0.1)
    pain = summarise(draws, error).within(*support("mean_pain_score", "1"))
    assert pain.low95[0] > 4.0 and pain.high95[0] < 6.0 and pain.low95[0] < pain.high95[0]
    share = summarise(draws / 5.0, error).within(*support("overall_response", "1"))
    assert share.high95[0] == 1.0
