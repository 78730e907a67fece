"""What counts as equal: the one tolerance of every comparison of results.

Sums in another order differ in their last bits, and so do the draws of another model's tables. A schedule is neither dominated nor
best for such a difference: whatever says better, worse or best asks here.
"""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-9
"""Numbers are equal within this, and within this part of the larger of them."""


def equal(first, second):
    """Whether two numbers are equal but for rounding; element by element.

    Parameters
    ----------
    first, second : array_like
        Broadcast against each other; of one unit.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> bool(equal(0.1 + 0.2, 0.3)), bool(equal(2000.0, 2000.01))
    (True, False)
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    scale = np.maximum(np.abs(first), np.abs(second))
    return np.abs(first - second) <= TOLERANCE * np.maximum(scale, 1.0)


def difference(first, second):
    """``first - second``, exactly zero where they are `equal`."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    return np.where(equal(first, second), 0.0, first - second)


def sign(first, second):
    """-1, 0 or 1: whether the first is less than, `equal` to or more than the second."""
    return np.sign(difference(first, second))


def are_best(values):
    """Whether each is the greatest, or `equal` to it, along the last axis; a boolean array of the same shape."""
    values = np.asarray(values, float)
    return equal(values, values.max(axis=-1, keepdims=True))


def first_best(values, *, keep=None):
    """Number of the greatest along the last axis, the first of equal ones; `keep` before all others if it is among them."""
    best = are_best(values)
    first = best.argmax(axis=-1)
    return first if keep is None else np.where(best[..., keep], keep, first)


def names_of_best(values, names):
    """Names of the greatest of some values, shape (name,), and of those `equal` to it; a list."""
    return [name for name, best in zip(names, are_best(values), strict=True) if best]


def groups(*columns):
    """Cases that are `equal` in everything.

    Parameters
    ----------
    *columns : array_like, shape (..., case)
        What is compared; equal in all of it.

    Returns
    -------
    list of list of int
        Each case in one group, with the first of its group that it equals; groups and members in rising order.
    """
    found = []
    for case in range(np.shape(columns[0])[-1]):
        group = next(
            (
                g
                for g in found
                if all(np.all(equal(np.asarray(c)[..., g[0]], np.asarray(c)[..., case])) for c in columns)
            ),
            None,
        )
        if group is None:
            found.append([case])
        else:
            group.append(case)
    return found
