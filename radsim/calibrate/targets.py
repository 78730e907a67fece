"""The targets of a calibration: the rows of the calibration trials, and conditional figures that the trial format cannot express.

Everything on the logit scale. Held-out trials are refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

import numpy as np

from radsim.calibrate.settings import EVIDENCE
from radsim.engine import record_trajectories, simulate
from radsim.evidence import load_priors
from radsim.kernel import layout
from radsim.maths.measures import MEASURES, PARTIAL
from radsim.trials import estimate, prepare_trial, shipped_trials
from radsim.trials.differences import read_as
from radsim.trials.individuals import best_categories, read_on
from radsim.trials.rerun import at, resolved

DUTCH_TRIAL, SC23_TRIAL = "steenland-1999", "sc23-2015"
DAYS_PER_WEEK = 7.0
BOTH_ARMS = "both"
OF_SHIFTS = ("overall_response", "complete_response", "retreatment")
"""Outcomes that differ between trials by the shifts of `between_trial.*`; the others by a deviation of their own."""


@dataclass(frozen=True)
class Conditional:
    """A figure that the trial format cannot express: conditional on another outcome, or a mean.

    Attributes
    ----------
    name : str
        Of its value in `dutch_figures` or `sc23_figures`.
    outcome, what, arm : str
    observed : float
        Proportion; of means a share of the scale. [1]
    n : int
        Its denominator; of means the number of patients with whom a proportion would be known as well. [1]
    judged : bool
        Whether it is a share of responders as a study judges them, which a shift in how it judges moves.
    """

    name: str
    outcome: str
    what: str
    arm: str
    observed: float
    n: int
    judged: bool = False


DUTCH_FIGURES = (
    Conditional(
        "repeated_none_single", "retreatment", "of non-responders", "8Gy/1", 0.35, 168
    ),  # n: 29 % of 579 did not respond
    Conditional("repeated_none_multiple", "retreatment", "of non-responders", "24Gy/6", 0.08, 156),  # 27 % of 578
    Conditional(
        "repeated_progress_single", "retreatment", "after progression", "8Gy/1", 0.22, 200
    ),  # n assumed: half of the 411 responders
    Conditional("repeated_progress_multiple", "retreatment", "after progression", "24Gy/6", 0.10, 200),  # as above
    Conditional(
        "repeat_by_14_weeks", "retreatment", "by week 14, of repeats", "8Gy/1", 0.5, 139
    ),  # median of 14 weeks; 24 % of 579
    Conditional(
        "repeat_by_23_weeks", "retreatment", "by week 23, of repeats", "24Gy/6", 0.5, 35
    ),  # median of 23 weeks; 6 % of 578
    Conditional(
        "success_none_single", "overall_response", "to a repeat after non-response", "8Gy/1", 0.66, 59, True
    ),  # n: 35 % of 168
    Conditional(
        "success_none_multiple", "overall_response", "to a repeat after non-response", "24Gy/6", 0.33, 12, True
    ),
    Conditional(
        "success_progress_single", "overall_response", "to a repeat after progression", "8Gy/1", 0.70, 44, True
    ),
    Conditional(
        "success_progress_multiple", "overall_response", "to a repeat after progression", "24Gy/6", 0.57, 20, True
    ),
    Conditional("response_dying", "overall_response", "of those dead within 12 weeks", BOTH_ARMS, 0.45, 274, True),
    Conditional("response_living", "overall_response", "of those alive at a year", BOTH_ARMS, 0.86, 320, True),
    Conditional(
        "prompt_response", "overall_response", "by weeks 2 to 3, of who responds in a year", BOTH_ARMS, 0.5, 160
    ),  # n: see below
    Conditional(
        "pain_of_responders", "pain", "mean of responders a week before death, within 12 weeks", BOTH_ARMS, 0.50, 170
    ),  # 5 (sd 3), half of 123 asked
    Conditional(
        "pain_of_5", "pain", "5 or more a week before death, within 12 weeks", BOTH_ARMS, 0.60, 137
    ),  # half of 274 asked
)
"""Of the Dutch trial (Steenland 1999, van der Linden 2004 and 2006, Meeuse 2010)."""

SC23_FIGURES = (
    Conditional(
        "early_change",
        "pain",
        "mean change days 0 to 5, from the middle of the scale",
        "8Gy/1 with placebo",
        0.391,
        530,
    ),  # -1.09; n from a
    Conditional(
        "later_change", "pain", "mean change at day 10, from the middle of the scale", "8Gy/1 with placebo", 0.315, 470
    ),  # standard deviation of 2.5, assumed
)
"""Of SC.23 (Chow 2015): mean worst pain, -1.09 points on days 0 to 5 and -1.85 at day 10."""

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
        self.conditional = [
            (study, figures, read)
            for trial, figures, read in CONDITIONAL
            for study in self.studies
            if study.trial.id == trial
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


def shares(figures, counts, shifts):
    """Proportions of the figures and their virtual denominators, each of shape (figure,), from pairs of numerator and denominator by name. [1]

    Notes
    -----
    An empty denominator gives NaN.
    """
    x, n = np.array([counts[figure.name] for figure in figures], float).T
    with np.errstate(invalid="ignore"):
        p = x / n
    judged = np.array([figure.judged for figure in figures])
    return np.where(judged, read_as(p, shifts), p), n


def dutch_figures(dutch, values, *, shifts=None, seed, n_patients):
    """Numerator and denominator of each of `DUTCH_FIGURES` by name; arms 8Gy/1 and 24Gy/6 of the Dutch trial.

    Notes
    -----
    Response by survival is as the trial's questionnaires showed it, among all who died or lived: whoever was never seen to respond
    is a non-responder. Figures of both arms are those of the first. Failure, which retreatment follows, is latent. A repeat
    counts "after progression" if the relapse came before it; it succeeds if it brings a response before death.
    """
    study = at(replace(dutch.parts[0], actuarial=True), resolved(dutch, values, shifts), seed, n_patients)
    patients, trajectories = record_trajectories(study, 0, n_patients)
    single, multiple = (repeats_of(trajectory) for trajectory in trajectories[:2])
    death = trajectories[0]["time_to_death"]
    responds = best_categories(study, patients, trajectories, schedule=0, measure="pain_score") >= PARTIAL
    return {
        **{f"{name}_single": found for name, found in single.items()},
        **{f"{name}_multiple": found for name, found in multiple.items()},
        "repeat_by_14_weeks": repeats_by(trajectories[0], 14 * DAYS_PER_WEEK),
        "repeat_by_23_weeks": repeats_by(trajectories[1], 23 * DAYS_PER_WEEK),
        "response_dying": share_of(responds, death < 84.0),
        "response_living": share_of(responds, death > 364.0),
        "prompt_response": seen_to_respond(study),
        **last_pain(study, patients, trajectories[0], responds),
    }


def share_of(what, among):
    """How many of some are something, and how many they are."""
    return (what & among).sum(), among.sum()


def repeats_of(trajectory):
    """Repeats after non-response and after progression, and their success, under one schedule."""
    again, none = trajectory["n_courses"] > 1, trajectory["response_class"][:, 0] < layout.PARTIAL
    start, death = np.where(again, trajectory["start"][:, 1], np.inf), trajectory["time_to_death"]
    relapsed = ~none & (trajectory["relapse"][:, 0] < np.minimum(start, death))
    onset = trajectory["onset"][:, 1]
    succeeds = (
        again
        & (trajectory["response_class"][:, 1] >= layout.PARTIAL)
        & (onset < np.minimum(death, trajectory["relapse"][:, 1]))
    )
    return {
        "repeated_none": share_of(again, none),
        "repeated_progress": share_of(again, relapsed),
        "success_none": share_of(succeeds, again & none),
        "success_progress": share_of(succeeds, again & relapsed),
    }


def repeats_by(trajectory, day):
    """Of all repeats, how many have begun by a day."""
    again = trajectory["n_courses"] > 1
    return share_of(trajectory["start"][:, 1] <= day, again)


def last_pain(study, patients, trajectory, responds):
    """Pain a week before death of those who die from a week to 12 weeks after the first fraction."""
    dying = (trajectory["time_to_death"] < 84.0) & (trajectory["time_to_death"] > DAYS_PER_WEEK)
    stated = read_on(
        study, patients[dying], trajectory[dying], trajectory["time_to_death"][dying] - DAYS_PER_WEEK
    ).stated
    return {
        "pain_of_responders": (stated[responds[dying]].sum() / 10.0, responds[dying].sum()),
        "pain_of_5": ((stated >= 5.0).sum(), len(stated)),
    }


def sc23_figures(sc23, values, *, shifts=None, seed, n_patients):
    """Numerator and denominator of each of `SC23_FIGURES` by name: mean stated pain of the placebo arm against before."""
    study = at(sc23.parts[-1], resolved(sc23, values, shifts), seed, n_patients)
    patients, (*_, trajectory) = record_trajectories(study, 0, n_patients)

    def change(*days):
        alive = [trajectory["time_to_death"] > day for day in days]
        means = [
            read_on(study, patients[a], trajectory[a], day).stated.mean() for a, day in zip(alive, days, strict=True)
        ]
        return (0.5 + (np.mean(means) - patients["pain"].mean()) / 10.0) * n_patients, n_patients

    return {"early_change": change(*range(6)), "later_change": change(10)}


CONDITIONAL = ((DUTCH_TRIAL, DUTCH_FIGURES, dutch_figures), (SC23_TRIAL, SC23_FIGURES, sc23_figures))
"""Trials with figures beyond the format, those, and how they are read off."""


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
