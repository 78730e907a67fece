"""How Python calls the compiled kernel: through machine code that is loaded by LLVM alone.

numba is needed to compile and takes longer to load than most runs take to simulate. So what it compiles is a function that takes one pointer, to all
arguments laid out one after the other (`pack`); its machine code is kept (`radsim.code_cache`), and here it is loaded and called. A first run does
the same with the code that it has just compiled: there is one way from Python into the kernel.

An argument is a whole number, a number, True or None, an array, or a NamedTuple of arguments. Every argument is some slots of 8 bytes:
an array those of numba's description of an array, in its order, the first two of which own nothing.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import os
import struct
from threading import RLock
from typing import NamedTuple

import numpy as np

from radsim import code_cache, first_run

SYMBOL = "radsim_entry"
"""Name of the function in machine code that takes the pointer, and returns 0."""

_PROTOTYPE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_char_p)
_AS_PYTHON = os.environ.get("NUMBA_DISABLE_JIT", "0") not in (
    "",
    "0",
)  # what numba makes of the kernel then is plain Python


class Packed(NamedTuple):
    """An argument as machine code reads it.

    Attributes
    ----------
    form : tuple
        What the kernel is compiled anew for: types and dimensions, no value.
    slots : bytes
    """

    form: tuple
    slots: bytes


class _AtHand:
    """A NamedTuple that carries how it is packed."""

    packed: Packed


def packed(arguments):
    """The same NamedTuple, packed once instead of at every call: packing takes 1 µs an array.

    Parameters
    ----------
    arguments : NamedTuple
        Its arrays may change in what they hold, as ever.

    Returns
    -------
    NamedTuple
        Of a class derived from its own; what `_replace` makes of it is packed anew.
    """
    kept = _kind_at_hand(type(arguments))(*arguments)
    kept.packed = pack(arguments)
    return kept


@functools.cache
def _kind_at_hand(kind):
    return type(kind.__name__, (_AtHand, kind), {})


def pack(argument):
    """An argument as machine code reads it, see `Packed`.

    Raises
    ------
    TypeError
        If it is nothing that the kernel takes.
    """
    if isinstance(argument, _AtHand) and hasattr(argument, "packed"):
        return argument.packed
    form, slots = [], []
    _append(argument, form, slots)
    return Packed(tuple(form), b"".join(slots))


def _append(argument, form, slots):
    if isinstance(argument, np.ndarray):
        flags, n = argument.flags, argument.ndim
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        form.append((argument.dtype, n, layout, flags.writeable, flags.aligned))
        described = 0, 0, argument.size, argument.itemsize, argument.ctypes.data, *argument.shape, *argument.strides
        slots.append(_SLOTS[n].pack(*described))
    elif isinstance(argument, tuple):
        form.append(argument._fields)
        for each in argument:
            _append(each, form, slots)
    elif argument is None or isinstance(argument, bool):
        form.append(type(argument))
        slots.append(_WHOLE.pack(argument is True))
    elif isinstance(argument, (int, np.int64)):
        form.append(int)
        slots.append(_WHOLE.pack(argument))
    elif isinstance(argument, float):
        form.append(float)
        slots.append(_NUMBER.pack(argument))
    else:
        raise TypeError(
            f"an argument of the kernel: expected a number, a bool, None, an array or a NamedTuple of these, found {argument!r}"
        )


_WHOLE, _NUMBER = struct.Struct("q"), struct.Struct("d")
_SLOTS = [struct.Struct(f"{5 + 2 * n}q") for n in range(9)]  # by the number of dimensions


class Entry:
    """A function of the kernel for Python. It is compiled at its first call with arguments of a form, unless its code is kept.

    Parameters
    ----------
    module, name : str
        Where the function is, decorated with `radsim.compiled.entry`; imported only if it must be compiled.

    Notes
    -----
    Takes the positional arguments of the function, and returns nothing: the function writes into arrays. While it runs, other threads do too.
    """

    def __init__(self, module, name):
        self.module, self.name = module, name
        self.loaded = {}
        self._lock = RLock()

    def __call__(self, *arguments):
        if _AS_PYTHON:
            self.function(*arguments)
            return
        packs = [pack(each) for each in arguments]
        form = tuple(each.form for each in packs)
        call = self.loaded.get(form) or self._load(form, arguments)
        if status := call(b"".join([each.slots for each in packs])):
            raise RuntimeError(f"{self.name}: expected status 0 of its machine code, found {status}")

    @property
    def function(self):
        """What is decorated with `radsim.compiled.entry`."""
        return getattr(importlib.import_module(self.module), self.name)

    def _load(self, form, arguments):
        with self._lock:  # whoever else asks for it meanwhile waits until it is there
            if form not in self.loaded:
                written = _in_words(form)
                code = code_cache.load(self.name, written)
                self.loaded[form] = (None if code is None else callable_from(code)) or self._compiled(
                    written, arguments
                )
            return self.loaded[form]

    def _compiled(self, form, arguments):
        caring = any(getattr(each, "caring", None) for each in arguments)
        first_run.announce(first_run.WITH_CARE if caring else first_run.COMPILING)
        from radsim.entry_compiler import machine_code

        code = machine_code(self.function, arguments)
        code_cache.store(self.name, form, code)
        call = callable_from(code)
        if call is None:
            raise RuntimeError(f"{self.name}: its machine code needs {', '.join(not_found(code))}, found nowhere")
        return call


def _in_words(form):
    """A form as text that is the same in every process."""
    if isinstance(form, tuple):
        return f"({', '.join(_in_words(each) for each in form)})"
    if isinstance(form, np.dtype):
        return f"{form.descr} {form.itemsize}"
    return form.__name__ if isinstance(form, type) else repr(form)


def callable_from(code):
    """A function that calls machine code with the address of packed arguments.

    Parameters
    ----------
    code : bytes
        An object file that defines `SYMBOL`.

    Returns
    -------
    callable or None
        Takes bytes, returns a status, and lets other threads run meanwhile. None where the code needs what is nowhere to be found: LLVM would end
        the process.
    """
    import llvmlite.binding as llvm

    if not_found(code):
        return None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    call = _PROTOTYPE(engine.get_function_address(SYMBOL))
    call.engine = engine  # whose memory the code is in
    return call


def not_found(code):
    """Names that machine code needs and nobody has; LLVM is told where the others are.

    They are those of the C library of this process, whether numba is loaded or not, which may have put one of its own before. None computes: the
    logarithm of the kernel is its own (`radsim.maths.elementary`).
    """
    import llvmlite.binding as llvm

    wanted, missing = undefined_symbols(code), []
    if wanted is None:
        _offered_by_numba("")  # whatever the code needs is among it, as for numba itself
        return []
    for name in wanted:
        try:
            address = ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value
        except (AttributeError, TypeError):  # there is no library of that name on Windows
            address = _offered_by_numba(name)
        if address is None:
            missing.append(name)
        else:
            llvm.add_symbol(name, address)
    return missing


def _offered_by_numba(name):
    """Address of a function that numba brings along for its code, None if there is none: slower to start, yet it starts."""
    import llvmlite.binding as llvm
    from numba.core.registry import cpu_target

    assert cpu_target.target_context is not None
    return llvm.address_of_symbol(name)


def undefined_symbols(code):
    """Names that an object file needs from elsewhere.

    Parameters
    ----------
    code : bytes

    Returns
    -------
    list of str or None
        From the table of symbols of ELF, 64 bits; None of another kind of file, such as that of macOS.
    """
    import llvmlite.binding as llvm

    sections = {section.name(): section.data() for section in llvm.ObjectFileRef.from_data(code).sections()}
    if b".symtab" not in sections:
        return None
    names = sections[b".strtab"]
    symbols = struct.iter_unpack("<IBBHQQ", sections[b".symtab"])
    starts = [start for start, _, _, section, _, _ in symbols if section == 0 and start > 0]
    return [names[start : names.index(b"\0", start)].decode() for start in starts]
