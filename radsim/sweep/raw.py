"""Raw sums: integers by course and draw, in one Zarr array for each number of schedules and of batches."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radsim.kernel.layout import ITEMS
from radsim.kernel.tables import Sums
from radsim.sums import empty_sums, n_batches

CHUNK_TRAJECTORIES = 2_500_000
"""Most trajectories of a chunk, about a second on two processors. Not a number of seconds: chunks are the same everywhere."""

MISSING = -1
"""Stands in every integer of a row that has not been simulated, or failed. The first integer of others counts patients."""

CHUNKS_KEPT = 4
GIVEN = "given_"
"""Start of the names of sums that stand by schedule; the others with schedules are differences along them."""


class RowForm(NamedTuple):
    """How `Sums` lie in one row of integers.

    Attributes
    ----------
    shapes : tuple of tuple of int
        Of each field of `Sums`, batch first.
    """

    shapes: tuple

    @property
    def sizes(self):
        """Integers of each field."""
        return tuple(int(np.prod(shape)) for shape in self.shapes)

    @property
    def length(self):
        """Integers in a row."""
        return sum(self.sizes)

    def sums(self, row):
        """A row as `Sums`, without copying; further axes may stand before the row's own."""
        parts = np.split(row, np.cumsum(self.sizes)[:-1], axis=-1)
        leading = row.shape[:-1]
        return Sums(*(part.reshape(*leading, *shape) for part, shape in zip(parts, self.shapes, strict=True)))


def row_form(study, batches, n_schedules=None):
    """The `RowForm` of a study whose patients fill some batches; with another number of schedules if given. Every item has a place: scenarios may differ in care."""
    if n_schedules is not None:
        config = study.config.model_copy(update={"schedules": study.config.schedules[:1] * n_schedules})
        study = replace(study, config=config)
    return RowForm(tuple(array.shape for array in empty_sums(study, batches=batches, columns=len(ITEMS))))


class RawArray:
    """The raw sums of some courses, shape (course, draw, integer).

    Parameters
    ----------
    array : zarr.Array
        Its attribute ``courses`` holds the identifiers along the first axis.
    path : pathlib.Path
        Its folder.
    """

    def __init__(self, array, path):
        self.array, self.path = array, path
        self.courses = list(array.attrs["courses"])
        self.index = {course: i for i, course in enumerate(self.courses)}
        self.cached = lru_cache(CHUNKS_KEPT)(self.read)

    @property
    def n_draws(self):
        """Draws, the base case included."""
        return self.array.shape[1]

    def places(self):
        """Places of the chunks along courses and draws."""
        sizes = zip((len(self.courses), self.n_draws), self.array.chunks, strict=False)
        return itertools.product(*(range(-(-size // step)) for size, step in sizes))

    def _extent(self, place):
        """Courses and draws of a chunk."""
        limits = len(self.courses), self.n_draws
        return tuple(
            slice(i * step, min((i + 1) * step, limit))
            for i, step, limit in zip(place, self.array.chunks, limits, strict=False)
        )

    def read(self, place):
        """Sums of a chunk, shape (course, draw, integer), `MISSING` where there are none yet; None if it is damaged."""
        extent = self._extent(place)
        if not self.file(place).exists():
            return np.full((*(part.stop - part.start for part in extent), self.array.shape[2]), MISSING)
        try:
            return self.array[extent]
        except Exception:  # whatever a decoder says of bytes that are not what was written
            return None

    def write(self, place, rows):
        """Write a chunk, whole or not at all."""
        self.array[self._extent(place)] = rows

    def file(self, place):
        """File of a chunk."""
        return self.path / ".".join(map(str, ("c", *place, 0)))

    def rows(self, course, draws):
        """Sums of a course in draws ``first`` … ``end - 1``, shape (draw, integer); None if one of them is missing."""
        c, d = self.array.chunks[:2]
        index, (first, end) = self.index[course], draws
        parts = []
        for j in range(first // d, (end - 1) // d + 1):
            chunk = self.cached((index // c, j))
            if chunk is None:
                return None
            parts.append(chunk[index % c, max(first - j * d, 0) : end - j * d])
        found = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return None if len(found) < end - first or (found[:, 0] == MISSING).any() else found


class RawSums:
    """The raw sums of the scenarios of a plan.

    Parameters
    ----------
    plan : Plan
    arrays : dict of str to RawArray
        By name, from `Store.raw`.
    study : Study
        Any of the sweep's: for the dimensions.
    """

    def __init__(self, plan, arrays, study):
        self.plan, self.arrays = plan, arrays
        self.form = lru_cache(None)(lambda n_schedules, batches: row_form(study, batches, n_schedules))

    def of(self, scenario, draws):
        """Sums of a scenario in some draws (first, and one after the last): rows of its form, shape (draw, integer).

        None if something of it has not been simulated, or failed.
        """
        course = self.plan.courses[scenario.key]
        array = self.arrays.get(array_name(course))
        rows = array.rows(course.id, draws) if array is not None and course.id in array.index else None
        if rows is None or course.schedules == scenario.schedules:
            return rows
        return self._chosen(rows, course, [course.schedules.index(schedule) for schedule in scenario.schedules])

    def _chosen(self, rows, course, positions):
        """Rows with some of the schedules of a course: differences are added up, chosen, and taken again."""
        batches = n_batches(course.n_patients)
        before, after = self.form(len(course.schedules), batches), self.form(len(positions), batches)
        found = np.empty((len(rows), after.length), np.int64)
        one, two = self.form(1, batches).shapes, self.form(2, batches).shapes
        fields = zip(Sums._fields, before.sums(rows), after.sums(found), one, two, strict=True)
        for name, source, target, shape_of_one, shape_of_two in fields:
            if shape_of_one == shape_of_two:  # the same under every schedule
                target[...] = source
            elif name.startswith(GIVEN):
                target[...] = source[:, :, :, positions]
            else:
                target[...] = np.diff(source.cumsum(axis=3)[:, :, :, positions], axis=3, prepend=0)
        return found


def array_name(course):
    """Name of the array that holds the sums of a course."""
    return f"{len(course.schedules)}x{n_batches(course.n_patients)}"
