"""What a trial would have seen of each patient: for figures that are conditional on what became of them later.

Sums suffice for every other figure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.kernel.entries import judge_trajectories, read_trajectories
from radsim.kernel.layout import UNSEEN
from radsim.kernel.workspace import workspace
from radsim.maths.measures import MEASURES


def best_categories(study, patients, trajectories, *, schedule, measure, draw=0):
    """Best response category of each patient over all visits of a study.

    Parameters
    ----------
    study : Study
    patients, trajectories : record arrays, shapes (patient,) and (schedule, patient)
        From `engine.record_trajectories`, the first patient being number 0.
    schedule : int
        Position of the schedule.
    measure : str
        One of `measures.MEASURES`.
    draw : int

    Returns
    -------
    array of int, shape (patient,)
        A category of `radsim.maths.measures`, or `UNSEEN` where no questionnaire ever came back.
    """
    days = study.protocol(draw).visit_days[schedule]
    return _best_on(days, study, patients, trajectories[schedule], measure, draw)


def _best_on(days, study, patients, trajectories, measure, draw):
    """Best category of each patient over some visits under one schedule, int, shape (patient,)."""
    found = np.zeros(len(patients), np.int64)
    wanted = np.array([name == measure for name in MEASURES], np.uint8)
    work = workspace(len(days), 0, 1)
    judge_trajectories(
        study.config.seed, draw, patients, trajectories, days, wanted, study.parameters(draw), work, found
    )
    return found


class Questionnaires(NamedTuple):
    """What came back at each visit, arrays of shape (visit, patient).

    Attributes
    ----------
    category : array of int
        Of the index course, a category of `radsim.maths.measures`; `UNSEEN` where nothing came back.
    stated : array
        Pain, all courses counted; NaN where nothing came back. [0–10]
    """

    category: np.ndarray
    stated: np.ndarray


def questionnaires(study, patients, trajectories, days, *, measure, draw=0):
    """What the questionnaires of some visits show under one schedule; the same come back as in every other count of the study.

    Parameters
    ----------
    study : Study
    patients, trajectories : record arrays, shape (patient,)
        From `engine.record_trajectories`, the first patient being number 0, and one schedule.
    days : sequence of float, length (visit,)
        From the first fraction. [d]
    measure : str
        One of `measures.MEASURES`.
    draw : int

    Returns
    -------
    Questionnaires
    """
    category = np.array([_best_on(np.array([day]), study, patients, trajectories, measure, draw) for day in days])
    stated = np.full(category.shape, np.nan)
    for visit, day in enumerate(days):
        seen = category[visit] > UNSEEN
        stated[visit, seen] = read_on(study, patients[seen], trajectories[seen], day, draw=draw).stated
    return Questionnaires(category, stated)


class Reading(NamedTuple):
    """Each patient on a day of the patient's own, arrays of shape (patient,).

    Attributes
    ----------
    pain, stated : array
        Pain of the site and what the patient states. [0–10]
    morphine_equivalent : array
        [mg d-1]
    response : array
        Latent class of the responses in force, `layout.NONE` to `layout.COMPLETE`.
    """

    pain: np.ndarray
    stated: np.ndarray
    morphine_equivalent: np.ndarray
    response: np.ndarray


def read_on(study, patients, trajectories, days, *, draw=0):
    """Read trajectories under one schedule on one day each.

    Parameters
    ----------
    study : Study
    patients, trajectories : record arrays, shape (patient,)
        Of `engine.record_trajectories`, one schedule.
    days : float or array, shape (patient,)
        Before death. [d]
    draw : int

    Returns
    -------
    Reading
    """
    found = np.zeros((len(patients), 4))
    days = np.broadcast_to(np.asarray(days, float), len(patients)).copy()
    read_trajectories(patients, trajectories, days, study.parameters(draw), found)
    return Reading(*found.T)
