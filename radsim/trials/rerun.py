"""A trial rerun in silico: its arms, visits, measures and denominators on virtual patients, at any parameters.

Counts come out of the same sums as every other result (`kernel.layout`); nothing is sampled here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from radsim.config import Config, Observation
from radsim.dose import fraction_day
from radsim.endpoints import MEASURES
from radsim.engine import simulate
from radsim.evidence import load_registry, resolve_policy
from radsim.kernel import layout
from radsim.study import DAYS_PER_WEEK, Endpoint, prepare
from radsim.trials.differences import CHARTS_MEAN, read_off, shifted
from radsim.trials.model import Trial

EVIDENCE = "trials"
N_PATIENTS = 20_000
SEED = 20260101
PROMPT_DAYS = 7.0  # a reading of "retreated by protocol", not evidence: the repeat follows the failure in about a week
WILLINGNESS = "retreatment.willingness_ratio"
KEPT_BETWEEN_RUNS = ("cohort", "subgroups", "subgroup_strides", "period_ends")

EVENT_COLUMNS = {
    "retreatment": ("retreated", "at_risk_retreatment"),
    "pathological_fracture": ("fractured", "at_risk_fracture"),
    "spinal_cord_compression": ("cord_compressed", "at_risk_cord_compression"),
}


@dataclass(frozen=True)
class Row:
    """One figure of a trial beside its prediction.

    Attributes
    ----------
    trial, kind, outcome, denominator, arm : str
    measure : str or None
        None for events and survival.
    when : dict
        As in the file, with `from` where week 0 is the end of treatment.
    observed : float
        Proportion. [1]
    n : int
        Its denominator. [1]
    predicted, mcse : float
        Proportion at the given parameters, without any uncertainty of theirs, and its Monte Carlo standard error. [1]
    status : str
        ``checked`` or ``provisional``.
    """

    trial: str
    kind: str
    outcome: str
    measure: str | None
    when: dict
    denominator: str
    arm: str
    observed: float
    n: int
    predicted: float
    mcse: float
    status: str


@dataclass(frozen=True)
class Cell:
    """Where the prediction of one row is read off: arms and outcomes by position, and the place in the sums."""

    outcome: int
    arm: int
    part: int  # of the parts of the trial
    schedule: int  # within the part
    last_day: float  # of looking, from the first fraction
    visit: int  # the last visit of a response
    endpoint: int  # of a response


@dataclass(frozen=True)
class TrialStudy:
    """A trial made ready for playing. Made by `prepare_trial`; read-only, so any number of threads may share it.

    Attributes
    ----------
    trial : Trial
    parts : tuple of Study
        One for each combination of care and origin of time that the trial has.
    cells : tuple of Cell, length (row,)
        Outcomes in the order of the file, and within each the arms.
    base : dict of str to float
        Values of the evidence set.
    fixed : dict of str to float
        What the trial itself knows better: who was seen, and how failures were retreated.
    """

    trial: Trial
    parts: tuple
    cells: tuple
    base: Mapping
    fixed: Mapping

    @property
    def observed(self):
        """Observed proportions, shape (row,). [1]"""
        return np.array([figure.value for outcome in self.trial.outcomes for figure in outcome.observed])

    @property
    def n(self):
        """Denominators of the observed proportions, shape (row,). [1]"""
        return np.array([figure.n for outcome in self.trial.outcomes for figure in outcome.observed])


def trial_overrides(trial):
    """Parameters that a trial fixes, by dotted name.

    Notes
    -----
    ``ever_seen`` p is read as never_returns 1 − p. Retreatment by protocol: every failure is offered a repeat, nobody else is, and
    the delay after both classes of schedule is a median of `PROMPT_DAYS`.
    """
    seen, policy = trial.observation, trial.retreatment
    fixed = {}
    never_returns = seen.never_returns if seen.ever_seen is None else 1.0 - seen.ever_seen
    if never_returns is not None:
        fixed["observation.never_returns"] = never_returns
    if seen.attendance is not None:
        fixed["observation.attendance"] = seen.attendance
    if policy is not None and policy.willingness_ratio is not None:
        fixed[WILLINGNESS] = policy.willingness_ratio
    if policy is not None and policy.offer == "protocol":
        for kind in ("single", "multiple"):
            fixed[f"retreatment.offer.{kind}.non_response"] = 1.0
            fixed[f"retreatment.offer.{kind}.progression"] = 1.0
            fixed[f"retreatment.offer.{kind}.no_failure"] = 0.0
            fixed[f"retreatment.delay.{kind}_median_days"] = PROMPT_DAYS
    return fixed


def prepare_trial(trial):
    """Build the studies of a trial, once for any number of parameter values.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    TrialStudy
    """
    keys = list(dict.fromkeys((trial.origin(o), arm.care) for o in trial.outcomes for arm in trial.arms))
    parts = [_part(trial, origin, care) for origin, care in keys]
    cells = []
    for o, outcome in enumerate(trial.outcomes):
        for a, arm in enumerate(trial.arms):
            p = keys.index((trial.origin(outcome), arm.care))
            cells.append(_cell(trial, o, a, p, parts[p]))
    return TrialStudy(trial, tuple(parts), tuple(cells), load_registry(EVIDENCE).values(), trial_overrides(trial))


def _part(trial, origin, care):
    """The study of the arms with one kind of care and the outcomes with one origin of time."""
    outcomes = [o for o in trial.outcomes if trial.origin(o) == origin]
    schedules = distinct_schedules(arm.schedule for arm in trial.arms if arm.care == care)
    times = looking_days(outcomes, [_shift(origin, s) for s in schedules])
    visits = visits_weeks(trial, outcomes)
    config = Config(
        name=trial.id,
        seed=SEED,
        cohort=trial.population.model_copy(update={"size": N_PATIENTS}),
        schedules=schedules,
        evidence=EVIDENCE,
        observation=Observation.model_validate({"visits_weeks": visits, "from": origin}),
        care=care,
        times_days=times,
        horizon_days=times[-1] + 1.0,
    )
    endpoints = dict.fromkeys(_endpoint(outcome) for outcome in outcomes if outcome.is_response)
    actuarial = any(outcome.denominator == "actuarial" for outcome in outcomes)
    return prepare(config, endpoints=tuple(endpoints), actuarial=actuarial)


def distinct_schedules(schedules):
    """Schedules that differ in more than their name, each under a name of its own."""
    found = []
    for schedule in schedules:
        if not any(_alike(schedule, other) for other in found):
            taken = any(schedule.name == other.name for other in found)
            found.append(schedule.model_copy(update={"name": f"{schedule.name} ({len(found)})"}) if taken else schedule)
    return tuple(found)


def _alike(one, other):
    return one.model_dump(exclude={"name"}) == other.model_dump(exclude={"name"})


def _shift(origin, schedule):
    """Days from the first fraction to week 0. [d]"""
    if origin == "start" or schedule.none:
        return 0.0
    return float(fraction_day(schedule.fractions - 1, schedule.fractions_per_week))


def looking_days(outcomes, shifts):
    """Days at which events are counted: the ends of looking and, for actuarial estimates, every week before. [d]"""
    days = set()
    for outcome in outcomes:
        if not outcome.is_response:
            days |= {DAYS_PER_WEEK * outcome.when.last_week + shift for shift in shifts}
    if any(o.denominator == "actuarial" and not o.is_response for o in outcomes):
        days |= {float(day) for day in range(DAYS_PER_WEEK, math.ceil(max(days)), DAYS_PER_WEEK)}
    return tuple(sorted(days)) or (float(DAYS_PER_WEEK),)


def visits_weeks(trial, outcomes):
    """Visits of the trial, and the weeks at which a response is said to have been judged: a figure needs a visit. [week]"""
    weeks = {o.when.week for o in outcomes if o.when.week is not None}
    first = trial.observation.visits_weeks[0]
    weeks |= {o.when.last_week for o in outcomes if o.is_response and o.when.last_week < first}
    return tuple(sorted(weeks | set(trial.observation.visits_weeks)))


def _endpoint(outcome):
    """The visits over which a response is the best."""
    when = outcome.when
    return Endpoint(outcome.measure, when.week or 0.0, when.last_week)


def _cell(trial, o, a, p, part):
    outcome, arm = trial.outcomes[o], trial.arms[a]
    schedule = next(s for s, other in enumerate(part.config.schedules) if _alike(arm.schedule, other))
    week = outcome.when.last_week
    return Cell(
        outcome=o,
        arm=a,
        part=p,
        schedule=schedule,
        last_day=DAYS_PER_WEEK * week + _shift(trial.origin(outcome), arm.schedule),
        visit=int(np.searchsorted(part.visits_weeks, week, side="right")) - 1,
        endpoint=part.endpoints.index(_endpoint(outcome)) if outcome.is_response else -1,
    )


# --- playing ------------------------------------------------------------------------------------------------


def at(part, values, seed, n_patients):
    """The same study at other parameter values; what does not depend on them is kept.

    Parameters
    ----------
    part : Study
    values : dict of str to float
        Every parameter by dotted name, the policy of retreatment resolved.
    seed, n_patients : int

    Returns
    -------
    Study
    """
    cohort = part.config.cohort.model_copy(update={"size": n_patients})
    config = part.config.model_copy(update={"seed": seed, "cohort": cohort})
    study = replace(part, config=config, samples={name: np.array([value]) for name, value in values.items()})
    study.__dict__.update({name: getattr(part, name) for name in KEPT_BETWEEN_RUNS})
    return study


def resolved(trial_study, values=None, shifts=None):
    """Every parameter of a trial: the evidence set, other values over it, what the trial fixes, and then the shifts of its study.

    Notes
    -----
    Who was seen is shifted only where the paper does not say it, and then by `CHARTS_MEAN` as well.
    """
    merged = {**trial_study.base, **(values or {}), **trial_study.fixed}
    moves = dict(shifts or {})
    moves["charts"] = moves.get("charts", 0.0) + merged[CHARTS_MEAN]
    if trial_study.trial.observation.charts == "reported":
        moves["charts"] = 0.0
    return resolve_policy(shifted(merged, moves))


def estimate(trial_study, values=None, *, shifts=None, seed=SEED, n_patients=N_PATIENTS, threads=None):
    """Predict every row of a trial.

    Parameters
    ----------
    trial_study : TrialStudy
    values : mapping of str to float, optional
        Parameters that differ from the evidence set, by dotted name; not checked. What the trial itself fixes comes after them.
    shifts : mapping of str to float, optional
        What the study differs by from others, by effect (`trials.differences`); applied last.
    seed : int
        Luck. The same seed gives common random numbers between parameter values.
    n_patients : int
        Virtual patients in each arm.
    threads : int, optional
        As in `radsim.engine.simulate`; the result does not depend on it.

    Returns
    -------
    proportions : array, shape (row,)
        NaN where nobody is in the denominator. [1]
    n : array, shape (row,)
        Virtual patients in the denominator. [1]
    """
    merged = resolved(trial_study, values, shifts)
    sums = [
        simulate(at(part, merged, seed, n_patients), threads=threads).totals[0]._asdict() for part in trial_study.parts
    ]
    sums = [{name: array.sum(axis=(0, 1)) for name, array in each.items() if array.ndim > 2} for each in sums]
    found = [_read_off(trial_study, cell, sums[cell.part], n_patients) for cell in trial_study.cells]
    responses = [trial_study.trial.outcomes[cell.outcome].is_response for cell in trial_study.cells]
    proportions = [read_off(p, shifts) if response else p for (p, _), response in zip(found, responses, strict=True)]
    return np.array(proportions), np.array([n for _, n in found])


def predict(trial_study, values=None, *, shifts=None, seed=SEED, n_patients=N_PATIENTS, threads=None):
    """The proportions of `estimate`, shape (row,). [1]"""
    return estimate(trial_study, values, shifts=shifts, seed=seed, n_patients=n_patients, threads=threads)[0]


def rerun(trial, *, parameters=None, n_patients=N_PATIENTS, seed=SEED, threads=None):
    """Rerun a trial and lay each figure beside its prediction.

    Parameters
    ----------
    trial : Trial
    parameters : mapping of str to float, optional
        Values that replace those of the evidence set, by dotted name.
    n_patients, seed, threads : int
        As for `estimate`.

    Returns
    -------
    list of Row
        Outcomes in the order of the file, and within each the arms.

    Raises
    ------
    EvidenceError
        If ``parameters`` names what the registry does not have, or a value outside its support.
    """
    values = load_registry(EVIDENCE).values(dict(parameters or {}))
    trial_study = prepare_trial(trial)
    predicted, n = estimate(trial_study, values, seed=seed, n_patients=n_patients, threads=threads)
    with np.errstate(invalid="ignore", divide="ignore"):
        mcse = np.sqrt(predicted * (1.0 - predicted) / n)
    return [
        _row(trial, cell, float(p), float(se)) for cell, p, se in zip(trial_study.cells, predicted, mcse, strict=True)
    ]


def _row(trial, cell, predicted, mcse):
    outcome, arm = trial.outcomes[cell.outcome], trial.arms[cell.arm]
    when = outcome.when.model_dump(exclude_none=True, exclude={"from_"})
    if trial.origin(outcome) == "end_of_treatment":
        when["from"] = "end_of_treatment"
    figure = outcome.observed[cell.arm]
    return Row(
        trial.id, trial.kind, outcome.outcome, outcome.measure, when, outcome.denominator, arm.name,
        figure.value, figure.n, predicted, mcse, outcome.status,
    )  # fmt: skip


# --- reading off --------------------------------------------------------------------------------------------


def _read_off(trial_study, cell, sums, n_patients):
    """Proportion and denominator of one row."""
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
