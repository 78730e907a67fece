"""The files of the registry: YAML to entries, with every fault reported."""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path

from radsim.care import KINDS
from radsim.evidence.entries import FAMILIES, Entry, beta_counts, is_whole, number_fault, refuse
from radsim.evidence.joint import as_joint, form_faults, naming_faults

FOLDER = Path(__file__).parents[1] / "data" / "evidence"

TRIALS = (
    "survival", "response", "pain", "report", *(kind.name for kind in KINDS), "analgesics", "retreatment", "skeletal", "toxicity",
    "observation", "between_trials",
)  # fmt: skip

SETS = {"trials": TRIALS, "guideline": (*TRIALS, "guideline")}
"""Files of each evidence set, later ones laid over earlier ones."""

VERSION = 1  # of the files and of their parsed form

STATUSES = ("checked", "provisional")

TEXTS = ("unit", "population", "source", "status", "note")

REQUIRED = ("value", "uncertainty", *TEXTS)

NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


def read_texts(paths):
    texts, faults = {}, []
    for path in paths:
        try:
            texts[path.name] = path.read_bytes()
        except OSError as error:
            faults.append(f"{path.name}: expected a readable file, found {error.strerror}")
    refuse(faults)
    return texts


def digest_of(texts):
    """SHA-256 of files with their names and lengths."""
    found = hashlib.sha256()
    for name, text in texts.items():
        found.update(f"{name} {len(text)}\n".encode() + text)
    return found.hexdigest()


def fields_of(entry):
    """An entry as a dict for JSON, which has no infinity."""
    return {key: value for key, value in entry._asdict().items() if value not in (-math.inf, math.inf)}


def to_json(content):
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_json(entries, blocks):
    """Entries and joint blocks as text, for the cache and for a digest."""
    return to_json({"parameters": [fields_of(e) for e in entries], "joint": [block._asdict() for block in blocks]})


def from_json(text):
    """Entries and joint blocks from the cache, or None if that is not what the text holds."""
    try:
        content = json.loads(text)
        return [Entry(**fields) for fields in content["parameters"]], [as_joint(block) for block in content["joint"]]
    except (TypeError, ValueError, KeyError):
        return None


def parse(texts):
    """Entries and joint blocks of the files of a set, later files laid over earlier ones; all faults of all files at once."""
    entries, blocks, faults = {}, [], []
    for file, text in texts.items():
        overlay = file == "guideline.yaml"
        parameters, joint, found = _parameters(text)
        faults += [f"{file}: {fault}" for fault in found]
        blocks += [(file, as_joint(block)) for block in joint]
        for name, fields in parameters.items():
            found = _entry_faults(name, fields)
            if (name in entries) != overlay:
                found.append("expected to overlay another file" if overlay else "expected once, found again")
            faults += [f"{file}: {name}: {fault}" for fault in found]
            entries[name] = None if found else _entry(name, fields)
    families = {name: "faulty" if e is None else next(iter(e.uncertainty)) for name, e in entries.items()}
    refuse(faults + [f"{file}: {fault}" for file, fault in naming_faults(blocks, families)])
    return list(entries.values()), [block for _, block in blocks]


def _parameters(text):
    """The mapping from name to fields in a file, its joint blocks, and what is wrong with it as a whole."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f"line {line + 1}: "
        return {}, [], [f"{where}expected YAML, found {getattr(error, 'problem', None) or error}"]
    if not isinstance(document, dict) or set(document) - {"joint"} != {"radsim_evidence", "parameters"}:
        return {}, [], ["expected radsim_evidence and parameters, and nothing else but joint"]
    if document["radsim_evidence"] != VERSION or not isinstance(document["parameters"], dict):
        return {}, [], [f"expected radsim_evidence: {VERSION} and a mapping of parameters"]
    faults = [f"{place}: {fault}" for place, fault in form_faults(document["joint"])] if "joint" in document else []
    return document["parameters"], [] if faults else document.get("joint", []), faults


def _entry(name, fields):
    numbers = {key: float(fields[key]) for key in ("value", "low", "high") if key in fields}
    ((family, of_family),) = fields["uncertainty"].items()
    uncertainty = {family: {key: float(number) for key, number in of_family.items()}}
    return Entry(name=name, uncertainty=uncertainty, **numbers, **{key: fields[key] for key in TEXTS})


def _entry_faults(name, fields):
    """What is wrong with one entry of a file."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return ["expected a dotted name"]
    if not isinstance(fields, dict):
        return ["expected a mapping"]
    faults = [f"{key}: expected, found nothing" for key in REQUIRED if key not in fields]
    faults += [f"{key}: unknown" for key in fields if key not in (*REQUIRED, "low", "high")]
    texts = {key: fields[key] for key in TEXTS if key in fields}
    faults += [f"{key}: expected text, found {text!r}" for key, text in texts.items() if not _is_text(text)]
    if fields.get("status", STATUSES[0]) not in STATUSES:
        faults.append(f"status: expected one of {', '.join(STATUSES)}, found {fields['status']}")
    numbers = {key: number_fault(fields[key]) for key in ("low", "high") if key in fields}
    faults += [f"{key}: {fault}" for key, fault in numbers.items() if fault]
    if faults:
        return faults
    value, low, high = fields["value"], fields.get("low", -math.inf), fields.get("high", math.inf)
    fault = number_fault(value, low=low, high=high, whole=is_whole(name))
    fault = f"value: {fault}" if fault else _uncertainty_fault(fields["uncertainty"], value, low, high)
    return [fault] if fault else []


def _uncertainty_fault(uncertainty, value, low, high):
    """What is wrong with the uncertainty of an entry whose value is valid, or None."""
    if not isinstance(uncertainty, dict) or len(uncertainty) != 1 or not set(uncertainty) <= set(FAMILIES):
        return f"uncertainty: expected one family of {', '.join(FAMILIES)}, found {uncertainty!r}"
    ((family, numbers),) = uncertainty.items()
    if not isinstance(numbers, dict) or set(numbers) not in [set(form) for form in FAMILIES[family]]:
        forms = " or ".join("{" + ", ".join(form) + "}" for form in FAMILIES[family])
        return f"uncertainty.{family}: expected {forms}, found {numbers!r}"
    if any(number_fault(number) for number in numbers.values()):
        return f"uncertainty.{family}: expected finite numbers, found {numbers!r}"
    if not _is_valid_family(family, numbers, value, low, high):
        return f"uncertainty.{family}: impossible for {value} in {low} to {high}, found {numbers!r}"
    return None


def _is_valid_family(family, numbers, value, low, high):
    """Whether the numbers of a family make a distribution whose draws stay within the support."""
    if family == "uniform":
        return low <= numbers["low"] <= value <= numbers["high"] <= high and numbers["low"] < numbers["high"]
    if any(number <= 0.0 for number in numbers.values()):
        return False
    if family == "beta":
        return low <= 0.0 and high >= 1.0 and all(count > 0.0 for count in beta_counts(value, numbers))
    if family == "gamma":
        return low <= 0.0 and high == math.inf
    return family != "lognormal" or value > 0.0


def _is_text(found):
    return isinstance(found, str) and found.strip() != ""
