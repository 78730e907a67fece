"""Expected value of sample information: what a trial of a given size would be worth before anybody knows what it will find.

Each draw of the parameters gives the trial a data set. By regression, the mean net benefit given the data follows from the net benefits
and a few summaries of the data sets [1]_, with the regression of `radsim.decision.evppi`. By importance sampling, the draws are weighted
by how likely each of them makes a data set [2]_: another estimate from the same draws, without any assumed shape, as the check.

.. [1] Strong M, Oakley JE, Brennan A, Breeze P, "Estimating the expected value of sample information using the probabilistic sensitivity
   analysis sample: a fast, nonparametric regression-based method," Med Decis Making 2015;35:570-583. doi:10.1177/0272989X15575286
.. [2] Menzies NA, "An efficient estimator for the expected value of sample information," Med Decis Making 2016;36:308-320.
   doi:10.1177/0272989X15583495
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import xlog1py, xlogy

from radsim.decision.evpi import evpi
from radsim.decision.evppi import LEAST_DRAWS, evppi
from radsim.maths import ties

MOST_DATA_SETS = 2000  # of importance sampling, whose work is their square
GROUPS = 10  # left out one after the other for the error of importance sampling
FEW_EFFECTIVE = 20.0
"""Draws that are left by weight, in the median data set, below which importance sampling reads chance as information."""


class Evsi(NamedTuple):
    """Value of a trial.

    Attributes
    ----------
    value, se : float
        By regression, and its standard error. [currency]
    importance_sampling, importance_sampling_se : float
        By importance sampling, and its standard error. [currency]
    effective_draws : float
        Draws left by weight in the median data set, 1 to all.
    """

    value: float
    se: float
    importance_sampling: float
    importance_sampling_se: float
    effective_draws: float


def evsi(net_benefit, proportions, sizes, *, seed):
    """Expected value of a trial with counted outcomes, per patient.

    Parameters
    ----------
    net_benefit : ndarray, shape (draw, schedule)
        Of parameter draws. [currency]
    proportions : ndarray, shape (draw, figure)
        What each figure of the trial (an outcome in an arm) would be in each draw with endless patients, in (0, 1). [1]
    sizes : ndarray of int, shape (figure,)
        Patients that each figure rests on, >= 1. [1]
    seed : int
        Of the data sets.

    Returns
    -------
    Evsi

    Raises
    ------
    ValueError
        If a size is less than one, a proportion is not between 0 and 1, or draws do not match or are too few.

    Notes
    -----
    Given the parameters the figures are taken as independent. Those of two outcomes of the same patients are not quite: together they
    then tell somewhat less than is said here.
    """
    net_benefit, proportions, sizes = np.asarray(net_benefit, float), np.asarray(proportions, float), np.asarray(sizes)
    if sizes.min(initial=1) < 1:
        raise ValueError(f"expected at least one patient behind each figure, found {int(sizes.min())}")
    if not np.all((proportions > 0.0) & (proportions < 1.0)):
        raise ValueError("expected proportions between 0 and 1")
    counts = np.random.default_rng(seed).binomial(sizes, proportions)
    found = evppi(net_benefit, log_odds(counts, sizes))
    some = slice(None, None, -(-len(net_benefit) // MOST_DATA_SETS))
    likely = log_likelihood(counts[some], sizes, proportions[some])
    return Evsi(*found, *by_importance_sampling(net_benefit[some], likely))


def log_odds(counts, sizes):
    """Log-odds of counts, half a patient added to either side; what the regression is told of a data set."""
    return np.log((counts + 0.5) / (sizes - counts + 0.5))


def log_likelihood(counts, sizes, proportions):
    """Binomial log-likelihood of each data set in each draw, up to a constant of the data set.

    Parameters
    ----------
    counts : ndarray, shape (data set, figure)
    sizes : ndarray, shape (figure,)
    proportions : ndarray, shape (draw, figure)

    Returns
    -------
    ndarray, shape (data set, draw)
    """
    return xlogy(counts[:, np.newaxis], proportions).sum(axis=-1) + xlog1py(
        (sizes - counts)[:, np.newaxis], -proportions
    ).sum(axis=-1)


def by_importance_sampling(net_benefit, log_likelihood):
    """Value of data by weighting the draws.

    Parameters
    ----------
    net_benefit : ndarray, shape (draw, schedule)
    log_likelihood : ndarray, shape (draw, draw)
        Of the data set that each draw (row) gave, in each draw (column).

    Returns
    -------
    value, se, effective : float
        `value` is exact where nature is one of the draws: between 0 and EVPI, and too high where few draws are left by weight. `se` is
        the jackknife of groups of draws.
    """
    if len(net_benefit) < LEAST_DRAWS:
        raise ValueError(f"expected at least {LEAST_DRAWS} draws, found {len(net_benefit)}")
    relative = ties.difference(net_benefit, net_benefit[:, :1])
    weight = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    total, weighted = weight.sum(axis=1, keepdims=True), weight @ relative
    effective = total[:, 0] ** 2 / (weight**2).sum(axis=1)
    group = np.arange(len(relative)) % GROUPS
    without = []
    for each in range(GROUPS):
        out, kept = group == each, group != each
        rest = weighted[kept] - weight[np.ix_(kept, out)] @ relative[out]
        left = total[kept] - weight[np.ix_(kept, out)].sum(axis=1, keepdims=True)
        known = left[:, 0] > 0.0
        without.append(float(evpi(rest[known] / left[known])))
    se = np.sqrt((GROUPS - 1) / GROUPS * np.sum((np.array(without) - np.mean(without)) ** 2))
    return float(evpi(weighted / total)), float(se), float(np.median(effective))
