"""The settings of a calibration: the format `radsim_calibration: 1`, every key with its limits and default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError, field_validator

from radsim.evidence import load_priors
from radsim.yaml.content import content_faults
from radsim.yaml.faults import ConfigError, Expected, a_known
from radsim.yaml.fields import Line, Section, described, not_empty, number, one_of, whole
from radsim.yaml.nodes import well_formed

EVIDENCE = "trials"
Format = Annotated[Literal[1], described("1, the version of the format that this radsim reads")]
Scale = number(low=0, high=5)


class Parameter(Section):
    """One parameter to be calibrated; a name by itself is short for ``{name: NAME}``.

    Parameters
    ----------
    name : str
        Of the evidence registry, and uncertain there.
    draws : {'posterior', 'prior'}
        Draws that are packaged: `prior` estimates the parameter but packages nothing of it.
    """

    name: Line
    draws: one_of("posterior", "prior") = "posterior"

    @field_validator("name")
    @classmethod
    def _uncertain(cls, name):
        registry = load_priors(EVIDENCE)
        if name not in registry:
            raise Expected(a_known("the name of a parameter", name, registry), found=name)
        if "fixed" in registry[name].uncertainty:
            raise Expected("a parameter with an uncertainty", found=f"{name}, which is fixed")
        return name


class Bank(Section):
    """Parameter points at which every calibration trial is simulated.

    Parameters
    ----------
    points : int
        A power of two, as Sobol sequences are. [1]
    patients : int
        Virtual patients of each arm at each point. [1]
    rounds : int
        Banks one after another, each but the first around the posterior of the one before: what is simulated where the trials leave room
        is emulated more closely. [1]
    """

    points: whole(low=64, high=2**16) = 2048
    patients: whole(low=100, high=10**6) = 2000
    rounds: whole(low=1, high=5) = 1

    @field_validator("points")
    @classmethod
    def _power_of_two(cls, points):
        if points & (points - 1):
            raise Expected("a power of two", found=str(points))
        return points


class BetweenTrial(Section):
    """Scales of the half-normal priors of the deviations between trials, ``between_trial.response`` and so on; 0 is none. [1]"""

    response: Scale = 0.7
    complete: Scale = 0.45
    onset: Scale = 0.7
    questionnaires: Scale = Field(default=0.6, validation_alias=AliasChoices("questionnaires", "charts"))
    retreatment: Scale = 1.0
    analgesics: Scale = 0.0
    level: Scale = 0.4
    event: Scale = 0.5


class Sampler(Section):
    """How the posterior is sampled.

    Parameters
    ----------
    chains, steps, burn_in : int
        Chains side by side, and steps of each; those of the burn-in come before and are discarded. [1]
    """

    chains: whole(low=4, high=10**4) = 64
    steps: whole(low=10, high=10**6) = 1000
    burn_in: whole(low=0, high=10**6) = 600


def _as_mapping(value):
    """A list of parameters in which a name may stand for the mapping."""
    if isinstance(value, tuple | list):
        return tuple({"name": each} if isinstance(each, str) else each for each in value)
    return value


class Settings(Section):
    """A calibration.

    Parameters
    ----------
    radsim_calibration : int
        Version of the format.
    seed : int
        Of the points, of the random numbers at each, and of the sampler.
    bank : Bank
    draws : int
        Draws of the posterior to be packaged. [1]
    row_correlation : float
        Correlation of the sampling errors of rows about the same patients (`targets.discount`). [1]
    row_sd : float
        Further deviation of each row: misfit of form, on the logit scale. [1]
    between_trial : BetweenTrial
    sampler : Sampler
    leave_out : tuple of str
        Targets that are reported and inform nothing: a trial, or a trial and an outcome ("sc24-2021 survival").
    parameters : tuple of Parameter
        What is calibrated; everything else stays at its value.
    """

    radsim_calibration: Format
    seed: whole(low=0, high=2**32 - 1)
    bank: Bank = Bank()
    draws: whole(low=10, high=10**5) = 4000
    row_correlation: number(low=0, high=1) = 0.7
    row_sd: number(low=0, high=2) = 0.1
    between_trial: BetweenTrial = BetweenTrial()
    sampler: Sampler = Sampler()
    leave_out: tuple[Line, ...] = ()
    parameters: Annotated[tuple[Parameter, ...], BeforeValidator(not_empty), BeforeValidator(_as_mapping)] = Field()

    @field_validator("parameters")
    @classmethod
    def _once_each(cls, parameters):
        names = [parameter.name for parameter in parameters]
        again = sorted({name for name in names if names.count(name) > 1})
        if again:
            raise Expected("each parameter once", found=", ".join(again))
        return parameters

    @property
    def names(self):
        """Names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)


SECTIONS = {"parameters": lambda: Parameter}
"""Models that the annotations of `Settings` do not show."""


def load_settings(source, **overrides):
    """Load a calibration.

    Parameters
    ----------
    source : str, os.PathLike, file object or Mapping
        As for `radsim.config.load_config`.
    **overrides
        Top-level keys that replace those of the source; None is not given.

    Returns
    -------
    Settings

    Raises
    ------
    ConfigError
        With every fault of the source, each with file and line.
    """
    document = well_formed(source)
    given = {key: value for key, value in overrides.items() if value is not None}
    data = {**document.data, **given} if isinstance(document.data, dict) else document.data
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        faults = [
            fault
            for each in error.errors(include_url=False)
            for fault in content_faults(document, each, model=Settings, sections=SECTIONS)
        ]
        raise ConfigError(document.faults + faults) from None
    if document.faults:
        raise ConfigError(document.faults)
    return settings
