"""The report as text: what it says agrees with the result, whatever the result holds, and whoever named it."""

from __future__ import annotations

import html
import json
import re
from unittest.mock import patch

import numpy as np
import pytest
from reports import CHANGES, HOSTILE, few_figures, page_of, result, sweep

import radsim
from radsim.cli.main import main
from radsim.config import Schedule
from radsim.outcomes.catalogue import BY_KEY, DAYS, OF_100
from radsim.outcomes.estimates import difference, estimate
from radsim.outcomes.intervals import Estimate, remove_monte_carlo_variance
from radsim.presentation import headline
from radsim.presentation.caveats import offered_more_readily
from radsim.presentation.inputs import SET_HERE, STUDY
from radsim.presentation.words import listed
from radsim.provenance import RecordFault, from_dataset
from radsim.report import answer as answers
from radsim.report import economics, inputs, phrases, render, sweeps, validation, write_report
from radsim.report.pictures import hundreds, in_the_page
from radsim.report.schedules import schedules_of
from radsim.storage import UsageFault, write_netcdf
from radsim.yaml.packaged import read_packaged

pytest.importorskip("jinja2", reason="the report needs jinja2")
pytest.importorskip("matplotlib", reason="the report needs matplotlib")


def one(value, low=np.nan, high=np.nan, mcse=0.001):
    """An estimate of a single figure."""
    return Estimate(*(np.float64(part) for part in (value, mcse, low, high)))


