"""The rules as data: `radsim/data/guide.yaml`, read and checked."""

from __future__ import annotations

import functools
import re
import string
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator

from radsim.config.schedule import Schedule
from radsim.evidence import load_registry
from radsim.guide.conditions import Span, read_condition
from radsim.outcomes.catalogue import BY_KEY
from radsim.yaml.content import checked_content
from radsim.yaml.faults import ConfigError, Expected, a_known
from radsim.yaml.fields import Flag, Section, not_empty, one_of
from radsim.yaml.nodes import Document, from_text
from radsim.yaml.packaged import read_packaged

FILE = "guide.yaml"
DIED_BEFORE_RELIEF = "died_before_relief"
"""A figure that follows from the clinician's own estimate of survival, and no outcome of the catalogue."""

ADVICE = re.compile(
    r"\b(we (recommend|suggest|advise)|you (should|must|need to)|(is|are) recommended)\b", re.IGNORECASE
)
"""What no rule may say: it reports."""

CHECKED, PROVISIONAL = "checked", "provisional"


def _tuple(value):
    """A list of the parsed file; packaged files come from JSON, which has no tuples."""
    return tuple(value) if isinstance(value, list) else value


def _conditions(value):
    return {fact: _tuple(each) for fact, each in value.items()} if isinstance(value, dict) else value


