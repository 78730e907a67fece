"""What a case is."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """One command on some files, in a folder of its own.

    Attributes
    ----------
    arguments : list of str
        The command line.
    files : dict of str to bytes
        Inputs by name.
    outputs : tuple of str
        What the command may write.
    expected : {'any', 'refused', 'accepted'}
        What is known of the outcome beforehand.
    round_trip : str or None
        Configuration that `show` must give back if `check` accepts it.
    stdin : bytes
        Standard input.
    """

    arguments: list
    files: dict
    outputs: tuple = ()
    expected: str = "any"
    round_trip: str | None = None
    stdin: bytes = b""
