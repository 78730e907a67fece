"""How figures look: one palette, one set of line styles, one way to set titles, axes and labels.

Colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any colour vision tell apart; line styles and
markers differ as well, so that a figure reads in grey.
"""

from __future__ import annotations

import textwrap

from radsim.extras import require

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's, without the yellow that vanishes on white."""
LINES = ("-", (0, (6, 2)), (0, (2, 1.2)), (0, (7, 2, 1.5, 2)), (0, (10, 3)), (0, (1, 1)), (0, (4, 1.5, 1, 1.5, 1, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
"""As many as make the combination of a colour, a line and a marker new for seventy schedules."""

GREY, PALE, INK = "#707070", "#D9D9D9", "#1A1A1A"
BAND_OPACITY = 0.16
TITLE_POINTS, TEXT_POINTS, NOTE_POINTS = 11.0, 9.0, 8.0
LETTER_WIDTH = 0.56
"""Mean width of a letter over the size of the type, rather too wide than too narrow."""
POINTS_PER_INCH = 72.0
EDGE_INCHES, GAP_INCHES = 0.07, 0.1
LEADER_FROM = 0.25
"""Lines of text by which a label may move without a leader."""
LONGEST_NAME = 24
"""Letters of a schedule's name that a label shows."""

OUTSIDE = -1
"""The style of a schedule that is beyond the limits of the spinal cord: it is drawn, but not as one choice among others."""

SETTINGS = {
    "font.family": ["DejaVu Sans"], "font.size": TEXT_POINTS, "text.parse_math": False, "text.color": INK,
    "axes.labelsize": TEXT_POINTS, "axes.titlesize": TEXT_POINTS, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.labelcolor": INK, "axes.edgecolor": GREY, "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False,
    "axes.unicode_minus": True, "xtick.labelsize": TEXT_POINTS, "ytick.labelsize": TEXT_POINTS, "xtick.color": INK, "ytick.color": INK,
    "lines.linewidth": 1.8, "lines.markersize": 5.0, "legend.frameon": False, "legend.fontsize": TEXT_POINTS,
    "figure.facecolor": "white", "savefig.facecolor": "white", "hatch.linewidth": 0.6,
    "svg.fonttype": "none", "svg.hashsalt": "radsim", "pdf.fonttype": 42,
}  # fmt: skip
"""Settings of matplotlib while a figure is drawn and written; a dollar sign in a name is a dollar sign."""


def settings():
    """Context in which figures are drawn and written; it leaves matplotlib's own settings as they were.

    Raises
    ------
    UsageFault
        If matplotlib is not installed.
    """
    return require("matplotlib", extra="plot").rc_context(SETTINGS)


def new_figure(size):
    """An empty figure of some width and height that belongs to no window and no global list. [inch]"""
    figure = require("matplotlib.figure", extra="plot").Figure(figsize=size, layout="constrained")
    require("matplotlib.backends.backend_agg", extra="plot").FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)
    return figure


def headings(figure, title, *notes):
    """A title above, a legend (if the figure has one) below it, and at the bottom what the reader must know.

    Text is wrapped to the width of the figure; what is left between belongs to the axes. Placed by hand: the layouts of matplotlib put
    a title and a legend outside the axes on top of each other.
    """
    width, height = figure.get_size_inches()
    left = EDGE_INCHES / width
    above, below = _wrapped(width, title, *notes)
    bold = {"va": "top", "fontsize": TITLE_POINTS, "fontweight": "bold"}
    small = {"va": "bottom", "fontsize": NOTE_POINTS, "color": "#404040"}
    texts = [figure.text(left, 1.0 - EDGE_INCHES / height, "\n".join(above), **bold)]
    texts += [figure.text(left, EDGE_INCHES / height, "\n".join(below), **small)]
    top = EDGE_INCHES + _inches(len(above), TITLE_POINTS)
    for key in figure.legends:
        key.set_loc("upper left")
        key.set_bbox_to_anchor((left, 1.0 - top / height), figure.transFigure)
        key.set_in_layout(False)
        top += key.get_window_extent(figure.canvas.get_renderer()).height / figure.dpi + GAP_INCHES
    bottom = EDGE_INCHES + _inches(len(below), NOTE_POINTS)
    figure.get_layout_engine().set(rect=(0.0, bottom / height, 1.0, 1.0 - (top + bottom) / height))
    for text in texts:
        text.set_in_layout(False)


def heading_inches(figure_width, title, *notes, legend_lines=0):
    """Height that headings take, for figures as high as their content. [inch]"""
    above, below = map(len, _wrapped(figure_width, title, *notes))
    return 2 * EDGE_INCHES + _inches(above, TITLE_POINTS) + _inches(below, NOTE_POINTS) + legend_lines * 0.22


def _wrapped(width, title, *notes):
    """Lines of the title and of the notes in a figure of this width."""
    text = " ".join(note for note in notes if note)
    return textwrap.wrap(title, _letters(width, TITLE_POINTS * 1.12)), textwrap.wrap(text, _letters(width, NOTE_POINTS))


def _inches(lines, points):
    """Height of lines of text and a gap."""
    return lines * points * 1.25 / POINTS_PER_INCH + GAP_INCHES if lines else 0.0


def panel_title(axes, text, inches):
    """A title above a panel of about this width, wrapped."""
    letters = max(8, _letters(inches, TEXT_POINTS * 1.1))
    axes.set_title("\n".join(textwrap.fill(line, letters) for line in text.split("\n")))


def panels_of(figure, n, *, across):
    """As many axes as wanted in rows, scales shared; the lowest of each column have numbers on their horizontal axis."""
    across = min(n, across)
    table = figure.subplots(-(-n // across), across, sharex=True, sharey=True, squeeze=False)
    for axes in table.ravel()[n:]:
        axes.remove()
    kept = list(table.ravel()[:n])
    for axes in kept[-across:]:
        axes.tick_params(axis="x", labelbottom=True)
    return kept


def _letters(inches, points):
    """Letters that fit on a line."""
    return max(20, int((inches - 0.2) * POINTS_PER_INCH / (points * LETTER_WIDTH)))


def colour(style):
    """Colour of the schedule at this position of the result; grey for `OUTSIDE`."""
    return GREY if style == OUTSIDE else COLOURS[style % len(COLOURS)]


def marker(style):
    """Marker of the schedule at this position of the result; a cross for `OUTSIDE`."""
    return "x" if style == OUTSIDE else MARKERS[style % len(MARKERS)]


def line_style(style):
    """Keyword arguments of a line with markers for the schedule at this position of the result; thin, dotted and without for `OUTSIDE`."""
    if style == OUTSIDE:
        return {"color": GREY, "linestyle": ":", "linewidth": 1.0}
    return {
        "color": colour(style),
        "linestyle": LINES[style % len(LINES)],
        "marker": marker(style),
        "markeredgecolor": "white",
        "markeredgewidth": 0.6,
    }


def draw_band(axes, x, low, high, style):
    """The area between two curves; nothing where they are unknown."""
    axes.fill_between(x, low, high, color=colour(style), alpha=BAND_OPACITY, linewidth=0)


def label_ends(axes, ends, *, leaders=True, lay_out=True):
    """Write names to the right of the axes at the height where lines end, apart from each other.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        With its limits set.
    ends : list of (float, str, int)
        Height in the units of the axis, text, position of the schedule for its colour.
    leaders : bool
        Whether a thin line leads from the end of a line to a label that had to move.
    lay_out : bool
        Whether to find out how high the axes are; once is enough for all panels of a figure.
    """
    ends = [end for end in ends if end[0] == end[0]]
    if not ends:
        return
    figure = axes.figure
    if lay_out:
        figure.draw_without_rendering()
    low, high = axes.get_ylim()
    per_line = (high - low) * TEXT_POINTS * 1.25 / (axes.get_window_extent().height * POINTS_PER_INCH / figure.dpi)
    ends = sorted(ends)
    sizes = [per_line * (1 + text.count("\n")) for _, text, _ in ends]
    heights = spread([y for y, _, _ in ends], sizes, low=low - per_line / 2.0, high=high + per_line / 2.0)
    across = axes.get_yaxis_transform()
    at = 1.04 if leaders else 1.02
    for (y, text, style), height in zip(ends, heights, strict=True):
        if leaders and abs(height - y) > LEADER_FROM * per_line:
            line = {"color": colour(style), "linewidth": 0.8, "clip_on": False, "gid": "leader"}
            axes.plot([1.008, 1.034], [y, height], transform=across, scalex=False, scaley=False, **line)
        axes.text(at, height, text, transform=across, color=colour(style), va="center", ha="left")


def spread(centres, sizes, *, low, high):
    """Centres of labels moved apart until none overlaps, as little as need be; `centres` rise, labels keep between `low` and `high`."""
    groups = []  # labels that touch: their positions, lower edge of the lowest, height together
    for i, (centre, size) in enumerate(zip(centres, sizes, strict=True)):
        groups.append(([i], max(centre - size / 2.0, low), size))
        while len(groups) > 1 and groups[-2][1] + groups[-2][2] > groups[-1][1]:
            (first, bottom, height), (second, other, more) = groups[-2:]
            weight = len(first) + len(second)
            middle = (len(first) * (bottom + height / 2.0) + len(second) * (other + more / 2.0)) / weight
            groups[-2:] = [(first + second, max(middle - (height + more) / 2.0, low), height + more)]
    ceiling, placed = high, {}
    for members, bottom, height in reversed(groups):
        at = max(min(bottom, ceiling - height), low)
        ceiling = at
        for i in members:
            placed[i] = at + sizes[i] / 2.0
            at += sizes[i]
    return [placed[i] for i in range(len(centres))]


def shown(name, longest=LONGEST_NAME):
    """A name in one line, its middle left out where it is too long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    if len(text) <= longest:
        return text
    tail = (longest - 1) // 3
    return f"{text[: longest - 1 - tail]}…{text[len(text) - tail :]}"


def shown_names(names, longest=LONGEST_NAME):
    """Names as `shown`, numbered where two would look the same."""
    texts = [shown(name, longest) for name in names]
    return [f"{text} ({i + 1})" if texts.count(text) > 1 else text for i, text in enumerate(texts)]


def legend(container, handles, names, **options):
    """A legend that shows every name as it is: matplotlib leaves out those that begin with an underscore."""
    made = container.legend(handles, ["x"] * len(handles), **{"borderpad": 0.0, "borderaxespad": 0.0} | options)
    for text, name in zip(made.get_texts(), names, strict=True):
        text.set_text(name)
    return made


def columns_of_legend(figure, names):
    """Columns into which the entries of a legend fit."""
    width = (max(map(len, names)) + 8) * TEXT_POINTS * LETTER_WIDTH / POINTS_PER_INCH
    return max(1, min(len(names), int((figure.get_figwidth() - 0.2) / width)))
