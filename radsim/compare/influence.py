"""Provisional parameters that the answer follows most closely."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

LEAST_SIGMAS = 4.0
"""Correlations below this many standard errors of none are taken for chance, which among ninety parameters often makes three."""

LEAST_DRAWS = 30
MOST_PER_OUTCOME = 2
MOST = 6


class Influence(NamedTuple):
    """A provisional parameter, an outcome that follows it over the draws, and how closely (squared correlation)."""

    parameter: str
    outcome: str
    share: float


def most_influential(samples, names, columns):
    """The provisional parameters that the outcomes follow most closely over the draws.

    Parameters
    ----------
    samples : mapping of str to ndarray, shape (draw,)
        Parameters of draws 1, 2, …
    names : iterable of str
        Those that are provisional.
    columns : mapping of str to ndarray, shape (draw,)
        Outcomes by name, the most important first.

    Returns
    -------
    tuple of Influence
        At most `MOST`, each parameter once; empty with too few draws to tell.

    Notes
    -----
    A parameter that is fixed in every draw, as an assumption often is, cannot show here.
    """
    varying = [name for name in names if np.ptp(samples[name]) > 0.0]
    if not varying:
        return ()
    scores = _scores(np.array([samples[name] for name in varying]))
    ranked = [_closest(outcome, column, varying, scores) for outcome, column in columns.items()]
    found = {}
    for rank in range(MOST_PER_OUTCOME):  # the closest of each outcome, then the next
        for influences in ranked:
            for one in influences[rank : rank + 1]:
                found.setdefault(one.parameter, one)
    return tuple(found.values())[:MOST]


def _closest(outcome, column, names, scores):
    """The parameters that one outcome follows more closely than chance would have it, the closest first."""
    n = len(column)
    if n < LEAST_DRAWS or np.ptp(column) == 0.0:
        return []
    shares = (scores @ _scores(column) / n) ** 2
    order = np.argsort(-shares, kind="stable")[:MOST_PER_OUTCOME]
    return [Influence(names[i], outcome, float(shares[i])) for i in order if math.sqrt(shares[i] * n) > LEAST_SIGMAS]


def _scores(values):
    """Values in standard deviations from their mean, along the last axis."""
    return (values - values.mean(axis=-1, keepdims=True)) / values.std(axis=-1, keepdims=True)
