"""Random numbers as a pure function of who, what and how often.

Philox4x32-10 (`radsim.maths.philox`): a counter-based generator. There is no state to pass around: the number that decides the third visit of
patient 17 in draw 4 is the same whatever else is simulated, in whatever order, on however many threads.
"""

from __future__ import annotations

import numpy as np

from radsim.compiled import step
from radsim.maths import philox
from radsim.maths.philox import HALF_WORD, LANES, MASK

philox4x32 = step(philox.philox4x32)
to_uniform = step(philox.to_uniform)


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
