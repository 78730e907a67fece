"""The analgesic ladder: a step at every review, by what is stated of the worst site."""

import math

import twin

NEVER = math.inf
MOST_STEPS = 64
RELIEF, BREAKTHROUGH, RESCUES, CONSTIPATION, NAUSEA, SLEEPINESS, BLEEDING = 200, 201, 202, 203, 204, 205, 206


def follow(settings, life, luck, visit_days):
    """The whole path anew, in the place of the disease model's analgesics; that of the index course alone once."""
    life.titrated = life.tapers = life.drifts = False
    life.time_to_escalation = life.escalation_alone = NEVER
    if not life.effects.index_steps:
        Path(settings, life, luck, life.effects.index_steps, index_only=True).walk(visit_days)
    life.effects.steps = []
    Path(settings, life, luck, life.effects.steps, index_only=False).walk(visit_days)


class Path:
    """One patient on the ladder."""

    def __init__(self, settings, life, luck, steps, index_only):
        self.settings, self.life, self.p, self.luck = settings, life, life.parameters, luck
        self.steps, self.index_only = steps, index_only
        dose = life.patient["morphine_equivalent"]
        self.step = 1 if dose == 0 else 2 if dose <= self.p["ladder.weak_opioid_most_mg"] else 3
        self.left_at_start = self.left(self.step)
        self.baseline, self.increases = dose, 0
        self.low_since = NEVER
        self.had_left, self.floor, self.floor_since = set(), 1, 0.0
        self.rescues_written = None
        self.steps.append((0.0, 1.0, dose, self.step))

    def walk(self, visit_days):
        for day in reviews(visit_days, self.p):
            if day >= self.life.time_to_death:
                return
            self.review(day)

    def review(self, day):
        stated = twin.stated_of(twin.worst_pain(self.life, day, self.index_only), self.life)
        self.low_since = min(self.low_since, day) if stated <= self.p["ladder.down_at_pain"] else NEVER
        if self.floor > 1 and any(self.floor_since < course["start"] <= day for course in self.life.courses[1:]):
            self.had_left, self.floor = set(), 1
        wanted = 1 + sum(stated >= self.p[f"ladder.step_{step}_from_pain"] for step in (2, 3))
        begins, changed = day, True
        if wanted > self.step:
            begins = self.go_up(wanted, day)
        elif self.may_rise() and (stated >= self.p["ladder.step_2_from_pain"] or self.too_many_rescues(stated, day)):
            self.raise_dose()
        elif self.step > self.floor and day - self.low_since >= self.p["ladder.down_after_days"]:
            self.go_down(day)
        else:
            changed = False
        rescues = self.rescues(stated)
        if changed or self.rescues_written is None or abs(rescues - self.rescues_written) >= 1:
            self.write(begins, rescues)

    def go_up(self, wanted, day):
        """Up at once; the highest step that had been left and is taken again, or passed, is kept from now on."""
        again = [step for step in self.had_left if step <= wanted]
        if again:
            self.floor, self.floor_since = max(again), day
        dose, begins = self.step_2_mg(), day
        if wanted == 3:
            dose = self.p["ladder.step_3_mg." + ("after_weak_opioid" if self.step == 2 else "otherwise")]
            begins += self.p["ladder.titration_days"]
        self.baseline = max(self.baseline, dose)
        self.step = wanted
        return begins

    def may_rise(self):
        return self.step == 3 and self.baseline < self.p["ladder.ceiling_mg"]

    def raise_dose(self):
        """More of the strong opioid, up to the ceiling."""
        self.baseline = min(self.p["ladder.ceiling_mg"], self.baseline * (1 + self.p["ladder.increase"]))
        self.increases += 1

    def go_down(self, day):
        """One step, without the increases of the step that is left."""
        self.had_left.add(self.step)
        self.step -= 1
        self.increases = 0
        self.baseline = 0.0 if self.step == 1 else min(self.baseline, self.step_2_mg())
        self.low_since = day

    def write(self, begins, rescues):
        p = self.p
        kept = min(1.0, self.left(self.step) / self.left_at_start)
        kept *= (1 - self.settings["adherence"] * p["analgesic.relief_per_increase"]) ** self.increases
        dose = self.baseline * self.settings["adherence"] * (1 + p["ladder.rescue_share"] * rescues)
        if self.steps[-1][0] == begins:
            self.steps.pop()
        self.steps.append((begins, kept, dose, self.step))
        self.rescues_written = rescues

    def left(self, step):
        """Share of the pain that a step leaves: its opioid, as far as it is taken, or the non-opioid beside it if that relieves more.

        Low-dose morphine and a strong opioid relieve alike.
        """
        name = "low_dose_morphine"
        if step == 2 and self.settings["weak_opioid"] != "low_dose_morphine":
            name = "step_2"
        relief = self.relief("step_1")
        if step > 1:
            relief = max(relief, self.settings["adherence"] * self.relief(name))
        return 1 - relief

    def relief(self, name):
        score = twin.normal_quantile(self.luck(RELIEF))
        return 1 / (1 + math.exp(-(self.p["ladder.relief_log_odds." + name] + self.p["ladder.relief_sd"] * score)))

    def step_2_mg(self):
        return self.p["ladder.step_2_mg." + self.settings["weak_opioid"]]

    def rescues(self, stated):
        """Mean number of rescue doses a day."""
        if self.step == 1 or self.luck(BREAKTHROUGH) >= self.p["ladder.breakthrough"]:
            return 0.0
        return self.p["ladder.breakthrough_per_day"] * stated / self.p["ladder.breakthrough_at_pain"]

    def too_many_rescues(self, stated, day):
        """Is the Poisson number of this day above the most that is borne?"""
        mean, most = self.rescues(stated), int(self.p["ladder.most_rescues"])
        as_many_at_most = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(most + 1))
        return self.luck(RESCUES, int(day)) > as_many_at_most


