"""What each part of the model earns: every calibration study predicted from the others, with and without the part. Ten minutes on two processors.

``python tests/verification/hypotheses.py`` simulates one bank of points over priors wide enough to hold "without", and then answers each question in
seconds: a part is taken out by holding its parameter where it does nothing. ``--bank FILE.npz`` keeps the bank for more questions. Nothing here is a test.

The posterior is approximated by a normal at its mode, and the deviations between trials are those of the packaged posterior: quicker than
`left_out.py`, which samples each posterior, and less exact. Differences between variants are what to read, with their standard error over studies.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from radsim.calibrate import load_settings
from radsim.calibrate.bank import Points, Prior, fill
from radsim.calibrate.curves import ESTIMATED, simulate_curves
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.likelihood import NOT_FITTED, make_likelihood
from radsim.calibrate.targets import Targets
from radsim.evidence import load_posterior
from radsim.evidence.posterior import POSTERIOR
from radsim.trials.differences import deviation

CONFIG = Path(__file__).parents[2] / "configs" / "calibration.yaml"
WIDE = {
    "report.slow_sd": {"uniform": {"low": 0.0, "high": 2.0}},
    "analgesic.relief_per_increase": {"uniform": {"low": 0.0, "high": 0.4}},
    "relapse.complete_median_days": {"lognormal": {"sigma": 1.5}},
    "terminal.mean_days": {"lognormal": {"sigma": 1.2}},
}
"""Priors that hold "without": at a low quantile nothing is done, of complete relief at a high one."""

LOW, HIGH = -2.3, 2.3  # normal scores: quantiles of 0.01 and 0.99
RELATIVE = (
    "response.log_odds.single_fraction", "response.complete_log_odds.single_fraction", "relapse.single_fraction_hazard_ratio",
    "fracture.single_fraction_rate_ratio", "flare.single_fraction_risk_ratio",
)  # fmt: skip
VARIANTS = {
    "the whole model": {},
    "what is stated is the pain": {"report.slow_sd": LOW},
    "analgesics lower no pain": {"analgesic.relief_per_increase": LOW},
    "complete relief lasts as long as relief": {"relapse.complete_median_days": HIGH},
    "no terminal phase": {"terminal.mean_days": LOW},
    "schedules relieve, relapse, fracture and flare the same": dict.fromkeys(RELATIVE, 0.0),
    "none of these": {
        "report.slow_sd": LOW, "analgesic.relief_per_increase": LOW, "relapse.complete_median_days": HIGH, "terminal.mean_days": LOW,
        **dict.fromkeys(RELATIVE, 0.0),
    },
}  # fmt: skip
"""Scores at which some parameters are held."""


def wide_prior(settings):
    """The prior with `WIDE` uncertainties."""
    prior = Prior(settings.parameters)
    prior.entries = tuple(
        entry._replace(uncertainty=WIDE.get(entry.name, entry.uncertainty)) for entry in prior.entries
    )
    return prior


@dataclass(frozen=True)
class Held:
    """An emulator of which some scores are held.

    Attributes
    ----------
    emulator : Emulator
    held : array, shape (parameter,)
        Scores; NaN where free.
    """

    emulator: Emulator
    held: np.ndarray

    @property
    def free(self):
        """Positions of the free scores."""
        return np.flatnonzero(np.isnan(self.held))

    def all_scores(self, scores):
        """Free scores, shape (point, free), with the held ones among them."""
        found = np.tile(self.held, (len(scores), 1))
        found[:, self.free] = scores
        return found

    def __call__(self, scores):
        return self.emulator(self.all_scores(scores))

    def with_slopes(self, scores):
        """As `Emulator.with_slopes`, of the free scores."""
        logits, back = self.emulator.with_slopes(self.all_scores(scores))
        return logits, lambda slopes: back(slopes)[:, self.free]


def mode(model, observed, precision, rows):
    """Free scores at which the posterior of some rows is highest."""

    def loss(x):
        logits, back = model.with_slopes(x[None])
        pull = np.zeros(len(observed))
        residual = (observed - logits[0])[rows]
        pull[rows] = precision @ residual
        return 0.5 * residual @ precision @ residual + 0.5 * x @ x, x - back(pull[None])[0]

    n = len(model.free)
    return minimize(loss, np.zeros(n), jac=True, method="L-BFGS-B", bounds=[(-3.0, 3.0)] * n).x


def slopes_at(model, x, step=1e-3):
    """Slopes of the logits along the free scores, shape (row, free)."""
    moves = step * np.eye(len(x))
    return ((model(x + moves) - model(x - moves)) / (2.0 * step)).T


def predictions(model, likelihood, covariance, studies):
    """How far each study's figures are from their prediction by all others, and its covariance: dict of str to pair of array."""
    observed, fitted = likelihood.observed, likelihood.variance < NOT_FITTED
    found = {}
    for study in dict.fromkeys(studies):
        mine, others = np.flatnonzero((studies == study) & fitted), np.flatnonzero((studies != study) & fitted)
        if len(mine) == 0:
            continue
        precision = np.linalg.inv(covariance[np.ix_(others, others)])
        x = mode(model, observed, precision, others)
        along = slopes_at(model, x)
        curvature = along[others].T @ precision @ along[others] + np.eye(len(x))
        spread = covariance[np.ix_(mine, mine)] + along[mine] @ np.linalg.solve(curvature, along[mine].T)
        residual = (observed - model(x[None])[0])[mine]
        found[study] = residual, spread
    return found


