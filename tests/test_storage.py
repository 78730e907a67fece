"""Storage: whole files or none, nothing replaced unasked, and a Dataset that comes back as it was."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
import xarray

from radsim.storage import (
    UsageFault,
    check_output,
    is_netcdf,
    read_netcdf,
    write_netcdf,
    write_text,
)


@pytest.fixture
def dataset():
    values = np.array([[0.1, np.nan], [0.3, 1.0 / 3.0]])
    return xarray.Dataset(
        {
            "relief": (("draw", "schedule"), values, {"units": "1", "long_name": "relief"}),
            "n_patients": (("draw",), np.array([7, 2**40]), {"units": "1"}),
            "flag": (("draw",), np.array([0, 1], np.int8), {"flag_values": np.array([0, 1], np.int8)}),
        },
        coords={"draw": [0, 1], "schedule": np.array(["8Gy/1", "20 Gy – cinq"], dtype=object)},
        attrs={"title": "naïve", "radsim_record": "{" + "x" * 100_000 + "}"},
    )


def test_a_dataset_comes_back_to_the_bit(dataset, tmp_path):
    write_netcdf(dataset, tmp_path / "out.nc", force=False)
    back = read_netcdf(tmp_path / "out.nc")
    xarray.testing.assert_equal(back, dataset)
    assert back.attrs == dataset.attrs
    assert back["relief"].attrs == dataset["relief"].attrs
    assert back["relief"].values.tobytes() == dataset["relief"].values.tobytes()
    assert {name: back[name].dtype for name in back.data_vars} == {
        name: dataset[name].dtype for name in dataset.data_vars
    }


@pytest.mark.parametrize("folder", [b"a b", b"mode#zarr", "für".encode(), b"back\\slash", b"no UTF-8 \xff"])
def test_a_folder_may_have_any_name(dataset, tmp_path, folder):
    folder = tmp_path / os.fsdecode(folder)
    folder.mkdir()
    write_netcdf(dataset, folder / "out.nc", force=False)
    assert os.listdir(folder) == ["out.nc"]
    (folder / "out.nc").rename(tmp_path / "out.nc")  # netCDF cannot read from every folder either
    xarray.testing.assert_equal(read_netcdf(tmp_path / "out.nc"), dataset)


def test_an_empty_dimension_is_kept(tmp_path):
    write_netcdf(xarray.Dataset({"x": (("time",), np.zeros(0))}), tmp_path / "out.nc", force=False)
    assert read_netcdf(tmp_path / "out.nc").sizes["time"] == 0


def test_numbers_are_compressed(tmp_path):
    write_netcdf(xarray.Dataset({"x": (("time",), np.zeros(100_000))}), tmp_path / "out.nc", force=False)
    assert os.path.getsize(tmp_path / "out.nc") < 100_000


def test_small_variables_take_little_more_than_their_numbers(tmp_path):
    """Packed one by one, each would take 4 kB."""
    small = {f"x{i}": (("time",), np.arange(10.0)) for i in range(50)}
    write_netcdf(xarray.Dataset(small), tmp_path / "out.nc", force=False)
    assert os.path.getsize(tmp_path / "out.nc") < 50 * 1000
    assert read_netcdf(tmp_path / "out.nc")["x49"].values.tolist() == list(range(10))


def test_the_same_dataset_is_the_same_bytes(dataset, tmp_path):
    write_netcdf(dataset, tmp_path / "one.nc", force=False)
    time.sleep(1.1)  # HDF5 would store the time, in seconds
    write_netcdf(dataset, tmp_path / "other.nc", force=False)
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "other.nc").read_bytes()


def test_a_file_is_not_held_in_memory(tmp_path):
    """Peak memory of a process that writes 80 MB of random numbers, which do not compress, over that of one that has them."""
    script = textwrap.dedent("""
        import resource, sys
        import numpy as np
        import xarray
        from radsim.storage import write_netcdf
        write_netcdf(xarray.Dataset({"x": (("a",), np.zeros(10))}), "small.nc", force=True)
        values = np.random.default_rng(0).normal(size=(1000, 10_000))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        write_netcdf(xarray.Dataset({"x": (("a", "b"), values)}), "large.nc", force=True)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert os.path.getsize(tmp_path / "large.nc") > 70e6
    assert int(done.stdout) < 40_000  # kB


