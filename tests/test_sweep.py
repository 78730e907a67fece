"""Sweeps: plans, the store, what resumes and what grows, where it is simulated. Small ones; the large are marked slow."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray

import radsim
from radsim import provenance
from radsim.cli.main import main
from radsim.config import ConfigError, load_config
from radsim.native import pack
from radsim.simulation import prepared
from radsim.storage import UsageFault
from radsim.sweep import open_sweep
from radsim.sweep.raw import MISSING
from radsim.sweep.share import Shared
from radsim.sweep.store import Store

BASE = {"radsim": 1, "name": "Base", "seed": 5, "cohort": {"size": 700}, "schedules": ["8Gy/1", "20Gy/5"]}


def sweep_of(*, base=BASE, **parts):
    """A plan in a mapping."""
    return {"base": base, **parts}


def scenario_config(base, values):
    """The configuration of a scenario, by hand: paths without positions in lists."""
    return load_config(base, overrides=values)


def same(found, wanted):
    """Are two datasets equal to the bit, types of text apart?"""
    assert set(found.data_vars) == set(wanted.data_vars)
    for name in wanted.data_vars:
        if found[name].attrs.get("reference") != wanted[name].attrs.get("reference"):
            from_another_schedule(found, name)
            continue
        one, other = found[name].transpose(*wanted[name].dims).values, wanted[name].values
        assert one.shape == other.shape, name
        equal = (
            one.tobytes() == other.astype(one.dtype).tobytes()
            if one.dtype.kind != "O"
            else one.tolist() == other.tolist()
        )
        assert equal, name
        assert found[name].attrs == wanted[name].attrs, name


def from_another_schedule(found, name):
    """Differences of a scenario are from the first schedule of the whole sweep: unknown where the scenario does not have that."""
    reference = found[name].attrs["reference"]
    if reference not in found.schedule.values:
        assert np.isnan(found[name].values).all(), name
        return
    assert not np.nan_to_num(found[name].sel(schedule=reference).values).any(), name
    if name.endswith("_difference"):
        own = found[name.removesuffix("_difference")]
        np.testing.assert_array_equal(
            found[name].values, (own - own.sel(schedule=reference)).transpose(*found[name].dims).values
        )
    else:
        assert (np.isfinite(found[name]) == np.isfinite(found[name.removesuffix("_difference_mcse")])).mean() > 0.9, (
            name
        )


def of_scenario(dataset, index, like):
    """One scenario as a result of its own, with the schedules and batches of ``like``."""
    one = dataset.isel(scenario=index, drop=True).sel(schedule=[str(s) for s in like.schedule.values])
    of_others = set(one.data_vars) - set(like.data_vars)  # of care that another scenario gives
    assert all(not np.any(one[name].values) for name in of_others if not name.endswith("_mcse")), of_others
    one = one.drop_vars(of_others)
    items = list(like.item.values)
    assert not one["count"].drop_sel(item=items).values.any()  # they too
    one = one.sel(item=items, parameter=list(like.parameter.values)).isel(batch=slice(like.sizes["batch"]))
    return one.drop_vars(set(one.coords) - set(like.coords))


def contents(folder):
    """Every file of a store."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


# -- what a scenario is


GRID = {"cohort.karnofsky": [50, 90], "schedules": [["8Gy/1", "20Gy/5"], ["30Gy/10", "8Gy/1"]]}


