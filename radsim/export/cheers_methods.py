"""What a run says of its methods, item by item of the checklist; an empty text where it says nothing."""

from __future__ import annotations

from radsim.care import ARMS
from radsim.economics.inflation import indices
from radsim.economics.items import HEALTHCARE, SOCIETAL
from radsim.outcomes.catalogue import EVENTS, TREATMENT, TRIAL, held, in_groups
from radsim.outcomes.format import per_cent
from radsim.presentation.inputs import SET_HERE
from radsim.presentation.words import listed
from radsim.yaml.packaged import read_packaged

DAYS_PER_YEAR = 365.25
PER_CENT = 100
VALIDATION = "validation.yaml"
NOT_COVARIATES = {"size", "population", "era", "file", "each_row"}


def population(run):
    """Where the patients come from, how many, and which covariates the study set."""
    cohort = run.config["cohort"]
    patients = f"{run.n_patients:,} simulated patients under each schedule" if run.n_patients else "Simulated patients"
    if "file" in cohort:
        source = f"rows of the file {cohort['file']}"
    else:
        source = (
            f"the population {_as_text(cohort.get('population'))}, survival of the era {_as_text(cohort.get('era'))}"
        )
    text = f"{patients} with a painful bone metastasis, from {source}."
    given = {name: value for name, value in cohort.items() if name not in NOT_COVARIATES}
    if given:
        text += f" Set by the study: {'; '.join(f'{name} {_as_text(value)}' for name, value in given.items())}."
    if assumed := run.record["provisional_covariates"]:
        text += f" Provisional: the distributions of {listed(list(assumed))}."
    return text + _swept(run, "cohort.")


def _swept(run, prefix):
    paths = [path for path in run.swept if path.startswith(prefix)]
    return f" Varied between the scenarios: {listed(paths)}." if paths else ""


def setting(run):
    """Whose prices, as the price set describes itself."""
    if run.economics is None:
        return ""
    prices = run.economics.price_set
    return f"Prices {prices.name}: {_sentence(prices.description)}"


def comparators(run):
    """Dose, fractions and technique of each schedule."""
    return f"{'; '.join(_schedule(one, run.config) for one in run.config['schedules'])}. Repeats of radiotherapy to the site follow the retreatment policy of the model."


def _schedule(one, config):
    if one == "none":
        later = config.get("retreatment", {}).get("none_may_be_irradiated", False)
        return f"none: no irradiation{' at the start, later if in pain' if later else ', analgesics alone'}"
    if isinstance(one, str):
        return f"{one}: no irradiation at the start; {ARMS[one].description}"
    fractions = (
        "1 fraction" if one["fractions"] == 1 else f"{one['fractions']} fractions, {one['fractions_per_week']} a week"
    )
    return f"{one['name']}: {one['dose_gy']:g} Gy in {fractions}, {one['technique']}"


def perspective(run):
    """Whose costs, and which parts are not nothing."""
    if run.economics is None:
        return ""
    parts = _components(run)
    text = f"{run.economics.perspective.capitalize()}: {BORNE[run.economics.perspective]}"
    return text + (f" Costs that are above zero: {listed(parts)}." if parts else "")


BORNE = {
    HEALTHCARE: "what the payer bears whose prices they are (item 6). Travel and time of patients, care by relatives and lost work are not in it.",
    SOCIETAL: (
        "what the payer bears whose prices they are (item 6), with travel to fractions and visits and the time that they take. Care by relatives "
        "and lost work are not in it."
    ),
}
"""Perspective to who bears what."""


def _components(run):
    if "cost" not in run.dataset or "component" not in run.dataset["cost"].dims:
        return []
    cost = run.dataset["cost"]
    highest = cost.max([dim for dim in cost.dims if dim != "component"]).values
    return [
        str(name).replace("_", " ")
        for name, value in zip(run.dataset["component"].values, highest, strict=True)
        if value > 0
    ]


def horizon(run):
    """To death, or so many years from the first fraction."""
    days = run.config["horizon_days"]
    if days == "lifetime":
        text = "To the death of each patient, from the first fraction."
    else:
        text = (
            f"{days:g} days ({days / DAYS_PER_YEAR:.3g} years) from the first fraction, or to death if it comes first."
        )
    return text + _swept(run, "horizon_days")


