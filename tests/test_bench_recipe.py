"""The recipe for GitHub Actions that the pages on speed show: it parses, it is one, and every command in it exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from radsim.cli.main import group

ROOT = Path(__file__).parent.parent
PAGES = ("docs/speed.md", "benchmarks/README.md")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RECIPES = [block for page in PAGES for block in BLOCK.findall((ROOT / page).read_text()) if "runs-on:" in block]
KNOWN = {"radsim", "pytest", "python", "pip", "git"}


def steps():
    (job,) = YAML(typ="safe").load(RECIPES[0])["jobs"].values()
    return job["steps"]


def commands():
    """Every command of the recipe in its words, the program without its folder."""
    lines = [line for step in steps() if "run" in step for line in step["run"].splitlines()]
    found = [shlex.split(re.sub(r"\$\{\{.*?\}\}", "EXPRESSION", line), comments=True) for line in lines]
    return [[Path(words[0]).name, *words[1:]] for words in found if words]


def test_there_is_one_recipe():
    assert RECIPES and len(set(RECIPES)) == 1


def test_the_recipe_is_a_workflow():
    recipe = YAML(typ="safe").load(RECIPES[0])
    assert {"name", "jobs"} <= set(recipe) and (recipe.get("on") or recipe.get(True)) == "pull_request"
    assert all(("run" in step) != ("uses" in step) for step in steps())


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_a_command_of_the_recipe_exists(words):
    assert words[0] in KNOWN
    if words[0] == "radsim":
        arguments = words[2 : words.index(">")] if ">" in words else words[2:]
        subcommand = group.get_command(click.Context(group), words[1])
        subcommand.make_context(words[1], list(arguments))
    files = [word for word in words if re.match(r"(tests|benchmarks)(/|$)", word)]
    assert all((ROOT / file).exists() for file in files)


def test_the_recipe_runs_both_and_can_fail():
    text = [" ".join(words) for words in commands()]
    assert any(re.match(r"radsim bench .*--compare", line) for line in text)
    assert any(re.match(r"pytest .*benchmarks .*--benchmark-only", line) for line in text)
    assert any("tests/test_golden.py" in line for line in text)
    assert not any("||" in line or "continue-on-error" in line for line in text)
