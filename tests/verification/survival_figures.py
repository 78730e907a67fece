"""Survival beside published figures that nobody fitted, for each tail on offer.

``python tests/verification/survival_figures.py`` prints the table and, for each column, the sum of squared distances: of logits for shares,
of logs for medians. Figures of the first edition are those of November 2026 and stand here as they were read then.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from studies import study

from radsim.compare.prognosis import prognosis_parameters
from radsim.config import CATEGORIES
from radsim.engine import record_trajectories

N = 60_000
MONTH = 365.25 / 12
TAILS = ("lognormal", "generalised_gamma", "weibull")
BREAST, PROSTATE, LUNG, OTHER = range(4)
assert CATEGORIES["primary"] == ("breast", "prostate", "lung", "other")

FIRST_EDITION = {
    "FV01 good": 18.6, "FV01 intermediate": 8.6, "FV01 poor": 3.3, "FV02 good": 38, "FV02 intermediate": 10, "FV02 poor": 0.2,
    "FV03 breast": (50 + 68) / 2, "FV03 lung": (4 + 15) / 2, "FV04 I": 16.2, "FV04 II": 5.0, "FV04 III": 2.4,
    "FV05 median": 3.5, "FV05 3 months": 55, "FV05 6 months": 30, "FV05 12 months": 11, "FV06": 15.4, "FV08": 14, "FV09": 20,
}  # fmt: skip

PUBLISHED = {
    "FV01 good": ("van der Linden spine score, good: median", 18.7, "months"),
    "FV01 intermediate": ("intermediate", 9.0, "months"),
    "FV01 poor": ("poor", 3.0, "months"),
    "FV02 good": ("the same, alive at 2 years", 37, "%"),
    "FV02 intermediate": ("intermediate", 22, "%"),
    "FV02 poor": ("poor", 4, "%"),
    "FV03 breast": ("Denmark 1994-2010, breast, alive at 1 year (mean of the eras)", 51, "%"),
    "FV03 lung": ("lung", 10, "%"),
    "FV04 I": ("three-variable score, group I: median", 21.7, "months"),
    "FV04 II": ("group II", 7.2, "months"),
    "FV04 III": ("group III", 2.6, "months"),
    "FV05 median": ("SC.20 score, worst third: median", 5.2, "months"),
    "FV05 3 months": ("alive at 3 months", 64, "%"),
    "FV05 6 months": ("alive at 6 months", 43, "%"),
    "FV05 12 months": ("alive at 12 months", 20, "%"),
    "FV06": ("Norway 2007-08, spine: dead within 2 months", 28, "%"),
    "FV07 a": ("first-line breast, median 63.9 months: alive at 6 years", 44.2, "%"),
    "FV07 b": ("median 51.4 months: alive at 6 years", 32.0, "%"),
    "FV08": ("no prostate, alive at 5 years", 6.5, "%"),
    "FV09": ("582 irradiated, alive at 3 years", 15, "%"),
}


def cohort(population, era, tail, *, parameters=None):
    """Patients and their times of death, in months."""
    s = study(n=N, schedules=("none",), evidence="trials", parameters=parameters or {},
              cohort={"population": population, "era": era, "survival": {"tail": tail}})  # fmt: skip
    patients, trajectories = record_trajectories(s, 0, N)
    return s.config, patients, trajectories["time_to_death"][0] / MONTH


def median(months):
    """Half are dead by then. [month]"""
    return float(np.median(months))


def alive(months, at):
    """Share alive. [%]"""
    return 100.0 * float(np.mean(months > at))


def spine_score(p):
    """Score of van der Linden 2005: Karnofsky, primary, no visceral metastases."""
    karnofsky = np.where(p["karnofsky"] >= 75, 2, np.where(p["karnofsky"] >= 45, 1, 0))
    return karnofsky + np.array([3, 2, 1, 0])[p["primary"]] + (p["visceral"] == 0)


def risk_factors(p):
    """Three-variable score; visceral metastases stand in for metastases beyond bone."""
    return (p["primary"] != BREAST).astype(int) + (p["visceral"] == 1) + (p["karnofsky"] <= 60)


def repeat_score(p):
    """Score of Chow 2015."""
    karnofsky = np.where(p["karnofsky"] >= 85, 0, np.where(p["karnofsky"] >= 65, 1, 2))
    return karnofsky + np.array([0.0, 1.3, 3.0, 2.6])[p["primary"]]


def figures(tail, *, today="default", early="default"):
    """Every figure by its name, with the population that stands for patients of today, and for those of a clinic."""
    _, p, t = cohort("default", "1990s", tail)
    score = spine_score(p)
    groups = {"good": score == 6, "intermediate": (score == 4) | (score == 5), "poor": score <= 3}
    found = {f"FV01 {name}": median(t[g]) for name, g in groups.items()}
    found |= {f"FV02 {name}": alive(t[g], 24) for name, g in groups.items()}
    config, q, u = cohort(today, "modern", tail)
    for name, code in (("breast", BREAST), ("lung", LUNG)):
        found[f"FV03 {name}"] = (alive(t[p["primary"] == code], 12) + alive(u[q["primary"] == code], 12)) / 2
    for name, group in (("I", risk_factors(q) <= 1), ("II", risk_factors(q) == 2), ("III", risk_factors(q) == 3)):
        found[f"FV04 {name}"] = median(u[group])
    fit = q["karnofsky"] >= 50
    worst = fit & (repeat_score(q) >= np.quantile(repeat_score(q)[fit], 2 / 3))
    found["FV05 median"] = median(u[worst])
    found |= {f"FV05 {m} months": alive(u[worst], m) for m in (3, 6, 12)}
    _, _, v = cohort(early, "modern", tail)
    found["FV06"] = 100.0 - alive(v, 2)
    for name, months in (("a", 63.9), ("b", 51.4)):
        config, _, _ = cohort("hip_breast", "modern", tail)
        _, _, w = cohort("hip_breast", "modern", tail, parameters=prognosis_parameters(config, months * MONTH / 7))
        found[f"FV07 {name}"] = alive(w, 72)
    found["FV08"] = alive(u[q["primary"] != PROSTATE], 60)
    found["FV09"] = alive(u, 36)
    return found


def distance(name, value):
    """Squared distance from the published figure: of logs for months, of logits for shares."""
    _, published, unit = PUBLISHED[name]
    if unit == "months":
        return math.log(value / published) ** 2
    logit = [math.log(x / (100.0 - x)) for x in (value, published)]
    return (logit[0] - logit[1]) ** 2


def main():
    """Print the table as Markdown."""
    columns = {"first edition": FIRST_EDITION} | {tail: figures(tail) for tail in TAILS}
    columns["lognormal, populations of today"] = figures("lognormal", today="modern", early="clinic")
    print("| | figure | published | " + " | ".join(columns) + " |\n" + "|---" * (3 + len(columns)) + "|")
    for name, (what, published, unit) in PUBLISHED.items():
        cells = [f"{column[name]:.3g}" if name in column else "" for column in columns.values()]
        print(f"| {name.split()[0]} | {what}, {unit} | {published:g} | " + " | ".join(cells) + " |")
    shared = [name for name in PUBLISHED if name in FIRST_EDITION]
    sums = [f"{sum(distance(name, column[name]) for name in shared):.2f}" for column in columns.values()]
    print("| | sum of squared distances, without FV07 | 0 | " + " | ".join(sums) + " |")


if __name__ == "__main__":
    main()
