"""The rest of the skeleton: events there, and other painful sites."""

from radsim.care.kind import Amount, Item, Kind, Output

KIND = Kind(
    number=1,
    name="other_bones",
    switch="other_bones",
    label="The rest of the skeleton",
    description="fractures, surgery, cord compression and hypercalcaemia elsewhere; new painful sites and their irradiation",
    option="other-bones",
    reads=("several_sites",),
    settings=(Amount("fractions", 1, 15, 1, "1", "fractions of a course to another site"),),
    parameters=(
        "other_bones.spread", "other_bones.fracture_rate_per_day", "other_bones.surgery_rate_per_day",
        "other_bones.cord_compression_rate_per_day", "other_bones.hypercalcaemia_rate_per_day", "other_bones.site_rate_per_day",
        "other_bones.least_interval_days", "other_bones.pain_mean", "other_bones.pain_sd", "other_bones.irradiated",
        "other_bones.wait_days", "other_bones.pain_least",
    ),
    acts_on=("sites", "escalation"),
    state=("first_event",),
    purposes={
        "frailty": 180, "fracture": 181, "surgery": 182, "cord_compression": 183, "hypercalcaemia": 184, "new_site": 185,
        "site_pain": 186, "site_irradiated": 187, "site_response": 188, "site_onset": 189, "site_relapse": 190,
    },
    items=(
        Item("fractures_elsewhere", "fracture_elsewhere", "skeletal_events", "event", "pathological fractures elsewhere", "quality-adjusted days lost by a fracture elsewhere"),
        Item("operations_elsewhere", "operation_elsewhere", "skeletal_events", "operation", "operations on bone elsewhere", "quality-adjusted days lost by an operation on bone elsewhere"),
        Item("cord_compressions_elsewhere", "cord_compression_elsewhere", "skeletal_events", "event", "spinal cord compressions elsewhere", "quality-adjusted days lost by a spinal cord compression elsewhere"),
        Item("hypercalcaemias", "one_hypercalcaemia", "skeletal_events", "event", "hypercalcaemia", "quality-adjusted days lost by a hypercalcaemia"),
        Item("painful_sites_elsewhere", "painful_site_elsewhere", "care", "site", "new painful sites elsewhere"),
        Item("courses_elsewhere", "course_elsewhere", "radiotherapy", "course", "courses of radiotherapy to other sites"),
        Item("fractions_elsewhere", "fraction_elsewhere", "radiotherapy", "fraction", "fractions of radiotherapy to other sites"),
        Item("skeletal_events_anywhere", "one_skeletal_event", "skeletal_events", "event", "skeletal events anywhere, radiation to bone included"),
        Item("first_skeletal_events", "patient_with_a_skeletal_event", "skeletal_events", "patient", "patients with a skeletal event anywhere"),
        Item("days_with_other_painful_site", "day_with_other_painful_site", "care", "day", "days on which another site hurts without relief"),
    ),
    outputs=(
        Output("skeletal_event_incidence", "1", "skeletal events so far, of the irradiated site and elsewhere, of a patient", {
            "fracture": ("fractures", "fractures_elsewhere"),
            "cord_compression": ("cord_compressions", "cord_compressions_elsewhere"),
            "surgery": ("operations", "operations_elsewhere"),
            "hypercalcaemia": ("hypercalcaemias",),
            "radiation_elsewhere": ("courses_elsewhere",),
        }, dim="skeletal_event", cumulative=True),
        Output("courses_elsewhere", "1", "courses of radiotherapy to other sites, of a patient", {"": ("courses_elsewhere",)}),
    ),
)  # fmt: skip
