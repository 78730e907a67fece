"""What must not mislead: the sentences that belong to a figure or an answer, and when."""

from __future__ import annotations

from typing import NamedTuple

URGENT = "assess urgently; outside this comparison"
"""All there is to say of a suspected cord compression or an impending fracture."""

RETREATED = "in trials doctors offered this more readily after one fraction, so it is not a measure of failure"
HEADLINE = "counts missing charts as failures"
MEAN_PAIN = "among the living: it falls partly because sicker patients have died"
FEW_TRIALS = "few or no fractionation trials here; equality is assumed, not shown"
SBRT = "its trials against conventional radiotherapy contradict each other, and its effect is drawn with that heterogeneity"
EQUAL = "the evidence in use takes their effects to be equal: an assumption, not a finding"

CIRCUMSTANCES = {"complicated": "complicated metastasis", "postoperative": "after surgery"}
"""What the model does not know of, but the reader has to be told about."""

LOW_KARNOFSKY = 50.0
MORE_LIKELY_THAN_NOT = 0.5


class Caveat(NamedTuple):
    """A sentence, what it is about, and the outcome it stands beside (empty: the whole answer)."""

    key: str
    about: str
    text: str
    beside: str = ""


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
    about = few_trials(config.cohort.covariates, config.schedules, circumstances=circumstances)
    return (*found, *(Caveat(key, words, FEW_TRIALS) for key, words in about.items()))


def has_one_and_several(schedules):
    """Whether one fraction is compared with several."""
    fractions = [schedule.fractions for schedule in schedules if not schedule.none]
    return 1 in fractions and any(n > 1 for n in fractions)


def few_trials(covariates, schedules, *, circumstances=()):
    """Why equality of schedules is assumed here and not shown.

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
    dict of str to str
        In words by key; empty for most patients.
    """
    found = {}
    if _share(covariates.get("neuropathic"), "yes") > MORE_LIKELY_THAN_NOT:
        found["neuropathic"] = "neuropathic pain"
    found |= {key: words for key, words in CIRCUMSTANCES.items() if key in circumstances}
    if any(schedule.technique == "sbrt" for schedule in schedules):
        found["sbrt"] = "SBRT"
    karnofsky = covariates.get("karnofsky")
    if isinstance(karnofsky, int | float) and karnofsky < LOW_KARNOFSKY:
        found["karnofsky"] = "Karnofsky under 50"
    if "prior_schedule" in covariates and _share(covariates["prior_schedule"], "none") < MORE_LIKELY_THAN_NOT:
        found["prior"] = "irradiated before at this site"
    return found


def _share(marginal, category):
    """Share of the patients with a category, of a covariate that is fixed or distributed; 0 where nothing is said. [1]"""
    if isinstance(marginal, dict):
        return marginal.get(category, 0.0)
    return float(marginal == category)