def test_each_scenario_is_what_a_run_of_its_configuration_gives(tmp_path):
    base = {**BASE, "draws": 2, "cohort": {"size": 1300}}
    radsim.sweep(sweep_of(base=base, grid=GRID), tmp_path / "a.zarr", threads=1)
    found = xarray.open_zarr(tmp_path / "a.zarr", chunks=None)
    assert list(found.schedule.values) == ["8Gy/1", "20Gy/5", "30Gy/10"]
    for i in range(4):
        values = {"cohort.karnofsky": GRID["cohort.karnofsky"][i // 2], "schedules": GRID["schedules"][i % 2]}
        alone = radsim.simulate(scenario_config(base, values), threads=1)
        same(of_scenario(found, i, alone), alone)


@pytest.mark.parametrize(
    ("changes", "path", "values"),
    [
        ({"schedules": ["8Gy/1"]}, "cohort.era", ["1990s", "modern"]),
        ({"schedules": ["8Gy/1"], "cohort": {"size": 9000}}, "cohort.primary", ["breast", "lung"]),
        ({"subgroups": ["primary"]}, "cohort.size", [300, 1200]),
        ({"draws": 1}, "evidence", ["guideline", "trials"]),
        ({}, "seed", [1, 2]),
        ({}, "observation.from", ["start", "end_of_treatment"]),
        ({}, "care.dexamethasone_prophylaxis", [False, True]),
        (
            {},
            "care.bone_agent",
            [True, False],
        ),  # what care has done to the patients of one scenario is none of the next one's
        (
            {"cohort": {"size": 3000, "site": "spine", "prior_schedule": "20Gy/5", "prior_weeks_ago": 8}},
            "parameters.cord.alpha_beta_gy",
            [1.5, 3.0],
        ),
        ({}, "observation.never_returns", [0.1, 0.2]),
        ({"economics": {"costs": "uk"}, "draws": 1}, "schedules", [["8Gy/1", "20Gy/5"], ["8Gy/1", "30Gy/10", "none"]]),
        (
            {"economics": {"costs": "uk"}},
            "economics.discount",
            [{"costs": 0.035, "effects": 0.035}, {"costs": 0.0, "effects": 0.0}],
        ),
        ({"economics": {"costs": "uk"}, "schedules": ["8Gy/1"]}, "seed", [1, 2]),
        ({"horizon_days": "lifetime"}, "parameters.retreatment.willingness_ratio", [1.0, 2.0]),
    ],
)
def test_one_schedule_one_batch_subgroups_and_every_kind_of_path(tmp_path, changes, path, values):
    base = {**BASE, **changes}
    radsim.sweep(sweep_of(base=base, grid={path: values}), tmp_path / "a.zarr", threads=1)
    found = open_sweep(tmp_path / "a.zarr")
    for i, value in enumerate(values):
        alone = radsim.simulate(scenario_config(base, {path: value}), threads=1)
        same(of_scenario(found, i, alone), alone)


# -- the store


@pytest.fixture
def enrolled(monkeypatch):
    """Draw, first patient and number of every enrolment of a sweep."""
    from radsim.sweep import enrolment

    found, whole = [], enrolment.enrol

    def enrol(seed, draw, first, cohort, scratch, room):
        found.append((draw, first, len(room.patients)))
        return whole(seed, draw, first, cohort, scratch, room)

    monkeypatch.setattr(enrolment, "enrol", enrol)
    return found


BLOCKS = [(draw, first, n) for draw in (0, 1) for first, n in ((0, 512), (512, 188))]


def test_scenarios_of_one_cohort_enrol_it_once_in_each_draw(tmp_path, enrolled):
    base = {**BASE, "draws": 1}
    radsim.sweep(small(20, base=base), tmp_path / "a.zarr", threads=1)
    assert enrolled == BLOCKS
    enrolled.clear()
    grid = {"cohort.karnofsky": [50, 90]}
    radsim.sweep(sweep_of(base=base, grid=grid), tmp_path / "b.zarr", threads=1)
    assert sorted(enrolled) == sorted(2 * BLOCKS)


def test_patients_are_enrolled_again_where_too_many_came_between(tmp_path, enrolled, still, monkeypatch):
    from radsim.sweep import enrolment

    with monkeypatch.context() as change:
        change.setattr(enrolment.Enrolment.__init__, "__defaults__", (600,))
        radsim.sweep(small(2), tmp_path / "a.zarr", threads=1)
    assert enrolled == 2 * BLOCKS[:2]
    radsim.sweep(small(2), tmp_path / "b.zarr", threads=1)
    assert enrolled == 3 * BLOCKS[:2]
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "b.zarr")


def test_time_is_estimated_from_several_draws_of_scenario_after_scenario():
    from radsim.sweep.design import load_design
    from radsim.sweep.estimate import DRAWS, _some_of, estimate
    from radsim.sweep.plan import make_plan

    plan = make_plan(load_design(small(2, base={**BASE, "draws": DRAWS + 5})))
    (task,) = _some_of(plan, until=0.0)
    assert [(job.draw, job.first, job.last) for job in task.jobs] == [(draw, 0, 700) for draw in range(DRAWS)]
    a_minute = _some_of(plan, until=float("inf"))
    flares = [next(a_minute).jobs[0].config.parameters["flare.probability"] for _ in range(3)]
    assert flares == pytest.approx([0.1, 0.11, 0.1])
    seconds, rate, threads = estimate(plan, threads=1)
    assert threads == 1 and seconds * rate == pytest.approx(plan.trajectories)


def test_a_worker_tells_the_subgroups_of_one_sweep_from_those_of_the_next():
    from radsim.sweep.enrolment import Enrolment
    from radsim.sweep.share import Shared

    shared, enrolment, found = Shared(), Enrolment(), []
    for subgroups in ([], ["primary"], []):
        cohort, _, _ = shared.study(load_config({**BASE, "subgroups": subgroups})).tables_of(0)
        found.append(enrolment.of(cohort, 5, 0, 0, 512))
    plain, by_primary, again = (one.patients["subgroup"].max() for one in found)
    assert (plain, by_primary, again) == (0, 3, 0) and found[0] is found[2]


def other(value):
    """The same but for one number."""
    if not isinstance(value, np.ndarray):
        return value + 1
    changed = value.copy()
    changed.flat[np.flatnonzero(np.isfinite(value))[0]] += 1
    return changed


@pytest.mark.parametrize("rows", [None, "primary,pain\nbreast,8\nlung,5\n", "pain\n" + 200 * "5\n"])
def test_every_field_of_a_cohort_tells_it_from_others(rows, tmp_path):
    from radsim.kernel.tables import CohortTables
    from radsim.sweep.enrolment import _identity
    from radsim.sweep.share import Shared

    (tmp_path / "rows.csv").write_text(rows or "")
    cohort = {"size": 10, **({"file": str(tmp_path / "rows.csv")} if rows else {})}
    study = Shared().study(load_config({**BASE, "cohort": cohort}))
    tables = study.tables_of(0)[0]
    assert _identity(study.tables_of(0)[0]) == _identity(tables)  # small tables are made anew for each draw
    assert len({_identity(tables)}) == 1  # can be looked up
    for name in CohortTables._fields:
        if np.size(getattr(tables, name)):
            assert _identity(tables._replace(**{name: other(getattr(tables, name))})) != _identity(tables), name


def test_fields_that_a_cohort_gets_one_day_will_tell_it_from_others_too():
    from collections import namedtuple

    from radsim.sweep.enrolment import _identity

    more = namedtuple("more", ["values", "what_comes_next"])
    assert _identity(more(np.ones(3), 1)) != _identity(more(np.ones(3), 2))
    assert _identity(more(np.ones(3), np.zeros(2))) != _identity(more(np.ones(3), np.ones(2)))


def test_courses_of_a_chunk_go_through_its_draws_together(tmp_path):
    from radsim.sweep import load_design, make_plan
    from radsim.sweep.chunks import Chunks, find_pending
    from radsim.sweep.work import COURSES_SIDE_BY_SIDE

    n = COURSES_SIDE_BY_SIDE + 2
    plan = make_plan(load_design(small(n, base={**BASE, "draws": 2})))
    store = Store(tmp_path / "a.zarr")
    store.create({})
    store.make_arrays_for(plan, plan.shared.dimensions(plan.base))
    ((name, array),) = store.raw().items()
    pending, _ = find_pending({name: array})
    jobs = [
        job for task in Chunks(plan, {name: array}, pending, chunk_trajectories=16_000).tasks() for job in task.jobs
    ]
    flares = [round(100 * job.config.parameters["flare.probability"]) - 10 for job in jobs]
    assert [(flare, job.draw, job.first) for flare, job in zip(flares, jobs, strict=True)] == [
        (i, draw, first)
        for some in (range(COURSES_SIDE_BY_SIDE), range(COURSES_SIDE_BY_SIDE, n))
        for draw in range(3)
        for i in some
        for first in (0, 512)
    ]


def small(n=3, **parts):
    """A plan of ``n`` values of one parameter."""
    return sweep_of(grid={"parameters.flare.probability": [0.1 + 0.01 * i for i in range(n)]}, **parts)


@pytest.fixture
def still(monkeypatch):
    """Sources that count as unchanged, whoever edits them meanwhile."""
    monkeypatch.setattr("radsim.provenance.source_digest", lambda: "0" * 64)


def test_opens_with_plain_xarray_without_warnings(tmp_path):
    radsim.sweep(sweep_of(grid=GRID, sample=SAMPLE), tmp_path / "a.zarr", threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = xarray.open_zarr(tmp_path / "a.zarr").load()
    assert found.overall_response.dims == ("scenario", "draw", "schedule")
    assert dict(found["parameters.flare.probability"].attrs) and found["parameters.flare.probability"].dims == (
        "scenario",
    )
    assert list(found["cohort.karnofsky"].values) == [50, 50, 90, 90] * 2
    assert list(found.schedules.values[:2]) == ["8Gy/1, 20Gy/5", "30Gy/10, 8Gy/1"]
    assert list(found.sample_point.values) == [0] * 4 + [1] * 4 and list(found.grid_point.values) == [0, 1, 2, 3] * 2
    assert set(found.coords) >= {"parameter_units", "period_start", "grid_point"}
    assert json.loads(found.attrs["radsim_record"])["sweep"]["grid"] == GRID
    assert found.overall_response.sel(schedule="30Gy/10").isnull().values.ravel().tolist() == [True, False] * 4
    assert "cohort.karnofsky" not in json.loads(found.attrs["radsim_record"])["config"]["cohort"]


SAMPLE = {"n": 2, "over": {"parameters.flare.probability": {"uniform": {"low": 0.2, "high": 0.4}}}}


@pytest.mark.parametrize(
    "options", [{"threads": 2}, {"threads": 1, "chunk_trajectories": 3000}, {"threads": 2, "chunk_trajectories": 1}]
)
def test_neither_threads_nor_chunks_show(tmp_path, still, options):
    one, other = tmp_path / "a.zarr", tmp_path / "b.zarr"
    radsim.sweep(small(), one, threads=1)
    radsim.sweep.run(small(), other, **options)
    same(open_sweep(other).load(), open_sweep(one).load())
    if "chunk_trajectories" not in options:
        assert contents(one) == contents(other)
    else:
        assert len(list(other.glob("raw/2x2/c.*"))) > 1


def test_a_finished_sweep_is_left_as_it_is(tmp_path, still):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").rglob("*")}
    assert radsim.sweep(small(), tmp_path / "a.zarr", threads=1).simulated == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").rglob("*")} == before


def damage(path, kind):
    content = bytearray(path.read_bytes())
    if kind == "torn":
        content = content[: len(content) // 2]
    elif kind == "altered":
        content[len(content) // 2] ^= 1
    elif kind == "emptied":
        content = b""
    path.write_bytes(bytes(content))
    if kind == "gone":
        path.unlink()


@pytest.mark.parametrize("kind", ["torn", "altered", "emptied", "gone"])
@pytest.mark.parametrize(
    "file", ["raw/2x2/c.1.0.0", "overall_response/c.0.0.0", "cohort.karnofsky/c.0", "schedule/c.0"]
)
def test_a_damaged_chunk_is_noticed_and_made_again(tmp_path, still, file, kind):
    store, plan = tmp_path / "a.zarr", sweep_of(grid={"cohort.karnofsky": [50, 70, 90]})
    radsim.sweep.run(plan, store, threads=1, chunk_trajectories=1400)
    whole = contents(store)
    damage(store / file, kind)
    summary = radsim.sweep.run(plan, store, threads=1, chunk_trajectories=1400)
    assert contents(store) == whole
    assert summary.simulated == (1400 if file.startswith("raw") else 0)  # the second scenario
    assert summary.damaged == (1 if file.startswith("raw") and kind != "gone" else 0)


@pytest.mark.parametrize(
    "base",
    [
        {**BASE, "economics": {"costs": "uk"}, "draws": 2},
        {**BASE, "subgroups": ["primary"]},
        {
            **BASE,
            "cohort": {
                "size": 700,
                "site": "spine",
                "prior_schedule": {"none": 0.5, "20Gy/5": 0.5},
                "prior_weeks_ago": 8,
            },
        },
    ],
)
def test_before_the_end_it_has_all_variables(tmp_path, still, base):
    radsim.sweep(small(base=base), tmp_path / "a.zarr", threads=1)
    whole = open_sweep(tmp_path / "a.zarr").load()
    Store(tmp_path / "a.zarr").set_state(finished=False)
    same(open_sweep(tmp_path / "a.zarr"), whole)


def test_before_the_end_there_is_what_has_been_simulated(tmp_path, still):
    whole, part = tmp_path / "a.zarr", tmp_path / "b.zarr"
    radsim.sweep.run(small(4), whole, threads=1, chunk_trajectories=1400)

    def stop(event):
        if event["event"] == "chunk" and event["done"] >= 2800:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        radsim.sweep.run(small(4), part, threads=1, chunk_trajectories=1400, progress=stop)
    found = open_sweep(part)
    assert list(found.scenario.values) == [0, 1]
    same(found, open_sweep(whole).isel(scenario=slice(2)).load())
    assert list(found["parameters.flare.probability"].values) == [0.1, 0.11]
    radsim.sweep(small(4), part, threads=1)
    assert contents(part) == contents(whole)


# -- what goes on, what grows, what is refused


def test_another_plan_is_refused_with_what_changed(tmp_path, still):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    before = contents(tmp_path / "a.zarr")
    other = {**small(), "base": {**BASE, "cohort": {"size": 700, "era": "modern"}}}
    with pytest.raises(UsageFault, match="cohort.era: the store has 1990s, the plan modern"):
        radsim.sweep(other, tmp_path / "a.zarr", threads=1)
    with pytest.raises(UsageFault, match="holds another plan, and only points, grid values and draws can be added"):
        radsim.sweep(small(2), tmp_path / "a.zarr", threads=1)
    assert contents(tmp_path / "a.zarr") == before
    assert radsim.sweep(other, tmp_path / "a.zarr", threads=1, force=True).simulated == 4200
    radsim.sweep(other, tmp_path / "b.zarr", threads=1)
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "b.zarr")


def test_an_unfinished_sweep_of_another_form_is_refused_when_looked_at(tmp_path, still):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    Store(tmp_path / "a.zarr").set_state(finished=False)
    assert open_sweep(tmp_path / "a.zarr").sizes["scenario"] == 3
    Store(tmp_path / "a.zarr").set_state(version=1)
    with pytest.raises(UsageFault, match="not finished, and begun by another version"):
        open_sweep(tmp_path / "a.zarr")


def test_another_version_is_refused(tmp_path, monkeypatch):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    monkeypatch.setattr("radsim.__version__", "99.0")
    with pytest.raises(UsageFault, match="another version.*\n.*radsim: the record says .*, here is 99.0"):
        radsim.sweep(small(), tmp_path / "a.zarr", threads=1)


@pytest.mark.parametrize("kind", ["file", "folder", "zarr"])
def test_what_is_no_sweep_is_never_touched(tmp_path, kind):
    path = tmp_path / "a.zarr"
    if kind == "file":
        path.write_text("mine")
    else:
        path.mkdir()
        (path / "mine.txt").write_text("mine")
        if kind == "zarr":
            (path / "zarr.json").write_text('{"attributes": {}, "zarr_format": 3, "node_type": "group"}')
    with pytest.raises(UsageFault):
        radsim.sweep(small(), path, threads=1, force=True)
    assert (path if kind == "file" else path / "mine.txt").read_text() == "mine"


def raw_rows(path):
    """Bytes of the raw sums of a store by array, course and draw."""
    return {
        (name, course, draw): array.rows(course, (draw, draw + 1)).tobytes()
        for name, array in Store(path).raw("r").items()
        for course in array.courses
        for draw in range(array.n_draws)
    }


def grown(tmp_path, before, after, **options):
    """Sweep ``before``, then ``after`` into the same store, and ``after`` alone; the three stores of raw sums and variables."""
    store, alone = tmp_path / "a.zarr", tmp_path / "b.zarr"
    radsim.sweep.run(before, store, threads=1, **options)
    rows = raw_rows(store)
    summary = radsim.sweep.run(after, store, threads=1, **options)
    radsim.sweep.run(after, alone, threads=1, **options)
    kept = raw_rows(store)
    assert rows and all(kept[unit] == row for unit, row in rows.items()), "what was there has to stay to the bit"
    same(open_sweep(store).load(), open_sweep(alone).load())
    return summary


@pytest.mark.parametrize("method", ["sobol", "random", "saltelli"])
def test_more_points_of_a_sample_add_scenarios(tmp_path, still, method):
    over = {
        "parameters.flare.probability": {"uniform": {"low": 0.2, "high": 0.4}},
        "parameters.response.frailty": "evidence",
    }
    plans = [sweep_of(sample={"n": n, "method": method, "over": over}) for n in (2, 4)]
    summary = grown(tmp_path, *plans, chunk_trajectories=2800)
    assert summary.simulated == summary.trajectories // 2


def test_a_latin_hypercube_cannot_grow(tmp_path, still):
    over = {"parameters.flare.probability": {"uniform": {"low": 0.2, "high": 0.4}}}
    radsim.sweep(sweep_of(sample={"n": 2, "method": "lhs", "over": over}), tmp_path / "a.zarr", threads=1)
    with pytest.raises(UsageFault, match="a sample by lhs cannot grow"):
        radsim.sweep(sweep_of(sample={"n": 4, "method": "lhs", "over": over}), tmp_path / "a.zarr", threads=1)


TWO_PATHS = {"cohort.karnofsky": [50, 90], "parameters.flare.probability": [0.2, 0.3]}


def test_more_draws_add_to_a_store(tmp_path, still):
    before, after = ({**BASE, "draws": draws} for draws in (1, 5))
    plans = sweep_of(base=before, grid=TWO_PATHS), sweep_of(base=after, grid=TWO_PATHS)
    summary = grown(tmp_path, *plans, chunk_trajectories=6000)
    assert summary.simulated == summary.trajectories * 4 // 6


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cohort": {"size": 1400}}, "base.cohort.size: the store has 700, the plan 1400"),
        (
            {"schedules": ["8Gy/1", "20Gy/5", "30Gy/10"]},
            "base.schedules[2].dose_gy: the store has nothing, the plan 30",
        ),
        ({"draws": 0}, "base.draws: the store has 1, the plan 0"),
    ],
)
def test_other_patients_or_schedules_and_fewer_draws_need_another_store(tmp_path, still, changes, said):
    base = {**BASE, "draws": 1}
    radsim.sweep(sweep_of(base=base, grid=TWO_PATHS), tmp_path / "a.zarr", threads=1)
    before = contents(tmp_path / "a.zarr")
    with pytest.raises(UsageFault, match="only points, grid values and draws can be added") as refused:
        radsim.sweep(sweep_of(base={**base, **changes}, grid=TWO_PATHS), tmp_path / "a.zarr", threads=1)
    assert said in str(refused.value) and contents(tmp_path / "a.zarr") == before


def test_a_sweep_runs_where_an_event_loop_runs_as_in_a_notebook(tmp_path):
    import asyncio

    async def cell():
        return radsim.sweep(small(), tmp_path / "a.zarr", threads=1)

    assert asyncio.run(cell()).simulated == 4200
    assert open_sweep(tmp_path / "a.zarr").sizes["scenario"] == 3


def test_more_values_of_a_grid_add_scenarios_wherever_they_come_to_stand(tmp_path, still):
    summary = grown(
        tmp_path, sweep_of(grid={"cohort.karnofsky": [50, 90]}), sweep_of(grid={"cohort.karnofsky": [40, 50, 70, 90]})
    )
    assert summary.simulated == summary.trajectories // 2


def test_scenarios_that_differ_in_schedules_alone_share_their_patients(tmp_path):
    grid = {"schedules": [["8Gy/1", "20Gy/5"], ["8Gy/1", "30Gy/10"], ["8Gy/1", "24Gy/6"]]}
    assert radsim.sweep(sweep_of(grid=grid), tmp_path / "a.zarr", threads=1).simulated == 4 * 700


@pytest.fixture
def breaking(monkeypatch):
    """Have a block of the kernel fail under some condition on (draw, first patient, parameters)."""
    from radsim import engine

    whole = engine.simulate_blocks

    def install(condition):
        def simulate_blocks(*arguments):
            _, draw, first, *_, parameters, _, _ = arguments
            if condition(draw, first, parameters[0]):
                raise RuntimeError("a block that breaks")
            return whole(*arguments)

        monkeypatch.setattr(engine, "simulate_blocks", simulate_blocks)

    return install


def test_a_failed_scenario_is_recorded_and_done_again_alone(tmp_path, still, breaking):
    base = {**BASE, "draws": 1}
    plan, store, whole = small(4, base=base), tmp_path / "a.zarr", tmp_path / "b.zarr"
    radsim.sweep.run(plan, whole, threads=1, chunk_trajectories=6000)
    breaking(lambda draw, first, p: draw == 1 and first == 512 and abs(p["flare_probability"] - 0.12) < 1e-9)
    summary = radsim.sweep.run(plan, store, threads=2, chunk_trajectories=6000)
    (failure,) = summary.failures
    assert (failure["scenario"], failure["draw"], failure["block"]) == (2, 1, 1)
    assert failure["reason"] == "RuntimeError: a block that breaks"
    found, wanted = open_sweep(store).load(), open_sweep(whole).load()
    assert np.isnan(found.overall_response.values[2]).all() and (found.n_patients.values[2] == 0).all()
    same(found.isel(scenario=[0, 1, 3]), wanted.isel(scenario=[0, 1, 3]))
    assert (
        radsim.sweep.run(plan, store, threads=1, chunk_trajectories=6000).simulated == 1400
    )  # it alone, and it fails again
    breaking(lambda *_: False)
    again = radsim.sweep.run(plan, store, threads=1, chunk_trajectories=6000)
    assert (again.simulated, again.failures) == (1400, [])
    assert contents(store) == contents(whole)


def test_what_cannot_be_drawn_fails_by_itself(tmp_path, still):
    grid = {"parameters.response.cut_overall": [-1.0, 0.55]}
    summary = radsim.sweep(
        sweep_of(base={**BASE, "evidence": "guideline", "draws": 40}, grid=grid), tmp_path / "a.zarr", threads=2
    )
    assert {failure["scenario"] for failure in summary.failures} == {1}
    assert (
        "expected below response.cut_complete" in summary.failures[0]["reason"] and summary.failures[0]["block"] is None
    )
    assert not np.isnan(open_sweep(tmp_path / "a.zarr").overall_response.values[0]).any()


# -- plans


def faults(plan, **options):
    """What is wrong with a plan, line by line."""
    from radsim.sweep import load_design, make_plan

    with pytest.raises((ConfigError, UsageFault, ValueError)) as found:
        make_plan(load_design(plan), **options)
    return str(found.value)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            {"grid": {"cohort.karnofski": [50]}},
            "grid.cohort.karnofski\\[0\\]: expected one of the keys: .* \\(did you mean karnofsky",
        ),
        (
            {"grid": {"parameters.flare.probabilty": [0.1]}},
            "grid.parameters.flare.probabilty\\[0\\]: .*did you mean flare.prob",
        ),
        (
            {"grid": {"parameters.flare.probability": [0.1, 1.5]}},
            "flare.probability\\[1\\]: expected a finite number >= 0 and <= 1",
        ),
        (
            {"grid": {"parameters.between_trial.level": [0.1]}},
            "grid.parameters.between_trial.level\\[0\\]: expected a parameter of the simulation",
        ),
        ({"grid": {}}, "grid: expected a mapping of at least one path"),
        ({"grid": {"cohort.karnofsky": []}}, "grid.cohort.karnofsky: expected a list of at least one value"),
        ({"grid": {"cohort.karnofsky": [50, 50]}}, "expected each value once"),
        ({}, "expected grid or sample, or both, found neither"),
        ({"grid": {"draws": [1, 2]}}, "grid.draws: expected a path that keeps the dimensions of a result"),
        ({"grid": {"times_days": [[1]]}}, "keeps the dimensions"),
        ({"grid": {"horizon_days": [100]}}, "keeps the dimensions"),
        ({"grid": {"observation.visits_weeks": [[1]]}}, "keeps the dimensions"),
        (
            {"grid": {"observation": [{"visits_weeks": [3]}]}},
            "scenario 0: expected observation.visits_weeks as in the base",
        ),
        ({"grid": {"schedules[2].dose_gy": [1]}}, "expected a position in a list of 2"),
        ({"grid": {"seed.x": [1]}}, "expected a path into a mapping"),
        ({"grid": {"cohort": [{"size": 3}], "cohort.age": [60]}}, "expected a path that no other one sweeps"),
        ({"gird": {}}, "expected one of the keys: .*, found gird"),
        (
            {"sample": {"n": 3, "method": "saltelli", "over": {"cohort.age": {"uniform": {"low": 1, "high": 2}}}}},
            "a power of two",
        ),
        ({"sample": {"n": 0, "over": {"cohort.age": "evidence"}}}, "sample.n: expected a whole number >= 1"),
        ({"sample": {"n": 2, "over": {}}}, "sample.over: expected a mapping of at least one path"),
        ({"sample": {"n": 2, "over": {"cohort.age": "evidence"}}}, "evidence is for parameters.NAME"),
        ({"sample": {"n": 2, "over": {"cohort.age": {"normal": {"mean": 3}}}}}, "expected {mean, sd}, found {mean}"),
        ({"sample": {"n": 2, "over": {"cohort.age": {"uniform": {"low": 3, "high": 2}}}}}, "expected low below high"),
        (
            {"sample": {"n": 2, "method": "sobl", "over": {"seed": {"choice": [1]}}}},
            "sample.method: .*did you mean sobol",
        ),
    ],
)
def test_a_bad_plan_says_where_and_what(parts, text):
    import re

    assert re.search(text, faults(sweep_of(**parts))), faults(sweep_of(**parts))


