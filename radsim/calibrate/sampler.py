"""The posterior and its sampling.

The unknowns are normal scores: of the parameters under their priors; of the between-trial standard deviations, τ = scale · |score|
(half-normal); and of every study's own shifts, shift = τ · score. Under the prior all are independent standard normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radsim.calibrate.bank import REACH
from radsim.calibrate.curves import ESTIMATED, Curves
from radsim.calibrate.targets import discount

N_EFFECTS = len(ESTIMATED)

NOT_FITTED = 1e6
"""Variance of a target that informs nothing."""

TRAJECTORY = 1.6  # of a move, in posterior standard deviations: about a quarter of an oscillation
FIRST_STEP, FIRST_STEP_AFTER = 0.03, 0.2  # before and after the covariance is known
STRIDES = (0.3, 1.1)  # of the step
MOST_LEAPS = 40
ACCEPTED = 0.8  # share of moves that the step is tuned to


@dataclass(frozen=True)
class Likelihood:
    """How far simulated logits may lie from observed ones.

    Attributes
    ----------
    observed : array, shape (row,) or (point, row)
        Logits.
    covariance : array, shape (row, row)
        Sampling error (discounted), emulator, and misfit of form.
    curves : Curves
        What the shifts of studies do.
    """

    observed: np.ndarray
    covariance: np.ndarray
    curves: Curves

    def __post_init__(self):
        self.__dict__["precision"] = np.linalg.inv(self.covariance)

    @property
    def variance(self):
        """Variance of each row before the shifts of studies, shape (row,)."""
        return np.diag(self.covariance)

    @property
    def n_shifts(self):
        """Shifts that move anything."""
        return len(self.curves.pairs)

    def deviations(self, scores):
        """Between-trial standard deviations, shape (point, effect), of scores of that shape."""
        return np.abs(scores) * self.curves.scales[:N_EFFECTS]

    def total_covariance(self, deviations):
        """Covariance with the shifts of studies, to first order, shape (row, row), of deviations of shape (effect,)."""
        sd = np.concatenate([deviations, self.curves.scales[N_EFFECTS:]])
        shifts = sd[self.curves.pairs[:, 1], None] * self.curves.loading(len(self.covariance))
        return self.covariance + shifts.T @ shifts

    def spread(self, deviation_scores):
        """Standard deviation of each shift with its sign, shape (point, pair), of scores of shape (point, effect)."""
        fixed = np.ones((len(deviation_scores), len(self.curves.scales) - N_EFFECTS))
        all_scores = np.concatenate([deviation_scores, fixed], axis=1)
        effect = self.curves.pairs[:, 1]
        return all_scores[:, effect] * self.curves.scales[effect]

    def __call__(self, simulated, deviation_scores, shift_scores):
        """Log-likelihood but for a constant, and its slopes.

        Parameters
        ----------
        simulated : array, shape (point, row)
            Logits.
        deviation_scores : array, shape (point, effect)
        shift_scores : array, shape (point, pair)

        Returns
        -------
        value : array, shape (point,)
        slopes : tuple of array
            Along the logits, the scores of the deviations and those of the shifts.
        """
        sd = self.spread(deviation_scores)
        added, curve_slopes = self.curves(sd * shift_scores, len(self.covariance))
        residual = self.observed - simulated - added
        pull = residual @ self.precision
        weighted = np.concatenate(
            [pull[:, rows] * slope for (rows, _), slope in zip(self.curves.moved, curve_slopes, strict=True)], axis=1
        )
        along = weighted @ self.curves.row_to_pair
        by_effect = (along * shift_scores) @ self.curves.pair_to_effect[:, :N_EFFECTS]
        return -0.5 * (pull * residual).sum(axis=1), (pull, by_effect, along * sd)

    def draw(self, simulated, deviation_scores, shift_scores, rng):
        """Fake observed logits, shape (point, row), around simulated ones, by the same assumptions."""
        added, _ = self.curves(self.spread(deviation_scores) * shift_scores, len(self.covariance))
        noise = rng.standard_normal(simulated.shape) @ np.linalg.cholesky(self.covariance).T
        return simulated + added + noise


def make_likelihood(targets, emulator, curves, settings):
    """The likelihood of the targets.

    Parameters
    ----------
    targets : Targets
    emulator : Emulator
    curves : Curves
    settings : Settings

    Notes
    -----
    The emulator's error enters as its leave-one-out error, which holds the luck of one point of the bank as well: that is
    too much rather than too little.
    """
    rows = targets.rows
    sampling = targets.sampling_variance * discount(rows, settings.row_correlation)
    variance = sampling + emulator.leave_out_error**2 + settings.row_sd**2
    variance[~targets.fitted(settings.leave_out)] = NOT_FITTED
    return Likelihood(targets.observed, np.diag(variance), curves)


@dataclass(frozen=True)
class Posterior:
    """Log posterior density, and its slopes, as a function of scores (point, dimension): parameters, deviations, shifts."""

    likelihood: Likelihood
    emulator: object
    n_parameters: int

    @property
    def n_dimensions(self):
        return self.n_parameters + N_EFFECTS + self.likelihood.n_shifts

    def split(self, scores):
        """Scores of parameters, deviations and shifts."""
        return np.split(scores, [self.n_parameters, self.n_parameters + N_EFFECTS], axis=-1)

    def signs(self, scores):
        """Factors that make the scores of deviations positive, those of their shifts turned with them: the same shifts."""
        parameters, deviations, shifts = self.split(scores)
        sign = np.where(deviations < 0.0, -1.0, 1.0)
        fixed = np.ones((len(scores), len(self.likelihood.curves.scales) - N_EFFECTS))
        of_shifts = np.concatenate([sign, fixed], axis=1)[:, self.likelihood.curves.pairs[:, 1]]
        return np.concatenate([np.ones_like(parameters), sign, of_shifts], axis=1)

    def __call__(self, scores):
        parameters, deviations, shifts = self.split(scores)
        inside = (np.abs(scores) < REACH).all(axis=1)
        simulated, back = self.emulator.with_slopes(parameters)
        value, (pull, *rest) = self.likelihood(simulated, deviations, shifts)
        slopes = np.concatenate([back(pull), *rest], axis=1) - scores
        return np.where(inside, value - 0.5 * (scores**2).sum(axis=1), -np.inf), slopes


@dataclass(frozen=True)
class Sample:
    """What the sampler found.

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

    @property
    def effective_size(self):
        """Independent samples that the chains are worth, shape (dimension,): as many as the spread of their means says. [1]"""
        n_steps, n_chains, _ = self.chain.shape
        within = self.chain.var(axis=(0, 1))
        of_means = self.chain.mean(axis=0).var(axis=0, ddof=1)
        return np.minimum(n_chains * within / np.maximum(of_means, 1e-300), n_steps * n_chains)

    @property
    def rhat(self):
        """Potential scale reduction, shape (dimension,): 1 where the chains agree. [1]"""
        within = self.chain.var(axis=0, ddof=1).mean(axis=0)
        between = self.chain.mean(axis=0).var(axis=0, ddof=1)
        n_steps = len(self.chain)
        return np.sqrt(((n_steps - 1) / n_steps * within + between) / within)


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
