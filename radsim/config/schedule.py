"""Schedules of radiotherapy, ``8Gy/1``, ``24Gy/2@sbrt``, and what is compared with them: ``none``, and a kind of care in its place."""

from __future__ import annotations

import re
from functools import lru_cache

from pydantic import model_validator

from radsim.care import ARMS
from radsim.yaml.faults import Expected
from radsim.yaml.fields import Line, Section, number, one_of, whole

SHORT_FORM = re.compile(r"([0-9]+(?:\.[0-9]+)?)Gy/([0-9]{1,4})(?:@(sbrt|conventional))?")
SHORT_FORM_TEXT = "a schedule such as 8Gy/1, 20Gy/5, 24Gy/2@sbrt or none"

Dose = number(above=0, high=200, unit="Gy")
Fractions = whole(low=1, high=100)
PerWeek = whole(low=1, high=7)
Technique = one_of("conventional", "sbrt")


class Schedule(Section):
    """A course of equal fractions; or `none`, analgesics alone; or a kind of care in the place of radiotherapy (`radsim.care.ARMS`).

    Parameters
    ----------
    name : str
        How tables and results call it; the short form unless another is given.
    dose_gy : float
        Total physical dose, > 0 (0 without radiotherapy). [Gy]
    fractions : int
        Number of equal fractions, >= 1 (0 without radiotherapy). [1]
    fractions_per_week : int
        1 … 7. [1]
    technique : {'conventional', 'sbrt'}
        Stereotactic body radiotherapy is a technique, not a bigger dose.
    cord_dose_gy : float or None
        Dose of the whole course to the spinal cord, > 0; SBRT only. [Gy]

    Examples
    --------
    >>> Schedule.parse("20Gy/5").dose_gy
    20.0
    """

    name: Line
    dose_gy: Dose
    fractions: Fractions
    fractions_per_week: PerWeek = 5
    technique: Technique = "conventional"
    cord_dose_gy: Dose | None = None

    def __repr__(self) -> str:
        is_short = SHORT_FORM.fullmatch(self.name) and Schedule.parse(self.name) == self
        return f"Schedule.parse({self.name!r})" if is_short or self.none else super().__repr__()

    @property
    def none(self) -> bool:
        """Whether no radiotherapy is given: analgesics alone, or a kind of care in its place."""
        return self.fractions == 0

    @classmethod
    @lru_cache(maxsize=256)  # a repeat is read anew for every draw
    def parse(cls, text: str) -> Schedule:
        """Read the short form of a schedule.

        Parameters
        ----------
        text : str
            Total dose, a slash, number of fractions and optionally a technique; or ``none``, or a kind of care that is a schedule.

        Returns
        -------
        Schedule

        Raises
        ------
        ValueError
            If the text is not a schedule, or its dose or number of fractions is not allowed.
        """
        if text in WITHOUT_RADIOTHERAPY:
            return WITHOUT_RADIOTHERAPY[text]
        match = SHORT_FORM.fullmatch(text)
        dose, fractions = (float(match[1]), int(match[2])) if match else (0.0, 0)
        if not (0 < dose <= 200 and 1 <= fractions <= 100):
            raise Expected(SHORT_FORM_TEXT)
        technique = match[3] or "conventional"
        return cls(
            name=short_form(dose, fractions, technique),
            dose_gy=dose,
            fractions=fractions,
            technique=technique,
        )

    @model_validator(mode="before")
    @classmethod
    def _name_by_default(cls, data):
        if not isinstance(data, dict) or "name" in data:
            return data
        dose, fractions = data.get("dose_gy"), data.get("fractions")
        if isinstance(dose, int | float) and isinstance(fractions, int):
            return {"name": short_form(dose, fractions, data.get("technique")), **data}
        return {"name": "unnamed", **data}  # the faults of dose and fractions follow

    @model_validator(mode="after")
    def _consistent(self):
        if self.none:
            return self
        match = SHORT_FORM.fullmatch(self.name)
        if (
            self.name in WITHOUT_RADIOTHERAPY
            or match
            and (float(match[1]), int(match[2])) != (self.dose_gy, self.fractions)
        ):
            raise Expected("a name that does not speak of another schedule", found=f'"{self.name}"', path=("name",))
        if self.cord_dose_gy is not None and self.technique != "sbrt":
            raise Expected("a cord dose only with technique sbrt", found="conventional", path=("cord_dose_gy",))
        return self


def earlier_course(text: str) -> Schedule:
    """Read the short form of a course that was given before the study, or ``none``."""
    schedule = Schedule.parse(text)
    if schedule.none and schedule != NONE:
        raise Expected("a course of radiotherapy such as 20Gy/5, or none")
    return schedule


def repeated_names(schedules) -> list[Expected]:
    """A fault for each schedule whose name an earlier one has, at its position."""
    names = [schedule.name for schedule in schedules]
    return [
        Expected("a name of its own for each schedule", found=f"{name} again", path=(i,))
        for i, name in enumerate(names)
        if name in names[:i]
    ]


def short_form(dose_gy: float, fractions: int, technique: str | None) -> str:
    """Write a schedule in its short form."""
    dose = repr(float(dose_gy)).removesuffix(".0")
    return f"{dose}Gy/{fractions}" + ("@sbrt" if technique == "sbrt" else "")


def _without_radiotherapy(name):
    return Schedule.model_construct(
        name=name, dose_gy=0.0, fractions=0, fractions_per_week=5, technique="conventional", cord_dose_gy=None
    )


NONE = _without_radiotherapy("none")
WITHOUT_RADIOTHERAPY = {"none": NONE, **{name: _without_radiotherapy(name) for name in ARMS}}
"""What can be compared with radiotherapy, by name."""


def from_short_form(value):
    """Turn text into a schedule and leave anything else to the model (a validator)."""
    if isinstance(value, str):
        return Schedule.parse(value)
    if not isinstance(value, dict | Schedule):
        raise Expected(SHORT_FORM_TEXT + ", or a mapping {name, dose_gy, fractions, …}")
    return value
