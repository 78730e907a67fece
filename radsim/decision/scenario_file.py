"""Own scenarios from a file: what each changes in the configuration, and in how it is valued."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from radsim.economics.files import Format
from radsim.economics.section import Economics
from radsim.yaml.content import content_faults, unrelated
from radsim.yaml.faults import ConfigError, Expected, a_known
from radsim.yaml.fields import Line, Section, not_empty
from radsim.yaml.nodes import FAULTY, read_source

BASE = "base case"


def _mapping(value):
    if not isinstance(value, Mapping) or not value or not all(isinstance(key, str) for key in value):
        raise Expected("a mapping of at least one change")
    return dict(value)


Changes = Annotated[dict, BeforeValidator(_mapping)]


class Scenario(Section):
    """One scenario.

    Parameters
    ----------
    name : str
    config : dict of str to object, optional
        By dotted path of a configuration, as ``--set`` of `radsim run` takes them.
    economics : dict of str to object, optional
        Keys of the section `economics`.
    prices : str, optional
        Name of the price set that its amounts belong to; with other prices, or in another price year, it is not possible and says so.
    """

    name: Line
    prices: Line | None = None
    config: Changes | None = None
    economics: Changes | None = None

    @model_validator(mode="after")
    def _changes_something(self):
        if self.config is None and self.economics is None:
            raise Expected("config, economics or both: what the scenario changes", found="neither")
        if self.name == BASE:
            raise Expected("another name: that is the first row already", found=BASE, path=("name",))
        for key in self.economics or {}:
            if key not in Economics.model_fields:
                known = a_known("a key of the section economics", key, Economics.model_fields)
                raise Expected(known, found=key, path=("economics",))
        return self


class ScenarioFile(Section):
    """A file of scenarios.

    Parameters
    ----------
    radsim_scenarios : int
        Version of the format.
    scenarios : tuple of Scenario
    """

    radsim_scenarios: Format
    scenarios: Annotated[tuple[Scenario, ...], BeforeValidator(not_empty), Field()]

    @model_validator(mode="after")
    def _each_name_once(self):
        names = [one.name for one in self.scenarios]
        errors = [
            Expected("each name once", found=f"{name} again", path=("scenarios", i, "name"))
            for i, name in enumerate(names)
            if name in names[:i]
        ]
        if errors:
            raise Expected.together(errors)
        return self


def starting_file() -> str:
    """A commented file of scenarios, valid as it stands: the packaged ones."""
    text = (files("radsim") / "data" / "decision" / "scenarios.yaml").read_text(encoding="utf-8")
    return HEAD + text


HEAD = """\
# Scenarios: radsim cea RESULT --scenario-file FILE.yaml. Each is a name and what it changes, everything else as in the base case:
#   config: {PATH: VALUE}      by dotted path of the configuration (radsim show RESULT), and the base case is simulated again
#   prices: NAME               of the price set that amounts of money belong to, if there are any
#   economics: {KEY: VALUE}    keys of the section economics, such as values: {cost.fraction: 300}; nothing is simulated again
# What the packaged scenarios, which follow, say of themselves:
#
"""


def read_scenarios(source) -> list[dict]:
    """Scenarios of a file.

    Parameters
    ----------
    source : path, open text or mapping

    Returns
    -------
    list of dict
        ``name``, and ``config``, ``economics`` and ``prices`` where given, as `radsim.cost_effectiveness` takes them.

    Raises
    ------
    ConfigError
        With every fault of the file, each with its line.
    """
    document = read_source(source)
    faults, found = list(document.faults), None
    if document.data is not FAULTY:
        try:
            found = ScenarioFile.model_validate(document.data)
        except ValidationError as error:
            fresh = [
                f
                for each in error.errors(include_url=False)
                for f in content_faults(document, each, model=ScenarioFile)
            ]
            faults += unrelated(fresh, faults)
    if faults or found is None:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return [one.model_dump(exclude_none=True) for one in found.scenarios]
