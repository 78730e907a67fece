"""Patients as clinics write them: ECOG, sites and primaries in every reader, and what they are simulated as said."""

from __future__ import annotations

import json

import numpy as np
import pytest

import radsim
from radsim.cohort import CohortError, build_tables, read_rows
from radsim.config import CATEGORIES, COVARIATES, ConfigError, ecog, load_config, resolved_config
from radsim.config.clinic_words import NOTES, SIMULATED_AS, SPELLINGS, simulated, what_is_said
from radsim.config.covariates import read_category, words_of
from radsim.trials import load_trial, prepare_trial

AT = {name: i for i, name in enumerate(COVARIATES)}
TAKEN = "ECOG 2 is taken as Karnofsky 65 (Ma 2010)"
FEMUR = "femur is simulated as hip (proximal femur)"
KIDNEY = "kidney is simulated as other (the evidence has no separate figures)"


def study(**cohort):
    return {"seed": 1, "schedules": ["8Gy/1"], "cohort": {"size": 300, **cohort}}


def faults_of(**cohort):
    with pytest.raises(ConfigError) as caught:
        load_config(study(**cohort))
    return [str(fault) for fault in caught.value.faults]


def levels(tables, name):
    n = tables.n_levels[AT[name], 0]
    shares = np.diff(tables.cumulative[AT[name], 0, :n], prepend=0.0)
    return dict(zip(tables.values[AT[name], 0, :n].tolist(), shares.tolist(), strict=True))


def table(tmp_path, text):
    (tmp_path / "rows.csv").write_text(text)
    return tmp_path / "rows.csv"


# --- the tables themselves


@pytest.mark.parametrize("covariate", SIMULATED_AS)
def test_every_word_leads_to_a_category_with_a_sentence(covariate):
    for word, category in SIMULATED_AS[covariate].items():
        assert category in CATEGORIES[covariate] and word not in CATEGORIES[covariate]
        assert NOTES[covariate, category] in what_is_said(covariate, [word])[0]
        assert read_category(covariate, word.replace("_", "-").upper()) == word
    for other, word in SPELLINGS[covariate].items():
        assert other not in words_of(covariate) and word in words_of(covariate)
        assert read_category(covariate, f" {other.replace('_', ' ')} ") == word


def test_words_for_the_same_category_add_up_and_are_said_together():
    shares = {"breast": 0.4, "kidney": 0.2, "melanoma": 0.1, "other": 0.3}
    assert simulated("primary", shares) == pytest.approx({"breast": 0.4, "other": 0.6})
    assert what_is_said("primary", shares) == [
        "kidney and melanoma are simulated as other (the evidence has no separate figures)"
    ]
    assert simulated("site", "hip") == "hip" and what_is_said("site", ["hip", "rib"]) == []


def test_grades_lie_within_what_they_accept_and_fall_with_karnofsky():
    taken = [ecog.karnofsky(grade) for grade in range(5)]
    assert taken == sorted(taken, reverse=True) == [100.0, 85.0, 65.0, 45.0, 20.0]  # Ma 2010
    for grade, value in enumerate(taken):
        low, high = ecog.accepted(str(grade))
        assert low <= value <= high
    assert ecog.source().startswith("Ma C")


# --- configurations


def test_ecog_is_simulated_as_karnofsky_and_said():
    config = load_config(study(ecog=2))
    tables, warnings = build_tables(config)
    assert levels(tables, "karnofsky") == {65.0: 1.0} and warnings == [f"cohort.ecog: {TAKEN}"]
    assert config.cohort.covariates == {"karnofsky": 65.0} and config.cohort.as_written == {"ecog": 2}
    again = load_config(json.loads(json.dumps(resolved_config(config))))
    assert again == config


def test_ecog_takes_a_distribution_in_every_spelling():
    shares = {0: 0.25, "2": 0.5, 4: 0.25}
    config = load_config(study(ecog=shares))
    tables, (warning,) = build_tables(config)
    assert levels(tables, "karnofsky") == pytest.approx({20.0: 0.25, 65.0: 0.5, 100.0: 0.25})
    assert "ECOG 0 is taken as Karnofsky 100, 2 is taken as Karnofsky 65, 4 is taken as Karnofsky 20" in warning
    assert load_config(json.loads(json.dumps(resolved_config(config)))) == config
    assert radsim.simulate(study(ecog=shares), threads=1)["survival"].notnull().all()


