"""Response categories, case by case from the consensus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radsim.compiled import doors
from radsim.maths import endpoints
from radsim.maths import measures as m

e = doors(endpoints)

scores = st.integers(0, 10)
doses = st.floats(0.0, 400.0)

CONSENSUS_CASES = [
    # before, now, OMED before, OMED now, category
    (7, 0, 60, 60, m.COMPLETE),
    (7, 0, 60, 30, m.COMPLETE),
    (7, 0, 60, 61, m.INDETERMINATE),  # any increase forbids complete
    (7, 5, 60, 60, m.PARTIAL),
    (7, 6, 60, 60, m.INDETERMINATE),
    (7, 7, 60, 45, m.PARTIAL),  # a quarter less opioid, pain unchanged
    (7, 7, 60, 46, m.INDETERMINATE),
    (7, 8, 60, 45, m.INDETERMINATE),  # less opioid, but more pain
    (7, 9, 60, 60, m.PROGRESSION),
    (7, 9, 60, 61, m.PROGRESSION),
    (7, 7, 60, 75, m.PROGRESSION),
    (7, 8, 60, 90, m.PROGRESSION),
    (7, 6, 60, 90, m.PROGRESSION),  # stable within one point, opioid up by half
    (7, 5, 60, 75, m.INDETERMINATE),
    (7, 9, 60, 90, m.INDETERMINATE),
    (7, 7, 60, 70, m.INDETERMINATE),
    (4, 2, 0, 0, m.PARTIAL),
    (4, 0, 0, 10, m.INDETERMINATE),  # from zero any opioid is an increase
    (4, 4, 0, 10, m.PROGRESSION),
    (4, 4, 0, 0, m.INDETERMINATE),
]


@pytest.mark.parametrize(("before", "now", "omed_before", "omed", "expected"), CONSENSUS_CASES)
def test_consensus(before, now, omed_before, omed, expected):
    assert e.consensus_response(float(before), float(now), float(omed_before), float(omed)) == expected


@pytest.mark.parametrize(
    ("before", "now", "pain_score", "any_reduction", "categorical"),
    [
        (7, 5, m.PARTIAL, m.PARTIAL, m.INDETERMINATE),  # both scores are moderate
        (7, 4, m.PARTIAL, m.PARTIAL, m.PARTIAL),
        (8, 7, m.INDETERMINATE, m.PARTIAL, m.PARTIAL),
        (4, 2, m.PARTIAL, m.PARTIAL, m.INDETERMINATE),
        (2, 0, m.COMPLETE, m.COMPLETE, m.COMPLETE),
        (5, 6, m.INDETERMINATE, m.INDETERMINATE, m.INDETERMINATE),
    ],
)
def test_other_measures(before, now, pain_score, any_reduction, categorical):
    assert e.classify(m.PAIN_SCORE, before, now, 0.0, 0.0) == pain_score
    assert e.classify(m.ANY_REDUCTION, before, now, 0.0, 0.0) == any_reduction
    assert e.classify(m.CATEGORICAL, before, now, 0.0, 0.0) == categorical


def test_a_measure_goes_by_its_place_in_the_list():
    numbers = (m.PAIN_SCORE, m.CONSENSUS, m.ANY_REDUCTION, m.CATEGORICAL)
    assert numbers == tuple(map(m.MEASURES.index, ("pain_score", "consensus", "any_reduction", "categorical")))


@pytest.mark.parametrize(("before", "now", "omed_before", "omed", "expected"), CONSENSUS_CASES)
def test_consensus_by_its_number(before, now, omed_before, omed, expected):
    assert e.classify(m.CONSENSUS, float(before), float(now), float(omed_before), float(omed)) == expected


def test_reported_score_is_the_nearest_integer():
    assert [e.reported(x) for x in (0.0, 0.49, 0.5, 3.2, 9.5, 10.0)] == [0, 0, 1, 3, 10, 10]


def test_pain_categories():
    assert [e.pain_category(s) for s in range(11)] == [0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3]


@given(st.integers(2, 10), scores, doses, doses)
def test_complete_means_no_pain_in_every_measure(before, now, omed_before, omed):
    for measure in range(len(m.MEASURES)):
        if e.classify(measure, before, now, omed_before, omed) == m.COMPLETE:
            assert now == 0


@given(st.integers(2, 10), scores, doses, doses)
def test_pain_score_response_implies_any_reduction(before, now, omed_before, omed):
    if e.classify(m.PAIN_SCORE, before, now, omed_before, omed) >= m.PARTIAL:
        assert e.classify(m.ANY_REDUCTION, before, now, omed_before, omed) >= m.PARTIAL


@given(st.integers(2, 10), scores, doses, st.floats(0.01, 100.0), st.floats(0.0, 100.0))
def test_more_opioid_never_helps_the_consensus_category(before, now, omed_before, more, still_more):
    less = e.consensus_response(float(before), float(now), omed_before, omed_before)
    increased = e.consensus_response(float(before), float(now), omed_before, omed_before + more + still_more)
    assert max(increased, m.INDETERMINATE) <= max(less, m.INDETERMINATE)
