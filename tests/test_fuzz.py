"""The fuzzer: a few dozen cases of each family hold, and it notices a door that breaks. The long run is ``python tests/verification/fuzz.py``."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "verification"))

import fuzz
from fuzzing.case import Case
from fuzzing.judge import examine
from fuzzing.known import REFUSED
from fuzzing.mutate import yaml_text
from fuzzing.stock import STUDY

SEED = 7
CASES = {
    "configurations": 24,
    "trials": 12,
    "cohorts": 24,
    "prices": 8,
    "sweeps": 16,
    "options": 16,
    "schedules": 24,
    "damage": 8,
}
STUDY_FILE = {"study.yaml": yaml_text(STUDY).encode()}
CHECK = Case(["check", "study.yaml"], STUDY_FILE, round_trip="study.yaml")
RUN = Case(["run", "study.yaml", "-o", "out.nc", "--json"], STUDY_FILE, ("out.nc",))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@functools.cache
def all_trials():
    from radsim.trials import shipped_trials

    return shipped_trials()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """As `fuzz.without_measuring`, for as long as a test."""
    monkeypatch.delenv("RADSIM_DEBUG", raising=False)
    monkeypatch.setattr("radsim.sweep.estimate.estimate", lambda plan, *, threads=None: (1.0, 1.0, 1))
    monkeypatch.setattr("radsim.trials.validate.shipped_trials", all_trials)


@pytest.mark.parametrize("family", CASES)
def test_cases_hold(family, folder):
    found = [examine(fuzz.case_of(SEED, family, number, folder)) for number in range(CASES[family])]
    assert {number: faults for number, (_, faults) in enumerate(found) if faults} == {}
    assert {"accepted", "refused"} <= {outcome for outcome, _ in found}  # a door that refuses all would hold too


def test_known_contradictions_are_refused():
    assert [case.arguments for case in (make() for make in REFUSED) if examine(case) != ("refused", [])] == []


def test_a_case_is_the_same_again(folder):
    assert (
        fuzz.case_of(3, "cohorts", 17, folder)
        == fuzz.case_of(3, "cohorts", 17, folder)
        != fuzz.case_of(4, "cohorts", 17, folder)
    )
    assert [
        len([pair for pair in fuzz.plan(1000, list(fuzz.families.FAMILIES)) if pair[0] == name])
        for name in ("known", "trials")
    ] == [30, 40]


# --- it notices -----------------------------------------------------------------------------------------------


def faults_of(case):
    outcome, faults = examine(case)
    assert outcome == ("failed" if faults else "accepted")
    return "\n".join(faults)


def test_whole_doors_are_not_blamed():
    assert faults_of(CHECK) == faults_of(RUN) == ""


def test_it_notices_a_fault_of_ours(monkeypatch):
    monkeypatch.setattr("radsim.cli.load.load_study", lambda *_: 1 / 0)
    assert "exit code 1" in faults_of(CHECK) and "internal error on stderr" in faults_of(CHECK)


def test_it_notices_a_contradiction_that_is_accepted():
    assert faults_of(CHECK._replace(expected="refused")) == "expected to be refused, found exit code 0"


def test_it_notices_what_does_not_come_back(monkeypatch):
    from radsim.config.dump import to_yaml

    monkeypatch.setattr("radsim.config.config_digest", lambda config: "0")
    monkeypatch.setattr("radsim.config.to_yaml", lambda config: to_yaml(config).replace("size: 20", "size: 21"))
    assert faults_of(CHECK) == ".cohort.size: given 20, shown 21"


def test_it_notices_numbers_that_are_not_finite(monkeypatch):
    monkeypatch.setattr("radsim.cli.run.print_json", lambda document: print('{"value": NaN}'))
    assert faults_of(RUN) == "stdout is not one JSON document: NaN in JSON"
    monkeypatch.setattr("radsim.cli.text.show_summary", lambda *_: print("response  nan %"))
    assert "not a finite number on stdout" in faults_of(RUN._replace(arguments=RUN.arguments[:-1]))


def test_it_notices_control_characters_and_silence(monkeypatch):
    def coloured(said):
        getattr(sys.stderr, "_stream", sys.stderr).write("\x1b[31m")  # beneath what makes them visible

    monkeypatch.setattr("radsim.cli.check.warn", coloured)
    assert "control character '\\x1b' on stderr" in faults_of(CHECK)
    monkeypatch.setattr("radsim.cli.load.load_study", lambda *_: sys.exit(2))
    assert "exit code 2 without a word" in examine(CHECK)[1]


def test_it_notices_files_left_behind_or_changed(monkeypatch):
    def torn(dataset, path, *, force):
        Path(path).write_bytes(b"\x89HDF")
        Path("study.yaml").write_bytes(b"")
        Path(".out.nc.part").touch()
        raise SystemExit(2)

    monkeypatch.setattr("radsim.storage.write_netcdf", torn)
    assert {"refused, but wrote out.nc", "changed its input study.yaml", "left .out.nc.part behind"} <= set(
        examine(RUN)[1]
    )


def test_it_notices_words_past_the_streams_and_warnings(monkeypatch):
    import os
    import warnings

    monkeypatch.setattr(
        "radsim.cli.check.warn",
        lambda said: os.write(2, b"HDF5-DIAG") and warnings.warn("overflow", RuntimeWarning, stacklevel=1),
    )
    assert "HDF5-DIAG\nRuntimeWarning: overflow" in faults_of(CHECK)


def test_it_notices_a_hang_and_a_crash(folder, monkeypatch):
    worker = fuzz.Worker(SEED, folder)
    worker.start()
    monkeypatch.setattr(fuzz, "SILENT", 0.001)
    outcome, (fault,) = worker.run("configurations", 1)
    assert outcome == "failed" and fault.startswith("took too long: ") and "Current thread" in fault
    assert worker.process is None  # a new one for the next case
    monkeypatch.undo()
    worker.start()
    worker.process.kill()
    worker.process.wait()
    assert worker.run("configurations", 1) == ("failed", ["the process ended with -9: "])
