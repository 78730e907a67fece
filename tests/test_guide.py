"""The guideline's answer: which rules speak of whom, in which order and in whose words, and what a file of rules may not say."""

from __future__ import annotations

import csv
import functools
import json
import re
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import radsim
from radsim.cli.guide import indented
from radsim.compare import answer, question
from radsim.config import ConfigError
from radsim.cord import BEYOND, Course, judge, limits
from radsim.evidence import load_registry
from radsim.guide import facts_of, load_guide, of_answer, of_record, read_guide
from radsim.guide.conditions import FACTS, read_condition
from radsim.guide.rules import ADVICE
from radsim.provenance import RecordFault, from_dataset
from radsim.storage import UsageFault
from radsim.yaml.faults import Expected

ROOT = Path(__file__).parent.parent
SMALL = {"patients": 128, "draws": 4, "threads": 1}
TEXT = (files("radsim") / "data" / "guide.yaml").read_text(encoding="utf-8")
ORDER = ["urgent", "local", "schedule", "bone_agent", "analgesic", "procedures", "follow_up"]

BREAST = {"primary": "breast"}
OPIOID_RULES = {"analgesic_breakthrough", "analgesic_side_effects"}
PATIENTS = {
    "uncomplicated hip": (
        BREAST | {"site": "hip", "karnofsky": 70, "pain": 8},
        {"urgent_signs", "local_radiotherapy", "schedule_single", "schedule_sbrt", "schedule_flare", "agent_breast", "agent_teeth", "analgesic_step_3",
         "analgesic_breakthrough", "procedure_hip_injection", "follow_up_pain", "follow_up_again"},
        {"urgent_cord_compression", "urgent_fracture", "local_again", "agent_goes_on", "analgesic_step_2", "whole_body", "procedure_cement",
         "spinal_cord"},
    ),
    "suspected cord compression": (
        BREAST | {"site": "spine", "pain": 9, "suspected_cord_compression": True},
        {"urgent_cord_compression", "urgent_signs", "local_cord_compression", "local_cord_dexamethasone", "schedule_cord_compression",
         "agent_breast", "analgesic_step_3"},
        {"local_radiotherapy", "schedule_single", "schedule_flare", "procedure_cement", "follow_up_again"},
    ),
    "impending fracture of the femur": (
        BREAST | {"site": "femur", "pain": 8, "impending_fracture": True},
        {"urgent_fracture", "local_impending_fracture", "schedule_impending_fracture", "agent_breast"},
        {"urgent_femur", "local_radiotherapy", "schedule_single", "procedure_hip_injection"},
    ),
    "femur with much of the cortex involved": (
        BREAST | {"site": "femur", "pain": 8, "cortical_involvement_mm": 30},
        {"urgent_femur", "local_radiotherapy", "schedule_single"},
        {"urgent_fracture", "local_impending_fracture"},
    ),
    "many sites": (
        BREAST | {"several_sites": True, "pain": 6},
        {"local_several_sites", "schedule_single", "whole_body", "analgesic_step_2"},
        {"local_radiotherapy", "whole_body_prostate", "whole_body_few_platelets"},
    ),
    "irradiated before": (
        BREAST | {"site": "spine", "prior": "30Gy/10@60w", "pain": 6},
        {"local_again", "schedule_again_spine", "spinal_cord", "procedure_ablation", "procedure_cement"},
        {"local_radiotherapy", "schedule_single", "schedule_none_within", "schedule_again_elsewhere", "follow_up_again"},
    ),
    "three weeks to live": (
        {"primary": "lung", "site": "pelvis", "prognosis_weeks": 3, "karnofsky": 40, "pain": 9, "morphine_equivalent": 120},
        {"local_weeks_to_live", "schedule_single_short_life", "agent_short_life", "analgesic_on_strong_opioid", "procedures_short_life",
         "analgesic_breakthrough_on_opioid"},
        {"local_radiotherapy", "schedule_single", "schedule_sbrt", "agent_solid_tumour", "agent_teeth", "analgesic_step_3", "follow_up_imaging",
         "follow_up_again", "analgesic_breakthrough"},
    ),
    "pain 3": (BREAST | {"site": "rib", "pain": 3}, {"local_mild_pain", "analgesic_step_1", "analgesic_nsaid"},
               OPIOID_RULES | {"local_radiotherapy", "analgesic_step_2", "analgesic_step_3"}),
    "pain 6": (BREAST | {"site": "rib", "pain": 6}, OPIOID_RULES | {"local_radiotherapy", "analgesic_step_2"},
               {"local_mild_pain", "analgesic_step_1", "analgesic_step_3"}),
    "pain 9": (BREAST | {"site": "rib", "pain": 9}, OPIOID_RULES | {"local_radiotherapy", "analgesic_step_3"},
               {"local_mild_pain", "analgesic_step_1", "analgesic_step_2"}),
    "kidney failure": (
        BREAST | {"site": "hip", "kidney_failure": True, "pain": 4},
        {"agent_breast", "agent_kidney", "analgesic_no_nsaid_kidney", "analgesic_step_1_paracetamol"},
        {"analgesic_nsaid", "analgesic_step_1", "agent_myeloma_kidney"},
    ),
    "triple-negative breast cancer": (
        BREAST | {"subtype": "triple_negative", "site": "humerus", "pain": 7},
        {"systemic_triple_negative", "agent_breast"},
        {"systemic_hormone_receptors", "systemic_her2", "systemic_breast"},
    ),
    "on denosumab already": (
        BREAST | {"site": "hip", "care": {"bone_agent": {"agent": "denosumab"}}, "pain": 6},
        {"agent_goes_on", "agent_teeth_on_it", "follow_up_agent"},
        {"agent_breast", "agent_teeth"},
    ),
}  # fmt: skip
"""Of each kind of patient what is given, rules that must speak and rules that must not."""


