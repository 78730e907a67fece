"""Each calibration study predicted from the others: how well intervals of this model hold for a study that it has not seen.

It is what a choice between models can be made by without a look at the trials that are held out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from radsim.calibrate.sampler import NOT_FITTED, Posterior, make_likelihood, sample_posterior
from radsim.calibrate.targets import Target, expit

LUCKS = 100  # sets of shifts that the study left out might have had, for each draw of the others' posterior
Z95 = (0.025, 0.975)


@dataclass(frozen=True)
class LeftOut:
    """A study and what the others make of it.

    Attributes
    ----------
    study : str
    log_density : float
        Of its figures together, on the logit scale, given the other studies.
    rows : tuple of Target, length (row,)
        Its figures, those that inform.
    mean, low95, high95 : array, shape (row,)
        Predictive distribution of each, its sampling error included. [1]
    rhat : float
        Of the chains that left it out. [1]
    """

    study: str
    log_density: float
    rows: tuple[Target, ...]
    mean: np.ndarray
    low95: np.ndarray
    high95: np.ndarray
    rhat: float

    @property
    def inside(self):
        """Which figures lie inside, shape (row,)."""
        observed = np.array([row.observed for row in self.rows])
        return (self.low95 <= observed) & (observed <= self.high95)


def predict_left_out(study, targets, emulator, curves, settings, *, chains=32, steps=120, burn_in=300):
    """Sample the posterior without a study, and predict it.

    Parameters
    ----------
    study : str
        As in `Target.study`.
    targets : Targets
    emulator : Emulator
    curves : Curves
    settings : Settings
    chains, steps, burn_in : int
        Short chains do: 95 % intervals of some trials do not need more.

    Returns
    -------
    LeftOut or None
        None if nothing of the study informs.
    """
    whole = make_likelihood(targets, emulator, curves, settings)
    its = np.array([row.study == study for row in targets.rows])
    informs = its & (whole.variance < NOT_FITTED)
    if not informs.any():
        return None
    posterior = Posterior(blind_to(whole, its), emulator, len(settings.parameters))
    found = sample_posterior(posterior, settings, chains=chains, steps=steps, burn_in=burn_in, keep=2000)
    parameters, deviations, shifts = posterior.split(found.scores)
    rng = np.random.default_rng(settings.seed)
    middle, spread = emulator(parameters), whole.spread(deviations)
    error = whole.covariance[np.ix_(informs, informs)]
    logits, densities = [], []
    for _ in range(LUCKS):
        added, _ = curves(spread * rng.standard_normal(shifts.shape), len(targets.rows))
        logits.append((middle + added)[:, informs])
        densities.append(log_normal(whole.observed[informs] - logits[-1], error))
    n = targets.n[informs].astype(int)
    seen = rng.binomial(n, expit(np.concatenate(logits[::10]))) / n
    low, high = np.quantile(seen, Z95, axis=0)
    densities = np.concatenate(densities)
    density = np.logaddexp.reduce(densities) - np.log(len(densities))
    rows = tuple(row for row, kept in zip(targets.rows, informs, strict=True) if kept)
    return LeftOut(study, float(density), rows, seen.mean(axis=0), low, high, float(found.rhat.max()))


def blind_to(likelihood, rows):
    """A likelihood to which some rows, a mask, say nothing."""
    covariance = np.where(rows[:, None] | rows[None, :], 0.0, likelihood.covariance)
    covariance[rows, rows] = NOT_FITTED
    return replace(likelihood, covariance=covariance)


def log_normal(residuals, covariance):
    """Log density of residuals, shape (draw, row), under N(0, covariance), shape (draw,)."""
    root = np.linalg.cholesky(covariance)
    scaled = np.linalg.solve(root, residuals.T)
    constant = np.log(np.diag(root)).sum() + 0.5 * len(covariance) * np.log(2.0 * np.pi)
    return -0.5 * (scaled**2).sum(axis=0) - constant
