"""`radsim run`: simulate a configuration, show the outcomes by schedule, write them."""

from __future__ import annotations

import click

from radsim.cli.shared import (
    force_option,
    json_option,
    output_option,
    print_json,
    study_options,
    typed_command,
    warn,
)


@click.command()
@click.argument("config", metavar="CONFIG")
@output_option
@study_options
@click.option("--patient-output", type=click.Path(), metavar="FILE.nc", help="Write every patient's course (netCDF-4).")
@json_option
@force_option
def command(config, output, patients, draws, seed, threads, patient_output, as_json, force):
    """Simulate CONFIG (a YAML file, or - for standard input) and show the outcomes of each schedule."""
    from radsim.cli.load import load_study
    from radsim.presentation.cord import warnings as cord_warnings
    from radsim.storage import write_netcdf

    outputs = [path for path in (output, patient_output) if path is not None]
    _check_outputs(outputs, [] if config == "-" else [config], force=force)
    study = load_study(config, {"cohort.size": patients, "draws": draws, "seed": seed})
    if study.config.cohort.file is not None:
        _check_outputs(outputs, [study.config.cohort.file], force=force)
    warn([*study.warnings, *(cord_warnings(study.cord) if as_json else ()), *study.config.economic_warnings()])
    dataset = _simulate(study, threads)
    warn(_found_by_running(study, dataset))
    if output is not None:
        write_netcdf(dataset, output, force=force)
    if patient_output is not None:
        _write_patients(study, patient_output, force=force)
    _show(dataset, as_json=as_json)


def _found_by_running(study, results):
    """Warnings of the record that were not known before the simulation."""
    from radsim import provenance

    return [said for said in provenance.from_dataset(results)["warnings"] if said not in provenance.warnings_of(study)]


def _check_outputs(wanted, inputs, *, force):
    """Before any work: no output may exist, be impossible, be the input or be named twice."""
    import os

    from radsim.storage import UsageFault, check_output, target

    for output in wanted:
        check_output(output, force=force, inputs=inputs)
    if len({os.path.abspath(target(output)) for output in wanted}) < len(wanted):
        raise UsageFault(f"{wanted[0]}: named twice as an output")


def _simulate(study, threads):
    from radsim.cli.progress import Progress
    from radsim.simulation import simulate_study

    with Progress("simulating") as progress:
        return simulate_study(study, threads=threads, progress=progress, command=typed_command())


def _write_patients(study, path, *, force):
    from radsim.cli.progress import Progress
    from radsim.results.patients import assemble_patients
    from radsim.storage import write_netcdf

    with Progress("writing patients") as progress:
        write_netcdf(assemble_patients(study, progress=progress, command=typed_command()), path, force=force)


def _show(dataset, *, as_json):
    """The result on stdout; where its numbers come from on stderr."""
    from radsim.cli.summary import json_document
    from radsim.cli.text import note_citations, show_summary
    from radsim.provenance import from_dataset

    record = from_dataset(dataset)
    note_citations(record)
    if as_json:
        print_json(json_document(dataset, record))
    else:
        show_summary(dataset, record)
