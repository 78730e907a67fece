"""How radsim compiles: one decorator, decided once.

``nogil`` lets a thread pool run blocks of patients side by side. No ``fastmath``: it would change results of functions that are
merely called. ``error_model="numpy"`` keeps a division by zero from raising inside the kernel, which never raises. ``_nrt=False``
leaves out reference counting: the kernel allocates nothing, and what it is handed outlives the call, yet numba counted every view of an
array, atomically, which took a third of the time. The option is numba's own; with it an allocation in a step is a compile-time error.
"""

from __future__ import annotations

import numba

_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}

step = numba.njit(**_OPTIONS)
"""A small step: compiled into whatever calls it, never on its own."""

room = numba.njit(forceinline=True, **_OPTIONS)
"""A step that is handed whole tables: always inlined, since a call would copy every array header on to the stack."""

entry = numba.njit(cache=True, **_OPTIONS)
"""A door from Python into the kernel: its machine code is kept between runs (see ``kernel/__init__``)."""
