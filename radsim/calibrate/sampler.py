"""Hamiltonian Monte Carlo, many chains side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radsim.calibrate.bank import REACH
from radsim.calibrate.diagnostics import effective_size, rank_normalised_rhat

TRAJECTORY = 1.6  # of a move, in posterior standard deviations: about a quarter of an oscillation
FIRST_STEP, FIRST_STEP_AFTER = 0.03, 0.2  # before and after the covariance is known
STRIDES = (0.3, 1.1)  # of the step
MOST_LEAPS = 40
ACCEPTED = 0.8  # share of moves that the step is tuned to


@dataclass(frozen=True)
class Sample:
    """The result of the sampler.

    Attributes
    ----------
    scores : array, shape (sample, dimension)
        Scores after the burn-in, in a random order.
    chain : array, shape (step, chain, dimension)
        All of them, in order.
    acceptance : float
        Share of moves accepted. [1]
    """

    scores: np.ndarray
    chain: np.ndarray
    acceptance: float

    @cached_property
    def effective_size(self):
        """Effective sample size, shape (dimension,): the smaller of bulk and tail (`diagnostics.effective_size`). [1]"""
        return effective_size(self.chain)

    @cached_property
    def rhat(self):
        """Rank-normalised split R-hat, shape (dimension,): 1 where the chains agree. [1]"""
        return rank_normalised_rhat(self.chain)


def sample(density, n_dimensions, *, chains, steps, burn_in, seed, keep, signs=None, progress=None):
    """Sample a density by Hamiltonian Monte Carlo [1]_, many chains side by side.

    Parameters
    ----------
    density : callable
        Log density and its slopes at scores of shape (chain, dimension).
    n_dimensions, chains, steps, burn_in, seed, keep : int
        Steps after the burn-in; samples to keep in the end.
    signs : callable, optional
        From scores to factors, 1 or -1, by which they and their slopes may be multiplied: of several places with the same density it
        chooses one.
    progress : callable, optional
        Called as ``progress(done, in_all)``.

    Returns
    -------
    Sample

    Notes
    -----
    The burn-in finds the covariance, common to all chains, from its second quarter, and again from its third; and throughout the step:
    more than `ACCEPTED` accepted lengthens it. Trajectories are of random length about `TRAJECTORY`, and of random stride: short ones free
    a chain from where the density is steep.

    References
    ----------
    .. [1] Neal RM, "MCMC using Hamiltonian dynamics," in: Handbook of Markov Chain Monte Carlo, 2011, chapter 5.
    """
    rng = np.random.default_rng(seed)
    at = np.clip(0.5 * rng.standard_normal((chains, n_dimensions)), 0.1 - REACH, REACH - 0.1)
    value, slopes = density(at)
    root, step, shares, kept, recent = np.eye(n_dimensions), FIRST_STEP, [], [], []
    quarter = burn_in // 4
    for i in range(burn_in + steps):
        momentum = rng.standard_normal(at.shape)
        stride = step * rng.uniform(*STRIDES)
        n_leaps = min(max(1, round(TRAJECTORY / stride * rng.uniform(0.6, 1.4))), MOST_LEAPS)
        with np.errstate(over="ignore", invalid="ignore"):  # a trajectory that runs away is refused
            new = leap(density, at, momentum, slopes, step=stride, root=root, n_leaps=n_leaps)
            gain = new[2] - value + 0.5 * ((momentum**2).sum(axis=1) - (new[1] ** 2).sum(axis=1))
        chance = np.exp(np.minimum(np.nan_to_num(gain, nan=-np.inf), 0.0))
        taken = rng.uniform(size=chains) < chance
        at, slopes = np.where(taken[:, None], new[0], at), np.where(taken[:, None], new[3], slopes)
        value = np.where(taken, new[2], value)
        if signs is not None:
            sign = signs(at)
            at, slopes = at * sign, slopes * sign
        if i >= burn_in:
            kept.append(at)
            shares.append(taken.mean())
            if progress is not None:
                progress(len(kept), steps)
            continue
        step = min(step * np.exp((chance.mean() - ACCEPTED) * 5.0 / (5.0 + np.sqrt(i))), 1.0)
        if i >= quarter:
            recent.append(at)
        if i + 1 in (2 * quarter, 3 * quarter):
            root, step, recent = root_of_covariance(np.concatenate(recent)), FIRST_STEP_AFTER, []
    chain = np.array(kept)
    flat = chain.reshape(-1, n_dimensions)
    chosen = rng.choice(len(flat), size=min(keep, len(flat)), replace=False)
    return Sample(flat[chosen], chain, float(np.mean(shares)))


def root_of_covariance(samples):
    """Lower Cholesky factor of the covariance of samples, shrunk a little to its diagonal."""
    covariance = np.cov(samples.T)
    n = len(samples)
    shrink = 5.0 / (n + 5.0) + 0.05
    return np.linalg.cholesky((1.0 - shrink) * covariance + np.diag(shrink * np.diag(covariance) + 1e-6))


def leap(density, at, momentum, slopes, *, step, root, n_leaps):
    """Leapfrog along a trajectory: where it ends, its momentum there, and the log density and slopes there.

    Parameters
    ----------
    at, momentum, slopes : array, shape (chain, dimension)
        Momentum in the coordinates in which the density has unit covariance.
    step : float
    root : array, shape (dimension, dimension)
        To those coordinates' covariance.
    n_leaps : int
    """
    momentum = momentum + 0.5 * step * (slopes @ root)
    for k in range(n_leaps):
        at = at + step * (momentum @ root.T)
        value, slopes = density(at)
        momentum = momentum + (step if k < n_leaps - 1 else 0.5 * step) * (slopes @ root)
    return at, momentum, value, slopes


def sample_posterior(posterior, settings, **changes):
    """Sample a posterior as the settings ask; ``changes`` are those of `sample`."""
    from threadpoolctl import threadpool_limits

    options = {**settings.sampler.model_dump(), "seed": settings.seed, "keep": settings.draws, **changes}
    with threadpool_limits(1):  # small matrices: threads of the linear algebra cost more than they save
        return sample(posterior, posterior.n_dimensions, signs=posterior.signs, **options)
