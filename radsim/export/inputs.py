"""Every number that a result rests on: value, uncertainty, unit, population, source, status."""

from __future__ import annotations

import numpy as np

from radsim.export.lead import SCENARIO
from radsim.outcomes.intervals import LEVELS_95
from radsim.presentation.inputs import PROVISIONAL, SET_HERE, STUDY, clinical_inputs, economic_inputs
from radsim.tables.table import NUMBER, Column, from_rows

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

    Returns
    -------
    Table
        Populations and sources of clinical parameters are those of the evidence set of this installation if it is the one that the
        result used; the record knows sources and status in any case.
    """
    swept = _swept(dataset)
    one = dataset.isel({SCENARIO: 0}) if SCENARIO in dataset.dims else dataset
    parameters = [*clinical_inputs(one, record), *economic_inputs(one, record)]
    rows = [*map(_row, parameters), *_conventions(record), *_population(record)]
    marked = [(*row[:-1], _note(row, swept)) for row in rows]
    return from_rows("inputs", "every number that the result rests on, with source and status", COLUMNS, marked)


def _note(row, swept):
    is_swept = f"parameters.{row[0]}" in swept
    return "; ".join(text for text in (row[-1], "swept: of scenario 0" if is_swept else "") if text)


def _swept(dataset):
    from radsim.export.lead import swept_names

    return set(swept_names(dataset)) if SCENARIO in dataset.dims else set()


def _row(one):
    known = (one.unit, one.status, one.population, one.source, one.note)
    return (one.name, one.kind, one.value, *_uncertainty(one), *known)


def _uncertainty(one):
    """Low, high and the name of the distribution: of the calibration, of the evidence, or else of the draws themselves."""
    if one.is_set:
        return None, None, "fixed"
    if one.posterior is not None:
        return one.posterior["low95"], one.posterior["high95"], "joint posterior of the calibration"
    if one.entry is None:
        low, high = np.quantile(one.drawn, LEVELS_95) if len(one.drawn) > 1 else (np.nan, np.nan)
        return low, high, "percentiles of the draws of this result" if len(one.drawn) > 1 else "not kept in this result"
    from radsim.evidence import quantile

    ((family, numbers),) = one.entry.uncertainty.items()
    if family == "fixed":
        return None, None, family
    inside = ", ".join(f"{key} {value:g}" for key, value in numbers.items())
    return *(float(v) for v in quantile(one.entry, np.array(LEVELS_95))), f"{family}({inside})"


def _conventions(record):
    """Discount rates and thresholds, with the source where they are as the price set proposes."""
    if "economics" not in record:
        return []
    from radsim.economics.sets import proposals_in_use
    from radsim.valuation.appraisal import resolve

    economics = resolve(None, record)
    proposed = proposals_in_use(economics)
    said = {
        name: (proposed[name].status, proposed[name].source) if name in proposed else (SET_HERE, STUDY)
        for name in ("economics.discount", "economics.thresholds")
    }
    rates = [
        (f"economics.discount.{name}", getattr(economics.discount, name), "year-1") for name in ("costs", "effects")
    ]
    worth = [
        ("economics.threshold", value, f"{economics.price_set.currency} per QALY") for value in economics.thresholds
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
