"""Decision statistics on plain arrays, against hand-worked cases, closed forms and a second computation written otherwise."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radsim.decision import convergence, net_benefit
from radsim.decision.evpi import evpi, evpi_adjusted, evpi_error, population_value, without_noise
from radsim.decision.evppi import LEAST_DRAWS, evppi
from radsim.decision.incremental import (
    DOMINATED,
    EQUAL,
    EXTENDEDLY_DOMINATED,
    MEANINGS,
    QUADRANTS,
    UNDOMINATED,
    increment,
    incremental_analysis,
)

THRESHOLDS = np.array([0.0, 5000.0, 20000.0, 30000.0, 1e6])


def matrix(n_draws=200, n_schedules=4, seed=7):
    """A matrix of draws as one would export it: cost and QALYs by draw and schedule, with ties in some draws."""
    random = np.random.default_rng(seed)
    cost = random.gamma(9.0, 400.0, (n_draws, 1)) + random.normal(
        [0.0, 500.0, 650.0, 900.0][:n_schedules], 300.0, (n_draws, n_schedules)
    )
    qalys = random.beta(4.0, 6.0, (n_draws, 1)) + random.normal(
        [0.0, 0.01, 0.02, 0.0][:n_schedules], 0.03, (n_draws, n_schedules)
    )
    cost[::5, 1], qalys[::5, 1] = cost[::5, 0], qalys[::5, 0]
    return cost, qalys


def expected_gain(mean, sd):
    """E max(0, X) - max(0, E X) of a normal X: the unit normal loss."""
    z = mean / sd
    density, below = math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi), 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))
    return mean * below + sd * density - max(0.0, mean)


# --- dominance and ratios -----------------------------------------------------------------------------------


def statuses(cost, effect):
    return [one.status for one in incremental_analysis(cost, effect)]


def test_strict_and_extended_dominance_worked_by_hand():
    # A (100, 1) -> C (300, 3): 100 a QALY. B (250, 2) costs 150 for its QALY and then only 50: left out. D costs more than C and does less.
    found = incremental_analysis([100.0, 250.0, 300.0, 400.0], [1.0, 2.0, 3.0, 2.5])
    assert [one.status for one in found] == [UNDOMINATED, EXTENDEDLY_DOMINATED, UNDOMINATED, DOMINATED]
    assert [one.comparator for one in found] == [None, 0, 0, 2]
    assert found[1].by == (0, 2) and found[3].by == (2,)
    assert found[2].increment.icer == 100.0 and found[2].increment.quadrant == "north-east"
    assert math.isnan(found[1].increment.icer) and found[1].increment.quadrant == "north-east"
    assert math.isnan(found[3].increment.icer) and found[3].increment.quadrant == "north-west"


def test_extended_dominance_is_looked_for_again_after_each_one_found():
    # ICERs 5, 4, 3, 2: taking C out makes B dominated too, until only the ends are left.
    cost, effect = [0.0, 5.0, 9.0, 12.0, 14.0], [0.0, 1.0, 2.0, 3.0, 4.0]
    assert statuses(cost, effect) == [UNDOMINATED, *[EXTENDEDLY_DOMINATED] * 3, UNDOMINATED]


def test_the_order_of_the_schedules_does_not_matter():
    cost, effect = np.array([400.0, 100.0, 300.0, 250.0]), np.array([2.5, 1.0, 3.0, 2.0])
    assert statuses(cost, effect) == [DOMINATED, UNDOMINATED, UNDOMINATED, EXTENDEDLY_DOMINATED]


@pytest.mark.parametrize(
    ("cost", "effect", "expected"),
    [
        ([100.0, 100.0], [1.0, 2.0], [DOMINATED, UNDOMINATED]),  # equal cost
        ([100.0, 200.0], [1.0, 1.0], [UNDOMINATED, DOMINATED]),  # equal effect
        ([100.0, 100.0], [1.0, 1.0], [EQUAL, EQUAL]),  # equal in both
        ([100.0, 200.0, 300.0], [1.0, 2.0, 3.0], [UNDOMINATED] * 3),  # on one line
        ([0.1, 0.2, 0.3], [0.7, 0.8, 0.9], [UNDOMINATED] * 3),  # on one line, but for the last bit
        ([100.0], [1.0], [UNDOMINATED]),
    ],
)
def test_ties(cost, effect, expected):
    assert statuses(cost, effect) == expected


def test_identical_schedules_differ_by_exactly_nothing():
    first, second, third = incremental_analysis([812.7, 812.7, 900.1], [0.41, 0.41, 0.43])
    assert (second.increment.cost, second.increment.effect, second.increment.quadrant) == (0.0, 0.0, "origin")
    assert math.isnan(second.increment.icer) and third.status == UNDOMINATED
    assert third.increment.icer == pytest.approx((900.1 - 812.7) / 0.02, rel=1e-9)


@pytest.mark.parametrize(
    ("cost", "effect", "quadrant", "icer"),
    [
        (50.0, 0.5, "north-east", 100.0), (-50.0, -0.5, "south-west", 100.0), (50.0, -0.5, "north-west", None),
        (-50.0, 0.5, "south-east", None), (0.0, 0.0, "origin", None), (50.0, 0.0, "north", None), (0.0, 0.5, "east", None),
        (-50.0, 0.0, "south", None), (0.0, -0.5, "west", None),
    ],
)  # fmt: skip
def test_quadrants(cost, effect, quadrant, icer):
    found = increment(1000.0 + cost, 2.0 + effect, comparator_cost=1000.0, comparator_effect=2.0)
    assert found.quadrant == quadrant and MEANINGS[quadrant] == found.meaning
    assert (math.isnan(found.icer) if icer is None else found.icer == icer) and not found.icer < 0.0
    assert set(MEANINGS) == set(QUADRANTS.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=7))
def test_undominated_are_those_best_at_some_threshold_or_beside(points):
    """Undominated is what is best, ties allowed, at some willingness to pay above zero; in exact fractions."""
    breaks = sorted({
        Fraction(c - cc, e - ee) for c, e in points for cc, ee in points if e != ee and Fraction(c - cc, e - ee) > 0
    })  # fmt: skip
    ends = [Fraction(0), *breaks, (breaks[-1] if breaks else 0) + Fraction(1)]
    tried = [*breaks, *((low + high) / 2 for low, high in itertools.pairwise(ends))]
    benefits = [[worth * effect - cost for cost, effect in points] for worth in tried]
    best = [any(row[s] == max(row) for row in benefits) for s in range(len(points))]
    cost, effect = (np.array(values, float) for values in zip(*points, strict=True))
    found = np.array([one in (UNDOMINATED, EQUAL) for one in statuses(cost, effect)])
    assert np.array_equal(found, best)


# --- against plain numpy, written otherwise -----------------------------------------------------------------


def test_statistics_equal_a_second_computation():
    cost, qalys = matrix()
    n, k = cost.shape
    for worth in THRESHOLDS:
        benefit = [[worth * qalys[i, s] - cost[i, s] for s in range(k)] for i in range(n)]
        winners = [[s for s in range(k) if row[s] == max(row)] for row in benefit]
        curve = [sum(1.0 / len(w) for w in winners if s in w) / n for s in range(k)]
        means = [math.fsum(row[s] for row in benefit) / n for s in range(k)]
        perfect = math.fsum(max(row) for row in benefit) / n - max(means)
        losses = [math.fsum(max(row) - row[s] for row in benefit) / n for s in range(k)]
        found = net_benefit.net_monetary_benefit(cost, qalys, worth)
        np.testing.assert_allclose(found, benefit, rtol=1e-9)
        np.testing.assert_allclose(net_benefit.acceptability(found), curve, atol=1e-9)
        np.testing.assert_allclose(net_benefit.expected_loss(found), losses, rtol=1e-9)
        assert evpi(found) == pytest.approx(perfect, rel=1e-9, abs=1e-9)
        best, probability = net_benefit.acceptability_frontier(found)
        assert best == means.index(max(means)) and probability == pytest.approx(curve[best], abs=1e-9)
        assert any(len(w) > 1 for w in winners) and sum(curve) == pytest.approx(1.0, abs=1e-12)


def test_all_thresholds_at_once_are_the_same():
    cost, qalys = matrix()
    together = net_benefit.net_monetary_benefit(cost, qalys, THRESHOLDS)
    assert together.shape == (5, *cost.shape)
    for i, worth in enumerate(THRESHOLDS):
        alone = net_benefit.net_monetary_benefit(cost, qalys, worth)
        assert np.array_equal(together[i], alone) and evpi(together)[i] == evpi(alone)
        assert np.array_equal(net_benefit.acceptability(together)[i], net_benefit.acceptability(alone))


def test_net_health_benefit_and_reference():
    cost, qalys = matrix()
    health = net_benefit.net_health_benefit(cost, qalys, 20000.0)
    np.testing.assert_allclose(health, qalys - cost / 20000.0, rtol=1e-12)
    against = net_benefit.incremental(health, 2)
    assert np.all(against[:, 2] == 0.0) and against[3, 0] == health[3, 0] - health[3, 2]
    assert np.all(np.isnan(net_benefit.net_health_benefit(cost, qalys, 0.0)))


def test_ties_share_and_identical_schedules_are_worth_no_information():
    cost, qalys = (np.repeat(part[:, :1], 3, axis=1) for part in matrix())
    benefit = net_benefit.net_monetary_benefit(cost, qalys, 20000.0)
    np.testing.assert_allclose(net_benefit.acceptability(benefit), [1 / 3] * 3, rtol=1e-12)
    assert np.all(net_benefit.acceptability(benefit[:, :2]) == 0.5)
    assert evpi(benefit) == 0.0 and evpi_adjusted(benefit, np.zeros((3, 3))) == 0.0
    assert np.all(net_benefit.expected_loss(benefit) == 0.0)
    assert evppi(benefit, qalys[:, 0]) == (0.0, 0.0)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 5))
def test_probabilities_sum_to_one_and_losses_bound_the_value(seed, n_draws, n_schedules):
    random = np.random.default_rng(seed)
    benefit = random.integers(-3, 4, (n_draws, n_schedules)).astype(float)
    assert net_benefit.acceptability(benefit).sum() == pytest.approx(1.0, abs=1e-12)
    assert 0.0 <= evpi(benefit) == net_benefit.expected_loss(benefit).min()


# --- perfect information ------------------------------------------------------------------------------------


def test_evpi_of_a_normal_difference():
    random = np.random.default_rng(3)
    benefit = np.column_stack([np.zeros(400_000), random.normal(50.0, 100.0, 400_000)])
    assert abs(evpi(benefit) - expected_gain(50.0, 100.0)) < 5.0 * evpi_error(benefit)
    density, below = math.exp(-0.125) / math.sqrt(2.0 * math.pi), 0.5 * (1.0 + math.erf(-0.5 / math.sqrt(2.0)))
    second_moment = (50.0**2 + 100.0**2) * below - 50.0 * 100.0 * density  # of the loss max(0, -X)
    exact = math.sqrt((second_moment - expected_gain(50.0, 100.0) ** 2) / 400_000)
    assert evpi_error(benefit) == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("noise_sd", [50.0, 150.0, 400.0])
def test_adjusted_evpi_is_free_of_the_noise(noise_sd):
    random = np.random.default_rng(4)
    true = random.multivariate_normal([0.0, 20.0, -30.0], [[1e4, 4e3, 0.0], [4e3, 2e4, 1e3], [0.0, 1e3, 8e3]], 20_000)
    shared = random.normal(0.0, 1e4, (20_000, 1))  # luck common to all schedules decides nothing
    covariance = noise_sd**2 * np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.5]])
    seen = true + shared + random.multivariate_normal(np.zeros(3), covariance, 20_000)
    adjusted = evpi_adjusted(seen, covariance + 1e8)
    assert adjusted == pytest.approx(evpi(true), rel=0.04 if noise_sd < 300.0 else 0.25)
    assert evpi(seen) > 1.04 * evpi(true)


def test_adjusted_evpi_of_pure_noise_is_nothing_and_without_noise_is_raw():
    random = np.random.default_rng(5)
    benefit = random.normal(0.0, 10.0, (500, 3))
    assert evpi_adjusted(benefit, 200.0 * np.eye(3)) == pytest.approx(0.0, abs=0.5)
    assert evpi_adjusted(benefit, np.zeros((3, 3))) == pytest.approx(float(evpi(benefit)), rel=1e-9)
    assert math.isnan(evpi_adjusted(benefit, np.full((3, 3), np.nan)))
    np.testing.assert_allclose(
        without_noise(benefit, 20.0 * np.eye(3)).mean(axis=0), benefit.mean(axis=0) - benefit.mean(), atol=1e-9
    )


def test_adjusted_evpi_of_two_identical_among_three_is_that_of_two():
    cost, qalys = matrix(n_schedules=2)
    benefit = net_benefit.net_monetary_benefit(cost, qalys, 20000.0)
    noise = np.array([[900.0, 300.0], [300.0, 800.0]])
    three = benefit[:, [0, 1, 0]]
    assert evpi_adjusted(three, noise[np.ix_([0, 1, 0], [0, 1, 0])]) == evpi_adjusted(benefit, noise)


def test_all_thresholds_at_once_have_the_errors_of_each():
    cost, qalys = matrix()
    benefit = net_benefit.net_monetary_benefit(cost, qalys, THRESHOLDS)
    one_by_one = [evpi_error(each) for each in benefit]
    np.testing.assert_allclose(evpi_error(benefit), one_by_one, rtol=1e-12)
    assert np.all(np.isnan(evpi_error(benefit[:, :1]))) and evpi_error(benefit[:, :1]).shape == THRESHOLDS.shape
    assert np.isnan(evpi_error(benefit[0, :1])) and np.shape(evpi_error(benefit[0, :1])) == ()


def test_a_single_draw_has_no_noise_to_take_out():
    found = without_noise(np.array([[1.0, 4.0, 7.0]]), np.eye(3))
    np.testing.assert_array_equal(found, [[-3.0, 0.0, 3.0]])


def test_population_value():
    assert population_value(2.0, per_year=100.0, years=3, discount=0.25) == pytest.approx(200.0 * (1.0 + 0.8 + 0.64))
    assert population_value(2.0, per_year=100.0, years=3, discount=0.0) == 600.0


# --- partial information ------------------------------------------------------------------------------------


def linear(n_draws, seed=11):
    """A linear net benefit of four normal parameters, and luck; parameter 3 has no influence. Draws come in pairs that mirror each other."""
    random = np.random.default_rng(seed)
    normal = random.standard_normal((n_draws // 2, 5))
    normal = np.concatenate([normal, -normal])
    parameters = normal[:, :4] * [1.0, 0.01, 10.0, 1.0] + [5.0, 0.3, 0.0, 0.0]
    gain = 20.0 + normal @ [100.0, 60.0, 10.0, 0.0, 10.0]
    common = random.normal(0.0, 5000.0, (n_draws, 1))
    return np.column_stack([np.zeros(n_draws), gain]) + common, parameters


def test_evppi_of_a_linear_net_benefit_meets_the_closed_form():
    benefit, parameters = linear(40_000)
    for members, variance in (([0], 1e4), ([0, 1, 2], 13700.0)):
        found, exact = evppi(benefit, parameters[:, members]), expected_gain(20.0, math.sqrt(variance))
        assert found.value == pytest.approx(exact, rel=0.02), members
        assert abs(found.value - exact) < 4.0 * found.se and found.se < 0.02 * exact
    assert evppi(benefit, parameters[:, 3]).value < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_evppi_error_covers_the_truth_with_a_thousand_draws(seed):
    benefit, parameters = linear(1000, seed)
    found = evppi(benefit, parameters[:, [0, 1]])
    assert abs(found.value - expected_gain(20.0, math.sqrt(13600.0))) < 4.0 * found.se and found.se < 4.0


def test_evppi_error_is_the_spread_of_repeats_and_what_may_be_unseen():
    found = []
    for seed in range(60):  # the noise of the regression outweighs that of the draws
        random = np.random.default_rng(seed)
        x = random.standard_normal(300)
        found.append(evppi(np.column_stack([np.zeros(300), 60.0 * x + random.normal(0.0, 300.0, 300)]), x))
    spread, stated = np.std([one.value for one in found]), np.mean([one.se for one in found])
    assert 0.5 * stated < spread < stated


def bent(n_draws, n_parameters, seed):
    """Products, a sine and a kink among many parameters, of which most do nothing."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n_draws, n_parameters))
    gain = 300.0 * x[:, 0] * x[:, 1] + 200.0 * np.sin(2.0 * x[:, 2]) + 150.0 * np.maximum(x[:, 3], 0.0) + 80.0 * x[:, 4]
    return np.column_stack([random.normal(0.0, 200.0, n_draws), gain]), x


