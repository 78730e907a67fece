"""Figures of ``docs/care.md`` that hang on the posterior, simulated as the tests do that hold them. Two minutes.

``python tests/verification/care_figures.py`` prints a row for each, in the words of the page. Nothing here is a test.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import test_care_ablation as ablation
import test_care_checks as checks
import test_care_diagnosis as diagnosis
import test_care_ibandronate_arm as ibandronate
import test_care_radiopharmaceutical as radiopharmaceutical
from studies import totals

from radsim.engine import record_trajectories

USUAL = {"cohort": {"era": "modern"}, "parameters": {}}


def per_cent(*shares):
    return ", ".join(f"{100.0 * share:.0f}" for share in shares) + " %"


def events():
    """Skeletal events in a year and in two, and in a year on zoledronic acid."""

    def share(given, periods=4):
        return checks.amounts({"other_bones": True, **given}, periods=periods)["first_skeletal_events"]

    zoledronic, denosumab = (share({"bone_agent": {"agent": agent}}) for agent in ("zoledronic_acid", "denosumab"))
    yield "with a skeletal event in a year; within two years", per_cent(share({}), share({}, 8))
    yield (
        "in a year on zoledronic acid; denosumab against it",
        f"{per_cent(zoledronic)}; ratio {denosumab / zoledronic:.2f}",
    )


def shams():
    """Response at three months without and with focused ultrasound, of the trial's patients and of the usual ones."""
    for name, changes in (("as in the trial", {}), ("in the usual population", USUAL)):
        found = (ablation.responds(care, n=20_000, **changes) for care in ({}, ablation.FIRST))
        yield f"response at three months after a sham, after focused ultrasound, {name}", per_cent(*found)


def infusions():
    """The trial of ibandronate."""
    trial = ibandronate.trial()
    _, arms = record_trajectories(trial, 0, ibandronate.N)
    relieved = [ibandronate.relieved(arm, 84, repeats=True) for arm in arms]
    odds = ibandronate.log_odds(relieved[1]) - ibandronate.log_odds(relieved[0])
    yield "response to 8 Gy or ibandronate at 4 weeks", per_cent(*ibandronate.responses(totals(trial), 4))
    yield "relieved at 12 weeks, those who crossed over included", f"{per_cent(*relieved)}, log odds {odds:.2f}"
    yield "cross over from ibandronate at 4 weeks, of all", per_cent((arms[1]["n_courses"] > 1).mean())


def radiopharmaceuticals():
    """Relief against placebo by the pain score, and skeletal events under radium."""
    off, on = (
        radiopharmaceutical.relieved(given) for given in ({}, {"radiopharmaceutical": {"agent": "strontium_89"}})
    )
    yield (
        "strontium v placebo, any and complete relief by the pain score",
        f"{on[0] / off[0]:.2f}, {on[1] / off[1]:.1f}",
    )
    yield (
        "radium, first skeletal event, prostate cancer",
        f"{radiopharmaceutical.hazard_ratio(radiopharmaceutical.MEN):.2f}",
    )


def sources():
    """Response by how surely the lesion is the source of the pain."""
    yield (
        "response at a probability of 0.93, 0.7, 0.4, 0",
        per_cent(*(diagnosis.response(p)[0] for p in (0.925, 0.7, 0.4, 0.0))),
    )


def main():
    """Print the table."""
    print("| figure | here |\n|---|---|")
    for rows in (events, shams, infusions, radiopharmaceuticals, sources):
        for name, value in rows():
            print(f"| {name} | {value} |", flush=True)


if __name__ == "__main__":
    main()
