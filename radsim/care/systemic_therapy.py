"""Drugs against the tumour itself, by primary and receptor subtype."""

from radsim.care.kind import Amount, Choice, Item, Kind, Yes

THERAPIES = (
    "endocrine", "ribociclib", "palbociclib", "palbociclib_fulvestrant", "abemaciclib", "her2", "pembrolizumab", "enzalutamide",
    "chemotherapy",
)  # fmt: skip
"""First lines, in the order of their codes."""

TUMOURS = ("breast", "triple_negative", "prostate", "lung", "other")
"""What the time on chemotherapy depends on; `breast` is every breast cancer but the triple-negative."""

ON_CHEMOTHERAPY = tuple(THERAPIES.index(name) for name in ("pembrolizumab", "chemotherapy"))
"""Codes of the lines with chemotherapy until progression."""

N_KINDS_OF_PATIENT = 20
"""Primaries times receptor subtypes."""

NEEDS = {
    "endocrine": ("subtype", {"unknown", "hr_positive_her2_negative", "hr_positive_her2_positive"}),
    "her2": ("subtype", {"hr_positive_her2_positive", "hr_negative_her2_positive"}),
    "pembrolizumab": ("subtype", {"triple_negative"}),
    **dict.fromkeys(
        ("ribociclib", "palbociclib", "palbociclib_fulvestrant", "abemaciclib"),
        ("subtype", {"unknown", "hr_positive_her2_negative"}),
    ),
    "enzalutamide": ("primary", {"prostate"}),
}
"""Covariate, and its categories, that a first line is for; those of breast cancer need that primary as well."""

BY_DIAGNOSIS = ("enzalutamide", "ribociclib", "her2", "pembrolizumab", "chemotherapy")
"""The first of these that fits is the first line by diagnosis. Receptors that are not known are read as the commonest."""

NO_LINE = -1
"""Code where the therapy of the study does not fit."""


def needs(therapy):
    """What a first line needs: pairs of a covariate and its categories."""
    if therapy not in NEEDS:
        return ()
    name, wanted = NEEDS[therapy]
    return (NEEDS[therapy], ("primary", {"breast"})) if name == "subtype" else ((name, wanted),)


def first_line(therapy, primary, subtype):
    """Code of the first line of such a patient under the setting ``therapy``; `NO_LINE` where it does not fit."""
    patient = {"primary": primary, "subtype": subtype}
    for choice in BY_DIAGNOSIS if therapy == "by_diagnosis" else (therapy,):
        if all(patient[covariate] in categories for covariate, categories in needs(choice)):
            return THERAPIES.index(choice)
    return NO_LINE


def tumour(primary, subtype):
    """Position among `TUMOURS`."""
    return TUMOURS.index(subtype if primary == "breast" and subtype in TUMOURS else primary)


def by_kind_of_patient(of):
    """What a function says of each primary and subtype, in the order of their codes, the subtypes of a primary side by side."""
    from radsim.config.covariates import CATEGORIES  # the configuration reads the rows

    return [of(primary, subtype) for primary in CATEGORIES["primary"] for subtype in CATEGORIES["subtype"]]


def refused(settings, config):
    """A first line that fits nobody in the cohort."""
    for covariate, categories in needs(settings.therapy):
        there = config.cohort.can_be(covariate)
        if there is not None and not there & categories:
            expected = f"a therapy that fits somebody: {settings.therapy} needs cohort.{covariate} {' or '.join(sorted(categories))}"
            yield "therapy", expected, f"{covariate} {' or '.join(sorted(there))}"
            return


def derive(values, settings, modern):
    """The line of each kind of patient; ratios relative to the share of patients who have the therapy, or are controlled by one, in the data behind the
    hazards already."""
    therapy = ("by_diagnosis", *THERAPIES)[int(settings["therapy"])]
    era = "modern" if modern else "era_1990s"

    def of(name):
        return values[f"systemic_therapy.{name}"]

    controlled = settings["share"] - of(f"controlled_in_baseline.{era}")
    return {
        "systemic_therapy_first_line": by_kind_of_patient(lambda *patient: first_line(therapy, *patient)),
        "systemic_therapy_tumour": by_kind_of_patient(tumour),
        "systemic_therapy_ratio_of_death": [
            of(f"survival_ratio.{name}") ** (settings["share"] - of(f"share_in_baseline.{era}.{name}"))
            for name in THERAPIES
        ],
        "systemic_therapy_ratio_with_radium": [of("radium_survival_ratio") ** settings["share"]],
        "systemic_therapy_ratio_of_worsening": [of("worsening_ratio") ** controlled],
        "systemic_therapy_ratio_elsewhere": [of("elsewhere_ratio") ** controlled],
        "systemic_therapy_new_relief": [of(f"relief.{name}") * max(0.0, controlled) for name in THERAPIES],
    }


