"""The small model by hand in SimPy: a process per patient, which waits for the first of the competing events.

The random numbers are Python's: a generator per patient and strategy, with the same seed for both strategies, which is the common way to
share random numbers between them.
"""

from __future__ import annotations

import math
import random
import time

import numpy as np
import simpy
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

STATES = range(DEAD)
UTILITIES, COST_RATES = UTILITY.tolist(), COST_RATE.tolist()


class Patient:
    """One patient under one strategy: how long each stay lasts, and what it is worth."""

    def __init__(self, environment, generator, leaving):
        self.environment = environment
        self.random = generator
        self.leaving = leaving  # by state: (scale, shape, target) of each transition
        self.qalys = self.costs = 0.0
        environment.process(self.live())

    def live(self):
        """Stay, jump, stay, … until death or the horizon."""
        state = 0
        while state != DEAD and self.environment.now < HORIZON:
            start = self.environment.now
            stay, following = min(
                (self.random.weibullvariate(scale, shape), target) for scale, shape, target in self.leaving[state]
            )
            yield self.environment.timeout(min(stay, HORIZON - start))
            self.count(state, start, self.environment.now)
            state = following

    def count(self, state, start, stop):
        length = _length(start, stop)
        self.qalys += UTILITIES[state] * length
        self.costs += COST_RATES[state] * length


def _length(start, stop):
    """Discounted length of a stay; as `model.discounted`, for single numbers."""
    return (math.exp(-DISCOUNT_RATE * start) - math.exp(-DISCOUNT_RATE * stop)) / DISCOUNT_RATE


def leaving(rows, *, multi, age, female):
    """Scale, shape and target of the transitions out of each state; ``rows`` of Python's numbers, which are faster one by one."""
    found = [[] for _ in STATES]
    for source, target, shape, log_scale, b_mf, b_age, b_female in rows:
        scale = math.exp(log_scale + b_mf * multi + b_age * (age - MEAN_AGE) / 10 + b_female * female)
        found[source].append((scale, shape, target))
    return found


def one_lifetime(seed, patient, arm, rows):
    """QALYs and costs of one patient under one strategy."""
    generator = random.Random(f"{seed} {patient}")
    age = min(max(generator.gauss(MEAN_AGE, SD_AGE), LEAST_AGE), MOST_AGE)
    female = generator.random() < P_FEMALE
    environment = simpy.Environment()
    found = Patient(environment, generator, leaving(rows, multi=arm, age=age, female=female))
    environment.run()
    return found.qalys, found.costs


def simulate(n_patients, *, seed=1):
    """Mean and variance of QALYs and costs at mean parameters; as `numba_loop.simulate`."""
    rows = transitions().tolist()
    lives = np.array(
        [[one_lifetime(seed, patient, arm, rows) for arm in range(len(STRATEGIES))] for patient in range(n_patients)]
    )
    values = np.concatenate([lives, lives[:, 1:] - lives[:, :1]], axis=1)
    return values.mean(axis=0), values.var(axis=0)


def lifetimes_per_second(n_patients=1_000):
    """On the one thread that Python has. [s-1]"""
    start = time.perf_counter()
    simulate(n_patients)
    return len(STRATEGIES) * n_patients / (time.perf_counter() - start)
