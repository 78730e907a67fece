"""The rule of the spinal cord: by hand, and the same words wherever it is asked."""

import json
import re

import numpy as np
import pytest

from radsim.config import ConfigError, load_config
from radsim.cord import Course, Limits, judge, repeats_left
from radsim.presentation import cord as words
from radsim.study import prepare

PUBLISHED = Limits(course=98.0, early=120.0, late=135.5, early_within=26.0, least_interval=4.0)


def study_of(schedules, **cohort):
    return prepare(
        load_config({"radsim": 1, "seed": 1, "cohort": {"size": 64, **cohort}, "schedules": list(schedules)})
    )


def verdict_of(schedules, **cohort):
    return [each.verdict for each in study_of(schedules, **cohort).cord]


# --- by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prior", "schedule", "total", "verdict"),
    [
        ([("30Gy/10", 12)], "8Gy/1", 115.0, "not covered"),
        ([("30Gy/10", 12)], "20Gy/5", 135.0, "beyond"),
        ([("30Gy/10", 26)], "20Gy/5", 135.0, "within"),
        ([("30Gy/10", 25.9)], "20Gy/5", 135.0, "beyond"),
        ([("30Gy/10", 60), ("8Gy/1", 20)], "8Gy/1", 155.0, "beyond"),
        ([("30Gy/10", 60), ("8Gy/1", 20)], "20Gy/5", 175.0, "beyond"),
        ([("8Gy/1", 90), ("8Gy/1", 40)], "8Gy/1", 120.0, "within"),
        ([("8Gy/1", 60), ("8Gy/1", 50)], "8Gy/1", 120.0, "not covered"),  # those two lie ten weeks apart
        ([("8Gy/1", 4)], "8Gy/1", 80.0, "not covered"),
        ([("8Gy/1", 3.9)], "8Gy/1", 80.0, "beyond"),
        ([("40Gy/10", 100)], "4Gy/1", 132.0, "beyond"),  # 40 (1 + 4/2) = 120 in one course
        ([], "30Gy/10", 75.0, "within"),
        ([], "24Gy/2", 168.0, "beyond"),
        ([], "30Gy/1", 480.0, "beyond"),
        ([], "24Gy/1", 312.0, "beyond"),
        ([], "30Gy/3", 180.0, "beyond"),
    ],
)
def test_totals_and_verdicts_by_hand(prior, schedule, total, verdict):
    courses = [f"{name}@{weeks}w" for name, weeks in prior]
    (found,) = study_of([schedule], site="spine", **({"prior": courses} if courses else {})).cord
    assert (found.total_gy2, found.verdict) == (pytest.approx(total, rel=1e-12), verdict)


def test_the_order_of_earlier_courses_does_not_matter():
    one = study_of(["8Gy/1"], site="spine", prior=["30Gy/10@60w", "8Gy/1@20w"]).cord
    other = study_of(["8Gy/1"], site="spine", prior=["8Gy/1@20w", "30Gy/10@60w"]).cord
    assert one[0]._replace(earlier=()) == other[0]._replace(earlier=())


def test_a_course_exactly_at_its_limits_is_within():
    assert judge(Course("a", 37.5), [Course("b", 98.0, 30.0)], PUBLISHED).verdict == "within"
    assert judge(Course("a", 37.6), [Course("b", 98.0, 30.0)], PUBLISHED).verdict == "beyond"


