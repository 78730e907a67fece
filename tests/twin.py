"""The twin: one patient's life in slow, plain Python, the oracle of the kernel.

Written from `radsim/kernel/README.md` alone and sharing no code with radsim, not even the generator or the
numbering of purposes: where twin and kernel disagree, one of them or that page is wrong. Times are days from
the first fraction of the index course, pain is 0-10, doses are Gy, opioids mg of oral morphine a day; "did
not happen" is `inf`. Below, `p` is the dict of parameters by dotted name and `luck(purpose, occurrence)` a
uniform of the patient. Readings chosen where the page leaves room are in the docstrings.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

from scipy.special import log_ndtr, ndtri, ndtri_exp
from twin_care.effects import Effects

NEVER = math.inf

FRAILTY, SURVIVAL, BACKGROUND_DEATH, NEVER_RETURNS = 128, 129, 130, 131
RESPONSE, ONSET, RELAPSE, TOXICITY = 132, 133, 134, 135
FLARE, FLARE_START, FLARE_DURATION, DIARY_MISSING = 136, 137, 138, 139
OFFER, REPEAT_SCHEDULE = 140, 142
WORSENING, FRACTURE, CORD_COMPRESSION, SURGERY_FRACTURE = 144, 145, 146, 147
TITRATION, ESCALATION, TAPER, SURGERY_CORD = 148, 149, 150, 151
ATTENDANCE = 152
REPORT_AT_START, REPORT_AT_VISITS, TERMINAL, DRIFT = 256, 257, 258, 259
COMPLETE_RELIEF, WORSENING_DURATION, RELAPSE_EFFECT, COMPLETE_RELIEF_EFFECT = 260, 261, 262, 263

NONE, MINOR, PARTIAL, COMPLETE = 0, 1, 2, 3  # class of a course's response


@dataclass
class Life:
    """What happened to one patient under one schedule.

    Fracture, cord compression, surgery and repeats at or after death did not happen (`inf`, or no entry in
    `courses`). Onset, relapse, flare, worsening and escalation are as drawn, also beyond death. Nothing is
    cut at the horizon.

    `courses` holds one dict a course: start, last_fraction (as planned), fractions_given, responds (0 none, 1
    minor, 2 partial, 3 complete), latent (the score L), level (nan for class none), onset, fade and relapse
    (`inf` for class none; fade also where relief is not complete), flare ((start, stop) or None), toxicity, schedule. `reported` is what the patient would
    report at each visit on the index trajectory, whether or not they attend. `terminal` is the day from which no relief lasts, `escalation_alone` the
    escalation had the site not been treated otherwise,
    `care` the kinds of care with their settings, `effects` what they do.
    """

    frailty: float
    pain: float
    deviation: float
    time_to_death: float
    courses: list
    time_to_worsening: float
    end_of_worsening: float
    time_to_fracture: float
    time_to_cord_compression: float
    time_to_surgery: float
    titrated: bool
    time_to_escalation: float
    tapers: bool
    drifts: bool
    flare_diary_missing: bool
    never_returns: bool
    attended: list
    visit_days: list
    horizon_days: float
    terminal: float = NEVER
    era: str = ""
    operated_for_compression: bool = False
    escalation_alone: float = NEVER
    effects: Effects = field(default_factory=Effects, repr=False)
    care: list = field(default_factory=list, repr=False)
    reported: list = field(default_factory=list)
    patient: dict = field(default_factory=dict, repr=False)
    parameters: dict = field(default_factory=dict, repr=False)

    @property
    def time_to_retreatment(self):
        return self.courses[1]["start"] if len(self.courses) > 1 else NEVER


def play(
    patient, schedule, parameters, *, seed, draw, number, era, horizon_days, visit_days, none_may_be_irradiated=False, care=(),
):  # fmt: skip
    """Live the life of patient `number` under `schedule`.

    The horizon changes nothing that happens: it is kept for those who sum over the life. `care` holds pairs of a module of `twin_care`
    and its settings.
    """
    p = parameters

    def luck(purpose, occurrence=0):
        return uniform(seed, draw, number, purpose, occurrence)

    frailty = normal_quantile(luck(FRAILTY))
    hazard_ratio = math.prod(
        kind.ratio_of_death(settings, patient, p, era, care, luck)
        for kind, settings in care
        if hasattr(kind, "ratio_of_death")
    )
    death = time_to_death(patient, p, luck, era, frailty, hazard_ratio)
    never_returns = luck(NEVER_RETURNS) < p["observation.never_returns"]
    life = Life(
        frailty=frailty,
        pain=true_pain(patient, p, luck),
        deviation=p["report.slow_sd"] * normal_quantile(luck(REPORT_AT_VISITS)),
        time_to_death=death,
        courses=[],
        time_to_worsening=NEVER,
        end_of_worsening=NEVER,
        time_to_fracture=NEVER,
        time_to_cord_compression=NEVER,
        time_to_surgery=NEVER,
        titrated=luck(TITRATION) < p["analgesic.titration_probability"],
        time_to_escalation=NEVER,
        tapers=luck(TAPER) < p["analgesic.taper_probability"],
        drifts=luck(DRIFT) < p["analgesic.drift_probability"],
        flare_diary_missing=luck(DIARY_MISSING) < p["flare.diary_missing"],
        never_returns=never_returns,
        attended=[not never_returns and attends(day, death, p, luck) for day in visit_days],
        visit_days=list(visit_days),
        horizon_days=horizon_days,
        patient=patient,
        parameters=parameters,
        terminal=death + p["terminal.mean_days"] * math.log(luck(TERMINAL)),
        era=era,
        care=list(care),
    )
    for name in ("act", "act_last"):
        for kind, settings in kinds_with(name, life):
            getattr(kind, name)(settings, life, schedule, luck)
    worsen(life, luck)
    skeletal_events(life, schedule, luck)
    radiotherapy(life, schedule, luck, none_may_be_irradiated)
    life.reported = [report(life, day) for day in visit_days]
    return life


def kinds_with(name, life):
    """The kinds of care that have a function of this name, with their settings."""
    return [(kind, settings) for kind, settings in life.care if hasattr(kind, name)]


def follow_with_care(life, luck):
    """What the care does with the pain so far. Where it treats the site otherwise, the analgesics are looked at anew."""
    prescribe(life, luck)
    for kind, settings in kinds_with("treat_site", life):
        if kind.treat_site(settings, life, luck):
            prescribe(life, luck)


def prescribe(life, luck):
    """The doses of the disease model, or in their place those of the care."""
    life.time_to_escalation = time_to_escalation(life, luck)
    life.escalation_alone = time_to_escalation(life, luck, alone=True)
    for kind, settings in kinds_with("follow", life):
        kind.follow(settings, life, luck, life.visit_days)


def take_back_treatment(life, day):
    """A treatment of the site that was to come after a repeat did not come."""
    for kind, _ in kinds_with("take_back", life):
        kind.take_back(life, day)


def count_care(life, diary, *, seed, draw, number):
    """Fill the diary with what was given of the care, and what happened."""

    def luck(purpose, occurrence=0):
        return uniform(seed, draw, number, purpose, occurrence)

    for kind, settings in kinds_with("count", life):
        kind.count(settings, life, luck, diary)


# --------------------------------------------------------------------------------------------- random numbers


@lru_cache(maxsize=4096)
def philox(counter, key):
    """Philox4x32-10 of Salmon et al., SC11: four words of 32 bits from a counter of four and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return c0, c1, c2, c3


