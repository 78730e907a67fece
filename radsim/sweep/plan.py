"""The plan of a sweep: every scenario with its configuration checked, and what has to be played for all of them."""

from __future__ import annotations

import hashlib
import itertools
import math
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from radsim.config import Cohort, Config, ConfigError, Fault, resolved_config
from radsim.config.dump import plain, resolved_section
from radsim.config.economic_sets import pin_sets
from radsim.config.faults import Expected, describe, dotted
from radsim.config.load import pin_cohort_file, validate
from radsim.config.yaml_nodes import Document, from_mapping
from radsim.engine import N_BATCHES
from radsim.evidence import EvidenceError
from radsim.kernel.block import BLOCK_SIZE
from radsim.storage import UsageFault
from radsim.sweep.canonical import canonical
from radsim.sweep.design import Design, fault_at
from radsim.sweep.distributions import REGISTRY, values_at
from radsim.sweep.paths import overlap, replaced
from radsim.sweep.sample import points
from radsim.sweep.share import Shared
from radsim.sweep.value import money_of

MOST_SCENARIOS = 100_000
"""More than these are taken for a mistake unless said to be none."""

MOST_FAULTS = 20
MOST_SCHEDULES = 200
"""Names in the union of all scenarios; a swept dose wants a name of its own that does not follow the dose."""

MOST_COHORTS_CHECKED = 32  # tables of a cohort take milliseconds; those of the others are checked when they are played
KEY_DIGITS = 20

NOT_IN_A_LIFE = ("radsim", "name", "schedules", "draws", "economics")
"""Keys of a configuration that do not change what happens to a patient under a schedule in a draw."""


class Scenario(NamedTuple):
    """One scenario.

    Attributes
    ----------
    index : int
        Its place along the dimension `scenario`.
    values : tuple
        Of the swept paths, in the order of `Plan.paths`.
    key : str
        Digest of all that its lives depend on, schedules apart: scenarios with the same key share their patients' courses.
    schedules : tuple of Schedule
    n_patients : int
    """

    index: int
    values: tuple
    key: str
    schedules: tuple
    n_patients: int


