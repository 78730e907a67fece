"""The answer, first: what differs between the schedules, what does not, and what this result cannot tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.outcomes.catalogue import CATALOGUE, EVENTS, RELIEF, SURVIVAL, TREATMENT, in_groups
from radsim.outcomes.estimates import difference, estimate, gaps
from radsim.presentation.caveats import offered_more_readily
from radsim.presentation.certainty import sureness_of
from radsim.presentation.headline import Read
from radsim.presentation.headline import headline as sentences
from radsim.presentation.reading import n_draws, samples_of
from radsim.presentation.verdict import OPEN, SAME, verdict
from radsim.presentation.words import capital, listed
from radsim.provenance import from_dataset
from radsim.report import phrases

DIFFERS, UNSURE = "differs", "unsure"
"""Verdicts on an outcome beside `SAME`: see `judge`."""
COMPARED = tuple(one for one in in_groups(RELIEF, EVENTS, TREATMENT) if one.brief)
"""Outcomes with bars; those of survival stand apart."""


class Bar(NamedTuple):
    """One schedule's bar: names for both readers, a length and an interval in per cent of the row, and the words."""

    clinician: str
    patient: str
    length: float
    low: float
    high: float
    text: str


class Item(NamedTuple):
    """One outcome: its verdict, a bar per schedule, and each difference in the words of both readers.

    `identical` is whether the schedules do not differ at all; `widest` the greatest mean difference, without its sign, in patients of 100 or
    days; `values` and `found_gaps` are the estimates themselves.
    """

    outcome: object
    verdict: str
    bars: list
    gaps: list
    identical: bool
    widest: float
    values: object
    found_gaps: list


def answer(dataset, schedules):
    """Everything the first section says.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of all patients, without `scenario` or `subgroup`.
    schedules : list of ScheduleWords

    Returns
    -------
    dict
        ``headline`` and ``sure`` (words for both readers), items under ``differs``, ``same`` and ``unsure``, and ``adds``: what
        irradiation adds to analgesics.
    """
    items, survival = (
        [found for one in outcomes if (found := item(dataset, one, schedules))]
        for outcomes in (COMPARED, [one for one in in_groups(SURVIVAL) if one.brief])
    )
    groups = {verdict: [one for one in items if one.verdict == verdict] for verdict in (DIFFERS, SAME, UNSURE)}
    groups[DIFFERS].sort(key=lambda one: -one.widest)
    return {
        **groups,
        "headline": headline(items, schedules, from_dataset(dataset)["config"]["parameters"]),
        "sure": how_sure(dataset),
        "survival": survival,
        "adds": what_irradiation_adds(dataset, schedules),
        "alone": len(irradiated_of(schedules)) < 2,
    }


def irradiated_of(schedules):
    """Those with radiotherapy."""
    return [one for one in schedules if one.irradiated]


def headline(items, schedules, parameters):
    """A list of sentences for each reader; None where there is nothing to compare. ``parameters`` are those that the study sets."""
    irradiated = irradiated_of(schedules)
    if len(irradiated) < 2:
        return None
    read = {one.outcome.key: Read([one.values[s.position] for s in irradiated], one.found_gaps) for one in items}
    known = [one.schedule for one in irradiated if one.schedule is not None]
    readily = offered_more_readily(known, parameters) if len(known) == len(irradiated) else ""
    names = {"clinician": [one.name for one in irradiated], "patient": [one.patient for one in irradiated]}
    return {reader: sentences(read, names[reader], reader=reader, offered_more_readily=readily) for reader in names}


def item(dataset, outcome, schedules):
    """One outcome under every schedule; None if the result does not hold it."""
    found = _of_evidence(dataset, estimate(dataset, outcome.variable, day=outcome.day))
    if found is None:
        return None
    reference, *others = irradiated_of(schedules) or schedules
    found_gaps = [gap_of(dataset, outcome, reference, other) for other in others]
    verdicts = [judge(gap, outcome) for gap in found_gaps]
    overall = next((each for each in (DIFFERS, UNSURE) if each in verdicts), SAME)
    return Item(
        outcome, overall, _bars(found, outcome, schedules, merge=overall == SAME and bool(found_gaps)),
        _gap_words(found_gaps, outcome, reference, others, dataset),
        bool(found_gaps) and all(float(gap.value) == 0.0 and gap.mcse == 0.0 for gap in found_gaps),
        max((abs(outcome.scale.factor * gap.value) for gap in found_gaps), default=0.0),
        found.value, found_gaps,
    )  # fmt: skip


def gap_of(dataset, outcome, first, second):
    """One schedule of the page minus another."""
    gap = difference(dataset, outcome.variable, first=first.position, second=second.position, day=outcome.day)
    return _of_evidence(dataset, gap)


def _of_evidence(dataset, found):
    """An estimate without the interval of the simulation alone: brackets of the page say how sure the evidence is."""
    return None if found is None else found.of_evidence(n_draws(dataset))


def judge(gap, outcome):
    """Under which heading a difference stands: `SAME`, DIFFERS or UNSURE, by the rule of `radsim.presentation.verdict`."""
    found = verdict(gap, outcome)
    return {SAME: SAME, OPEN: UNSURE}.get(found, DIFFERS)


