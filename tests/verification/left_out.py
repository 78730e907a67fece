"""Each calibration study predicted from the others. Five minutes on two processors.

``python tests/verification/left_out.py [--between EFFECT=SCALE ...]`` prints, by study, the log density of its figures given all other studies
and how many of them lie inside their 95 % predictive intervals. ``--between level=0 analgesics=0.7`` does it for a model whose trials
differ in other ways (`radsim.trials.differences.EFFECTS`): scales as in `between_trial` of the calibration. ``--fix report.slow_sd=0`` does it
for a model without a part. Nothing here is a test.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from radsim.calibrate import load_settings
from radsim.calibrate.bank import Prior, fill
from radsim.calibrate.curves import ESTIMATED, simulate_curves
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.likelihood import NOT_FITTED, Posterior, make_likelihood
from radsim.calibrate.sampler import sample_posterior
from radsim.calibrate.targets import Target, Targets, expit

CONFIG = Path(__file__).parents[2] / "configs" / "calibration.yaml"
SETS_OF_SHIFTS = 100  # that the study left out might have had, for each draw of the others' posterior
Z95 = (0.025, 0.975)


@dataclass(frozen=True)
class LeftOut:
    """A study as predicted from the others.

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
    """Sample the posterior without a study, in short chains, and predict it: a `LeftOut`, or None if nothing of the study informs."""
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
    for _ in range(SETS_OF_SHIFTS):
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
    """A likelihood that some rows, a mask, do not inform."""
    covariance = np.where(rows[:, None] | rows[None, :], 0.0, likelihood.covariance)
    covariance[rows, rows] = NOT_FITTED
    return replace(likelihood, covariance=covariance)


def log_normal(residuals, covariance):
    """Log density of residuals, shape (draw, row), under N(0, covariance), shape (draw,)."""
    root = np.linalg.cholesky(covariance)
    scaled = np.linalg.solve(root, residuals.T)
    constant = np.log(np.diag(root)).sum() + 0.5 * len(covariance) * np.log(2.0 * np.pi)
    return -0.5 * (scaled**2).sum(axis=0) - constant


shared = {}


def one(study):
    """The prediction of one study, in a process of its own."""
    return predict_left_out(study, **shared)


def main(scales, fixed, points):
    """Predict every study and print it."""
    settings = load_settings(CONFIG)
    kept = tuple(parameter for parameter in settings.parameters if parameter.name not in fixed)
    settings = settings.model_copy(update={"parameters": kept})
    between = type(settings.between_trial).model_validate({**settings.between_trial.model_dump(), **scales})
    settings = settings.model_copy(update={"between_trial": between})
    targets, prior = Targets(), Prior(settings.parameters)
    targets.base.update(fixed)
    bank = settings.bank
    points = fill(targets, prior, n_points=points or bank.points, n_patients=bank.patients, seed=settings.seed)
    curves = simulate_curves(targets, prior, settings)
    shared.update(targets=targets, emulator=Emulator(points.scores, points.logits), curves=curves, settings=settings)
    studies = list(dict.fromkeys(row.study for row in targets.rows))
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        found = [each for each in pool.map(one, studies) if each is not None]
    for each in found:
        print(f"{each.study:30} {each.log_density:7.1f}  {each.inside.sum():3d} of {len(each.inside):3d}")
        for row, inside, mean, low, high in zip(
            each.rows, each.inside, each.mean, each.low95, each.high95, strict=True
        ):
            if not inside:
                print(
                    f"    {row.label}: {100 * row.observed:.0f}, predicted {100 * mean:.0f} ({100 * low:.0f} to {100 * high:.0f})"
                )
    inside = np.concatenate([each.inside for each in found])
    widths = [
        high - low
        for each in found
        for row, low, high in zip(each.rows, each.low95, each.high95, strict=True)
        if row.outcome == "overall_response"
    ]
    print(
        f"{', '.join(f'{effect} {scale:g}' for effect, scale in between)}: log density {sum(each.log_density for each in found):.1f}, {100 * inside.mean():.0f} % of "
        f"{len(inside)} figures inside, by study {100 * np.mean([each.inside.mean() for each in found]):.0f} %, mean width of overall "
        f"response {np.mean(widths):.2f}; largest R-hat {max(each.rhat for each in found):.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--fix", nargs="*", default=[], metavar="PARAMETER=VALUE", help="not calibrated, but of this value"
    )
    parser.add_argument("--points", type=int, help="of the bank; as configured without")
    parser.add_argument("--between", nargs="*", default=[], metavar="EFFECT=SCALE", help=", ".join(ESTIMATED))
    given = parser.parse_args()
    between, fix = (
        {name: float(x) for name, x in (each.split("=") for each in pairs)} for pairs in (given.between, given.fix)
    )
    main(between, fix, given.points)
