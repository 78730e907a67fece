"""Figures: one function each, from a result to a `matplotlib.figure.Figure`, without windows and without pyplot.

>>> from radsim.figures import draw, alt_text  # doctest: +SKIP
>>> figure = draw("pain", dataset)  # doctest: +SKIP
>>> figure.savefig("pain.png")  # doctest: +SKIP
"""

from __future__ import annotations

import contextlib

from radsim.figures.registry import ANALYSIS, FIGURES, PATIENTS, RESULT, SOURCES, SWEEP, VALIDATION
from radsim.storage import UsageFault

__all__ = ["FIGURES", "alt_text", "draw", "figure_svg", "missing", "write_figure"]

SIZE = (7.0, 4.5)


def draw(kind, source, *, size=SIZE, subgroup=None, schedules=None, scenario=None, **options):
    """Draw a figure.

    Parameters
    ----------
    kind : str
        Key of `FIGURES`.
    source : xarray.Dataset or dict
        A result, or the document of `validate --json` or `cea --json`, as the kind needs.
    size : tuple of float
        Width and height; some figures grow with what they show. [inch]
    subgroup, schedules, scenario : optional
        What of the result is shown; all patients and schedules by default.
    **options
        Of the kind: see `FIGURES[kind].options`. None is not given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    UsageFault
        If the source lacks what the kind needs, or matplotlib is not installed.
    """
    import warnings

    from radsim.figures.style import settings

    entry = _entry(kind)
    chosen = _chosen(kind, source, subgroup=subgroup, schedules=schedules, scenario=scenario, options=options)
    with settings(), warnings.catch_warnings(), _told_of_form(entry, source):
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        return entry.function("draw")(*chosen[0], size=tuple(size), **chosen[1])


def alt_text(kind, source, *, subgroup=None, schedules=None, scenario=None, **options):
    """What a figure shows, with its main figures, in a sentence for those who do not see it; arguments as of `draw`."""
    chosen = _chosen(kind, source, subgroup=subgroup, schedules=schedules, scenario=scenario, options=options)
    with _told_of_form(_entry(kind), source):
        return " ".join(_entry(kind).function("describe")(*chosen[0], **chosen[1]).split())


def missing(kind, source):
    """What a source lacks for a kind of figure.

    Returns
    -------
    str
        In words, beginning with `needs`; empty if nothing is missing.
    """
    entry, source = _entry(kind), _plain(source)
    if not isinstance(source, dict):
        return _missing_of_dataset(entry, source)
    if entry.source == ANALYSIS:
        return "" if source.get(entry.part[0]) else f"needs {SOURCES[ANALYSIS]} with `{entry.part[0]}`: {entry.part[1]}"
    if entry.source != VALIDATION or not {"rows", "contrasts"} <= set(source):
        return f"needs {SOURCES[entry.source]}"
    from radsim.figures.forest import missing_rows

    with _told_of_form(entry, source):
        return missing_rows(source, **entry.fixed)