def log_densities(model, likelihood, covariance, studies):
    """Log density of each study's figures given all others, dict of str to float."""
    predicted = predictions(model, likelihood, covariance, studies)
    return {study: sum(distance_and_width(*found)) for study, found in predicted.items()}


def distance_and_width(residual, spread):
    """The two parts of a normal log density: how far the figures are, and how wide the prediction is."""
    return (
        -0.5 * residual @ np.linalg.solve(spread, residual), -0.5 * np.linalg.slogdet(2.0 * np.pi * spread)[1],
    )  # fmt: skip


def bank_of(path, targets, prior, settings, points):
    """The bank, from a file if it is there."""
    if path and path.exists():
        kept = np.load(path)
        return Points(kept["scores"], kept["logits"])
    found = fill(targets, prior, n_points=points, n_patients=settings.bank.patients, seed=settings.seed)
    if path:
        np.savez(path, scores=found.scores, logits=found.logits)
    return found


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bank", type=Path)
    parser.add_argument("--points", type=int, default=1024)
    given = parser.parse_args()
    settings = load_settings(CONFIG)
    targets, prior = Targets(), wide_prior(settings)
    points = bank_of(given.bank, targets, prior, settings, given.points)
    curves = simulate_curves(targets, Prior(settings.parameters), settings, n_patients=4000)
    emulator, studies = Emulator(points.scores, points.logits), np.array([row.study for row in targets.rows])
    likelihood = make_likelihood(targets, emulator, curves, settings)
    packaged = load_posterior(POSTERIOR)
    covariance = likelihood.total_covariance(np.array([packaged[deviation(effect)].mean() for effect in ESTIMATED]))
    whole = None
    print(
        "| variant | log density of studies given the others | less the whole model (standard error) |\n|---|---|---|"
    )
    for name, held in VARIANTS.items():
        scores = np.array([held.get(parameter, np.nan) for parameter in prior.names])
        found = log_densities(Held(emulator, scores), likelihood, covariance, studies)
        whole = whole or found
        less = np.array([found[study] - whole[study] for study in whole])
        print(f"| {name} | {sum(found.values()):.1f} | {less.sum():+.1f} ({less.std(ddof=1) * len(less) ** 0.5:.1f}) |")


if __name__ == "__main__":
    main()
