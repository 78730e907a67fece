"""Results travel: what plain xarray and netCDF4 do with stores and files, and outputs that are symbolic links."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray

import radsim
from radsim.export.folder import check_folder
from radsim.storage import UsageFault, check_output, read_netcdf, write_netcdf, write_text
from radsim.sweep import open_sweep
from radsim.sweep import run as run_sweep
from radsim.sweep.store import STATE, Store

BASE = {"radsim": 1, "name": "Base", "seed": 1, "cohort": {"size": 60}, "schedules": ["8Gy/1", "20Gy/5"]}
RICH = {**BASE, "draws": 2, "subgroups": ["primary"], "economics": {"costs": "uk"}}

SWEEPS = {
    "of text, booleans and distributions": {  # ../shared/cases/sweep_to_netcdf.yaml
        "base": BASE,
        "grid": {"cohort.visceral": [False, True], "cohort.primary": ["breast", "lung"], "cohort.age": [60, {"normal": {"mean": 70, "sd": 5}}]},
    },
    "with draws, economics and subgroups": {"base": RICH, "grid": {"cohort.karnofsky": [50, 90], "schedules": [["8Gy/1"], ["20Gy/5", "8Gy/1"]]}},
    "of a sampled design": {
        "base": BASE, "sample": {"n": 4, "method": "sobol", "over": {"parameters.flare.probability": "evidence", "cohort.age": {"uniform": {"low": 50, "high": 80}}}},
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=SWEEPS)
def store(request, tmp_path_factory):
    """The store of a sweep."""
    path = tmp_path_factory.mktemp("travel") / "s.zarr"
    run_sweep(SWEEPS[request.param], path, threads=1)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A result with draws, subgroups and economics."""
    path = tmp_path_factory.mktemp("travel") / "r.nc"
    write_netcdf(radsim.simulate(RICH, threads=1), path, force=False)
    return path


# --- to other formats and back


def test_a_store_becomes_a_netcdf_file_and_comes_back_identical(store, tmp_path):
    opened = xarray.open_zarr(store, chunks=None)
    opened.to_netcdf(tmp_path / "x.nc")
    with xarray.open_dataset(tmp_path / "x.nc") as back:
        xarray.testing.assert_identical(back, opened)
    xarray.testing.assert_identical(open_sweep(store), opened)


def test_attributes_of_a_store_are_text_or_numbers(store):
    dataset = xarray.open_zarr(store)
    for name, attributes in {"": dataset.attrs, **{name: one.attrs for name, one in dataset.variables.items()}}.items():
        for key, value in attributes.items():
            assert isinstance(value, str | int | float) and not isinstance(value, bool), (name, key)
    assert json.loads(dataset.attrs[STATE])["finished"] is True


def test_a_store_of_an_earlier_form_is_read_and_travels_too(tmp_path):
    store = tmp_path / "s.zarr"
    run_sweep({"base": {**BASE, "cohort": {"size": 50}}, "grid": {"cohort.age": [60, 70]}}, store, threads=1)
    document = json.loads((store / "zarr.json").read_text())
    document["attributes"][STATE] = json.loads(document["attributes"][STATE])
    now = open_sweep(store).load()
    (store / "zarr.json").write_text(json.dumps(document))
    assert Store(store).state == json.loads(now.attrs[STATE])
    open_sweep(store).to_netcdf(tmp_path / "x.nc")
    with xarray.open_dataset(tmp_path / "x.nc") as back:
        xarray.testing.assert_identical(back.load(), now)


def test_a_result_becomes_netcdf_and_zarr_and_comes_back_identical(file, tmp_path):
    with xarray.open_dataset(file, engine="netcdf4") as result:
        result.to_netcdf(tmp_path / "x.nc")
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message="The data type .* does not have a Zarr V3 specification"
            )  # of any netCDF text
            result.to_zarr(tmp_path / "x.zarr", consolidated=False)
        with xarray.open_dataset(tmp_path / "x.nc") as back:
            xarray.testing.assert_identical(back, result)
        xarray.testing.assert_identical(xarray.open_zarr(tmp_path / "x.zarr", consolidated=False).load(), result.load())


def test_a_copy_by_xarray_opens_for_appending(file, tmp_path):
    xarray.load_dataset(file).to_netcdf(tmp_path / "mine.nc")  # as docs/results.md says
    with netCDF4.Dataset(tmp_path / "mine.nc", "a") as opened:
        opened.createVariable("mine", "f8", ("schedule",))[:] = [1.0, 2.0]
    with xarray.open_dataset(tmp_path / "mine.nc") as back:
        assert back["mine"].values.tolist() == [1.0, 2.0]
        xarray.testing.assert_identical(back.drop_vars("mine").load(), xarray.load_dataset(file))
    with netCDF4.Dataset(file) as opened:
        assert "relief" in opened.variables


# --- symbolic links as outputs


