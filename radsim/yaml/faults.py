"""What is wrong with a file, where, and what it should have been."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from radsim.printable import did_you_mean, listed, one_line

LONGEST_FOUND = 60


class Fault(NamedTuple):
    """One fault of a file, printed as ``file:line: path: expected X, found Y``.

    Parameters
    ----------
    file : str
        Base name of the file.
    line : int or None
        Line number, from 1; None where the source has no lines (a mapping, an override, a Parquet file).
    path : str
        Dotted path of the value, such as ``schedules[2].dose_gy``; empty for the file as a whole.
    expected, found : str
        What is allowed, and what stood there.
    """

    file: str
    line: int | None
    path: str
    expected: str
    found: str

    def __str__(self):
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        path = f"{self.path}: " if self.path else ""
        return one_line(f"{where}: {path}expected {self.expected}, found {self.found}")


class ConfigError(ValueError):
    """A configuration, population or cohort file that cannot be used; its text has one line per fault, and no more than are read.

    Parameters
    ----------
    faults : iterable of Fault
        All the faults found, in the order of the file.
    """

    def __init__(self, faults: Iterable[Fault]):
        self.faults = list(faults)
        super().__init__(listed(self.faults))


class Expected(ValueError):
    """Raised by a validator: what was allowed; ``path`` and ``found`` name a part of the value."""

    def __init__(self, expected: str, *, found: str | None = None, path: tuple = ()):
        self.details = [(path, expected, found)]
        super().__init__(expected)

    @classmethod
    def together(cls, errors: list[Expected]) -> Expected:
        """Join several faults of one value into one error."""
        joined = cls("; ".join(str(error) for error in errors))
        joined.details = [detail for error in errors for detail in error.details]
        return joined


def dotted(path: tuple) -> str:
    """Write a path of keys and positions as ``schedules[2].dose_gy``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def describe(value: Any) -> str:
    """Say in a few words what a value is, for the ``found`` of a fault."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool | int | float) else repr(value)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= LONGEST_FOUND else text[: LONGEST_FOUND - 1] + "…"


def a_known(what: str, word: str, known: Iterable[str]) -> str:
    """Phrase "one of these" for a misspelt word: the nearest of the known ones first."""
    known = list(known)
    return f"{what}: {', '.join(known)}{did_you_mean(word, known)}"
