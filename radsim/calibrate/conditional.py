"""Figures that calibrate and that the trial format cannot express: conditional on another outcome, or means.

The figures with their sources are in ``data/conditional_figures.yaml``; here is how each is read off simulated patients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from radsim.engine import record_trajectories, simulate
from radsim.kernel import layout
from radsim.kernel.layout import UNSEEN
from radsim.maths.measures import MEASURES, PARTIAL
from radsim.trials.differences import read_as
from radsim.trials.individuals import best_categories, questionnaires, read_on
from radsim.trials.rerun import at, resolved
from radsim.yaml.packaged import read_packaged

DAYS_PER_WEEK = 7.0
DUTCH_VISITS_WEEKS = (*range(1, 14), *range(17, 105, 4))
"""Questionnaires of the Dutch trial: weekly for 13 weeks, then monthly to two years."""
DUTCH_DAYS = 104 * DAYS_PER_WEEK
"""What came later than this the Dutch trial did not see. [d]"""
MEDIAN_WEEKS = (2, 3)
"""A median of three weeks at weekly visits lies between these: half is between the shares by either."""


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
    judged: bool


def figures_of(trial):
    """Figures of one trial, tuple of `Conditional`; empty for most."""
    found = read_packaged("conditional_figures.yaml")["trials"].get(trial, ())
    return tuple(Conditional(**{name: each[name] for name in Conditional.__dataclass_fields__}) for each in found)


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
    """Numerator and denominator of each of its figures by name; arms 8Gy/1 and 24Gy/6 of the Dutch trial.

    Notes
    -----
    Response by survival is as the trial's questionnaires showed it, among all who died or lived: whoever was never seen to respond
    is a non-responder. Figures of both arms are those of the first. Repeats are those within the two years of the trial.
    """
    study = at(replace(dutch.parts[0], actuarial=True), resolved(dutch, values, shifts), seed, n_patients)
    patients, trajectories = record_trajectories(study, 0, n_patients)
    single, multiple = (repeats_of(study, patients, trajectory) for trajectory in trajectories[:2])
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


def repeats_of(study, patients, trajectories):
    """Repeats after non-response and after progression, and their success, under one schedule of the Dutch trial.

    Parameters
    ----------
    study : Study
    patients, trajectories : record arrays, shape (patient,)
        From `engine.record_trajectories`, the first patient being number 0, and one schedule.

    Returns
    -------
    dict of str to tuple of int
        Numerator and denominator by name.

    Notes
    -----
    As the trial's questionnaires show it before the repeat, or to the end of the trial. Non-response: none of them shows a response.
    Progression: one after a response shows the pain of the start again, or more. Who progresses between two questionnaires, or close to
    death, is not seen to. A repeat succeeds if it has an effect before death; as so few are given, success is read off all of them,
    whenever they are given, after latent non-response and latent relapse.
    """
    start = first_repeat(trajectories)
    again = np.isfinite(start)
    days = DAYS_PER_WEEK * np.array(DUTCH_VISITS_WEEKS)
    shown = questionnaires(study, patients, trajectories, days, measure="pain_score")
    seen = (shown.category > UNSEEN) & (days[:, None] < start)
    responds = seen & (shown.category >= PARTIAL)
    returned = seen & (shown.stated >= patients["pain"])
    progressed = (returned & np.logical_or.accumulate(responds)).any(axis=0)
    failed = seen.any(axis=0) & ~responds.any(axis=0)
    return {
        "repeated_none": share_of(again, failed),
        "repeated_progress": share_of(again, progressed),
        **successes(trajectories),
    }


def successes(trajectories):
    """First repeats that have an effect before death, after latent non-response and after latent relapse: numerator and denominator by name."""
    again, none = trajectories["n_courses"] > 1, trajectories["response_class"][:, 0] < layout.PARTIAL
    relapsed = ~none & (trajectories["relapse"][:, 0] < trajectories["start"][:, 1])
    ends = np.minimum(trajectories["time_to_death"], trajectories["relapse"][:, 1])
    succeeds = (trajectories["response_class"][:, 1] >= layout.PARTIAL) & (trajectories["onset"][:, 1] < ends)
    return {
        "success_none": share_of(succeeds, again & none),
        "success_progress": share_of(succeeds, again & relapsed),
    }


def first_repeat(trajectories):
    """Day of the first repeat of each patient, as far as the Dutch trial saw it; infinite if there was none. [d]"""
    start = trajectories["start"][:, 1]
    return np.where((trajectories["n_courses"] > 1) & (start <= DUTCH_DAYS), start, np.inf)


def repeats_by(trajectories, day):
    """Of all repeats, how many have begun by a day."""
    start = first_repeat(trajectories)
    return share_of(start <= day, np.isfinite(start))


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
    """Numerator and denominator of each of its figures by name: mean stated pain of the placebo arm against before."""
    study = at(sc23.parts[-1], resolved(sc23, values, shifts), seed, n_patients)
    patients, (*_, trajectory) = record_trajectories(study, 0, n_patients)

    def change(*days):
        alive = [trajectory["time_to_death"] > day for day in days]
        means = [
            read_on(study, patients[a], trajectory[a], day).stated.mean() for a, day in zip(alive, days, strict=True)
        ]
        return (0.5 + (np.mean(means) - patients["pain"].mean()) / 10.0) * n_patients, n_patients

    return {"early_change": change(*range(6)), "later_change": change(10)}


READERS = {"steenland-1999": dutch_figures, "sc23-2015": sc23_figures}
"""How the figures of each trial that has some are read off."""


def seen_to_respond(study):
    """Patients of the first arm first seen to respond by `MEDIAN_WEEKS` (mean of both), and at all; by pain score."""
    visit = simulate(study, threads=1).totals[0].visit.sum(axis=(0, 1))[0, :, MEASURES.index("pain_score")]
    first = visit[:, layout.VISIT_COUNTS.index("first_overall")]
    by = [first[np.asarray(study.visits_weeks) <= week].sum() for week in MEDIAN_WEEKS]
    return np.mean(by), first.sum()
