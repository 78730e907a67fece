"""Numbers as text for people, in one form on every page: terminal, report, figures, workbook.

Thousands are set apart by a comma, a negative number has a true minus sign, a number that rounds to zero has no sign, and a number that
is not known (None, NaN, infinite) is a dash. Files for programs (JSON, CSV, Parquet) hold the numbers themselves and need none of this.
"""

from __future__ import annotations

import math

UNKNOWN = "–"
MINUS = "−"
SMALL_AMOUNT = 10.0
"""Amounts of money below this have two decimals: a value of information of a few pence is not nothing. [currency]"""


def number(value, decimals=0, *, unit="", signed=False):
    """A number with its unit.

    Parameters
    ----------
    value : float or None
    decimals : int
    unit : str
        Follows the number.
    signed : bool
        Whether a positive number has a plus sign, as a difference has.

    Examples
    --------
    >>> number(1234.5, 1), number(-3.02, 1, unit="days"), number(2.0, signed=True), number(-0.04, 1), number(None)
    ('1,234.5', '−3.0 days', '+2', '0.0', '–')
    """
    if not _is_known(value):
        return UNKNOWN
    text = f"{float(value):{'+' if signed else ''},.{decimals}f}"
    if text.strip("+-0.,") == "":
        text = text.lstrip("+-")
    return _with_unit(text, unit)


def significant(value, figures=4, *, unit=""):
    """A number of any size to so many significant figures, or whole if it has more before the point.

    Examples
    --------
    >>> significant(0.0123456), significant(1234.0), significant(12345.6), significant(-0.5, unit="Gy")
    ('0.01235', '1,234', '12,346', '−0.5 Gy')
    """
    if not _is_known(value):
        return UNKNOWN
    value = float(value)
    text = f"{value:,.0f}" if abs(value) >= 10.0 ** (figures - 1) else f"{value:.{figures}g}"
    return _with_unit("0" if value == 0.0 else text, unit)


def count(n):
    """A count.

    Examples
    --------
    >>> count(100_000)
    '100,000'
    """
    return number(n)


def time(days):
    """A time since the first fraction.

    Examples
    --------
    >>> time(84.0), time(365.0), time(10.0), time(1825.0)
    ('12 weeks', '52 weeks', '10 days', '5 years')
    """
    weeks = round(days / 7.0)
    if days > 550.0:
        return f"{days / 365.0:.2g} years"
    return f"{weeks} weeks" if weeks > 1 and abs(days - 7.0 * weeks) <= 1.0 else f"{days:g} days"


def of_100(share, decimals=0):
    """A share of patients, as patients of 100, without the words "of 100".

    Examples
    --------
    >>> of_100(0.224), of_100(0.004), of_100(0.004, decimals=1), of_100(0.0)
    ('22', 'fewer than 1', '0.4', '0')
    """
    if decimals == 0 and _is_known(share) and 0.0 < share < 0.005:
        return "fewer than 1"
    return number(None if share is None else 100.0 * share, decimals)


def per_cent(share, decimals=0):
    """A share in per cent.

    Examples
    --------
    >>> per_cent(0.834), per_cent(0.0321, 1)
    ('83 %', '3.2 %')
    """
    return number(None if share is None else 100.0 * share, decimals, unit="%")


def probability(share):
    """A probability estimated from draws, in per cent; never 0 or 100, which no number of draws can show.

    Examples
    --------
    >>> probability(0.834), probability(0.0), probability(1.0)
    ('83 %', '< 1 %', '> 99 %')
    """
    text = per_cent(share)
    return {"0 %": "< 1 %", "100 %": "> 99 %"}.get(text, text)


def money(value, currency="", *, decimals=None, signed=False):
    """An amount of money, whole, or with two decimals if it is below `SMALL_AMOUNT` and not whole.

    Parameters
    ----------
    value : float or None
        [currency]
    currency : str
        Stands before the amount.
    decimals : int, optional
        So many, instead of none or two.
    signed : bool
        As of `number`.

    Examples
    --------
    >>> money(1234.4, "GBP"), money(0.062), money(9.0), money(-850.0)
    ('GBP 1,234', '0.06', '9', '−850')
    """
    if decimals is None:
        decimals = money_decimals(value)
    text = number(value, decimals, signed=signed)
    return text if text == UNKNOWN or not currency else f"{currency} {text}"


def money_decimals(value):
    """Decimals that `money` shows of an amount; an interval has those of its value."""
    is_small = _is_known(value) and 0.0 < abs(value) < SMALL_AMOUNT and not float(value).is_integer()
    return 2 if is_small else 0


def interval(value, low, high, decimals=0, *, unit="", scale=1.0, signed=False, between=" to "):
    """A number with its interval.

    Parameters
    ----------
    value, low, high : float or None
    decimals : int
    unit : str
        Follows the number, before the interval.
    scale : float
        Multiplies all three: 100 shows a share as patients of 100.
    signed : bool
        Whether a positive `value` has a plus sign; the ends never have one.
    between : str
        What stands between the ends; a dash for narrow tables of what is never negative.

    Returns
    -------
    str
        The number alone if the interval is not known, or both ends read as the number does.

    Examples
    --------
    >>> interval(0.22, 0.17, 0.28, scale=100, unit="of 100"), interval(-0.5, -1.0, 0.04, 1, signed=True)
    ('22 of 100 (17 to 28)', '−0.5 (−1.0 to 0.0)')
    >>> interval(3.0, None, None), interval(3.0, 2.9, 3.1)
    ('3', '3')
    """
    middle, *ends = (None if not _is_known(part) else scale * float(part) for part in (value, low, high))
    text = number(middle, decimals, unit=unit, signed=signed)
    low, high = (number(end, decimals) for end in ends)
    if middle is None or UNKNOWN in (low, high) or low == high == number(middle, decimals):
        return text
    return f"{text} ({low}{between}{high})"


def ends(low, high, decimals=0, *, as_sizes=False):
    """The ends of the interval of a difference: what spans zero is said to, on both sides.

    Parameters
    ----------
    low, high : float
    decimals : int
    as_sizes : bool
        Whether the direction has been said before, so that an interval below zero loses its signs.

    Examples
    --------
    >>> ends(1.2, 4.0), ends(-3.0, 4.0), ends(-8.1, -1.0), ends(-8.1, -1.0, as_sizes=True), ends(-0.2, 4.0)
    ('1 to 4', 'between 3 fewer and 4 more', '−8 to −1', '1 to 8', '0 to 4')
    """
    low, high = (round(float(end), decimals) for end in (low, high))
    if low < 0.0 < high:
        return f"between {number(-low, decimals)} fewer and {number(high, decimals)} more"
    if as_sizes and low < 0.0:
        low, high = -high, -low
    return f"{number(low, decimals)} to {number(high, decimals)}"


def with_error(value, error, decimals=0, *, scale=1.0, signed=False):
    """A number with its standard error.

    Examples
    --------
    >>> with_error(0.542, 0.0021, 1, scale=100), with_error(3.0, None)
    ('54.2 ± 0.2', '3')
    """
    value, error = (None if not _is_known(part) else scale * float(part) for part in (value, error))
    text = number(value, decimals, signed=signed)
    return text if value is None or error is None else f"{text} ± {number(error, decimals)}"


def _is_known(value):
    return value is not None and math.isfinite(value)


def _with_unit(text, unit):
    text = text.replace("-", MINUS)
    return f"{text} {unit}" if unit else text
