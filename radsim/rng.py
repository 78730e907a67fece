"""Random numbers as a pure function of who, what and how often.

Philox4x32-10 [1]_: a counter-based generator. There is no state to pass around: the number that decides the third visit of
patient 17 in draw 4 is the same whatever else is simulated, in whatever order, on however many threads.

References
----------
.. [1] Salmon JK, Moraes MA, Dror RO, Shaw DE, "Parallel random numbers: as easy as 1, 2, 3," SC'11, 2011,
   doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import numpy as np

from radsim.compiled import step

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


@step
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


@step
def to_uniform(word):
    """Map a 32-bit word to the open interval (0, 1): (word + 1/2) 2**-32, never 0 and never 1."""
    return (np.float64(word) + 0.5) * TWO_TO_MINUS_32


@step
def uniforms(seed, draw, patient, group, occurrence):
    """Four uniforms: those of purposes ``4 group`` … ``4 group + 3``.

    Parameters
    ----------
    seed : int
        Study seed, 0 … 2**53 - 1.
    draw : int
        Parameter draw; 0 is the base case.
    patient : int
        Patient number, 0 … 2**32 - 1.
    group : int
        ``purpose // 4``.
    occurrence : int
        How often this event was drawn before in this life; for a visit, its day.

    Returns
    -------
    tuple of four float64 in (0, 1)
    """
    key = np.uint64(seed)
    w0, w1, w2, w3 = philox4x32(
        np.uint64(patient) & MASK,
        np.uint64(draw) & MASK,
        np.uint64(group) & MASK,
        np.uint64(occurrence) & MASK,
        key & MASK,
        (key >> HALF_WORD) & MASK,
    )
    return to_uniform(w0), to_uniform(w1), to_uniform(w2), to_uniform(w3)


@step
def uniform(seed, draw, patient, purpose, occurrence):
    """One uniform in (0, 1); see :func:`uniforms`."""
    four = uniforms(seed, draw, patient, purpose // LANES, occurrence)
    lane = purpose % LANES
    if lane == 0:
        return four[0]
    if lane == 1:
        return four[1]
    if lane == 2:
        return four[2]
    return four[3]
