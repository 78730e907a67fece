"""The model beside the published time course, each figure on its own population, visits, measure and denominator.

``python tests/verification/time_course.py`` prints the table, of the model that every command simulates unless it is told otherwise: the
default set of evidence, draw 0. Nothing here is a test: cohorts disagree with each other, and the
distances are for reading. What the default study must meet is in `test_default_study.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from studies import flag, study, time_column, totals
from trajectories_read import Recorded

import radsim
from radsim.calibrate.conditional import first_repeat, repeats_of
from radsim.config import Config
from radsim.engine import record_trajectories
from radsim.kernel import layout
from radsim.maths.measures import MEASURES, PARTIAL
from radsim.study import Endpoint
from radsim.trials import load_trial
from radsim.trials.individuals import best_categories, read_on
from radsim.trials.rerun import rerun

N = 100_000
SHAM = Path(radsim.__file__).parent / "data" / "trials" / "hurwitz-2014.yaml"
EVIDENCE = Config.model_fields["evidence"].default
TODAY = {"era": "modern"}
WEEKLY_THEN_MONTHLY = [*range(1, 14), *range(16, 53, 4)]
DUTCH_QUESTIONNAIRES = {"visits_weeks": WEEKLY_THEN_MONTHLY, "never_returns": 0.05, "attendance": 0.7}


def trial(**changes):
    """A study on the evidence set that is the default of every command, and that trial reruns use."""
    return study(n=N, actuarial=True, **{"evidence": EVIDENCE, "schedules": ("8Gy/1",), **changes})


def responders_at_visits(t, measure, column, s=0):
    """Responders among the assessable at each visit. [1]"""
    visit = t.visit.sum(axis=(0, 1))[s, :, MEASURES.index(measure)]
    return visit[:, column] / visit[:, 0]


def median_week_of_first_response(s, t, measure):
    """Visit by which half of all who ever respond have been seen to. [weeks]"""
    first = t.visit.sum(axis=(0, 1))[0, :, MEASURES.index(measure), layout.VISIT_COUNTS.index("first_overall")]
    return float(s.visits_weeks[np.searchsorted(np.cumsum(first), first.sum() / 2)])


def chow_2004():
    """518 patients, consensus and pain-score endpoints, assessable at each visit."""
    t = totals(trial())
    rows = []
    for measure, column, published in (
        ("consensus", 1, (49, 51, 50, 47, 51)), ("consensus", 2, (17, 23, 24, 25, 23)),
        ("pain_score", 1, (62, 71, 71, 70, 73)), ("pain_score", 2, (21, 30, 32, 35, 32)),
    ):  # fmt: skip
        what = "overall" if column == 1 else "complete"
        for week, value, model in zip(
            (1, 2, 4, 8, 12), published, responders_at_visits(t, measure, column), strict=True
        ):
            rows.append((f"518 (Chow 2004): {what} response, {measure}, week {week}, %", value, 100 * model))
    return rows


def times_to_response():
    """Median time to response in three cohorts, as their visits would show it."""
    dutch = trial(observation={"visits_weeks": WEEKLY_THEN_MONTHLY})
    present = trial(cohort={"era": "modern"}, observation={"visits_weeks": [2, 4, 6, 8, 12]})
    toronto = trial()
    return [
        ("Dutch trial (1999): median time to response, weeks", 3, median_week_of_first_response(dutch, totals(dutch), "pain_score")),
        ("PRESENT (2018): median time to response, weeks", 4, median_week_of_first_response(present, totals(present), "consensus")),
        ("518 (Chow 2004): median time to response, weeks", 1, median_week_of_first_response(toronto, totals(toronto), "consensus")),
    ]  # fmt: skip


def sc23(dexamethasone):
    """Mean stated pain, against that before, and flare after 8 Gy, with and without dexamethasone."""
    s = trial(care={"dexamethasone_prophylaxis": dexamethasone})
    t = totals(s)
    patients, (lives,) = record_trajectories(s, 0, N)
    pain = []
    for day in (0, 1, 2, 3, 4, 5, 10):
        alive = lives["time_to_death"] > day
        pain.append(read_on(s, patients[alive], lives[alive], day).stated.mean())
    arm = "dexamethasone" if dexamethasone else "placebo"
    published = {True: (-1.79, -2.37, 26, 18), False: (-1.09, -1.85, 35, 29)}[dexamethasone]
    index_pain = patients["pain"].mean()
    flares = [100 * flag(t, f"flare_missing_as_{as_}")[0] / N for as_ in ("flare", "none")]
    return [
        (f"SC.23 {arm}: mean change of pain, days 0-5", published[0], float(np.mean(pain[:6]) - index_pain)),
        (f"SC.23 {arm}: mean change of pain, day 10", published[1], float(pain[6] - index_pain)),
        (f"SC.23 {arm}: flare, missing diaries as flare, %", published[2], flares[0]),
        (f"SC.23 {arm}: flare, missing diaries as none, %", published[3], flares[1]),
    ]


def dutch_response():
    """Best response of the Dutch trial, and by survival: an outcome, never an input."""
    s = trial(observation=DUTCH_QUESTIONNAIRES,
              endpoints=(Endpoint("pain_score", 0, 52),))  # fmt: skip
    assessable, overall, complete = totals(s).endpoint.sum(axis=(0, 1))[0, 0]
    early, late = response_by_survival(s)
    early_seen, late_seen = seen_response_by_survival(s)
    return [
        ("Dutch trial (1999): best overall response in a year, assessable, %", 72, 100 * overall / assessable),
        ("Dutch trial (1999): best complete response in a year, assessable, %", 35, 100 * complete / assessable),
        (
            "Dutch trial (2010): response of those dead within 12 weeks, as its questionnaires show it, %",
            45,
            100 * early_seen,
        ),
        (
            "Dutch trial (2006): response of those alive at a year, as its questionnaires show it, %",
            86,
            100 * late_seen,
        ),
        ("the same of those dead within 12 weeks, latent, %", 45, 100 * early),
        ("the same of those alive at a year, latent, %", 86, 100 * late),
    ]


def response_by_survival(s):
    """Latent response of those dead within 12 weeks and of those alive at 52. [1]"""
    lives = record_trajectories(s, 0, N)[1][0]
    death = lives["time_to_death"]
    in_force = lives["onset"][:, 0] < np.minimum(death, lives["relapse"][:, 0])
    responds = (lives["response_class"][:, 0] >= layout.PARTIAL) & in_force
    return responds[death < 84].mean(), responds[death > 364].mean()


def seen_response_by_survival(s):
    """Response that came to be written down, of those dead within 12 weeks and of those alive at 52. [1]"""
    patients, lives = record_trajectories(s, 0, N)
    death = lives[0]["time_to_death"]
    responds = best_categories(s, patients, lives, schedule=0, measure="pain_score") >= PARTIAL
    return responds[death < 84].mean(), responds[death > 364].mean()


def dutch_retreatment():
    """Retreatment of the Dutch trial and its realised shares, as its questionnaires show it and within the two years that it followed patients for."""
    s = trial(schedules=("8Gy/1", "24Gy/6"), observation=DUTCH_QUESTIONNAIRES)
    patients, trajectories = record_trajectories(s, 0, N)
    rows = []
    for each, name, published in zip(
        trajectories, ("8Gy/1", "24Gy/6"), ((24, 35, 22, 14), (6, 8, 10, 23)), strict=True
    ):
        found, start = repeats_of(s, patients, each), first_repeat(each)
        again = np.isfinite(start)
        shares = (again.mean(), *(np.divide(*found[kind]) for kind in ("repeated_none", "repeated_progress")))
        rows += [
            (f"Dutch trial (2004) {name}: retreated {what}, %", figure, 100 * share)
            for what, figure, share in zip(
                ("of all", "of non-responders", "after progression"), published, shares, strict=False
            )
        ]
        rows.append(
            (f"Dutch trial (1999) {name}: median time to retreatment, weeks", published[3], np.median(start[again]) / 7)
        )
    return rows


def survival():
    """Survival in both eras."""
    old = totals(trial(times_days=[84, 364]))
    days = [365.25 / 12 * months for months in (3.3, 9.5, 30.5, 24)]
    new = totals(trial(times_days=sorted(days), cohort={"era": "modern"}))
    alive, modern = time_column(old, "alive")[0] / N, time_column(new, "alive")[0] / N
    return [
        ("Dutch trial: alive at 12 weeks, %", 76.3, 100 * alive[0]),
        ("Dutch trial: alive at 52 weeks, corrected for censoring, %", 36, 100 * alive[1]),
        *((f"PRESENT+ (2025): alive at {m} months, %", v, 100 * a)
          for m, v, a in zip((3.3, 9.5, 24, 30.5), (75, 50, 31, 25), modern, strict=True)),
    ]  # fmt: skip


def skeletal():
    """Fracture of a high-risk femur and cord compression of a treated spine."""
    femur = totals(trial(cohort={"site": "hip", "cortical_involvement_mm": 40}))
    spine = totals(trial(cohort={"site": "spine"}))
    return [
        ("Femur with > 30 mm of axial cortex: fracture, %", 25, 100 * flag(femur, "fracture")[0] / N),
        ("Dutch trial, spine (2005): cord compression, %", 3, 100 * flag(spine, "cord_compression")[0] / N),
    ]


def near_death():
    """Pain of those who die within twelve weeks, and opioids of today's patients, a week before death."""
    one = Recorded(trial(), N)
    lived, pain, _ = one.a_week_before_death()
    soon = lived & (one.death < 84.0)
    lived, _, dose = Recorded(trial(cohort=TODAY), N).a_week_before_death()
    quartiles = np.quantile(dose[lived & (dose > 0.0)], [0.25, 0.5, 0.75])
    return [
        ("Dutch trial (2010), dead within 12 weeks: responders' mean pain a week before death", 5, float(pain[soon & one.responds()].mean())),
        ("Dutch trial (2010), dead within 12 weeks: pain of 5 or more a week before death, %", 60, 100 * (pain[soon] >= 5.0).mean()),
        *((f"Miura (2014): opioids a week before death, {name}, mg a day", published, value)
          for name, published, value in zip(("lower quartile", "median", "upper quartile"), (24, 50, 122), quartiles, strict=True)),
    ]  # fmt: skip


