"""Whether scenarios can be simulated: each is checked, and each fault is reported once, at the value that causes it."""

from __future__ import annotations

import hashlib

from radsim.cohort import said_of
from radsim.config import ConfigError, Fault
from radsim.config.dump import resolved_section
from radsim.config.load import validate
from radsim.evidence import EvidenceError, unused_parameters
from radsim.sweep.canonical import canonical
from radsim.sweep.scenarios import Scenario, scenario_document
from radsim.sweep.share import Shared
from radsim.sweep.value import money_of
from radsim.yaml.content import fault_at
from radsim.yaml.faults import dotted

MOST_FAULTS = 20
MOST_COHORTS_CHECKED = (
    32  # tables of a cohort take milliseconds; those of the others are checked when they are simulated
)
KEY_DIGITS = 20

NOT_IN_A_TRAJECTORY = ("radsim", "name", "schedules", "draws", "economics")
"""Keys of a configuration that do not change what happens to a patient under a schedule in a draw."""


class Checker:
    """Checks scenarios one by one and collects faults, each once."""

    def __init__(self, design, base, rows):
        self.design, self.base, self.rows, self.shared = design, base, rows, Shared()
        self.scenarios, self.faults, self.evidence_faults, self.warnings = [], {}, {}, {}
        self.dimensions = _dimensions(base)
        self.texts = {}  # of each section as it was last, which most scenarios share

    def add(self, index, indices, values):
        """Check a scenario whose grid values stand at ``indices`` of their lists."""
        document, misplaced = scenario_document(self.design, self.base, values)
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
        """Whether dimensions, parameters and cohort of a valid configuration are possible; notes what is not."""
        if changed := [name for name, value in _dimensions(config).items() if value != self.dimensions[name]]:
            place = f"scenario {index}"
            self._keep(Fault(self.design.document.file, None, place, f"{changed[0]} as in the base", "another"))
            return False
        try:
            self.shared.registry(config.evidence).values(self.shared.overrides(config))
            if unused := unused_parameters(config.parameters, config.care):
                raise EvidenceError(unused)
        except EvidenceError as error:
            for line in error.faults:
                path, _, text = line.partition(": ")
                place, _, _ = str(self._located(Fault("", None, path, "", ""), index, indices)).rpartition(": expected")
                self.evidence_faults.setdefault((place, text.partition(", found ")[0]), f"{place}: {text}")
            return False
        if self.rows is None and self.shared.n_cohorts < MOST_COHORTS_CHECKED:
            self.warnings |= dict.fromkeys(self.shared.warnings(config))
        else:
            self.warnings |= dict.fromkeys(said_of(config))
        return True

    def _located(self, fault, index, indices):
        """A fault at the value of the sweep that it comes from, or in the scenario where values do not fit together."""
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
        """Digest of what the trajectories of a scenario depend on but the schedules."""
        texts = []
        for name in sorted(set(type(config).model_fields) - set(NOT_IN_A_TRAJECTORY)):
            section = getattr(config, name)
            known, text = self.texts.get(name, (None, ""))
            if section is not known:
                text = f'"{name}":{canonical(resolved_section(section))}'
                self.texts[name] = section, text
            texts += [text] if text else []
        return hashlib.sha256("{{{}}}".format(",".join(texts)).encode()).hexdigest()[:KEY_DIGITS]


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
