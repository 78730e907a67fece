"""What the kernel works in, as Python makes it: records of the patients of a block and of one trajectory. No part of it needs the compiler."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.kernel.layout import (
    MAX_LEVELS,
    MAX_RELIEFS,
    MAX_SITES,
    MAX_SPIKES,
    MAX_STEPS,
    NEUTRAL,
    PATIENT,
    TRAITS,
    TRAJECTORY,
    UNIFORMS,
)
from radsim.kernel.tables import BLOCK_SIZE, N_COVARIATES
from radsim.maths.measures import MEASURES

STAGE_SIZE = 32
"""Patients transformed together: their records fit the first-level cache. No result depends on it."""

MAX_CHANGES = 40 + 2 * MAX_LEVELS + 2 * MAX_SPIKES + MAX_STEPS + 3 * MAX_SITES + 2 * MAX_RELIEFS
"""More than a trajectory can have: 6 for each of 4 courses, 13 others, and those of the care."""


class Enrolled(NamedTuple):
    """The patients of a block and their random numbers: the same under every schedule, and in every scenario of a cohort."""

    patients: np.ndarray  # (patient,) PATIENT records
    uniforms: np.ndarray  # (patient,) UNIFORMS records


class Segments(NamedTuple):
    """One trajectory, cut. Segments are in order of time."""

    n_segments: np.ndarray  # (1,)
    period: np.ndarray  # (segment,)
    state: np.ndarray  # (segment,) joint cell
    days: np.ndarray  # (segment,) d
    opioid_mg: np.ndarray  # (segment,) mg
    days_in_response: np.ndarray  # (1,) d
    snapshots: np.ndarray  # (time, 3) pain, dose [mg d-1] and latent class of response at each time


class Workspace(NamedTuple):
    """Records of the patients at one stage, written anew for the next."""

    traits: np.ndarray  # (patient,)
    modifiers: np.ndarray  # (1,)
    trajectories: np.ndarray  # (2,) under this schedule and under the one before
    recorded: (
        np.ndarray
    )  # (schedule, patient) trajectories to keep instead of adding them up; empty where sums are wanted
    seen: np.ndarray  # (visit,)
    category: np.ndarray  # (visit, measure)
    category_with_repeats: np.ndarray  # (visit, measure)
    segments: Segments
    order: np.ndarray  # (patient,) numbers of the patients of a block, subgroup by subgroup
    caring: bool | None  # None: no care is given, and none of it is compiled


def empty_patients(n):
    """`Enrolled` with room for ``n`` patients, and anything in it: `enrol` fills every field."""
    return Enrolled(np.empty(n, PATIENT), np.empty(n, UNIFORMS))


def empty_segments(n_times, n_periods):
    """An empty `Segments`."""
    n = MAX_CHANGES + 1 + n_periods
    return Segments(
        n_segments=np.zeros(1, np.int64), period=np.zeros(n, np.int64),
        state=np.zeros(n, np.int64), days=np.zeros(n), opioid_mg=np.zeros(n), days_in_response=np.zeros(1),
        snapshots=np.zeros((n_times, 3)),
    )  # fmt: skip


def scratch():
    """What `enrol` needs to work, shape (3, covariate)."""
    return np.zeros((3, N_COVARIATES))


def workspace(n_visits, n_times, n_periods, *, caring=None):
    """An empty `Workspace` for one thread; ``caring`` True where care is given."""
    return Workspace(
        traits=np.zeros(STAGE_SIZE, TRAITS), modifiers=NEUTRAL.copy(), trajectories=np.zeros(2, TRAJECTORY),
        recorded=np.zeros((0, 0), TRAJECTORY), seen=np.zeros(n_visits, np.uint8), category=np.zeros((n_visits, len(MEASURES)), np.int8),
        category_with_repeats=np.zeros((n_visits, len(MEASURES)), np.int8),
        segments=empty_segments(n_times, n_periods), order=np.zeros(BLOCK_SIZE, np.int64), caring=caring,
    )  # fmt: skip