def test_evppi_of_what_is_neither_linear_nor_additive():
    benefit, x = bent(4000, 8, 21)
    _, fresh = bent(400_000, 8, 22)
    truth = np.maximum(300.0 * fresh[:, 0] * fresh[:, 1] + 59.84, 0.0).mean() - 59.84  # 150 E max(x, 0) = 59.84
    found = evppi(benefit, x[:, :2])
    assert abs(found.value - truth) < 4.0 * found.se < 0.25 * truth
    alone = evppi(benefit, x[:, 0])
    assert alone.value < 0.1 * truth  # of two parameters that act by their product, one alone says nothing


@pytest.mark.parametrize("seed", range(3))
def test_evppi_is_bounded_and_never_falls_beyond_its_error(seed):
    benefit, x = bent(800, 8, seed)
    order = np.random.default_rng(seed).permutation(8)
    path = [evppi(benefit, x[:, order[: size + 1]]) for size in range(8)]
    for smaller, larger in zip(path[:-1], path[1:], strict=True):
        assert larger.value >= smaller.value - 2.0 * math.hypot(smaller.se, larger.se)
    assert all(0.0 <= one.value <= evpi(benefit) for one in path) and path[-1].value > 0.5 * evpi(benefit)


def test_evppi_depends_on_pairing_not_on_order():
    benefit, x = bent(500, 5, 1)
    order = np.random.default_rng(2).permutation(500)
    assert evppi(benefit[order], x[order, :3]).value == pytest.approx(evppi(benefit, x[:, :3]).value, rel=1e-6)
    assert evppi(benefit[order], x[:, 2]).value < 0.3 * evppi(benefit, x[:, 2]).value


