"""The small model in vectorised numpy: all patients of a block jump together, both strategies on the same random numbers.

A row of uniforms belongs to a patient and a jump number, which is what a vectorised program can share between strategies without more work.
"""

from __future__ import annotations

import numpy as np
from model import (
    COST_RATE,
    DEAD,
    DISCOUNT_RATE,
    HORIZON,
    LEAST_AGE,
    MEAN_AGE,
    MOST_AGE,
    P_FEMALE,
    SD_AGE,
    STRATEGIES,
    UTILITY,
    transitions,
)

BLOCK = 8192  # patients at once: their arrays stay in the cache
N_STATES = DEAD + 1


def by_state():
    """The transitions out of each living state: rows of the table, one array a state."""
    table = transitions()
    return table, [np.flatnonzero(table.source == state) for state in range(DEAD)]


def population(rng, n):
    """Age and sex of some patients, shape (n,)."""
    return np.clip(rng.normal(MEAN_AGE, SD_AGE, n), LEAST_AGE, MOST_AGE), rng.random(n) < P_FEMALE


def event_times(table, rows, exponentials, *, multi, age, female):
    """Times to the transitions out of one state, shape (patient, transition); `exponentials` is of the same shape, of rate one."""
    chosen = table[rows]
    log_scale = (
        chosen.log_scale + chosen.b_mf * multi + np.outer((age - MEAN_AGE) / 10, chosen.b_age) + np.outer(female, chosen.b_female)
    )  # fmt: skip
    return np.exp(log_scale + np.log(exponentials) / chosen.weibull_shape)


def lives_of(rng, n):
    """QALYs and costs of some patients, shape (patient, strategy, 2)."""
    table, rows_of = by_state()
    most = max(map(len, rows_of))
    age, female = population(rng, n)
    state, now = np.zeros((len(STRATEGIES), n), int), np.zeros((len(STRATEGIES), n))
    found = np.zeros((n, len(STRATEGIES), 2))
    while len(active := np.flatnonzero(((state != DEAD) & (now < HORIZON)).any(axis=0))):
        exponentials = rng.standard_exponential((len(active), most))  # shared by the strategies
        for arm in range(len(STRATEGIES)):
            was, started = state[arm, active], now[arm, active]
            for source, rows in enumerate(rows_of):
                here = (was == source) & (started < HORIZON)
                who = active[here]
                times = event_times(
                    table, rows, exponentials[here, : len(rows)], multi=arm, age=age[who], female=female[who]
                )
                first = times.argmin(axis=1)
                until = np.minimum(started[here] + times[np.arange(len(who)), first], HORIZON)
                length = (np.exp(-DISCOUNT_RATE * started[here]) - np.exp(-DISCOUNT_RATE * until)) / DISCOUNT_RATE
                found[who, arm, 0] += UTILITY[source] * length
                found[who, arm, 1] += COST_RATE[source] * length
                state[arm, who], now[arm, who] = table.target[rows][first], until
    return found


def simulate(n_patients, *, seed=1):
    """Mean and variance of QALYs and costs at mean parameters; as `numba_loop.simulate`."""
    rng = np.random.default_rng(seed)
    blocks = [lives_of(rng, min(BLOCK, n_patients - first)) for first in range(0, n_patients, BLOCK)]
    return mean_and_variance(np.concatenate(blocks))


def mean_and_variance(lives):
    """Of each strategy and of the difference, shape (strategies + 1, 2) each; `lives` is (patient, strategy, 2)."""
    values = np.concatenate([lives, lives[:, 1:] - lives[:, :1]], axis=1)
    return values.mean(axis=0), values.var(axis=0)
