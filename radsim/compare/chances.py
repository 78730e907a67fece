"""With the clinician's own estimate of survival: the chances of dying before relief, and before the last fraction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.compare.findings import each_of
from radsim.compare.prognosis import median_survival_days
from radsim.compare.question import last_fraction_day
from radsim.outcomes import estimates
from radsim.outcomes.catalogue import BY_KEY
from radsim.outcomes.intervals import Estimate, summarise

PATIENTS_FOLLOWED = 512


class Prognosis(NamedTuple):
    """What the clinician expects, and the chances that follow, by schedule. [week, 1]"""

    weeks: float
    model_weeks: float
    died_before_relief: tuple[Estimate, ...]
    died_before_completion: tuple[Estimate, ...]


def prognosis(study, results, weeks):
    """Chances of dying before relief and before the last fraction, from the same patients."""
    model = median_survival_days(study.config.model_copy(update={"parameters": {}})) / 7.0
    return Prognosis(weeks, model, died_before_relief(study), died_before_completion(study, results))


def died_before_relief(study):
    """Share who would have had relief of the course but die, or are in their last weeks, before it begins, by schedule.

    Notes
    -----
    Of the first patients of each draw, one by one: the sums of a result do not hold it.
    """
    from radsim.engine import record_trajectories
    from radsim.kernel.layout import PARTIAL

    n = min(PATIENTS_FOLLOWED, study.n_patients)
    shares, draws = [], range(1, study.n_draws) if study.n_draws > 1 else (0,)
    for draw in draws:
        _, trajectories = record_trajectories(study, 0, n, draw)
        responds = trajectories["response_class"][..., 0] >= PARTIAL
        end = np.minimum(
            trajectories["time_to_death"], trajectories["relapse"][..., 0]
        )  # or the last weeks begin before it
        shares.append((responds & (trajectories["onset"][..., 0] >= end)).mean(axis=1))
    shares = np.array(shares)
    noise = np.sqrt(shares * (1.0 - shares) / n)
    return each_of(summarise(shares, noise, numbers=draws).within(0.0, 1.0))


def died_before_completion(study, results):
    """Share dead by the day of the last fraction, by schedule; 0 for a single fraction and for none."""
    found = []
    for s, schedule in enumerate(study.config.schedules):
        last = last_fraction_day(schedule)
        if last == 0.0:
            found.append(Estimate(0.0, 0.0, 0.0, 0.0))
        else:
            alive = each_of(estimates.estimate(results, BY_KEY["alive_12_weeks"].variable, day=last))[
                s
            ]  # `question` asks for that day
            found.append(Estimate(1.0 - alive.value, alive.mcse, 1.0 - alive.high95, 1.0 - alive.low95))
    return tuple(found)