def test_faults_of_a_plan_have_the_line_of_the_value(tmp_path):
    (tmp_path / "base.yaml").write_text("seed: 1\nschedules: [8Gy/1]\n")
    path = tmp_path / "sweep.yaml"
    path.write_text("base: base.yaml\ngrid:\n  cohort.karnofsky: [50, 55]\n  cohort.era:\n    - 1990s\n    - 1980s\n")
    assert faults(path).splitlines()[0].startswith("sweep.yaml:3: grid.cohort.karnofsky[1]: expected a multiple of 10")
    assert faults(path).splitlines()[1].startswith("sweep.yaml:6: grid.cohort.era[1]: expected one of 1990s, modern")


def test_a_million_scenarios_have_to_be_meant():
    plan = sweep_of(sample={"n": 10**6, "over": {"cohort.age": {"uniform": {"low": 50, "high": 60}}}})
    assert "expected at most 100,000 scenarios, found 1,000,000; --yes if that is meant" in faults(plan)


def test_a_shared_study_is_that_of_prepare():
    from radsim.study import prepare
    from radsim.sweep.share import Shared

    shared = Shared()
    for values in ({}, {"cohort.karnofsky": 70}, {"cohort.prior_schedule": "8Gy/1", "draws": 3, "evidence": "trials"}):
        config = load_config(BASE, overrides=values)
        quick, slow = shared.study(config), prepare(config)
        assert quick.warnings == slow.warnings and quick.config == slow.config
        assert {name: list(column) for name, column in quick.samples.items()} == {
            n: list(c) for n, c in slow.samples.items()
        }
        for one, other in zip(quick.tables_of(0)[0], slow.tables_of(0)[0], strict=True):
            assert np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("method", ["sobol", "random", "saltelli", "lhs"])
