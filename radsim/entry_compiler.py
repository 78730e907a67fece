"""How an entry of the kernel is compiled: to the bytes of an object file, with a function before it that takes one pointer.

The classes of libraries and of calls are numba's own and hardly documented; tests look at what comes out.
"""

from __future__ import annotations

import contextlib
import functools
import gc

import numba
from llvmlite import ir
from numba.core import cgutils
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.types import Record

from radsim.native import SYMBOL

_SLOT = ir.IntType(64)


class EntryLibrary(JITCodeLibrary):
    """Code that is optimised, and written as an object file instead of being loaded here."""

    def _finalize_final_module(self):
        self._finalize_dynamic_globals()
        if self._dynamic_globals:
            raise RuntimeError(
                f"{self.name}: expected code that holds in every process, found addresses of this one in it"
            )
        self._verify_declare_only_symbols()
        self.object_code = self._codegen._tm.emit_object(self._final_module)
        self._finalized = True


def machine_code(step, arguments):
    """The object file of a function of the kernel.

    Parameters
    ----------
    step : radsim.step_compiler.Step
        Decorated with `radsim.compiled.entry`.
    arguments : sequence
        As it will be called with; see `radsim.native`.

    Returns
    -------
    bytes
        Defines `radsim.native.SYMBOL`.
    """
    types = tuple(numba.typeof(_plain(each)) for each in arguments)
    with global_compiler_lock, _no_collection(), _described_once():
        step.compile(types)
        result = step.overloads[types]
        context = result.target_context
        library = EntryLibrary(context.codegen(), SYMBOL)
        library.add_ir_module(_through_pointer(context, result.fndesc))
        library.add_linking_library(result.library)
        library.finalize()
    return library.object_code


def _plain(argument):
    """An argument whose type depends on its form alone."""
    if isinstance(argument, tuple):
        kind = next(kind for kind in type(argument).__mro__ if "_fields" in vars(kind))  # not that of `native.packed`
        return kind(*(_plain(each) for each in argument))
    return 0 if isinstance(argument, int) and not isinstance(argument, bool) else argument


def _through_pointer(context, function):
    """A function `SYMBOL` that loads all arguments of a compiled function from slots, calls it, and returns its status."""
    module = context.create_module("through_pointer")
    called = ir.Function(
        module, context.call_conv.get_function_type(function.restype, function.argtypes), function.llvm_func_name
    )
    outer = ir.Function(module, ir.FunctionType(ir.IntType(32), [_SLOT.as_pointer()]), SYMBOL)
    builder = ir.IRBuilder(outer.append_basic_block("entry"))
    result, exception, *arguments = called.function_type.args
    room = [cgutils.alloca_once_value(builder, cgutils.get_null_value(each.pointee)) for each in (result, exception)]
    loaded = [_from_slot(builder, outer.args[0], place, kind) for place, kind in enumerate(arguments)]
    builder.ret(builder.call(called, [*room, *loaded], attrs=("noinline",)))
    return module


def _from_slot(builder, slots, place, kind):
    """Load an argument from its slot."""
    value = builder.load(builder.gep(slots, [ir.IntType(32)(place)]), align=1)
    if isinstance(kind, ir.PointerType):
        return builder.inttoptr(value, kind)
    if isinstance(kind, ir.IntType):
        return value if kind.width == _SLOT.width else builder.trunc(value, kind)
    return builder.bitcast(value, kind)


@contextlib.contextmanager
def _no_collection():
    """The compiler makes millions of objects and keeps most: looking for those that it does not keep takes a sixth of its time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextlib.contextmanager
def _described_once():
    """The compiler writes out the types of all arguments at each of its passes: for records of hundreds of fields a twelfth of its time."""
    described = Record.__repr__
    Record.__repr__ = functools.cache(described)
    try:
        yield
    finally:
        Record.__repr__ = described
