"""The small model in radsim's style: a compiled loop, and random numbers that are a pure function of who, what and how often.

Each event's time comes from a counter of (patient, draw, state, occurrence): a lane for each transition out of that state, and the
occurrence counts how often *this patient* was in that state. The strategy is in no counter: both have the same random numbers. ``STREAM`` and
``INDEPENDENT`` are other ways to number the same draws, to show what the key is worth.
"""

from __future__ import annotations

import math
import time

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
    PSA_SD,
    SD_AGE,
    STRATEGIES,
    UTILITY,
    log_scales,
    transitions,
)

from radsim.compiled import door, step
from radsim.maths.hazard import normal_quantile
from radsim.maths.rng import uniforms

OCCURRENCE, JUMP, STREAM, INDEPENDENT = 0, 1, 2, 3
KEYS = ("(patient, event, occurrence)", "(patient, event, jump number)", "a stream per patient", "independent")
PERSON, PSA = 8, 9  # groups of purposes; the living states are 0 … 3
MOST_COMPETING = 4


def tables():
    """Transitions by source state as the loop reads them: each array is (state, 4), padded; and how many there are, (state,)."""
    table = transitions()
    n_competing = np.bincount(table.source, minlength=DEAD)
    rows = np.full((DEAD, MOST_COMPETING), -1)
    for s in range(DEAD):
        rows[s, : n_competing[s]] = np.flatnonzero(table.source == s)
    return rows, n_competing, table.target.copy(), 1 / table.weibull_shape


@step
def live(seed, draw, patient, key, arm, scales, rows, n_competing, target, inverse_shape):
    """One lifetime: discounted QALYs and costs."""
    state, now, jump = 0, 0.0, 0
    factor = 1.0  # discount to the present time
    qalys = costs = 0.0
    visits = (0, 0, 0, 0)
    while state != DEAD and now < HORIZON:
        occurrence = visits[state]
        group, salt = state, draw
        if key == JUMP:
            occurrence = jump
        elif key == STREAM:
            group, occurrence = 0, jump
        elif key == INDEPENDENT:
            salt, occurrence = draw + 1_000_000 * (arm + 1), jump
        four = uniforms(seed, salt, patient, group, occurrence)
        stay, following = math.inf, DEAD
        for lane in range(n_competing[state]):
            row = rows[state, lane]
            lasts = scales[row] * (-math.log(four[lane])) ** inverse_shape[row]
            if lasts < stay:
                stay, following = lasts, target[row]
        until = min(now + stay, HORIZON)
        later = math.exp(-DISCOUNT_RATE * until)
        length = (factor - later) / DISCOUNT_RATE
        qalys += UTILITY[state] * length
        costs += COST_RATE[state] * length
        if state == 0:
            visits = (visits[0] + 1, visits[1], visits[2], visits[3])
        elif state == 1:
            visits = (visits[0], visits[1] + 1, visits[2], visits[3])
        elif state == 2:
            visits = (visits[0], visits[1], visits[2] + 1, visits[3])
        else:
            visits = (visits[0], visits[1], visits[2], visits[3] + 1)
        state, now, factor, jump = following, until, later, jump + 1
    return qalys, costs


@step
def play_patients(
    seed, draw, first, n, key, log_scale, b_age, b_female, rows, n_competing, target, inverse_shape, scales, sums
):
    """Patients ``first`` … under every strategy; adds to ``sums``, see `simulate`. ``log_scale`` is (strategy, transition)."""
    for patient in range(first, first + n):
        u_age, u_sex, _, _ = uniforms(seed, draw, patient, PERSON, 0)
        age = min(max(MEAN_AGE + SD_AGE * normal_quantile(u_age), LEAST_AGE), MOST_AGE)
        female = 1.0 if u_sex < P_FEMALE else 0.0
        before_q = before_c = 0.0
        for arm in range(len(log_scale)):
            for k in range(len(scales)):
                scales[k] = math.exp(log_scale[arm, k] + b_age[k] * (age - MEAN_AGE) / 10 + b_female[k] * female)
            q, c = live(seed, draw, patient, key, arm, scales, rows, n_competing, target, inverse_shape)
            for j, value in enumerate((q, c)):
                sums[arm, j, 0] += value
                sums[arm, j, 1] += value * value
            if arm > 0:
                sums[len(log_scale), 0, 0] += q - before_q
                sums[len(log_scale), 0, 1] += (q - before_q) ** 2
                sums[len(log_scale), 1, 0] += c - before_c
                sums[len(log_scale), 1, 1] += (c - before_c) ** 2
            before_q, before_c = q, c


def simulate(n_patients, *, seed=1, draws=(0,), key=OCCURRENCE):
    """Mean and variance of QALYs and costs.

    Parameters
    ----------
    n_patients : int
        Patients under each strategy and draw.
    seed : int
    draws : sequence of int
        Draw 0 has the mean parameters, any other normal noise on the log-scales.
    key : int
        How draws are numbered: an index into `KEYS`.

    Returns
    -------
    mean, variance : array, shape (strategies + 1, 2)
        QALYs and costs of a patient, by strategy; last the difference, second strategy minus first.
    """
    table = transitions()
    log_scale = np.array([log_scales(table, multi=arm, age=MEAN_AGE, female=0) for arm in range(len(STRATEGIES))])
    sums = np.zeros((len(STRATEGIES) + 1, 2, 2))
    for draw in draws:
        noise = psa_noise(seed, draw, len(table))
        play(
            seed, draw, 0, n_patients, key, log_scale + noise, table.b_age.copy(), table.b_female.copy(), *tables(),
            np.zeros(len(table)), sums,
        )  # fmt: skip
    mean, square = (sums / (n_patients * len(draws))).transpose(2, 0, 1)
    return mean, square - mean**2


play, quantile, four_uniforms = door(play_patients), door(normal_quantile), door(uniforms)


def psa_noise(seed, draw, n):
    """Noise on the log-scales of one draw, shape (transition,)."""
    if draw == 0:
        return np.zeros(n)
    return PSA_SD * np.array([quantile(four_uniforms(seed, draw, k, PSA, 0)[0]) for k in range(n)])


def lifetimes_per_second(n_patients=100_000):
    """On one thread, compiled beforehand. [s-1]"""
    simulate(10)
    start = time.perf_counter()
    simulate(n_patients)
    return len(STRATEGIES) * n_patients / (time.perf_counter() - start)
