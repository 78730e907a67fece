"""`radsim bench`: the yardstick is frozen, the turns are fair, the comparison says what it must and refuses what it must."""

from __future__ import annotations

import copy
import json
import re

import numba
import numpy as np
import pytest
from who_and_where import who_and_where

from radsim import engine
from radsim.bench import bare, bare_vector, measure, slices, starts, workload
from radsim.bench import compare as comparing
from radsim.bench.confirm import confirm
from radsim.bench.measure import Effort
from radsim.cli.main import main
from radsim.kernel.entries import simulate_blocks
from radsim.kernel.tables import Sums
from radsim.storage import UsageFault

TINY = Effort(rounds=1, slices=2)
FROZEN_WORDS = 167206913
FROZEN_TOTAL = -5970.60432102858
FROZEN_SOURCE = "8a0b01081d85b64484f898139e3e19dfbca9edf00dd237329b9cdbd708618eb7"
A_START = {"wall": 2.0, "processor": 1.5, "peak_memory": 2 * 10**8}
A_REFERENCE = {"wall": 1.5, "processor": 1.0, "peak_memory": 10**8}


@pytest.fixture(scope="module", autouse=True)
def tiny():
    """Few repetitions of small slices, and no processes: these are timed in a test of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workload, "PATIENTS_A_THREAD", 512)
        patch.setattr(slices, "CALLS_A_THREAD", 4)
        patch.setattr(starts, "start_run", lambda **_: dict(A_START))
        patch.setattr(starts, "start_reference", lambda: dict(A_REFERENCE))
        patch.setattr(measure, "FULL", TINY)
        patch.setattr(measure, "QUICK", TINY)
        yield


@pytest.fixture(scope="module")
def measured(tiny):
    return measure.measure(effort=TINY, threads=2)


@pytest.fixture
def old(measured):
    return copy.deepcopy(measured)


def slowed(document, name, factor):
    """A document with one ratio so many times as high."""
    document = copy.deepcopy(document)
    document["measures"][name]["ratio"] *= factor
    return document


# --- the yardstick ------------------------------------------------------------------------------------------


def test_the_generator_meets_its_published_answers():
    """Random123, kat_vectors, philox4x32 10."""
    ones = np.uint64(0xFFFFFFFF)
    zeros = [np.uint64(0)] * 6
    assert [hex(w) for w in bare.philox4x32(*zeros)] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    assert [hex(w) for w in bare.philox4x32(*[ones] * 6)] == ["0x408f276d", "0x41c83b0e", "0xa20bc7c6", "0x6d5451fd"]


def test_the_yardstick_gives_what_it_gave_when_it_was_frozen():
    words, total = bare.bare_lives(20260101, 0, 1000)
    assert words == FROZEN_WORDS
    assert total == pytest.approx(FROZEN_TOTAL, rel=1e-12)


def test_the_yardstick_is_what_python_would_do():
    words, total = 0, 0.0
    for number in range(20):
        drawn = [
            int(word)
            for group in range(5)
            for word in bare.philox4x32(*(np.uint64(x) for x in (number, 0, group, 0, 7, 0)))
        ]
        words ^= int(np.bitwise_xor.reduce(np.array(drawn, np.uint64)))
        total += float(np.log((np.array(drawn[:6]) + 0.5) / 2**32).sum())
    found = bare.bare_lives(7, 0, 20)
    assert found[0] == words and found[1] == pytest.approx(total, rel=1e-12)


def test_the_yardstick_in_vector_code_takes_the_same_numbers():
    n = 4 * bare_vector.WIDTH
    words, total = bare_vector.bare_lives(20260101, 64, n)
    frozen_words, frozen_total = bare.bare_lives(20260101, 64, n)
    assert words == frozen_words
    assert total == pytest.approx(frozen_total, rel=1e-14)


def test_logarithms_in_vector_code_are_right_to_a_unit_in_the_last_place():
    words = np.concatenate(
        [np.arange(200), 2**32 - 1 - np.arange(200), np.random.default_rng(1).integers(2**32, size=2000)]
    )
    found = np.array([bare_vector.log_uniform(word) for word in words.astype(np.uint64)])
    exact = np.log((words.astype(np.longdouble) + np.longdouble(0.5)) * np.longdouble(2) ** -32)
    assert np.max(np.abs((found - exact) / np.spacing(np.abs(exact.astype(float))))) < 1.0


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")
def test_the_yardstick_in_vector_code_is_vector_code():
    bare_vector.bare_lives(1, 0, bare_vector.WIDTH)
    (text,) = bare_vector._lives.inspect_llvm().values()
    assert re.search(r"mul (n[us]w )*<\d+ x i64>", text) and re.search(r"fdiv <\d+ x double>", text)


def test_yardsticks_take_turns_on_one_thread(monkeypatch):
    order = []
    for name, kind in (("bare", bare), ("vector", bare_vector)):
        monkeypatch.setattr(kind, "bare_lives", lambda *_, name=name: order.append(name))
    monkeypatch.setattr(slices, "CALLS_A_THREAD", 2)
    monkeypatch.setattr(slices, "_timed", lambda call: (call(), 2.0 if order[-1] == "bare" else 1.0))
    assert slices.measure_vector_yardstick(3).tolist() == [0.5] * 3
    assert order == ["vector", "vector", "bare", "bare"] * (slices.WARM_UP + 3)


def test_the_source_of_the_yardstick_is_frozen():
    """Whoever changes it makes every earlier measurement incomparable, and must mean to."""
    assert bare.source_digest() == FROZEN_SOURCE


# --- turns --------------------------------------------------------------------------------------------------


def test_kernel_and_yardstick_take_turns(monkeypatch):
    order = []
    monkeypatch.setattr(engine, "simulate", lambda study, threads: order.append(("kernel", threads)))
    monkeypatch.setattr(slices, "simulate_bare", lambda pool, threads: order.append(("bare", threads)))
    found = slices.measure_slices(2, 3)
    counted = order[2 * slices.WARM_UP :]
    assert counted == [("bare", 2), *[("kernel", 2), ("bare", 2)] * 3]
    assert found.kernel.shape == (3, 2) and found.bare.shape == (4, 2)


def test_a_slice_is_held_against_the_two_around_it():
    found = slices.Slices(np.array([[6.0, 3.0], [9.0, 2.0]]), np.array([[1.0, 1.0], [2.0, 0.5], [4.0, 1.5]]))
    assert found.ratios(slices.WALL).tolist() == [4.0, 3.0]
    assert found.ratios(slices.PROCESSOR).tolist() == [4.0, 2.0]


def test_every_thread_plays_its_share_of_the_yardstick(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    calls = []
    monkeypatch.setattr(bare, "bare_lives", lambda seed, first, n: calls.append((first, n)))
    with ThreadPoolExecutor(3) as pool:
        slices.simulate_bare(pool, 3)
    assert sorted(first for first, _ in calls) == [k * bare.LIVES_PER_CALL for k in range(12)]
    assert sum(n for _, n in calls) == slices.n_bare_trajectories(3)


def test_times_are_per_lifetime(monkeypatch):
    monkeypatch.setattr(slices, "_timed", lambda call: (3.0, 6.0))
    found = slices.measure_slices(2, 1)
    assert found.kernel.tolist() == [[3.0 / (2 * 512 * 3), 6.0 / (2 * 512 * 3)]]
    assert found.bare[0].tolist() == [3.0 / (2 * 4 * 5120), 6.0 / (2 * 4 * 5120)]


def test_summary():
    found = slices.summary(np.arange(101.0) + 100)
    assert (found["q05"], found["q25"], found["median"], found["q75"], found["q95"]) == (105, 125, 150, 175, 195)
    assert found["spread"] == pytest.approx(25 / 150) and found["n"] == 101


# --- the document -------------------------------------------------------------------------------------------


def test_the_document_says_everything_and_nothing_of_who_and_where(measured):
    assert set(measured["measures"]) == {
        "one_thread", "all_threads", "all_threads_waiting", "warm_start", *workload.KINDS,
    }  # fmt: skip
    assert measured["measures"]["all_threads"]["threads"] == 2
    assert measured["measures"]["warm_start"]["ratio"] == 1.5
    assert measured["peak_memory_bytes"] == {"run": 2 * 10**8, "libraries": 10**8}
    assert who_and_where(json.dumps(measured, allow_nan=False, ensure_ascii=False)) == []


@pytest.mark.parametrize("folder", ["radsim", "a clone", "Prüfung"])
def test_a_folder_counts_by_its_whole_path(folder, measured, monkeypatch, tmp_path):
    """The last word of the path of a clone may be the name of the program."""
    here = tmp_path / folder
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr("socket.gethostname", lambda: "radsim")
    text = json.dumps({**measured, "made": f"radsim bench in {here}"}, ensure_ascii=False)
    assert str(here) in who_and_where(text)
    assert who_and_where(json.dumps({**measured, "made": "radsim bench"})) == []
    monkeypatch.setattr("platform.node", lambda: "ward-7")
    assert who_and_where('{"machine": "ward-7"}') == ["ward-7"] and who_and_where('{"machine": "ward-71"}') == []


def test_speeds_are_lives_over_seconds():
    found = measure.summarise_threads(2, [slices.Slices(np.array([[2e-6, 1e-6]] * 3), np.array([[1e-7, 1e-7]] * 4))])
    assert found["all_threads"]["lifetimes_per_second"]["median"] == pytest.approx(5e5)
    assert found["all_threads"]["lifetimes_per_processor_second"]["median"] == pytest.approx(1e6)
    assert found["all_threads"]["ratio"] == pytest.approx(10)
    assert found["all_threads_waiting"]["ratio"] == pytest.approx(2)


def test_the_least_disturbed_round_counts_for_work_and_the_median_for_waiting():
    def a_round(*kernel):
        return slices.Slices(np.array([[2 * t, t] for t in kernel]), np.ones((len(kernel) + 1, 2)))

    found = measure.summarise_threads(4, [a_round(7.0, 8.0, 20.0), a_round(5.0, 6.0, 1.0), a_round(9.0, 9.0, 9.0)])
    assert found["all_threads"]["ratio"] == 5.0 and found["all_threads"]["ratios"]["median"] == 8.0
    assert found["all_threads_waiting"]["ratio"] == 2.0


def test_the_least_disturbed_start_counts():
    def start(processor):
        return {"wall": 9.0, "processor": processor, "peak_memory": 1}

    found = measure.summarise_starts([start(3.0), start(2.0)], [start(1.0), start(4.0)])
    assert found["ratio"] == 2.0 and found["reference_processor_seconds"] == 1.0


def test_rounds_spread_every_measure_over_the_whole_time(monkeypatch):
    order = []
    monkeypatch.setattr(
        measure, "measure_slices", lambda n, *_: order.append(n) or slices.Slices(np.ones((1, 2)), np.ones((2, 2)))
    )
    monkeypatch.setattr(starts, "start_run", lambda: order.append("run") or A_START)
    monkeypatch.setattr(starts, "start_reference", lambda: order.append("reference") or A_REFERENCE)
    measure.measure_rounds([1, 2], Effort(rounds=2, slices=1))
    assert order == [1, 2, "reference", "run"] * 2


def test_one_processor_is_measured_once():
    assert set(measure.measure(effort=TINY, threads=1)["measures"]) == {"one_thread", "warm_start", *workload.KINDS}


def test_progress_ends_at_its_end():
    seen = []
    measure.measure(effort=TINY, threads=2, progress=lambda *step: seen.append(step))
    assert [done for done, _ in seen] == list(range(1, seen[-1][1] + 1))


def test_the_result_depends_on_the_study_and_not_on_the_threads(measured, monkeypatch):
    monkeypatch.setattr(engine, "n_threads", lambda threads=None, *, tasks=None: 1)
    assert workload.result() == measured["result"]
    monkeypatch.setitem(workload.RESULT, "seed", 1)
    assert workload.result()["digest"] != measured["result"]["digest"]


def test_another_workload_has_another_digest(measured, monkeypatch):
    assert workload.digest() == measured["workload"]
    monkeypatch.setattr(workload, "PATIENTS_A_THREAD", 513)
    assert workload.digest() != measured["workload"]


# --- comparison ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one_thread", "all_threads", "all_threads_waiting", "warm_start", *workload.KINDS])
def test_a_measure_is_slower_beyond_the_limit_only(old, name):
    assert comparing.slower(comparing.compare(old, slowed(old, name, 1.24), max_slowdown=1.25)) == []
    new = slowed(old, name, 1.5)
    comparison = comparing.compare(old, new, max_slowdown=1.25)
    assert comparing.slower(comparison) == [name]
    (line,) = comparing.alarms(comparison, old, new)
    assert line.startswith(f"{name}: ") and "1.50 times what it was, more than 1.25" in line


def test_a_changed_result_is_an_alarm_that_says_whether_the_evidence_changed(old):
    new = copy.deepcopy(old)
    new["result"]["digest"] = "0" * 64
    (line,) = comparing.alarms(comparing.compare(old, new, max_slowdown=1.25), old, new)
    assert line.startswith("result changed, with the same evidence: digest ") and "000000000000 now" in line
    new["result"]["evidence"] = "1" * 64
    assert "the evidence too" in comparing.alarms(comparing.compare(old, new, max_slowdown=1.25), old, new)[0]


def test_what_else_differs_is_said(old):
    new = copy.deepcopy(old)
    new["machine"]["processor"], new["software"]["numba"], new["software"]["commit"] = "Other", "0.0", "abc"
    assert comparing.differences(old, new) == [
        f"processor: {old['machine']['processor']} then, Other now",
        f"numba: {old['software']['numba']} then, 0.0 now",
    ]


def test_noise_is_looked_at_again(old, monkeypatch):
    new, looks = slowed(old, "all_threads", 1.5), []

    def again(name, document, *, effort):
        looks.append(name)
        return {name: {**document["measures"][name], "ratio": old["measures"][name]["ratio"]}}

    monkeypatch.setattr("radsim.bench.confirm.measure_again", again)
    confirm(old, new, max_slowdown=1.25)
    assert looks == ["all_threads"]
    assert comparing.slower(comparing.compare(old, new, max_slowdown=1.25)) == []


def test_what_stays_slow_is_slow(old, monkeypatch):
    new, looks = slowed(old, "one_thread", 1.5), []

    def again(name, document, *, effort):
        looks.append(name)
        return {name: {**document["measures"][name], "ratio": 2 * old["measures"][name]["ratio"]}}

    monkeypatch.setattr("radsim.bench.confirm.measure_again", again)
    confirm(old, new, max_slowdown=1.25)
    assert looks == ["one_thread"] * 2
    assert comparing.compare(old, new, max_slowdown=1.25)["measures"]["one_thread"]["slowdown"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("one_thread", {"one_thread"}),
        ("all_threads_waiting", {"all_threads", "all_threads_waiting"}),
        ("warm_start", {"warm_start"}),
        ("subgroups", {"subgroups"}),
    ],
)
def test_any_measure_can_be_measured_again(old, name, found):
    assert set(measure.measure_again(name, old, effort=TINY)) == found


def test_a_cold_start_can_be_measured_again(old, monkeypatch):
    monkeypatch.setattr(starts, "start_cold", lambda: {"wall": 50.0, "processor": 40.0, "peak_memory": 1})
    old["measures"]["cold_start"] = {"ratio": 30.0, "seconds": 40.0}
    assert measure.measure_again("cold_start", old) == {"cold_start": {"ratio": 40.0, "seconds": 50.0}}


def slow_simulate_blocks(*arguments):
    """The kernel, three times: twice into sums that are thrown away."""
    *others, sums = arguments
    waste = Sums(*(np.zeros_like(array) for array in sums))
    for target in (waste, waste, sums):
        simulate_blocks(*others, target)


def test_a_slower_kernel_raises_the_ratios_and_changes_no_result(measured, monkeypatch):
    monkeypatch.setattr(workload, "PATIENTS_A_THREAD", 4096)
    monkeypatch.setattr(slices, "CALLS_A_THREAD", 12)

    def ratio():
        return measure.measure_rounds([1], Effort(rounds=2, slices=4), with_starts=False)["one_thread"]["ratio"]

    before = ratio()
    monkeypatch.setattr(engine, "simulate_blocks", slow_simulate_blocks)
    assert ratio() > 1.8 * before
    assert workload.result() == measured["result"]


# --- the command --------------------------------------------------------------------------------------------


def bench(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main(["bench", "--threads", "2", *map(str, arguments)])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


@pytest.fixture
def file(tmp_path, old):
    """An earlier measurement so slow that nothing can be slower."""
    for entry in old["measures"].values():
        entry["ratio"] *= 100
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old))
    return path


def rewrite(file, change):
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def test_bench_prints_one_json_document(capsys):
    code, out, _ = bench(capsys, "--json", "--quick")
    assert code == 0 and json.loads(out)["radsim_bench"] == 1 and "comparison" not in json.loads(out)


def test_bench_prints_a_table(capsys):
    code, out, _ = bench(capsys)
    assert code == 0 and "1 thread " in out and "2 threads" in out and "peak memory, MB" in out and "200" in out
    assert max(map(len, out.splitlines())) <= 80


def test_nothing_slower_is_exit_0(capsys, file):
    code, out, err = bench(capsys, "--compare", file)
    assert (code, err) == (0, "") and "Ratios compared" in out


def test_slower_is_exit_3_and_a_line_a_measure(capsys, file):
    rewrite(file, lambda document: document["measures"]["warm_start"].update(ratio=1.0))
    code, out, err = bench(capsys, "--compare", file, "--json")
    comparison = json.loads(out)["comparison"]
    assert code == 3 and comparison["measures"]["warm_start"] == {
        "then": 1.0,
        "now": 1.5,
        "slowdown": 1.5,
        "slower": True,
    }
    assert [line.partition(":")[0] for line in err.splitlines()] == ["measuring again", "measuring again", "warm_start"]
    assert bench(capsys, "--compare", file, "--max-slowdown", "1.6")[0] == 0


def test_a_changed_result_is_exit_3(capsys, file):
    rewrite(file, lambda document: document["result"].update(digest="f" * 64))
    code, _, err = bench(capsys, "--compare", file)
    assert code == 3 and err.startswith("result changed, with the same evidence: digest ffffffffffff then, ")


def test_a_cold_start_is_measured_when_asked_for_or_when_there_is_one_to_compare(capsys, file, monkeypatch):
    monkeypatch.setattr(starts, "start_cold", lambda: {"wall": 50.0, "processor": 40.0, "peak_memory": 1})
    assert json.loads(bench(capsys, "--json", "--cold")[1])["measures"]["cold_start"]["seconds"] == 50.0
    rewrite(file, lambda document: document["measures"].update(cold_start={"ratio": 20.0, "seconds": 30.0}))
    code, _, err = bench(capsys, "--compare", file)
    assert code == 3 and "cold_start: cold start of a run is 2.00 times what it was" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(radsim_bench=2), "expected format 1, found 2"),
        (lambda d: d.update(workload="0" * 64), "another workload: there 000000000000, here "),
        (lambda d: d.update(yardstick="0" * 64), "another yardstick: there 000000000000, here "),
        (lambda d: d["measures"]["all_threads"].update(threads=7), "another number of threads: there 7, here 2"),
        (lambda d: d.pop("radsim_bench"), "found no radsim_bench in it"),
        (
            lambda d: d["measures"]["one_schedule"].update(workload="0" * 64),
            "another workload of one_schedule: there 000",
        ),
        (lambda d: d["measures"]["subgroups"].pop("workload"), "one that is incomplete"),
        (lambda d: d["measures"].pop("one_thread"), "one that is incomplete"),
        (lambda d: d["measures"]["warm_start"].update(ratio=0), "one that is incomplete"),
        (lambda d: d["measures"]["warm_start"].update(ratio=None), "one that is incomplete"),
        (lambda d: d.pop("result"), "one that is incomplete"),
    ],
)
def test_what_cannot_be_compared_is_exit_2_before_anything_is_measured(capsys, file, monkeypatch, change, said):
    monkeypatch.setattr(measure, "measure", lambda **_: pytest.fail("measured"))
    rewrite(file, change)
    code, out, err = bench(capsys, "--compare", file)
    assert (code, out) == (2, "") and said in err and str(file) in err


def test_no_measurement_at_all_is_exit_2(capsys, tmp_path):
    assert "cannot be read: No such file" in bench(capsys, "--compare", tmp_path / "missing.json")[2]
    path = tmp_path / "cut.json"
    path.write_text('{"radsim_bench": 1,')
    code, _, err = bench(capsys, "--compare", path)
    assert code == 2 and "expected JSON from radsim bench --json" in err
    path.write_text("[1]")
    assert bench(capsys, "--compare", path)[0] == 2


def test_a_limit_of_one_is_no_limit(capsys, file):
    code, _, err = bench(capsys, "--compare", file, "--max-slowdown", "1")
    assert code == 2 and "--max-slowdown" in err


def test_faults_are_of_a_kind_that_the_command_line_knows(tmp_path):
    with pytest.raises(UsageFault):
        comparing.read_document(tmp_path)
