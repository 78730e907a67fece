"""The yardstick in vector code: the same random numbers and logarithms, for many lifetimes at once.

Frozen, as `radsim.bench.bare` is, and for the same reasons. Nothing is gated by it: it says what the processor could do at best with what a
lifetime draws, where `bare` says what it does one by one.
"""

from __future__ import annotations

import numba
import numpy as np

from radsim.bench import bare
from radsim.bench.bare import LOGARITHMS, PHILOX_CALLS

WIDTH = 32
"""Lifetimes at once: with fewer LLVM unrolls the loops before it looks for vectors in them. [1]"""

PAGE = np.dtype(
    (
        np.record,
        [
            ("words", np.uint64, (4 * PHILOX_CALLS, WIDTH)),
            ("logarithms", np.float64, (WIDTH,)),
            ("sums", np.float64, (WIDTH,)),
        ],
    )
)
"""A row for each quantity, a column for each lifetime."""

_within = numba.njit(nogil=True, error_model="numpy", forceinline=True)
_frozen = numba.njit(nogil=True, error_model="numpy")


philox4x32 = _within(getattr(bare.philox4x32, "py_func", bare.philox4x32))  # itself where nothing is compiled


@_within
def log_uniform(word):
    """Logarithm of the uniform that a word stands for, to 1 unit in the last place, without a branch or a call."""
    number = np.uint64(word | np.uint64(0x4330000000000000)).view(np.float64) - 2.0**52 + 0.5
    bits = np.float64(number).view(np.uint64) + np.uint64(0x00095F619980C433)  # 1 less the square root of 1/2
    k = np.uint64((bits >> np.uint64(52)) | np.uint64(0x4330000000000000)).view(np.float64) - (2.0**52 + 1023.0 + 32.0)
    f = np.uint64((bits & np.uint64(0x000FFFFFFFFFFFFF)) + np.uint64(0x3FE6A09E667F3BCD)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = 0.666666666666667 + w * (0.2857142862609589 + w * (0.18182890556695602 + w * 0.1461703754879165))
    even = 0.3999999999989924 + w * (0.2222221111514416 + w * 0.1533167403016786)
    h = 0.5 * f * f
    return (s * (h + (z * odd + w * even)) + k * 1.9082149292705877e-10 - h + f) + k * 0.6931471803691238


@_frozen
def _draw(words, key, first):
    """Words of ``WIDTH`` lifetimes from number ``first`` on."""
    mask = np.uint64(0xFFFFFFFF)
    for group in range(PHILOX_CALLS):
        for j in range(WIDTH):
            number = (np.uint64(first) + np.uint64(j)) & mask
            four = philox4x32(number, np.uint64(0), np.uint64(group), np.uint64(0), key, np.uint64(0))
            words[4 * group, j] = four[0]
            words[4 * group + 1, j] = four[1]
            words[4 * group + 2, j] = four[2]
            words[4 * group + 3, j] = four[3]


@_frozen
def _add_logarithms(words, logarithms, sums):
    """Logarithms of the first rows, added up by columns."""
    for i in range(LOGARITHMS):
        for j in range(WIDTH):
            logarithms[j] = log_uniform(words[i, j])
        for j in range(WIDTH):
            sums[j] += logarithms[j]


@_frozen
def _lives(key, first, n, page):
    both = np.uint64(0)
    words, logarithms, sums = page[0].words, page[0].logarithms, page[0].sums
    for number in range(first, first + n, WIDTH):
        _draw(words, key, number)
        for i in range(4 * PHILOX_CALLS):
            for j in range(WIDTH):
                both ^= words[i, j]
        _add_logarithms(words, logarithms, sums)
    return both


def bare_lives(seed, first, n):
    """As `radsim.bench.bare.bare_lives`; the sum of the logarithms differs in its last bits.

    Parameters
    ----------
    seed : int
        Key of the generator, below 2**32.
    first, n : int
        Number of the first lifetime, and how many: a multiple of `WIDTH`.

    Returns
    -------
    words : uint64
    total : float
        [1]
    """
    page = np.zeros(1, PAGE)
    words = _lives(np.uint64(seed), first, n, page)
    return words, float(page["sums"].sum())
