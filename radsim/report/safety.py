"""What the rule of the spinal cord says, first on the page, for both readers."""

from __future__ import annotations

from radsim.cord import from_record
from radsim.presentation import cord

TO_THE_DOCTOR = "Ask your doctor about it."


def of_result(record, schedules):
    """Sentences for a clinician and for a patient, by reader; empty where nothing has to be said.

    Parameters
    ----------
    record : dict
        Of a result; one of before the rule was kept in it says nothing.
    schedules : list of ScheduleWords
    """
    verdicts = from_record(record)
    said = cord.lines(verdicts)
    if not said:
        return {}
    patient = {one.name: one.patient for one in schedules}
    return {
        "clinician": [*cord.earlier_lines(verdicts), *said, *cord.no_repeat_lines(verdicts)],
        "patient": [
            f"{patient[each.schedule]}: this {cord.FOR_PATIENTS[each.verdict]}. {TO_THE_DOCTOR}"
            for each in verdicts if each.verdict in cord.FOR_PATIENTS
        ],
    }  # fmt: skip


def of_sweep(dataset):
    """In how many scenarios a schedule is beyond the limits, or not covered by them."""
    if "cord_verdict" not in dataset:
        return {}
    verdicts, n = dataset["cord_verdict"].values, dataset.sizes["scenario"]
    found = []
    for s, name in enumerate(dataset["schedule"].values):
        for verdict in (cord.BEYOND, cord.NOT_COVERED):
            count = int((verdicts[:, s] == verdict).sum())
            if count:
                found.append(f"{name}: {cord.WORDS[verdict]} in {count} of {n} scenarios")
    return {"clinician": found, "patient": []} if found else {}
