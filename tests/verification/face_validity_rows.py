"""How each published figure of the face-validity table is simulated: the set `trials`, the base case, 40,000 patients a row.

Each function gives the text of one row. What the kernel says of a trajectory at a moment is read in `trajectories_read`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from studies import flag, study, time_column, totals
from time_course import SHAM, chow_2004, median_week_of_first_response, sc23
from trajectories_read import Recorded

from radsim.config import CATEGORIES
from radsim.kernel import layout
from radsim.maths.measures import MEASURES
from radsim.study import Endpoint
from radsim.trials import load_trial
from radsim.trials.rerun import rerun

N = 40_000
MONTH, YEAR = 365.25 / 12.0, 365.25
TODAY, TRIALS = {"era": "modern"}, {"era": "1990s"}
"""Cohorts: the default population with the survival of today, and of the fractionation trials."""
QUARTILES = (0.25, 0.5, 0.75)
PRIMARY, FEMUR_MM = CATEGORIES["primary"], 40.0
SBRT_CORD_GY = 10.0


# --- simulating ------------------------------------------------------------------------------------------------


@cache
def recorded(schedule="8Gy/1", **cohort):
    """Patients and trajectories of some cohort under one schedule."""
    known = {"name": schedule, **_sbrt(schedule)} if "@sbrt" in schedule else schedule
    return Recorded(study(n=N, schedules=(known,), evidence="trials", cohort=_cohort(cohort)), N)


def _cohort(given):
    return {name: dict(value) if isinstance(value, tuple) else value for name, value in given.items()}


def _sbrt(schedule):
    dose, _, fractions = schedule.removesuffix("@sbrt").partition("Gy/")
    return {"dose_gy": float(dose), "fractions": int(fractions), "technique": "sbrt", "cord_dose_gy": SBRT_CORD_GY}


def is_primary(one, *names):
    return np.isin(one.patients["primary"], [PRIMARY.index(name) for name in names])


def alive_at(death, *days):
    """Share alive, in per cent."""
    return [100.0 * float((death > day).mean()) for day in days]


def kaplan_meier(times, censored, *days):
    """Share with an event by some days, in per cent, had nobody been censored: product-limit over days."""
    seen = np.minimum(times, censored)
    order = np.argsort(seen, kind="stable")
    at_risk = len(seen) - np.arange(len(seen))
    steps = np.where((times < censored)[order], 1.0 - 1.0 / at_risk, 1.0)
    surviving = np.append(1.0, np.cumprod(steps))
    return [100.0 * (1.0 - float(surviving[np.searchsorted(seen[order], day, side="right")])) for day in days]


def median_kaplan_meier(times, censored):
    """Time by which half have had their event, had nobody been censored; infinite if never. [d]"""
    ends = np.unique(np.minimum(times, censored).round(0))
    shares = kaplan_meier(times, censored, *ends)
    reached = np.flatnonzero(np.array(shares) >= 50.0)
    return float(ends[reached[0]]) if len(reached) else np.inf


def listed(values, decimals=0, between=" / "):
    return between.join(f"{value:.{decimals}f}" for value in values)


# --- survival ----------------------------------------------------------------------------------------------------


def spine_groups():
    """Deaths by the prognostic score of van der Linden 2005: Karnofsky 0-2, primary 0-3, visceral 0-1; groups 0-3, 4-5, 6. [d]"""
    one = recorded(site="spine", **TRIALS)
    karnofsky = one.patients["karnofsky"]
    score = 1 * (karnofsky >= 50) + 1 * (karnofsky >= 80) + 1 * (one.patients["visceral"] == 0)
    score += 3 * is_primary(one, "breast") + 2 * is_primary(one, "prostate") + 1 * is_primary(one, "lung")
    return [one.death[(low <= score) & (score <= high)] for low, high in ((0, 3), (4, 5), (6, 6))]


def three_variable_groups():
    """Deaths by the number of risk factors (0-1, 2, 3): not breast, visceral metastases, Karnofsky up to 60. [d]"""
    one = recorded(**TODAY)
    n = 1 * ~is_primary(one, "breast") + 1 * (one.patients["visceral"] == 1) + 1 * (one.patients["karnofsky"] <= 60)
    return [one.death[n <= 1], one.death[n == 2], one.death[n == 3]]


def worst_third():
    """Deaths of the third of patients whose kind has the shortest mean log survival in the model itself. [d]"""
    one = recorded(**TODAY)
    kind = one.patients["primary"] * 1000 + one.patients["karnofsky"].astype(int) * 2 + one.patients["visceral"]
    kinds, which = np.unique(kind, return_inverse=True)
    mean = np.bincount(which, np.log(one.death), len(kinds)) / np.bincount(which, minlength=len(kinds))
    return one.death[mean[which] <= np.quantile(mean[which], 1 / 3)]


def medians(groups):
    return listed([float(np.median(death)) / MONTH for death in groups], 1)


def one_year_by_primary(era):
    one = recorded(**era)
    return listed([alive_at(one.death[is_primary(one, name)], YEAR)[0] for name in ("breast", "lung")])


def spine_without_prostate():
    one = recorded(site="spine", **TODAY)
    (alive,) = alive_at(one.death[~is_primary(one, "prostate")], 5 * YEAR)
    return f"{alive:.0f}"


def breast_tail():
    """Breast cancer: the packaged population, and kinds whose median is that of the trial's arms."""
    death = recorded(population="hip_breast", **TODAY).death
    scaled = [_alive_of_median(months, 6 * YEAR) for months in (63.9, 51.4)]
    return f"hip_breast: median {np.median(death) / MONTH:.0f} months, {listed(alive_at(death, 5 * YEAR, 10 * YEAR))} at 5 and 10 y; median set to 63.9 / 51.4: {listed(scaled)} at 6 y"


