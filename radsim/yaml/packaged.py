"""Packaged YAML, parsed once per installation: reading YAML takes longer than simulating patients."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

from radsim import _cache
from radsim.yaml.faults import ConfigError
from radsim.yaml.nodes import from_text

FORMAT = 1


def read_packaged(*path: str) -> Any:
    """Read a YAML file of the package.

    Parameters
    ----------
    *path : str
        Folders and name under ``radsim/data``.

    Returns
    -------
    dict
        Plain data; sequences are lists.

    Raises
    ------
    ConfigError
        If its form is faulty.
    """
    content = packaged_text(*path)
    name = f"yaml-{FORMAT}-{hashlib.sha256(content).hexdigest()[:32]}.json"
    kept = _cache.load(name)
    if kept is None:
        document = from_text(content, file=path[-1])
        if document.faults:
            raise ConfigError(document.faults)
        kept = json.dumps(document.data)
        _cache.store(name, kept)
    return json.loads(kept)


def packaged_text(*path: str) -> bytes:
    """The text of a file of the package, by the folders and name under ``radsim/data``."""
    return files("radsim").joinpath("data", *path).read_bytes()
