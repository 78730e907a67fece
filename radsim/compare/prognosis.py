"""Median survival of one kind of patient in closed form, and the scale that makes it what the clinician expects."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from radsim.cohort import build_tables
from radsim.config import CATEGORIES, COVARIATES, ConfigError, Fault
from radsim.config.dump import plain
from radsim.evidence import load_registry
from radsim.kernel.layout import DAYS_PER_YEAR, KARNOFSKY_REFERENCE

SCALES = {"1990s": "survival.1990s.scale_days", "modern": "survival.modern.median_days"}
SHAPES = {"1990s": "survival.1990s.shape", "modern": "survival.modern.sigma"}
SHORTEST_DAYS, LONGEST_DAYS = 1.0, 1e9
LARGEST_EXPONENT = 700.0  # of what a double holds: nobody is alive by then
STEPS = 80  # bisections: beyond the last bit of a double


class Kind:
    """Survival of one kind of patient, covariates mixed as in the cohort.

    Parameters
    ----------
    config : Config
    values : mapping of str to float
        Parameters by dotted name.

    Notes
    -----
    The law of `radsim.kernel.survival`. Given the primary, the covariates of the disease and those of the background are
    independent; the copula binds none of them to another.
    """

    def __init__(self, config, values):
        self.values, self.era = values, config.cohort.era
        self.tables = build_tables(config)[0]
        self.groups = [self._group(int(code), share) for code, share in zip(*self._levels("primary", 0), strict=True)]

    def survival(self, days, *, scale_days):
        """Share alive after some days with a scale of disease survival. [1]"""
        return sum(
            share * float(weights @ self._disease(days, log_hazards, scale_days)) * self._background(days, code)
            for code, share, log_hazards, weights in self.groups
        )

    def median_days(self):
        """Median survival; 0 below a day. [d]"""
        scale_days = self.values[SCALES[self.era]]
        return _first(lambda days: self.survival(days, scale_days=scale_days) < 0.5)

    def scale_for_median(self, days):
        """Scale of disease survival that puts the median at some day; 0 or infinite if none does. [d]"""
        return _first(lambda scale_days: self.survival(days, scale_days=scale_days) >= 0.5)

    def _group(self, primary, share):
        """Primary, its share, and the log hazards of those who have it with their weights."""
        log_hazards, weights = np.array([self._log_hazard("primary", primary)]), np.ones(1)
        for name in ("subtype", "karnofsky", "visceral"):
            levels, shares = self._levels(name, primary)
            more = np.array([self._log_hazard(name, level) for level in levels])
            log_hazards, weights = np.add.outer(log_hazards, more).ravel(), np.outer(weights, shares).ravel()
        return primary, share, log_hazards, weights

    def _log_hazard(self, name, level):
        values = self.values
        if name == "primary":
            return values[f"survival.log_hazard.{CATEGORIES['primary'][int(level)]}"]
        if name == "subtype":
            return values[f"survival.log_hazard.subtype.{CATEGORIES['subtype'][int(level)]}"]
        if name == "visceral":
            return values["survival.log_hazard.visceral"] * level
        return values["survival.log_hazard.per_ten_karnofsky"] * (KARNOFSKY_REFERENCE - level) / 10.0

    def _levels(self, name, primary):
        """Levels of a covariate, and their shares, among those with a primary."""
        tables, c = self.tables, COVARIATES.index(name)
        parent = tables.parent[c]
        assert parent in (-1, COVARIATES.index("primary")), f"{name} depends on another covariate than the primary"
        category = primary if parent >= 0 else 0
        n = int(tables.n_levels[c, category])
        return tables.values[c, category, :n], np.diff(tables.cumulative[c, category, :n], prepend=0.0)

    def _disease(self, days, log_hazards, scale_days):
        hazard_ratios, shape = np.exp(log_hazards), self.values[SHAPES[self.era]]
        if self.era == "1990s":
            return np.exp(-hazard_ratios * (days / scale_days) ** shape)
        from scipy.special import log_ndtr

        return np.exp(hazard_ratios * log_ndtr((math.log(scale_days) - math.log(days)) / shape))

    def _background(self, days, primary):
        """Survival in the general population, ages and sexes mixed. [1]"""
        ages, age_shares = self._levels("age", primary)
        total = 0.0
        for sex, share in zip(*self._levels("sex", primary), strict=True):
            stem = f"survival.background.{CATEGORIES['sex'][int(sex)]}"
            slope = self.values[f"{stem}.slope_per_year"]
            rates = np.exp(self.values[f"{stem}.log_rate_per_year"] + slope * ages)
            growth = math.expm1(min(slope * days / DAYS_PER_YEAR, LARGEST_EXPONENT))
            total += share * float(age_shares @ np.exp(-rates / slope * growth))
        return total


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
    return Kind(patients.config, _base_case(patients.config)).median_days()


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
        The scale that does so, and the other parameters of survival at their base case: an estimate of this patient's survival
        leaves out how unsure the evidence is of the average. The correlation of survival and response still varies.

    Raises
    ------
    ConfigError
        If no scale does: the general population of that age does not live so long.
    """
    if isinstance(weeks, bool) or not isinstance(weeks, int | float) or not 0.0 < weeks <= 5200.0:
        raise ConfigError([_fault("a number above 0 and up to 5200 [week]", weeks)])
    values, era = _base_case(config), config.cohort.era
    scale_days = Kind(config, values).scale_for_median(7.0 * weeks)
    if not 0.0 < scale_days < math.inf:
        raise ConfigError(
            [_fault("a median survival that such a patient can have (age and Karnofsky limit it)", weeks)]
        )
    fixed = [name for name in values if name.startswith(("survival.log_hazard.", "survival.background."))]
    return {name: values[name] for name in (*fixed, SHAPES[era])} | {SCALES[era]: scale_days}


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
