"""Systemic therapy: the line that fits, its clock, and what it does to death, to the pain and to the rest of the skeleton."""

import math

NEVER = math.inf
FIRST_CLOCK, SECOND_CLOCK, CPS, RELIEF, GIVEN = 292, 293, 294, 295, 296
MONTH, FOUR_WEEKS = 365.25 / 12, 28
HER2_POSITIVE = ("hr_positive_her2_positive", "hr_negative_her2_positive")
CDK4_6 = ("ribociclib", "palbociclib", "palbociclib_fulvestrant", "abemaciclib")
DRUGS = {
    "endocrine": ["endocrine_therapy"],
    "ribociclib": ["endocrine_therapy", "ribociclib"],
    "palbociclib": ["endocrine_therapy", "palbociclib"],
    "palbociclib_fulvestrant": ["endocrine_therapy", "palbociclib"],
    "abemaciclib": ["endocrine_therapy", "abemaciclib"],
    "her2": ["her2_therapy"],
    "pembrolizumab": ["pembrolizumab", "chemotherapy"],
    "enzalutamide": ["enzalutamide"],
    "chemotherapy": ["chemotherapy"],
}  # of each first line


def by_diagnosis(patient):
    if patient["primary"] == "prostate":
        return "enzalutamide"
    if patient["primary"] != "breast":
        return "chemotherapy"
    if patient["subtype"] in HER2_POSITIVE:
        return "her2"
    return "pembrolizumab" if patient["subtype"] == "triple_negative" else "ribociclib"


def fits(therapy, patient):
    """Is it one for this cancer? Endocrine therapy alone is for all with hormone receptors."""
    if therapy == "chemotherapy" or by_diagnosis(patient) == therapy:
        return True
    may_be_hormonal = by_diagnosis(patient) == "ribociclib"
    if therapy == "endocrine":
        return may_be_hormonal or (patient["primary"] == "breast" and patient["subtype"] == "hr_positive_her2_positive")
    return therapy in CDK4_6 and may_be_hormonal


def line(settings, patient, p, luck):
    """First line of a patient, None if it does not fit."""
    therapy = settings["therapy"]
    if therapy == "by_diagnosis":
        therapy = by_diagnosis(patient)
    if not fits(therapy, patient):
        return None
    without_pd_l1 = luck(CPS) >= p["systemic_therapy.cps_10_or_more"]
    return "chemotherapy" if therapy == "pembrolizumab" and without_pd_l1 else therapy


def settings_in(care, name):
    """Settings of a kind of care by the name of its module, None if it is not given."""
    return next((settings for kind, settings in care if kind.__name__.split(".")[-1] == name), None)


def takes_radium(patient, care):
    from twin_care import radiopharmaceutical  # which asks here for chemotherapy

    settings = settings_in(care, "radiopharmaceutical")
    return bool(settings) and settings["agent"] == "radium_223" and radiopharmaceutical.fits(settings, patient)


def gets_it(settings, luck):
    """One of the share who are given what they are modelled with."""
    return settings["share"] == 1 or luck(GIVEN) < settings["share"]


def has_chemotherapy(life, luck):
    settings = settings_in(life.care, "systemic_therapy")
    if settings is None or not gets_it(settings, luck):
        return False
    return line(settings, life.patient, life.parameters, luck) in ("pembrolizumab", "chemotherapy")


def era_of(era):
    return "modern" if era == "modern" else "era_1990s"


def ratio_of_death(settings, patient, p, era, care, luck):
    first = line(settings, patient, p, luck)
    if first is None:
        return 1.0
    more = settings["share"] - p[f"systemic_therapy.share_in_baseline.{era_of(era)}.{first}"]
    ratio = p["systemic_therapy.survival_ratio." + first] ** more
    if first == "enzalutamide" and takes_radium(patient, care):
        ratio *= p["systemic_therapy.radium_survival_ratio"] ** settings["share"]
    return ratio


def clocks(settings, life, luck):
    """End of the first line, and of all control."""
    p, patient = life.parameters, life.patient
    first = line(settings, patient, p, luck)
    if first == "chemotherapy":
        tumour = patient["primary"]
        if (tumour, patient["subtype"]) == ("breast", "triple_negative"):
            tumour = "triple_negative"
        months = p["systemic_therapy.chemotherapy_months." + tumour]
    elif first == "enzalutamide" and takes_radium(patient, life.care):
        months = p["systemic_therapy.radium_median_months"]
    else:
        months = p["systemic_therapy.median_months." + first]
    end = time_to_progression(luck(FIRST_CLOCK), months)
    if not settings["second_line"]:
        return end, end
    return end, end + time_to_progression(luck(SECOND_CLOCK), p["systemic_therapy.second_line_median_months"])


def time_to_progression(u, median_months):
    return -math.log(u) * median_months * MONTH / math.log(2)


def act(settings, life, schedule, luck):
    p = life.parameters
    first = line(settings, life.patient, p, luck)
    if first is None:
        return
    end, end_of_control = clocks(settings, life, luck)
    more = settings["share"] - p["systemic_therapy.controlled_in_baseline." + era_of(life.era)]
    for hazard in (
        "worsening", "elsewhere_fracture", "elsewhere_surgery", "elsewhere_cord_compression", "hypercalcaemia", "new_site",
    ):  # fmt: skip
        name = "worsening_ratio" if hazard == "worsening" else "elsewhere_ratio"
        life.effects.factors.append((hazard, 0.0, end_of_control, p["systemic_therapy." + name] ** more))
    if luck(RELIEF) < p["systemic_therapy.relief." + first] * max(0.0, more):
        start, stop = p["systemic_therapy.relief_from_day"], min(end, life.terminal)
        if start < stop:
            life.effects.shares.append((start, stop, p["systemic_therapy.relief_share"]))


def count(settings, life, luck, diary):
    first = line(settings, life.patient, life.parameters, luck)
    if first is None:
        diary.at("systemic_therapies_not_fitting", 0.0)
        return
    if not gets_it(settings, luck):
        return
    end, end_of_control = clocks(settings, life, luck)
    for drug in DRUGS[first]:
        diary.every("months_of_" + drug, FOUR_WEEKS, 0.0, end)
    diary.at("progressions_on_therapy", end)
    if settings["second_line"]:
        diary.every("months_of_chemotherapy", FOUR_WEEKS, end, end_of_control)
        diary.at("progressions_on_therapy", end_of_control)
