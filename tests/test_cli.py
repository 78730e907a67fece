"""The command line: stdout, stderr and exit code of each command and each fault."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
import xarray
from scipy import stats

import radsim
from radsim.cli import summary, tables
from radsim.cli.main import main
from radsim.cli.progress import Progress
from radsim.cli.shared import guarded
from radsim.outcomes import catalogue, estimates
from radsim.outcomes.intervals import NORMAL_95, STUDENT_95, remove_monte_carlo_variance, summarise
from radsim.printable import without_nan
from radsim.results import Labelled, Results

STUDY = """\
radsim: 1
name: Small study
seed: 11
cohort: {size: 600, primary: breast}
schedules: [8Gy/1, 20Gy/5]
"""
SCOPE = "Not a medical device: radsim informs, it does not prescribe."
COHORT = "pain,karnofsky,primary,site\n8,70,breast,hip\n6,80,lung,spine\n7,60,other,rib\n"


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY)
    return path


def subprocess_run(*arguments, before="", cwd=None, **options):
    """Run a command in a process of its own; ``before`` is Python that runs first."""
    program = f"{textwrap.dedent(before)}\nfrom radsim.cli.main import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=600,
        **options,
    )


def assert_fault(done, *parts, code=2):
    """Nothing on stdout, the code, no traceback, and every part on stderr."""
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    for part in parts:
        assert part in done.err


# --- start-up -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["run", "--help"], ["rerun", "--help"], ["check", "--help"]]
)
def test_help_is_light(arguments):
    before = """
        import atexit, sys
        heavy = {"numba", "xarray", "scipy", "pydantic", "pandas", "netCDF4", "numpy", "rich", "ruamel"}
        atexit.register(lambda: sys.stderr.write("loaded:" + ",".join(sorted(heavy & set(sys.modules)))))
    """
    done = subprocess_run(*arguments, before=before)
    assert done.returncode == 0 and done.stderr == "loaded:"


def test_the_package_can_be_run():
    done = subprocess.run([sys.executable, "-m", "radsim", "show"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("Usage: radsim show ")


def test_importing_radsim_is_light():
    program = "import sys, radsim; print(sorted({'numpy', 'numba', 'xarray', 'click'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_run_needs_no_xarray(study):
    before = """
        import atexit, sys
        heavy = {"xarray", "pandas", "rich"}
        atexit.register(lambda: sys.stderr.write("loaded:" + ",".join(heavy & set(sys.modules))))
    """
    done = subprocess_run("run", study, "-o", study.parent / "out.nc", before=before)
    assert done.returncode == 0 and done.stderr.endswith("loaded:")


def test_public_names_are_found():
    assert {"__version__", "load_config", "simulate"} <= set(radsim.__all__) <= set(dir(radsim))
    assert callable(radsim.load_config) and callable(radsim.simulate)
    with pytest.raises(AttributeError, match="no attribute 'cure'"):
        radsim.cure  # noqa: B018


def test_help_lists_every_command(run):
    done = run("--help")
    assert (done.code, done.err) == (0, "")
    assert all(f"\n  {name} " in done.out for name in ("run", "rerun", "evidence", "show", "check", "init", "schema"))
    assert "Not a medical device" in done.out


def test_version(run):
    done = run("--version")
    assert (done.code, done.out, done.err) == (0, f"radsim, version {radsim.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments", [["cure"], ["run"], ["run", "--patients", "0", "a.yaml"], ["--bogus"], ["rerun", "a.nc"]]
)
def test_bad_usage(run, arguments):
    assert_fault(run(*arguments), "Error: ")


# --- run ------------------------------------------------------------------------------------------


def test_run_shows_outcomes_by_schedule(run, study):
    done = run("run", study)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[:2] == ["Small study", "600 patients under each schedule, seed 11"]
    assert lines[5].split() == ["8Gy/1", "20Gy/5"]
    for row in ("Alive with relief, 12 weeks", "Treated again here within a year", "Pain flare within ten days", "Overall response",
                "Median days to response", "Days at the hospital", "Alive at 12 weeks"):  # fmt: skip
        assert any(line.startswith(row) and " ± " in line for line in lines)
    assert all(len(line) <= 80 for line in lines)
    assert "\x1b" not in done.out


def test_run_says_what_its_figures_mean(run, study):
    text = " ".join(run("run", study).out.split())
    assert "8Gy/1 minus the others" in text and " minus 20Gy/5 " in text
    assert "a missing questionnaire counts as failure" in text
    assert "effects are equal: an assumption, not a finding." in text
    assert "± their Monte Carlo standard error" in text
    assert "parameters (radsim evidence shows which)" in text
    assert text.endswith(SCOPE)


def test_run_counts_its_sources_on_stderr_and_records_them(run, study):
    done = run("run", study, "-o", "out.nc")
    with xarray.open_dataset("out.nc") as dataset:
        record = json.loads(dataset.attrs["radsim_record"])
    sources = {*record["citations"], *record["provisional_covariates"].values()}
    assert len(sources) > 20 and done.err == (
        f"Evidence set trials: {len(sources)} sources "
        "(radsim evidence lists them; the record of a result holds them).\n"
    )


def test_run_of_one_schedule_has_no_differences(run, study):
    study.write_text(STUDY.replace("[8Gy/1, 20Gy/5]", "[none]"))
    done = run("run", study)
    assert done.code == 0 and "Differences" not in done.out and "an assumption, not" not in done.out


def test_run_reads_standard_input(study):
    done = subprocess_run("run", "-", "--patients", "50", input=STUDY)
    assert done.returncode == 0 and done.stdout.startswith("Small study\n50 patients")


def test_run_writes_what_it_shows(run, study):
    assert run("run", study, "-o", "out.nc", "--seed", "3", "--patients", "700", "--threads", "1").code == 0
    with xarray.open_dataset("out.nc") as dataset:
        assert int(dataset["n_patients"].sum()) == 700
        assert dataset["schedule"].values.tolist() == ["8Gy/1", "20Gy/5"]
        record = json.loads(dataset.attrs["radsim_record"])
    assert record["seed"] == 3
    assert record["command"] == "radsim run study.yaml -o out.nc --seed 3 --patients 700 --threads 1"
    assert sorted(os.listdir()) == ["out.nc", "study.yaml"]


def test_the_same_run_gives_the_same_file_and_python_the_same_data(run, study):
    run("run", study, "-o", "one.nc", "--threads", "1")
    run("run", study, "-o", "two.nc", "--threads", "2")
    with xarray.open_dataset("one.nc") as one, xarray.open_dataset("two.nc") as two:
        xarray.testing.assert_equal(one, two)
        xarray.testing.assert_equal(one.load(), radsim.simulate(study))


def test_run_without_a_seed_draws_and_records_one(run, study):
    study.write_text(STUDY.replace("seed: 11\n", ""))
    seeds = [json.loads(run("run", study, "--patients", "5", "--json").out)["seed"] for _ in range(2)]
    assert seeds[0] != seeds[1] and all(0 <= seed < 2**53 for seed in seeds)


def test_seed_zero_is_a_seed(run, study):
    assert json.loads(run("run", study, "--patients", "5", "--seed", "0", "--json").out)["seed"] == 0


def test_json_is_one_document(run, study):
    done = run("run", study, "--json")
    document = json.loads(done.out)
    assert done.code == 0
    assert list(document)[:5] == ["name", "seed", "patients", "draws", "digest"]
    assert (document["name"], document["seed"], document["patients"], document["draws"]) == (
        "Small study",
        11,
        600,
        0,
    )
    assert [each["schedule"] for each in document["schedules"]] == ["8Gy/1", "20Gy/5"]
    figure = document["schedules"][0]["overall_response"]
    assert list(figure) == ["value", "mcse", "low95", "high95"]
    assert 0.0 <= figure["low95"] < figure["value"] < figure["high95"] <= 1.0
    assert len(document["schedules"][0]["survival"]["value"]) == len(document["times_days"])
    assert document["differences"][0]["schedules"] == ["8Gy/1", "20Gy/5"]
    assert document["warnings"] == []


def test_json_is_written_with_null_for_nan(run, study):
    study.write_text(STUDY.replace("[8Gy/1, 20Gy/5]", "[none]").replace("600", "1"))
    done = run("run", study, "--json")
    document = json.loads(done.out, parse_constant=lambda word: pytest.fail(word))
    assert document["schedules"][0]["life_years"]["mcse"] is None


def test_json_holds_subgroups_apart(run, study):
    study.write_text(STUDY + "subgroups: [sex]\n")
    document = json.loads(run("run", study, "--json").out)
    assert [each["subgroup"] for each in document["subgroups"]] == ["sex=female", "sex=male"]
    assert document["patients"] == 600


def test_run_with_draws_gives_the_interval_over_draws(run, study):
    run("run", study, "--draws", "4", "-o", "out.nc")
    document = json.loads(run("run", study, "--draws", "4", "--json").out)
    with xarray.open_dataset("out.nc") as dataset:
        draws, noise = (
            dataset[name].sel(schedule="8Gy/1").values[1:] for name in ("overall_response", "overall_response_mcse")
        )
    figure = document["schedules"][0]["overall_response"]
    assert document["draws"] == 4
    assert figure["value"] == pytest.approx(draws.mean(), rel=1e-12)
    narrowed = remove_monte_carlo_variance(draws, noise)
    assert np.ptp(narrowed) < np.ptp(draws)  # 600 patients a draw: much of the spread is simulation noise
    assert figure["low95"] == pytest.approx(np.percentile(narrowed, 2.5), rel=1e-12)
    done = run("run", study, "--draws", "4")
    assert "means over 4 draws" in done.out and " to " in done.out


def test_a_single_draw_has_no_interval(run, study):
    document = json.loads(run("run", study, "--draws", "1", "--json").out)
    figure = document["schedules"][0]["overall_response"]
    assert figure["value"] is not None and figure["low95"] is figure["high95"] is None
    done = run("run", study, "--draws", "1")
    assert "a single draw of the parameters, which has no interval" in " ".join(done.out.split())
    assert not re.search(r"\d \(", done.out[: done.out.index("Figures")])


def test_few_draws_are_said_to_be_few(run, study):
    study.write_text(STUDY.replace("600", "20"))
    few = "With fewer than 100 draws its ends are rough."
    assert few in " ".join(run("run", study, "--draws", "99").out.split())
    assert few not in " ".join(run("run", study, "--draws", "100").out.split())


def test_differences_are_paired(run, study):
    study.write_text(
        STUDY.replace("600", "10000").replace(
            "[8Gy/1, 20Gy/5]", "[8Gy/1, {name: twin, dose_gy: 8, fractions: 1}, 20Gy/5]"
        )
    )
    document = json.loads(run("run", study, "--json").out)
    twin, other = document["differences"]
    for name, figure in twin.items():
        if name != "schedules":
            assert set(np.ravel(list(figure.values()))) == {0.0}, name
    single, _, multiple = document["schedules"]
    independent = np.hypot(single["retreatment"]["mcse"], multiple["retreatment"]["mcse"])
    assert 0.0 < other["retreatment"]["mcse"] < 0.95 * independent
    reach = other["retreatment"]["high95"] - other["retreatment"]["value"]
    assert reach == pytest.approx(other["retreatment"]["mcse"] * stats.t.ppf(0.975, 15), rel=1e-4)


def test_patient_output(run, study):
    done = run("run", study, "--patient-output", "patients.nc")
    assert done.code == 0
    with xarray.open_dataset("patients.nc", decode_times=False) as dataset:
        assert dict(dataset.sizes) == {"schedule": 2, "patient": 600}
        assert dataset["age"].dims == ("patient",) and dataset["time_to_death"].dims == (
            "schedule",
            "patient",
        )
        assert (dataset["primary"] == 0).all() and dataset["primary"].attrs[
            "flag_meanings"
        ] == "breast prostate lung other"
        happened = dataset["retreatment_flag"]
        assert happened.attrs["flag_meanings"] == "did_not_happen happened"
        assert (np.isfinite(dataset["time_to_retreatment"]) == (happened == 1)).all()
        assert (dataset["time_to_death"][0].values == dataset["time_to_death"][1].values).sum() > 500
        assert "radsim_record" in dataset.attrs


def test_patients_are_the_same_in_any_chunks(study, monkeypatch):
    from radsim.engine import simulate_patients
    from radsim.results import patients
    from radsim.simulation import prepared

    prepared_study = prepared(study)
    monkeypatch.setattr(patients, "CHUNK", 512)
    found = patients.assemble_patients(prepared_study)
    for name, values in simulate_patients(prepared_study, 0, 600).items():
        np.testing.assert_array_equal(found[name].values, values.astype(found[name].values.dtype))


def test_warnings_go_to_stderr(run, study, tmp_path):
    (tmp_path / "registry.csv").write_text(COHORT + "1,70,breast,hip\n")
    study.write_text(STUDY.replace("{size: 600, primary: breast}", "{size: 100, file: registry.csv}"))
    done = run("run", study)
    assert done.code == 0 and "warning: " in done.err and "warning: " not in done.out


# --- faults of run --------------------------------------------------------------------------------

CONFIG_FAULTS = {
    "unknown key": (STUDY + "colour: red\n", 6, "colour"),
    "repeated key": (STUDY + "seed: 3\n", 6, "seed"),
    "null": (STUDY.replace("seed: 11", "seed:"), 3, "seed"),
    "tag": (STUDY.replace("seed: 11", "seed: !!int 11"), 3, "seed"),
    "wrong type": (STUDY.replace("seed: 11", "seed: eleven"), 3, "seed"),
    "negative dose": (STUDY.replace("8Gy/1", "-8Gy/1"), 5, "schedules[0]"),
    "probabilities": (STUDY.replace("breast}", "{breast: 0.4, lung: 0.4}}"), 4, "cohort.primary"),
    "no patients": (STUDY.replace("600", "0"), 4, "cohort.size"),
    "no time": (STUDY + "horizon_days: 0\n", 6, "horizon_days"),
}


@pytest.mark.parametrize("fault", CONFIG_FAULTS)
@pytest.mark.parametrize("command", [["run"], ["check"], ["show"], ["run", "--json"]])
def test_a_faulty_configuration(run, study, fault, command):
    text, line, path = CONFIG_FAULTS[fault]
    study.write_text(text)
    done = run(*command, study)
    assert_fault(done, f"study.yaml:{line}: {path}: expected ", ", found ")
    assert len(done.err.splitlines()) == 1


def test_all_faults_are_reported_together(run, study):
    study.write_text(STUDY.replace("600", "0") + "colour: red\n")
    assert len(run("run", study).err.splitlines()) == 2


@pytest.mark.parametrize("command", ["run", "check", "show"])
def test_a_missing_configuration(run, command):
    assert_fault(run(command, "none.yaml"), "none.yaml", "no such file")


def test_an_unknown_parameter(run, study):
    study.write_text(STUDY + "parameters: {flare.probabilty: 0.3}\n")
    for command in ("run", "check", "show"):
        done = run(command, study)
        assert_fault(done, "study.yaml:6: parameters.flare.probabilty: expected ", "mean flare.probability?")
        assert len(done.err.splitlines()) == 1


def test_a_parameter_of_validation_would_be_set_in_vain(run, study):
    study.write_text(STUDY + "parameters: {between_trial.response: 0.2}\n")
    for command in ("run", "check", "show"):
        assert_fault(
            run(command, study), "study.yaml:6: parameters.between_trial.response: expected ", "radsim validate"
        )


def test_an_unknown_parameter_and_one_of_validation_are_reported_together(run, study):
    study.write_text(STUDY + "parameters: {flare.probabilty: 0.3, between_trial.response: 0.2}\n")
    for command in ("run", "show"):
        assert len(run(command, study).err.splitlines()) == 2


def test_an_unknown_parameter_on_standard_input():
    text = STUDY + "parameters: {flare.probabilty: 0.3}\n"
    done = subprocess_run("run", "-", input=text)
    assert done.returncode == 2 and done.stderr.startswith("<stdin>: parameters.flare.probabilty: expected ")


@pytest.mark.parametrize(
    ("option", "value", "found"),
    [
        ("--patients", 70, "--patients: expected size or each_row"),
        ("--draws", 10**9, "--draws: expected a whole"),
    ],
)
def test_a_fault_of_an_option_names_it(run, study, tmp_path, option, value, found):
    (tmp_path / "registry.csv").write_text(COHORT)
    study.write_text(STUDY.replace("{size: 600, primary: breast}", "{file: registry.csv, each_row: 9}"))
    done = run("run", study, option, value)
    assert_fault(done, found, f", found {value}")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["registry.csv"]),
        ("pain\n", ["registry.csv"]),
        (COHORT.replace("6,80", "14,80"), ["registry.csv", "14"]),
    ],
)
def test_a_faulty_cohort_file(run, study, tmp_path, content, parts):
    (tmp_path / "registry.csv").write_text(content)
    study.write_text(STUDY.replace("{size: 600, primary: breast}", "{size: 100, file: registry.csv}"))
    for command in ("run", "check"):
        assert_fault(run(command, study), *parts)


@pytest.mark.parametrize("option", ["-o", "--patient-output"])
def test_an_existing_output_is_kept_and_nothing_is_simulated(run, study, tmp_path, monkeypatch, option):
    (tmp_path / "out.nc").write_text("precious")
    monkeypatch.setattr("radsim.api.simulate_study", lambda *_, **__: pytest.fail("simulated"))
    assert_fault(run("run", study, option, "out.nc"), "out.nc: exists already; --force replaces it")
    assert (tmp_path / "out.nc").read_text() == "precious"


def test_force_replaces_an_existing_output(run, study, tmp_path):
    (tmp_path / "out.nc").write_text("old")
    assert run("run", study, "-o", "out.nc", "--force").code == 0
    assert (tmp_path / "out.nc").read_bytes().startswith(b"\x89HDF")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "none/out.nc"], "there is no folder none"),
        (["-o", "."], "is a folder"),
        (["-o", "study.yaml", "--force"], "is read by this command"),
        (["-o", "a.nc", "--patient-output", "./a.nc"], "named twice"),
    ],
)
def test_impossible_outputs(run, study, arguments, message):
    assert_fault(run("run", study, *arguments), message)
    assert study.read_text() == STUDY


def test_the_cohort_file_is_not_replaced(run, study, tmp_path):
    (tmp_path / "registry.csv").write_text(COHORT)
    study.write_text(STUDY.replace("{size: 600, primary: breast}", "{size: 100, file: registry.csv}"))
    for option in ("-o", "--patient-output"):
        assert_fault(run("run", study, option, "registry.csv", "--force"), "registry.csv: is read by this command")
    assert (tmp_path / "registry.csv").read_text() == COHORT


@pytest.mark.parametrize("option", ["-o", "--patient-output"])
def test_a_full_disk_leaves_nothing(run, study, tmp_path, option):
    run("run", study)  # compiled and kept, or the cache would meet the full disk first
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    done = subprocess_run("run", study.name, option, "out.nc", before=limit, cwd=tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1] == "out.nc: File too large; nothing was written"
    assert os.listdir(tmp_path) == ["study.yaml"]


def test_an_interrupt_leaves_nothing(study, tmp_path):
    study.write_text(STUDY.replace("600", "200000000"))
    program = """
        import signal
        import radsim.engine as engine
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
        play = engine.simulate_draw
        def announced(*arguments):
            print("started", flush=True)
            return play(*arguments)
        engine.simulate_draw = announced
        from radsim.cli.main import main
        main()
    """
    command = [sys.executable, "-c", textwrap.dedent(program), "run", "study.yaml", "-o", "out.nc"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout.readline() == "started\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted" and "Traceback" not in err
    assert os.listdir(tmp_path) == ["study.yaml"]


def test_a_reader_who_leaves_is_no_error():
    program = "from radsim.cli.main import main\nmain()"
    command = [sys.executable, "-c", program, "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""


# --- rerun ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--draws", "2"]])
def test_rerun_gives_identical_data(run, study, options):
    run("run", study, "-o", "one.nc", *options)
    study.unlink()
    done = run("rerun", "one.nc", "-o", "two.nc")
    assert (done.code, done.out, done.err) == (0, "", "two.nc: repeated with seed 11\n")
    with xarray.open_dataset("one.nc") as one, xarray.open_dataset("two.nc") as two:
        for name in one.variables:
            assert one[name].values.tobytes() == two[name].values.tobytes() or one[name].dtype.kind in "OUT"
        xarray.testing.assert_equal(one, two)
        assert json.loads(two.attrs["radsim_record"])["command"] == "radsim rerun one.nc -o two.nc"


def test_a_rerun_can_be_rerun(run, study):
    for arguments in (
        ["run", study, "-o", "1.nc"],
        ["rerun", "1.nc", "-o", "2.nc"],
        ["rerun", "2.nc", "-o", "3.nc"],
    ):
        assert run(*arguments).code == 0
    with xarray.open_dataset("1.nc") as one, xarray.open_dataset("3.nc") as three:
        xarray.testing.assert_equal(one, three)


def test_rerun_repeats_a_patient_output(run, study):
    run("run", study, "--patient-output", "one.nc")
    assert run("rerun", "one.nc", "-o", "two.nc").code == 0
    with (
        xarray.open_dataset("one.nc", decode_times=False) as one,
        xarray.open_dataset("two.nc", decode_times=False) as two,
    ):
        xarray.testing.assert_equal(one, two)


@pytest.fixture
def cohort_result(run, study, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "registry.csv").write_text(COHORT)
    study.write_text(STUDY.replace("{size: 600, primary: breast}", "{size: 600, file: data/registry.csv}"))
    assert run("run", study, "-o", "one.nc").code == 0


def test_rerun_takes_the_cohort_file_it_is_given(run, cohort_result):
    assert run("rerun", "one.nc", "-o", "two.nc", "--cohort", "data/registry.csv").code == 0
    with xarray.open_dataset("one.nc") as one, xarray.open_dataset("two.nc") as two:
        xarray.testing.assert_equal(one, two)


def test_rerun_finds_the_cohort_file_beside_the_result(run, cohort_result, tmp_path):
    (tmp_path / "registry.csv").write_text(COHORT)
    assert run("rerun", "one.nc", "-o", "two.nc").code == 0


def test_rerun_asks_for_the_cohort_file(run, cohort_result):
    assert_fault(
        run("rerun", "one.nc", "-o", "two.nc"),
        "made from the cohort file registry.csv, give it with --cohort",
    )
    assert not Path("two.nc").exists()


def test_rerun_refuses_another_cohort_file(run, cohort_result):
    Path("other.csv").write_text(COHORT.replace("8,70", "9,70"))
    assert_fault(
        run("rerun", "one.nc", "-o", "two.nc", "--cohort", "other.csv"),
        "other.csv: not the cohort file registry.csv",
    )


@pytest.mark.parametrize(
    ("block", "name"),
    [("libraries", "numba"), ("software", "version"), ("platform", "machine"), ("evidence", "digest")],
)
def test_rerun_refuses_where_versions_differ(run, study, block, name):
    from radsim.storage import read_netcdf, write_netcdf

    run("run", study, "-o", "one.nc")
    dataset = read_netcdf("one.nc")
    record = json.loads(dataset.attrs["radsim_record"])
    record[block][name] = "0.0.0"
    dataset.attrs["radsim_record"] = json.dumps(record)
    write_netcdf(dataset, "one.nc", force=True)
    assert_fault(run("rerun", "one.nc", "-o", "two.nc"), "cannot be repeated here", "the record says 0.0.0, here is ")
    assert not Path("two.nc").exists()


@pytest.mark.parametrize("content", ["", "text", "\x7fELF"])
def test_rerun_refuses_what_is_no_result(run, tmp_path, content):
    (tmp_path / "one.nc").write_text(content)
    assert_fault(run("rerun", "one.nc", "-o", "two.nc"), "one.nc: not a result of radsim")


def test_rerun_refuses_netcdf_of_another_hand(run):
    xarray.Dataset({"x": ("time", [1.0])}).to_netcdf("one.nc", engine="netcdf4")
    assert_fault(run("rerun", "one.nc", "-o", "two.nc"), "no attribute radsim_record")


def test_rerun_keeps_an_existing_output(run, study):
    run("run", study, "-o", "one.nc")
    Path("two.nc").write_text("precious")
    assert_fault(run("rerun", "one.nc", "-o", "two.nc"), "two.nc: exists already")
    assert_fault(run("rerun", "one.nc", "-o", "one.nc", "--force"), "one.nc: is read by this command")
    assert Path("two.nc").read_text() == "precious"


# --- the others -----------------------------------------------------------------------------------


def test_evidence_lists_every_parameter(run):
    from radsim.evidence import load_registry

    done = run("evidence", "--json")
    document = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert [each["name"] for each in document["parameters"]] == list(load_registry("trials"))
    assert set(document["parameters"][0]) >= {
        "value",
        "uncertainty",
        "unit",
        "population",
        "source",
        "status",
    }


def test_evidence_in_words(run):
    done = run("evidence", "flare.prob*")
    assert (done.code, done.err) == (0, "")
    first, *others = done.out.splitlines()
    assert first.startswith("flare.probability = 0.3") and first.endswith(("checked", "provisional"))
    assert others and all(line.startswith("    ") and len(line) <= 80 for line in others)


def test_evidence_sets_differ_in_the_cut_point_of_complete_response_only(run):
    values = [
        {
            each["name"]: each["value"]
            for each in json.loads(run("evidence", "--json", "--evidence", name).out)["parameters"]
        }
        for name in ("guideline", "trials")
    ]
    assert {name for name in values[0] if values[0][name] != values[1][name]} == {"response.cut_complete"}


@pytest.mark.parametrize("arguments", [["zzz"], ["--evidence", "rumour"]])
def test_evidence_that_is_not_there(run, arguments):
    assert_fault(run("evidence", *arguments), arguments[-1])


def test_show_resolves_a_configuration(run, study):
    done = run("show", study)
    assert (done.code, done.err) == (0, "")
    shown = Path("resolved.yaml")
    shown.write_text(done.out)
    assert radsim.load_config(shown) == radsim.load_config(study)
    assert "never" not in done.out and "times_days: [7, 14, 28, 56, 84, 182, 365]" in done.out


def test_show_describes_a_result(run, study):
    run("run", study, "-o", "out.nc")
    done = run("show", "out.nc")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("name: Small study\nmade by: radsim ")
    assert "seed: 11" in done.out and "overall_response [1] (draw, schedule)" in done.out


def test_show_refuses_a_broken_result(run):
    Path("out.nc").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert_fault(run("show", "out.nc"), "out.nc: damaged")


def test_show_describes_the_store_of_a_sweep(run, tmp_path):
    from reports import sweep

    sweep(tmp_path).close()
    done = run("show", "sweep.zarr")
    assert done.code == 0 and "dimensions: scenario 6, " in done.out
    assert "swept: cohort.karnofsky, parameters.flare.probability" in done.out


@pytest.mark.parametrize("command", [["report", "-o", "x.html"], ["export", "--to", "csv", "-o", "x"]])
def test_lives_of_patients_are_no_result_of_outcomes(run, study, command):
    run("run", study, "--patient-output", "lives.nc")
    assert_fault(run(command[0], "lives.nc", *command[1:]), "lives.nc: expected a result of radsim run -o")


def test_a_file_without_a_record_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    from radsim.cli.load import opened_result
    from radsim.provenance import RecordFault, from_dataset
    from radsim.storage import write_netcdf

    write_netcdf(xarray.Dataset({"x": (("draw", "schedule"), [[1.0]])}), "x.nc", force=False)
    with pytest.raises(RecordFault, match="^x.nc: no attribute radsim_record"), opened_result("x.nc") as dataset:
        from_dataset(dataset)


def test_check_passes_what_can_run(run, study):
    done = run("check", study)
    assert (done.code, done.out) == (0, f"{study}: ok\n")


def test_check_reports_every_file(run, study):
    Path("bad.yaml").write_text("schedules: [8Gy/0]\ncolour: red\n")
    Path("evidence.yaml").write_text(STUDY + "parameters: {nonsense: 1}\n")
    done = run("check", "bad.yaml", study, "evidence.yaml", "none.yaml")
    assert done.code == 2 and done.out == f"{study}: ok\n"
    assert "bad.yaml:1: schedules[0]" in done.err and "bad.yaml:2: colour" in done.err
    assert "evidence.yaml:6: parameters.nonsense" in done.err and "none.yaml" in done.err


def test_init_writes_a_configuration_that_passes(run):
    done = run("init", "mine.yaml")
    assert (done.code, done.out) == (0, "") and done.err.startswith("mine.yaml: written")
    assert run("check", "mine.yaml").code == 0
    assert run("init").out == Path("mine.yaml").read_text()


def test_init_never_replaces(run):
    Path("mine.yaml").write_text("precious")
    assert_fault(run("init", "mine.yaml"), "mine.yaml: exists already")
    assert Path("mine.yaml").read_text() == "precious"


def test_schema_is_json_schema(run):
    done = run("schema")
    document = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert document["type"] == "object" and "schedules" in document["properties"]


# --- faults of ours -------------------------------------------------------------------------------


def test_a_fault_of_ours_is_one_line(run, study, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("by\nnought")

    monkeypatch.setattr("radsim.simulation.simulate_study", broken)
    assert_fault(run("run", study), "internal error: ZeroDivisionError: by nought; please report it", code=1)
    monkeypatch.setenv("RADSIM_DEBUG", "1")
    with pytest.raises(SystemExit):
        main(["run", str(study)])


def test_debug_shows_where(study, monkeypatch, capsys):
    monkeypatch.setenv("RADSIM_DEBUG", "1")
    assert guarded(lambda: 1 / 0) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            OSError(28, "No space left on device", "out.nc"),
            1,
            "out.nc: No space left on device; nothing was written",
        ),
        (PermissionError(13, "Permission denied", "out.nc"), 2, "out.nc: Permission denied"),
        (OSError(36, "File name too long", "aaa.nc"), 2, "aaa.nc: File name too long"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (MemoryError(), 1, "not enough memory"),
        (
            RuntimeError("long " * 99),
            1,
            f"internal error: RuntimeError: {'long ' * 39}long…; please report it (RADSIM_DEBUG=1 shows where)",
        ),
    ],
)
def test_exit_codes(capsys, error, code, line):
    def fail():
        raise error

    assert guarded(fail) == code
    assert capsys.readouterr().err == line + "\n"


# --- parts ----------------------------------------------------------------------------------------


def test_without_nan():
    assert without_nan({"a": [1.0, float("nan")], "b": (float("inf"), "x", None, True), "c": ({"d": -float("inf")},)}) == {
        "a": [1.0, None], "b": [None, "x", None, True], "c": [{"d": None}],
    }  # fmt: skip


def test_tables_break_between_columns():
    text = tables.plain_table("T", ["row", "one", "two"], [["a", "11111", "2"]], width=12)
    assert text == "T\n\nrow    one\na    11111\n\nrow  two\na      2"


def test_a_column_too_wide_stands_alone():
    assert tables.parts([3, 50, 2, 2], 12, gap=2) == [[0, 1], [0, 2, 3]]


def test_estimates_without_draws_are_monte_carlo():
    estimate = summarise(np.array([[0.5]]), np.array([[0.1]]))
    assert estimate.low95[0] == pytest.approx(0.5 - 0.1 * NORMAL_95) and estimate.mcse[0] == 0.1


def test_estimates_with_draws_leave_out_the_base_case():
    estimate = summarise(np.array([[9.0], [1.0], [3.0]]), np.array([[9.0], [0.3], [0.4]]))
    assert estimate.value[0] == 2.0 and estimate.mcse[0] == pytest.approx(0.25)
    assert 1.0 <= estimate.low95[0] < estimate.high95[0] <= 3.0


def three_schedules(*, paired=None, pairing="by patient", reference="a", groups=1, **more):
    """An estimate under three schedules, with what a result holds of its differences."""
    parts = {"x": [0.5, 0.3, 0.9], "x_mcse": [0.03, 0.04, 0.04]} | (
        {} if paired is None else {"x_difference_mcse": paired}
    )
    attributes = {"units": "1", "reference": reference, "pairing": pairing}
    dims = ("subgroup",) * (groups > 1) + ("draw", "schedule")
    data = {
        name: Labelled(
            dims, np.stack([[np.array(values) * g] for g in range(1, groups + 1)])[() if groups > 1 else 0], attributes
        )
        for name, values in parts.items()
    }
    return Results(data | more, {"schedule": Labelled(("schedule",), np.array(["a", "b", "c"], object), {})}, {})


def test_differences_are_first_minus_other_and_independent_where_nothing_else_is_known():
    for dataset in (three_schedules(), three_schedules().to_xarray()):
        found = estimates.differences(dataset, "x")
        assert found.value == pytest.approx([0.2, -0.4]) and found.mcse == pytest.approx([0.05, 0.05])
        assert found.high95 - found.value == pytest.approx(0.05 * NORMAL_95)


def test_differences_take_the_paired_error_where_there_is_one():
    n_patients = Labelled(("batch", "draw"), np.array([[9], [9], [9], [9], [0]]), {})
    for dataset in (held := three_schedules(paired=[0.0, 0.01, np.nan], n_patients=n_patients), held.to_xarray()):
        found = estimates.differences(dataset, "x")
        assert found.mcse == pytest.approx([0.01, 0.05])
        assert found.high95 - found.value == pytest.approx([0.01 * stats.t.ppf(0.975, 3), 0.05 * NORMAL_95], rel=1e-9)
        assert estimates.difference(dataset, "x", first=1, second=0).value == pytest.approx(-0.2)
        assert estimates.difference(dataset, "x", first=1, second=0).mcse == pytest.approx(0.01)


def test_between_two_others_the_error_is_bounded_by_those_from_the_reference():
    found = estimates.difference(three_schedules(paired=[0.0, 0.01, 0.02]), "x", first=1, second=2)
    assert found.mcse == pytest.approx(0.03)  # less than the independent 0.057
    assert estimates.difference(
        three_schedules(paired=[0.0, 0.01, 0.09]), "x", first=1, second=2
    ).mcse == pytest.approx(np.hypot(0.04, 0.04))


def test_a_part_of_a_result_without_its_reference_takes_errors_as_independent():
    found = estimates.difference(three_schedules(paired=[0.0, 0.01, 0.02], reference="another"), "x")
    assert found.mcse == pytest.approx(0.05)


def test_a_bound_is_shown_and_not_taken_out_of_the_spread():
    gaps = {
        pairing: estimates.gaps(three_schedules(paired=[0.0, 0.01, 0.02], pairing=pairing), "x")
        for pairing in ("by patient", "none")
    }
    assert gaps["none"].errors.tolist() == gaps["by patient"].errors.tolist() == [[0.01, 0.02]]
    assert np.isnan(gaps["none"].noise).all() and gaps["by patient"].noise.tolist() == [[0.01, 0.02]]


def test_differences_of_a_subgroup_are_its_own():
    found = estimates.differences(three_schedules(groups=2, paired=[0.0, 1.0, 2.0]), "x", subgroup=1)
    assert found.value == pytest.approx([0.4, -0.8]) and found.mcse.tolist() == [2.0, 4.0]


def test_students_quantiles():
    assert stats.t.ppf(0.975, np.arange(1, 16)) == pytest.approx(STUDENT_95, abs=1e-11)


def test_a_figure_that_nobody_could_show_is_a_dash():
    nan = float("nan")
    assert summary.cell(summary.Estimate(nan, nan, nan, nan), catalogue.DAYS, False) == "–"
    assert summary.cell(summary.Estimate(-0.01, 0.02, -0.04, 0.02), catalogue.DAYS, True, signed=True) == "0.0"


class Screen:
    """A stream that may be a terminal and keeps what is written to it."""

    def __init__(self, terminal):
        self.terminal, self.text = terminal, ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize(("terminal", "waited", "shown"), [(True, 2.0, True), (True, 0.0, False), (False, 2.0, False)])
def test_progress_shows_only_in_a_terminal_after_a_while(terminal, waited, shown):
    screen = Screen(terminal)
    with Progress("simulating", stream=screen) as progress:
        progress.started -= waited
        progress(1, 2)
        progress(2, 2)
    assert bool(screen.text) == shown


def test_a_rich_table_is_not_cut_short(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(tables, "is_terminal", lambda: True)
    tables.show_table("T", ["Outcome", "8Gy/1"], [["Overall response, %", "54.2 (50.1 to 58.0)"]])
    assert "54.2 (50.1 to 58.0)" in capsys.readouterr().out


def test_a_terminal_gets_a_rich_table(run, study, monkeypatch):
    monkeypatch.setattr(tables, "is_terminal", lambda: True)
    done = run("run", study)
    assert done.code == 0 and "─" in done.out and "8Gy/1" in done.out


def test_no_color_is_plain(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Screen(True))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not tables.is_terminal()
    monkeypatch.delenv("NO_COLOR")
    assert tables.is_terminal()