def words_of(page):
    """The text of a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- numbers in words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "scale", "text"),
    [
        (one(0.224, 0.17, 0.28), OF_100, "22 of 100 (17 to 28)"),
        (one(0.224), OF_100, "22 of 100"),
        (one(0.003, 0.0, 0.011), OF_100, "fewer than 1 of 100 (0 to 1)"),
        (one(0.0, 0.0, 0.0), OF_100, "0 of 100"),
        (one(1.84, 1.5, 2.2), DAYS, "1.8 days (1.5 to 2.2)"),
        (one(np.nan), OF_100, "not known"),
    ],
)
def test_a_figure_in_words(estimate, scale, text):
    assert phrases.plain(estimate, scale) == text


@pytest.mark.parametrize(
    ("gap", "scale", "text"),
    [
        (one(0.152, 0.11, 0.2), OF_100, "15 more of 100 (11 to 20 more)"),
        (one(-0.07, -0.11, -0.03), OF_100, "7 fewer of 100 (3 to 11 fewer)"),
        (one(-0.004, -0.096, 0.104), OF_100, "about as many of 100 (between 10 fewer and 10 more)"),
        (one(-3.5, -3.8, -3.2), DAYS, "3.5 fewer days (3.2 to 3.8 fewer)"),
        (one(0.02), OF_100, "2 more of 100"),
    ],
)
def test_a_difference_in_words(gap, scale, text):
    assert phrases.more_or_fewer(gap, scale) == text


@pytest.mark.parametrize(
    ("gap", "verdict"),
    [
        (one(0.15, 0.11, 0.2), answers.DIFFERS),
        (one(0.0, 0.0, 0.0), answers.SAME),
        (one(0.003, -0.005, 0.009), answers.SAME),
        (one(0.003, -0.005, 0.02), answers.UNSURE),
        (one(0.03, -0.01, 0.06), answers.UNSURE),
        (one(0.03, 0.001, 0.06), answers.DIFFERS),
        (one(0.004, mcse=0.1), answers.SAME),
        (one(0.03, mcse=0.02), answers.UNSURE),
        (one(0.03, mcse=0.01), answers.DIFFERS),
        (one(np.nan), answers.UNSURE),
    ],
)
def test_when_schedules_are_said_to_differ(gap, verdict):
    assert answers.judge(gap, BY_KEY["retreatment_1_year"]) == verdict


@pytest.mark.parametrize(
    ("gap", "said", "heading"),
    [
        (one(0.02, 0.008, 0.044), "is about the same", answers.SAME),
        (one(0.02), "is about the same", answers.SAME),
        (one(0.06, 0.01, 0.1), "More patients", answers.DIFFERS),
        (one(-0.06, -0.1, -0.01), "Fewer patients", answers.DIFFERS),
        (one(0.04, -0.02, 0.11), "is not known", answers.UNSURE),
    ],
)
def test_headline_and_headings_follow_one_rule(gap, said, heading):
    (sentence,) = headline.headline({headline.RELIEF: headline.Read([0.74, 0.73], [gap])}, ["A", "B"])
    assert said in sentence
    assert answers.judge(gap, BY_KEY[headline.RELIEF]) == heading


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (one(0.0, -0.03, 0.04), "After A, about as many may be treated again within a year (between 3 fewer and 4 more)."),
        (one(0.003, -0.005, 0.009), "About as many are treated again within a year."),
        (one(-0.1, -0.2, -0.05), "After A, 10 fewer are treated again within a year (5 to 20)."),
    ],
)  # fmt: skip
def test_an_interval_that_spans_zero_is_said_to(gap, said):
    assert headline.headline({headline.RETREATMENT: headline.Read([0.2, 0.2], [gap])}, ["A", "B"]) == [said]


def test_names_in_a_row():
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


# --- what the page says --------------------------------------------------------------------------------------------------------


def test_estimates_are_those_of_the_result():
    dataset = result("draws")
    found = estimate(dataset, "retreatment_incidence", day=365.0)
    draws, noise = (
        dataset[name].sel(time=365.0).values[1:] for name in ("retreatment_incidence", "retreatment_incidence_mcse")
    )
    np.testing.assert_allclose(found.value, draws.mean(axis=0), rtol=1e-12)
    ends = np.quantile(remove_monte_carlo_variance(draws, noise), [0.025, 0.975], axis=0)
    np.testing.assert_allclose([found.low95, found.high95], ends, rtol=1e-12)
    gap = difference(
        dataset, "retreatment_incidence", first=0, second=1, day=365.0
    )  # one batch of patients tells nothing of its noise
    np.testing.assert_allclose(gap.low95, np.quantile(draws[:, 0] - draws[:, 1], 0.025), rtol=1e-12)


def test_without_draws_simulation_error_is_no_interval():
    found = estimate(result("default"), "overall_response")
    np.testing.assert_allclose(
        found.high95 - found.low95, 2 * 1.959964 * found.mcse, rtol=1e-6
    )  # of the simulation: not for the page
    assert np.isnan(found.of_evidence(0).low95).all() and (found.mcse > 0.0).all()
    text = words_of(page_of("default"))
    assert "this result does not say how sure the evidence is" in text
    assert not re.search(r"\d+ of 100 \(\d+ to \d+\)", text)


def test_a_day_that_was_not_looked_at_is_left_out():
    assert estimate(result("early"), "relief", day=28.0) is None
    assert estimate(result("default"), "survival", day=364.0) is not None
    assert estimate(result("default"), "no_such_variable") is None


def test_the_answer_holds_the_figures_of_the_result():
    dataset = result("draws")
    retreated = 100.0 * dataset["retreatment_incidence"].sel(time=365.0).values[1:].mean(axis=0)
    text = words_of(page_of("draws"))
    assert re.search(rf"Treated again here within a year.*? 8Gy/1 one treatment {retreated[0]:.0f} of 100 \(", text)
    assert "What differs" in text and "What radiotherapy adds" in text and "a measure of failure" in text
    assert not re.search(r"\b(in all|same direction in) \d+|by repeats alone", text)


def test_equal_readiness_is_no_reason_for_retreatment(monkeypatch):
    asked = []
    monkeypatch.setattr(answers, "offered_more_readily", lambda schedules, parameters: asked.append(parameters) or "")
    study = {
        "seed": 1,
        "schedules": ["8Gy/1", "20Gy/5"],
        "cohort": {"size": 200},
        "parameters": {"retreatment.willingness_ratio": 1.0},
    }
    dataset = radsim.simulate(study, threads=1)
    answers.answer(dataset, schedules_of(dataset, from_dataset(dataset)))
    assert asked == [{"retreatment.willingness_ratio": 1.0}]


def test_every_outcome_has_one_verdict():
    dataset = result("draws")
    found = answers.answer(dataset, schedules_of(dataset, from_dataset(dataset)))
    keys = [item.outcome.key for verdict in (answers.DIFFERS, answers.SAME, answers.UNSURE) for item in found[verdict]]
    assert len(keys) == len(set(keys)) >= 8
    assert "hospital_days" in {item.outcome.key for item in found[answers.DIFFERS]}
    verdicts = (answers.DIFFERS, answers.SAME, answers.UNSURE)
    everywhere = {item.outcome.key: item.identical for verdict in verdicts for item in found[verdict]}
    assert not everywhere["fracture_1_year"]  # its ratio is drawn


def test_a_hundred_people_are_a_hundred_dots():
    dataset = result("draws")
    moments = hundreds(dataset, schedules_of(dataset, from_dataset(dataset)))
    assert [moment["when"] for moment in moments] == ["4 weeks", "12 weeks"]
    for moment in moments:
        for array in moment["arrays"]:
            for reader in ("clinician", "patient"):
                assert len(array[reader]["dots"]) == 100 == sum(count for _, _, count in array[reader]["counts"])
            assert "died" not in array["patient"]["text"] and "died" in array["clinician"]["text"]


def test_a_study_that_looked_once_is_pictured_at_its_last_time():
    dataset = result("early")
    moments = hundreds(dataset, schedules_of(dataset, from_dataset(dataset)))
    assert [moment["when"] for moment in moments] == ["10 days"]


def test_every_parameter_with_value_unit_source_and_status():
    dataset = result("draws")
    record = from_dataset(dataset)
    found = inputs.parameters(dataset, record)
    assert [one.name for one in found] == dataset["parameter"].values.tolist()
    assert {one.name for one in found if one.status == "provisional"} == set(record["provisional"])
    assert all(one.unit and one.source and one.uncertainty for one in found)
    text = words_of(page_of("draws"))
    assert all(one.name in text and html.unescape(one.source) in text for one in found)


def test_a_parameter_set_by_the_study_says_so():
    dataset = radsim.simulate(
        {
            "radsim": 1,
            "seed": 1,
            "schedules": ["8Gy/1"],
            "cohort": {"size": 200},
            "parameters": {"flare.probability": 0.3},
        },
        threads=1,
    )
    found = {one.name: one for one in inputs.parameters(dataset, from_dataset(dataset))}
    flare = found["flare.probability"]
    assert (flare.value, flare.uncertainty, flare.status, flare.source) == (
        "0.3", "fixed", SET_HERE, STUDY,
    )  # fmt: skip


def test_a_price_without_a_figure_is_missing_and_not_set_by_the_study():
    dataset = result("economics")
    found = {one.name: one for one in inputs.economic_parameters(dataset, from_dataset(dataset))}
    assert found["cost.hyperglycaemia"].status == "missing" and found["cost.fraction"].status != SET_HERE
    assert not any(one.status == SET_HERE for one in found.values())


def test_other_evidence_than_that_of_the_result_is_not_passed_off_as_its_own():
    dataset = result("default").copy()
    record = from_dataset(dataset)
    record["evidence"]["digest"] = "0" * 64
    dataset.attrs["radsim_record"] = json.dumps(record)
    found = inputs.parameters(dataset, record)
    assert {one.uncertainty for one in found} == {"not kept in this result"} and not any(one.note for one in found)
    with few_figures():
        assert "is not the one that the result used" in words_of(render(dataset))


@pytest.mark.parametrize("form", sorted(CHANGES))
def test_every_form_of_a_result_gives_a_whole_page(form):
    page = page_of(form)
    text = words_of(page)
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert text.count(radsim.SCOPE) == 2
    assert "nan" not in re.findall(r"[a-z]+", text.lower()) and "None" not in text
    for heading in ("The answer", "What the model leaves out", "Parameters", "Validation", "How to reproduce this"):
        assert heading in text
    assert from_dataset(result(form))["digest"] in text


def test_technical_parts_are_folded_and_the_rest_is_not():
    page = page_of("economics")
    sections = dict(re.findall(r'<section id="(\w+)".*?</h2>\s*(.*?)</section>', page, re.DOTALL))
    folded = {name for name, content in sections.items() if content.startswith('<details class="part">')}
    assert folded == {"parameters", "validation", "reproduce", "cheers"} and {"answer", "people", "tables"} <= set(
        sections
    )
    assert not re.search(r"<details[^>]* open", page)
    opened = re.sub(r"<details.*?</details>", "", page_of("subgroups"), flags=re.DOTALL)
    assert 'id="outcomes"' in opened and 'id="subgroup-1"' not in opened and 'id="times-1"' not in opened


def test_figures_begin_at_the_first_fraction():
    page = page_of("draws")
    start = float(result("draws")["pain_score_at_start"].values[1:].mean())
    assert f"({start:.1f} at the start)" in words_of(page)


def test_the_patient_is_told_what_the_names_in_the_picture_mean():
    said = "In this picture 8Gy/1 means one treatment; 20Gy/5 means 5 treatments; none means painkillers alone."
    assert said in words_of(page_of("draws"))


def test_information_that_is_worth_nothing_has_no_bars():
    from radsim.report.page import _economic_figures

    row = {"parameters": "pain", "threshold": 20000.0, "value": 0.0, "se": 0.0}
    money = {"currency": "GBP", "price_year": 2024, "evpi": {"20000": 1.0}}
    for value, kinds in ((0.0, []), (3.0, ["evppi"])):
        document = {**money, "evppi": [{**row, "value": value}, row]}
        with patch("radsim.report.page.kinds_of", lambda part: ["evppi"]):
            assert [one.kind for one in _economic_figures(result("default"), document)] == kinds


def test_one_schedule_is_not_compared():
    text = words_of(page_of("one schedule"))
    assert (
        "What happens" in text
        and "What differs" not in text
        and "What happens to patients like these under 8Gy/1?" in text
    )


def test_subgroups_have_tables_of_their_own():
    text = words_of(page_of("subgroups"))
    assert all(f"primary={category}" in text for category in ("breast", "prostate", "lung"))


def test_the_same_result_gives_the_same_page():
    with few_figures():
        assert render(result("default")) == page_of("default")


@pytest.mark.parametrize(("words", "checked"), [("clinician", 0), ("patient", 1)])
def test_whose_words_come_first(words, checked):
    boxes = re.findall(r'<input type="radio"[^>]*>', page_of("default", words))
    assert [" checked" in box for box in boxes] == [i == checked for i in range(2)]


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="clinician, patient"):
        render(result("default"), words="lawyer")


# --- harm ----------------------------------------------------------------------------------------------------------------------


def test_names_are_names_whatever_they_hold():
    page = page_of("hostile")
    assert page.count("<script") == 1 and "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and HOSTILE[1] in page


def test_nothing_on_the_page_is_somewhere_else():
    page = page_of("draws")
    assert not re.findall(r'(?:src|href|action|data|srcset)="(?!#|data:,)[^"]*"', page)
    assert not re.search(r"url\((?!#)|@import", page)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]


def test_a_drawing_follows_the_page_s_ink_and_has_no_size_of_its_own():
    svg = (
        '<svg width="7pt" height="5pt" viewBox="0 0 7 5"><rect width="3" style="fill: #ffffff; stroke: #1A1A1A"/></svg>'
    )
    assert (
        in_the_page(svg)
        == '<svg viewBox="0 0 7 5"><rect width="3" style="fill: var(--card); stroke: var(--ink)"/></svg>'
    )


# --- validation ----------------------------------------------------------------------------------------------------------------


def document(**changes):
    """A small document of `radsim validate --json`."""
    row = {
        "trial": "t<1>", "study": "t", "kind": "held_out", "outcome": "overall_response", "measure": "pain_score", "when": {"week": 4},
        "denominator": "assessable", "arm": "8Gy/1", "observed": 0.5, "n": 100, "predicted": 0.7, "low95": 0.6, "high95": 0.8,
        "inside": False, "crps": 0.1, "quantiles": {},
    }  # fmt: skip
    summary = {
        "arms": 1,
        "trials": 1,
        "coverage95": 0.0,
        "coverage95_by_trial": 0.0,
        "mean_width": 0.2,
        "skill": None,
        "contrasts": 0,
    }
    return {
        "rows": [row], "contrasts": [], "summary": {"held_out": summary, "calibration": {"arms": 0}}, "draws": 7, "patients": 70,
        "seed": 1, "parameters": "prior", **changes,
    }  # fmt: skip


def test_the_packaged_summary_is_shown_with_how_it_was_made():
    packaged = read_packaged(validation.PACKAGED)
    text = words_of(page_of("default"))
    assert (
        f"{100 * packaged['summary']['held_out']['coverage95']:.0f} % of {packaged['summary']['held_out']['arms']}"
        in text
    )
    assert "Summary that comes with radsim" in text


def test_a_document_is_quoted_instead():
    with few_figures():
        page = render(result("default"), validation_document=document())
    assert "7 draws of the prior" in words_of(page) and "held out: t&lt;1&gt;, 8Gy/1: overall response" in page
    assert "0 % of 1" in words_of(page) and "forest" in page


def test_the_packaged_file_is_what_its_command_makes(tmp_path):
    path = tmp_path / "validation.json"
    path.write_text(json.dumps(document()))
    text = validation.packaged_yaml(validation.read_document(path))
    from radsim.yaml.nodes import from_text

    made = from_text(text.encode(), file="validation.yaml")
    assert not made.faults and list(made.data["missed"]["held_out"]) == ["t<1>, 8Gy/1: overall response"]
    assert set(made.data) == set(read_packaged(validation.PACKAGED))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"rows": [{}], "contrasts": [], "summary": {}}', '{"rows": [], "contrasts": []}']
)
def test_what_is_no_validation_is_refused(tmp_path, text):
    path = tmp_path / "v.json"
    path.write_text(text)
    with pytest.raises(UsageFault, match=r"v\.json: expected the document of radsim validate --json"):
        validation.read_document(path)


# --- economics, sweeps -----------------------------------------------------------------------------------------------------------


def test_an_economic_result_shows_costs_and_what_they_rest_on():
    dataset = result("economics")
    text = words_of(page_of("economics"))
    cost = float(dataset["cost"].sum("component").values[1:, 0].mean())
    assert f"{cost:,.0f}" in text and "Cost-effectiveness (" in text and "net monetary benefit" in text
    assert all(str(name) in text for name in dataset["economic_parameter"].values)


def gap_of(value, low, high):
    return [one(value, low, high)]


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (gap_of(0.01, -0.03, 0.05), "Pain relief is about the same: at 12 weeks 74 of 100 such patients are alive with relief after A and 73 after B (difference +1, 95 % between 3 fewer and 5 more)."),
        (gap_of(0.05, 0.01, 0.10), "Pain relief is about the same"),
        (gap_of(0.06, 0.01, 0.10), "More patients have pain relief after A"),
        (gap_of(0.04, -0.02, 0.11), "Which of them relieves pain more often is not known"),
        (gap_of(-0.2, -0.3, -0.1), "Fewer patients have pain relief after A"),
        (gap_of(0.01, np.nan, np.nan), "Pain relief is about the same"),
    ],
)  # fmt: skip
def test_the_headline_on_relief(gap, said):
    (sentence,) = headline.headline({headline.RELIEF: headline.Read([0.74, 0.73], gap)}, ["A", "B"])
    assert sentence.startswith(said)


def test_the_headline_on_what_differs():
    read = {
        headline.RETREATMENT: headline.Read([0.3, 0.1], gap_of(0.19, 0.11, 0.26)),
        headline.DAYS: headline.Read([2, 5], gap_of(-3.2, -4.0, -2.7)),
        headline.TOXICITY: headline.Read([0.1, 0.2], gap_of(-0.07, -0.12, -0.02)),
    }
    again, price = headline.headline(read, ["A", "B"], offered_more_readily=headline.FIRST_MORE)
    assert again == (
        "After A, 19 more are treated again within a year (11 to 26), mostly because a second treatment is offered more readily after one fraction."
    )
    assert price == "B takes 3 more days at the hospital and causes more acute side effects."
    again, _ = headline.headline(read, ["A", "B"], offered_more_readily=headline.FIRST_FEWER)
    assert "offered more readily" not in again
    unsure = {headline.RETREATMENT: headline.Read([0.3, 0.2], gap_of(0.1, -0.02, 0.2))}
    assert headline.headline(unsure, ["A", "B"], offered_more_readily=headline.FIRST_MORE) == [
        "After A, 10 more may be treated again within a year (between 2 fewer and 20 more)."
    ]


@pytest.mark.parametrize(
    ("schedules", "parameters", "found"),
    [
        (("8Gy/1", "20Gy/5"), {}, headline.FIRST_MORE),
        (("30Gy/10", "8Gy/1"), {}, headline.FIRST_FEWER),
        (("8Gy/1", "20Gy/5"), {"retreatment.willingness_ratio": 1.0}, ""),
        (("8Gy/1", "4Gy/1"), {}, ""),
        (("8Gy/1", "20Gy/5", "4Gy/1"), {}, ""),
        (("8Gy/1", "none"), {}, ""),
    ],
)
def test_when_readiness_explains_retreatment(schedules, parameters, found):
    assert offered_more_readily([Schedule.parse(name) for name in schedules], parameters) == found


def test_economics_without_draws_claim_no_certainty():
    assert economics.analyse(result("economics without draws")) is None
    text = words_of(page_of("economics without draws"))
    assert "takes at least two draws" in text and "Cost-effectiveness (" not in text


def test_a_sweep_has_a_row_a_scenario_and_sortable_figures(tmp_path):
    dataset = sweep(tmp_path, n=3)
    page = render(dataset)
    table = re.search(r'<table id="scenarios" data-sortable.*?</table>', page, re.DOTALL)[0]
    assert table.count("<tr>") == 1 + 6
    retreated = dataset["retreatment_incidence"].sel(time=365.0).values[:, 0, 0]
    shown = [float(value) for value in re.findall(r'data-sort="([^"]+)"', table)]
    assert set(np.round(100.0 * retreated, 9)) <= set(np.round(shown, 9))
    assert "cohort.karnofsky" in words_of(page) and "In 6 scenarios" in words_of(page)
    assert "radsim sweep SWEEP.yaml" in words_of(page) and "radsim rerun" not in words_of(page)


def test_a_sweep_is_drawn_over_the_paths_that_matter(tmp_path):
    dataset = sweep(tmp_path, n=4)
    assert sweeps.strongest_paths(dataset, "relief", 28.0)[0] == "cohort.karnofsky"
    assert sweeps.strongest_paths(dataset, "pain_flare", None)[0] == "parameters.flare.probability"


def test_five_hundred_scenarios(tmp_path):
    dataset = sweep(tmp_path, n=2, size=50)
    many = dataset.load().isel(scenario=np.arange(500) % 4)
    page = render(many)
    assert re.search(r'<table id="scenarios".*?</table>', page, re.DOTALL)[0].count("<tr>") == 501


# --- the command -----------------------------------------------------------------------------------------------------------------


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main(["report", *map(str, arguments)])
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "result.nc"
    write_netcdf(result("default"), path, force=False)
    with few_figures():
        yield path


def test_the_command_writes_the_page(stored, tmp_path, capsys):
    page = tmp_path / "page.html"
    code, out, err = call(capsys, stored, "-o", page, "--words", "patient")
    assert (code, out) == (0, "") and err == "page.html: open it in a browser; nothing leaves the page\n"
    assert page.read_text(encoding="utf-8") == page_of("default", "patient")


def test_the_command_takes_a_validation(stored, tmp_path, capsys):
    (tmp_path / "v.json").write_text(json.dumps(document()))
    assert call(capsys, stored, "-o", tmp_path / "page.html", "--validation", tmp_path / "v.json")[0] == 0
    assert "7 draws of the prior" in words_of((tmp_path / "page.html").read_text(encoding="utf-8"))


def test_faults_of_the_command(stored, tmp_path, capsys):
    (tmp_path / "there.html").write_text("old")
    (tmp_path / "text.nc").write_text("no result")
    (tmp_path / "v.json").write_text("{}")
    for arguments, text in (
        ((stored, "-o", tmp_path / "there.html"), "exists already; --force replaces it"),
        ((stored, "-o", stored, "--force"), "is read by this command"),
        ((tmp_path / "missing.nc", "-o", tmp_path / "page.html"), "missing.nc: cannot be read: No such file"),
        ((tmp_path / "text.nc", "-o", tmp_path / "page.html"), "not a result of radsim"),
        (
            (stored, "-o", tmp_path / "page.html", "--validation", tmp_path / "v.json"),
            "found no rows, contrasts and summary",
        ),
        ((stored, "-o", tmp_path / "page.html", "--words", "lawyer"), "lawyer"),
    ):
        code, out, err = call(capsys, *arguments)
        assert (code, out) == (2, "") and text in err, arguments
    assert (tmp_path / "there.html").read_text() == "old" and not (tmp_path / "page.html").exists()
    assert call(capsys, stored, "-o", tmp_path / "there.html", "--force")[0] == 0


def test_a_dataset_without_a_record_is_refused(tmp_path):
    with pytest.raises(RecordFault):
        write_report(result("default").assign_attrs(radsim_record="{}"), tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_a_missing_library_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageFault, match=r'needs jinja2: pip install "radsim\[report\]"'):
        render(result("default"))


def test_the_function_replaces_nothing_unasked(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("old")
    with few_figures(), pytest.raises(UsageFault, match="exists already"):
        write_report(result("default"), page)
    assert page.read_text() == "old"
