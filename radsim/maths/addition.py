"""Sums that do not depend on what stands beside them.

numpy adds along an axis in one order where other axes are long, and in another where they are not, so that the last bits of a
schedule's sum would depend on how many other schedules there are.
"""

from __future__ import annotations

import numpy as np


def in_order(values, axis):
    """Sum along an axis, from its first element to its last.

    Parameters
    ----------
    values : array_like
    axis : int
        Of any length; a short one is fast.

    Returns
    -------
    ndarray
        Without that axis; to the last bit the same for a part of the other axes.

    Examples
    --------
    >>> in_order([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [4.0, 6.0]
    """
    parts = np.moveaxis(np.asarray(values), axis, 0)
    total = np.zeros(parts.shape[1:], parts.dtype)
    for part in parts:
        total += part
    return total


def mean_in_order(values, axis):
    """Mean along an axis, added as by `in_order`; NaN for an axis of length 0."""
    n = np.shape(values)[axis]
    return in_order(np.asarray(values, float), axis) / (n if n else np.nan)
