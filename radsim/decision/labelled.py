"""Draws and curves of a decision as a labelled Dataset."""

from __future__ import annotations

import numpy as np

from radsim import SCOPE
from radsim.decision.document import curves


def labelled(data, thresholds, reference):
    """Draws and curves of one population.

    Returns
    -------
    xarray.Dataset
        See `Analysis.to_xarray`. Without curves if there are no draws.
    """
    import xarray

    money = {"units": data.currency, "currency": data.currency} | (
        {} if data.price_year is None else {"price_year": data.price_year}
    )
    found = curves(data, thresholds) if data.is_probabilistic else None
    arm, line = ("draw", "schedule"), ("threshold", "schedule")
    variables = {
        "cost": (arm, data.cost, {"long_name": "mean cost, discounted", **money}),
        "qalys": (arm, data.qalys, {"long_name": "mean quality-adjusted life years, discounted", "units": "year"}),
        "incremental_cost": (arm, data.cost - data.cost[:, [reference]], {"long_name": "cost less the reference's", **money}),
        "incremental_qalys": (arm, data.qalys - data.qalys[:, [reference]], {"long_name": "QALYs less the reference's", "units": "year"}),
        "cost_deterministic": (("schedule",), data.base_cost, {"long_name": "mean cost in the base case", **money}),
        "qalys_deterministic": (("schedule",), data.base_qalys, {"long_name": "QALYs in the base case", "units": "year"}),
    }  # fmt: skip
    coordinates = {"draw": data.draws, "schedule": np.array(data.schedules, object)}
    if found is not None:
        one = {"units": "1"}
        coordinates["threshold"] = (
            "threshold",
            found["threshold"],
            {"long_name": "willingness-to-pay threshold", **money},
        )
        variables |= {
            "acceptability": (line, found["acceptability"], {"long_name": "probability of being cost-effective", **one}),
            "acceptability_low95": (line, found["low95"], {"long_name": "lower end of its 95 % Monte Carlo band", **one}),
            "acceptability_high95": (line, found["high95"], {"long_name": "upper end of its 95 % Monte Carlo band", **one}),
            "acceptability_frontier": (("threshold",), found["frontier"], {"long_name": "probability that the best on average is cost-effective", **one}),
            "optimal_schedule": (("threshold",), np.array([data.schedules[b] for b in found["best"]], object), {"long_name": "best on average, the first of equal ones"}),
            "is_optimal": (line, found["is_best"].astype(np.int8), {"long_name": "best on average (1) or not (0), equal ones too", **one}),
            "expected_loss": (line, found["expected_loss"], {"long_name": "mean net benefit forgone", **money}),
            "evpi": (("threshold",), found["evpi"], {"long_name": "expected value of perfect information per patient", **money}),
        }  # fmt: skip
    attributes = {"title": "Cost-effectiveness", "reference": data.schedules[reference], "disclaimer": SCOPE}
    return xarray.Dataset(variables, coords=coordinates, attrs=attributes)
