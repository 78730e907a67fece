"""One kind of patient in a clinician's words."""

from __future__ import annotations

from radsim.care import ARMS
from radsim.config.covariates import CONDITIONS

PRIMARIES = {
    "other": "another primary", "unknown": "cancer of unknown primary", "melanoma": "melanoma", "myeloma": "myeloma",
}  # fmt: skip
WORDS = {
    "primary": lambda value: PRIMARIES.get(value, f"{value} cancer"),
    "subtype": lambda value: str(value).replace("_", " "),
    "site": lambda value: {"other": "another site"}.get(value, str(value).replace("_", " ")),
    "lesion": lambda value: f"{value} lesion",
    "age": lambda value: f"age {value:g}",
    "sex": str,
    "karnofsky": lambda value: f"Karnofsky {value:g}",
    "ecog": lambda value: f"ECOG {value:g}",
    "visceral": lambda value: "visceral metastases" if value == "yes" else "no visceral metastases",
    "neuropathic": lambda value: "neuropathic pain" if value == "yes" else "no neuropathic pain",
    "pain": lambda value: f"worst pain {value:g}",
    "cortical_involvement_mm": lambda value: f"cortical involvement {value:g} mm",
    "morphine_equivalent": lambda value: f"morphine equivalent {value:g} mg a day",
    "prior_schedule": lambda value: "not irradiated before" if value == "none" else f"irradiated before with {value}",
    "prior_weeks_ago": lambda value: f"{value:g} weeks ago",
    **{
        name: lambda value, name=name: ("" if value == "yes" else "no ") + NOT_GIVEN.get(name, name.replace("_", " "))
        for name in CONDITIONS
    },
}
"""Covariates that may be given, and how each is said."""

NOT_GIVEN = {
    "visceral": "visceral metastases", "neuropathic": "neuropathic pain", "morphine_equivalent": "opioids", "subtype": "receptor subtype",
    "cortical_involvement_mm": "cortical involvement", "karnofsky": "Karnofsky", "ecog": "ECOG", "pain": "worst pain", "prior": "earlier irradiation",
    "several_sites": "other painful sites", "bone_agent_before": "bone agent before", "immunosuppressed": "immunosuppression",
    "primary": "primary", "lesion": "type of lesion", "site": "site", "age": "age", "sex": "sex",
}  # fmt: skip
"""Covariates as a list names them."""


def describe(given):
    """`breast cancer, hip, Karnofsky 70, worst pain 8`.

    Parameters
    ----------
    given : mapping of str to value
        Covariates by name; a mix of several values is said to be one.
    """
    return ", ".join(_one(name, value) for name, value in given.items())


def names(covariates):
    """Covariates as a list names them."""
    return [NOT_GIVEN.get(name, name.replace("_", " ")) for name in covariates]


def _one(name, value):
    plain = NOT_GIVEN.get(name, name.replace("_", " "))
    if not isinstance(value, str | float | int):
        return f"{plain} mixed"
    try:
        return WORDS[name](value)
    except (KeyError, ValueError):  # what the configuration will refuse
        return f"{plain} {value}"


def treatment(schedule, *, later=False):
    """A schedule as a patient knows it: `one treatment`, `5 treatments`, `painkillers alone`.

    Parameters
    ----------
    schedule : radsim.config.Schedule
    later : bool
        Whether radiotherapy may follow where the schedule has none.
    """
    if schedule.name in ARMS:
        label = ARMS[schedule.name].label
        return f"{label[:1].lower()}{label[1:]}, and radiotherapy later if needed"
    if schedule.none:
        return "painkillers, and radiotherapy later if needed" if later else "painkillers alone"
    kind = "stereotactic treatment" if schedule.technique == "sbrt" else "treatment"
    return f"one {kind}" if schedule.fractions == 1 else f"{schedule.fractions} {kind}s"
