"""The configuration of a study: every key of the format, its type, its limits and its default."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    field_validator,
    model_validator,
)

from radsim.care import values_of_care_not_given
from radsim.config import ecog as performance
from radsim.config.bands import BANDS
from radsim.config.care import Care, faults_of_care, with_arms
from radsim.config.clinic_words import simulated
from radsim.config.contradictions import categories_in, contradictions, drawn_from
from radsim.config.covariates import CATEGORIES, COVARIATES
from radsim.config.marginals import Marginal, annotation
from radsim.config.population import load_population, population_names
from radsim.config.prior import Prior
from radsim.config.schedule import Schedule, from_short_form, repeated_names
from radsim.config.survival import Survival
from radsim.yaml.faults import Expected, a_known
from radsim.yaml.fields import Flag, Line, Numbers, Section, described, increasing, not_empty, number, one_of, whole

LARGEST_SEED = 2**53 - 1
MOST_PATIENTS = 2**32  # a patient's number is one word of the random-number counter
DEFAULT_TIMES_DAYS = (7.0, 14.0, 28.0, 56.0, 84.0, 182.0, 365.0)

Count = whole(low=1, high=MOST_PATIENTS)
Probability = number(low=0, high=1)
Weeks = number(above=0, high=5200, unit="week")
Days = number(low=0, high=36525, unit="d")


def _population(name):
    if not isinstance(name, str) or name not in population_names():
        raise Expected(a_known("a population", str(name), population_names()))
    return name


def _horizon(value):
    if value == "lifetime":
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 36525:
        raise Expected("a number of days above 0 and up to 36525, or lifetime")
    return float(value)


def _each_once(values):
    if repeated := [i for i, value in enumerate(values) if value in values[:i]]:
        raise Expected.together([Expected("each covariate once", path=(i,)) for i in repeated])
    return values


HOW_TO_SAY_IT = "prior: [{schedule: 30Gy/5@sbrt, weeks_ago: 30, cord_dose_gy: 20}], or --prior 30Gy/5@sbrt@30w@cord20Gy"

Population = Annotated[str, BeforeValidator(_population)]
Horizon = Annotated[
    float | Literal["lifetime"],
    BeforeValidator(_horizon),
    WithJsonSchema({"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 36525}, {"const": "lifetime"}]}),
]


def _economics(value):
    """Check the section `economics`; its models are built only for who asks, as that takes as long as all others."""
    from radsim.economics.section import Economics as Model

    return Model.model_validate(value)


Economics = Annotated[Any, BeforeValidator(_economics)]
"""A `radsim.economics.section.Economics`."""


class _OrText:
    """In the JSON Schema: text too. Pydantic's own way of saying so (`json_schema_input_type`) fails in 2.10 and 2.11.0 for a model."""

    @staticmethod
    def __get_pydantic_json_schema__(core_schema, handler):
        return {"anyOf": [{"type": "string"}, handler(core_schema)]}


ScheduleText = Annotated[Schedule, BeforeValidator(from_short_form), _OrText]
"""A schedule in its short form or as a mapping."""


