"""How trials of one treatment differ beyond populations, visits, measures and denominators: shifts of a study's own.

Each effect has a standard deviation between studies, `between_trial.<effect>` of the registry, and moves parameters of a study by one
number for all its arms, outcomes and files. Calibration estimates the deviations, validation draws the shifts; both move the same
parameters, here.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from radsim.evidence import named_uniforms
from radsim.evidence.entries import NARROWEST

EFFECTS = ("response", "complete", "onset", "questionnaires", "retreatment", "analgesics", "level")
"""Effects that move parameters, in the order in which calibration estimates their deviations."""

EVENT = "event"
"""Effect on the proportion of an event itself, on the logit scale: apart for each outcome of a study."""

QUESTIONNAIRES_MEAN = "between_trial.questionnaires_mean"
"""Mean of the shift ``questionnaires``: the other effects have zero, their means being parameters of nature."""

OFFER_RATES = ("retreatment.early_rate_per_day", "retreatment.late_rate_per_day")
TITRATION = "analgesic.titration_probability"
ESCALATIONS = ("analgesic.escalation_rate_uncontrolled_per_day", "analgesic.escalation_rate_responding_per_day")
LOGARITHMS = (
    ("onset.median_days", "onset"), *((rate, "analgesics") for rate in ESCALATIONS), *((rate, "retreatment") for rate in OFFER_RATES),
)  # fmt: skip
LOG_ODDS = (("observation.never_returns", "questionnaires"), (TITRATION, "analgesics"))
"""Parameters that an effect moves on that scale."""


def deviation(effect):
    """Name of the registry's standard deviation of an effect."""
    return f"between_trial.{effect}"


def read_as(proportion, shifts):
    """A proportion of responders as one study reads it: its log-odds moved by ``level``, for how a trial asks, judges and analyses."""
    level = shifts.get("level", 0.0) if shifts else 0.0
    return proportion if level == 0.0 else expit(logit(proportion) + level)


def shifted(values, shifts):
    """Parameters as they are in one study.

    Parameters
    ----------
    values : dict of str to float or array
        By dotted name.
    shifts : mapping of str to float or array
        By effect; what is absent is zero.

    Returns
    -------
    dict of str to float or array
        ``response`` moves both cut-points; ``complete`` that of complete response further, but never below that of overall response;
        ``onset`` the logarithm of its median; ``questionnaires`` the log-odds of never returning a questionnaire; ``retreatment`` the logarithm of
        the rates of a repeat; ``analgesics`` the log-odds of early titration and the logarithm of
        the rates of escalation: how readily analgesics are raised moves an endpoint by which patients who take more of them fail,
        where cut-points cannot.
    """
    moved = dict(values)
    both = shifts.get("response", 0.0)
    cut = values["response.cut_overall"] + both
    second = values["response.cut_complete"] + both + shifts.get("complete", 0.0)
    moved["response.cut_overall"] = cut
    moved["response.cut_complete"] = np.maximum(second, cut + NARROWEST)
    for name, effect in LOGARITHMS:
        if effect in shifts:
            moved[name] = values[name] * np.exp(shifts[effect])
    for name, effect in LOG_ODDS:
        if effect in shifts:
            moved[name] = expit(logit(values[name]) + shifts[effect])
    return moved


def draw_shifts(columns, study, seed):
    """Shifts of one study in every draw.

    Parameters
    ----------
    columns : dict of str to array, shape (draw,)
        Parameters, the deviations among them.
    study : str
        Its name is the key of its random numbers; files about the same patients share it.
    seed : int

    Returns
    -------
    dict of str to array, shape (draw,)
        By effect, N(0, deviation).
    """
    return {effect: _normal(columns, deviation(effect), study, seed) for effect in EFFECTS}


def event_shifts(columns, study, outcome, seed):
    """Shift of one kind of event in one study, shape (draw,), on the logit scale: N(0, deviation)."""
    return _normal(columns, deviation(EVENT), event_group(study, outcome), seed)


def event_group(study, outcome):
    """Group of targets that share the shift of one kind of event: those of an outcome of a study."""
    return f"{study}/{outcome}"


def _normal(columns, name, study, seed):
    sd = columns[name]
    return sd * ndtri(named_uniforms(seed, len(sd), f"{name}/{study}"))
