"""The page: everything it says gathered in one place, put through the template, written as one file."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import radsim
from radsim.figures.registry import ANALYSIS, COURSE, ECONOMIC, FIGURES, SCENARIOS, VALIDATED
from radsim.outcomes.catalogue import BY_KEY
from radsim.presentation.inputs import same_registry
from radsim.presentation.reading import all_patients, check_result, has_value, n_draws
from radsim.presentation.words import listed
from radsim.report import answer as answers
from radsim.report import cohort, limits, parameters, people, safety, sweeps, tables, validation
from radsim.report import economics as value
from radsim.report.pictures import kinds_of, pictures
from radsim.report.schedules import schedules_of

FOLDER = Path(__file__).parent
TEMPLATE, STYLE, SCRIPT = "report.html", "report.css", "report.js"
WORDS = ("clinician", "patient")


def write_report(dataset, path, *, words="clinician", validation_document=None, force=False):
    """Write a result as one self-contained HTML page.

    Parameters
    ----------
    dataset : xarray.Dataset
        A result of `radsim.simulate` or of a sweep, with its run record; with or without draws, economics, subgroups.
    path : path
        Where.
    words : {'clinician', 'patient'}
        Whose words the page begins with; the reader can switch.
    validation_document : dict, optional
        Of `radsim validate --json`; without it the page quotes the summary that comes with radsim.
    force : bool
        Whether an existing file is replaced.

    Raises
    ------
    UsageFault
        If the file exists, or jinja2 or matplotlib is not installed.
    RecordFault
        If the dataset is not a result of radsim.
    """
    from radsim.storage import check_output, write_text

    check_output(path, force=force)
    write_text(render(dataset, words=words, validation_document=validation_document), path, force=force)


def render(dataset, *, words="clinician", validation_document=None):
    """The text of the page; see `write_report`. The same result gives the same text."""
    if words not in WORDS:
        raise ValueError(f"words: expected one of {', '.join(WORDS)}, found {words!r}")
    template = _template()  # first, as it says so if its library is missing
    return template.render(page(dataset, validation_document=validation_document), words=words, **_assets())


def page(dataset, *, validation_document=None):
    """What the page says, as the template reads it.

    Returns
    -------
    dict
    """
    from radsim.provenance import from_dataset, reproduction

    record = from_dataset(dataset)
    check_result(dataset)
    is_sweep = "scenario" in dataset.dims
    everybody = all_patients(dataset)
    schedules = schedules_of(everybody, record)
    one = everybody.isel(scenario=0, drop=True) if is_sweep else everybody
    return {
        "title": record["config"]["name"],
        "scope": radsim.SCOPE,
        "record": record,
        "schedules": schedules,
        "question": question(schedules, record),
        "is_sweep": is_sweep,
        "draws": n_draws(one),
        "facts": cohort.cohort_facts(one, record),
        "covariates": cohort.covariates(record["config"]),
        "limits": limits.limits(record, schedules),
        "cord": safety.of_sweep(everybody) if is_sweep else safety.of_result(record, schedules),
        "reproduce": reproduction(record, is_sweep=is_sweep),
        "configuration": json.dumps(record["config"], indent=2, ensure_ascii=False),
        **_validation(validation_document),
        **_parameters(one, record),
        **(_of_sweep(everybody, schedules) if is_sweep else _of_one(everybody, dataset, schedules, record)),
    }


def _of_one(everybody, dataset, schedules, record):
    """What a page on one result has."""
    document = value.analyse(everybody)
    choices = [
        one for one in schedules if one.is_choice
    ]  # what is beyond the limits of the cord is not drawn as one of them
    all_beyond = any(one.irradiated for one in schedules) and not any(one.irradiated for one in choices)
    found = None if all_beyond else answers.answer(everybody, choices)
    matters = answers.topics_that_matter(found) if found else set()
    return {
        "answer": found,
        "people": people.pictures(everybody, choices),
        "figures": pictures(everybody, kinds_of(COURSE)),
        "outcome_table": tables.outcome_table(everybody, schedules),
        "subgroup_tables": tables.subgroup_tables(dataset, schedules),
        "time_tables": tables.time_table(everybody, schedules),
        "economics": value.economics(everybody, document),
        "economic_figures": _economic_figures(everybody, document),
        "cheers": cheers(everybody, document),
        "provisional_that_matter": [name for name in record["provisional"] if name.split(".")[0] in matters],
        "sweep": None,
    }


def _of_sweep(everybody, schedules):
    """What a page on a sweep has."""
    return {
        "answer": None, "people": [], "outcome_table": [], "subgroup_tables": [], "time_tables": [], "economics": None,
        "economic_figures": [], "cheers": [], "provisional_that_matter": [],
        "figures": _sweep_figures(everybody), "sweep": sweeps.sweep(everybody, schedules),
    }  # fmt: skip


def _sweep_figures(dataset):
    """Relief and retreatment over the two swept paths that they follow most, or lines over the only one."""
    from radsim.storage import UsageFault

    found = []
    for outcome in (BY_KEY["relief_12_weeks"], BY_KEY["retreatment_1_year"]):
        paths = sweeps.strongest_paths(dataset, outcome.variable, outcome.day)
        for kind, n_paths in zip(kinds_of(SCENARIOS), (2, 1), strict=True):
            choice = {
                "outcome": outcome.variable,
                "over": paths[:n_paths],
                "day": outcome.day,
                "caption": outcome.label,
            }
            try:
                found += pictures(dataset, [kind], prefix=f"{outcome.key}-", **choice) if len(paths) >= n_paths else []
                break
            except UsageFault:  # the result has not this outcome, or the paths do not suit this kind
                continue
    return found


def _economic_figures(dataset, document):
    if document is None:
        return []
    of_document = [
        kind for kind in kinds_of(ECONOMIC) if FIGURES[kind].source == ANALYSIS and document.get(FIGURES[kind].part[0])
    ]
    return pictures(dataset, [kind for kind in kinds_of(ECONOMIC) if FIGURES[kind].source != ANALYSIS]) + pictures(
        document, of_document
    )


def _validation(document):
    """Summary, its table, whether it belongs to the evidence of this installation, and the forest of a document."""
    found = validation.packaged_summary() if document is None else validation.summarise_document(document)
    if found is None:
        return {"validation": None, "validation_figures": []}
    kinds, rows = validation.lines(found)
    return {
        "validation": {
            **found,
            "kinds": kinds,
            "rows": rows,
            "own": document is not None,
            "current": _is_current(found),
        },
        "validation_figures": [] if document is None else pictures(document, kinds_of(VALIDATED)),
    }


def _is_current(found):
    """Whether a packaged summary was made with the evidence that is here; True where it does not say."""
    if "evidence" not in found:
        return True
    from radsim.evidence import load_registry

    return load_registry("trials").digest == found["evidence"]


def _parameters(dataset, record):
    found = parameters.parameters(dataset, record)
    return {
        "parameters": found,
        "economic_parameters": parameters.economic_parameters(dataset, record),
        "same_evidence": same_registry(record) is not None,
    }


def cheers(dataset, document):
    """Items of the reporting standard for an economic result; none without economics."""
    if not has_value(dataset):
        return []
    try:
        from radsim.export.cheers import table
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("radsim.export"):
            raise
        return []
    return table(dataset, analysis=document)


def question(schedules, record):
    """The question in the words of both readers."""
    irradiated = [one for one in schedules if one.irradiated]
    config = record["config"]
    if len(irradiated) > 1:
        clinician = f"For patients like these: {listed([one.name for one in schedules], last='or')}?"
        patient = f"My bone hurts where the cancer has spread. Is {listed([one.patient for one in schedules], last='or')} better for me?"
    else:
        clinician = f"What happens to patients like these under {listed([one.name for one in schedules])}?"
        patient = f"My bone hurts where the cancer has spread. What can I expect from {listed([one.patient for one in schedules])}?"
    return {"clinician": clinician, "patient": patient, "about": config["name"]}


def _template():
    from radsim.extras import require

    jinja2 = require("jinja2", extra="report")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["listed"] = listed
    return environment.get_template(TEMPLATE)


def _assets():
    """Style and script as they stand in the page, and the digest by which its policy knows the script."""
    from markupsafe import Markup

    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in (STYLE, SCRIPT))
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return {"style": Markup(style), "script": Markup(script), "script_digest": f"sha256-{digest}"}
