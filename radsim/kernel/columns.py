"""Patients side by side: a page has a row for each quantity and a column for each trajectory, so that one instruction serves several patients.

A step that asks a trajectory for its fields can ask a `Column` instead: nothing in a step says whether one patient is read or sixteen. A page
holds trajectories without care and with at most one repeat: what care does of a trajectory a column has no fields for.
"""

from __future__ import annotations

import math
from collections import namedtuple

from radsim.compiled import step
from radsim.kernel.layout import COURSES_SHOWN, PAGE, whole

Column = namedtuple("Column", (*PAGE.names, "escalation_alone", "n_courses"))
"""A trajectory in a page, under the names that a `TRAJECTORY` record has."""

_TWO = whole(COURSES_SHOWN)

Reading = namedtuple(
    "Reading",
    (
        "pain_worsening_points", "flare_rise_points", "fracture_rise_points", "fracture_pain_days",
        "cord_compression_rise_points", "cord_compression_pain_days", "analgesic_increase", "analgesic_starting_dose_mg",
        "analgesic_relief_per_increase", "analgesic_drift_per_day", "analgesic_drift_until_days",
        "analgesic_taper_delay_days", "analgesic_taper_reduction",
    ),
)  # fmt: skip
"""Parameters that a trajectory is read with, by value: a record might overlap a page, for all that the compiler knows."""


@step
def reading(p):
    """The parameters that a trajectory is read with."""
    return Reading(
        p.pain_worsening_points, p.flare_rise_points, p.fracture_rise_points, p.fracture_pain_days,
        p.cord_compression_rise_points, p.cord_compression_pain_days, p.analgesic_increase, p.analgesic_starting_dose_mg,
        p.analgesic_relief_per_increase, p.analgesic_drift_per_day, p.analgesic_drift_until_days,
        p.analgesic_taper_delay_days, p.analgesic_taper_reduction,
    )  # fmt: skip


Meaning = namedtuple(
    "Meaning",
    (
        "survival_frailty_correlation", "survival_frailty_residual", "survival_reference_log_days",
        "survival_prognosis_factor", "survival_log_time_sigma", "terminal_mean_days", "report_at_start_mean",
        "report_reliability", "report_residual_sd", "report_slow_sd", "response_frailty", "onset_log_median", "onset_sigma",
        "relapse_log_median", "relapse_complete_log_median", "relapse_sigma", "flare_mean_duration_days",
        "pain_worsening_rate_per_day", "pain_worsening_mean_days",
    ),
)  # fmt: skip
"""Parameters that the random numbers mean something by, by value: a record might overlap a page, for all that the compiler knows."""


@step
def meaning(p):
    """The parameters that the random numbers mean something by."""
    return Meaning(
        p.survival_frailty_correlation, p.survival_frailty_residual, p.survival_reference_log_days,
        p.survival_prognosis_factor, p.survival_log_time_sigma, p.terminal_mean_days, p.report_at_start_mean,
        p.report_reliability, p.report_residual_sd, p.report_slow_sd, p.response_frailty, p.onset_log_median, p.onset_sigma,
        p.relapse_log_median, p.relapse_complete_log_median, p.relapse_sigma, p.flare_mean_duration_days,
        p.pain_worsening_rate_per_day, p.pain_worsening_mean_days,
    )  # fmt: skip


@step
def of_courses(rows, j):
    """What column ``j`` has in the rows of the courses shown: named one by one, as a loop in a loop is not vector code."""
    return rows[0, j], rows[1, j]


@step
def column(page, j):
    """Column ``j`` of a page."""
    return Column(
        of_courses(page.onset, j), of_courses(page.fade, j), of_courses(page.relapse, j), of_courses(page.level, j),
        of_courses(page.flare_start, j), of_courses(page.flare_stop, j), of_courses(page.response_class, j),
        page.pain[j], page.deviation[j], page.time_to_death[j], page.worsening[j], page.worsening_end[j], page.fracture[j],
        page.cord_compression[j], page.titration[j], page.escalation[j], page.tapers[j], page.drifts[j],
        page.dose_at_start[j], page.escalation[j], _TWO,
    )  # fmt: skip


@step
def write_column(page, j, trajectory, dose_at_start):
    """A trajectory without care into column ``j``: the courses shown, of which those that were not given never begin to act."""
    for k in range(COURSES_SHOWN):
        given = k < trajectory.n_courses
        page.onset[k, j] = trajectory.onset[k] if given else math.inf
        page.fade[k, j] = trajectory.fade[k] if given else math.inf
        page.relapse[k, j] = trajectory.relapse[k] if given else math.inf
        page.level[k, j] = trajectory.level[k] if given else 0.0
        page.flare_start[k, j] = trajectory.flare_start[k] if given else math.inf
        page.flare_stop[k, j] = trajectory.flare_stop[k] if given else math.inf
        page.response_class[k, j] = trajectory.response_class[k] if given else 0.0
    page.pain[j] = trajectory.pain
    page.deviation[j] = trajectory.deviation
    page.time_to_death[j] = trajectory.time_to_death
    page.worsening[j] = trajectory.worsening
    page.worsening_end[j] = trajectory.worsening_end
    page.fracture[j] = trajectory.fracture
    page.cord_compression[j] = trajectory.cord_compression
    page.titration[j] = trajectory.titration
    page.escalation[j] = trajectory.escalation
    page.tapers[j] = trajectory.tapers
    page.drifts[j] = trajectory.drifts
    page.dose_at_start[j] = dose_at_start