def _month(name, meaning):
    return Item(f"months_of_{name}", f"month_of_{name}", "care", "four weeks", f"four weeks of {meaning}")


KIND = Kind(
    number=11,
    name="systemic_therapy",
    switch="systemic_therapy",
    label="Systemic therapy",
    description="hormones, targeted drugs, immunotherapy or chemotherapy until the cancer progresses",
    option="systemic-therapy",
    option_sets="therapy",
    settings=(
        Choice(
            "therapy", ("by_diagnosis", *THERAPIES), "by_diagnosis",
            "first line; by_diagnosis: what fits the primary and the receptor subtype of each patient",
        ),
        Amount("share", 0, 1, 1, "1", "share of the patients whom it fits that get it; its effects are spread over all of them"),
        Yes("second_line", False, "chemotherapy follows when the first line has failed"),
    ),
    parameters=(
        "systemic_therapy.radium_survival_ratio", "systemic_therapy.radium_median_months", "systemic_therapy.second_line_median_months",
        "systemic_therapy.cps_10_or_more", "systemic_therapy.worsening_ratio", "systemic_therapy.elsewhere_ratio",
        "systemic_therapy.controlled_in_baseline.era_1990s", "systemic_therapy.controlled_in_baseline.modern",
        "systemic_therapy.relief_from_day", "systemic_therapy.relief_share",
    ),
    vectors={
        "systemic_therapy_median_months": tuple(f"systemic_therapy.median_months.{name}" for name in THERAPIES[:-1]),
        "systemic_therapy_chemotherapy_months": tuple(f"systemic_therapy.chemotherapy_months.{name}" for name in TUMOURS),
        "systemic_therapy_survival": tuple(f"systemic_therapy.survival_ratio.{name}" for name in THERAPIES),
        "systemic_therapy_share_1990s": tuple(f"systemic_therapy.share_in_baseline.era_1990s.{name}" for name in THERAPIES),
        "systemic_therapy_share_modern": tuple(f"systemic_therapy.share_in_baseline.modern.{name}" for name in THERAPIES),
        "systemic_therapy_relief": tuple(f"systemic_therapy.relief.{name}" for name in THERAPIES),
    },
    acts_on=(
        "death", "worsening", "elsewhere_fracture", "elsewhere_surgery", "elsewhere_cord_compression", "hypercalcaemia", "new_site", "pain",
    ),
    purposes={"first_clock": 292, "second_clock": 293, "cps": 294, "relief": 295, "given": 296},
    state=("line", "first_stop", "stop", "given", "relieves"),
    derived={
        "systemic_therapy_first_line": N_KINDS_OF_PATIENT, "systemic_therapy_tumour": N_KINDS_OF_PATIENT,
        "systemic_therapy_ratio_of_death": len(THERAPIES), "systemic_therapy_ratio_with_radium": 1,
        "systemic_therapy_ratio_of_worsening": 1, "systemic_therapy_ratio_elsewhere": 1, "systemic_therapy_new_relief": len(THERAPIES),
    },
    derive=derive,
    items=(
        _month("endocrine_therapy", "endocrine therapy"),
        _month("ribociclib", "ribociclib"),
        _month("palbociclib", "palbociclib"),
        _month("abemaciclib", "abemaciclib"),
        _month("her2_therapy", "HER2 antibodies, with docetaxel at first"),
        _month("pembrolizumab", "pembrolizumab"),
        _month("enzalutamide", "enzalutamide"),
        _month("chemotherapy", "chemotherapy"),
        Item("progressions_on_therapy", "progression_on_therapy", "care", "progression", "progressions of the cancer under systemic therapy"),
        Item("systemic_therapies_not_fitting", "systemic_therapy_not_fitting", "care", "patient", "patients whom the systemic therapy does not fit"),
    ),
    refuses=refused,
)  # fmt: skip
