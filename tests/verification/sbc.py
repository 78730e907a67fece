"""Simulation-based calibration: are known parameters recovered from fake trials, with intervals that mean what they say?

Points of the bank are left out of the emulator; each, with between-trial deviations and shifts from their prior, makes one set of fake
trials, which is calibrated to as the real ones are. If all is right, the rank of the truth among the posterior's draws is uniform [1]_.

References
----------
.. [1] Talts et al., "Validating Bayesian inference algorithms with simulation-based calibration," arXiv:1804.06788, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from radsim.calibrate.curves import ESTIMATED
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.likelihood import N_EFFECTS, Posterior, make_likelihood
from radsim.calibrate.sampler import sample_posterior
from radsim.trials.differences import deviation

N_RANKED = 63  # draws that the truth is ranked among: 64 possible ranks
BINS = 8


@dataclass(frozen=True)
class Recovery:
    """The truths among the draws of their posteriors.

    Attributes
    ----------
    names : tuple of str
        Parameters, then between-trial deviations.
    ranks : array, shape (fake, dimension)
        Draws below the truth, 0 … `N_RANKED`.
    covered : array of bool, shape (fake, dimension)
        Whether the central 90 % of the posterior held the truth.
    """

    names: tuple
    ranks: np.ndarray
    covered: np.ndarray

    @property
    def p_uniform(self):
        """p of the χ² test of uniform ranks, shape (dimension,). [1]"""
        from scipy.stats import chisquare

        per_bin = (N_RANKED + 1) // BINS
        return np.array([
            chisquare(np.bincount(column // per_bin, minlength=BINS)).pvalue for column in self.ranks.T
        ])  # fmt: skip


def recover(points, targets, prior, curves, settings, *, n_fakes, chains=8, steps=400, burn_in=400, seed=None):
    """Calibrate to fake trials, all of them side by side.

    Parameters
    ----------
    points : bank.Points
        The last `n_fakes` become truths; the emulator sees the others.
    targets : Targets
    prior : Prior
    curves : Curves
    settings : Settings
    n_fakes, chains, steps, burn_in : int
        Chains for each fake.
    seed : int, optional
        Of the fakes; that of the settings without.

    Returns
    -------
    Recovery

    Notes
    -----
    The fake figures are what the bank holds, so the emulator's error is in them already, and is not added again.
    """
    rng = np.random.default_rng(settings.seed if seed is None else seed)
    emulator = Emulator(points.scores[:-n_fakes], points.logits[:-n_fakes])
    likelihood = make_likelihood(targets, emulator, curves, settings)
    around_the_bank = replace(likelihood, covariance=likelihood.covariance - np.diag(emulator.leave_out_error**2))
    deviations = rng.standard_normal((n_fakes, N_EFFECTS))
    shifts = rng.standard_normal((n_fakes, likelihood.n_shifts))
    fakes = around_the_bank.draw(points.logits[-n_fakes:], deviations, shifts, rng)
    truth = np.concatenate([points.scores[-n_fakes:], np.abs(deviations)], axis=1)
    posterior = Posterior(replace(likelihood, observed=np.repeat(fakes, chains, axis=0)), emulator, len(prior.names))
    found = sample_posterior(
        posterior, settings, chains=n_fakes * chains, steps=steps, burn_in=burn_in, seed=int(rng.integers(2**32)), keep=1
    ).chain[..., : truth.shape[1]]  # fmt: skip
    of_fake = found.reshape(steps, n_fakes, chains, -1).swapaxes(0, 1).reshape(n_fakes, steps * chains, -1)
    ranked = of_fake[:, rng.choice(steps * chains, size=min(N_RANKED, steps * chains), replace=False)]
    low, high = np.quantile(of_fake, [0.05, 0.95], axis=1)
    names = (*prior.names, *(deviation(effect) for effect in ESTIMATED))
    return Recovery(names, (ranked < truth[:, None]).sum(axis=1), (low <= truth) & (truth <= high))
