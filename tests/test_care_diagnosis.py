"""The source of the pain: what imaging and biopsy say of it, and what a wrong target does to the response."""

import numpy as np
import pytest
from studies import flag, same_totals, study, totals

from radsim import care
from radsim.care.diagnosis import after_a_positive_test
from radsim.config import ConfigError, load_config
from radsim.engine import record_trajectories
from radsim.kernel import layout

SCHEDULES = ("8Gy/1", "20Gy/5", "none")
KIND = next(kind for kind in care.KINDS if kind.name == "diagnosis")


def stated(probability):
    return {"diagnosis": {"imaging": "stated", "source_probability": probability}}


def given(settings, *, n=2000, **changes):
    return study(n=n, schedules=SCHEDULES, care={"diagnosis": settings}, **changes)


def probability(**settings):
    return given(settings, n=1).parameters(0)[0].diagnosis_probability[0]


def response(probability, *, n=8000):
    return flag(totals(study(n=n, schedules=SCHEDULES, care=stated(probability))), "latent_response") / n


@pytest.mark.parametrize(
    ("imaging", "expected"), [("none", 0.728), ("scintigraphy", 0.925), ("ct", 0.974), ("mri", 0.981), ("pet", 0.987)]
)
def test_a_positive_test_raises_the_probability_by_its_sensitivity_and_specificity(imaging, expected):
    """Raphael 2013: 316 of 434 suspicious lesions; Yang 2011: 90/97 (PET), 73/95 (CT), 91/95 (MRI), 86/81 % (scintigraphy)."""
    assert probability(imaging=imaging) == pytest.approx(expected, abs=0.0006)


def test_a_second_test_and_a_biopsy_leave_less_doubt():
    once, twice = probability(imaging="ct"), probability(imaging="ct", second_imaging="mri")
    assert after_a_positive_test(once, 0.906, 0.954) == pytest.approx(twice) and 0.99 < twice < 1.0
    assert probability(imaging="ct", biopsy=True) > twice
    assert after_a_positive_test(0.0, 0.9, 0.9) == 0.0 and after_a_positive_test(0.4, 0.5, 0.5) == pytest.approx(0.4)


def test_imaging_as_in_the_trials_changes_no_bit_of_the_calibrated_model():
    off, on = totals(study(n=1500, schedules=SCHEDULES)), totals(given(True, n=1500))
    columns = [layout.ITEMS.index(item.name) for item in KIND.items]
    assert on.count[..., layout.ITEMS.index("wrong_targets")].sum() > 0
    on.count[..., columns] = 0
    assert not on.count[..., off.count.shape[-1] :].any()
    assert same_totals(off, on._replace(count=on.count[..., : off.count.shape[-1]]))


def test_a_wrong_target_is_answered_as_none_whatever_the_schedule():
    off, on = study(n=1500, schedules=SCHEDULES), study(n=1500, schedules=SCHEDULES, care=stated(0.0))
    (_, before), (_, after) = (record_trajectories(s, 0, 1500) for s in (off, on))
    none = SCHEDULES.index("none")
    for name in ("response_class", "onset", "relapse", "fade", "level"):
        for s in range(len(SCHEDULES)):
            assert np.array_equal(after[name][s, :, 0], before[name][none, :, 0]), name
    assert np.array_equal(before["toxicity"][..., 0], after["toxicity"][..., 0])  # harm is done all the same
    repeated = after["n_courses"] > 1
    assert repeated.sum() > 50 and np.all(after["response_class"][..., 1][repeated] == layout.NONE)


def test_the_response_falls_in_proportion_to_the_probability():
    """Latent response at 0.925 (the trials'), 0.7, 0.4 and 0: 8 Gy/1 0.712, 0.602, 0.460 and 0.274."""
    at = {p: response(p) for p in (0.925, 0.7, 0.4, 0.0)}
    for p in (0.7, 0.4):
        expected = at[0.0] + p / 0.925 * (at[0.925] - at[0.0])
        np.testing.assert_allclose(at[p], expected, atol=0.012)
    assert at[0.0][0] == at[0.0][1] == at[0.0][2] == at[0.925][2]


def test_more_true_lesions_than_in_the_trials_raise_the_response_in_proportion():
    low, trials, sure = (response(p) for p in (0.0, 0.925, 1.0))
    np.testing.assert_allclose(sure, low + (trials - low) / 0.925, atol=0.012)
    assert sure[0] > trials[0] + 0.015 and sure[2] == trials[2]


def test_with_the_same_random_numbers_a_higher_probability_loses_no_response():
    before = None
    for p in (0.2, 0.5, 0.8, 0.925, 1.0):
        _, found = record_trajectories(study(n=1000, schedules=["8Gy/1"], care=stated(p)), 0, 1000)
        now = found["response_class"][..., 0]
        assert before is None or (np.all(now >= before) and now.sum() > before.sum())
        before = now


def test_scans_biopsies_and_wrong_targets_are_counted():
    n = 4000
    t = totals(given({"imaging": "ct", "second_imaging": "pet", "biopsy": True}, n=n))
    count = {item.name: t.count[..., layout.ITEMS.index(item.name)].sum(axis=(0, 1, 3)) / n for item in KIND.items}
    for name, expected in (("ct_scans", 1.0), ("pet_scans", 1.0), ("bone_biopsies", 1.0), ("mri_scans", 0.0)):
        assert np.all(count[name] == expected), name
    t = totals(given({"imaging": "none"}, n=n))
    wrong = t.count[..., layout.ITEMS.index("wrong_targets")].sum(axis=(0, 1, 3)) / n
    assert wrong[0] == pytest.approx(1.0 - 0.728, abs=0.02) and np.all(wrong == wrong[0])


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"second_imaging": "ct"}, "second_imaging"),
        ({"imaging": "ct", "second_imaging": "ct"}, "second_imaging"),
        ({"imaging": "stated", "source_probability": 0.5, "biopsy": True}, "biopsy"),
        ({"biopsy": True}, "biopsy"),
        ({"imaging": "mri", "source_probability": 0.5}, "source_probability"),
        ({"imaging": "ultrasound"}, "imaging"),
        ({"imaging": "stated", "source_probability": 1.5}, "source_probability"),
    ],
)
def test_what_contradicts_is_refused_with_its_place(settings, path):
    with pytest.raises(ConfigError) as error:
        load_config({"schedules": ["8Gy/1"], "care": {"diagnosis": settings}})
    assert [fault.path for fault in error.value.faults] == [f"care.diagnosis.{path}"]


def test_compare_takes_the_imaging(run):
    page = run("compare", "8Gy/1", "20Gy/5", "--patients", "256", "--diagnosis", "mri", "--full").out
    assert "MRI scans before radiotherapy" in page
    refused = run("compare", "8Gy/1", "20Gy/5", "--diagnosis", "mri", "--care", "diagnosis.second_imaging=mri")
    assert refused.code == 2 and "another one than mri" in refused.err
