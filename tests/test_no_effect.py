"""What is set and has no effect is said, by one rule, in every command."""

import json

import pytest

from radsim.cohort import build_tables, read_rows
from radsim.compare import question
from radsim.config import ConfigError, load_config
from radsim.config.contradictions import ACTS_ONLY_WHERE

NO_CORTEX = "cortical_involvement_mm: has no effect, as the site is not the hip (proximal femur)"
NO_WEEKS = (
    "prior_weeks_ago: has no effect, as the site is not the spine: the rule of the spinal cord alone counts the weeks"
)
COHORT = {"site": "rib", "cortical_involvement_mm": 40, "prior_schedule": "8Gy/1", "prior_weeks_ago": 30}


def warnings_of(**cohort):
    return build_tables(load_config({"schedules": ["8Gy/1"], "cohort": {"size": 100, **cohort}}))[1]


def test_every_command_says_what_has_no_effect(run, tmp_path):
    cohort = json.dumps({"size": 64, **COHORT})
    (tmp_path / "study.yaml").write_text(f"radsim: 1\nseed: 1\nschedules: [8Gy/1, 20Gy/5]\ncohort: {cohort}\n")
    (tmp_path / "sweep.yaml").write_text("radsim_sweep: 1\nbase: study.yaml\ngrid: {cohort.age: [60, 70]}\n")
    options = [word for name, value in COHORT.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    commands = [
        ("check", "study.yaml"), ("run", "study.yaml", "-o", "a.nc"), ("rerun", "a.nc", "-o", "b.nc"), ("sweep", "sweep.yaml", "-o", "s.zarr", "--plan"),
        ("compare", "8Gy/1", "20Gy/5", *options, "--patients", "64", "--draws", "2"),
    ]  # fmt: skip
    for command in commands:
        done = run(*command)
        assert done.code == 0, done
        for sentence in (NO_CORTEX, NO_WEEKS):
            assert done.err.count(f"cohort.{sentence}") == 1, (command, done.err)
    assert run("report", "a.nc", "-o", "a.html").code == 0
    page = (tmp_path / "a.html").read_text()
    assert NO_CORTEX in page and NO_WEEKS in page


def test_a_sweep_of_many_cohorts_says_it_of_the_last_one_too(run, tmp_path):
    (tmp_path / "study.yaml").write_text("radsim: 1\nseed: 1\nschedules: [8Gy/1]\ncohort: {size: 64, site: hip}\n")
    values = ", ".join(map(str, range(41)))
    (tmp_path / "sweep.yaml").write_text(
        "radsim_sweep: 1\nbase: study.yaml\n"
        f"grid: {{cohort.site: [hip, rib], cohort.cortical_involvement_mm: [{values}]}}\n"
    )
    done = run("sweep", "sweep.yaml", "-o", "s.zarr", "--plan")
    assert done.code == 0 and done.err.count(NO_CORTEX) == 1


def test_nothing_is_said_where_it_acts_or_may_act():
    assert warnings_of(site="hip", cortical_involvement_mm=40) == []
    assert warnings_of(site="lumbar spine", prior_schedule="8Gy/1", prior_weeks_ago=30)[1:] == []
    assert warnings_of(prior_schedule="8Gy/1", prior_weeks_ago=30) == []
    assert warnings_of(**COHORT) == [f"cohort.{NO_CORTEX}", f"cohort.{NO_WEEKS}"]


@pytest.mark.parametrize("name", ACTS_ONLY_WHERE)
def test_rows_without_an_effect_are_named(tmp_path, name):
    only = ACTS_ONLY_WHERE[name]
    (where,) = sorted(only.where)[:1]
    elsewhere = {"site": "humerus", "primary": "lung"}[only.by]
    amount = {"visceral": 1}.get(name, 9)
    (tmp_path / "rows.csv").write_text(
        f"{only.by},{name},prior_schedule,pain\n{elsewhere},{amount},8Gy/1,7\n{where},{amount},8Gy/1,7\n,{amount},8Gy/1,7\n"
    )
    said = read_rows(tmp_path / "rows.csv").warnings
    assert [each for each in said if "no effect" in each] == [f"rows.csv: {name} {only.of_rows} (row 1)"]


def test_visceral_metastases_of_a_lung_cancer_have_no_effect():
    (said,) = warnings_of(primary="lung", visceral=True)
    assert said.startswith("cohort.visceral: has no effect, as the primary is neither breast nor prostate")
    assert warnings_of(primary="breast", visceral=True) == warnings_of(primary="lung", visceral=False) == []


def test_a_dose_to_the_cord_without_sbrt_is_refused(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--cord-dose-gy", "12")
    assert (done.code, done.out) == (2, "") and "--cord-dose-gy: expected a schedule @sbrt beside it" in done.err
    with pytest.raises(ConfigError, match="@sbrt"):
        question(["8Gy/1", "20Gy/5"], cord_dose_gy=12.0)


def test_a_condition_that_no_care_asks_for_is_said():
    assert [line.partition(":")[0] for line in warnings_of(smoking="yes")] == ["cohort.smoking"]
    assert [line.partition(":")[0] for line in warnings_of(dentures=0.3)] == ["cohort.dentures"]
    assert warnings_of(smoking="no") == []
