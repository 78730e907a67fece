"""A study: a configuration with every number filled in, in the form the kernel reads."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from radsim import cohort as cohorts
from radsim.care import KINDS, given
from radsim.config import COVARIATES, Config, ConfigError, Fault, bands
from radsim.config.covariates import CONDITIONS
from radsim.config.schedule import repeated_names
from radsim.cord import prior_beds, verdicts
from radsim.courses import course_records, repeat_records, schedule_records
from radsim.evidence import load_registry
from radsim.kernel import layout
from radsim.kernel.layout import DAYS_PER_YEAR, HEADLINE_DAYS
from radsim.kernel.tables import MOST_EDGES, CohortTables, Protocol, guide_table
from radsim.maths.measures import MEASURES, PAIN_SCORE
from radsim.prognosis import Kind, Sample, prognosis_factor, reference_log_days
from radsim.survival_map import IDENTITY, curve_warnings, survival_map

DAYS_PER_WEEK = 7
QUARTERS = 8  # two years in quarters, then years
LIFETIME_YEARS = 60  # longer than anybody survives a bone metastasis
N_CORE = len(COVARIATES) - len(CONDITIONS)
BEYOND = 1e9  # no covariate is so large
MEASURES_SHOWN = ("pain_score", "consensus")
CURVE_SAMPLE, CURVE_SEED = 4096, 0
"""Patients of a cohort file by whom an own curve of survival is placed, and their seed: the same in every run."""


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
            covariates_used(t),
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

    def cohort_under(self, values):
        """`CohortTables` under the values of the parameters in one draw."""
        beds = prior_beds(self.config, self.tables, values)
        return read_only(
            self.cohort._replace(
                prior_beds_gy2=beds, subgroup_strides=self.subgroup_strides, subgroup_edges=self.subgroup_edges
            )
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
        values = self.values(draw)
        return parameter_record(values, self.config, self.survival_map(values))

    def survival_map(self, values):
        """The map of survival that the configuration asks for, with the parameters of one draw."""
        return survival_map(self.config.cohort.survival, values, lambda: self._mixed_survival(values))

    def _mixed_survival(self, values):
        era = self.config.cohort.era
        if len(self.tables.rows):
            return Sample(self._sample, values, era)
        return Kind(self.tables, values, era)

    @cached_property
    def _sample(self):
        """Patients of a cohort file, cells that are empty drawn: record array of `layout.PATIENT`."""
        from radsim.kernel.entries import enrol
        from radsim.kernel.workspace import empty_patients, scratch

        n = min(CURVE_SAMPLE, self.n_patients) if self.tables.each_row else CURVE_SAMPLE
        enrolled = empty_patients(n)
        enrol(CURVE_SEED, 0, 0, self.cohort_under(self.values(0)), scratch(), enrolled)
        return enrolled.patients

    def protocol(self, draw):
        """Schedules, visits and what is looked at, for one draw."""
        return protocol(self, self.values(draw))

    def tables_of(self, draw):
        """What the kernel reads in one draw: cohort, protocol and parameters."""
        values = self.values(draw)
        cohort = self.cohort_under(values)
        return cohort, protocol(self, values), parameter_record(values, self.config, self.survival_map(values))


def read_only(cohort):
    """The same `CohortTables`, none of it to be written to, whatever it was made of: for tables of another type the kernel would be compiled anew."""
    for array in cohort:
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return cohort


def covariates_used(tables):
    """Covariates up to the last one that is anything but its first category in somebody: nothing is drawn for those after it."""
    drawn = np.any((tables.n_levels > 1) | (tables.values[:, :, 0] != 0.0), axis=1)
    if len(tables.rows):
        drawn |= np.any(np.nan_to_num(tables.rows) != 0.0, axis=0)
    return max(N_CORE, int(np.flatnonzero(drawn)[-1]) + 1)


def _position(subgroup):
    """Where what divides the patients stands among the covariates; the score of prognosis comes after them."""
    of = bands.band(subgroup).of if subgroup in bands.BANDS else subgroup
    return len(COVARIATES) if of == bands.SCORE else COVARIATES.index(of)


def parameter_record(values, config, survival_map=IDENTITY):
    """Fill one `layout.PARAMETERS` record.

    Parameters
    ----------
    values : dict of str to float
        Parameters by dotted name.
    config : Config
        For the era, the care, and whether `none` may be irradiated later.
    survival_map : SurvivalMap, optional
    """
    off = _of_care_not_given(config.care)  # nothing reads these
    found = {field: 0.0 if name in off else values[name] for field, name in _SCALARS.items()}
    for name, members in layout.VECTOR_PARAMETERS.items():
        found[name] = [0.0 if member in off else values[member] for member in members]
    found["survival_reference_log_days"] = reference_log_days(values, config.cohort.era)
    found["survival_prognosis_factor"] = prognosis_factor(values, config.cohort.era)
    found["survival_frailty_residual"] = math.sqrt(1.0 - values["survival.frailty_correlation"] ** 2)
    found["survival_map_of"], found["survival_map"] = survival_map.of, survival_map.values
    found["survival_map_start"], found["survival_map_per_unit"] = survival_map.start, survival_map.per_unit
    found["survival_map_end_days"] = survival_map.end_days
    found["onset_log_median"] = math.log(values["onset.median_days"])
    found["relapse_log_median"] = math.log(values["relapse.median_days"])
    found["relapse_complete_log_median"] = math.log(values["relapse.complete_median_days"])
    reliability = max(0.0, 1.0 - (values["report.slow_sd"] / values["report.at_start_sd"]) ** 2)
    found["report_reliability"] = reliability
    found["report_residual_sd"] = values["report.slow_sd"] * math.sqrt(reliability)
    found["none_may_be_irradiated"] = config.none_may_be_irradiated
    found["modern"] = config.cohort.era == "modern"
    found |= _care(config.care, values, config.cohort.era == "modern")
    record = np.zeros(1, layout.PARAMETERS)
    record[0] = tuple(found[name] for name in layout.PARAMETERS.names)
    return record


def _of_care_not_given(care):
    """Parameters of the kinds of care that are not given."""
    there = given(care)
    return {name for kind in KINDS[1:] if kind not in there for name in kind.all_parameters}


def _care(care, values, modern):
    """Fields of the parameter record that say which care is given, and how, and what follows from that for every patient."""
    there = given(care)
    found = {"any_care": len(there) > 0, "care": [kind in there for kind in KINDS]}
    for kind in KINDS:
        chosen = getattr(care, kind.switch) if kind in there else None
        numbers = {
            setting.name: setting.number(setting.default if chosen is None else getattr(chosen, setting.name))
            for setting in kind.settings
        }
        found |= {kind.field(name): number for name, number in numbers.items()}
        found |= (
            {name: np.zeros(size) for name, size in kind.derived.items()}
            if chosen is None
            else kind.derive(values, numbers, modern)
        )
    return found


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
    names = layout.parameter_names([config.care])
    samples = {name: samples[name] for name in names}  # the registry also says how trials differ
    tables, warnings = cohorts.build_tables(config)
    if config.none_may_be_irradiated and not any(schedule.none for schedule in config.schedules):
        warnings = [*warnings, "retreatment.none_may_be_irradiated: has no effect, as no schedule is none"]
    horizon = math.inf if config.horizon_days == "lifetime" else config.horizon_days
    warnings = [*warnings, *curve_warnings(config.cohort.survival, horizon)]
    return Study(config, registry, samples, tables, tuple(endpoints), actuarial, tuple(warnings))
