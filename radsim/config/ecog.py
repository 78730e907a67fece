"""ECOG performance status, read beside Karnofsky: what a grade is taken as, and which Karnofsky contradicts it."""

from __future__ import annotations

import functools
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from radsim.yaml.faults import Expected
from radsim.yaml.fields import check_probabilities
from radsim.yaml.packaged import read_packaged

GRADES = ("0", "1", "2", "3", "4")
TEXT = "a grade from 0 to 4"


class Levels(NamedTuple):
    """Values of a numeric covariate, each with its probability."""

    values: tuple[float, ...]
    shares: tuple[float, ...]


@functools.cache
def _table():
    return read_packaged("patients.yaml")["ecog"]


def read_grade(value: object) -> str:
    """The grade that a number or text names, as text.

    Parameters
    ----------
    value : int, float or str

    Raises
    ------
    Expected
        If it is none; 5 is death.
    """
    text = f"{value:g}" if isinstance(value, float) else str(value).strip()
    grade = text.removesuffix(".0")
    if isinstance(value, bool) or grade not in GRADES:
        raise Expected(TEXT)
    return grade


def _check(value):
    """One grade as a whole number, or ``{grade: probability}``."""
    if isinstance(value, dict):
        return check_probabilities(value, read_grade)
    if not isinstance(value, int | float):
        raise Expected(f"{TEXT}, or {{grade: probability}}")
    try:
        return int(read_grade(value))
    except Expected:
        raise Expected(f"{TEXT}, or {{grade: probability}}") from None


_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
Ecog = Annotated[
    int | dict[str, float],
    BeforeValidator(_check),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [0, 1, 2, 3, 4]},
                {
                    "type": "object",
                    "properties": dict.fromkeys(GRADES, _PROBABILITY),
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""A grade, or ``{grade: probability}``."""


def karnofsky(ecog: int | dict[str, float]) -> float | Levels:
    """What is taken as the Karnofsky index of a grade, or of a distribution of grades."""
    if isinstance(ecog, dict):
        return Levels(tuple(_taken_as(grade) for grade in ecog), tuple(ecog.values()))
    return _taken_as(str(ecog))


def accepted(ecog: str) -> tuple[float, float]:
    """The lowest and highest Karnofsky index that does not contradict a grade."""
    low, high = _table()["grades"][ecog]["accepted"]
    return float(low), float(high)


def what_is_said(ecog) -> str:
    """`ECOG 2 is taken as Karnofsky 65 (Ma 2010)`, of one grade, a distribution, or several grades.

    Parameters
    ----------
    ecog : int, dict of str to float, or iterable of str
    """
    grades = [str(ecog)] if isinstance(ecog, int) else sorted(ecog)
    pairs = ", ".join(f"{grade} is taken as Karnofsky {_taken_as(grade):g}" for grade in grades)
    return f"ECOG {pairs} ({_table()['cite']})"


def source() -> str:
    """Where the table comes from."""
    return _table()["source"]


def _taken_as(grade):
    return float(_table()["grades"][grade]["karnofsky"])
