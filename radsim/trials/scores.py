"""How good predictions were: coverage, width, the continuous ranked probability score, and skill against a pooled look-up.

Skill asks what an understanding of measures, visits, denominators and populations adds to knowing the outcome and the class of
schedule: it is 1 − mean CRPS / mean CRPS of a reference *distribution*, over the figures that have both. The reference is a
random-effects pool of the calibration trials, by outcome and class (single, multiple): a trial's true proportion p has
logit p ~ N(mu, tau² + se²), and the arm observes a binomial share of its own n.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from scipy.special import expit, ndtri

from radsim.trials.predictive import binomial_mixture

FEWEST_TRIALS = 3
"""Calibration trials that a pool must have; a figure without such a pool does not enter the skill."""

REFERENCE_POINTS = 400  # quantiles that stand for the reference's normal; more change its CRPS by less than 1e-4
HEADLINE = "overall_response"


class Pool(NamedTuple):
    """A random-effects pool on the logit scale.

    Attributes
    ----------
    mu, tau, se : float
        Mean, standard deviation between trials, standard error of the mean. [1]
    n_trials : int
    """

    mu: float
    tau: float
    se: float
    n_trials: int

    def proportions(self):
        """True proportions of a new trial, as equally likely quantiles, shape (point,). [1]"""
        probability = (np.arange(REFERENCE_POINTS) + 0.5) / REFERENCE_POINTS
        return expit(self.mu + np.hypot(self.tau, self.se) * ndtri(probability))


def crps(predictive, observed):
    """Continuous ranked probability score of a discrete distribution.

    Parameters
    ----------
    predictive : Predictive
    observed : float

    Returns
    -------
    float
        In the unit of the values; 0 is perfect. NaN if the distribution is empty.

    Notes
    -----
    CRPS = ∫ (F(x) − 1{x >= y})² dx [1]_, exactly: F is constant between neighbouring values.

    References
    ----------
    .. [1] Gneiting T, Raftery AE, "Strictly proper scoring rules, prediction, and estimation," JASA 2007;102:359-378, eq. 20.
    """
    if predictive.is_empty:
        return np.nan
    x = np.union1d(predictive.values, [observed])
    below = np.searchsorted(predictive.values, x, side="right")
    height = np.concatenate([[0.0], predictive.cdf])[below]
    return float(np.sum((height - (x >= observed))[:-1] ** 2 * np.diff(x)))


def is_inside(observed, low, high):
    """Whether an observation lies within an interval, ends included; a share is compared to twelve digits."""
    return bool(round(low, 12) <= round(observed, 12) <= round(high, 12))


def pool(events, n):
    """Random-effects pool of proportions, DerSimonian and Laird on the logit scale.

    Parameters
    ----------
    events, n : array, shape (trial,)
        Events, not necessarily whole, and denominators.

    Returns
    -------
    Pool

    Notes
    -----
    y = ln(e / (n − e)), v = 1 / e + 1 / (n − e), both with 0.5 added to e and n − e where either is 0; w = 1 / v,
    Q = Σ w (y − Σ w y / Σ w)², tau² = max(0, (Q − (k − 1)) / (Σ w − Σ w² / Σ w)) [1]_; mu is the mean of y with weights
    1 / (v + tau²) and se² the inverse of their sum.

    References
    ----------
    .. [1] DerSimonian R, Laird N, "Meta-analysis in clinical trials," Control Clin Trials 1986;7:177-188.
    """
    events, others = np.asarray(events, float), np.asarray(n, float) - events
    correction = 0.5 * ((events <= 0) | (others <= 0))
    events, others = events + correction, others + correction
    y, variance = np.log(events / others), 1.0 / events + 1.0 / others
    weight = 1.0 / variance
    q = np.sum(weight * (y - np.average(y, weights=weight)) ** 2)
    scale = np.sum(weight) - np.sum(weight**2) / np.sum(weight)
    tau_squared = max(0.0, (q - (len(y) - 1)) / scale) if len(y) > 1 else 0.0
    weight = 1.0 / (variance + tau_squared)
    mu = np.average(y, weights=weight)
    return Pool(float(mu), float(np.sqrt(tau_squared)), float(np.sum(weight) ** -0.5), len(y))


def schedule_class(schedule):
    """'single' or 'multiple'; None without irradiation."""
    if schedule.none:
        return None
    return "single" if schedule.fractions == 1 else "multiple"


def reference_pools(trials):
    """The pools of the reference distribution.

    Parameters
    ----------
    trials : iterable of Trial
        Those of kind ``calibration`` are used.

    Returns
    -------
    dict of (outcome, class) to Pool
        Pools of at least `FEWEST_TRIALS`.

    Notes
    -----
    A study (files with one `part_of` are one) enters a pool once: several figures of one arm, at other times or by other measures,
    are averaged, and the arms of one class are added up.
    """
    figures = defaultdict(lambda: defaultdict(list))  # (outcome, class) to (study, trial, arm) to figures
    for trial in trials:
        if trial.kind == "calibration":
            for outcome in trial.outcomes:
                for a, (arm, figure) in enumerate(zip(trial.arms, outcome.observed, strict=True)):
                    arms = figures[outcome.outcome, schedule_class(arm.schedule)]
                    arms[trial.study, trial.id, a].append((figure.value * figure.n, figure.n))
    found = {key: _by_study(arms) for key, arms in figures.items() if key[1] is not None}
    return {key: pool(*sums.T) for key, sums in found.items() if len(sums) >= FEWEST_TRIALS}


def _by_study(arms):
    """Events and denominators of each study, shape (study, 2), from the figures of each arm."""
    sums = defaultdict(lambda: np.zeros(2))
    for (study, *_), figures in arms.items():
        sums[study] += np.mean(figures, axis=0)
    return np.array(list(sums.values()))


def reference_crps(reference, observed, n):
    """CRPS of the reference distribution at one figure; NaN without a pool.

    Parameters
    ----------
    reference : Pool or None
    observed : float
        [1]
    n : int
        Its denominator.
    """
    return np.nan if reference is None else crps(binomial_mixture(reference.proportions(), n), observed)


def skill(scores, reference_scores):
    """1 − mean CRPS / mean CRPS of the reference, over the figures that have both; NaN if none has. [1]

    Parameters
    ----------
    scores, reference_scores : sequence of float
        CRPS of each figure, NaN or None where there is none.
    """
    both = np.array([scores, reference_scores], float)
    both = both[:, np.isfinite(both).all(axis=0)]
    mean, of_reference = both.mean(axis=1) if both.size else (np.nan, np.nan)
    return float(1.0 - mean / of_reference) if of_reference > 0 else np.nan


def summarise(rows, contrasts):
    """Coverage, width and skill of some rows and contrasts, as in the JSON document of `radsim validate`.

    Parameters
    ----------
    rows, contrasts : list of dict
        Of one kind.

    Returns
    -------
    dict
        ``arms`` figures of arms; ``coverage95`` the share of them inside; ``trials`` studies; ``coverage95_by_trial`` the mean over
        studies of that share, so that a study with twenty figures weighs as much as one with two; ``mean_width`` of the 95 % intervals
        of overall response; ``skill`` over ``scored`` figures, with ``mean_crps`` and ``reference_mean_crps`` of these; ``contrasts``
        and ``contrast_coverage95``. NaN where there is nothing to average.
    """
    by_study = defaultdict(list)
    for row in rows:
        by_study[row["study"]].append(row["inside"])
    widths = [row["high95"] - row["low95"] for row in rows if row["outcome"] == HEADLINE]
    scored = [(row["crps"], row["reference_crps"]) for row in rows]
    scored = np.array([pair for pair in scored if np.isfinite(pair).all()]).reshape(-1, 2)
    return {
        "arms": len(rows),
        "coverage95": _mean([row["inside"] for row in rows]),
        "trials": len(by_study),
        "coverage95_by_trial": _mean([np.mean(inside) for inside in by_study.values()]),
        "mean_width": _mean(widths),
        "skill": skill(*scored.T),
        "scored": len(scored),
        "mean_crps": _mean(scored[:, 0]),
        "reference_mean_crps": _mean(scored[:, 1]),
        "contrasts": len(contrasts),
        "contrast_coverage95": _mean([contrast["inside"] for contrast in contrasts]),
    }


def _mean(values):
    return float(np.mean(values)) if len(values) else np.nan