def test_a_large_dose_without_sbrt_is_asked_about_and_with_it_needs_its_cord_dose():
    (found,) = study_of(["24Gy/2"], site="spine").cord
    assert "did you mean 24Gy/2@sbrt?" in found.reasons[0]
    sbrt = {"name": "24Gy/2@sbrt", "dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17}
    (found,) = study_of([sbrt], site="spine").cord
    assert (found.verdict, found.course_gy2) == ("within", pytest.approx(17 * (1 + 8.5 / 2)))


def test_an_earlier_course_of_sbrt_needs_its_dose_at_the_cord_and_the_message_says_how():
    with pytest.raises(ConfigError, match=r"--prior 30Gy/5@sbrt@30w@cord20Gy"):
        study_of(["8Gy/1"], site="spine", prior=["30Gy/5@sbrt@30w"])
    (found,) = study_of(["8Gy/1"], site="spine", prior=["30Gy/5@sbrt@30w@cord20Gy"]).cord
    assert found.total_gy2 == pytest.approx(20 * (1 + 4 / 2) + 40)
    mapping = {"schedule": "30Gy/5@sbrt", "weeks_ago": 30, "cord_dose_gy": 20}
    assert study_of(["8Gy/1"], site="spine", prior=[mapping]).cord == (found,)
    assert verdict_of(["8Gy/1"], site="hip", prior=["30Gy/5@sbrt@30w"]) == ["no limit"]


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        ({"prior": ["none@8w"]}, r"cohort.prior\[0\].schedule: expected a course that was given"),
        ({"prior": ["30Gy/10"]}, r"cohort.prior\[0\]: expected a schedule and how long ago"),
        ({"prior": []}, "cohort.prior: expected a list of at least one"),
        (
            {"prior": ["8Gy/1@9w"], "prior_weeks_ago": 3},
            "cohort.prior: expected prior, or prior_schedule and prior_weeks_ago, found both",
        ),
        ({"prior": [{"schedule": "8Gy/1", "weeks_ago": 9, "cord_dose_gy": 4}]}, "a cord dose only with @sbrt"),
        ({"prior": ["8Gy/1@2000w"]}, r"cohort.prior\[0\].weeks_ago: expected a number \[week\] from 0 to 1040"),
    ],
)
def test_what_cannot_be_is_refused(cohort, message):
    with pytest.raises(ConfigError, match=message):
        study_of(["8Gy/1"], site="spine", **cohort)


def test_the_kernel_holds_repeats_to_the_sum_of_all_earlier_courses():
    tables = study_of(["8Gy/1"], site="spine", prior=["30Gy/10@60w", "8Gy/1@30w"]).tables_of(0)
    assert tables[0].prior_beds_gy2.tolist() == [0.0, 115.0]


def test_room_for_a_repeat_is_that_of_the_totals():
    repeats = [Course("8Gy/1", 40.0), Course("20Gy/8", 45.0)]
    assert repeats_left(Course("8Gy/1", 40.0), [Course("8Gy/1", 40.0, 30.0)], PUBLISHED, repeats)
    assert not repeats_left(Course("20Gy/5", 60.0), [Course("8Gy/1", 40.0, 30.0)], PUBLISHED, repeats)


# --- populations --------------------------------------------------------------------------------------------


def test_a_mixed_population_is_judged_by_its_worst_patients_and_told_how_many_they_are():
    (found,) = study_of(
        ["20Gy/5"], site="spine", prior_schedule={"none": 0.75, "30Gy/10": 0.25}, prior_weeks_ago=12
    ).cord
    assert (found.verdict, found.share) == ("beyond", pytest.approx(0.25))
    assert "for 25 of 100 such patients" in words.line(found)


