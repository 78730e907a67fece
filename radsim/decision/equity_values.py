"""What severity and equity weigh health by, and the life table: `radsim/data/decision/equity.yaml`, read and checked."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

from pydantic import BeforeValidator

from radsim.evidence.entries import Entry
from radsim.yaml.content import checked_content
from radsim.yaml.faults import ConfigError
from radsim.yaml.fields import Line, Section, increasing, not_empty, number, one_of
from radsim.yaml.nodes import Document, from_text
from radsim.yaml.packaged import packaged_text, read_packaged

FOLDER, FILE = "decision", "equity.yaml"
AGES = 101
"""Of the life table: 0 to 100."""


def _tuple(value):
    """A list of the parsed file; packaged files come from JSON, which has no tuples."""
    return tuple(value) if isinstance(value, list) else value


Shares = Annotated[tuple[number(low=0.0, high=1.0), ...], BeforeValidator(_tuple)]
Edges = Annotated[tuple[number(low=0.0), ...], BeforeValidator(increasing), BeforeValidator(not_empty), BeforeValidator(_tuple)]  # fmt: skip
Weights = Annotated[tuple[number(low=1.0), ...], BeforeValidator(_tuple)]


class Stated(Section):
    """Where a number comes from.

    Parameters
    ----------
    uncertainty : str
        ``fixed``: a rule, or a judgement of which no uncertainty is published.
    unit, population, source : str
    licence : str
        Of the source, where it is known.
    status : str
        ``checked``, or ``provisional`` where it was not read in its source.
    note : str
    """

    uncertainty: one_of("fixed")
    unit: Line
    population: Line
    source: Line
    licence: Line | None = None
    status: one_of("checked", "provisional")
    note: Line | None = None


class Absolute(Stated):
    """Weight of a QALY gained from each absolute shortfall on. [year]"""

    from_qalys: Edges
    weight: Weights

    @property
    def edges(self):
        """Shortfalls from which each weight counts."""
        return self.from_qalys


class Proportional(Stated):
    """Weight of a QALY gained from each proportional shortfall on. [1]"""

    from_share: Annotated[tuple[number(low=0.0, high=1.0), ...], BeforeValidator(increasing), BeforeValidator(not_empty), BeforeValidator(_tuple)]  # fmt: skip
    weight: Weights

    @property
    def edges(self):
        """Shortfalls from which each weight counts."""
        return self.from_share


class Severity(Section):
    """The greater of two weights counts."""

    absolute: Absolute
    proportional: Proportional


class Aversion(Stated):
    """Aversion to inequality. [1]"""

    value: number(low=0.0)


class LifeTable(Stated):
    """Probability of dying within a year of age, by sex. [1]"""

    name: Line
    female: Shares
    male: Shares


class EquityFile(Section):
    """The whole file."""

    radsim_equity: Literal[1]
    severity: Severity
    atkinson: Aversion
    life_table: LifeTable


@functools.cache
def equity_values() -> EquityFile:
    """The packaged values.

    Raises
    ------
    ConfigError
        If they are faulty, with every fault.
    """
    try:
        return checked_content(Document(FILE, "", read_packaged(FOLDER, FILE), {}, []), EquityFile, _faults)
    except ConfigError:
        return read_equity(packaged_text(FOLDER, FILE))  # what is kept of a packaged file has no lines


def read_equity(text, *, file=FILE) -> EquityFile:
    """Values from YAML text.

    Parameters
    ----------
    text : str or bytes
    file : str
        For the messages.

    Raises
    ------
    ConfigError
        With every fault: unknown and missing keys, wrong kinds, weights that do not match their shortfalls, ages that are missing.
    """
    document = from_text(text, file=file)
    if document.faults:
        raise ConfigError(document.faults)
    return checked_content(document, EquityFile, _faults)


def _faults(found):
    """What does not go together: path, expected, found."""
    for kind, edges in (("absolute", "from_qalys"), ("proportional", "from_share")):
        rule = getattr(found.severity, kind)
        path = ("severity", kind)
        if rule.edges[0] != 0.0:
            yield (*path, edges, 0), "0, from which every patient has a weight", f"{rule.edges[0]:g}"
        if len(rule.weight) != len(rule.edges):
            yield (*path, "weight"), f"{len(rule.edges)} weights, one for each of {edges}", str(len(rule.weight))
        for i, (before, after) in enumerate(zip(rule.weight, rule.weight[1:], strict=False), start=1):
            if after < before:
                yield (*path, "weight", i), f"no weight below the one before it, {before:g}", f"{after:g}"
    for sex in ("female", "male"):
        if (n := len(getattr(found.life_table, sex))) != AGES:
            yield ("life_table", sex), f"{AGES} probabilities, of the ages 0 to {AGES - 1}", str(n)


def equity_entries(found=None):
    """Every number of the file in the form of the evidence registry.

    Parameters
    ----------
    found : EquityFile, optional
        The packaged one by default.

    Returns
    -------
    dict of str to radsim.evidence.Entry
        By name: ``severity.absolute.weight_from_12``, ``equity.atkinson``, ``life_table.female.65``.
    """
    found = equity_values() if found is None else found
    entries = {}
    for kind in ("absolute", "proportional"):
        rule = getattr(found.severity, kind)
        for edge, weight in zip(rule.edges, rule.weight, strict=True):
            note = f"weight of a QALY gained, from a shortfall of {edge:g} on"
            _add(entries, f"severity.{kind}.weight_from_{edge:g}", weight, rule, unit="1", note=note)
    _add(entries, "equity.atkinson", found.atkinson.value, found.atkinson, note=found.atkinson.note or "")
    for sex in ("female", "male"):
        for age, share in enumerate(getattr(found.life_table, sex)):
            _add(entries, f"life_table.{sex}.{age}", share, found.life_table, note=found.life_table.note or "")
    return entries


def licences(found=None):
    """Licence of the source of each of `equity_entries`, where it is known."""
    found = equity_values() if found is None else found
    return {name: found.life_table.licence for name in equity_entries(found) if name.startswith("life_table.")}


def _add(entries, name, value, stated, *, note, unit=None):
    entries[name] = Entry(
        name, float(value), {"fixed": {}}, unit or stated.unit, stated.population, stated.source, stated.status, note
    )