def _alive_of_median(months, day):
    from radsim.compare import question
    from radsim.study import prepare

    weeks = months * MONTH / 7.0
    config = question(["8Gy/1", "20Gy/5"], patient={"primary": "breast"}, prognosis_weeks=weeks, patients=N, draws=0)
    return alive_at(Recorded(prepare(config), N).death, day)[0]


# --- pain near death, repeats --------------------------------------------------------------------------------------


def dead_within_twelve_weeks():
    """Of the trial's patients who live for a week and die within twelve, as published: who responded, and pain a week before death."""
    one = recorded(**TRIALS)
    lived, pain, _ = one.a_week_before_death()
    chosen = lived & (one.death < 84.0)
    return one.responds()[chosen], pain[chosen]


def last_pain_of_responders():
    responders, pain = dead_within_twelve_weeks()
    return f"{pain[responders].mean():.1f}"


def last_pain_of_all():
    _, pain = dead_within_twelve_weeks()
    return f"{100.0 * (pain >= 5.0).mean():.0f}"


def both(figures):
    """A text for 8 Gy in one fraction and one for several."""
    return [figures(recorded(schedule, **TRIALS)) for schedule in ("8Gy/1", "24Gy/6")]


def best_with_repeats(one):
    ever = np.any([one.responds(k) for k in range(layout.MAX_COURSES)], axis=0)
    return f"{100 * one.responds().mean():.1f} -> {100 * ever.mean():.1f}"


def repeat_effect(which):
    """Share of first repeats that work, after non-response or after progression, by class of the first course."""

    def share(one):
        again = one["n_courses"] > 1
        failed = one["response_class"][:, 0] < layout.PARTIAL
        relapsed = ~failed & (one["relapse"][:, 0] <= one["start"][:, 1])
        chosen = again & (failed if which == "non-response" else relapsed)
        return f"{100 * one.responds(1)[chosen].mean():.0f}"

    return listed_texts(both(share))


def listed_texts(texts):
    return " / ".join(texts)


def repeat_cohort():
    """Response of the repeats, of those alive two weeks later, with an onset within twelve weeks."""
    one = recorded(**TODAY)
    again = (one["n_courses"] > 1) & (one.death > one["start"][:, 1] + 14.0)
    within = one.responds(1) & (one["onset"][:, 1] < one["start"][:, 1] + 84.0)
    return f"{100 * within[again].mean():.0f}"


def repeat_odds_ratio():
    one = recorded(**TODAY)
    again = one["n_courses"] > 1
    odds = [np.mean(one.responds(1)[again & chosen]) for chosen in (one.responds(), ~one.responds())]
    first, second = (p / (1.0 - p) for p in odds)
    return f"{first / second:.2f}"


