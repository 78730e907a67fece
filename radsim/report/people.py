"""A hundred patients as a hundred dots, at two moments: where they stand under each schedule."""

from __future__ import annotations

from typing import NamedTuple

from radsim.outcomes.catalogue import WEEK
from radsim.outcomes.estimates import nearest_time
from radsim.outcomes.frequencies import SHARES, situations

MOMENTS = (4 * WEEK, 12 * WEEK)
COLUMNS = 10


class Kind(NamedTuple):
    """One kind of dot: its class in the page, and what it stands for, for both readers."""

    css: str
    clinician: str
    patient: str


FREE = Kind("free", "alive, free of pain", "no pain at all at this spot")
RELIEF = Kind("relief", "alive, in relief", "clearly less pain")
WITHOUT = Kind("without", "alive, no relief", "")
DIED = Kind("died", "died", "")
OTHER = Kind("without", "", "not less pain, or no longer alive")
"""A patient's picture does not single out the dead: what it says is whether pain gets better. Survival is told apart, for who asks."""

CLINICIAN_KINDS, PATIENT_KINDS = (FREE, RELIEF, WITHOUT, DIED), (FREE, RELIEF, OTHER)


def moments(dataset):
    """Days at which the picture is drawn: weeks 4 and 12, or the last time looked at. [d]"""
    if any(name not in dataset for name in SHARES[:2]) or not dataset.sizes.get("time", 0):
        return []
    times = dataset["time"].values
    found = [float(times[place]) for day in MOMENTS if (place := nearest_time(times, day)) is not None]
    return found or [float(times[-1])]


def pictures(dataset, schedules):
    """Everything the template draws.

    Returns
    -------
    list of dict
        One a moment: ``when`` and ``arrays``, one a schedule with ``schedule``, ``clinician`` and ``patient``; each of the two with
        ``counts`` (of kinds, summing to 100), ``dots`` (class, x and y of each) and ``text``.
    """
    found = []
    for day in moments(dataset):
        if (known := situations(dataset, day)) is not None:
            arrays = [_array(one, _counts(known[one.position])) for one in schedules]
            found.append({"when": in_words(day), "arrays": arrays})
    return found


def in_words(day):
    """`4 weeks`, `10 days`."""
    weeks = day / WEEK
    return f"{weeks:g} weeks" if weeks == round(weeks) and weeks > 1 else f"{day:g} days"


def _counts(found):
    """Of 100: free of pain, in relief with some pain, alive without, died."""
    return found.free_of_pain, found.relief - found.free_of_pain, found.no_relief, found.died


def _array(schedule, counts):
    merged = (counts[0], counts[1], counts[2] + counts[3])
    return {
        "schedule": schedule,
        "clinician": _picture(CLINICIAN_KINDS, counts, "clinician"),
        "patient": _picture(PATIENT_KINDS, merged, "patient"),
    }


def _picture(kinds, counts, reader):
    shown = [(kind, count) for kind, count in zip(kinds, counts, strict=True) if count]
    classes = [kind.css for kind, count in shown for _ in range(count)]
    dots = [(css, 10 * (i % COLUMNS) + 5, 10 * (i // COLUMNS) + 5) for i, css in enumerate(classes)]
    named = [(kind.css, getattr(kind, reader), count) for kind, count in zip(kinds, counts, strict=True)]
    return {"counts": named, "dots": dots, "text": ", ".join(f"{count} {name}" for _, name, count in named)}
