"""Published trials, rerun in silico: the format of a trial, the library that comes with radsim, and what the model predicts for each.

`load_trial` and `load_trials` read; `prepare_trial` builds a trial once, and `predict` simulates it at any parameters; `rerun` does both and
labels the result. Nothing here knows whether a prediction is good.
"""

from radsim.trials.load import load_trial, load_trials, shipped_trials
from radsim.trials.model import EVENTS, RESPONSES, Arm, Observed, Outcome, Trial
from radsim.trials.rerun import Row, estimate, predict, rerun
from radsim.trials.study import TrialStudy, prepare_trial

__all__ = [
    "EVENTS",
    "RESPONSES",
    "Arm",
    "Observed",
    "Outcome",
    "Row",
    "Trial",
    "TrialStudy",
    "estimate",
    "load_trial",
    "load_trials",
    "predict",
    "prepare_trial",
    "rerun",
    "shipped_trials",
]
