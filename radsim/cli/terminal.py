"""The standard streams of a command: there, or said to be closed; and nothing that is written to them acts on a terminal.

A stream-wide rule, so that no message, table or error of a library needs to remember it. What colours its own output writes to
`beneath` the rule and takes care of names itself.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys

from radsim.outcomes.format import MINUS, UNKNOWN
from radsim.printable import one_line, visible

STANDARD = (0, 1, 2)


def _hyphen_or_backslash(error):
    """What stands for a character that an encoding lacks: a hyphen for a minus sign or a dash, else its escape."""
    if error.object[error.start] in (MINUS, UNKNOWN):
        return "-", error.start + 1
    error.end = error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error("hyphen_or_backslash", _hyphen_or_backslash)


class Visible:
    """A text stream that writes control characters as escapes, and so whatever its encoding lacks.

    It has no ``buffer``, which would lead round it.
    """

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(visible(text).encode(encoding, "hyphen_or_backslash").decode(encoding))
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self._stream, name)


def beneath(stream):
    """The stream itself, for output that colours or moves on purpose."""
    return stream._stream if isinstance(stream, Visible) else stream


@contextlib.contextmanager
def standard_streams():
    """Streams of a command for as long as it runs.

    A closed one is opened on nothing first: the next file to be opened would take its number, and messages of a library would be
    written into it.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    with contextlib.ExitStack() as stack:
        if sys.stderr is None:
            sys.stderr = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))
        if sys.stdout is not None:
            sys.stdout = Visible(sys.stdout)
        sys.stderr = Visible(sys.stderr)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def check_door(arguments):
    """Refuse what no command could answer well: no standard output, or words of the command line that are not plain text.

    Raises
    ------
    UsageFault
    """
    from radsim.storage import UsageFault

    if sys.stdout is None:
        raise UsageFault("standard output is closed: expected somewhere to write to, such as > /dev/null")
    for number, text in enumerate(arguments, 1):
        if one_line(text) != text:
            raise UsageFault(
                f"argument {number}: expected UTF-8 text without control characters, found {one_line(text)}"
            )


def _open_closed():
    for number in STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one


def settle(stream):
    """Empty a stream that cannot be written to any more, so that the interpreter does not complain at its end."""
    try:
        if stream is not None:
            stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
