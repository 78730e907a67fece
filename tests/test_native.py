"""Machine code without numba: arguments as it reads them, code that is loaded by LLVM alone, and the same bits as by numba itself."""

from __future__ import annotations

import gc
import struct
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from numba.core.compiler import DefaultPassBuilder, Flags
from numba.core.types import Record
from studies import study

from radsim import code_cache, first_run, native, step_compiler
from radsim.compiled import door
from radsim.kernel import block
from radsim.kernel.workspace import empty_patients, scratch
from radsim.native import Entry, pack, packed

pytestmark = pytest.mark.skipif(native._AS_PYTHON, reason="nothing is compiled")

MODULE = """
import numpy as np
from radsim.compiled import entry

LARGE = np.zeros(2**20)


@entry
def double(x, out):
    for i in range(len(out)):
        out[i] = 2 * x


@entry
def from_large(out):
    out[0] = LARGE[int(out[0])]
"""


class Pair(NamedTuple):
    """Two arguments in one."""

    numbers: np.ndarray
    caring: bool | None


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder for machine code, and a module of small entries on the path."""
    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "small_entries.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "cache"
    sys.modules.pop("small_entries", None)


@pytest.fixture
def compiled(monkeypatch):
    """How often a form was compiled, by the messages of a first run."""
    said = []
    monkeypatch.setattr(first_run, "announce", said.append)
    return said


def doubled(x, out=None):
    out = np.zeros(3) if out is None else out
    Entry("small_entries", "double")(x, out)
    return out.tolist()


def object_file(text):
    """The object file of a few lines of LLVM."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(reloc="static", codemodel="jitdefault", jit=True)
    return machine.emit_object(llvm.parse_assembly(text))


def returning(status):
    return object_file(f"define i32 @{native.SYMBOL}(i64* %slots) {{\n  ret i32 {status}\n}}")


def calling(name):
    return object_file(
        f"declare i32 @{name}()\ndefine i32 @{native.SYMBOL}(i64* %slots) {{\n  %x = call i32 @{name}()\n  ret i32 %x\n}}"
    )


# --- arguments ----------------------------------------------------------------------------------------------


def test_arguments_by_hand():
    table = np.zeros((2, 3), np.int16)
    slots = 0, 0, 6, 2, table.ctypes.data, 2, 3, 6, 2
    assert pack(table).slots == struct.pack("9q", *slots)
    assert pack(7).slots == pack(np.int64(7)).slots == struct.pack("q", 7)
    assert pack(0.5).slots == struct.pack("d", 0.5)
    assert [pack(each).slots for each in (None, False, True)] == [struct.pack("q", each) for each in (0, 0, 1)]
    assert pack(Pair(table, True)).slots == pack(table).slots + pack(True).slots


def test_a_form_says_what_the_code_depends_on_and_no_more():
    numbers = np.zeros(4)
    fixed = np.zeros(4)
    fixed.flags.writeable = False
    others = [
        numbers.astype(np.float32),
        np.zeros((2, 2)),
        np.zeros(8)[::2],
        fixed,
        0.0,
        0,
        None,
        True,
        Pair(numbers, None),
    ]
    forms = [pack(each).form for each in (numbers, *others)]
    assert len(set(forms)) == len(forms)
    assert pack(np.ones(99)).form == pack(numbers).form
    assert pack(1).form == pack(2**52).form
    assert pack(Pair(numbers, True)).form != pack(Pair(numbers, None)).form


def test_what_is_packed_once_is_packed_alike_and_what_is_replaced_anew():
    plain, other = Pair(np.zeros(3), None), np.ones(5)
    kept = packed(plain)
    assert kept == plain and isinstance(kept, Pair) and kept.packed == pack(plain) == pack(kept)
    assert pack(kept._replace(numbers=other)) == pack(Pair(other, None)) != pack(kept)


