"""YAML 1.2 into plain data with a line number for every path, and every fault of form at once.

The parser's events are composed here, and not by its constructor, because that stops at the first repeated
key and forgets lines. Only what a configuration needs is let in: no nulls, tags, anchors or aliases (an
alias can blow up a small file).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from radsim.ordinary_files import open_ordinary, read_standard_input
from radsim.yaml.faults import ConfigError, Fault, describe, dotted

DEEPEST = 12

# YAML 1.2 core schema, section 10.3.2
NULL = re.compile(r"(null|Null|NULL|~)?")
BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
OTHER_BASE = re.compile(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
INFINITE = re.compile(r"([-+]?)(\.inf|\.Inf|\.INF)")
NOT_A_NUMBER = re.compile(r"\.nan|\.NaN|\.NAN")


class _Faulty:
    """Stands where a fault of form was found, so that the positions of the other values stay right."""

    def __repr__(self):
        return "a fault"


FAULTY = _Faulty()


class Document(NamedTuple):
    """A source as plain data.

    Parameters
    ----------
    file : str
        Base name of the source, for messages.
    folder : str
        Folder that relative paths inside the source start from.
    data : object
        dict, tuple, str, bool, int, float; ``FAULTY`` where the form was wrong.
    lines : dict of tuple to int
        Line number of each path, from 1; empty if the source has no lines.
    faults : list of Fault
        Faults of form.
    """

    file: str
    folder: str
    data: Any
    lines: dict
    faults: list


def resolve_scalar(text: str) -> None | bool | int | float | str:
    """Resolve a plain (unquoted) scalar by the YAML 1.2 core schema."""
    if NULL.fullmatch(text):
        return None
    if BOOLEAN.fullmatch(text):
        return text[0] in "tT"
    if INTEGER.fullmatch(text):
        return int(text)
    if OTHER_BASE.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    if NUMBER.fullmatch(text):
        return float(text)
    if INFINITE.fullmatch(text):
        return float("-inf") if text[0] == "-" else float("inf")
    return float("nan") if NOT_A_NUMBER.fullmatch(text) else text


class _GivenUp(Exception):
    """The rest of the text is not worth reading: it has nothing to do with a configuration."""


class _Composer:
    """Turns the events of one YAML text into data, lines and faults."""

    def __init__(self, file: str, events):
        self.file, self.events = file, iter(events)
        self.lines, self.faults = {}, []

    def fault(self, path, line, expected, found):
        self.faults.append(Fault(self.file, line, dotted(path), expected, found))
        return FAULTY

    def document(self):
        """Compose the whole text: one document that holds something."""
        next(self.events)
        event = next(self.events)
        if type(event).__name__ == "StreamEndEvent":
            return self.fault((), 1, "keys and values", "an empty file")
        data = self.value((), next(self.events))
        next(self.events)
        event = next(self.events)
        if type(event).__name__ == "DocumentStartEvent":
            self.fault((), event.start_mark.line + 1, "one document", "a second one")
        return data

    def value(self, path, event):
        """Compose the value that begins with this event."""
        line = self.lines.setdefault(path, event.start_mark.line + 1)  # that of its key, if it has one
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self.fault(path, line, "a plain value", f"the alias *{event.anchor}")
        if kind == "ScalarEvent":
            value = self.scalar(path, event, line)
        elif len(path) >= DEEPEST:
            self.fault(path, line, f"at most {DEEPEST} levels", "a deeper one")
            raise _GivenUp
        elif kind == "MappingStartEvent":
            value = self.mapping(path)
        else:
            value = self.sequence(path)
        return self.unadorned(path, event, line, value)

    def unadorned(self, path, event, line, value):
        """Refuse tags and anchors, after what they adorn has been read for its own faults."""
        if event.anchor is not None:
            return self.fault(path, line, "a plain value", f"the anchor &{event.anchor}")
        if event.tag is not None:
            return self.fault(path, line, "a value without a tag", f"the tag {_short_tag(event.tag)}")
        return value

    def scalar(self, path, event, line):
        if event.tag is not None:
            return event.value
        value = resolve_scalar(event.value) if event.implicit[0] else event.value
        if value is None:
            return self.fault(path, line, "a value (leave the key out for its default)", "nothing")
        return value

    def sequence(self, path):
        items = []
        while type(event := next(self.events)).__name__ != "SequenceEndEvent":
            items.append(self.value((*path, len(items)), event))
        return tuple(items)

    def mapping(self, path):
        found = {}
        while type(event := next(self.events)).__name__ != "MappingEndEvent":
            line = event.start_mark.line + 1
            key = self.key(path, event, line)
            inner = (*path, key)
            if key in found:
                expected = f"the key once (it is also on line {self.lines[inner]})"
                self.fault(inner, line, expected, "it again")
                self.value((*path, f"{key} (again)"), next(self.events))
                continue
            self.lines[inner] = line
            found[key] = self.value(inner, next(self.events))
        return found

    def key(self, path, event, line):
        """Read a key as the text it is written in, so that `no` and `1` are keys like any other."""
        if type(event).__name__ != "ScalarEvent":
            self.fault(path, line, "text as a key", "something else")
            raise _GivenUp
        if event.tag is not None or event.anchor is not None:
            self.fault((*path, event.value), line, "a plain key", "a tag or an anchor")
        return event.value


def _short_tag(tag):
    return str(tag).replace("tag:yaml.org,2002:", "!!")


def from_text(text: str | bytes, *, file: str, folder: str = "") -> Document:
    """Read YAML text.

    Parameters
    ----------
    text : str or bytes
        The text; bytes are UTF-8.
    file : str
        Base name of the source, for messages.
    folder : str
        Folder that relative paths inside the source start from.

    Returns
    -------
    Document
        Its faults say what is wrong with the form; nothing is raised.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    composer = None
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        # no plug-ins: looking for them takes longer than reading the file
        composer = _Composer(file, YAML(typ="safe", pure=True, plug_ins=[]).parse(text))
        return Document(file, folder, composer.document(), composer.lines, composer.faults)
    except _GivenUp:
        return Document(file, folder, FAULTY, {}, composer.faults)
    except UnicodeDecodeError as error:
        fault = Fault(file, text[: error.start].count(b"\n") + 1, "", "UTF-8 text", "other bytes")
    except YAMLError as error:
        fault = Fault(file, _line_of(error), "", "YAML", _problem(error))
    return Document(file, folder, FAULTY, {}, [*(composer.faults if composer else []), fault])


