"""Inverse cdfs against scipy, closed forms, and the monotonicity on which common random numbers stand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from radsim.compiled import doors
from radsim.maths import hazard as steps

hazard = doors(steps)

exponentials = st.floats(1e-9, 40.0)
rates = st.floats(1e-6, 1.0)


@pytest.mark.parametrize(
    "u", [1e-300, 1e-20, 2.0**-33, 1e-5, 0.02, 0.074, 0.076, 0.3, 0.5, 0.7, 0.93, 0.999, 1 - 2.0**-33]
)
def test_normal_quantile_equals_scipy(u):
    assert hazard.normal_quantile(u) == pytest.approx(special.ndtri(u), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("x", [-8.0, -1.0, 0.0, 0.3, 6.0])
def test_normal_cdf_equals_scipy(x):
    assert hazard.normal_cdf(x) == pytest.approx(special.ndtr(x), rel=1e-13)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
def test_normal_quantile_is_monotone(u, v):
    low, high = sorted((u, v))
    assert hazard.normal_quantile(low) <= hazard.normal_quantile(high)


def test_logit():
    assert hazard.logit(0.75) == pytest.approx(math.log(3.0), rel=1e-15)


def test_a_rate_of_zero_never_happens():
    assert hazard.exponential_time(1.0, 0.0) == math.inf
    assert hazard.two_rate_time(1.0, 0.0, 10.0, 0.0) == math.inf


@given(exponentials, rates, rates, st.floats(0.1, 500.0))
def test_two_rates_consume_the_exponential(exponential, early, late, until):
    t = hazard.two_rate_time(exponential, early, until, late)
    consumed = early * min(t, until) + late * max(t - until, 0.0)
    assert consumed == pytest.approx(exponential, rel=1e-9)


@given(exponentials, rates, rates, st.floats(0.0, 300.0), st.floats(0.1, 300.0))
def test_interrupted_hazard_consumes_the_exponential(exponential, rate, between, start, length):
    stop = start + length
    t = hazard.interrupted_time(exponential, rate, start, stop, between)
    inside = min(max(t - start, 0.0), stop - start)
    consumed = rate * (t - inside) + between * inside
    assert consumed == pytest.approx(exponential, rel=1e-9)


def test_interruption_without_end():
    assert hazard.interrupted_time(3.0, 0.1, 10.0, math.inf, 0.2) == pytest.approx(10.0 + 2.0 / 0.2)


def test_interruption_without_end_and_without_hazard_never_ends():
    assert hazard.interrupted_time(3.0, 0.1, 10.0, math.inf, 0.0) == math.inf
    assert hazard.interrupted_time(0.5, 0.1, 10.0, math.inf, 0.0) == pytest.approx(5.0)


@given(exponentials, rates, rates, rates)
def test_a_lower_rate_never_comes_sooner(exponential, rate, other, late):
    low, high = sorted((rate, other))
    assert hazard.exponential_time(exponential, low) >= hazard.exponential_time(exponential, high)
    assert hazard.two_rate_time(exponential, low, 60.0, late) >= hazard.two_rate_time(exponential, high, 60.0, late)
    assert hazard.interrupted_time(exponential, low, 10.0, 20.0, late) >= hazard.interrupted_time(
        exponential, high, 10.0, 20.0, late
    )


@pytest.mark.parametrize("exponential", [1e-6, 0.1, 1.0, 5.0, 20.0])
def test_gompertz_survival_at_the_sampled_time(exponential):
    gompertz = hazard.gompertz_time(exponential, 1e-4, 3e-4)
    assert 1e-4 / 3e-4 * np.expm1(3e-4 * gompertz) == pytest.approx(exponential, rel=1e-10)


@pytest.mark.parametrize("ratio", [0.3, 0.9, 1.0, 1.2, 4.0])
def test_a_multiplied_hazard_has_its_survival_and_moves_events_one_way_only(ratio):
    rng = np.random.default_rng(1)
    u, v = rng.random(20_000), rng.random(20_000)
    at = np.array([hazard.survival_at_hazard_ratio(x, y, ratio) for x, y in zip(u, v, strict=True)])
    assert (
        special.kolmogorov(np.sqrt(len(at)) * np.max(np.abs(np.sort(at**ratio) - (np.arange(len(at)) + 0.5) / len(at))))
        > 1e-4
    )
    assert (at >= u).all() if ratio >= 1.0 else (at <= u).all()  # a large survival probability is an early event
    assert (at == u).mean() == pytest.approx(min(ratio, 1.0 / ratio), abs=0.02)
