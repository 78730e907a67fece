"""Effects of the swept paths: Sobol indices from a Saltelli sample, and the bars of a tornado."""

from __future__ import annotations

import numpy as np

from radsim import provenance
from radsim.storage import UsageFault

RESAMPLES = 500
TAIL = 0.1
"""Share of a sample that counts as the low, and as the high, end of a path."""

NET_BENEFIT = "net_benefit"
"""Outcome that is worked out of costs and QALYs at a threshold."""

WIDEST = 0.25
"""Of the 95 % interval of an index: a wider one leaves open which of two paths matters."""

FEWEST_AT_AN_END = 10
"""Scenarios of a sample behind an end of a bar, below which their mean and its error are chance."""


def sobol_indices(dataset, name, *, seed=0, threshold=None, minus=None, **at):
    """Shares of the variance of an outcome between scenarios that the swept paths account for.

    Parameters
    ----------
    dataset : xarray.Dataset
        A sweep with a ``saltelli`` sample, from `open_sweep`.
    name : str
        Outcome; one value is left of it by scenario. ``net_benefit`` is worked out of costs and QALYs.
    seed : int, optional
        Of the resampling behind the intervals.
    threshold : float, optional
        Willingness to pay for a QALY, for ``net_benefit`` alone. [currency per QALY]
    minus : str, optional
        Schedule to subtract: the outcome is then the increment of ``schedule`` over it.
    **at : optional
        Labels by dimension, as ``schedule="8Gy/1"``; draw 0 by default. Of a dimension not named the only label is taken.

    Returns
    -------
    xarray.Dataset
        ``first_order`` and ``total_order`` (path) with ``_low95`` and ``_high95`` from the bootstrap; ``variance`` of the
        outcome. With a grid, each by ``grid_point``. The attribute ``caution`` says where the sample is too small; empty if it is not.

    Raises
    ------
    UsageFault
        If the sweep has no such sample, the outcome is not one number a scenario, or not known in every scenario.
    """
    import xarray

    sample = _design(dataset).get("sample") or {}
    if sample.get("method") != "saltelli":
        raise UsageFault("Sobol indices: expected a sweep with a sample by saltelli, found none")
    paths, y = list(sample["over"]), _outcome(dataset, name, at, threshold=threshold, minus=minus)
    n_grid = len(y) // (sample["n"] * (len(paths) + 2))
    table = y.reshape(sample["n"], len(paths) + 2, n_grid)
    found = [_indices(table[:, :, g], seed=seed) for g in range(n_grid)]
    data = {
        key: (("grid_point", "path"), np.stack([one[key] for one in found]), {"units": "1", "long_name": words})
        for key, words in LONG_NAMES.items()
    }
    spread = [table[:, :2, g].var(ddof=0) for g in range(n_grid)]
    units = dataset["cost" if name == NET_BENEFIT else name].attrs.get("units", "1")
    data["variance"] = (("grid_point",), np.array(spread), {"units": f"({units})2", "long_name": f"variance of {name}"})
    said = {"outcome": name, "caution": _caution(found, paths, sample["n"])}
    indices = xarray.Dataset(data, coords={"path": paths, "grid_point": np.arange(n_grid)}, attrs=said)
    return indices if n_grid > 1 else indices.isel(grid_point=0, drop=True)


def _caution(found, paths, n):
    """Which indices the sample is too small for, and how many points would do; empty if it is large enough."""
    width = np.max([one["total_order_high95"] - one["total_order_low95"] for one in found], axis=0)
    if not np.any(width > WIDEST):
        return ""
    wide = [path for path, each in zip(paths, width, strict=True) if each > WIDEST]
    needed = 2 ** int(
        np.ceil(np.log2(n * (float(np.nanmax(width)) / WIDEST) ** 2))
    )  # the error falls with the root of n
    return (
        f"the sample of {n} points is too small for {', '.join(wide)}: an interval is wider than {WIDEST:g}; "
        f"about {needed} points would do"
    )


LONG_NAMES = {
    "first_order": "share of the variance that the path explains by itself",
    "first_order_low95": "lower end of the 95 % interval of first_order",
    "first_order_high95": "upper end of the 95 % interval of first_order",
    "total_order": "share of the variance that the path takes part in",
    "total_order_low95": "lower end of the 95 % interval of total_order",
    "total_order_high95": "upper end of the 95 % interval of total_order",
}


def _indices(table, *, seed):
    """Indices of one table, shape (point, matrix A, B, A with each column of B), with intervals from resampled points."""
    rng = np.random.default_rng(seed)
    drawn = [estimates(table[rng.integers(0, len(table), len(table))]) for _ in range(RESAMPLES)]
    found = {}
    for order, value, resampled in zip(
        ("first_order", "total_order"), estimates(table), zip(*drawn, strict=True), strict=True
    ):
        low, high = np.quantile(np.stack(resampled), [0.025, 0.975], axis=0)
        found |= {order: value, f"{order}_low95": low, f"{order}_high95": high}
    return found