@pytest.mark.parametrize("argument", ["text", np.float32(1), np.bool_(True), {}])
def test_what_the_kernel_does_not_take_is_refused(argument):
    with pytest.raises(TypeError, match=r"an argument of the kernel: expected .*, found "):
        pack(argument)


# --- code ---------------------------------------------------------------------------------------------------


def test_an_entry_gives_the_bits_that_numba_gives():
    """numba first: where the logarithm is, once said to LLVM, holds for all that is loaded later."""
    asked = study(n=300)
    cohort = asked.tables_of(0)[0]
    theirs, ours = empty_patients(300), empty_patients(300)
    for function, enrolled in ((door(block.enrol), theirs), (Entry("radsim.kernel.block", "enrol"), ours)):
        function(asked.config.seed, 1, 5, cohort, scratch(), enrolled)
    assert [a.tobytes() for a in ours] == [a.tobytes() for a in theirs]


OBJECT = """
import hashlib, sys
from radsim import step_compiler
from radsim.entry_compiler import machine_code
from radsim.kernel import block
from radsim.kernel.workspace import empty_patients, scratch
from studies import study
if sys.argv[1] == "whole":
    step_compiler.WITHOUT.clear()
asked = study(n=2)
code = machine_code(block.enrol, (asked.config.seed, 1, 5, asked.tables_of(0)[0], scratch(), empty_patients(2)))
print(len(code), hashlib.sha256(code).hexdigest(), len(step_compiler.WITHOUT))
"""


