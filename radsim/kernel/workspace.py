"""What the kernel works in, as Python makes it: records of the patients of a block and of one trajectory. No part of it needs the compiler."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.kernel.layout import (
    DRAW_PAGE,
    DRAWN,
    LANES,
    MAX_LEVELS,
    MAX_RELIEFS,
    MAX_SITES,
    MAX_SPIKES,
    MAX_STEPS,
    NEUTRAL,
    OBSERVED,
    PAGE,
    PATIENT,
    TIME_SUMS,
    TRAITS,
    TRAITS_PAGE,
    TRAJECTORY,
    WIDTH,
)
from radsim.kernel.tables import BLOCK_SIZE
from radsim.maths.measures import MEASURES

STAGE_SIZE = 32
"""Patients transformed together: their records fit the first-level cache. No result depends on it."""

MAX_CHANGES = 40 + 2 * MAX_LEVELS + 2 * MAX_SPIKES + MAX_STEPS + 3 * MAX_SITES + 2 * MAX_RELIEFS
"""More than a trajectory can have: 6 for each of 4 courses, 13 others, and those of the care."""


class Enrolled(NamedTuple):
    """The patients of a block and their random numbers: the same under every schedule, and in every scenario of a cohort."""

    patients: np.ndarray  # (patient,) PATIENT records
    drawn: np.ndarray  # (patient,) DRAWN records
    numbers: np.ndarray  # (patient, field) the same memory


class Segments(NamedTuple):
    """One trajectory, cut. Segments are in order of time."""

    n_segments: np.ndarray  # (1,)
    period: np.ndarray  # (segment,)
    state: np.ndarray  # (segment,) joint cell
    days: np.ndarray  # (segment,) d
    opioid_mg: np.ndarray  # (segment,) mg
    days_in_response: np.ndarray  # (1,) d


class Readings(NamedTuple):
    """A page of trajectories, and what is read of it: rows of `WIDTH` columns one after the other."""

    page: np.ndarray  # (1,) PAGE record
    observed: np.ndarray  # (1,) OBSERVED record
    weight: np.ndarray  # (column,) of each trajectory in the sums that are added to
    visit_days: np.ndarray  # (visit, column) d
    scores: np.ndarray  # (visit, column) pain stated
    visit_doses: np.ndarray  # (visit, column) mg d-1
    seen: np.ndarray  # (visit, column) 1 where a questionnaire came back
    category: np.ndarray  # (visit, measure, column) of response
    at_times: np.ndarray  # (time, time sum and column) in the units of the sums
    classes: np.ndarray  # (time, column) latent class of response


class Workspace(NamedTuple):
    """Records of the patients at one stage, written anew for the next."""

    traits: np.ndarray  # (patient,)
    traits_numbers: np.ndarray  # (patient, field) the same memory
    traits_page: np.ndarray  # (1,) TRAITS_PAGE record
    traits_rows: np.ndarray  # (row and column,) the same memory
    modifiers: np.ndarray  # (1,)
    trajectories: np.ndarray  # (place,) trajectories that wait to be read, and the one that is simulated, in a circle
    runs: (
        np.ndarray
    )  # (place, 3) patient, first schedule, first schedule after it under which the trajectory is another
    seen: np.ndarray  # (place, visit) 1 where a questionnaire came back
    waiting: np.ndarray  # (3,) numbers of the first run that waits and of the one after the last; trajectories in the page that were read alone
    recorded: (
        np.ndarray
    )  # (schedule, patient) trajectories to keep instead of adding them up; empty where sums are wanted
    segments: Segments
    readings: Readings
    under_way: np.ndarray  # (1,) PAGE record: the trajectories that go from segment to segment
    lanes: np.ndarray  # (1,) LANES record: where they are
    order: np.ndarray  # (patient,) numbers of the patients of a block, subgroup by subgroup
    caring: bool | None  # None: no care is given, and none of it is compiled


def empty_patients(n):
    """`Enrolled` with room for ``n`` patients, and anything in it: `enrol` fills every field."""
    drawn = np.empty(n, DRAWN)
    return Enrolled(np.empty(n, PATIENT), drawn, as_numbers(drawn))


def as_numbers(records):
    """The memory of some records, all of whose fields are floats, as numbers, shape (record, number)."""
    return records.view(np.float64).reshape(len(records), -1)


def empty_segments(n_periods):
    """An empty `Segments`."""
    n = MAX_CHANGES + 1 + n_periods
    return Segments(
        n_segments=np.zeros(1, np.int64), period=np.zeros(n, np.int64),
        state=np.zeros(n, np.int64), days=np.zeros(n), opioid_mg=np.zeros(n), days_in_response=np.zeros(1),
    )  # fmt: skip


def scratch():
    """What `enrol` needs to work: one `layout.DRAW_PAGE` record, shape (1,)."""
    page = np.zeros(1, DRAW_PAGE)
    page["uniforms"] = 0.5  # rows that a cohort does not ask for, of which a quantile may be taken all the same
    return page


def empty_readings(n_visits, n_times):
    """`Readings` of nobody."""
    of_visits = {name: np.zeros((n_visits, WIDTH)) for name in ("visit_days", "scores", "visit_doses")}
    return Readings(
        page=np.zeros(1, PAGE), observed=np.zeros(1, OBSERVED), weight=np.zeros(WIDTH, np.int64), **of_visits,
        seen=np.zeros((n_visits, WIDTH), np.int64), category=np.zeros((n_visits, len(MEASURES), WIDTH), np.int64),
        at_times=np.zeros((n_times, len(TIME_SUMS) * WIDTH), np.int64), classes=np.zeros((n_times, WIDTH)),
    )  # fmt: skip


def workspace(n_visits, n_times, n_periods, *, n_schedules=1, caring=None):
    """An empty `Workspace` for one thread; ``caring`` True where care is given."""
    places = WIDTH + n_schedules + 1
    traits, page = np.zeros(STAGE_SIZE, TRAITS), np.zeros(1, TRAITS_PAGE)
    return Workspace(
        traits=traits, traits_numbers=as_numbers(traits), traits_page=page, traits_rows=as_numbers(page)[0],
        modifiers=NEUTRAL.copy(), trajectories=np.zeros(places, TRAJECTORY),
        runs=np.zeros((places, 3), np.int64), seen=np.zeros((places, n_visits), np.uint8), waiting=np.zeros(3, np.int64),
        recorded=np.zeros((0, 0), TRAJECTORY), segments=empty_segments(n_periods), readings=empty_readings(n_visits, n_times),
        under_way=np.zeros(1, PAGE), lanes=np.zeros(1, LANES),
        order=np.zeros(BLOCK_SIZE, np.int64), caring=caring,
    )  # fmt: skip
