"""The small model in heormodel: its microsimulation in continuous time, whose strategies share one stream of random numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from heormodel.models import MicrosimModel
from heormodel.run import run_psa
from model import COST_RATE, DEAD, DISCOUNT_RATE, HORIZON, STATES, STRATEGIES, UTILITY
from numpy_model import by_state, event_times, mean_and_variance, population

BLOCK = 8192  # patients of an iteration


def _population(rng, n):
    age, female = population(rng, n)
    return pd.DataFrame({"age": age, "female": female})


def _event_times(params, strategy, state, attributes, rng):
    """Times to every state, shape (patient, state); infinite where there is no way."""
    table, rows_of = by_state()
    age, female = attributes["age"].to_numpy(), attributes["female"].to_numpy()
    exponentials = rng.standard_exponential((len(state), max(map(len, rows_of))))
    found = np.full((len(state), len(STATES)), np.inf)
    for source, rows in enumerate(rows_of):
        who = np.flatnonzero(state == source)
        found[np.ix_(who, table.target[rows])] = event_times(
            table, rows, exponentials[who, : len(rows)], multi=STRATEGIES.index(strategy), age=age[who], female=female[who]
        )  # fmt: skip
    return found


def _rates(params, strategy, state, attributes):
    """Cost and utility a year."""
    living = state != DEAD
    place = np.where(living, state, 0)
    return np.where(living, COST_RATE[place], 0.0), np.where(living, UTILITY[place], 0.0)


def simulate(n_patients, *, seed=1):
    """Mean and variance of QALYs and costs at mean parameters; as `numba_loop.simulate`."""
    block = min(BLOCK, n_patients)
    model = MicrosimModel.continuous(
        states=STATES, event_times=_event_times, state_reward_rates=_rates, interventions=list(STRATEGIES),
        horizon=HORIZON, population=_population, n_individuals=block, discount_rate=DISCOUNT_RATE, initial_state=0,
    )  # fmt: skip
    iterations = pd.RangeIndex(-(-n_patients // block), name="iteration")
    draws = pd.DataFrame({"mean_parameters": np.zeros(len(iterations))}, index=iterations)
    found = run_psa(
        model, draws, seed=seed, collect="individuals", n_jobs=1, sequential=True, progress=False
    ).individuals
    by_strategy = [found[found["intervention"] == name][["qaly", "cost"]].to_numpy() for name in STRATEGIES]
    return mean_and_variance(np.stack(by_strategy, axis=1))
