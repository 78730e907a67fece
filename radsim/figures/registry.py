"""Every kind of figure: what it shows, what it needs, where it is drawn. Light: nothing is imported before a figure is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from radsim.outcomes.catalogue import EVENTS, YEAR, in_groups

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
CHOICES = ("subgroup", "schedule", "scenario")
"""Options that say which part of a result is shown; a figure of a sweep shows all scenarios."""
FIRST_EVENTS = tuple(one.key for one in in_groups(EVENTS) if one.day == YEAR)
"""Outcomes that count the patients with a first event by a day."""


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
    variables, dimensions : tuple of str
        Variables that the result must hold; dimensions that must not be empty.
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

    def known_options(self, source):
        """Names of the options that it knows, of a document or of a result."""
        choices = () if isinstance(source, dict) else CHOICES[:2] if self.source == SWEEP else CHOICES
        return (*choices, *self.options)

    def missing(self, source):
        """What a document, or a Dataset, lacks for it: words that begin with `needs`; empty if nothing is missing."""
        return self._missing_of_document(source) if isinstance(source, dict) else self._missing_of_dataset(source)

    def _missing_of_document(self, document):
        if self.source == ANALYSIS:
            return "" if document.get(self.part[0]) else self._needs_document()
        if self.source != VALIDATION or not {"rows", "contrasts"} <= set(document):
            return f"needs {SOURCES[self.source]}"
        from radsim.figures.forest import missing_rows

        return missing_rows(document, **self.fixed)

    def _needs_document(self):
        return f"needs {SOURCES[ANALYSIS]} with `{self.part[0]}`: {self.part[1]}"

    def _missing_of_dataset(self, dataset):
        names, sizes = set(dataset.data_vars), dataset.sizes
        if self.source == VALIDATION or (self.source == SWEEP and "scenario" not in sizes):
            return f"needs {SOURCES[self.source]}"
        if self.economics and not {"cost", "qalys"} <= names:
            return "needs economics: a configuration with the key `economics`"
        if self.simulates:
            return self._needs_document()
        if self.source == PATIENTS and "patient" not in sizes:
            return f"needs {SOURCES[PATIENTS]}"
        if absent := [name for name in self.variables if name not in names]:
            return f"needs {SOURCES[RESULT] if 'patient' in sizes and self.source == RESULT else ', '.join(absent)}"
        if empty := [dim for dim in self.dimensions if sizes.get(dim, 0) == 0]:
            return f"needs {'times_days' if 'time' in empty else 'visits'} in the configuration, found none"
        if self.draws > sizes.get("draw", 1) - 1:
            return f"needs at least {self.draws} draws of the parameters: radsim run --draws"
        return ""


def _course(summary, *variables, outcomes, **more):
    """Outcomes over time, a panel each."""
    return Kind(
        summary, RESULT, "course", "draw_course", "describe_course", variables, ("time",), fixed={"outcomes": outcomes}, page=COURSE, **more
    )  # fmt: skip


def _forest(summary, *parts, **more):
    fixed = {"parts": parts} if parts else {}
    return Kind(summary, VALIDATION, "forest", "draw_forest", "describe_forest", fixed=fixed, **more)


def _economic(summary, module, name, **more):
    return Kind(summary, RESULT, module, f"draw_{name}", f"describe_{name}", draws=2, economics=True, page=ECONOMIC, **more)  # fmt: skip


_RESPONSES = tuple(f"{e}_{d}_response" for e in ("pain_score", "consensus") for d in ("overall", "complete"))
_TIMES = ("time_to_retreatment", "time_to_pathological_fracture", "time_to_death")

FIGURES = {
    "relief": _course(
        "alive with relief over time", "relief", outcomes=("relief_12_weeks",),
        for_patients="How many people have clearly less pain, week by week",
    ),
    "pain": _course("mean pain over time, among the living", "mean_pain_score", outcomes=("mean_pain_12_weeks",)),
    "incidence": _course(
        "first retreatment, fracture and cord compression over time, and who is alive", "retreatment_incidence", outcomes=(*FIRST_EVENTS, "alive_12_months"),
    ),
    "response": Kind(
        "response at each visit, by pain score and by consensus", RESULT, "response", "draw_response", "describe_response",
        _RESPONSES, ("visit",), page=COURSE,
    ),
    "opioids": _course("mean opioid dose over time, among the living", "mean_morphine_equivalent", outcomes=("opioids_12_weeks",)),
    "survival": _course("share alive over time", "survival", outcomes=("alive_12_months",)),
    "first-event": Kind(
        "which comes first: retreatment, fracture or death", PATIENTS, "first_event", "draw_first_events", "describe_first_events", _TIMES,
    ),
    "icons": Kind(
        "of 100 patients: alive with relief, without, died", RESULT, "icons", "draw_icons", "describe_icons",
        ("relief", "survival"), ("time",), options=("day",),
    ),
    "forest": _forest("trials simulated again: observed beside predicted"),
    "forest-held-out": _forest("held-out trials simulated again", "held-out", "held-out-contrasts", page=VALIDATED),
    "forest-calibration": _forest("calibration trials simulated again", "calibration", "calibration-contrasts"),
    "ce-plane": _economic("cost and QALYs gained, draw by draw", "economic", "plane", options=("threshold", "reference")),
    "ceac": _economic("probability of being cost-effective, with its frontier", "economic", "ceac", options=("threshold",)),
    "expected-loss": _economic("expected loss of each choice", "economic", "loss", options=("threshold",)),
    "evppi": Kind(
        "value of learning each group of parameters", ANALYSIS, "information", "draw_evppi", "describe_evppi", draws=20, economics=True,
        options=("threshold",), part=("evppi", "radsim cea --evppi"), page=ECONOMIC,
    ),
    "tornado": Kind(
        "net benefit as single parameters vary", ANALYSIS, "information", "draw_tornado", "describe_tornado", economics=True,
        options=("threshold", "against"), part=("one_way", "radsim cea --one-way"), simulates=True, page=ECONOMIC,
    ),
    "sweep-map": Kind(
        "one outcome over two swept paths", SWEEP, "sweeps", "draw_map", "describe_map", options=("outcome", "over", "day"), page=SCENARIOS,
    ),
    "sweep-line": Kind(
        "one outcome over one swept path", SWEEP, "sweeps", "draw_line", "describe_line", options=("outcome", "over", "day"), page=SCENARIOS,
    ),
}  # fmt: skip
"""Kinds by name, in the order of the help."""
