"""One parameter at a time, and two: incremental net benefit at their 2.5 and 97.5 percentiles, simulated with the random numbers of draw 0."""

from __future__ import annotations

import numpy as np

from radsim.decision.document import keyed
from radsim.decision.net_benefit import incremental
from radsim.decision.percentiles import clinical_ranges, economic_ranges
from radsim.maths import ties
from radsim.storage import UsageFault

GRID_POINTS = 5


def one_way(base_case, record, *, thresholds, reference, names=None, progress=None):
    """Incremental net benefit with each parameter at either end of its range.

    Returns
    -------
    list of dict
        A row for each parameter and schedule but the reference, by falling span at the first threshold: ``parameter``,
        ``unit``, ``value``, ``low``, ``high``, ``schedule``, and by threshold ``base``, ``at_low``, ``at_high`` (incremental net
        benefit), ``mcse`` of the base, ``best_at_low`` and ``best_at_high``; ``impossible`` says why an end could not be simulated.
    """
    ranges = all_ranges(base_case, record, names=names)
    base = base_case.outcome()
    rows = []
    for number, each in enumerate(ranges):
        ends = [_end(base_case, each.name, value) for value in (each.low, each.high)]
        rows += _rows(each, base, ends, thresholds=thresholds, reference=reference, schedules=base_case.schedules)
        if progress is not None:
            progress(number + 1, len(ranges))
    return sorted(rows, key=lambda row: -row["span"])


def all_ranges(base_case, record, *, names=None):
    """Ranges of clinical parameters, prices and utilities; UsageFault for a name that is none that varies."""
    found = [*clinical_ranges(record, names=names), *economic_ranges(base_case.economics, names=names)]
    if names is not None and (unknown := sorted(set(names) - {each.name for each in found})):
        raise UsageFault(f"expected a parameter that varies, found {unknown[0]}")
    return found


def _end(base_case, name, value):
    """Outcome with a parameter at a value, or why that cannot be."""
    from radsim.config import ConfigError
    from radsim.evidence import EvidenceError

    try:
        return base_case.with_parameter(name, value)
    except (EvidenceError, ConfigError) as error:  # a cut-point that would pass its neighbour
        return str(error).splitlines()[0]


def _rows(each, base, ends, *, thresholds, reference, schedules):
    found = [None if isinstance(end, str) else end.net_benefit(thresholds) for end in ends]
    impossible = [end for end in ends if isinstance(end, str)]
    base_benefit, error = base.net_benefit(thresholds), base.error(thresholds, reference)
    rows = []
    for s, name in enumerate(schedules):
        if s == reference:
            continue
        low, high = (_against(benefit, reference, s, len(thresholds)) for benefit in found)
        span = np.nanmax([low[0], high[0], incremental(base_benefit, reference)[0, s]]) - np.nanmin(
            [low[0], high[0], incremental(base_benefit, reference)[0, s]]
        )
        rows.append({
            "parameter": each.name, "unit": each.unit, "value": each.value, "low": each.low, "high": each.high, "schedule": name,
            "base": keyed(thresholds, incremental(base_benefit, reference)[:, s]),
            "at_low": keyed(thresholds, low), "at_high": keyed(thresholds, high), "mcse": keyed(thresholds, error[:, s]),
            "span": float(span), "best_at_low": _best(found[0], schedules), "best_at_high": _best(found[1], schedules),
            "impossible": impossible,
        })  # fmt: skip
    return rows


def _against(benefit, reference, schedule, n_thresholds):
    return np.full(n_thresholds, np.nan) if benefit is None else incremental(benefit, reference)[:, schedule]


def _best(benefit, schedules):
    """The best schedule at the first threshold."""
    return None if benefit is None else _joined(benefit[0], schedules)


def _joined(benefit, schedules):
    """The best schedule, or those that are equal: `8Gy/1 = twin`."""
    return " = ".join(ties.names_of_best(benefit, schedules))


def two_way(base_case, record, names, *, threshold, reference, progress=None):
    """Net benefit over a grid of two parameters between their 2.5 and 97.5 percentiles.

    Returns
    -------
    dict
        ``parameters``, ``values`` (two lists), ``threshold``, ``best`` (names of schedules, one list for each value of the first
        parameter), ``incremental_net_benefit`` by schedule, in the same form.
    """
    ranges = {each.name: each for each in all_ranges(base_case, record, names=names)}
    grids = [np.linspace(ranges[name].low, ranges[name].high, GRID_POINTS) for name in names]
    schedules = base_case.schedules
    benefit = np.empty((GRID_POINTS, GRID_POINTS, len(schedules)))
    for place, index in enumerate(np.ndindex(GRID_POINTS, GRID_POINTS)):
        values = {name: grid[i] for name, grid, i in zip(names, grids, index, strict=True)}
        benefit[index] = base_case.with_parameters(values).net_benefit(np.array([threshold]))[0]
        if progress is not None:
            progress(place + 1, GRID_POINTS**2)
    against = incremental(benefit, reference)
    return {
        "parameters": list(names), "values": [grid.tolist() for grid in grids], "threshold": float(threshold),
        "best": [[_joined(cell, schedules) for cell in row] for row in benefit],
        "incremental_net_benefit": {name: against[..., s].tolist() for s, name in enumerate(schedules) if s != reference},
    }  # fmt: skip
