"""Cost per responder: what a patient whose pain responds costs, and one more of them."""

from __future__ import annotations

import numpy as np

from radsim.decision.incremental import increment
from radsim.decision.samples import draw_numbers
from radsim.outcomes.intervals import LEVELS_95
from radsim.storage import UsageFault

RESPONSE = "overall_response"


def cost_per_responder(dataset, data, *, reference):
    """Cost per responder of each schedule, and per additional responder against the reference.

    Parameters
    ----------
    dataset : xarray.Dataset
        With `overall_response`.
    data : samples.Samples
    reference : int

    Returns
    -------
    list of dict
        ``schedule``, ``cost``, ``response``, ``cost_per_responder``, ``incremental_cost``, ``incremental_response`` with ``_low95`` and
        ``_high95``, ``cost_per_additional_responder`` (None where no ratio makes sense), ``quadrant``.

    Raises
    ------
    UsageFault
        If the result does not know the response.

    Notes
    -----
    Ratios are of means. All discounted costs count, also those that have nothing to do with the pain; responders are not weighed by how long
    they respond or live. It is no measure to choose by where QALYs are known.
    """
    if RESPONSE not in dataset.variables:
        raise UsageFault(f"responders: expected a result with {RESPONSE}, found none")
    numbers = draw_numbers(dataset)
    values = np.asarray(dataset[RESPONSE].transpose("draw", "schedule").values, float)
    draws = values[numbers >= 1] if data.is_probabilistic else values[numbers == 0]
    mean, rows = draws.mean(axis=0), []
    for s, name in enumerate(data.schedules):
        found = increment(
            data.mean_cost[s], mean[s], comparator_cost=data.mean_cost[reference], comparator_effect=mean[reference]
        )
        gain = draws[:, s] - draws[:, reference]
        low, high = np.quantile(gain, LEVELS_95) if len(gain) > 1 else (np.nan, np.nan)
        rows.append({
            "schedule": name, "cost": float(data.mean_cost[s]), "response": float(mean[s]),
            "cost_per_responder": float(data.mean_cost[s] / mean[s]) if mean[s] > 0.0 else None,
            "incremental_cost": found.cost, "incremental_response": found.effect, "incremental_response_low95": float(low),
            "incremental_response_high95": float(high),
            "cost_per_additional_responder": float(found.icer) if np.isfinite(found.icer) else None, "quadrant": found.quadrant,
        })  # fmt: skip
    return rows
