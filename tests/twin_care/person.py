"""How a patient walks, falls, feels and needs help, stretch by stretch of the life."""

import math

import twin

from twin_care import cord_treatment

NEVER = math.inf
FALL, HARM, WALKING, DEPRESSION, AFTER_CORD = 312, 313, 316, 317, 318
LEVELS = ("days_walking_unaided", "days_with_walking_aid", "days_in_chair_or_bed")


def act(settings, life, schedule, luck):
    p, effects = life.parameters, life.effects
    if settings["psychological_care"]:
        name = "person.psychological_care."
        share = min(1.0, p[name + "effect_sd"] * p[name + "pain_sd"] / p[name + "pain_mean"])
        effects.shares.append((p[name + "days"], p[name + "days"] + p[name + "lasts_days"], share))
    if settings["rehabilitation"] == "as_in_the_spine_trial":
        effects.response_log_odds += p["person.rehabilitation.log_odds"]
    if settings["weight_bearing_advice"] and is_at_risk(life):
        effects.factors.append(("fracture", 0.0, NEVER, p["person.weight_bearing_advice.fracture_ratio"]))


def is_at_risk(life):
    patient = life.patient
    return patient["site"] == "hip" and patient["cortical_involvement_mm"] >= life.parameters["fracture.high_risk_mm"]


def count(settings, life, luck, diary):
    p = life.parameters
    if luck(DEPRESSION) < p["person.depression.share"]:
        diary.at("depressed_patients", 0.0)
    if settings["psychological_care"]:
        sessions("psychological_sessions", "psychological_care", p, diary)
    if settings["rehabilitation"] != "none":
        sessions("rehabilitation_sessions", "rehabilitation", p, diary)
    lost = days_lost(life, luck)
    changes = (
        twin.changes_of_pain(life) + life.effects.changes_of_sites() + [edge for stretch in lost for edge in stretch]
    )
    changes += [life.time_to_death - 30, p["person.function.from_day"]]
    falls = Falls(life, luck, diary)
    for start, stop in twin.segments(life, changes, diary.period_ends[-1]):
        level = level_of_walking(life, start, lost, settings, luck)
        diary.days(LEVELS[level], start, stop)
        if level == 2 or (level == 1 and life.patient["karnofsky"] <= 60):
            diary.days("days_needing_help", start, stop)
        points = points_of_function(life, start)
        for period, first, last in diary.parts(start, stop):
            diary.add("function_point_days", period, math.floor(points * (last - first) + 0.5))
        falls.until(start, stop)


def sessions(item, name, p, diary):
    n, days = p[f"person.{name}.sessions"], p[f"person.{name}.days"]
    for i in range(math.ceil(n)):
        if i * days / n < days:
            diary.at(item, i * days / n)


def days_lost(life, luck):
    """(start, stop) without walking, after a compression of the site and after the first elsewhere."""
    p, found = life.parameters, []
    treatment = next((settings for kind, settings in life.care if kind is cord_treatment), None)
    for day, where in ((life.time_to_cord_compression, 0), (life.effects.cord_elsewhere, 1)):
        if day == NEVER:
            continue
        if treatment is None:
            if luck(AFTER_CORD, where) >= p["person.walks_after_cord_compression"]:
                found.append((day, NEVER))
            continue
        outcome = day + 7 * p["cord_treatment.weeks_to_outcome"]
        before = luck(cord_treatment.WALKS_BEFORE, where) < p["cord_treatment.walks_before"]
        operated = cord_treatment.is_operated(day, where, life, luck)
        chance = cord_treatment.probability_of_walking(before, operated, treatment, p)
        after = luck(cord_treatment.WALKS_AFTER, where) < chance
        if not (before and after):  # one stretch: points of function are rounded by stretches
            found.append((outcome if before else day, outcome if after else NEVER))
    return found


def level_of_walking(life, t, lost, settings, luck):
    """0 unaided, 1 with an aid, 2 in a chair or bed."""
    if any(start <= t < stop for start, stop in lost):
        return 2
    p, patient = life.parameters, life.patient
    worse = p["person.walking.log_odds_per_ten_karnofsky"] * (70 - patient["karnofsky"]) / 10
    if patient["site"] in ("hip", "pelvis", "spine"):
        worse += p["person.walking.log_odds_per_point_of_pain"] * twin.pain_at(life, t)
        worse += p["person.walking.log_odds_after_fracture"] if t >= life.time_to_fracture else 0.0
    worse += p["person.walking.log_odds_before_death"] if t >= life.time_to_death - 30 else 0.0
    chances = [1 / (1 + math.exp(-p[f"person.{name}.log_odds"] - worse)) for name in ("chair", "aid")]
    level = 2 if luck(WALKING) < chances[0] else 1 if luck(WALKING) < chances[1] else 0
    return max(level, 1) if settings["weight_bearing_advice"] and is_at_risk(life) else level


def points_of_function(life, t):
    p = life.parameters
    if t >= min(life.time_to_fracture, life.time_to_cord_compression):
        return 0.0
    if twin.in_response(life, t):
        return p["person.function.points_with_response"]
    return p["person.function.points_without_response"] if t >= p["person.function.from_day"] else 0.0


class Falls:
    """Falls of one patient, each when the hazard since the last has used up its exponential."""

    def __init__(self, life, luck, diary):
        self.life, self.luck, self.diary, self.n = life, luck, diary, 0
        self.left = -math.log(luck(FALL, 0))
        p = life.parameters
        shape, mean = p["person.depression.shape"], p["person.depression.mean_points"]
        points = mean / math.gamma(1 + 1 / shape) * (-math.log(luck(DEPRESSION))) ** (1 / shape)
        self.rate = p["person.fall.rate_per_day"] * p["person.fall.ratio_per_point_of_depression"] ** (points - mean)

    def until(self, start, stop):
        p, t = self.life.parameters, start
        hurts = twin.score(twin.worst_pain(self.life, start)) > 0
        rate = self.rate * p["person.fall.pain_ratio"] ** (hurts - p["person.fall.pain_in_baseline"])
        while t + self.left / rate <= stop:
            t += self.left / rate
            self.fall(t)
            self.left = -math.log(self.luck(FALL, self.n))
        self.left -= rate * (stop - t)

    def fall(self, t):
        p, harm = self.life.parameters, self.luck(HARM, self.n)
        self.diary.at("patient_falls", t)
        if self.n == 0:
            self.diary.at("patients_who_fall", t)
        if harm < p["person.fall.injury"]:
            self.diary.at("falls_with_injury", t)
        if harm < p["person.fall.fracture"]:
            self.diary.at("fractures_by_falls", t)
        self.n += 1
