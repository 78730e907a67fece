"""The rest of the skeleton: events of four kinds that come again, and other painful sites."""

import math

import twin

NEVER = math.inf
FACTOR = 180
KINDS = {
    "fracture": (181, "fractures_elsewhere", "elsewhere_fracture"),
    "surgery": (182, "operations_elsewhere", "elsewhere_surgery"),
    "cord_compression": (183, "cord_compressions_elsewhere", "elsewhere_cord_compression"),
    "hypercalcaemia": (184, "hypercalcaemias", "hypercalcaemia"),
}  # purpose, item, hazard
NEW_SITE, PAIN, IRRADIATED, RESPONSE, ONSET, RELAPSE = 185, 186, 187, 188, 189, 190


def act_last(settings, life, schedule, luck):
    """The first three sites, and the first cord compression, which others ask for."""
    life.effects.sites = [site(n, start, life, luck) for n, start in starts_of_sites(life, luck)[:3]]
    first = events("cord_compression", life, luck)
    life.effects.cord_elsewhere = first[0] if first else NEVER


def factor(life, luck):
    w = life.parameters["other_bones.spread"]
    return 1 - w + w * -math.log(luck(FACTOR))


def following(hazard, rate_name, after, u, life, luck):
    """Day of the next event of a hazard after a day."""
    rate = factor(life, luck) * life.parameters[f"other_bones.{rate_name}_rate_per_day"]
    return twin.when_used_up(-math.log(u), life.effects.under(hazard, [(NEVER, rate)]), after)


def events(kind, life, luck):
    """Days of all events of a kind before death."""
    purpose, _, hazard = KINDS[kind]
    days, after = [], 0.0
    while True:
        day = following(hazard, kind, after, luck(purpose, len(days)), life, luck)
        if day >= life.time_to_death:
            return days
        days.append(day)
        after = day + life.parameters["other_bones.least_interval_days"]


def starts_of_sites(life, luck):
    """(number, day) of every painful site before death."""
    found = [(0, 0.0)] if life.patient["several_sites"] else []
    day, n = 0.0, len(found)
    while True:
        day = following("new_site", "site", day, luck(NEW_SITE, n), life, luck)
        if day >= life.time_to_death:
            return found
        found.append((n, day))
        n += 1


def course_at(n, start, life, luck):
    """Day of the course to a site."""
    irradiated = luck(IRRADIATED, n) < life.parameters["other_bones.irradiated"]
    return start + life.parameters["other_bones.wait_days"] if irradiated else NEVER


def site(n, start, life, luck):
    """A site and its relief: the level of the response lasts to the relapse, also where relief is complete."""
    p = life.parameters
    pain = p["other_bones.pain_mean"] + p["other_bones.pain_sd"] * twin.normal_quantile(luck(PAIN, n))
    pain = min(10.0, max(p["other_bones.pain_least"], pain))
    found = {"start": start, "pain": pain, "onset": NEVER, "relapse": NEVER, "level": pain, "responds": False}
    course = course_at(n, start, life, luck)
    if course >= life.time_to_death:
        return found
    latent = twin.log_odds_of_the_patient(life) + twin.logit(luck(RESPONSE, n))
    cuts = p["response.cut_overall"], p["response.cut_complete"]
    responds = twin.class_between(latent, *cuts, pain, p)
    if responds == twin.NONE:
        return found
    onset = course + twin.lognormal(p["onset.median_days"], p["onset.sigma"], luck(ONSET, n))
    until = onset + twin.lognormal(p["relapse.median_days"], -p["relapse.sigma"], luck(RELAPSE, n))
    return found | {
        "onset": onset,
        "relapse": max(onset, min(until, life.terminal)),
        "level": twin.level_of_pain(responds, latent, pain, p),
        "responds": responds >= twin.PARTIAL,
    }


def count(settings, life, luck, diary):
    """A skeletal event is a fracture, an operation or a cord compression anywhere, or a course to the index site or a new one."""
    skeletal = []
    for kind, (_, item, _) in KINDS.items():
        days = events(kind, life, luck)
        for day in days:
            diary.at(item, day)
        skeletal += days if kind != "hypercalcaemia" else []
    for n, start in starts_of_sites(life, luck):
        was_there = life.patient["several_sites"] and n == 0
        course = course_at(n, start, life, luck)
        diary.at("courses_elsewhere", course)
        diary.at("fractions_elsewhere", course, settings["fractions"])
        if not was_there:
            diary.at("painful_sites_elsewhere", start)
            skeletal.append(course)
    here = [life.time_to_fracture, life.time_to_cord_compression]
    skeletal += here
    apart = life.parameters["other_bones.least_interval_days"]
    if not any(day <= life.time_to_surgery < day + apart for day in here):  # else it belongs to what it treats
        skeletal.append(life.time_to_surgery)
    skeletal += [course["start"] for course in life.courses[1:]]
    for day in skeletal:
        diary.at("skeletal_events_anywhere", day)
    diary.at("first_skeletal_events", min(skeletal))
    edges = sorted({0.0, NEVER, *life.effects.changes_of_sites()})
    for start, stop in zip(edges, edges[1:], strict=False):
        if life.effects.hurts_elsewhere(start):
            diary.days("days_with_other_painful_site", start, stop)