@functools.cache
def guided(name, reader):
    return radsim.guide(**PATIENTS[name][0], reader=reader, **SMALL)


def ids(found):
    return [statement.id for statement in found.statements]


def words_of(found):
    """The text of each rule, by id."""
    return {statement.id: statement.text(found.reader) for statement in found.statements}


# --- kinds of patient ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", ["clinician", "patient"])
@pytest.mark.parametrize("name", PATIENTS)
def test_which_rules_speak_and_in_which_order(name, reader):
    _, must, must_not = PATIENTS[name]
    found = guided(name, reader)
    said = ids(found)
    assert must <= set(said) and not must_not & set(said), said
    assert len(said) == len(set(said))
    assert [passage.heading for passage in found.passages] == ORDER
    breakthrough = [said.index(each) for each in said if each.startswith("analgesic_breakthrough")]
    assert said[0].startswith("urgent_")
    first = {heading: next(said.index(each.id) for each in found.statements if each in passage.statements)
             for passage in found.passages for heading in [passage.heading]}  # fmt: skip
    assert first["local"] < first["schedule"] < first["bone_agent"] < first["analgesic"]
    assert all(first["bone_agent"] < place < first["procedures"] for place in breakthrough)


@pytest.mark.parametrize("reader", ["clinician", "patient"])
@pytest.mark.parametrize("name", PATIENTS)
def test_each_sentence_ends_in_its_source_and_advises_nobody(name, reader):
    found = guided(name, reader)
    for statement in found.statements:
        text = statement.text(reader)
        assert re.search(r"\(([^()]|\([^()]*\))*\)\.$", text) and all(source in text for source in statement.sources), (
            text
        )
        assert (f": {statement.strength}" in text) == (reader == "clinician")
        assert set(statement.sources) <= set(found.citations)
        assert not ADVICE.search(text) and "{" not in text and ".." not in text, text
    whole = " ".join(found.lines())
    assert not ADVICE.search(whole) and "nan" not in whole.lower().split()


def test_a_patient_is_told_first_and_plainly_when_to_call():
    for name in PATIENTS:
        lines = guided(name, "patient").lines()
        text = words_of(guided(name, "patient"))["urgent_signs"]
        assert all(
            sign in text
            for sign in ("today", "weakness in your legs", "numbness", "urine", "sudden severe pain", "put weight")
        )
        assert lines.index("When to call a doctor today") == (1 if guided(name, "patient").emergency else 0)
    assert "ambulance now" in words_of(guided("suspected cord compression", "patient"))["urgent_cord_compression"]
    assert "hospital today" in words_of(guided("impending fracture of the femur", "patient"))["urgent_fracture"]


