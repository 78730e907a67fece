"""What can have a price or a utility, and what each is attached to: names and meanings, no numbers."""

from __future__ import annotations

from typing import NamedTuple

from radsim import care

HEALTHCARE, SOCIETAL = "healthcare", "societal"
PERSPECTIVES = (HEALTHCARE, SOCIETAL)

COMPONENTS = (
    "radiotherapy", "toxicity", "skeletal_events", "analgesics", "care", "follow_up", "end_of_life", "travel_and_time",
)  # fmt: skip
"""Parts that costs are reported in."""


class Priced(NamedTuple):
    """Something that has a price.

    Attributes
    ----------
    component : str
        One of `COMPONENTS`.
    per : str
        What one unit is, for the unit of the price.
    meaning : str
    perspective : str
        `SOCIETAL` for what a healthcare payer does not pay.
    """

    component: str
    per: str
    meaning: str
    perspective: str = HEALTHCARE


PRICED = {
    "course": Priced("radiotherapy", "course", "a course of conventional radiotherapy: consultation, planning, verification"),
    "fraction": Priced("radiotherapy", "fraction", "a fraction of a conventional course"),
    "sbrt_course": Priced("radiotherapy", "course", "a stereotactic course: consultation, planning, verification"),
    "sbrt_fraction": Priced("radiotherapy", "fraction", "a fraction of a stereotactic course"),
    "flare": Priced("toxicity", "event", "a pain flare"),
    "acute_toxicity": Priced("toxicity", "event", "acute toxicity of grade 2 or more"),
    **{item.price: Priced(item.component, item.per, item.meaning) for item in care.ITEMS},
    "fracture": Priced("skeletal_events", "event", "a pathological fracture, surgery apart"),
    "cord_compression": Priced("skeletal_events", "event", "a spinal cord compression, surgery apart"),
    "operation": Priced("skeletal_events", "operation", "surgery for a fracture or a cord compression"),
    "fracture_recent_day": Priced("skeletal_events", "day", "a day in the quarter after a fracture"),
    "fracture_late_day": Priced("skeletal_events", "day", "a later day after a fracture"),
    "cord_compression_recent_day": Priced("skeletal_events", "day", "a day in the quarter after a cord compression"),
    "cord_compression_late_day": Priced("skeletal_events", "day", "a later day after a cord compression"),
    "opioid_mg": Priced("analgesics", "mg", "a milligram of oral morphine equivalent"),
    "pain_none_day": Priced("care", "day", "a day alive without pain at the site"),
    "pain_mild_day": Priced("care", "day", "a day alive in mild pain (1 to 4)"),
    "pain_moderate_day": Priced("care", "day", "a day alive in moderate pain (5 to 7)"),
    "pain_severe_day": Priced("care", "day", "a day alive in severe pain (8 to 10)"),
    "follow_up_visit": Priced("follow_up", "visit", "a follow-up visit that took place"),
    "final_quarter_day": Priced("end_of_life", "day", "a day 30 to 90 days before death"),
    "final_month_day": Priced("end_of_life", "day", "a day in the last 30 before death"),
    "death": Priced("end_of_life", "event", "a death"),
    "fraction_travel": Priced("travel_and_time", "fraction", "travel to a fraction and back", SOCIETAL),
    "fraction_time": Priced("travel_and_time", "fraction", "the patient's and companion's time for a fraction", SOCIETAL),
    "visit_travel": Priced("travel_and_time", "visit", "travel to a follow-up visit and back", SOCIETAL),
    "visit_time": Priced("travel_and_time", "visit", "the patient's and companion's time for a follow-up visit", SOCIETAL),
}  # fmt: skip
"""Everything that has a price; the parameter is called ``cost.`` and the name."""

COUNTED = {
    "flare": "flares", "acute_toxicity": "acute_toxicity", **{item.price: item.name for item in care.ITEMS},
    "fracture": "fractures", "cord_compression": "cord_compressions", "operation": "operations", "opioid_mg": "opioid_mg", "follow_up_visit": "follow_up_visits", "death": "deaths",
    "fraction_travel": "fractions", "fraction_time": "fractions", "visit_travel": "follow_up_visits",
    "visit_time": "follow_up_visits",
}  # fmt: skip
"""Price to the item of `count` that it multiplies; courses and fractions depend on technique and are apart."""

LIVED = {
    "fracture_recent_day": "fracture_recent", "fracture_late_day": "fracture_late",
    "cord_compression_recent_day": "cord_compression_recent", "cord_compression_late_day": "cord_compression_late",
    "pain_none_day": "pain_none", "pain_mild_day": "pain_mild", "pain_moderate_day": "pain_moderate",
    "pain_severe_day": "pain_severe", "final_quarter_day": "death_30_to_90_days", "final_month_day": "death_under_30_days",
}  # fmt: skip
"""Price to the part of a state of `occupancy` whose days it multiplies."""

PAIN_LEVELS = ("none", "mild", "moderate", "severe")

EVENT_STATES = {
    "fracture_recent": "utility lost in the quarter after a fracture",
    "fracture_late": "utility lost later after a fracture",
    "cord_compression_recent": "utility lost in the quarter after a cord compression",
    "cord_compression_late": "utility lost later after a cord compression",
}
NEAR_DEATH = {
    "30_to_90_days": "utility lost 30 to 90 days before death",
    "under_30_days": "utility lost in the last 30 days before death",
}
LOSSES = {
    "fraction": ("fractions", "quality-adjusted days lost by a fraction"),
    "course": ("courses", "quality-adjusted days lost by a course"),
    "flare": (
        "flares",
        "quality-adjusted days lost by a pain flare beyond its pain, which the pain levels hold already",
    ),
    "acute_toxicity": ("acute_toxicity", "quality-adjusted days lost by acute toxicity of grade 2 or more"),
    "operation": ("operations", "quality-adjusted days lost by an operation beyond its event"),
    "follow_up_visit": ("follow_up_visits", "quality-adjusted days lost by a follow-up visit"),
    **{item.price: (item.name, item.loss) for item in care.ITEMS if item.loss is not None},
}
"""One-off losses: the item of `count` that each multiplies, and its meaning."""

AGE_TERMS = {
    "constant": ("1", "constant"),
    "per_year": ("year-1", "slope in age"),
    "per_year_squared": ("year-2", "slope in the square of age"),
    "male": ("1", "men against women"),
    "reference_age": ("year", "age at which the utilities hold as they stand"),
    "reference_male": ("1", "share of men at which the utilities hold as they stand"),
}
"""Terms of the population norm of utility by age and sex: unit and meaning."""
