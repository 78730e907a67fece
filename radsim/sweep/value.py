"""Costs and QALYs of scenarios, by `radsim.economics`, scenario by scenario as for a single result."""

from __future__ import annotations

from radsim import provenance
from radsim.config.dump import content_digest, plain
from radsim.results.labelled import Results
from radsim.sweep.canonical import canonical

NEEDED = ("occupancy", "count", "n_patients", "age_exposure")


def economics_key(config):
    """Identifies a way to value: scenarios of a key are valued by the same prices, utilities and draws."""
    return None if config.economics is None else (canonical(plain(config.economics)), config.seed)


def with_value(data, coords, config, *, record, reference):
    """Variables and coordinates of costs and QALYs.

    Parameters
    ----------
    data : dict of str to Labelled
        Outputs of some scenarios, `scenario` in front.
    coords : dict of str to Labelled
        With the schedules of these scenarios.
    config : Config
        Of one of them; its economics, seed and schedules are those of all.
    record : dict
        Run record of the base.
    reference : str
        Schedule that differences are from.

    Returns
    -------
    data, coords : dict of str to Labelled
        The new ones.
    """
    from radsim.valuation import with_value as valued

    kept = {name: data[name] for name in NEEDED if name in data}
    configured = {**record["config"], "schedules": plain(config.schedules)}
    here = {**record, "seed": int(config.seed), "config": configured, "digest": content_digest(configured)}
    attributes = {provenance.RECORD_ATTRIBUTE: provenance.to_attribute(here)}
    found = valued(Results(kept, coords, attributes), config.economics, reference=reference)
    return (
        {name: one for name, one in found.data_vars.items() if name not in kept},
        {name: one for name, one in found.coords.items() if name not in coords},
    )


def money_of(config):
    """Currency and price year, and the names of prices and utilities: the same in all scenarios of a sweep."""
    if config.economics is None:
        return None
    prices = config.economics.price_set
    return prices.currency, prices.price_year, tuple(each.name for each in config.economics.parameters)
