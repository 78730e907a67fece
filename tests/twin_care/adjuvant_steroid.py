"""A corticosteroid from day 0 for some days: a small share of the pain, some good and some harm."""

STOPPED, THRUSH, OEDEMA, FATIGUE, APPETITE = 224, 225, 226, 227, 228


def act(settings, life, schedule, luck):
    p = life.parameters
    life.effects.shares.append((0.0, p["adjuvant_steroid.days"], p["adjuvant_steroid.pain_share"]))


def count(settings, life, luck, diary):
    """Who benefits is known at the end of it; who stops it does so at once, which the pain does not feel."""
    p = life.parameters
    diary.at("steroid_courses", 0.0)
    if luck(STOPPED) < p["adjuvant_steroid.stopped"]:
        diary.at("steroids_stopped", 0.0)
    for item, purpose, name in (
        ("less_fatigue", FATIGUE, "better_fatigue"), ("better_appetites", APPETITE, "better_appetite"), ("thrushes", THRUSH, "thrush"),
        ("oedemas", OEDEMA, "oedema"),
    ):  # fmt: skip
        if luck(purpose) < p["adjuvant_steroid." + name]:
            diary.at(item, p["adjuvant_steroid.days"])