def _sentence(value):
    """A sentence, its full stop left to whoever puts the source behind it."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise Expected("a sentence")
    if value.rstrip().endswith("."):
        raise Expected("a sentence without a full stop: its source comes before that")
    if found := ADVICE.search(value):
        raise Expected("a report of what the source says, not advice", found=found.group())
    return value.strip()


def _id(value):
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise Expected("a name of small letters, digits and underscores")
    return value


Text = Annotated[str, BeforeValidator(_sentence)]
Names = Annotated[tuple[str, ...], BeforeValidator(not_empty), BeforeValidator(_tuple)]


class Source(Section):
    """Where a statement comes from.

    Parameters
    ----------
    short : str
        As it stands behind a sentence.
    citation : str
        In full.
    """

    short: Text
    citation: Text


class Title(Section):
    """Words for both readers."""

    clinician: Text
    patient: Text


class Heading(Title):
    """A heading of the guide.

    Parameters
    ----------
    in_short : bool
        Whether its first statement stands beside figures on other pages.
    """

    in_short: Flag = False


class Rule(Section):
    """What a source says of some patients.

    Parameters
    ----------
    id : str
    heading, topic : str
        Of the rules of one heading and topic the first that holds speaks.
    when : mapping
        Conditions, all of which must hold; see `radsim.guide.conditions`.
    clinician, patient : str
        What it says, in the words of each.
    values : mapping of str to str
        Parameters that the sentences name, by the name they have there.
    figures : tuple of str
        Outcomes of the catalogue to which it refers.
    beside_figures : Title or None
        What must be said beside the figures.
    strength : str
        As the source states it.
    sources : tuple of str
    status : str
        Whether the statement was read in its source, or comes from memory.
    """

    id: Annotated[str, BeforeValidator(_id)]
    heading: str
    topic: str = ""
    when: Annotated[dict[str, Any], BeforeValidator(_conditions)] = {}
    clinician: Text
    patient: Text
    values: dict[str, str] = {}
    figures: Annotated[tuple[str, ...], BeforeValidator(_tuple)] = ()
    beside_figures: Title | None = None
    strength: Text
    sources: Names
    status: one_of(CHECKED, PROVISIONAL)

    @functools.cached_property
    def conditions(self):
        """Conditions by fact, as `radsim.guide.conditions` reads them."""
        return {fact: read_condition(fact, value) for fact, value in self.when.items()}

    def holds(self, facts, values):
        """Whether it speaks of a patient.

        Parameters
        ----------
        facts : mapping
            From `radsim.guide.facts_of`; what is not known is not in it.
        values : mapping of str to float
            Parameters by name.
        """
        return all(
            (condition.resolved(values) if isinstance(condition, Span) else condition).holds(facts.get(fact))
            for fact, condition in self.conditions.items()
        )


class GuideFile(Section):
    """A file of rules."""

    radsim_guide: Literal[1]
    schedules: Names
    sources: dict[str, Source]
    headings: dict[str, Heading]
    rules: Annotated[tuple[Rule, ...], BeforeValidator(not_empty), BeforeValidator(_tuple)]


class Guide(NamedTuple):
    """The rules, with their headings in order and their sources."""

    schedules: tuple[str, ...]
    sources: dict[str, Source]
    headings: dict[str, Heading]
    rules: tuple[Rule, ...]

    def that_hold(self, facts, values):
        """The rules that speak of a patient: of each heading and topic the first that holds, in the order of the headings."""
        spoken = {}
        for rule in self.rules:
            if (rule.heading, rule.topic) not in spoken and rule.holds(facts, values):
                spoken[rule.heading, rule.topic] = rule
        order = list(self.headings)
        return tuple(sorted(spoken.values(), key=lambda rule: order.index(rule.heading)))


@functools.cache
def load_guide() -> Guide:
    """The packaged rules.

    Raises
    ------
    ConfigError
        If they are faulty, with every fault.
    """
    return _guide_of(Document(FILE, "", read_packaged(FILE), {(): None}, []))


def read_guide(text, *, file=FILE) -> Guide:
    """Rules from YAML text.

    Parameters
    ----------
    text : str
    file : str
        For the messages.

    Raises
    ------
    ConfigError
        With every fault: a fact, heading, source, outcome or parameter that nobody knows, a condition that is there twice, a rule that can never
        speak, an id that is taken.
    """
    document = from_text(text, file=file)
    if document.faults:
        raise ConfigError(document.faults)
    return _guide_of(document)


def _guide_of(document):
    found = checked_content(document, GuideFile, _schedule_faults, _rule_faults, _order_faults)
    return Guide(found.schedules, found.sources, found.headings, found.rules)


def _schedule_faults(found):
    for i, text in enumerate(found.schedules):
        try:
            Schedule.parse(text)
        except Expected as error:
            yield ("schedules", i), str(error), text


def _rule_faults(found):
    """What a rule names that nobody knows: path, expected, found."""
    parameters = set(load_registry("trials"))
    for i, rule in enumerate(found.rules):
        path = ("rules", i)
        if rule.heading not in found.headings:
            yield (*path, "heading"), a_known("one of the headings", rule.heading, found.headings), rule.heading
        for j, name in enumerate(rule.sources):
            if name not in found.sources:
                yield (*path, "sources", j), a_known("one of the sources", name, found.sources), name
        for j, name in enumerate(rule.figures):
            if name != DIED_BEFORE_RELIEF and not (name in BY_KEY and BY_KEY[name].is_share):
                yield (*path, "figures", j), "an outcome that counts patients of 100", name
        for name, parameter in rule.values.items():
            if parameter not in parameters:
                yield (*path, "values", name), a_known("a parameter", parameter, ()), parameter
        yield from _condition_faults(rule, path, parameters)
        for reader in ("clinician", "patient"):
            for name in sorted(_names_in(getattr(rule, reader)) - set(rule.values) - set(rule.when)):
                yield (*path, reader), "names of the condition or of `values` in braces", name


def _condition_faults(rule, path, parameters):
    for fact, value in rule.when.items():
        try:
            condition = read_condition(fact, value)
        except Expected as error:
            for part, expected, found_there in error.details:
                yield (*path, "when", fact, *part), expected, found_there or str(value)
            continue
        for name in condition.parameters if isinstance(condition, Span) else ():
            if name not in parameters:
                yield (*path, "when", fact), "a number, or the name of a parameter", name


def _names_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _order_faults(found):
    """Ids that are taken, conditions that are there twice, rules after one that always speaks."""
    ids, conditions, closed = {}, {}, {}
    for i, rule in enumerate(found.rules):
        path = ("rules", i)
        if rule.id in ids:
            yield (*path, "id"), "an id of its own", f"{rule.id} again"
        ids.setdefault(rule.id, i)
        where = (rule.heading, rule.topic)
        key = (*where, _canonical(rule.when))
        if key in conditions:
            yield (
                (*path, "when"),
                "a condition of its own under a heading and topic",
                f"that of {conditions[key]} again",
            )
        elif where in closed:
            yield path, f"a rule before {closed[where]}, which has no condition and always speaks", rule.id
        conditions.setdefault(key, rule.id)
        if not rule.when:
            closed.setdefault(where, rule.id)


def _canonical(when):
    """A condition as something to compare, whatever the order in which it was written."""
    return tuple((fact, _parts(value)) for fact, value in sorted(when.items()))


def _parts(value):
    """The parts of what stands under one fact, in order."""
    parts = value.items() if isinstance(value, dict) else value if isinstance(value, tuple | list) else (value,)
    return tuple(sorted(map(str, parts)))
