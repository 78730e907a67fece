"""How a step is compiled: into whatever calls it, and no further.

numba optimises every compiled function and makes machine code of it, before it does both again for whatever calls that function. Steps of the
kernel are only ever called by compiled code, so theirs would be thrown away: half of the compiler's time. Here a step is left as it
comes out of the first passes, and optimised where it is used.

`pipeline_class` and `no_compile` are numba's own; the library of code is derived from a class that numba does not document, so
tests look at what is compiled.
"""

from __future__ import annotations

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher


class StepLibrary(JITCodeLibrary):
    """Code that waits for the optimisation of its callers."""

    def _optimize_final_module(self):
        """Nothing: the module of the caller is optimised with this one in it."""

    def _finalize_final_module(self):
        """No machine code: nobody asks for an address."""
        self._finalize_dynamic_globals()
        self._finalized = True


class StepCompiler(Compiler):
    """numba's compiler without its last stage."""

    def __init__(self, typing_context, target_context, library, args, return_type, flags, local_types):
        flags = flags.copy()
        flags.no_compile = True  # no function for Python at the end
        super().__init__(typing_context, target_context, library, args, return_type, flags, local_types)

    def compile_extra(self, function):
        self.state.library = StepLibrary(self.state.targetctx.codegen(), function.__qualname__)
        result = super().compile_extra(function)._replace(entry_point=object())  # what its callers know the code by
        self.state.targetctx.insert_user_function(result.entry_point, result.fndesc, [result.library])
        return result


class Step(CPUDispatcher):
    """What numba makes of a step, without its call: without machine code it would end the process."""

    def __call__(self, *_, **__):
        name = self.py_func.__name__
        raise TypeError(
            f"{name} is a step of the kernel: compiled code may call it, Python goes through radsim.kernel.entries or radsim.compiled.door"
        )

    def add_overload(self, result):
        self.overloads[tuple(result.signature.args)] = result
