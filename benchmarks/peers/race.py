"""Race the peers: is each right, how fast is it, and how many patients does it need? ``python benchmarks/peers/race.py``.

Exit code 3 if a peer misses the truth by more than five standard errors.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time

import numpy as np
import truth
from model import STRATEGIES
from threadpoolctl import threadpool_limits

Z = 5.0
PEERS = {
    "numba loop, radsim's style": ("numba_loop", 400_000),
    "vectorised numpy": ("numpy_model", 200_000),
    "heormodel": ("heormodel_model", 100_000),
    "hesim, in R": ("hesim_model", 100_000),
    "SimPy by hand": ("simpy_model", 10_000),
}
"""Name to module and patients."""


def misses(mean, variance, n, expected):
    """Distance from the truth in standard errors, shape (strategy, 2)."""
    return (mean[:-1] - expected) / np.sqrt(variance[:-1] / n)


def variance_ratio(variance):
    """How many times as many patients two independent runs would need for the same precision of the difference, shape (2,)."""
    return variance[:-1].sum(axis=0) / variance[-1]


def timed(peer, n):
    """Mean, variance and processor seconds of one peer; one in another process says itself how long it took."""
    if hasattr(peer, "simulate_timed"):
        return peer.simulate_timed(n)
    peer.simulate(10)
    start = time.process_time()
    with threadpool_limits(1):
        return *peer.simulate(n), time.process_time() - start


def race(module, n, expected):
    """Run one peer; its lifetimes per processor second, mean, distance from the truth and variance ratio."""
    mean, variance, seconds = timed(importlib.import_module(module), n)
    speed = len(STRATEGIES) * n / seconds
    return speed, mean, misses(mean, variance, n, expected), variance_ratio(variance)


def show_peer(name, speed, mean, distance, ratio):
    """One line a peer."""
    means = "  ".join(f"{mean[arm, 0]:.4f} {mean[arm, 1]:6.0f}" for arm in range(len(STRATEGIES)))
    print(f"{name:34s} {speed:12,.0f}  {means}  {np.abs(distance).max():4.1f}  {ratio[0]:5.1f} {ratio[1]:5.1f}")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scale", type=float, default=1.0, help="patients, times so many")
    scale = options.parse_args().scale
    expected = np.array([truth.expected(multi) for multi in range(len(STRATEGIES))])
    print("truth, by renewal equations: " + ", ".join(f"{q:.4f} QALYs {c:.0f} cost" for q, c in expected))
    print(f"{'':34s} {'lives/cpu s':>12s}  {'single':>13s}  {'multi':>13s}     z  variance ratio (QALYs, costs)")
    worst = 0.0
    for name, (module, n) in PEERS.items():
        try:
            found = race(module, int(n * scale), expected)
        except ModuleNotFoundError as missing:
            print(f"{name:34s} not installed: {missing.name}")
            continue
        show_peer(name, *found)
        worst = max(worst, np.abs(found[2]).max())
    show_keys(int(200_000 * scale))
    sys.exit(3 if worst > Z else 0)


def show_keys(n):
    """What the numbering of the draws is worth."""
    numba_loop = importlib.import_module("numba_loop")
    print("\nvariance of two independent runs' difference over that with common random numbers, by key (QALYs, costs):")
    for key, name in enumerate(numba_loop.KEYS):
        ratio = variance_ratio(numba_loop.simulate(n, key=key)[1])
        print(f"{name:34s} {ratio[0]:5.1f} {ratio[1]:5.1f}")


if __name__ == "__main__":
    main()
