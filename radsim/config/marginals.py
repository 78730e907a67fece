"""Ways to fix a covariate or to give it a distribution.

A covariate with categories: one of them, or ``{category: probability}``, written as `covariates.read_category`
reads it; those with categories no and yes also take the probability of yes. A numeric one: a number, or a ``normal``, ``lognormal`` or
``uniform`` distribution.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)

from radsim.config.covariates import (
    CATEGORIES,
    LEAST_PAIN,
    NO_YES,
    SCALES,
    check_value,
    read_category,
    value_text,
    words_of,
)
from radsim.config.schedule import earlier_course
from radsim.yaml.faults import Expected, a_known
from radsim.yaml.fields import OneFamily, Section, check_probabilities, number

Finite = number(low=-(10**6), high=10**6)
Positive = number(above=0, high=10**6)
Probability = number(low=0, high=1)
Sigma = number(above=0, high=10)


class Normal(Section):
    """Normal distribution, cut to [low, high]; low and high default to the limits of the covariate."""

    mean: Finite
    sd: Positive
    low: Finite | None = None
    high: Finite | None = None


class Lognormal(Section):
    """Lognormal distribution by its median and the standard deviation of its logarithm.

    With probability `zero` the value is 0 instead.
    """

    median: Positive
    sigma: Sigma
    zero: Probability = 0.0


class Uniform(Section):
    """Uniform distribution from low to high, both included."""

    low: Finite
    high: Finite


class Distribution(OneFamily):
    """Exactly one of the families."""

    normal: Normal | None = None
    lognormal: Lognormal | None = None
    uniform: Uniform | None = None

    @property
    def family(self) -> Normal | Lognormal | Uniform:
        """The one family that is given."""
        return self.normal or self.lognormal or self.uniform


Marginal = str | float | dict | Distribution
"""A fixed category (or prior schedule), a fixed number, ``{category: probability}``, or a distribution."""


def _categorical(covariate):
    """Annotate a covariate that has categories."""
    categories = CATEGORIES[covariate]
    binary = categories == NO_YES
    text = value_text(covariate) + (", true, false, a probability" if binary else "") + ", or {category: probability}"

    def check_category(category):
        try:
            return read_category(covariate, category)
        except Expected:
            raise Expected(a_known("one of", category, words_of(covariate))) from None

    def check(value):
        if binary and isinstance(value, int | float) and 0 < value < 1:
            return {"no": 1 - float(value), "yes": float(value)}
        if isinstance(value, dict):
            return check_probabilities(value, check_category)
        if not isinstance(value, str) and not (binary and isinstance(value, int | float)):
            raise Expected(text)
        try:
            return read_category(covariate, value)
        except Expected:
            raise Expected(text) from None

    return _checked(check, _categorical_schema(words_of(covariate), binary))


def _categorical_schema(categories, binary):
    probability = {"type": "number", "minimum": 0, "maximum": 1}
    forms = [
        {"enum": [*categories, *((True, False) if binary else ())]},
        {
            "type": "object",
            "properties": dict.fromkeys(categories, probability),
            "additionalProperties": False,
        },
    ]
    return {"anyOf": forms + [probability] * binary}


def _prior_schedule():
    """Annotate the schedule of an earlier course to the site: short form or ``{short form: probability}``."""

    def check(value):
        if isinstance(value, dict):
            return check_probabilities(value, lambda text: earlier_course(text).name)
        if not isinstance(value, str):
            raise Expected("a schedule such as 20Gy/5 or none, or {schedule: probability}")
        return earlier_course(value).name

    text, mapping = {"type": "string"}, {"type": "object", "additionalProperties": {"type": "number"}}
    return _checked(check, {"anyOf": [text, mapping]})


def _checked(check, schema):
    """Annotate a value that one function checks and brings into its canonical form."""
    return Annotated[str | dict[str, float], BeforeValidator(check), WithJsonSchema(schema)]


def _numeric(covariate):
    """Annotate a numeric covariate: a single value or a distribution."""
    scale = SCALES[covariate]
    single = Annotated[
        float,
        BeforeValidator(lambda value: _single(covariate, value)),
        Field(json_schema_extra={"minimum": scale.low, "maximum": scale.high}),
        Tag("<number>"),
    ]
    spread = Annotated[Distribution, AfterValidator(lambda given: _within(covariate, given)), Tag("<distribution>")]
    return Annotated[single | spread, Discriminator(_is_distribution)]


def _is_distribution(value):
    return "<distribution>" if isinstance(value, dict | Distribution) else "<number>"


def _single(covariate, value):
    try:
        value = check_value(covariate, value)
    except Expected as error:
        raise Expected(f"{error}, or a distribution such as {{normal: {{mean, sd}}}}") from None
    if covariate == "pain" and value < LEAST_PAIN:
        raise Expected(f"a worst pain of at least {LEAST_PAIN} (a lower one cannot respond)")
    return value


def _within(covariate, given):
    """Check the limits of a distribution against the covariate's, and fill in those left out."""
    scale, family = SCALES[covariate], given.family
    if isinstance(family, Lognormal):
        if family.zero and scale.low > 0:
            raise Expected("0, as the covariate cannot be zero", path=("lognormal", "zero"))
        return given
    low = scale.low if family.low is None else family.low
    high = scale.high if family.high is None else family.high
    name = "normal" if isinstance(family, Normal) else "uniform"
    errors = []
    for key, bound in (("low", low), ("high", high)):
        if not scale.low <= bound <= scale.high or (scale.resolution and bound % scale.resolution):
            errors.append(Expected(value_text(covariate), found=f"{bound:g}", path=(name, key)))
    if not errors and low >= high:
        errors.append(Expected(f"more than low ({low:g})", found=f"{high:g}", path=(name, "high")))
    if covariate == "pain" and high < LEAST_PAIN:
        errors.append(Expected(f"a worst pain of at least {LEAST_PAIN}", found=f"{high:g}", path=(name, "high")))
    if errors:
        raise Expected.together(errors)
    return Distribution(**{name: family.model_copy(update={"low": float(low), "high": float(high)})})


def annotation(covariate: str):
    """Return the annotated type of a covariate's marginal."""
    if covariate in CATEGORIES:
        return _categorical(covariate)
    return _prior_schedule() if covariate == "prior_schedule" else _numeric(covariate)
