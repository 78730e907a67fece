"""Courses as the kernel reads them: calendar, dose, and what parameters say a schedule changes of a trajectory."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from radsim.care import ARMS
from radsim.config import Schedule
from radsim.cord import cord_bed
from radsim.kernel import layout
from radsim.maths.dose import equivalent_single_dose, fraction_day


def dose_log_odds(dose_per_fraction, n_fractions, values):
    """Log odds ratio of response of a conventional course against the plateau at 8 Gy. [1]

    Notes
    -----
    A power of the distance to the plateau in the single dose of equal BED; zero from the plateau on, and never below the natural
    course.
    """
    plateau = values["response.dose.plateau_gy"]
    dose = equivalent_single_dose(dose_per_fraction, n_fractions, alpha_beta=values["response.alpha_beta_gy"])
    if dose >= plateau * (1.0 - 1e-12):  # 8 Gy in one fraction is on the plateau, whatever its root rounds to
        return 0.0
    deficit = values["response.dose.deficit_at_half_plateau"]
    shortfall = deficit * (2.0 * (plateau - dose) / plateau) ** values["response.dose.exponent"]
    return max(-shortfall, values["response.log_odds.no_irradiation"])


def schedule_log_odds(schedule, values):
    """Log odds ratio of response of any schedule against the plateau of the dose, whatever the number of its fractions. [1]"""
    if schedule.none:
        return values["response.log_odds.no_irradiation"]
    if schedule.technique == "sbrt":
        return values["response.log_odds.sbrt"]
    return dose_log_odds(schedule.dose_gy / schedule.fractions, schedule.fractions, values)


def is_single_fraction(schedule):
    """Whether the effects of a single conventional fraction are those of a schedule; a stereotactic course has its own."""
    return not schedule.none and schedule.technique != "sbrt" and schedule.fractions == 1


def spine_fracture_rate_ratio(schedule, values):
    """Factor on the hazard of a fracture of the spine: by dose per fraction after a stereotactic course. [1]"""
    if schedule.none or schedule.technique != "sbrt":
        return fracture_rate_ratio(schedule, values)
    dose = schedule.dose_gy / schedule.fractions
    band = "24_or_more" if dose >= 24.0 else "20_to_23" if dose >= 20.0 else "19_or_less"
    return values[f"fracture.sbrt_rate_ratio.dose_{band}"]


def fracture_rate_ratio(schedule, values):
    """Factor on the hazard of a fracture outside the spine. [1]"""
    if schedule.none:
        return values["fracture.no_irradiation_rate_ratio"]
    return values["fracture.single_fraction_rate_ratio"] if is_single_fraction(schedule) else 1.0


def schedule_effects(schedule, values):
    """The fields of a `layout.SCHEDULE` record in which parameters have a say; of a kind of care that is a schedule, what its row says."""
    single = is_single_fraction(schedule)
    advantage = values["response.log_odds.single_fraction"] if single else 0.0
    relapse = values["relapse.single_fraction_hazard_ratio"] if single else 1.0
    return {
        "log_odds": schedule_log_odds(schedule, values),
        "advantage": advantage,
        "neuropathic_advantage": advantage
        + (values["response.log_odds.neuropathic_single_fraction"] if single else 0.0),
        "complete_advantage": values["response.complete_log_odds.single_fraction"] if single else 0.0,
        "relapse_hazard_ratio": relapse,
        "neuropathic_relapse_hazard_ratio": relapse
        * (values["relapse.neuropathic_single_fraction_hazard_ratio"] if single else 1.0),
        "flare_risk_ratio": values["flare.single_fraction_risk_ratio"] if single else 1.0,
        "fracture_rate_ratio": fracture_rate_ratio(schedule, values),
        "spine_fracture_rate_ratio": spine_fracture_rate_ratio(schedule, values),
        "cord_compression_rate_ratio": values["cord_compression.single_fraction_rate_ratio"] if single else 1.0,
        "cord_bed_gy2": cord_bed(schedule, values),
        "onset_ratio": 1.0,
        "cross_over_day": math.inf,
        "cross_over_share": 0.0,
        **(ARMS[schedule.name].arm_effects(values) if schedule.name in ARMS else {}),
    }


def schedule_records(schedules, values):
    """`layout.SCHEDULE` records, shape (schedule,)."""
    records = course_records(tuple(schedules)).copy()
    for record, schedule in zip(records, schedules, strict=True):
        for name, value in schedule_effects(schedule, values).items():
            record[name] = value
    return records


@lru_cache(maxsize=64)
def course_records(schedules):
    """`layout.SCHEDULE` records as far as no parameter has a say, shape (schedule,), read-only."""
    records = np.zeros(len(schedules), layout.SCHEDULE)
    for record, schedule in zip(records, schedules, strict=True):
        record.irradiated = not schedule.none
        record.arm = ARMS[schedule.name].number if schedule.name in ARMS else 0
        record.n_fractions = 0 if schedule.none else schedule.fractions
        record.fractions_per_week = max(1, schedule.fractions_per_week)
        record.fraction_class = layout.MULTIPLE if record.n_fractions > 1 else layout.SINGLE
        record.last_fraction_day = fraction_day(max(int(record.n_fractions) - 1, 0), int(record.fractions_per_week))
    records.flags.writeable = False
    return records


def repeat_records(values):
    """The courses given as a repeat: one fraction; several; several at the spine after several; and `none`, as which a missed course is
    answered; shape (4,)."""
    repeats = []
    for kind in ("single", "several", "spine_after_several"):
        dose = values[f"retreatment.repeat.{kind}.dose_gy"]
        fractions = int(round(values[f"retreatment.repeat.{kind}.fractions"]))
        repeats.append(Schedule.parse(f"{dose:g}Gy/{fractions}"))
    return schedule_records([*repeats, Schedule.parse("none")], values)
