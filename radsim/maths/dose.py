"""Linear-quadratic dose arithmetic and the calendar of a course."""

from __future__ import annotations

import math


def bed(dose_per_fraction, n_fractions, *, alpha_beta):
    """Biologically effective dose of a fractionation schedule.

    Parameters
    ----------
    dose_per_fraction : float or array
        Physical dose per fraction. [Gy]
    n_fractions : int or array
        Number of fractions. [1]
    alpha_beta : float
        Tissue alpha/beta ratio, > 0. [Gy]

    Returns
    -------
    float or array
        BED without repopulation. [Gy]

    Raises
    ------
    ValueError
        If ``alpha_beta`` <= 0.

    Notes
    -----
    BED = n d (1 + d / (α/β)) [1]_. Doubtful above about 10 Gy a fraction, where SBRT lives.

    Examples
    --------
    >>> round(bed(8.0, 1, alpha_beta=10.0), 10)
    14.4

    References
    ----------
    .. [1] Fowler JF, "The linear-quadratic formula and progress in fractionated radiotherapy," Br J Radiol 62, 1989, 679–694,
       doi:10.1259/0007-1285-62-740-679.
    """
    if alpha_beta <= 0:
        raise ValueError(f"alpha_beta must be > 0 Gy, got {alpha_beta}")
    return n_fractions * dose_per_fraction * (1.0 + dose_per_fraction / alpha_beta)


def eqd2(dose_per_fraction, n_fractions, *, alpha_beta):
    """Dose in 2 Gy fractions with the same BED. [Gy]

    Examples
    --------
    >>> eqd2(8.0, 1, alpha_beta=10.0)
    12.0
    """
    return bed(dose_per_fraction, n_fractions, alpha_beta=alpha_beta) / (1.0 + 2.0 / alpha_beta)


def equivalent_single_dose(dose_per_fraction, n_fractions, *, alpha_beta):
    """Single dose with the same BED as the whole course. [Gy]

    Notes
    -----
    The positive root of d (1 + d / (α/β)) = BED.

    Examples
    --------
    >>> round(equivalent_single_dose(4.0, 1, alpha_beta=10.0), 12)
    4.0
    """
    total = bed(dose_per_fraction, n_fractions, alpha_beta=alpha_beta)
    return 0.5 * alpha_beta * (math.sqrt(1.0 + 4.0 * total / alpha_beta) - 1.0)


def fraction_day(index, fractions_per_week):
    """Day of fraction ``index`` (from 0) of a course that starts on a Monday, day 0. [d]

    Examples
    --------
    >>> [fraction_day(j, 5) for j in (0, 4, 5, 9)]
    [0, 4, 7, 11]
    """
    return 7 * (index // fractions_per_week) + index % fractions_per_week
