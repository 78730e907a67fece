"""Stage 7, observe: what a trial would have written down. Trajectories are only read here.

Index response is judged on the index trajectory (course 0 alone, as if no repeat were given) and stops at surgery of the site, so
that retreatment cannot change it, nor can another treatment of the site (`INDEX_ALONE`). Beside it stands the response as it would be counted with repeats included.
"""

from __future__ import annotations

import math

from radsim.compiled import inline_step, step
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.layout import INDEX_ALONE, UNSEEN, WIDTH
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
def shown(measure, stated_before, score, dose_before, dose, before_surgery, seen):
    """Category of one visit under one measure: from surgery on indeterminate, which is zero; `UNSEEN` where no questionnaire came."""
    return classify(measure, stated_before, score, dose_before, dose) * before_surgery if seen else UNSEEN


@step
def judge(page, scores, doses, visit_days, seen, measures, observed, category):
    """Fill the rows (visit, measure) of ``category`` for every column of a page, whose patients state ``scores`` and take ``doses`` at their visits.

    Parameters
    ----------
    scores, doses, visit_days, seen : array, shape (visit, column)
    measures : array, shape (measure,)
        1 for the measures that are wanted; the rows of the others stay untouched.
    """
    for v in range(len(category)):
        score, dose, day, came = scores[v], doses[v], visit_days[v], seen[v]
        for m in range(len(measures)):
            if measures[m]:
                row = category[v, m]
                for j in range(WIDTH):  # side by side
                    row[j] = shown(
                        m, observed.stated[j], score[j], page.dose_at_start[j], dose[j], day[j] < observed.surgery[j], came[j]
                    )  # fmt: skip


@step
def begin_best(observed):
    """Nobody has been seen yet."""
    for j in range(WIDTH):  # side by side
        observed.best[j] = UNSEEN


@step
def write_better(row, observed):
    """The best category so far of every column, now with that of one more visit."""
    for j in range(len(row)):  # side by side
        observed.best[j] = max(observed.best[j], row[j])


@step
def write_best(category, measure, first, last, observed):
    """Best category under ``measure`` over the visits ``first`` … ``last``; `UNSEEN` if no questionnaire came. Progression is no response."""
    begin_best(observed)
    for v in range(first, last + 1):
        write_better(category[v, measure], observed)


@step
def judge_headline(category, n_visits, observed):
    """Best pain-score category over the first ``n_visits`` visits: of the index course alone, and with repeats if there are any."""
    write_best(category, PAIN_SCORE, 0, n_visits - 1, observed)
    for j in range(WIDTH):  # side by side
        observed.best_alone[j] = observed.best[j]
        observed.best_with_repeats[j] = max(observed.best[j], observed.best_with_repeats[j])


@step
def write_last_seen(seen, observed):
    """Number of the last visit from which a questionnaire came back; -1 if none did."""
    for j in range(WIDTH):  # side by side
        observed.last_seen[j] = -1
    for v in range(len(seen)):
        came = seen[v]
        for j in range(len(came)):  # side by side
            observed.last_seen[j] = v if came[j] else observed.last_seen[j]


@inline_step
def observe(trajectory, patient, visit_days, p, j, scores, doses):
    """What a patient states and takes at the visits, by the index course alone, into column ``j`` of ``scores`` and ``doses`` (visit, column)."""
    for v in range(len(visit_days)):
        day = visit_days[v]
        scores[v, j] = stated_pain(pain_at(day, trajectory, INDEX_ALONE, p), trajectory.deviation)
        doses[v, j] = morphine_equivalent_at(day, trajectory, INDEX_ALONE, patient.morphine_equivalent, p)


@step
def best_of(measure, trajectory, patient, n_courses, visit_days, seen, n_visits, p):
    """Best category of one patient under ``measure`` over the first ``n_visits`` visits, counting the first ``n_courses`` courses.

    `INDEX_ALONE` stands for the index course, ``trajectory.n_courses`` for all, with repeats and other treatment of the site.
    """
    best = UNSEEN
    before = patient.morphine_equivalent
    for v in range(n_visits):
        day = visit_days[v]
        score = stated_pain(pain_at(day, trajectory, n_courses, p), trajectory.deviation)
        dose = morphine_equivalent_at(day, trajectory, n_courses, before, p)
        best = max(best, shown(measure, patient.pain, score, before, dose, day < trajectory.surgery, seen[v]))
    return best


@step
def best_with_repeats(trajectory, patient, visit_days, seen, n_visits, p):
    """Best pain-score category over the first ``n_visits`` visits with repeats and other treatment of the site included; `UNSEEN` if there is none of these before the last."""
    later = trajectory.start[1] if trajectory.n_courses > 1 else math.inf
    for i in range(trajectory.n_reliefs):
        later = min(later, trajectory.relief_start[i])
    if n_visits == 0 or later >= visit_days[n_visits - 1]:
        return UNSEEN
    return best_of(PAIN_SCORE, trajectory, patient, trajectory.n_courses, visit_days, seen, n_visits, p)
