"""How likely the irradiated lesion is the source of the pain: relative to the trials, a wrong target or more response."""

import math

SOURCE = 320


def act(settings, life, schedule, luck):
    p = life.parameters
    relative = probability(settings, p) / p["diagnosis.share_in_baseline"]
    if relative > 1:
        with_it, without = (
            share(p["response.cut_overall"] - more) for more in (0.0, p["response.log_odds.no_irradiation"])
        )
        now = min(without + relative * (with_it - without), max(with_it, 0.99))
        life.effects.response_log_odds += math.log(now / (1 - now)) - math.log(with_it / (1 - with_it))
    life.effects.misses = luck(SOURCE) >= relative


def share(cut):
    """Of patients with a score of 0 who are above a cut-point."""
    return 1 / (1 + math.exp(cut))


def probability(settings, p):
    """After all tests, each positive."""
    if settings["imaging"] == "as_in_the_trials":
        return p["diagnosis.share_in_baseline"]
    if settings["imaging"] == "stated":
        return settings["source_probability"]
    odds = p["diagnosis.before_imaging"] / (1 - p["diagnosis.before_imaging"])
    for test in tests(settings):
        odds *= p["diagnosis.sensitivity." + test] / (1 - p["diagnosis.specificity." + test])
    return odds / (1 + odds)


def tests(settings):
    done = [settings["imaging"], settings["second_imaging"], "biopsy" if settings["biopsy"] else "none"]
    return [test for test in done if test not in ("none", "as_in_the_trials", "stated")]


def count(settings, life, luck, diary):
    items = {
        "scintigraphy": "bone_scans",
        "ct": "ct_scans",
        "mri": "mri_scans",
        "pet": "pet_scans",
        "biopsy": "bone_biopsies",
    }
    for test in tests(settings):
        diary.at(items[test], 0.0)
    if luck(SOURCE) >= probability(settings, life.parameters):
        diary.at("wrong_targets", 0.0)
