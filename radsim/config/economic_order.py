"""States keep their order: no pain is worth at least as much as mild, mild as moderate, moderate as severe pain.

An event or nearness to death takes away from a state, and nothing takes away less than nothing: their losses are from 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from radsim.config.economic_items import PAIN_LEVELS
from radsim.config.faults import Expected


def pain_faults(levels: Sequence[float], *, anchored: bool) -> list[tuple[str, str, str]]:
    """What is wrong with the order of the pain levels.

    Parameters
    ----------
    levels : sequence of float, shape (level,)
        Utilities of `PAIN_LEVELS`, or what each loses against no pain. [1]
    anchored : bool
        Whether they are losses.

    Returns
    -------
    list of (str, str, str)
        Level, what was expected of it, what was found.
    """
    faults = []
    for i, (level, value) in enumerate(zip(PAIN_LEVELS, levels, strict=True)):
        before = levels[i - 1] if i else 0.0
        if anchored and i == 0 and value != 0:
            faults.append((level, "0 (what the others are measured against)", f"{value:g}"))
        elif anchored and i and not before <= value < 1:
            faults.append((level, f"a decrement from {before:g} to below 1", f"{value:g}"))
        elif not anchored and i and value > before:
            faults.append((level, f"at most {before:g}, that of pain level {PAIN_LEVELS[i - 1]}", f"{value:g}"))
    return faults


def order_faults(economics) -> list[Expected]:
    """What is wrong with the order of the pain levels of a section `economics`, its own `values` in the place of the set's."""
    from radsim.config.economic_sets import utility_set

    utilities = utility_set(economics)
    names = [f"utility.pain.{level}" for level in PAIN_LEVELS]
    levels = [
        economics.values.get(name, getattr(utilities.pain, level).value)
        for name, level in zip(names, PAIN_LEVELS, strict=True)
    ]
    faults = []
    for level, text, found in pain_faults(levels, anchored=utilities.anchor is not None):
        at = PAIN_LEVELS.index(level)
        given = [name for name in (names[at], names[at - 1]) if name in economics.values] or ["utilities"]
        path = ("values", given[0]) if given[0] in economics.values else ("utilities",)
        said = text if given[0] in (names[at], "utilities") else f"a value that leaves {names[at]} {text}"
        faults.append(Expected(said, found=found, path=path))
    return faults
