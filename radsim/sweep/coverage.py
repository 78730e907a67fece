"""What a plan needs played beyond what a store has: more scenarios, schedules, draws or patients, never the same life twice."""

from __future__ import annotations

from radsim.sweep.units import CHUNK_LIVES, Play, segments_for


def missing_segments(plan, segments, row_lengths, *, chunk_lives=CHUNK_LIVES):
    """Segments to add to a store so that it covers a plan.

    Parameters
    ----------
    plan : Plan
    segments : list of Segment
        Those of the store.
    row_lengths : callable
        From numbers of schedules and batches to the integers in a row.
    chunk_lives : int, optional
        Lives of a chunk.

    Returns
    -------
    list of Segment
    """
    stored, by_box = boxes(segments), {}
    for key, schedules in plan.plays.items():
        wanted = (0, plan.n_draws), (0, plan.n_patients)
        missing = {}
        for schedule in schedules:
            left = remainder(wanted, stored.get((key, schedule_key(schedule)), []))
            missing.setdefault(tuple(left), []).append(schedule)
        for left, alike in missing.items():
            for box in left:
                by_box.setdefault(box, []).append(Play(key, tuple(alike)))
    found = []
    for (draws, patients), plays in by_box.items():
        found += segments_for(plays, draws=draws, patients=patients, row_lengths=row_lengths, chunk_lives=chunk_lives)
    return found


def boxes(segments):
    """Draws and patients that are stored, by key and schedule."""
    found = {}
    for segment in segments:
        for play in segment.plays:
            for schedule in play.schedules:
                found.setdefault((play.key, schedule_key(schedule)), []).append((segment.draws, segment.patients))
    return found


def schedule_key(schedule):
    """What tells schedules apart: all of their numbers, and the name."""
    return tuple(getattr(schedule, name) for name in type(schedule).model_fields)


def remainder(wanted, taken):
    """A rectangle of draws and patients without some others, as rectangles.

    Parameters
    ----------
    wanted : tuple of (first, end)
        Draws and patients.
    taken : list of such

    Examples
    --------
    >>> remainder(((0, 3), (0, 9)), [((0, 2), (0, 5))])
    [((2, 3), (0, 9)), ((0, 2), (5, 9))]
    """
    left = [wanted]
    for box in taken:
        left = [part for rectangle in left for part in _without(rectangle, box)]
    return left


def _without(rectangle, box):
    (d0, d1), (p0, p1) = rectangle
    (b0, b1), (q0, q1) = box
    if b1 <= d0 or b0 >= d1 or q1 <= p0 or q0 >= p1:
        return [rectangle]
    middle = max(d0, b0), min(d1, b1)
    parts = [((b1, d1), (p0, p1)), ((d0, b0), (p0, p1)), (middle, (q1, p1)), (middle, (p0, q0))]
    return [part for part in parts if part[0][0] < part[0][1] and part[1][0] < part[1][1]]
