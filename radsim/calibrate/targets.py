"""The targets of a calibration: the rows of the calibration trials, and conditional figures that the trial format cannot express.

Everything on the logit scale. Held-out trials are refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

import numpy as np

from radsim.engine import record_trajectories, simulate
from radsim.kernel import layout
from radsim.measures import MEASURES, PARTIAL
from radsim.trials import estimate, prepare_trial, shipped_trials
from radsim.trials.differences import read_as
from radsim.trials.individuals import best_categories
from radsim.trials.rerun import at, resolved

DUTCH, DUTCH_TRIAL = "dutch-bone-metastasis-study", "steenland-1999"
BOTH_ARMS = "both"
OF_SHIFTS = ("overall_response", "complete_response", "retreatment")
"""Outcomes that differ between trials by the shifts of `between_trial.*`; the others by a deviation of their own."""

# outcome, arm, observed, n; order as `conditional_figures` returns them
CONDITIONAL = (
    ("retreatment", "of non-responders", "8Gy/1", 0.35, 168),  # n: 29 % of 579 did not respond
    ("retreatment", "of non-responders", "24Gy/6", 0.08, 156),  # 27 % of 578
    ("retreatment", "after progression", "8Gy/1", 0.22, 200),  # n not published; assumed, half of the 411 responders
    ("retreatment", "after progression", "24Gy/6", 0.10, 200),  # as above
    ("overall_response", "of those dead within 12 weeks", BOTH_ARMS, 0.45, 274),
    ("overall_response", "of those alive at a year", BOTH_ARMS, 0.86, 320),
    ("overall_response", "by weeks 2 to 3, of who responds in a year", BOTH_ARMS, 0.5, 160),  # n: see below
)
"""Figures of the Dutch trial that are conditional on another outcome (Steenland 1999, van der Linden 2004 and 2006, Meeuse 2010)."""

RESPONSES = (4, 5)
"""Of these, the proportions of responders: a shift in how a study judges response moves these too."""

MEDIAN_WEEKS = (2, 3)
"""A median of three weeks at weekly visits lies between these: half is between the shares by either.

It was printed in whole weeks, so the mean of both shares may lie anywhere within 6 points of a half, a standard deviation of 3.5; with the
sampling error of the 833 who responded, 1.7, that is what 160 patients tell.
"""


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
        """How trials differ in it: by a `shift` of cut-points and offers, or as an `event` by itself; in survival by population."""
        if self.outcome == "survival":
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
        self.dutch = next((study for study in self.studies if study.trial.id == DUTCH_TRIAL), None)
        rows = [row for study in self.studies for row in _rows(study)]
        if self.dutch is not None:
            rows += [Target(DUTCH_TRIAL, DUTCH, o, what, arm, p, n) for o, what, arm, p, n in CONDITIONAL]
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
        options = {"shifts": shifts, "seed": seed, "n_patients": n_patients}
        found = [estimate(study, values, threads=threads, **options) for study in self.studies]
        if self.dutch is not None:
            found.append(conditional_figures(self.dutch, values, **options))
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


def conditional_figures(dutch, values, *, shifts=None, seed, n_patients):
    """The figures of `CONDITIONAL` and their virtual denominators; arms 8Gy/1 and 24Gy/6 of the Dutch trial.

    Notes
    -----
    Response by survival is as the trial's questionnaires showed it, among all who died or lived: whoever was never seen to respond
    is a non-responder. It is the same in both arms: the first stands for both. Failure, which retreatment follows, is latent. A repeat
    counts "after progression" if the relapse came before it. An empty denominator gives NaN.
    """
    study = at(replace(dutch.parts[0], actuarial=True), resolved(dutch, values, shifts), seed, n_patients)
    patients, trajectories = record_trajectories(study, 0, n_patients)
    failed, progressed = [], []
    for trajectory in trajectories[:2]:
        again = trajectory["n_courses"] > 1
        none = trajectory["response_class"][:, 0] < layout.PARTIAL
        start = np.where(again, trajectory["start"][:, 1], np.inf)
        relapsed = ~none & (trajectory["relapse"][:, 0] < np.minimum(start, trajectory["time_to_death"]))
        failed.append((again, none))
        progressed.append((again, relapsed))
    death = trajectories[0]["time_to_death"]
    responds = best_categories(study, patients, trajectories, schedule=0, measure="pain_score") >= PARTIAL
    cells = [*failed, *progressed, (responds, death < 84.0), (responds, death > 364.0)]
    counts = [((what & among).sum(), among.sum()) for what, among in cells]
    counts.append(seen_to_respond(study))
    x, n = np.array(counts, float).T
    with np.errstate(invalid="ignore"):
        p = x / n
    p[list(RESPONSES)] = read_as(p[list(RESPONSES)], shifts)
    return p, n


def seen_to_respond(study):
    """Patients of the first arm first seen to respond by `MEDIAN_WEEKS` (mean of both), and at all; by pain score."""
    visit = simulate(study, threads=1).totals[0].visit.sum(axis=(0, 1))[0, :, MEASURES.index("pain_score")]
    first = visit[:, layout.VISIT_COUNTS.index("first_overall")]
    by = [first[np.asarray(study.visits_weeks) <= week].sum() for week in MEDIAN_WEEKS]
    return np.mean(by), first.sum()


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
