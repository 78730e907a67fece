"""The analgesic ladder: steps by pain, drugs by name, side effects."""

from radsim.care.kind import Amount, Choice, Item, Kind, Yes

NON_OPIOIDS = ("paracetamol", "ibuprofen", "diclofenac", "naproxen", "none")
WEAK = ("codeine", "tramadol", "low_dose_morphine")
STRONG = ("morphine", "oxycodone", "hydromorphone", "fentanyl")
FORBIDS = ("kidney_failure", "heart_failure", "low_platelets")


def refused(settings, config):
    """An NSAID where every patient has what forbids it."""
    found = [name for name in FORBIDS if config.cohort.covariates.get(name) == "yes"]
    if found and settings.non_opioid not in ("paracetamol", "none"):
        yield (
            "non_opioid",
            f"paracetamol or none, as all patients have {' and '.join(found).replace('_', ' ')}",
            settings.non_opioid,
        )


KIND = Kind(
    number=5,
    name="ladder",
    switch="analgesic_ladder",
    label="Analgesic ladder",
    description="analgesics by steps that follow the pain, instead of the doses of the disease model",
    option="ladder",
    reads=FORBIDS,
    settings=(
        Choice("non_opioid", NON_OPIOIDS, "paracetamol", "beside every step; an NSAID is replaced by paracetamol where the patient forbids it"),
        Choice("weak_opioid", WEAK, "tramadol", "step 2"),
        Choice("strong_opioid", STRONG, "morphine", "step 3; fentanyl, a patch, only while the dose is stable"),
        Yes("gastric_protection", True, "a proton pump inhibitor with an NSAID"),
        Yes("laxative", True, "with every opioid"),
        Yes("antiemetic", True, "with the first opioid"),
        Yes("nerve_pain_drug", False, "pregabalin for neuropathic pain: counted; no trial in bone metastases found an effect"),
        Amount("adherence", 0, 1, 1, "1", "share of the prescribed opioid that is taken; fear of addiction lowers it"),
    ),
    parameters=(
        "ladder.relief_log_odds.step_1", "ladder.relief_log_odds.step_2", "ladder.relief_log_odds.low_dose_morphine", "ladder.relief_sd",
        "ladder.weak_opioid_most_mg", "ladder.step_3_mg.after_weak_opioid", "ladder.step_3_mg.otherwise", "ladder.titration_days",
        "ladder.increase", "ladder.ceiling_mg", "ladder.breakthrough", "ladder.breakthrough_per_day", "ladder.rescue_share",
        "ladder.most_rescues", "ladder.constipation", "ladder.nausea", "ladder.sleepiness", "ladder.transient_days",
        "ladder.laxative_ratio", "ladder.antiemetic_ratio", "ladder.bleeding_rate_per_day", "ladder.gastric_protection_ratio",
        "ladder.step_2_from_pain", "ladder.step_3_from_pain", "ladder.down_at_pain", "ladder.down_after_days", "ladder.first_review_day",
        "ladder.second_review_day", "ladder.review_days", "ladder.least_days_between_reviews", "ladder.breakthrough_at_pain",
        "ladder.patch_after_days",
    ),
    vectors={
        "ladder_step_2_mg": tuple(f"ladder.step_2_mg.{name}" for name in WEAK),
        "ladder_bleeding_ratio": tuple(f"ladder.bleeding_ratio.{name}" for name in NON_OPIOIDS),
        "ladder_conversion": tuple(f"ladder.conversion.{name}" for name in STRONG),
    },
    acts_on=("dose", "pain"),
    purposes={
        "relief": 200, "breakthrough": 201, "rescues": 202, "constipation": 203, "nausea": 204, "sleepiness": 205, "bleeding": 206,
    },
    items=(
        Item("days_on_step_1", "day_on_step_1", "analgesics", "day", "days on step 1, non-opioids"),
        Item("days_on_step_2", "day_on_step_2", "analgesics", "day", "days on step 2, a weak opioid"),
        Item("days_on_step_3", "day_on_step_3", "analgesics", "day", "days on step 3, a strong opioid"),
        Item("days_with_patch", "day_with_patch", "analgesics", "day", "days with a fentanyl patch"),
        Item("strong_opioid_mg", "mg_of_strong_opioid", "analgesics", "mg", "milligrams of the strong opioid by name"),
        Item("days_with_paracetamol", "day_with_paracetamol", "analgesics", "day", "days with paracetamol"),
        Item("days_with_nsaid", "day_with_nsaid", "analgesics", "day", "days with an NSAID"),
        Item("days_with_gastric_protection", "day_with_gastric_protection", "analgesics", "day", "days with gastric protection"),
        Item("days_with_laxative", "day_with_laxative", "analgesics", "day", "days with a laxative"),
        Item("days_with_nerve_pain_drug", "day_with_nerve_pain_drug", "analgesics", "day", "days with a drug against nerve pain"),
        Item("opioid_rotations", "opioid_rotation", "analgesics", "event", "changes of the strong opioid at the ceiling of the dose"),
        Item("constipations", "one_constipation", "toxicity", "patient", "patients with constipation by an opioid"),
        Item("nauseas", "one_nausea", "toxicity", "patient", "patients with nausea after the first opioid"),
        Item("sleepinesses", "one_sleepiness", "toxicity", "patient", "patients who are sleepy after the first opioid"),
        Item("bleedings", "one_bleeding", "toxicity", "event", "bleeding of the upper gut", "quality-adjusted days lost by a bleeding of the upper gut"),
        Item("days_with_constipation", "day_with_constipation", "toxicity", "day", "days with constipation, as long as the opioid is taken", "quality-adjusted days lost by a day with constipation"),
        Item("days_with_nausea", "day_with_nausea", "toxicity", "day", "days with nausea after the first opioid", "quality-adjusted days lost by a day with nausea"),
        Item("days_with_sleepiness", "day_with_sleepiness", "toxicity", "day", "days of sleepiness after the first opioid", "quality-adjusted days lost by a day of sleepiness"),
        Item(
            "doses_not_kept", "dose_not_kept", "analgesics", "patient", "patients with as many changes of the dose as are kept, who may lack later ones",
            warning="have as many changes of the dose on the ladder as are kept of a patient, and may lack later ones: let reviews be further apart, or increases larger",
        ),
    ),
    refuses=refused,
)  # fmt: skip
