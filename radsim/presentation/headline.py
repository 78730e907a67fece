"""The answer in a few sentences, with direction and size, for a clinician or a patient: the same above `radsim compare` and the report."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.outcomes import format
from radsim.outcomes.catalogue import BY_KEY
from radsim.presentation.verdict import FIRST_FEWER, FIRST_MORE, OPEN, SAME, verdict
from radsim.presentation.words import listed

CLINICIAN, PATIENT = "clinician", "patient"
RELIEF = "relief_12_weeks"
RETREATMENT = "retreatment_1_year"
DAYS = "hospital_days"
TOXICITY = "acute_toxicity"
KEYS = (RELIEF, RETREATMENT, DAYS, TOXICITY)
"""Outcomes that the sentences speak of."""


class Read(NamedTuple):
    """One outcome: its value under each schedule, and the first schedule minus each of the others as `Estimate`, both unscaled."""

    values: list
    gaps: list


def headline(read, names, *, reader=CLINICIAN, offered_more_readily=""):
    """Sentences that answer the question, the most important first.

    Parameters
    ----------
    read : mapping of str to Read
        By key of the catalogue; sentences on what is missing are left out.
    names : list of str
        What to call the schedules, the reference first; two or more.
    reader : {'clinician', 'patient'}
    offered_more_readily : str
        `FIRST_MORE` or `FIRST_FEWER` where readiness to offer a repeat explains that there are more, or fewer, after the first schedule.

    Returns
    -------
    list of str
    """
    sentences = [
        _relief(read[RELIEF], names, reader) if RELIEF in read else "",
        _retreatment(read[RETREATMENT], names, reader, offered_more_readily) if RETREATMENT in read else "",
        _price(read, names, reader),
    ]
    return [sentence for sentence in sentences if sentence]


def _relief(found, names, reader):
    verdicts = {verdict(gap, BY_KEY[RELIEF]) for gap in found.gaps}
    people = "such patients" if reader == CLINICIAN else "people like you"
    after, what = ("after", "are alive with relief") if reader == CLINICIAN else ("with", "have clearly less pain")
    numbers = listed([f"{format.of_100(v)} {after} {name}" for v, name in zip(found.values, names, strict=True)])
    first, rest = numbers.split(f" {after} ", 1)
    sizes = f"at 12 weeks {first} of 100 {people} {what} {after} {rest}"
    if len(found.gaps) == 1:
        sizes += f" ({_size_of(found.gaps[0])})"
    return f"{_RELIEF[reader][_one(verdicts)].format(first=names[0], others=listed(names[1:], last='or'))}: {sizes}."


_RELIEF = {
    CLINICIAN: {
        SAME: "Pain relief is about the same",
        FIRST_MORE: "More patients have pain relief after {first}",
        FIRST_FEWER: "Fewer patients have pain relief after {first}",
        OPEN: "Which of them relieves pain more often is not known",
    },
    PATIENT: {
        SAME: "Pain gets better about equally often",
        FIRST_MORE: "Pain gets better more often with {first}",
        FIRST_FEWER: "Pain gets better less often with {first}",
        OPEN: "With which of them pain gets better more often is not known",
    },
}


def _one(verdicts):
    """One verdict for several differences: that of all, else that it is open."""
    return next(iter(verdicts)) if len(verdicts) == 1 else OPEN


def _size_of(gap):
    """`difference +3, 95 % 1 to 5`, `difference +1, 95 % between 3 fewer and 5 more`, in patients of 100."""
    value, low, high = (100.0 * part for part in gap.with_ends)
    text = f"difference {format.number(value, signed=True)}"
    return text if np.isnan(low) else f"{text}, 95 % {format.ends(low, high)}"


def _retreatment(found, names, reader, offered_more_readily):
    """`After 8Gy/1, 19 more are treated again within a year (11 to 26), mostly because …`."""
    known = [(gap, name, verdict(gap, BY_KEY[RETREATMENT])) for gap, name in zip(found.gaps, names[1:], strict=True)]
    gaps = [(gap, name) for gap, name, found_verdict in known if found_verdict != SAME]
    where = "" if reader == CLINICIAN else " at the same spot"
    if not gaps:
        return f"About as many are treated again{where} within a year."
    sure = {each for _, _, each in known} - {SAME}
    verb = "are" if OPEN not in sure else "may be"
    than = [f" than after {name}" if len(found.gaps) > 1 else "" for _, name in gaps]
    parts = [_more(gap) for gap, _ in gaps]
    first = f"{parts[0][0]} {verb} treated again{where} within a year{than[0]}{parts[0][1]}"
    others = [f"{size}{other}{ends}" for (size, ends), other in zip(parts[1:], than[1:], strict=True)]
    why = _OFFERED[reader] if sure == {offered_more_readily} else ""
    return f"{'After' if reader == CLINICIAN else 'With'} {names[0]}, {listed([first, *others])}{why}."


_OFFERED = {
    CLINICIAN: ", mostly because a second treatment is offered more readily after one fraction",
    PATIENT: ". Doctors tend to offer a second course more readily after a single treatment: it does not mean that the first one failed",
}


def _more(gap):
    """`19 more` and ` (11 to 26)`, `about as many` and ` (between 3 fewer and 4 more)`, in patients of 100."""
    value, low, high = (100.0 * part for part in gap.with_ends)
    amount = format.number(abs(value))
    size = "about as many" if amount == "0" else f"{amount} {'more' if value > 0.0 else 'fewer'}"
    if np.isnan(low):
        return size, ""
    return size, f" ({format.ends(low, high, as_sizes=True)})"


def _price(read, names, reader):
    """What the longer course takes: days, and acute side effects where they surely differ."""
    if DAYS not in read:
        return ""
    clauses = [
        _price_clause(gap, read, names, i, reader) for i, gap in enumerate(read[DAYS].gaps)
        if verdict(gap, BY_KEY[DAYS]) in (FIRST_MORE, FIRST_FEWER)
    ]  # fmt: skip
    return f"{listed(clauses)}." if clauses else ""


def _price_clause(gap, read, names, i, reader):
    first, other = names[0], names[i + 1]
    longer, shorter = (first, other) if gap.value > 0.0 else (other, first)
    than = f" than {'with ' if reader == PATIENT else ''}{shorter}" if len(names) > 2 else ""
    days = format.number(abs(gap.value))
    unit = "day" if days == "1" else "days"
    worse = verdict(read[TOXICITY].gaps[i], BY_KEY[TOXICITY]) if TOXICITY in read else SAME
    has_more = {FIRST_MORE: first, FIRST_FEWER: other}.get(worse)
    if reader == PATIENT:
        text = f"With {longer} there are {days} more {unit} at the hospital{than}"
        return f"{text}, and with {has_more} side effects in the first weeks are more common" if has_more else text
    text = f"{longer} takes {days} more {unit} at the hospital{than}"
    if has_more is None:
        return text
    effects = "causes more acute side effects"
    return f"{text} and {effects}" if has_more == longer else f"{text}, and {has_more} {effects}"
