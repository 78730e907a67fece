"""The pictures of a page: a hundred patients as a hundred dots, and the figures as inline SVG in the page's own ink and paper."""

from __future__ import annotations

import re
from typing import NamedTuple

from radsim.outcomes import format
from radsim.outcomes.catalogue import WEEK
from radsim.outcomes.estimates import nearest_time
from radsim.outcomes.frequencies import situations

DOT_DAYS = (4 * WEEK, 12 * WEEK)
"""Days at which dots are drawn. [d]"""
COLUMNS = 10
INK, PAPER = ("#000000", "#1a1a1a", "#404040", "black"), ("#ffffff", "white")
"""Colours of the drawing's text and ground; in the page they follow the reader's light or dark."""
SIZE = (7.0, 4.3)
"""Width and height. [inch]"""
OPENING = re.compile(r"<svg\b[^>]*>")
FIXED_SIZE = re.compile(r'\s(?:width|height)="[^"]*"')


class Dot(NamedTuple):
    """One kind of dot: its class in the page, and what it stands for, for both readers."""

    css: str
    clinician: str
    patient: str


FREE = Dot("free", "alive, free of pain", "no pain at all at this spot")
RELIEF = Dot("relief", "alive, in relief", "clearly less pain")
WITHOUT = Dot("without", "alive, no relief", "")
DIED = Dot("died", "died", "")
OTHER = Dot("without", "", "not less pain, or no longer alive")
"""A patient's picture does not single out the dead: what it says is whether pain gets better. Survival is told apart, for who asks."""


def hundreds(dataset, schedules):
    """A hundred patients under each schedule at weeks 4 and 12, or at the last time looked at.

    Returns
    -------
    list of dict
        One a day: ``when`` and ``arrays``, one a schedule with ``schedule``, ``clinician`` and ``patient``; each of the two with
        ``counts`` (class, name and number of each kind, summing to 100), ``dots`` (class, x and y of each) and ``text``.
    """
    times = [float(day) for day in dataset["time"].values] if dataset.sizes.get("time", 0) else []
    near = [times[i] for day in DOT_DAYS if (i := nearest_time(dataset["time"].values, day)) is not None]
    found = [(day, known) for day in near or times[-1:] if (known := situations(dataset, day)) is not None]
    return [
        {"when": format.time(day), "arrays": [_array(one, known[one.position]) for one in schedules]}
        for day, known in found
    ]


def _array(schedule, found):
    some = found.relief - found.free_of_pain
    clinician = {FREE: found.free_of_pain, RELIEF: some, WITHOUT: found.no_relief, DIED: found.died}
    patient = {FREE: found.free_of_pain, RELIEF: some, OTHER: found.no_relief + found.died}
    return {"schedule": schedule, "clinician": _dots(clinician, "clinician"), "patient": _dots(patient, "patient")}


def _dots(numbers, reader):
    classes = [dot.css for dot, n in numbers.items() for _ in range(n)]
    named = [(dot.css, getattr(dot, reader), n) for dot, n in numbers.items()]
    return {
        "counts": named,
        "dots": [(css, 10 * (i % COLUMNS) + 5, 10 * (i // COLUMNS) + 5) for i, css in enumerate(classes)],
        "text": ", ".join(f"{n} {name}" for _, name, n in named),
    }


class Picture(NamedTuple):
    """A figure ready for the page.

    Attributes
    ----------
    kind : str
        Key of `radsim.figures.FIGURES`.
    svg : Markup
        One `<svg role="img">` with a title and a description.
    caption, patient : str
        What it shows, for both readers; the second is empty where a patient is not shown it.
    text : str
        What it says, for those who do not see it.
    """

    kind: str
    svg: object
    caption: str
    patient: str
    text: str


def kinds_of(page):
    """Kinds of figures that stand in a part of the report, in order."""
    from radsim.figures import FIGURES

    return [name for name, kind in FIGURES.items() if kind.page == page]


def pictures(source, kinds, *, prefix="", caption="", **choice):
    """The figures that a source allows; those kinds for which it lacks something are left out.

    Parameters
    ----------
    source : xarray.Dataset or dict
        As `radsim.figures.draw` takes.
    kinds : sequence of str
    prefix : str
        Of every id, where the same kind stands twice on a page.
    caption : str
        Instead of the kind's own, for the same reason.
    **choice
        As `radsim.figures.draw` takes.

    Returns
    -------
    list of Picture
    """
    from markupsafe import Markup

    from radsim.figures import FIGURES, alt_text, figure_svg, missing
    from radsim.presentation.words import capital

    return [
        Picture(
            kind, Markup(in_the_page(figure_svg(kind, source, prefix=f"{prefix}{kind}", size=SIZE, **choice))),
            capital(caption or FIGURES[kind].summary), FIGURES[kind].for_patients, alt_text(kind, source, **choice),
        )
        for kind in kinds if not missing(kind, source)
    ]  # fmt: skip


def in_the_page(svg):
    """A drawing without a size of its own, its black and white those of the page."""
    opening = OPENING.search(svg)[0]
    svg = svg.replace(opening, FIXED_SIZE.sub("", opening), 1)
    for colours, variable in ((INK, "var(--ink)"), (PAPER, "var(--card)")):
        svg = re.sub(rf"\b(fill|stroke): ?(?:{'|'.join(colours)})\b", rf"\1: {variable}", svg, flags=re.IGNORECASE)
    return svg
