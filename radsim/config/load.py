"""From a file to a `Config`, or to all that is wrong with the file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any, TextIO

from pydantic import ValidationError

from radsim.config.model import Config
from radsim.config.survival import pin_survival_file
from radsim.ordinary_files import open_ordinary
from radsim.yaml.content import OVERRIDE, content_faults, fault_at, under, unrelated
from radsim.yaml.faults import ConfigError, Fault, describe, dotted
from radsim.yaml.nodes import Document, from_mapping, well_formed


def _economics():
    """The model of the section `economics`, which is built only for who asks."""
    from radsim.economics.section import Economics

    return Economics


SECTIONS = {"economics": _economics}
"""Models of sections that the annotations of `Config` do not show."""


def load_config(
    source: str | os.PathLike[str] | TextIO | Mapping[str, Any], *, overrides: Mapping[str, Any] | None = None
) -> Config:
    """Load a configuration.

    Parameters
    ----------
    source : str, os.PathLike, file object or Mapping
        A path, ``-`` for standard input, an open text, or the data themselves.
    overrides : Mapping of str to object, optional
        Values that replace those of the source, by dotted path: ``{"cohort.size": 1000}``.

    Returns
    -------
    Config
        With every default filled in. A relative ``cohort.file`` is taken from the folder of the source, and
        its content is pinned in ``cohort.file_sha256``; files of `economics` likewise, and their content takes
        the place of their names.

    Raises
    ------
    ConfigError
        With every fault of the source.

    Examples
    --------
    >>> load_config({"schedules": ["8Gy/1"]}).cohort.size
    100000
    """
    document = well_formed(source)
    document = override(document, overrides or {})
    document = pin_economics(pin_survival_file(pin_cohort_file(document)))
    config, faults = validate(document)
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return config


def override(document: Document, overrides: Mapping) -> Document:
    """Replace values by dotted path; what replaces a fault removes it."""
    given = from_mapping(overrides, file=OVERRIDE)
    data, lines, faults = document.data, dict(document.lines), list(document.faults)
    for name, value in given.data.items():
        path = override_path(name)
        data = _replaced(data, path, value)
        for old in [old for old in lines if old[: len(path)] == path]:
            del lines[old]
        lines[path] = None  # its own fault has no line
        faults = [fault for fault in faults if not under(fault.path, dotted(path))]
    return document._replace(data=data, lines=lines, faults=faults + given.faults)


def override_path(name: str) -> tuple[str, ...]:
    """Split a dotted path into keys; the names of `parameters` and `economics.values` hold dots themselves."""
    if name.startswith("economics.values."):
        return "economics", "values", name.removeprefix("economics.values.")
    head, _, rest = name.partition(".")
    if head == "parameters" and rest:
        return head, rest
    return tuple(name.split("."))


def _replaced(data, path, value):
    """Return data with the value at a path replaced; validation reports what is no mapping on the way."""
    if not path:
        return value
    if not isinstance(data, dict):
        return data
    return {**data, path[0]: _replaced(data.get(path[0], {}), path[1:], value)}


def pin_cohort_file(document: Document) -> Document:
    """Take the cohort file from the folder of the source, and fill in or check the digest of its content."""
    cohort = document.data.get("cohort") if isinstance(document.data, dict) else None
    file = cohort.get("file") if isinstance(cohort, dict) else None
    if not isinstance(file, str) or not file.strip():
        return document
    path = ("cohort", "file")
    overridden = path in document.lines and document.lines[path] is None
    file = file if overridden else os.path.join(document.folder, file)
    try:
        with open_ordinary(file) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        fault = fault_at(document, path, "a readable file", f"{describe(os.path.basename(file))}: {reason}")
        return document._replace(faults=[*document.faults, fault])
    pinned = cohort.get("file_sha256", digest)
    faults = list(document.faults)
    if isinstance(pinned, str) and len(pinned) == len(digest) and pinned != digest:
        faults.append(fault_at(document, ("cohort", "file_sha256"), f"a file with SHA-256 {pinned}", digest))
    data = {**document.data, "cohort": {**cohort, "file": file, "file_sha256": pinned}}
    return document._replace(data=data, faults=faults)


def pin_economics(document: Document) -> Document:
    """Put the content of price and utility files in the place of their names."""
    if not isinstance(document.data, dict) or "economics" not in document.data:
        return document
    from radsim.economics.sets import pin_sets

    return pin_sets(document)


def validate(document: Document) -> tuple[Config | None, list[Fault]]:
    """Check plain data against the model.

    Parameters
    ----------
    document : Document
        Its own faults of form are passed on, and nothing is reported twice.

    Returns
    -------
    config : Config or None
        None if there are faults.
    faults : list of Fault
        Of form and of content.
    """
    try:
        config = Config.model_validate(document.data)
    except ValidationError as error:
        faults = [
            fault
            for each in error.errors(include_url=False)
            for fault in content_faults(document, each, model=Config, sections=SECTIONS)
        ]
        return None, document.faults + unrelated(faults, document.faults)
    return (None if document.faults else config), document.faults
