"""What a command loads and what it compiles: reading needs no compiler, and a first run says that it compiles."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from studies import study

from radsim import engine, first_run
from radsim.cli import main as main_module
from radsim.kernel import entries
from radsim.native import Entry
from radsim.results import label
from radsim.storage import write_netcdf

CONFIG = """radsim: 1
name: A study
seed: 1
draws: 3
cohort: {size: 1000}
schedules: [8Gy/1, 20Gy/5]
"""
ONE_ENTRY = """
from radsim.compiled import entry


@entry
def double(x, out):
    out[0] = 2 * x
"""
RUN_EACH = """
import sys
from radsim.cli.main import main
for line in sys.stdin.read().splitlines():
    try:
        main(line.split())
    except SystemExit as leaving:
        loaded = [name for name in ("numba", "scipy.linalg") if name in sys.modules]
        print(line, leaving.code, *loaded, file=sys.stderr)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A configuration, its result, and the store of a sweep over it."""
    import radsim

    folder = tmp_path_factory.mktemp("results")
    (folder / "study.yaml").write_text(CONFIG)
    write_netcdf(radsim.simulate(folder / "study.yaml"), folder / "r.nc", force=False)
    plan = {"base": str(folder / "study.yaml"), "grid": {"cohort.karnofsky": [50, 70]}}
    radsim.sweep(plan, folder / "s.zarr")
    return folder


def loaded_by(folder, commands):
    """What some commands, one after the other in one process, say of their exit codes and of the libraries that are loaded then."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH], input="\n".join(commands), cwd=folder, capture_output=True, text=True
    )
    return [line for line in done.stderr.splitlines() if line.startswith(tuple(commands))]


def test_reading_needs_no_compiler(folder):
    """It takes a quarter of a second to load, longer than the rest of `radsim check`."""
    commands = [
        "check study.yaml", "show study.yaml", "show r.nc", "cea r.nc --costs uk --evppi none", "export r.nc --to csv -o tables",
        "show s.zarr", "cea s.zarr --costs uk --evppi none", "export s.zarr --to csv -o more",
    ]  # fmt: skip
    assert loaded_by(folder, commands) == [f"{command} 0" for command in commands]


def test_a_warm_simulation_needs_no_compiler(folder):
    """Machine code that is kept is loaded by LLVM alone."""
    commands = ["run study.yaml -o a.nc", "rerun r.nc -o b.nc", "compare 8Gy/1 20Gy/5 --patients 600 --draws 2"]
    loaded_by(folder, commands)
    (folder / "a.nc").unlink()
    (folder / "b.nc").unlink()
    assert loaded_by(folder, commands) == [f"{command} 0" for command in commands]


@pytest.fixture
def untold(monkeypatch):
    monkeypatch.setattr(first_run, "_told", set())


def test_a_first_run_says_once_that_it_compiles_and_the_next_says_nothing(tmp_path, monkeypatch, capsys, untold):
    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "one_entry.py").write_text(ONE_ENTRY)
    monkeypatch.syspath_prepend(tmp_path)
    found = np.zeros(1)
    for said in (f"{first_run.COMPILING}\n", ""):
        double = Entry("one_entry", "double")  # as a new process would have it
        assert capsys.readouterr().err == ""
        for x in (2, 2.5):
            double(x, found)
            assert found == [2 * x]
        assert capsys.readouterr().err == said
        monkeypatch.setattr(first_run, "_told", set())


def test_a_program_without_a_console_compiles_without_a_word(monkeypatch, untold):
    monkeypatch.setattr(sys, "stderr", None)
    first_run.announce()


def test_one_compilation_serves_every_question():
    """Sums, lives one by one, subgroups, one schedule and many, trials: one machine code, or a command stops for half a minute."""

    def compiled():
        return [len(entry.loaded) for entry in (entries.enrol, entries.simulate_blocks)]

    engine.simulate(study(n=600))
    before = compiled()
    for schedules, subgroups in itertools.product((["8Gy/1"], ["8Gy/1", "none"]), ([], ["primary"])):
        asked = study(schedules=schedules, subgroups=subgroups, n=600, draws=1)
        engine.simulate(asked)
        engine.record_trajectories(asked, 3, 40, 1)
        label(asked, engine.simulate_draws(asked))
    assert compiled() == before
    assert all(count <= 2 for count in before)  # a test before this one may have given care


def test_care_is_compiled_only_where_it_is_given(capsys, untold):
    """Two machine codes, whatever is given: one without care, and one with all of it."""
    engine.simulate(study(n=64))
    for given in ({"dexamethasone_prophylaxis": True}, {"bone_agent": True, "analgesic_ladder": True}):
        engine.simulate(study(n=64, care=given))
        engine.record_trajectories(study(care=given), 0, 8)
    assert len(entries.simulate_blocks.loaded) == 2


@pytest.mark.parametrize(("command", "few"), [("run", True), ("compare", True), ("cea", False), ("calibrate", False)])
def test_libraries_are_told_what_a_command_does_without(monkeypatch, command, few):
    monkeypatch.delitem(sys.modules, "numpy")
    monkeypatch.setattr(os, "environ", {})
    main_module._prepare_libraries([command])
    assert os.environ.get("OPENBLAS_NUM_THREADS") == ("1" if few else None)
    assert os.environ["PYDANTIC_DISABLE_PLUGINS"] == "__all__"


def test_what_the_environment_says_to_libraries_stands(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    main_module._prepare_libraries(["run"])
    assert os.environ == {}  # as numpy is loaded, which would not hear it
    monkeypatch.delitem(sys.modules, "numpy")
    os.environ["OPENBLAS_NUM_THREADS"] = "4"
    main_module._prepare_libraries(["run"])
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"


def test_commands_of_few_equations_are_commands():
    assert set(main_module.COMMANDS_OF_FEW_EQUATIONS) < set(main_module.COMMANDS)
