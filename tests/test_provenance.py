"""The run record: complete, silent about people and machines, and honest about what differs."""

from __future__ import annotations

import ast
import json
import platform
from types import SimpleNamespace

import numpy as np
import pytest
import xarray
from who_and_where import who_and_where

import radsim
from radsim import provenance
from radsim.cohort import provisional_covariates
from radsim.config import COVARIATES, load_config
from radsim.cord import CordVerdict
from radsim.evidence import Entry, Registry


def entry(name, status):
    return Entry(name, 0.3, {"fixed": {}}, "1", "anyone", f"Source of {name}", status, "")


@pytest.fixture
def study(tmp_path):
    (tmp_path / "registry.csv").write_text("pain\n8\n")
    config = load_config({
        "seed": 9, "schedules": ["8Gy/1"], "cohort": {"file": str(tmp_path / "registry.csv"), "size": 10},
        "parameters": {"flare.probability": 0.4}, "observation": {"attendance": 0.8},
    })  # fmt: skip
    rows = np.full((1, len(COVARIATES)), np.nan)
    rows[0, COVARIATES.index("pain")] = 8.0
    names = ("flare.probability", "observation.attendance", "onset.median_days", "onset.sigma")
    return SimpleNamespace(
        config=config,
        registry=Registry([entry(name, "checked" if name == "onset.sigma" else "provisional") for name in names]),
        samples={name: np.array([0.3]) for name in names},
        tables=SimpleNamespace(rows=rows),
        warnings=("one row was left out",),
        cord=(CordVerdict("8Gy/1", "within", 1.0, "spine", (), 40.0, 40.0, None, (), True),),
    )


@pytest.fixture
def record(study):
    return provenance.record(study, command="radsim run study.yaml")


def test_a_record_has_all_that_a_rerun_needs(record):
    assert record["radsim_record"] == 1
    assert record["software"]["version"] == radsim.__version__
    assert record["command"] == "radsim run study.yaml"
    assert record["seed"] == record["config"]["seed"] == 9
    assert record["evidence"]["set"] == "trials" and len(record["evidence"]["digest"]) == 64
    assert set(record["libraries"]) >= {"numpy", "numba", "scipy", "xarray"}
    assert record["warnings"] == ["one row was left out"]


def test_a_record_reads_back_into_the_same_configuration(study, record, tmp_path):
    mapping = json.loads(provenance.to_attribute(record))["config"]
    assert load_config(mapping, overrides={"cohort.file": str(tmp_path / "registry.csv")}) == study.config


def test_files_are_named_by_base_name_and_digest(record, tmp_path):
    assert record["files"] == {"registry.csv": provenance.file_digest(tmp_path / "registry.csv")}
    assert record["config"]["cohort"]["file"] == "registry.csv"


def test_a_record_says_nothing_about_who_and_where(record, tmp_path):
    assert who_and_where(provenance.to_attribute(record), tmp_path) == []


def test_what_the_configuration_sets_itself_is_neither_cited_nor_provisional(record):
    assert record["provisional"] == ["onset.median_days"]
    assert record["citations"] == {
        "Source of onset.median_days": ["onset.median_days"],
        "Source of onset.sigma": ["onset.sigma"],
    }


def test_covariates_that_every_row_records_are_not_provisional(study, record):
    of_the_population = set(provisional_covariates(study.config))
    assert "pain" in of_the_population and len(of_the_population) > 1
    assert set(record["provisional_covariates"]) == of_the_population - {"pain"}


def test_the_same_study_gives_the_same_record(study, record):
    assert provenance.record(study, command="radsim run study.yaml") == record


