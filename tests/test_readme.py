"""README.md: its Python runs as it stands, its commands exist with the options that they are given."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import click
import pytest

from radsim.cli.main import group, main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SPANS = re.findall(r"`(radsim [^`\n]+)`", README)
SHELL = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands():
    """Every `radsim …` of the text, and those of the shell blocks."""
    typed = [part for block in SHELL for part in re.split(r"&&|\n", block) if re.search(r"\bradsim ", part)]
    found = [re.sub(r"^.*?\bradsim ", "radsim ", part.strip()) for part in typed] + SPANS
    return sorted({re.split(r" +#| [>|] |,|…", command)[0].strip() for command in found})


COMMANDS = commands()


def test_there_is_something_to_check():
    assert BLOCKS and len(COMMANDS) > 8


def test_the_python_runs_as_it_stands(monkeypatch, tmp_path):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)  # what the examples write stays there
    names = {"__name__": "readme"}
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_its_options(command, capsys):
    _, name, *arguments = shlex.split(command)
    with pytest.raises(SystemExit) as leaving:
        main([name, "--help"])
    assert leaving.value.code == 0 and f"radsim {name}" in capsys.readouterr().out
    if arguments in ([], ["--help"]):
        return  # a mention
    subcommand = group.get_command(click.Context(group), name)
    subcommand.make_context(name, arguments, resilient_parsing=False)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\b(?:configs|tests|radsim)/[\w/.]+\w", README))))
def test_a_file_that_is_named_is_there(path):
    assert (ROOT / path).exists()
