"""A trial that is proposed: its arms, sizes and outcomes as those of a published one, and nothing observed yet."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from radsim.storage import UsageFault
from radsim.trials.load import load_trial
from radsim.trials.model import Arm, Note, Observed, Outcome, People, Trial
from radsim.trials.rerun import estimate
from radsim.trials.study import prepare_trial
from radsim.trials.validate import parameter_draws, simulate_trials
from radsim.yaml.fields import not_empty, one_of

PATIENTS = 4000
"""Virtual patients of each arm and draw, the same random numbers in every draw: what is left of chance is common to all draws."""


class ProposedArm(Arm):
    """As `Arm`; its size is known, being planned.

    Parameters
    ----------
    randomised : int
        Patients. [1]
    """

    randomised: People


class ProposedOutcome(Outcome):
    """As `Outcome`; what a published trial observed is read and not used.

    Parameters
    ----------
    observed : tuple of Observed
        Nothing by default.
    """

    observed: Annotated[tuple[Observed, ...], AfterValidator(lambda figures: ())] = ()


class Proposal(Trial):
    """As `Trial`; a published trial is a proposal to repeat it, if the size of each arm is known.

    Parameters
    ----------
    citation : str
        Nothing to cite by default.
    kind : {'calibration', 'held_out'}
        Not used.
    arms : tuple of ProposedArm
    outcomes : tuple of ProposedOutcome
    """

    citation: Note = "proposed"
    kind: one_of("calibration", "held_out") = "held_out"
    arms: Annotated[tuple[ProposedArm, ...], BeforeValidator(not_empty)]
    outcomes: Annotated[tuple[ProposedOutcome, ...], BeforeValidator(not_empty)]


def load_proposal(source) -> Proposal:
    """Load a proposed trial, as `load_trial`."""
    return load_trial(source, model=Proposal)


def proportions_by_draw(proposal, parameters, *, seed, threads=None, progress=None):
    """What the trial would find in each draw with endless patients, and how many of its own each figure rests on.

    Parameters
    ----------
    proposal : Proposal
    parameters : dict of str to ndarray, shape (draw,)
        Of the draws; what they do not have comes from the posterior of the evidence set.
    seed : int
    threads : int, optional
    progress : callable, optional

    Returns
    -------
    proportions : ndarray, shape (draw, figure)
        Outcomes in the order of the file, and within each the arms; never 0 or 1, as a share of virtual patients is not. [1]
    shares : ndarray, shape (figure,)
        Share of those randomised that are in the denominator. [1]

    Raises
    ------
    UsageFault
        If nobody is in the denominator of a figure.

    Notes
    -----
    A new trial differs from the others as they do among each other (`trials.differences`): each draw has shifts of its own for it, the
    same in all arms.
    """
    study = prepare_trial(proposal)
    n_draws = len(next(iter(parameters.values())))
    columns = parameter_draws(n_draws, seed)[0] | parameters
    how = {"seed": seed, "patients": PATIENTS, "threads": threads, "progress": progress, "common": True}
    found = simulate_trials([study], columns, **how)[0]
    _, counted = estimate(study, seed=seed, n_patients=PATIENTS, threads=threads)
    if not (np.all(counted > 0) and np.all(np.isfinite(found))):
        figure = int(np.flatnonzero(~((counted > 0) & np.isfinite(found).all(axis=0)))[0])
        outcome = study.cells[figure].outcome
        raise UsageFault(
            f"{proposal.id}: outcomes[{outcome}]: expected patients in the denominator in every draw, found none"
        )
    least = 0.5 / PATIENTS
    return np.clip(found, least, 1.0 - least), counted / PATIENTS
