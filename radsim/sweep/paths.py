"""Paths into a configuration, as a sweep names them: ``cohort.karnofsky``, ``parameters.flare.probability``, ``schedules[1].dose_gy``."""

from __future__ import annotations

import re

from radsim.config import Schedule
from radsim.yaml.faults import Expected

STEP = re.compile(r"([^.\[\]]+)((?:\[[0-9]+\])*)")

DIMENSION_PATHS = ("draws", "times_days", "horizon_days", "observation.visits_weeks", "subgroups", "radsim")
"""What a sweep cannot vary: the size or the labels of a dimension follow from it, or how a configuration is read."""


def parse_path(text):
    """Split a path into keys and positions.

    Parameters
    ----------
    text : str
        Keys joined by dots, positions of a list in brackets; the names of `parameters` and `economics.values` hold dots themselves.

    Returns
    -------
    tuple of str and int

    Raises
    ------
    Expected
        If it is no path, or one that changes the dimensions of a result.

    Examples
    --------
    >>> parse_path("schedules[1].dose_gy")
    ('schedules', 1, 'dose_gy')
    """
    for dimension in DIMENSION_PATHS:
        if text == dimension or text.startswith((f"{dimension}.", f"{dimension}[")):
            raise Expected(
                f"a path that keeps the dimensions of a result (not {', '.join(DIMENSION_PATHS[:-1])})", found=text
            )
    if text.startswith("economics.values."):
        return "economics", "values", text.removeprefix("economics.values.")
    head, _, rest = text.partition(".")
    if head == "parameters" and rest:
        return head, rest
    parts = []
    for step in text.split("."):
        match = STEP.fullmatch(step)
        if not match:
            raise Expected("a path such as cohort.karnofsky, parameters.NAME or schedules[0].dose_gy", found=text)
        parts += [match[1], *(int(position) for position in re.findall(r"[0-9]+", match[2]))]
    return tuple(parts)


def overlap(first, second):
    """Whether two paths name the same value, or one a part of the other's."""
    n = min(len(first), len(second))
    return first[:n] == second[:n]


def replaced(data, path, value):
    """Plain data with the value at a path replaced; missing mappings on the way are made.

    Raises
    ------
    Expected
        If the path leads into a list where it has no such position, or into a single value.
    """
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        if not isinstance(data, tuple | list) or key >= len(data):
            length = len(data) if isinstance(data, tuple | list) else 0
            raise Expected(f"a position in a list of {length} (the first is 0)", found=f"[{key}]")
        return (*data[:key], replaced(_opened(data[key], rest), rest, value), *data[key + 1 :])
    if not isinstance(data, dict):
        raise Expected("a path into a mapping", found=f"{key}, below a single value")
    return {**data, key: replaced(data.get(key, {}), rest, value)}


def _opened(item, rest):
    """A schedule in its short form as a mapping, so that a part of it can be replaced; its name follows the parts."""
    if not (rest and isinstance(item, str)):
        return item
    schedule = Schedule.parse(item)
    if schedule.none:
        raise Expected("a schedule with doses", found=schedule.name)
    return {"dose_gy": schedule.dose_gy, "fractions": schedule.fractions, "technique": schedule.technique}
