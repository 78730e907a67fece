"""What commands share: options, messages, and the exit code of everything that can go wrong."""

from __future__ import annotations

import copy
import errno
import os
import sys
import traceback

import click

from radsim.cli.terminal import settle
from radsim.printable import one_line, without_nan

DONE, FAULT, USAGE, INTERRUPTED = 0, 1, 2, 130

USER_FAULTS = {"ConfigError", "EvidenceError", "CohortError", "UsageFault", "RecordFault"}
"""Errors whose text is meant for the user. By name: importing their modules would slow `--help` down."""

DEBUG_VARIABLE = "RADSIM_DEBUG"
LONGEST_ERROR = 200

NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}
"""A folder or file that may not be written to or read, or cannot have such a name, is a fault of the request."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
force_option = click.option("--force", is_flag=True, help="Replace an existing file.")
threads_option = click.option("--threads", type=click.IntRange(min=1), help="Threads; all processors if not given.")
output_option = click.option(
    "-o", "--output", type=click.Path(), metavar="FILE.nc", help="Write the results (netCDF-4)."
)


def study_options(function):
    """Options of every command that simulates a configuration."""
    options = (
        click.option(
            "--patients",
            type=click.IntRange(min=1),
            help="Patients of each schedule, instead of cohort.size.",
        ),
        click.option("--draws", type=click.IntRange(min=0), help="Draws of the parameters beyond the base case."),
        click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Seed of all random numbers."),
        threads_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


def refuse_repeats(command, context, arguments):
    """Refuse an option of one value that is given twice: the last would win, and the first be dropped in silence.

    Parameters
    ----------
    command : click.Command
        The command that is to run; options declared ``multiple`` and flags may be repeated.
    context : click.Context
    arguments : list of str
        What follows the name of the command.

    Raises
    ------
    click.UsageError
        With every such option and its values.
    """
    single = {
        p.name: p for p in command.params if isinstance(p, click.Option) and not (p.multiple or p.is_flag or p.count)
    }
    collecting = copy.copy(command)  # the same command, keeping every value instead of the last
    collecting.params = [_repeatable(p) if p.name in single else p for p in command.params]
    given, _, _ = collecting.make_parser(context).parse_args(args=list(arguments))
    faults = [
        f"{'/'.join(option.opts)}: expected once, found {' and '.join(map(_typed, given[name]))}"
        for name, option in single.items()
        if len(given.get(name) or ()) > 1
    ]
    if faults:
        raise click.UsageError("\n".join(faults), context)


def _repeatable(option):
    option = copy.copy(option)
    option.multiple = True
    return option


def _typed(value):
    """A value, or the several of one option, as typed."""
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def typed_command():
    """The command line as the run record keeps it."""
    from radsim.provenance import describe_command

    return describe_command(click.get_current_context().find_root().obj)


def note(text):
    """Tell the user something that is not the result: on stderr."""
    click.echo(text, err=True)


def warn(warnings):
    """Print warnings, one a line, on stderr."""
    for warning in warnings:
        note(f"warning: {one_line(str(warning))}")


def print_json(document):
    """Print one JSON document; NaN becomes null."""
    import json

    click.echo(json.dumps(without_nan(document), indent=1, ensure_ascii=False, allow_nan=False))


def guarded(call):
    """Run a command and return its exit code; never a traceback unless RADSIM_DEBUG is set.

    Parameters
    ----------
    call : callable
        Without arguments; may return an exit code.

    Returns
    -------
    int
        As in the list of exit codes: 0 done, 1 a fault of ours or of the machine, 2 a fault of the request,
        130 interrupted.
    """
    try:
        code = call()
        sys.stdout.flush()
        return code if isinstance(code, int) else DONE
    except SystemExit as leaving:  # click leaves this way on a broken pipe
        return leaving.code if isinstance(leaving.code, int) else DONE
    except BaseException as error:
        if os.environ.get(DEBUG_VARIABLE) == "1":
            traceback.print_exc()
        return _report(error)
    finally:
        settle(sys.stdout)
        settle(sys.stderr)


def _report(error):
    """Say in a line or so what went wrong; returns the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        note("interrupted")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if any(kind.__name__ in USER_FAULTS for kind in type(error).__mro__):
        note(str(error))
        return USAGE
    if isinstance(error, OSError):
        note(_machine_fault(error))
        return USAGE if error.errno in NOT_ALLOWED else FAULT
    if isinstance(error, MemoryError):
        note("not enough memory")
        return FAULT
    note(
        f"internal error: {type(error).__name__}: {_one_line(error)}; please report it ({DEBUG_VARIABLE}=1 shows where)"
    )
    return FAULT


def _reader_left():
    """Whoever read our output has seen enough (`radsim evidence | head`): no complaint, now or at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAULT


def _machine_fault(error):
    """One line for an error of the machine, with the file if it is known."""
    reason = error.strerror or _one_line(error)
    if not error.filename:
        return reason
    if error.errno in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT):
        reason += "; nothing was written"
    return f"{error.filename}: {reason}"


def _one_line(error):
    """The text of an error in one line of bearable length: that of a compiler fills a screen."""
    text = " ".join(str(error).split())
    return text if len(text) <= LONGEST_ERROR else text[: LONGEST_ERROR - 1] + "…"
