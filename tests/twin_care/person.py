"""The patient beyond the pain: walking, falls, mood, daily function and help."""

import math

import twin

from twin_care import cord_treatment
from twin_care.effects import Diary
from twin_care.systemic_therapy import settings_in

NEVER = math.inf
FALL, HARM, WALKING, DEPRESSION, WALKS_AFTER_CORD = 312, 313, 316, 317, 318
WEIGHT_BEARING = ("hip", "pelvis", "spine")
LAST_DAYS = 30
LEVELS = ("days_walking_unaided", "days_with_walking_aid", "days_in_chair_or_bed")
UNAIDED, WITH_AID, CHAIR = 0, 1, 2


def logistic(x):
    return 1 / (1 + math.exp(-x))


def act(settings, life, schedule, luck):
    p, effects = life.parameters, life.effects
    if settings["psychological_care"]:
        share = p["person.psychological_care.effect_sd"] * p["person.psychological_care.pain_sd"]
        share /= p["person.psychological_care.pain_mean"]
        over = p["person.psychological_care.days"]
        effects.shares.append((over, over + p["person.psychological_care.lasts_days"], min(1.0, share)))
    if settings["rehabilitation"] == "as_in_the_spine_trial":
        effects.response_log_odds += p["person.rehabilitation.log_odds"]
    if is_advised(settings, life):
        effects.factors.append(("fracture", 0.0, NEVER, p["person.weight_bearing_advice.fracture_ratio"]))


def is_advised(settings, life):
    """Not to load a hip at high risk of fracture, in whatever pain."""
    patient = life.patient
    at_risk = (
        patient["site"] == "hip" and patient["cortical_involvement_mm"] >= life.parameters["fracture.high_risk_mm"]
    )
    return settings["weight_bearing_advice"] and at_risk


def without_walking(life, luck, diary):
    """Stretches of days on which a compression of the cord takes the walking."""
    treatment = settings_in(life.care, "cord_treatment")
    found = []
    for where, day in enumerate((life.time_to_cord_compression, life.effects.cord_elsewhere)):
        if day >= diary.end:
            continue
        if treatment:
            until_outcome, lost = cord_treatment.treat(
                day, where, treatment, life, luck, Diary(diary.period_ends, life.time_to_death)
            )
            found += ([until_outcome] if until_outcome else []) + [(lost, NEVER)]
        elif luck(WALKS_AFTER_CORD, where) >= life.parameters["person.walks_after_cord_compression"]:
            found.append((day, NEVER))
    return found


def level_of_walking(t, lost, settings, life, luck):
    p, patient = life.parameters, life.patient
    if any(start <= t < stop for start, stop in lost):
        return CHAIR
    x = p["person.walking.log_odds_per_ten_karnofsky"] * (70 - patient["karnofsky"]) / 10
    if patient["site"] in WEIGHT_BEARING:
        x += p["person.walking.log_odds_per_point_of_pain"] * twin.pain_at(life, t)
        x += p["person.walking.log_odds_after_fracture"] * (t >= life.time_to_fracture)
    x += p["person.walking.log_odds_before_death"] * (t >= life.time_to_death - LAST_DAYS)
    u = luck(WALKING)
    if u < logistic(p["person.chair.log_odds"] + x):
        return CHAIR
    if u < logistic(p["person.aid.log_odds"] + x) or is_advised(settings, life):
        return WITH_AID
    return UNAIDED


def points_of_depression(life, luck):
    p = life.parameters
    power = 1 / p["person.depression.shape"]
    return p["person.depression.mean_points"] / math.gamma(1 + power) * (-math.log(luck(DEPRESSION))) ** power


def rate_of_falls(t, life, luck):
    """Against the mean of patients of whom a share hurts, with the mean depression."""
    p = life.parameters
    hurts = twin.score(twin.worst_pain(life, t)) > 0
    more_depressed = points_of_depression(life, luck) - p["person.depression.mean_points"]
    return (
        p["person.fall.rate_per_day"]
        * p["person.fall.pain_ratio"] ** (hurts - p["person.fall.pain_in_baseline"])
        * p["person.fall.ratio_per_point_of_depression"] ** more_depressed
    )


def points_of_function(t, life):
    """What the response to radiotherapy gives back of daily life; not known after a fracture or compression of the site."""
    p = life.parameters
    if t >= min(life.time_to_fracture, life.time_to_cord_compression):
        return 0.0
    if twin.in_response(life, t):
        return p["person.function.points_with_response"]
    return p["person.function.points_without_response"] if t >= p["person.function.from_day"] else 0.0


def count(settings, life, luck, diary):
    p = life.parameters
    if luck(DEPRESSION) < p["person.depression.share"]:
        diary.at("depressed_patients", 0.0)
    for name, item, yes in (
        ("psychological_care", "psychological_sessions", settings["psychological_care"]),
        ("rehabilitation", "rehabilitation_sessions", settings["rehabilitation"] != "none"),
    ):
        for n in range(round(p[f"person.{name}.sessions"]) if yes else 0):
            diary.at(item, n * p[f"person.{name}.days"] / p[f"person.{name}.sessions"])
    lost = without_walking(life, luck, diary)
    changes = (
        twin.changes_of_pain(life) + life.effects.changes_of_sites() + [edge for stretch in lost for edge in stretch]
    )
    changes += [p["person.function.from_day"], life.time_to_death - LAST_DAYS]
    stretches = twin.segments(life, changes, diary.end)
    rates = []
    for start, stop in stretches:
        middle = (start + stop) / 2
        level = level_of_walking(middle, lost, settings, life, luck)
        diary.days(LEVELS[level], start, stop)
        if level == CHAIR or (level == WITH_AID and life.patient["karnofsky"] <= p["person.help_karnofsky"]):
            diary.days("days_needing_help", start, stop)
        for period, first, last in diary.parts(start, stop):
            points = points_of_function(middle, life)
            diary.add("function_point_days", period, math.floor(points * last) - math.floor(points * first))
        rates.append((stop, rate_of_falls(middle, life, luck)))
    fall(rates, life, luck, diary)


def fall(rates, life, luck, diary):
    p = life.parameters
    n, day = 0, twin.when_used_up(-math.log(luck(FALL, 0)), rates)
    while day < diary.end:
        diary.at("patient_falls", day)
        if n == 0:
            diary.at("patients_who_fall", day)
        if luck(HARM, n) < p["person.fall.injury"]:
            diary.at("falls_with_injury", day)
        if luck(HARM, n) < p["person.fall.fracture"]:
            diary.at("fractures_by_falls", day)
        n += 1
        day = twin.when_used_up(-math.log(luck(FALL, n)), rates, day)
