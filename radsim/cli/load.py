"""From what was typed to a study or a result: every fault with the file and line, or the option, that it comes from."""

from __future__ import annotations

import contextlib
import os

import click

OPTIONS = {"cohort.size": "--patients", "draws": "--draws", "seed": "--seed"}
"""Options of the command line by what they replace in a configuration."""


def load_study(source, options=None):
    """A study ready to run.

    Parameters
    ----------
    source : str
        Path of a configuration, or - for standard input.
    options : dict, optional
        Values by dotted path, of which None is not given; they have the last word.

    Raises
    ------
    ConfigError, CohortError, EvidenceError
        With a line for each fault.
    """
    from radsim.cohort import CohortError
    from radsim.config import ConfigError, load_config
    from radsim.evidence import EvidenceError
    from radsim.simulation import prepared

    given = {path: value for path, value in (options or {}).items() if value is not None}
    try:
        return prepared(load_config(source, overrides=given))
    except CohortError:
        raise
    except ConfigError as error:
        raise ConfigError(_by_option(fault) for fault in error.faults) from None
    except EvidenceError as error:
        raise EvidenceError(_located(error.faults, source)) from None


def load_checked(source):
    """A configuration as it stands, its parameters known to the evidence; faults as of `load_study`."""
    from radsim.config import load_config
    from radsim.evidence import EvidenceError
    from radsim.simulation import check_parameters

    config = load_config(source)
    try:
        check_parameters(config)
    except EvidenceError as error:
        raise EvidenceError(_located(error.faults, source)) from None
    return config


@contextlib.contextmanager
def opened(path):
    """A result from its file, or a sweep from its store; variables are read when they are used, as some are large.

    Faults of its record get its name. Where something fails that should not, the file is looked at before we take the blame.
    """
    from radsim.provenance import RECORD_ATTRIBUTE, RecordFault
    from radsim.results.look import damage_in, fault_of
    from radsim.storage import UsageFault

    with _opened(path) as dataset:
        try:
            if RECORD_ATTRIBUTE in dataset.attrs and (fault := fault_of(dataset)):
                raise UsageFault(f"{path}: damaged, or not a result of radsim ({fault})")
            yield dataset
        except RecordFault as fault:
            raise RecordFault(f"{path}: {fault}") from None
        except (UsageFault, click.ClickException, click.Abort):
            raise
        except Exception as error:
            if fault := damage_in(dataset):
                raise UsageFault(f"{path}: damaged, or not a result of radsim ({fault})") from error
            raise


def _opened(path):
    if os.path.isdir(path):
        from radsim.sweep import open_sweep

        return contextlib.closing(open_sweep(path))
    from radsim.storage import opened_netcdf

    return opened_netcdf(path)


@contextlib.contextmanager
def opened_result(path):
    """As `opened`, but a result of outcomes: neither a file of patients nor draws of parameters."""
    from radsim.presentation.reading import check_result

    with opened(path) as dataset:
        check_result(dataset, path)
        yield dataset


def _by_option(fault):
    """A fault of a value from the command line, under the name of the option instead of the path."""
    from radsim.yaml.content import OVERRIDE

    if fault.file != OVERRIDE or fault.path not in OPTIONS:
        return fault
    return fault._replace(file=OPTIONS[fault.path], path="")


def _located(faults, source):
    """Faults of the evidence, which does not know the file that asked for it, with file and line."""
    from radsim.yaml.faults import dotted
    from radsim.yaml.nodes import read_source

    if source == "-":  # read and gone
        return [f"<stdin>: {fault}" for fault in faults]
    lines = {dotted(path): line for path, line in read_source(source).lines.items()}
    name = os.path.basename(source)
    numbers = [lines.get(fault.partition(": ")[0]) for fault in faults]
    return [
        f"{name}: {fault}" if line is None else f"{name}:{line}: {fault}"
        for line, fault in zip(numbers, faults, strict=True)
    ]
