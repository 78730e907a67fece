"""How trials of one treatment differ beyond populations, visits, measures and denominators: shifts of a study's own.

Each effect has a standard deviation between studies, `between_trial.<effect>` of the registry, and moves parameters of a study by one
number for all its arms, outcomes and files. Calibration estimates the deviations, validation draws the shifts; both move the same
parameters, here.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from radsim.evidence import named_uniforms

EFFECTS = ("response", "complete", "onset", "charts", "retreatment", "level")
"""Effects that move parameters, in the order in which calibration estimates their deviations."""

EVENT = "between_trial.event"
"""Deviation, on the logit scale, of an event of one study: of the proportion itself, and apart for each outcome."""

CHARTS_MEAN = "between_trial.charts_mean"
"""Mean of the shift ``charts``: the other effects have zero, their means being parameters of nature."""

OFFERS = tuple(
    f"retreatment.offer.{fractions}.{kind}"
    for fractions in ("single", "multiple")
    for kind in ("non_response", "progression", "no_failure")
)
NARROWEST_PARTIAL = 0.05  # of the band between the cut-points, which a shift of one must not close


def deviation(effect):
    """Name of the registry's standard deviation of an effect."""
    return f"between_trial.{effect}"


def read_off(proportion, shifts):
    """A proportion of responders as one study reads it: its log-odds moved by ``level``; NaN stays.

    How a trial asks, judges and analyses moves what is seen where a cut-point cannot: an endpoint that fails whoever takes more analgesics
    has a ceiling that no cut-point lifts.
    """
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
        ``onset`` the logarithm of its median; ``charts`` the log-odds of never returning a chart; ``retreatment`` the log-odds of
        every offer, of which certain and impossible ones stay so.
    """
    moved = dict(values)
    both = shifts.get("response", 0.0)
    cut = values["response.cut_overall"] + both
    second = values["response.cut_complete"] + both + shifts.get("complete", 0.0)
    moved["response.cut_overall"] = cut
    moved["response.cut_complete"] = np.maximum(second, cut + NARROWEST_PARTIAL)
    moved["onset.median_days"] = values["onset.median_days"] * np.exp(shifts.get("onset", 0.0))
    for name, effect in (("observation.never_returns", "charts"), *((offer, "retreatment") for offer in OFFERS)):
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
        Its name is the key of its luck; files about the same patients share it.
    seed : int

    Returns
    -------
    dict of str to array, shape (draw,)
        By effect, N(0, deviation).
    """
    return {effect: _normal(columns, deviation(effect), study, seed) for effect in EFFECTS}


def event_shifts(columns, study, outcome, seed):
    """Shift of one kind of event in one study, shape (draw,), on the logit scale: N(0, `EVENT`)."""
    return _normal(columns, EVENT, f"{study}/{outcome}", seed)


def _normal(columns, name, study, seed):
    sd = columns[name]
    return sd * ndtri(named_uniforms(seed, len(sd), f"{name}/{study}"))
