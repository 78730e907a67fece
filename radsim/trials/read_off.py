"""Figures of a trial read off the sums of its virtual patients: shares of the right denominator, or actuarial estimates."""

from __future__ import annotations

import math

import numpy as np

from radsim.kernel import layout
from radsim.maths.measures import MEASURES

EVENT_COLUMNS = {
    "retreatment": ("retreated", "at_risk_retreatment"),
    "pathological_fracture": ("fractured", "at_risk_fracture"),
    "spinal_cord_compression": ("cord_compressed", "at_risk_cord_compression"),
}


def figure_of(cell, trial_study, sums, n_patients):
    """Proportion and denominator of one figure.

    Parameters
    ----------
    cell : Cell
    trial_study : TrialStudy
    sums : dict of str to array
        Of the cell's part, added up over batches and groups.
    n_patients : int
        Virtual patients of the arm.

    Returns
    -------
    proportion : float
        NaN where nobody is in the denominator. [1]
    n : int
    """
    outcome = trial_study.trial.outcomes[cell.outcome]
    part = trial_study.parts[cell.part]
    if outcome.is_response and outcome.denominator == "actuarial":
        return actuarial_response(outcome, cell, sums["visit"]), n_patients
    if outcome.is_response:
        assessable, overall, complete = sums["endpoint"][cell.schedule, cell.endpoint]
        n = assessable if outcome.denominator == "assessable" else n_patients
        return _share(complete if outcome.outcome == "complete_response" else overall, n)
    if outcome.outcome == "acute_toxicity":
        return _share(_flag(sums, cell, "toxicity"), n_patients)
    if outcome.outcome == "pain_flare":
        return flare(outcome, cell, sums, n_patients)
    until = part.times_days <= cell.last_day * (1.0 + 1e-12)
    counts = dict(zip(layout.TIME_COUNTS, sums["time_count"][cell.schedule][until].T, strict=True))
    return event(outcome, counts, n_patients)


def _share(count, n):
    return (count / n if n > 0 else math.nan), n


def _flag(sums, cell, name):
    return sums["flag"][cell.schedule, layout.FLAGS.index(name)]


def flare(outcome, cell, sums, n_patients):
    """Pain flare: a missing diary counts as a flare among all randomised, and is absent among the assessable."""
    as_flare, as_none = (_flag(sums, cell, f"flare_missing_as_{which}") for which in ("flare", "none"))
    if outcome.denominator == "randomised":
        return _share(as_flare, n_patients)
    return _share(as_none, n_patients - (as_flare - as_none))


def event(outcome, counts, n_patients):
    """An event, or being alive, at the last of some times.

    Parameters
    ----------
    counts : dict of str to array, shape (time,)
        `layout.TIME_COUNTS`.
    """
    if outcome.outcome == "survival":
        happened, at_risk = n_patients - counts["alive"], counts["alive"]
    else:
        happened, at_risk = (counts[name] for name in EVENT_COLUMNS[outcome.outcome])
    actuarial = outcome.denominator == "actuarial"
    p = life_table(happened, at_risk, n_patients) if actuarial else happened[-1] / n_patients
    return (1.0 - p if outcome.outcome == "survival" else p), n_patients


def life_table(happened, at_risk, n):
    """Cumulative incidence by the actuarial method, the dead censored at the middle of their interval.

    Parameters
    ----------
    happened : array, shape (time,)
        Patients to whom the event has happened by each time. [1]
    at_risk : array, shape (time,)
        Patients alive without it at each time. [1]
    n : int
        Patients at the start, all at risk. [1]

    Returns
    -------
    float
        One minus the product over the intervals of 1 − d / (r − w / 2): d events, r at risk at the start, w withdrawn. [1]
    """
    at_start = np.concatenate([[n], at_risk[:-1]])
    events = np.diff(happened, prepend=0)
    withdrawn = at_start - at_risk - events
    exposed = at_start - withdrawn / 2.0
    hazard = np.divide(events, exposed, out=np.zeros(len(events)), where=exposed > 0)
    return float(1.0 - np.prod(1.0 - hazard))


def actuarial_response(outcome, cell, visit):
    """Cumulative response up to a visit, those not seen again censored at their last visit.

    Parameters
    ----------
    visit : array, shape (schedule, visit, measure, visit count)
    """
    kind = "complete" if outcome.outcome == "complete_response" else "overall"
    table = visit[cell.schedule, : cell.visit + 1, MEASURES.index(outcome.measure)]
    at_risk = table[:, layout.VISIT_COUNTS.index(f"at_risk_{kind}")]
    first = table[:, layout.VISIT_COUNTS.index(f"first_{kind}")]
    return float(1.0 - np.prod(1.0 - np.divide(first, at_risk, out=np.zeros(len(first)), where=at_risk > 0)))
