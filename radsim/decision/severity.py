"""The severity modifier of NICE: QALYs gained weigh more where the disease takes much of the health that is left."""

from __future__ import annotations

import numpy as np

from radsim.decision.document import keyed
from radsim.decision.equity_values import equity_values
from radsim.decision.general_population import expected_qalys, norm_of, person_of
from radsim.decision.net_benefit import acceptability, incremental, net_monetary_benefit
from radsim.maths import ties
from radsim.storage import UsageFault


def weight_of(absolute, proportional):
    """Weight of a QALY gained: the greater of those of the two shortfalls.

    Parameters
    ----------
    absolute : float
        QALYs expected without the disease less those with it. [year]
    proportional : float
        The same as a share of those without. [1]

    Returns
    -------
    float
        1, 1.2 or 1.7. [1]
    """
    rules, found = equity_values().severity, []
    for rule, value in ((rules.absolute, absolute), (rules.proportional, proportional)):
        place = int(np.searchsorted(rule.edges, value, side="right")) - 1
        found.append(rule.weight[max(place, 0)])
    return max(found)


def severity(dataset, data, economics, *, thresholds, reference, horizon):
    """The decision with the severity modifier.

    Parameters
    ----------
    dataset : xarray.Dataset
    data : samples.Samples
    economics : Economics
    thresholds : ndarray, shape (threshold,)
    reference : int
        Current treatment: the shortfall is under it.
    horizon : object
        Of the study; only ``lifetime`` has a shortfall.

    Returns
    -------
    dict
        ``age``, ``male``, ``qalys_without_disease``, ``qalys_with_disease``, ``absolute_shortfall``, ``proportional_shortfall``, ``weight``,
        ``schedules``: by schedule ``incremental_net_benefit`` and ``p_cost_effective`` with QALYs so weighted, and ``best`` by threshold.

    Raises
    ------
    UsageFault
        If the study ends before life does, or the result or the utilities do not know the general population.
    """
    if horizon != "lifetime":
        raise UsageFault(f"severity: expected a result to the end of life (horizon_days: lifetime), found {horizon}")
    try:
        person, norm = person_of(dataset), norm_of(economics)
    except UsageFault as fault:
        raise UsageFault(f"severity: {fault}") from None
    without = expected_qalys(person, norm, rate=economics.discount.effects, convention=economics.discount.convention)
    with_disease = float(data.mean_qalys[reference])
    absolute, proportional = without - with_disease, (without - with_disease) / without
    weight = weight_of(absolute, proportional)
    benefit = net_monetary_benefit(data.mean_cost, weight * data.mean_qalys, thresholds)
    gain = incremental(benefit, reference)
    share = np.full_like(benefit, np.nan)
    if data.is_probabilistic:
        share = acceptability(net_monetary_benefit(data.cost, weight * data.qalys, thresholds))
    return {
        "age": person.age, "male": person.male, "qalys_without_disease": without, "qalys_with_disease": with_disease,
        "absolute_shortfall": absolute, "proportional_shortfall": proportional, "weight": weight,
        "schedules": [
            {"schedule": name, "incremental_net_benefit": keyed(thresholds, gain[:, s]), "p_cost_effective": keyed(thresholds, share[:, s])}
            for s, name in enumerate(data.schedules)
        ],
        "best": dict(zip(keyed(thresholds, thresholds), (ties.names_of_best(v, data.schedules) for v in benefit), strict=True)),
    }  # fmt: skip
