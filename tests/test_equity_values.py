"""The file that severity and equity weigh health by: its form, and its numbers in `radsim evidence`."""

import csv
import io
import json

import pytest

from radsim.decision import equity_values
from radsim.yaml.faults import ConfigError
from radsim.yaml.packaged import packaged_text

TEXT = packaged_text("decision", "equity.yaml").decode()


def line_of(text, words):
    """Number of the first line that has these words."""
    return next(i for i, line in enumerate(text.splitlines(), start=1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("radsim_equity: 1", "radsim_equity: 2", "radsim_equity", "radsim_equity: expected"),
        ("  value: 10.95\n", "  value: ten\n", "value: ten", "atkinson.value: expected a number >= 0.0, found \"ten\""),
        ("  value: 10.95\n", "", "atkinson:", "atkinson.value: expected this key, found nothing"),
        ("  value: 10.95\n", "  value: -1\n", "value: -1", "atkinson.value: expected a number >= 0.0, found -1"),
        ("  value: 10.95\n", "  value: 10.95\n  valeu: 1\n", "valeu", "atkinson.valeu: expected one of the keys"),
        ("atkinson:\n", "atkinsn: 1\natkinson:\n", "atkinsn", "atkinsn: expected one of the keys"),
        ("  value: 10.95\n", "  value: 10.95\n  value: 11\n", "value: 11", "atkinson.value: expected"),
        ("from_qalys: [0, 12, 18]", "from_qalys: [0, 18, 12]", "18, 12", "severity.absolute.from_qalys[2]: expected a number above the one before it, 18, found 12"),
        ("from_qalys: [0, 12, 18]", "from_qalys: [1, 12, 18]", "1, 12, 18", "severity.absolute.from_qalys[0]: expected 0, from which every patient has a weight, found 1"),
        ("from_share: [0, 0.85, 0.95]", "from_share: [0, 0.85, 1.5]", "1.5", "severity.proportional.from_share[2]: expected a number from 0.0 to 1.0, found 1.5"),
        ("weight: [1, 1.2, 1.7]", "weight: [1, 1.2]", "weight:", "severity.absolute.weight: expected 3 weights, one for each of from_qalys, found 2"),
        ("weight: [1, 1.2, 1.7]", "weight: [1, 1.7, 1.2]", "weight:", "severity.absolute.weight[2]: expected no weight below the one before it, 1.7, found 1.2"),
        ("status: checked", "status: sure", "status: sure", "atkinson.status: expected one of checked, provisional, found \"sure\""),
        ("      0.343363\n", "      0.343363, 1.0\n", "female", "life_table.female: expected 101 probabilities, of the ages 0 to 100, found 102"),
        ("0.384386", "1.384386", "1.384386", "life_table.male[100]: expected a number from 0.0 to 1.0, found 1.384386"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(old, new, line, fault):
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    with pytest.raises(ConfigError) as found:
        equity_values.read_equity(text, file="mine.yaml")
    assert str(found.value).startswith(f"mine.yaml:{line_of(text, line)}: {fault}"), str(found.value)
    assert len(found.value.faults) == 1


def test_all_faults_are_reported_together():
    text = (
        TEXT.replace("10.95", "many")
        .replace("[0, 0.85, 0.95]", "[]")
        .replace("population: everybody", "people: everybody")
    )
    with pytest.raises(ConfigError) as found:
        equity_values.read_equity(text)
    assert {fault.path for fault in found.value.faults} == {
        "atkinson.value", "severity.proportional.from_share", "life_table.people", "life_table.population",
    }  # fmt: skip


def test_a_fault_of_the_packaged_file_ends_a_command_with_exit_code_2(run, monkeypatch):
    broken = TEXT.replace("10.95", "many")
    data = json.loads(json.dumps(equity_values.read_packaged("decision", "equity.yaml")))
    data["atkinson"]["value"] = "many"
    monkeypatch.setattr(equity_values, "read_packaged", lambda *_: data)
    monkeypatch.setattr(equity_values, "packaged_text", lambda *_: broken.encode())
    equity_values.equity_values.cache_clear()
    try:
        done = run("evidence", "--equity")
    finally:
        equity_values.equity_values.cache_clear()
    assert (done.code, done.out) == (2, "")
    line = line_of(broken, "value: many")
    assert done.err == f'equity.yaml:{line}: atkinson.value: expected a number >= 0.0, found "many"\n'


def test_evidence_lists_every_number(run):
    rows = list(csv.DictReader(io.StringIO(run("evidence", "--equity", "--csv").out)))
    assert len(rows) == 6 + 1 + 2 * 101 and all(row["source"] and row["status"] and row["population"] for row in rows)
    by_name = {row["name"]: row for row in rows}
    assert float(by_name["severity.proportional.weight_from_0.85"]["value"]) == 1.2
    assert by_name["severity.absolute.weight_from_18"]["status"] == "provisional"
    assert float(by_name["life_table.male.65"]["value"]) == 0.012025
    assert by_name["life_table.male.65"]["licence"] == "Open Government Licence v3"
    (found,) = json.loads(run("evidence", "--equity", "atkinson", "--json").out)["parameters"]
    assert (found["name"], found["value"], found["status"]) == ("equity.atkinson", 10.95, "checked")
    assert run("evidence", "--equity", "atkinson").out.startswith("equity.atkinson = 10.95 [1]  fixed  checked\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--costs", "uk"], "--equity: not together with --costs or --utilities"),
        (["nothing-like-it"], "evidence: no number of severity or equity matches 'nothing-like-it'"),
        (["--json", "--csv"], "--csv: not together with --json"),
    ],
)
def test_what_makes_no_sense_is_refused(run, arguments, words):
    done = run("evidence", "--equity", *arguments)
    assert (done.code, done.out) == (2, "") and words in done.err
