"""Damage heals or is named: `tests/verification/damage.py` does more of it."""

from __future__ import annotations

import errno
import importlib.util
import os
import random
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import xarray

import radsim
from radsim import code_cache, engine, printable, storage
from radsim.cli import shared, tables, terminal
from radsim.cli.load import opened
from radsim.config import ConfigError, Fault, load_config
from radsim.evidence import EvidenceError
from radsim.results import look
from radsim.simulation import prepared

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def damage():
    spec = importlib.util.spec_from_file_location("damage", HERE / "verification" / "damage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(damage, tmp_path_factory):
    """Whole results to damage."""
    made, before = tmp_path_factory.mktemp("damage"), os.getcwd()
    os.chdir(made)
    damage.prepare(made, with_analysis=False)
    yield made
    os.chdir(before)


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


# --- machine code -------------------------------------------------------------------------------------------


def test_damaged_machine_code_counts_as_absent_and_is_written_anew(damage, tmp_path, monkeypatch):
    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path))
    code = random.Random(2).randbytes(500)
    code_cache.store("f", "form", code)
    (path,) = tmp_path.rglob("f-*.bin")
    whole = path.read_bytes()
    for name, content in damage.damages(whole, random.Random(1), flips=20):
        path.write_bytes(content)
        assert code_cache.load("f", "form") is None, name
        code_cache.store("f", "form", code)
        assert path.read_bytes() == whole, name
    path.unlink()
    assert code_cache.load("f", "form") is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_cache_that_cannot_be_written_fails_no_run(tmp_path, monkeypatch, number):
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setenv("RADSIM_CACHE", str(tmp_path))
    monkeypatch.setattr("radsim._cache.os.replace", fail)
    code_cache.store("f", "form", b"code")
    assert code_cache.load("f", "form") is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# --- results ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["netCDF", "patients", "Parquet cohort", "CSV cohort", "validation JSON"])
def test_a_damaged_file_is_named_or_read_as_it_was(damage, here, form):
    found = dict(damage.check_results(here, random.Random(3), flips=2, formats=[form]))
    assert len(found) >= 10
    assert not {what: verdict for what, verdict in found.items() if verdict.startswith("wrong")}
    assert "named" in found.values()


@pytest.mark.parametrize(
    "file", ["relief/c.0.0.0.0", "schedule/c.0", "count/c.0.0.0.0.0.0", "zarr.json", "relief/zarr.json"]
)
@pytest.mark.parametrize("how", ["flipped", "missing"])
def test_a_damaged_store_is_named(damage, here, file, how):
    path = here / "store.zarr" / file
    whole = path.read_bytes()
    try:
        if how == "missing":
            path.unlink()
        else:
            path.write_bytes(
                whole[:-6] + bytes([whole[-6] ^ 16]) + whole[-5:]
                if "c." in file
                else re.sub(rb'"shape":\s*\[', b'"shape": [3, ', whole)
            )
            assert path.read_bytes() != whole
        done = damage.command("export", "store.zarr", "--to", "csv", "--count", "-o", "of_store")
    finally:
        path.write_bytes(whole)
    assert damage.judge(done, damage.Done(0, "", "")) == "named", done
    assert "store.zarr" in done.err and not Path("of_store").exists()


def record_of(text):
    return xarray.Dataset(attrs={"radsim_record": text})


def test_a_record_is_what_we_write_or_is_refused(here):
    import json

    from radsim.provenance import FORM, RecordFault, from_dataset

    good = from_dataset(storage.read_netcdf("result.nc"))
    hostile = ["{", "[]", "null", "[" * 100_000, 3.0]
    hostile += [json.dumps({**good, key: value}) for key in FORM for value in (None, 3.5, [1], {"a": {"b": None}})]
    hostile += [json.dumps({name: value for name, value in good.items() if name != key}) for key in FORM]
    hostile += [
        json.dumps({**good, "config": {**good["config"], "draws": 3}}),
        json.dumps({**good, "economics": {**good["economics"], "resolved": {}}}),
        json.dumps(good).replace('"draws": 2', '"draws": NaN'),
    ]
    for text in hostile:
        with pytest.raises(RecordFault, match="radsim_record"):
            from_dataset(record_of(text))
    assert from_dataset(record_of(json.dumps(good))) == good


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.drop_vars("schedule"), "schedule: expected labels, found none"),
        (lambda d: d.assign_coords(schedule=["8Gy/1", "8Gy/1"]), "schedule: expected labels that differ"),
        (lambda d: d.assign_coords(schedule=["8Gy/1", "\x1b[31m"]), "schedule: expected lines of text"),
        (lambda d: d.assign_coords(draw=["a", "b", "c"]), "draw: expected numbers"),
        (lambda d: d.isel(draw=slice(0)), "draw: expected some, found none"),
        (lambda d: d.transpose(), "expected the dimensions"),
        (lambda d: d.assign(relief=d["relief"].astype(str)), "relief: expected numbers"),
        (lambda d: d.assign(relief=d["relief"].assign_attrs(units=3)), "relief: expected units"),
    ],
)  # fmt: skip
def test_the_form_of_a_result_is_looked_at(here, change, said):
    whole = storage.read_netcdf("result.nc")
    assert look.fault_of(whole) == look.damage_in(whole) == ""
    assert said in look.fault_of(change(whole))


