"""The section `care` of a configuration: a switch for each row of `radsim.care.KINDS`, with its settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model

from radsim.care import ARMS, KINDS, Amount, Choice, switched_on
from radsim.yaml.fields import Flag, Section, number, one_of


def _setting(setting):
    """Annotation and default of one setting."""
    if isinstance(setting, Choice):
        kind = one_of(*setting.options)
    elif isinstance(setting, Amount):
        kind = number(low=setting.low, high=setting.high, unit=setting.unit)
    else:
        kind = Flag
    default = float(setting.default) if isinstance(setting, Amount) else setting.default
    return kind, Field(default=default, description=setting.meaning)


def _switch(kind):
    """Annotation and default of one kind of care.

    Notes
    -----
    The first kind is a flag, which is false in a resolved configuration. All others are their settings or nothing: so a new one
    leaves the digest of a configuration that does not give it as it was.
    """
    text = f"{kind.label}: {kind.description}"
    if kind is KINDS[0]:
        return Flag, Field(default=False, description=text)
    model = create_model(
        f"{kind.switch.title().replace('_', '')}Settings",
        __base__=Section,
        __module__=__name__,
        __doc__=f"Settings of `care.{kind.switch}`.",
        **{each.name: _setting(each) for each in kind.settings},
    )
    settings = model.model_json_schema()
    return (
        Annotated[
            model | None, BeforeValidator(_as_settings), WithJsonSchema({"anyOf": [{"type": "boolean"}, settings]})
        ],
        Field(default=None, description=text),
    )


def _as_settings(value):
    """True is every default, false is nothing."""
    return {} if value is True else None if value is False else value


Care = create_model(
    "Care",
    __base__=Section,
    __module__=__name__,
    __doc__="""Care around the radiotherapy: a switch for each row of `radsim.care.KINDS`, off by default.""",
    **{kind.switch: _switch(kind) for kind in KINDS},
)


def with_arms(care, schedules):
    """The care of a study, with each kind of care that is one of its schedules switched on."""
    switches = [ARMS[schedule.name].switch for schedule in schedules if schedule.name in ARMS]
    missing = {switch: True for switch in switches if not switched_on(getattr(care, switch))}
    return Care.model_validate(dict(care) | missing) if missing else care


def faults_of_care(config):
    """What contradicts between the care of a configuration and the rest of it: (path, expected, found)."""
    for kind in KINDS:
        settings = getattr(config.care, kind.switch)
        if settings is None or settings is False:
            continue
        for setting, expected, found in kind.refuses(settings, config):
            yield (("care", kind.switch, setting) if setting else ("care", kind.switch)), expected, found