@pytest.fixture
def link(tmp_path):
    """Makes `link.nc` beside a folder `there`, and says what it leads to."""
    (tmp_path / "there").mkdir()

    def made(leads_to):
        name = "link.svg" if leads_to == "link.svg" else "link.nc"
        os.symlink(leads_to, tmp_path / name)
        return tmp_path / name, tmp_path / "there" / "file.nc"

    return made


def small():
    return xarray.Dataset({"x": (("draw",), np.arange(3.0))})


@pytest.mark.parametrize(
    "write",
    [
        lambda path, force: write_netcdf(small(), path, force=force),
        lambda path, force: write_text("new", path, force=force),
    ],
)
def test_a_link_stays_and_what_it_leads_to_is_written(link, write):
    path, there = link("there/file.nc")
    write(path, False)  # leads nowhere yet: nothing is replaced
    assert path.is_symlink() and there.is_file() and os.readlink(path) == "there/file.nc"
    before = there.read_bytes()
    with pytest.raises(UsageFault, match="exists already; --force replaces it"):
        write(path, False)
    there.write_text("old")
    write(path, True)
    assert path.is_symlink() and there.read_bytes() == before and os.listdir(there.parent) == ["file.nc"]


def test_a_link_that_cannot_be_followed_is_refused(link, tmp_path):
    path, _ = link("link.nc")
    for check in (check_output, check_folder):
        with pytest.raises(UsageFault, match=r"link\.nc: is a symbolic link that leads back to itself"):
            check(path, force=True)
    with pytest.raises(UsageFault, match="leads back to itself"):
        Store(path)
    assert os.readlink(path) == "link.nc"
    os.unlink(path)
    os.symlink("nowhere/file.nc", path)
    with pytest.raises(UsageFault, match="there is no folder .*nowhere"):
        check_output(path, force=True)
    os.unlink(path)
    os.symlink("there", path)
    with pytest.raises(UsageFault, match="is a folder, expected the name of a file"):
        check_output(path, force=True)
    os.unlink(path)
    os.mkfifo(tmp_path / "pipe")
    os.symlink("pipe", path)
    with pytest.raises(UsageFault, match="is no ordinary file"):
        check_output(path, force=True)


def test_a_link_to_an_input_is_not_written_through(link, tmp_path):
    path, there = link("there/file.nc")
    there.write_text("precious")
    with pytest.raises(UsageFault, match="is read by this command"):
        check_output(path, force=True, inputs=[there])
    with pytest.raises(UsageFault, match="is read by this command"):
        check_output(there, force=True, inputs=[path])


def test_a_store_behind_a_link_is_made_continued_and_begun_again(link):
    path, there = link("there/file.nc")
    plan = {"base": {**BASE, "cohort": {"size": 50}}, "grid": {"cohort.age": [60, 70]}}
    assert run_sweep(plan, path, threads=1).simulated == 200
    assert run_sweep(plan, path, threads=1).simulated == 0
    assert run_sweep(plan, path, threads=1, force=True).simulated == 200
    assert path.is_symlink() and there.is_dir() and open_sweep(path).sizes["scenario"] == 2


def test_commands_follow_a_link(run, link, tmp_path):
    path, there = link("there/file.nc")
    study = tmp_path / "one.yaml"
    study.write_text("radsim: 1\nname: one\nseed: 1\ncohort: {size: 50}\nschedules: [8Gy/1]\n")
    done = run("run", study, "-o", path, "--patient-output", there)
    assert done.code == 2 and "named twice as an output" in done.err
    assert run("run", study, "-o", path).code == 0 and path.is_symlink() and there.is_file()
    assert run("run", study, "-o", path).code == 2 and run("run", study, "-o", path, "--force").code == 0
    assert path.is_symlink() and os.listdir(there.parent) == ["file.nc"]
    os.symlink("there/tables", tmp_path / "tables")
    for more in ([], ["--force"]):
        assert run("export", path, "--to", "csv", "-o", tmp_path / "tables", *more).code == 0
        assert (tmp_path / "tables").is_symlink() and (tmp_path / "there" / "tables" / "record.json").is_file()


def test_commands_refuse_a_link_that_leads_back_to_itself(run, link, file, tmp_path):
    path, _ = link("link.svg")
    (tmp_path / "s.yaml").write_text(f"base: {json.dumps(BASE)}\ngrid: {{cohort.age: [60, 70]}}\n")
    for arguments in (
        ["rerun", file],
        ["report", file],
        ["plot", file, "--kind", "survival"],
        ["export", file, "--to", "csv"],
        ["sweep", tmp_path / "s.yaml"],
    ):
        done = run(*arguments, "-o", path, "--force")
        assert done.code == 2 and "leads back to itself" in done.err and path.is_symlink(), arguments
    assert Path(tmp_path / "s.yaml").is_file() and read_netcdf(file).sizes["draw"] == 3