def state_at_repeats():
    """In what state repeats after one fraction are given; no figure is published."""
    partial, score = Recorded(trial(), N).repeats()
    return [
        ("repeats after 8Gy/1 given in partial relief, %", None, 100 * partial.mean()),
        ("repeats after 8Gy/1 given at a reported pain of 0, %", None, 100 * (score == 0.0).mean()),
    ]


def untreated():
    """Drop of two points without irradiation and without more analgesics: of all randomised, as the sham arm was counted, and of who is seen."""
    (row,) = rerun(load_trial(SHAM), n_patients=N)
    seen = responders_at_visits(totals(trial(schedules=("none",))), "consensus", 1)
    return [
        (
            "sham (Hurwitz 2014): two points down, no more opioid, week 12, of all randomised, %",
            20,
            100 * row.predicted,
        ),
        *(
            (f"sham (Hurwitz 2014): two points down, no more opioid, week {week}, of who is seen, %", 20, 100 * value)
            for week, value in zip((1, 2, 4, 8, 12), seen, strict=True)
        ),
    ]


def table():
    """Every row: what, published (None where nothing is), model."""
    return [
        *chow_2004(), *times_to_response(), *sc23(False), *sc23(True), *dutch_response(), *dutch_retreatment(), *survival(),
        *skeletal(), *untreated(), *state_at_repeats(), *near_death(),
    ]  # fmt: skip


def main():
    """Print the table as Markdown."""
    print("| figure | published | model | distance |\n|---|---|---|---|")
    for what, published, model in table():
        known = ("–", "–") if published is None else (f"{published:g}", f"{model - published:+.2g}")
        print(f"| {what} | {known[0]} | {model:.3g} | {known[1]} |")


if __name__ == "__main__":
    main()
