"""The door for notebooks: importing radsim loads and changes nothing, its public names are there, a result is plain xarray."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import xarray
from reports import configuration

import radsim

PROBE = """
import json, sys, warnings
before, filters = set(sys.modules), list(warnings.filters)
import radsim
new = sorted({name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))
print(json.dumps({"modules": new, "filters": filters == warnings.filters, "dir": dir(radsim)}))
"""

SETTINGS = """
import json, matplotlib, numpy, xarray, warnings
rc, err, options = dict(matplotlib.rcParams), numpy.geterr(), dict(xarray.core.options.OPTIONS)
accessors = {name for name in dir(xarray.Dataset)} | {name for name in dir(xarray.DataArray)}
import radsim, radsim.report, radsim.figures, radsim.api
now = {name for name in dir(xarray.Dataset)} | {name for name in dir(xarray.DataArray)}
print(json.dumps([rc == dict(matplotlib.rcParams), err == numpy.geterr(), options == dict(xarray.core.options.OPTIONS), accessors == now]))
"""


def told(code):
    """What a fresh Python prints, as JSON."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_radsim_loads_radsim_alone():
    found = told(PROBE)
    assert found["modules"] == ["radsim"] and found["filters"] and set(radsim.__all__) <= set(found["dir"])


def test_importing_radsim_changes_no_setting_and_registers_no_accessor():
    pytest.importorskip("matplotlib", reason="settings of matplotlib")
    assert told(SETTINGS) == [True] * 4


PUBLIC = [
    "Config",
    "Schedule",
    "calibrate",
    "compare",
    "cost_effectiveness",
    "export",
    "load_config",
    "open_result",
    "plot",
    "report",
    "simulate",
    "sweep",
    "validate",
]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_after_import_alone(name):
    program = f"import radsim; print(1 if callable(radsim.{name}) else 0)"
    assert told(program) == 1 and name in radsim.__all__


IMPORTS = """
import radsim, radsim.sweep, radsim.compare.prognosis, json
from radsim import report, sweep
from radsim.report import page
import inspect, radsim.export, radsim.calibrate
names = ("calibrate", "compare", "export", "report", "sweep")
functions = [inspect.isfunction(getattr(radsim, name)) for name in names]
print(json.dumps(functions + [sweep is radsim.sweep, callable(radsim.sweep.open_sweep), callable(radsim.compare.question), page.render is report.render]))
"""


def test_a_function_stays_one_when_the_package_of_its_name_is_imported():
    assert told(IMPORTS) == [True] * 9


STUDY = {"seed": 1, "cohort": {"size": 200}, "schedules": ["8Gy/1", "20Gy/5"], "draws": 4, "economics": {"costs": "uk"}}


@pytest.fixture(scope="module")
def result():
    return radsim.simulate(STUDY, threads=1)


@pytest.fixture(scope="module")
def answer():
    return radsim.compare("8Gy/1", "20Gy/5", site="hip", visceral=False, patients=128, draws=4, threads=1)


def test_compare_takes_what_the_command_takes_and_gives_the_same_numbers(answer):
    from radsim.compare import answer as simulated
    from radsim.compare import question

    asked = question(["8Gy/1", "20Gy/5"], patient={"site": "hip", "visceral": False}, patients=128, draws=4)
    assert json.dumps(answer.to_dict()) == json.dumps(simulated(asked, threads=1).to_dict())
    listed = radsim.compare(
        ["8Gy/1", radsim.Schedule.parse("20Gy/5")], site="hip", visceral=False, patients=128, draws=4
    )
    assert json.dumps(listed.to_dict()) == json.dumps(answer.to_dict())


def test_compare_has_an_argument_for_every_option_that_describes_a_patient():
    import inspect

    from radsim.cli.compare import command
    from radsim.cli.patient import COVARIATES

    options = {option.name for option in command.params}
    elsewhere = {
        "as_yaml",
        "as_json",
        "prior_schedule",
        "prior_weeks_ago",
        "suspected_cord_compression",
        "impending_fracture",
    }
    arguments = set(inspect.signature(radsim.compare).parameters)
    assert set(COVARIATES) - elsewhere <= arguments
    assert {"schedules", "prior", "prognosis_weeks", "complicated", "draws", "seed"} <= arguments & options


def test_an_answer_shows_itself_and_gives_its_numbers(answer):
    frame, document = answer.to_frame(), answer.to_dict()
    repeats = document["outcomes"]["retreatment_1_year"]
    label = repeats["words"]["clinician"]
    assert frame.loc[label, ("20Gy/5", "high95")] == repeats["schedules"]["20Gy/5"]["high95"]
    assert frame.loc[label, ("8Gy/1 minus 20Gy/5", "value")] == repeats["differences"][0]["value"]
    text = f"{100 * repeats['schedules']['8Gy/1']['value']:.0f} ("
    assert "? Hip" in repr(answer) and text in repr(answer) and f"<td>{text}" in answer._repr_html_()
    assert all(sentence in repr(answer) for sentence in answer.sentences) and "Pain relief" in answer.sentences[0]


