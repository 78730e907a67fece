"""A result as it is to be decided on: with costs and QALYs, as it was valued or anew."""

from __future__ import annotations

from radsim import provenance


def valued(dataset, economics):
    """Run record, `Economics` (None where nothing says) and the result with its costs and QALYs."""
    record = _record(dataset)
    has_value = all(name in dataset.variables for name in ("cost", "qalys"))
    if economics is None and has_value and (record is None or "economics" not in record):
        return record, None, dataset
    from radsim.valuation import appraise
    from radsim.valuation.appraisal import resolve

    economics = resolve(economics, record)
    if not has_value or not _is_as_recorded(economics, record):
        dataset = appraise(dataset, economics)
    return _record(dataset), economics, dataset


def _record(dataset):
    """The run record; None for a dataset without one, and for a sweep, which has one for each scenario."""
    if provenance.RECORD_ATTRIBUTE not in dataset.attrs:
        return None
    try:
        return provenance.from_dataset(dataset)
    except provenance.RecordFault:
        if "scenario" in dataset.dims:
            return None
        raise


def _is_as_recorded(economics, record):
    """Whether a result was valued as `economics` says, thresholds and uptake apart: these value nothing."""
    from radsim.valuation.appraisal import resolve

    if record is None or "economics" not in record:
        return False
    used = resolve(None, record)
    ignored = {"thresholds", "budget_impact", "costs", "utilities"}
    same_sets = economics.price_set == used.price_set and economics.utility_set == used.utility_set
    return same_sets and economics.model_dump(exclude=ignored) == used.model_dump(exclude=ignored)
