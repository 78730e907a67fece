"""How radsim compiles: four decorators, decided once. Whoever only runs what is compiled and kept does not load this (`radsim.native`).

``nogil`` lets a thread pool run blocks of patients side by side. No ``fastmath``: it would change results of functions that are
merely called. ``error_model="numpy"`` keeps a division by zero from raising inside the kernel, which never raises. ``_nrt=False``
leaves out reference counting: the kernel allocates nothing, and what it is handed outlives the call, yet numba counted every view of an
array, atomically, which took a third of the time. The option is numba's own; with it an allocation in a step is a compile-time error.

Steps have no door from Python and no machine code of their own (see `radsim.step_compiler`), nor have entries before `radsim.entry_compiler` makes it. Tests
that want one step go through `door`.
"""

from __future__ import annotations

import types

import numba

from radsim.step_compiler import Step, StepCompiler

_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
_WITHIN = {**_OPTIONS, "no_cpython_wrapper": True, "pipeline_class": StepCompiler}


def step(function):
    """A small step: compiled into whatever compiled code calls it, never on its own."""
    return _step(numba.njit(forceinline=True, **_WITHIN)(function))


def apart(function):
    """A step that is compiled once and called: for what is large and mostly not asked for, such as care.

    Said outright: within a step numba would hand on `forceinline`, and copied everywhere the care took two minutes to compile.
    """
    return _step(numba.njit(forceinline=False, **_WITHIN)(function))


def inline_step(function):
    """A step that is handed whole tables: its source takes the place of the call, which would copy every array header."""
    return _step(numba.njit(inline="always", **_WITHIN)(function))


def entry(function):
    """A function of the kernel that Python calls, by a `radsim.native.Entry`, and that no other compiled code calls."""
    return apart(function)


def door(inner):
    """A function for Python that calls one `step` or `inline_step`, compiled at its first call and not kept: for tests and for looking.

    Parameters
    ----------
    inner : callable
        Decorated with `step` or `inline_step`.

    Returns
    -------
    callable
        Takes the same positional arguments.
    """

    @numba.njit(**_OPTIONS)
    def outer(*arguments):
        return inner(*arguments)

    return outer


def doors(module):
    """Every step of a module by its name, each with a `door`; the rest of the module as it is."""
    return types.SimpleNamespace(**{
        name: door(value) if isinstance(value, Step) else value for name, value in vars(module).items()
    })  # fmt: skip


def _step(dispatcher):
    """The same function as a `Step`; itself where nothing is compiled."""
    if not numba.config.DISABLE_JIT:
        dispatcher.__class__ = Step
    return dispatcher
