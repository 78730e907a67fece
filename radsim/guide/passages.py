"""The guideline's answer for one kind of patient: what the rules say, with their sources and radsim's own figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

from radsim import SCOPE
from radsim.compare import CIRCUMSTANCES, URGENT, Answer, answer, question
from radsim.cord import from_record
from radsim.evidence import load_registry
from radsim.guide.facts import facts_of
from radsim.guide.figures import Figure, figure_words, figures_of
from radsim.guide.rules import PROVISIONAL, load_guide
from radsim.presentation import cord, patient
from radsim.presentation.reading import known_schedules
from radsim.presentation.words import capital
from radsim.provenance import ASKED

READERS = ("clinician", "patient")
EMERGENCIES = ("suspected_cord_compression", "impending_fracture")
"""Of these radsim gives no figures."""

URGENT_HEADING, CORD_HEADING, CORD = "urgent", "schedule", "spinal_cord"
FROM_MEMORY = "not read in its source"
CORD_SOURCE = "Limits of the spinal cord"
OWN_RULE = "published limits, not a guideline"


class Statement(NamedTuple):
    """What one rule says.

    Attributes
    ----------
    id, topic : str
    is_general : bool
        Whether the rule has no condition.
    words : dict of str to str
        By reader, without source and full stop.
    strength : str
    sources : tuple of str
        Short names; citations are those of `Guidance.citations`.
    status : str
        ``checked``, or ``provisional`` where the statement comes from memory.
    figures : tuple of Figure
        What radsim gives for such patients.
    """

    id: str
    topic: str
    is_general: bool
    words: dict[str, str]
    strength: str
    sources: tuple[str, ...]
    status: str
    figures: tuple[Figure, ...] = ()

    def text(self, reader: str) -> str:
        """The sentence with its source, for a clinician also with its strength."""
        source = ", ".join(self.sources)
        if reader == "clinician":
            source += f": {self.strength}"
        if self.status == PROVISIONAL:
            source += f"; {FROM_MEMORY}"
        return f"{capital(self.words[reader])} ({source})."


class Passage(NamedTuple):
    """A heading with what stands below it."""

    heading: str
    title: dict[str, str]
    statements: tuple[Statement, ...]
    in_short: bool = False


@dataclass(frozen=True)
class Guidance:
    """What guidelines say of one kind of patient.

    Attributes
    ----------
    given : dict
        Covariates in the user's words.
    facts : dict
        What the rules were asked about.
    passages : tuple of Passage
        In the order of the headings, those without a statement left out.
    citations : dict of str to str
        Short name of each source to its citation.
    emergency : bool
        Whether there are no figures because the patient has to be assessed urgently.
    reader : str
        For whom it shows itself.
    answer : Answer or None
        Where the figures come from.
    """

    given: dict
    facts: dict
    passages: tuple[Passage, ...]
    citations: dict[str, str]
    emergency: bool = False
    reader: str = "clinician"
    answer: Answer | None = field(default=None, repr=False)

    def __repr__(self):
        return "\n".join([self.title, *self.lines()])

    def _repr_html_(self):
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.lines())
        return f"<p><b>{escape(self.title)}</b></p>{lines}"

    @property
    def title(self) -> str:
        """Of whom it speaks."""
        return f"What guidelines say: {patient.describe(self.given) or 'no patient in particular'}"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All of them, in order."""
        return tuple(each for passage in self.passages for each in passage.statements)

    def lines(self, reader: str | None = None) -> list[str]:
        """Headings, statements and figures, a paragraph each.

        Parameters
        ----------
        reader : {'clinician', 'patient'}, optional
            For whom; that of the guidance if not given.
        """
        reader = reader or self.reader
        found = [EMERGENCY[reader]] if self.emergency else []
        for passage in self.passages:
            found.append(passage.title[reader])
            for statement in passage.statements:
                found += [statement.text(reader), *figure_words(statement.figures, reader)]
        return found

    def brief(self, reader: str = "clinician") -> tuple[Statement, ...]:
        """What stands beside figures: what is urgent, then local treatment, schedule, bone agent and analgesics, one statement each.

        Signs that everybody has to know stand here for a patient only.
        """
        said = {passage.heading: passage.statements for passage in self.passages}
        urgent = [each for each in said.get(URGENT_HEADING, ()) if reader == "patient" or not each.is_general]
        firsts = [passage.statements[0] for passage in self.passages if passage.in_short]
        return (*urgent, *(each for each in firsts if not each.topic))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, in the words of its reader."""
        return {
            "reader": self.reader,
            "patient": {"given": self.given, "known": {name: _plain(value) for name, value in self.facts.items()}},
            "emergency": self.emergency,
            "headings": [
                {
                    "heading": passage.heading,
                    "title": passage.title[self.reader],
                    "rules": [self._rule(each) for each in passage.statements],
                }
                for passage in self.passages
            ],
            "sources": self.citations,
            "scope": SCOPE,
        }

    def _rule(self, statement):
        return {
            "id": statement.id,
            "text": statement.words[self.reader],
            "strength": statement.strength,
            "sources": list(statement.sources),
            "status": statement.status,
            "figures": [figure.to_dict(self.reader) for figure in statement.figures],
        }


EMERGENCY = {
    "clinician": f"{capital(URGENT)}: radsim gives no figures.",
    "patient": "This is an emergency. Call your hospital now, before you read on.",
}
"""What comes before everything else."""


def guide_question(**asked):
    """The configuration of a question to the guideline: that of `radsim.compare.question` with the schedules of the rules.

    Parameters
    ----------
    **asked
        As of `radsim.compare.question`, without schedules.
    """
    return question(list(load_guide().schedules), **asked)


def guidance(
    config, *, said=(), prognosis_weeks=None, reader="clinician", threads=None, progress=None, command="radsim.guide"
):
    """The guideline's answer to a question, with the figures of the same simulation as `radsim compare`.

    Parameters
    ----------
    config : Config
        From `guide_question`.
    said : sequence of str
        Of `radsim.guide.SAID`. In an emergency nothing is simulated.
    prognosis_weeks : float, optional
        What `guide_question` was given. [week]
    reader : {'clinician', 'patient'}
    threads, progress, command
        As of `radsim.simulate`.

    Returns
    -------
    Guidance
    """
    if any(each in said for each in EMERGENCIES):
        from radsim.simulation import prepared

        return _read(config, prepared(config).cord, said, prognosis_weeks, reader)
    circumstances = [each for each in said if each in CIRCUMSTANCES]
    found = answer(
        config, circumstances=circumstances, prognosis_weeks=prognosis_weeks, threads=threads, progress=progress, command=command
    )  # fmt: skip
    return _read(config, found.cord, said, prognosis_weeks, reader, found)


def of_answer(found):
    """What guidelines say of the patient of an `Answer`; without figures, which stand beside it."""
    circumstances = [each.key for each in found.caveats if each.key in CIRCUMSTANCES]
    weeks = None if found.prognosis is None else found.prognosis.weeks
    return _read(found.config, found.cord, circumstances, weeks, "clinician")


def of_record(record):
    """What guidelines say of the patients of a result, as far as it is true of all of them; None for a cohort file, whose patients differ.

    Parameters
    ----------
    record : dict
        The run record of a result.
    """
    config, verdicts = record["config"], from_record(record)
    cohort = config["cohort"]
    if "file" in cohort:
        return None
    registry = load_registry(config["evidence"])
    values, asked = registry.values(config["parameters"]), record.get(ASKED, {})
    facts = facts_of(
        cohort, care=config.get("care"), said=asked.get("circumstances", ()), prior=cohort.get("prior", ()), cord=verdicts,
        prognosis_weeks=asked.get("prognosis_weeks"), values=values,
    )  # fmt: skip
    names = [each.schedule for each in verdicts]
    return _guidance(
        facts, values, _cord_statement(verdicts, known_schedules(names, record)), {}, {}, registry=registry
    )


def _read(config, verdicts, said, prognosis_weeks, reader, found=None):
    registry = load_registry(config.evidence)
    values = registry.values(config.parameters)
    cohort = config.cohort
    facts = facts_of(
        cohort.as_written, care=config.care, said=said, prior=cohort.prior or (), cord=verdicts, prognosis_weeks=prognosis_weeks,
        values=values,
    )  # fmt: skip
    options = {"emergency": any(each in said for each in EMERGENCIES), "reader": reader, "answer": found}
    return _guidance(
        facts, values, _cord_statement(verdicts, config.schedules), cohort.as_written, options, registry=registry
    )


def _guidance(facts, values, of_cord, given, options, *, registry):
    rules = load_guide()
    spoken = rules.that_hold(facts, values)
    found = options.get("answer")
    statements = {name: [] for name in rules.headings}
    for rule in spoken:
        statements[rule.heading].append(_statement(rule, rules, facts, values, found))
    citations = {rules.sources[name].short: rules.sources[name].citation for rule in spoken for name in rule.sources}
    if of_cord is not None:
        statements[CORD_HEADING].insert(1, of_cord)  # behind the schedules that it is about
        citations[CORD_SOURCE] = registry["cord.late_limit_gy2"].source
    passages = tuple(
        Passage(name, {reader: getattr(title, reader) for reader in READERS}, tuple(statements[name]), title.in_short)
        for name, title in rules.headings.items()
        if statements[name]
    )
    return Guidance(dict(given), facts, passages, citations, **options)


def _statement(rule, rules, facts, values, found):
    known = facts | {name: values[parameter] for name, parameter in rule.values.items()}
    words = {reader: _filled(getattr(rule, reader), known) for reader in READERS}
    figures = figures_of(rule, found)
    sources = tuple(rules.sources[name].short for name in rule.sources)
    return Statement(rule.id, rule.topic, not rule.when, words, rule.strength, sources, rule.status, figures)


def _filled(text, known):
    """A sentence with what stands in braces."""
    named = {name: value.replace("_", " ") if isinstance(value, str) else value for name, value in known.items()}
    return text.format(**named).replace("%", " per cent")


def _cord_statement(verdicts, schedules):
    """What the rule of the spinal cord says of the schedules, or None where nothing has to be said."""
    lines = [*cord.earlier_lines(verdicts), *cord.lines(verdicts)]
    if not lines:
        return None
    names = {
        each.schedule: each.schedule if schedule is None else patient.treatment(schedule)
        for each, schedule in zip(verdicts, schedules, strict=True)
    }
    words = {
        "clinician": ". ".join(lines),
        "patient": " ".join(capital(line) for line in cord.patient_lines(verdicts, names)).rstrip(".")
        or "At the spine the earlier treatment and a new one together stay within the limits that doctors keep to for the spinal cord",
    }
    return Statement(CORD, CORD, False, words, OWN_RULE, (CORD_SOURCE,), "checked")


def _plain(value):
    return sorted(value) if isinstance(value, set) else value
