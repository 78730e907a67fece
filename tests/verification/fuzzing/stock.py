"""Whole inputs of every kind, from which cases are made: files of the package, and results of small studies."""

from __future__ import annotations

import contextlib
import functools
import io
from pathlib import Path

from ruamel.yaml import YAML

import radsim
from fuzzing.mutate import yaml_text

CONFIGS = Path(__file__).parents[3] / "configs"
DATA = Path(radsim.__file__).parent / "data"
SMALL = {"size": 20}

STUDY = {
    "radsim": 1, "name": "Small study", "seed": 11, "cohort": {**SMALL, "primary": "breast"}, "schedules": ["8Gy/1", "20Gy/5", "none"],
    "horizon_days": 365, "times_days": [84, 365],
}  # fmt: skip
FULL = STUDY | {"draws": 3, "subgroups": ["primary"], "economics": {"costs": "uk"}}
SWEEP = {"base": "study.yaml", "grid": {"cohort.karnofsky": [40, 80], "parameters.flare.probability": [0.2, 0.3]}}
COHORT = {
    "pain": ["8", "6", "7", ""], "karnofsky": ["70", "80", "", "40"], "primary": ["breast", "lung", "other", "breast"],
    "site": ["hip", "spine", "rib", "spine"], "visceral": ["yes", "no", "no", ""], "age": ["60", "71", "49", "88"],
    "prior_schedule": ["none", "8Gy/1", "", "none"], "prior_weeks_ago": ["", "20", "", ""],
}  # fmt: skip
MAKING = {
    "plain.nc": (STUDY, ("run", "study.yaml", "-o", "plain.nc")),
    "patients.nc": (STUDY, ("run", "study.yaml", "--patient-output", "patients.nc")),
    "full.nc": (FULL, ("run", "study.yaml", "-o", "full.nc")),
    "store.zarr": (STUDY, ("sweep", "sweep.yaml", "-o", "store.zarr")),
    "cea.json": (FULL, ("cea", "full.nc", "--json", "--ceac")),
    "validate.json": (
        STUDY,
        ("validate", str(DATA / "trials" / "hoskin-1992.yaml"), "--draws", "2", "--patients", "20", "--json"),
    ),
}
"""Whole results: the study they are of, and the command that makes them."""


def result(folder, name):
    """A whole result, made at the first call: its content, or that of its files, by name."""
    path = folder / name
    if not path.exists():
        _make(folder, name)
    found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def _make(folder, name):
    from radsim.cli.main import main

    study, arguments = MAKING[name]
    if "full.nc" in arguments[1]:
        result(folder, "full.nc")
    (folder / "study.yaml").write_text(yaml_text(study))
    (folder / "sweep.yaml").write_text(yaml_text(SWEEP))
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):
        main(list(arguments))
    if name.endswith(".json"):
        (folder / name).write_text(out.getvalue())
    if not (folder / name).exists():
        raise RuntimeError(f"{' '.join(arguments)}: {err.getvalue()}")


@functools.cache
def yaml_data(*parts):
    """Plain data of the YAML files of a folder, by name."""
    reader = YAML(typ="safe", pure=True)
    folder = CONFIGS if parts == ("configs",) else DATA.joinpath(*parts)
    return {path.stem: _plain(reader.load(path.read_text())) for path in sorted(folder.glob("*.yaml"))}


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
