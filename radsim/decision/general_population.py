"""Quality-adjusted life of the general population: what people of an age have had, and what they may expect."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.decision.equity_values import equity_values
from radsim.economics.items import AGE_TERMS
from radsim.kernel.layout import EXPOSURES
from radsim.storage import UsageFault
from radsim.valuation.discounting import DAYS_PER_YEAR, discount_factors

OLDEST = 120.0
STEP = 1.0 / 12.0  # of the integrals, in years


class Person(NamedTuple):
    """Who is compared with the general population.

    Attributes
    ----------
    age : float
        Mean of the patients when treatment begins. [year]
    male : float
        Share of men. [1]
    """

    age: float
    male: float


class Norm(NamedTuple):
    """Utility of the general population: constant + slope age + square age^2 + male share of men."""

    constant: float
    slope: float
    square: float
    male: float

    def at(self, age, male):
        """Mean utility at some ages. [1]"""
        return self.constant + self.slope * age + self.square * age**2 + self.male * male


def norm_of(economics):
    """The population norm of the utilities in use; UsageFault if they have none."""
    values = {} if economics is None else {each.name: each.value for each in economics.parameters}
    names = [f"utility.age.{name}" for name in tuple(AGE_TERMS)[:4]]
    if missing := [name for name in names if name not in values]:
        raise UsageFault(f"expected utilities with a population norm by age (age_norm: true), found no {missing[0]}")
    return Norm(*(float(values[name]) for name in names))


def person_of(dataset):
    """Mean age and share of men of the patients, as lived in the first period; UsageFault if the result does not say."""
    if "age_exposure" not in dataset.variables:
        raise UsageFault("expected a result with the ages of its patients (age_exposure), found none")
    first = dataset["age_exposure"].isel(period=0).transpose("batch", "draw", "exposure").values
    days, age, _, male = np.nansum(first, axis=(0, 1))[[list(EXPOSURES).index(name) for name in EXPOSURES]]
    middle = float(dataset["period"].values[0]) / DAYS_PER_YEAR
    return Person(float(age / days) - middle, float(male / days))


def survival(sex, age, years):
    """Share of people of an age who are alive some years later; shape (year,)."""
    q = np.array(getattr(equity_values().life_table, sex))
    hazard = -np.log1p(-q)
    cumulative = np.concatenate([[0.0], np.cumsum(hazard), [np.sum(hazard) + hazard[-1] * (OLDEST - len(q))]])
    ages = np.concatenate([np.arange(len(q) + 1.0), [OLDEST]])
    return np.exp(np.interp(age, ages, cumulative) - np.interp(age + years, ages, cumulative))


def expected_qalys(person, norm, *, rate, convention):
    """Quality-adjusted years that the general population of this age and mix of sexes may expect.

    Parameters
    ----------
    person : Person
    norm : Norm
    rate : float
        Of discounting. [year-1]
    convention : {'continuous', 'annual'}

    Returns
    -------
    float
        [year]
    """
    years = np.arange(STEP / 2.0, OLDEST - person.age, STEP)
    present = discount_factors(years * DAYS_PER_YEAR, rate=rate, convention=convention)
    total = 0.0
    for sex, share, is_male in (("male", person.male, 1.0), ("female", 1.0 - person.male, 0.0)):
        utility = np.clip(norm.at(person.age + years, is_male), 0.0, 1.0)
        total += share * float(np.sum(survival(sex, person.age, years) * utility * present) * STEP)
    return total


def lived_qalys(person, norm):
    """Quality-adjusted years that people of this age have had, at the norm of each age, undiscounted. [year]"""
    ages = np.arange(STEP / 2.0, person.age, STEP)
    return float(np.sum(np.clip(norm.at(ages, person.male), 0.0, 1.0)) * STEP)
