"""Who was simulated: every covariate, how it is distributed, and where that comes from."""

from __future__ import annotations

from typing import NamedTuple

from radsim.care import KINDS
from radsim.presentation.inputs import SET_HERE, STUDY

NAMES = {
    "age": "age (years)", "sex": "sex", "primary": "primary tumour", "subtype": "receptor subtype", "karnofsky": "Karnofsky index",
    "visceral": "visceral metastases", "site": "index site", "lesion": "kind of lesion",
    "cortical_involvement_mm": "axial cortical involvement (mm)", "neuropathic": "neuropathic pain",
    "pain": "worst pain at the start (0 to 10)", "morphine_equivalent": "daily oral morphine equivalent (mg)",
    "prior_schedule": "earlier course to the same site", "prior_weeks_ago": "weeks since that course",
}  # fmt: skip


class Covariate(NamedTuple):
    """One line of the table."""

    name: str
    distribution: str
    source: str
    status: str
    note: str


def covariates(config):
    """Every covariate of a cohort.

    Parameters
    ----------
    config : dict
        The resolved configuration of a record.

    Returns
    -------
    list of Covariate
        Of the named population as it is in this installation, unless the study sets it.
    """
    from radsim.config import COVARIATES

    cohort = config["cohort"]
    population = _population(cohort.get("population", "default"))
    return [_covariate(name, cohort, population) for name in COVARIATES]


def _population(name):
    from radsim.config.population import load_population, population_names

    return load_population(name) if name in population_names() else None


def _covariate(name, cohort, population):
    label = NAMES.get(name, name.replace("_", " "))
    if name in cohort:
        return Covariate(label, describe(cohort[name]), STUDY, SET_HERE, "")
    if population is None:
        return Covariate(label, "as in its population", "a population that is not in this installation", "–", "")
    found = population.covariates[name]
    if found.given is None:
        words = describe(found.marginals["default"])
    else:
        words = "; ".join(
            f"{found.given} {category}: {describe(marginal)}"
            if category != "default"
            else f"else: {describe(marginal)}"
            for category, marginal in found.marginals.items()
        )
    return Covariate(label, words, found.source, found.status, found.note)


def describe(marginal):
    """A marginal in words: `breast 39 %, prostate 23 %`, `normal, mean 65.8, sd 10.2`, `hip`."""
    marginal = marginal.model_dump(exclude_none=True) if hasattr(marginal, "model_dump") else marginal
    if isinstance(marginal, bool):
        return "yes" if marginal else "no"
    if isinstance(marginal, str):
        return marginal
    if isinstance(marginal, int | float):
        return f"{marginal:g}"
    if len(marginal) == 1 and isinstance(next(iter(marginal.values())), dict):
        ((family, numbers),) = marginal.items()
        return f"{family}, " + ", ".join(f"{name} {value:g}" for name, value in numbers.items())
    return ", ".join(f"{category} {100.0 * share:.3g} %" for category, share in marginal.items())


def cohort_facts(dataset, record):
    """Lines of (name, value) that stand above the table."""
    config = record["config"]
    cohort = config["cohort"]
    facts = [("Patients under each schedule and draw", f"{_patients(dataset):,}")]
    if "file" in cohort:
        digest = record["files"].get(cohort["file"], "")
        facts.append(
            (
                "Real patients from",
                f"{cohort['file']} (sha256 {digest[:12]}); columns it lacks are drawn from the population",
            )
        )
    facts.append(("Population", f"{cohort.get('population', 'default')}{_about(cohort)}"))
    facts.append(
        (
            "Survival as in",
            "the fractionation trials of the 1990s" if cohort.get("era") == "1990s" else "today's clinics",
        )
    )
    horizon = config["horizon_days"]
    facts.append(("Followed for", "a lifetime" if horizon == "lifetime" else f"{horizon:g} days"))
    visits = ", ".join(f"{week:g}" for week in config["observation"]["visits_weeks"])
    facts.append(("Asked about pain in week", visits))
    facts += [(kind.label, "given" if config["care"].get(kind.switch) else "not given") for kind in KINDS]
    return facts


def _about(cohort):
    population = _population(cohort.get("population", "default"))
    return f": {population.description}" if population else ""


def _patients(dataset):
    """Patients of the base case; all batches together."""
    n = dataset["n_patients"]
    n = n.isel({dim: 0 for dim in ("scenario", "subgroup", "draw") if dim in n.dims})
    return int(n.sum())
