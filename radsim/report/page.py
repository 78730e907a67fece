"""The page: everything it says gathered in one place, put through the template, written as one file."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from pathlib import Path

import radsim
from radsim.figures.registry import ANALYSIS, COURSE, ECONOMIC, FIGURES, SCENARIOS, VALIDATED
from radsim.outcomes.catalogue import BY_KEY
from radsim.presentation.calibrated import beside
from radsim.presentation.caveats import irradiated_later, unusual_patients
from radsim.presentation.inputs import same_registry
from radsim.presentation.reading import all_patients, check_result, has_value, n_draws
from radsim.presentation.words import capital, listed
from radsim.report import answer as answers
from radsim.report import economics as value
from radsim.report import inputs, sweeps, tables, validation
from radsim.report.pictures import hundreds, kinds_of, pictures
from radsim.report.schedules import cord_of_result, cord_of_sweep, schedules_of

FOLDER = Path(__file__).parent
TEMPLATE, STYLE, SCRIPT = "report.html", "report.css", "report.js"
WORDS = ("clinician", "patient")


def write_report(dataset, path, *, words="clinician", validation_document=None, force=False):
    """Write a result as one self-contained HTML page; see `radsim.report`."""
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
        "facts": inputs.cohort_facts(one, record),
        "covariates": inputs.covariates(record["config"]),
        "limits": limits(record["config"]["cohort"], [one.schedule for one in schedules if one.schedule is not None]),
        "cord": cord_of_sweep(everybody) if is_sweep else cord_of_result(record, schedules),
        "later": irradiated_later(record, [one.schedule for one in schedules], everybody),
        "beside": [] if is_sweep else beside(everybody, record),
        "guideline": {} if is_sweep else guideline(record),
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
    ]  # what is beyond the limits of the cord is no choice among others
    all_beyond = any(one.irradiated for one in schedules) and not any(one.irradiated for one in choices)
    found = None if all_beyond else answers.answer(everybody, choices)
    matters = answers.topics_that_matter(found) if found else set()
    return {
        "answer": found,
        "people": hundreds(everybody, choices),
        "figures": pictures(everybody, kinds_of(COURSE)),
        "outcome_table": tables.outcome_table(everybody, schedules),
        "care_table": tables.care_table(everybody, schedules, record),
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
        "answer": None, "people": [], "outcome_table": [], "care_table": [], "subgroup_tables": [], "time_tables": [], "economics": None,
        "economic_figures": [], "cheers": [], "provisional_that_matter": [],
        "figures": _sweep_figures(everybody), "sweep": sweeps.sweep(everybody, schedules),
    }  # fmt: skip


def _sweep_figures(dataset):
    """Relief and retreatment over the two swept paths that they follow most, or lines over the only one."""
    from radsim.storage import UsageFault

    found = []
    for one in (BY_KEY["relief_12_weeks"], BY_KEY["retreatment_1_year"]):
        paths = sweeps.strongest_paths(dataset, one.variable, one.day)
        choice = {"outcome": one.variable, "day": one.day, "caption": one.label, "prefix": f"{one.key}-"}
        for kind, n_paths in zip(kinds_of(SCENARIOS), (2, 1), strict=True):
            if len(paths) < n_paths:
                continue
            with contextlib.suppress(UsageFault):  # the result has not this outcome, or the paths do not suit this kind
                found += pictures(dataset, [kind], over=paths[:n_paths], **choice)
                break
    return found


def _economic_figures(dataset, document):
    if document is None:
        return []
    of_document = [kind for kind in kinds_of(ECONOMIC) if FIGURES[kind].source == ANALYSIS]
    if not any(row["value"] for row in document.get("evppi") or ()):
        document = {**document, "evppi": []}  # the table says that nothing is worth knowing
    of_draws = [kind for kind in kinds_of(ECONOMIC) if kind not in of_document]
    return pictures(dataset, of_draws) + pictures(document, of_document)


def _validation(document):
    """Summary, its table, whether it belongs to the evidence of this installation, and the forest of a document."""
    found = validation.packaged_summary() if document is None else validation.summarise_document(document)
    if found is None:
        return {"validation": None, "validation_figures": []}
    kinds, rows = validation.lines(found)
    about = {"kinds": kinds, "rows": rows, "own": document is not None, "current": _is_current(found)}
    figures = [] if document is None else pictures(document, kinds_of(VALIDATED))
    return {"validation": {**found, **about}, "validation_figures": figures}


def _is_current(found):
    """Whether a packaged summary was made with the evidence that is here; True where it does not say."""
    from radsim.evidence import load_registry

    return "evidence" not in found or load_registry("trials").digest == found["evidence"]


def _parameters(dataset, record):
    return {
        "parameters": inputs.parameters(dataset, record),
        "economic_parameters": inputs.economic_parameters(dataset, record),
        "same_evidence": same_registry(record) is not None,
    }


def cheers(dataset, document):
    """Items of the reporting standard for an economic result; none without economics."""
    from radsim.export.cheers import table

    return table(dataset, analysis=document) if has_value(dataset) else []


def question(schedules, record):
    """The question in the words of both readers."""
    clinician, patient = ([getattr(one, reader) for one in schedules] for reader in ("name", "patient"))
    hurts, about = "My bone hurts where the cancer has spread.", record["config"]["name"]
    if len([one for one in schedules if one.irradiated]) > 1:
        asked = f"For patients like these: {listed(clinician, last='or')}?"
        return {
            "clinician": asked,
            "patient": f"{hurts} Is {listed(patient, last='or')} better for me?",
            "about": about,
        }
    asked = f"What happens to patients like these under {listed(clinician)}?"
    return {"clinician": asked, "patient": f"{hurts} What can I expect from {listed(patient)}?", "about": about}


def guideline(record):
    """What guidelines say of such patients, in short, for each reader, with the sources; empty where the patients come from a file."""
    from radsim.guide import of_record

    found = of_record(record)
    if found is None:
        return {}
    said = {reader: found.brief(reader) for reader in WORDS}
    named = dict.fromkeys(source for each in said.values() for statement in each for source in statement.sources)
    return {
        **{reader: [statement.text(reader) for statement in said[reader]] for reader in WORDS},
        "sources": [f"{name}: {found.citations[name]}" for name in named],
    }


def limits(covariates, schedules):
    """In what these patients and schedules lie outside most trials: pairs of words, for a clinician and for a patient."""
    unusual = unusual_patients(covariates, schedules)
    return [(f"{capital(each['about'])}: {each['clinician']}.", each["patient"]) for each in unusual.values()]


def _template():
    from radsim.extras import require

    jinja2 = require("jinja2", extra="report")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template(TEMPLATE)


def _assets():
    """Style and script as they stand in the page, and the digest by which its policy knows the script."""
    from markupsafe import Markup

    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in (STYLE, SCRIPT))
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return {"style": Markup(style), "script": Markup(script), "script_digest": f"sha256-{digest}"}
