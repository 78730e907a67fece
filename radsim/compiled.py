"""How radsim compiles: one decorator, decided once.

``nogil`` lets a thread pool run blocks of patients side by side. No ``fastmath``: it would change results of functions that are
merely called. ``error_model="numpy"`` keeps a division by zero from raising inside the kernel, which never raises.
"""

from __future__ import annotations

import numba

step = numba.njit(nogil=True, error_model="numpy")
"""A small step: compiled into whatever calls it, never on its own."""

room = numba.njit(nogil=True, error_model="numpy", forceinline=True)
"""A step that is handed whole tables: always inlined, since a call would copy every array header on to the stack."""

entry = numba.njit(nogil=True, error_model="numpy", cache=True)
"""A door from Python into the kernel: its machine code is kept between runs (see ``kernel/__init__``)."""
