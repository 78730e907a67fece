"""Simulation-based calibration: are known parameters recovered from fake trials, with intervals that mean what they say?

Points of the bank are left out of the emulator; each, with between-trial deviations from their prior, makes one set of fake trials, which is
calibrated to as the real ones are. If all is right, the rank of the truth among the posterior's draws is uniform [1]_.

References
----------
.. [1] Talts et al., "Validating Bayesian inference algorithms with simulation-based calibration," arXiv:1804.06788, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from radsim.calibrate.emulator import Emulator
from radsim.calibrate.sampler import ESTIMATED, make_likelihood, posterior, sample

N_RANKED = 63  # draws that the truth is ranked among: 64 possible ranks
BINS = 8


@dataclass(frozen=True)
class Recovery:
    """What became of the truths.

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


def recover(points, targets, prior, settings, *, n_fakes, steps=600, burn_in=600, seed=None, progress=None):
    """Calibrate to fake trials.

    Parameters
    ----------
    points : bank.Points
        The last `n_fakes` become truths; the emulator sees the others.
    targets : Targets
    prior : Prior
    settings : Settings
    n_fakes, steps, burn_in : int
    seed : int, optional
        Of the fakes; that of the settings without.
    progress : callable, optional
        Called as ``progress(done, in_all)``.

    Returns
    -------
    Recovery

    Notes
    -----
    The fake figures are what the bank holds, so the emulator's error is in them already, and is not added again.
    """
    rng = np.random.default_rng(settings.seed if seed is None else seed)
    emulator = Emulator(points.scores[:-n_fakes], points.logits[:-n_fakes])
    likelihood = make_likelihood(targets, emulator, prior, settings)
    around_the_bank = replace(likelihood, covariance=likelihood.covariance - np.diag(emulator.leave_out_error**2))
    ranks, covered = [], []
    for i in range(n_fakes):
        deviations = np.abs(rng.normal(size=len(ESTIMATED)))
        truth = np.concatenate([points.scores[-n_fakes + i], deviations])
        scaled = likelihood.deviations(deviations[None])[0]
        fake = around_the_bank.draw(points.logits[-n_fakes + i], scaled, rng)
        found = sample(
            posterior(replace(likelihood, observed=fake), emulator), settings.n_dimensions,
            walkers=settings.sampler.walkers, steps=steps, burn_in=burn_in, seed=int(rng.integers(2**32)), keep=2000,
        ).scores  # fmt: skip
        ranks.append((found[:N_RANKED] < truth).sum(axis=0))
        low, high = np.quantile(found, [0.05, 0.95], axis=0)
        covered.append((low <= truth) & (truth <= high))
        if progress is not None:
            progress(i + 1, n_fakes)
    names = (*prior.names, *(f"between_trial.{effect}" for effect in ESTIMATED))
    return Recovery(names, np.array(ranks), np.array(covered))
