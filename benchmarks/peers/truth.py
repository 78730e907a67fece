"""Expected QALYs and costs of the small model by its renewal equations: no random numbers.

The value of entering state s with time tau left is what is gained while staying, plus the value of where one goes, discounted:

    V_s(tau) = int_0^tau exp(-r u) S_s(u) w_s du + sum_j int_0^tau exp(-r u) f_sj(u) V_j(tau - u) du

on two grids of time left, extrapolated (the error is of the second order), and averaged over age and sex.
"""

from __future__ import annotations

import numpy as np
from model import (
    COST_RATE,
    DISCOUNT_RATE,
    HORIZON,
    LEAST_AGE,
    MEAN_AGE,
    MOST_AGE,
    P_FEMALE,
    SD_AGE,
    UTILITY,
    log_scales,
    transitions,
)

STEPS = 250
AGE_NODES = 15


def values(scales, table, steps):
    """QALYs and costs from the start state over the whole horizon, shape (2,), for one patient's scales."""
    grid = np.linspace(0.0, HORIZON, steps + 1)
    discount = np.exp(-DISCOUNT_RATE * (grid[:-1] + grid[1:]) / 2)
    rewards = np.array([UTILITY, COST_RATE])
    stay, leave = _staying_and_leaving(grid, scales, table)
    value = np.zeros((2, len(UTILITY), steps + 1))
    gained = np.cumsum((stay[:, :-1] + stay[:, 1:]) / 2 * discount, axis=1) * (HORIZON / steps)
    value[:, :, 1:] = rewards[:, :, None] * gained
    moves = [
        (s, t, leave[k] * discount)
        for k, (s, t) in enumerate(zip(table.source, table.target, strict=True))
        if t < len(UTILITY)
    ]
    # what is left after a jump in cell i is k - i - 1/2 cells: the mean of two values of the grid
    for k in range(1, steps + 1):
        own = np.zeros((2, len(UTILITY), len(UTILITY)))
        for s, t, mass in moves:
            later = (value[:, t, :k] + value[:, t, 1 : k + 1])[:, ::-1] / 2
            value[:, s, k] += (later * mass[:k]).sum(axis=1) - value[:, t, k] / 2 * mass[0]
            own[:, s, t] += mass[0] / 2
        # the first cell's jump leads to a value that is being computed: solve for it
        value[:, :, k] = np.linalg.solve(np.eye(len(UTILITY)) - own, value[:, :, k, None])[..., 0]
    return value[:, 0, -1]


def _staying_and_leaving(grid, scales, table):
    """Probability of still being in a state at each grid point, and of leaving it by each transition in each cell."""
    hazards = np.array([(grid / scale) ** shape for scale, shape in zip(scales, table.weibull_shape, strict=True)])
    total = np.array([hazards[table.source == s].sum(axis=0) for s in range(len(UTILITY))])
    stay = np.exp(-total)
    left = -np.diff(stay, axis=1)[table.source]
    return stay, left * np.diff(hazards, axis=1) / np.diff(total, axis=1)[table.source]


def expected(multi):
    """QALYs and costs of one strategy, averaged over age and sex, shape (2,)."""
    return (4 * on_grid(multi, 2 * STEPS) - on_grid(multi, STEPS)) / 3


def on_grid(multi, steps):
    """As `expected`, on a grid of so many steps."""
    table = transitions()
    nodes, weights = np.polynomial.hermite_e.hermegauss(AGE_NODES)
    ages = np.clip(MEAN_AGE + SD_AGE * nodes, LEAST_AGE, MOST_AGE)
    mean = np.zeros(2)
    for age, weight in zip(ages, weights / weights.sum(), strict=True):
        for female, share in ((0, 1 - P_FEMALE), (1, P_FEMALE)):
            scales = np.exp(log_scales(table, multi=multi, age=age, female=female))
            mean += weight * share * values(scales, table, steps)
    return mean


if __name__ == "__main__":
    for multi, name in enumerate(("single", "multi")):
        qalys, costs = expected(multi)
        print(f"{name:8s} QALYs {qalys:.5f}  costs {costs:.1f}")
