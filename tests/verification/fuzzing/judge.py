"""Runs a case in this process and says what is wrong with what it did."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

import click

OUTCOMES = {0: "accepted", 3: "accepted", 2: "refused"}
NOT_FOR_TERMINALS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
NOT_FINITE = re.compile(r"(?<![\w./-])[-+]?(nan|inf|infinity)(?![\w./-])", re.IGNORECASE)
SPOKEN = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "1.0": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
    "0.0": False,
}
OURS = re.compile(r"Traceback|internal error|site-packages|0x[0-9a-f]{9,}")


class Done(NamedTuple):
    """What a command left behind: exit code, streams, and what libraries wrote past them or warned of."""

    code: int
    out: str
    err: str
    aside: str


def run(arguments, stdin=b""):
    """Run a command in this process.

    Parameters
    ----------
    arguments : list of str
    stdin : bytes

    Returns
    -------
    Done
    """
    from radsim.cli.main import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=how) for how in ("strict", "backslashreplace"))
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    code = None
    with (
        _everything_else() as aside,
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        warnings.simplefilter("default")
        before, sys.stdin = sys.stdin, given
        try:
            main(list(arguments))
        except SystemExit as leaving:
            code = leaving.code
        finally:
            sys.stdin = before
            out.flush(), err.flush()
            with contextlib.suppress(RuntimeError):
                click.get_current_context().exit()
    said = [
        f"{w.category.__name__}: {w.message}"
        for w in warned
        if not issubclass(w.category, DeprecationWarning | PendingDeprecationWarning)
    ]
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Done(code, *texts, "\n".join([*aside, *said]))


@contextlib.contextmanager
def _everything_else():
    """What is written to the process's own streams, past Python's: by libraries in C."""
    found = []
    with tempfile.TemporaryFile() as file:
        kept = [os.dup(number) for number in (1, 2)]
        try:
            for number in (1, 2):
                os.dup2(file.fileno(), number)
            yield found
        finally:
            for number, old in zip((1, 2), kept, strict=True):
                os.dup2(old, number)
                os.close(old)
            file.seek(0)
            if text := file.read().decode(errors="replace").strip():
                found.append(text[:500])


def examine(case):
    """Run a case in a new folder.

    Returns
    -------
    outcome : str
        accepted, refused or failed.
    faults : list of str
        What is wrong; empty unless failed.
    """
    here = os.getcwd()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        for name, content in case.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        os.chdir(folder)
        done = run(case.arguments, case.stdin)
        faults = [*judge(case, done), *_left_behind(case, done, folder)]
        if not faults and done.code == 0 and case.round_trip:
            faults += _round_trip(case.round_trip)
    finally:
        os.chdir(here)
        shutil.rmtree(folder, ignore_errors=True)
    return ("failed" if faults else OUTCOMES[done.code]), faults


def judge(case, done):
    """What is wrong with an exit code and the streams."""
    if done.code not in OUTCOMES:
        yield f"exit code {done.code}: {done.err[-600:]}"
    if case.expected != "any" and OUTCOMES.get(done.code) != case.expected:
        yield f"expected to be {case.expected}, found exit code {done.code}"
    if done.code not in (0, None) and not done.err.strip():
        yield f"exit code {done.code} without a word"
    if done.aside:
        yield f"past the streams or as a Python warning: {done.aside}"
    for name, text in (("stdout", done.out), ("stderr", done.err)):
        if found := OURS.search(text):
            yield f"{found[0]} on {name}: {text[-600:]}"
        if found := NOT_FOR_TERMINALS.search(text):
            yield f"control character {found[0]!r} on {name}: {text[max(0, found.start() - 80) : found.end() + 40]!r}"
    if done.code == 0:
        yield from _numbers(case, done.out)


def _numbers(case, text):
    """Numbers that are not finite, unless the input says such words itself."""
    if {"-h", "--help"} & set(case.arguments):
        return  # help is words, whatever else was asked for
    if "--json" in case.arguments:
        try:
            json.loads(text, parse_constant=_refuse)
        except ValueError as error:
            yield f"stdout is not one JSON document: {error}"
    elif case.arguments[0] != "show" and (found := NOT_FINITE.search(text)):  # a result's own words may be anything
        given = " ".join(case.arguments).encode() + b" ".join(
            content for name, content in case.files.items() if name.endswith((".yaml", ".csv"))
        )
        if found[1].lower().encode() not in given.lower():
            yield f"not a finite number on stdout: {text[max(0, found.start() - 100) : found.end() + 20]!r}"


def _refuse(text):
    raise ValueError(f"{text} in JSON")


def _left_behind(case, done, folder):
    """Files that should not be there, inputs that changed, outputs that are not whole."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir():
            continue
        if name in case.files:
            if path.read_bytes() != case.files[name]:
                yield f"changed its input {name}"
        elif not name.split("/")[0].startswith(case.outputs or ("\0",)):
            yield f"left {name} behind"
        elif path.name.endswith(".part"):
            yield f"left a temporary file behind: {name}"
        elif done.code == 2:
            yield f"refused, but wrote {name}"
        elif path.suffix in READERS and (fault := READERS[path.suffix](path)):
            yield f"wrote {name}: {fault}"


