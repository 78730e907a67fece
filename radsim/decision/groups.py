"""Value of information by parameter and by named group of parameters."""

from __future__ import annotations

import numpy as np

from radsim.decision.evppi import LEAST_DRAWS, evppi
from radsim.decision.net_benefit import net_monetary_benefit
from radsim.decision.samples import PRICES, UTILITIES, parameter_table
from radsim.printable import did_you_mean
from radsim.storage import UsageFault

EVERYTHING = "all"
CLINICAL, PRICE_GROUP, UTILITY_GROUP = "clinical", "prices", "utilities"


def members(name, names):
    """Parameters that a name means: itself, all that begin with it (`flare`), or `clinical`, `prices`, `utilities`, `all`.

    Returns
    -------
    list of str
    """
    names = list(names)
    economic = [each for each in names if each.startswith((PRICES, UTILITIES))]
    sets = {
        EVERYTHING: names,
        CLINICAL: [each for each in names if each not in economic],
        PRICE_GROUP: [each for each in names if each.startswith(PRICES)],
        UTILITY_GROUP: [each for each in names if each.startswith(UTILITIES)],
    }
    found = sets.get(name, [each for each in names if each == name or each.startswith(f"{name}.")])
    if not found:
        hint = did_you_mean(name, [*sets, *group_names(names), *names])
        raise UsageFault(f"evppi: expected a parameter that varies or a group of them{hint}, found {name}")
    return found


def group_names(names):
    """The first words of the clinical parameters, prices, utilities, all clinical ones, and all."""
    firsts = dict.fromkeys(name.partition(".")[0] for name in names if not name.startswith((PRICES, UTILITIES)))
    present = [CLINICAL] if firsts else []
    present += [
        group
        for group, prefix in ((PRICE_GROUP, PRICES), (UTILITY_GROUP, UTILITIES))
        if any(n.startswith(prefix) for n in names)
    ]
    return [*firsts, *present, EVERYTHING] if present else []


def partial_information(dataset, data, *, thresholds, wanted, progress=None):
    """EVPPI of groups and parameters at every threshold.

    Returns
    -------
    list of dict
        ``parameters``, ``members``, ``threshold``, ``value``, ``se``.
    """
    if len(data.draws) < LEAST_DRAWS:
        raise UsageFault(
            f"evppi: expected at least {LEAST_DRAWS} draws for a regression, found {len(data.draws)} (radsim run --draws)"
        )
    table = parameter_table(dataset, data.draws)
    chosen = {name: members(name, table) for name in wanted}
    rows = []
    for name, names in chosen.items():
        values = np.column_stack([table[each] for each in names])
        for threshold in thresholds:
            found = evppi(net_monetary_benefit(data.cost, data.qalys, threshold), values)
            rows.append({
                "parameters": name, "members": len(names), "threshold": float(threshold), "value": found.value, "se": found.se,
            })  # fmt: skip
            if progress is not None:
                progress(len(rows), len(chosen) * len(thresholds))
    return rows