def test_what_a_result_lacks_is_said_and_faults_of_ours_stay_ours(here, damage, monkeypatch):
    whole = storage.read_netcdf("result.nc")
    assert look.damage_in(whole.drop_vars("relief")) == "relief: expected, found none"
    whole.drop_vars("relief").to_netcdf("lacking.nc")
    with (
        pytest.raises(storage.UsageFault, match=r"lacking.nc: .*relief: expected, found none"),
        opened("lacking.nc") as lacking,
    ):
        lacking["relief"]
    monkeypatch.setattr("radsim.cli.show.describe", lambda *_: {}["ours"])
    done = damage.command("show", "result.nc")
    assert done.code == 1 and done.err.startswith("internal error: KeyError: 'ours'")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("forest-held-out", '{"rows": [], "contrasts": []}'),
        ("forest", '{"rows": [{}], "contrasts": []}'),
        ("forest", '{"rows": 3, "contrasts": null}'),
        ("tornado", '{"one_way": [3]}'),
        ("evppi", '{"evppi": [{}]}'),
        ("forest", "[" * 100_000),
        ("forest", "NaN"),
    ],
)
def test_a_document_that_lacks_what_a_figure_needs(damage, tmp_path, monkeypatch, kind, text):
    monkeypatch.chdir(tmp_path)
    Path("v.json").write_text(text)
    done = damage.command("plot", "v.json", "--kind", kind, "-o", "v.svg")
    assert damage.faults(done, codes=(2,)) == "" and done.err.count("\n") == 1, done
    assert "radsim " in done.err and not Path("v.svg").exists()


# --- folders, streams, words --------------------------------------------------------------------------------


def test_folders_that_take_nothing_are_named(damage, here):
    quick = [line for line in damage.WRITERS if line.split()[0] in ("run", "init", "export", "sweep", "plot")]
    found = list(damage.check_folders(here, writers=quick))
    assert len(found) >= 10
    assert not [each for each in found if each[1] != "named"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_what_may_not_be_written_is_a_fault_of_the_request(capsys, number):
    def fail():
        raise OSError(number, os.strerror(number), "a.nc")

    assert shared.guarded(fail) == 2
    assert capsys.readouterr().err == f"a.nc: {os.strerror(number)}\n"


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "said"),
    [
        (">&-", "evidence", 2, "standard output is closed"),
        ("2>&-", "init", 0, "radsim: 1"),
        ("<&-", "check -", 2, "<stdin>: expected a readable file, found standard input is closed"),
        ("<&-", "plot - --kind forest -o a.svg", 2, "standard input is closed"),
        (">/dev/full", "init", 1, "No space left on device"),
    ],
)
def test_closed_and_full_streams(tmp_path, closed, arguments, code, said):
    line = f"{sys.executable} -m radsim {arguments} {closed}"
    done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code and said in done.stdout + done.stderr
    assert "Exception" not in done.stderr and done.stderr.count("\n") <= 1
    assert not list(tmp_path.iterdir())


HOSTILE = "a\x1b[31m\x07\x9b\r\u202eb\udce4"
SHOWN = "a\\u001b[31m\\u0007\\u009b\\u000d\\u202eb\\udce4"


def test_control_characters_are_shown_as_what_they_are():
    assert printable.visible(HOSTILE + "\n\tü–→") == SHOWN + "\n\tü–→"
    assert printable.one_line("a\nb\tc") == "a\\u000ab\\u0009c"
    assert str(Fault("f\n.yaml", 1, HOSTILE, "x", "y")) == f"f\\u000a.yaml:1: {SHOWN}: expected x, found y"


