"""The scenarios of a design: how many there are, which values each has, and its configuration."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from radsim.config import ConfigError, Fault
from radsim.config.load import pin_cohort_file, validate
from radsim.economics.sets import pin_sets
from radsim.sweep.distributions import REGISTRY, values_at
from radsim.sweep.paths import replaced
from radsim.sweep.sample import points
from radsim.sweep.share import Shared
from radsim.yaml.content import fault_at
from radsim.yaml.faults import Expected, describe, dotted
from radsim.yaml.nodes import Document

COHORT_FILE = ("cohort", "file")
"""The path of a file that every scenario may have another of."""


class Scenario(NamedTuple):
    """One scenario.

    Attributes
    ----------
    index : int
        Its position along the dimension `scenario`.
    values : tuple
        Of the swept paths, in the order of `Plan.paths`.
    key : str
        Digest of all that its trajectories depend on but the schedules: scenarios with the same key share a `Course`.
    schedules : tuple of Schedule
    n_patients : int
    """

    index: int
    values: tuple
    key: str
    schedules: tuple
    n_patients: int


def n_scenarios(design):
    """Scenarios of a design: points of the sample times combinations of the grid."""
    n = math.prod(len(values) for values in design.grid.values())
    if design.sample is not None:
        extra = len(design.sample["over"]) + 2 if design.sample["method"] == "saltelli" else 1
        n *= design.sample["n"] * extra
    return n


def assignments(design, base):
    """Positions in the lists of the grid and values of all paths, scenario by scenario: the grid within each point.

    In this order more points of a sample leave the earlier scenarios where they are.
    """
    sampled = _sampled(design, base)
    grid = [list(enumerate(values)) for values in design.grid.values()]
    for point in sampled:
        for combination in itertools.product(*grid):
            yield [i for i, _ in combination], (*(value for _, value in combination), *point)


def _sampled(design, base):
    """Values of the sampled paths, point by point."""
    if design.sample is None:
        return [()]
    over = design.sample["over"]
    cube = points(design.sample["method"], design.sample["n"], len(over), seed=design.sample.get("seed", base.seed))
    registry = Shared().registry(base.evidence)
    columns = []
    for i, (path, distribution) in enumerate(over.items()):
        name = path.partition(".")[2]
        if distribution == REGISTRY and name not in registry:
            text = "the name of a parameter of the registry"
            raise ConfigError([fault_at(design.document, ("sample", "over", path), text, describe(name))])
        entry = registry[name] if distribution == REGISTRY else None
        columns.append(values_at(distribution, cube[:, i], entry=entry))
    return list(zip(*columns, strict=True))


def scenario_document(design, base, values):
    """The base with the values in place, as a document whose lines are those of the base, and faults of paths that lead nowhere.

    Sections that are not swept are those of the base, which are checked already and not made anew.
    """
    misplaced = []
    swept = {parts[0] for parts in design.paths.values()}
    ready = {name: getattr(base, name) for name in type(base).model_fields if name not in swept}
    given = {name: value for name, value in design.base.data.items() if name in swept}
    data = given | {name: value for name, value in ready.items() if value is not None}
    if "seed" in swept:
        data["seed"] = base.seed
    lines = design.base.lines
    for parts, value in zip(design.paths.values(), values, strict=True):
        try:
            data = replaced(data, parts, value)
        except Expected as error:
            ((_, expected, found),) = error.details
            misplaced.append(Fault("", None, dotted(parts), expected, found))
    document = Document(design.base.file, "", data, lines, [])
    if any(parts[0] == "economics" for parts in design.paths.values()):
        document = pin_sets(document._replace(folder=design.document.folder))
    if COHORT_FILE in design.paths.values():
        document = document._replace(folder=design.document.folder, data=_pinned(data, design.pins))
        document = document if design.pins else pin_cohort_file(document)
    return document, misplaced


def _pinned(data, pins):
    """With the digest of a swept cohort file, if known, in the place of that of the base's file."""
    cohort = {key: value for key, value in data["cohort"].items() if key != "file_sha256"}
    if pins:
        cohort["file_sha256"] = pins[cohort["file"]]
    return {**data, "cohort": cohort}


def scenario_config(design, base, values):
    """Configuration of the scenario with some values at the swept paths, which have been checked before."""
    document, misplaced = scenario_document(design, base, values)
    config, faults = validate(document)
    assert not misplaced + faults, misplaced + faults
    return config
