"""The format of a trial to rerun: every key, its type, its limits and its default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from radsim.config import Care, Cohort, Observation
from radsim.config.model import Probability, ScheduleText, Weeks
from radsim.maths.measures import MEASURES
from radsim.yaml.faults import Expected, a_known
from radsim.yaml.fields import Line, Section, described, not_empty, number, one_of, whole

RESPONSES = ("overall_response", "complete_response")
COUNTED_EVENTS = ("retreatment", "pathological_fracture", "spinal_cord_compression")
EARLY_EVENTS = ("pain_flare", "acute_toxicity")
EVENTS = (*COUNTED_EVENTS, *EARLY_EVENTS, "survival")
DENOMINATORS = ("randomised", "assessable", "actuarial")
NOT_OF_A_TRIAL = ("size", "file", "file_sha256", "each_row")
LONGEST_NOTE = 2000

People = whole(low=1, high=10**6)


def _word(what, known):
    """Annotate one of several words, the nearest first if it is misspelt."""

    def check(value):
        if not isinstance(value, str) or value not in known:
            raise Expected(a_known(what, str(value), known))
        return value

    return Annotated[Literal[tuple(known)], BeforeValidator(check)]


def _note(value):
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NOTE:
        raise Expected(f"text, at most {LONGEST_NOTE} characters")
    return value


def _population(value):
    """Refuse what makes a cohort of a study; the rest is checked as such a cohort."""
    if isinstance(value, dict):
        given = [key for key in NOT_OF_A_TRIAL if key in value]
        if given:
            text = "a covariate, era or population (a trial is rerun with as many patients as the run asks for)"
            raise Expected.together([Expected(text, path=(key,)) for key in given])
    return value


Note = Annotated[str, BeforeValidator(_note)]
Population = Annotated[Cohort, BeforeValidator(_population)]
Origin = one_of("start", "end_of_treatment")
Format = Annotated[Literal[1], described("1, the version of the format that this radsim reads")]


class TrialObservation(Observation):
    """Who was seen when: the observation of a configuration, or `ever_seen` for the share seen at least once.

    Parameters
    ----------
    ever_seen : float or None
        Share who return questionnaires at all; becomes ``never_returns`` = 1 − `ever_seen`. Deaths and missed visits come on top. [1]
    questionnaires : 'assumed' or 'reported'
        Whether the paper says who was seen. If not, the share is uncertain (`between_trial.questionnaires`). `charts` is read too.
    """

    ever_seen: Probability | None = None
    questionnaires: one_of("assumed", "reported") = Field(
        default="assumed", validation_alias=AliasChoices("questionnaires", "charts")
    )

    @model_validator(mode="after")
    def _seen_once(self):
        if self.ever_seen is not None and self.never_returns is not None:
            raise Expected("ever_seen or never_returns, not both", path=("ever_seen",))
        return self


class Retreatment(Section):
    """Policy of retreatment of the trial, where it was not left to the doctors.

    Parameters
    ----------
    offer : 'protocol' or None
        Every failure is offered a repeat, soon and by the same rule in all arms.
    willingness_ratio : float or None
        As ``retreatment.willingness_ratio`` of the parameters; 1 makes the arms equal. [1]
    """

    offer: one_of("protocol") | None = None
    willingness_ratio: number(above=0, high=1000) | None = None

    @model_validator(mode="after")
    def _one(self):
        if (self.offer is None) == (self.willingness_ratio is None):
            raise Expected("one of offer, willingness_ratio")
        return self


class Arm(Section):
    """What one arm was given.

    Parameters
    ----------
    schedule : Schedule
        Index course.
    randomised : int or None
        Patients; None: not known. [1]
    label : str or None
        What the arm is called; None: the name of its schedule.
    care : Care
        Care around the radiotherapy in this arm.
    """

    schedule: ScheduleText
    randomised: People | None = None
    label: Line | None = None
    care: Care = Care()

    @property
    def name(self) -> str:
        """Label, or the name of the schedule."""
        return self.label or self.schedule.name


class When(Section):
    """When an outcome is looked at; exactly one of the weeks.

    Parameters
    ----------
    week : float or None
        Response at this visit. [week]
    best_within_weeks : float or None
        Best response at any visit up to this one. [week]
    by_week : float or None
        Events so far, or who is alive. [week]
    from_ : {'start', 'end_of_treatment'} or None
        Week 0; None: that of the observation. The key is `from`.
    """

    week: Weeks | None = None
    best_within_weeks: Weeks | None = None
    by_week: Weeks | None = None
    from_: Origin | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _one(self):
        given = [key for key in ("week", "best_within_weeks", "by_week") if getattr(self, key) is not None]
        if len(given) != 1:
            raise Expected("one of week, best_within_weeks, by_week", found=" and ".join(given) or "none of them")
        return self

    @property
    def last_week(self) -> float:
        """The week at which looking ends. [week]"""
        return next(week for week in (self.week, self.best_within_weeks, self.by_week) if week is not None)


class Observed(Section):
    """What was observed in one arm.

    Parameters
    ----------
    proportion : float or None
        As published. [1]
    events : int or None
        Patients, in its place. [1]
    n : int
        Denominator; of an actuarial estimate, the patients it began with. [1]
    """

    proportion: Probability | None = None
    events: whole(low=0) | None = None
    n: People

    @model_validator(mode="after")
    def _one(self):
        if (self.proportion is None) == (self.events is None):
            raise Expected("one of proportion, events")
        if self.events is not None and self.events > self.n:
            raise Expected(f"at most n ({self.n})", found=str(self.events), path=("events",))
        return self

    @property
    def value(self) -> float:
        """The proportion. [1]"""
        return self.events / self.n if self.proportion is None else self.proportion


class Outcome(Section):
    """One endpoint of a trial, in every arm.

    Parameters
    ----------
    outcome : str
        One of `RESPONSES` or `EVENTS`.
    measure : str or None
        What counts as response; of a response only.
    when : When
        Time or window.
    denominator : {'randomised', 'assessable', 'actuarial'}
        Who is counted. Events are known of everybody, so assessable is all randomised there; but a flare is assessable with a diary.
    observed : tuple of Observed
        In the order of the arms.
    status : {'checked', 'provisional'}
        Whether the figures were read in their source.
    from_ : {'start', 'end_of_treatment'} or None
        Week 0, as in `when`. The key is `from`.
    note : str or None
        What a reader should know.
    """

    outcome: _word("an outcome", (*RESPONSES, *EVENTS))
    measure: _word("a measure", MEASURES) | None = None
    when: When
    denominator: _word("a denominator", DENOMINATORS)
    observed: Annotated[tuple[Observed, ...], BeforeValidator(not_empty)]
    status: one_of("checked", "provisional") = "checked"
    from_: Origin | None = Field(default=None, alias="from")
    note: Note | None = None

    @property
    def is_response(self) -> bool:
        """Whether this is a response, judged at visits."""
        return self.outcome in RESPONSES

    @model_validator(mode="after")
    def _fits_together(self):
        errors = _response_errors(self) if self.is_response else _event_errors(self)
        if self.from_ is not None and self.when.from_ not in (None, self.from_):
            errors.append(Expected(f"the same origin as in `when` ({self.when.from_})", path=("from",)))
        if errors:
            raise Expected.together(errors)
        return self


def _response_errors(outcome):
    errors = []
    if outcome.measure is None:
        text = "this key, as it is a response: " + ", ".join(MEASURES)
        errors.append(Expected(text, found="nothing", path=("measure",)))
    if outcome.when.by_week is not None and outcome.denominator != "actuarial":
        text = "week or best_within_weeks, as a response is judged at visits"
        errors.append(Expected(text, found="by_week", path=("when",)))
    if outcome.when.week is not None and outcome.denominator == "actuarial":
        text = "best_within_weeks or by_week, as an actuarial response is cumulative"
        errors.append(Expected(text, found="week", path=("when",)))
    return errors


def _event_errors(outcome):
    errors = []
    if outcome.measure is not None:
        errors.append(Expected("no measure, as it is no response", path=("measure",)))
    if outcome.when.by_week is None:
        errors.append(Expected("by_week, as it is no response", found="another week", path=("when",)))
    if outcome.denominator == "actuarial" and outcome.outcome in EARLY_EVENTS:
        errors.append(Expected("randomised or assessable, as it comes early", path=("denominator",)))
    return errors


class Trial(Section):
    """A published trial or cohort, with every default filled in.

    Parameters
    ----------
    radsim_trial : int
        Version of the format.
    id : str
        Its name in tables.
    citation : str
        Where the figures are from.
    kind : {'calibration', 'held_out'}
        What it may be used for; never both.
    part_of : str or None
        Name shared by files about the same patients or the same randomisation; None: a study of its own.
    population : Cohort
        Who took part; what is left out is the default population.
    observation : TrialObservation
        Who was seen when.
    retreatment : Retreatment or None
        Policy, where the trial set one.
    arms : tuple of Arm
        What was compared.
    outcomes : tuple of Outcome
        What was found.
    note : str or None
        What a reader should know.
    """

    radsim_trial: Format
    id: Line
    citation: Note
    kind: one_of("calibration", "held_out")
    part_of: Line | None = None
    note: Note | None = None
    population: Population = Field(default_factory=lambda: Cohort.model_validate({}))
    observation: TrialObservation = TrialObservation()
    retreatment: Retreatment | None = None
    arms: Annotated[tuple[Arm, ...], BeforeValidator(not_empty)]
    outcomes: Annotated[tuple[Outcome, ...], BeforeValidator(not_empty)]

    @property
    def study(self) -> str:
        """Name shared by all files about the same patients."""
        return self.part_of or self.id

    @field_validator("arms")
    @classmethod
    def _cord_dose_at_the_spine(cls, arms, info: ValidationInfo):
        bare = [i for i, a in enumerate(arms) if a.schedule.technique == "sbrt" and a.schedule.cord_dose_gy is None]
        if bare and "population" in info.data and info.data["population"].may_be_spine():
            text = "cord_dose_gy, as the index site may be the spine (write the schedule as a mapping)"
            raise Expected.together([Expected(text, found="none for SBRT", path=(i, "schedule")) for i in bare])
        return arms

    @field_validator("outcomes")
    @classmethod
    def _one_for_each_arm(cls, outcomes, info: ValidationInfo):
        errors = count_errors(len(info.data["arms"]), [o.observed for o in outcomes]) if "arms" in info.data else []
        if errors:
            raise Expected.together(errors)
        return outcomes

    def origin(self, outcome: Outcome) -> str:
        """Week 0 of an outcome: 'start' or 'end_of_treatment'."""
        return outcome.when.from_ or outcome.from_ or self.observation.from_


def count_errors(n_arms, observed):
    """Lists of observed figures, by outcome, that do not have one figure for each arm."""
    return [
        Expected(f"{n_arms} figures, one for each arm", found=str(len(figures)), path=(i, "observed"))
        for i, figures in enumerate(observed)
        if isinstance(figures, tuple) and figures and len(figures) != n_arms
    ]
