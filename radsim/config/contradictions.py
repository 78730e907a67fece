"""What contradicts itself among the covariates of patients: one rule for configurations, rows of files and options.

A contradiction is refused. A value without an effect, or with one for some of the patients only, is named in the warnings.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from radsim.config.population import load_population

NONE, UNKNOWN = "none", "unknown"
NOTHING = MappingProxyType({})


class OnlyWhere(NamedTuple):
    """A covariate that acts at some sites only, or with some primaries.

    Parameters
    ----------
    by : str
        The covariate that it depends on.
    where : frozenset of str
        Its categories there.
    some : str
        What is said where some of the patients have another category; empty: nothing.
    nobody, of_rows : str
        What is said where nobody has these categories, and of the rows of a file that have another one.
    """

    by: str
    where: frozenset
    some: str
    nobody: str
    of_rows: str


ACTS_ONLY_WHERE = {
    "cortical_involvement_mm": OnlyWhere(
        "site",
        frozenset({"hip"}),
        "holds for the patients whose site is the hip (proximal femur); 0 elsewhere",
        "has no effect, as the site is not the hip (proximal femur)",
        "has no effect where the site is not the hip (proximal femur)",
    ),
    "prior_weeks_ago": OnlyWhere(
        "site",
        frozenset({"spine"}),
        "",
        "has no effect, as the site is not the spine: the rule of the spinal cord alone counts the weeks",
        "has no effect where the site is not the spine: the rule of the spinal cord alone counts the weeks",
    ),
    "visceral": OnlyWhere(
        "primary",
        frozenset({"breast", "prostate"}),
        "",
        "has no effect, as the primary is neither breast nor prostate cancer: the model counts it for these two alone",
        "has no effect where the primary is neither breast nor prostate cancer",
    ),
}
"""Amounts whose effect depends on another covariate: the one place that says so, for configurations, options and rows of files."""

DRAWN = ("primary", "site", "prior_schedule")
"""Covariates that others depend on."""


def categories_in(marginal) -> set:
    """The categories (or prior schedules) that a marginal gives a probability above 0."""
    return {marginal} if isinstance(marginal, str) else {name for name, p in marginal.items() if p > 0}


def drawn_from(population: str, given: Mapping = NOTHING) -> dict[str, set]:
    """What the covariates that others depend on can turn out to be.

    Parameters
    ----------
    population : str
        Name of a population.
    given : mapping of str to Marginal, optional
        What stands before it.

    Returns
    -------
    dict of str to set of str
    """
    known = load_population(population).covariates
    return {
        name: categories_in(given[name])
        if name in given
        else set().union(*map(categories_in, known[name].marginals.values()))
        for name in DRAWN
    }


def contradictions(given: Mapping, drawn: Mapping[str, set], *, one_patient: bool = False) -> list[tuple[str, str]]:
    """What cannot be among covariates.

    Parameters
    ----------
    given : mapping of str to Marginal
        What is given of the patients: categories, numbers, ``{category: probability}`` or distributions.
    drawn : mapping of str to set of str
        What covariates that are not given can turn out to be; one that is in neither can be anything.
    one_patient : bool, optional
        Whether `given` is of one patient, who has all of it; otherwise a subtype is meant for those with breast cancer.

    Returns
    -------
    list of (str, str)
        Covariate at fault, and what was expected of it.
    """
    primaries, priors = (_can_be(name, given, drawn) for name in ("primary", "prior_schedule"))
    found = []
    if primaries == {"prostate"} and categories_in(given.get("sex", "male")) == {"female"}:
        found.append(("sex", "male for a prostate cancer"))
    if _has_subtype(given) and (primaries != {"breast"} if one_patient else "breast" not in (primaries or {"breast"})):
        found.append(("subtype", "unknown unless the primary is breast"))
    if priors == {NONE} and _above_zero(given.get("prior_weeks_ago", 0)):
        if "prior_schedule" in given:
            found.append(("prior_weeks_ago", "no weeks, as prior_schedule is none"))
        else:
            found.append(("prior_weeks_ago", "prior_schedule beside it, which the weeks are since"))
    return found


def limited_effects(given: Mapping, drawn: Mapping[str, set]) -> list[tuple[str, str]]:
    """What is given without contradiction but has no effect, or not on everybody.

    Parameters
    ----------
    given, drawn : mapping
        As for `contradictions`.

    Returns
    -------
    list of (str, str)
        Covariate, and a sentence about it.
    """
    primaries = _can_be("primary", given, drawn)
    found = []
    if "prostate" in (primaries or ()) and "female" in categories_in(given.get("sex", "male")):
        found.append(("sex", "holds for the others; patients with prostate cancer are men"))
    if _has_subtype(given) and primaries != {"breast"}:
        found.append(("subtype", "holds for the patients with breast cancer; the others have none"))
    for name, only in ACTS_ONLY_WHERE.items():
        can_be = _can_be(only.by, given, drawn)
        if _above_zero(given.get(name, 0)) and not (can_be and can_be <= only.where):
            found.append((name, only.some if can_be is None or can_be & only.where else only.nobody))
    return [(name, sentence) for name, sentence in found if sentence]


def _can_be(name, given, drawn):
    """What a covariate can be, as a set; None: anything."""
    return categories_in(given[name]) if name in given else drawn.get(name)


def _has_subtype(given):
    return bool(categories_in(given.get("subtype", UNKNOWN)) - {UNKNOWN})


def _above_zero(amount):
    """Whether a number, or any of a distribution, is above 0 (the distributions of amounts all reach above it), or an answer is not no."""
    return amount != "no" and (not isinstance(amount, int | float) or amount > 0)
