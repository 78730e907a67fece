"""What is wrong with the content of a document, in our words, with the line where it stands."""

from __future__ import annotations

from types import MappingProxyType
from typing import get_args

from pydantic import ValidationError

from radsim.yaml.faults import ConfigError, Expected, Fault, a_known, describe, dotted
from radsim.yaml.nodes import Document

OVERRIDE = "override"

TEXTS = {
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "dict_type": "a mapping of names to numbers",
    "tuple_type": "a list",
    "string_type": "text",
    "string_pattern_mismatch": "64 hexadecimal digits",
}
"""What was expected, by pydantic's type of error; single values say it themselves (`fields`)."""

NO_SECTIONS = MappingProxyType({})


def unrelated(faults: list[Fault], known: list[Fault]) -> list[Fault]:
    """Return the faults that are not about a value, or a part or whole of it, that is known to be faulty."""
    paths = [(fault.file, fault.path) for fault in known]
    return [
        f
        for f in faults
        if not any(f.file == file and (under(f.path, path) or under(path, f.path)) for file, path in paths)
    ]


def checked_content(document: Document, model, *rules):
    """The content of a document as an object of its model, held against the rules that go beyond single values.

    Parameters
    ----------
    document : Document
    model : type
        Of the whole document.
    *rules : callable
        Each takes the object, and yields path, what was expected and what was found of each fault.

    Raises
    ------
    ConfigError
        With every fault of form or, if the form is sound, of the rules.
    """
    try:
        found = model.model_validate(document.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise ConfigError(fault for each in errors for fault in content_faults(document, each, model=model)) from None
    if faults := [fault_at(document, *fault) for rule in rules for fault in rule(found)]:
        raise ConfigError(faults)
    return found


def content_faults(document: Document, error: dict, *, model, sections=NO_SECTIONS) -> list[Fault]:
    """Put one of pydantic's errors about a document of a model in our words.

    Parameters
    ----------
    document : Document
    error : dict
        As pydantic lists it.
    model : type
        Of the whole document.
    sections : mapping of str to callable, optional
        Keys whose model the annotation does not show, and what gives it.

    Returns
    -------
    list of Fault
    """
    path = path_of(document, error)
    raised = error.get("ctx", {}).get("error")
    if isinstance(raised, ValidationError):  # of a section that is validated on its own
        inner = [{**each, "loc": (*path, *each["loc"])} for each in raised.errors(include_url=False)]
        return [fault for each in inner for fault in content_faults(document, each, model=model, sections=sections)]
    if isinstance(raised, Expected):
        return [
            fault_at(document, path + part, expected, found or describe(_found(document, path + part, error, part)))
            for part, expected, found in raised.details
        ]
    if error["type"] == "extra_forbidden":
        return [
            fault_at(
                document,
                path,
                a_known("one of the keys", str(path[-1]), _keys(path[:-1], model, sections)),
                str(path[-1]),
            )
        ]
    if error["type"] == "missing":
        return [fault_at(document, path, "this key", "nothing")]
    if error["type"] == "default_factory_not_called":
        return []  # a default that depends on what is faulty itself
    return [fault_at(document, path, TEXTS.get(error["type"], error["msg"]), describe(error["input"]))]


def path_of(document: Document, error: dict) -> tuple:
    """Return the path of one of pydantic's errors: what it says of where, without the tags of our own unions.

    A key of the document may look like a tag (``<b>``); it is one where the document has it.
    """
    path, inside = (), document.data
    for part in error["loc"]:
        if str(part).startswith("<") and not (isinstance(inside, dict) and part in inside):
            continue
        path, inside = (*path, part), _at(inside, (part,))
    return path


def fault_at(document, path, expected, found):
    """Make a fault with the line of the path, or of the nearest part of the file around it."""
    if any(document.lines.get(path[:n], 0) is None for n in range(len(path) + 1)):
        return Fault(OVERRIDE, None, dotted(path), expected, found)
    lines = [document.lines[path[:n]] for n in range(len(path) + 1) if path[:n] in document.lines]
    return Fault(document.file, lines[-1] if lines else None, dotted(path), expected, found)


def _found(document, path, error, part):
    """Return what stood at a path; the value itself where a short form, such as a bare number, has no such path."""
    found = _at(document.data, path)
    return error["input"] if found is None and not part else found


def _at(data, path):
    """Return the value at a path, or None where there is none."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _keys(path, model, sections):
    """List the keys that the mapping at a path of a model may have."""
    for part in path:
        if part in sections:
            model = sections[part]()
        elif part in model.model_fields:  # else a position in a list, or a name in a mapping
            model = _model_in(model.model_fields[part].annotation)
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation):
    """The first model in an annotation such as ``Normal | None``."""
    if hasattr(annotation, "model_fields"):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def under(path, parent):
    """Whether a path, as text, is a part of another or the same."""
    return path == parent or path.startswith((f"{parent}.", f"{parent}["))
