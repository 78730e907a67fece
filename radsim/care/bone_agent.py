"""Bone-modifying agents: pamidronate, zoledronic acid, denosumab."""

from radsim.care.kind import Amount, Choice, Item, Kind, Yes

AGENTS = ("pamidronate", "zoledronic_acid", "denosumab")
WEEKS = {"pamidronate": (3, 4, 12), "zoledronic_acid": (3, 4, 12), "denosumab": (4, 12)}


def refused(settings, config):
    """Intervals that nobody has tried, a step that leads nowhere, and an agent that the kidneys forbid."""
    known = WEEKS[settings.agent]
    if settings.every_weeks not in known:
        expected = f"{', '.join(map(str, known))} for {settings.agent.replace('_', ' ')}"
        yield "every_weeks", expected, f"{settings.every_weeks:g}"
    if settings.step_therapy and settings.agent != "denosumab":
        yield "step_therapy", "agent denosumab beside it: a bisphosphonate is what comes first", settings.agent
    everybody = config.cohort.covariates.get("kidney_failure") == "yes"
    if everybody and settings.agent != "denosumab" and not settings.kidney_switch:
        text = "denosumab, or kidney_switch: true, as a bisphosphonate is not given in kidney failure"
        yield "agent", text, settings.agent


LONG_INTERVAL_WEEKS = 5.0  # from here on other ratios, and fewer osteonecroses of the jaw


def derive(values, settings, modern):
    """Ratios of the hazards under each agent. At the irradiated site they act for those who had no agent in the data behind the hazards."""

    def of(name):
        return values[f"bone_agent.{name}"]

    not_yet = 1.0 - of(f"share_in_baseline.{'modern' if modern else 'era_1990s'}")
    ratios = {name: [] for name in DERIVED}
    for agent in AGENTS:
        against_none = 1.0 if agent == "pamidronate" else of("zoledronic_acid_ratio")
        if settings["every_weeks"] >= LONG_INTERVAL_WEEKS:
            against_none *= of(f"twelve_weeks_ratio.{agent}")
        event = against_none * (of("denosumab_ratio") if agent == "denosumab" else 1.0)
        radiation = against_none * (of("denosumab_radiation_ratio") if agent == "denosumab" else 1.0)
        worsening = of("worsening_ratio") * (of("denosumab_worsening_ratio") if agent == "denosumab" else 1.0)
        for name, ratio in (
            ("fracture", (event * of("fracture_ratio")) ** not_yet),
            ("vertebral_fracture", (event * of("vertebral_fracture_ratio")) ** not_yet),
            ("cord_compression", (event * of("cord_compression_ratio")) ** not_yet),
            ("worsening", worsening**not_yet),
            ("event_elsewhere", event),
            ("new_site", radiation * of("radiation_ratio")),
        ):
            ratios[f"bone_agent_ratio_of_{name}"].append(ratio)
    return ratios


DERIVED = {
    f"bone_agent_ratio_of_{name}": len(AGENTS)
    for name in ("fracture", "vertebral_fracture", "cord_compression", "worsening", "event_elsewhere", "new_site")
}

