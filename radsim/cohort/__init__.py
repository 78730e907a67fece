"""Baseline patients: a configuration and a population, or a file of real patients, into tables."""

from radsim.cohort.rows import CohortError, read_rows
from radsim.cohort.tables import (
    Tables,
    build_tables,
    covariates_from_uniforms,
    provisional_covariates,
    resolve_cohort,
    said_of,
)
from radsim.config import load_population

__all__ = [
    "CohortError",
    "Tables",
    "build_tables",
    "covariates_from_uniforms",
    "load_population",
    "provisional_covariates",
    "read_rows",
    "resolve_cohort",
    "said_of",
]
