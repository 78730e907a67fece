"""Response categories, case by case from the consensus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsim import endpoints
from radsim.compiled import doors

e = doors(endpoints)

scores = st.integers(0, 10)
doses = st.floats(0.0, 400.0)

CONSENSUS_CASES = [
    # before, now, OMED before, OMED now, category
    (7, 0, 60, 60, e.COMPLETE),
    (7, 0, 60, 30, e.COMPLETE),
    (7, 0, 60, 61, e.INDETERMINATE),  # any increase forbids complete
    (7, 5, 60, 60, e.PARTIAL),
    (7, 6, 60, 60, e.INDETERMINATE),
    (7, 7, 60, 45, e.PARTIAL),  # a quarter less opioid, pain unchanged
    (7, 7, 60, 46, e.INDETERMINATE),
    (7, 8, 60, 45, e.INDETERMINATE),  # less opioid, but more pain
    (7, 9, 60, 60, e.PROGRESSION),
    (7, 9, 60, 61, e.PROGRESSION),
    (7, 7, 60, 75, e.PROGRESSION),
    (7, 8, 60, 90, e.PROGRESSION),
    (7, 6, 60, 90, e.PROGRESSION),  # stable within one point, opioid up by half
    (7, 5, 60, 75, e.INDETERMINATE),
    (7, 9, 60, 90, e.INDETERMINATE),
    (7, 7, 60, 70, e.INDETERMINATE),
    (4, 2, 0, 0, e.PARTIAL),
    (4, 0, 0, 10, e.INDETERMINATE),  # from zero any opioid is an increase
    (4, 4, 0, 10, e.PROGRESSION),
    (4, 4, 0, 0, e.INDETERMINATE),
]


@pytest.mark.parametrize(("before", "now", "omed_before", "omed", "expected"), CONSENSUS_CASES)
def test_consensus(before, now, omed_before, omed, expected):
    assert e.consensus_response(float(before), float(now), float(omed_before), float(omed)) == expected


@pytest.mark.parametrize(
    ("before", "now", "pain_score", "any_reduction", "categorical"),
    [
        (7, 5, e.PARTIAL, e.PARTIAL, e.INDETERMINATE),  # both scores are moderate
        (7, 4, e.PARTIAL, e.PARTIAL, e.PARTIAL),
        (8, 7, e.INDETERMINATE, e.PARTIAL, e.PARTIAL),
        (4, 2, e.PARTIAL, e.PARTIAL, e.INDETERMINATE),
        (2, 0, e.COMPLETE, e.COMPLETE, e.COMPLETE),
        (5, 6, e.INDETERMINATE, e.INDETERMINATE, e.INDETERMINATE),
    ],
)
def test_other_measures(before, now, pain_score, any_reduction, categorical):
    assert e.classify(e.PAIN_SCORE, before, now, 0.0, 0.0) == pain_score
    assert e.classify(e.ANY_REDUCTION, before, now, 0.0, 0.0) == any_reduction
    assert e.classify(e.CATEGORICAL, before, now, 0.0, 0.0) == categorical


def test_a_measure_goes_by_its_place_in_the_list():
    numbers = (e.PAIN_SCORE, e.CONSENSUS, e.ANY_REDUCTION, e.CATEGORICAL)
    assert numbers == tuple(map(e.MEASURES.index, ("pain_score", "consensus", "any_reduction", "categorical")))


@pytest.mark.parametrize(("before", "now", "omed_before", "omed", "expected"), CONSENSUS_CASES)
def test_consensus_by_its_number(before, now, omed_before, omed, expected):
    assert e.classify(e.CONSENSUS, float(before), float(now), float(omed_before), float(omed)) == expected


def test_reported_score_is_the_nearest_integer():
    assert [e.reported(x) for x in (0.0, 0.49, 0.5, 3.2, 9.5, 10.0)] == [0, 0, 1, 3, 10, 10]


def test_pain_categories():
    assert [e.pain_category(s) for s in range(11)] == [0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3]


@given(st.integers(2, 10), scores, doses, doses)
def test_complete_means_no_pain_in_every_measure(before, now, omed_before, omed):
    for measure in range(len(e.MEASURES)):
        if e.classify(measure, before, now, omed_before, omed) == e.COMPLETE:
            assert now == 0


@given(st.integers(2, 10), scores, doses, doses)
def test_pain_score_response_implies_any_reduction(before, now, omed_before, omed):
    if e.classify(e.PAIN_SCORE, before, now, omed_before, omed) >= e.PARTIAL:
        assert e.classify(e.ANY_REDUCTION, before, now, omed_before, omed) >= e.PARTIAL


@given(st.integers(2, 10), scores, doses, st.floats(0.01, 100.0), st.floats(0.0, 100.0))
def test_more_opioid_never_helps_the_consensus_category(before, now, omed_before, more, still_more):
    less = e.consensus_response(float(before), float(now), omed_before, omed_before)
    increased = e.consensus_response(float(before), float(now), omed_before, omed_before + more + still_more)
    assert max(increased, e.INDETERMINATE) <= max(less, e.INDETERMINATE)
