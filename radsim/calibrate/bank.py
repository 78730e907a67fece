"""The bank: parameter points spread over the priors, and every target simulated at each of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from radsim.calibrate.settings import EVIDENCE
from radsim.calibrate.targets import corrected_logit
from radsim.engine import n_threads
from radsim.evidence import load_priors, quantile
from radsim.evidence.entries import NARROWEST, ORDERED
from radsim.storage import UsageFault

MANY_PATIENTS = 20_000  # with whom a rare denominator is sized
IN_DENOMINATOR = 15.0  # patients expected there, with whom it is empty once in three million
REACH = 4.0  # normal scores of the prior that nothing is sampled beyond


class Prior:
    """Priors of the calibrated parameters, as normal scores.

    Parameters
    ----------
    parameters : sequence of settings.Parameter
    """

    def __init__(self, parameters):
        registry = load_priors(EVIDENCE)
        self.names = tuple(parameter.name for parameter in parameters)
        self.entries = tuple(registry[name] for name in self.names)

    def values(self, scores):
        """Parameter values.

        Parameters
        ----------
        scores : array, shape (point, parameter)
            Standard normal under the prior. [1]

        Returns
        -------
        array, shape (point, parameter)
        """
        from scipy.special import ndtr

        u = np.clip(ndtr(np.asarray(scores)), 1e-12, 1.0 - 1e-12)
        values = np.stack([quantile(entry, u[:, i]) for i, entry in enumerate(self.entries)], axis=1)
        return self._ordered(values)

    def _ordered(self, values):
        """Values whose priors overlap kept in their order, as a study with shifts keeps them (`trials.differences.shifted`)."""
        for below, above in ORDERED:
            if {below, above} <= set(self.names):
                i, j = self.names.index(below), self.names.index(above)
                values[:, j] = np.maximum(values[:, j], values[:, i] + NARROWEST)
        return values


@dataclass(frozen=True)
class Region:
    """Where the points of a bank lie: normal, each score by itself.

    Attributes
    ----------
    centre, scale : array, shape (parameter,)
        Of the scores. [1]
    """

    centre: np.ndarray
    scale: np.ndarray

    def scores(self, standard):
        """Scores of standard normal points, shape (point, parameter). [1]"""
        return np.clip(self.centre + self.scale * standard, -REACH, REACH)


def whole_prior(n_parameters):
    """The region of the prior."""
    return Region(np.zeros(n_parameters), np.ones(n_parameters))


def around(scores, *, factor):
    """The region of a sample of scores, shape (sample, parameter), made wider by a factor, but nowhere wider than the prior."""
    return Region(scores.mean(axis=0), np.minimum(factor * scores.std(axis=0), 1.0))


@dataclass(frozen=True)
class Points:
    """A filled bank.

    Attributes
    ----------
    scores : array, shape (point, parameter)
        Normal scores of the parameters. [1]
    logits : array, shape (point, row)
        Simulated targets.
    """

    scores: np.ndarray
    logits: np.ndarray


def sobol_scores(n_points, n_parameters, seed):
    """Scrambled Sobol points as normal scores, shape (point, parameter). [1]"""
    from scipy.special import ndtri
    from scipy.stats import qmc

    u = qmc.Sobol(n_parameters, seed=seed).random(n_points)
    return np.clip(ndtri(np.clip(u, 1e-9, 1.0 - 1e-9)), -REACH, REACH)


def fill(targets, prior, *, n_points, n_patients, seed, region=None, threads=None, progress=None):
    """Simulate every target at every point.

    Parameters
    ----------
    targets : Targets
    prior : Prior
    n_points, n_patients, seed : int
    region : Region, optional
        Where the points lie; over the prior without.
    threads : int, optional
        Points are simulated side by side; the result does not depend on it.
    progress : callable, optional
        Called as ``progress(points_done, points_in_all)``.

    Returns
    -------
    Points

    Raises
    ------
    UsageFault
        If the patients are so few that nobody is in the denominator of some figure at some point.

    Notes
    -----
    Within a point all trials and arms share one stream of random numbers; each point has its own. With one for all, the random error (0.05
    on the logit scale at 2,000 patients) would be the same at every point: a bias that the emulator cannot see. As it is, it averages out.
    """
    region = region or whole_prior(len(prior.names))
    scores = region.scores(sobol_scores(n_points, len(prior.names), seed))
    values = prior.values(scores)

    def simulate(i):
        point = dict(zip(prior.names, values[i].tolist(), strict=True))
        p, n = targets.simulate(point, seed=seed + 1 + i, n_patients=n_patients)
        if not np.all(n > 0):
            raise UsageFault(too_few_patients(targets, point, n, seed=seed + 1 + i, n_patients=n_patients))
        return corrected_logit(p, n)

    logits = []
    with ThreadPoolExecutor(n_threads(threads, tasks=n_points)) as pool:
        for row in pool.map(simulate, range(n_points)):
            logits.append(row)
            if progress is not None:
                progress(len(logits), n_points)
    return Points(scores, np.array(logits))


def too_few_patients(targets, values, n, *, seed, n_patients):
    """What is said where somebody is missing in the denominators ``n`` of a point: how many patients would be enough there."""
    empty = np.flatnonzero(~(n > 0))
    many = max(MANY_PATIENTS, 10 * n_patients)
    _, found = targets.simulate(values, seed=seed, n_patients=many)
    rarest = empty[np.argmin(found[empty])]
    enough = f"about {_hundreds(IN_DENOMINATOR * many / found[rarest]):,}" if found[rarest] else f"more than {many:,}"
    return (
        f"bank.patients: expected so many patients of each arm that somebody is in the denominator of every figure, {enough} or more, "
        f"found {n_patients}, of whom nobody is in that of {targets.rows[rarest].label}"
    )


def _hundreds(x):
    """``x`` in whole hundreds, rounded up."""
    return 100 * int(np.ceil(x / 100.0))
