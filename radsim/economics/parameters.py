"""Prices and utilities as draws, aligned with those of the clinical parameters."""

from __future__ import annotations

import numpy as np

from radsim.evidence import Entry, named_uniforms, quantile


def sample(economics, *, seed, draws):
    """Draws of every price and utility in use.

    Parameters
    ----------
    economics : radsim.config.Economics
    seed : int
        Study seed.
    draws : array_like of int, shape (draw,)
        Numbers of the draws; 0 is the base case.

    Returns
    -------
    dict of str to ndarray, shape (draw,)
        By dotted name. The value in draw 0; from their own distributions in the others.

    Notes
    -----
    One uniform per parameter and draw, keyed by the CRC-32 of the parameter's name as for clinical parameters
    (`radsim.evidence.named_uniforms`): neither another parameter nor more draws change a number. What `values` sets does not vary.
    """
    draws = np.asarray(draws, np.int64)
    n_draws = int(draws.max(initial=0))
    found = {}
    for parameter in economics.parameters:
        column = np.full(n_draws + 1, parameter.value)
        varies = parameter.item.uncertainty.family[0] != "fixed" and not parameter.is_set
        if n_draws and varies:
            column[1:] = quantile(as_entry(parameter), named_uniforms(int(seed), n_draws, parameter.name))
        found[parameter.name] = column[draws]
    return found


def as_entry(parameter):
    """A price or utility in the form of the evidence registry, whose quantiles and listing it shares."""
    item = parameter.item
    family, numbers = item.uncertainty.family
    if family == "gamma":
        numbers = {"shape": numbers["shape"], "scale": item.value / numbers["shape"]}
    low, high = item.limits
    texts = {"population": item.population, "source": item.source, "status": item.status}
    note = "; ".join(text for text in (parameter.meaning, item.note) if text)
    return Entry(parameter.name, item.value, {family: numbers}, parameter.unit, **texts, note=note, low=low, high=high)
