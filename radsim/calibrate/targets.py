"""The targets of a calibration: the rows of the calibration trials, and conditional figures that the trial format cannot express.

Everything on the logit scale. Held-out trials are refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from radsim.calibrate.conditional import READERS, figures_of, shares
from radsim.calibrate.settings import EVIDENCE
from radsim.evidence import load_priors
from radsim.trials import estimate, prepare_trial, shipped_trials

BOTH_ARMS = "both"
"""Arm of a conditional figure that is of both."""
OF_SHIFTS = ("overall_response", "complete_response", "retreatment")
"""Outcomes that differ between trials by the shifts of `between_trial.*`; the others by a deviation of their own."""


@dataclass(frozen=True)
class Target:
    """One figure to be met.

    Attributes
    ----------
    trial, study, outcome, what, arm : str
        `study` is shared by trials about the same patients; `what` says measure, time and denominator.
    observed : float
        Proportion. [1]
    n : int
        Its denominator. [1]
    """

    trial: str
    study: str
    outcome: str
    what: str
    arm: str
    observed: float
    n: int

    @property
    def effect(self):
        """How trials differ in it: by a `shift` of cut-points and offers, or as an `event` by itself; survival and means of pain by population."""
        if self.outcome in ("survival", "pain"):
            return "population"
        return "shift" if self.outcome in OF_SHIFTS else "event"

    @property
    def label(self):
        """For tables."""
        return f"{self.trial}: {self.outcome} {self.what}, {self.arm}"


def calibration_trials(trials=None):
    """The shipped trials of kind `calibration`; or `trials`, none of which may be held out."""
    if trials is None:
        return [trial for trial in shipped_trials() if trial.kind == "calibration"]
    held_out = [trial.id for trial in trials if trial.kind != "calibration"]
    if held_out:
        raise ValueError(f"held-out trials never calibrate: {', '.join(held_out)}")
    return list(trials)


class Targets:
    """Every target with what it takes to simulate it.

    Parameters
    ----------
    trials : list of Trial, optional
        Calibration trials; those shipped without.

    Attributes
    ----------
    rows : tuple of Target
    studies : tuple of TrialStudy
    """

    def __init__(self, trials=None):
        trials = calibration_trials(trials)
        self.studies = tuple(prepare_trial(trial) for trial in trials)
        self.base = load_priors(EVIDENCE).values()
        by_id = {study.trial.id: study for study in self.studies}
        self.conditional = [
            (by_id[trial], figures_of(trial), read) for trial, read in READERS.items() if trial in by_id
        ]
        rows = [row for study in self.studies for row in _rows(study)]
        for study, figures, _ in self.conditional:
            rows += [
                Target(study.trial.id, study.trial.study, f.outcome, f.what, f.arm, f.observed, f.n) for f in figures
            ]
        self.rows = tuple(rows)

    @property
    def observed(self):
        """Logits of the observed proportions, half a patient added to either side, shape (row,)."""
        n = self.n
        return corrected_logit(np.array([row.observed for row in self.rows]), n)

    @property
    def n(self):
        """Denominators of the observed proportions, shape (row,). [1]"""
        return np.array([row.n for row in self.rows], float)

    @property
    def sampling_variance(self):
        """Binomial variances of the observed logits, shape (row,)."""
        return logit_variance(np.array([row.observed for row in self.rows]), self.n)

    def fitted(self, leave_out):
        """Which rows inform, shape (row,): not those of a trial, or ``trial outcome``, that is left out."""
        return np.array([not {row.trial, f"{row.trial} {row.outcome}"} & set(leave_out) for row in self.rows])

    def simulate(self, values, *, shifts=None, seed, n_patients, threads=1):
        """Every row at some parameter values.

        Parameters
        ----------
        values : mapping of str to float
            Parameters that differ from the registry.
        shifts : mapping of str to float, optional
            Difference of every study, by effect (`trials.differences`).
        seed : int
            Of the random numbers.
        n_patients : int
            In each arm.

        Returns
        -------
        p, n : array, shape (row,)
            Proportions and their virtual denominators. [1]
        """
        values = {**self.base, **values}
        options = {"shifts": shifts, "seed": seed, "n_patients": n_patients}
        found = [estimate(study, values, threads=threads, **options) for study in self.studies]
        for study, figures, read in self.conditional:
            counts = read(study, values, **options)
            found.append(shares(figures, counts, shifts))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))

    @property
    def fingerprint(self):
        """SHA-256 of the figures calibrated to."""
        content = [(r.trial, r.study, r.outcome, r.what, r.arm, r.observed, r.n) for r in self.rows]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _rows(study):
    trial = study.trial
    for cell in study.cells:
        outcome, arm = trial.outcomes[cell.outcome], trial.arms[cell.arm]
        key, week = next(iter(outcome.when.model_dump(exclude_none=True, exclude={"from_"}).items()))
        what = " ".join(filter(None, (outcome.measure, f"{key} {week:g}", outcome.denominator)))
        figure = outcome.observed[cell.arm]
        yield Target(trial.id, trial.study, outcome.outcome, what, arm.name, figure.value, figure.n)


def corrected_logit(p, n):
    """ln((x + ½) / (n − x + ½)) of x = n p: finite at 0 and n."""
    return np.log((n * p + 0.5) / (n * (1.0 - p) + 0.5))


def logit_variance(p, n):
    """Binomial variance of `corrected_logit`: 1/(x + ½) + 1/(n − x + ½)."""
    return 1.0 / (n * p + 0.5) + 1.0 / (n * (1.0 - p) + 0.5)


def expit(x):
    """Inverse of the logit."""
    return 1.0 / (1.0 + np.exp(-x))


def discount(rows, correlation):
    """Factor on the sampling variance of each row for the other rows about the same patients.

    Parameters
    ----------
    rows : sequence of Target
    correlation : float
        Of their sampling errors, ρ. [1]

    Returns
    -------
    array, shape (row,)
        1 + (m − 1) ρ, m rows being of the same study, the same outcome and the same arm (rows of both arms together overlap with
        each). [1]

    Notes
    -----
    The design effect of m equally correlated errors: together the m rows weigh as m / (1 + (m − 1) ρ) independent ones. The
    full covariance would instead put most weight on their *differences*, of which the errors nearly cancel; these are
    where the form of a model is least to be trusted.
    """

    def overlap(a, b):
        same = (a.study, a.outcome) == (b.study, b.outcome)
        return same and (a.arm == b.arm or BOTH_ARMS in (a.arm, b.arm))

    m = np.array([sum(overlap(a, b) for b in rows) for a in rows], float)
    return 1.0 + (m - 1.0) * correlation
