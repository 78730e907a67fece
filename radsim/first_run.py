"""The first run compiles the model, which takes so long that it must be said."""

from __future__ import annotations

import sys
from threading import Lock

COMPILING = "compiling the simulator once, about twenty seconds"
WITH_CARE = "compiling the simulator with care around the radiotherapy once, about half a minute"

_lock = Lock()
_told = set()


def announce(what=COMPILING):
    """Say on stderr that machine code is being made, once in a process of each kind."""
    with _lock:
        told = what in _told
        _told.add(what)
    if not told and sys.stderr is not None:  # a program without a console has none
        print(what, file=sys.stderr, flush=True)