@pytest.mark.parametrize("name", ["suspected cord compression", "impending fracture of the femur"])
def test_in_an_emergency_nothing_is_simulated(name, monkeypatch):
    monkeypatch.setattr(sys.modules["radsim.guide.passages"], "answer", None)
    found = radsim.guide(**PATIENTS[name][0], **SMALL)
    assert found.emergency and found.answer is None and "radsim gives no figures" in found.lines()[0]
    assert not any(statement.figures for statement in found.statements)


def test_a_patient_with_weak_kidneys_is_told_of_no_nsaid_but_to_leave_it():
    text = " ".join(words_of(guided("kidney failure", "patient")).values())
    assert [each.start() for each in re.finditer("buprofen", text)] == [
        text.index("Ibuprofen, naproxen and similar painkillers are not") + 1
    ]


def test_death_is_not_counted_for_a_patient():
    clinician, patient = (
        " ".join(guided("three weeks to live", reader).lines()) for reader in ("clinician", "patient")
    )
    assert "die before the relief begins" in clinician and "die " not in patient and "3 weeks" not in patient


def test_an_infection_comes_before_any_procedure():
    said = ids(radsim.guide(site="hip", infection=True, prior="8Gy/1@30w", **SMALL))
    assert "procedures_infection" in said and not {"procedure_hip_injection", "procedure_ablation"} & set(said)
    assert "procedures_bleeding" in ids(radsim.guide(site="hip", low_platelets=True, **SMALL))
    assert "procedures_bleeding" not in ids(radsim.guide(site="hip", **SMALL))


def test_what_is_not_known_of_a_patient_holds_of_nobody():
    said = ids(radsim.guide(**SMALL))
    assert {"agent_any_tumour", "analgesic_by_pain", "local_radiotherapy", "schedule_single"} <= set(said)
    assert not [each for each in said if each.startswith(("analgesic_step", "procedure_", "systemic_"))]


# --- figures ------------------------------------------------------------------------------------------------


def test_figures_are_those_of_compare():
    asked = {key: value for key, value in PATIENTS["uncomplicated hip"][0].items()}
    compared = radsim.compare("8Gy/1", "20Gy/5", **asked, **SMALL)
    found = guided("uncomplicated hip", "clinician")
    said = {statement.id: statement.figures for statement in found.statements}
    relief, repeats = said["schedule_single"]
    for figure, key in ((relief, "relief_12_weeks"), (repeats, "retreatment_1_year")):
        for schedule, estimate in zip(compared.schedules, compared.outcomes[key].figures, strict=True):
            assert figure.schedules[schedule] == estimate.of_evidence(4)
    text = f"{100 * relief.schedules['8Gy/1'].value:.0f} ("
    assert any(f"Of 100 such patients, alive with relief, 12 weeks: {text}" in line for line in found.lines())
    assert any("not a measure of failure" in line for line in found.lines())


def test_without_draws_a_figure_has_no_interval():
    found = radsim.guide(site="hip", pain=8, patients=1024, draws=0, threads=1)
    (line,) = [each for each in found.lines() if "alive with relief, 12 weeks" in each]
    assert re.search(r"weeks: \d+ after 8Gy/1 and \d+ after 20Gy/5 \(radsim\)", line), line


def test_what_the_cord_does_not_allow_has_no_figures_and_no_second_rule():
    found = radsim.guide(site="spine", prior="30Gy/10@20w", **SMALL)
    said = {statement.id: statement for statement in found.statements}
    values = load_registry("trials").values()
    course = judge(Course("20Gy/5", 60.0), [Course("30Gy/10", 75.0, 20.0)], limits(values))
    assert course.verdict == BEYOND and course.reasons[0] in said["spinal_cord"].words["clinician"]
    assert "more than the limits" in said["spinal_cord"].words["patient"] and "schedule_none_within" not in said
    figures = [figure for statement in found.statements for figure in statement.figures]
    assert figures and all(list(figure.schedules) == ["8Gy/1"] for figure in figures)
    beyond = radsim.guide(site="spine", prior=["30Gy/10@60w", "20Gy/5@30w"], **SMALL)
    assert beyond.facts["cord"] == BEYOND and "schedule_none_within" in ids(beyond)
    assert not any(statement.figures for statement in beyond.statements)
    assert ids(beyond).index("spinal_cord") == ids(beyond).index("schedule_none_within") + 1


