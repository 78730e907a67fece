"""The cohort as tables to sample from: levels, probabilities, correlation, rows of real patients."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radsim import care
from radsim.cohort.rows import CohortError, read_rows
from radsim.cohort.tabulate import MOST_LEVELS, STANDARD_NORMAL, merge, numeric_levels
from radsim.config import CATEGORIES, COVARIATES, LEAST_PAIN, SCALES, Fault, Schedule, bands, load_population
from radsim.config import ecog as performance
from radsim.config.clinic_words import what_is_said
from radsim.config.contradictions import categories_in, drawn_from, limited_effects
from radsim.config.covariates import CONDITIONS

N_COVARIATES = len(COVARIATES)
N_PARENTS = max(len(CATEGORIES[name]) for name in ("primary", "site"))
PARENTS = {"primary": 0, "site": 1}

ONLY_THERE = {
    "subtype": ("primary", "breast", "unknown"),
    "cortical_involvement_mm": ("site", "hip", 0.0),
}
"""Covariates that mean something only for one primary or site: which, and what the others have."""


class Tables(NamedTuple):
    """A cohort, ready to be sampled; arrays are read-only.

    Parameters
    ----------
    values : float64 array, shape (covariate, parent, level)
        Values of the levels: numbers, codes of categories, positions in `prior_schedules`.
    cumulative : float64 array, shape (covariate, parent, level)
        Cumulative probabilities; the level of u is the first with u <= cumulative. 1 from the last level on.
    n_levels : int64 array, shape (covariate, parent)
        Levels in use.
    parent : int64 array, shape (covariate,)
        Covariate whose code chooses the second index, or -1: always the first.
    cholesky : float64 array, shape (covariate, covariate)
        Lower factor of the correlation of the normal scores.
    correlated : uint8 array, shape (covariate,)
        1 for covariates that are correlated with another.
    rows : float64 array, shape (row, covariate)
        Real patients, NaN where the tables are to be drawn from; no rows without a file.
    each_row : int
        Copies of each row; 0: rows are drawn with replacement. [1]
    prior_schedules : tuple of Schedule
        What the values of `prior_schedule` stand for; the first is `none`.
    """

    values: np.ndarray
    cumulative: np.ndarray
    n_levels: np.ndarray
    parent: np.ndarray
    cholesky: np.ndarray
    correlated: np.ndarray
    rows: np.ndarray
    each_row: int
    prior_schedules: tuple


def build_tables(config):
    """Turn the cohort of a configuration into tables.

    Parameters
    ----------
    config : Config

    Returns
    -------
    tables : Tables
    warnings : list of str
        What a reader of the results must know.

    Raises
    ------
    CohortError
        If the cohort file cannot be used, or nobody has a pain that can respond.
    """
    marginals, warnings = resolve_cohort(config.cohort), []
    schedules = {"none": 0}
    values = np.zeros((N_COVARIATES, N_PARENTS, MOST_LEVELS))
    cumulative, n_levels = np.ones_like(values), np.ones((N_COVARIATES, N_PARENTS), np.int64)
    for c, name in enumerate(COVARIATES):
        for p, marginal in enumerate(marginals[name][1]):
            levels, probabilities, cut = _levels(name, marginal, schedules)
            n_levels[c, p] = len(levels)
            values[c, p, : len(levels)] = levels
            cumulative[c, p, : len(levels) - 1] = np.cumsum(probabilities)[:-1]
            warnings += [cut] if cut and cut not in warnings else []
    rows, prior_schedules, row_warnings = _rows(config.cohort, tuple(Schedule.parse(name) for name in schedules))
    warnings += bands.what_is_said(config.subgroups)
    warnings += said_of(config, rows)
    if config.cohort.prior_weeks_ago and len(prior_schedules) == 1:  # of a file; else it is refused
        warnings.append("cohort.prior_weeks_ago: has no effect, as nobody had an earlier course")
    parent = np.array([PARENTS.get(marginals[name][0], -1) for name in COVARIATES], np.int64)
    cholesky, correlated = _copula(load_population(config.cohort.population).correlation)
    arrays = (values, np.minimum(cumulative, 1.0), n_levels, parent, cholesky, correlated, rows)
    for array in arrays:
        array.flags.writeable = False
    return Tables(*arrays, config.cohort.each_row or 0, prior_schedules), warnings + list(row_warnings)


def resolve_cohort(cohort):
    """Say how each covariate is distributed: as configured, and as in the population otherwise.

    Parameters
    ----------
    cohort : config.Cohort

    Returns
    -------
    marginals : dict of str to (str or None, list of Marginal)
        By covariate: its parent, and one marginal for each of its categories (one without a parent).

    Notes
    -----
    A receptor subtype belongs to breast cancer and cortical involvement to the hip: what is configured
    holds there, and the others keep `unknown` and 0. Prostate cancer is always male.
    """
    population, given = load_population(cohort.population).covariates, cohort.covariates
    marginals = {}
    for name in COVARIATES:
        if name not in given:
            marginals[name] = _by_parent(population[name].given, population[name].marginals)
        elif name in ONLY_THERE:
            parent, there, elsewhere = ONLY_THERE[name]
            marginals[name] = _by_parent(parent, {there: given[name], "default": elsewhere})
        elif name == "sex":
            marginals[name] = _by_parent("primary", {"prostate": "male", "default": given[name]})
        else:
            marginals[name] = (None, [given[name]])
    return marginals


def provisional_covariates(config):
    """List the covariates that are drawn from provisional numbers of the population.

    Parameters
    ----------
    config : Config

    Returns
    -------
    dict of str to str
        Source by covariate.
    """
    population = load_population(config.cohort.population).covariates
    drawn = [name for name in COVARIATES if name not in config.cohort.covariates]
    return {name: population[name].source for name in drawn if population[name].status == "provisional"}


def covariates_from_uniforms(tables, u, *, row=None):
    """Sample patients as the kernel does, slowly and in plain sight.

    Parameters
    ----------
    tables : Tables
    u : array, shape (…, covariate)
        Uniforms in (0, 1).
    row : int, optional
        Row of a real patient; its values stand before anything drawn.

    Returns
    -------
    array, shape (…, covariate)
        Values, as in `Tables.values`.
    """
    u = np.asarray(u, float)
    if u.ndim > 1:
        return np.array([covariates_from_uniforms(tables, each, row=row) for each in u])
    scores = [STANDARD_NORMAL.inv_cdf(each) for each in u]
    covariates = np.full(N_COVARIATES, np.nan) if row is None else tables.rows[row].copy()
    for c in range(N_COVARIATES):
        if np.isnan(covariates[c]):
            uniform = STANDARD_NORMAL.cdf(float(tables.cholesky[c] @ scores)) if tables.correlated[c] else u[c]
            category = int(covariates[tables.parent[c]]) if tables.parent[c] >= 0 else 0
            level = np.searchsorted(tables.cumulative[c, category], uniform, side="left")
            covariates[c] = tables.values[c, category, level]
    return covariates


def _by_parent(parent, marginals):
    """Return the parent and the marginal of each of its categories."""
    if parent is None:
        return None, [marginals["default"]]
    return parent, [marginals[c] if c in marginals else marginals["default"] for c in CATEGORIES[parent]]


def _levels(name, marginal, schedules):
    """Return levels, their probabilities, and a warning if some were cut away."""
    if name in SCALES:
        values, probabilities = numeric_levels(name, marginal)
        return _painful(values, probabilities) if name == "pain" else (values, probabilities, None)
    shares = marginal if isinstance(marginal, dict) else {marginal: 1.0}
    if name == "prior_schedule":
        codes = [schedules.setdefault(text, len(schedules)) for text in shares]
    else:
        codes = [CATEGORIES[name].index(category) for category in shares]
    return *_merged(tuple(codes), tuple(shares.values())), None


@lru_cache(maxsize=256)  # as `numeric_levels`
def _merged(codes, shares):
    return merge(np.array(codes, float), np.array(shares))


def _painful(values, probabilities):
    """Cut away a pain that cannot respond."""
    below = float(probabilities[values < LEAST_PAIN].sum())
    if not below:
        return values, probabilities, None
    kept = values >= LEAST_PAIN
    if not kept.any():
        raise CohortError([Fault("configuration", None, "cohort.pain", f"some pain of at least {LEAST_PAIN}", "none")])
    warning = f"cohort.pain: the {below:.1%} with pain below {LEAST_PAIN} cannot respond and are left out"
    return *merge(values[kept], probabilities[kept]), warning


def _rows(cohort, prior_schedules):
    if cohort.file is None:
        return np.empty((0, N_COVARIATES)), prior_schedules, ()
    drawn = drawn_from(cohort.population, cohort.covariates)
    return read_rows(cohort.file, prior_schedules=prior_schedules, drawn=drawn)


def _taken_as(cohort):
    """What words of clinics and an ECOG grade of the configuration are simulated as; a line each."""
    for name in ("primary", "site"):
        if (marginal := getattr(cohort, name)) is not None:
            words = (
                [word for word in marginal if word in categories_in(marginal)]
                if isinstance(marginal, dict)
                else [marginal]
            )
            yield from (f"cohort.{name}: {sentence}" for sentence in what_is_said(name, words))
    if cohort.ecog is not None:
        yield f"cohort.ecog: {performance.what_is_said(cohort.ecog)}"


def said_of(config, rows=None):
    """What a reader must know of the covariates that a configuration sets; no table is made for that.

    Parameters
    ----------
    config : Config
    rows : array, shape (row, covariate), optional
        Those of its cohort file.

    Returns
    -------
    list of str
        What words of clinics are simulated as, and what has no effect, or one on a part of the patients; a line each.
    """
    cohort = config.cohort
    drawn = {} if cohort.file is not None else drawn_from(cohort.population)
    limited = [f"cohort.{name}: {sentence}" for name, sentence in limited_effects(cohort.covariates, drawn)]
    return [*_taken_as(cohort), *limited, *_not_read(config, rows)]


def _not_read(config, rows):
    """Conditions of patients that no care asks for; a line each."""
    asked = {name for kind in care.given(config.care) for name in kind.reads}
    for name in CONDITIONS:
        is_set = config.cohort.covariates.get(name, "no") != "no"
        in_file = rows is not None and len(rows) > 0 and np.any(rows[:, COVARIATES.index(name)] > 0)
        if (is_set or in_file) and name not in asked:
            readers = ", ".join(f"care.{kind.switch}" for kind in care.KINDS if name in kind.reads)
            yield f"cohort.{name}: has no effect" + (f" without {readers}" if readers else ", as no care asks for it")


def _copula(correlation):
    """Return the lower Cholesky factor of the correlations, and which covariates have one."""
    matrix, correlated = np.eye(N_COVARIATES), np.zeros(N_COVARIATES, np.uint8)
    for entry in correlation:
        a, b = (COVARIATES.index(name) for name in entry.between)
        matrix[a, b] = matrix[b, a] = entry.value
        correlated[[a, b]] = 1
    return np.linalg.cholesky(matrix), correlated
