"""From a YAML file to a `Trial`, or to everything that is wrong with it and where."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ValidationError

from radsim.trials.model import Trial, count_errors
from radsim.trials.possible import impossible
from radsim.yaml.content import content_faults, path_of
from radsim.yaml.faults import ConfigError, Fault, a_known, dotted
from radsim.yaml.nodes import Document, well_formed

SUFFIXES = (".yaml", ".yml")


def load_trial(source, *, model=Trial) -> Trial:
    """Load one trial.

    Parameters
    ----------
    source : str, os.PathLike, file object or Mapping
        As for `radsim.config.load_config`.
    model : type
        What it is to be: a published `Trial`, or one that is proposed.

    Returns
    -------
    Trial

    Raises
    ------
    ConfigError
        With every fault of the source, each with file and line.
    """
    document = well_formed(source)
    trial, faults = validate(document, model=model)
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return trial


def load_trials(sources) -> tuple[list[Trial], list[Fault]]:
    """Load every trial that can be loaded.

    Parameters
    ----------
    sources : iterable of str or os.PathLike
        Files, or folders whose YAML files are read in order of name.

    Returns
    -------
    trials : list of Trial
    faults : list of Fault
        Of the files that could not be used, and of an ``id`` that stood in a file before or a `part_of` of two kinds.
    """
    trials, faults = [], []
    for path in trial_files(sources):
        try:
            trial = load_trial(path)
        except ConfigError as error:
            faults += error.faults
            continue
        clash = _clash(trial, trials)
        if clash is None:
            trials.append(trial)
        else:
            faults.append(Fault(path.name, None, *clash))
    return trials, faults


def trial_files(sources) -> list[Path]:
    """Files to read: those named, and the YAML files of the folders named."""
    found = []
    for source in map(Path, sources):
        inside = sorted(p for p in source.iterdir() if p.suffix in SUFFIXES) if source.is_dir() else [source]
        found += inside
    return found


def shipped_trials() -> list[Trial]:
    """The trials that come with radsim, in order of file name."""
    trials, faults = load_trials([os.fspath(files("radsim") / "data" / "trials")])
    assert not faults, "\n".join(map(str, faults))
    return trials


def _clash(trial, earlier):
    """What a trial has in conflict with those before it: path, expected and found; None if nothing."""
    for other in earlier:
        if other.id == trial.id:
            return "id", "a name of its own for each trial", f"{trial.id} again"
        if other.study == trial.study and other.kind != trial.kind:
            return "kind", f"{other.kind}, as {other.id} is about the same patients ({other.study})", trial.kind
    return None


def validate(document: Document, *, model=Trial) -> tuple[Trial | None, list[Fault]]:
    """Check plain data against the format and its figures against each other; faults of form are passed on and not reported twice."""
    try:
        trial = model.model_validate(document.data)
    except ValidationError as error:
        known = [fault.path for fault in document.faults]
        found = [fault for each in error.errors(include_url=False) for fault in _faults(document, each, model)]
        found += _count_faults(document)
        fresh = [f for f in dict.fromkeys(found) if not any(_related(f.path, path) for path in known)]
        return None, document.faults + fresh
    faults = document.faults + [_fault(document, path, expected, found) for path, expected, found in impossible(trial)]
    return (None if faults else trial), faults


def _faults(document, error, model):
    """One of pydantic's errors in our words."""
    path = path_of(document, error)
    if error["type"] == "extra_forbidden":
        return [
            _fault(document, path, a_known("one of the keys", str(path[-1]), keys_at(path[:-1], model)), str(path[-1]))
        ]
    return content_faults(document, error, model=model)


def _count_faults(document):
    """Wrong numbers of figures, also where an arm or another outcome is faulty itself."""
    data = document.data if isinstance(document.data, dict) else {}
    arms, outcomes = data.get("arms"), data.get("outcomes")
    if not isinstance(arms, tuple) or not isinstance(outcomes, tuple):
        return []
    observed = [outcome.get("observed") if isinstance(outcome, dict) else None for outcome in outcomes]
    errors = [detail for error in count_errors(len(arms), observed) for detail in error.details]
    return [_fault(document, ("outcomes", *path), expected, found) for path, expected, found in errors]


def _fault(document, path, expected, found):
    """A fault with the line of the path, or of the nearest part of the file around it."""
    lines = [document.lines[path[:n]] for n in range(len(path) + 1) if path[:n] in document.lines]
    return Fault(document.file, lines[-1] if lines else None, dotted(path), expected, found)


def _related(one, other):
    """Is one path the other, or inside it?"""
    return any(a == b or a.startswith((f"{b}.", f"{b}[")) for a, b in ((one, other), (other, one)))


def keys_at(path, model=Trial):
    """Keys that the mapping at a path of a trial may have."""
    for part in path:
        if not isinstance(part, int):
            model = _model_in(model.model_fields[part].annotation if part in model.model_fields else None)
        if model is None:
            return ["value"]
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation):
    """The model in an annotation such as ``Arm | None`` or ``tuple[Arm, ...]``; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model is not None), None)
