"""What radsim gives for such patients, beside a statement: natural frequencies under each schedule."""

from __future__ import annotations

from typing import Any, NamedTuple

from radsim.cord import BEYOND
from radsim.guide.rules import DIED_BEFORE_RELIEF
from radsim.outcomes import format
from radsim.outcomes.catalogue import OF_100
from radsim.outcomes.intervals import Estimate
from radsim.presentation import patient
from radsim.presentation.words import listed

OF_SUCH = "Of 100 such patients"


class Figure(NamedTuple):
    """An outcome under each schedule that the spinal cord allows.

    Attributes
    ----------
    outcome : str
        Its key in the catalogue.
    labels : dict of str to str
        What it is, by reader; a reader without one is not told.
    schedules : dict of str to Estimate
        By name.
    names : dict of str to str
        How a patient knows each schedule.
    notes : dict of str to str
        What must be said beside it, by reader; empty where nothing has to be.
    """

    outcome: str
    labels: dict[str, str]
    schedules: dict[str, Estimate]
    names: dict[str, str]
    notes: dict[str, str]

    def words(self, reader: str) -> str:
        """`74 (60 to 84) after 8Gy/1 and 72 (58 to 81) after 20Gy/5`; for a patient without intervals."""
        return listed(
            f"{format.interval(*each.with_ends, scale=OF_100.factor)} after {name}" if reader == "clinician"
            else f"about {format.of_100(each.value)} with {self.names[name]}"
            for name, each in self.schedules.items()
        )  # fmt: skip

    def to_dict(self, reader: str) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "outcome": self.outcome,
            "words": self.labels.get(reader),
            "schedules": {name: each._asdict() for name, each in self.schedules.items()},
        }


def figures_of(rule, found):
    """The figures that a rule refers to.

    Parameters
    ----------
    rule : radsim.guide.rules.Rule
    found : radsim.compare.Answer or None
        Without it there are none.

    Returns
    -------
    tuple of Figure
        Those that the answer holds, of the schedules that are not beyond the limits of the spinal cord.
    """
    choices = [] if found is None else [i for i, each in enumerate(found.cord) if each.verdict != BEYOND]
    return tuple(
        figure for key in rule.figures if choices and (figure := _figure(key, rule, found, choices)) is not None
    )


def _figure(key, rule, found, choices):
    labels, notes, estimates = _read(key, found)
    if estimates is None:
        return None
    if rule.beside_figures is not None:
        notes = {
            reader: f"{getattr(rule.beside_figures, reader)}. {notes.get(reader, '')}".strip() for reader in labels
        }
    names = {schedule.name: patient.treatment(schedule) for schedule in found.config.schedules}
    return Figure(
        key, labels, {found.schedules[i]: estimates[i].of_evidence(found.n_draws) for i in choices}, names, notes
    )


def _read(key, found):
    """Labels and notes by reader, and the estimates by schedule; None where the answer does not hold it."""
    if key == DIED_BEFORE_RELIEF:
        labels = {"clinician": "die before the relief begins that they would otherwise have had"}
        return labels, {}, None if found.prognosis is None else found.prognosis.died_before_relief
    if key not in found.outcomes:
        return {}, {}, None
    outcome, figures, *_ = found.outcomes[key]
    labels = {"clinician": outcome.label, "patient": outcome.patient}
    notes = {"clinician": outcome.note, "patient": outcome.note_patient}
    return {reader: f"{label[:1].lower()}{label[1:]}" for reader, label in labels.items()}, notes, figures


def figure_words(figures, reader):
    """Sentences for a reader, one a figure."""
    return [
        " ".join(filter(None, (f"{OF_SUCH}, {each.labels[reader]}: {each.words(reader)} (radsim).", each.notes.get(reader))))
        for each in figures if reader in each.labels
    ]  # fmt: skip
