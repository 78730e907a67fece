"""Figures as files: whole or not at all, the same bytes for the same data, and with words for those who do not see them."""

from __future__ import annotations

import io
import re
import warnings
from html import escape

from radsim.figures.style import settings

FORMATS = ("png", "svg", "pdf")
DPI = 150
NO_DATE = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "pdf": {"CreationDate": None},
}
"""What would differ from day to day or say more than the figure."""


def figure_bytes(figure, form, *, dpi=DPI, title="", description="", prefix=""):
    """A figure as the bytes of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    form : str
        One of `FORMATS`.
    dpi : int
        Dots per inch, of a png.
    title, description : str
        For those who do not see it; in svg elements `title` and `desc`, in pdf and png metadata.
    prefix : str
        In svg, put before every id, so that several figures can stand on one page.

    Returns
    -------
    bytes
    """
    content = io.BytesIO()
    with settings(), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=r"Glyph .* missing from font"
        )  # a name in a script that our font lacks
        figure.savefig(content, format=form, dpi=dpi, metadata=NO_DATE[form] | _words(form, title, description))
    if form != "svg":
        return content.getvalue()
    return accessible_svg(
        content.getvalue().decode("utf-8"), title=title, description=description, prefix=prefix
    ).encode("utf-8")


def _words(form, title, description):
    if form == "pdf":
        return {"Title": title or None, "Subject": description or None}
    return {"Title": title, "Description": description} if form == "png" and title else {}


def accessible_svg(svg, *, title, description, prefix):
    """An svg with role, title and description, and with ids of its own."""
    svg = numbered_clips(svg)
    if prefix:
        svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
        svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, count=1, flags=re.DOTALL)
    if not title:
        return svg
    name = f"{prefix}-" if prefix else ""
    words = f'<title id="{name}title">{escape(title)}</title>\n <desc id="{name}desc">{escape(description)}</desc>'
    labels = f'role="img" aria-labelledby="{name}title {name}desc"'
    return re.sub(r"<svg ([^>]*)>", lambda tag: f"<svg {labels} {tag[1]}>\n {words}", svg, count=1)


def numbered_clips(svg):
    """An svg whose clip paths are named by number.

    matplotlib names them after the last bits of coordinates, which the solver of the layout leaves to chance.
    """
    for number, name in enumerate(re.findall(r'<clipPath id="([^"]+)"', svg), start=1):
        svg = svg.replace(f'"{name}"', f'"clip{number}"').replace(f"(#{name})", f"(#clip{number})")
    return svg


def inline_svg(svg):
    """An svg without what only a file of its own may begin with."""
    return svg[svg.index("<svg ") :].rstrip() + "\n"
