"""The long course: pain, relief, opioids and repeats at one, two and five years, and repeats under each policy of retreatment. A minute.

``python tests/verification/long_course.py`` prints two tables as Markdown: patients of today, set `trials`, base case. Nothing here is a test: no figure is
published of pain at five years, nor of repeats beyond two.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from qaly_gain import policies
from studies import study, totals
from trajectories_read import Recorded

from radsim.kernel import layout

N = 100_000
YEARS = (0, 1, 2, 5)
SCHEDULES = ("8Gy/1", "20Gy/5")
DAYS = [365.0 * year for year in YEARS]


def living(one, day):
    """Mean true pain, share with a response in force, and mean and median daily oral morphine equivalent of those alive. [0–10, 1, mg, mg]"""
    alive = one.death > day
    found = one.reading(np.where(alive, day, 0.0))
    dose = found.morphine_equivalent[alive]
    return found.pain[alive].mean(), (found.response[alive] >= layout.PARTIAL).mean(), dose.mean(), np.median(dose)


def repeated(parameters):
    """Share of all with a repeat by each day but the first, by schedule: shape (schedule, day). [1]"""
    s = study(
        n=N,
        schedules=SCHEDULES,
        evidence="trials",
        cohort={"era": "modern"},
        parameters=parameters,
        times_days=DAYS[1:],
    )
    return totals(s).time_count[..., layout.TIME_COUNTS.index("retreated")].sum(axis=(0, 1)) / N


def main():
    """Print the tables."""
    print("| of those alive at | mean pain | in relief, % | opioids, mean and median, mg a day |\n|---|---|---|---|")
    one = Recorded(study(n=N, schedules=SCHEDULES, evidence="trials", cohort={"era": "modern"}), N)
    for year, day in zip(YEARS, DAYS, strict=True):
        pain, relief, mean, median = living(one, day)
        name = f"{year} year{'s' if year > 1 else ''}" if year else "the start"
        print(f"| {name} | {pain:.1f} | {100 * relief:.0f} | {mean:.0f}, {median:.0f} |")
    heads = [f"{schedule}, {year} y" for schedule in SCHEDULES for year in YEARS[1:]]
    print(f"\n| repeated by, % of all | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
    for name, parameters in policies().items():
        print(f"| {name} | {' | '.join(f'{100 * share:.0f}' for share in repeated(parameters).ravel())} |")


if __name__ == "__main__":
    main()
