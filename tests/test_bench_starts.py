"""Processes that `radsim bench` times."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest

from radsim.bench import starts


@pytest.mark.slow
def test_a_run_takes_more_than_the_libraries_alone():
    run, lone = starts.start_run(), starts.start_reference()
    assert run["processor"] > 0.2 and run["wall"] > 0.1 and lone["processor"] > 0.1
    assert 50e6 < lone["peak_memory"] < 2e9 and 50e6 < run["peak_memory"] < 2e9


def test_processor_time_is_that_of_the_child():
    busy = "import time; end = time.process_time() + 0.3\n    while time.process_time() < end: pass"
    found = starts._timed_process(busy, [], "", None)
    idle = starts._timed_process("import time; time.sleep(0.3)", [], "", None)
    assert found["processor"] > 0.3 > idle["processor"] and idle["wall"] > 0.3


def test_peak_memory_is_that_of_the_child_and_not_of_its_parent():
    small = starts._timed_process("pass", [], "", None)["peak_memory"]
    large = starts._timed_process("x = bytearray(200_000_000)", [], "", None)["peak_memory"]
    assert 1e6 < small < 60e6 and large - small == pytest.approx(200e6, rel=0.1)


def test_a_process_that_fails_is_not_timed():
    with pytest.raises(RuntimeError, match=r"exit code 1(?s:.*)ZeroDivisionError"):
        starts._timed_process("1 / 0", [], "", None)


def test_a_cold_start_has_an_empty_cache_of_its_own(monkeypatch):
    folders = []

    def run(command, **options):
        folders.append(options["env"]["RADSIM_CACHE"])
        return SimpleNamespace(returncode=0, stderr="123\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert starts.start_cold()["peak_memory"] == 123 and starts.start_cold()
    assert len(set(folders)) == 2
