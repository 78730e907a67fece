"""A long bone at high risk of fracture: prophylactic fixation, and what follows an operation."""

from radsim.care.kind import Amount, Choice, Item, Kind, Yes

CLASSIFIERS = ("cortical_involvement", "mirels")
IMPLANTS = ("nail", "prosthesis")
LONG_BONES = {"cortical_involvement": ("hip",), "mirels": ("hip", "humerus")}  # sites that each classifier can judge


def refused(settings, config):
    """Nobody with a bone that the classifier can judge, and a scenario that is left nobody to act on."""
    site = config.cohort.covariates.get("site")
    sites = {site} if isinstance(site, str) else {name for name, share in (site or {}).items() if share > 0}
    judged = LONG_BONES[settings.classifier]
    if sites and not sites & set(judged):
        expected = f"a site that it can judge in cohort.site: {' or '.join(judged)}"
        yield "classifier", expected, f"{settings.classifier} with {', '.join(sorted(sites))}"
    if settings.irradiation_prevents_fracture and settings.operated == 1.0:
        text = "operated below 1 beside it, as the scenario is of bones that are not fixed"
        yield "irradiation_prevents_fracture", text, "true with operated 1"


KIND = Kind(
    number=6,
    name="fracture_care",
    switch="fracture_care",
    label="Prevention and care of fracture",
    description="fixation of a long bone at high risk before the radiotherapy, and radiotherapy after an operation",
    option="fixation",
    option_sets="implant",
    settings=(
        Choice("classifier", CLASSIFIERS, "cortical_involvement", "who is at high risk: by the length of cortical involvement, or a Mirels score"),
        Choice("implant", IMPLANTS, "nail", "with what a long bone is fixed, before a fracture or after it"),
        Amount("operated", 0, 1, 1, "1", "share of those at high risk who are operated on before a fracture"),
        Yes("irradiation_after_surgery", True, "an operation for a fracture is followed by radiotherapy, as often as in routine care"),
        Amount("fractions_after_surgery", 1, 15, 5, "1", "fractions of a course after an operation for a fracture"),
        Yes("whole_implant", True, "the field of the radiotherapy holds the whole implant"),
        Yes("irradiation_prevents_fracture", False, "scenario: radiotherapy prevents fractures, as in painless high-risk lesions"),
    ),
    parameters=(
        "fracture_care.mirels.least_score", "fracture_care.mirels.moderate_pain", "fracture_care.mirels.functional_pain",
        "fracture_care.mirels.second_third_mm", "fracture_care.mirels.last_third_mm",
        "fracture_care.fixed_rate_ratio", "fracture_care.hospital_days.prophylactic", "fracture_care.hospital_days.after_fracture",
        "fracture_care.perioperative_death.prophylactic", "fracture_care.perioperative_death.after_fracture",
        "fracture_care.local_failure_rate_per_day", "fracture_care.local_failure_ratio", "fracture_care.referral.after_fracture",
        "fracture_care.irradiation_delay_days", "fracture_care.irradiation_within_days", "fracture_care.irradiation_prevents_ratio",
    ),
    vectors={
        "fracture_care_by_implant_failure_rate_per_day": tuple(f"fracture_care.implant_failure_rate_per_day.{name}" for name in IMPLANTS),
    },
    acts_on=("fracture",),
    purposes={"operated": 232, "implant_failure": 233, "perioperative_death": 234, "local_failure": 235, "referral": 236},
    state=("high_risk", "fixed"),
    items=(
        Item("high_risk_bones", "high_risk_bone", "care", "patient", "long bones judged at high risk of fracture"),
        Item("prophylactic_fixations", "prophylactic_fixation", "skeletal_events", "operation", "fixation of a long bone before a fracture", "quality-adjusted days lost by a fixation before a fracture"),
        Item("hospital_days_for_fixation", "hospital_day_for_fixation", "skeletal_events", "day", "days in hospital for a fixation before a fracture"),
        Item("hospital_days_for_fracture", "hospital_day_for_fracture", "skeletal_events", "day", "days in hospital for an operation on a broken long bone"),
        Item("perioperative_deaths", "perioperative_death", "skeletal_events", "event", "expected deaths within 30 days of an operation (nobody dies here)"),
        Item("implant_failures", "implant_failure", "skeletal_events", "operation", "implants that fail and are replaced", "quality-adjusted days lost by an implant that fails"),
        Item("local_failures", "local_failure", "skeletal_events", "event", "tumour that grows again at an implant"),
        Item("courses_after_surgery", "course_after_surgery", "radiotherapy", "course", "courses of radiotherapy after an operation for a fracture"),
        Item("fractions_after_surgery", "fraction_after_surgery", "radiotherapy", "fraction", "fractions of radiotherapy after an operation for a fracture"),
    ),
    refuses=refused,
)  # fmt: skip
