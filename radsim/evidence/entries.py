"""One entry of the registry: what it holds, and its uncertainty as quantiles."""

from __future__ import annotations

import math
import zlib
from numbers import Real
from typing import NamedTuple

from radsim.printable import listed

FAMILIES = {
    "fixed": ((),),
    "beta": (("a", "b"), ("mean", "n"), ("n",)),
    "normal": (("sd",),),
    "lognormal": (("sigma",),),
    "gamma": (("shape", "scale"),),
    "uniform": (("low", "high"),),
}
"""Families of uncertainty, and the sets of numbers that define each.

``normal`` has the value as its mean, ``lognormal`` as its median, ``beta: {n}`` as its mean: a retuned value
moves its draws. The others stand by themselves. ``normal`` and ``lognormal`` are truncated to the support.
"""

ORDERED = (
    ("response.cut_overall", "response.cut_complete"),
    ("ladder.step_2_from_pain", "ladder.step_3_from_pain"),
    ("ladder.first_review_day", "ladder.second_review_day"),
)
"""Pairs of parameters of which the first must stay below the second, also in every draw."""

NARROWEST = 0.05
"""Least distance of such a pair where uncertainties or the shifts of a trial would bring it closer."""

PARAMETER_PURPOSE = 64  # `radsim.kernel.purposes.PARAMETER`; a test holds them equal


class EvidenceError(ValueError):
    """What is wrong with the registry, or with what a user asked of it.

    Attributes
    ----------
    faults : tuple of str
        One line each.
    """

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__(listed(self.faults))


class Entry(NamedTuple):
    """One parameter."""

    name: str
    value: float
    uncertainty: dict
    unit: str
    population: str
    source: str
    status: str
    note: str
    low: float = -math.inf
    high: float = math.inf


def quantile(entry, probability):
    """Quantiles of the uncertainty of a parameter.

    Parameters
    ----------
    entry : Entry
        The parameter.
    probability : array
        Probabilities, in (0, 1). [1]

    Returns
    -------
    ndarray, shape of ``probability``
        In the unit of the parameter; increasing in ``probability``.
    """
    import numpy as np
    from scipy.special import betaincinv, gammaincinv

    ((family, numbers),) = entry.uncertainty.items()
    probability = np.asarray(probability, dtype=np.float64)
    if family == "fixed":
        return np.full_like(probability, entry.value)
    if family == "beta":
        return betaincinv(*beta_counts(entry.value, numbers), probability)
    if family == "gamma":
        return numbers["scale"] * gammaincinv(numbers["shape"], probability)
    if family == "uniform":
        return numbers["low"] + (numbers["high"] - numbers["low"]) * probability
    if family == "normal":
        return _truncated_normal(entry.value, numbers["sd"], entry.low, entry.high, probability)
    low, high = (-math.inf if limit <= 0 else math.log(limit) for limit in (entry.low, entry.high))
    return np.exp(_truncated_normal(math.log(entry.value), numbers["sigma"], low, high, probability))


def named_uniforms(seed, n_draws, name):
    """``rng.uniform(seed, draw, crc32(name), PARAMETER_PURPOSE, 0)`` of draws 1 … n_draws, shape (n_draws,), in (0, 1).

    The plain body of the generator on arrays: the same numbers without a second of compilation.
    """
    import numpy as np

    from radsim.maths.philox import HALF_WORD, LANES, MASK, philox4x32, to_uniform

    draw = np.arange(1, n_draws + 1, dtype=np.uint64)
    patient, occurrence = np.uint64(zlib.crc32(name.encode())), np.uint64(0)
    group = np.uint64(PARAMETER_PURPOSE // LANES)
    key = np.uint64(seed)
    words = philox4x32(patient, draw, group, occurrence, key & MASK, key >> HALF_WORD)
    return to_uniform(words[PARAMETER_PURPOSE % LANES])


def beta_counts(value, numbers):
    if "a" in numbers:
        return numbers["a"], numbers["b"]
    mean = numbers.get("mean", value)
    return mean * numbers["n"], (1.0 - mean) * numbers["n"]


def _truncated_normal(mean, sd, low, high, probability):
    """Quantiles of a normal cut off at its limits; without limits, the plain inverse cdf to the bit."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
    return np.clip(mean + sd * ndtri(below + (above - below) * probability), low, high)


def is_whole(name):
    """Whether a parameter is a count: fractions are whole."""
    return name.endswith(".fractions")


def number_fault(value, *, low=-math.inf, high=math.inf, whole=False):
    """What is wrong with a number, or None."""
    number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if number and low <= value <= high and not (whole and value != int(value)):
        return None
    limits = [f"{sign} {limit:g}" for sign, limit in ((">=", low), ("<=", high)) if math.isfinite(limit)]
    kind = "a whole number" if whole else "a finite number"
    return f"{' '.join(['expected', kind, ' and '.join(limits)]).rstrip()}, found {value!r}"


def keep_order(draws, *, fixed):
    """Draws, arrays of shape (draw + 1,) with the base case first, whose uncertainties overlap kept in the order of `ORDERED`, in place.

    The base case stays as it is, and so does a pair of which one is ``fixed``: a value that contradicts the draws of the other is refused.
    """
    import numpy as np

    for first, second in ORDERED:
        if first in draws and second in draws and not {first, second} & set(fixed):
            draws[second][1:] = np.maximum(draws[second][1:], draws[first][1:] + NARROWEST)


def disorder(values):
    """What is wrong with the order of parameters, in one set of values or in arrays of draws."""
    faults = []
    for first, second in ORDERED:
        if first in values and second in values and _any(values[first] >= values[second]):
            faults.append(f"parameters.{first}: expected below {second} in the base case and in every draw")
    return faults


def _any(found):
    return bool(found.any()) if hasattr(found, "any") else bool(found)


def refuse(faults):
    if faults:
        raise EvidenceError(faults)
