"""The run record: what it takes to repeat a result, and nothing that says who made it or where.

No host, user or path: files are named by their base name and identified by sha256. No time either: the same
run gives the same record.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import shlex
from pathlib import Path
from typing import NamedTuple

import numpy as np

import radsim
from radsim.ordinary_files import open_ordinary

RECORD_VERSION = 1
RECORD_ATTRIBUTE = "radsim_record"


class MappingOf(NamedTuple):
    """In `FORM`, a mapping of any keys to items of one form."""

    items: object


FORM = {
    "radsim_record": int,
    "software": {"version": str, "commit": str, "sources": str},
    "command": str,
    "config": {
        "name": str,
        "cohort": dict,
        "schedules": list,
        "parameters": dict,
        "draws": int,
        "horizon_days": object,
    },
    "digest": str,
    "files": MappingOf(str),
    "seed": int,
    "evidence": {"set": str, "digest": str},
    "citations": MappingOf([str]),
    "provisional": [str],
    "provisional_covariates": MappingOf(str),
    "libraries": MappingOf(str),
    "platform": {"python": str, "system": str, "machine": str},
    "warnings": [str],
}
"""Blocks of a record and what they hold."""

ASKED = "asked"
"""Block of the record of a question: what was said of the patient that no configuration holds."""
ASKED_FORM = {"circumstances": [str], "prognosis_weeks": float}

NUMERIC_LIBRARIES = ("numpy", "numba", "llvmlite", "scipy")
"""Libraries whose version can change the last bit of a result."""
OTHER_LIBRARIES = ("xarray", "netCDF4", "pydantic", "ruamel.yaml")

OBSERVED = ("never_returns", "attendance")
"""Parameters that a configuration may set under `observation`."""

PACKAGE = Path(radsim.__file__).parent

ONLY_SHOW = ("__main__.py", "api.py", "bench", "cli", "decision", "export", "figures", "report", "tables")
"""Parts of radsim that show results, decide from them or time them, and are imported by no other part: they change no result."""

UNKNOWN = "unknown"


class RecordFault(Exception):
    """A result cannot be repeated from its record; the message says why, exit code 2."""


def record(study, *, command):
    """Everything needed to repeat a study.

    Parameters
    ----------
    study : radsim.study.Study
        The study as it was run, its seed drawn.
    command : str
        What was typed or called; paths are reduced to base names by `describe_command`.

    Returns
    -------
    dict
        Text, numbers, lists and dicts only: ready for JSON.
    """
    from radsim.config import config_digest, resolved_config

    names = names_relied_on(study)
    found = {
        "radsim_record": RECORD_VERSION,
        "software": {
            "name": "radsim",
            "version": radsim.__version__,
            "commit": commit(),
            "sources": source_digest(),
        },
        "command": command,
        "config": resolved_config(study.config),
        "digest": config_digest(study.config),
        "files": file_digests(study.config),
        "seed": int(study.config.seed),
        "evidence": {"set": study.config.evidence, "digest": study.registry.digest},
        "citations": study.registry.citations(names),
        "provisional": sorted(study.registry.provisional(names)),
        "provisional_covariates": covariates_relied_on(study),
        "libraries": library_versions(NUMERIC_LIBRARIES + OTHER_LIBRARIES),
        "platform": {
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
        },
        "cord": [each._asdict() for each in study.cord],
        "warnings": warnings_of(study),
    }
    return found if study.config.economics is None else with_economics(found, study.config.economics)


def warnings_of(study):
    """What is known of a study before it is simulated and belongs beside its result; a list of str."""
    from radsim.presentation.cord import warnings

    return [str(warning) for warning in (*study.warnings, *warnings(study.cord))]


def with_economics(run_record, economics):
    """A record with the prices and utilities that its result is valued with, in the place of any before.

    Parameters
    ----------
    run_record : dict
        From `record` or `from_dataset`; left as it is.
    economics : radsim.config.Economics

    Returns
    -------
    dict
        Its block `economics` holds every number (`resolved`) and their digest; citations, provisional parameters, warnings
        and the digest of the configuration follow.
    """
    from radsim.config.dump import content_digest, plain
    from radsim.economics.sets import proposals_in_use
    from radsim.economics.warnings import economic_warnings

    before = run_record.get("economics", {}).get("warnings", [])
    config = {**run_record["config"], "economics": plain(economics)}
    resolved = {**plain(economics), "costs": plain(economics.own_price_set), "utilities": plain(economics.utility_set)}
    used = {each.name: each.item for each in economics.parameters if not each.is_set}
    used |= proposals_in_use(economics)
    cited = {source: names for source, names in run_record["citations"].items() if not _is_economic(names[0])}
    for name, item in used.items():
        if item.status != "missing":
            cited.setdefault(item.source, []).append(name)
    provisional = [name for name in run_record["provisional"] if not _is_economic(name)]
    provisional += [name for name, item in used.items() if item.status in ("provisional", "scenario")]
    said = economic_warnings(economics, config["care"])
    return {
        **run_record,
        "config": config,
        "digest": content_digest(config),
        "citations": cited,
        "provisional": sorted(provisional),
        "economics": {"digest": content_digest(resolved), "resolved": resolved, "warnings": said},
        "warnings": [*(warning for warning in run_record["warnings"] if warning not in before), *said],
    }


def _is_economic(name):
    """Whether a name is that of a price, a utility or how they are applied."""
    return name.startswith(("cost.", "utility.", "economics."))


def names_relied_on(study):
    """Parameters that the study takes from the evidence registry and does not set itself."""
    observation = {f"observation.{name}" for name in OBSERVED if getattr(study.config.observation, name) is not None}
    return sorted(set(study.samples) - set(study.config.parameters) - observation)


def covariates_relied_on(study):
    """Covariates that the study draws from provisional numbers of a population: name to source."""
    from radsim.cohort import provisional_covariates
    from radsim.config import COVARIATES

    rows = study.tables.rows
    recorded = {name for c, name in enumerate(COVARIATES) if len(rows) and not np.isnan(rows[:, c]).any()}
    return {name: source for name, source in provisional_covariates(study.config).items() if name not in recorded}


def file_digests(config):
    """Files that a study read beyond its configuration: base name to sha256."""
    cohort = config.cohort
    files = [(cohort.file, cohort.file_sha256)]
    if cohort.survival is not None:
        files.append((cohort.survival.file, cohort.survival.file_sha256))
    return {Path(file).name: digest for file, digest in files if file is not None}


def to_attribute(run_record):
    """A record as the text of the attribute `radsim_record`."""
    return json.dumps(run_record, ensure_ascii=False, allow_nan=False)


def from_dataset(dataset):
    """The record of a result.

    Raises
    ------
    RecordFault
        If there is none, it is not JSON, or its format is not ours.
    """
    text = dataset.attrs.get(RECORD_ATTRIBUTE)
    if text is None:
        raise RecordFault(f"no attribute {RECORD_ATTRIBUTE}: not a result of radsim")
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise RecordFault(f"attribute {RECORD_ATTRIBUTE}: expected JSON, found {error}") from None
    complete = isinstance(found, dict) and set(found) >= set(FORM)
    if not complete or found["radsim_record"] != RECORD_VERSION:
        raise RecordFault(f"attribute {RECORD_ATTRIBUTE}: expected a record of version {RECORD_VERSION}")
    if fault := _fault_of_form(found, FORM) or _fault_of_asked(found) or _fault_of_digest(found):
        raise RecordFault(f"attribute {RECORD_ATTRIBUTE}: {fault}")
    return found


def with_asked(results, *, circumstances=(), prognosis_weeks=None):
    """The results of a question, whose record says what was asked of the patient that no configuration holds; as they are if nothing was.

    Parameters
    ----------
    results : radsim.results.Results
    circumstances : sequence of str
        Of `radsim.presentation.caveats.CIRCUMSTANCES`.
    prognosis_weeks : float, optional
        What the clinician expects. [week]
    """
    asked = {}
    if circumstances:
        asked["circumstances"] = list(circumstances)
    if prognosis_weeks is not None:
        asked["prognosis_weeks"] = float(prognosis_weeks)
    if not asked:
        return results
    text = to_attribute({**from_dataset(results), ASKED: asked})
    return results._replace(attrs={**results.attrs, RECORD_ATTRIBUTE: text})


def _fault_of_form(value, form, path=""):
    """What a part of a record is not, in words; empty if it has the form that we write."""
    if isinstance(form, dict) and isinstance(value, dict):
        if absent := [key for key in form if key not in value]:
            return f"{path or 'record'}: expected {absent[0]}, found none"
        return next(
            (fault for key in form if (fault := _fault_of_form(value[key], form[key], f"{path}.{key}".strip(".")))), ""
        )
    if isinstance(form, MappingOf) and isinstance(value, dict):
        return next((fault for item in value.values() if (fault := _fault_of_form(item, form.items, path))), "")
    if isinstance(form, list) and isinstance(value, list):
        return next((fault for item in value if (fault := _fault_of_form(item, form[0], path))), "")
    if isinstance(form, type) and isinstance(value, form) and not isinstance(value, bool):
        return ""
    return f"{path}: expected another form, found {type(value).__name__}"


def _fault_of_asked(found):
    """What the block of a question is not; empty if there is none or it has the form that we write."""
    asked = found.get(ASKED, {})
    form = {name: of for name, of in ASKED_FORM.items() if not isinstance(asked, dict) or name in asked}
    return _fault_of_form(asked, form, ASKED)


def _fault_of_digest(found):
    """Whether configuration and economics are what their digests say."""
    from radsim.config.dump import content_digest

    economics = found.get("economics")
    parts = {"digest": (found["digest"], found["config"])}
    if economics is not None:
        if fault := _fault_of_form(economics, {"digest": str, "resolved": dict, "warnings": [str]}, "economics"):
            return fault
        parts["economics.digest"] = economics["digest"], economics["resolved"]
    try:
        wrong = [name for name, (digest, part) in parts.items() if content_digest(part) != digest]
    except ValueError:
        return "expected finite numbers"
    return f"{wrong[0]}: is not that of what the record holds" if wrong else ""


def versions_differ(run_record, *, evidence_digest=None):
    """What of this installation differs from the one that made a result, as far as it can change the data.

    Parameters
    ----------
    run_record : dict
        From `record` or `from_dataset`.
    evidence_digest : str, optional
        Digest of the evidence set here; compared if given.

    Returns
    -------
    list of str
        One line per difference; empty if the data must come out identical.
    """
    software, here = run_record["software"], library_versions(NUMERIC_LIBRARIES)
    pairs = {
        "radsim": (software["version"], radsim.__version__),
        "radsim's sources": (software["sources"], source_digest()),
        "system": (run_record["platform"]["system"], platform.system()),
        "machine": (run_record["platform"]["machine"], platform.machine()),
    }
    pairs |= {name: (run_record["libraries"].get(name, UNKNOWN), here[name]) for name in NUMERIC_LIBRARIES}
    if evidence_digest is not None:
        pairs["evidence"] = (run_record["evidence"]["digest"], evidence_digest)
    return [
        f"{name}: the record says {_short(then)}, here is {_short(now)}"
        for name, (then, now) in pairs.items()
        if then != now
    ]


def reproduction(run_record, *, is_sweep):
    """What it takes to make a result again.

    Parameters
    ----------
    run_record : dict
    is_sweep : bool

    Returns
    -------
    list of (str, str)
        Names and values.
    """
    software, libraries, machine = run_record["software"], run_record["libraries"], run_record["platform"]
    again = (
        "radsim sweep SWEEP.yaml -o STORE.zarr, with the design that the store holds"
        if is_sweep
        else "radsim rerun RESULT -o AGAIN.nc"
    )
    facts = [
        ("Made by", run_record["command"]),
        ("To make it again", again),
        ("Seed", str(run_record["seed"])),
        ("Digest of the configuration", run_record["digest"]),
        ("Evidence", f"{run_record['evidence']['set']}, digest {run_record['evidence']['digest']}"),
        ("radsim", f"{software['version']}, commit {software['commit']}"),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in libraries.items())),
        ("Platform", f"Python {machine['python']}, {machine['system']}, {machine['machine']}"),
    ]
    if "economics" in run_record:
        facts.append(("Digest of the economics", run_record["economics"]["digest"]))
    return facts + [(f"File {name}", f"sha256 {digest}") for name, digest in run_record["files"].items()]


def describe_command(arguments):
    """A command line without folders: `radsim run study.yaml -o out.nc`."""
    return shlex.join(["radsim", *(_base_name(argument) for argument in arguments)])


def library_versions(names):
    """Installed versions by name; `unknown` for what is not installed."""
    return {name: _library_version(name) for name in names}


@functools.cache
def _library_version(name):
    """Version of one library: read once, as it takes a millisecond and the process keeps what it has loaded."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN


