"""Another look at what seems slower: a machine may be busy for a while, a slower program stays slower."""

from __future__ import annotations

from radsim.bench.compare import compare, slower
from radsim.bench.measure import FULL, measure_again

MORE_LOOKS = 2


def confirm(old, new, *, max_slowdown, effort=FULL, tell=None):
    """Measure again what is slower than before, and keep the lowest ratio of each.

    Parameters
    ----------
    old, new : dict
        Documents of `measure`; the measures of ``new`` are replaced in place.
    max_slowdown : float
        As for `compare`. [1]
    effort : Effort, optional
        How often everything is repeated.
    tell : callable, optional
        Called with a line of text before each look.
    """
    for _ in range(MORE_LOOKS):
        doubtful = slower(compare(old, new, max_slowdown=max_slowdown))
        if not doubtful:
            return
        if tell is not None:
            tell(f"measuring again: {', '.join(doubtful)}")
        _replace_by_lower(new["measures"], _look_again(doubtful, new, effort))


def _look_again(names, document, effort):
    found = {}
    for name in names:
        if name not in found:  # measures that come together are measured together
            found |= measure_again(name, document, effort=effort)
    return found


def _replace_by_lower(measures, found):
    for name, entry in found.items():
        if entry["ratio"] < measures[name]["ratio"]:
            measures[name] = entry
