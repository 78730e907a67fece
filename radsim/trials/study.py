"""A trial ready to be simulated: its arms, visits, measures and denominators as studies of virtual patients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from radsim.config import Config, Observation
from radsim.evidence import load_registry
from radsim.maths.dose import fraction_day
from radsim.study import DAYS_PER_WEEK, Endpoint, prepare
from radsim.trials.differences import OFFER_RATES
from radsim.trials.model import Trial

EVIDENCE = "trials"
N_PATIENTS = 20_000
SEED = 20260101
PROMPT_DAYS = 7.0  # a reading of "retreated by protocol", not evidence: the repeat follows the failure in about a week
WILLINGNESS = "retreatment.willingness_ratio"


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
    """A trial ready to be simulated. Made by `prepare_trial`; read-only, so any number of threads may share it.

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
    ``ever_seen`` p is read as never_returns 1 − p. Retreatment by protocol: whoever is in pain is offered a repeat, within `PROMPT_DAYS`
    in the median, after one fraction as after several.
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
        prompt = math.log(2.0) / PROMPT_DAYS
        fixed |= {rate: prompt for rate in OFFER_RATES} | {WILLINGNESS: 1.0, "retreatment.late_willingness_ratio": 1.0}
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
        if not any(_same_course(schedule, other) for other in found):
            taken = any(schedule.name == other.name for other in found)
            found.append(schedule.model_copy(update={"name": f"{schedule.name} ({len(found)})"}) if taken else schedule)
    return tuple(found)


def _same_course(one, other):
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
    schedule = next(s for s, other in enumerate(part.config.schedules) if _same_course(arm.schedule, other))
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