@dataclass(frozen=True)
class Plan:
    """Every scenario of a sweep. Made by `make_plan`.

    Attributes
    ----------
    design : Design
    base : Config
        With its seed, which is that of every scenario unless `seed` is swept.
    scenarios : tuple of Scenario
    warnings : tuple of str
    shared : Shared
        Registries and cohort tables met while checking.
    """

    design: Design
    base: Config
    scenarios: tuple
    warnings: tuple
    shared: Shared

    @property
    def paths(self):
        """Swept paths, those of the grid first."""
        return tuple(self.design.paths)

    def sweeps(self, *parts):
        """Whether a path is swept, or a part of it, or one that it is a part of."""
        return any(overlap(path, parts) for path in self.design.paths.values())

    @property
    def n_draws(self):
        """Draws, the base case included."""
        return self.base.draws + 1

    @cached_property
    def n_patients(self):
        """Patients of the largest scenario."""
        return max(scenario.n_patients for scenario in self.scenarios)

    @property
    def n_batches(self):
        """Batches of the largest scenario."""
        return n_batches(self.n_patients)

    @cached_property
    def schedule_names(self):
        """Names of the schedules of all scenarios, in order of appearance."""
        return tuple(dict.fromkeys(schedule.name for s in self.scenarios for schedule in s.schedules))

    @cached_property
    def plays(self):
        """Schedules to play by key, each once: those of all scenarios that share their courses."""
        found = {}
        for scenario in self.scenarios:
            known = found.setdefault(scenario.key, [])
            known += [schedule for schedule in scenario.schedules if schedule not in known]
        return found

    @cached_property
    def first_of_key(self):
        """A scenario for each key."""
        return {scenario.key: scenario for scenario in reversed(self.scenarios)}

    @property
    def lifetimes(self):
        """Lives to play: patients under each schedule in each draw, shared ones once."""
        patients = {key: scenario.n_patients for key, scenario in self.first_of_key.items()}
        return self.n_draws * sum(len(schedules) * patients[key] for key, schedules in self.plays.items())

    def config(self, scenario, schedules=None):
        """Configuration of a scenario; with other ``schedules`` in its place if given."""
        config = scenario_config(self.design, self.base, scenario.values)
        return config if schedules is None else config.model_copy(update={"schedules": tuple(schedules)})

    def description(self):
        """The sweep as plain data, fully resolved, without the folders of files: what `digest` is of."""
        sample = self.design.sample
        return {
            "base": resolved_config(self.base),
            "grid": {path: [plain(value) for value in values] for path, values in self.design.grid.items()},
            **({} if sample is None else {"sample": _plain_deep(sample)}),
        }

    @property
    def rows(self):
        """Patients of each cohort file that is copied row by row, by its digest."""
        cohort = self.base.cohort
        return {} if cohort.each_row is None else {cohort.file_sha256: self.scenarios[0].n_patients // cohort.each_row}

    @cached_property
    def digest(self):
        """SHA-256 of the canonical JSON of `description`."""
        return hashlib.sha256(canonical(self.description()).encode()).hexdigest()


def make_plan(design, *, yes=False, seed=None, rows=None):
    """Lay out and check every scenario.

    Parameters
    ----------
    design : Design
    yes : bool
        Whether more than `MOST_SCENARIOS` are meant.
    seed : int, optional
        Of a base that sets none; drawn if neither does.
    rows : dict of str to int, optional
        Patients of each cohort file by its digest: the files themselves are then not read.

    Returns
    -------
    Plan

    Raises
    ------
    ConfigError, EvidenceError, CohortError
        If the base or any scenario cannot be simulated: with a line for each fault, at the value that causes it.
    UsageFault
        If there are too many scenarios.
    """
    _refuse_too_many(design, yes=yes)
    if rows is None:
        design = design._replace(base=pin_sets(pin_cohort_file(design.base)))
    base = _base_config(design, seed)
    checker = _Checker(design, base, rows)
    for index, (indices, values) in enumerate(_assignments(design, base)):
        checker.add(index, indices, values)
    checker.refuse()
    plan = Plan(design, base, tuple(checker.scenarios), tuple(checker.warnings), checker.shared)
    if len(plan.schedule_names) > MOST_SCHEDULES:
        text = f"at most {MOST_SCHEDULES} schedules by name (give a swept schedule a `name` of its own)"
        raise ConfigError([fault_at(design.document, (), text, str(len(plan.schedule_names)))])
    return plan


def n_batches(n_patients):
    """Batches that have patients."""
    return min(N_BATCHES, -(-n_patients // BLOCK_SIZE))


def n_scenarios(design):
    """Scenarios of a design: points of the sample times combinations of the grid."""
    n = math.prod(len(values) for values in design.grid.values())
    if design.sample is not None:
        extra = len(design.sample["over"]) + 2 if design.sample["method"] == "saltelli" else 1
        n *= design.sample["n"] * extra
    return n


def sample_seed(design, base):
    """Seed of the sample: its own, or that of the base."""
    return design.sample.get("seed", base.seed)


def scenario_config(design, base, values):
    """Configuration of the scenario with some values at the swept paths, which have been checked before."""
    document, misplaced = _scenario_document(design, base, values)
    config, faults = validate(document)
    assert not misplaced + faults, misplaced + faults
    return config


def _refuse_too_many(design, *, yes):
    n = n_scenarios(design)
    if n > MOST_SCENARIOS and not yes:
        raise UsageFault(
            f"{design.document.file}: expected at most {MOST_SCENARIOS:,} scenarios, found {n:,}; --yes if that is meant"
        )


def _base_config(design, seed):
    """The base with its seed."""
    config, faults = validate(design.base)
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    if config.seed is None:
        config = config.model_copy(update={"seed": secrets.randbelow(2**53) if seed is None else seed})
    return config


def _assignments(design, base):
    """Positions in the lists of the grid and values of all paths, scenario by scenario: the grid within each point.

    In this order more points of a sample leave the earlier scenarios in their places.
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
    cube = points(design.sample["method"], design.sample["n"], len(over), seed=sample_seed(design, base))
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


def _scenario_document(design, base, values):
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
    if ("cohort", "file") in design.paths.values():
        document = pin_cohort_file(document._replace(folder=design.document.folder, data=_unpinned(data)))
    return document, misplaced


def _unpinned(data):
    """Without the digest of the base's file, which a swept file replaces."""
    return {**data, "cohort": {key: value for key, value in data["cohort"].items() if key != "file_sha256"}}


def _plain_deep(value):
    if isinstance(value, dict):
        return {key: _plain_deep(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain_deep(item) for item in value]
    return plain(value)


class _Checker:
    """Checks scenarios one by one and gathers what is wrong, each fault once."""

    def __init__(self, design, base, rows):
        self.design, self.base, self.rows, self.shared = design, base, rows, Shared()
        self.scenarios, self.faults, self.evidence_faults, self.warnings = [], {}, {}, {}
        self.sizes_differ = any(overlap(parts, ("cohort", "size")) for parts in design.paths.values())
        self.dimensions = _dimensions(base)
        self.texts = {}  # of each section as it was last, which most scenarios share

    def add(self, index, indices, values):
        """Check a scenario whose grid values stand at ``indices`` of their lists."""
        document, misplaced = _scenario_document(self.design, self.base, values)
        config, faults = validate(document)
        for fault in misplaced + faults:
            self._keep(self._located(fault, index, indices))
        if config is not None and not misplaced and self._possible(config, index, indices):
            n_patients = self._n_patients(config.cohort) or self.shared.n_patients(config)
            self.scenarios.append(Scenario(index, values, self._key(config), config.schedules, n_patients))

    def _keep(self, fault):
        """Keep a fault, of all those at one place the first."""
        self.faults.setdefault((fault.line, fault.path, fault.expected), fault)

    def refuse(self):
        """Raise what was found."""
        if self.faults:
            found = sorted(self.faults.values(), key=lambda fault: (fault.line is None, fault.line or 0))
            raise ConfigError(found[:MOST_FAULTS] + _and_more(self.design.document.file, found))
        if self.evidence_faults:
            raise EvidenceError(list(self.evidence_faults.values())[:MOST_FAULTS])

    def _possible(self, config, index, indices):
        """Whether dimensions, parameters and cohort of a valid configuration will do; notes what does not."""
        if changed := [name for name, value in _dimensions(config).items() if value != self.dimensions[name]]:
            place = f"scenario {index}"
            self._keep(Fault(self.design.document.file, None, place, f"{changed[0]} as in the base", "another"))
            return False
        try:
            self.shared.registry(config.evidence).values(self.shared.overrides(config))
        except EvidenceError as error:
            for line in error.faults:
                path, _, text = line.partition(": ")
                place, _, _ = str(self._located(Fault("", None, path, "", ""), index, indices)).rpartition(": expected")
                self.evidence_faults.setdefault((place, text.partition(", found ")[0]), f"{place}: {text}")
            return False
        if self.rows is None and self.shared.n_cohorts < MOST_COHORTS_CHECKED:
            self.warnings |= dict.fromkeys(self.shared.warnings(config))
        return True

    def _located(self, fault, index, indices):
        """A fault at the value of the sweep that it comes from, or in the scenario where values go ill together."""
        for i, (path, parts) in enumerate(self.design.paths.items()):
            inside = dotted(parts)
            if fault.path == inside or fault.path.startswith((f"{inside}.", f"{inside}[")):
                place = ("grid", path, indices[i]) if i < len(indices) else ("sample", "over", path)
                here = fault_at(self.design.document, place, fault.expected, fault.found)
                return here._replace(path=here.path + fault.path[len(inside) :])
        return fault._replace(file=self.design.document.file, line=None, path=f"scenario {index}: {fault.path}")

    def _n_patients(self, cohort):
        """Patients as far as known without reading a file."""
        return cohort.size or (self.rows or {}).get(cohort.file_sha256, 0) * cohort.each_row

    def _key(self, config):
        """Digest of what the lives of a scenario depend on, schedules apart."""
        texts = []
        for name in sorted(set(type(config).model_fields) - set(NOT_IN_A_LIFE)):
            section = getattr(config, name)
            known, text = self.texts.get(name, (None, ""))
            if section is not known:
                text = f'"{name}":{self._text(section)}'
                self.texts[name] = section, text
            texts += [text] if text else []
        return hashlib.sha256("{{{}}}".format(",".join(texts)).encode()).hexdigest()[:KEY_DIGITS]

    def _text(self, section):
        """Canonical JSON of a section; without the size of the cohort where more patients only add to fewer."""
        data = resolved_section(section)
        if isinstance(section, Cohort) and not self.sizes_differ:
            data.pop("size", None)
        return canonical(data)


def _dimensions(config):
    """What of a configuration fixes the dimensions of its result."""
    return {
        "draws": config.draws,
        "times_days": config.times_days,
        "horizon_days": config.horizon_days,
        "observation.visits_weeks": config.observation.visits_weeks,
        "subgroups": config.subgroups,
        "economics": money_of(config),
    }


def _and_more(file, found):
    more = len(found) - MOST_FAULTS
    return [Fault(file, None, "", "no more faults than these", f"{more} more of the kind")] if more > 0 else []


def design_of(description):
    """A design from what `Plan.description` kept of it."""
    data = from_mapping(description, file="sweep").data
    from radsim.sweep.paths import parse_path

    grid, sample = data.get("grid", {}), data.get("sample")
    names = [*grid, *(sample or {}).get("over", {})]
    base = Document("base", "", data["base"], {}, [])
    return Design(Document("sweep", "", data, {}, []), base, grid, sample, {name: parse_path(name) for name in names})
