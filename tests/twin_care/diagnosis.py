"""Whether the irradiated lesion is the source of the pain."""

import math

SOURCE = 320
SCANS = {
    "scintigraphy": "bone_scans",
    "ct": "ct_scans",
    "mri": "mri_scans",
    "pet": "pet_scans",
    "biopsy": "bone_biopsies",
}


def done(settings):
    """What was positive before the lesion was irradiated."""
    tests = [settings["imaging"], settings["second_imaging"]] + (["biopsy"] if settings["biopsy"] else [])
    return [test for test in tests if test in SCANS]


def probability(settings, p):
    """That the lesion is the source."""
    if settings["imaging"] == "as_in_the_trials":
        return p["diagnosis.share_in_baseline"]
    if settings["imaging"] == "stated":
        return settings["source_probability"]
    odds = p["diagnosis.before_imaging"] / (1 - p["diagnosis.before_imaging"])
    for test in done(settings):
        odds *= p["diagnosis.sensitivity." + test] / (1 - p["diagnosis.specificity." + test])
    return odds / (1 + odds)


def act(settings, life, schedule, luck):
    """Fewer sources than in the trials: some courses miss. More: the response of all rises by what makes up for it."""
    p = life.parameters
    ratio = probability(settings, p) / p["diagnosis.share_in_baseline"]
    if ratio < 1:
        life.effects.misses = luck(SOURCE) >= ratio
    elif ratio > 1:
        with_it, without = (
            1 / (1 + math.exp(p["response.cut_overall"] - score))
            for score in (0, p["response.log_odds.no_irradiation"])
        )
        more = without + ratio * (with_it - without)
        life.effects.response_log_odds += math.log(more / (1 - more)) - math.log(with_it / (1 - with_it))


def count(settings, life, luck, diary):
    for test in done(settings):
        diary.at(SCANS[test], 0.0)
    if luck(SOURCE) >= probability(settings, life.parameters):
        diary.at("wrong_targets", 0.0)