def test_numbers_of_a_sentence_are_those_of_the_registry():
    values = load_registry("trials").values()
    text = words_of(guided("uncomplicated hip", "clinician"))["analgesic_breakthrough"]
    assert (
        f"{100 * values['ladder.rescue_share']:.0f} per cent" in text
        and f"more than {values['ladder.most_rescues']:g} a day" in text
    )
    on_step_3 = values["ladder.weak_opioid_most_mg"]
    said = [ids(radsim.guide(pain=3, morphine_equivalent=amount, **SMALL)) for amount in (on_step_3, on_step_3 + 1)]
    assert "analgesic_step_1" in said[0] and "analgesic_on_strong_opioid" in said[1]


# --- what is known of a patient -----------------------------------------------------------------------------


def test_words_of_clinics_and_grades_are_read():
    values = load_registry("trials").values()
    facts = facts_of({"primary": "myeloma", "site": "femur", "ecog": "3", "pain": {"normal": {}}}, values=values)
    assert (
        facts["primary"] == {"myeloma", "other"}
        and facts["site"] == {"femur", "hip"}
        and "pain" not in facts
        and "ecog" not in facts
    )
    assert facts["bone_agent"] == "none" and facts["irradiated_before"] == "no"
    myeloma = ids(radsim.guide(primary="myeloma", kidney_failure=True, **SMALL))
    assert "agent_myeloma_kidney" in myeloma and "agent_solid_tumour" not in myeloma


def test_the_threshold_of_the_femur_is_that_of_the_registry():
    values = load_registry("trials").values()
    least = values["fracture.high_risk_mm"]
    found = [facts_of({"site": site, "cortical_involvement_mm": mm}, values=values)["high_risk_femur"]
             for site, mm in (("hip", least), ("hip", least - 1), ("spine", least))]  # fmt: skip
    assert found == ["yes", "no", "no"]


# --- beside other pages -------------------------------------------------------------------------------------


def test_the_full_page_of_compare_and_its_document_have_the_box(run):
    options = ("8Gy/1", "20Gy/5", "--site", "hip", "--pain", "8", "--patients", "1024", "--draws", "2")
    text = run("compare", *options, "--full").out
    box = text.partition("What guidelines say")[2].partition("\n\n")[2].partition("\n\n")[0]
    assert "single fraction of 8 Gy (ESMO 2020: I, A)." in " ".join(box.split()) and box.count("(ESMO 2020") == 3
    assert "What guidelines say" not in run("compare", *options).out
    document = json.loads(run("compare", *options, "--json").out)
    assert [each["heading"] for each in document["guideline"]] == ORDER


def test_an_answer_and_its_record_say_the_same():
    found = answer(question(["8Gy/1", "20Gy/5"], patient={"site": "hip", "pain": 8}, patients=1024, draws=2))
    assert [each.id for each in of_record(found.record).statements] == [each.id for each in of_answer(found).statements]
    record = {**found.record, "config": {**found.record["config"], "cohort": {"file": "rows.csv"}}}
    assert of_record(record) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"prognosis_weeks": 3.0}, {"circumstances": ["complicated"]}, {"circumstances": ["postoperative"]},
        {"prognosis_weeks": 10.0, "circumstances": ["complicated"]},
    ],
)  # fmt: skip
def test_the_box_of_a_report_knows_what_was_asked(asked):
    weeks = asked.get("prognosis_weeks")
    config = question(["8Gy/1", "20Gy/5"], patient={"site": "hip"}, prognosis_weeks=weeks, patients=64, draws=0)
    found = answer(config, **asked)
    of_page = of_record(from_dataset(found.results))
    assert ids(of_page) == ids(of_answer(found)) and of_page.facts == of_answer(found).facts
    assert of_page.facts.get("prognosis_weeks") == weeks
    assert ids(of_page) != ids(of_record({**found.record, "asked": {}}))


