"""The small model in hesim, a package of R; `hesim_model.R` asks it."""

from __future__ import annotations

import subprocess
from pathlib import Path

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
)

HERE = Path(__file__).parent
NAME = "hesim, in R"


def settings():
    """The numbers of the model that are in no table, as arguments."""
    named = {
        "mean_age": MEAN_AGE, "sd_age": SD_AGE, "least_age": LEAST_AGE, "most_age": MOST_AGE, "p_female": P_FEMALE,
        "horizon": HORIZON, "discount_rate": DISCOUNT_RATE,
    }  # fmt: skip
    for state, (utility, cost) in enumerate(zip(UTILITY, COST_RATE, strict=True), start=1):
        named |= {f"utility{state}": utility, f"cost{state}": cost}
    return [f"{name}={value}" for name, value in named.items()]


def simulate_timed(n_patients, *, seed=1):
    """As `simulate`, and the processor seconds of it without starting R.

    Raises
    ------
    ModuleNotFoundError
        If there is no R, or no hesim in it.
    """
    command = [
        "Rscript",
        str(HERE / "hesim_model.R"),
        str(HERE / "params.csv"),
        str(n_patients),
        str(seed),
        *settings(),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ModuleNotFoundError(NAME, name=NAME) from None
    if done.stdout.strip() == "missing":
        raise ModuleNotFoundError(NAME, name=NAME)
    if done.returncode:
        raise RuntimeError(f"{NAME}: {done.stderr.strip().splitlines()[-1]}")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    mean, variance = (
        np.array([line[1:] for line in lines if line[0] == name], float).T for name in ("mean", "variance")
    )
    return mean, variance, float(next(line[1] for line in lines if line[0] == "seconds"))


def simulate(n_patients, *, seed=1):
    """Mean and variance of QALYs and costs at mean parameters; as `numba_loop.simulate`."""
    return simulate_timed(n_patients, seed=seed)[:2]
