"""Text and numbers that any reader takes: control characters written out, so that none acts on a terminal; null for NaN in JSON."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for tab and line feed, those that change the direction of letters, and bytes that are no UTF-8."""

BREAKS = re.compile("[\t\n]")

MOST_LISTED = 50


def visible(text):
    """A text with its control characters written as JSON and YAML write them: ``\\u001b``. Line feeds and tabs stay."""
    return CONTROL.sub(_escape, text)


def one_line(text):
    """As `visible`, line feeds and tabs too: a name cannot pass for a line of ours."""
    return BREAKS.sub(_escape, visible(text))


def listed(faults):
    """The text of many faults: a line each, and one that counts those beyond `MOST_LISTED`.

    Parameters
    ----------
    faults : iterable
        Texts, or what has one.

    Returns
    -------
    str
    """
    lines = [str(fault) for fault in faults]
    more = [f"and {len(lines) - MOST_LISTED:,} more"] if len(lines) > MOST_LISTED else []
    return "\n".join([*lines[:MOST_LISTED], *more])


def did_you_mean(word, known):
    """The nearest of the known words as a hint for a misspelt one; nothing if none is near."""
    from difflib import get_close_matches  # only a fault pays for it

    near = get_close_matches(str(word), known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def without_nan(value):
    """A JSON value with null for every number that is not finite."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value


def _escape(found):
    return f"\\u{ord(found[0]):04x}"
