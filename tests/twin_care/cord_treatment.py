"""Treatment of a spinal cord compression, of the irradiated site and of the first elsewhere: who walks."""

import math

NEVER = math.inf
WALKS_BEFORE, WALKS_AFTER, SURGERY_ELSEWHERE, HARM = 220, 221, 222, 223


def count(settings, life, luck, diary):
    """The two in the order of their days; who by then does not walk for good is not treated again."""
    both = [(life.time_to_cord_compression, 0), (life.effects.cord_elsewhere, 1)]
    lost, without = NEVER, []
    for day, where in sorted(both):
        if day < diary.end and day < lost:
            stretch, then = treat(day, where, settings, life, luck, diary)
            without += [stretch] if stretch else []
            lost = min(lost, then)
    without.append((lost, NEVER))
    edges = sorted({edge for stretch in without for edge in stretch})
    for start, stop in zip(edges, edges[1:], strict=False):
        if any(a <= start and stop <= b for a, b in without):  # once, however many compressions
            diary.days("days_not_walking", start, stop)


def treat(day, where, settings, life, luck, diary):
    """The days until the outcome if the patient does not walk on them, and the day from which the patient never walks again."""
    p, dose = life.parameters, settings["dexamethasone_mg"]
    before = luck(WALKS_BEFORE, where) < p["cord_treatment.walks_before"]
    operated = is_operated(day, where, life, luck)
    after = luck(WALKS_AFTER, where) < probability_of_walking(before, operated, settings, p)
    outcome = day + 7 * p["cord_treatment.weeks_to_outcome"]
    one = settings["radiotherapy"] == "one_fraction"
    diary.at("cord_fractions", day, 1 if one else int(p["cord_treatment.fractions"]))
    if dose > 0:
        diary.at("cord_steroid_courses", day)
        if luck(HARM, where) < p[f"cord_treatment.serious_harm_{'96' if dose == 96 else '16'}_mg"]:
            diary.at("cord_steroid_harms", day)
    if operated and where == 1:
        diary.at("cord_operations_elsewhere", day)
    if before:
        diary.at("walking_before_treatment", day)
    if after:
        diary.at("walking_after_treatment", outcome)
    return (None if before else (day, outcome)), (NEVER if after else outcome)


def is_operated(day, where, life, luck):
    """Operations of the index site are the disease model's; elsewhere the same share is operated."""
    p = life.parameters
    if day + p["surgery.delay_days"] >= life.time_to_death:
        return False
    if where == 0:
        return life.operated_for_compression
    return luck(SURGERY_ELSEWHERE) < p["surgery.after_cord_compression"]


def probability_of_walking(before, operated, settings, p):
    applies = {
        "walking": True,
        "walks_before": before,
        "surgery": operated,
        "no_dexamethasone": settings["dexamethasone_mg"] == 0,
        "high_dose": settings["dexamethasone_mg"] == 96,
        "single_fraction": settings["radiotherapy"] == "one_fraction",
    }
    log_odds = sum(p["cord_treatment.log_odds_" + name] for name, yes in applies.items() if yes)
    return 1 / (1 + math.exp(-log_odds))
