"""Costs and QALYs of a result as the economic figures take them."""

from __future__ import annotations

import json

import numpy as np

from radsim.figures.style import shown
from radsim.storage import UsageFault

LONGEST_CURRENCY = 12


def money_of(view):
    """Costs and QALYs of the parameter draws of a view: `radsim.decision.samples.Samples`."""
    from radsim.decision.samples import samples

    return samples(view.dataset)


def unit_of(currency, price_year):
    """`GBP, prices of 2024`."""
    text = shown(currency, LONGEST_CURRENCY)
    return f"{text}, prices of {price_year}" if price_year else text


def thresholds_of(view, threshold=None):
    """Thresholds that matter: those asked for, or those of the study's record.

    Returns
    -------
    list of float
        Rising. [currency per QALY]

    Raises
    ------
    UsageFault
        If there are none.
    """
    if threshold:
        return sorted({float(each) for each in np.atleast_1d(threshold)})
    try:
        economics = json.loads(view.dataset.attrs.get("radsim_record", "{}"))["config"]["economics"]
        found = sorted(float(each) for each in economics["thresholds"])
    except (KeyError, TypeError, ValueError):
        found = []
    if not found:
        raise UsageFault("needs a threshold: give --threshold, or economics.thresholds in the configuration")
    return found


def rounded(value):
    """`1,234`, `12.3`, `0.012`: three figures where they are small, no more than needed where large."""
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"
