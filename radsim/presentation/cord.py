"""What the rule of the spinal cord says of each schedule, in the words of every page."""

from __future__ import annotations

from radsim.cord import BEYOND, ELSEWHERE, MAYBE_SPINE, NO_LIMIT, NOT_COVERED, WITHIN
from radsim.presentation.words import listed

MARKS = {BEYOND: "BEYOND LIMITS", NOT_COVERED: "not covered", WITHIN: "within limits", NO_LIMIT: "no limit"}
"""What stands beside the name of a schedule."""

WORDS = {
    BEYOND: "beyond the limits of the spinal cord",
    NOT_COVERED: "not covered by the limits of the spinal cord",
    WITHIN: "within the limits of the spinal cord",
    NO_LIMIT: "no limit of the spinal cord applies",
}
FOR_PATIENTS = {
    BEYOND: "would give the spinal cord more than the limits that doctors keep to",
    NOT_COVERED: "is so soon after the earlier treatment that the limits for the spinal cord do not answer for it",
}
TITLE = "Spinal cord"
ALL_PATIENTS = 0.9995  # a share that rounds to all of them


def to_say(verdicts):
    """The verdicts that a page has to state: of all irradiating schedules where one is not within the limits, or a course was given before.

    Parameters
    ----------
    verdicts : sequence of radsim.cord.CordVerdict
    """
    asked = [each for each in verdicts if each.verdict != NO_LIMIT]
    is_needed = any(each.verdict in (BEYOND, NOT_COVERED) or each.earlier for each in asked)
    return asked if is_needed else []


def line(verdict):
    """One verdict in a sentence: schedule, verdict, why."""
    if verdict.where == ELSEWHERE:
        return f"{verdict.schedule}: too early: {'; '.join(verdict.reasons)}"
    return f"{verdict.schedule}: {WORDS[verdict.verdict]}{_of_whom(verdict)}: {'; '.join(verdict.reasons)}"


def lines(verdicts):
    """The sentences that stand first on a page; empty where nothing has to be said."""
    return [line(each) for each in to_say(verdicts)]


def patient_lines(verdicts, names):
    """Sentences for a patient on the schedules that are not within the limits.

    Parameters
    ----------
    verdicts : sequence of radsim.cord.CordVerdict
    names : mapping of str to str
        Schedule to how a patient knows it.
    """
    return [
        f"{names[each.schedule]}: this {FOR_PATIENTS[each.verdict]}. Ask your doctor about it."
        for each in verdicts if each.verdict in FOR_PATIENTS
    ]  # fmt: skip


def warnings(verdicts):
    """Sentences on the schedules that are not within the limits, which are simulated all the same."""
    return [f"{line(each)}; simulated all the same" for each in verdicts if each.verdict in (BEYOND, NOT_COVERED)]


def marks(verdicts):
    """What stands beside the name of each schedule, by name; empty where nothing has to be said."""
    said = to_say(verdicts)
    return {each.schedule: MARKS[each.verdict] if each in said else "" for each in verdicts} if said else {}


def no_repeat_lines(verdicts):
    """That a schedule after which the cord can take no repeat owes its few repeats to its own dose."""
    none_left = [each for each in verdicts if not each.repeats_left and each.where != ELSEWHERE]
    if not none_left:
        return []
    where = ", if the site is the spine," if none_left[0].where == MAYBE_SPINE else ""
    names = listed([each.schedule for each in none_left], last="or")
    return [
        f"After {names}{where} the limits of the spinal cord do not allow a usual repeat: that fewer are treated again is then no advantage"
    ]


def earlier_lines(verdicts):
    """Which courses were given before."""
    earlier = next((each.earlier for each in to_say(verdicts) if each.earlier), ())
    return [f"Irradiated before: {'; '.join(earlier)}"] if earlier else []


def _of_whom(verdict):
    """Of which patients a verdict is true, if not of all."""
    where = ", if the site is the spine" if verdict.where == MAYBE_SPINE else ""
    if verdict.share >= ALL_PATIENTS:
        return where
    share = f"{100 * verdict.share:.0f}" if verdict.share >= 0.01 else "fewer than 1"
    return f"{where}, for {share} of 100 such patients"