# --- duration, onset, skeletal events, flare, burden ------------------------------------------------------------------


def net_relief():
    found = []
    for schedule in ("8Gy/1", "20Gy/5"):
        sums = totals(study(n=N, schedules=(schedule,), evidence="trials", cohort=TODAY)).patient.sum(axis=(0, 1))[0]
        days = [
            sums[layout.PATIENT_SUMS.index(name)] for name in ("responder_days_in_response", "responder_days_alive")
        ]
        found.append(100.0 * days[0] / days[1])
    return listed(found)


def complete_relief_weeks():
    one = recorded(**TRIALS)
    chosen = (one["response_class"][:, 0] == layout.COMPLETE) & (one["onset"][:, 0] < one.death)
    onset = one["onset"][chosen, 0]
    return f"{median_kaplan_meier(one['relapse'][chosen, 0] - onset, one.death[chosen] - onset) / 7.0:.0f}"


def weeks_to_response():
    s = study(
        n=N,
        schedules=("8Gy/1",),
        evidence="trials",
        cohort=TODAY,
        observation={"visits_weeks": [2, 4, 6, 8, 12]},
        actuarial=True,
    )
    return f"{median_week_of_first_response(s, totals(s), 'consensus'):g}"


def femur_fracture():
    one = recorded(site="hip", cortical_involvement_mm=FEMUR_MM, **TODAY)
    return listed(kaplan_meier(one["fracture"], one.death, 2 * MONTH, 6 * MONTH), 1)


def sbrt_fracture():
    found = []
    for schedule in ("24Gy/1@sbrt", "20Gy/1@sbrt", "24Gy/2@sbrt"):
        one = recorded(schedule, site="spine", **TODAY)
        found += kaplan_meier(one["fracture"], one.death, YEAR)
    return f"{listed(found, 1)} (24, 20 and 12 Gy a fraction)"


def flares():
    t = totals(study(n=N, schedules=("8Gy/1", "20Gy/5"), evidence="trials"))
    return listed(100.0 * flag(t, "flare") / N)


def burden():
    """Patients whose days of treatment stay below 5 % of the days they live."""
    one = recorded(**TODAY)
    courses = np.arange(layout.MAX_COURSES) < one["n_courses"][:, None]
    days = (one["fractions_given"] * courses).sum(axis=1)
    return f"{100 * (days < 0.05 * one.death).mean():.1f}"


# --- analgesics ---------------------------------------------------------------------------------------------------------


def first_month_of_opioids():
    one = recorded(**TODAY)
    alive, (_, dose) = one.death > 28.0, one.at(28.0)
    return f"{one.patients['morphine_equivalent'].mean():.0f} -> {dose[alive].mean():.0f} by week 4"


def last_opioids():
    lived, _, dose = recorded(**TODAY).a_week_before_death()
    takers, everyone = (listed(np.quantile(dose[chosen], QUARTILES)) for chosen in (lived & (dose > 0.0), lived))
    return f"{takers} of those who take opioids; {everyone} of all"


def rising_opioids():
    one = recorded(**TODAY)
    lived, _, dose = one.a_week_before_death()
    return f"{100 * (dose > one.patients['morphine_equivalent'])[lived & (dose > 0.0)].mean():.0f}"


def late_opioids():
    one = recorded(primary="breast", **TODAY)
    _, dose = one.at(3 * YEAR)
    return f"{np.median(dose[one.death > 3 * YEAR]):.0f} at 3 years"


# --- what is reported -----------------------------------------------------------------------------------------------------


def untreated_at_visits():
    """Drop of two points without irradiation: of all randomised as the sham arm was counted, and at each visit without more opioid and by pain score alone."""
    t = totals(study(n=N, schedules=("none",), evidence="trials"))

    def shares(measure):
        visits = t.visit.sum(axis=(0, 1))[0, :, MEASURES.index(measure)]
        return 100.0 * visits[:, 1] / visits[:, 0]

    judged, alone = shares("consensus"), shares("pain_score")
    (of_all,) = rerun(load_trial(SHAM), n_patients=N)
    return (
        f"{100 * of_all.predicted:.0f} of all randomised at week 12 without more opioid, as the trial counted them; of who is seen "
        f"{judged.min():.0f} to {judged.max():.0f} at the visits of weeks 1 to 12, {alone.min():.0f} to {alone.max():.0f} by pain score alone"
    )