def test_passes_that_are_left_out_would_change_no_machine_code():
    said = [
        subprocess.run(
            [sys.executable, "-c", OBJECT, passes],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for passes in ("whole", "fewer")
    ]
    assert said[0][:2] == said[1][:2]
    assert [each[2] for each in said] == ["0", str(len(step_compiler.WITHOUT))]


def test_passes_that_are_left_out_are_those_of_this_numba():
    passes = DefaultPassBuilder.define_nopython_pipeline(SimpleNamespace(func_ir=None, flags=Flags())).passes
    assert {kind.__name__ for kind, _ in passes} >= step_compiler.WITHOUT


def test_an_entry_is_compiled_once_for_each_form_and_kept(cache, compiled):
    assert doubled(2) == [4.0] * 3 and doubled(3) == [6.0] * 3
    assert len(compiled) == 1 and len(list(cache.rglob("double-*.bin"))) == 1
    assert doubled(0.75) == [1.5] * 3 and doubled(2, np.zeros(2, np.float32)) == [4.0] * 2
    assert len(compiled) == 3
    assert doubled(5, np.zeros(1)) == [10.0]
    assert len(compiled) == 3


@pytest.mark.parametrize("content", [b"", bytes(100)])
def test_a_file_that_is_none_of_ours_is_compiled_anew(cache, compiled, content):
    doubled(2)
    (path,) = cache.rglob("double-*.bin")
    path.write_bytes(content)
    assert doubled(2) == [4.0] * 3 and doubled(2) == [4.0] * 3
    assert len(compiled) == 2


def test_code_that_needs_what_nobody_has_is_not_run(cache, compiled):
    assert native.not_found(calling("nobody_has_this")) == ["nobody_has_this"]
    assert native.callable_from(calling("nobody_has_this")) is None
    doubled(2)
    code_cache.store("double", native._in_words((pack(2).form, pack(np.zeros(3)).form)), calling("nobody_has_this"))
    assert doubled(2) == [4.0] * 3
    assert len(compiled) == 2


def test_code_that_needs_what_numba_has_is_run():
    assert native.undefined_symbols(calling("numba_gettyperecord")) == ["numba_gettyperecord"]
    assert native.callable_from(calling("numba_gettyperecord")) is not None


def test_code_that_needs_the_c_library_is_run():
    assert native.callable_from(calling("getppid"))(b"") > 0


def test_code_is_run_where_the_c_library_has_no_name(monkeypatch):
    """As on Windows: numba knows where everything is."""

    def fail(name):
        raise TypeError(name)

    monkeypatch.setattr(native.ctypes, "CDLL", fail)
    assert native.callable_from(calling("getppid"))(b"") > 0
    assert native.callable_from(calling("nobody_has_this")) is None


def test_code_is_run_where_its_names_cannot_be_read(monkeypatch):
    """As on macOS, whose object files are of another kind."""
    monkeypatch.setattr(native, "undefined_symbols", lambda code: None)
    assert native.callable_from(calling("getppid"))(b"") > 0


def test_a_status_is_an_error(cache, compiled):
    entry = Entry("small_entries", "double")
    entry.loaded[pack(2).form, pack(np.zeros(3)).form] = native.callable_from(returning(3))
    with pytest.raises(RuntimeError, match="double: expected status 0 of its machine code, found 3"):
        entry(2, np.zeros(3))
    assert compiled == []


def test_addresses_of_this_process_are_not_kept(cache, compiled):
    with pytest.raises(RuntimeError, match="expected code that holds in every process"):
        Entry("small_entries", "from_large")(np.zeros(1))
    assert not list(cache.rglob("*.bin"))


@pytest.mark.parametrize("collects", [True, False])
def test_looking_for_garbage_is_as_it_was_after_a_compilation(cache, compiled, monkeypatch, collects):
    from radsim.step_compiler import StepCompiler

    seen, whole = [], StepCompiler.compile_extra
    monkeypatch.setattr(
        StepCompiler, "compile_extra", lambda self, function: seen.append(gc.isenabled()) or whole(self, function)
    )
    was = gc.isenabled()
    try:
        gc.enable() if collects else gc.disable()
        assert doubled(1) == [2.0] * 3
        assert gc.isenabled() is collects
    finally:
        gc.enable() if was else gc.disable()
    assert seen == [False]


def test_types_describe_themselves_as_before_after_a_compilation(cache, compiled):
    was = Record.__repr__
    assert doubled(1) == [2.0] * 3
    assert Record.__repr__ is was


# --- what the code hangs on ---------------------------------------------------------------------------------


def test_code_is_kept_apart_by_entry_form_and_compiler(cache, monkeypatch):
    code_cache.store("f", "form", b"code")
    assert code_cache.load("f", "form") == b"code"
    assert code_cache.load("f", "other") is None and code_cache.load("g", "form") is None
    (path,) = cache.rglob("f-*.bin")
    monkeypatch.setattr(code_cache, "_path", lambda *_: path)  # one name for all, as two machines may choose
    assert code_cache.load("f", "form") == b"code"
    assert code_cache.load("f", "other") is None and code_cache.load("g", "form") is None


@pytest.mark.parametrize("setting", ["NUMBA_OPT", "NUMBA_CPU_NAME", "NUMBA_BOUNDSCHECK"])
def test_settings_of_the_compiler_lead_to_another_folder(monkeypatch, setting):
    before = code_cache.made_from.__wrapped__()
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert code_cache.made_from.__wrapped__() == before
    monkeypatch.setenv(setting, "1")
    assert code_cache.made_from.__wrapped__() != before


def test_every_source_of_machine_code_counts():
    """Whatever compiling loads of radsim is in the digest, but for what only keeps and tells."""
    code = """
import sys, radsim.entry_compiler, radsim.kernel.block
print(*(module.__file__ for name, module in sys.modules.items() if name.split('.')[0] == 'radsim'), sep='\\n')
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    package = Path(native.__file__).parent
    counted = {path for pattern in code_cache._SOURCES for path in package.glob(pattern)}
    others = {Path(path).relative_to(package).as_posix() for path in loaded if Path(path) not in counted}
    assert others == {"__init__.py", "_cache.py", "code_cache.py", "first_run.py", "ordinary_files.py"}


# --- start --------------------------------------------------------------------------------------------------


def test_a_command_line_is_light_until_it_is_known_what_is_asked():
    code = "import sys, radsim.cli.main; print(*({'numpy', 'pydantic', 'numba', 'llvmlite', 'xarray', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
