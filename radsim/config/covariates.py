"""The covariates of a patient: names, order, categories and scales."""

from __future__ import annotations

from typing import NamedTuple

from radsim.config.clinic_words import spelling, words_beside
from radsim.yaml.faults import Expected

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
    "several_sites",
    "bone_agent_before",
    "smoking",
    "dentures",
    "kidney_failure",
    "heart_failure",
    "low_platelets",
    "collapsed_vertebra",
    "bleeding_tendency",
    "immunosuppressed",
)
"""In this order everywhere: the position tells the purpose of its random number, so append, never reorder."""

CONDITIONS = COVARIATES[14:]
"""What a patient has or has not, which only the care around the radiotherapy asks for; no where nothing is said."""

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
    **dict.fromkeys(CONDITIONS, ("no", "yes")),
}
"""Categories of each categorical covariate; the position is the code."""

NO_YES = ("no", "yes")
WORDS = {
    NO_YES: {"n": "no", "false": "no", "0": "no", "y": "yes", "true": "yes", "1": "yes"},
    CATEGORIES["sex"]: {"f": "female", "m": "male"},
}
"""How else the categories are written in registries and by spreadsheets."""


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
        return f"one of {', '.join(words_of(covariate))}"
    low, high, resolution, unit, whole = SCALES[covariate]
    kind = "a number" if not whole else "a whole number" if resolution == 1 else f"a multiple of {resolution}"
    return f"{kind} from {low} to {high}" + (f" [{unit}]" if unit != "1" else "")


def words_of(covariate: str) -> tuple[str, ...]:
    """Categories of a covariate, then what is read beside them and simulated as one of them."""
    return CATEGORIES[covariate] + tuple(word for word in words_beside(covariate) if word not in CATEGORIES[covariate])


def read_category(covariate: str, value: object) -> str:
    """Return the category that a value names, or a word of clinics: in any case, with spaces or hyphens for underscores.

    Parameters
    ----------
    covariate : str
        One with `CATEGORIES`.
    value : str, bool, int or float
        For no and yes also true and false, y and n, 1 and 0, 1.0 and 0.0; for sex also f and m.

    Returns
    -------
    str
        One of `words_of`; `radsim.config.clinic_words.simulated` makes a category of it.

    Raises
    ------
    Expected
        If it names none.
    """
    categories = CATEGORIES[covariate]
    text = f"{value:g}" if isinstance(value, float) else str(value)
    word = spelling(covariate, text)
    word = word.removesuffix(".0") if categories == NO_YES else word
    word = WORDS.get(categories, {}).get(word, word)
    if word not in words_of(covariate):
        raise Expected(value_text(covariate))
    return word


def check_value(covariate: str, value: float) -> float:
    """Return a single value of a numeric covariate as float, or raise ValueError with what is allowed."""
    scale = SCALES[covariate]
    fits = isinstance(value, int | float) and not isinstance(value, bool) and scale.low <= value <= scale.high
    if not fits or (scale.whole and value % scale.resolution):
        raise Expected(value_text(covariate))
    return float(value)