def estimates(table):
    """First and total order of each path.

    Parameters
    ----------
    table : array, shape (point, 2 + path)
        Outcomes of the matrices A, B and A with each column of B.

    Returns
    -------
    first, total : array, shape (path,)
        NaN where the outcome does not vary. [1]

    Notes
    -----
    S = mean(f_B (f_AB - f_A)) / V and S_T = mean((f_A - f_AB)^2) / 2V with V the variance of f_A and f_B together and outcomes less
    their mean [1]_, as `scipy.stats.sobol_indices` has them; a test holds them equal.

    References
    ----------
    .. [1] Saltelli A et al., Comput Phys Commun 2010;181:259-270, table 2, (b) and (f).
    """
    table = table - table[:, :2].mean()
    a, b, swapped = table[:, :1], table[:, 1:2], table[:, 2:]
    variance = table[:, :2].var()
    if variance == 0.0:
        return np.full(swapped.shape[1], np.nan), np.full(swapped.shape[1], np.nan)
    return (b * (swapped - a)).mean(axis=0) / variance, ((a - swapped) ** 2).mean(axis=0) / (2.0 * variance)


def tornado(dataset, name, *, threshold=None, minus=None, **at):
    """How far an outcome moves between the low and the high end of each swept path, everything else as it is swept.

    Parameters
    ----------
    dataset : xarray.Dataset
        A sweep, from `open_sweep`.
    name : str
        Outcome; ``net_benefit`` is worked out of costs and QALYs.
    threshold, minus : optional
        As for `sobol_indices`.
    **at : optional
        Labels by dimension, as for `sobol_indices`.

    Returns
    -------
    list of dict
        ``path``, ``low_value``, ``high_value`` (of the path), ``low``, ``high`` (mean outcome there), ``low_se``, ``high_se``
        (from the scatter of the scenarios; NaN for a single one), ``swing``, ``caution`` (empty, or why the bar may be chance); widest first.

    Notes
    -----
    Ends of a path of the grid are its smallest and largest value (the first and the last, if they are no numbers); of a sampled
    one its lowest and highest tenth. Means are over all scenarios there, so other paths average out; the share of the base case
    has no part in it.
    """
    design = _design(dataset)
    y = _outcome(dataset, name, at, threshold=threshold, minus=minus)
    sampled = (design.get("sample") or {}).get("over", {})
    bars = [
        _bar(path, dataset[path].values, y, is_sampled=path in sampled) for path in [*design.get("grid", {}), *sampled]
    ]
    return sorted(bars, key=lambda bar: -abs(bar["swing"]))


def _bar(path, x, y, *, is_sampled):
    if is_sampled and x.dtype.kind in "if":
        low, high = x <= np.quantile(x, TAIL), x >= np.quantile(x, 1.0 - TAIL)
    else:
        ends = (x.min(), x.max()) if x.dtype.kind in "if" else (x[0], x[-1])
        low, high = x == ends[0], x == ends[1]
    bar = {"path": path, "low_value": _plain(x[low]), "high_value": _plain(x[high])}
    for end, here in (("low", low), ("high", high)):
        bar[end] = float(y[here].mean())
        bar[f"{end}_se"] = float(y[here].std(ddof=1) / np.sqrt(here.sum())) if here.sum() > 1 else float("nan")
    swing, error = bar["high"] - bar["low"], float(np.hypot(bar["low_se"], bar["high_se"]))
    few = int(min(low.sum(), high.sum()))
    if is_sampled and few < FEWEST_AT_AN_END:
        caution = f"{few} scenarios at an end of the sample, expected at least {FEWEST_AT_AN_END}"
    else:
        caution = "the swing is within twice its standard error" if abs(swing) < 2.0 * error else ""
    return {**bar, "swing": swing, "caution": caution}


def _plain(values):
    """The mean of numbers, or the one text."""
    return float(np.mean(values)) if values.dtype.kind in "if" else str(values[0])


def _outcome(dataset, name, at, *, threshold=None, minus=None):
    """One number by scenario."""
    variable = _variable(dataset, name, threshold)
    if minus is None:
        return _numbers(variable, name, at)
    if "schedule" not in at:
        raise UsageFault(f"minus: expected a schedule to subtract {minus} from (schedule=…), found none")
    return _numbers(variable, name, at) - _numbers(variable, name, {**at, "schedule": minus})


def _variable(dataset, name, threshold):
    """The outcome as it is in the sweep, or the net benefit."""
    if (name == NET_BENEFIT) != (threshold is not None):
        raise UsageFault(f"threshold: expected with {NET_BENEFIT} and with nothing else, found {threshold} with {name}")
    needed = ("cost", "qalys") if name == NET_BENEFIT else (name,)
    for each in needed:
        if each not in dataset.data_vars or "scenario" not in dataset[each].dims:
            raise UsageFault(f"{each}: expected an outcome of the sweep, found none")
    if name != NET_BENEFIT:
        return dataset[name]
    cost = dataset["cost"]
    return threshold * dataset["qalys"] - (cost.sum("component") if "component" in cost.dims else cost)


def _numbers(variable, name, at):
    """The values of an outcome at some labels, one by scenario."""
    labels = {"draw": 0, **at} if "draw" in variable.dims else at
    try:
        chosen = variable.sel(labels)
    except (KeyError, ValueError) as error:
        raise UsageFault(f"{name}: expected labels of its dimensions {variable.dims[1:]}, found {error}") from None
    chosen = chosen.squeeze([dim for dim, size in chosen.sizes.items() if size == 1 and dim != "scenario"])
    if chosen.dims != ("scenario",):
        raise UsageFault(f"{name}: expected a label for each of {', '.join(chosen.dims[1:])}, found none")
    values = chosen.values.astype(float)
    if np.isnan(values).any():
        raise UsageFault(f"{name}: expected a number in every scenario, found {int(np.isnan(values).sum())} without")
    return values


def _design(dataset):
    """Grid and sample, from the record."""
    record = provenance.from_dataset(dataset)
    if "sweep" not in record:
        raise UsageFault("expected the result of a sweep, found another")
    return record["sweep"]