def test_nothing_differs_where_the_result_was_made(study, record):
    assert provenance.versions_differ(record, evidence_digest=study.registry.digest) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("software", "version"), "radsim: the record says other, here is " + radsim.__version__),
        (("software", "sources"), "radsim's sources: the record says other"),
        (("libraries", "numba"), "numba: the record says other"),
        (("platform", "machine"), f"machine: the record says other, here is {platform.machine()}"),
        (("evidence", "digest"), "evidence: the record says other"),
    ],
)
def test_whatever_differs_is_named(study, record, path, line):
    record[path[0]][path[1]] = "other"
    (found,) = provenance.versions_differ(record, evidence_digest=study.registry.digest)
    assert found.startswith(line)


def test_a_library_that_cannot_change_the_data_is_no_difference(record):
    record["libraries"]["xarray"] = "other"
    assert provenance.versions_differ(record) == []


@pytest.mark.parametrize(
    "attribute", [None, "5", "", "{", '"text"', "[]", "{}", '{"radsim_record": 99}', '{"radsim_record": 1}']
)
def test_a_damaged_record_is_refused(attribute):
    dataset = xarray.Dataset(attrs={} if attribute is None else {"radsim_record": attribute})
    with pytest.raises(provenance.RecordFault, match="radsim_record"):
        provenance.from_dataset(dataset)


def test_a_command_is_kept_without_folders():
    arguments = [
        "run",
        "/home/ann/my study.yaml",
        "-o",
        "../out.nc",
        "--patient-output=patients/p.nc",
        "--seed",
        "3",
        "-",
    ]
    assert provenance.describe_command(arguments) == (
        "radsim run 'my study.yaml' -o out.nc --patient-output=p.nc --seed 3 -"
    )


@pytest.mark.parametrize("head", ["abc123", "ref: refs/heads/loose", "ref: refs/heads/packed"])
def test_commit_is_read_from_a_working_copy(monkeypatch, tmp_path, head):
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text(head + "\n")
    (git / "refs" / "heads" / "loose").write_text("abc123\n")
    (git / "packed-refs").write_text("# pack-refs\nabc123 refs/heads/packed\n")
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "radsim")
    assert provenance.commit() == "abc123"


@pytest.mark.parametrize("head", [None, "ref: refs/heads/unborn"])
def test_commit_is_unknown_elsewhere(monkeypatch, tmp_path, head):
    if head is not None:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "HEAD").write_text(head)
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "radsim")
    assert provenance.commit() == "unknown"


def test_what_only_shows_results_does_not_count_among_the_sources(tmp_path):
    for name in ("engine.py", "sweep/store.py", "report/page.py", "report/deep/text.py", "cli/main.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before")
    digest = provenance.digest_of_sources.__wrapped__
    before = digest(tmp_path)
    for name in ("report/page.py", "report/deep/text.py", "cli/main.py"):
        (tmp_path / name).write_text("after")
    assert digest(tmp_path) == before
    (tmp_path / "sweep/store.py").write_text("after")
    assert digest(tmp_path) != before


def test_what_a_process_cannot_change_is_found_once(monkeypatch):
    """The digest of the sources and the versions of the libraries were three quarters of the time of labelling a small study."""
    digest, versions = provenance.source_digest(), provenance.library_versions(("numpy", "no such library"))
    assert versions == {"numpy": np.__version__, "no such library": "unknown"}
    monkeypatch.setattr(provenance.Path, "read_bytes", None)
    monkeypatch.setattr("importlib.metadata.version", None)
    assert provenance.source_digest() == digest
    assert provenance.library_versions(("numpy", "no such library")) == versions


def imports_of(tree):
    """Every import but those that are for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"):
            yield from [node] if isinstance(node, ast.Import | ast.ImportFrom) else imports_of(node)


def test_nothing_that_makes_results_imports_what_only_shows_them():
    shows = {f"radsim.{name}" for name in provenance.ONLY_SHOW}
    for path in provenance.PACKAGE.rglob("*.py"):
        if path.relative_to(provenance.PACKAGE).parts[0] in provenance.ONLY_SHOW:
            continue
        for node in imports_of(ast.parse(path.read_text())):
            found = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{node.module}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else []
            found += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {".".join(name.split(".")[:2]) for name in found} & shows, path