@contextlib.contextmanager
def _told_of_form(entry, source):
    """A document comes from outside: whatever it lacks, or holds in another form than we write, is its fault."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError) as error:
        if not isinstance(_plain(source), dict):
            raise
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"[:80]
        raise UsageFault(f"needs {SOURCES[entry.source]}, found one of another form ({what})") from error


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
    from radsim.figures.output import figure_bytes, inline_svg

    words = alt_text(kind, source, **{key: value for key, value in choice.items() if key != "size"})
    figure = draw(kind, source, **choice)
    title = FIGURES[kind].summary.capitalize()
    return inline_svg(
        figure_bytes(figure, "svg", title=title, description=words, prefix=prefix or kind).decode("utf-8")
    )


def write_figure(figure, path, *, force, dpi=None, title="", description=""):
    """Write a figure whole or not at all; its type follows from the name.

    Raises
    ------
    UsageFault
        If the type is not one we write, or the file exists and may not be replaced.
    """
    from radsim.figures.output import DPI, figure_bytes
    from radsim.storage import write_bytes

    content = figure_bytes(figure, figure_format(path), dpi=dpi or DPI, title=title, description=description)
    write_bytes(content, path, force=force)


def figure_format(path):
    """`png`, `svg` or `pdf` by the end of a name; UsageFault for another."""
    from radsim.figures.output import FORMATS

    ending = str(path).lower().rpartition(".")[2]
    if "." not in str(path) or ending not in FORMATS:
        raise UsageFault(f"{path}: expected a name that ends in {', '.join('.' + form for form in FORMATS)}")
    return ending


def _entry(kind):
    if kind not in FIGURES:
        raise UsageFault(f"kind: expected {', '.join(FIGURES)}, found {kind}")
    return FIGURES[kind]


def _plain(source):
    """A Dataset or a document: the document of an analysis object, the Dataset of `radsim.results.Results`."""
    if isinstance(source, dict) or hasattr(source, "isel"):
        return source
    return source.to_xarray() if hasattr(source, "data_vars") else source.to_dict()


def _chosen(kind, source, *, subgroup, schedules, scenario, options):
    """Arguments of the functions of a kind: positional and by name."""
    from radsim.figures.view import make_view

    entry, source = _entry(kind), _plain(source)
    fault = missing(kind, source)
    if fault:
        raise UsageFault(f"{kind}: {fault}")
    choice = {"subgroup": subgroup, "schedule": schedules, "scenario": scenario}
    given = {name: value for name, value in options.items() if value is not None}
    known = _options_of(entry, source)
    unknown = [name for name, value in {**choice, **given}.items() if value is not None and name not in known]
    if unknown:
        raise UsageFault(
            f"--{unknown[0]}: not an option of {kind}, which has {', '.join(f'--{name}' for name in known) or 'none'}"
        )
    given |= entry.fixed
    if entry.source == SWEEP:
        return (source,), {**given, "schedules": schedules, "subgroup": subgroup}
    if isinstance(source, dict):
        return (source,), given
    view = make_view(source, subgroup=subgroup, schedules=schedules, scenario=scenario)
    return (view.dataset if entry.source == ANALYSIS else view,), given


def _options_of(entry, source):
    """Names of the options that a kind knows."""
    if isinstance(source, dict):
        return entry.options
    if entry.source == SWEEP:
        return ("subgroup", "schedule", *entry.options)
    return ("subgroup", "schedule", "scenario", *entry.options)


def _missing_of_dataset(entry, dataset):
    """What a result lacks, in words."""
    names = set(dataset.data_vars)
    if entry.source == SWEEP:
        return "" if "scenario" in dataset.sizes else f"needs {SOURCES[SWEEP]}"
    if entry.source == VALIDATION:
        return f"needs {SOURCES[VALIDATION]}"
    if entry.economics and not {"cost", "qalys"} <= names:
        return "needs economics: a configuration with the key `economics`"
    if entry.simulates:
        return f"needs {SOURCES[ANALYSIS]} with `{entry.part[0]}`: {entry.part[1]}"
    if entry.source == PATIENTS and "patient" not in dataset.sizes:
        return f"needs {SOURCES[PATIENTS]}"
    absent = [name for name in entry.variables if name not in names]
    if absent:
        is_patients = "patient" in dataset.sizes and entry.source == RESULT
        return f"needs {SOURCES[RESULT] if is_patients else ', '.join(absent)}"
    empty = [dim for dim in entry.dimensions if dataset.sizes.get(dim, 0) == 0]
    if empty:
        return f"needs {'times_days' if 'time' in empty else 'visits'} in the configuration, found none"
    if entry.draws > dataset.sizes.get("draw", 1) - 1:
        return f"needs at least {entry.draws} draws of the parameters: radsim run --draws"
    return ""
