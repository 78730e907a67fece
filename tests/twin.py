"""The twin: one patient's life in slow, plain Python, the oracle of the kernel.

Written from `radsim/kernel/README.md` alone and sharing no code with radsim, not even the generator or the
numbering of purposes: where twin and kernel disagree, one of them or that page is wrong. Times are days from
the first fraction of the index course, pain is 0-10, doses are Gy, opioids mg of oral morphine a day; "did
not happen" is `inf`. Below, `p` is the dict of parameters by dotted name and `luck(purpose, occurrence)` a
uniform of the patient. Readings chosen where the page leaves room are in the docstrings.
"""

import math
from dataclasses import dataclass, field

from scipy.special import ndtri

NEVER = math.inf

FRAILTY, SURVIVAL, BACKGROUND_DEATH, NEVER_RETURNS = 128, 129, 130, 131
RESPONSE, ONSET, RELAPSE, TOXICITY = 132, 133, 134, 135
FLARE, FLARE_START, FLARE_DURATION, DIARY_MISSING = 136, 137, 138, 139
OFFER, DELAY, REPEAT_SCHEDULE, OFFER_WITHOUT_FAILURE = 140, 141, 142, 143
WORSENING, FRACTURE, CORD_COMPRESSION, SURGERY_FRACTURE = 144, 145, 146, 147
TITRATION, ESCALATION, TAPER, SURGERY_CORD = 148, 149, 150, 151
ATTENDANCE = 152

NONE, MINOR, PARTIAL, COMPLETE = 0, 1, 2, 3  # class of a course's response


@dataclass
class Life:
    """What happened to one patient under one schedule.

    Fracture, cord compression, surgery and repeats at or after death did not happen (`inf`, or no entry in
    `courses`). Onset, relapse, flare, worsening and escalation are as drawn, also beyond death. Nothing is
    cut at the horizon.

    `courses` holds one dict a course: start, last_fraction (as planned), fractions_given, responds (0 none, 1
    minor, 2 partial, 3 complete), latent (the score L), level (nan for class none), onset and relapse (`inf`
    for class none), flare ((start, stop) or None), toxicity, schedule. `reported` is what the patient would
    report at each visit on the index trajectory, whether or not they attend.
    """

    frailty: float
    time_to_death: float
    courses: list
    time_to_worsening: float
    time_to_fracture: float
    time_to_cord_compression: float
    time_to_surgery: float
    titrated: bool
    time_to_escalation: float
    tapers: bool
    flare_diary_missing: bool
    never_returns: bool
    attended: list
    visit_days: list
    horizon_days: float
    reported: list = field(default_factory=list)
    patient: dict = field(default_factory=dict, repr=False)
    parameters: dict = field(default_factory=dict, repr=False)

    @property
    def time_to_retreatment(self):
        return self.courses[1]["start"] if len(self.courses) > 1 else NEVER


def play(patient, schedule, parameters, *, seed, draw, number, era, horizon_days, dexamethasone, visit_days):
    """Live the life of patient `number` under `schedule`.

    The horizon changes nothing that happens: it is kept for those who sum over the life.
    """
    p = parameters

    def luck(purpose, occurrence=0):
        return uniform(seed, draw, number, purpose, occurrence)

    frailty = normal_quantile(luck(FRAILTY))
    death = time_to_death(patient, p, luck, era, frailty)
    courses = radiotherapy(patient, schedule, p, luck, frailty, death, dexamethasone)
    fracture = before(death, time_to_fracture(patient, schedule, p, luck))
    compression = before(death, time_to_cord_compression(patient, p, luck))
    never_returns = luck(NEVER_RETURNS) < p["observation.never_returns"]
    life = Life(
        frailty=frailty,
        time_to_death=death,
        courses=courses,
        time_to_worsening=exponential(luck(WORSENING), p["pain.worsening_rate_per_day"]),
        time_to_fracture=fracture,
        time_to_cord_compression=compression,
        time_to_surgery=before(death, time_to_surgery(patient, fracture, compression, p, luck)),
        titrated=luck(TITRATION) < p["analgesic.titration_probability"],
        time_to_escalation=time_to_escalation(courses[0], p, luck),
        tapers=luck(TAPER) < p["analgesic.taper_probability"],
        flare_diary_missing=luck(DIARY_MISSING) < p["flare.diary_missing"],
        never_returns=never_returns,
        attended=[not never_returns and attends(day, death, p, luck) for day in visit_days],
        visit_days=list(visit_days),
        horizon_days=horizon_days,
        patient=patient,
        parameters=parameters,
    )
    life.reported = [report(life, day) for day in visit_days]
    return life


