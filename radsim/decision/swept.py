"""What one scenario of a sweep was valued with: what was swept put in the place of what the base says."""

from __future__ import annotations

from radsim.sweep.paths import parse_path, replaced
from radsim.valuation.appraisal import resolve
from radsim.yaml.faults import Expected

ECONOMICS = "economics"


def of_scenario(economics, record, values, *, is_as_recorded):
    """`Economics` and run record of one scenario.

    Parameters
    ----------
    economics : radsim.economics.section.Economics or None
        Of the base of the sweep, or as it was asked for.
    record : dict or None
        Run record of the sweep.
    values : dict
        Coordinates of the scenario: swept paths and their values, and others.
    is_as_recorded : bool
        Whether the sweep is valued as it was run, so that what was swept of `economics` holds.

    Returns
    -------
    Economics or None, dict or None
    """
    if record is None:
        return economics, record
    config = record["config"]
    for name, value in values.items():
        try:
            path = parse_path(name)
            if path[0] in config:
                config = replaced(config, path, value)
        except Expected:  # a coordinate that is no path: the number of the scenario, a label
            continue
    swept = [name for name in values if name.startswith(ECONOMICS)]
    if swept and is_as_recorded and economics is not None:
        economics = resolve(config[ECONOMICS], None)
    evidence = {**record["evidence"], "set": config.get("evidence", record["evidence"]["set"])}
    return economics, {**record, "config": config, "evidence": evidence, "seed": config.get("seed", record["seed"])}