@pytest.mark.parametrize("asked", [[], {"circumstances": "complicated"}, {"prognosis_weeks": "3"}])
def test_a_record_whose_question_has_another_form_is_refused(asked):
    found = answer(
        question(["8Gy/1", "20Gy/5"], patient={"site": "hip"}, patients=64, draws=0), circumstances=["complicated"]
    )
    text = json.dumps(from_dataset(found.results) | {"asked": asked})
    with pytest.raises(RecordFault, match="asked.*expected another form"):
        from_dataset(found.results._replace(attrs={**found.results.attrs, "radsim_record": text}))


def test_the_page_of_compare_knows_what_was_asked(tmp_path):
    pytest.importorskip("jinja2")
    from radsim.cli.compare import write_page

    config = question(["8Gy/1", "20Gy/5"], patient={"site": "hip"}, prognosis_weeks=3, patients=64, draws=0)
    found = answer(config, circumstances=["complicated"], prognosis_weeks=3)
    write_page(found, tmp_path / "page.html", force=False)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    section = text.partition('<section id="guidelines"')[2].partition("</section>")[0]
    assert "longer schedules are for selected cases" in section and "expected to live 4 weeks" in section


def test_a_schedule_with_a_name_of_its_own_and_none_beside_it():
    study = {"seed": 1, "cohort": {"size": 64, "site": "spine", "prior": ["30Gy/10@60w", "20Gy/5@30w"]}}
    long = {"name": "long course", "dose_gy": 30, "fractions": 10}
    found = of_record(from_dataset(radsim.simulate({**study, "schedules": ["none", long]}, threads=1)))
    assert found.facts["cord"] == BEYOND and "schedule_none_within" in ids(found)
    (said,) = [each for each in found.statements if each.id == "spinal_cord"]
    assert "long course: beyond" in said.words["clinician"] and said.words["patient"].startswith(
        "10 treatments: this would"
    )


def test_the_report_has_the_box_for_both_readers():
    pytest.importorskip("jinja2")
    from radsim.report.page import page

    study = {
        "seed": 1,
        "cohort": {"size": 256, "site": "hip", "pain": 8, "prior": ["30Gy/10@60w"]},
        "schedules": ["8Gy/1", "20Gy/5"],
    }
    result = radsim.simulate(study, threads=1)
    said = page(result)["guideline"]
    assert "may be irradiated again" in said["clinician"][0] and "today" in said["patient"][0]
    text = radsim.report.render(result)
    section = text.partition('<section id="guidelines"')[2].partition("</section>")[0]
    assert all(line.split("(")[0] in section for reader in ("clinician", "patient") for line in said[reader])
    assert (
        said["sources"]
        and all(line.split(":")[0] in section for line in said["sources"])
        and 'href="#guidelines"' in text
    )


def test_the_box_has_one_statement_a_heading_and_the_signs_for_a_patient_alone():
    found = guided("uncomplicated hip", "clinician")
    assert [each.id for each in found.brief()] == [
        "local_radiotherapy",
        "schedule_single",
        "agent_breast",
        "analgesic_step_3",
    ]
    assert found.brief("patient")[0].id == "urgent_signs"
    femur = guided("femur with much of the cortex involved", "clinician")
    assert femur.brief()[0].id == "urgent_femur"


# --- the command --------------------------------------------------------------------------------------------


def test_the_command_prints_the_page_in_eighty_columns(run):
    done = run("guide", "--site", "hip", "--pain", "8", "--patients", "128", "--draws", "2")
    assert done.code == 0 and max(map(len, done.out.splitlines())) <= 80
    flat = " ".join(done.out.split())
    assert "(ESMO 2020: I, A)" in flat and "ESMO 2020: Coleman R et al." in flat and radsim.SCOPE in done.out
    assert done.out.index("Urgent signs") < done.out.index("Local treatment") < done.out.index("Bone agent")
    assert indented("a b", "  ") == "  a b"


