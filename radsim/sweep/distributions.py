"""Distributions that a sweep can sample a path from, by their inverse cdf: one uniform per value."""

from __future__ import annotations

from radsim.evidence import FAMILIES, Entry, quantile
from radsim.yaml.faults import Expected, a_known, describe

REGISTRY = "evidence"
"""Instead of a distribution: the uncertainty of the parameter in the evidence registry."""

NUMBERS = {
    "uniform": (("low", "high"),),
    "loguniform": (("low", "high"),),
    "normal": (("mean", "sd"),),
    "lognormal": (("median", "sigma"),),
    "beta": (("a", "b"), ("mean", "n")),
    "gamma": (("shape", "scale"),),
}
"""Families and the numbers that each is given by. Normal and lognormal can be cut with `low` and `high`."""

CUT = ("normal", "lognormal")
POSITIVE = ("sd", "sigma", "median", "a", "b", "n", "shape", "scale")


def check_distribution(given, path):
    """A distribution as it stands in a sweep, checked.

    Parameters
    ----------
    given : object
        ``{family: {number: value}}``, ``{choice: [values]}`` or ``evidence``.
    path : tuple
        Of the value it is for.

    Raises
    ------
    Expected
        If it is not a distribution.
    """
    if given == REGISTRY:
        if path[0] != "parameters":
            raise Expected("a distribution: evidence is for parameters.NAME", found=REGISTRY)
        return given
    known = (*NUMBERS, "choice")
    if not isinstance(given, dict) or len(given) != 1:
        raise Expected(f"one of {', '.join(known)}, as in {{uniform: {{low: 0, high: 1}}}}, or {REGISTRY}")
    ((family, numbers),) = given.items()
    if family == "choice":
        return {"choice": _check_choice(numbers)}
    if family not in NUMBERS:
        raise Expected(a_known("a family of distributions", str(family), known), found=str(family))
    _check_numbers(family, numbers)
    return given


def _check_choice(values):
    if not isinstance(values, tuple | list) or not values:
        raise Expected("a list of at least one value", found=describe(values), path=("choice",))
    return tuple(values)


def _check_numbers(family, numbers):
    if not isinstance(numbers, dict):
        raise Expected("a mapping of numbers", found=describe(numbers), path=(family,))
    optional = {"low", "high"} if family in CUT else set()
    if not any(set(numbers) - optional == set(names) for names in NUMBERS[family]):
        wanted = " or ".join("{" + ", ".join(names) + "}" for names in NUMBERS[family])
        raise Expected(wanted, found="{" + ", ".join(map(str, numbers)) + "}", path=(family,))
    for name, value in numbers.items():
        positive = name in POSITIVE or (name == "low" and family == "loguniform")
        if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
            raise Expected("a number", found=describe(value), path=(family, name))
        if positive and value <= 0:
            raise Expected("a number above 0", found=describe(value), path=(family, name))
    if "mean" in numbers and family == "beta" and not 0 < numbers["mean"] < 1:
        raise Expected("a mean between 0 and 1", found=describe(numbers["mean"]), path=(family, "mean"))
    if numbers.get("low", 0) >= numbers.get("high", 1) and {"low", "high"} <= set(numbers):
        raise Expected("low below high", found=f"{numbers['low']} and {numbers['high']}", path=(family,))


def values_at(given, u, *, entry=None):
    """Values of a distribution at some probabilities.

    Parameters
    ----------
    given : mapping or str
        From `check_distribution`.
    u : array, shape (point,)
        Probabilities in (0, 1). [1]
    entry : radsim.evidence.Entry, optional
        The parameter in the registry, for ``evidence``.

    Returns
    -------
    list
        One value a point: float, or an item of ``choice``.
    """
    import numpy as np

    if given == REGISTRY:
        return [float(value) for value in quantile(entry, u)]
    ((family, numbers),) = given.items()
    if family == "choice":
        return [numbers[min(int(x * len(numbers)), len(numbers) - 1)] for x in u]
    if family == "loguniform":
        low, high = np.log(numbers["low"]), np.log(numbers["high"])
        return [float(value) for value in np.exp(low + (high - low) * np.asarray(u))]
    return [float(value) for value in quantile(_as_entry(family, numbers), u)]


def _as_entry(family, numbers):
    """The distribution as an entry of a registry, whose quantiles are known there."""
    middle = numbers.get("mean", numbers.get("median", 0.0))
    limits = {name: float(numbers[name]) for name in ("low", "high") if name in numbers and family in CUT}
    kept = {name for names in FAMILIES[family] for name in names}
    uncertainty = {family: {name: float(value) for name, value in numbers.items() if name in kept}}
    return Entry("", float(middle), uncertainty, "", "", "", "", "", **limits)
