"""Every outcome that people are shown, one row each: what it is called, where it is read, how it is written.

`run`, `compare`, the report, figures and exports take their rows from here and list none themselves. To add an outcome, add its variable to
`radsim.results.variables` and a row here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from radsim.care import acting_on

WEEK, YEAR = 7.0, 365.0
"""Days at which a study looks; a year is day 365, as in `times_days` of a configuration. [d]"""
MONTHS = {1: 30.0, 3: 91.0, 6: 182.0, 12: YEAR}
"""Days of the months at which survival is shown. [d]"""
FINE = 9.95
"""Below this a number with an interval has its decimal: what is larger rounds to ten or more."""


class Scale(NamedTuple):
    """How the numbers of an outcome are written: factor from the unit of the variable, decimals, and the unit in words."""

    name: str
    factor: float
    decimals: int
    unit: str

    @property
    def negligible(self):
        """Differences that stay below it are written as zero, in the unit of the variable; of a share 1.5 patients of 1,000."""
        return max(1.5e-3, 0.5 * 10.0**-self.decimals / self.factor)

    def decimals_of(self, value):
        """Decimals of a number beside its interval: a tenth is worth showing below ten, and no more is known of what is larger."""
        return 0 if self.decimals == 1 and abs(value * self.factor) >= FINE else self.decimals


OF_100 = Scale("of 100", 100.0, 1, "of 100")
PER_CENT = Scale("per cent", 100.0, 1, "%")
DAYS = Scale("days", 1.0, 1, "days")
POINTS = Scale("points", 1.0, 1, "points")
MILLIGRAMS = Scale("milligrams", 1.0, 0, "mg a day")
YEARS = Scale("years", 1.0, 3, "years")
MONEY = Scale("money", 1.0, 0, "{currency}")

RELIEF, EVENTS, TREATMENT, SURVIVAL, PAIN, TRIAL, COURSE, VALUE = (
    "Pain relief", "Events", "Treatment", "Survival", "Pain and opioids", "As a trial reports it", "Course of the response", "Costs and QALYs",
)  # fmt: skip
"""Groups, in the order in which they are shown."""


class Outcome(NamedTuple):
    """One outcome.

    Attributes
    ----------
    key : str
        Its name in documents (`compare --json`).
    group : str
    variable : str
        Of the result; see `radsim.results.variables`.
    day : float or None
        Day at which a variable over time is read. [d]
    scale : Scale
    label, patient : str
        What it is, as a heading, for a clinician and for a patient. In a label, attributes of the variable may stand in braces.
    short, short_patient : str
        The same within a sentence: "what differs is …"; empty where no sentence speaks of it.
    topics : tuple of str
        First parts of the names of the parameters that it depends on.
    effects : tuple of str
        Those of the topics, and others, that hold the effects through which schedules differ in it: no word says how sure a difference is
        unless one of them was drawn.
    by_fractions : bool
        Whether the sign of a difference follows from the number of fractions: arithmetic, no finding.
    differs : bool
        Whether a difference between schedules is worth a row.
    brief : bool
        Whether the page of `radsim compare` shows it without being asked.
    only_spine : bool
        Whether it is left out where the site is not the spine.
    note, note_patient : str
        What must be said beside it.
    """

    key: str
    group: str
    variable: str
    day: float | None
    scale: Scale
    label: str
    patient: str
    short: str = ""
    short_patient: str = ""
    topics: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    by_fractions: bool = False
    differs: bool = True
    brief: bool = False
    only_spine: bool = False
    note: str = ""
    note_patient: str = ""

    @property
    def undated(self):
        """Its label without the day, for a figure over time: `Alive with relief`."""
        return re.sub(r",? (at )?\d+ (weeks?|months?)| within a year", "", self.label)

    @property
    def is_share(self):
        """Whether it counts patients of a hundred."""
        return self.scale is OF_100


_RESPONSE = ("response", "onset", "relapse")
_RELIEVED = ("response", "relapse")
_REPEATED = ("retreatment", *_RELIEVED)
_ALL_EFFECTS = (*_REPEATED, "flare", "toxicity", "fracture", "cord_compression")
_REPEATS_COUNT = "Relief after a repeat of the course counts too; the dead are not in relief."
_REPEATS_COUNT_PATIENT = "This counts the relief that a second course of radiotherapy brings, too."
_NOT_SEEN = "Of all patients, had every living one been seen within 12 weeks."
_LIVING = "Among the living: it falls partly because sicker patients have died."
_HEADLINE = (
    "The best pain score at the visits within 12 weeks, of all patients: a missing questionnaire counts as failure."
)
_MORE_READILY = "In trials doctors offered this more readily after one fraction, so it is not a measure of failure."
_MORE_READILY_PATIENT = "Doctors tend to offer a second course more readily after a single treatment. So this does not mean that the first one failed."


def _relief(weeks, **more):
    return Outcome(
        f"relief_{weeks}_weeks", RELIEF, "relief", weeks * WEEK, OF_100, f"Alive with relief, {weeks} weeks",
        f"Clearly less pain after {weeks} weeks", f"relief at {weeks} weeks", f"having less pain after {weeks} weeks",
        _RESPONSE if weeks == 4 else (*_RESPONSE, "retreatment"), _RELIEVED, brief=True, **more,
    )  # fmt: skip


def _free_of_pain(weeks, *, brief=False):
    return Outcome(
        f"free_of_pain_{weeks}_weeks", RELIEF, "complete_relief", weeks * WEEK, OF_100, f"Alive without pain, {weeks} weeks",
        f"No pain at all at this spot after {weeks} weeks", f"freedom from pain at {weeks} weeks", f"being free of pain after {weeks} weeks",
        (*_RESPONSE, "retreatment"), _RELIEVED, brief=brief,
    )  # fmt: skip


def _alive(months):
    when = f"{months} month{'s' * (months > 1)}"
    return Outcome(
        f"alive_{months}_months", SURVIVAL, "survival", MONTHS[months], OF_100, f"Alive at {when}", f"Alive after {when}",
        f"survival to {when}", f"living {when} or longer", ("survival",), differs=False, brief=months > 1,
    )  # fmt: skip


def _mean_pain(weeks):
    return Outcome(
        f"mean_pain_{weeks}_weeks", PAIN, "mean_pain_score", weeks * WEEK, POINTS, f"Mean worst pain, {weeks} weeks (0-10)",
        f"Worst pain (0-10) after {weeks} weeks, on average of those alive", topics=("pain", *_RESPONSE), effects=_RELIEVED, differs=False, note=_LIVING,
    )  # fmt: skip


CATALOGUE = (
    _relief(4),
    _free_of_pain(4),
    _relief(12, note=_REPEATS_COUNT, note_patient=_REPEATS_COUNT_PATIENT),
    _free_of_pain(12, brief=True),
    Outcome(
        "retreatment_1_year", EVENTS, "retreatment_incidence", YEAR, OF_100, "Treated again here within a year",
        "Treated again at the same spot within a year", "retreatment of the site", "how often the same spot is treated again",
        ("retreatment", "cord"), _REPEATED, brief=True, note=_MORE_READILY, note_patient=_MORE_READILY_PATIENT,
    ),
    Outcome(
        "retreatment", EVENTS, "retreatment", None, OF_100, "Treated again here, to the end",
        "Treated again at the same spot, to the end of follow-up", topics=("retreatment", "cord"), effects=_REPEATED,
        note="The end is that of follow-up (`horizon_days`).",
    ),
    Outcome(
        "flare", EVENTS, "pain_flare", None, OF_100, "Pain flare within ten days", "More pain for a few days soon after treatment",
        "pain flare", "a few days of more pain soon after treatment", ("flare", *acting_on("flare")), ("flare",),
        brief=True,
    ),
    Outcome(
        "acute_toxicity", EVENTS, "acute_toxicity", None, OF_100, "Acute side effects (grade 2+)",
        "Side effects in the first weeks that need attention", "acute side effects", "side effects in the first weeks", ("toxicity",),
        ("toxicity",), brief=True,
    ),
    Outcome(
        "fracture_1_year", EVENTS, "pathological_fracture_incidence", YEAR, OF_100, "Fracture here within a year",
        "The bone breaking at this spot within a year", "pathological fracture", "the bone breaking", ("fracture", *acting_on("fracture")), ("fracture",), brief=True,
    ),
    Outcome(
        "fracture", EVENTS, "pathological_fracture", None, OF_100, "Fracture here, to the end",
        "The bone breaking at this spot, to the end of follow-up", topics=("fracture", *acting_on("fracture")), effects=("fracture",),
    ),
    Outcome(
        "cord_compression_1_year", EVENTS, "spinal_cord_compression_incidence", YEAR, OF_100, "Cord compression within a year",
        "Pressure on the spinal cord within a year", "spinal cord compression", "pressure on the spinal cord",
        ("cord_compression", *acting_on("cord_compression")), ("cord_compression",),
        brief=True, only_spine=True,
    ),
    Outcome(
        "cord_compression", EVENTS, "spinal_cord_compression", None, OF_100, "Cord compression, to the end",
        "Pressure on the spinal cord, to the end of follow-up", topics=("cord_compression", *acting_on("cord_compression")),
        effects=("cord_compression",), only_spine=True,
    ),
    Outcome(
        "hospital_days", TREATMENT, "treatment_days", None, DAYS, "Days at the hospital",
        "Days at the hospital for radiotherapy, second courses included", "days at the hospital",
        "the number of days spent at the hospital for it", ("retreatment",), _REPEATED, by_fractions=True, brief=True,
        note="Attendances for radiotherapy, repeats included, to the end of follow-up.",
    ),
    Outcome(
        "share_of_life", TREATMENT, "share_of_life_in_treatment", None, PER_CENT, "Days at the hospital, % of life",
        "Share of the days left that are spent at the hospital, in per cent", topics=("retreatment",), effects=_REPEATED,
        by_fractions=True, differs=False,
    ),
    _alive(1),
    Outcome(
        "alive_12_weeks", SURVIVAL, "survival", 12 * WEEK, OF_100, "Alive at 12 weeks", "Alive after 12 weeks", topics=("survival",),
        differs=False,
    ),
    *(_alive(months) for months in (3, 6, 12)),
    _mean_pain(4),
    _mean_pain(12),
    Outcome(
        "opioids_12_weeks", PAIN, "mean_morphine_equivalent", 12 * WEEK, MILLIGRAMS, "Opioids at 12 weeks, mg a day",
        "Opioids after 12 weeks, mg of morphine a day, on average of those alive", topics=("analgesic",), effects=("analgesic", *_RELIEVED), brief=True,
        note="Oral morphine equivalent, mean among the living.",
    ),
    Outcome(
        "overall_response", TRIAL, "overall_response", None, OF_100, "Overall response", "Better, as a trial would count it",
        "overall response", "the response as a trial counts it", ("response", "onset", "observation"), ("response",), note=_HEADLINE,
    ),
    Outcome(
        "complete_response", TRIAL, "complete_response", None, OF_100, "Complete response", "Free of pain, as a trial would count it",
        "complete response", "the complete response as a trial counts it", ("response", "onset", "observation"), ("response",), note=_HEADLINE,
    ),
    Outcome(
        "latent_overall_response", TRIAL, "latent_overall_response", None, OF_100, "Overall response, all seen",
        "Better within 12 weeks, had everybody been asked", topics=("response", "onset"), effects=("response",), note=_NOT_SEEN,
    ),
    Outcome(
        "latent_complete_response", TRIAL, "latent_complete_response", None, OF_100, "Complete response, all seen",
        "Free of pain within 12 weeks, had everybody been asked", topics=("response", "onset"), effects=("response",), note=_NOT_SEEN,
    ),
    Outcome(
        "time_to_response", COURSE, "time_to_response", None, DAYS, "Median days to response",
        "Days until the pain gets better, for half of those who get better", topics=("onset",), effects=("onset",), differs=False,
    ),
    Outcome(
        "duration_of_response", COURSE, "duration_of_response", None, DAYS, "Median days of response",
        "Days that less pain lasts, for half of those who get better", topics=("relapse",), effects=("relapse",), differs=False,
        note="Censored at death and at retreatment.",
    ),
    Outcome(
        "net_pain_relief", COURSE, "net_pain_relief", None, PER_CENT, "Days in relief, responders, %",
        "Share of the days left with less pain, of those who get better, in per cent", topics=(*_RESPONSE, "retreatment"), effects=_RELIEVED,
        differs=False,
    ),
    Outcome(
        "net_pain_relief_all", COURSE, "net_pain_relief_all", None, PER_CENT, "Days in relief, everyone, %",
        "Share of the days left with less pain, of everybody, in per cent", topics=(*_RESPONSE, "retreatment"), effects=_RELIEVED,
    ),
    Outcome("cost", VALUE, "total_cost", None, MONEY, "Cost, {currency}", "Cost, {currency}", effects=_ALL_EFFECTS),
    Outcome("qalys", VALUE, "qalys", None, YEARS, "QALYs", "Years of life in full health (QALYs)", effects=_ALL_EFFECTS),
)  # fmt: skip
"""Everything shown, in order."""

TRIAL_HEADLINE = tuple(one for one in CATALOGUE if one.note == _HEADLINE)
"""What a trial would report first: overall and complete response, a missing questionnaire counted as failure."""

BY_KEY = {outcome.key: outcome for outcome in CATALOGUE}


def in_groups(*groups):
    """Outcomes of some groups, in order."""
    return tuple(outcome for outcome in CATALOGUE if outcome.group in groups)


def held(dataset, outcomes=CATALOGUE, *, spine=True):
    """Those of some outcomes that a result holds, at their very day.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
    outcomes : iterable of Outcome
    spine : bool
        Whether the site is the spine, or may be: else outcomes of the spinal cord are left out.
    """
    from radsim.outcomes.estimates import nearest_time

    times = dataset["time"].values if "time" in dataset.coords else ()
    return [
        outcome for outcome in outcomes
        if outcome.variable in dataset.data_vars and (spine or not outcome.only_spine)
        and (outcome.day is None or nearest_time(times, outcome.day) is not None)
    ]  # fmt: skip


def label(outcome, dataset):
    """Label of an outcome with the currency of a result filled in."""
    return outcome.label.format(**dataset[outcome.variable].attrs)