def file_digest(path):
    """sha256 of a file, in hexadecimal."""
    with open_ordinary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def source_digest():
    """sha256 of what can change a result: the code but that of `ONLY_SHOW`, populations, prices and utilities.

    Made once in a process: what is edited meanwhile is not what runs.
    """
    return digest_of_sources(PACKAGE)


@functools.cache
def digest_of_sources(package):
    """`source_digest` of any copy of radsim."""
    digest = hashlib.sha256()
    sources = [path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in ONLY_SHOW]
    data = [
        path for folder in ("populations", "costs", "utilities") for path in (package / "data" / folder).glob("*.yaml")
    ]
    for path in sorted([*sources, *data]):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def commit():
    """Commit of the working copy that radsim runs from, `unknown` for an installed one."""
    git = PACKAGE.parent / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        return _reference(git, head.removeprefix("ref: "))
    except OSError:
        return UNKNOWN


def _reference(git, name):
    """Commit a branch points at, loose or packed."""
    if (git / name).is_file():
        return (git / name).read_text().strip()
    for line in (git / "packed-refs").read_text().splitlines():
        if line.endswith(f" {name}"):
            return line.split()[0]
    return UNKNOWN


def _short(version):
    """A version as it is; the beginning of a digest."""
    return version if len(version) < 64 else version[:12]


def _base_name(argument):
    """An argument without folders, also in the form `--option=path`."""
    option, separator, value = argument.partition("=")
    if argument.startswith("-") and separator:
        return f"{option}={Path(value).name}"
    return argument if argument.startswith("-") else Path(argument).name