def _line_of(error):
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return None if mark is None else mark.line + 1


def _problem(error):
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "something else"
    return " ".join(str(problem).split()).removeprefix("found ")


def from_mapping(data: Mapping, *, file: str) -> Document:
    """Take a mapping instead of a file: the same rules, without line numbers."""
    faults: list[Fault] = []

    def plain(path, value):
        if value is None:
            faults.append(Fault(file, None, dotted(path), "a value (leave the key out for its default)", "nothing"))
            return FAULTY
        if isinstance(value, Mapping):
            return {str(key): plain((*path, str(key)), item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return tuple(plain((*path, i), item) for i, item in enumerate(value))
        return value

    return Document(file, "", plain((), data), {}, faults)


def read_source(source) -> Document:
    """Read a path, ``-`` for standard input, an open text, or a mapping.

    Parameters
    ----------
    source : str, os.PathLike, file object or Mapping
        What to read.

    Returns
    -------
    Document
    """
    if isinstance(source, Mapping):
        return from_mapping(source, file="configuration")
    if hasattr(source, "read"):
        return from_text(source.read(), file=os.path.basename(str(getattr(source, "name", "configuration"))))
    path = os.fspath(source)
    if path == "-":
        return _from_file(path, read_standard_input, name="<stdin>")
    return _from_file(path, lambda: _content(path), name=os.path.basename(path) or path)


def _content(path):
    with open_ordinary(path) as stream:
        return stream.read()


def _from_file(path, read, *, name):
    try:
        return from_text(read(), file=name, folder=os.path.dirname(path))
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        fault = Fault(name, None, "", "a readable file", (getattr(error, "strerror", None) or describe(path)).lower())
        return Document(name, "", FAULTY, {}, [fault])


def well_formed(source) -> Document:
    """Read a source as `read_source` does.

    Raises
    ------
    ConfigError
        If its form was wrong as a whole, so that there is nothing to check.
    """
    document = read_source(source)
    if document.data is FAULTY:
        raise ConfigError(document.faults)
    return document
