"""Logarithm, exponential and what follows from them: the same bits on every machine, and vector code in a loop.

A C library's functions differ from another's, and from processor to processor, in their last bits; and a loop that calls them takes its
numbers one by one. These have neither branches nor tables, and ask for addition, multiplication, division and the bits of a number alone, each
of which is exact or rounded in one way everywhere.

Every polynomial goes through Chebyshev points of its function, computed to hundreds of digits: `tests/test_elementary.py` derives the coefficients anew and
measures the errors. The ways of reduction are common knowledge [1]_.

References
----------
.. [1] Muller JM, "Elementary functions: algorithms and implementation," 3rd ed., Birkhäuser, 2016, chapters 3 and 11,
   doi:10.1007/978-1-4899-7983-4.
"""

from __future__ import annotations

import math

import numpy as np

from radsim.compiled import apart, step

LN_2_HIGH, LN_2_LOW = (
    0.6931471803691238,
    1.9082149292705877e-10,
)  # the first has 32 bits: times any exponent it is exact
SMALLEST_NORMAL, TWO_TO_52, TWO_TO_54 = 2.0**-1022, 2.0**52, 2.0**54
WHOLE = 1.5 * 2.0**52  # added to a number below 2**51 it leaves the nearest whole number, in the last bits
BIAS = 1023
FRACTION_BITS = np.uint64(52)
FRACTION = np.uint64(2**52 - 1)
OF_TWO_TO_52 = np.uint64((BIAS + 52) << 52)  # bits of 2**52: those of a whole number below are added to them
OF_SQRT_HALF = np.uint64(0x3FE6A09E667F3BCD)  # bits of the square root of 1/2
FROM_SQRT_HALF_TO_ONE = np.uint64((BIAS << 52) - 0x3FE6A09E667F3BCD)
EXPONENT_OF_ONE = np.uint64(BIAS)
FIRST_26_BITS = np.uint64(2**64 - 2**27)
LARGEST_EXPONENT, LEAST_EXPONENT = 709.782712893384, -746.0
LEAST_NORMAL_EXPONENT = -700.0  # well above where results lose digits
# fmt: off
SCALED_ERFC = np.array((
    -1.8206098680308678e-09, -1.3670989863347381e-08, -7.71541861441783e-09, 1.1534943745754157e-07, 6.270727157198311e-08,
    -8.351619688696847e-07, 3.0135049944875397e-07, 5.7178872846321855e-06, -1.1224789135154701e-05, -2.4403169244974074e-05,
    0.000150622243948303, -0.00019925550755614952, -0.00075777334141333, 0.005031969755895426, -0.016197734059115006,
    0.03716751556249286, -0.06633036581152939, 0.09373283499679412, -0.10103906603635213, 0.06809705425473732,
    0.01537965210262074, -0.1396211168405629, 1.2329951186255526,
))
# fmt: on
"""Coefficients of `scaled_erfc`, of the highest power first."""


@step
def bits_of(x):
    """The 64 bits of a number."""
    return np.float64(x).view(np.uint64)


@step
def from_bits(bits):
    """The number that has these bits."""
    return np.uint64(bits).view(np.float64)


@step
def log_of_sum(x, correction):
    """ln x + ``correction`` for a positive, finite x; so exact an x + c has its logarithm with c/x. [1]

    Notes
    -----
    x = 2**k (1 + f) with 1 + f between the square roots of 1/2 and 2; ln(1 + f) = 2 artanh(s), s = f/(2 + f), a polynomial in s² of which the first
    terms are taken from f.
    """
    tiny = x < SMALLEST_NORMAL
    bits = bits_of(x * (TWO_TO_54 if tiny else 1.0)) + FROM_SQRT_HALF_TO_ONE
    k = from_bits((bits >> FRACTION_BITS) | OF_TWO_TO_52) - (TWO_TO_52 + BIAS) - (54.0 if tiny else 0.0)
    f = from_bits((bits & FRACTION) + OF_SQRT_HALF) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = 0.666666666666667 + w * (0.2857142862609589 + w * (0.18182890556695602 + w * 0.1461703754879165))
    even = 0.3999999999989924 + w * (0.2222221111514416 + w * 0.1533167403016786)
    half_square = 0.5 * f * f
    return (s * (half_square + (z * odd + w * even)) + (k * LN_2_LOW + correction) - half_square + f) + k * LN_2_HIGH