def test_a_configuration_shows_itself_in_a_line():
    config = radsim.load_config(STUDY)
    assert repr(config) == (
        "Config('Painful bone metastasis': 200 patients; 8Gy/1, 20Gy/5; evidence trials; 4 draws; seed 1)"
    )
    assert eval(repr(config.schedules[1]), {"Schedule": radsim.Schedule}) == config.schedules[1]
    slow = radsim.Schedule(name="weekly", dose_gy=20.0, fractions=5, fractions_per_week=1)
    assert eval(repr(slow), {"Schedule": radsim.Schedule}) == slow


def test_an_analysis_shows_its_table(result):
    analysis = radsim.cost_effectiveness(result)
    first, second = analysis.to_dict()["schedules"]
    frame = analysis.to_frame()
    assert frame.loc["8Gy/1", "cost"] == first["cost"] and frame.loc["20Gy/5", "status"] == second["status"]
    assert "GBP 2024/25" in repr(analysis) and "20Gy/5" in repr(analysis) and "<table" in analysis._repr_html_()


def test_a_sweep_says_what_it_did_and_is_opened_like_a_result(result, tmp_path):
    from radsim.storage import write_netcdf

    plan = {"base": STUDY, "grid": {"cohort.karnofsky": [50, 90]}}
    summary = radsim.sweep(plan, tmp_path / "s.zarr", threads=1)
    assert repr(summary).startswith("Summary(2 scenarios, 4,000 trajectories; 4,000 simulated now in ")
    sweep = radsim.open_result(tmp_path / "s.zarr")
    assert sweep.sizes["scenario"] == 2
    frame = radsim.cost_effectiveness(sweep).to_frame()
    assert frame.index.names == ["scenario", "schedule"] and len(frame) == 4
    write_netcdf(result, tmp_path / "r.nc", force=False)
    assert radsim.open_result(str(tmp_path / "r.nc")).identical(result)


def test_figures_pages_and_tables_come_from_a_dataset_or_a_path(result, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    from radsim.storage import write_netcdf

    write_netcdf(result, tmp_path / "r.nc", force=False)
    for number, source in enumerate((result, tmp_path / "r.nc")):
        assert type(radsim.plot(source, "icons", day=28, size=(8.0, 4.0))).__name__ == "Figure"
        radsim.report(source, tmp_path / f"{number}.html", words="patient")
        assert "outcomes" in " ".join(radsim.export(source, tmp_path / f"{number}", to="csv", raw=["count"]))
    assert (tmp_path / "0.html").read_bytes() == (tmp_path / "1.html").read_bytes()


WRONG = {
    "simulate: threads: expected a whole number of at least 1, found 0": lambda folder: radsim.simulate(
        STUDY, threads=0
    ),
    "sweep: threads: expected a whole number of at least 1, found 0": lambda folder: radsim.sweep(
        {"base": STUDY, "grid": {"cohort.karnofsky": [50, 90]}}, folder / "s.zarr", threads=0
    ),
    "compare: threads: expected a whole number": lambda folder: radsim.compare("8Gy/1", "20Gy/5", threads=0),
    "compare: site: expected one of": lambda folder: radsim.compare("8Gy/1", "20Gy/5", site="elbow"),
    "compare: patients: expected a whole number": lambda folder: radsim.compare("8Gy/1", "20Gy/5", patients=0),
    "compare: schedules: expected two": lambda folder: radsim.compare("8Gy/1"),
    "plot: kind: expected relief, .*, found pane": lambda folder: radsim.plot(radsim.simulate(STUDY), "pane"),
    "plot: day: not an option of pain": lambda folder: radsim.plot(radsim.simulate(STUDY), "pain", day=3),
    "open_result: .*none.nc: cannot be read": lambda folder: radsim.open_result(folder / "none.nc"),
    "export: to: expected one of csv": lambda folder: radsim.export(radsim.simulate(STUDY), folder / "a", to="pdf"),
    "threads: expected a whole number of at least 1, found 0": lambda folder: radsim.validate(threads=0),
    "reference: expected a schedule of the result": lambda folder: radsim.cost_effectiveness(
        radsim.simulate(STUDY), reference="9Gy/1"
    ),
    "calibrate: threads: expected": lambda folder: radsim.calibrate("configs/calibration.yaml", draws=10, threads=0),
}


@pytest.mark.parametrize("message", WRONG)
def test_an_error_names_the_argument(message, tmp_path):
    from radsim.config import ConfigError
    from radsim.storage import UsageFault

    with pytest.raises((UsageFault, ConfigError), match=f"^{message}"):
        WRONG[message](tmp_path)


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        radsim.simulat  # noqa: B018


def test_a_result_is_a_plain_dataset():
    result = radsim.simulate(configuration(size=100), threads=1)
    assert type(result) is xarray.Dataset
    assert float(result.survival.sel(draw=0, schedule="8Gy/1", time=7)) <= 1.0
    assert all(
        {"long_name", "units"} <= set(result[name].attrs) for name in result.data_vars if name != "parameter_value"
    )
