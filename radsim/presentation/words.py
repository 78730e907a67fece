"""Words and lists as every part that speaks to people puts them."""

from __future__ import annotations


def listed(items, *, last="and"):
    """`a`, `a and b`, `a, b and c`; nothing of nothing."""
    items = [str(item) for item in items]
    return f" {last} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def capital(text):
    """A text with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]
