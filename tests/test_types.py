"""The public interface is typed: mypy passes on it and on typed use, and objects to wrong use; what is public has annotations and a description."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import radsim

ROOT = Path(__file__).parent.parent
FUNCTIONS = sorted(set(radsim.__all__) - {"__version__", "Config", "Schedule"})
WRONG = {
    "radsim.simulat({})": "has no attribute",
    "radsim.compare('8Gy/1', '20Gy/5', sight='hip')": "Unexpected keyword argument",
    "radsim.sweep('a.yaml')": "Missing positional argument",
    "radsim.export('a.nc', 'b', to='pdf')": "incompatible type",
    "radsim.open_result(1)": "incompatible type",
}


def checked(*files):
    """Exit code and messages of mypy."""
    pytest.importorskip("mypy", reason="the type checker (extra lint)")
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
    done = subprocess.run([*command, *map(str, files)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def test_the_type_checker_passes_and_objects_to_wrong_use(tmp_path):
    code, messages = checked()
    assert code == 0, messages
    wrong = tmp_path / "wrong.py"
    wrong.write_text("\n".join(["import radsim", *WRONG]) + "\n")
    code, messages = checked(wrong)
    assert code == 1 and messages.count("error:") == len(WRONG), messages
    for line, expected in enumerate(WRONG.values(), start=2):
        assert any(f"wrong.py:{line}:" in each and expected in each for each in messages.splitlines()), messages


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_shows_typed_arguments_and_describes_each(name):
    function = getattr(radsim, name)
    signature = inspect.signature(function)
    kinds = {each.kind for each in signature.parameters.values()}
    assert inspect.isfunction(function) and inspect.Parameter.VAR_KEYWORD not in kinds
    assert all(each.annotation is not each.empty for each in signature.parameters.values())
    assert signature.return_annotation is not signature.empty
    described = function.__doc__.partition("Parameters\n")[2].partition("Returns\n")[0]
    assert [each for each in signature.parameters if each not in described] == []


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "radsim" / "py.typed").exists() and "py.typed" in (ROOT / "setup.cfg").read_text()