@pytest.mark.parametrize("grade", [5, -1, 1.5, "two", True, {5: 1.0}, {1: 0.5, 2: 0.4}])
def test_what_is_no_grade_is_refused(grade):
    (fault,) = faults_of(ecog=grade)
    assert "cohort.ecog" in fault and "expected" in fault


def test_ecog_and_karnofsky_together_are_refused(run):
    assert faults_of(ecog=2, karnofsky=70) == ["configuration: cohort.ecog: expected ecog or karnofsky, found both"]
    done = run("compare", "8Gy/1", "20Gy/5", "--ecog", "2", "--karnofsky", "70")
    assert (done.code, done.out) == (2, "") and "--ecog: expected ecog or karnofsky, found both" in done.err


@pytest.mark.parametrize(
    ("name", "given", "category", "said"),
    [
        ("site", "Femur", "hip", FEMUR),
        ("site", "lumbar spine", "spine", "lumbar spine is simulated as spine, of which the model knows no levels"),
        ("site", "L-spine", "spine", "lumbar spine is simulated as spine, of which the model knows no levels"),
        ("site", "SACRUM", "pelvis", "sacrum is simulated as pelvis, so without the rule of the spinal cord"),
        ("site", "sternum", "other", "sternum is simulated as other (the evidence has no separate figures)"),
        ("primary", "renal", "other", KIDNEY),
        ("primary", "multiple-myeloma", "other", KIDNEY.replace("kidney", "myeloma")),
    ],
)
def test_words_of_clinics_are_simulated_and_said(name, given, category, said):
    tables, warnings = build_tables(load_config(study(**{name: given})))
    assert levels(tables, name) == {float(CATEGORIES[name].index(category)): 1.0}
    assert warnings == [f"cohort.{name}: {said}"]


def test_a_word_gives_the_same_numbers_as_its_category():
    same = [radsim.simulate(study(site=site, primary=primary), threads=1)
            for site, primary in (("hip", {"breast": 0.4, "other": 0.6}), ("femur", {"breast": 0.4, "kidney": 0.2, "other": 0.4}))]  # fmt: skip
    for name in ("survival", "overall_response", "pathological_fracture"):
        assert np.array_equal(same[0][name], same[1][name])


def test_a_distribution_names_only_what_can_happen():
    _, warnings = build_tables(load_config(study(primary={"breast": 1.0, "kidney": 0.0})))
    assert warnings == []


def test_a_word_is_judged_as_its_category():
    (fault,) = faults_of(primary="kidney", subtype="triple_negative")
    assert "cohort.subtype: expected unknown unless the primary is breast" in fault
    (fault,) = faults_of(site="lumbar spine", prior_schedule="30Gy/5@sbrt", prior_weeks_ago=30)
    assert "may be the spine" in fault
    load_config(study(site="sacrum", prior_schedule="30Gy/5@sbrt", prior_weeks_ago=30))
    assert build_tables(load_config(study(site="femur", cortical_involvement_mm=40)))[1] == [f"cohort.site: {FEMUR}"]


# --- cohort files


def test_a_table_is_read_in_the_words_of_clinics(tmp_path):
    path = table(
        tmp_path, "Primary,Site,ECOG,karnofsky,pain\nkidney,Lumbar Spine,2,,7\nbreast,femur,1,80,8\nCUP,sacrum,0.0,,6\n"
    )
    rows = read_rows(path)
    column = {name: rows.values[:, AT[name]].tolist() for name in ("primary", "site", "karnofsky")}
    site = CATEGORIES["site"].index
    assert column == {
        "primary": [3.0, 0.0, 3.0],
        "site": [site("spine"), site("hip"), site("pelvis")],
        "karnofsky": [65.0, 80.0, 100.0],
    }
    assert rows.warnings[:5] == (
        "rows.csv: primary: kidney and unknown are simulated as other (the evidence has no separate figures)",
        f"rows.csv: site: {FEMUR}",
        "rows.csv: site: lumbar spine is simulated as spine, of which the model knows no levels",
        "rows.csv: site: sacrum is simulated as pelvis, so without the rule of the spinal cord",
        "rows.csv: ECOG 0 is taken as Karnofsky 100, 2 is taken as Karnofsky 65 (Ma 2010), where the row has no Karnofsky",
    )


def test_a_row_whose_ecog_and_karnofsky_contradict_is_refused_with_its_number(tmp_path):
    path = table(tmp_path, "ecog,karnofsky,pain\n2,60,7\n3,90,7\n,90,7\n7,50,7\n")
    with pytest.raises(CohortError) as caught:
        read_rows(path)
    assert [str(fault) for fault in caught.value.faults] == [
        'rows.csv:3: row 2: ecog: expected a grade for Karnofsky 90 (ECOG 3 goes with 30 to 60), found "3"',
        'rows.csv:5: row 4: ecog: expected a grade from 0 to 4, found "7"',
    ]


