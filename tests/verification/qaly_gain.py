"""What one fraction gains or loses in QALYs against several, split into its causes and under each policy of retreatment. Two minutes.

``python tests/verification/qaly_gain.py`` prints a table as Markdown: patients of today, to the end of life, base case (draw 0). Nothing here is a test.
"""

from __future__ import annotations

import argparse

import radsim
from radsim.evidence import load_registry

NO_EFFECT = {
    "response.log_odds.single_fraction": 0.0,
    "response.complete_log_odds.single_fraction": 0.0,
    "response.log_odds.neuropathic_single_fraction": 0.0,
    "relapse.single_fraction_hazard_ratio": 1.0,
    "relapse.neuropathic_single_fraction_hazard_ratio": 1.0,
}
NO_EVENTS = {
    "fracture.single_fraction_rate_ratio": 1.0,
    "cord_compression.single_fraction_rate_ratio": 1.0,
    "flare.single_fraction_risk_ratio": 1.0,
}
EQUAL = {"retreatment.willingness_ratio": 1.0}
POLICIES = {
    "as calibrated": {},
    "equal": EQUAL,
    "differs for life": {
        "retreatment.early_rate_per_day": 0.0061,
        "retreatment.late_rate_per_day": 0.0017,
        "retreatment.willingness_ratio": 4.6,
        "retreatment.late_willingness_ratio": 4.6,
    },
}
"""Of the retreatment; that for life is a fit of the same published shares with one ratio (see docs/model.md)."""


def gain(parameters, n, discount):
    """QALYs of 8Gy/1 less those of 20Gy/5, with its Monte Carlo standard error, and first repeats of each to the end of life. [year, year, 1]"""
    config = radsim.load_config({
        "radsim": 1, "seed": 20260101, "cohort": {"size": n, "era": "modern"}, "schedules": ["20Gy/5", "8Gy/1"], "evidence": "trials",
        "parameters": parameters, "horizon_days": "lifetime",
        "economics": {"costs": "uk", "utilities": "dutch_patients", "discount": {"costs": discount, "effects": discount, "convention": "continuous"}},
    })  # fmt: skip
    result = radsim.simulate(config).sel(draw=0)
    one = result.sel(schedule="8Gy/1")
    return float(one["qalys_difference"]), float(one["qalys_difference_mcse"]), result["retreatment"].values


def policies():
    """Parameters of each policy of retreatment by name."""
    late = load_registry("trials")["retreatment.late_rate_per_day"].value
    return {**POLICIES, "late repeats three times as often": {"retreatment.late_rate_per_day": 3.0 * late}}


def rows(n, discount):
    """Name, parameters and result of each line."""
    cases = {f"policy {name}": values for name, values in policies().items()}
    cases |= {
        "relief and relapse the same": NO_EFFECT,
        "fracture, cord compression and flare the same": NO_EVENTS,
        "only the policy differs": {**NO_EFFECT, **NO_EVENTS},
        "only the fractions differ (all of it the same)": {**NO_EFFECT, **NO_EVENTS, **EQUAL},
    }
    return [(name, gain(values, n, discount)) for name, values in cases.items()]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=200_000)
    parser.add_argument("--discount", type=float, default=0.035)
    given = parser.parse_args()
    print("| what differs | QALYs, 8Gy/1 less 20Gy/5 | repeated after 8Gy/1, % | after 20Gy/5, % |\n|---|---|---|---|")
    for name, (difference, error, (several, single)) in rows(given.patients, given.discount):
        print(f"| {name} | {difference:+.4f} ({1.96 * error:.4f}) | {100 * single:.0f} | {100 * several:.0f} |")


if __name__ == "__main__":
    main()