# --------------------------------------------------------------------------------------------- random numbers


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


def when_used_up(amount, periods):
    """Time at which `amount` of hazard has passed; `periods` are (until, rate), in order from day 0."""
    begin = 0.0
    for until, rate in periods:
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


def time_to_death(patient, p, luck, era, frailty):
    """The disease or, if earlier, what the general population dies of."""
    rho = p["survival.frailty_correlation"]
    score = rho * frailty + math.sqrt(1 - rho**2) * normal_quantile(luck(SURVIVAL))
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


def radiotherapy(patient, schedule, p, luck, frailty, death, dexamethasone):
    """The index course and up to three repeats."""
    courses = [course(0, 0.0, schedule, patient, p, luck, frailty, death, dexamethasone)]
    if schedule["none"]:
        return courses
    for k in range(3):
        start = start_of_repeat(k, courses[k], p, luck)
        if start >= death:
            break
        repeat = repeat_schedule(k, start, courses, patient, p, luck)
        if repeat is None:
            break
        courses.append(course(k + 1, start, repeat, patient, p, luck, frailty, death, dexamethasone))
    return courses


def course(k, start, schedule, patient, p, luck, frailty, death, dexamethasone):
    """Course k: its fractions, response, flare and toxicity."""
    days = fraction_days(start, schedule)
    latent = latent_response(k, schedule, patient, p, luck, frailty)
    responds = class_of_response(latent, patient["pain"], p)
    onset, relapse = response_times(k, start, schedule, responds, patient, p, luck)
    return {
        "start": start,
        "last_fraction": days[-1] if days else start,
        "fractions_given": sum(day < death for day in days),
        "responds": responds,
        "latent": latent,
        "level": level_of_pain(responds, latent, patient["pain"], p),
        "onset": onset,
        "relapse": relapse,
        "flare": flare(k, start, schedule, p, luck, dexamethasone),
        "toxicity": has_toxicity(k, schedule, patient, p, luck),
        "schedule": schedule,
    }


