"""Ibandronate in the place of radiotherapy: an infusion on day 0, and a crossing over to radiotherapy where it fails."""

NAME = "ibandronate"


def act(settings, life, schedule, luck):
    if schedule.get("name") != NAME:
        return
    p, effects = life.parameters, life.effects
    effects.log_odds_instead = p["ibandronate_arm.response_log_odds"]
    effects.onset_ratio = p["ibandronate_arm.onset_ratio"]
    effects.cross_over = p["ibandronate_arm.cross_over_day"], p["ibandronate_arm.cross_over_share"]


def count(settings, life, luck, diary):
    if life.courses[0]["schedule"].get("name") == NAME:
        diary.at("ibandronate_infusions", 0.0)
