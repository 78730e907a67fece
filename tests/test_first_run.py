"""What a command loads and what it compiles: reading needs no compiler, and a first run says that it compiles."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys

import pytest
from studies import study

from radsim import engine, first_run
from radsim.kernel import block
from radsim.results import label
from radsim.storage import write_netcdf

CONFIG = """radsim: 1
name: A study
seed: 1
draws: 3
cohort: {size: 1000}
schedules: [8Gy/1, 20Gy/5]
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


def test_reading_needs_no_compiler(folder):
    """It takes a quarter of a second to load, longer than the rest of `radsim check`."""
    commands = [
        "check study.yaml", "show study.yaml", "show r.nc", "cea r.nc --costs uk --evppi none", "export r.nc --to csv -o tables",
        "show s.zarr", "cea s.zarr --costs uk --evppi none", "export s.zarr --to csv -o more",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH], input="\n".join(commands), cwd=folder, capture_output=True, text=True
    )
    assert [line for line in done.stderr.splitlines() if line.startswith(tuple(commands))] == [
        f"{command} 0" for command in commands
    ]


def door_of(path, name):
    """A compiled door of a module made from a file, as a new process would have it."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.double


@pytest.fixture
def untold(monkeypatch):
    monkeypatch.setattr(first_run, "_told", set())


def test_a_first_run_says_once_that_it_compiles_and_the_next_says_nothing(tmp_path, monkeypatch, capsys, untold):
    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "doors.py"
    path.write_text("from radsim.compiled import entry\n\n\n@entry\ndef double(x):\n    return 2 * x\n")
    cold = door_of(path, "cold")
    assert capsys.readouterr().err == ""
    assert (cold(2), cold(2.0)) == (4, 4.0)
    assert capsys.readouterr().err == f"{first_run.COMPILING}\n"
    monkeypatch.setattr(first_run, "_told", set())
    warm = door_of(path, "warm")
    assert (warm(2), warm(2.0)) == (4, 4.0)
    assert capsys.readouterr().err == ""


def test_a_program_without_a_console_compiles_without_a_word(monkeypatch, untold):
    monkeypatch.setattr(sys, "stderr", None)
    first_run.announce()


def test_one_compilation_serves_every_question():
    """Sums, lives one by one, subgroups, one schedule and many, trials: one machine code, or a command stops for half a minute."""
    doors = block.enrol, block.simulate_blocks

    def compiled():
        return [len(door.signatures) for door in doors]

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
    assert len(block.simulate_blocks.signatures) == 2
