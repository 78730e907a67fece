"""Pages that are made when the manual is built: keys of a configuration, trials rerun, the guideline's statements, and pages beside the code."""

from __future__ import annotations

import csv
import inspect
import re
from pathlib import Path

from mkdocs.structure.files import File

import radsim
from radsim.cli.patient import COVARIATES
from radsim.config import json_schema

ROOT = Path(__file__).parents[2]
BESIDE_THE_CODE = {"model.md": "radsim/kernel/README.md", "trials.md": "radsim/data/trials/README.md"}
SECTIONS = (
    "Config",
    "Cohort",
    "Schedule",
    "PriorCourse",
    "Observation",
    "Care",
    "Economics",
    "Discount",
    "BudgetImpact",
)
OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)#\s]*)(#[^)\s]*)?\)")


def on_files(files, config):
    """Add the pages that are made."""
    made = {
        "configuration-keys.md": keys_page(), "validation-rows.md": validation_page(), "coverage.md": coverage_page(),
    }  # fmt: skip
    for name, source in BESIDE_THE_CODE.items():
        made[name] = (ROOT / source).read_text(encoding="utf-8")
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links of the repository: to a page of the site where there is one, else the name of the file."""
    pages = {source: name for name, source in BESIDE_THE_CODE.items()}

    def there(match):
        text, path, anchor = match.groups()
        if path in pages:
            return f"[{text.strip('`')}]({pages[path]}{anchor or ''})"
        return f"{text} (`{path}`)"

    return OUTSIDE.sub(there, markdown)


# --- what guidelines and patients' pages say -----------------------------------------------------------------


def coverage_page():
    """Every statement that was looked for in the model, and what was decided."""
    with (ROOT / "docs" / "data" / "coverage.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return "\n".join([
        "# What is modelled", "",
        "Statements of guidelines and of pages for patients, each with a decision: *modelled* (it changes a trajectory, or it is a rule of `radsim guide`), *counted* "
        "(it is counted and can be priced, nothing follows from it), or *not modelled*, with the reason. "
        "How the care works: [care around the radiotherapy](care.md).", "",
        "| | statement | decision | where, or why not |", "|---|---|---|---|",
        *(f"| {row['id']} | {row['statement']} | {row['decision']} | {row['where']} |" for row in rows), "",
    ])  # fmt: skip


# --- the keys of a configuration ----------------------------------------------------------------------------


def keys_page():
    """Every key with its values, default and meaning, from the JSON Schema that `radsim schema` prints."""
    schema = json_schema()
    definitions = schema["$defs"] | {"Config": schema}
    parts = [
        "# Every key of a configuration",
        "Made from the schema that `radsim schema` prints. How the keys are used: [the configuration](configuration.md).",
    ]
    for name in SECTIONS:
        parts += [f"## {'The file itself' if name == 'Config' else name}", *_section(definitions[name])]
    return "\n\n".join(parts) + "\n"


def _section(definition):
    text = inspect.cleandoc(definition.get("description", ""))
    meanings = COVARIATES | _meanings(text)
    rows = [
        f"| `{key}` | {_values(value)} | {_default(value)} | {meanings.get(key, '')} |"
        for key, value in definition["properties"].items()
    ]
    return [text.split("\n\n")[0], "\n".join(["| key | values | default | meaning |", "|---|---|---|---|", *rows])]


def _meanings(text):
    """Meaning of each parameter of a numpydoc text, in a line."""
    found = {}
    for names, _, meaning in re.findall(r"^(\S.*?) : (.*)\n((?:    .+\n?)+)", text, re.MULTILINE):
        found |= {name.strip().rstrip("_"): " ".join(meaning.split()) for name in names.split(",")}
    return found


def _values(value):
    """What a key may hold, in words."""
    if "$ref" in value:
        return f"a section `{value['$ref'].rpartition('/')[2]}`"
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if "anyOf" in value or "oneOf" in value:
        return " or ".join(
            dict.fromkeys(
                _values(each) for each in value.get("anyOf", value.get("oneOf")) if each.get("type") != "null"
            )
        )
    if value.get("type") == "array":
        return f"a list of: {_values(value.get('items', {}))}"
    limits = [
        f"{word} {value[key]:,}".removesuffix(".0")
        for key, word in (("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "up to"))
        if key in value
    ]
    kinds = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "`true`, `false`",
        "object": "mapping",
    }
    return " ".join([kinds.get(value.get("type"), "see the page"), *limits])


def _default(value):
    default = value.get("default")
    return "" if default is None or isinstance(default, dict) else f"`{default}`"


# --- the trials rerun ---------------------------------------------------------------------------------------


def validation_page():
    """Every figure of every trial beside its prediction: `radsim validate`, run when the manual is built."""
    document = radsim.validate()
    head = ("trial", "arm", "outcome", "observed", "predicted", "95 % interval", "inside")
    parts = [
        "# Trials rerun, figure by figure",
        f"`radsim validate` as it ran when this page was made: {document['draws']} draws, {document['patients']:,} patients of each "
        "arm and draw. Held-out trials were not used to fit the model. [How to read it](validation.md#trials-rerun).",
    ]
    for kind, title in (("held_out", "Held-out trials"), ("calibration", "Calibration trials")):
        found = document["summary"][kind]
        rows = [_row(row) for row in document["rows"] if row["kind"] == kind]
        parts += [
            f"## {title}",
            f"{100 * found['coverage95']:.0f} % of {found['arms']} figures lie inside their interval.",
            "\n".join(["| " + " | ".join(head) + " |", "|---" * len(head) + "|", *rows]),
        ]
    return "\n\n".join(parts) + "\n"


def _row(row):
    percent = {name: f"{100 * row[name]:.0f} %" for name in ("observed", "predicted", "low95", "high95")}
    cells = (
        row["trial"], row["arm"], row["outcome"].replace("_", " "), f"{percent['observed']} of {row['n']}", percent["predicted"],
        f"{percent['low95']} to {percent['high95']}", "yes" if row["inside"] else "**no**",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"