def test_points_fill_the_cube_and_go_on(method):
    from radsim.sweep.sample import points

    few, many = (points(method, n, 3, seed=1) for n in (8, 64))
    assert np.all((many > 0) & (many < 1)) and abs(many.mean() - 0.5) < 0.08
    assert np.array_equal(few, many[: len(few)]) == (method != "lhs")


def test_distributions_have_their_quantiles():
    from scipy import stats

    from radsim.sweep.distributions import values_at

    u = np.array([0.05, 0.5, 0.95])
    for given, wanted in (
        ({"uniform": {"low": 2, "high": 4}}, stats.uniform(2, 2)),
        ({"loguniform": {"low": 2, "high": 8}}, stats.loguniform(2, 8)),
        ({"normal": {"mean": 2, "sd": 3}}, stats.norm(2, 3)),
        ({"normal": {"mean": 2, "sd": 3, "low": 1, "high": 4}}, stats.truncnorm(-1 / 3, 2 / 3, 2, 3)),
        ({"lognormal": {"median": 2, "sigma": 0.3}}, stats.lognorm(0.3, scale=2)),
        ({"beta": {"a": 2, "b": 3}}, stats.beta(2, 3)),
        ({"beta": {"mean": 0.4, "n": 5}}, stats.beta(2, 3)),
        ({"gamma": {"shape": 2, "scale": 3}}, stats.gamma(2, scale=3)),
    ):
        assert np.allclose(values_at(given, u), wanted.ppf(u), rtol=1e-9), given
    assert values_at({"choice": ("a", "b")}, np.array([0.1, 0.6, 0.999])) == ["a", "b", "b"]


