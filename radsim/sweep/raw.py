"""Raw sums read back: every part of a scenario added up, draw by draw, whichever segments it lies in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from functools import cached_property

import numpy as np

from radsim.kernel.tables import Sums
from radsim.sums import n_batches
from radsim.sweep.coverage import schedule_key
from radsim.sweep.units import row_form

CHUNKS_KEPT = 4
GIVEN = "given_"
"""Start of the names of sums that stand by schedule; the others with schedules are differences along them."""


class RawSums:
    """The raw sums of a store.

    Parameters
    ----------
    store : Store
    segments : list of Segment
    failed : set of (int, int)
        Segment and unit of what could not be played.
    study : Study
        Any of the sweep's: for the dimensions.
    n_patients : int
        Patients of the largest scenario: sums of fewer are not whole.
    """

    def __init__(self, store, segments, *, failed, study, n_patients):
        self.store, self.segments, self.failed, self.study = store, segments, failed, study
        self.n_patients = n_patients
        self._lock, self._chunks, self._forms = threading.Lock(), OrderedDict(), {}
        self._places = self._index()

    def _index(self):
        found = {}
        for number, segment in enumerate(self.segments):
            for p, play in enumerate(segment.plays):
                for position, schedule in enumerate(play.schedules):
                    found.setdefault((play.key, schedule_key(schedule)), []).append((number, p, position))
        return found

    def form(self, n_schedules, batches=None):
        """How sums over some schedules lie in a row; with all batches of the sweep unless told otherwise."""
        key = n_schedules, batches or n_batches(self.n_patients)
        if key not in self._forms:
            config = self.study.config.model_copy(update={"schedules": self.study.config.schedules[:1] * n_schedules})
            self._forms[key] = row_form(replace(self.study, config=config), key[1])
        return self._forms[key]

    def of(self, scenario, draws):
        """Sums of a scenario in some draws (first, and one after the last): rows of `form`, shape (draw, integer).

        None if something of it has not been played, or failed.
        """
        places = [self._places.get((scenario.key, schedule_key(s))) for s in scenario.schedules]
        if any(place is None for place in places):
            return None
        if whole := self._whole(places):
            return self._added([whole], draws)
        return self._composed(places, draws)

    def _whole(self, places):
        """Segment and play that hold exactly these schedules in this order, and nothing else does; else None."""
        if any(len(place) > 1 for place in places):
            return None
        numbers = {place[0][:2] for place in places}
        positions = [place[0][2] for place in places]
        if len(numbers) > 1:
            return None
        ((number, p),) = numbers
        alone = positions == list(range(self.segments[number].n_schedules))
        return (number, p) if alone else None

    def _composed(self, places, draws):
        """Sums of schedules that lie in several plays: taken apart, chosen, and written as differences again."""
        by_source = {}
        for s, place in enumerate(places):
            source = tuple((number, p) for number, p, _ in place)
            by_source.setdefault(source, []).append((s, place[0][2]))
        chosen = [None] * len(places)
        for source, wanted in by_source.items():
            rows = self._added(source, draws)
            if rows is None:
                return None
            number, _ = source[0]
            sums = self.form(self.segments[number].n_schedules).sums(rows)
            for s, position in wanted:
                chosen[s] = [self._one_schedule(name, array, position) for name, array in sums._asdict().items()]
        form = self.form(len(places))
        rows = np.zeros((draws[1] - draws[0], form.length), np.int64)
        for name, target, *parts in zip(Sums._fields, form.sums(rows), *chosen, strict=True):
            self._put_together(name, target, parts)
        return rows

    @cached_property
    def _by_schedule(self):
        """Names of the sums that are kept by schedule."""
        shapes = zip(Sums._fields, self.form(1).shapes, self.form(2).shapes, strict=True)
        return {name for name, one, two in shapes if one != two}

    def _one_schedule(self, name, array, position):
        """Sums of one schedule; axes draw, batch, group and schedule before."""
        if name not in self._by_schedule:
            return array
        return array[:, :, :, position] if name.startswith(GIVEN) else array[:, :, :, : position + 1].sum(axis=3)

    def _put_together(self, name, target, parts):
        """Fill sums over schedules from those of each; what is not kept by schedule is the same under all."""
        if name not in self._by_schedule:
            target[...] = parts[0]
            return
        for s, part in enumerate(parts):
            target[:, :, :, s] = part if name.startswith(GIVEN) or s == 0 else part - parts[s - 1]

    def _added(self, source, draws):
        """Rows of the plays of a source added up over patients, shape (draw, integer), as in `form`."""
        total, seen = None, 0
        for number, p in source:
            segment = self.segments[number]
            first, end = max(draws[0], segment.draws[0]), min(draws[1], segment.draws[1])
            if first >= end:
                continue
            rows = self._rows(number, segment.units_of(p, first, end))
            if rows is None:
                return None
            stored, form = self.form(segment.n_schedules, segment.n_batches), self.form(segment.n_schedules)
            if (first, end) == tuple(draws) and segment.n_parts == len(source) == 1 and stored == form:
                return rows
            rows = rows.reshape(end - first, segment.n_parts, -1).sum(axis=1)
            if total is None:
                total = np.zeros((draws[1] - draws[0], form.length), np.int64)
            _add(total[first - draws[0] : end - draws[0]], form, rows, stored)
            seen += (end - first) * (segment.patients[1] - segment.patients[0])
        return total if seen == (draws[1] - draws[0]) * self.n_patients else None

    def _rows(self, number, units):
        """Rows of some consecutive units; None if one is missing."""
        size = self.segments[number].chunk_units
        if any((number, unit) in self.failed for unit in units):
            return None
        parts = []
        for c in range(units.start // size, (units.stop - 1) // size + 1):
            chunk = self._chunk(number, c)
            if chunk is None:
                return None
            parts.append(chunk[max(units.start - c * size, 0) : units.stop - c * size])
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _chunk(self, number, c):
        with self._lock:
            chunk = self._chunks.setdefault((number, c), _Chunk())
            self._chunks.move_to_end((number, c))
            if len(self._chunks) > CHUNKS_KEPT:
                self._chunks.popitem(last=False)
        with chunk.lock:  # others may read other chunks meanwhile
            if not chunk.is_read:
                chunk.rows, chunk.is_read = self.store.read_chunk(number, self.segments[number], c), True
        return chunk.rows


def _add(total, form, rows, stored):
    """Add rows, in a form that may have fewer batches, to a total."""
    if stored == form:
        total += rows
        return
    for target, part in zip(form.sums(total), stored.sums(rows), strict=True):
        target[:, : part.shape[1]] += part


class _Chunk:
    """A chunk that is read when the first asks for it."""

    def __init__(self):
        self.lock, self.is_read, self.rows = threading.Lock(), False, None