def test_the_document_of_the_command(run):
    done = run(
        "guide", "--site", "hip", "--infection", "--reader", "patient", "--patients", "128", "--draws", "2", "--json"
    )
    document = json.loads(done.out)
    assert (
        document["reader"] == "patient"
        and document["patient"]["given"] == {"site": "hip"}
        and not document["emergency"]
    )
    assert document["patient"]["known"]["infection"] == "yes"
    rules = {rule["id"]: rule for heading in document["headings"] for rule in heading["rules"]}
    assert [heading["heading"] for heading in document["headings"]] == ORDER
    assert rules["procedures_infection"]["status"] == "provisional" and rules["schedule_single"]["strength"] == "I, A"
    figure = rules["schedule_single"]["figures"][0]
    assert figure["outcome"] == "relief_12_weeks" and 0 < figure["schedules"]["8Gy/1"]["value"] < 1
    assert set(document["sources"]) >= {source for rule in rules.values() for source in rule["sources"]}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--karnofsky", "72"), "--karnofsky: expected a multiple of 10"),
        (("--primary", "prostate", "--sex", "female"), "--sex: expected male for a prostate cancer"),
        (("--prior", "30Gy/10"), "--prior: expected a schedule and how long ago"),
        (("--prognosis-weeks", "0"), "--prognosis-weeks: expected a number above 0"),
        (("--suspected-cord-compression", "--site", "knee"), "--site: expected one of hip"),
        (("--draws", "5000"), "--draws: expected at most"),
        (("--reader", "nurse"), "'nurse' is not one of 'clinician', 'patient'"),
        (("--bone-agent", "zoledronic_acid", "--kidney-failure", "yes", "--care", "bone_agent.kidney_switch=false"), "--care"),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused_as_in_compare(run, options, said):
    done = run("guide", *options)
    assert (done.code, done.out) == (2, "") and said in done.err
    if "--reader" not in options and "--suspected-cord-compression" not in options:
        assert run("compare", "8Gy/1", "20Gy/5", *options).err == done.err


def test_the_function_names_its_argument():
    with pytest.raises(ConfigError, match=r"^guide: site: expected one of hip"):
        radsim.guide(site="knee")
    with pytest.raises(UsageFault, match="guide: reader: expected one of clinician, patient, found nurse"):
        radsim.guide(reader="nurse")


# --- the file of rules --------------------------------------------------------------------------------------


def test_the_packaged_rules_are_read_alike_from_their_text():
    assert read_guide(TEXT) == load_guide()
    assert list(load_guide().headings) == ORDER


def test_every_rule_can_speak_of_somebody():
    """Each condition is met by some facts, and no earlier rule of its topic takes them all."""
    rules = load_guide()
    values = load_registry("trials").values()
    for rule in rules.rules:
        facts = {fact: met(condition, values) for fact, condition in rule.conditions.items()}
        assert rule.id in [each.id for each in rules.that_hold(facts, values)], rule.id


