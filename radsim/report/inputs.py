"""What a result rests on: who was simulated, and every parameter with value, uncertainty, unit, source and status."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.care import KINDS, given
from radsim.outcomes import format
from radsim.outcomes.intervals import LEVELS_95
from radsim.presentation.inputs import SET_HERE, STUDY, clinical_inputs, economic_inputs

NAMES = {
    "age": "age (years)", "primary": "primary tumour", "subtype": "receptor subtype", "karnofsky": "Karnofsky index",
    "visceral": "visceral metastases", "site": "index site", "lesion": "kind of lesion",
    "cortical_involvement_mm": "axial cortical involvement (mm)", "neuropathic": "neuropathic pain",
    "pain": "worst pain at the start (0 to 10)", "morphine_equivalent": "daily oral morphine equivalent (mg)",
    "prior_schedule": "earlier course to the same site", "prior_weeks_ago": "weeks since that course",
}  # fmt: skip
"""Covariates whose name alone does not say what they are."""


class Covariate(NamedTuple):
    """One line of the table of characteristics."""

    name: str
    distribution: str
    source: str
    status: str
    note: str


class Parameter(NamedTuple):
    """One line of the table of parameters."""

    name: str
    topic: str
    value: str
    sort_value: float
    uncertainty: str
    unit: str
    source: str
    population: str
    note: str
    status: str


def covariates(config):
    """Every covariate of the cohort of a record's configuration: that of its named population, unless the study sets it."""
    from radsim.config import COVARIATES
    from radsim.config.covariates import CONDITIONS

    cohort = config["cohort"]
    population = _population(cohort)
    return [_covariate(name, cohort, population) for name in COVARIATES if name not in CONDITIONS or name in cohort]


def _population(cohort):
    """The named population of a cohort as it is in this installation; None if it is not."""
    from radsim.config.population import load_population, population_names

    name = cohort.get("population", "default")
    return load_population(name) if name in population_names() else None


def _covariate(name, cohort, population):
    from radsim.config import clinic_words, ecog

    label = NAMES.get(name, name.replace("_", " "))
    if name == "karnofsky" and "ecog" in cohort:
        return Covariate(
            label,
            f"ECOG {describe(cohort['ecog'])}",
            STUDY,
            SET_HERE,
            f"{ecog.what_is_said(cohort['ecog'])}: {ecog.source()}",
        )
    if name in cohort:
        words = (
            [cohort[name]] if isinstance(cohort[name], str) else cohort[name] if isinstance(cohort[name], dict) else ()
        )
        return Covariate(
            label, describe(cohort[name]), STUDY, SET_HERE, "; ".join(clinic_words.what_is_said(name, words))
        )
    if population is None:
        return Covariate(label, "as in its population", "a population that is not in this installation", "–", "")
    found = population.covariates[name]
    words = "; ".join(
        f"{'else' if category == 'default' else f'{found.given} {category}'}: {describe(marginal)}"
        for category, marginal in found.marginals.items()
    )
    if found.given is None:
        words = describe(found.marginals["default"])
    return Covariate(label, words, found.source, found.status, found.note)


def describe(marginal):
    """A marginal in words: `breast 39 %, prostate 23 %`, `normal, mean 65.8, sd 10.2`, `hip`."""
    marginal = marginal.model_dump(exclude_none=True) if hasattr(marginal, "model_dump") else marginal
    if isinstance(marginal, bool):
        return "yes" if marginal else "no"
    if isinstance(marginal, str):
        return marginal.replace("_", " ")
    if isinstance(marginal, int | float):
        return f"{marginal:g}"
    if len(marginal) == 1 and isinstance(next(iter(marginal.values())), dict):
        ((family, numbers),) = marginal.items()
        return f"{family}, " + ", ".join(f"{name} {value:g}" for name, value in numbers.items())
    return ", ".join(f"{category.replace('_', ' ')} {100.0 * share:.3g} %" for category, share in marginal.items())


def cohort_facts(dataset, record):
    """Lines of (name, value) that stand above the table of characteristics."""
    config, cohort = record["config"], record["config"]["cohort"]
    population, horizon = _population(cohort), config["horizon_days"]
    digest = record["files"].get(cohort.get("file"), "")[:12]
    return [
        ("Patients under each schedule and draw", format.count(_patients(dataset))),
        *([("Real patients from", f"{cohort['file']} (sha256 {digest}); columns it lacks are drawn from the population")] if "file" in cohort else []),
        ("Population", f"{cohort.get('population', 'default')}{f': {population.description}' if population else ''}"),
        ("Survival as in", "the fractionation trials of the 1990s" if cohort.get("era") == "1990s" else "today's clinics"),
        ("Followed for", "a lifetime" if horizon == "lifetime" else f"{horizon:g} days"),
        ("Asked about pain in week", ", ".join(f"{week:g}" for week in config["observation"]["visits_weeks"])),
        *((kind.label, _as_given(config["care"].get(kind.switch))) for kind in KINDS if kind is KINDS[0] or kind in given(config["care"])),
    ]  # fmt: skip


def _as_given(settings):
    """How a kind of care is given, in words."""
    if not isinstance(settings, dict):
        return "given" if settings else "not given"
    words = (f"{name.replace('_', ' ')} {_in_words(value)}" for name, value in settings.items())
    return ", ".join(("given", *words))


def _in_words(value):
    """The value of a setting as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.replace("_", " ") if isinstance(value, str) else f"{value:g}"


def _patients(dataset):
    """Patients of the base case; all batches together."""
    n = dataset["n_patients"]
    return int(n.isel({dim: 0 for dim in ("scenario", "subgroup", "draw") if dim in n.dims}).sum())


def parameters(dataset, record):
    """Parameters of the model: a list of `Parameter`, in the order of their names.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `parameter_value`; of a sweep, without `scenario`.
    record : dict
        Its run record.
    """
    return [_parameter(one) for one in clinical_inputs(dataset, record)]


def economic_parameters(dataset, record):
    """Prices and utilities of an economic result, as `parameters`; empty without economics."""
    return [_parameter(one) for one in economic_inputs(dataset, record)]


def _parameter(one):
    return Parameter(
        one.name, one.name.split(".")[0], format.significant(one.value), one.value, _uncertainty(one), one.unit, one.source,
        one.population, one.note, one.status,
    )  # fmt: skip


def _uncertainty(one):
    """The 95 % interval of the draws used, or of the evidence or the calibration where there are none."""
    from radsim.evidence import quantile

    if one.is_set:
        return "fixed"
    if len(one.drawn) >= 2:
        low, high = np.quantile(one.drawn, LEVELS_95)
        return "fixed" if low == high else _span(low, high)
    if one.entry is None:
        return "not kept in this result"
    if one.posterior is not None:
        return f"{_span(one.posterior['low95'], one.posterior['high95'])}, calibrated"
    ((family, _),) = one.entry.uncertainty.items()
    return "fixed" if family == "fixed" else f"{_span(*quantile(one.entry, np.array(LEVELS_95)))}, {family}"


def _span(low, high):
    return f"{format.significant(low, 3)} to {format.significant(high, 3)}"
