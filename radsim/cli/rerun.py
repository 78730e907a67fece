"""`radsim rerun`: repeat a result from its own record."""

from __future__ import annotations

import click

from radsim.cli.shared import force_option, note, threads_option, typed_command, warn


@click.command()
@click.argument("result", type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    required=True,
    metavar="FILE.nc",
    help="Write the results (netCDF-4).",
)
@click.option("--cohort", type=click.Path(), metavar="FILE", help="The cohort file, if it does not lie beside RESULT.")
@threads_option
@force_option
def command(result, output, cohort, threads, force):
    """Repeat RESULT from its own record: identical data, or a refusal that says what differs."""
    from radsim.provenance import from_dataset
    from radsim.storage import check_output, read_netcdf, write_netcdf

    check_output(output, force=force, inputs=[path for path in (result, cohort) if path is not None])
    original = read_netcdf(result)
    record = from_dataset(original)
    _refuse_other_versions(record)
    study = _study(record, cohort_file(record, result, cohort))
    warn([*study.warnings, *study.config.economic_warnings()])
    dataset = _simulate(study, threads, by_patient="patient" in original.sizes)
    write_netcdf(dataset, output, force=force)
    note(f"{output}: repeated with seed {record['seed']}")


def _simulate(study, threads, *, by_patient):
    """The same kind of result as the original: the outcomes of `-o`, or the courses of `--patient-output`."""
    from radsim.cli.progress import Progress
    from radsim.results.patients import assemble_patients
    from radsim.simulation import simulate_study

    with Progress("simulating") as progress:
        if by_patient:
            return assemble_patients(study, progress=progress, command=typed_command())
        return simulate_study(study, threads=threads, progress=progress, command=typed_command())


def cohort_file(record, result, given):
    """Path of the cohort file that the record names, its content verified; None if it names none."""
    from pathlib import Path

    from radsim.provenance import RecordFault, file_digest

    name = record["config"]["cohort"].get("file")
    if name is None:  # the content of a survival curve is in the record itself
        return None
    digest = record["files"][name]
    path = Path(given) if given is not None else Path(result).parent / name
    if not path.is_file():
        raise RecordFault(f"{path}: not found; the result was made from the cohort file {name}, give it with --cohort")
    if file_digest(path) != digest:
        raise RecordFault(f"{path}: not the cohort file {name} that the result was made from (sha256 differs)")
    return str(path)


def _refuse_other_versions(record):
    from radsim.evidence import load_registry
    from radsim.provenance import RecordFault, versions_differ

    differences = versions_differ(record, evidence_digest=load_registry(record["evidence"]["set"]).digest)
    if differences:
        raise RecordFault("\n".join(["this result cannot be repeated here:", *differences]))


def _study(record, cohort):
    """The study of a record, with the cohort file where it now is."""
    from radsim.config import load_config
    from radsim.simulation import prepared

    return prepared(load_config(record["config"], overrides={} if cohort is None else {"cohort.file": cohort}))
