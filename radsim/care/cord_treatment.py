"""Treatment of a spinal cord compression: dexamethasone, surgery, one fraction or several, and who walks after it."""

from radsim.care.kind import Amount, Choice, Item, Kind

DOSES = (0, 16, 96)
"""Of dexamethasone, those of trials; the last is the high dose. [mg d-1]"""


def refused(settings, config):
    """Doses that no trial gave."""
    if settings.dexamethasone_mg not in DOSES:
        yield "dexamethasone_mg", "0, 16 or 96 mg a day, which trials gave", f"{settings.dexamethasone_mg:g}"


KIND = Kind(
    number=3,
    name="cord_treatment",
    switch="cord_treatment",
    label="Treatment of cord compression",
    description="dexamethasone at once, surgery for some, radiotherapy; who walks after it",
    option="cord-treatment",
    settings=(
        Choice("radiotherapy", ("several_fractions", "one_fraction"), "several_fractions", "20 Gy in five fractions, or 8 Gy in one"),
        Amount("dexamethasone_mg", 0, 96, 16, "mg d-1", "dexamethasone: 0, 16 or 96 mg a day"),
    ),
    parameters=tuple(f"cord_treatment.{name}" for name in (
        "walks_before", "log_odds_walking", "log_odds_walks_before", "log_odds_surgery", "log_odds_no_dexamethasone",
        "log_odds_high_dose", "log_odds_single_fraction", "weeks_to_outcome", "serious_harm_16_mg", "serious_harm_96_mg", "fractions",
    )),
    acts_on=(),
    purposes={"walks_before": 220, "walks_after": 221, "surgery_elsewhere": 222, "serious_harm": 223},
    items=(
        Item("cord_steroid_courses", "cord_steroid_course", "care", "course", "courses of dexamethasone for cord compression"),
        Item("cord_fractions", "cord_fraction", "radiotherapy", "fraction", "fractions of radiotherapy for cord compression"),
        Item("cord_operations_elsewhere", "cord_operation_elsewhere", "skeletal_events", "operation", "operations for cord compression elsewhere"),
        Item("cord_steroid_harms", "cord_steroid_harm", "toxicity", "event", "serious harm of dexamethasone for cord compression"),
        Item("walking_before_treatment", "walking_before", "skeletal_events", "patient", "patients walking when cord compression begins"),
        Item("walking_after_treatment", "walking_after", "skeletal_events", "patient", "patients walking eight weeks after it"),
        Item("days_not_walking", "day_not_walking", "care", "day", "days without walking after cord compression", "quality-adjusted days lost by a day without walking, beyond a day after cord compression"),
    ),
    refuses=refused,
)  # fmt: skip