@pytest.mark.parametrize("limit", [0, 100, 5_000, 1_000_000])
def test_a_full_disk_is_one_error_and_leaves_nothing(tmp_path, limit):
    """A limit to the size of files stands for the disk."""
    script = textwrap.dedent(f"""
        import os, resource
        import numpy as np
        import xarray
        from radsim.storage import write_netcdf
        whole = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, whole[1]))
        values = np.random.default_rng(0).normal(size=(200, 1000))
        try:
            write_netcdf(xarray.Dataset({{"x": (("a", "b"), values)}}), "out.nc", force=False)
        except OSError as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, whole)
            print(error.strerror, error.filename, os.listdir())
    """)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "File too large out.nc []\n"


def test_an_existing_file_is_kept(dataset, tmp_path):
    path = tmp_path / "out.nc"
    path.write_text("precious")
    with pytest.raises(UsageFault, match=r"out\.nc: exists already; --force replaces it"):
        write_netcdf(dataset, path, force=False)
    assert path.read_text() == "precious"


def test_force_replaces(dataset, tmp_path):
    path = tmp_path / "out.nc"
    path.write_text("old")
    write_netcdf(dataset, path, force=True)
    assert is_netcdf(path)
    assert os.listdir(tmp_path) == ["out.nc"]


def test_a_written_file_is_as_open_as_any_other(tmp_path):
    write_text("a", tmp_path / "ours", force=False)
    (tmp_path / "usual").write_text("a")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_text_is_utf8(tmp_path):
    write_text("8 Gy – α/β", tmp_path / "a.yaml", force=False)
    assert (tmp_path / "a.yaml").read_bytes().decode("utf-8") == "8 Gy – α/β"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is a folder"),
        ("nowhere/out.nc", "there is no folder"),
        ("old.nc", "exists already"),
        ("input.yaml", "is read by this command"),
    ],
)
def test_impossible_outputs_are_refused_before_any_work(tmp_path, name, message):
    (tmp_path / "old.nc").touch()
    (tmp_path / "input.yaml").touch()
    with pytest.raises(UsageFault, match=message):
        check_output(tmp_path / name, force=False, inputs=[tmp_path / "input.yaml"])


def test_an_input_is_not_replaced_even_by_force(tmp_path):
    (tmp_path / "input.yaml").touch()
    with pytest.raises(UsageFault, match="is read by this command"):
        check_output(tmp_path / "input.yaml", force=True, inputs=[tmp_path / "input.yaml"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageFault, match="not writable"):
        check_output(tmp_path / "out.nc", force=False)


def test_an_interrupt_while_writing_leaves_nothing(monkeypatch, tmp_path):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text("half", tmp_path / "out.txt", force=False)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_names_the_file_and_leaves_nothing(tmp_path):
    program = textwrap.dedent("""
        import os, resource, sys
        from radsim.storage import write_bytes
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_bytes(b"x" * 5000, sys.argv[1], force=False)
        except OSError as error:
            sys.stdout.write(error.filename)
    """)
    command = [sys.executable, "-c", program, str(tmp_path / "out.nc")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == str(tmp_path / "out.nc")
    assert os.listdir(tmp_path) == []


def test_a_full_disk_keeps_the_file_that_was_to_be_replaced(monkeypatch, tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("precious")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text("new", path, force=True)
    assert path.read_text() == "precious" and os.listdir(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("content", [b"", b"not netCDF", b"\x89HDF\r\n\x1a\n and then nothing"])
def test_what_is_not_a_result_is_said_to_be_none(tmp_path, content):
    (tmp_path / "bad.nc").write_bytes(content)
    with pytest.raises(UsageFault, match=r"bad\.nc: .*not a result of radsim"):
        read_netcdf(tmp_path / "bad.nc")


def test_a_missing_result_is_said_to_be_missing(tmp_path):
    with pytest.raises(UsageFault, match="cannot be read: No such file"):
        read_netcdf(tmp_path / "none.nc")


def test_a_device_is_never_replaced(tmp_path):
    pipe = tmp_path / "pipe.nc"
    os.mkfifo(pipe)
    with pytest.raises(UsageFault, match="no ordinary file"):
        check_output(pipe, force=True)