def test_a_column_of_ecog_stands_before_the_karnofsky_of_the_configuration(tmp_path):
    path = table(tmp_path, "ecog,pain\n4,7\n,7\n")
    tables, warnings = build_tables(load_config(study(file=str(path), karnofsky=80)))
    assert tables.rows[0, AT["karnofsky"]] == 20.0 and np.isnan(tables.rows[1, AT["karnofsky"]])
    assert any("ECOG 4 is taken as Karnofsky 20" in warning for warning in warnings)


# --- every face says it


def test_every_command_says_what_is_simulated_as_what(run, tmp_path):
    text = "radsim: 1\nseed: 1\nschedules: [8Gy/1, 20Gy/5]\ncohort: {size: 64, site: femur, primary: kidney, ecog: 2}\n"
    (tmp_path / "study.yaml").write_text(text)
    (tmp_path / "sweep.yaml").write_text("radsim_sweep: 1\nbase: study.yaml\ngrid: {cohort.ecog: [1, 2]}\n")
    asked = ("--site", "femur", "--primary", "kidney", "--ecog", "2", "--patients", "64", "--draws", "2")
    commands = [
        ("check", "study.yaml"), ("run", "study.yaml", "-o", "a.nc"), ("rerun", "a.nc", "-o", "b.nc"), ("compare", "8Gy/1", "20Gy/5", *asked),
        ("sweep", "sweep.yaml", "-o", "s.zarr", "--plan"),
    ]  # fmt: skip
    for command in commands:
        done = run(*command)
        assert done.code == 0, done
        for sentence in (TAKEN, FEMUR, KIDNEY):
            assert done.err.count(sentence) == 1, (command, done.err)
    assert "Kidney cancer, femur, ECOG 2" in run("compare", "8Gy/1", "20Gy/5", *asked).out
    document = json.loads(run("compare", "8Gy/1", "20Gy/5", *asked, "--json").out)
    assert document["patient"]["given"] == {"primary": "kidney", "site": "femur", "ecog": 2}
    assert all(any(sentence in warning for warning in document["warnings"]) for sentence in (TAKEN, FEMUR, KIDNEY))


def test_the_report_says_it_too(run, tmp_path):
    (tmp_path / "study.yaml").write_text(
        "radsim: 1\nseed: 1\nschedules: [8Gy/1, 20Gy/5]\ncohort: {size: 64, site: femur, ecog: 2}\n"
    )
    assert run("run", "study.yaml", "-o", "a.nc").code == 0
    assert run("report", "a.nc", "-o", "a.html").code == 0
    page = (tmp_path / "a.html").read_text()
    assert TAKEN in page and FEMUR in page and "Eur J Cancer 2010;46:3175" in page


def test_a_low_grade_is_an_unusual_patient_in_an_answer_and_in_a_record():
    from radsim.presentation.caveats import unusual_patients

    for grade, keys in ((3, ["karnofsky"]), (2, []), ({"3": 1.0}, [])):
        config = load_config(study(ecog=grade))
        assert list(unusual_patients(resolved_config(config)["cohort"], config.schedules)) == keys
    assert list(unusual_patients({"karnofsky": 45.0}, config.schedules)) == ["karnofsky"]


def test_a_trial_is_read_in_the_words_of_clinics():
    trial = load_trial({
        "radsim_trial": 1, "id": "x", "citation": "x", "kind": "held_out", "population": {"site": {"femur": 0.5, "skull": 0.5}, "ecog": 1},
        "observation": {"visits_weeks": [4]}, "arms": [{"schedule": "8Gy/1", "randomised": 10}],
        "outcomes": [{"outcome": "overall_response", "measure": "pain_score", "when": {"week": 4}, "denominator": "assessable", "observed": [{"proportion": 0.5, "n": 10}]}],
    })  # fmt: skip
    (part,) = prepare_trial(trial).parts
    assert [warning.partition(": ")[2] for warning in part.warnings] == [
        FEMUR, "skull is simulated as other (the evidence has no separate figures)", "ECOG 1 is taken as Karnofsky 85 (Ma 2010)"
    ]  # fmt: skip
    said = radsim.validate(trial, draws=2, patients=64)["warnings"]
    assert f"x: cohort.site: {FEMUR}" in said and len(said) == 3
