"""The whole answer in two sentences, for a clinician and for a patient."""

from __future__ import annotations

import numpy as np

from radsim.presentation.words import listed
from radsim.report import phrases
from radsim.report.outcomes import DAYS, OF_100, RELIEF

DIFFERS, SAME, UNSURE = "differs", "same", "unsure"
"""Verdicts on an outcome: see `radsim.report.answer.judge`."""

LEAST = {OF_100: 1.0, DAYS: 0.5}
"""What is worth a word: one patient of 100, half a day. Half of it rounds to nothing."""


def headline(groups, schedules):
    """The whole answer in two sentences, for each reader."""
    irradiated = [one for one in schedules if one.irradiated]
    if len(irradiated) < 2:
        return None
    return {reader: _headline(groups, irradiated, reader) for reader in ("clinician", "patient")}


def _headline(groups, irradiated, reader):
    keys = {outcome.key for outcome in RELIEF}
    everything = [one for group in (DIFFERS, SAME, UNSURE) for one in groups[group]]
    relief = [one for one in everything if one.outcome.key in keys]
    events = {group: [one for one in groups[group] if one.outcome.key not in keys] for group in (DIFFERS, UNSURE)}
    sentences = [_relief_sentence(relief, irradiated, reader), _difference_sentence(events[DIFFERS], reader)]
    unsure = [one.outcome for one in events[UNSURE]]
    if unsure:
        names = listed([_short(outcome, reader) for outcome in unsure], last="or")
        sentences.append(
            f"Whether {names} differs, this result cannot tell." if reader == "clinician"
            else f"We do not know whether the choice matters for {names}."
        )  # fmt: skip
    return " ".join(sentence for sentence in sentences if sentence)


def _relief_sentence(relief, irradiated, reader):
    if not relief:
        return ""
    if reader == "clinician":
        return _relief_for_clinicians(relief, listed([one.name for one in irradiated]))
    return _relief_for_patients(relief, listed([one.patient for one in irradiated], last="or"))


def _relief_for_clinicians(relief, names):
    if all(one.verdict == SAME for one in relief):
        return f"Relief of pain is the same under {names}."
    if all(one.verdict != DIFFERS for one in relief):
        return f"Whether relief of pain differs between {names}, this result cannot tell."
    return f"Relief of pain differs by up to {_most(relief)} of 100 patients{_perhaps(relief)} between {names}."


def _relief_for_patients(relief, names):
    if all(one.verdict == SAME for one in relief):
        return f"Pain gets better equally often with {names}."
    if all(one.verdict != DIFFERS for one in relief):
        return f"We do not know whether pain gets better more often with {names}."
    return f"How often pain gets better differs by up to {_most(relief)} of 100 people{_perhaps(relief) or ','} be it with {names}."


def _most(relief):
    """The widest mean difference in whole patients, at least one."""
    return phrases.number(max(max(one.widest for one in relief), LEAST[OF_100]), OF_100)


def _perhaps(relief):
    """` on average, up to 5 at the ends of the intervals,`; nothing where no interval is known."""
    furthest = max(one.furthest for one in relief)
    if np.isnan(furthest):
        return ""
    return f" on average, up to {phrases.number(furthest, OF_100)} at the ends of the intervals,"


def _difference_sentence(items, reader):
    if not items:
        return (
            "In nothing else that was looked at do they differ clearly." if reader == "clinician"
            else "We found no other clear difference."
        )  # fmt: skip
    names = listed([_short(one.outcome, reader) for one in items])
    return f"What differs is {names}."


def _short(outcome, reader):
    return outcome.short_clinician if reader == "clinician" else outcome.short_patient
