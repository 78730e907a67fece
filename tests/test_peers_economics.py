"""The race of economics: its closed forms, its arithmetic, and what the table says of a peer that is not there, has no such function or fails."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PEERS = Path(__file__).parent.parent / "benchmarks" / "peers"


@pytest.fixture(scope="module")
def economics():
    sys.path.insert(0, str(PEERS))
    yield __import__("economics")
    sys.path.remove(str(PEERS))
    del sys.modules["economics"]


@pytest.fixture
def case(economics):
    return economics.normal_case(100, 3)


def test_the_closed_forms_are_what_many_draws_give(economics):
    """Each within five standard errors of a mean of 400,000 draws, of a gain whose spread is below 1,000."""
    n = 400_000
    many = economics.normal_case(n, 1)
    assert set(many.truth) == set(many.in_draws)
    for name, expected in many.truth.items():
        spread = {"C": 0.5, "E": 1000.0, "I": 400.0 * 25000.0 / 1250.0 * 3}[name[0]]
        assert many.in_draws[name] == pytest.approx(expected, abs=5.0 * spread / np.sqrt(n)), name


def test_the_arithmetic_by_hand(economics):
    costs = pd.DataFrame({"a": [0.0, 0.0, 0.0, 0.0], "b": [10.0, 10.0, 30.0, 30.0]})
    effects = pd.DataFrame({"a": [0.0, 0.0, 0.0, 0.0], "b": [1.0, 2.0, 1.0, 0.0]})
    found = economics.arithmetic(costs, effects, (15.0,))
    assert found == {"ICER": 20.0, "CEAC 15": 0.5, "EVPI 15": (5.0 + 20.0) / 4}  # benefits 5, 20, -15, -30: mean -5


def test_radsim_gives_the_arithmetic_of_the_draws_and_the_known_values(economics, monkeypatch):
    case = economics.normal_case(500, 1)
    monkeypatch.setattr(economics, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(economics, "PEERS", {"radsim": economics.Radsim})
    (found,) = economics.race(case, 1).values()
    assert set(found["values"]) == set(case.truth) and set(found["seconds"]) == set(economics.PARTS)
    assert not list(economics.misses(case, found))
    wrong = {**found, "values": {**found["values"], "EVPI 20000": 1.0, "EVSI": 1e6}}
    assert [text.split(":")[0] for text in economics.misses(case, wrong)] == ["EVPI 20000", "EVSI"]


FAKE = """#!/bin/sh
[ "$2" = voi ] || {{ echo missing; exit; }}
printf 'version\\t9.9\\n'
while read part; do
  [ "$part" = decision ] && printf 'EVPI 20000\\t264.5\\nseconds\\t0.002\\n'
  [ "$part" = EVSI ] && printf 'failed\\tno such trial\\n'
  echo end
done
"""


def test_a_peer_that_is_missing_has_none_or_fails_is_named(economics, case, tmp_path, monkeypatch):
    rscript = tmp_path / "Rscript"
    rscript.write_text(FAKE.replace("{{", "{").replace("}}", "}"))
    rscript.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(economics, "PEERS", {name: economics.PEERS[name] for name in ("BCEA", "voi")})
    found = economics.race(case, 2)
    assert found["BCEA"] == {"missing": True}
    assert found["voi"]["values"] == {"EVPI 20000": 264.5} and found["voi"]["seconds"] == {"decision": 0.002}
    rows = {row[0]: row[3:] for row in economics.rows_of(case, found)}
    assert rows["EVPI 20000"] == ["not installed", "264.50"]
    assert rows["ICER"] == ["not installed", "has none"] and rows["EVSI"] == ["not installed", "failed"]
    assert rows["milliseconds, decision"] == ["not installed", "2.00"]
    assert rows["milliseconds, EVPPI"] == ["not installed", "has none"]
    assert economics.versions_line(found) == "BCEA not installed, voi 9.9"


def test_without_r_every_peer_in_r_is_missing(economics, case, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(economics, "PEERS", {name: economics.PEERS[name] for name in ("BCEA", "voi", "dampack")})
    assert economics.race(case, 1) == dict.fromkeys(("BCEA", "voi", "dampack"), {"missing": True})


def test_the_command_prints_text_markdown_and_json(economics, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(economics, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(economics, "PEERS", {"radsim": economics.Radsim})
    pd.DataFrame({"a": [1.0, 1.0], "b": [2.0, 3.0]}).to_csv(tmp_path / "costs.csv", index=False)
    pd.DataFrame({"a": [0.0, 0.0], "b": [1.0, 2.0]}).to_csv(tmp_path / "effects.csv", index=False)
    given = [
        "economics.py",
        "--draws",
        "200",
        "--repetitions",
        "1",
        "--matrix",
        str(tmp_path / "costs.csv"),
        str(tmp_path / "effects.csv"),
    ]

    def printed(*more):
        monkeypatch.setattr(sys, "argv", [*given, *more])
        with pytest.raises(SystemExit) as leaving:
            economics.main()
        assert leaving.value.code == 0
        return capsys.readouterr().out

    assert "normal linear model, 200 draws; radsim " in printed()
    page = printed("--markdown", "--threshold", "1")
    assert "| ICER | – | 1.00 | 1.00 |" in page and "|---|---:|---:|---:|" in page
    document = json.loads(printed("--json"))
    assert [one["case"] for one in document] == ["normal linear model, 200 draws", "costs, 2 draws"]
    assert document[1]["peers"]["radsim"]["values"]["ICER"] == 1.0


def test_matrices_that_do_not_match_are_refused(economics, tmp_path):
    pd.DataFrame({"a": [1.0], "b": [2.0]}).to_csv(tmp_path / "costs.csv", index=False)
    pd.DataFrame({"a": [1.0], "c": [2.0]}).to_csv(tmp_path / "effects.csv", index=False)
    with pytest.raises(SystemExit, match=r"effects\.csv: expected two named columns"):
        economics.read_case(tmp_path / "costs.csv", tmp_path / "effects.csv", [1.0])