def met(condition, values):
    """A fact of which a condition holds."""
    if hasattr(condition, "words"):
        return condition.words[0]
    ends = condition.resolved(values)
    low = ends.from_ if ends.from_ is not None else ends.above + 0.5 if ends.above is not None else None
    return low if low is not None else ends.to if ends.to is not None else ends.below - 0.5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("when: {impending_fracture:", "when: {broken_bone:", "when.broken_bone: expected something known of a patient"),
        ("when: {pain: {below: 5}, nsaid", "when: {pain: {under: 5}, nsaid", "when.pain: expected a mapping of from, above, to, below"),
        ("{pain: {from: 8}}", "{pain: {from: 80}}", "expected a number from 0 to 10"),
        ("{pain: {from: 8}}", "{pain: {from: ladder.nothing}}", "expected a number, or the name of a parameter, found ladder.nothing"),
        ("irradiated_before: \"yes\", site: spine}", "irradiated_before: \"yes\", site: knee}", "when.site"),
        ("cord: beyond", "cord: above", "expected one of no limit, within, not covered, beyond"),
        ("    sources: [van_der_linden_2004, summary_2025]\n", "", "sources: expected this key, found nothing"),
        ("sources: [van_der_linden_2004, summary_2025]", "sources: []", "expected a list of at least one"),
        ("sources: [van_der_linden_2004, summary_2025]", "sources: [nobody]", "sources[0]: expected one of the sources"),
        ("figures: [fracture_1_year]", "figures: [fractures]", "expected an outcome that counts patients of 100, found fractures"),
        ("figures: [fracture_1_year]", "figures: [opioids_12_weeks]", "expected an outcome that counts patients of 100"),
        ("{high_risk_mm: fracture.high_risk_mm}", "{high_risk_mm: fracture.mm}", "expected a parameter"),
        ("here {pain:g}) a strong", "here {pains:g}) a strong", "expected names of the condition or of `values` in braces, found pains"),
        ("topic: fracture\n    when: {high_risk_femur: \"yes\"}", "topic: fracture\n    when: {impending_fracture: \"yes\"}",
         "expected a condition of its own under a heading and topic, found that of urgent_fracture again"),
        ("id: urgent_femur", "id: urgent_fracture", "expected an id of its own, found urgent_fracture again"),
        ("id: urgent_femur", "id: Urgent femur", "expected a name of small letters"),
        ("heading: urgent\n    topic: signs", "heading: signs", "expected one of the headings"),
        ("Where a bone is about to break, an", "We recommend that an", "expected a report of what the source says, not advice, found We recommend"),
        ("  - id: schedule_flare_dexamethasone\n    heading: schedule\n    topic: flare", "  - id: schedule_flare_dexamethasone\n    heading: schedule",
         "expected a rule before schedule_single, which has no condition and always speaks, found schedule_flare_dexamethasone"),
        ("schedules: [8Gy/1, 20Gy/5]", "schedules: [8Gy]", "schedules[0]: expected a schedule such as 8Gy/1"),
        ("status: checked", "status: read", "expected one of checked, provisional"),
    ],
)  # fmt: skip
def test_a_faulty_rule_is_refused_with_its_line(old, new, said):
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    with pytest.raises(ConfigError) as error:
        read_guide(changed)
    (fault,) = error.value.faults
    assert said in str(fault), str(fault)
    line = next(
        i for i, (a, b) in enumerate(zip(TEXT.splitlines(), changed.splitlines(), strict=False), start=1) if a != b
    )
    assert re.match(r"guide\.yaml:\d+: (rules\[\d+\]|schedules)", str(fault)) and abs(fault.line - line) <= 15


def test_all_faults_at_once():
    changed = TEXT.replace("heading: urgent\n", "heading: nowhere\n").replace("sources: [fallon_2016]", "sources: [x]")
    with pytest.raises(ConfigError) as error:
        read_guide(changed)
    assert len(error.value.faults) == TEXT.count("heading: urgent\n")


@pytest.mark.parametrize(
    "span", [{}, {"from": 1, "above": 2}, {"to": True}, {"or_unknown": True}, {"from": 1, "or_unknown": False}]
)
def test_a_span_that_says_nothing_or_twice_is_refused(span):
    with pytest.raises(Expected):
        read_condition("pain", span)


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [({"from": 5, "to": 7}, [5, 7], [4, 8, None]), ({"above": 5, "below": 7}, [6], [5, 7, None]), ({"below": 4, "or_unknown": True}, [3, None], [4])],
)  # fmt: skip
def test_the_ends_of_a_span(span, inside, outside):
    condition = read_condition("pain", span)
    assert all(condition.holds(each) for each in inside) and not any(condition.holds(each) for each in outside)


def test_statements_that_the_guide_answers_name_rules_and_tests_that_are_there():
    with (ROOT / "docs" / "data" / "coverage.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "radsim guide" in row["where"]]
    known = {rule.id for rule in load_guide().rules} | {"spinal_cord", "--reader"}
    assert len(rows) >= 25
    for row in rows:
        named = re.findall(
            r"`([a-z_0-9-]+)`", row["where"].partition("radsim guide")[2].partition("tests/test_guide.py")[0]
        )
        assert named and set(named) <= known, row
        assert "tests/test_guide.py" in row["where"] and row["decision"] in ("modelled", "counted")


def test_facts_have_names_of_their_own():
    assert len(FACTS) == len(set(FACTS)) and "prior_schedule" not in FACTS
