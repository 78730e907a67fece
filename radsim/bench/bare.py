"""The yardstick: random numbers and logarithms, as many as a lifetime consumes, and nothing else.

Frozen. The generator is copied from `radsim.rng` on purpose and compiled by a decorator of its own, so that no change of the kernel
ever changes the yardstick. A measurement made with another yardstick cannot be compared: `source_digest` says which it was, and the
tests pin both the digest and what the loop returns.

Counted on the study of `radsim.bench.workload` when this was frozen (`benchmarks/count_draws.py`), per lifetime: 4.97 calls of the
generator, four uniforms each, and 5.9 of log, exp, log1p and pow.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numba
import numpy as np

PHILOX_CALLS = 5
"""Calls of the generator in a lifetime, four uniforms each. [1]"""

LOGARITHMS = 6
"""Logarithms in a lifetime. [1]"""

LIVES_PER_CALL = 5_120
"""Lifetimes of one call of `bare_lives`: a millisecond or less. [1]"""

_frozen = numba.njit(nogil=True, error_model="numpy")


@_frozen
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32: as in `radsim.rng`, on the day this was frozen."""
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        product_0 = np.uint64(0xD2511F53) * c0
        product_1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (product_1 >> half) ^ c1 ^ k0,
            product_1 & mask,
            (product_0 >> half) ^ c3 ^ k1,
            product_0 & mask,
        )
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return c0, c1, c2, c3


@_frozen
def bare_lives(seed, first, n):
    """What ``n`` lifetimes draw and take the logarithm of.

    Parameters
    ----------
    seed : int
        Key of the generator.
    first, n : int
        Number of the first lifetime, and how many.

    Returns
    -------
    words : uint64
        Exclusive or of every word drawn, so that none can be left out.
    total : float
        Sum of the logarithms. [1]
    """
    words, total = np.uint64(0), 0.0
    for number in range(first, first + n):
        logarithms = 0
        for group in range(PHILOX_CALLS):
            four = philox4x32(
                np.uint64(number), np.uint64(0), np.uint64(group), np.uint64(0), np.uint64(seed), np.uint64(0)
            )
            for word in four:
                words ^= word
                if logarithms < LOGARITHMS:
                    total += math.log((np.float64(word) + 0.5) * 2.0**-32)
                    logarithms += 1
    return words, total


def source_digest():
    """sha256 of this file: which yardstick it is."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
