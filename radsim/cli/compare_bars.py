"""A bar for each schedule: of 100 patients, how many are free of pain, have less pain, have no relief, or have died."""

from __future__ import annotations

import sys

import click

from radsim.cli.tables import is_terminal
from radsim.outcomes.frequencies import HUNDRED, largest_remainder
from radsim.presentation import cord
from radsim.printable import visible

BAR_MARKS = 50
LONGEST_NAME = 14

SEGMENTS = ("no pain", "less pain", "no relief", "died")
GLYPHS = {"utf-8": "█▓░·", "ascii": "#=-."}
COLOURS = ("blue", "cyan", "yellow", "bright_black")


def bar_lines(found, weeks):
    """A bar for each schedule at some week, and what the marks mean; no colour is needed to read them."""
    glyphs = GLYPHS["utf-8" if can_print(GLYPHS["utf-8"]) else "ascii"]
    width = min(max(len(visible(name)) for name in found.schedules), LONGEST_NAME)
    lines = [f"At {weeks} weeks, of 100 patients"]
    for name, each, verdict in zip(found.schedules, found.of_100[weeks], found.cord, strict=True):
        is_choice = verdict.verdict != cord.BEYOND
        drawn = bar(each, glyphs) if is_choice else f"no choice: {cord.WORDS[cord.BEYOND]}"
        lines.append(f"  {_short(visible(name)).ljust(width)}  {drawn}")
    legend = "   ".join(f"{glyph} {segment}" for glyph, segment in zip(glyphs, SEGMENTS, strict=True))
    return [*lines, f"  {legend}   (one mark = {HUNDRED // BAR_MARKS} patients)"]


def bar(situation, glyphs, *, marks=BAR_MARKS):
    """One bar: free of pain, other relief, alive without relief, died."""
    counts = (situation.free_of_pain, situation.relief - situation.free_of_pain, situation.no_relief, situation.died)
    parts = [glyph * n for glyph, n in zip(glyphs, largest_remainder(counts, total=marks), strict=True)]
    if is_terminal():
        parts = [click.style(part, fg=colour) for part, colour in zip(parts, COLOURS, strict=True)]
    return "".join(parts)


def can_print(text):
    """Whether stdout has the characters of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _short(name):
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."
