"""The covariates of a patient: names, order, categories and scales."""

from __future__ import annotations

from typing import NamedTuple

from radsim.config.faults import Expected

COVARIATES = (
    "primary",
    "site",
    "age",
    "sex",
    "subtype",
    "karnofsky",
    "visceral",
    "lesion",
    "cortical_involvement_mm",
    "neuropathic",
    "pain",
    "morphine_equivalent",
    "prior_schedule",
    "prior_weeks_ago",
)
"""In this order everywhere: the position is the purpose of its random number, so append, never reorder."""

CATEGORIES = {
    "primary": ("breast", "prostate", "lung", "other"),
    "site": ("hip", "pelvis", "spine", "humerus", "rib", "other"),
    "sex": ("female", "male"),
    "subtype": (
        "unknown",
        "hr_positive_her2_negative",
        "hr_positive_her2_positive",
        "hr_negative_her2_positive",
        "triple_negative",
    ),
    "lesion": ("lytic", "mixed", "blastic"),
    "visceral": ("no", "yes"),
    "neuropathic": ("no", "yes"),
}
"""Categories of each categorical covariate; the position is the code."""


class Scale(NamedTuple):
    """What a numeric covariate may be.

    Parameters
    ----------
    low, high : float
        Least and greatest value.
    resolution : float
        Step in which the clinic records it; distributions are tabulated in this step. 0: no step.
    unit : str
    whole : bool
        Whether single values have to lie on the steps, too.
    """

    low: float
    high: float
    resolution: float
    unit: str
    whole: bool = False


SCALES = {
    "age": Scale(18, 110, 1, "year"),
    "karnofsky": Scale(10, 100, 10, "1", whole=True),
    "cortical_involvement_mm": Scale(0, 200, 1, "mm"),
    "pain": Scale(0, 10, 1, "1", whole=True),
    "morphine_equivalent": Scale(0, 5000, 0, "mg d-1"),
    "prior_weeks_ago": Scale(0, 1040, 1, "week"),
}
"""Scale of each numeric covariate."""

LEAST_PAIN = 2
"""Index pain below this cannot fall by the two points of a response."""


def value_text(covariate: str) -> str:
    """Say what a value of a covariate may be, for messages."""
    if covariate in CATEGORIES:
        return f"one of {', '.join(CATEGORIES[covariate])}"
    low, high, resolution, unit, whole = SCALES[covariate]
    kind = "a number" if not whole else "a whole number" if resolution == 1 else f"a multiple of {resolution}"
    return f"{kind} from {low} to {high}" + (f" [{unit}]" if unit != "1" else "")


def check_value(covariate: str, value: float) -> float:
    """Return a single value of a numeric covariate as float, or raise ValueError with what is allowed."""
    scale = SCALES[covariate]
    fits = isinstance(value, int | float) and not isinstance(value, bool) and scale.low <= value <= scale.high
    if not fits or (scale.whole and value % scale.resolution):
        raise Expected(value_text(covariate))
    return float(value)