# -- sensitivity


def ishigami(x):
    """Ishigami and Homma's function of three uniforms on (-pi, pi), whose indices are known."""
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def synthetic(y, paths, n, method="saltelli", **coords):
    over = {path: {"uniform": {"low": 0, "high": 1}} for path in paths}
    record = provenance.record(prepared({"seed": 1, "schedules": ["8Gy/1", "none"]}), command="made up")
    record["sweep"] = {"sample": {"n": n, "method": method, "over": over}}
    values = {"y": (("scenario", "draw", "schedule"), np.stack([y, -y], axis=-1)[:, np.newaxis], {"units": "d"})}
    axes = {
        "draw": [0],
        "schedule": ["8Gy/1", "none"],
        **{name: ("scenario", column) for name, column in coords.items()},
    }
    return xarray.Dataset(values, coords=axes, attrs={"radsim_record": json.dumps(record)})


def test_sobol_indices_of_a_known_function():
    from scipy import stats

    from radsim.sweep import sobol_indices
    from radsim.sweep.sample import points

    paths, n = ["a", "b", "c"], 2**12
    y = ishigami(np.pi * (2.0 * points("saltelli", n, 3, seed=3) - 1.0))
    found = sobol_indices(synthetic(y, paths, n), "y", schedule="8Gy/1")
    assert np.allclose(found.first_order, [0.3139, 0.4424, 0.0], atol=0.015)
    assert np.allclose(found.total_order, [0.5576, 0.4424, 0.2437], atol=0.015)
    assert (
        (found.first_order_low95 < [0.3139, 0.4424, 0.0]) & (found.first_order_high95 > [0.3139, 0.4424, 0.0])
    ).all()
    assert float(found.variance) == pytest.approx(y.reshape(n, 5)[:, :2].var())
    rows = y.reshape(n, 5)
    ours = stats.sobol_indices(func={"f_A": rows[None, :, 0], "f_B": rows[None, :, 1], "f_AB": rows.T[2:, None]}, n=n)
    assert np.allclose(found.first_order, ours.first_order, rtol=1e-9, atol=1e-12)
    assert np.allclose(found.total_order, ours.total_order, rtol=1e-9, atol=1e-12)


def test_sobol_indices_want_a_saltelli_sample_and_one_number():
    from radsim.sweep import sobol_indices

    whole = synthetic(np.arange(8.0), ["a", "b"], 2)
    for dataset, name, labels, text in (
        (synthetic(np.arange(8.0), ["a", "b"], 8, method="sobol"), "y", {}, "saltelli"),
        (whole, "z", {}, "expected an outcome"),
        (whole, "y", {}, "a label for each of schedule"),
        (whole, "y", {"schedule": "x"}, "expected labels"),
        (synthetic(np.full(8, np.nan), ["a", "b"], 2), "y", {"schedule": "none"}, "found 8 without"),
    ):
        with pytest.raises(UsageFault, match=text):
            sobol_indices(dataset, name, **labels)


def test_tornado_of_a_sweep():
    from radsim.sweep import tornado

    a = np.linspace(0, 1, 100)
    b = np.tile([0.0, 1.0], 50)
    bars = tornado(synthetic(10 * a + b, ["a", "b"], 100, method="sobol", a=a, b=b), "y", schedule="8Gy/1")
    assert [bar["path"] for bar in bars] == ["a", "b"]
    assert bars[0]["swing"] == pytest.approx(10 * (a[-10:].mean() - a[:10].mean()))
    assert bars[1]["low"] == pytest.approx((10 * a)[b == 0].mean()) and bars[1]["low_value"] == 0.0


