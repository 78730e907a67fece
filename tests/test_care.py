"""Kinds of care: their rows hold together, nothing else knows them by name, and the one that the manual adds does what it says."""

import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from studies import same_totals, study, totals

from radsim import care
from radsim.compiled import doors
from radsim.economics.items import COMPONENTS, PRICED
from radsim.evidence import load_registry
from radsim.evidence.files import FOLDER
from radsim.kernel import care as care_of_the_kernel
from radsim.kernel import layout, purposes
from radsim.valuation import values as valuation
from radsim.valuation import weights

PACKAGE = Path(care.__file__).parents[1]
RADSIM = ("-m", "radsim")
ROOT = PACKAGE.parent
MANUAL = ROOT / "docs" / "contributing.md"


@pytest.mark.parametrize("kind", care.KINDS, ids=lambda kind: kind.name)
def test_a_row_and_its_evidence_hold_the_same_parameters(kind):
    registry = load_registry("trials")
    named = re.findall(r"^  ([a-z0-9_.]+):$", (FOLDER / f"{kind.name}.yaml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(kind.all_parameters) and set(named) <= set(registry)


def test_no_two_rows_share_a_random_number_an_item_or_a_price():
    known = [value for name, value in vars(purposes).items() if name.isupper()]
    mine = [number for kind in care.KINDS for number in kind.purposes.values()]
    assert len({*known, *mine}) == len(known) + len(mine) and min(mine) >= 156
    assert mine[0] == 156  # never renumbered
    assert len(set(layout.ITEMS)) == len(layout.ITEMS) and {item.name for item in care.ITEMS} <= set(layout.ITEMS)
    assert all(PRICED[item.price].component in COMPONENTS for item in care.ITEMS)


def test_rows_say_what_they_act_on_in_known_words():
    known = {*layout.HAZARDS, "death", "flare", "response", "pain", "dose", "sites"}
    assert all(set(kind.acts_on) <= known for kind in care.KINDS)
    assert len({kind.number for kind in care.KINDS}) == len(care.KINDS)


@pytest.mark.parametrize("kind", care.KINDS, ids=lambda kind: kind.name)
def test_care_acts_only_where_its_row_says(kind):
    p = study(n=1, care={kind.switch: True}).parameters(0)[0]
    modifiers, patient, u = (np.zeros(1, each) for each in (layout.MODIFIERS, layout.PATIENT, layout.DRAWN))
    for name in layout.DRAWN.names:
        u[name] = 0.5
    traits, ends, count = (
        np.zeros(1, layout.TRAITS),
        np.array([1825.0]),
        np.zeros((1, 1, 1, len(layout.ITEMS)), np.int64),
    )
    modifiers[0], traits["time_to_death"] = layout.NEUTRAL[0], 4000.0
    kernel = doors(care_of_the_kernel)
    kernel.survive(True, p, 1, 0, 0, u[0], traits[0], patient[0], modifiers[0])
    kernel.act(True, p, 1, 0, 0, u[0], traits[0], patient[0], modifiers[0])
    kernel.once(True, p, 1, 0, 0, u[0], traits[0], patient[0], modifiers[0], 1825.0, ends, count, 0, 0)
    ratios = modifiers["hazard_ratio"][0]
    moved = {name for name, ratio in zip(layout.HAZARDS, ratios, strict=True) if np.any(ratio != 1.0)}
    moved |= {"death"} if modifiers["death_hazard_ratio"][0] != 1.0 else set()
    moved |= {"flare"} if modifiers["flare_risk_ratio"][0] != 1.0 else set()
    moved |= {"response"} if modifiers["response_log_odds"][0] != 0.0 else set()
    moved |= {"pain"} if modifiers["n_levels"][0] + modifiers["n_spikes"][0] + modifiers["n_reliefs"][0] else set()
    moved |= {"dose", "pain"} if modifiers["doses_by_care"][0] else set()
    moved |= {"sites"} if modifiers["n_sites"][0] else set()
    assert moved <= set(kind.acts_on)


def test_no_kind_of_care_but_systemic_therapy_moves_a_death():
    assert set(care.acting_on("death")) <= {"systemic_therapy"}


def test_dexamethasone_acts_only_where_there_is_a_course_to_flare():
    assert care.acting_on("flare") == ("dexamethasone",)


def test_care_that_is_off_changes_and_counts_nothing():
    off, on = totals(study(n=600)), totals(study(n=600, care={kind.switch: True for kind in care.KINDS}))
    assert off.count.shape[-1] == len(layout.EVERYWHERE)
    for kind in (each for each in care.KINDS if not each.arm):  # a schedule is counted under itself
        columns = [layout.ITEMS.index(item.name) for item in kind.items]
        assert on.count[..., columns].sum() > 0, kind.name
        assert off.count[..., [i for i in columns if i < off.count.shape[-1]]].sum() == 0, kind.name
    assert same_totals(off, totals(study(n=600, care={kind.switch: False for kind in care.KINDS})))


NEED_NOT_KNOW = {"bench/workload.py", "guide/conditions.py", "guide/facts.py", "guide/passages.py"}
"""A study whose sums must not change, given as a file of a user is; and the guideline, which has a heading on bone agents."""


def test_no_other_file_knows_a_kind_of_care_by_name():
    """Prices and trials are data; the code asks the rows. An ordinary English word, such as person, is one as a name alone."""
    found = []
    for kind in care.KINDS:
        words = {kind.switch, *(word for item in kind.items for word in (item.name, item.price))}
        for file in sorted(PACKAGE.rglob("*.py")):
            name = file.relative_to(PACKAGE).as_posix()
            if not name.startswith(("care/", "kernel/care/")) and name not in NEED_NOT_KNOW:
                text = file.read_text().lower()
                found += [
                    f"{name}: {word}"
                    for word in sorted(words)
                    if re.search(rf"\b{word}\b" if "_" in word else rf"[\"'`]{word}[\"'`]|care\.{word}\b", text)
                ]
    assert found == []


# --- the example of the manual


COMPARED = """
import csv
import json
import numpy as np
from radsim.config import load_config
from radsim.engine import record_trajectories, simulate
from radsim.kernel import layout
from radsim.study import prepare

N, HIP = 80, {"size": 80, "site": "hip", "cortical_involvement_mm": 40}

def study(**care):
    return prepare(load_config({"seed": 20260101, "schedules": ["8Gy/1", "none"], "cohort": HIP, "care": care}))

def doses(s):
    count = simulate(s).totals[0].count.sum(axis=(0, 1))[..., layout.ITEMS.index("braces") :]  # none where nothing of it is counted
    return count[..., :1].sum(axis=(-2, -1)).tolist()

off, on = study(), study(brace=True)
(_, without), (_, with_it) = (record_trajectories(s, 0, N) for s in (off, on))
print(json.dumps({
    "moved": [name for name in without.dtype.names if without[name].tobytes() != with_it[name].tobytes()],
    "earlier": int((with_it["fracture"] < without["fracture"]).sum()),
    "fractures": [int(np.isfinite(each["fracture"]).sum()) for each in (without, with_it)],
    "doses": [doses(off), doses(on)],
    "days_alive": np.minimum(without["time_to_death"][0], 1825.0).tolist(),
}))
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A copy of radsim with the three files of the manual, and what was changed in it."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(PACKAGE, folder / "radsim", ignore=shutil.ignore_patterns("__pycache__"))
    blocks = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', MANUAL.read_text(), re.MULTILINE | re.DOTALL))
    for name, block in blocks.items():
        (folder / "radsim" / name).write_text(block)
    return folder, blocks


def python(folder, *arguments, compiled=False):
    """What Python prints with the radsim of a folder; not compiled, as a kernel of its own takes half a minute."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONSAFEPATH": "1",
        "NUMBA_DISABLE_JIT": str(int(not compiled)),
    }
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_of_the_manual_takes_three_files(extended):
    assert sorted(extended[1]) == ["care/brace.py", "data/evidence/brace.yaml", "kernel/care/brace.py"]


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_brace_of_the_manual_prevents_fractures_and_moves_what_follows_from_them(extended, compiled):
    found = json.loads(python(extended[0], "-c", COMPARED, compiled=compiled))
    without, with_it = found["fractures"]
    assert 0 < with_it < without and found["earlier"] == 0
    # who does not break a bone has less pain, and so less need of a repeat: its courses move too, but nothing of the index course
    kept = {
        "time_to_death",
        "terminal",
        "pain",
        "deviation",
        "worsening",
        "worsening_end",
        "cord_compression",
        "titration",
        "escalation",
    }
    assert "fracture" in found["moved"] and not kept & set(found["moved"])
    one_in_28_days = sum(math.ceil(days / 28.0) for days in found["days_alive"])
    assert found["doses"] == [[0, 0], [one_in_28_days] * 2]


def test_every_face_shows_the_care_of_the_manual_and_no_bit_moves_without_it(extended, tmp_path):
    config = {"schedules": ["8Gy/1"], "seed": 7, "cohort": {"size": 30}, "draws": 1, "economics": {"costs": "uk"}}
    on, off, result, page = (str(tmp_path / name) for name in ("on.yaml", "off.yaml", "on.nc", "on.html"))
    Path(off).write_text(json.dumps(config))
    Path(on).write_text(json.dumps({**config, "care": {"brace": True}}))
    before, after = (
        json.loads(python(folder, *RADSIM, "run", off, "--json")) for folder in (PACKAGE.parent, extended[0])
    )
    assert before == after  # the digest too: what is not given is not in it
    shown = python(extended[0], *RADSIM, "run", on, "-o", result, "--json")
    assert any("cost.one_brace" in warning for warning in json.loads(shown)["warnings"])
    assert "renewed_after_days: 28" in python(extended[0], *RADSIM, "show", on)
    python(extended[0], *RADSIM, "report", result, "-o", page)
    assert "Brace" in Path(page).read_text()
    assert "Brace" in python(extended[0], *RADSIM, "schema")
    assert "brace: false" in python(extended[0], *RADSIM, "init")
    assert "brace.fracture_rate_ratio" in python(extended[0], *RADSIM, "evidence", "brace")


def test_a_later_kind_of_care_changes_no_bit_of_a_cost(monkeypatch):
    """A longer product is added up in another order; so later items are added by themselves."""
    rng, at = np.random.default_rng(1), layout.ITEMS.index("follow_up_visits")
    items = [*layout.ITEMS[:at], "later", *layout.ITEMS[at:]]
    count, price = rng.random((4, 3, 2, 6, len(items))) * 1e3, rng.random((3, len(items), 8))
    count[..., at] = 0.0
    without = (np.delete(count, at, axis=-1), np.ones(6), np.delete(price, at, axis=1), layout.ITEMS)
    before = valuation._of_items(*without)
    assert not np.array_equal(valuation._of_items(count, np.ones(6), price, items), before)
    monkeypatch.setattr(care, "LATER_ITEMS", (*care.LATER_ITEMS, ("later",)))
    assert np.array_equal(valuation._of_items(count, np.ones(6), price, items), before)
    assert np.array_equal(valuation._of_items(*without), before)
    count[..., at] = 1.0
    added = valuation._of_items(count, np.ones(6), price, items) - before
    np.testing.assert_allclose(added, np.broadcast_to(6.0 * price[:, None, at], added.shape), rtol=1e-7)


def test_a_result_from_before_a_kind_of_care_can_be_valued():
    prices = weights.item_prices({f"cost.{name}": np.ones(2) for name in PRICED}, layout.ITEMS[:7])
    assert prices.shape == (2, 7, len(COMPONENTS)) and prices.sum() > 0


# --- the statements that must be answered for

COVERAGE = ROOT / "docs" / "data" / "coverage.csv"


def statements():
    """Rows of the table of statements."""
    with COVERAGE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_statement_has_a_decision_with_its_place_or_reason():
    rows = statements()
    assert [row["id"] for row in rows] == [f"S{number:03d}" for number in range(1, 152)]
    for row in rows:
        assert row["decision"] in ("modelled", "counted", "not modelled") and row["where"].strip(), row
        tests = re.findall(r"tests/[a-z_]+\.py", row["where"])
        if row["decision"] == "not modelled":
            assert row["where"].endswith(".") and not tests, row
        else:
            assert tests and all((ROOT / name).is_file() for name in tests), row


def test_statements_name_care_and_parameters_that_there_are():
    known = {f"care.{kind.switch}" for kind in care.KINDS}
    for row in statements():
        for switch, _, rest in (
            name.partition(".")[2].partition(".") for name in re.findall(r"`(care\.[a-z_.]+)", row["where"])
        ):
            assert f"care.{switch}" in known, row
            (kind,) = (each for each in care.KINDS if each.switch == switch)
            assert not rest or rest in {setting.name for setting in kind.settings}, row
