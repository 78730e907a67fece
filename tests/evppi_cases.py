"""Synthetic decisions whose partial value of information is known: smooth, sharp and chance shapes, few and many draws.

Two or three schedules; the gain of each over the first is a shape of the parameters that would be known, plus noise of all others. The
truth is the mean of the best gain given the known parameters less the best mean gain, over two million draws of these parameters alone.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

TRUTH_DRAWS = 2_000_000


def _step(x):
    return np.where(x[:, 0] > 0.5, 60.0, -30.0)


def _narrow_peak(x):
    return 90.0 * np.exp(-0.5 * (x[:, 0] / 0.25) ** 2) - 25.0


def _kink(x):
    return 60.0 * np.abs(x[:, 0]) - 55.0


def _cliff(x):
    return 80.0 / (1.0 + np.exp(-12.0 * (x[:, 0] - 0.8))) - 25.0


def _wave(x):
    return 40.0 * np.sin(3.0 * x[:, 0])


def _line(x):
    return 30.0 * x[:, 0] + 10.0


def _product(x):
    return 40.0 * x[:, 0] * x[:, 1] - 8.0


def _corner(x):
    return np.where((x[:, 0] > 0.0) & (x[:, 1] > 0.0), 80.0, -25.0)


def _skewed(x):
    return 15.0 * np.exp(0.8 * x[:, 0]) - 22.0


def _nothing(x):
    return np.full(len(x), -10.0)


SHAPES = (_line, _kink, _step, _cliff, _narrow_peak, _wave, _product, _corner, _skewed, _nothing)


class Case(NamedTuple):
    """One decision.

    Attributes
    ----------
    name : str
    net_benefit : ndarray, shape (draw, schedule)
    parameters : ndarray, shape (draw, parameter)
    truth : float
    """

    name: str
    net_benefit: np.ndarray
    parameters: np.ndarray
    truth: float


def cases(n=100):
    """The first n cases, each with a seed of its own: shape by number of draws, and by noise with parameters beside that have no part."""
    designs = itertools.product((200, 1000), ((20.0, 0), (100.0, 0), (20.0, 8), (100.0, 8), (100.0, 25)), SHAPES)
    truths = {shape: _truth(shape) for shape in SHAPES}
    for seed, (n_draws, (noise, beside), shape) in enumerate(itertools.islice(designs, n)):
        random = np.random.default_rng(2000 + seed)
        x = random.standard_normal((n_draws, 2 + beside))
        gain = shape(x) + noise * random.standard_normal(n_draws)
        name = f"{shape.__name__[1:]}, {n_draws} draws, noise {noise:g}, {beside} beside"
        yield Case(name, np.column_stack([np.zeros(n_draws), gain]), x, truths[shape])


def _truth(shape):
    gain = shape(np.random.default_rng(1).standard_normal((TRUTH_DRAWS, 2)))
    return float(np.maximum(gain, 0.0).mean() - max(gain.mean(), 0.0))
