"""What the page looks at, each in the words of a clinician and of a patient."""

from __future__ import annotations

from typing import NamedTuple

from radsim.care import acting_on
from radsim.presentation.caveats import RETREATED
from radsim.presentation.words import capital

WEEK, YEAR = 7.0, 365.0

OF_100, DAYS = "of 100", "days"


class Outcome(NamedTuple):
    """One thing that happens, or does not, to patients.

    Attributes
    ----------
    key : str
        Name of its own.
    variable : str
        Variable of the result.
    day : float or None
        Day at which a variable over time is read. [d]
    scale : str
        `OF_100` for a share, `DAYS` for a mean.
    topics : tuple of str
        First parts of the names of the parameters it rests on.
    clinician, patient : str
        What it is, to stand as a heading.
    short_clinician, short_patient : str
        The same within a sentence: "what differs is …".
    note_clinician, note_patient : str
        What must be said beside it, or nothing.
    """

    key: str
    variable: str
    day: float | None
    scale: str
    topics: tuple[str, ...]
    clinician: str
    patient: str
    short_clinician: str
    short_patient: str
    note_clinician: str = ""
    note_patient: str = ""


RELIEF = (
    Outcome(
        "relief_4", "relief", 4 * WEEK, OF_100, ("response", "onset", "relapse"),
        "Alive with pain relief at 4 weeks", "Clearly less pain after 4 weeks",
        "relief at 4 weeks", "having less pain after 4 weeks",
    ),
    Outcome(
        "relief_12", "relief", 12 * WEEK, OF_100, ("response", "onset", "relapse", "retreatment"),
        "Alive with pain relief at 12 weeks", "Clearly less pain after 12 weeks",
        "relief at 12 weeks", "having less pain after 12 weeks",
        "Relief after a repeat of the course counts too; the dead are not in relief.",
        "This counts the relief that a second course of radiotherapy brings, too.",
    ),
    Outcome(
        "complete_12", "complete_relief", 12 * WEEK, OF_100, ("response", "onset", "relapse", "retreatment"),
        "Alive and free of pain at 12 weeks", "No pain at all at this spot after 12 weeks",
        "freedom from pain at 12 weeks", "being free of pain after 12 weeks",
    ),
)  # fmt: skip
"""Whether the pain goes: the question itself."""

EVENTS = (
    Outcome(
        "retreatment", "retreatment_incidence", YEAR, OF_100, ("retreatment", "cord"),
        "Irradiated again at this site within a year", "Treated again at the same spot within a year",
        "retreatment of the site", "how often the same spot is treated again",
        f"{capital(RETREATED)}.",
        "Doctors tend to offer a second course more readily after a single treatment. So this does not mean that the first one failed.",
    ),
    Outcome(
        "treatment_days", "treatment_days", None, DAYS, ("retreatment",),
        "Days of attendance for radiotherapy, repeats included", "Days at the hospital for radiotherapy, second courses included",
        "days of radiotherapy", "the number of days spent at the hospital for it",
    ),
    Outcome(
        "toxicity", "acute_toxicity", None, OF_100, ("toxicity",),
        "Acute toxicity of grade 2 or more", "Side effects in the first weeks that need attention",
        "acute toxicity", "side effects in the first weeks",
    ),
    Outcome(
        "flare", "pain_flare", None, OF_100, ("flare", *acting_on("flare_risk_ratio")),
        "Pain flare within ten days", "More pain for a few days soon after treatment",
        "pain flare", "a few days of more pain soon after treatment",
    ),
    Outcome(
        "fracture", "pathological_fracture_incidence", YEAR, OF_100, ("fracture", *acting_on("fracture_rate_ratio")),
        "Pathological fracture of the site within a year", "The bone breaking at this spot within a year",
        "pathological fracture", "the bone breaking",
    ),
    Outcome(
        "cord", "spinal_cord_compression_incidence", YEAR, OF_100, ("cord_compression", *acting_on("cord_compression_rate_ratio")),
        "Spinal cord compression within a year", "Pressure on the spinal cord within a year",
        "spinal cord compression", "pressure on the spinal cord",
    ),
)  # fmt: skip
"""What else happens on the way."""

SURVIVAL = (
    Outcome(
        "alive_12", "survival", 12 * WEEK, OF_100, ("survival",),
        "Alive at 12 weeks", "Alive after 12 weeks", "survival to 12 weeks", "living 12 weeks or longer",
    ),
    Outcome(
        "alive_52", "survival", YEAR, OF_100, ("survival",),
        "Alive at one year", "Alive after one year", "survival to one year", "living a year or longer",
    ),
)  # fmt: skip
"""The same under every schedule by construction; radiotherapy for pain does not change it."""

TRIAL = (
    Outcome(
        "overall", "overall_response", None, OF_100, ("response", "onset", "observation"),
        "Overall response within 12 weeks, as a trial would report it", "Better by the charts of a trial, within 12 weeks",
        "overall response", "the response by a trial's charts",
    ),
    Outcome(
        "complete", "complete_response", None, OF_100, ("response", "onset", "observation"),
        "Complete response within 12 weeks, as a trial would report it", "Free of pain by the charts of a trial, within 12 weeks",
        "complete response", "the complete response by a trial's charts",
    ),
)  # fmt: skip
"""Headline endpoints: best pain score as seen at the visits; a missing chart counts as a failure."""

COMPARED = RELIEF + EVENTS
ALL = RELIEF + EVENTS + SURVIVAL + TRIAL
