"""The figures of a page: inline SVG with its own description, in the page's own ink and paper."""

from __future__ import annotations

import re
from typing import NamedTuple

INK, PAPER = ("#000000", "#1a1a1a", "#404040", "black"), ("#ffffff", "white")
"""Colours of the drawing's text and ground; in the page they follow the reader's light or dark."""

SIZE = (7.0, 4.3)
"""Width and height. [inch]"""

OPENING = re.compile(r"<svg\b[^>]*>")
FIXED_SIZE = re.compile(r'\s(?:width|height)="[^"]*"')


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
    """The figures that a source allows.

    Parameters
    ----------
    source : xarray.Dataset or dict
        As `radsim.figures.draw` takes.
    kinds : sequence of str
        Kinds wanted; those for which the source lacks something are left out.
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
    from radsim.figures import FIGURES, missing

    return [
        _picture(kind, source, prefix, caption, choice) for kind in kinds if kind in FIGURES and not missing(kind, source)
    ]  # fmt: skip


def _picture(kind, source, prefix, caption, choice):
    from markupsafe import Markup

    from radsim.figures import FIGURES, alt_text, figure_svg

    text = alt_text(kind, source, **choice)
    svg = figure_svg(kind, source, prefix=f"{prefix}{kind}", size=SIZE, **choice)
    caption = caption or FIGURES[kind].summary
    return Picture(kind, Markup(in_the_page(svg)), caption[:1].upper() + caption[1:], FIGURES[kind].for_patients, text)


def in_the_page(svg):
    """A drawing without a size of its own, its black and white those of the page."""
    opening = OPENING.search(svg)[0]
    svg = svg.replace(opening, FIXED_SIZE.sub("", opening), 1)
    for colours, variable in ((INK, "var(--ink)"), (PAPER, "var(--card)")):
        for colour in colours:
            svg = re.sub(rf"\b(fill|stroke): ?{colour}\b", rf"\1: {variable}", svg, flags=re.IGNORECASE)
    return svg