@step
def log(x):
    """Natural logarithm.

    Parameters
    ----------
    x : float
        Not below 0.

    Returns
    -------
    float
        To 1 unit in the last place; minus infinite for 0, infinite for an infinite x. [1]
    """
    value = log_of_sum(x, 0.0)
    at_the_ends = -math.inf if x == 0.0 else x if x > 0.0 else math.nan
    return value if (x > 0.0) & (x < math.inf) else at_the_ends


@step
def log1p(x):
    """ln(1 + x) for a finite x above -1, to 2 units in the last place. [1]"""
    near = 1.0 + x
    lost = x - (near - 1.0) if near < 2.0 else 1.0 - (near - x)
    return log_of_sum(near, lost / near)


@step
def exp(x):
    """Exponential.

    Parameters
    ----------
    x : float

    Returns
    -------
    float
        To 1 unit in the last place, to 2 below 2**-1022; infinite from 709.78271289338… on, 0 from -745.13… down. [1]

    Notes
    -----
    x = k ln 2 + r with r between -ln(2)/2 and ln(2)/2; exp(r) = 1 + r + r c/(2 - c), c = r - r² P(r²).
    """
    kept = LARGEST_EXPONENT if x > LARGEST_EXPONENT else x
    kept = LEAST_EXPONENT if kept < LEAST_EXPONENT else kept
    shifted = kept * 1.4426950408889634 + WHOLE
    k = shifted - WHOLE
    high, low = kept - k * LN_2_HIGH, k * LN_2_LOW
    r = high - low
    z = r * r
    rest = 0.1666666666666666 + z * (
        -0.0027777777777563246 + z * (6.613756471045889e-05 + z * (-1.653405913813905e-06 + z * 4.143723710337406e-08))
    )
    c = r - z * rest
    value = 1.0 + (r * c / (2.0 - c) - low + high)
    deep = kept < LEAST_NORMAL_EXPONENT  # 2**k may be no normal number: it is taken in two factors
    power = from_bits((bits_of(shifted + (199.0 if deep else -1.0)) + EXPONENT_OF_ONE) << FRACTION_BITS)
    value = value * power * (2.0**-199 if deep else 2.0)
    return math.inf if x > LARGEST_EXPONENT else value


@apart
def expm1(x):
    """exp(x) - 1, for x up to 700, to 3 units in the last place: what is lost in exp(x) is lost in its logarithm too. [1]"""
    power = exp(x)
    if power == 1.0:
        return x
    if power < 2.0**-54:
        return -1.0
    return (power - 1.0) * (x / log(power))


@apart
def power(x, exponent):
    """x to a power, for x not below 0 and a finite exponent other than 0.

    The relative error is up to 2**-52 (1 + abs(ln of the result)): 14 digits of a result that is not below 1e-30. [1]
    """
    return exp(exponent * log(x))


@step
def erfc(x):
    """Complementary error function, to 5 units in the last place where it is a normal number. [1]

    Notes
    -----
    For x >= 0 a polynomial in t = (x - 4)/(x + 4) is (1 + 2 x) exp(x²) erfc(x), from t = -1 on. The square of x is taken in two parts, the first of
    which is exact.
    """
    size = abs(x)
    size = 28.0 if size > 28.0 else size  # there it is 0
    first = from_bits(bits_of(size) & FIRST_26_BITS)
    rest = (first - size) * (first + size)
    square = exp(-first * first) * (1.0 + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0))))
    value = square * scaled_erfc((size - 4.0) / (size + 4.0)) / (1.0 + 2.0 * size)
    return 2.0 - value if x < 0.0 else value


@step
def scaled_erfc(t):
    """(1 + 2 x) exp(x²) erfc(x) at t = (x - 4)/(x + 4). [1]"""
    value = SCALED_ERFC[0]
    for k in range(1, 23):
        value = value * t + SCALED_ERFC[k]
    return value