def _bars(found, outcome, schedules, *, merge):
    """A bar per schedule; with ``merge`` the irradiated ones share one where it reads the same, and so does whatever equals them to the bit."""
    texts = {phrases.plain(found.at(one.position), outcome.scale) for one in irradiated_of(schedules) or schedules}
    merge = merge and len(texts) == 1
    shown = _merged(found, schedules) if merge else [(one, one.name, one.patient) for one in schedules]
    full = 100.0 if outcome.is_share else max(float(np.nanmax(found.with_ends)), 1.0)
    return [_bar(found.at(one.position), outcome.scale, full, names) for one, *names in shown]


def _merged(found, schedules):
    """One bar for what is the same: (schedule, name for a clinician, name for a patient)."""
    irradiated = irradiated_of(schedules) or list(schedules)
    first = found.at(irradiated[0].position)
    rest = [
        one for one in schedules
        if one not in irradiated and not np.array_equal(first, found.at(one.position), equal_nan=True)
    ]  # fmt: skip
    names = ("with radiotherapy", "with radiotherapy") if rest else ("every schedule", "whichever is chosen")
    return [(irradiated[0], *names), *((one, one.name, one.patient) for one in rest)]


def _bar(value, scale, full, names):
    """Lengths in per cent of what fills a row: 100 patients, or the most days of any schedule."""
    lengths = 100.0 * scale.factor * np.array(value.with_ends, float) / full
    return Bar(*names, *np.round(np.clip(lengths, 0.0, 100.0), 2).tolist(), phrases.plain(value, scale))


def _gap_words(found_gaps, outcome, reference, others, dataset):
    """Each difference in the words of both readers; schedules with the same words share them."""
    found = {}
    for gap, other in zip(found_gaps, others, strict=True):
        key = phrases.more_or_fewer(gap, outcome.scale), _agreement(gap, outcome, dataset, reference, other)
        found.setdefault(key, []).append(other)
    return [
        {
            "clinician": f"{capital(words)} under {reference.name} than under {listed([one.name for one in same], last='or')}{agreement}.",
            "patient": f"{capital(words)} with {reference.patient} than with {listed([one.patient for one in same], last='or')}.",
        }
        for (words, agreement), same in found.items()
    ]  # fmt: skip


def _agreement(gap, outcome, dataset, reference, other):
    """How sure the evidence is of a difference, to follow its size; empty where nothing may be said."""
    samples = samples_of(dataset)
    if n_draws(dataset) < 2 or not samples or reference.schedule is None or other.schedule is None:
        return ""
    first, others = reference.position, [other.position]
    drawn = gaps(dataset, outcome.variable, first=first, others=others, day=outcome.day).at(0)
    return sureness_of(drawn, outcome, reference.schedule, other.schedule, samples).sentence


def how_sure(dataset):
    """What the brackets are, for each reader."""
    total = n_draws(dataset)
    groups = "They are about groups of people: nobody can say beforehand which of the 100 you would be."
    if total < 2:
        kind = "a single draw of the parameters" if total else "the base case alone"
        return {
            "clinician": f"Numbers are from {kind}: this result does not say how sure the evidence is. A run with --draws 200 does.",
            "patient": f"These numbers are a best guess, and this page does not show how far off it may be. {groups}",
        }
    rough = " With fewer than 100 draws its ends are rough." if total < 100 else ""
    return {
        "clinician": f"Numbers are means over {total} draws of all uncertain parameters; the brackets hold 95 % of the draws. They say "
        f"how sure the evidence is of the average, not how much patients differ; Monte Carlo variance is removed as far as it is known.{rough}",
        "patient": f"The numbers in brackets show how far off our best guess may be. {groups}",
    }  # fmt: skip


def what_irradiation_adds(dataset, schedules):
    """Relief with and without radiotherapy, if both were simulated: a sentence an outcome, for each reader."""
    irradiated, alone = irradiated_of(schedules), [one for one in schedules if not one.irradiated]
    if not irradiated or not alone:
        return None
    sentences = {"clinician": [], "patient": []}
    for one in COMPARED:
        if one.group != RELIEF or one.variable != "relief" or estimate(dataset, one.variable, day=one.day) is None:
            continue
        words = phrases.more_or_fewer(gap_of(dataset, one, irradiated[0], alone[0]), one.scale)
        sentences["clinician"].append(f"{one.label}: {words} under {irradiated[0].name} than under {alone[0].name}.")
        sentences["patient"].append(
            f"{one.patient}: {words} with {irradiated[0].patient} than with {alone[0].patient}."
        )
    return sentences if sentences["clinician"] else None


def topics_that_matter(found):
    """First parts of the names of the parameters behind the answer: those of relief, and of what differs."""
    keys = {outcome.key for outcome in in_groups(RELIEF)} | {one.outcome.key for one in found[DIFFERS] + found[UNSURE]}
    return {topic for outcome in CATALOGUE if outcome.key in keys for topic in outcome.topics}