def test_tornado_and_indices_of_a_real_sweep(tmp_path):
    over = {
        "parameters.flare.probability": {"uniform": {"low": 0.1, "high": 0.6}},
        "parameters.fracture.pain_days": "evidence",
    }
    plan = sweep_of(sample={"n": 16, "method": "saltelli", "over": over})
    radsim.sweep(plan, tmp_path / "a.zarr", threads=1)
    found = radsim.sweep.open_sweep(tmp_path / "a.zarr")
    indices = radsim.sweep.sobol_indices(found, "pain_flare", schedule="8Gy/1")
    assert float(indices.total_order.sel(path="parameters.flare.probability")) > 0.9
    assert float(indices.total_order.sel(path="parameters.fracture.pain_days")) == 0.0
    bars = radsim.sweep.tornado(found, "pain_flare", schedule="8Gy/1")
    assert bars[0]["path"] == "parameters.flare.probability" and bars[0]["swing"] > 0.2


def priced(n=2**9, seed=3):
    """A sweep of three paths whose costs and QALYs are known: 8Gy/1 gains a QALYs more and costs 1000 b more; c is for nobody."""
    from radsim.sweep.sample import points

    a, b, c = points("saltelli", n, 3, seed=seed).T
    dataset = synthetic(a, ["a", "b", "c"], n)
    qalys = np.stack([a + c, c], axis=-1)[:, np.newaxis]
    cost = np.stack([1000.0 * b, 0.0 * b], axis=-1)[:, np.newaxis, :, np.newaxis] * np.array([0.25, 0.75])
    dims = ("scenario", "draw", "schedule")
    return dataset.assign(qalys=(dims, qalys, {"units": "year"}), cost=((*dims, "component"), cost, {"units": "GBP"}))


def test_indices_and_bars_of_increments_and_of_the_net_benefit():
    from radsim.sweep import sobol_indices, tornado

    how = {"schedule": "8Gy/1", "minus": "none"}
    gain = sobol_indices(priced(), "qalys", **how)
    assert np.allclose(gain.total_order, [1.0, 0.0, 0.0], atol=1e-9)  # c is in both
    benefit = sobol_indices(priced(), "net_benefit", threshold=2000.0, **how)
    # 2000 a - 1000 b: variances as four to one
    assert np.allclose(benefit.total_order, [0.8, 0.2, 0.0], atol=0.02) and benefit.attrs["caution"] == ""
    assert benefit.variance.attrs["units"] == "(GBP)2"
    alone = sobol_indices(priced(), "net_benefit", threshold=2000.0, schedule="none")
    assert np.allclose(alone.total_order, [0.0, 0.0, 1.0], atol=0.02)
    for found, words in (
        ({"threshold": 2000.0}, "found 2000.0 with qalys"),
        ({"minus": "none"}, "minus: expected a schedule"),
    ):
        with pytest.raises(UsageFault, match=words):
            sobol_indices(priced(), "qalys", **found)
    with pytest.raises(UsageFault, match="found None with net_benefit"):
        tornado(priced(), "net_benefit", **how)


def test_a_small_sample_is_said():
    from radsim.sweep import sobol_indices, tornado

    few = sobol_indices(priced(8), "net_benefit", threshold=2000.0, schedule="8Gy/1", minus="none")
    assert (
        few.attrs["caution"].startswith("the sample of 8 points is too small for a")
        and "points would do" in few.attrs["caution"]
    )
    random = np.random.default_rng(1)
    for n, a, text in ((50, 1.0, "5 scenarios at an end"), (400, 1.0, ""), (400, 0.0, "twice its standard error")):
        x = np.linspace(0.0, 1.0, n)
        y = 10.0 * x + random.standard_normal(n) if a else np.abs(x - 0.5)
        (bar,) = tornado(synthetic(y, ["a"], n, method="sobol", a=x), "y", schedule="8Gy/1")
        assert (text in bar["caution"]) and bool(text) == bool(bar["caution"])


# -- engines, and what ends a sweep before its time


