"""A trial rerun in silico, at any parameters.

Counts come out of the same sums as every other result (`kernel.layout`); nothing is sampled here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from radsim.engine import simulate
from radsim.evidence import load_registry
from radsim.trials.differences import QUESTIONNAIRES_MEAN, read_as, shifted
from radsim.trials.read_off import figure_of
from radsim.trials.study import EVIDENCE, N_PATIENTS, SEED, prepare_trial

KEPT_BETWEEN_RUNS = ("cohort", "subgroups", "subgroup_strides", "subgroup_edges", "period_ends")


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


def at(part, values, seed, n_patients):
    """The same study at other parameter values; what does not depend on them is kept.

    Parameters
    ----------
    part : Study
    values : dict of str to float
        Every parameter by dotted name.
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
    Who was seen is shifted only where the paper does not say it, and then by `QUESTIONNAIRES_MEAN` as well.
    """
    merged = {**trial_study.base, **(values or {}), **trial_study.fixed}
    moves = dict(shifts or {})
    moves["questionnaires"] = moves.get("questionnaires", 0.0) + merged[QUESTIONNAIRES_MEAN]
    if trial_study.trial.observation.questionnaires == "reported":
        moves["questionnaires"] = 0.0
    return shifted(merged, moves)


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
        Of the random numbers. The same seed gives common random numbers between parameter values.
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
    found = [figure_of(cell, trial_study, sums[cell.part], n_patients) for cell in trial_study.cells]
    responses = [trial_study.trial.outcomes[cell.outcome].is_response for cell in trial_study.cells]
    proportions = [read_as(p, shifts) if response else p for (p, _), response in zip(found, responses, strict=True)]
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
