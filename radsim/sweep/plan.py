"""The plan of a sweep: every scenario with its configuration checked, and the courses to simulate for them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from radsim.care import ARMS, KINDS
from radsim.config import Config, ConfigError, resolved_config
from radsim.config.dump import plain
from radsim.config.load import pin_cohort_file, validate
from radsim.config.survival import pin_survival_file
from radsim.economics.sets import pin_sets
from radsim.storage import UsageFault
from radsim.sums import n_batches
from radsim.sweep.canonical import canonical
from radsim.sweep.check import Checker
from radsim.sweep.design import Design
from radsim.sweep.paths import overlap, parse_path
from radsim.sweep.scenarios import COHORT_FILE, Scenario, assignments, n_scenarios, scenario_config
from radsim.sweep.share import Shared
from radsim.yaml.content import fault_at
from radsim.yaml.nodes import Document, from_mapping

MOST_SCENARIOS = 100_000
"""More are refused as a likely mistake unless asked for."""

ID_DIGITS = 20

MOST_SCHEDULES = 200
"""Names in the union of all scenarios; a swept dose wants a name of its own that does not follow the dose."""


class Course(NamedTuple):
    """What is simulated for all scenarios of a key: the same patients under every schedule that one of them has.

    Attributes
    ----------
    id : str
        Digest of all that the raw sums depend on.
    scenario : Scenario
        The first of the key.
    schedules : tuple of Schedule
    n_patients : int
    """

    id: str
    scenario: Scenario
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

    @cached_property
    def cares(self):
        """Sections `care` that scenarios may have, one for each kind of care that is swept, or is a schedule, beside that of the base."""
        swept = [kind.switch for kind in KINDS if self.sweeps("care", kind.switch)]
        arms = [ARMS[name].switch for name in self.schedule_names if name in ARMS]
        return [self.base.care, *({switch: True} for switch in (*swept, *arms))]

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
    def courses(self):
        """The `Course` of each key."""
        first, schedules = {}, {}
        for scenario in self.scenarios:
            first.setdefault(scenario.key, scenario)
            schedules.setdefault(scenario.key, {}).update(dict.fromkeys(scenario.schedules))
        return {key: _course(scenario, tuple(schedules[key])) for key, scenario in first.items()}

    @cached_property
    def course_by_id(self):
        """The `Course` of each identifier."""
        return {course.id: course for course in self.courses.values()}

    @property
    def trajectories(self):
        """Trajectories to simulate: patients under each schedule in each draw, shared ones once."""
        return self.n_draws * sum(len(course.schedules) * course.n_patients for course in self.courses.values())

    def config(self, scenario):
        """Configuration of a scenario."""
        return scenario_config(self.design, self.base, scenario.values)

    def config_of_course(self, identifier):
        """Configuration of a course: that of its first scenario with all schedules."""
        course = self.course_by_id[identifier]
        return self.config(course.scenario).model_copy(update={"schedules": course.schedules})

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
        each_row = self.base.cohort.each_row
        if each_row is None:
            return {}
        return {cohort.file_sha256: scenario.n_patients // each_row for _, scenario, cohort in self._by_file()}

    @property
    def pins(self):
        """Digest of each swept cohort file, by its name in the sweep."""
        swept = COHORT_FILE in self.design.paths.values()
        return {name: cohort.file_sha256 for name, _, cohort in self._by_file()} if swept else {}

    def _by_file(self):
        """Each cohort file by its name in the sweep, None without any, with a scenario that has it and its cohort."""
        paths = list(self.design.paths.values())
        place = paths.index(COHORT_FILE) if COHORT_FILE in paths else None
        first = {None if place is None else scenario.values[place]: scenario for scenario in reversed(self.scenarios)}
        return [(name, scenario, self.config(scenario).cohort) for name, scenario in first.items()]

    @cached_property
    def digest(self):
        """SHA-256 of the canonical JSON of `description`."""
        return hashlib.sha256(canonical(self.description()).encode()).hexdigest()


def _course(scenario, schedules):
    content = canonical([scenario.key, scenario.n_patients, [plain(schedule) for schedule in schedules]])
    return Course(hashlib.sha256(content.encode()).hexdigest()[:ID_DIGITS], scenario, schedules, scenario.n_patients)


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
        design = design._replace(base=pin_sets(pin_survival_file(pin_cohort_file(design.base))))
    base = _base_config(design, seed)
    checker = Checker(design, base, rows)
    for index, (indices, values) in enumerate(assignments(design, base)):
        checker.add(index, indices, values)
    checker.refuse()
    plan = Plan(design, base, tuple(checker.scenarios), tuple(checker.warnings), checker.shared)
    if len(plan.schedule_names) > MOST_SCHEDULES:
        text = f"at most {MOST_SCHEDULES} schedules by name (give a swept schedule a `name` of its own)"
        raise ConfigError([fault_at(design.document, (), text, str(len(plan.schedule_names)))])
    return plan


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


def _plain_deep(value):
    if isinstance(value, dict):
        return {key: _plain_deep(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain_deep(item) for item in value]
    return plain(value)


def design_of(description, *, pins=MappingProxyType({})):
    """A design from what `Plan.description` kept of it, and the digests of swept cohort files."""
    data = from_mapping(description, file="sweep").data
    grid, sample = data.get("grid", {}), data.get("sample")
    names = [*grid, *(sample or {}).get("over", {})]
    base = Document("base", "", data["base"], {}, [])
    return Design(
        Document("sweep", "", data, {}, []), base, grid, sample, {name: parse_path(name) for name in names}, pins
    )
