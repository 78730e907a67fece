"""The patient beyond the pain: walking, falls, mood, what daily life asks for, and help with it."""

import math

from radsim.care.kind import Choice, Item, Kind, Output, Yes

REHABILITATION = ("none", "given", "as_in_the_spine_trial")


def refused(settings, config):
    """The effect of a trial of the spine in other patients."""
    everybody = config.cohort.covariates.get("site") == "spine"
    if settings.rehabilitation == "as_in_the_spine_trial" and not everybody:
        yield (
            "rehabilitation",
            "none or given, or patients who all have a spine metastasis, as in its trial",
            settings.rehabilitation,
        )


def derive(values, settings, modern):
    """The hazard of a fall of a patient without pain or depression, and the share that psychological care takes off the pain."""

    def of(name):
        return values[f"person.{name}"]

    log_mean = of("fall.pain_in_baseline") * math.log(of("fall.pain_ratio"))
    log_mean += of("depression.mean_points") * math.log(of("fall.ratio_per_point_of_depression"))
    points = of("psychological_care.effect_sd") * of("psychological_care.pain_sd")
    spread = of("depression.shape")
    return {
        "person_fall_rate": [of("fall.rate_per_day") / math.exp(log_mean)],
        "person_depression_scale": [of("depression.mean_points") / math.gamma(1.0 + 1.0 / spread)],
        "person_psychological_share": [min(1.0, points / of("psychological_care.pain_mean"))],
    }


KIND = Kind(
    number=12,
    name="person",
    switch="person",
    label="Walking, falls, mood and help",
    description="days walking, falls and their fractures, depression, daily function, help; rehabilitation and psychological care",
    option="person",
    settings=(
        Yes("psychological_care", False, "a course of psychological care: less pain once it is over"),
        Choice("rehabilitation", REHABILITATION, "none", "given: counted alone; as_in_the_spine_trial: more response, a scenario"),
        Yes("weight_bearing_advice", False, "a walking aid for hips at high risk of a fracture, whatever the pain"),
    ),
    parameters=tuple(f"person.{name}" for name in (
        "aid.log_odds", "chair.log_odds", "walking.log_odds_per_point_of_pain", "walking.log_odds_per_ten_karnofsky",
        "walking.log_odds_after_fracture", "walking.log_odds_before_death", "walks_after_cord_compression",
        "fall.rate_per_day", "fall.pain_ratio", "fall.pain_in_baseline", "fall.ratio_per_point_of_depression", "fall.injury", "fall.fracture",
        "depression.share", "depression.mean_points", "depression.shape",
        "psychological_care.effect_sd", "psychological_care.pain_sd", "psychological_care.pain_mean", "psychological_care.days",
        "psychological_care.lasts_days", "psychological_care.sessions",
        "rehabilitation.sessions", "rehabilitation.days", "rehabilitation.log_odds", "weight_bearing_advice.fracture_ratio",
        "function.points_with_response", "function.points_without_response", "function.from_day", "help_karnofsky",
    )),
    acts_on=("pain", "response", "fracture"),
    purposes={"fall": 312, "fall_harm": 313, "walking": 316, "depression": 317, "walks_after_cord": 318},
    state=("fall_ratio", "walking", "depressed"),
    derived={"person_fall_rate": 1, "person_depression_scale": 1, "person_psychological_share": 1},
    derive=derive,
    items=(
        Item("days_walking_unaided", "day_walking_unaided", "care", "day", "days walking unaided"),
        Item("days_with_walking_aid", "day_with_walking_aid", "care", "day", "days walking with an aid"),
        Item("days_in_chair_or_bed", "day_in_chair_or_bed", "care", "day", "days in a chair or bed", "quality-adjusted days lost by a day in a chair or bed, beyond what pain and events take"),
        Item("days_needing_help", "day_needing_help", "care", "day", "days needing help of a carer"),
        Item("patient_falls", "one_fall", "care", "fall", "falls"),
        Item("patients_who_fall", "patient_who_falls", "care", "patient", "patients who fall at least once"),
        Item("falls_with_injury", "one_fall_with_injury", "care", "event", "falls with an injury", "quality-adjusted days lost by an injury in a fall"),
        Item("fractures_by_falls", "one_fracture_by_a_fall", "skeletal_events", "event", "fractures or dislocations by a fall, beside the irradiated site", "quality-adjusted days lost by a fracture in a fall"),
        Item("depressed_patients", "patient_with_depression", "care", "patient", "patients with depression"),
        Item("psychological_sessions", "psychological_session", "care", "session", "sessions of psychological care"),
        Item("rehabilitation_sessions", "rehabilitation_session", "care", "session", "sessions of rehabilitation"),
        Item("function_point_days", "point_day_of_function", "care", "day", "points of daily function (0 to 100) gained, times days"),
    ),
    outputs=(
        Output("mobility", "d", "days walking unaided, with an aid, or in a chair or bed, of a patient", {
            "unaided": ("days_walking_unaided",), "with_aid": ("days_with_walking_aid",), "chair_or_bed": ("days_in_chair_or_bed",),
        }, dim="walking"),
        Output("falls", "1", "falls of a patient", {"": ("patient_falls",)}),
        Output("functional_interference", "1", "mean change of daily function over the days lived, 0 to 100, higher is better", {
            "": ("function_point_days",),
        }, of_days=True),
    ),
    refuses=refused,
)  # fmt: skip
