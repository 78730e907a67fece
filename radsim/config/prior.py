"""Earlier courses of radiotherapy to the same site, as `cohort.prior` lists them: ``30Gy/10@60w``, or a mapping."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from radsim.config.covariates import SCALES
from radsim.config.schedule import SHORT_FORM_TEXT, Dose, Schedule
from radsim.yaml.faults import Expected
from radsim.yaml.fields import Section, number

SHORT_FORM = re.compile(r"(?P<schedule>.+?)@(?P<weeks>[0-9]+(?:\.[0-9]+)?)w(?:@cord(?P<cord>[0-9]+(?:\.[0-9]+)?)Gy)?")
SHORT_FORM_TEXT_PRIOR = (
    "a schedule and how long ago, such as 30Gy/10@20w (with a known dose at the cord 30Gy/5@sbrt@20w@cord20Gy)"
)

Weeks = number(low=0, high=SCALES["prior_weeks_ago"].high, unit="week")


def _given(text):
    """The short form of a course that was given; `none` is not a course."""
    if not isinstance(text, str):
        raise Expected(SHORT_FORM_TEXT)
    schedule = Schedule.parse(text)
    if schedule.none:
        raise Expected("a course that was given (leave the list out where there was none)")
    return schedule.name


class PriorCourse(Section):
    """An earlier course to the same site.

    Parameters
    ----------
    schedule : str
        Short form, such as ``30Gy/10``.
    weeks_ago : float
        Since its last fraction. [week]
    cord_dose_gy : float or None
        Dose of the whole course to the spinal cord; SBRT only, and needed there where the site may be the spine. [Gy]
    """

    schedule: Annotated[str, BeforeValidator(_given)]
    weeks_ago: Weeks
    cord_dose_gy: Dose | None = None

    @model_validator(mode="after")
    def _consistent(self):
        if self.cord_dose_gy is not None and self.as_schedule.technique != "sbrt":
            raise Expected(
                "a cord dose only with @sbrt: elsewhere the cord has the dose of the course", path=("cord_dose_gy",)
            )
        return self

    @property
    def as_schedule(self) -> Schedule:
        """The course as a schedule, with its dose at the cord where that is known."""
        parsed = Schedule.parse(self.schedule)
        return parsed if self.cord_dose_gy is None else parsed.model_copy(update={"cord_dose_gy": self.cord_dose_gy})

    @property
    def cord_dose_is_known(self) -> bool:
        """Whether what the cord had of it can be worked out."""
        return self.cord_dose_gy is not None or self.as_schedule.technique != "sbrt"


def from_short_form(value):
    """Read ``30Gy/10@20w`` or ``30Gy/5@sbrt@20w@cord20Gy`` (a validator, to come before that of the mapping)."""
    if not isinstance(value, str):
        return value
    match = SHORT_FORM.fullmatch(value)
    if match is None:
        raise Expected(SHORT_FORM_TEXT_PRIOR)
    found = {"schedule": match["schedule"], "weeks_ago": float(match["weeks"])}
    return found if match["cord"] is None else {**found, "cord_dose_gy": float(match["cord"])}


Prior = Annotated[
    tuple[Annotated[PriorCourse, BeforeValidator(from_short_form, json_schema_input_type=str | PriorCourse)], ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str | dict) else value),
]
"""A list of earlier courses, in any order; a single one may stand without its brackets."""
