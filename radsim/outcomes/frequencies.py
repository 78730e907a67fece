"""Natural frequencies: whole patients out of a hundred, the same where the shares are the same."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from radsim.outcomes.estimates import estimate

HUNDRED = 100
SHARES = ("survival", "relief", "complete_relief")
"""Variables that say where a hundred patients stand."""


class Situation(NamedTuple):
    """Of a hundred patients at one moment: `relief` + `no_relief` + `died` = 100, `free_of_pain` among those in relief."""

    relief: int
    free_of_pain: int
    no_relief: int
    died: int


def largest_remainder(shares, *, total=HUNDRED):
    """Whole numbers in proportion to shares.

    Parameters
    ----------
    shares : array_like
        Not negative, not all zero.
    total : int
        What the whole numbers add up to.

    Returns
    -------
    list of int
        Each is the share of the total rounded up or down; those with the largest remainders are rounded up, the earlier first
        among equals.

    Examples
    --------
    >>> largest_remainder([0.5, 0.3, 0.2], total=9)
    [4, 3, 2]
    """
    shares = np.asarray(shares, float)
    exact = total * shares / shares.sum()
    whole = np.floor(exact).astype(int)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - whole.sum()]] += 1
    return whole.tolist()


def situation(*, alive, relief, free_of_pain):
    """A hundred patients from three shares of all patients, free of pain <= relief <= alive.

    Notes
    -----
    Deaths are rounded first and the living share the rest by largest remainders. Deaths do not depend on the schedule, so that
    equal shares become equal numbers and a larger share never a smaller number, which one round of largest remainders over all
    three would not ensure.
    """
    died = _nearest(HUNDRED * (1.0 - alive))
    living = HUNDRED - died
    in_relief, no_relief = largest_remainder([relief, alive - relief], total=living) if alive > 0.0 else (0, living)
    return Situation(in_relief, min(in_relief, _nearest(HUNDRED * free_of_pain)), no_relief, died)


def situations(dataset, day):
    """A hundred patients at some day under each schedule, from the means over the draws.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
    day : float
        [d]

    Returns
    -------
    list of Situation or None
        None if the result does not hold who is alive and in relief at that day; without freedom from pain nobody is counted as free of it.
    """
    alive, relief, free = (estimate(dataset, name, day=day) for name in SHARES)
    if alive is None or relief is None:
        return None
    shares = zip(alive.value, relief.value, np.zeros_like(relief.value) if free is None else free.value, strict=True)
    found = [
        situation(alive=a, relief=r, free_of_pain=f) if np.isfinite([a, r, f]).all() else None for a, r, f in shares
    ]
    return None if None in found else found


def _nearest(x):
    return math.floor(x + 0.5)
