"""The small model that the peers race on: five states, twelve competing transitions, the clock restarts at each jump.

Numbers are illustrative, not clinical. Times in years.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

STATES = ("pain", "responding", "retreated", "fractured", "dead")
DEAD = 4
UTILITY = np.array([0.50, 0.70, 0.55, 0.40])  # by living state
COST_RATE = np.array([6000.0, 3500.0, 7000.0, 9000.0])  # a year, by living state
DISCOUNT_RATE = 0.035  # continuous, costs and effects
HORIZON = 10.0
MEAN_AGE, SD_AGE, LEAST_AGE, MOST_AGE = 68.0, 10.0, 40.0, 90.0
P_FEMALE = 0.45
PSA_SD = 0.10  # of the log-scales; draw 0 has none
STRATEGIES = ("single", "multi")

# As reported with the model, single and multi. The renewal equations of `truth`, and six million patients of the numba loop, both give
# 0.15 % more for the population as it is written here.
REPORTED_QALYS = (0.4871, 0.4966)
REPORTED_COSTS = (3614.0, 3534.0)


def transitions():
    """The twelve transitions.

    Returns
    -------
    record array, shape (transition,)
        ``source`` and ``target`` from 0; Weibull ``weibull_shape`` and ``log_scale`` (of years); coefficients of the log-scale ``b_mf``, ``b_age``
        (per ten years from 68) and ``b_female``.
    """
    with open(Path(__file__).parent / "params.csv") as file:
        rows = [
            (
                int(row["from"]) - 1, int(row["to"]) - 1, float(row["shape"]), np.log(float(row["scale"])),
                float(row["b_mf"]), float(row["b_age"]), float(row["b_female"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    names = ("weibull_shape", "log_scale", "b_mf", "b_age", "b_female")
    return np.array(rows, np.dtype([("source", "i8"), ("target", "i8"), *((name, "f8") for name in names)])).view(
        np.recarray
    )


def log_scales(table, *, multi, age, female):
    """Log-scale of every transition for one patient under one strategy, shape (transition,)."""
    return table.log_scale + table.b_mf * multi + table.b_age * (age - MEAN_AGE) / 10 + table.b_female * female
