"""The `radsim` command: finds the subcommand, and turns whatever happens into an exit code.

Modules of commands import nothing heavy at their top, so that `--help` is instant.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

import radsim
from radsim.cli.shared import guarded, refuse_repeats
from radsim.cli.terminal import check_door, standard_streams

COMMANDS = (
    "run",
    "compare",
    "guide",
    "sweep",
    "rerun",
    "cea",
    "validate",
    "calibrate",
    "evidence",
    "show",
    "check",
    "init",
    "schema",
    "bench",
    "plot",
    "report",
    "export",
)


FOR_LIBRARIES = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""Settings of libraries, where the environment has none: no plug-in has a say in what a configuration may be, and looking for one takes time."""
FEW_EQUATIONS = {"OPENBLAS_NUM_THREADS": "1"}
"""Where hardly an equation is solved: to start numpy's threads takes longer than they can save."""
COMMANDS_OF_FEW_EQUATIONS = (
    "run",
    "compare",
    "guide",
    "rerun",
    "evidence",
    "show",
    "check",
    "init",
    "schema",
    "export",
)


class LazyGroup(click.Group):
    """A group whose commands are modules of this package, each with a function `command`."""

    def list_commands(self, context):
        return list(COMMANDS)

    def get_command(self, context, name):
        if name not in COMMANDS:
            return None
        return import_module(f"radsim.cli.{name}").command

    def resolve_command(self, context, arguments):
        name, command, rest = super().resolve_command(context, arguments)
        refuse_repeats(command, click.Context(command, info_name=name, parent=context), rest)
        return name, command, rest


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=radsim.SCOPE,
)
@click.version_option(radsim.__version__, prog_name="radsim")
def group():
    """One fraction of radiotherapy or several for a painful bone metastasis: what patients can expect."""


def main(arguments=None):
    """Entry point of the `radsim` command; leaves with an exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    with standard_streams():
        sys.exit(guarded(lambda: _run(arguments)))


def _run(arguments):
    check_door(arguments)
    _prepare_libraries(arguments)
    return group.main(args=arguments, prog_name="radsim", standalone_mode=False, obj=arguments)


def _prepare_libraries(arguments):
    """Say to libraries that are not loaded yet what this command does without."""
    found = FOR_LIBRARIES | (FEW_EQUATIONS if arguments[:1] and arguments[0] in COMMANDS_OF_FEW_EQUATIONS else {})
    if "numpy" not in sys.modules:
        for name, value in found.items():
            os.environ.setdefault(name, value)
