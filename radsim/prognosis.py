"""Survival of one kind of patient in closed form, covariates mixed as in a cohort: the law of `radsim.kernel.survival`, averaged."""

from __future__ import annotations

import math

import numpy as np

from radsim.config import CATEGORIES, COVARIATES
from radsim.kernel.layout import DAYS_PER_MONTH, DAYS_PER_YEAR, KARNOFSKY_REFERENCE

INTERCEPT = "survival.log_time.intercept"
LARGEST_EXPONENT = 700.0  # of what a double holds: nobody is alive by then
OF_THE_DISEASE = ("primary", "subtype", "karnofsky", "visceral")


def reference_log_days(values, era):
    """Mean log survival time of the reference patient in an era. [ln d]"""
    shift = values["survival.log_time.era_1990s"] if era == "1990s" else 0.0
    return values[INTERCEPT] + shift + math.log(DAYS_PER_MONTH)


def prognosis_factor(values, era):
    """How much of a prognostic difference there is in an era; 1 today. [1]"""
    return values["survival.log_time.era_1990s_prognosis"] if era == "1990s" else 1.0


def log_time(values, name, level, primary):
    """Log time of one level of a covariate of the disease against its reference, in patients of today. [1]"""
    if name in ("primary", "subtype"):
        stem = "survival.log_time." + ("subtype." if name == "subtype" else "")
        return values[stem + CATEGORIES[name][int(level)]]
    if name == "visceral":
        shared = CATEGORIES["primary"][primary] in ("breast", "prostate")
        return values["survival.log_time.visceral" + ("" if shared else "_lung_other")] * level
    capped = min(level, values["survival.log_time.karnofsky_cap"])
    return values["survival.log_time.per_ten_karnofsky"] * (capped - KARNOFSKY_REFERENCE) / 10.0


class Kind:
    """Survival of one kind of patient.

    Parameters
    ----------
    tables : radsim.cohort.Tables
        The cohort; not of a file.
    values : mapping of str to float
        Parameters by dotted name.
    era : {'1990s', 'modern'}

    Notes
    -----
    Given the primary, the covariates of the disease and those of the background are independent; the copula binds none of them to
    another.
    """

    def __init__(self, tables, values, era):
        self.tables, self.values = tables, values
        self.reference_log_days, self.factor = reference_log_days(values, era), prognosis_factor(values, era)
        self.groups = [self._group(int(code), share) for code, share in zip(*self._levels("primary", 0), strict=True)]

    def survival(self, days, *, longer=0.0):
        """Shares alive after some days.

        Parameters
        ----------
        days : array, shape (time,)
            Above 0. [d]
        longer : float, optional
            Added to the log of every survival time. [1]

        Returns
        -------
        ndarray, shape (time,)
        """
        days = np.atleast_1d(np.asarray(days, float))
        return sum(share * (self._disease(days, log_times + longer) @ weights) * self._background(days, code)
                   for code, share, log_times, weights in self.groups)  # fmt: skip

    def _disease(self, days, log_times):
        """Share alive by the disease alone, shape (time, kind). [1]"""
        from scipy.special import ndtr

        return ndtr((log_times - np.log(days)[:, None]) / self.values["survival.log_time.sigma"])

    def _group(self, primary, share):
        """Primary, its share, and the mean log days of those who have it with their weights."""
        log_times, weights = np.array([self.reference_log_days]), np.ones(1)
        for name in OF_THE_DISEASE:
            levels, shares = self._levels(name, primary) if name != "primary" else ((primary,), np.ones(1))
            more = np.array([self.factor * log_time(self.values, name, level, primary) for level in levels])
            log_times, weights = np.add.outer(log_times, more).ravel(), np.outer(weights, shares).ravel()
        return primary, share, log_times, weights

    def _levels(self, name, primary):
        """Levels of a covariate, and their shares, among those with a primary."""
        tables, c = self.tables, COVARIATES.index(name)
        parent = tables.parent[c]
        assert parent in (-1, COVARIATES.index("primary")), f"{name} depends on another covariate than the primary"
        category = primary if parent >= 0 else 0
        n = int(tables.n_levels[c, category])
        return tables.values[c, category, :n], np.diff(tables.cumulative[c, category, :n], prepend=0.0)

    def _background(self, days, primary):
        """Survival in the general population, ages and sexes mixed, shape (time,). [1]"""
        ages, age_shares = self._levels("age", primary)
        sexes = zip(*self._levels("sex", primary), strict=True)
        return sum(
            share * (background_survival(self.values, days, int(sex), ages) @ age_shares) for sex, share in sexes
        )


def background_survival(values, days, sex, ages):
    """Survival in the general population from some ages on, shape (time, age). [1]"""
    stem = f"survival.background.{CATEGORIES['sex'][sex]}"
    slope = values[f"{stem}.slope_per_year"]
    rates = np.exp(values[f"{stem}.log_rate_per_year"] + slope * np.asarray(ages))
    growth = np.expm1(np.minimum(slope * days / DAYS_PER_YEAR, LARGEST_EXPONENT))
    return np.exp(-np.multiply.outer(growth, rates / slope))
