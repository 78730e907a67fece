"""What must not mislead: the sentences that belong to a figure or an answer, and when."""

from __future__ import annotations

from typing import NamedTuple

from radsim.care import ARMS
from radsim.outcomes.catalogue import BY_KEY
from radsim.presentation.verdict import FIRST_FEWER, FIRST_MORE
from radsim.presentation.words import listed

URGENT = "assess urgently; outside this comparison"
"""All there is to say of a suspected cord compression or an impending fracture."""


def _note(key):
    """The note of an outcome, to stand within a sentence."""
    note = BY_KEY[key].note
    return f"{note[0].lower()}{note[1:].rstrip('.')}"


RETREATED = _note("retreatment_1_year")
HEADLINE = _note("overall_response")
MEAN_PAIN = _note("mean_pain_12_weeks")
EQUAL = "the model assumes that their effects are equal: an assumption, not a finding"

IRRADIATED_LATER = 'patients in pain may be irradiated later. Under {}, "treated again" means irradiated for the first time, and repeats include that course'
"""Of the schedules without radiotherapy of which patients may be irradiated later."""

SWEPT_LATER = "retreatment.none_may_be_irradiated"

CIRCUMSTANCES = ("complicated", "postoperative")
"""What the model does not know of, but the reader has to be told about; keys of ``data/circumstances.yaml``."""

EVIDENCE = "evidence"

LOW_KARNOFSKY = 50.0
MORE_LIKELY_THAN_NOT = 0.5


class Caveat(NamedTuple):
    """A sentence, what it is about, and the outcome it stands beside (`EVIDENCE`: before them all)."""

    key: str
    about: str
    text: str
    beside: str


def caveats(config, *, circumstances=()):
    """Caveats of a configuration that fixes one kind of patient.

    Parameters
    ----------
    config : Config
    circumstances : sequence of str
        Of `CIRCUMSTANCES`.

    Returns
    -------
    tuple of Caveat
        Those of outcomes first.
    """
    found = [
        Caveat("headline", "trial-style headline", HEADLINE, "overall_response"),
        Caveat("mean_pain", "mean pain", MEAN_PAIN, "mean_pain"),
    ]
    if has_one_and_several(config.schedules):
        found.insert(0, Caveat("retreatment", "treated again", RETREATED, "retreatment"))
    if later := may_be_irradiated_later(config.none_may_be_irradiated, config.schedules):
        found.append(Caveat("none", later, IRRADIATED_LATER.format(later), EVIDENCE))
    unusual = unusual_patients(config.cohort.covariates, config.schedules, circumstances=circumstances)
    return (*found, *(Caveat(key, each["about"], each["clinician"], EVIDENCE) for key, each in unusual.items()))


def may_be_irradiated_later(none_may_be_irradiated, schedules):
    """Names of the schedules without radiotherapy of which patients may be irradiated later: `none` if the study says so, any other always."""
    without = [schedule.name for schedule in schedules if schedule is not None and schedule.none]
    return listed([name for name in without if none_may_be_irradiated or name in ARMS])


def none_is_irradiated_later(record, dataset):
    """Whether the study says so of `none`, in some scenario if it is swept."""
    if SWEPT_LATER in dataset.coords:
        return bool(dataset[SWEPT_LATER].values.any())
    return record["config"].get("retreatment", {}).get("none_may_be_irradiated", False)


def irradiated_later(record, schedules, dataset):
    """The sentence on schedules without radiotherapy that may be irradiated later, in some scenario if it is swept; a list that may be empty.

    Parameters
    ----------
    record : dict
        The run record.
    schedules : sequence of radsim.config.Schedule or None
    dataset : xarray.Dataset or radsim.results.Results
    """
    later = may_be_irradiated_later(none_is_irradiated_later(record, dataset), schedules)
    return [f"{later}: {IRRADIATED_LATER.format(later)}."] if later else []


def has_one_and_several(schedules):
    """Whether one fraction is compared with several."""
    fractions = [schedule.fractions for schedule in schedules if not schedule.none]
    return 1 in fractions and any(n > 1 for n in fractions)


def offered_more_readily(schedules, parameters):
    """Where readiness to offer a repeat explains a difference in retreatment between the first schedule and the others.

    Parameters
    ----------
    schedules : sequence of radsim.config.Schedule
        The reference first.
    parameters : mapping of str to float
        Set by the configuration: with a ratio of 1 doctors are as ready after one fraction as after several.

    Returns
    -------
    str
        `verdict.FIRST_MORE` if the first has one fraction and the others several, `headline.FIRST_FEWER` the other way round; else empty.
    """
    if parameters.get("retreatment.willingness_ratio") == 1.0 or any(schedule.none for schedule in schedules):
        return ""
    first, *others = (schedule.fractions == 1 for schedule in schedules)
    if first != any(others) and (first or all(others)):
        return FIRST_MORE if first else FIRST_FEWER
    return ""


def unusual_patients(covariates, schedules, *, circumstances=()):
    """In what the patients differ from those of most trials, with what trials there are of such patients.

    Parameters
    ----------
    covariates : mapping
        Of a configuration or of the record of a result, which hold them in the same form.
    schedules : iterable
        With a `technique`.
    circumstances : sequence of str
        Of `CIRCUMSTANCES`.

    Returns
    -------
    dict of str to dict
        Entries of ``data/circumstances.yaml`` by key: about, clinician, patient, source, status; empty for most patients.
    """
    from radsim.config import ecog
    from radsim.yaml.packaged import read_packaged

    grade, prior = covariates.get("ecog"), covariates.get("prior_schedule", "none")
    karnofsky = covariates.get("karnofsky") if grade is None else ecog.karnofsky(grade)
    applies = {
        "neuropathic": _share(covariates.get("neuropathic"), "yes") > MORE_LIKELY_THAN_NOT,
        "sbrt": any(schedule.technique == "sbrt" for schedule in schedules),
        "karnofsky": isinstance(karnofsky, int | float) and karnofsky < LOW_KARNOFSKY,
        "prior": bool(covariates.get("prior")) or _share(prior, "none") < MORE_LIKELY_THAN_NOT,
        **{key: key in circumstances for key in CIRCUMSTANCES},
    }
    if not any(applies.values()):
        return {}
    known = read_packaged("circumstances.yaml")["circumstances"]
    return {key: known[key] for key in known if applies[key]}


def _share(marginal, category):
    """Share of the patients with a category, of a covariate that is fixed or distributed; 0 where nothing is said. [1]"""
    if isinstance(marginal, dict):
        return marginal.get(category, 0.0)
    return float(marginal == category)
