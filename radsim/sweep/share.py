"""Studies made quickly: the common parts of scenarios are made once.

A study from here equals that of `radsim.study.prepare`; a test holds them equal.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np

from radsim.config.dump import plain
from radsim.cord import verdicts
from radsim.evidence import load_registry
from radsim.kernel.layout import parameter_names
from radsim.presentation.cord import warnings as cord_warnings
from radsim.study import Study
from radsim.sweep.canonical import canonical

MOST_COHORTS = 64  # half a megabyte each

OBSERVED = ("never_returns", "attendance")


class Shared:
    """Registries, cohort tables and studies, each made once; safe to use from several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._registries, self._cohorts = {}, OrderedDict()
        self._last_cohort = None, None

    def from_files(self):
        """Cohorts that come from a file, which other machines may not have: for `add` there."""
        return {key: found for key, found in self._cohorts.items() if len(found[0].rows)}

    def add(self, cohorts):
        """Take over cohorts from elsewhere."""
        with self._lock:
            self._cohorts |= {
                key: (laid_out(tables), laid_out(cohort), warnings)
                for key, (tables, cohort, warnings) in cohorts.items()
                if key not in self._cohorts
            }

    @property
    def n_cohorts(self):
        """Cohorts whose tables are kept."""
        return len(self._cohorts)

    def registry(self, evidence_set):
        """The registry of an evidence set."""
        if evidence_set not in self._registries:
            self._registries[evidence_set] = load_registry(evidence_set)
        return self._registries[evidence_set]

    def overrides(self, config):
        """Parameters that a configuration sets, under `parameters` or `observation`."""
        observed = {f"observation.{name}": getattr(config.observation, name) for name in OBSERVED}
        return {**config.parameters, **{name: value for name, value in observed.items() if value is not None}}

    def samples(self, config):
        """Parameters of every draw, by dotted name, shape (draw,) each."""
        registry = self.registry(config.evidence)
        samples = registry.sample(config.seed, config.draws, self.overrides(config))
        return {name: samples[name] for name in parameter_names([config.care])}

    def study(self, config, like=None):
        """As `radsim.study.prepare`.

        Parameters
        ----------
        config : Config
        like : Study, optional
            One made before: what no parameter changes is taken over from it if nothing but ``parameters`` differs.
        """
        tables, cohort, warnings = self._tables(config)
        parts = config, self.registry(config.evidence), self.samples(config), tables, (), False
        study = Study(*parts, tuple(warnings))
        study.__dict__["cohort"] = cohort  # where `cached_property` keeps it
        if like is not None and only_parameters_differ(config, like.config):
            study.__dict__["protocol_template"] = like.protocol_template
        return study

    def dimensions(self, config):
        """A study that knows the dimensions and labels of its result, and nothing of its cohort."""
        return Study(config, self.registry(config.evidence), self.samples(config), None)

    def warnings(self, config):
        """What a reader of a scenario's results must know; its study is not made for that."""
        return (*self._tables(config)[2], *cord_warnings(self.cord(config)))

    def cord(self, config):
        """Verdicts of the rule of the spinal cord on the schedules of a scenario."""
        values = self.registry(config.evidence).values(self.overrides(config))
        return verdicts(config, self._tables(config)[0], values)

    def n_patients(self, config):
        """Patients of a configuration: its size, or every copy of every row."""
        if config.cohort.each_row is None:
            return config.cohort.size
        return len(self._tables(config)[0].rows) * config.cohort.each_row

    def _tables(self, config):
        """Tables, their form for the kernel, and warnings of a cohort."""
        last, found = self._last_cohort
        if last is config.cohort:
            return found
        found = self._tables_by_content(config)
        self._last_cohort = config.cohort, found
        return found

    def _tables_by_content(self, config):
        from radsim import cohort as cohorts

        key = _cohort_key(config.cohort)
        with self._lock:
            found = self._cohorts.get(key)
            if found is not None:
                self._cohorts.move_to_end(key)
                return found
        tables, warnings = cohorts.build_tables(config)
        bare = Study(config, None, {}, tables)
        with self._lock:
            self._cohorts[key] = tables, bare.cohort, tuple(warnings)
            if len(self._cohorts) > MOST_COHORTS:
                self._cohorts.popitem(last=False)
        return tables, bare.cohort, tuple(warnings)


def laid_out(tables):
    """The same NamedTuple, its arrays as numpy lays them out.

    Those of a message from another process may begin at any byte, and the kernel would be compiled anew for them.
    """
    arrays = {
        name: np.require(array, requirements="CA")
        for name, array in tables._asdict().items()
        if isinstance(array, np.ndarray)
    }
    for array in arrays.values():
        array.flags.writeable = False
    return tables._replace(**arrays)


def only_parameters_differ(config, other):
    """Whether two configurations are the same but for their ``parameters``."""
    names = (name for name in type(config).model_fields if name != "parameters")
    pairs = ((getattr(config, name), getattr(other, name)) for name in names)
    return all(here is there or here == there for here, there in pairs)


def _cohort_key(cohort):
    data = plain(cohort)
    return canonical({name: value for name, value in data.items() if name != "size"})
