"""Logarithm, exponential and what follows from them, against decimal arithmetic; and where their coefficients come from."""

import ast
import math
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest

from radsim.compiled import doors
from radsim.maths import elementary as steps
from radsim.maths import hazard as hazards

elementary, hazard = doors(steps), doors(hazards)
ROOT = Path(__file__).parent.parent
N = 2000
SMALLEST, LARGEST = 2.0**-33, 1.0 - 2.0**-33  # of the uniforms


def errors(function, exact, values, digits=60):
    """Errors in units in the last place of the exact value."""
    with localcontext() as context:
        context.prec = digits
        return [error(function(float(x)), exact(Decimal(float(x)))) for x in values]


def error(found, exact):
    return float(abs(Decimal(float(found)) - exact) / Decimal(math.ulp(float(exact))))


def spread(low, high, seed=1):
    """Values of every order of magnitude."""
    return 10.0 ** np.random.default_rng(seed).uniform(np.log10(low), np.log10(high), N)


def even(low, high, n=N, seed=2):
    return np.random.default_rng(seed).uniform(low, high, n)


@pytest.mark.parametrize(
    ("name", "exact", "values", "most"),
    [
        ("log", Decimal.ln, even(SMALLEST, LARGEST), 1.0),
        ("log", Decimal.ln, 1.0 + np.concatenate([spread(1e-16, 0.4), -spread(1e-16, 0.4)]), 1.0),
        ("log", Decimal.ln, np.concatenate([spread(1e-307, 1e308), [5e-324, 1e-310, SMALLEST, LARGEST]]), 1.0),
        ("log1p", lambda x: (1 + x).ln(), np.concatenate([spread(1e-20, 1e6), -spread(1e-20, 0.999)]), 2.0),
        ("exp", Decimal.exp, np.concatenate([even(-700.0, 709.7), even(-20.0, 20.0), even(-0.4, 0.4)]), 1.0),
        ("exp", Decimal.exp, even(-745.0, -700.0), 2.0),
        ("expm1", lambda x: x.exp() - 1, np.concatenate([-spread(1e-20, 40.0), even(-2.0, 700.0)]), 3.0),
    ],
)
def test_errors_are_what_is_said(name, exact, values, most):
    assert max(errors(getattr(elementary, name), exact, values)) < most


def test_the_error_of_a_power_grows_with_its_logarithm():
    for x, exponent in zip(spread(1e-9, 50.0), even(0.01, 30.0), strict=True):
        with localcontext() as context:
            context.prec = 60
            exact = (Decimal(float(exponent)) * Decimal(float(x)).ln()).exp()
            relative = abs(Decimal(float(elementary.power(x, exponent))) / exact - 1)
            assert relative < Decimal(2.0**-52) * (1 + abs(exact.ln())), (x, exponent)


def test_the_complementary_error_function():
    values = np.concatenate([even(-6.0, 6.0, 200), even(0.0, 1.0, 200), even(6.0, 26.0, 30)])
    assert max(errors(elementary.erfc, exact_erfc, values, digits=620)) < 5.0


def exact_erfc(x):
    return 1 - 2 / pi().sqrt() * (-x * x).exp() * series(x)


def series(x):
    """x (1 + (2x²)/3 + (2x²)²/15 + …), which is exp(x²) erf(x) √π/2."""
    term = total = x
    n, square = 0, x * x
    while n < square + 10 or abs(term) > Decimal("1e-60"):
        n += 1
        term = term * 2 * square / (2 * n + 1)
        total += term
    return total


def pi():
    """By the arithmetic-geometric mean."""
    a, b, t, p = Decimal(1), 1 / Decimal(2).sqrt(), Decimal("0.25"), 1
    for _ in range(11):
        a, b, before = (a + b) / 2, (a * b).sqrt(), a
        t -= p * (before - a) ** 2
        p *= 2
    return (a + b) ** 2 / (4 * t)


@pytest.mark.parametrize(
    ("name", "x", "value"),
    [
        ("log", 0.0, -math.inf), ("log", math.inf, math.inf), ("log", 1.0, 0.0), ("log", -1.0, math.nan),
        ("log", math.nan, math.nan),
        ("exp", 0.0, 1.0), ("exp", -math.inf, 0.0), ("exp", math.inf, math.inf), ("exp", 709.782712893384, math.exp(709.782712893384)),
        ("exp", 709.79, math.inf), ("exp", -745.13, 5e-324), ("exp", -745.14, 0.0), ("exp", -1e300, 0.0), ("exp", math.nan, math.nan),
        ("log1p", 0.0, 0.0), ("log1p", 5e-324, 5e-324), ("expm1", 0.0, 0.0), ("expm1", -math.inf, -1.0), ("expm1", -1e-300, -1e-300),
        ("erfc", 0.0, 1.0), ("erfc", math.inf, 0.0), ("erfc", -math.inf, 2.0), ("erfc", 30.0, 0.0), ("erfc", math.nan, math.nan),
    ],
)  # fmt: skip
def test_ends(name, x, value):
    found = float(getattr(elementary, name)(x))
    assert found == pytest.approx(value, rel=2.0**-52, abs=0.0, nan_ok=True), found


