"""What a trial would have seen of each patient: for figures that are conditional on what became of them later.

Sums suffice for every other figure. This is compiled on its own, outside the kernel, whose cache so stays as it is.
"""

from __future__ import annotations

import numpy as np

from radsim.compiled import step
from radsim.endpoints import MEASURES
from radsim.kernel.observe import attend, best, observe
from radsim.kernel.purposes import NEVER_RETURNS
from radsim.rng import uniform


def best_categories(study, patients, lives, *, schedule, measure, draw=0):
    """Best response category of each patient over all visits of a study.

    Parameters
    ----------
    study : Study
    patients, lives : record arrays, shapes (patient,) and (schedule, patient)
        From `engine.play_patients`, the first patient being number 0.
    schedule : int
        Position of the schedule.
    measure : str
        One of `endpoints.MEASURES`.
    draw : int

    Returns
    -------
    array of int, shape (patient,)
        A category of `radsim.endpoints`, or `UNSEEN` where no chart ever came back.
    """
    found = np.zeros(len(patients), np.int64)
    wanted = np.array([name == measure for name in MEASURES], np.int64)
    days = study.protocol(draw).visit_days[schedule]
    _fill(study.config.seed, draw, patients, lives[schedule], days, wanted, study.parameters(draw), found)
    return found


@step
def _fill(seed, draw, patients, lives, visit_days, wanted, parameters, found):
    p = parameters[0]
    seen = np.zeros(len(visit_days), np.uint8)
    category = np.zeros((len(visit_days), len(wanted)), np.int8)
    for i in range(len(patients)):
        luck = uniform(seed, draw, i, NEVER_RETURNS, 0)
        attend(seed, draw, i, luck, lives[i].time_to_death, visit_days, p, seen)
        observe(lives[i], patients[i], 1, visit_days, seen, wanted, p, category)
        for m in range(len(wanted)):
            if wanted[m]:
                found[i] = best(category, m, 0, len(visit_days) - 1)