def fraction_days(start, schedule):
    if schedule["none"]:
        return []
    a_week = schedule["fractions_per_week"]
    return [start + 7 * (j // a_week) + j % a_week for j in range(schedule["fractions"])]


def policy(schedule):
    return "single" if schedule["fractions"] == 1 else "multiple"


def is_single_fraction(schedule):
    return not schedule["none"] and schedule["fractions"] == 1


def has_toxicity(k, schedule, patient, p, luck):
    if schedule["none"]:
        return False
    site = "spine" if patient["site"] == "spine" else "other"
    return luck(TOXICITY, k) < p[f"toxicity.{policy(schedule)}.{site}"]


def flare(k, start, schedule, p, luck, dexamethasone):
    """(start, stop) of the pain flare of course k, or None."""
    if schedule["none"]:
        return None
    probability = p["flare.probability"]
    if is_single_fraction(schedule):
        probability *= p["flare.single_fraction_risk_ratio"]
    if dexamethasone and k == 0:
        probability *= p["dexamethasone.flare_risk_ratio"]
    if not luck(FLARE, k) < probability:
        return None
    earliest, latest = p["flare.earliest_day"], p["flare.latest_day"]
    begins = start + earliest + (latest - earliest) * luck(FLARE_START, k)
    return begins, begins - p["flare.mean_duration_days"] * math.log(luck(FLARE_DURATION, k))


# --------------------------------------------------------------------------------------------------- response


def latent_response(k, schedule, patient, p, luck, frailty):
    """The score L of course k: large is good.

    A prior course costs the same once, however many repeats follow; where nothing is given, nothing.
    """
    log_odds = (
        p["response.log_odds.per_ten_karnofsky"] * (patient["karnofsky"] - 70) / 10
        + p["response.log_odds." + patient["primary"]]
        + p["response.log_odds.neuropathic"] * patient["neuropathic"]
    )
    if (k > 0 or patient["has_prior"]) and not schedule["none"]:
        log_odds += p["response.log_odds.reirradiation"]
    return log_odds + p["response.frailty"] * frailty + effect_of_dose(schedule, p) + logit(luck(RESPONSE, k))


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


def class_of_response(latent, pain, p):
    overall, complete = p["response.cut_overall"], p["response.cut_complete"]
    if latent > complete or (latent > overall and pain < 3):
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
        return 1 + (pain - 3) * (complete - latent) / (complete - overall)
    return pain - 1.0 if responds == MINOR else math.nan


def response_times(k, start, schedule, responds, patient, p, luck):
    """Onset and relapse; a minor response has them too."""
    if responds == NONE:
        return NEVER, NEVER
    onset = start + lognormal(p["onset.median_days"], p["onset.sigma"], luck(ONSET, k))
    hazard_ratio = 1.0
    if is_single_fraction(schedule) and patient["neuropathic"]:
        hazard_ratio = p["relapse.neuropathic_single_fraction_hazard_ratio"]
    still_relieved = luck(RELAPSE, k) ** (1 / hazard_ratio)
    return onset, onset + lognormal(p["relapse.median_days"], -p["relapse.sigma"], still_relieved)


# ------------------------------------------------------------------------------------------------ retreatment


def start_of_repeat(k, course, p, luck):
    """Day on which the repeat after course k is to start, `inf` if none is offered."""
    who = policy(course["schedule"])
    offer = f"retreatment.offer.{who}."
    delay = lognormal(p[f"retreatment.delay.{who}_median_days"], p["retreatment.delay.sigma"], luck(DELAY, k))
    onset, relapse = course["onset"], course["relapse"]
    if course["responds"] < PARTIAL:
        need = course["last_fraction"] + p["retreatment.judged_after_days"]
        offered = luck(OFFER, k) < p[offer + "non_response"]
    elif luck(OFFER_WITHOUT_FAILURE, k) < p[offer + "no_failure"] and onset + delay < relapse:
        need, offered = onset, True
    else:
        need, offered = relapse, luck(OFFER, k) < p[offer + "progression"]
    earliest = course["last_fraction"] + p["retreatment.minimum_interval_days"]
    return max(need + delay, earliest) if offered else NEVER


def repeat_schedule(k, start, courses, patient, p, luck):
    """What is given as the repeat after course k, None if the cord allows neither choice."""
    who = "after_" + policy(courses[k]["schedule"])
    choices = [conventional("retreatment.repeat.single", p), conventional("retreatment.repeat." + who, p)]
    if not luck(REPEAT_SCHEDULE, k) < p["retreatment.single_fraction_share." + who]:
        choices.reverse()
    allowed = [choice for choice in choices if cord_allows(choice, start, courses, patient, p)]
    return allowed[0] if allowed else None


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

    The interval is that since the course just before; the prior course adds its BED, however long ago.
    """
    if patient["site"] != "spine":
        return True
    new = cord_bed(schedule, p)
    total = patient["prior_bed_gy2"] + sum(cord_bed(past["schedule"], p) for past in courses) + new
    early = start - courses[-1]["last_fraction"] < p["cord.early_within_days"]
    limit = p["cord.early_limit_gy2"] if early else p["cord.late_limit_gy2"]
    return new <= p["cord.course_limit_gy2"] and total <= limit


def cord_bed(schedule, p):
    return bed(schedule["cord_dose_gy"], schedule["fractions"], p["cord.alpha_beta_gy"])


def with_willingness(parameters, ratio):
    """The parameters once `retreatment.willingness_ratio` has replaced the policy of `multiple`."""
    p, changed = parameters, dict(parameters)
    single, multiple = "retreatment.offer.single.", "retreatment.offer.multiple."
    calibrated = logit(p[single + "non_response"]) - logit(p[multiple + "non_response"])
    theta = math.log(ratio) / calibrated
    for kind in ("non_response", "progression", "no_failure"):
        of_single, of_multiple = logit(p[single + kind]), logit(p[multiple + kind])
        log_odds = of_single + theta * (of_multiple - of_single)
        changed[multiple + kind] = 1 / (1 + math.exp(-log_odds)) if theta != 0 else p[single + kind]
    slow, quick = p["retreatment.delay.multiple_median_days"], p["retreatment.delay.single_median_days"]
    changed["retreatment.delay.multiple_median_days"] = quick * (slow / quick) ** theta
    return changed


# ----------------------------------------------------------------------------------- skeletal events, surgery


def time_to_fracture(patient, schedule, p, luck):
    """All ratios act on both rates, and the schedule is that of the index course."""
    ratio = p["fracture.lytic_rate_ratio"] if patient["lesion"] == "lytic" else 1.0
    if schedule["none"]:
        ratio *= p["fracture.no_irradiation_rate_ratio"]
    elif is_single_fraction(schedule):
        ratio *= p["fracture.single_fraction_rate_ratio"]
    periods = [(NEVER, p["fracture.rate_per_day." + patient["site"]])]
    if patient["site"] == "hip" and patient["cortical_involvement_mm"] >= p["fracture.high_risk_mm"]:
        early = (p["fracture.high_risk.early_until_days"], p["fracture.high_risk.early_rate_per_day"])
        periods = [early, (NEVER, p["fracture.high_risk.late_rate_per_day"])]
    return when_used_up(-math.log(luck(FRACTURE)), [(until, rate * ratio) for until, rate in periods])


def time_to_cord_compression(patient, p, luck):
    if patient["site"] != "spine":
        return NEVER
    return exponential(luck(CORD_COMPRESSION), p["cord_compression.rate_per_day"])


def time_to_surgery(patient, fracture, compression, p, luck):
    """The first operation, for either event."""
    site = "hip" if patient["site"] == "hip" else "other"
    for_fracture = luck(SURGERY_FRACTURE) < p["surgery.after_fracture." + site]
    for_compression = luck(SURGERY_CORD) < p["surgery.after_cord_compression"]
    operated = [event for event, yes in ((fracture, for_fracture), (compression, for_compression)) if yes]
    return min(operated, default=NEVER) + p["surgery.delay_days"]


# ------------------------------------------------------------------------------------------------------- pain


def pain_at(life, t, index_only=False):
    """Pain at t, from all courses or as if the index course had been the only one."""
    courses = life.courses[:1] if index_only else life.courses
    levels = [c["level"] for c in courses if c["onset"] <= t < c["relapse"]]
    rises = [rise for start, stop, rise in spikes(life, courses) if start <= t < stop]
    return min(10.0, min(levels, default=base_pain(life, t)) + max(rises, default=0.0))


def base_pain(life, t):
    pain = life.patient["pain"]
    if t < life.time_to_worsening:
        return pain
    return min(10.0, pain + life.parameters["pain.worsening_points"])


def spikes(life, courses):
    """(start, stop, rise) of flares, fracture and cord compression."""
    p = life.parameters
    flares = [(*c["flare"], p["flare.rise_points"]) for c in courses if c["flare"]]
    fracture, compression = life.time_to_fracture, life.time_to_cord_compression
    return flares + [
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
        course["responds"] == COMPLETE and course["onset"] <= t < course["relapse"] for course in life.courses
    )


def time_in_pain_level(life, horizon_days):
    """Days of life with reported pain none (0), mild (1-4), moderate (5-7) and severe (8-10)."""
    changes = [life.time_to_worsening]
    changes += [c[edge] for c in life.courses for edge in ("onset", "relapse")]
    changes += [edge for start, stop, _ in spikes(life, life.courses) for edge in (start, stop)]
    days = [0.0, 0.0, 0.0, 0.0]
    for start, stop in segments(life, changes, horizon_days):
        days[pain_category(score(pain_at(life, (start + stop) / 2)))] += stop - start
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


def time_to_escalation(index, p, luck):
    """Consumed slowly while the index response is in force, whatever surgery or repeats do."""
    uncontrolled = p["analgesic.escalation_rate_uncontrolled_per_day"]
    periods = [(NEVER, uncontrolled)]
    if index["responds"] >= PARTIAL:
        responding = p["analgesic.escalation_rate_responding_per_day"]
        periods = [(index["onset"], uncontrolled), (index["relapse"], responding), (NEVER, uncontrolled)]
    return when_used_up(-math.log(luck(ESCALATION)), periods)


def morphine_at(life, t, index_only=False):
    """Daily morphine equivalent at t, from all courses or as if the index course had been the only one."""
    p = life.parameters
    escalation = life.time_to_escalation
    increases = (life.titrated and t >= p["analgesic.titration_day"]) + (t >= escalation)
    dose = life.patient["morphine_equivalent"]
    if dose == 0 and increases > 0:  # the first increase starts the opioid
        dose, increases = p["analgesic.starting_dose_mg"], increases - 1
    dose *= (1 + p["analgesic.increase"]) ** increases
    if t >= escalation:
        dose *= 1 + p["analgesic.drift_per_day"] * (t - escalation)
    courses = life.courses[:1] if index_only else life.courses
    if life.tapers and any(start <= t < stop for start, stop in tapers(courses, p)):
        dose *= 1 - p["analgesic.taper_reduction"]
    return dose


def tapers(courses, p):
    """[start, stop) of the reduced dose that each partial or complete response permits."""
    delay = p["analgesic.taper_delay_days"]
    return [(c["onset"] + delay, c["relapse"]) for c in courses if c["responds"] >= PARTIAL]


def opioid_mg(life, horizon_days):
    """Morphine equivalent of a life up to the horizon; exact, as the dose is linear between changes."""
    p = life.parameters
    changes = [p["analgesic.titration_day"], life.time_to_escalation]
    changes += [edge for taper in tapers(life.courses, p) for edge in taper]
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
    return score(pain_at(life, day, index_only=True)), morphine_at(life, day, index_only=True)


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
