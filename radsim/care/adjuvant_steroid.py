"""A corticosteroid for a week beside the analgesics."""

from radsim.care.kind import Item, Kind

KIND = Kind(
    number=4,
    name="adjuvant_steroid",
    switch="adjuvant_steroid",
    label="Adjuvant corticosteroid",
    description="a week of it beside the analgesics: fatigue and appetite, hardly pain",
    option="adjuvant-steroid",
    parameters=tuple(f"adjuvant_steroid.{name}" for name in (
        "pain_share", "days", "better_fatigue", "better_appetite", "stopped", "thrush", "oedema",
    )),
    acts_on=("pain",),
    purposes={"stopped": 224, "thrush": 225, "oedema": 226, "fatigue": 227, "appetite": 228},
    items=(
        Item("steroid_courses", "steroid_course", "care", "course", "courses of an adjuvant corticosteroid"),
        Item("less_fatigue", "patient_with_less_fatigue", "care", "patient", "patients with clearly less fatigue for a week"),
        Item("better_appetites", "patient_with_better_appetite", "care", "patient", "patients with a clearly better appetite for a week"),
        Item("steroids_stopped", "steroid_stopped", "toxicity", "event", "corticosteroids stopped for side effects"),
        Item("thrushes", "one_thrush", "toxicity", "event", "oral thrush"),
        Item("oedemas", "one_oedema", "toxicity", "event", "oedema"),
    ),
)  # fmt: skip