def test_evppi_takes_constants_and_parameters_of_few_values():
    benefit, x = bent(500, 5, 1)
    assert evppi(benefit, np.ones(500)) == (0.0, 0.0)
    both = evppi(benefit, np.column_stack([np.ones(500), x[:, 2]]))
    assert both == evppi(benefit, x[:, 2])
    assert evppi(benefit, (x[:, 4] > 0.0).astype(float)).value >= 0.0


def test_evppi_refuses_what_it_cannot_answer():
    benefit, x = bent(500, 5, 1)
    for arguments, words in (
        ((benefit, x[1:]), "as many draws"), ((benefit[:5], x[:5]), f"at least {LEAST_DRAWS} draws"),
        ((benefit, np.where(x > 2.0, np.nan, x)), "finite"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            evppi(*arguments)


# --- convergence --------------------------------------------------------------------------------------------


def noisy(n_draws=400, n_batches=16, n_patients=1600, seed=31, identical=False):
    """Batch means of two schedules: draws differ by sd 0.02 QALY, patients by 0.4, of which half is common to both."""
    random = np.random.default_rng(seed)
    size = n_patients // n_batches
    true = random.normal([0.40, 0.42], [0.02, 0.02], (n_draws, 2))
    common = random.normal(0.0, 0.4 / math.sqrt(size), (n_batches, n_draws, 1))
    own = random.normal(0.0, 0.3 / math.sqrt(size), (n_batches, n_draws, 2))
    effect = true + common + own
    if identical:
        effect[:, :, 1] = effect[:, :, 0]
    return np.full_like(effect, 1000.0), effect, np.full((n_batches, n_draws), 1.0 / n_batches), true


def test_within_draw_covariance_is_that_of_the_patients():
    _, effect, weights, _ = noisy()
    covariance = convergence.within_draw_covariance(effect, weights).mean(axis=0)
    np.testing.assert_allclose(covariance, np.array([[0.25, 0.16], [0.16, 0.25]]) / 1600.0, rtol=0.1)
    difference = convergence.difference_variance(covariance, 0)
    assert difference[0] == 0.0 and difference[1] == pytest.approx(0.18 / 1600.0, rel=0.1)
    assert np.all(np.isnan(convergence.within_draw_covariance(effect[:1], weights[:1])))


def test_batches_of_unequal_size_weigh_by_their_patients():
    values = np.array([1.0, 2.0, 4.0]).reshape(3, 1, 1)
    weights = convergence.batch_weights(np.array([[100], [100], [200]]))
    mean = 0.25 * 1.0 + 0.25 * 2.0 + 0.5 * 4.0
    by_hand = 1.5 * sum(w**2 * (x - mean) ** 2 for w, x in ((0.25, 1.0), (0.25, 2.0), (0.5, 4.0)))
    assert convergence.within_draw_covariance(values, weights)[0, 0, 0] == pytest.approx(by_hand)


def test_error_splits_in_patients_and_draws():
    _, effect, weights, _ = noisy(n_draws=2000)
    benefit = 20000.0 * (weights[..., None] * effect).sum(axis=0)
    within = convergence.difference_variance(convergence.within_draw_covariance(20000.0 * effect, weights), 0)
    parts = convergence.error_parts(net_benefit.incremental(benefit, 0), within)
    assert parts.mcse[1] == pytest.approx(math.hypot(parts.first_order[1], parts.second_order[1]), rel=1e-9)
    assert parts.first_order[1] == pytest.approx(20000.0 * math.sqrt(0.18 / 1600.0 / 2000.0), rel=0.06)
    assert parts.second_order[1] == pytest.approx(20000.0 * math.sqrt(2.0 * 0.0004 / 2000.0), rel=0.06)
    assert parts.mcse[0] == parts.first_order[0] == parts.noise_share[0] == 0.0


def test_error_parts_of_two_draws_by_hand_and_of_one():
    benefit, within = np.array([[0.0, 1.0, 5.0], [0.0, 5.0, 5.0]]), np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 2.0]])
    parts = convergence.error_parts(benefit, within)  # seen 0, 8, 0; noise 0, 2, 2
    np.testing.assert_allclose(
        parts, [[0.0, 2.0, 0.0], [0.0, 1.0, 1.0], [0.0, math.sqrt(3.0), 0.0], [0.0, 0.25, 0.0]], rtol=1e-15
    )
    assert np.isnan(convergence.error_parts(benefit[:1], within[:1]).mcse).tolist() == [True, True, True]


