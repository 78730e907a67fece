"""Patients side by side: a page has a row for each quantity and a column for each trajectory, so that one instruction serves several patients.

A step that asks a trajectory for its fields can ask a `Column` instead: nothing in a step says whether one patient is read or sixteen. A page
holds trajectories without care and with at most one repeat: what care does of a trajectory a column has no fields for.

Loops over a page run from 0 to `WIDTH` over one flat array: those the compiler turns into instructions for several columns.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from radsim.compiled import step
from radsim.kernel.layout import PARAMETERS, whole
from radsim.kernel.workspace import COURSES_SHOWN, N_ROWS, WIDTH

_OF_COURSE = ("onset", "fade", "relapse", "level", "flare_start", "flare_stop", "response_class")
_OF_TRAJECTORY = (
    "pain", "deviation", "time_to_death", "worsening", "worsening_end", "fracture", "cord_compression", "titration",
    "escalation", "tapers", "drifts",
)  # fmt: skip

Column = namedtuple("Column", (*_OF_COURSE, *_OF_TRAJECTORY, "escalation_alone", "n_courses"))
"""A trajectory in a page, under the names that a `TRAJECTORY` record has."""

_TWO = whole(COURSES_SHOWN)
(
    ONSET, FADE, RELAPSE, LEVEL, FLARE_START, FLARE_STOP, CLASS,
) = range(0, COURSES_SHOWN * len(_OF_COURSE), COURSES_SHOWN)  # fmt: skip
(
    PAIN, DEVIATION, DEATH, WORSENING, WORSENING_END, FRACTURE, CORD_COMPRESSION, TITRATION, ESCALATION, TAPERS, DRIFTS, DOSE_AT_START,
) = range(CLASS + COURSES_SHOWN, CLASS + COURSES_SHOWN + len(_OF_TRAJECTORY) + 1)  # fmt: skip
assert DOSE_AT_START + 1 == N_ROWS

_READ = (
    "pain_worsening_points", "flare_rise_points", "fracture_rise_points", "fracture_pain_days", "cord_compression_rise_points",
    "cord_compression_pain_days", "analgesic_increase", "analgesic_starting_dose_mg", "analgesic_relief_per_increase",
    "analgesic_drift_per_day", "analgesic_drift_until_days", "analgesic_taper_delay_days", "analgesic_taper_reduction",
)  # fmt: skip
Reading = namedtuple("Reading", _READ)
"""Parameters that a trajectory is read with, by value: a record might overlap a page, for all that the compiler knows."""
assert set(_READ) <= set(PARAMETERS.names)


@step
def reading(p):
    """The parameters that a trajectory is read with."""
    return Reading(
        p.pain_worsening_points, p.flare_rise_points, p.fracture_rise_points, p.fracture_pain_days,
        p.cord_compression_rise_points, p.cord_compression_pain_days, p.analgesic_increase, p.analgesic_starting_dose_mg,
        p.analgesic_relief_per_increase, p.analgesic_drift_per_day, p.analgesic_drift_until_days,
        p.analgesic_taper_delay_days, p.analgesic_taper_reduction,
    )  # fmt: skip


@step
def of_courses(page, row, j):
    """What column ``j`` has in the rows of the courses shown."""
    return page[row * WIDTH + j], page[(row + 1) * WIDTH + j]


@step
def column(page, j):
    """Column ``j`` of a page."""
    return Column(
        of_courses(page, ONSET, j), of_courses(page, FADE, j), of_courses(page, RELAPSE, j), of_courses(page, LEVEL, j),
        of_courses(page, FLARE_START, j), of_courses(page, FLARE_STOP, j), of_courses(page, CLASS, j),
        page[PAIN * WIDTH + j], page[DEVIATION * WIDTH + j], page[DEATH * WIDTH + j], page[WORSENING * WIDTH + j],
        page[WORSENING_END * WIDTH + j], page[FRACTURE * WIDTH + j], page[CORD_COMPRESSION * WIDTH + j],
        page[TITRATION * WIDTH + j], page[ESCALATION * WIDTH + j], page[TAPERS * WIDTH + j], page[DRIFTS * WIDTH + j],
        page[ESCALATION * WIDTH + j], _TWO,
    )  # fmt: skip


@step
def write_column(page, j, trajectory, dose_at_start):
    """A trajectory without care into column ``j``: the courses shown, of which those that were not given never begin to act."""
    for k in range(COURSES_SHOWN):
        given = k < trajectory.n_courses
        page[(ONSET + k) * WIDTH + j] = trajectory.onset[k] if given else np.inf
        page[(FADE + k) * WIDTH + j] = trajectory.fade[k] if given else np.inf
        page[(RELAPSE + k) * WIDTH + j] = trajectory.relapse[k] if given else np.inf
        page[(LEVEL + k) * WIDTH + j] = trajectory.level[k] if given else 0.0
        page[(FLARE_START + k) * WIDTH + j] = trajectory.flare_start[k] if given else np.inf
        page[(FLARE_STOP + k) * WIDTH + j] = trajectory.flare_stop[k] if given else np.inf
        page[(CLASS + k) * WIDTH + j] = trajectory.response_class[k] if given else 0.0
    page[PAIN * WIDTH + j] = trajectory.pain
    page[DEVIATION * WIDTH + j] = trajectory.deviation
    page[DEATH * WIDTH + j] = trajectory.time_to_death
    page[WORSENING * WIDTH + j] = trajectory.worsening
    page[WORSENING_END * WIDTH + j] = trajectory.worsening_end
    page[FRACTURE * WIDTH + j] = trajectory.fracture
    page[CORD_COMPRESSION * WIDTH + j] = trajectory.cord_compression
    page[TITRATION * WIDTH + j] = trajectory.titration
    page[ESCALATION * WIDTH + j] = trajectory.escalation
    page[TAPERS * WIDTH + j] = trajectory.tapers
    page[DRIFTS * WIDTH + j] = trajectory.drifts
    page[DOSE_AT_START * WIDTH + j] = dose_at_start


@step
def copy_column(page, j, other, to):
    """Column ``j`` of a page into column ``to`` of another."""
    for row in range(N_ROWS):
        other[row * WIDTH + to] = page[row * WIDTH + j]