def _netcdf(path):
    import numpy as np
    import xarray

    with xarray.open_dataset(path, decode_times=False) as found:
        wrong = [
            name
            for name, variable in found.load().variables.items()
            if variable.dtype.kind == "f" and np.isinf(variable.values).any()
        ]
    return f"infinite numbers in {', '.join(map(str, wrong))}" if wrong else None


def _html(path):
    text = path.read_text()
    if not text.rstrip().endswith("</html>"):
        return "not a whole page"
    found = re.search(r">\s*[-+]?(nan|inf)\s*%?\s*<", text, re.IGNORECASE)
    return f"not a finite number: {text[max(0, found.start() - 100) : found.end() + 20]}" if found else None


def _csv(path):
    found = re.search(r"(^|,)-?(nan|inf)(,|$)", path.read_text(), re.IGNORECASE | re.MULTILINE)
    return f"not a finite number: {found[0]}" if found else None


def _svg(path):
    return None if path.read_text().rstrip().endswith("</svg>") else "not a whole figure"


READERS = {".nc": _netcdf, ".html": _html, ".csv": _csv, ".svg": _svg}


def _round_trip(name):
    """`show` of what was accepted is accepted, says the same again, and holds every number of the input where it stood."""
    first = run(["show", name])
    if first.code != 0:
        yield f"accepted by check, refused by show: {first.err[-300:]}"
        return
    Path("shown.yaml").write_bytes(first.out.encode())
    second = run(["show", "shown.yaml"])
    if second.out != first.out:
        yield f"show of what show printed differs: {second.err[-300:] or second.out[:300]}"
        return
    from radsim.yaml.nodes import read_source

    yield from _lost(read_source(name).data, read_source("shown.yaml").data, "")


def _lost(given, shown, path):
    """Scalars and keys of mappings that do not come back; other forms of the same (short schedules, shares) are passed over."""
    if isinstance(given, dict) and isinstance(shown, dict):
        for key, value in given.items():
            if key in shown:
                yield from _lost(value, shown[key], f"{path}.{key}")
            elif path.count(".") < 2 and value != ():
                yield f"accepted but not shown: {path}.{key}"
    elif isinstance(given, tuple) and isinstance(shown, tuple):
        if len(given) != len(shown):
            yield f"{path}: {len(given)} items given, {len(shown)} shown"
        if path.endswith(".thresholds"):  # which may come in any order
            given, shown = sorted(given, key=str), sorted(shown, key=str)
        for i, (one, other) in enumerate(zip(given, shown, strict=False)):
            yield from _lost(one, other, f"{path}[{i}]")
    elif (
        not isinstance(given, dict | tuple)
        and not isinstance(shown, dict | tuple)
        and _meaning(given) != _meaning(shown)
    ):
        yield f"{path}: given {given!r}, shown {shown!r}"


def _meaning(value):
    """A scalar in one of its forms: a covariate may be yes, True or `Y`, a category Breast, a schedule 8Gy/1 or 8.0Gy/01."""
    from radsim.config import Schedule

    if not isinstance(value, str):
        return value
    if value.strip().lower() in SPOKEN:
        return SPOKEN[value.strip().lower()]
    try:
        return Schedule.parse(value)
    except ValueError:
        return value.strip().lower()
