"""Stage 7, observe: what a trial would have written down. Trajectories are only read here.

Index response is judged on the index trajectory (course 0 alone, as if no repeat were given) and stops at surgery of the site, so
that retreatment cannot change it, nor can another treatment of the site (`INDEX_ALONE`). Beside it stands the response as it would be counted with repeats included.
"""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.layout import UNSEEN
from radsim.kernel.pain import pain_at
from radsim.kernel.purposes import ATTENDANCE
from radsim.kernel.report import stated_pain
from radsim.maths.endpoints import classify
from radsim.maths.measures import PAIN_SCORE
from radsim.maths.rng import uniform


@step
def attend(seed, draw, number, never_returns, death, visit_days, p, seen):
    """Fill ``seen`` (visit,) with 1 for the visits from which a questionnaire came back.

    Parameters
    ----------
    never_returns : float
        Uniform that decides whether this patient ever returns a questionnaire. [1]
    death : float
        Time to death. [d]
    visit_days : array, shape (visit,)
        Days of the visits from the first fraction, increasing. [d]
    """
    returns = never_returns >= p.observation_never_returns
    for v in range(len(visit_days)):
        seen[v] = 0
        day = visit_days[v]
        if returns and day < death:
            probability = p.observation_attendance
            if death - day < p.observation_near_death_days:
                probability *= p.observation_near_death_ratio
            if uniform(seed, draw, number, ATTENDANCE, int(day)) < probability:
                seen[v] = 1


@step
def observe(trajectory, patient, n_courses, visit_days, seen, measures, p, category):
    """Fill ``category`` (visit, measure) with the response categories of `radsim.maths.endpoints`, `UNSEEN` where no questionnaire came.

    Parameters
    ----------
    n_courses : int
        Courses to count: `INDEX_ALONE` for the index course, ``trajectory.n_courses`` with repeats and other treatment of the site.
    measures : array, shape (measure,)
        1 for the measures that are wanted; the others stay untouched.
    """
    for v in range(len(visit_days)):
        day = visit_days[v]
        score = stated_pain(pain_at(day, trajectory, n_courses, p), trajectory.deviation)
        dose = morphine_equivalent_at(day, trajectory, n_courses, patient.morphine_equivalent, p)
        judge(v, score, dose, day < trajectory.surgery, patient, seen, measures, category)


@step
def judge(v, score, dose, before_surgery, patient, seen, measures, category):
    """Fill ``category`` (visit, measure) at visit ``v``, at which somebody states ``score`` and takes ``dose``."""
    for m in range(len(measures)):
        if measures[m]:
            # from surgery on indeterminate, which is zero
            shown = classify(m, patient.pain, score, patient.morphine_equivalent, dose) * before_surgery
            category[v, m] = shown if seen[v] else UNSEEN


@step
def best(category, measure, first, last):
    """Best category under ``measure`` over the visits ``first`` … ``last``; `UNSEEN` if no questionnaire came. Progression is no response."""
    result = UNSEEN
    for v in range(first, last + 1):
        result = max(result, category[v, measure])
    return result


@step
def best_with_repeats(trajectory, patient, visit_days, seen, index_best, last, measures, p, category):
    """Best pain-score category up to visit ``last`` with repeats and other treatment of the site included; ``category`` is overwritten where they matter."""
    later = trajectory.start[1] if trajectory.n_courses > 1 else math.inf
    for i in range(trajectory.n_reliefs):
        later = min(later, trajectory.relief_start[i])
    if last < 0 or later >= visit_days[last]:
        return index_best
    observe(trajectory, patient, trajectory.n_courses, visit_days, seen, measures, p, category)
    return max(index_best, best(category, PAIN_SCORE, 0, last))
