"""Numbers as text for people: one form for every page."""

import doctest
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsim.cli.terminal import Visible
from radsim.outcomes import format as shown

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False)


def test_the_examples_of_the_docstrings():
    found = doctest.testmod(shown)
    assert found.attempted >= 9 and found.failed == 0


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf, -math.inf, np.float32("nan")])
def test_what_is_not_known_is_a_dash(unknown):
    functions = (
        shown.number, shown.significant, shown.count, shown.of_100, shown.per_cent, shown.probability, shown.money
    )  # fmt: skip
    assert {function(unknown) for function in functions} == {shown.UNKNOWN}
    assert shown.money(unknown, "GBP") == shown.UNKNOWN
    assert shown.interval(unknown, 1.0, 2.0) == shown.with_error(unknown, 1.0) == shown.UNKNOWN
    assert (
        shown.interval(1.0, unknown, 2.0) == shown.interval(1.0, 0.0, unknown) == shown.with_error(1.0, unknown) == "1"
    )


@given(value=NUMBERS, decimals=st.integers(0, 6), signed=st.booleans())
def test_a_number_reads_back_to_its_last_decimal_and_zero_has_no_sign(value, decimals, signed):
    text = shown.number(value, decimals, signed=signed)
    back = float(text.replace(",", "").replace(shown.MINUS, "-"))
    assert back == float(f"{value:.{decimals}f}")
    assert (text[0] in "+−") == (back < 0.0 or (signed and back > 0.0))
    assert "-" not in text


@given(value=NUMBERS)
def test_significant_figures_read_back(value):
    back = float(shown.significant(value).replace(",", "").replace(shown.MINUS, "-"))
    assert back == pytest.approx(value, rel=5.1e-4)


def test_an_interval_whose_ends_read_as_its_value_is_left_out():
    assert shown.interval(3.0, 2.9, 3.1) == "3"
    assert shown.interval(3.0, 2.9, 3.1, 1) == "3.0 (2.9 to 3.1)"
    assert shown.interval(2.0, 2.6, 3.1) == "2 (3 to 3)"
    assert shown.interval(-0.01, -0.04, 0.04, 1, signed=True) == "0.0"


def test_only_the_value_of_a_difference_has_a_plus_sign():
    assert shown.interval(0.031, 0.01, 0.052, 1, scale=100, signed=True) == "+3.1 (1.0 to 5.2)"
    assert shown.with_error(3.1, 0.2, 1, signed=True) == "+3.1 ± 0.2"


def test_small_amounts_of_money_keep_their_pence_and_their_interval_follows():
    assert [shown.money(each) for each in (0.0, 0.06, 5.0, 9.99, 10.4, -0.5)] == [
        "0",
        "0.06",
        "5",
        "9.99",
        "10",
        "−0.50",
    ]
    assert shown.money_decimals(0.06) == 2 and shown.money_decimals(10.4) == shown.money_decimals(None) == 0
    assert shown.money(12.34, "EUR", decimals=1, signed=True) == "EUR +12.3"


def test_a_stream_without_a_minus_sign_gets_a_hyphen():
    bytes_written = io.BytesIO()
    stream = Visible(io.TextIOWrapper(bytes_written, encoding="ascii"))
    stream.write("≥−3.0\n")
    stream.flush()
    assert bytes_written.getvalue() == b"\\u2265-3.0\n"
