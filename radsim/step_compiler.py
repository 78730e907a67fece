"""How a step is compiled: into whatever calls it, and no further.

numba optimises every compiled function and makes machine code of it, before it does both again for whatever calls that function. Steps of the
kernel are only ever called by compiled code, so theirs would be thrown away: half of the compiler's time. Here a step is left as it
comes out of the first passes, and optimised where it is used.

`pipeline_class` and `no_compile` are numba's own; the library of code is derived from a class that numba does not document, so
tests look at what is compiled.
"""

from __future__ import annotations

from llvmlite.binding import Linkage
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, DefaultPassBuilder
from numba.core.registry import CPUDispatcher


class StepLibrary(JITCodeLibrary):
    """Code of one step that waits for its callers: neither optimised, nor linked with the code of what it calls, nor made machine code of."""

    def finalize(self):
        self._finalize_dynamic_globals()
        self._finalized = True

    def steps_below(self):
        """Libraries of all that this step calls, directly or not, each once, and of itself."""
        found, waiting = [], [self]
        while waiting:
            library = waiting.pop()
            if library not in found:
                found.append(library)
                waiting += library._linking_libraries if isinstance(library, StepLibrary) else []
        return found

    def _get_module_for_linking(self):
        """The code of this step and of all that it calls, as numba asks for it who compiles a caller that is no step."""
        if self._shared_module is None:
            whole = self._final_module.clone()
            for library in self.steps_below()[1:]:
                own = isinstance(library, StepLibrary)
                whole.link_in(library._final_module if own else library._get_module_for_linking(), preserve=True)
            for function in whole.functions:
                if not function.is_declaration and function.linkage == Linkage.external:
                    function.linkage = "linkonce_odr"
            self._shared_module = whole
        return self._shared_module


WITHOUT = {
    "WithLifting", "InlineClosureLikes", "GenericRewrites", "RewriteDynamicRaises", "MakeFunctionToJitFunction",
    "FindLiterallyCalls", "LiteralPropagationSubPipelinePass", "InlineOverloads", "NopythonRewrites", "AnnotateTypes",
    "NoPythonSupportedFeatureValidation", "DumpParforDiagnostics",
}  # fmt: skip
"""Passes of numba that look for what no step has, such as closures, context managers, exceptions and array expressions: a seventh of the compiler's
time. A step that needs one of them is refused by the compiler."""


class StepCompiler(Compiler):
    """numba's compiler without its last stage, and without the passes that find nothing in a step."""

    def define_pipelines(self):
        """The passes that a step is compiled by."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [(kind, why) for kind, why in manager.passes if kind.__name__ not in WITHOUT]
        manager.finalize()
        return [manager]

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
