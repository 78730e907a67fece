"""Decisions by subgroup, and the value of choosing for each rather than one schedule for all."""

from __future__ import annotations

import numpy as np

from radsim.decision.document import key, keyed, noise, schedule_rows
from radsim.decision.evpi import evpi, evpi_adjusted, evpi_error
from radsim.decision.net_benefit import net_monetary_benefit
from radsim.decision.samples import ALL_PATIENTS, samples
from radsim.maths import ties

BANDS = ("shortest third", "middle third", "longest third")


def subgroup_rows(dataset, *, thresholds, reference):
    """Costs, QALYs, acceptability and EVPI of each subgroup.

    Parameters
    ----------
    dataset : xarray.Dataset
        Valued, with the dimension `subgroup`, the first of which is everyone.
    thresholds : ndarray, shape (threshold,)
    reference : int

    Returns
    -------
    list of dict
        ``subgroup``, ``share`` of the patients, ``life_years`` under the reference, ``schedules`` as in the document, ``evpi``,
        ``evpi_se``, ``evpi_adjusted``, ``best`` (the first of equal ones), ``all_best``; subgroups without patients are left out.
    """
    return [
        _row(name, data, share, years, thresholds, reference) for name, data, share, years in parts(dataset, reference)
    ]


def parts(dataset, reference):
    """Name, `Samples`, share of the patients and mean life-years of each subgroup with patients."""
    counts = (
        np.asarray(dataset["n_patients"].transpose("subgroup", "draw", "batch").values, float).sum(axis=2).mean(axis=1)
    )
    found = []
    for number, name in enumerate(dataset["subgroup"].values):
        if str(name) == ALL_PATIENTS or counts[number] == 0.0:
            continue
        one = dataset.isel(subgroup=number)
        years = float(one["life_years"].isel(schedule=reference).mean()) if "life_years" in one else float("nan")
        found.append((str(name), samples(one), float(counts[number]), years))
    total = sum(count for *_, count, _ in found)
    return [(name, data, count / total, years) for name, data, count, years in found]


def _row(name, data, share, years, thresholds, reference):
    value = net_monetary_benefit(data.mean_cost, data.mean_qalys, thresholds)
    row = {
        "subgroup": name, "share": share, "life_years": years,
        "schedules": schedule_rows(data, thresholds=thresholds, reference=reference),
        "best": {key(t): data.schedules[ties.first_best(v)] for t, v in zip(thresholds, value, strict=True)},
        "all_best": {key(t): ties.names_of_best(v, data.schedules) for t, v in zip(thresholds, value, strict=True)},
        "evpi": {}, "evpi_se": {}, "evpi_adjusted": {},
    }  # fmt: skip
    if data.is_probabilistic:
        benefit = net_monetary_benefit(data.cost, data.qalys, thresholds)
        adjusted = [evpi_adjusted(b, c.mean(axis=0)) for b, c in zip(benefit, noise(data, thresholds), strict=True)]
        row |= {
            "evpi": keyed(thresholds, evpi(benefit)),
            "evpi_se": keyed(thresholds, evpi_error(benefit)),
            "evpi_adjusted": keyed(thresholds, adjusted),
        }
    return row


def prognostic_bands(life_years, shares):
    """Sort subgroups by how long they live into three bands of about equal size.

    Parameters
    ----------
    life_years, shares : ndarray, shape (subgroup,)

    Returns
    -------
    ndarray of int, shape (subgroup,)
        0 for those who live shortest. A subgroup is never divided: its middle decides.
    """
    order = np.argsort(life_years, kind="stable")
    middle = np.cumsum(shares[order]) - shares[order] / 2.0
    bands = np.empty(len(order), int)
    bands[order] = np.minimum((middle / shares.sum() * len(BANDS)).astype(int), len(BANDS) - 1)
    return bands


def individualisation(net_benefit, shares, bands=None):
    """Value of the best schedule for each group against the one that is best for all, per patient.

    Parameters
    ----------
    net_benefit : ndarray, shape (subgroup, draw, schedule)
    shares : ndarray, shape (subgroup,)
        Of the patients; sum to one.
    bands : ndarray of int, shape (subgroup,), optional
        Groups that must be treated in the same way; by default each subgroup is its own.

    Returns
    -------
    value : float
        >= 0. [currency]
    se : float
        Standard error for the finite number of draws, of these choices; NaN for one draw. [currency]
    one_for_all : int
        The schedule.
    best : dict of int to int
        Band to schedule.
    """
    bands = np.arange(len(shares)) if bands is None else bands
    weighted = shares[:, np.newaxis, np.newaxis] * net_benefit
    one_for_all = int(ties.first_best(weighted.sum(axis=0).mean(axis=0)))
    gain, best = np.zeros(net_benefit.shape[1]), {}
    for band in np.unique(bands):
        of_band = weighted[bands == band].sum(axis=0)
        best[int(band)] = int(ties.first_best(of_band.mean(axis=0), keep=one_for_all))
        gain += of_band[:, best[int(band)]] - of_band[:, one_for_all]
    n = len(gain)
    se = float(gain.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    return max(float(gain.mean()), 0.0), se, one_for_all, best


def individualised_value(dataset, *, thresholds, reference):
    """Value of individualised fractionation by subgroup, and by prognostic band.

    Returns
    -------
    list of dict
        ``by`` (`subgroup` or `prognostic band`), ``threshold``, ``value``, ``se``, ``one_for_all``, ``best`` by group, ``members`` of each.

    Notes
    -----
    Prognostic bands are thirds of the patients by the mean length of life of the declared subgroups, so that they are as fine as these. The
    best of each is chosen on the same draws that value it: noise makes the figure too high rather than too low.
    """
    found = parts(dataset, reference)
    if not found:
        return []
    shares, years = np.array([p[2] for p in found]), np.array([p[3] for p in found])
    names, schedules = [p[0] for p in found], found[0][1].schedules
    groupings = {"subgroup": (np.arange(len(names)), names)}
    if np.all(np.isfinite(years)) and len(names) > 1:
        groupings["prognostic band"] = (prognostic_bands(years, shares), BANDS)
    rows = []
    for threshold in thresholds:
        benefit = np.stack([_net_benefit(data, threshold) for _, data, _, _ in found])
        for by, (bands, labels) in groupings.items():
            value, se, one, best = individualisation(benefit, shares, bands)
            rows.append({
                "by": by, "threshold": float(threshold), "value": value, "se": se, "one_for_all": schedules[one],
                "best": {labels[band]: schedules[s] for band, s in best.items()},
                "members": {labels[band]: [names[i] for i in np.flatnonzero(bands == band)] for band in best},
            })  # fmt: skip
    return rows


def _net_benefit(data, threshold):
    """Net benefits of the draws, of the base case if there are none; shape (draw, schedule)."""
    if data.is_probabilistic:
        return net_monetary_benefit(data.cost, data.qalys, threshold)
    return net_monetary_benefit(data.base_cost, data.base_qalys, threshold)[np.newaxis]
