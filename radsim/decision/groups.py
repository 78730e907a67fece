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
    """Parameters that a name stands for.

    Parameters
    ----------
    name : str
        A parameter, the beginning of dotted names (`response`, `retreatment.offer`), or one of `clinical`, `prices`,
        `utilities`, `all`.
    names : iterable of str
        Parameters that vary.

    Returns
    -------
    list of str

    Raises
    ------
    UsageFault
        If it stands for none.
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

    Parameters
    ----------
    dataset : xarray.Dataset
        With the parameters of each draw.
    data : samples.Samples
        Of the same dataset.
    thresholds : ndarray, shape (threshold,)
    wanted : sequence of str
        Names as for `members`.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    list of dict
        ``parameters``, ``members``, ``threshold``, ``value``, ``se``.

    Raises
    ------
    UsageFault
        If a name stands for no parameter, or there are fewer than `LEAST_DRAWS` draws.
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