def discounting(run):
    """Rates, convention and where they are from."""
    if run.economics is None:
        return ""
    from radsim.economics.sets import proposals_in_use

    rates, proposed = run.economics.discount, proposals_in_use(run.economics).get("economics.discount")
    how = {"continuous": "exp(-r t)", "annual": "(1 + r)^-t"}[rates.convention]
    text = f"Costs {PER_CENT * rates.costs:g} % and effects {PER_CENT * rates.effects:g} % a year ({rates.convention}, {how}), at the middle of each period since the first fraction."
    if proposed is None:
        return f"{text} Rates as the study set them."
    return f"{text} As the prices propose: {proposed.source} ({proposed.status})."


def outcomes(run):
    """QALYs, life years and the clinical outcomes beside them."""
    clinical = listed([one.short for one in held(run.dataset, in_groups(TRIAL, EVENTS, TREATMENT)) if one.short])
    qalys = (
        "Quality-adjusted life years (QALYs), with life years beside them" if "qalys" in run.dataset else "Life years"
    )
    return f"{qalys}. Of benefit and harm also: {clinical}."


def measurement(run):
    """From trajectories: visits, and days in joint states."""
    visits = ", ".join(f"{week:g}" for week in run.config["observation"]["visits_weeks"])
    return (
        "Measured on each simulated course of pain, analgesic dose and events: endpoints of response at visits in weeks "
        f"{visits}, with patients who are not seen; QALYs and costs from the days spent in joint states of pain level, skeletal event with "
        "time since it, and nearness to death, and from counts of what was done."
    )


def valuation(run):
    """The utility set, how decrements combine, age, and how many utilities have no figure."""
    if run.economics is None:
        return ""
    chosen = run.economics.utility_set
    text = f"Utilities {chosen.name}: {_sentence(chosen.description)} Decrements are {run.economics.combination}."
    if chosen.anchor is not None:
        text += f" Measured in: {_sentence(chosen.anchor.population)}"
    if chosen.age is not None:
        text += f" The population norm by age and sex is {'applied' if run.economics.age_norm else 'not applied'}."
    return text + _of_status(run, "utility.")


def resources(run):
    """Counts times prices, and how well the prices are known."""
    if run.economics is None:
        return ""
    prices = run.economics.price_set
    text = f"Counts of fractions, courses, events, operations, visits and opioid dose, and days in health states, times the prices {prices.name}."
    return text + _of_status(run, "cost.")


def _of_status(run, prefix):
    """How many of the numbers are provisional, scenarios, missing, or set by the study."""
    used = [one for one in run.economics.parameters if one.name.startswith(prefix)]
    found = {}
    for one in used:
        status = SET_HERE if one.is_set else one.item.status
        found[status] = found.get(status, 0) + 1
    meaning = {
        "missing": "without a figure in the evidence, counted as nothing",
        "scenario": "carried over from another setting",
    }
    return f" Of {len(used)} numbers: {listed([f'{n} {meaning.get(status, status)}' for status, n in sorted(found.items())])}."


def currency(run):
    """Currency, price year, and the prices of other years."""
    if run.economics is None:
        return ""
    prices = run.economics.price_set
    other = sorted(
        {
            f"{p.name} ({p.item.price_year})"
            for p in run.economics.parameters
            if getattr(p.item, "price_year", None) not in (None, prices.price_year)
        }
    )
    text = f"{prices.currency}, prices of {prices.year_text}."
    if run.economics.own_price_set.price_year != prices.price_year:
        index = indices()[prices.currency]
        text += f" Brought from {run.economics.own_price_set.year_text} by {index.name} ({index.source})."
    else:
        text += " No index was applied."
    text += " No currency was converted."
    if listed_prices := [
        p.name for p in run.economics.parameters if getattr(p.item, "before_discount", False) and not p.is_set
    ]:
        text += f" List prices before a confidential discount: {listed(listed_prices)}."
    return f"{text} Not brought up to that year: {listed(other)}." if other else text


def model(run):
    """What kind of model, in which version."""
    software = run.record["software"]
    return (
        "Individual-level, continuous-time discrete-event simulation of one painful bone metastasis: survival, pain, analgesic dose, retreatment "
        "and skeletal events compete, which a cohort model with memoryless states cannot follow; every patient is simulated under each schedule with the "
        f"same random numbers. radsim {software['version']}, commit {software['commit']}, MIT licence."
    )