def test_powers_at_the_ends():
    assert (
        elementary.power(0.0, 0.3) == 0.0 and elementary.power(1.0, 1e15) == 1.0 and elementary.power(0.5, 1e15) == 0.0
    )


def test_a_score_is_the_quantile_of_a_uniform_to_the_last_bit():
    ends = (np.arange(500) + 0.5) * 2.0**-32
    for u in np.concatenate([even(SMALLEST, LARGEST), ends, 1.0 - ends, [0.075, np.nextafter(0.075, 0), 0.925]]):
        assert hazard.normal_score(u) == hazard.normal_quantile(u), u


def test_quantiles_of_certainty_are_infinite():
    assert hazard.normal_quantile(0.0) == -math.inf and hazard.normal_quantile(1.0) == math.inf


def through_chebyshev_points(function, n, low, high):
    """Coefficients of the polynomial through ``n`` Chebyshev points of a function, the constant first."""
    middle, half = (low + high) / 2, (high - low) / 2
    x = [middle + half * Decimal(math.cos(math.pi * (2 * i + 1) / (2 * n))) for i in range(n)]
    divided = [function(each) for each in x]
    for k in range(1, n):
        for i in range(n - 1, k - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (x[i] - x[i - k])
    found = [divided[-1]]
    for i in range(n - 2, -1, -1):
        found = [Decimal(0), *found]
        for k in range(len(found) - 1):
            found[k] -= x[i] * found[k + 1]
        found[0] += divided[i]
    return [float(each) for each in found]


def numbers_of(function):
    """Literal numbers in the code of a step, or of an array."""
    if isinstance(function, np.ndarray):
        return set(np.abs(function))
    inner = getattr(function, "py_func", function)
    return {abs(each) for each in inner.__code__.co_consts if isinstance(each, float)}


def rest_of_log(z):
    s = z.sqrt()
    return (((1 + s) / (1 - s)).ln() / s - 2) / z


def rest_of_exp(z):
    r = z.sqrt()
    e = r.exp()
    return (r * (e + 1) / (e - 1) - 2) / z


def scaled_erfc(t):
    x = 4 * (1 + t) / (1 - t)
    return (1 + 2 * x) * ((x * x).exp() - 2 / pi().sqrt() * series(x))


@pytest.mark.parametrize(
    ("step", "function", "n", "low", "high", "digits"),
    [
        ("log_of_sum", rest_of_log, 7, "0", "0.02945", 60),
        ("exp", rest_of_exp, 5, "0", "0.1203", 60),
        ("SCALED_ERFC", scaled_erfc, 23, "-1", "0.75", 760),
    ],
)
def test_the_coefficients_are_those_of_the_polynomial_through_chebyshev_points(step, function, n, low, high, digits):
    with localcontext() as context:
        context.prec = digits
        found = through_chebyshev_points(function, n, Decimal(low), Decimal(high))
    written = numbers_of(getattr(steps, step))
    missing = [each for each in found if abs(each) not in written]
    assert not missing


def test_ln_2_is_taken_in_two_parts_of_which_the_first_is_exact_times_any_exponent():
    with localcontext() as context:
        context.prec = 60
        rest = Decimal(2).ln() - Decimal(steps.LN_2_HIGH)
        assert float(rest) == steps.LN_2_LOW
    assert (steps.LN_2_HIGH * 2**32).is_integer()


MODULES = sorted([*(ROOT / "radsim" / "kernel").rglob("*.py"), ROOT / "radsim" / "maths" / "hazard.py"])
EXACT = {"inf", "nan", "ceil", "floor", "isnan", "sqrt"}  # one result everywhere
LN_2 = "LN_2 = math.log(2.0)"  # a constant, which has all its digits from any C library


def test_the_kernel_takes_no_logarithm_or_power_but_these():
    """Else its results would differ from machine to machine in their last bits, and a loop with them be no vector code."""
    assert len(MODULES) > 30
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8").replace(LN_2, ""))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "math":
                assert node.attr in EXACT, f"{path.name}:{node.lineno}: math.{node.attr}"
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
                assert isinstance(node.left, ast.Constant), f"{path.name}:{node.lineno}: a power"


@pytest.mark.parametrize("u", [1.1e-11, 1.35e-11, 1.38e-11, 1.39e-11, 1.99e-11, 2.01e-11])
def test_the_far_tail_begins_where_the_approximation_says(u):
    """Where the logarithm of the tail probability is -25."""
    r = math.sqrt(-elementary.log(u))
    above, below = ("FAR_ABOVE", "FAR_BELOW") if r > 5.0 else ("TAIL_ABOVE", "TAIL_BELOW")
    r -= 5.0 if r > 5.0 else 1.6
    ratio = np.polyval(getattr(hazards, above), r) / np.polyval(getattr(hazards, below), r)
    assert hazard.normal_quantile(u) == -ratio
