"""A study: a configuration with every number filled in, in the form the kernel reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from radsim import cohort as cohorts
from radsim.care import KINDS
from radsim.config import COVARIATES, Config, ConfigError, Fault, Schedule, bands
from radsim.config.schedule import repeated_names
from radsim.cord import cord_bed, prior_beds, verdicts
from radsim.evidence import WILLINGNESS, load_registry, resolve_policy
from radsim.kernel import layout
from radsim.kernel.layout import DAYS_PER_YEAR, HEADLINE_DAYS
from radsim.kernel.tables import MOST_EDGES, CohortTables, Protocol, guide_table
from radsim.maths.dose import equivalent_single_dose, fraction_day
from radsim.maths.measures import MEASURES, PAIN_SCORE

DAYS_PER_WEEK = 7
QUARTERS = 8  # two years in quarters, then years
LIFETIME_YEARS = 60  # longer than anybody survives a bone metastasis
BEYOND = 1e9  # no covariate is so large
MEASURES_SHOWN = ("pain_score", "consensus")


PARAMETER_NAMES = layout.parameter_names()
_SCALARS = {layout.field(name): name for name in layout.SCALAR_PARAMETERS}


@dataclass(frozen=True)
class Endpoint:
    """Best response at the visits from ``first_week`` to ``last_week`` under one measure, for a rerun of a trial."""

    measure: str
    first_week: float
    last_week: float


@dataclass(frozen=True)
class Study:
    """Everything a simulation needs. Made by `prepare`.

    Attributes
    ----------
    config : Config
        As read, with defaults filled in.
    registry : Registry
        The evidence set.
    samples : dict of str to array, shape (draw,)
        Parameters by dotted name; draw 0 is the base case.
    tables : cohort.Tables
        Marginals and copula of the cohort, or its rows.
    endpoints : tuple of Endpoint
        Endpoints beyond the standard ones.
    actuarial : bool
        Whether to count the numbers at risk that an actuarial estimate needs.
    warnings : tuple of str
        What a reader of the results must know.
    """

    config: Config
    registry: object
    samples: dict
    tables: object
    endpoints: tuple = ()
    actuarial: bool = False
    warnings: tuple = field(default=())

    @property
    def n_draws(self):
        """Draws, the base case included."""
        return self.config.draws + 1

    @property
    def n_patients(self):
        """Patients of the cohort: its size, or every copy of every row."""
        t = self.tables
        return len(t.rows) * int(t.each_row) if t.each_row else self.config.cohort.size

    @property
    def schedule_names(self):
        return tuple(schedule.name for schedule in self.config.schedules)

    @cached_property
    def subgroups(self):
        """Labels of the subgroups, the cross product of the categories and bands declared; one without a name if none is."""
        labels = [""]
        for name in self.config.subgroups:
            labels = [f"{left}, {label}".lstrip(", ") for left in labels for label in bands.labels(name)]
        return tuple(labels)

    @cached_property
    def subgroup_strides(self):
        """Weight of the code of each covariate, and of the score of prognosis, in the subgroup number, shape (covariate + 1,). [1]"""
        strides = np.zeros(len(COVARIATES) + 1, np.int64)
        stride = 1
        for name in reversed(self.config.subgroups):
            strides[_position(name)] = stride
            stride *= len(bands.labels(name))
        return strides

    @cached_property
    def subgroup_edges(self):
        """Where the next code begins, shape (covariate + 1, edge), `BEYOND` after the last. [unit of the covariate]"""
        edges = np.full((len(COVARIATES) + 1, MOST_EDGES), BEYOND)
        for name in self.config.subgroups:
            found = bands.edges(name)
            edges[_position(name), : len(found)] = found
        return edges

    @property
    def visits_weeks(self):
        return np.array(self.config.observation.visits_weeks, float)

    @property
    def times_days(self):
        return np.array(self.config.times_days, float)

    @cached_property
    def period_ends(self):
        """Ends of the periods: quarters for two years, then years; the last is the horizon. [d]"""
        horizon = self.config.horizon_days
        if horizon == "lifetime":
            horizon = LIFETIME_YEARS * DAYS_PER_YEAR
        quarters = DAYS_PER_YEAR / 4 * np.arange(1, QUARTERS + 1)
        years = DAYS_PER_YEAR * np.arange(3, LIFETIME_YEARS + 1)
        ends = np.concatenate([quarters, years])
        return np.append(ends[ends < horizon], float(horizon))

    @cached_property
    def cohort(self):
        """The cohort as the kernel reads it, as far as neither parameters nor subgroups have a say; the rest is None."""
        t = self.tables
        fixed = np.all(t.n_levels <= 1, axis=1).astype(np.uint8)
        joint = np.flatnonzero(t.correlated)
        return CohortTables(
            t.values,
            t.cumulative,
            guide_table(t.cumulative),
            fixed,
            t.parent,
            joint,
            np.ascontiguousarray(t.cholesky[np.ix_(joint, joint)]),
            t.rows,
            int(t.each_row),
            prior_beds_gy2=None,
            subgroup_strides=None,
            subgroup_edges=None,
            score_karnofsky=bands.score_karnofsky(),
        )

    @cached_property
    def cord(self):
        """What the rule of the spinal cord says of every schedule, a tuple of `radsim.cord.CordVerdict`."""
        return verdicts(self.config, self.tables, self.values(0))

    @cached_property
    def protocol_template(self):
        """What `protocol` is in every draw."""
        return protocol_template(self)

    def values(self, draw):
        """Parameters of one draw by dotted name."""
        return {name: float(column[draw]) for name, column in self.samples.items()}

    def parameters(self, draw):
        """The parameter record of one draw, shape (1,)."""
        return parameter_record(self.values(draw), self.config)

    def protocol(self, draw):
        """Schedules, visits and what is looked at, for one draw."""
        return protocol(self, self.values(draw))

    def tables_of(self, draw):
        """What the kernel reads in one draw: cohort, protocol and parameters."""
        values = self.values(draw)
        cohort = self.cohort._replace(
            prior_beds_gy2=prior_beds(self.config, self.tables, values),
            subgroup_strides=self.subgroup_strides,
            subgroup_edges=self.subgroup_edges,
        )
        return cohort, protocol(self, values), parameter_record(values, self.config)


def _position(subgroup):
    """Where what divides the patients stands among the covariates; the score of prognosis comes after them."""
    of = bands.band(subgroup).of if subgroup in bands.BANDS else subgroup
    return len(COVARIATES) if of == bands.SCORE else COVARIATES.index(of)


def parameter_record(values, config):
    """Fill one `layout.PARAMETERS` record.

    Parameters
    ----------
    values : dict of str to float
        Parameters by dotted name.
    config : Config
        For the era and the care.
    """
    found = {field: values[name] for field, name in _SCALARS.items()}
    found |= {name: [values[member] for member in members] for name, members in layout.VECTOR_PARAMETERS.items()}
    found["survival_inverse_shape"] = 1.0 / values["survival.1990s.shape"]
    found["survival_modern_log_median"] = math.log(values["survival.modern.median_days"])
    found["survival_frailty_residual"] = math.sqrt(1.0 - values["survival.frailty_correlation"] ** 2)
    found["onset_log_median"] = math.log(values["onset.median_days"])
    found["relapse_log_median"] = math.log(values["relapse.median_days"])
    found["retreatment_delay_log_median"] = np.log(found["retreatment_delay_median_days"])
    found["era"] = layout.ERA_1990S if config.cohort.era == "1990s" else layout.ERA_MODERN
    found["care"] = [getattr(config.care, kind.switch) for kind in KINDS]
    record = np.zeros(1, layout.PARAMETERS)
    record[0] = tuple(found[name] for name in layout.PARAMETERS.names)
    return record


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
    """Log odds ratio of response of any schedule against 8 Gy in one fraction. [1]"""
    if schedule.none:
        return values["response.log_odds.no_irradiation"]
    if schedule.technique == "sbrt":
        return values["response.log_odds.sbrt"]
    return dose_log_odds(schedule.dose_gy / schedule.fractions, schedule.fractions, values)


def schedule_records(schedules, values):
    """`layout.SCHEDULE` records, shape (schedule,)."""
    records = course_records(tuple(schedules)).copy()
    records["log_odds"] = [schedule_log_odds(schedule, values) for schedule in schedules]
    records["cord_bed_gy2"] = [cord_bed(schedule, values) for schedule in schedules]
    return records


@lru_cache(maxsize=64)
def course_records(schedules):
    """`layout.SCHEDULE` records as far as no parameter has a say, shape (schedule,), read-only."""
    records = np.zeros(len(schedules), layout.SCHEDULE)
    for record, schedule in zip(records, schedules, strict=True):
        record.irradiated = not schedule.none
        record.n_fractions = 0 if schedule.none else schedule.fractions
        record.fractions_per_week = max(1, schedule.fractions_per_week)
        record.fraction_class = layout.MULTIPLE if record.n_fractions > 1 else layout.SINGLE
        record.last_fraction_day = fraction_day(max(int(record.n_fractions) - 1, 0), int(record.fractions_per_week))
    records.flags.writeable = False
    return records


def repeat_records(values):
    """The courses given as a repeat: one fraction, several after one, several after several; shape (3,)."""
    repeats = []
    for kind in ("single", "after_single", "after_multiple"):
        dose = values[f"retreatment.repeat.{kind}.dose_gy"]
        fractions = int(round(values[f"retreatment.repeat.{kind}.fractions"]))
        repeats.append(Schedule.parse(f"{dose:g}Gy/{fractions}"))
    return schedule_records(repeats, values)


def protocol(study, values):
    """The `Protocol` of one draw."""
    return study.protocol_template._replace(
        schedules=schedule_records(study.config.schedules, values),
        repeats=repeat_records(values),
    )


def protocol_template(study):
    """The `Protocol` of a study as far as no parameter has a say; the rest of it is None."""
    config = study.config
    courses = course_records(tuple(config.schedules))
    weeks = study.visits_weeks
    visit_days = np.tile(DAYS_PER_WEEK * weeks, (len(courses), 1))
    if config.observation.from_ == "end_of_treatment":
        visit_days += courses["last_fraction_day"][:, None]
    same = np.array([s > 0 and bool(np.all(visit_days[s] == visit_days[s - 1])) for s in range(len(courses))])
    return Protocol(
        schedules=None,
        repeats=None,
        visit_days=visit_days,
        same_visits=same.astype(np.uint8),
        n_headline=int(np.sum(DAYS_PER_WEEK * weeks <= HEADLINE_DAYS)),
        measures=measures_wanted(study.endpoints),
        actuarial=int(study.actuarial),
        endpoints=endpoint_rows(study.endpoints, weeks),
        times=study.times_days,
        period_ends=study.period_ends,
    )


def measures_wanted(endpoints):
    """1 for each of `measures.MEASURES` that anything asks for, shape (measure,)."""
    wanted = {*MEASURES_SHOWN, *(endpoint.measure for endpoint in endpoints), MEASURES[PAIN_SCORE]}
    return np.array([name in wanted for name in MEASURES], np.uint8)


def endpoint_rows(endpoints, weeks):
    """Measure, first and last visit of each endpoint, shape (endpoint, 3); an endpoint without a visit has last < first."""
    rows = np.zeros((len(endpoints), 3), np.int64)
    for row, endpoint in zip(rows, endpoints, strict=True):
        inside = np.flatnonzero((weeks >= endpoint.first_week) & (weeks <= endpoint.last_week))
        row[0] = MEASURES.index(endpoint.measure)
        row[1:] = (inside[0], inside[-1]) if len(inside) else (0, -1)
    return rows


def prepare(config, *, endpoints=(), actuarial=False):
    """Fill in every number of a configuration.

    Parameters
    ----------
    config : Config
    endpoints : sequence of Endpoint, optional
        Endpoints to tally beyond the standard ones.
    actuarial : bool, optional
        Count the numbers at risk too: the columns of `layout.VISIT_COUNTS` and `layout.TIME_COUNTS` that say so.

    Returns
    -------
    Study

    Raises
    ------
    EvidenceError
        If ``parameters`` names what the registry does not have, or a value outside its support.
    CohortError
        If the cohort file cannot be read or a row of it cannot be a patient.
    ConfigError
        If two schedules have the same name, as a copy of a configuration with others (`model_copy`) is not checked.
    """
    if repeated := repeated_names(config.schedules):
        faults = ((f"schedules[{e.details[0][0][0]}]", str(e), e.details[0][2]) for e in repeated)
        raise ConfigError(Fault("configuration", None, *fault) for fault in faults)
    registry = load_registry(config.evidence)
    overrides = dict(config.parameters)
    for name in ("never_returns", "attendance"):
        value = getattr(config.observation, name)
        if value is not None:
            overrides[f"observation.{name}"] = value
    samples = registry.sample(config.seed, config.draws, overrides)
    resolved = resolve_samples(samples)
    samples = {name: resolved[name] for name in PARAMETER_NAMES}  # the registry also says how trials differ
    tables, warnings = cohorts.build_tables(config)
    return Study(config, registry, samples, tables, tuple(endpoints), actuarial, tuple(warnings))


def resolve_samples(samples):
    """Apply the willingness ratio, where set, to every draw."""
    if WILLINGNESS not in samples:
        return dict(samples)
    n_draws = len(next(iter(samples.values())))
    rows = [resolve_policy({name: float(column[d]) for name, column in samples.items()}) for d in range(n_draws)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