def reviews(visit_days, p):
    """Day 0 and two more, the visits and then even intervals for ever; of two that are near to each other the first."""
    second = p["ladder.second_review_day"]
    days = [0.0, p["ladder.first_review_day"], second, *visit_days]
    last = -NEVER
    n = 0
    while True:
        day = days[n] if n < len(days) else max(second, days[-1]) + p["ladder.review_days"] * (n - len(days) + 1)
        n += 1
        if day - last >= p["ladder.least_days_between_reviews"]:
            last = day
            yield day


CONVERSION, NSAIDS = "ladder.conversion.", ("ibuprofen", "diclofenac", "naproxen")


def count(settings, life, luck, diary):
    p, steps = life.parameters, life.effects.steps
    stops = [step[0] for step in steps[1:]] + [NEVER]
    before = 0.0
    for (start, _, dose, number), stop in zip(steps, stops, strict=True):
        diary.days(f"days_on_step_{number}", start, stop)
        if number > 1 and settings["laxative"]:
            diary.days("days_with_laxative", start, stop)
        if number == 3:
            of_the_drug = dose / p[CONVERSION + settings["strong_opioid"]]
            for period, first, last in diary.parts(start, stop):
                diary.add("strong_opioid_mg", period, math.floor(of_the_drug * (last - first) + 0.5))
            if settings["strong_opioid"] == "fentanyl":  # the patch, once the dose has not changed for long enough
                diary.days("days_with_patch", start + p["ladder.patch_after_days"], stop)
            if before < p["ladder.ceiling_mg"] * settings["adherence"] <= dose:
                diary.at("opioid_rotations", start)
        before = dose
    if len(steps) >= MOST_STEPS:
        diary.at("doses_not_kept", steps[MOST_STEPS - 1][0])
    side_effects(settings, life, luck, diary)


def on_an_opioid(life):
    """Stretches of time on step 2 or 3."""
    steps = life.effects.steps
    stops = [step[0] for step in steps[1:]] + [NEVER]
    return [(step[0], stop) for step, stop in zip(steps, stops, strict=True) if step[3] > 1]


def side_effects(settings, life, luck, diary):
    p, patient = life.parameters, life.patient
    opioids = [start for start, _, _, number in life.effects.steps if number > 1]
    if opioids:
        constipation = p["ladder.constipation"] * (p["ladder.laxative_ratio"] if settings["laxative"] else 1.0)
        nausea = p["ladder.nausea"] * (p["ladder.antiemetic_ratio"] if settings["antiemetic"] else 1.0)
        harms = [("constipations", CONSTIPATION, constipation, "days_with_constipation", on_an_opioid(life))]
        if patient["morphine_equivalent"] == 0:  # the first weeks of an opioid lie behind the others
            first = [(opioids[0], opioids[0] + p["ladder.transient_days"])]
            harms += [
                ("nauseas", NAUSEA, nausea, "days_with_nausea", first),
                ("sleepinesses", SLEEPINESS, p["ladder.sleepiness"], "days_with_sleepiness", first),
            ]
        for item, purpose, probability, days, stretches in harms:
            if luck(purpose) < probability:
                diary.at(item, opioids[0])
                for start, stop in stretches:
                    diary.days(days, start, stop)
    drug = settings["non_opioid"]
    if drug != "none" and (patient["kidney_failure"] or patient["heart_failure"] or patient["low_platelets"]):
        drug = "paracetamol"
    rate = p["ladder.bleeding_rate_per_day"] * p["ladder.bleeding_ratio." + drug]
    if drug == "paracetamol":
        diary.days("days_with_paracetamol", 0.0, NEVER)
    if drug in NSAIDS:
        diary.days("days_with_nsaid", 0.0, NEVER)
        if settings["gastric_protection"]:
            diary.days("days_with_gastric_protection", 0.0, NEVER)
            rate *= p["ladder.gastric_protection_ratio"]
    diary.at("bleedings", twin.exponential(luck(BLEEDING), rate))
    if settings["nerve_pain_drug"] and patient["neuropathic"]:
        diary.days("days_with_nerve_pain_drug", 0.0, NEVER)
