"""Fixation of a long bone at high risk of fracture, and what follows the operation of one that has broken."""

import math

import twin

NEVER = math.inf
OPERATED, IMPLANT, DEATH, TUMOUR, REFERRAL = 232, 233, 234, 235, 236
FIXATION, AFTER_FRACTURE = 0, 1  # occurrences


def mirels(patient, p):
    """Score of Mirels: site, lesion, pain, and size, each up to three points; 0 of other bones."""
    site = {"hip": 3, "humerus": 1}.get(patient["site"])
    if site is None:
        return 0
    lesion = {"lytic": 3, "mixed": 2, "blastic": 1}[patient["lesion"]]
    pain = 1 + sum(
        patient["pain"] >= p["fracture_care.mirels." + limit] for limit in ("moderate_pain", "functional_pain")
    )
    length = patient["cortical_involvement_mm"]
    size = 2
    if patient["site"] == "hip":
        size = 1 + sum(length >= p["fracture_care.mirels." + limit] for limit in ("second_third_mm", "last_third_mm"))
    return site + lesion + pain + size


def at_high_risk(settings, life):
    p, patient = life.parameters, life.patient
    if settings["classifier"] == "mirels":
        return mirels(patient, p) >= p["fracture_care.mirels.least_score"]
    return patient["site"] == "hip" and patient["cortical_involvement_mm"] >= p["fracture.high_risk_mm"]


def is_fixed(settings, life, luck):
    return at_high_risk(settings, life) and luck(OPERATED, FIXATION) < settings["operated"]


def act(settings, life, schedule, luck):
    p = life.parameters
    ratio = 1.0
    if is_fixed(settings, life, luck):
        ratio = p["fracture_care.fixed_rate_ratio"]
    elif at_high_risk(settings, life) and settings["irradiation_prevents_fracture"] and not schedule["none"]:
        ratio = p["fracture_care.irradiation_prevents_ratio"]
    life.effects.factors.append(("fracture", 0.0, NEVER, ratio))


def operated(kind, day, irradiated, settings, life, luck, diary, until=NEVER):
    """What an operation on a day may come to; its implant serves until there is another."""
    p = life.parameters
    which = AFTER_FRACTURE if kind == "after_fracture" else FIXATION
    if luck(DEATH, which) < p["fracture_care.perioperative_death." + kind]:
        diary.at("perioperative_deaths", day)
    failing = p["fracture_care.implant_failure_rate_per_day." + settings["implant"]]
    fails = day + twin.exponential(luck(IMPLANT, which), failing)
    if fails < until:
        diary.at("implant_failures", fails)
    growing = p["fracture_care.local_failure_rate_per_day"]
    if irradiated and settings["whole_implant"]:
        growing *= p["fracture_care.local_failure_ratio"]
    grows = day + twin.exponential(luck(TUMOUR, which), growing)
    if grows < until:
        diary.at("local_failures", grows)


def count(settings, life, luck, diary):
    p = life.parameters
    if at_high_risk(settings, life):
        diary.at("high_risk_bones", 0.0)
    if is_fixed(settings, life, luck):
        diary.at("prophylactic_fixations", 0.0)
        diary.at("hospital_days_for_fixation", 0.0, round(p["fracture_care.hospital_days.prophylactic"]))
        irradiated = not life.courses[0]["schedule"]["none"]
        operated("prophylactic", 0.0, irradiated, settings, life, luck, diary, until=life.time_to_surgery)
    day = life.time_to_surgery
    if life.patient["site"] in ("hip", "humerus") and day < diary.end:
        diary.days("hospital_days_for_fracture", day, day + p["fracture_care.hospital_days.after_fracture"])
        irradiated = is_irradiated_after(day, settings, life, luck, diary)
        operated("after_fracture", day, irradiated, settings, life, luck, diary)


def is_irradiated_after(day, settings, life, luck, diary):
    """By a repeat soon after the operation; else by a course of its own, of those who are referred and live to it."""
    p = life.parameters
    within = day + p["fracture_care.irradiation_within_days"]
    if any(day <= course["start"] < within for course in life.courses[1:]):
        return True
    referred = settings["irradiation_after_surgery"] and luck(REFERRAL) < p["fracture_care.referral.after_fracture"]
    start = day + p["fracture_care.irradiation_delay_days"]
    if not referred or start >= life.time_to_death:
        return False
    diary.at("courses_after_surgery", start)
    diary.at("fractions_after_surgery", start, settings["fractions_after_surgery"])
    return True
