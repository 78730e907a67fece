"""From what a clinician says of a patient to a configuration, which `radsim run` would take as well."""

from __future__ import annotations

from radsim.care import given
from radsim.compare.prognosis import prognosis_parameters
from radsim.config import ConfigError, Fault, Schedule, load_config
from radsim.maths.dose import fraction_day
from radsim.outcomes.catalogue import CATALOGUE
from radsim.presentation.patient import describe

SEED = 20260101
"""The same question gives the same answer."""

PATIENTS, DRAWS = 1024, 100
"""Two batches of patients a draw, the fewest that tell simulation error from the spread of the draws; together they take half a second."""

WEEKS_SHOWN = (4, 12)
SOURCE = "question"


def question(
    schedules, *, patient=None, care=None, prior=None, prognosis_weeks=None, cord_dose_gy=None, era="modern", evidence="trials",
    patients=PATIENTS, draws=DRAWS, seed=SEED,
):  # fmt: skip
    """The configuration of a question about one kind of patient.

    Parameters
    ----------
    schedules : sequence of str
        Two or more, each once.
    patient : mapping of str to value, optional
        Covariates that are known, by the names and rules of the configuration; the others come from the default population.
    care : mapping, optional
        Care around the radiotherapy, as in a configuration.
    prior : str or sequence of str, optional
        Earlier courses to the same site, ``30Gy/10@20w``: that many weeks ago.
    prognosis_weeks : float, optional
        The clinician's own estimate of median survival; survival is rescaled to it, and its uncertainty left out. [week]
    cord_dose_gy : float, optional
        Dose of each SBRT course to the spinal cord. [Gy]
    era : {'modern', '1990s'}
        Survival of today, or of the fractionation trials.
    evidence : {'trials', 'guideline'}
        As calibrated on the trials, or with complete response placed where the guidelines state it.
    patients, draws, seed : int
        As in a configuration.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        With every fault, by the path of the configuration.
    """
    faults = _too_few(schedules) + _no_sbrt(schedules, cord_dose_gy)
    courses = [prior] if isinstance(prior, str) else list(prior or ())
    cohort = {"size": patients, "era": era, **(patient or {}), **({"prior": courses} if courses else {})}
    source = {
        "radsim": 1,
        "name": _name(schedules, patient or {}, courses, care or {}),
        "seed": seed,
        "cohort": cohort,
        **({"care": care} if care else {}),
        "schedules": [_with_cord_dose(schedule, cord_dose_gy) for schedule in schedules],
        "evidence": evidence,
        "times_days": times_shown(schedules),
        "draws": draws,
    }
    try:
        config = load_config(source)
    except ConfigError as error:
        faults += [fault for fault in error.faults if schedules or fault.path != "schedules"]
        raise ConfigError(faults) from None
    if faults:
        raise ConfigError(faults)
    if prognosis_weeks is None:
        return config
    return config.model_copy(update={"parameters": prognosis_parameters(config, prognosis_weeks)})


def times_shown(schedules):
    """Days at which the answer is read: those of the catalogue of outcomes, and the last day of each course. [d]"""
    days = {outcome.day for outcome in CATALOGUE if outcome.day is not None}
    courses = [parsed for text in schedules if (parsed := _parsed(text)) is not None]
    return sorted(days | {last_fraction_day(schedule) for schedule in courses} - {0.0})


def last_fraction_day(schedule):
    """Day of the last fraction of a `Schedule`; 0 for a single fraction and for none. [d]"""
    return float(fraction_day(max(schedule.fractions - 1, 0), schedule.fractions_per_week))


def _too_few(schedules):
    if len(schedules) > 1:
        return []
    found = schedules[0] if schedules else "none"
    return [Fault(SOURCE, None, "schedules", "two schedules or more to compare", found)]


def _no_sbrt(schedules, cord_dose_gy):
    """A dose to the cord that no schedule has."""
    found = [parsed for text in schedules if (parsed := _parsed(text)) is not None]
    if cord_dose_gy is None or len(found) < len(schedules) or any(each.technique == "sbrt" for each in found):
        return []
    expected = "a schedule @sbrt beside it: elsewhere the cord has the dose of the course"
    return [Fault(SOURCE, None, "cord_dose_gy", expected, f"{cord_dose_gy:g} Gy and none")]


def _with_cord_dose(schedule, cord_dose_gy):
    """The short form, or for SBRT a mapping with its dose to the cord."""
    parsed = _parsed(schedule)
    if cord_dose_gy is None or parsed is None or parsed.technique != "sbrt":
        return schedule
    return {
        "name": parsed.name, "dose_gy": parsed.dose_gy, "fractions": parsed.fractions, "technique": "sbrt",
        "cord_dose_gy": cord_dose_gy,
    }  # fmt: skip


def _parsed(text):
    """A schedule from its short form, or None: the model reports what is wrong with it."""
    try:
        return Schedule.parse(text)
    except (ValueError, TypeError):
        return None


def _name(schedules, patient, courses, care):
    """One line that says what was asked."""
    known = [describe(patient)] * bool(patient) + [f"irradiated before with {course}" for course in courses]
    known += [kind.label[:1].lower() + kind.label[1:] for kind in given(care)]
    about = f": {', '.join(known)}" if known else ""
    return " or ".join(map(str, schedules)) + about if schedules else "nothing"
