"""Named populations: the mix of patients that a cohort is drawn from, each number with its source.

What a population leaves out comes from the population it is `based_on`.
"""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import NamedTuple

from pydantic import TypeAdapter

from radsim.config.clinic_words import simulated
from radsim.config.covariates import CATEGORIES, CONDITIONS, COVARIATES
from radsim.config.marginals import Marginal, annotation
from radsim.yaml.packaged import read_packaged

FOLDER = "populations"


class Covariate(NamedTuple):
    """How one covariate is distributed in a population.

    Parameters
    ----------
    given : str or None
        Covariate whose category decides between the marginals (primary or site); None: one marginal for all.
    marginals : dict of str to Marginal
        By category of `given`; under ``default`` for the categories not named.
    source, status, note : str
        Where it comes from; ``checked`` or ``provisional``; what else a reader should know.
    """

    given: str | None
    marginals: dict[str, Marginal]
    source: str
    status: str
    note: str


HAS_NOT = Covariate(None, {"default": "no"}, "a convention: no where nothing is said", "checked", "")
"""A condition that a population says nothing of."""


class Correlation(NamedTuple):
    """Correlation of the normal scores of two covariates (Gaussian copula). [1]"""

    between: tuple[str, str]
    value: float
    source: str
    status: str


class Population(NamedTuple):
    """A named population; its covariates are all of `COVARIATES`, in order."""

    name: str
    description: str
    covariates: dict[str, Covariate]
    correlation: tuple[Correlation, ...]


@functools.cache
def population_names() -> tuple[str, ...]:
    """List the named populations that come with radsim."""
    entries = (files("radsim") / "data" / FOLDER).iterdir()
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml")))


@functools.cache
def load_population(name: str) -> Population:
    """Load a named population.

    Parameters
    ----------
    name : str
        One of `population_names`.

    Returns
    -------
    Population
        Read-only by agreement: it is shared.

    Raises
    ------
    ConfigError
        If the form of its file is faulty.
    pydantic.ValidationError
        If a marginal in it is.
    """
    data = read_packaged(FOLDER, f"{name}.yaml")
    base = load_population(data["based_on"]) if "based_on" in data else None
    covariates = dict(base.covariates) if base else dict.fromkeys(CONDITIONS, HAS_NOT)
    covariates |= {key: _covariate(key, entry) for key, entry in data["covariates"].items()}
    correlation = tuple(
        Correlation(tuple(entry["between"]), entry["value"], entry["source"], entry["status"])
        for entry in data.get("correlation", ())
    )
    if base and "correlation" not in data:
        correlation = base.correlation
    return Population(
        data["population"], data["description"], {key: covariates[key] for key in COVARIATES}, correlation
    )


def _covariate(name, entry):
    """Check one covariate of a population file by the rules of a configuration."""
    given, distribution = entry.get("given"), entry["distribution"]
    by_category = distribution if given else {"default": distribution}
    rule = TypeAdapter(annotation(name))
    marginals = {
        category: simulated(name, rule.validate_python(marginal)) for category, marginal in by_category.items()
    }
    unknown = set(marginals) - {"default", *CATEGORIES.get(given, ())}
    assert not unknown, f"{name}: no category of {given}: {unknown}"
    return Covariate(given, marginals, entry["source"], entry["status"], entry.get("note", ""))
