"""The plain body of the generator of `radsim.maths.rng`, for numbers and for arrays, without the compiler.

Philox4x32-10 [1]_.

References
----------
.. [1] Salmon JK, Moraes MA, Dror RO, Shaw DE, "Parallel random numbers: as easy as 1, 2, 3," SC'11, 2011,
   doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import numpy as np

MASK = np.uint64(0xFFFFFFFF)
HALF_WORD = np.uint64(32)
MULTIPLIER_0 = np.uint64(0xD2511F53)
MULTIPLIER_1 = np.uint64(0xCD9E8D57)
WEYL_0 = np.uint64(0x9E3779B9)
WEYL_1 = np.uint64(0xBB67AE85)
N_ROUNDS = 10
TWO_TO_MINUS_32 = 2.0**-32

LANES = 4
"""Purposes that share one counter: a generator call yields four words."""


def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32.

    Parameters
    ----------
    c0, c1, c2, c3 : uint64
        Counter words, each < 2**32. [1]
    k0, k1 : uint64
        Key words, each < 2**32. [1]

    Returns
    -------
    tuple of four uint64, each < 2**32

    Notes
    -----
    Written in 64-bit integers with masks, so that the same source runs without overflow warnings when compilation is off.
    """
    for _ in range(N_ROUNDS):
        product_0 = MULTIPLIER_0 * c0
        product_1 = MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (product_1 >> HALF_WORD) ^ c1 ^ k0,
            product_1 & MASK,
            (product_0 >> HALF_WORD) ^ c3 ^ k1,
            product_0 & MASK,
        )
        k0 = (k0 + WEYL_0) & MASK
        k1 = (k1 + WEYL_1) & MASK
    return c0, c1, c2, c3


def to_uniform(word):
    """Map a 32-bit word to the open interval (0, 1): (word + 1/2) 2**-32, never 0 and never 1."""
    return (np.float64(word) + 0.5) * TWO_TO_MINUS_32