def analytics(run):
    """Draws, random numbers, evidence, periods, half cycles, validation."""
    evidence = run.record["evidence"]
    how = (
        f"{run.n_draws:,} draws of the parameters beyond the base case"
        if run.n_draws
        else "The base case alone, without draws of the parameters"
    )
    return (
        f"{how}; seed {run.record['seed']}. Evidence set {evidence['set']}, digest {evidence['digest'][:12]}. Endpoints and event times follow from the "
        "simulated course; beyond the follow-up of trials the fitted hazards are continued, capped by the mortality of the general population. "
        "Occupancy is kept by period since the first fraction and discounted at its middle, so there is no cycle and no half-cycle to correct for. "
        f"{_validation(evidence)}"
    )


def _validation(evidence):
    """How published trials that nothing was fitted to were met."""
    found = read_packaged(VALIDATION)
    held_out = found["summary"]["held_out"]
    state = (
        "" if found["evidence"] == evidence["digest"] else ", with another state of the evidence than that of this run"
    )
    return (
        f"Validation: radsim validate reruns published trials; of {held_out['arms']} results of {held_out['trials']} trials that nothing was fitted to "
        f"{per_cent(held_out['coverage95'])} lay inside their 95 % prediction interval{state}."
    )


def heterogeneity(run):
    """Subgroups declared before the run."""
    names = run.config.get("subgroups", [])
    if not names:
        return (
            "No subgroups were declared for this run. Covariates act on survival and response within the simulated population."
            + _swept(run, "cohort.")
        )
    groups = (
        [str(label) for label in run.dataset["subgroup"].values if str(label) != "all"]
        if "subgroup" in run.dataset.dims
        else []
    )
    return (
        f"Subgroups declared before the run, by {listed([name.replace('_', ' ') for name in names])}{': ' + listed(groups) if groups else ''}."
        + _swept(run, "cohort.")
    )


def distribution(run):
    """Whether the distribution over subgroups was looked at."""
    if run.economics is None:
        return ""
    if run.documents and "equity" in run.documents[0]:
        return "Costs and QALYs are unweighted means over patients. Health and its distribution over the subgroups are in the table equity, a scenario."
    return "Costs and QALYs are unweighted means over patients; no distribution between social groups was examined."


def uncertainty(run):
    """Parameters, patients and structure, and what was done about each."""
    provisional = len(run.record["provisional"])
    if run.n_draws:
        text = (
            f"Parameters: {run.n_draws:,} joint draws of clinical parameters, prices and utilities, which give intervals (2.5th to 97.5th percentile)"
            f"{' and acceptability' if run.documents else ''}. "
        )
    else:
        text = "Parameters: not varied in this run. "
    text += f"Patients: Monte Carlo standard errors beside every estimate. Structure: {_structure(run)}."
    if again := [said for part, said in AGAIN.items() if run.documents and run.documents[0].get(part)]:
        text += f" Also of the deterministic base case, simulated again: {listed(again)}."
    return f"{text} {provisional} of the inputs used are provisional or scenarios."


AGAIN = {
    "one_way": "one parameter at a time",
    "two_way": "two parameters over a grid",
    "break_even": "a threshold analysis",
}
"""Part of the document of an analysis to what was done."""


def _structure(run):
    """Scenarios of a sweep, of the analysis, or where to get them."""
    if run.is_sweep:
        return f"by scenarios, here {run.dataset.sizes['scenario']} over {listed(run.swept) or 'its design'}"
    n = len(changed_scenarios(run.documents[0])) if run.documents else 0
    if n:
        return f"{n} scenarios of the deterministic base case, each simulated or valued again, in the table scenarios"
    return "by scenarios, none here: radsim cea RESULT --scenarios -o FILE.xlsx has them, and this list with them"


def changed_scenarios(document):
    """Scenarios of an analysis that have figures of their own; the base case comes first and is none."""
    return [row for row in document.get("scenarios", [])[1:] if "schedules" in row]


def _sentence(text):
    return f"{' '.join(text.split()).rstrip('.')}."


def _as_text(value):
    """A value of a configuration in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_as_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_as_text(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
