"""Bone-modifying agents: who gets which when, what they prevent and what they harm."""

import math

import twin

NEVER = math.inf
KIDNEY, JAW, HYPOCALCAEMIA, HYPOCALCAEMIA_TIME, FIRST_DOSE = 160, 161, 162, 163, 164
YEAR = 365.25


def given(settings, life, luck):
    """The agents in the order in which they are given: a list of (agent, start, stop), and the day on which the kidneys get worse."""
    start = settings["start_day"]
    plan = [(settings["agent"], start, NEVER)]
    if settings["step_therapy"]:
        step = start + life.parameters["bone_agent.step_therapy_days"]
        plan = [("zoledronic_acid", start, step), ("denosumab", step, NEVER)]
    failing = bool(life.patient["kidney_failure"])
    worse = NEVER if failing else kidney_day(plan, life, luck)
    forbidden = start if failing else worse
    agent, _, stop = plan[0]
    if agent != "denosumab" and forbidden < stop:
        then_denosumab = settings["kidney_switch"] or settings["step_therapy"]
        plan = [(agent, start, forbidden)] + ([("denosumab", forbidden, NEVER)] if then_denosumab else [])
    return [each for each in plan if each[1] < each[2]], worse


def kidney_day(plan, life, luck):
    rates = [(stop, life.parameters["bone_agent.kidney_rate_per_day." + agent]) for agent, _, stop in plan]
    return twin.when_used_up(-math.log(luck(KIDNEY)), rates, plan[0][1])


def is_seldom(settings):
    """Every twelve weeks, rather than every three or four."""
    return settings["every_weeks"] == 12


def ratios(agent, settings, life):
    """Hazard to the ratio of an agent against none, while it is given; of operations elsewhere that of the first year."""
    p = life.parameters

    def ratio(name):
        return p[f"bone_agent.{name}_ratio"]

    any_event = 1.0 if agent == "pamidronate" else ratio("zoledronic_acid")
    if is_seldom(settings):
        any_event *= p["bone_agent.twelve_weeks_ratio." + agent]
    new_site, worsening = any_event * ratio("radiation"), ratio("worsening")
    if agent == "denosumab":
        any_event *= ratio("denosumab")
        new_site *= ratio("denosumab_radiation")
        worsening *= ratio("denosumab_worsening")
    fracture_here = "vertebral_fracture" if life.patient["site"] == "spine" else "fracture"
    share = p["bone_agent.share_in_baseline." + ("modern" if life.era == "modern" else "era_1990s")]
    return {
        "fracture": (any_event * ratio(fracture_here)) ** (1 - share),
        "cord_compression": (any_event * ratio("cord_compression")) ** (1 - share),
        "worsening": worsening ** (1 - share),
        "elsewhere_fracture": any_event * ratio("fracture"),
        "elsewhere_cord_compression": any_event * ratio("cord_compression"),
        "elsewhere_surgery": any_event * ratio("surgery"),
        "hypercalcaemia": any_event * ratio("hypercalcaemia"),
        "new_site": new_site,
    }


def act(settings, life, schedule, luck):
    p, effects = life.parameters, life.effects
    plan, _ = given(settings, life, luck)
    for agent, start, stop in plan:
        for hazard, ratio in ratios(agent, settings, life).items():
            effects.factors.append((hazard, start, stop, ratio))
        year = settings["start_day"] + YEAR
        later = p["bone_agent.late_surgery_ratio"] / p["bone_agent.surgery_ratio"]
        effects.factors.append(("elsewhere_surgery", max(start, year), max(stop, year), later))
    if reacts(plan, life, luck):
        first = plan[0][1]
        days = [first + p[f"bone_agent.first_dose_{edge}_day"] for edge in ("from", "until")]
        effects.spikes.append((*days, p["bone_agent.first_dose_rise_points"]))


def reacts(plan, life, luck):
    """Bone and muscle pain after the very first dose."""
    if not plan or life.patient["bone_agent_before"]:
        return False
    return luck(FIRST_DOSE) < life.parameters["bone_agent.first_dose_reaction." + plan[0][0]]


def jaw_day(plan, settings, life, luck):
    """Osteonecrosis of the jaw: a hazard by the year since the first dose, while an agent is given."""
    p = life.parameters
    first = plan[0][1]
    edges = sorted({edge for _, start, stop in plan for edge in (start, stop)} | {first + YEAR, first + 2 * YEAR})
    periods = []
    for edge in edges:
        before = edge - 1e-6 if edge < NEVER else 1e9
        agent = next((agent for agent, start, stop in plan if start <= before < stop), None)
        year = "first" if edge <= first + YEAR else "second" if edge <= first + 2 * YEAR else "later"
        rate = p[f"bone_agent.jaw.{year}_year_rate_per_day"] * jaw_ratio(agent, settings, life) if agent else 0.0
        periods.append((edge, rate))
    return twin.when_used_up(-math.log(luck(JAW)), periods, first)


def jaw_ratio(agent, settings, life):
    p, patient = life.parameters, life.patient
    ratio = p["bone_agent.jaw.denosumab_ratio"] if agent == "denosumab" else 1.0
    ratio /= p["bone_agent.jaw.frequent_ratio"] if is_seldom(settings) else 1.0
    ratio *= p["bone_agent.jaw.smoking_ratio"] if patient["smoking"] else 1.0
    ratio *= p["bone_agent.jaw.dentures_ratio"] if patient["dentures"] else 1.0
    return ratio * (1.0 if settings["dental_check"] else p["bone_agent.jaw.no_dental_check_ratio"])


DOSE = {
    "pamidronate": "pamidronate_infusions",
    "zoledronic_acid": "zoledronic_acid_infusions",
    "denosumab": "denosumab_injections",
}


def count(settings, life, luck, diary):
    plan, kidney = given(settings, life, luck)
    if not plan:
        return
    p, first = life.parameters, plan[0][1]
    if settings["dental_check"]:
        diary.at("dental_checks", first)
    if reacts(plan, life, luck):
        diary.at("first_dose_reactions", first + p["bone_agent.first_dose_from_day"])
    diary.at("jaw_osteonecroses", jaw_day(plan, settings, life, luck))
    diary.at("kidney_deteriorations", kidney)
    for agent, start, stop in plan:
        stop = min(stop, diary.end)
        diary.every(DOSE[agent], 7 * settings["every_weeks"], start, stop)
        if settings["supplements"]:
            diary.every("months_of_supplements", 28, start, stop)
        low_calcium(agent, is_second(agent, start, settings), start, stop, settings, life, luck, diary)


def is_second(agent, start, settings):
    """Is it the agent that follows another, or would, had the kidneys allowed the other?"""
    planned_first = "zoledronic_acid" if settings["step_therapy"] else settings["agent"]
    return agent != planned_first


def low_calcium(agent, second, start, stop, settings, life, luck, diary):
    p = life.parameters
    probability = p["bone_agent.hypocalcaemia." + agent]
    if not settings["supplements"]:
        probability *= p["bone_agent.hypocalcaemia.no_supplements_ratio"]
    day = start - p["bone_agent.hypocalcaemia.mean_days"] * math.log(luck(HYPOCALCAEMIA_TIME, int(second)))
    if luck(HYPOCALCAEMIA, int(second)) < probability and day < stop:
        diary.at("hypocalcaemias", day)