def test_a_plan_without_a_penny_to_spare():
    found = convergence.plan(
        np.array([0.0, 2.0]), np.zeros(2), n_patients=50, wanted=1.0
    )  # variance 2 of 2 draws: all of it used up
    assert found.reached and found.patients_at_present_draws is None
    assert found.patients_for_small_noise == 1 and found.draws_at_present_patients == found.draws_at_small_noise == 2
    none = convergence.plan(np.array([3.0, 3.0]), np.array([4.0, 4.0]), n_patients=50, wanted=1.0)  # all of it noise
    assert none.patients_for_small_noise == 50 and none.patients_at_present_draws == 100


def test_bands_of_ten_draws_by_hand():
    benefit = np.column_stack([np.zeros(10), [1.0] * 7 + [-1.0] * 3])
    bands = convergence.acceptability_bands(benefit, np.full((10, 2, 2), np.nan))
    z = 1.959963984540054
    centre = (7.0 + z * z / 2.0) / (10.0 + z * z)
    error = math.sqrt(centre * (1.0 - centre) / (10.0 + z * z))
    assert bands["second_order"] == pytest.approx([error, error], rel=1e-9)
    assert bands["low95"][1] == pytest.approx(centre - z * error, rel=1e-9)
    assert bands["high95"][1] == pytest.approx(centre + z * error, rel=1e-9)


