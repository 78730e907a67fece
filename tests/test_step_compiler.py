"""Steps are compiled into what calls them, and no further; what is apart is compiled once."""

import numba
import pytest

from radsim.compiled import apart, door, step

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


def machine_code(function):
    """The assembler of a function's only variant."""
    (code,) = function.inspect_asm().values()
    return code


def called_by(outer, result):
    """Whether the compiled code of ``outer`` calls that of another function: a line with an instruction, not with a symbol, names it."""
    name = result.fndesc.llvm_func_name
    lines = [line.split() for line in machine_code(outer).splitlines() if name in line]
    return any(len(words) > 1 and not words[0].startswith(".") and not words[0].endswith(":") for words in lines)


def cube_and_more():
    """A step that calls another, which calls one that stands apart."""

    @apart
    def cubed_apart(x):
        return x * x * x

    @step
    def twice_as_much(x):
        return 2.0 * cubed_apart(x)

    return cubed_apart, twice_as_much


def test_a_step_has_no_machine_code_and_its_callers_have():
    _, twice_as_much = cube_and_more()
    outer = door(twice_as_much)
    assert outer(3.0) == 54.0
    (result,) = twice_as_much.overloads.values()
    assert result.library._codegen._engine.is_symbol_defined(result.fndesc.llvm_func_name) is False
    assert not called_by(outer, result)  # copied into it


def test_what_is_apart_is_not_copied_into_every_caller_even_when_a_step_calls_it():
    cubed_apart, twice_as_much = cube_and_more()
    door(twice_as_much)(3.0)
    (aside,), (within,) = cubed_apart.overloads.values(), twice_as_much.overloads.values()
    assert "alwaysinline" in within.library.get_llvm_str()
    assert "alwaysinline" not in aside.library.get_llvm_str()


def test_a_step_gives_the_same_as_the_function_that_it_is_made_from():
    def sloped(x, n):
        total = 0.0
        for i in range(n):
            total += x / (i + 1)
        return total

    plain = numba.njit(error_model="numpy")(sloped)
    through = door(step(sloped))
    assert [through(x, 9) for x in (0.1, 1.0, 1e9)] == [plain(x, 9) for x in (0.1, 1.0, 1e9)]
