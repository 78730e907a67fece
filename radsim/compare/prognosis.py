"""Median survival of one kind of patient, and the intercept of survival that makes it what the clinician expects."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache

from radsim.cohort import build_tables
from radsim.config import ConfigError, Fault
from radsim.config.dump import plain
from radsim.evidence import load_registry
from radsim.prognosis import INTERCEPT, Kind

SHORTEST_DAYS, LONGEST_DAYS = 1.0, 1e9
STEPS = 80  # bisections: beyond the last bit of a double


def kind_of(config, values):
    """The `Kind` of patient that a configuration is about."""
    return Kind(build_tables(config)[0], values, config.cohort.era)


def median_days(kind):
    """Median survival; 0 below a day. [d]"""
    return _first(lambda days: kind.survival(days)[0] < 0.5)


def scale_for_median(kind, days):
    """Time of the reference patient that puts the median at some day; 0 or infinite if none does. [d]"""
    return _first(lambda scale: kind.survival(days, longer=math.log(scale) - kind.reference_log_days)[0] >= 0.5)


def median_survival_days(config):
    """Median survival of the patients of a configuration in the base case. [d]"""
    patients = [plain(config.cohort), config.evidence, config.parameters]
    return _median_survival_days(_Patients(json.dumps(patients, sort_keys=True), config))


@dataclass(frozen=True)
class _Patients:
    """A configuration as far as it says who the patients are and how long they live: others of the same text have the same median."""

    text: str
    config: object = field(compare=False)


@lru_cache(maxsize=64)
def _median_survival_days(patients):
    return median_days(kind_of(patients.config, _base_case(patients.config)))


def prognosis_parameters(config, weeks):
    """Parameters that put the median survival of every draw at the clinician's estimate.

    Parameters
    ----------
    config : Config
        Without them.
    weeks : float
        Median survival, > 0. [week]

    Returns
    -------
    dict of str to float
        The intercept that does so, and the other parameters of survival at their base case: an estimate of this patient's survival
        leaves out how unsure the evidence is of the average. The correlation of survival and response still varies.

    Raises
    ------
    ConfigError
        If none does: the general population of that age does not live so long.
    """
    if isinstance(weeks, bool) or not isinstance(weeks, int | float) or not 0.0 < weeks <= 5200.0:
        raise ConfigError([_fault("a number above 0 and up to 5200 [week]", weeks)])
    values = _base_case(config)
    kind = kind_of(config, values)
    scale_days = scale_for_median(kind, 7.0 * weeks)
    if not 0.0 < scale_days < math.inf:
        raise ConfigError(
            [_fault("a median survival that such a patient can have (age and Karnofsky limit it)", weeks)]
        )
    fixed = [name for name in values if name.startswith(("survival.log_time.", "survival.background."))]
    longer = math.log(scale_days) - kind.reference_log_days
    return {name: values[name] for name in fixed} | {INTERCEPT: values[INTERCEPT] + longer}


def _base_case(config):
    return load_registry(config.evidence).values(config.parameters)


def _fault(expected, found):
    return Fault("question", None, "prognosis_weeks", expected, f"{found}")


def _first(reached):
    """The least number of days from which on something holds, by bisection on its logarithm; 0 or infinite beyond the range. [d]"""
    low, high = math.log(SHORTEST_DAYS), math.log(LONGEST_DAYS)
    if reached(SHORTEST_DAYS):
        return 0.0
    if not reached(LONGEST_DAYS):
        return math.inf
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if reached(math.exp(middle)) else (middle, high)
    return math.exp(high)
