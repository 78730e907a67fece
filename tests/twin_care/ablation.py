"""Ablation of the site: in the place of radiotherapy, beside it, or when the pain after it asks for it."""

import math

import twin

NEVER = math.inf
RESPONSE, ONSET, RELAPSE, HARM, COMPLETE_RELIEF, SONICATION = 252, 253, 254, 255, 264, 265
ITEMS = {
    "radiofrequency": "radiofrequency_ablations",
    "cryo": "cryoablations",
    "ultrasound": "ultrasound_ablations",
}


def may_be_given(settings, patient):
    """A needle not to those who would bleed."""
    return settings["method"] == "ultrasound" or not (patient["bleeding_tendency"] or patient["low_platelets"])


def act(settings, life, schedule, luck):
    instead, beside = (settings["when"] == when for when in ("first_line", "beside"))
    if may_be_given(settings, life.patient) and (instead if schedule["none"] else beside):
        ablate(0.0, settings, life, luck)


def treat_site(settings, life, luck):
    """After each course: is the site ablated because of the pain that remains?"""
    if settings["when"] != "salvage" or life.effects.ablated < NEVER or not may_be_given(settings, life.patient):
        return False
    day = salvage_day(life)
    if day is None:
        return False
    ablate(day, settings, life, luck)
    return True


def salvage_day(life):
    """First review of the pain after the last course that calls for it; of none there is no salvage."""
    p, last = life.parameters, life.courses[-1]
    if last["schedule"]["none"]:
        return None
    day = last["start"] + p["ablation.salvage_after_days"]
    while day < life.terminal:
        if twin.stated(life, day) >= p["ablation.least_pain"]:
            return day
        day += p["ablation.review_days"]
    return None


def take_back(life, day):
    """A repeat came before the ablation."""
    if 0 < life.effects.ablated < NEVER and day < life.effects.ablated:
        life.effects.ablated = NEVER
        life.effects.reliefs = life.effects.reliefs[: life.effects.before_ablation]


def ablate(day, settings, life, luck):
    """Its response is that of a course of several fractions, of the same patient without radiotherapy but for the odds ratio."""
    p, effects = life.parameters, life.effects
    effects.ablated, effects.before_ablation = day, len(effects.reliefs)
    log_odds = twin.log_odds_of_the_patient(life) + p["response.log_odds.no_irradiation"]
    overall, complete = p["response.cut_overall"], p["response.cut_complete"]
    without_relief = 1 / (1 + math.exp(log_odds - overall))
    latent = log_odds + p["ablation.log_odds_ratio"] + twin.logit(luck(RESPONSE) * without_relief)
    responds = twin.class_between(latent, overall, max(complete, overall + 0.05), life.pain, p)
    if responds == twin.NONE:
        return
    onset = day + twin.lognormal(
        p["ablation.onset_median_days." + settings["method"]], p["ablation.onset_sigma"], luck(ONSET)
    )

    def until(median, purpose):
        return onset + twin.lognormal(p[median], -p["relapse.sigma"], luck(purpose))

    stop = min(until("relapse.median_days", RELAPSE), life.terminal)
    fade = stop
    if responds == twin.COMPLETE:
        fade = min(stop, until("relapse.complete_median_days", COMPLETE_RELIEF))
    relieve(onset, fade, twin.level_of_pain(responds, latent, life.pain, p), life)
    relieve(fade, stop, min(1.0, life.pain), life)


def relieve(start, stop, level, life):
    """From its pain down to a level."""
    if life.pain > 0:
        life.effects.relieve_here(start, stop, 1 - level / life.pain)


def count(settings, life, luck, diary):
    p, day = life.parameters, life.effects.ablated
    diary.at(ITEMS[settings["method"]], day)
    if luck(HARM) < p["ablation.serious_harm." + settings["method"]]:
        diary.at("ablation_harms", day)
    if settings["method"] == "ultrasound" and luck(SONICATION) < p["ablation.sonication_pain"]:
        diary.at("painful_sonications", day)
