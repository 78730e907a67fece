"""Every number that a result rests on: value, uncertainty, unit, population, source, status."""

from __future__ import annotations

import numpy as np

from radsim.export.lead import SCENARIO
from radsim.export.table import NUMBER, Column, from_rows

CHECKED, PROVISIONAL, SET_HERE = "checked", "provisional", "set by this study"
LEVELS = (0.025, 0.975)
CLINICAL = "clinical"
KINDS = {"cost": "price", "utility": "utility"}
COLUMNS = (
    Column("input", "name of the parameter, price, utility or convention"),
    Column("kind", "clinical, price, utility, convention or population"),
    Column("value", "value of the base case", "see units", NUMBER),
    Column("low95", "2.5th percentile of its uncertainty", "see units", NUMBER),
    Column("high95", "97.5th percentile of its uncertainty", "see units", NUMBER),
    Column("uncertainty", "distribution that it is drawn from"),
    Column("units", "units of the numbers"),
    Column("status", "checked against its source; provisional: from memory, assumed or not yet checked; scenario: carried over from another setting; missing: no figure in the evidence, counts as nothing; set by this study"),
    Column("population", "whom the number describes"),
    Column("source", "where the number is from"),
    Column("note", ""),
)  # fmt: skip


def inputs(dataset, record):
    """All inputs of a result.

    Parameters
    ----------
    dataset : xarray.Dataset
        A result; of a sweep the first scenario is described, and swept inputs are marked.
    record : dict
        Its run record.

    Returns
    -------
    Table
        Populations and sources of clinical parameters are those of the evidence set of this installation if it is the one that the
        result used; the record knows sources and status in any case.
    """
    swept = _swept(dataset)
    one = dataset.isel({SCENARIO: 0}) if SCENARIO in dataset.dims else dataset
    rows = [*_clinical(one, record), *_economic(one, record), *_conventions(record), *_population(record)]
    marked = [(*row[:-1], _note(row, swept)) for row in rows]
    return from_rows("inputs", "every number that the result rests on, with source and status", COLUMNS, marked)


def _note(row, swept):
    is_swept = f"parameters.{row[0]}" in swept
    return "; ".join(text for text in (row[-1], "swept: of scenario 0" if is_swept else "") if text)


def _swept(dataset):
    from radsim.export.lead import swept_names

    return set(swept_names(dataset)) if SCENARIO in dataset.dims else set()


def _clinical(dataset, record):
    from radsim.evidence import posterior_summary

    registry = same_registry(record)
    calibrated = {} if registry is None else posterior_summary(registry)
    return _rows_of(dataset, record, "parameter", entries=registry or {}, calibrated=calibrated)


def _economic(dataset, record):
    if "economics" not in record:
        return []
    from radsim.config.economic_sets import parameters
    from radsim.economics.appraisal import resolve
    from radsim.economics.parameters import as_entry

    entries = {one.name: as_entry(one) for one in parameters(resolve(None, record))}
    return _rows_of(dataset, record, "economic_parameter", entries=entries, calibrated={})


def same_registry(record):
    """The evidence set of this installation if it is the one that the result used, else None."""
    from radsim.evidence import EvidenceError, load_registry

    try:
        registry = load_registry(record["evidence"]["set"])
    except EvidenceError:
        return None
    return registry if registry.digest == record["evidence"]["digest"] else None


def _rows_of(dataset, record, dim, *, entries, calibrated):
    """Rows of all parameters of a variable; `entries` says what the record does not."""
    if f"{dim}_value" not in dataset:
        return []
    table = dataset[f"{dim}_value"].transpose("draw", dim).values
    numbers, units = dataset["draw"].values, dataset[f"{dim}_units"].values
    sources = {name: source for source, names in record["citations"].items() for name in names}
    found = []
    for i, label in enumerate(dataset[dim].values):
        name = str(label)
        kind = KINDS.get(name.split(".")[0], CLINICAL) if dim == "economic_parameter" else CLINICAL
        value, drawn = float(table[np.argmin(numbers), i]), table[numbers >= 1, i]
        if _is_set(name, kind, record):
            how, known = (None, None, "fixed"), (SET_HERE, "", "configuration of the study", "")
        else:
            entry = entries.get(name)
            how, known = _uncertainty(entry, calibrated.get(name), drawn), _known(name, entry, record, sources)
        found.append((name, kind, value, *how, str(units[i]), *known))
    return found


def _known(name, entry, record, sources):
    """Status, population, source and note of a parameter."""
    if entry is None:
        return PROVISIONAL if name in record["provisional"] else CHECKED, "", sources.get(name, ""), ""
    return entry.status, entry.population, sources.get(name, entry.source), entry.note


def _is_set(name, kind, record):
    config = record["config"]
    if kind != CLINICAL:
        return name in config.get("economics", {}).get("values", {})
    observed = name.removeprefix("observation.")
    return name in config["parameters"] or (observed != name and config["observation"].get(observed) is not None)


def _uncertainty(entry, calibrated, drawn):
    """Low, high and the name of the distribution: of the calibration, of the evidence, or else of the draws themselves."""
    if calibrated is not None:
        return calibrated["posterior"]["low95"], calibrated["posterior"]["high95"], "joint posterior of the calibration"
    if entry is None:
        low, high = np.quantile(drawn, LEVELS) if len(drawn) > 1 else (np.nan, np.nan)
        return low, high, "percentiles of the draws of this result" if len(drawn) > 1 else "not kept in this result"
    from radsim.evidence import quantile

    ((family, numbers),) = entry.uncertainty.items()
    if family == "fixed":
        return None, None, family
    inside = ", ".join(f"{key} {value:g}" for key, value in numbers.items())
    return *(float(v) for v in quantile(entry, np.array(LEVELS))), f"{family}({inside})"


def _conventions(record):
    """Discount rates and thresholds, with the source where they are as the price set proposes."""
    if "economics" not in record:
        return []
    from radsim.config.economic_sets import price_set, proposals_in_use
    from radsim.economics.appraisal import resolve

    economics = resolve(None, record)
    proposed = proposals_in_use(economics)
    said = {
        name: (proposed[name].status, proposed[name].source)
        if name in proposed
        else (SET_HERE, "configuration of the study")
        for name in ("economics.discount", "economics.thresholds")
    }
    rates = [
        (f"economics.discount.{name}", getattr(economics.discount, name), "year-1") for name in ("costs", "effects")
    ]
    worth = [
        ("economics.threshold", value, f"{price_set(economics).currency} per QALY") for value in economics.thresholds
    ]
    rows = []
    for name, value, unit in rates + worth:
        status, source = said["economics.thresholds" if name.endswith("threshold") else "economics.discount"]
        rows.append((name, "convention", value, None, None, "fixed", unit, status, "", source, ""))
    return rows


def _population(record):
    """Covariates that rest on provisional numbers of a population."""
    return [
        (f"population.{name}", "population", None, None, None, "as the population says", "", PROVISIONAL, record["config"]["cohort"].get("population", ""), source, "")
        for name, source in record["provisional_covariates"].items()
    ]  # fmt: skip