class _CohortKeys(Section):
    """Keys of the cohort that are not covariates."""

    size: Count | None = None
    population: Population = "default"
    file: Line | None = None
    file_sha256: Annotated[str, Field(pattern="[0-9a-f]{64}")] | None = None
    each_row: Count | None = None
    era: one_of("1990s", "modern") = "1990s"
    prior: Annotated[Prior, BeforeValidator(not_empty)] | None = None
    survival: Survival | None = None
    ecog: performance.Ecog | None = None

    @model_validator(mode="before")
    @classmethod
    def _size_by_default(cls, data):
        if isinstance(data, dict) and "size" not in data and "each_row" not in data:
            return {"size": 100_000, **data}
        return data

    @model_validator(mode="after")
    def _possible(self):
        errors = []
        if self.each_row is not None and self.file is None:
            errors.append(Expected("`file` beside it: it copies the rows of a file", path=("each_row",)))
        if self.each_row is not None and self.size is not None:
            errors.append(Expected("size or each_row, not both", path=("size",)))
        if self.file_sha256 is not None and self.file is None:
            errors.append(Expected("`file` beside it", path=("file_sha256",)))
        if self.ecog is not None and self.karnofsky is not None:
            errors.append(Expected("ecog or karnofsky", found="both", path=("ecog",)))
        drawn = {} if self.file is not None else drawn_from(self.population)  # a file may say anything
        errors += [Expected(text, path=(name,)) for name, text in contradictions(self.covariates, drawn)]
        if "@sbrt" in str(self.prior_schedule) and self.may_be_spine():
            text = f"no SBRT where the site may be the spine, as its dose to the cord is not known ({HOW_TO_SAY_IT})"
            errors.append(Expected(text, path=("prior_schedule",)))
        if errors := [*errors, *self._prior_faults()]:
            raise Expected.together(errors)
        return self

    def _prior_faults(self):
        """What contradicts the list of earlier courses."""
        if self.prior is None:
            return
        if self.prior_schedule is not None or self.prior_weeks_ago is not None:
            yield Expected("prior, or prior_schedule and prior_weeks_ago", found="both", path=("prior",))
        if self.file is not None:
            yield Expected(
                "no list beside `file`: columns prior_schedule and prior_weeks_ago say it row by row", path=("prior",)
            )
        for i, each in enumerate(self.prior):
            if not each.cord_dose_is_known and self.may_be_spine():
                text = f"the dose at the cord of an SBRT course, as the site may be the spine ({HOW_TO_SAY_IT})"
                yield Expected(text, found="none", path=("prior", i))

    @property
    def covariates(self) -> dict[str, Marginal]:
        """Marginals of the covariates that the configuration sets, as they are simulated, in the order of `COVARIATES`."""
        given = {name: simulated(name, marginal) for name, marginal in self._given().items()}
        if self.ecog is not None:
            given["karnofsky"] = performance.karnofsky(self.ecog)
        return {name: given[name] for name in COVARIATES if name in given}

    @property
    def as_written(self) -> dict[str, Marginal]:
        """The same in the user's words: `femur`, where `covariates` has hip; `ecog` in the place of `karnofsky`."""
        given = self._given() | ({} if self.ecog is None else {"ecog": self.ecog})
        order = [each for name in COVARIATES for each in (name, *(("ecog",) if name == "karnofsky" else ()))]
        return {name: given[name] for name in order if name in given}

    def _given(self):
        given = {name: getattr(self, name) for name in COVARIATES}
        if self.prior:  # a patient has one last course; the cord's rule counts them all
            last = min(self.prior, key=lambda each: each.weeks_ago)
            given |= {"prior_schedule": last.schedule, "prior_weeks_ago": last.weeks_ago}
        return {name: marginal for name, marginal in given.items() if marginal is not None}

    def can_be(self, name: str) -> set | None:
        """Categories that a covariate has in some patients of the cohort; None: any, as a file says it. A condition that nobody states is no."""
        if self.file is not None:
            return None
        given, known = self.covariates.get(name), load_population(self.population).covariates
        if given is not None:
            return categories_in(given)
        return set().union(*map(categories_in, known[name].marginals.values())) if name in known else {"no"}

    def may_be_spine(self) -> bool:
        """Whether a patient of the cohort can have the spine as index site."""
        sites = self.can_be("site")
        return sites is None or "spine" in sites


Cohort = create_model(
    "Cohort",
    __base__=_CohortKeys,
    __module__=__name__,
    __doc__="""The patients: a named population or a file of real ones, any covariate fixed or distributed.

    Parameters
    ----------
    size : int or None
        Number of patients; None exactly if `each_row` is given. [1]
    population : str
        Named population that covariates come from unless they are given here or in the file.
    file : str or None
        CSV or Parquet file of real patients, one a row.
    file_sha256 : str or None
        What the file has to be; filled in when the configuration is loaded.
    each_row : int or None
        Copies of each row of `file`; None: `size` patients are drawn from its rows with replacement. [1]
    era : {'1990s', 'modern'}
        Survival of the fractionation trials, or today's.
    survival : Survival or None
        Another tail, or a survival curve of one's own; None: as in the evidence registry.
    prior : tuple of PriorCourse or None
        Earlier courses to the same site, of every patient; instead of `prior_schedule` and `prior_weeks_ago`.
    ecog : int, dict of str to float, or None
        ECOG performance status, 0 to 4, or a probability of each grade; instead of `karnofsky`.
    primary … prior_weeks_ago : Marginal or None
        One key for each of `COVARIATES`; None: as in the population.
    """,
    **{name: (annotation(name) | None, None) for name in COVARIATES},
)


class Observation(Section):
    """Who is seen when.

    Parameters
    ----------
    visits_weeks : tuple of float
        Visits after the origin, increasing, > 0. [week]
    never_returns, attendance : float or None
        Probabilities; None: as in the evidence registry. [1]
    from_ : {'start', 'end_of_treatment'}
        Origin of the visits; the key is `from`.
    """

    visits_weeks: Annotated[tuple[Weeks, ...], BeforeValidator(not_empty), AfterValidator(increasing)] = (
        1.0, 2.0, 4.0, 8.0, 12.0,
    )  # fmt: skip
    never_returns: Probability | None = None
    attendance: Probability | None = None
    from_: one_of("start", "end_of_treatment") = Field(default="start", alias="from")


class Retreatment(Section):
    """Who may be irradiated later; rates, schedules and limits of the cord are `parameters` (``retreatment.…``).

    Parameters
    ----------
    none_may_be_irradiated : bool
        Whether patients of `none` may be offered a first course later, by the rule of a repeat.
    """

    none_may_be_irradiated: Flag = False


def _unless_default(retreatment):
    """None for a section that changes nothing: a study has one digest, whether it says so or not."""
    return None if retreatment == Retreatment() else retreatment


