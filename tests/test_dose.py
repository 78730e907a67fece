"""Linear-quadratic arithmetic against the published table of BED and EQD2."""

import pytest

from radsim.maths.dose import bed, eqd2, equivalent_single_dose, fraction_day

# dose, fractions: BED at alpha/beta 10, 3, 2, 1.5 (LQ arithmetic, printed to one decimal)
TABLE = {
    (8, 1): (14.4, 29.3, 40.0, 50.7), (4, 1): (5.6, 9.3, 12.0, 14.7), (24, 2): (52.8, 120.0, 168.0, 216.0),
    (20, 5): (28.0, 46.7, 60.0, 73.3), (24, 6): (33.6, 56.0, 72.0, 88.0), (20, 8): (25.0, 36.7, 45.0, 53.3),
    (30, 10): (39.0, 60.0, 75.0, 90.0),
}  # fmt: skip


@pytest.mark.parametrize(("course", "expected"), TABLE.items())
def test_bed_of_the_usual_courses(course, expected):
    dose, fractions = course
    for alpha_beta, value in zip((10, 3, 2, 1.5), expected, strict=True):
        assert bed(dose / fractions, fractions, alpha_beta=alpha_beta) == pytest.approx(value, abs=0.051)


def test_eqd2_of_two_gray_fractions_is_the_dose():
    assert eqd2(2.0, 17, alpha_beta=3.0) == pytest.approx(34.0, rel=1e-14)


@pytest.mark.parametrize("dose", [0.5, 4.0, 6.0, 8.0, 20.0])
def test_a_single_dose_is_its_own_equivalent(dose):
    assert equivalent_single_dose(dose, 1, alpha_beta=10.0) == pytest.approx(dose, rel=1e-14)


def test_equivalent_single_dose_has_the_bed_of_the_course():
    single = equivalent_single_dose(3.0, 10, alpha_beta=10.0)
    assert bed(single, 1, alpha_beta=10.0) == pytest.approx(39.0, rel=1e-13)


def test_alpha_beta_must_be_positive():
    with pytest.raises(ValueError, match="alpha_beta must be > 0 Gy, got 0"):
        bed(8.0, 1, alpha_beta=0)


def test_calendar_skips_the_weekend():
    assert [fraction_day(j, 5) for j in range(10)] == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    assert [fraction_day(j, 2) for j in range(4)] == [0, 1, 7, 8]