def test_nothing_from_outside_acts_on_a_terminal(damage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("study.yaml").write_text('"a\\e[31m\\nb\\u202e": 1\nschedules: ["\\e[2J"]\ncohort: {file: "no\\e[31m.csv"}\n')
    Path("table.csv").write_text("pri\x1b[31mmary\nbre\u202east\n")
    Path("cohort.yaml").write_text("schedules: [8Gy/1]\ncohort: {file: table.csv}\n")
    Path("tri\x1bal.yaml").write_text("radsim_trial: 1\n")
    for arguments in (
        "run study.yaml",
        "check study.yaml cohort.yaml",
        "show study.yaml",
        "validate .",
        "compare 8Gy/1 \x1b[31m",
        "\x1b[31m",
    ):
        done = damage.command(*arguments.split())
        assert done.code == 2 and not set(done.out + done.err) & set("\x1b\u202e\x9b\r"), done
    assert "\\u001b" in done.err


def test_tables_of_a_terminal_show_names_as_text(monkeypatch, capsys):
    monkeypatch.setattr(tables, "is_terminal", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    tables.show_table("T", ["Outcome", "x\x1b[2J"], [["a\u202e", "b"]])
    out = capsys.readouterr().out
    assert "x\\u001b[2J" in out and "a\\u202e" in out and "\x1b[2J" not in out


def test_a_stream_writes_what_its_encoding_has(tmp_path):
    with open(tmp_path / "out", "w", encoding="ascii") as file:
        assert terminal.Visible(file).write("±\x1b") == 2
    assert (tmp_path / "out").read_text() == "\\xb1\\u001b"


@pytest.mark.parametrize("name", ["b\udce4r.yaml", "a\nb.yaml", "a.yaml\r"])
@pytest.mark.parametrize(
    "arguments",
    ["run {}", "check {}", "show {}", "cea {}", "plot {} --kind pain -o a.svg", "init {}", "sweep {} -o a.zarr"],
)
def test_words_that_are_no_plain_text_are_refused(run, tmp_path, arguments, name):
    done = run(*(word.format(name) for word in arguments.split(" ")))
    assert done.code == 2 and done.err.count("\n") == 1
    assert done.err.startswith("argument 2: expected UTF-8 text without control characters, found ")
    assert not list(tmp_path.iterdir())


# --- devices, threads, many faults --------------------------------------------------------------------------

READERS = (
    "run {}", "check {}", "show {}", "sweep {} -o a.zarr", "validate {}", "calibrate {} -o a.nc", "cea {}", "report {} -o a.html",
    "export {} --to csv -o a", "rerun {} -o a.nc", "plot {} --kind pain -o a.svg", "bench --compare {}", "cea whole.nc --economics {}",
)  # fmt: skip


@pytest.mark.parametrize("device", ["pipe", "/dev/zero", "/dev/null"])
@pytest.mark.parametrize("line", READERS)
def test_a_device_or_pipe_is_no_input(run, here, damage, line, device):
    if not Path("pipe").exists():
        os.mkfifo("pipe")
    done = damage.command(*line.format(device).replace("whole.nc", "result.nc").split())
    assert done.code == 2 and "a device or pipe, no ordinary file" in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize("section", ["cohort: {file: /dev/zero}", "economics: {costs: ./pipe}"])
def test_a_configuration_names_no_device(here, damage, section):
    Path("device.yaml").write_text(f"schedules: [8Gy/1]\n{section}\n")
    done = damage.command("check", "device.yaml")
    assert done.code == 2 and "device or pipe" in done.err


def test_threads_are_no_more_than_there_is_work(monkeypatch):
    study, made = prepared({"seed": 1, "cohort": {"size": 600}, "schedules": ["8Gy/1"]}), []
    workspace = engine.ThreadWorkspace
    monkeypatch.setattr(
        engine, "ThreadWorkspace", lambda *arguments: made.append(threading.active_count()) or workspace(*arguments)
    )
    assert engine.n_threads(5000) == max(64, len(os.sched_getaffinity(0)))
    assert engine.n_threads(3) == 3 and engine.n_threads(5000, tasks=2) == 2
    engine.simulate(study, threads=5000)
    assert len(made) == 2  # blocks of 512


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_impossible_threads_are_refused_in_python(tmp_path, threads):
    config = {"seed": 1, "cohort": {"size": 10}, "schedules": ["8Gy/1"]}
    said = "threads: expected a whole number of at least 1, found"
    with pytest.raises(storage.UsageFault, match=said):
        radsim.simulate(config, threads=threads)
    with pytest.raises(storage.UsageFault, match=said):
        radsim.sweep({"base": config, "grid": {"cohort.karnofsky": [60]}}, tmp_path / "a.zarr", threads=threads)
    assert not (tmp_path / "a.zarr").exists()


@pytest.mark.parametrize("threads", ["0", "-3"])
def test_impossible_threads_are_refused_by_commands(run, threads):
    done = run("run", "study.yaml", "--threads", threads)
    assert done.code == 2 and "--threads" in done.err


def test_faults_beyond_fifty_are_counted():
    with pytest.raises(ConfigError) as raised:
        load_config({"schedules": ["8Gy/1"], **{f"key{i}": 1 for i in range(1000)}})
    lines = str(raised.value).splitlines()
    assert len(raised.value.faults) == 1000 and len(lines) == 51 and lines[-1] == "and 950 more"
    assert str(EvidenceError(["a"] * 1051)).endswith("\nand 1,001 more")
    assert printable.listed(["a"] * 50) == "\n".join(["a"] * 50)
