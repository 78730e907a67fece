"""Whether the irradiated lesion is the source of the pain, and what imaging and biopsy say of it before the radiotherapy."""

import math

from radsim.care.kind import Amount, Choice, Item, Kind, Yes

IMAGING = ("as_in_the_trials", "none", "scintigraphy", "ct", "mri", "pet", "stated")
SECOND = ("none", "scintigraphy", "ct", "mri", "pet")
AS_IN_THE_TRIALS, NO_IMAGING, STATED = (IMAGING.index(name) for name in ("as_in_the_trials", "none", "stated"))
TESTS = (*SECOND[1:], "biopsy")
MOST_LIKELY = 0.99  # response of the reference patient, where imaging would raise it beyond what a probability can be


def refused(settings, config):
    """A second test beside what is not known or is stated, the same test twice, and a probability that nothing reads."""
    alone = settings.imaging in ("as_in_the_trials", "none", "stated")
    if settings.second_imaging != "none" and alone:
        yield "second_imaging", "none, or a first one beside it under imaging", settings.second_imaging
    elif settings.second_imaging != "none" and settings.second_imaging == settings.imaging:
        yield "second_imaging", f"another one than {settings.imaging}", settings.second_imaging
    if settings.biopsy and settings.imaging in ("as_in_the_trials", "stated"):
        yield "biopsy", f"false, as imaging {settings.imaging} says already how likely the source is", "true"
    if settings.imaging != "stated" and settings.source_probability != 1.0:
        yield "source_probability", "imaging: stated beside it", f"{settings.source_probability:g}"


def after_a_positive_test(probability, sensitivity, specificity):
    """Probability of a true lesion after a positive test, by Bayes' rule. [1]"""
    true = probability * sensitivity
    false = (1.0 - probability) * (1.0 - specificity)
    return true / (true + false) if true > 0.0 else 0.0


def probability_of_the_source(values, settings):
    """Probability that the irradiated lesion is the source of the pain, after all that was done to find out. [1]"""
    chosen = int(settings["imaging"])
    if chosen == AS_IN_THE_TRIALS:
        return values["diagnosis.share_in_baseline"]
    if chosen == STATED:
        return settings["source_probability"]
    done = [] if chosen == NO_IMAGING else [IMAGING[chosen]]
    second = SECOND[int(settings["second_imaging"])]
    done += [second] if second != "none" else []
    done += ["biopsy"] if settings["biopsy"] else []
    probability = values["diagnosis.before_imaging"]
    for test in done:
        probability = after_a_positive_test(
            probability, values[f"diagnosis.sensitivity.{test}"], values[f"diagnosis.specificity.{test}"]
        )
    return probability


def log_odds_gained(ratio, values):
    """What a larger share of true lesions than in the trials adds to the log odds of response, in a patient whose score is 0. [1]"""
    if ratio <= 1.0:
        return 0.0
    cut, natural = values["response.cut_overall"], values["response.log_odds.no_irradiation"]
    before, as_none = (1.0 / (1.0 + math.exp(cut - score)) for score in (0.0, natural))
    after = min(as_none + ratio * (before - as_none), max(before, MOST_LIKELY))
    return math.log(after / (1.0 - after)) - math.log(before / (1.0 - before))


def derive(values, settings, modern):
    """The probability, the same relative to the trials, and what it adds where it is higher than there."""
    probability = probability_of_the_source(values, settings)
    in_baseline = values["diagnosis.share_in_baseline"]
    ratio = probability / in_baseline
    return {
        "diagnosis_probability": [probability],
        "diagnosis_ratio": [ratio],
        "diagnosis_log_odds": [log_odds_gained(ratio, values)],
    }


KIND = Kind(
    number=13,
    name="diagnosis",
    switch="diagnosis",
    label="Finding the source of the pain",
    description="how likely the irradiated lesion is the source of the pain, by imaging and biopsy",
    option="diagnosis",
    option_sets="imaging",
    settings=(
        Choice("imaging", IMAGING, "as_in_the_trials", "what showed the lesion; stated: the probability is given"),
        Choice("second_imaging", SECOND, "none", "another kind that shows the same, taken as independent of the first"),
        Yes("biopsy", False, "only what a biopsy confirms is irradiated"),
        Amount("source_probability", 0, 1, 1, "1", "probability that the lesion is the source of the pain, with imaging: stated"),
    ),
    parameters=(
        "diagnosis.share_in_baseline", "diagnosis.before_imaging",
        *(f"diagnosis.{what}.{test}" for what in ("sensitivity", "specificity") for test in TESTS),
    ),
    acts_on=("response",),
    purposes={"source": 320},
    derived={"diagnosis_probability": 1, "diagnosis_ratio": 1, "diagnosis_log_odds": 1},
    derive=derive,
    items=(
        Item("bone_scans", "one_bone_scan", "care", "scan", "bone scintigraphies before radiotherapy"),
        Item("ct_scans", "one_ct_scan", "care", "scan", "CT scans before radiotherapy"),
        Item("mri_scans", "one_mri_scan", "care", "scan", "MRI scans before radiotherapy"),
        Item("pet_scans", "one_pet_scan", "care", "scan", "PET scans before radiotherapy"),
        Item("bone_biopsies", "one_bone_biopsy", "care", "biopsy", "biopsies of the lesion before radiotherapy"),
        Item("wrong_targets", "one_wrong_target", "care", "patient", "patients whose irradiated lesion is not the source of the pain"),
    ),
    refuses=refused,
)  # fmt: skip