Subgroup = one_of(*CATEGORIES, *BANDS)
Format = Annotated[Literal[1], described("1, the version of the format that this radsim reads")]


class Config(Section):
    """A study, with every default filled in.

    Parameters
    ----------
    radsim : int
        Version of the format.
    name : str
        What the study is called.
    seed : int or None
        0 … 2**53 - 1; None: one is drawn when the study is run. [1]
    cohort : Cohort
        The patients.
    horizon_days : float or 'lifetime'
        End of the simulated time. [d]
    schedules : tuple of Schedule
        What is compared; names are unique.
    evidence : {'guideline', 'trials'}
        Evidence set.
    parameters : dict of str to float
        Values that replace those of the registry, by dotted name.
    observation : Observation
        Who is seen when.
    care : Care
        Care around the radiotherapy.
    retreatment : Retreatment or None
        Who may be irradiated later; None: whoever was irradiated at the start.
    times_days : tuple of float
        Times at which the course is reported, increasing, >= 0, within the horizon. [d]
    draws : int
        Parameter draws beside the base case. [1]
    subgroups : tuple of str
        Categorical covariates whose categories are reported apart, and `BANDS`.
    economics : Economics or None
        How the result is valued; None: without costs and QALYs.
    """

    radsim: Format = 1
    name: Line = "Painful bone metastasis"
    seed: whole(low=0, high=LARGEST_SEED) | None = None
    cohort: Cohort = Field(default_factory=lambda: Cohort.model_validate({}))
    schedules: Annotated[tuple[ScheduleText, ...], BeforeValidator(not_empty)]
    evidence: one_of("guideline", "trials") = "trials"
    parameters: Numbers = Field(default_factory=dict)
    observation: Observation = Observation()
    care: Care = Care()
    retreatment: Annotated[Retreatment | None, AfterValidator(_unless_default)] = None
    horizon_days: Horizon = 1825.0
    times_days: Annotated[tuple[Days, ...], BeforeValidator(not_empty), AfterValidator(increasing)] = Field(
        default_factory=lambda given: _times_within(given.get("horizon_days", "lifetime"))
    )
    draws: whole(low=0, high=10**6) = 0
    subgroups: Annotated[tuple[Subgroup, ...], AfterValidator(_each_once)] = ()
    economics: Economics | None = None

    def __repr__(self) -> str:
        size = self.cohort.size
        patients = (
            f"{self.cohort.each_row} copies of each row of {self.cohort.file}" if size is None else f"{size:,} patients"
        )
        return (
            f"Config({self.name!r}: {patients}; {', '.join(schedule.name for schedule in self.schedules)}; "
            f"evidence {self.evidence}; {self.draws} draws; seed {self.seed})"
        )

    __str__ = __repr__

    @property
    def none_may_be_irradiated(self) -> bool:
        """Whether patients of `none` may be offered a first course later."""
        return self.retreatment is not None and self.retreatment.none_may_be_irradiated

    @model_validator(mode="after")
    def _care_that_is_a_schedule(self):
        self.__dict__["care"] = with_arms(self.care, self.schedules)
        return self

    @model_validator(mode="after")
    def _prices_of_the_care_given(self):
        if self.economics is not None:
            self.__dict__["economics"] = self.economics.without_care(values_of_care_not_given(self.care))
        return self

    def economic_warnings(self) -> list[str]:
        """What a reader of costs and QALYs must know of the numbers behind them; nothing where there are none."""
        if self.economics is None:
            return []
        from radsim.economics.warnings import economic_warnings

        return economic_warnings(self.economics, self.care)

    @field_validator("schedules")
    @classmethod
    def _schedules_apart(cls, schedules, info: ValidationInfo):
        errors = repeated_names(schedules)
        bare = [i for i, s in enumerate(schedules) if s.technique == "sbrt" and s.cord_dose_gy is None]
        if bare and "cohort" in info.data and info.data["cohort"].may_be_spine():
            text = "cord_dose_gy, as the index site may be the spine (write the schedule as a mapping)"
            errors += [Expected(text, found="none for SBRT", path=(i,)) for i in bare]
        if errors:
            raise Expected.together(errors)
        return schedules

    @model_validator(mode="after")
    def _care_possible(self):
        errors = [Expected(expected, found=found, path=path) for path, expected, found in faults_of_care(self)]
        if errors:
            raise Expected.together(errors)
        return self

    @field_validator("times_days")
    @classmethod
    def _before_horizon(cls, times, info: ValidationInfo):
        horizon = info.data.get("horizon_days", "lifetime")
        late = [] if horizon == "lifetime" else [i for i, time in enumerate(times) if time > horizon]
        if late:
            text = f"a time within horizon_days ({horizon:g})"
            raise Expected.together([Expected(text, found=f"{times[i]:g}", path=(i,)) for i in late])
        return times


def _times_within(horizon):
    """The default times that lie within the horizon; the horizon itself if none does."""
    times = tuple(time for time in DEFAULT_TIMES_DAYS if horizon == "lifetime" or time <= horizon)
    return times or (float(horizon),)
