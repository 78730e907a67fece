"""Conditions of the rules: what may be asked of a patient, and whether it holds."""

from __future__ import annotations

from typing import NamedTuple

from radsim.care import KINDS
from radsim.config.covariates import CATEGORIES, COVARIATES, NO_YES, SCALES, read_category, value_text
from radsim.cord import VERDICTS
from radsim.yaml.faults import Expected, a_known

NONE = "none"
SAID = (
    "suspected_cord_compression",
    "impending_fracture",
    "complicated",
    "postoperative",
    "bleeding_risk",
    "infection",
)
"""What may be said of a patient beside the covariates: an emergency, a circumstance, what stands against a procedure."""

SAID_OR_NOT = (*SAID, "irradiated_before", "high_risk_femur", "nsaid_ruled_out")
"""What is yes or no of a patient beside the conditions that are covariates."""


def care_words(kind):
    """What may be known of a kind of care: which of it is given, or whether."""
    return (NONE, *choice(kind).options) if kind.option_sets else NO_YES


def choice(kind):
    """The setting that tells one of a kind of care from another, as its option on the command line does."""
    return next(setting for setting in kind.settings if setting.name == kind.option_sets)


WORDS = {
    **dict.fromkeys(SAID_OR_NOT, NO_YES),
    **{kind.switch: care_words(kind) for kind in KINDS},
    "cord": VERDICTS,
}
"""Facts beside the covariates that are one of several words."""

AMOUNTS = {"prognosis_weeks": (0.0, 5200.0)}
"""Facts beside the covariates that are numbers, with their limits."""

FACTS = (*(name for name in COVARIATES if not name.startswith("prior_")), *WORDS, *AMOUNTS)
"""All that a condition may ask."""

ENDS = ("from", "above", "to", "below")
OR_UNKNOWN = "or_unknown"


class Words(NamedTuple):
    """Holds where the fact is one of some words."""

    words: tuple[str, ...]

    def holds(self, found):
        """Whether it holds of a fact: a word, or the words that mean it."""
        known = {found} if isinstance(found, str) else set(found or ())
        return bool(known.intersection(self.words))


class Span(NamedTuple):
    """Holds where a number lies within limits; an end may be the name of a parameter, until `resolved`.

    Attributes
    ----------
    from_, above, to, below : float, str or None
        Ends: `from_` and `to` belong to the span, the others do not.
    or_unknown : bool
        Whether it holds where the number is not known, too.
    """

    from_: float | str | None = None
    above: float | str | None = None
    to: float | str | None = None
    below: float | str | None = None
    or_unknown: bool = False

    def holds(self, found):
        """Whether a number lies within; None where it is not known."""
        if found is None:
            return self.or_unknown
        return (
            isinstance(found, int | float)
            and (self.from_ is None or found >= self.from_)
            and (self.above is None or found > self.above)
            and (self.to is None or found <= self.to)
            and (self.below is None or found < self.below)
        )

    def resolved(self, values):
        """The same with the parameters' values."""
        return Span(*(values[end] if isinstance(end, str) else end for end in self))

    @property
    def parameters(self):
        """Names of the parameters that are ends."""
        return tuple(end for end in self if isinstance(end, str))


def read_condition(fact, value):
    """A condition on one fact.

    Parameters
    ----------
    fact : str
    value : object
        As it stands in the file.

    Returns
    -------
    Words or Span

    Raises
    ------
    Expected
        With what is allowed.
    """
    if fact not in FACTS:
        raise Expected(a_known("something known of a patient", str(fact), FACTS), found=str(fact))
    if fact in SCALES or fact in AMOUNTS:
        return _span(fact, value)
    listed = value if isinstance(value, tuple | list) else (value,)
    if not listed:
        raise Expected("at least one word")
    return Words(tuple(_word(fact, each) for each in listed))


def _word(fact, value):
    if fact in CATEGORIES:
        return read_category(fact, value) if isinstance(value, str) else _refuse(value_text(fact))
    return value if value in WORDS[fact] else _refuse(f"one of {', '.join(WORDS[fact])}")


def _span(fact, value):
    known = (*ENDS, OR_UNKNOWN)
    if not isinstance(value, dict) or not set(value) & set(ENDS) or set(value) - set(known):
        _refuse(f"a mapping of {', '.join(known)}")
    low, high = (SCALES[fact].low, SCALES[fact].high) if fact in SCALES else AMOUNTS[fact]
    for name, end in value.items():
        is_number = isinstance(end, int | float) and not isinstance(end, bool)
        if name == OR_UNKNOWN and end is True:
            continue
        if not isinstance(end, str) and not (is_number and low <= end <= high):
            raise Expected(
                f"a number from {low:g} to {high:g}, or the name of a parameter", path=(name,), found=str(end)
            )
    starts, stops = ([each for each in names if each in value] for names in (ENDS[:2], ENDS[2:]))
    if len(starts) > 1 or len(stops) > 1:
        _refuse("one of from and above, one of to and below")
    return Span(*(value.get(name) for name in ENDS), or_unknown=value.get(OR_UNKNOWN, False))


def _refuse(expected):
    raise Expected(expected)
