"""Radiopharmaceuticals: strontium-89, samarium-153, radium-223."""

from radsim.care.kind import Amount, Choice, Item, Kind, Yes

AGENTS = ("strontium_89", "samarium_153", "radium_223")
FORBIDS = ("low_platelets", "kidney_failure")


def refused(settings, config):
    """Cohorts in which it reaches nobody, radium without a bone agent, and chemotherapy while the marrow recovers."""
    lesions, sites = config.cohort.can_be("lesion"), config.cohort.covariates.get("several_sites")
    if lesions == {"lytic"}:
        yield "", "no radiopharmaceutical, as only mixed and blastic lesions take it up", "cohort.lesion lytic"
    if sites == "no":
        yield "", "no radiopharmaceutical, as it is for several painful sites", "cohort.several_sites no"
    elif sites not in (None, "yes") and not settings.several_sites_only:
        text = "true, as cohort.several_sites says who has several painful sites"
        yield "several_sites_only", text, "false"
    for condition in FORBIDS:
        if config.cohort.covariates.get(condition) == "yes":
            yield "", f"no radiopharmaceutical with {condition.replace('_', ' ')}", f"cohort.{condition} yes"
    if settings.agent == "radium_223" and not config.care.bone_agent:
        yield "agent", "care.bone_agent beside radium_223, without which bones break", "none"
    systemic = config.care.systemic_therapy
    with_enzalutamide = systemic and systemic.therapy in ("enzalutamide", "by_diagnosis")
    if settings.agent == "radium_223" and settings.start_day > 0 and with_enzalutamide:
        yield (
            "start_day",
            "0 beside enzalutamide, as in their trial, where both start together",
            f"{settings.start_day:g}",
        )
    if systemic and systemic.therapy in ("chemotherapy", "pembrolizumab"):
        text = "no chemotherapy beside it (care.systemic_therapy.therapy), as both suppress the marrow"
        yield "", text, systemic.therapy


def derive(values, settings, modern):
    """Probability of a relief beyond that on placebo: who is relieved anyway is so in the model without the agent."""
    found = {"radiopharmaceutical_relief": [], "radiopharmaceutical_complete": []}
    for agent in AGENTS:
        for name, field in (("relief", "radiopharmaceutical_relief"), ("complete", "radiopharmaceutical_complete")):
            anyway = values[f"radiopharmaceutical.{name}_on_placebo.{agent}"]
            with_it = min(1.0, anyway * values[f"radiopharmaceutical.{name}_ratio.{agent}"])
            found[field].append(max(0.0, with_it - anyway) / (1.0 - anyway))
    return found


def _by_agent(name):
    return tuple(f"radiopharmaceutical.{name}.{agent}" for agent in AGENTS)


KIND = Kind(
    number=10,
    name="radiopharmaceutical",
    switch="radiopharmaceutical",
    label="Radiopharmaceutical",
    description="strontium-89, samarium-153 or radium-223 for several painful sites, mixed or blastic",
    option="radiopharmaceutical",
    option_sets="agent",
    reads=("several_sites", *FORBIDS),
    settings=(
        Choice("agent", AGENTS, "strontium_89", "which one"),
        Amount("start_day", 0, 3650, 0, "d", "day of the injection, or of the first of six, from the first fraction of the radiotherapy"),
        Yes("several_sites_only", False, "only patients with cohort.several_sites get it; otherwise all are taken to have several"),
    ),
    parameters=(
        "radiopharmaceutical.relief_share", "radiopharmaceutical.radium_event_ratio.prostate", "radiopharmaceutical.radium_event_ratio.other",
        "radiopharmaceutical.radium_new_site_ratio.prostate", "radiopharmaceutical.radium_cord_compression_ratio.prostate",
        "radiopharmaceutical.radium_acts_days", "radiopharmaceutical.radium_injections", "radiopharmaceutical.radium_every_days",
    ),
    vectors={
        "radiopharmaceutical_onset_days": _by_agent("onset_days"),
        "radiopharmaceutical_relief_days": _by_agent("relief_days"),
        "radiopharmaceutical_relief_on_placebo": _by_agent("relief_on_placebo"),
        "radiopharmaceutical_relief_ratio": _by_agent("relief_ratio"),
        "radiopharmaceutical_complete_on_placebo": _by_agent("complete_on_placebo"),
        "radiopharmaceutical_complete_ratio": _by_agent("complete_ratio"),
        "radiopharmaceutical_leucopenia": _by_agent("leucopenia_on_placebo"),
        "radiopharmaceutical_leucopenia_ratio": _by_agent("leucopenia_ratio"),
        "radiopharmaceutical_thrombocytopenia": _by_agent("thrombocytopenia_on_placebo"),
        "radiopharmaceutical_thrombocytopenia_ratio": _by_agent("thrombocytopenia_ratio"),
        "radiopharmaceutical_nadir_days": _by_agent("nadir_days"),
    },
    acts_on=(
        "fracture", "cord_compression", "elsewhere_fracture", "elsewhere_surgery", "elsewhere_cord_compression", "new_site", "pain",
    ),
    purposes={"relief": 276, "onset": 277, "leucopenia": 278, "thrombocytopenia": 279},
    state=("given", "leucopenia", "thrombocytopenia"),
    derived={"radiopharmaceutical_relief": len(AGENTS), "radiopharmaceutical_complete": len(AGENTS)},
    derive=derive,
    items=(
        Item("strontium_injections", "strontium_injection", "care", "injection", "injections of strontium-89"),
        Item("samarium_injections", "samarium_injection", "care", "injection", "injections of samarium-153"),
        Item("radium_injections", "radium_injection", "care", "injection", "injections of radium-223"),
        Item("leucopenias", "one_leucopenia", "toxicity", "event", "leucopenia of grade 3 or 4 after a radiopharmaceutical"),
        Item("thrombocytopenias", "one_thrombocytopenia", "toxicity", "event", "thrombocytopenia of grade 3 or 4 after a radiopharmaceutical"),
        Item("radiopharmaceuticals_not_fitting", "radiopharmaceutical_not_fitting", "care", "patient", "patients whom the radiopharmaceutical does not fit"),
    ),
    refuses=refused,
)  # fmt: skip
