"""A configuration written out: the resolved form, its digest, its schema."""

from __future__ import annotations

import hashlib
import io
import json
import os
from typing import Any

from radsim.config.marginals import Distribution
from radsim.config.model import Cohort, Config
from radsim.config.schedule import Schedule

LONGEST_LINE = 200
SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def resolved_config(config: Config, *, whole_path: bool = False) -> dict[str, Any]:
    """Return a configuration as plain data with every default filled in.

    Parameters
    ----------
    config : Config
    whole_path : bool
        Whether ``cohort.file`` keeps its folder. Without it, the result says nothing about the machine.

    Returns
    -------
    dict
        Text, numbers, bools, lists and dicts; no nulls. `load_config` reads it.
    """
    data = {name: getattr(config, name) for name in type(config).model_fields}
    return {name: resolved_section(value, whole_path=whole_path) for name, value in data.items() if value is not None}


def resolved_section(value: Any, *, whole_path: bool = False) -> Any:
    """Return what stands under one key of a configuration as plain data; see `resolved_config`."""
    data = plain(value)
    if isinstance(value, Cohort) and "file" in data and not whole_path:
        data["file"] = os.path.basename(data["file"])
    return data


def plain(value: Any) -> Any:
    """Turn a part of a configuration into plain data."""
    if isinstance(value, Schedule) and value.none:
        return value.name
    if isinstance(value, Distribution):
        return plain(value.model_dump(exclude_none=True))
    if hasattr(value, "model_fields_set"):
        fields = {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
        return {name: plain(item) for name, item in fields.items() if item is not None}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value + 0.0 if isinstance(value, float) else value  # -0.0 is 0.0


def config_digest(config: Config) -> str:
    """Name a configuration by its content.

    Parameters
    ----------
    config : Config

    Returns
    -------
    str
        SHA-256 of the canonical JSON of the resolved form, in hexadecimal. A cohort file counts by its base
        name and content.
    """
    return content_digest(resolved_config(config))


def content_digest(data: dict[str, Any]) -> str:
    """Return the SHA-256 of plain data as canonical JSON, in hexadecimal."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_yaml(config: Config) -> str:
    """Write a configuration as YAML, fully resolved.

    Parameters
    ----------
    config : Config

    Returns
    -------
    str
        Read from the same folder, it loads to an equal `Config`.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    writer, stream = YAML(plug_ins=[]), io.StringIO()
    writer.default_flow_style, writer.width = None, 10**6  # what holds only scalars stands on one line
    writer.indent(mapping=2, sequence=4, offset=2)
    data = CommentedMap(_laid_out(_short(resolved_config(config, whole_path=True))))
    for value in data.values():
        if isinstance(value, dict) and value:
            value.fa.set_block_style()
    writer.dump(data, stream)
    return stream.getvalue()


def _laid_out(value):
    """The same, with mappings that would be too long for a line over several."""
    from ruamel.yaml.comments import CommentedMap

    if isinstance(value, list):
        return [_laid_out(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = CommentedMap({key: _laid_out(item) for key, item in value.items()})
    if sum(len(f"{key}: {item}, ") for key, item in value.items()) > LONGEST_LINE:
        found.fa.set_block_style()
    return found


def _short(value):
    """The same with 8 for 8.0."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the format, for editors.

    Returns
    -------
    dict
        What it cannot say (probabilities that sum to one, times that increase) `load_config` checks.
    """
    from radsim.economics.section import Economics

    schema = Config.model_json_schema(by_alias=True)
    economics = Economics.model_json_schema(by_alias=True, mode="validation")
    economics["required"] = ["costs"]  # the rest comes from the price set
    schema["$defs"] = {**economics.pop("$defs"), **schema["$defs"], "Economics": economics}
    schema["properties"]["economics"] = {"$ref": "#/$defs/Economics"}
    _drop_nulls(schema)
    return {"$schema": SCHEMA_DIALECT, **schema, "title": "radsim configuration"}


def _drop_nulls(part):
    """Take null out of the schema: a key is left out, never null."""
    if isinstance(part, list):
        for item in part:
            _drop_nulls(item)
    if not isinstance(part, dict):
        return
    if part.get("default", ...) is None:
        del part["default"]
    if isinstance(forms := part.get("anyOf"), list) and {"type": "null"} in forms:
        forms.remove({"type": "null"})
        if len(forms) == 1:
            del part["anyOf"]
            part.update(forms[0])
    for item in list(part.values()):
        _drop_nulls(item)
