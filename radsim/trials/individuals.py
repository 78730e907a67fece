"""What a trial would have seen of each patient: for figures that are conditional on what became of them later.

Sums suffice for every other figure.
"""

from __future__ import annotations

import numpy as np

from radsim.kernel.block import judge_trajectories, workspace
from radsim.measures import MEASURES


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
        A category of `radsim.measures`, or `UNSEEN` where no questionnaire ever came back.
    """
    found = np.zeros(len(patients), np.int64)
    wanted = np.array([name == measure for name in MEASURES], np.uint8)
    days = study.protocol(draw).visit_days[schedule]
    work = workspace(len(days), 0, 1)
    judge_trajectories(
        study.config.seed, draw, patients, trajectories[schedule], days, wanted, study.parameters(draw), work, found
    )
    return found
