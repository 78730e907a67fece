"""What is played, cut into units: some patients of a play in one draw, under its schedules. One row of raw sums each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.kernel.tables import BLOCK_SIZE, Sums
from radsim.sums import empty_sums, n_batches
from radsim.sweep.canonical import canonical

CHUNK_LIVES = 2_500_000
"""Most lives of a chunk, about a second on two processors. A number of lives, not of seconds: chunks are the same everywhere."""

CHUNK_BYTES = 16 * 2**20
"""No chunk is larger, however few the lives behind it: memory that is touched for the first time costs more than what is put there."""

UNITS_A_CHUNK = 16
"""A unit is at most this part of a chunk, so that there is work for every processor."""

PLAYS_SIDE_BY_SIDE = 16
"""Plays of a chunk that go through draws and patients together: those of one cohort then enrol them once."""

MOST_SCHEDULES_A_PLAY = 12  # sums grow with the schedules


class Play(NamedTuple):
    """Schedules to play for all scenarios of a key."""

    key: str
    schedules: tuple


class Unit(NamedTuple):
    """Patients ``first`` … ``last - 1`` of a play in one draw."""

    play: Play
    draw: int
    first: int
    last: int


class Segment(NamedTuple):
    """Plays that are stored together: every play in every draw, its patients in parts; all with as many schedules.

    Attributes
    ----------
    plays : tuple of Play
    draws, patients : tuple of int
        First, and one after the last.
    part_size : int
        Patients of a unit; the last may have fewer.
    chunk_units : int
        Units of a chunk.
    n_batches : int
        Batches of patients in a row: as many as there are up to the last patient.
    """

    plays: tuple
    draws: tuple
    patients: tuple
    part_size: int
    chunk_units: int
    n_batches: int

    @property
    def n_schedules(self):
        """Schedules of each of its plays."""
        return len(self.plays[0].schedules)

    @property
    def n_draws(self):
        return self.draws[1] - self.draws[0]

    @property
    def edges(self):
        """First patient of each part, and one after the last."""
        first, last = self.patients
        later = range((first // self.part_size + 1) * self.part_size, last, self.part_size)
        return (first, *later, last)

    @property
    def n_parts(self):
        return len(self.edges) - 1

    @property
    def n_units(self):
        return len(self.plays) * self.n_draws * self.n_parts

    @property
    def n_chunks(self):
        return -(-self.n_units // self.chunk_units)

    def chunk(self, c):
        """Numbers of the units of a chunk."""
        return range(c * self.chunk_units, min((c + 1) * self.chunk_units, self.n_units))

    def in_turn(self, units):
        """Numbers of units in the order in which they are best played: some plays, in them draws, in them parts."""
        a_play = self.n_draws * self.n_parts
        return sorted(units, key=lambda i: (i // a_play // PLAYS_SIDE_BY_SIDE, i % a_play, i))

    def unit(self, i):
        """The unit of a number: plays, in them draws, in them parts."""
        rest, part = divmod(i, self.n_parts)
        play, draw = divmod(rest, self.n_draws)
        edges = self.edges
        return Unit(self.plays[play], self.draws[0] + draw, edges[part], edges[part + 1])

    def units_of(self, play, first, end):
        """Numbers of the units of a play, by its number, in draws ``first`` … ``end - 1``: a range, draw by draw."""
        start = play * self.n_draws - self.draws[0]
        return range((start + first) * self.n_parts, (start + end) * self.n_parts)


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
        return tuple(int(np.prod(shape)) for shape in self.shapes)

    @property
    def length(self):
        return sum(self.sizes)

    def sums(self, row):
        """A row as `Sums`, without copying; further axes may stand before the row's own."""
        parts = np.split(row, np.cumsum(self.sizes)[:-1], axis=-1)
        leading = row.shape[:-1]
        return Sums(*(part.reshape(*leading, *shape) for part, shape in zip(parts, self.shapes, strict=True)))


def row_form(study, batches):
    """The `RowForm` of a study whose patients fill some batches."""
    return RowForm(tuple(array.shape for array in empty_sums(study, batches=batches)))


def segments_for(plays, *, draws, patients, row_lengths, chunk_lives=CHUNK_LIVES):
    """Cut plays into segments.

    Parameters
    ----------
    plays : iterable of Play
    draws, patients : tuple of int
        First, and one after the last.
    row_lengths : callable
        From numbers of schedules and batches to the integers in a row.
    chunk_lives : int, optional
        Lives of a chunk.

    Returns
    -------
    list of Segment
        One for each number of schedules; none without plays, draws or patients.
    """
    if draws[0] >= draws[1] or patients[0] >= patients[1]:
        return []
    by_width = {}
    for play in plays:
        for start in range(0, len(play.schedules), MOST_SCHEDULES_A_PLAY):
            part = Play(play.key, tuple(play.schedules[start : start + MOST_SCHEDULES_A_PLAY]))
            by_width.setdefault(len(part.schedules), []).append(part)
    return [
        _segment(tuple(part), draws, patients, row_lengths=row_lengths, chunk_lives=chunk_lives)
        for _, part in sorted(by_width.items())
    ]


def _segment(plays, draws, patients, *, row_lengths, chunk_lives):
    n_schedules, batches = len(plays[0].schedules), n_batches(patients[1])
    most = max(1, chunk_lives // UNITS_A_CHUNK // n_schedules // BLOCK_SIZE) * BLOCK_SIZE
    lives = min(most, patients[1] - patients[0]) * n_schedules
    chunk_units = max(1, min(chunk_lives // lives, CHUNK_BYTES // (8 * row_lengths(n_schedules, batches))))
    segment = Segment(plays, draws, patients, most, chunk_units, batches)
    return segment._replace(chunk_units=min(chunk_units, segment.n_units))


def segment_description(segment):
    """A segment as plain data; `segment_from` reads it."""
    from radsim.config.dump import plain

    known, rows = {}, []
    for play in segment.plays:
        texts = [canonical(plain(schedule)) for schedule in play.schedules]
        rows.append([known.setdefault(text, len(known)) for text in texts])
    return {
        "keys": [play.key for play in segment.plays],
        "schedules": list(known),
        "of_play": rows[0] if all(row == rows[0] for row in rows) else rows,
        "draws": list(segment.draws),
        "patients": list(segment.patients),
        "part_size": segment.part_size,
        "chunk_units": segment.chunk_units,
        "batches": segment.n_batches,
    }


def segment_from(found):
    """A `Segment` from its description."""
    import json

    from radsim.config import Schedule

    schedules = [
        Schedule.parse(data) if isinstance(data, str) else Schedule.model_validate(data)
        for data in map(json.loads, found["schedules"])
    ]
    rows = found["of_play"]
    rows = rows if rows and isinstance(rows[0], list) else [rows] * len(found["keys"])
    plays = tuple(Play(key, tuple(schedules[i] for i in row)) for key, row in zip(found["keys"], rows, strict=True))
    sizes = found["part_size"], found["chunk_units"], found["batches"]
    return Segment(plays, tuple(found["draws"]), tuple(found["patients"]), *sizes)
