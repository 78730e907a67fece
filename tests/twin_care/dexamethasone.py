"""Dexamethasone around the index course: fewer flares of that course, and hyperglycaemia in some."""

HYPERGLYCAEMIA = 156


def act(settings, life, schedule, luck):
    if not schedule["none"]:
        life.effects.flare_risk_ratio *= life.parameters["dexamethasone.flare_risk_ratio"]


def count(settings, life, luck, diary):
    if life.courses[0]["schedule"]["none"]:
        return
    diary.at("dexamethasone_courses", 0.0)
    if luck(HYPERGLYCAEMIA) < life.parameters["dexamethasone.hyperglycaemia_probability"]:
        diary.at("hyperglycaemias", 0.0)