@pytest.fixture
def cluster():
    """A Dask cluster in threads of this process, behind an address."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_gives_the_same_store(tmp_path, still, cluster):
    radsim.sweep.run(small(6), tmp_path / "a.zarr", threads=1, chunk_trajectories=3000)
    radsim.sweep.run(small(6), tmp_path / "b.zarr", scheduler=cluster, chunk_trajectories=3000)
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "b.zarr")


def test_failures_in_a_cluster_are_recorded_and_done_again(tmp_path, still, cluster, breaking):
    radsim.sweep.run(small(6), tmp_path / "a.zarr", threads=1, chunk_trajectories=3000)
    breaking(lambda draw, first, p: first == (0 if p["flare_probability"] > 0.145 else 512))
    summary = radsim.sweep.run(small(6), tmp_path / "b.zarr", scheduler=cluster, chunk_trajectories=3000)
    assert [(f["scenario"], f["block"]) for f in summary.failures] == [*((i, 1) for i in range(5)), (5, 0)]
    (array,) = Store(tmp_path / "b.zarr").raw().values()
    assert (array.array[...] == MISSING).all(), "a unit of which a part failed is missing as a whole"
    breaking(lambda draw, first, p: False)
    again = radsim.sweep.run(small(6), tmp_path / "b.zarr", scheduler=cluster, chunk_trajectories=3000)
    assert again.simulated == 6 * 1400
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "b.zarr")


def test_a_task_that_kills_its_workers_is_a_failure_of_its_scenarios(tmp_path, still, cluster, monkeypatch):
    from radsim.sweep import engines

    def kill(jobs, rows, worker):
        if round(jobs[0].config.parameters["flare.probability"], 9) in (0.10, 0.15):
            raise RuntimeError("killed\n workers")
        return whole(jobs, rows, worker)

    whole = engines.simulate_jobs
    monkeypatch.setattr(engines, "simulate_jobs", kill)
    summary = radsim.sweep.run(small(6), tmp_path / "a.zarr", scheduler=cluster, chunk_trajectories=3000)
    assert [(f["scenario"], f["block"]) for f in summary.failures] == [(0, None), (5, None)]
    assert {f["reason"] for f in summary.failures} == {"RuntimeError: killed workers"}
    monkeypatch.setattr(engines, "simulate_jobs", whole)
    assert not radsim.sweep.run(small(6), tmp_path / "a.zarr", scheduler=cluster, chunk_trajectories=3000).failures


def test_workers_of_another_version_are_refused(tmp_path, still, cluster, monkeypatch):
    from radsim.sweep import engines

    here = engines.fingerprint()
    asked = iter([{**here, "numpy": "0.1"}])
    monkeypatch.setattr(engines, "fingerprint", lambda: next(asked, here))
    with pytest.raises(UsageFault, match="numpy: expected 0.1, found"):
        radsim.sweep(small(), tmp_path / "a.zarr", scheduler=cluster)


def test_no_scheduler_is_said_in_a_line(tmp_path, monkeypatch):
    from radsim.sweep import engines

    monkeypatch.setattr(engines, "SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(UsageFault, match="expected a Dask scheduler, found none"):
        radsim.sweep(small(), tmp_path / "a.zarr", scheduler="tcp://127.0.0.1:1")


def test_killed_and_resumed_it_is_the_same_store():
    import sweep_kills

    assert len(sweep_kills.compare("process", 2, seed=4)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["process", "worker", "scheduler"])
def test_killed_ten_times_it_is_the_same_store(kind):
    import sweep_kills

    assert len(sweep_kills.compare(kind, 10)) >= 8  # a worker may just be starting again when its turn comes


FULL = """
import resource, sys
from radsim import provenance
provenance.source_digest = lambda: "0" * 64
if int(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from radsim.sweep.conduct import run
run.__kwdefaults__["chunk_trajectories"] = 6000
from radsim.cli.main import main
main(["sweep", "plan.yaml", "-o", "a.zarr", "--threads", "1"])
"""


def test_a_full_disk_is_a_clear_line_and_nothing_valid_is_lost(tmp_path):
    (tmp_path / "base.yaml").write_text("seed: 1\ncohort: {size: 300}\nschedules: [8Gy/1, 20Gy/5]\n")
    (tmp_path / "plan.yaml").write_text(f"base: base.yaml\ngrid:\n  seed: {list(range(180))}\n")

    def call(limit):
        command = [sys.executable, "-c", FULL, str(limit)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)

    first = call(150_000)  # more than a chunk of raw sums of ten scenarios, less than one of `occupancy`
    assert (first.returncode, first.stdout) == (1, "")
    assert first.stderr.splitlines()[-1].startswith("a.zarr: File too large; what was written before is kept")
    assert not list(tmp_path.rglob("*.partial"))
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").glob("raw/2x1/c.*")}
    assert len(kept) == 18
    second = call(0)
    assert second.returncode == 0, second.stderr
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "a.zarr").glob("raw/2x1/c.*")}


# -- the command


@pytest.fixture
def command(capsys, tmp_path, monkeypatch):
    """Run `radsim sweep` in a folder of its own; exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("seed: 1\nname: B\ncohort: {size: 300}\nschedules: [8Gy/1, 20Gy/5]\n")
    (tmp_path / "plan.yaml").write_text("base: base.yaml\ngrid:\n  cohort.karnofsky: [50, 70]\n")

    def call(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main(["sweep", *map(str, arguments)])
        captured = capsys.readouterr()
        return leaving.value.code, captured.out, captured.err

    return call


def test_the_plan_is_shown_and_nothing_simulated(command, tmp_path):
    code, out, err = command("plan.yaml", "--plan", "--threads", 1)
    lines = dict(line.split(maxsplit=1) for line in out.splitlines() if line[0] != " ")
    assert (code, err) == (0, "")
    assert (lines["scenarios"], lines["trajectories"], lines["patients"]) == ("2", "1,200", "300")
    assert "measured now with 1 threads" in lines["time"]
    assert not list(tmp_path.glob("*.zarr"))


def test_a_sweep_says_what_it_did_and_resumes(command, still):
    code, out, err = command("plan.yaml", "-o", "a.zarr", "--threads", 1)
    assert (code, out) == (0, "")
    assert err.splitlines()[0] == "2 scenarios, 1,200 trajectories"
    assert err.splitlines()[-1].startswith("a.zarr: 2 scenarios, 1,200 trajectories; 1,200 simulated now, in ")
    assert command("plan.yaml", "-o", "a.zarr")[2] == "a.zarr: complete already: 2 scenarios, 1,200 trajectories\n"
    record = json.loads(open_sweep("a.zarr").attrs["radsim_record"])
    assert record["command"] == "radsim sweep plan.yaml -o a.zarr"


@pytest.mark.parametrize("store", ["o", "c", "relief", "./o/"])
def test_a_store_may_have_any_name_beside_the_command(command, still, store):
    """zarr once took a short relative name out of the names of its files."""
    assert command("plan.yaml", "-o", store, "--threads", 1)[0] == 0
    assert command("plan.yaml", "-o", store)[2].endswith(": complete already: 2 scenarios, 1,200 trajectories\n")
    with open_sweep(store) as found:
        assert found.overall_response.notnull().all()


def test_progress_as_json(command, still):
    code, out, err = command("plan.yaml", "-o", "a.zarr", "--progress", "json", "--threads", 1)
    events = [json.loads(line) for line in err.splitlines()[:-1]]
    assert (code, out) == (0, "") and [e["event"] for e in events] == ["start", "chunk", "naming", "done"]
    assert events[0]["to_play"] == events[1]["done"] == 1200 and events[1]["seconds_left"] == 0.0


def test_progress_on_a_terminal_is_a_bar_with_rate_and_time_left(monkeypatch):
    import io

    from radsim.cli.sweep_progress import reporter

    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with reporter(None, stream=stream) as report:
        report(
            {
                "event": "start",
                "scenarios": 2,
                "lifetimes": 100,
                "to_play": 100,
                "chunks": 1,
                "dashboard": "http://x/status",
            }
        )
        report({"event": "task", "done": 50, "to_play": 100})
        report({"event": "naming", "scenarios": 2})
    assert "Dask dashboard: http://x/status" in stream.getvalue()
    assert "trajectories/s" in stream.getvalue() and "50%" in stream.getvalue()


def test_failures_are_named_and_give_exit_code_1(command, still, breaking):
    breaking(lambda draw, first, p: True)
    code, _, err = command("plan.yaml", "-o", "a.zarr", "--threads", 1)
    assert code == 1
    assert "warning: scenario 1, draw 0, block 0: failed: RuntimeError: a block that breaks" in err
    assert err.splitlines()[-1] == "a.zarr: 2 scenarios failed; the same command tries them again"


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (
            "base: base.yaml\ngrid: {cohort.karnofski: [1]}\n",
            (),
            "plan.yaml:2: grid.cohort.karnofski[0]: expected one of the keys",
        ),
        ("base: base.yaml\ngrid: {}\n", (), "plan.yaml:2: grid: expected"),
        (
            "base: base.yaml\ngrid: {draws: [1]}\n",
            (),
            "plan.yaml:2: grid.draws: expected a path that keeps the dimensions",
        ),
        (
            "base: base.yaml\nsample: {n: 1000000, over: {cohort.age: {uniform: {low: 1, high: 2}}}}\n",
            (),
            "found 1,000,000; --yes",
        ),
        (
            "base: base.yaml\ngrid: {seed: [1]}\n",
            ("--workers", 2, "--scheduler", "x"),
            "expected one of them, found both",
        ),
        (
            "base: base.yaml\ngrid: {seed: [1]}\n",
            ("--workers", 2, "--threads", 2),
            "--threads is for this process alone",
        ),
        ("base: none.yaml\ngrid: {seed: [1]}\n", (), "none.yaml: expected a readable file"),
    ],
)
def test_what_is_asked_wrongly_is_exit_code_2_and_a_line(command, tmp_path, text, arguments, said):
    (tmp_path / "plan.yaml").write_text(text)
    code, out, err = command("plan.yaml", "-o", "a.zarr", *arguments)
    assert (code, out) == (2, "") and said in err and len(err.splitlines()) == 1
    assert not (tmp_path / "a.zarr" / "raw").exists()


def test_without_a_store_there_is_only_the_plan(command):
    code, _, err = command("plan.yaml")
    assert code == 2 and "-o STORE.zarr: expected" in err


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parent.parent / "configs").glob("sweep_*.yaml")), ids=lambda p: p.stem
)
def test_the_examples_are_good_plans(path):
    from radsim.sweep import load_design, make_plan

    plan = make_plan(load_design(path))
    assert plan.trajectories < 2_000_000 and plan.scenarios


