"""What is known of a patient, in the form in which the rules ask for it."""

from __future__ import annotations

from radsim.care import KINDS, given
from radsim.care.ladder import FORBIDS
from radsim.config import ecog
from radsim.config.clinic_words import simulated
from radsim.config.covariates import CONDITIONS, COVARIATES
from radsim.cord import VERDICTS
from radsim.guide.conditions import NONE, SAID, care_words

HIGH_RISK = "fracture.high_risk_mm"


def facts_of(covariates, *, care=None, said=(), prior=(), cord=(), prognosis_weeks=None, values):
    """What is known of a patient.

    Parameters
    ----------
    covariates : mapping
        As written in a configuration, or the section `cohort` of the record of a result. What has a distribution is not known.
    care : mapping or radsim.config.model.Care, optional
        The section `care`.
    said : sequence of str
        Of `SAID`.
    prior : sequence
        Earlier courses to the same site, if they stand there and not among the covariates.
    cord : sequence of radsim.cord.CordVerdict
        What the rule of the spinal cord says of each schedule.
    prognosis_weeks : float, optional
        The clinician's own estimate of median survival. [week]
    values : mapping of str to float
        Parameters by name.

    Returns
    -------
    dict
        Words, numbers, or a set of words that mean the same; what is not known is not in it.
    """
    facts = {
        name: value for name, value in covariates.items()
        if name in (*COVARIATES, "ecog") and isinstance(value, int | float | str)
    }  # fmt: skip
    for name in ("primary", "site"):
        if name in facts:
            facts[name] = {facts[name], simulated(name, facts[name])}
    if "ecog" in facts:
        karnofsky = ecog.karnofsky(facts.pop("ecog"))
        facts |= {"karnofsky": karnofsky} if isinstance(karnofsky, int | float) else {}
    facts |= {name: "no" for name in CONDITIONS if name not in covariates}
    before = facts.pop("prior_schedule", NONE if "prior_schedule" not in covariates else None)
    facts.pop("prior_weeks_ago", None)
    facts |= {name: _yes(name in said) for name in SAID}
    if before is not None or prior:
        facts["irradiated_before"] = _yes(bool(prior) or before != NONE)
    if "yes" in (facts.get("low_platelets"), facts.get("bleeding_tendency")):
        facts["bleeding_risk"] = "yes"
    facts["high_risk_femur"] = _yes(_high_risk_femur(facts, values))
    facts["nsaid_ruled_out"] = _yes(any(facts.get(name) == "yes" for name in FORBIDS))
    facts |= {kind.switch: care_given(kind, care) for kind in KINDS}
    asked = [each.verdict for each in cord if each.schedule != NONE]
    if asked:
        facts["cord"] = min(asked, key=VERDICTS.index)
    if prognosis_weeks is not None:
        facts["prognosis_weeks"] = float(prognosis_weeks)
    return facts


def care_given(kind, care):
    """What a section `care` gives of a kind of care: which, or yes; none, or no, where it does not."""
    if care is None or kind not in given(care):
        return care_words(kind)[0]
    settings = care.get(kind.switch) if hasattr(care, "get") else getattr(care, kind.switch)
    if not kind.option_sets:
        return "yes"
    return settings[kind.option_sets] if hasattr(settings, "get") else getattr(settings, kind.option_sets)


def _high_risk_femur(facts, values):
    involved = facts.get("cortical_involvement_mm")
    return "hip" in facts.get("site", ()) and isinstance(involved, int | float) and involved >= values[HIGH_RISK]


def _yes(holds):
    return "yes" if holds else "no"
