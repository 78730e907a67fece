"""The mutation run itself: it makes the changes it says, kills what it must, and knows what it was told is equivalent."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "verification" / "mutants.py"
sys.path.insert(0, str(SCRIPT.parent))

import mutants  # noqa: E402


@pytest.fixture
def checkout(tmp_path):
    """A small one: a module with a test, of which one change can be seen and another cannot."""
    (tmp_path / "radsim" / "maths").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "radsim" / "__init__.py").write_text("")
    (tmp_path / "radsim" / "maths" / "__init__.py").write_text("")
    (tmp_path / "radsim" / "maths" / "dose.py").write_text(
        '"""Dose."""\n\n\ndef most(a, b):\n    """The greater."""\n    return a if a > b else b\n'
    )
    (tmp_path / "tests" / "test_dose.py").write_text(
        "from radsim.maths.dose import most\n\n\ndef test_most():\n    assert most(1, 2) == most(2, 1) == 2\n"
    )
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        (tmp_path / name).write_text("")
    (tmp_path / "configs").mkdir()
    return tmp_path


def test_one_mutant_is_killed_and_an_equivalent_one_survives(checkout, monkeypatch):
    monkeypatch.setattr(mutants, "MAP", (("maths/dose.py", 4, False, ("tests/test_dose.py",)),))
    tried = {one.after: one for one in mutants.mutants_of("maths/dose.py", checkout) if one.kind == "comparison"}
    assert tried.keys() == {"a >= b", "a <= b"}
    some = [tried["a <= b"], tried["a >= b"]]
    assert mutants.verdicts(some, workers=1, root=checkout, libraries=("pytest", "hypothesis")) == [
        "killed",
        "survived",
    ]
    assert (checkout / "radsim" / "maths" / "dose.py").read_text().count(
        "a > b"
    ) == 1  # the checkout itself is left alone
    lines, share = mutants.account(some, ["killed", "survived"], {some[1].key: "equal is as good"})
    assert share == 1.0 and any("equal is as good" in line for line in lines)
    assert mutants.account(some, ["killed", "survived"], {})[1] == 0.5


def test_every_mutant_is_another_program():
    for file in ("maths/dose.py", "maths/endpoints.py", "decision/evpi.py"):
        source = (mutants.ROOT / "radsim" / file).read_bytes()
        before = ast.dump(ast.parse(source))
        for one in mutants.mutants_of(file):
            assert ast.dump(ast.parse(mutants.mutated(source, one))) != before, one


def test_the_choice_is_seeded_and_reaches_every_module():
    some, again = mutants.chosen(None), mutants.chosen(None)
    assert some == again and len(some) >= 200 and len(set(some)) == len(some)
    assert {one.file.split("/")[0].removesuffix(".py") for one in some} == {
        "maths",
        "kernel",
        "valuation",
        "economics",
        "decision",
        "cord",
    }
    assert mutants.chosen(None, seed=2) != some
    assert len(mutants.chosen(20, only=["kernel/*"])) == pytest.approx(20, abs=3)


def test_mutants_judged_equivalent_still_exist_and_say_why():
    reasons = mutants.judged()
    known = {one.key for file in {key[0] for key in reasons} for one in mutants.mutants_of(file)}
    assert reasons.keys() <= known, sorted(reasons.keys() - known)
    assert all(reasons.values())


def test_the_command_lists_without_trying():
    done = subprocess.run(
        [sys.executable, SCRIPT, "--list", "--only", "maths/dose.py", "--number", "3"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 3 and done.stdout.startswith("radsim/maths/dose.py:")
