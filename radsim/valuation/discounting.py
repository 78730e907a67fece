"""Discounting of whole periods at their middle."""

from __future__ import annotations

import numpy as np

DAYS_PER_YEAR = 365.25


def discount_factors(middles_days, *, rate, convention):
    """Present value of one unit in each period.

    Parameters
    ----------
    middles_days : array_like, shape (period,)
        Middle of each period, from the first fraction. [d]
    rate : float
        Discount rate, >= 0. [year-1]
    convention : {'continuous', 'annual'}
        exp(-r t), or (1 + r)**-t with t in years and not rounded.

    Returns
    -------
    ndarray, shape (period,)
        In (0, 1]; exactly 1 for a rate of 0. [1]

    Examples
    --------
    >>> discount_factors([365.25], rate=0.25, convention="annual").tolist()
    [0.8]
    """
    years = np.asarray(middles_days, np.float64) / DAYS_PER_YEAR
    return np.exp(-rate * years) if convention == "continuous" else (1.0 + rate) ** -years