def test_identical_schedules_have_no_error():
    cost, effect, weights, _ = noisy(n_draws=50, identical=True)
    covariance = convergence.within_draw_covariance(20000.0 * effect - cost, weights)
    assert np.all(convergence.difference_variance(covariance, 0) <= 1e-9 * covariance[..., :1, 0])


def test_plan_reaches_the_wanted_error():
    between, of_patient, n_now = 4.0, 9000.0, 1000
    within = np.full(200, of_patient / n_now)
    benefit = np.random.default_rng(1).standard_normal(200)
    benefit = (benefit - benefit.mean()) / benefit.std(ddof=1) * math.sqrt(between + of_patient / n_now)
    found = convergence.plan(benefit, within, n_patients=n_now, wanted=0.2)
    assert not found.reached and found.draws_at_present_patients == math.ceil(13.0 / 0.04)
    assert found.patients_at_present_draws == math.ceil(9000.0 / (0.04 * 200 - 4.0))
    assert found.patients_for_small_noise == math.ceil(9000.0 / 0.4)
    assert found.draws_at_small_noise == math.ceil(4.4 / 0.04)
    assert convergence.plan(benefit, within, n_patients=n_now, wanted=0.1).patients_at_present_draws is None
    assert convergence.plan(benefit, within, n_patients=n_now, wanted=10.0).reached
    assert convergence.plan(benefit[:1], within[:1], n_patients=n_now, wanted=1.0) is None