def test_importing_radsim_stays_cheap():
    program = "import sys, radsim; assert not {'numpy', 'zarr', 'xarray', 'radsim.sweep'} & set(sys.modules); radsim.sweep.run"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_many_draws_are_worked_on_in_parts(tmp_path, monkeypatch):
    from radsim.sweep import derive

    monkeypatch.setattr(derive, "AT_ONCE", 2)
    base = {**BASE, "draws": 6, "schedules": ["8Gy/1"], "economics": {"costs": "uk"}}
    radsim.sweep(sweep_of(base=base, grid={"cohort.karnofsky": [50, 90]}), tmp_path / "a.zarr", threads=1)
    alone = radsim.simulate(scenario_config(base, {"cohort.karnofsky": 90}), threads=1)
    same(of_scenario(open_sweep(tmp_path / "a.zarr"), 1, alone), alone)


def test_tables_from_another_process_are_laid_out_as_those_made_here():
    """Arrays of a message may begin at any byte: the kernel would be compiled anew for them."""
    study = prepared({"schedules": ["8Gy/1"], "seed": 1, "cohort": {"size": 10}})
    study.tables_of(0)  # from then on none of it is written to
    own, shared = (study.tables, study.cohort), Shared()
    shared.add({"cohort": (*(moved_by_a_byte(each) for each in own), ())})
    *found, _ = shared._cohorts["cohort"]
    for one, other in zip(found, own, strict=True):
        for name, array in arrays_of(other).items():
            assert np.array_equal(getattr(one, name), array, equal_nan=True), name
            assert pack(getattr(one, name)).form == pack(array).form, name


def moved_by_a_byte(tables):
    """The same tables, each array a byte further than it should begin."""
    moved = {
        name: np.frombuffer(b"x" + array.tobytes(), array.dtype, offset=1).reshape(array.shape)
        for name, array in arrays_of(tables).items()
    }
    assert not moved["cumulative"].flags.aligned
    return tables._replace(**moved)


def arrays_of(tables):
    return {name: array for name, array in tables._asdict().items() if isinstance(array, np.ndarray)}


def test_a_cohort_from_a_file(tmp_path, still, cluster):
    (tmp_path / "c.csv").write_text("pain,karnofsky,primary,site\n8,70,breast,hip\n6,80,lung,spine\n7,60,other,rib\n")
    (tmp_path / "base.yaml").write_text("seed: 1\ncohort: {file: c.csv, each_row: 300}\nschedules: [8Gy/1, 20Gy/5]\n")
    (tmp_path / "plan.yaml").write_text("base: base.yaml\ngrid: {cohort.era: [1990s, modern]}\n")
    for name, options in (("a", {"threads": 1}), ("b", {"scheduler": cluster})):
        radsim.sweep.run(tmp_path / "plan.yaml", tmp_path / f"{name}.zarr", **options)
    assert contents(tmp_path / "a.zarr") == contents(tmp_path / "b.zarr")
    assert str(tmp_path) not in (tmp_path / "a.zarr" / "zarr.json").read_text()
    alone = radsim.simulate(load_config(tmp_path / "base.yaml", overrides={"cohort.era": "modern"}), threads=1)
    same(of_scenario(open_sweep(tmp_path / "a.zarr"), 1, alone), alone)
    (tmp_path / "c.csv").unlink()  # not needed to look at what has been played
    (tmp_path / "a.zarr" / "raw/2x2/c.0.0.0").rename(tmp_path / "kept")
    Store(tmp_path / "a.zarr").set_state(finished=False)
    assert open_sweep(tmp_path / "a.zarr").sizes["scenario"] == 0
    (tmp_path / "kept").rename(tmp_path / "a.zarr" / "raw/2x2/c.0.0.0")
    same_but_for_the_cord(open_sweep(tmp_path / "a.zarr"), open_sweep(tmp_path / "b.zarr").load())


def same_but_for_the_cord(found, wanted):
    """Without its cohort file nobody knows which courses its patients had: the rule of the spinal cord then says nothing."""
    assert set(found["cord_verdict"].values.ravel()) == {""}
    cord = ["cord_verdict", "cord_total"]
    same(found.drop_vars(cord), wanted.drop_vars(cord))


def test_a_base_within_the_file_of_a_sweep(tmp_path, still):
    (tmp_path / "c.csv").write_text("pain\n8\n")
    plan = tmp_path / "plan.yaml"
    text = "grid: {seed: [1, 2]}\nbase:\n  cohort: {file: c.csv, each_row: 10}\n  schedules: [8Gy/1]\n"
    plan.write_text(text)
    assert radsim.sweep(plan, tmp_path / "a.zarr", threads=1).trajectories == 20
    plan.write_text(text.replace("8Gy/1", "8Gy/0"))
    with pytest.raises(ConfigError, match=r"^plan.yaml:4: schedules\[0\]: expected"):
        radsim.sweep(plan, tmp_path / "b.zarr", threads=1)


@pytest.mark.parametrize("size", [{"each_row": 300}, {"size": 700}])
def test_cohort_files_that_are_swept_are_not_needed_to_look_at_what_has_been_simulated(tmp_path, still, size):
    for name, rows in (("c.csv", "8,70\n6,80\n"), ("d.csv", "9,60\n")):
        (tmp_path / name).write_text(f"pain,karnofsky\n{rows}")
    (tmp_path / "base.yaml").write_text(json.dumps({**BASE, "cohort": {"file": "c.csv", **size}}))
    (tmp_path / "plan.yaml").write_text("base: base.yaml\ngrid: {cohort.file: [d.csv, c.csv]}\n")
    store = tmp_path / "a.zarr"
    radsim.sweep(tmp_path / "plan.yaml", store, threads=1)
    whole = open_sweep(store).load()
    for file in ("c.csv", "d.csv"):
        (tmp_path / file).unlink()
    Store(store).set_state(finished=False)
    same_but_for_the_cord(open_sweep(store), whole)
    for chunk in store.glob("raw/*/c.*"):
        chunk.unlink()
    assert open_sweep(store).sizes["scenario"] == 0


@pytest.mark.parametrize("file", ["zarr.json", "raw/2x2/zarr.json"])
def test_a_store_whose_description_is_broken_can_be_started_again(tmp_path, still, file):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    whole = contents(tmp_path / "a.zarr")
    damage(tmp_path / "a.zarr" / file, "torn")
    with pytest.raises(UsageFault, match="damaged.*--force starts again"):
        radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1, force=True)
    assert contents(tmp_path / "a.zarr") == whole


def test_two_processes_do_not_write_one_store(tmp_path, still):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    other = Store(tmp_path / "a.zarr")
    other.claim()
    with pytest.raises(UsageFault, match="another process is writing"):
        radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    other.release()
    assert radsim.sweep(small(), tmp_path / "a.zarr", threads=1).simulated == 0


def test_a_scheduler_that_goes_while_work_is_handed_out_is_lost(cluster):
    from distributed import Client

    from radsim.sweep.engines import Dask, EngineLost

    client = Client(cluster, set_as_default=False)
    engine = Dask(client)
    client.close()
    with pytest.raises(EngineLost, match="the Dask scheduler is gone"):
        engine._submit(len, "")


def test_a_bit_that_flips_anywhere_in_a_chunk_is_noticed(tmp_path, still):
    radsim.sweep(small(), tmp_path / "a.zarr", threads=1)
    (array,) = Store(tmp_path / "a.zarr").raw().values()
    file = array.file((0, 0))
    whole = file.read_bytes()
    assert array.read((0, 0)) is not None
    for place in np.linspace(0, len(whole) - 1, 30).astype(int):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert array.read((0, 0)) is None, place
