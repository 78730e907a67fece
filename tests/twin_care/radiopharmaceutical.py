"""A radiopharmaceutical: relief beyond placebo at every site, harm to the marrow, and what radium does to the skeleton."""

from twin_care import systemic_therapy

RELIEF, LEUCOPENIA, THROMBOCYTOPENIA = 276, 278, 279
INJECTIONS = {
    "strontium_89": "strontium_injections",
    "samarium_153": "samarium_injections",
    "radium_223": "radium_injections",
}


def fits(settings, patient):
    if patient["lesion"] == "lytic" or patient["low_platelets"] or patient["kidney_failure"]:
        return False
    return bool(patient["several_sites"]) or not settings["several_sites_only"]


def is_given(settings, life, luck):
    """Not to who has chemotherapy as systemic therapy, from the first line on."""
    if not fits(settings, life.patient):
        return False
    return not systemic_therapy.has_chemotherapy(life, luck)


def beyond_placebo(anyway, ratio):
    """Of those who would not be relieved on placebo, the share who are relieved by the agent."""
    return (min(1.0, anyway * ratio) - anyway) / (1 - anyway)


def act(settings, life, schedule, luck):
    if not is_given(settings, life, luck):
        return
    agent, start = settings["agent"], settings["start_day"]

    def of(name):
        return life.parameters[f"radiopharmaceutical.{name}.{agent}"]

    u = luck(RELIEF)
    share = 0.0
    if u < beyond_placebo(of("complete_on_placebo"), of("complete_ratio")):
        share = 1.0
    elif u < beyond_placebo(of("relief_on_placebo"), of("relief_ratio")):
        share = life.parameters["radiopharmaceutical.relief_share"]
    onset = start + of("onset_days")
    stop = min(onset + of("relief_days"), life.terminal)
    if share and onset < stop:
        life.effects.shares.append((onset, stop, share))
    if agent == "radium_223":
        protect(start, life)


def protect(start, life):
    """Radium and the hazards of the skeleton, in prostate cancer and in others."""
    p, name = life.parameters, "radiopharmaceutical.radium_"
    event = cord = site = p[name + "event_ratio.other"]
    if life.patient["primary"] == "prostate":
        event, cord, site = (p[f"{name}{what}_ratio.prostate"] for what in ("event", "cord_compression", "new_site"))
    stop = start + p[name + "acts_days"]
    for hazard, ratio in {
        "fracture": event, "elsewhere_fracture": event, "elsewhere_surgery": event, "cord_compression": cord,
        "elsewhere_cord_compression": cord, "new_site": site,
    }.items():  # fmt: skip
        life.effects.factors.append((hazard, start, stop, ratio))


def count(settings, life, luck, diary):
    agent, start = settings["agent"], settings["start_day"]

    def of(name):
        return life.parameters[f"radiopharmaceutical.{name}.{agent}"]

    if not is_given(settings, life, luck):
        diary.at("radiopharmaceuticals_not_fitting", start)
        return
    every = life.parameters["radiopharmaceutical.radium_every_days"]
    injections = life.parameters["radiopharmaceutical.radium_injections"] if agent == "radium_223" else 1
    diary.every(INJECTIONS[agent], every, start, start + every * injections)
    lowest = start + of("nadir_days")
    for item, purpose, name in (
        ("leucopenias", LEUCOPENIA, "leucopenia"), ("thrombocytopenias", THROMBOCYTOPENIA, "thrombocytopenia"),
    ):  # fmt: skip
        if start < diary.end and luck(purpose) < of(name + "_on_placebo") * of(name + "_ratio"):
            diary.at(item, lowest)
