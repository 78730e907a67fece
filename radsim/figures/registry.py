"""Every kind of figure: what it shows, what it needs, where it is drawn. Light: nothing is imported before a figure is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

COURSE, ECONOMIC, VALIDATED, SCENARIOS = "course", "economic", "validated", "scenarios"
"""Parts of the report."""
RESULT, PATIENTS, VALIDATION, ANALYSIS, SWEEP = "result", "patients", "validation", "analysis", "sweep"
SOURCES = {
    RESULT: "a result of radsim run",
    PATIENTS: "a file of patients, radsim run --patient-output",
    VALIDATION: "the document of radsim validate --json",
    ANALYSIS: "the document of radsim cea --json",
    SWEEP: "a store of radsim sweep",
}


class Kind(NamedTuple):
    """One kind of figure.

    Attributes
    ----------
    summary : str
        What it shows.
    source : str
        Key of `SOURCES`.
    module, draw, describe : str
        Module of `radsim.figures` and its functions: the first returns the Figure, the second a sentence for those who do not see it.
    variables : tuple of str
        Variables that the result must hold.
    dimensions : tuple of str
        Dimensions that must not be empty.
    draws : int
        Draws of the parameters beyond the base case that it takes.
    economics : bool
        Whether it shows costs or QALYs.
    fixed : dict
        Options that make this kind of what the functions can draw.
    options : tuple of str
        Options that it knows beside the choice of subgroup, scenario and schedules.
    part : tuple of str
        Key that the document of an analysis must hold, and the command that puts it there.
    simulates : bool
        Whether that takes new simulations: then only a document will do, a figure starts none.
    page : str
        Part of the report in which it stands, in the order of the kinds: `COURSE`, `ECONOMIC`, `VALIDATED` or `SCENARIOS`; empty for none.
    for_patients : str
        Heading in a patient's words; empty where a patient is not shown it.
    """

    summary: str
    source: str
    module: str
    draw: str
    describe: str
    variables: tuple = ()
    dimensions: tuple = ()
    draws: int = 0
    economics: bool = False
    fixed: dict = {}
    options: tuple = ()
    part: tuple = ()
    simulates: bool = False
    page: str = ""
    for_patients: str = ""

    def function(self, role):
        """The function that draws, or describes."""
        return getattr(import_module(f"radsim.figures.{self.module}"), getattr(self, role))


def _curve(name, summary, variable, **more):
    return Kind(
        summary, RESULT, "course", "draw_curve", "describe_curve", (variable,), ("time",), fixed={"kind": name}, page=COURSE, **more
    )  # fmt: skip


def _forest(summary, *parts, **more):
    return Kind(
        summary, VALIDATION, "forest", "draw_forest", "describe_forest", fixed={"parts": parts} if parts else {}, **more
    )


def _economic(summary, module, name, **more):
    return Kind(
        summary,
        RESULT,
        module,
        f"draw_{name}",
        f"describe_{name}",
        ("cost", "qalys"),
        draws=2,
        economics=True,
        page=ECONOMIC,
        **more,
    )


_RESPONSES = tuple(f"{e}_{d}_response" for e in ("pain_score", "consensus") for d in ("overall", "complete"))
_INCIDENCES = ("retreatment_incidence", "pathological_fracture_incidence", "survival")
_TIMES = ("time_to_retreatment", "time_to_pathological_fracture", "time_to_death")

FIGURES = {
    "relief": _curve(
        "relief", "share alive and in relief over time", "relief",
        for_patients="How many people have clearly less pain, week by week",
    ),
    "pain": _curve("pain", "mean pain over time, among the living", "mean_pain_score"),
    "incidence": Kind(
        "retreatment, fracture and death over time, stacked", RESULT, "incidence", "draw_incidence", "describe_incidence",
        _INCIDENCES, ("time",), page=COURSE,
    ),
    "response": Kind(
        "response at each visit, by pain score and by consensus", RESULT, "response", "draw_response", "describe_response",
        _RESPONSES, ("visit",), page=COURSE,
    ),
    "opioids": _curve("opioids", "mean opioid dose over time, among the living", "mean_morphine_equivalent"),
    "survival": _curve("survival", "share alive over time", "survival"),
    "first-event": Kind(
        "which comes first: retreatment, fracture or death", PATIENTS, "incidence", "draw_first_events", "describe_first_events", _TIMES,
    ),
    "icons": Kind(
        "of 100 patients: alive with relief, without, died", RESULT, "icons", "draw_icons", "describe_icons",
        ("relief", "survival"), ("time",), options=("day",),
    ),
    "forest": _forest("trials rerun: observed beside predicted"),
    "forest-held-out": _forest("held-out trials rerun", "held-out", "held-out-contrasts", page=VALIDATED),
    "forest-calibration": _forest("calibration trials rerun", "calibration", "calibration-contrasts"),
    "ce-plane": _economic("cost and QALYs gained, draw by draw", "plane", "plane", options=("threshold", "reference")),
    "ceac": _economic("probability of being cost-effective, with its frontier", "acceptability", "ceac", options=("threshold",)),
    "expected-loss": _economic("expected loss of each choice", "acceptability", "loss", options=("threshold",)),
    "evppi": Kind(
        "value of learning each group of parameters", ANALYSIS, "information", "draw_evppi", "describe_evppi", draws=20, economics=True,
        options=("threshold",), part=("evppi", "radsim cea --evppi"), page=ECONOMIC,
    ),
    "tornado": Kind(
        "net benefit as single parameters vary", ANALYSIS, "information", "draw_tornado", "describe_tornado", economics=True,
        options=("threshold", "against"), part=("one_way", "radsim cea --one-way"), simulates=True, page=ECONOMIC,
    ),
    "sweep-map": Kind(
        "one outcome over two swept paths", SWEEP, "sweep_map", "draw_map", "describe_map", options=("outcome", "over", "day"), page=SCENARIOS,
    ),
    "sweep-line": Kind(
        "one outcome over one swept path", SWEEP, "sweep_line", "draw_line", "describe_line", options=("outcome", "over", "day"), page=SCENARIOS,
    ),
}  # fmt: skip
"""Kinds by name, in the order of the help."""