def early_change():
    return f"{sc23(False)[0][2]:.2f}"


def spread_within_patients():
    """Median over patients of the standard deviation of six monthly scores of the untreated: what a visit reads, rounded."""
    one = recorded("none", **TODAY)
    alive = one.death > 6 * MONTH
    scores = np.array([one.reported_at(month * MONTH) for month in range(1, 7)])[:, alive]
    return f"{np.median(scores.std(axis=0, ddof=1)):.1f} (median of six monthly scores, untreated)"


def first_weeks_of_the_518():
    found = {
        what: model for what, _, model in chow_2004() if "pain_score, week 1," in what or "pain_score, week 2," in what
    }
    overall, complete = ([value for what, value in found.items() if kind in what] for kind in ("overall", "complete"))
    return f"{listed(overall, between=', ')} (complete {listed(complete, between=', ')})"


def best_against_one_visit():
    s = study(n=N, schedules=("8Gy/1",), evidence="trials", endpoints=(Endpoint("pain_score", 0, 12),), actuarial=True)
    t = totals(s)
    assessable, _, complete = t.endpoint.sum(axis=(0, 1))[0, 0]
    last = t.visit.sum(axis=(0, 1))[0, -1, MEASURES.index("pain_score")]
    best_of_all = 100.0 * flag(t, "complete")[0] / N
    return f"{100 * complete / assessable:.0f} best of five visits, {100 * last[2] / last[0]:.0f} at week 12 (assessable); {best_of_all:.0f} best, of all"


def after_five_years():
    s = study(n=N, schedules=("8Gy/1",), evidence="trials", cohort=TODAY, times_days=[1825.0])
    t = totals(s)
    alive = time_column(t, "alive")[0, 0]
    pain = t.time_sum.sum(axis=(0, 1))[0, 0, 0] / alive
    relief = 100.0 * time_column(t, "in_relief")[0, 0] / alive
    return f"{pain:.1f} ({recorded(**TODAY).patients['pain'].mean():.1f} at the start); {relief:.0f} in relief"


ROWS = {
    "FV01": lambda: medians(spine_groups()),
    "FV02": lambda: listed([alive_at(death, 2 * YEAR)[0] for death in spine_groups()]),
    "FV03": lambda: f"1990s {one_year_by_primary(TRIALS)}; modern {one_year_by_primary(TODAY)}",
    "FV04": lambda: medians(three_variable_groups()),
    "FV05": lambda: (
        f"{np.median(worst_third()) / MONTH:.1f}; {listed(alive_at(worst_third(), 3 * MONTH, 6 * MONTH, YEAR))}"
    ),
    "FV06": lambda: f"{100.0 - alive_at(recorded(site='spine', **TODAY).death, 2 * MONTH)[0]:.1f}",
    "FV07": breast_tail,
    "FV08": spine_without_prostate,
    "FV09": lambda: f"{alive_at(recorded(**TODAY).death, 3 * YEAR)[0]:.0f}",
    "FV10": last_pain_of_responders,
    "FV11": last_pain_of_all,
    "FV12": lambda: listed_texts(both(best_with_repeats)),
    "FV13": lambda: repeat_effect("non-response"),
    "FV14": lambda: repeat_effect("progression"),
    "FV15": repeat_cohort,
    "FV16": repeat_odds_ratio,
    "FV17": net_relief,
    "FV18": complete_relief_weeks,
    "FV19": weeks_to_response,
    "FV20": femur_fracture,
    "FV21": sbrt_fracture,
    "FV22": flares,
    "FV23": burden,
    "FV24": first_month_of_opioids,
    "FV25": last_opioids,
    "FV26": rising_opioids,
    "FV27": late_opioids,
    "FV28": untreated_at_visits,
    "FV29": early_change,
    "FV30": spread_within_patients,
    "FV31": first_weeks_of_the_518,
    "FV32": best_against_one_visit,
    "FV33": after_five_years,
}
"""How each row is simulated. A row of the table that is not here says in its note why it cannot be."""
