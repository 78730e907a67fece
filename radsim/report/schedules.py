"""The schedules of a result: what to call them, and what the rule of the spinal cord says of each."""

from __future__ import annotations

from typing import NamedTuple

from radsim.cord import from_record
from radsim.presentation import cord
from radsim.presentation.caveats import none_is_irradiated_later
from radsim.presentation.patient import treatment
from radsim.presentation.reading import known_schedules


class ScheduleWords(NamedTuple):
    """A schedule as the two readers know it.

    Attributes
    ----------
    position : int
        Along `schedule`.
    name : str
        As configured: the clinician's word.
    patient : str
        "one treatment", "5 treatments", "painkillers alone" (or first, where radiotherapy may follow).
    irradiated : bool
    schedule : radsim.config.Schedule or None
        None where a result keeps its name alone and that says nothing.
    mark : str
        What the rule of the spinal cord says of it; empty where nothing has to be said.
    is_choice : bool
        Whether it stands among the choices: not beyond the limits of the spinal cord.
    """

    position: int
    name: str
    patient: str
    irradiated: bool
    schedule: object = None
    mark: str = ""
    is_choice: bool = True


def schedules_of(dataset, record):
    """Every schedule of a result, in order; those that its run record does not know are told by their name alone."""
    names = [str(name) for name in dataset["schedule"].values]
    known = known_schedules(names, record)
    later = none_is_irradiated_later(record, dataset)
    words = [_patient_words(name, schedule, later=later) for name, schedule in zip(names, known, strict=True)]
    verdicts = from_record(record)
    marks, beyond = cord.marks(verdicts), {each.schedule for each in verdicts if each.verdict == cord.BEYOND}
    return [
        ScheduleWords(
            i, name, word if words.count(word) == 1 else f"{word} ({name})", schedule is None or not schedule.none, schedule,
            marks.get(name, ""), name not in beyond,
        )
        for i, (name, word, schedule) in enumerate(zip(names, words, known, strict=True))
    ]  # fmt: skip


def _patient_words(name, schedule, *, later):
    return name if schedule is None else treatment(schedule, later=later)


def cord_of_result(record, schedules):
    """Sentences on the spinal cord, by reader; empty where nothing has to be said, and of a result that does not hold the verdicts."""
    verdicts = from_record(record)
    said = cord.lines(verdicts)
    if not said:
        return {}
    return {
        "clinician": [*cord.earlier_lines(verdicts), *said, *cord.no_repeat_lines(verdicts)],
        "patient": cord.patient_lines(verdicts, {one.name: one.patient for one in schedules}),
    }


def cord_of_sweep(dataset):
    """In how many scenarios a schedule is beyond the limits of the spinal cord, or not covered by them."""
    if "cord_verdict" not in dataset:
        return {}
    verdicts, n = dataset["cord_verdict"].values, dataset.sizes["scenario"]
    found = [
        f"{name}: {cord.WORDS[verdict]} in {count} of {n} scenarios"
        for s, name in enumerate(dataset["schedule"].values)
        for verdict in (cord.BEYOND, cord.NOT_COVERED)
        if (count := int((verdicts[:, s] == verdict).sum()))
    ]
    return {"clinician": found, "patient": []} if found else {}
