"""How well the model meets published trials: from a document of `radsim validate --json`, or the packaged summary of one.

The packaged summary is made by ``python -m radsim.report.validation VALIDATION.json > radsim/data/validation.yaml``.
"""

from __future__ import annotations

import json
import math

from radsim.outcomes import format
from radsim.storage import UsageFault, read_json

PACKAGED = "validation.yaml"
KINDS = {"held_out": "held out", "calibration": "calibration"}
KEPT = ("draws", "patients", "seed", "parameters")
STATISTICS = (
    "arms", "trials", "coverage95", "coverage95_by_trial", "mean_width", "skill", "contrasts", "contrast_coverage95",
)  # fmt: skip
VERSION = 1


def read_document(path):
    """A document of `radsim validate --json`.

    Raises
    ------
    UsageFault
        If the file cannot be read or is something else.
    """
    found = read_json(path, expected="the document of radsim validate --json")
    fault = _fault(found)
    if fault:
        raise UsageFault(f"{path}: expected the document of radsim validate --json, {fault}")
    return found


def _fault(found):
    if not isinstance(found, dict) or not {"rows", "contrasts", "summary"} <= set(found):
        return "found no rows, contrasts and summary"
    rows = found["rows"]
    wanted = {"trial", "kind", "outcome", "arm", "observed", "predicted", "low95", "high95", "inside", "when", "n"}
    if not isinstance(rows, list) or not all(isinstance(row, dict) and wanted <= set(row) for row in rows):
        return f"found a row without {', '.join(sorted(wanted))}"
    summary = found["summary"]
    if not isinstance(summary, dict) or not all(isinstance(summary.get(kind, {}), dict) for kind in KINDS):
        return "found a summary that is no mapping"
    return ""


def summarise_document(document):
    """What the page says of a document: the summary of each kind, and the results that lie outside.

    Returns
    -------
    dict
        ``summary`` by kind, ``missed`` by kind (text), and how the document was made.
    """
    summary = {kind: _numbers(document["summary"].get(kind) or {}) for kind in KINDS}
    missed = {
        kind: list(dict.fromkeys(_name(row) for row in document["rows"] if row["kind"] == kind and not row["inside"]))
        for kind in KINDS
    }
    made = {key: document[key] for key in KEPT if key in document}
    return {"summary": summary, "missed": missed, **made}


def packaged_summary():
    """The summary that comes with radsim, with `evidence`, the digest of the set it was made with; None if there is none."""
    from importlib.resources import files

    from radsim.yaml.packaged import read_packaged

    return read_packaged(PACKAGED) if files("radsim").joinpath("data", PACKAGED).is_file() else None


def lines(found):
    """The summary as a table: a line per statistic, a cell per kind that has figures.

    Returns
    -------
    list of str, list of (str, list of str)
        Names of the kinds; label and cells.
    """
    kinds = [kind for kind in KINDS if found["summary"][kind].get("arms")]
    numbers = [found["summary"][kind] for kind in kinds]
    rows = [
        ("Results of published trials inside their 95 % interval", [_share(n, "coverage95", "arms") for n in numbers]),
        ("The same, each trial with equal weight", [_share(n, "coverage95_by_trial", "trials") for n in numbers]),
        ("Differences between arms inside", [_share(n, "contrast_coverage95", "contrasts") for n in numbers]),
        (
            "Mean width of the interval, overall response (percentage points)",
            [format.of_100(n.get("mean_width")) for n in numbers],
        ),
        (
            "Skill against the pooled results of other trials (0: no better)",
            [format.number(n.get("skill"), 2) for n in numbers],
        ),
    ]
    return [KINDS[kind] for kind in kinds], rows


def _numbers(summary):
    return {
        key: value for key in STATISTICS
        if isinstance(value := summary.get(key), int | float) and not isinstance(value, bool) and math.isfinite(value)
    }  # fmt: skip


def _name(row):
    return f"{row['trial']}, {row['arm']}: {str(row['outcome']).replace('_', ' ')}"


def _share(numbers, share, total):
    return f"{format.per_cent(numbers[share])} of {numbers.get(total, 0):g}" if share in numbers else format.UNKNOWN


def packaged_yaml(document):
    """The packaged file of a document: one scalar or flow collection a line, which YAML reads as it reads JSON."""
    from radsim import __version__
    from radsim.evidence import load_registry

    found = summarise_document(document) | {"evidence": load_registry("trials").digest, "version": __version__}
    text = "# Made by `python -m radsim.report.validation VALIDATION.json` from the document of `radsim validate --json`.\n"
    text += f"radsim_validation: {VERSION}\n"
    return text + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in found.items())


if __name__ == "__main__":
    import sys

    sys.stdout.write(packaged_yaml(read_document(sys.argv[1])))
