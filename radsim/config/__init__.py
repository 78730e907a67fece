"""Configurations: YAML into one frozen, explicit `Config`, or everything that is wrong with it and where.

`load_config` is the way in; `to_yaml`, `resolved_config` and `config_digest` are the ways out.
"""

from radsim.config.covariates import CATEGORIES, COVARIATES, LEAST_PAIN, SCALES
from radsim.config.dump import config_digest, json_schema, resolved_config, to_yaml
from radsim.config.load import load_config
from radsim.config.marginals import Distribution, Marginal
from radsim.config.model import Care, Cohort, Config, Observation
from radsim.config.population import Population, load_population, population_names
from radsim.config.schedule import Schedule
from radsim.config.starting_file import STARTING_FILE
from radsim.yaml.faults import ConfigError, Fault

__all__ = [
    "CATEGORIES",
    "COVARIATES",
    "LEAST_PAIN",
    "SCALES",
    "STARTING_FILE",
    "Care",
    "Cohort",
    "Config",
    "ConfigError",
    "Distribution",
    "Fault",
    "Marginal",
    "Observation",
    "Population",
    "Schedule",
    "config_digest",
    "json_schema",
    "load_config",
    "load_population",
    "population_names",
    "resolved_config",
    "to_yaml",
]