def bands_of(cost, effect, weights, threshold=20000.0):
    """Net benefits and the bands of their acceptability."""
    benefit = net_benefit.net_monetary_benefit(cost, effect, threshold)
    mean = (weights[..., None] * benefit).sum(axis=0)
    return mean, convergence.acceptability_bands(mean, convergence.within_draw_covariance(benefit, weights))


def test_bands_hold_the_curve_that_endless_draws_would_give():
    *_, true = noisy(n_draws=400_000, n_batches=1, n_patients=16, seed=1)
    truth, inside = (true[:, 1] > true[:, 0]).mean(), []
    for seed in range(40):
        mean, bands = bands_of(*noisy(n_draws=100, n_patients=160_000, seed=seed)[:3])
        share = net_benefit.acceptability(mean)
        assert np.all((bands["low95"] <= share) & (share <= bands["high95"]))
        inside.append(bands["low95"][1] <= truth <= bands["high95"][1])
        assert np.all(bands["first_order"] < bands["second_order"])
    assert sum(inside) >= 33  # 38 expected; below 33 once in a hundred


def test_bands_know_the_noise_of_few_patients():
    mean, bands = bands_of(*noisy(n_draws=300)[:3])
    again = []
    for seed in range(200):  # other patients, the same draws: what the first-order part is about
        random = np.random.default_rng(1000 + seed)
        fresh = mean + 20000.0 * random.normal(0.0, 0.3 / math.sqrt(1600.0), mean.shape)
        again.append(net_benefit.acceptability(fresh)[1])
    assert bands["first_order"][1] == pytest.approx(np.std(again), rel=0.2)


def test_identical_schedules_have_a_curve_without_noise():
    mean, bands = bands_of(*noisy(n_draws=50, identical=True)[:3])
    assert np.all(bands["first_order"] < 1e-6) and np.all(net_benefit.acceptability(mean) == 0.5)


def test_one_batch_tells_nothing_of_the_patients():
    _, bands = bands_of(*noisy(n_draws=50, n_batches=1, n_patients=100)[:3])
    assert np.all(np.isnan(bands["first_order"])) and np.all(np.isfinite(bands["high95"]))
