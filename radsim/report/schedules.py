"""The schedules of a result, and what to call them."""

from __future__ import annotations

from typing import NamedTuple

from radsim.cord import from_record
from radsim.presentation import cord


class ScheduleWords(NamedTuple):
    """A schedule as the two readers know it.

    Attributes
    ----------
    position : int
        Along `schedule`.
    name : str
        As configured: the clinician's word.
    patient : str
        "one treatment", "5 treatments", "painkillers alone".
    irradiated : bool
    technique : str
        conventional or sbrt; empty for none.
    mark : str
        What the rule of the spinal cord says of it; empty where nothing has to be said.
    schedule : radsim.config.Schedule or None
        None where a result keeps its name alone and that says nothing.
    is_choice : bool
        Whether it stands among the choices: not beyond the limits of the spinal cord.
    """

    position: int
    name: str
    patient: str
    irradiated: bool
    technique: str
    mark: str = ""
    schedule: object = None
    is_choice: bool = True


def schedules_of(dataset, record):
    """Every schedule of a result, in order.

    Parameters
    ----------
    dataset : xarray.Dataset
    record : dict
        Its run record; schedules that it does not know by name are told by their name alone.
    """
    configured = {_name(schedule): schedule for schedule in record["config"]["schedules"]}
    names = [str(name) for name in dataset["schedule"].values]
    known = [configured.get(name) or _from_name(name) for name in names]
    words = [_patient_words(schedule) for schedule in known]
    verdicts = from_record(record)
    marks, beyond = cord.marks(verdicts), {each.schedule for each in verdicts if each.verdict == cord.BEYOND}
    return [
        ScheduleWords(
            i,
            name,
            word if words.count(word) == 1 else f"{word} ({name})",
            schedule != "none",
            _technique(schedule),
            marks.get(name, ""),
            _as_schedule(schedule),
            name not in beyond,
        )
        for i, (name, word, schedule) in enumerate(zip(names, words, known, strict=True))
    ]


def _name(schedule):
    return schedule if isinstance(schedule, str) else schedule["name"]


def _from_name(name):
    """A schedule of which a result keeps the name alone, as where a sweep varies the schedules."""
    from radsim.config import Schedule

    try:
        found = Schedule.parse(name)
    except ValueError:
        return name
    return "none" if found.none else {"name": name, "fractions": found.fractions, "technique": found.technique}


def _as_schedule(schedule):
    """The schedule of a record, as the rules of a configuration read it."""
    from radsim.config import Schedule

    if isinstance(schedule, dict) and {"dose_gy", "fractions"} <= set(schedule):
        return Schedule.model_validate(schedule)
    return Schedule.parse("none") if schedule == "none" else None


def _technique(schedule):
    return schedule.get("technique", "conventional") if isinstance(schedule, dict) else ""


def _patient_words(schedule):
    if schedule == "none":
        return "painkillers alone"
    if not isinstance(schedule, dict):
        return str(schedule)
    kind = "stereotactic treatment" if _technique(schedule) == "sbrt" else "treatment"
    n = schedule["fractions"]
    return f"one {kind}" if n == 1 else f"{n} {kind}s"