KIND = Kind(
    number=2,
    name="bone_agent",
    switch="bone_agent",
    label="Bone-modifying agent",
    description="pamidronate, zoledronic acid or denosumab until death",
    option="bone-agent",
    option_sets="agent",
    reads=("bone_agent_before", "smoking", "dentures", "kidney_failure"),
    settings=(
        Choice("agent", AGENTS, "denosumab", "which one"),
        Amount("every_weeks", 3, 12, 4, "week", "interval of the doses: 3, 4 or 12 weeks"),
        Amount("start_day", 0, 3650, 0, "d", "day of the first dose from the first fraction of the radiotherapy"),
        Yes("dental_check", True, "the teeth are looked after before the first dose"),
        Yes("supplements", True, "calcium and vitamin D are taken with it"),
        Yes("kidney_switch", True, "denosumab takes over when the kidneys forbid a bisphosphonate; otherwise it is stopped; in step therapy denosumab takes over in any case"),
        Yes("step_therapy", False, "zoledronic acid comes first, as some payers ask, then denosumab"),
    ),
    parameters=(
        "bone_agent.fracture_ratio", "bone_agent.vertebral_fracture_ratio", "bone_agent.cord_compression_ratio", "bone_agent.surgery_ratio",
        "bone_agent.late_surgery_ratio", "bone_agent.radiation_ratio", "bone_agent.hypercalcaemia_ratio", "bone_agent.zoledronic_acid_ratio",
        "bone_agent.denosumab_ratio", "bone_agent.denosumab_radiation_ratio", "bone_agent.worsening_ratio",
        "bone_agent.denosumab_worsening_ratio", "bone_agent.share_in_baseline.era_1990s", "bone_agent.share_in_baseline.modern",
        "bone_agent.first_dose_rise_points", "bone_agent.first_dose_from_day", "bone_agent.first_dose_until_day",
        "bone_agent.jaw.first_year_rate_per_day", "bone_agent.jaw.second_year_rate_per_day", "bone_agent.jaw.later_year_rate_per_day",
        "bone_agent.jaw.frequent_ratio", "bone_agent.jaw.denosumab_ratio", "bone_agent.jaw.smoking_ratio", "bone_agent.jaw.dentures_ratio",
        "bone_agent.jaw.no_dental_check_ratio", "bone_agent.hypocalcaemia.no_supplements_ratio", "bone_agent.hypocalcaemia.mean_days",
        "bone_agent.step_therapy_days",
    ),
    vectors={
        f"bone_agent_by_{field}": tuple(f"bone_agent.{name}.{agent}" for agent in AGENTS)
        for field, name in (
            ("twelve_weeks_ratio", "twelve_weeks_ratio"), ("first_dose_reaction", "first_dose_reaction"),
            ("hypocalcaemia", "hypocalcaemia"), ("kidney_rate_per_day", "kidney_rate_per_day"),
        )
    },
    acts_on=(
        "fracture", "cord_compression", "worsening", "elsewhere_fracture", "elsewhere_surgery", "elsewhere_cord_compression",
        "hypercalcaemia", "new_site", "pain",
    ),
    purposes={"kidney": 160, "jaw": 161, "hypocalcaemia": 162, "hypocalcaemia_time": 163, "first_dose": 164},
    state=("first_agent", "first_stop", "second_agent", "second_stop", "kidney_day", "reaction", "jaw", "calcium", "calcium_time"),
    derived=DERIVED,
    derive=derive,
    items=(
        Item("pamidronate_infusions", "pamidronate_infusion", "care", "infusion", "infusions of pamidronate"),
        Item("zoledronic_acid_infusions", "zoledronic_acid_infusion", "care", "infusion", "infusions of zoledronic acid"),
        Item("denosumab_injections", "denosumab_injection", "care", "injection", "injections of denosumab"),
        Item("dental_checks", "dental_check_before_agent", "care", "check", "dental checks before a bone-modifying agent"),
        Item("months_of_supplements", "month_of_supplements", "care", "four weeks", "four weeks of calcium and vitamin D"),
        Item("first_dose_reactions", "first_dose_reaction", "toxicity", "event", "bone and muscle pain after the first dose"),
        Item("jaw_osteonecroses", "jaw_osteonecrosis", "toxicity", "event", "osteonecrosis of the jaw", "quality-adjusted days lost by an osteonecrosis of the jaw"),
        Item("hypocalcaemias", "one_hypocalcaemia", "toxicity", "event", "hypocalcaemia of grade 2 or more in the laboratory"),
        Item("kidney_deteriorations", "kidney_deterioration", "toxicity", "event", "kidney function falls under a bone-modifying agent"),
    ),
    refuses=refused,
)  # fmt: skip