def uniform(seed, draw, patient, purpose, occurrence):
    """The one uniform of this patient for this purpose, strictly between 0 and 1."""
    words = philox((patient, draw, purpose // 4, occurrence), (seed % 2**32, seed // 2**32))
    return (words[purpose % 4] + 0.5) * 2.0**-32


def normal_quantile(u):
    return float(ndtri(u))


def lognormal(median, sigma, u):
    """Lognormal time: a large u is a long time."""
    return math.exp(math.log(median) + sigma * normal_quantile(u))


def logit(u):
    return math.log(u / (1 - u))


def exponential(u, rate):
    """Time at which a unit exponential is used up by a constant rate."""
    return when_used_up(-math.log(u), [(NEVER, rate)])


def when_used_up(amount, periods, begin=0.0):
    """Time at which `amount` of hazard has passed from a day on; `periods` are (until, rate), in order from day 0."""
    for until, rate in periods:
        if until <= begin:
            continue
        if rate > 0 and begin + amount / rate < until:
            return begin + amount / rate
        if until < NEVER:
            amount -= rate * (until - begin)
            begin = until
    return NEVER


def before(death, time):
    """An event at or after death did not happen."""
    return time if time < death else NEVER


# --------------------------------------------------------------------------------------------------- survival


def time_to_death(patient, p, luck, era, frailty, hazard_ratio=1.0):
    """The disease or, if earlier, what the general population dies of. A hazard ratio acts on the disease alone."""
    rho = p["survival.frailty_correlation"]
    score = rho * frailty + math.sqrt(1 - rho**2) * normal_quantile(luck(SURVIVAL))
    if hazard_ratio != 1:  # alive at the new time with the probability that was left at the old one
        score = -float(ndtri_exp(log_ndtr(-score) / hazard_ratio))
    months = p["survival.log_time.intercept"] + prognosis(patient, p)
    if era == "1990s":
        months = p["survival.log_time.intercept"] + p["survival.log_time.era_1990s"]
        months += p["survival.log_time.era_1990s_prognosis"] * prognosis(patient, p)
    disease = math.exp(months + p["survival.log_time.sigma"] * score) * 365.25 / 12
    return min(disease, time_to_background_death(patient, p, luck))


def prognosis(patient, p):
    name = "survival.log_time."
    of_lung = patient["primary"] in ("lung", "other")
    return (
        p[name + patient["primary"]]
        + p[name + "subtype." + patient["subtype"]]
        + p[name + ("visceral_lung_other" if of_lung else "visceral")] * patient["visceral"]
        + p[name + "per_ten_karnofsky"] * (min(patient["karnofsky"], p[name + "karnofsky_cap"]) - 70) / 10
    )


def time_to_background_death(patient, p, luck):
    """Gompertz mortality of the general population from the patient's age on."""
    name = f"survival.background.{patient['sex']}."
    slope = p[name + "slope_per_year"]
    rate_now = math.exp(p[name + "log_rate_per_year"] + slope * patient["age"]) / 365.25
    b = slope / 365.25
    return math.log(1 - math.log(luck(BACKGROUND_DEATH)) * b / rate_now) / b


# ----------------------------------------------------------------------------------------------- radiotherapy


def radiotherapy(life, schedule, luck, none_may_be_irradiated):
    """The index course, the escalation that depends on it, and up to three further courses, after `none` where the study says so."""
    life.courses.append(course(0, 0.0, schedule, life, luck))
    follow_with_care(life, luck)
    for k in range(3):
        start = start_of_next(k, life, luck, none_may_be_irradiated)
        if start >= life.time_to_death:
            return
        take_back_treatment(life, start)
        repeat = repeat_schedule(k, start, life, luck)
        life.courses.append(course(k + 1, start, repeat, life, luck))
        follow_with_care(life, luck)


def course(k, start, schedule, life, luck):
    """Course k: its fractions, response, flare and toxicity."""
    p, patient = life.parameters, life.patient
    days = fraction_days(start, schedule)
    answered = answered_as(k, schedule, life)
    latent = latent_response(k, answered, life, luck) if answered else -math.inf
    responds = class_of_response(latent, answered or schedule, life)
    onset, fade, relapse = response_times(k, start, answered or schedule, responds, life, luck)
    return {
        "start": start,
        "last_fraction": days[-1] if days else start,
        "fractions_given": sum(day < life.time_to_death for day in days),
        "responds": responds,
        "latent": latent,
        "level": level_of_pain(responds, latent, life.pain, p),
        "onset": onset,
        "fade": fade,
        "relapse": relapse,
        "flare": flare(k, start, schedule, life, luck),
        "toxicity": has_toxicity(k, schedule, patient, p, luck),
        "schedule": schedule,
    }


NOTHING = {
    "none": True, "dose_gy": 0.0, "fractions": 0, "fractions_per_week": 5, "technique": "conventional", "cord_dose_gy": 0.0,
}  # fmt: skip


def answered_as(k, schedule, life):
    """The schedule as which the pain answers a course: where it misses its source the index course as `none`, and a repeat as nothing."""
    if not life.effects.misses or schedule["none"]:
        return schedule
    return NOTHING if k == 0 else None


def fraction_days(start, schedule):
    if schedule["none"]:
        return []
    a_week = schedule["fractions_per_week"]
    return [start + 7 * (j // a_week) + j % a_week for j in range(schedule["fractions"])]


def policy(schedule):
    return "multiple" if schedule["fractions"] > 1 else "single"


def is_single_fraction(schedule):
    """A single conventional fraction: a stereotactic course has effects of its own."""
    return not schedule["none"] and schedule["fractions"] == 1 and schedule["technique"] == "conventional"


def has_toxicity(k, schedule, patient, p, luck):
    if schedule["none"]:
        return False
    site = "spine" if patient["site"] == "spine" else "other"
    return luck(TOXICITY, k) < p[f"toxicity.{policy(schedule)}.{site}"]


def flare(k, start, schedule, life, luck):
    """(start, stop) of the pain flare of course k, or None."""
    p = life.parameters
    if schedule["none"]:
        return None
    probability = p["flare.probability"]
    if is_single_fraction(schedule):
        probability *= p["flare.single_fraction_risk_ratio"]
    if k == 0:
        probability *= life.effects.flare_risk_ratio
    if not luck(FLARE, k) < probability:
        return None
    earliest, latest = p["flare.earliest_day"], p["flare.latest_day"]
    begins = start + earliest + (latest - earliest) * luck(FLARE_START, k)
    return begins, begins - p["flare.mean_duration_days"] * math.log(luck(FLARE_DURATION, k))


# --------------------------------------------------------------------------------------------------- response


def latent_response(k, schedule, life, luck):
    """The score L of course k: large is good.

    A prior course costs the same once, however many repeats follow; where nothing is given, nothing. The first course after `none` is
    a first course; those after it are repeats of it.
    """
    p, patient = life.parameters, life.patient
    log_odds = log_odds_of_the_patient(life)
    if not schedule["none"]:
        log_odds += life.effects.response_log_odds
    before = [past["schedule"] for past in life.courses if not past["schedule"]["none"]]
    if (before or patient["has_prior"]) and not schedule["none"]:
        log_odds += p["response.log_odds.reirradiation"]
    if before and policy(before[0]) == "multiple":
        log_odds += p["response.log_odds.reirradiation_after_multiple"]
    instead = life.effects.log_odds_instead if schedule["none"] else None
    return log_odds + (effect_of_dose(schedule, p) if instead is None else instead) + logit(luck(RESPONSE, k))


def log_odds_of_the_patient(life):
    """What every course of a patient has in common."""
    p, patient = life.parameters, life.patient
    return (
        p["response.log_odds.per_ten_karnofsky"] * (patient["karnofsky"] - 70) / 10
        + p["response.log_odds." + patient["primary"]]
        + p["response.log_odds.neuropathic"] * patient["neuropathic"]
        + p["response.frailty"] * life.frailty
    )


def effect_of_dose(schedule, p):
    """Log odds against a dose on the plateau; never worse than no irradiation."""
    if schedule["none"]:
        return p["response.log_odds.no_irradiation"]
    if schedule["technique"] == "sbrt":
        return p["response.log_odds.sbrt"]
    single, plateau = equivalent_single_dose(schedule, p), p["response.dose.plateau_gy"]
    if single >= plateau:
        return 0.0
    share = 2 * (plateau - single) / plateau  # 1 at half the plateau
    deficit = p["response.dose.deficit_at_half_plateau"] * share ** p["response.dose.exponent"]
    return -min(deficit, -p["response.log_odds.no_irradiation"])


def bed(dose, fractions, alpha_beta):
    return dose * (1 + dose / fractions / alpha_beta)


def equivalent_single_dose(schedule, p):
    """d with d (1 + d/ab) = BED of the whole course."""
    ab = p["response.alpha_beta_gy"]
    return ab / 2 * (math.sqrt(1 + 4 * bed(schedule["dose_gy"], schedule["fractions"], ab) / ab) - 1)


def cut_points(schedule, life):
    """Above them is response and complete response: an effect of the schedule moves them, and no score."""
    p = life.parameters
    overall, complete = p["response.cut_overall"], p["response.cut_complete"]
    if is_single_fraction(schedule):
        advantage = p["response.log_odds.single_fraction"]
        if life.patient["neuropathic"]:
            advantage += p["response.log_odds.neuropathic_single_fraction"]
        overall -= advantage
        complete -= advantage + p["response.complete_log_odds.single_fraction"]
    return overall, max(complete, overall + 0.05)


def class_of_response(latent, schedule, life):
    return class_between(latent, *cut_points(schedule, life), life.pain, life.parameters)


def class_between(latent, overall, complete, pain, p):
    """Class of the response of a site of this pain, by the cut-points."""
    if latent > complete or (latent > overall and pain <= 2):
        return COMPLETE
    if latent > overall:
        return PARTIAL
    return MINOR if latent > overall - p["response.minor_margin"] else NONE


def level_of_pain(responds, latent, pain, p):
    """Pain while the response lasts."""
    overall, complete = p["response.cut_overall"], p["response.cut_complete"]
    if responds == COMPLETE:
        return 0.0
    if responds == PARTIAL:
        share = min(1.0, max(0.0, (complete - latent) / (complete - overall)))
        return max(0.0, 1 + (pain - 3) * share)
    return max(0.0, pain - 1.0) if responds == MINOR else math.nan


def survival_at(u, v, ratio):
    """Survival probability of an event at a multiplied hazard: an excess competes, or an event is kept by chance and else awaited anew."""
    if ratio > 1:
        return max(u, v ** (1 / (ratio - 1)))
    if ratio == 1 or v < ratio:
        return u
    return u * ((v - ratio) / (1 - ratio)) ** (1 / ratio)


def response_times(k, start, schedule, responds, life, luck):
    """Onset, end of complete relief and relapse; a minor response has onset and relapse too."""
    p = life.parameters
    if responds == NONE:
        return NEVER, NEVER, NEVER
    delay = lognormal(p["onset.median_days"], p["onset.sigma"], luck(ONSET, k))
    onset = start + delay * (life.effects.onset_ratio if schedule["none"] else 1.0)
    hazard_ratio = 1.0
    if is_single_fraction(schedule):
        hazard_ratio = p["relapse.single_fraction_hazard_ratio"]
        if life.patient["neuropathic"]:
            hazard_ratio *= p["relapse.neuropathic_single_fraction_hazard_ratio"]

    def until(median, purpose, effect):
        surviving = survival_at(luck(purpose, k), luck(effect, k), hazard_ratio)
        return onset + lognormal(p[median], -p["relapse.sigma"], surviving)

    relapse = max(onset, min(until("relapse.median_days", RELAPSE, RELAPSE_EFFECT), life.terminal))
    if responds < COMPLETE:
        return onset, NEVER, relapse
    return onset, min(relapse, until("relapse.complete_median_days", COMPLETE_RELIEF, COMPLETE_RELIEF_EFFECT)), relapse


# ------------------------------------------------------------------------------------------------ retreatment


def start_of_next(k, life, luck, none_may_be_irradiated):
    """Day on which the course after course k starts, `inf` if none does."""
    offer = luck(OFFER, k)
    if k > 0 or not life.courses[0]["schedule"]["none"]:
        return start_of_repeat(k, offer, life)
    day, share = life.effects.cross_over
    if day < life.time_to_death and crosses_over(day, life):
        if offer < share:
            return day
        offer = (offer - share) / (1 - share)
    return start_of_repeat(0, offer, life) if none_may_be_irradiated else NEVER


def crosses_over(day, life):
    """Could a patient without radiotherapy cross over to it: in need, without response, and eligible?"""
    in_need = stated(life, day) >= life.parameters["retreatment.least_pain"]
    return in_need and not in_response(life, day) and bool(repeats_allowed(0, day, life))


def start_of_repeat(k, offer, life):
    """Day on which the repeat after course k starts, `inf` if none does: when a hazard, while there is need, has used up an exponential."""
    p, course, who = life.parameters, life.courses[k], policy(life.courses[k]["schedule"])
    early, late = p["retreatment.early_rate_per_day"], p["retreatment.late_rate_per_day"]
    if who == "multiple":
        early, late = early / p["retreatment.willingness_ratio"], late / p["retreatment.late_willingness_ratio"]
    begin = course["last_fraction"] + p["retreatment.minimum_interval_days"]
    early_end = course["start"] + p["retreatment.early_until_days"]
    edges = {
        begin,
        early_end,
        last_irradiated(life.courses, life.patient) + p["cord.early_within_days"],
        *changes_of_pain(life),
        life.time_to_death,
    }
    edges = sorted(t for t in edges if begin <= t <= life.time_to_death)
    amount = -math.log(offer)
    for t, stop in zip(edges, edges[1:], strict=False):
        middle = (t + stop) / 2
        rate = early if middle < early_end else late
        if stated(life, middle) < p["retreatment.least_pain"] or not repeats_allowed(k, middle, life):
            continue
        if rate > 0 and amount <= rate * (stop - t):
            return t + amount / rate
        amount -= rate * (stop - t)
    return NEVER


def repeats_allowed(k, day, life):
    """The repeats that the cord can take on a day: one fraction, and several."""
    p, patient = life.parameters, life.patient
    after_several = policy(life.courses[k]["schedule"]) == "multiple"
    several = "spine_after_several" if patient["site"] == "spine" and after_several else "several"
    choices = [conventional(f"retreatment.repeat.{kind}", p) for kind in ("single", several)]
    return [choice for choice in choices if cord_allows(choice, day, life.courses, patient, p)]


def repeat_schedule(k, start, life, luck):
    """What is given as the repeat after course k."""
    allowed = repeats_allowed(k, start, life)
    share = life.parameters["retreatment.single_fraction_share.after_" + policy(life.courses[k]["schedule"])]
    return allowed[0] if luck(REPEAT_SCHEDULE, k) < share else allowed[-1]


def conventional(name, p):
    """A repeat as the registry has it, one fraction a weekday."""
    dose, fractions = p[name + ".dose_gy"], int(p[name + ".fractions"])
    return {
        "dose_gy": dose,
        "fractions": fractions,
        "fractions_per_week": 5,
        "technique": "conventional",
        "cord_dose_gy": dose,
        "none": False,
    }


def cord_allows(schedule, start, courses, patient, p):
    """At the spine: the new course, and all courses together, within what the cord is thought to bear.

    The interval is that since the course just before, the prior one if none came since; the prior course adds its BED, however long ago.
    """
    if patient["site"] != "spine":
        return True
    new = cord_bed(schedule, p)
    given = [past["schedule"] for past in courses if not past["schedule"]["none"]]
    total = patient["prior_bed_gy2"] + sum(cord_bed(each, p) for each in given) + new
    early = start - last_irradiated(courses, patient) < p["cord.early_within_days"]
    limit = p["cord.early_limit_gy2"] if early else p["cord.late_limit_gy2"]
    return new <= p["cord.course_limit_gy2"] and total <= limit


def last_irradiated(courses, patient):
    """Day of the last fraction so far; long ago if there never was one."""
    for past in reversed(courses):
        if not past["schedule"]["none"]:
            return past["last_fraction"]
    return -patient["prior_days_ago"] if patient["has_prior"] else -NEVER


def cord_bed(schedule, p):
    return bed(schedule["cord_dose_gy"], schedule["fractions"], p["cord.alpha_beta_gy"])


# ----------------------------------------------------------------------------------- skeletal events, surgery


def skeletal_events(life, schedule, luck):
    """Fracture, cord compression and the first operation, if they come before death."""
    p, patient, death = life.parameters, life.patient, life.time_to_death
    life.time_to_cord_compression = before(death, time_to_cord_compression(patient, schedule, p, luck, life.effects))
    life.time_to_fracture = before(death, time_to_fracture(patient, schedule, p, luck, life.effects))
    life.time_to_surgery = before(death, time_to_surgery(life, luck))


def time_to_fracture(patient, schedule, p, luck, effects):
    """All ratios act on both rates, and the schedule is that of the index course."""
    ratio = p["fracture.lytic_rate_ratio"] if patient["lesion"] == "lytic" else 1.0
    if schedule["none"]:
        ratio *= p["fracture.no_irradiation_rate_ratio"]
    elif schedule["technique"] == "sbrt" and patient["site"] == "spine":
        dose = schedule["dose_gy"] / schedule["fractions"]
        band = "24_or_more" if dose >= 24 else "20_to_23" if dose >= 20 else "19_or_less"
        ratio *= p["fracture.sbrt_rate_ratio.dose_" + band]
    elif is_single_fraction(schedule):
        ratio *= p["fracture.single_fraction_rate_ratio"]
    periods = [(NEVER, p["fracture.rate_per_day." + patient["site"]])]
    if patient["site"] == "hip" and patient["cortical_involvement_mm"] >= p["fracture.high_risk_mm"]:
        early = (p["fracture.high_risk.early_until_days"], p["fracture.high_risk.early_rate_per_day"])
        periods = [early, (NEVER, p["fracture.high_risk.late_rate_per_day"])]
    periods = effects.under("fracture", [(until, rate * ratio) for until, rate in periods])
    return when_used_up(-math.log(luck(FRACTURE)), periods)


def time_to_cord_compression(patient, schedule, p, luck, effects):
    if patient["site"] != "spine":
        return NEVER
    ratio = p["cord_compression.single_fraction_rate_ratio"] if is_single_fraction(schedule) else 1.0
    periods = effects.under("cord_compression", [(NEVER, p["cord_compression.rate_per_day"] * ratio)])
    return when_used_up(-math.log(luck(CORD_COMPRESSION)), periods)


def time_to_surgery(life, luck):
    """The first operation, for either event."""
    p, fracture, compression = life.parameters, life.time_to_fracture, life.time_to_cord_compression
    site = "hip" if life.patient["site"] == "hip" else "other"
    after_fracture = p["surgery.after_fracture." + site] * life.effects.ratio("surgery", fracture)
    after_compression = p["surgery.after_cord_compression"] * life.effects.ratio("surgery", compression)
    life.operated_for_compression = luck(SURGERY_CORD) < after_compression
    for_fracture = luck(SURGERY_FRACTURE) < after_fracture
    operated = [event for event, yes in ((fracture, for_fracture), (compression, life.operated_for_compression)) if yes]
    return min(operated, default=NEVER) + p["surgery.delay_days"]


# ------------------------------------------------------------------------------------------------------- pain


def true_pain(patient, p, luck):
    """Pain of the site of a patient who states a pain: nearer to the mean."""
    mean, deviation = p["report.at_start_mean"], p["report.slow_sd"]
    reliability = max(0.0, 1 - (deviation / p["report.at_start_sd"]) ** 2)
    noise = deviation * math.sqrt(reliability) * normal_quantile(luck(REPORT_AT_START))
    return min(10.0, max(0.0, mean + reliability * (patient["pain"] - mean) + noise))


def worsen(life, luck):
    """The care can put off the worsening, not shorten it."""
    p = life.parameters
    periods = life.effects.under("worsening", [(NEVER, p["pain.worsening_rate_per_day"])])
    life.time_to_worsening = when_used_up(-math.log(luck(WORSENING)), periods)
    lasts = -p["pain.worsening_mean_days"] * math.log(luck(WORSENING_DURATION))
    life.end_of_worsening = life.time_to_worsening + lasts


def stated(life, t, index_only=False):
    """Score that the patient states at t."""
    return stated_of(pain_at(life, t, index_only), life)


def stated_of(pain, life):
    """Score that the patient states of a pain."""
    return score(min(10.0, max(0.0, pain + life.deviation))) if pain >= 0.5 else 0


def pain_at(life, t, index_only=False):
    """Pain at t, from all that the site had, or as if it had had the index course alone."""
    courses = life.courses[:1] if index_only else life.courses
    levels = [level_at(c, t, life) for c in courses if c["onset"] <= t < c["relapse"]]
    rises = [rise for start, stop, rise in spikes(life, courses) if start <= t < stop]
    level = min(levels, default=base_pain(life, t))
    level *= left_by_analgesics(life, t, index_only) * life.effects.kept(t, index_only)
    if not index_only:
        level *= life.effects.kept_here(t)
    return min(10.0, level + max(rises, default=0.0))


def worst_pain(life, t, index_only=False):
    """Pain of the worst site: utility and analgesics follow it. Spikes are of the index site."""
    elsewhere = (
        life.effects.pain_elsewhere(t) * left_by_analgesics(life, t, index_only) * life.effects.kept(t, index_only)
    )
    return max(pain_at(life, t, index_only), elsewhere)


def level_at(course, t, life):
    """Level of a response in force: from the end of complete relief on that of the best partial one."""
    return min(1.0, life.pain) if t >= course["fade"] else course["level"]


def escalation_day(life, index_only):
    return life.escalation_alone if index_only else life.time_to_escalation


def left_by_analgesics(life, t, index_only=False):
    """Share of the pain that the increases of the dose so far leave."""
    left = 1 - life.parameters["analgesic.relief_per_increase"]
    titrated = life.titrated and t >= life.parameters["analgesic.titration_day"]
    return (left if titrated else 1.0) * (left if t >= escalation_day(life, index_only) else 1.0)


def base_pain(life, t):
    if not life.time_to_worsening <= t < life.end_of_worsening:
        return life.pain
    return min(10.0, life.pain + life.parameters["pain.worsening_points"])


def changes_of_pain(life):
    """Times between which pain is constant."""
    changes = [life.time_to_worsening, life.end_of_worsening, life.time_to_escalation]
    changes += [life.parameters["analgesic.titration_day"]] if life.titrated else []
    changes += [c[edge] for c in life.courses for edge in ("onset", "fade", "relapse")]
    changes += life.effects.changes_of_pain()
    return changes + [edge for start, stop, _ in spikes(life, life.courses) for edge in (start, stop)]


def spikes(life, courses):
    """(start, stop, rise) of flares, fracture and cord compression, and of the care."""
    p = life.parameters
    flares = [(*c["flare"], p["flare.rise_points"]) for c in courses if c["flare"]]
    fracture, compression = life.time_to_fracture, life.time_to_cord_compression
    return [*flares, *life.effects.spikes] + [
        (fracture, fracture + p["fracture.pain_days"], p["fracture.rise_points"]),
        (compression, compression + p["cord_compression.pain_days"], p["cord_compression.rise_points"]),
    ]


def in_response(life, t):
    """Alive, with a partial or complete response to some course in force. Surgery ends no relief."""
    return t < life.time_to_death and any(
        course["responds"] >= PARTIAL and course["onset"] <= t < course["relapse"] for course in life.courses
    )


def in_complete_response(life, t):
    """Alive, with a complete response to some course in force."""
    return t < life.time_to_death and any(
        course["responds"] == COMPLETE and course["onset"] <= t < course["fade"] for course in life.courses
    )


def time_in_pain_level(life, horizon_days):
    """Days of life with reported pain of the worst site none (0), mild (1-4), moderate (5-7) and severe (8-10)."""
    days = [0.0, 0.0, 0.0, 0.0]
    for start, stop in segments(life, changes_of_pain(life) + life.effects.changes_of_sites(), horizon_days):
        days[pain_category(score(worst_pain(life, (start + stop) / 2)))] += stop - start
    return tuple(days)


def segments(life, changes, horizon_days):
    """The stretches of life, up to death or the horizon, between changes."""
    end = min(life.time_to_death, horizon_days)
    edges = [0.0, *sorted({t for t in changes if 0 < t < end}), end]
    return list(zip(edges, edges[1:], strict=False))


def score(pain):
    """The number a patient gives."""
    return math.floor(pain + 0.5)


def pain_category(pain_score):
    """0 none, 1 mild, 2 moderate, 3 severe."""
    return sum(pain_score >= lowest for lowest in (1, 5, 8))


# ------------------------------------------------------------------------------------------------- analgesics


def time_to_escalation(life, luck, alone=False):
    """Consumed slowly while no other site hurts without relief, and the index response is in force or another treatment of the site takes as much
    off its pain as a partial response (unless the index course is looked at alone), whatever surgery or repeats do."""
    p, index, effects = life.parameters, life.courses[0], life.effects
    edges = {NEVER, *(edge for edge in effects.changes_of_sites() if edge > 0)}
    if index["responds"] >= PARTIAL:
        edges |= {index["onset"], index["relapse"]}
    reliefs = [] if alone else effects.reliefs
    edges |= {edge for start, stop, _ in reliefs for edge in (start, stop) if edge > 0}
    periods, begin = [], 0.0
    for edge in sorted(edges):
        middle = (begin + edge) / 2 if edge < NEVER else begin + 1.0
        responding = index["responds"] >= PARTIAL and index["onset"] <= middle < index["relapse"]
        if reliefs:
            responding = responding or life.pain * (1 - effects.kept_here(middle)) >= 2
        which = "responding" if responding and not effects.hurts_elsewhere(middle) else "uncontrolled"
        periods.append((edge, p[f"analgesic.escalation_rate_{which}_per_day"]))
        begin = edge
    return when_used_up(-math.log(luck(ESCALATION)), effects.under("escalation", periods))


def morphine_at(life, t, index_only=False):
    """Daily morphine equivalent at t, from all that the site had, or as if it had had the index course alone."""
    p = life.parameters
    step = life.effects.step(t, index_only)
    if step:
        return step[2]
    escalation = escalation_day(life, index_only)
    increases = (life.titrated and t >= p["analgesic.titration_day"]) + (t >= escalation)
    dose = life.patient["morphine_equivalent"]
    if dose == 0 and increases > 0:  # the first increase starts the opioid
        dose, increases = p["analgesic.starting_dose_mg"], increases - 1
    dose *= (1 + p["analgesic.increase"]) ** increases
    if t >= escalation and life.drifts:
        dose *= 1 + p["analgesic.drift_per_day"] * min(t - escalation, p["analgesic.drift_until_days"])
    courses = life.courses[:1] if index_only else life.courses
    tapered = any(start <= t < stop for start, stop in tapers(courses, p)) and not life.effects.hurts_elsewhere(t)
    if life.tapers and tapered:
        dose *= 1 - p["analgesic.taper_reduction"]
    return dose


def tapers(courses, p):
    """[start, stop) of the reduced dose that each partial or complete response permits."""
    delay = p["analgesic.taper_delay_days"]
    return [(c["onset"] + delay, c["relapse"]) for c in courses if c["responds"] >= PARTIAL]


def opioid_mg(life, horizon_days):
    """Morphine equivalent of a life up to the horizon; exact, as the dose is linear between changes."""
    p = life.parameters
    escalation = life.time_to_escalation
    changes = [p["analgesic.titration_day"], escalation, escalation + p["analgesic.drift_until_days"]]
    changes += [edge for taper in tapers(life.courses, p) for edge in taper]
    changes += life.effects.changes_of_pain() + life.effects.changes_of_sites()
    stretches = segments(life, changes, horizon_days)
    return sum((stop - start) * morphine_at(life, (start + stop) / 2) for start, stop in stretches)


# ----------------------------------------------------------------------------------------------- what is seen


def attends(day, death, p, luck):
    """The occurrence is the whole day on which the visit falls."""
    if day >= death:
        return False
    probability = p["observation.attendance"]
    if death - day < p["observation.near_death_days"]:
        probability *= p["observation.near_death_ratio"]
    return luck(ATTENDANCE, int(day)) < probability


def report(life, day):
    """Pain score and morphine equivalent as the patient would report them, had no repeat been given."""
    return stated(life, day, index_only=True), morphine_at(life, day, index_only=True)


def response_at_visit(life, visit, measure):
    """Response seen at visit number `visit`: 0 none, 1 partial, 2 complete; None if not seen."""
    if not life.attended[visit]:
        return None
    if life.visit_days[visit] >= life.time_to_surgery:
        return 0
    baseline = life.patient["pain"], life.patient["morphine_equivalent"]
    return classify(measure, *baseline, *life.reported[visit])


def classify(measure, baseline_pain, baseline_morphine, pain, morphine):
    """Response by `measure`: 0 none, 1 partial, 2 complete. Progression and indeterminate are none.

    Pains are whole scores. Consensus: complete is pain 0 without more opioid; partial is 2 points less
    without more opioid, or a quarter less opioid without more pain. From no opioid any is more, and none can
    be less.
    """
    if measure == "consensus":
        more_opioid = morphine > baseline_morphine
        less_opioid = baseline_morphine > 0 and morphine <= 0.75 * baseline_morphine
        if pain == 0 and not more_opioid:
            return 2
        relieved = baseline_pain - pain >= 2 and not more_opioid
        return 1 if relieved or (less_opioid and pain <= baseline_pain) else 0
    if pain == 0:
        return 2
    better = {
        "pain_score": baseline_pain - pain >= 2,
        "any_reduction": baseline_pain - pain >= 1,
        "categorical": pain_category(pain) < pain_category(baseline_pain),
    }
    return int(better[measure])
