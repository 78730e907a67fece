"""The wheel and the source archive: they build, their metadata is in order, and an installed wheel runs the main job without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


def ran(*command, **options):
    """What a command prints."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1200, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The folder with a wheel and a source archive, made from what is committed and what is not."""
    pytest.importorskip("build", reason="extra lint")
    folder = tmp_path_factory.mktemp("dist")
    source = tmp_path_factory.mktemp("source")
    names = ran("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    ran(sys.executable, "-m", "build", "--outdir", folder, source)
    return folder


def test_the_metadata_is_in_order(packages):
    pytest.importorskip("twine", reason="extra lint")
    assert "PASSED" in ran(sys.executable, "-m", "twine", "check", "--strict", *packages.iterdir())


def test_data_and_types_are_in_both(packages):
    (wheel,), (archive,) = packages.glob("*.whl"), packages.glob("*.tar.gz")
    names = set(zipfile.ZipFile(wheel).namelist())
    with tarfile.open(archive) as file:
        archived = {name.partition("/")[2] for name in file.getnames()}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "radsim").rglob("*")
        if path.is_file() and path.suffix in (".py", ".yaml", ".nc", ".html", ".css", ".js", ".typed")
    }
    assert wanted <= names and wanted <= archived
    assert not [name for name in names if name.startswith(("tests", "docs", "benchmarks"))]


def test_an_installed_wheel_runs_the_main_job_without_the_checkout(packages, tmp_path):
    (wheel,) = packages.glob("*.whl")
    ran(sys.executable, "-m", "venv", tmp_path / "env")
    python, radsim = tmp_path / "env" / "bin" / "python", tmp_path / "env" / "bin" / "radsim"
    ran(python, "-m", "pip", "install", "--quiet", wheel)
    folder = tmp_path / "work"
    folder.mkdir()
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    options = {"cwd": folder, "env": clean}
    ran(radsim, "init", "--kind", "study", "guideline", **options)
    assert "Treated again here within a year" in ran(radsim, "run", "guideline", "-o", "guideline.nc", **options)
    with (folder / "guideline").open("a") as file:
        file.write("economics: {costs: uk}\n")
    ran(radsim, "run", "guideline", "--patients", "200", "--draws", "20", "-o", "uk.nc", **options)
    document = json.loads(ran(radsim, "cea", "uk.nc", "--json", **options))
    assert len(document["schedules"]) == 4 and document["currency"] == "GBP"
    home = ran(python, "-c", "import radsim; print(radsim.compare.__module__, radsim.__file__)", **options)
    assert home.startswith("radsim.api ") and str(tmp_path) in home
