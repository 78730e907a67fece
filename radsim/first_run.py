"""The first run compiles the model, which takes so long that it must be said."""

from __future__ import annotations

import sys
from threading import Lock

COMPILING = "compiling the simulator once, about a minute"

_lock = Lock()
_told = False


def announce():
    """Say on stderr that machine code is being made, once in a process."""
    global _told
    with _lock:
        told, _told = _told, True
    if not told and sys.stderr is not None:  # a program without a console has none
        print(COMPILING, file=sys.stderr, flush=True)