def test_real_patients_are_judged_row_by_row_at_the_spine(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text(
        "site,prior_schedule,prior_weeks_ago\nspine,30Gy/10,12\nspine,none,\nhip,30Gy/10,12\nspine,30Gy/10,60\n"
    )
    (found,) = study_of(["20Gy/5"], file=str(file)).cord
    assert (found.verdict, found.where) == ("beyond", "maybe spine")
    assert found.share == pytest.approx(1 / 3)


def test_a_site_that_is_drawn_is_said_to_be_drawn():
    (found,) = study_of(["24Gy/2"]).cord
    assert ", if the site is the spine:" in words.line(found)


# --- one answer ---------------------------------------------------------------------------------------------


QUESTION = ("8Gy/1", "20Gy/5", "--site", "spine", "--primary", "lung", "--prior", "30Gy/10@8w")
SMALL = ("--patients", "64", "--draws", "2")


def joined(text):
    return " ".join(text.split())


def test_every_command_gives_the_same_verdict_in_the_same_words_first(run, tmp_path):
    study = run("compare", *QUESTION, *SMALL, "--yaml")
    (tmp_path / "q.yaml").write_text(study.out)
    expected = words.lines(prepare(load_config(tmp_path / "q.yaml")).cord)
    assert [line.partition(" limits")[0] for line in expected] == ["8Gy/1: not covered by the", "20Gy/5: beyond the"]
    for arguments in (("compare", *QUESTION, *SMALL), ("run", "q.yaml", "-o", "q.nc"), ("check", "q.yaml")):
        done = run(*arguments)
        text = joined(done.out).removeprefix("q.yaml: ok ")
        assert done.code == 0 and text.startswith(f"Irradiated before: 30Gy/10, 8 weeks ago {' '.join(expected)}"), (
            arguments
        )
    report = run("report", "q.nc", "-o", "q.html")
    page = joined(re.sub("<[^>]+>", " ", (tmp_path / "q.html").read_text().split("<main>")[1]))
    assert report.code == 0 and page.index(expected[0]) < page.index(expected[1]) < page.index("Numbers are")


def test_what_is_beyond_the_limits_is_marked_and_not_drawn_as_a_choice(run):
    out = run("compare", *QUESTION, *SMALL).out
    assert re.search(r"^Spinal cord +not covered +BEYOND LIMITS$", out, re.M)
    assert re.search(r"^  20Gy/5 +no choice: beyond the limits", out, re.M) and not re.search(
        r"^  20Gy/5 +[█▓░·]", out, re.M
    )
    assert "8Gy/1 (not covered) minus 20Gy/5 (BEYOND LIMITS)" in run("compare", *QUESTION, *SMALL, "--full").out
    assert "20Gy/5 takes" not in out


def test_json_results_and_sweeps_hold_the_verdict(run, tmp_path):
    document = json.loads(run("compare", *QUESTION, *SMALL, "--json").out)
    assert [each["cord"]["verdict"] for each in document["schedules"]] == ["not covered", "beyond"]
    assert any(text.startswith("20Gy/5: beyond the limits") for text in document["warnings"])
    import radsim
    import radsim.sweep

    base = {
        "radsim": 1,
        "seed": 1,
        "cohort": {"size": 64, "site": "spine", "prior_schedule": "30Gy/10"},
        "schedules": ["8Gy/1", "20Gy/5"],
    }
    radsim.sweep({"base": base, "grid": {"cohort.prior_weeks_ago": [2, 12, 60]}}, tmp_path / "s.zarr")
    found = radsim.sweep.open_sweep(tmp_path / "s.zarr")
    expected = [["beyond", "beyond"], ["not covered", "beyond"], ["within", "within"]]
    assert found["cord_verdict"].values.tolist() == expected
    one = radsim.simulate({**base, "cohort": {**base["cohort"], "prior_weeks_ago": 12}})
    assert one["cord_verdict"].values.tolist() == expected[1] and np.array_equal(one["cord_total"], [115.0, 135.0])


def test_no_schedule_is_praised_because_its_own_dose_forbids_repeats(run):
    arguments = (
        "8Gy/1",
        "20Gy/5",
        "--site",
        "spine",
        "--primary",
        "breast",
        "--prior",
        "8Gy/1@30w",
        "--patients",
        "256",
        "--draws",
        "8",
    )
    text = joined(run("compare", *arguments).out)
    assert "After 20Gy/5 the limits of the spinal cord do not allow a usual repeat" in text
    assert "is worth it only if" not in text
    asked = (*arguments[:6], "--patients", "2048", "--draws", "40", "--seed", "1")
    assert "is worth it only if" in joined(run("compare", *asked).out)


def test_where_the_cord_is_out_of_question_nothing_is_said_of_it(run):
    assert "limits of the spinal cord" not in run("compare", "8Gy/1", "20Gy/5", "--site", "spine", *SMALL).out
    assert "limits of the spinal cord" not in run("compare", "8Gy/1", "20Gy/5", "--site", "hip", *SMALL).out
