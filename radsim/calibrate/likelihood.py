"""The posterior: its log density and slopes.

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
        Effects of the shifts of studies.
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
    The emulator's error enters as its leave-one-out error, which includes the random error of one point of the
    bank as well: rather too much than too little.
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
