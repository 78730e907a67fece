"""Figures: one function each, from a result to a `matplotlib.figure.Figure`, without windows and without pyplot.

>>> from radsim.figures import draw, alt_text  # doctest: +SKIP
>>> figure = draw("pain", dataset)  # doctest: +SKIP
>>> figure.savefig("pain.png")  # doctest: +SKIP

To add a figure, write a module with a function that draws and one that describes, and a row in `registry`.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from html import escape

from radsim.figures.registry import ANALYSIS, FIGURES, SOURCES, SWEEP
from radsim.storage import UsageFault

__all__ = ["FIGURES", "alt_text", "draw", "figure_format", "figure_svg", "missing", "write_figure"]

SIZE = (7.0, 4.5)
DPI = 150
WITHOUT_DATE = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "pdf": {"CreationDate": None},
}
"""Types of file, and what of their metadata would differ from day to day or say more than the figure."""


def draw(kind, source, *, size=SIZE, **choice):
    """Draw a figure; see `radsim.plot`. ``choice``: schedules, subgroup, scenario, and the options of the kind."""
    from radsim.figures.style import settings

    arguments, options = _chosen(kind, source, **choice)
    with settings(), _without_glyph_warnings(), _faults_of_form(kind, source):
        return FIGURES[kind].function("draw")(*arguments, size=tuple(size), **options)


def alt_text(kind, source, **choice):
    """What a figure shows, with its main figures, in a sentence for those who do not see it; arguments as of `draw`."""
    arguments, options = _chosen(kind, source, **choice)
    with _faults_of_form(kind, source):
        return " ".join(FIGURES[kind].function("describe")(*arguments, **options).split())


def missing(kind, source):
    """What a source lacks for a kind of figure: words that begin with `needs`, empty if nothing is missing."""
    with _faults_of_form(kind, source):
        return _entry(kind).missing(_plain(source))


def figure_svg(kind, source, *, prefix="", **choice):
    """A figure as inline svg for a web page: text as text, accessible, ids with a prefix of their own.

    Parameters
    ----------
    kind, source
        As of `draw`.
    prefix : str
        Of every id; the kind by default.
    **choice
        As of `draw`.

    Returns
    -------
    str
        The element `svg`.
    """
    words = alt_text(kind, source, **{key: value for key, value in choice.items() if key != "size"})
    title = FIGURES[kind].summary.capitalize()
    content = _file_content(draw(kind, source, **choice), "svg", title=title, description=words, prefix=prefix or kind)
    svg = content.decode("utf-8")
    return svg[svg.index("<svg ") :].rstrip() + "\n"


def write_figure(figure, path, *, force, dpi=None, title="", description=""):
    """Write a figure whole or not at all; its type follows from the name.

    Raises
    ------
    UsageFault
        If the type is not one we write, or the file exists and may not be replaced.
    """
    from radsim.storage import write_bytes

    content = _file_content(figure, figure_format(path), dpi=dpi or DPI, title=title, description=description)
    write_bytes(content, path, force=force)


def figure_format(path):
    """`png`, `svg` or `pdf` by the end of a name; UsageFault for another."""
    ending = str(path).lower().rpartition(".")[2]
    if "." not in str(path) or ending not in WITHOUT_DATE:
        raise UsageFault(f"{path}: expected a name that ends in {', '.join('.' + form for form in WITHOUT_DATE)}")
    return ending


def accessible_svg(svg, *, title, description, prefix):
    """An svg with role, title and description, and with ids of its own.

    Clip paths are numbered: matplotlib names them after the last bits of coordinates, which differ from run to run.
    """
    for number, name in enumerate(re.findall(r'<clipPath id="([^"]+)"', svg), start=1):
        svg = svg.replace(f'"{name}"', f'"clip{number}"').replace(f"(#{name})", f"(#clip{number})")
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


def _file_content(figure, form, *, title, description, dpi=DPI, prefix=""):
    """A figure as the bytes of a file, the same for the same data; title and description for those who do not see it."""
    from radsim.figures.style import settings

    words = {
        "pdf": {"Title": title or None, "Subject": description or None},
        "png": {"Title": title, "Description": description} if title else {},
    }
    content = io.BytesIO()
    with settings(), _without_glyph_warnings():
        _settle(figure)
        figure.savefig(content, format=form, dpi=dpi, metadata=WITHOUT_DATE[form] | words.get(form, {}))
    if form != "svg":
        return content.getvalue()
    svg = content.getvalue().decode("utf-8")
    return accessible_svg(svg, title=title, description=description, prefix=prefix).encode("utf-8")


def _settle(figure):
    """Lay out once and round where the axes stand: the solver differs in the last bit from one time to the next, a file must not."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position([round(edge, 7) for edge in axes.get_position().bounds])


@contextlib.contextmanager
def _without_glyph_warnings():
    """A name may be in a script that our font lacks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


@contextlib.contextmanager
def _faults_of_form(kind, source):
    """A document comes from outside: whatever it lacks, or holds in another form than we write, is its fault."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError) as error:
        if not isinstance(_plain(source), dict):
            raise
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"[:80]
        raise UsageFault(f"needs {SOURCES[_entry(kind).source]}, found one of another form ({what})") from error


def _entry(kind):
    if kind not in FIGURES:
        raise UsageFault(f"kind: expected {', '.join(FIGURES)}, found {kind}")
    return FIGURES[kind]


def _plain(source):
    """A Dataset or a document: the document of an analysis object, the Dataset of `radsim.results.Results`."""
    if isinstance(source, dict) or hasattr(source, "isel"):
        return source
    return source.to_xarray() if hasattr(source, "data_vars") else source.to_dict()


def _chosen(kind, source, *, subgroup=None, schedules=None, scenario=None, **options):
    """Arguments of the functions of a kind: positional and by name."""
    from radsim.figures.view import make_view

    entry, source = _entry(kind), _plain(source)
    if fault := missing(kind, source):
        raise UsageFault(f"{kind}: {fault}")
    given = {name: value for name, value in options.items() if value is not None}
    known = entry.known_options(source)
    asked = {"subgroup": subgroup, "schedule": schedules, "scenario": scenario, **given}
    if unknown := [name for name, value in asked.items() if value is not None and name not in known]:
        has = ", ".join(f"--{name}" for name in known) or "none"
        raise UsageFault(f"--{unknown[0]}: not an option of {kind}, which has {has}")
    given |= entry.fixed
    if entry.source == SWEEP:
        return (source,), {**given, "schedules": schedules, "subgroup": subgroup}
    if isinstance(source, dict):
        return (source,), given
    view = make_view(source, subgroup=subgroup, schedules=schedules, scenario=scenario)
    return (view.dataset if entry.source == ANALYSIS else view,), given
