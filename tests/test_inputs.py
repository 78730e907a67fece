"""Inputs mean what they say: nothing dropped, filled in or read as something else without a word."""

from __future__ import annotations

import click
import pytest

from radsim.cli.main import COMMANDS, group


def refused(done, *parts):
    """Exit 2, nothing on stdout, and every part on stderr."""
    assert (done.code, done.out) == (2, ""), done
    for part in parts:
        assert part in done.err


# --- options given twice


def test_an_option_of_one_value_is_given_once(run):
    done = run("compare", "8Gy/1", "20Gy/5", "--site", "spine", "--prior-weeks-ago", "60", "--prior-weeks-ago=20")
    refused(done, "--prior-weeks-ago: expected once, found 60 and 20")
    done = run("run", "study.yaml", "--seed", "1", "-o", "a.nc", "--seed=2", "--json", "--output", "b.nc", "--json")
    refused(done, "-o/--output: expected once, found a.nc and b.nc", "--seed: expected once, found 1 and 2")
    refused(run("cea", "r.nc", "--two-way", "a", "b", "--two-way", "c", "d"), "--two-way: expected once, found a b and c d")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_one_value_in_every_command_is_given_once(run, name):
    command = group.get_command(None, name)
    single = [p for p in command.params if isinstance(p, click.Option) and not (p.multiple or p.is_flag)]
    for option in single:
        typed = [option.opts[-1], *["1"] * option.nargs]
        refused(run(name, *typed, *typed), f"{option.opts[-1]}: expected once, found ")


def test_options_that_may_be_repeated_are_not_refused(run):
    done = run("cea", "r.nc", "--threshold", "1", "--threshold", "2", "--set", "cost.fraction=1", "--set", "cost.course=2")
    refused(done, "r.nc")
    assert "expected once" not in done.err
