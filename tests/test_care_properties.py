"""What must hold of every life under whatever care, with whatever settings."""

import math

import numba
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from studies import same_totals, study, totals

from radsim import care
from radsim.care import Amount, Choice
from radsim.compiled import door
from radsim.config import ConfigError
from radsim.engine import record_trajectories
from radsim.kernel import analgesic, layout, pain

N, MANY, FEW = (60, 60, 30) if not numba.config.DISABLE_JIT else (12, 5, 3)  # patients, and examples of a property
pain_at, worst_pain, dose_at = map(door, (pain.pain_at, pain.worst_pain, analgesic.morphine_equivalent_at))
NO_OFFERS = {"retreatment.early_rate_per_day": 0.0, "retreatment.late_rate_per_day": 0.0}
OFTEN = {
    "fracture.rate_per_day.pelvis": 0.004, "fracture.rate_per_day.spine": 0.004, "fracture.rate_per_day.hip": 0.004,
    "cord_compression.rate_per_day": 0.004, "pain.worsening_rate_per_day": 0.004,
}  # fmt: skip
OFTEN_ELSEWHERE = {
    f"other_bones.{name}_rate_per_day": 0.006
    for name in ("fracture", "surgery", "cord_compression", "hypercalcaemia", "site")
}
PROTECTS = (
    "fracture_ratio", "vertebral_fracture_ratio", "cord_compression_ratio", "surgery_ratio", "late_surgery_ratio", "radiation_ratio",
    "hypercalcaemia_ratio", "zoledronic_acid_ratio", "denosumab_ratio", "denosumab_radiation_ratio", "worsening_ratio",
    "denosumab_worsening_ratio",
)  # fmt: skip


def setting(one):
    """Any value of a setting of a kind of care."""
    if isinstance(one, Choice):
        return st.sampled_from(one.options)
    if isinstance(one, Amount):
        return st.sampled_from([one.low, one.default, one.high]) | st.floats(one.low, min(one.high, one.low + 100.0))
    return st.booleans()


def settings_of(kind):
    return st.fixed_dictionaries({}, optional={one.name: setting(one) for one in kind.settings})


KINDS = {kind.switch: settings_of(kind) if kind.settings else st.just(True) for kind in care.KINDS}
CARE = st.fixed_dictionaries({}, optional=KINDS)
PATIENTS = st.fixed_dictionaries({
    "site": st.sampled_from(["hip", "spine", "pelvis"]), "era": st.sampled_from(["1990s", "modern"]), "pain": st.integers(2, 10),
    **{name: st.sampled_from(["no", 0.5, "yes"]) for name in layout.CONDITIONS},
})  # fmt: skip


def study_or_none(**changes):
    """A study, unless its settings are refused."""
    try:
        return study(n=N, **changes)
    except ConfigError:
        assume(False)


def study_of_what_fits(care, **changes):
    """A study without the kinds of care whose settings the cohort, or another kind, contradicts."""
    while True:
        try:
            return study(n=N, care=care, **changes)
        except ConfigError as error:
            refused = {fault.path.split(".")[1] for fault in error.faults if fault.path.startswith("care.")}
            assert refused & set(care), error
            care = {switch: value for switch, value in care.items() if switch not in refused}


def recorded(s):
    return record_trajectories(s, 0, N)


def counted(s):
    """Items of a study summed over patients and time, by schedule."""
    found = totals(s, threads=1).count.sum(axis=(0, 1, 3))
    return [dict(zip(layout.ITEMS, map(int, row), strict=True)) for row in found]


@settings(max_examples=MANY, deadline=None)
@given(CARE, PATIENTS, st.floats(0.0, 10.0))
def test_pain_stays_on_its_scale_and_doses_are_doses(chosen, cohort, first_dose_rise):
    more = {"bone_agent.first_dose_rise_points": first_dose_rise} if "bone_agent" in chosen else {}
    s = study_of_what_fits(chosen, cohort=cohort, parameters={**OFTEN, **more})
    p = s.parameters(0)[0]
    patients, lives = recorded(s)
    for life, patient in zip(lives.reshape(-1), np.tile(patients, len(lives)), strict=True):
        for t in life["time_to_death"] * np.array([0.0, 0.01, 0.1, 0.3, 0.6, 0.9]):
            n = int(life["n_courses"])
            here, worst = pain_at(t, life, n, p), worst_pain(t, life, n, p)
            assert 0.0 <= here <= worst <= 10.0
            assert 0.0 <= dose_at(t, life, n, patient["morphine_equivalent"], p) < math.inf


@settings(max_examples=MANY, deadline=None)
@given(CARE, PATIENTS)
def test_nobody_lives_longer_or_shorter_for_it_but_for_what_is_against_the_tumour(chosen, cohort):
    chosen = {switch: value for switch, value in chosen.items() if switch not in MOVES_DEATH}
    with_it = study_of_what_fits(chosen, cohort=cohort)
    _, lives = recorded(with_it)
    _, without = recorded(study(n=N, cohort=cohort))
    assert np.array_equal(lives["time_to_death"], without["time_to_death"])


MOVES_DEATH = {kind.switch for kind in care.KINDS if "death" in kind.acts_on}
EVENTS = ("fracture", "cord_compression", "worsening", "cord_elsewhere")


@settings(max_examples=MANY, deadline=None)
@given(
    settings_of(care.KINDS[2]), PATIENTS, st.lists(st.floats(0.05, 1.0), min_size=len(PROTECTS), max_size=len(PROTECTS))
)
def test_a_bone_agent_never_advances_an_event(chosen, cohort, ratios):
    assert care.KINDS[2].name == "bone_agent"
    protective = {f"bone_agent.{name}": ratio for name, ratio in zip(PROTECTS, ratios, strict=True)}
    common = {"cohort": cohort, "schedules": ["8Gy/1"]}
    parameters = {**OFTEN, **OFTEN_ELSEWHERE, **NO_OFFERS}
    with_it = study_or_none(
        care={"other_bones": True, "bone_agent": chosen}, parameters={**parameters, **protective}, **common
    )
    without = study(n=N, care={"other_bones": True}, parameters=parameters, **common)
    (_, (later,)), (_, (before,)) = recorded(with_it), recorded(without)
    assert_nothing_is_sooner(later, before)
    (fewer,), (more,) = counted(with_it), counted(without)
    for item in care.KINDS[1].items:
        assert fewer[item.name] <= more[item.name], item.name


def assert_nothing_is_sooner(later, before):
    """Events of the lives of the same patients, up to the former death; what came after it did not happen then."""
    assert (later["time_to_death"] >= before["time_to_death"] * (1.0 - 1e-12)).all()
    for name in EVENTS:
        assert (later[name] >= np.minimum(before[name], before["time_to_death"]) * (1.0 - 1e-12)).all(), name
    same_death = later["time_to_death"] == before["time_to_death"]
    assert (later["n_sites"] <= before["n_sites"])[same_death].all()
    for i in range(layout.MAX_SITES):
        both = (later["n_sites"] > i) & (before["n_sites"] > i)
        assert (later["site_start"][both, i] >= before["site_start"][both, i] * (1.0 - 1e-12)).all()


SYSTEMIC = (
    "survival_ratio.chemotherapy",
    "survival_ratio.enzalutamide",
    "survival_ratio.ribociclib",
    "worsening_ratio",
    "elsewhere_ratio",
)
PROTECTING = {
    "bone_agent": ({}, True, {}, ("fracture_ratio", "worsening_ratio", "radiation_ratio")),
    "fracture_care": (
        {"site": "hip", "cortical_involvement_mm": 35}, {"operated": 0.5, "irradiation_prevents_fracture": True}, {},
        ("fixed_rate_ratio", "irradiation_prevents_ratio"),
    ),
    "radiopharmaceutical": (
        {"primary": "prostate", "lesion": "blastic", "several_sites": "yes", "low_platelets": "no", "kidney_failure": "no"},
        {"agent": "radium_223"}, {"bone_agent": True},
        ("radium_event_ratio.prostate", "radium_new_site_ratio.prostate", "radium_cord_compression_ratio.prostate"),
    ),
    "systemic_therapy": ({}, True, {}, SYSTEMIC),
    "person": ({"site": "hip", "cortical_involvement_mm": 35}, {"weight_bearing_advice": True}, {}, ("weight_bearing_advice.fracture_ratio",)),
}  # fmt: skip
"""Kinds of care that lower a hazard: a cohort and settings in which they do, what is given beside them, and the ratios."""


def test_every_kind_that_acts_on_a_hazard_is_asked_whether_it_protects():
    """A new one needs a row of the table above. What other bones do to the escalation is no ratio, and cement
    protects in a scenario alone (tests/test_care_cement.py)."""
    acting = {kind.switch for kind in care.KINDS if set(kind.acts_on) & {"death", *layout.HAZARDS}}
    assert acting - set(PROTECTING) == {"other_bones", "cement"}


@pytest.mark.parametrize("switch", PROTECTING)
@settings(max_examples=10, deadline=None)
@given(data=st.data(), cohort=PATIENTS)
def test_what_protects_never_advances_an_event(switch, data, cohort):
    """The same random numbers, with the care and without it."""
    fitting, chosen, beside, names = PROTECTING[switch]
    (name,) = (kind.name for kind in care.KINDS if kind.switch == switch)
    ratios = {f"{name}.{ratio}": data.draw(st.floats(0.05, 1.0), label=ratio) for ratio in names}
    common = {"cohort": {**cohort, **fitting}, "schedules": ["8Gy/1"]}
    parameters = {**OFTEN, **OFTEN_ELSEWHERE, **NO_OFFERS}
    beside = {"other_bones": True, **beside}
    with_it = study(n=N, care={**beside, switch: chosen}, parameters={**parameters, **ratios}, **common)
    without = study(n=N, care=beside, parameters=parameters, **common)
    (_, (later,)), (_, (before,)) = recorded(with_it), recorded(without)
    assert_nothing_is_sooner(later, before)
    if max(ratios.values()) < 0.9:
        assert any((later[name] > before[name]).any() for name in (*EVENTS, "time_to_death"))  # it does something


AS_IN_THE_BASELINE = {
    "systemic_therapy": (
        {"therapy": "chemotherapy", "share": 0.5},
        {"systemic_therapy.share_in_baseline.modern.chemotherapy": 0.5, "systemic_therapy.controlled_in_baseline.modern": 0.5,
         "systemic_therapy.survival_ratio.chemotherapy": 0.6, "systemic_therapy.worsening_ratio": 0.5},
    ),
    "diagnosis": ({"imaging": "stated", "source_probability": 0.8}, {"diagnosis.share_in_baseline": 0.8}),
    "radiopharmaceutical": (
        {"agent": "strontium_89", "several_sites_only": True},
        {"radiopharmaceutical.relief_ratio.strontium_89": 1.0, "radiopharmaceutical.complete_ratio.strontium_89": 1.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("switch", AS_IN_THE_BASELINE)
def test_care_that_the_baseline_has_already_leaves_every_life(switch):
    """To the last bit: systemic therapy at its share, a source as likely as in the trials, an agent no better than the placebo of its trials."""
    chosen, parameters = AS_IN_THE_BASELINE[switch]
    common = {"cohort": {"era": "modern", "several_sites": 0.5, "site": "spine"}, "schedules": ["8Gy/1", "none"]}
    _, lives = recorded(study(n=N, care={switch: chosen}, parameters={**OFTEN, **parameters}, **common))
    assert lives.tobytes() == recorded(study(n=N, parameters=OFTEN, **common))[1].tobytes()


@settings(max_examples=MANY, deadline=None)
@given(settings_of(care.KINDS[2]), PATIENTS)
def test_an_agent_that_the_baseline_had_in_everybody_changes_nothing_at_the_irradiated_site(chosen, cohort):
    """Only the reaction to a first dose, which those who had an agent before do not have."""
    cohort = {**cohort, "bone_agent_before": "yes"}
    shares = {f"bone_agent.share_in_baseline.{era}": 1.0 for era in ("era_1990s", "modern")}
    with_it = study_or_none(care={"bone_agent": chosen}, cohort=cohort, parameters={**OFTEN, **shares})
    _, lives = recorded(with_it)
    _, without = recorded(study(n=N, cohort=cohort, parameters=OFTEN))
    for name in lives.dtype.names:
        assert np.allclose(lives[name], without[name], rtol=1e-12, atol=0.0), name


@settings(max_examples=MANY, deadline=None)
@given(PATIENTS, st.integers(1, 15), st.booleans())
def test_radiation_to_bone_is_counted_once(cohort, fractions, with_an_agent):
    """It follows from a painful site: an event that is nothing but the course there."""
    cohort = {**cohort, "several_sites": "no"}
    chosen = {"other_bones": {"fractions": fractions}} | ({"bone_agent": True} if with_an_agent else {})

    def found(irradiated):
        parameters = {
            **OFTEN, **OFTEN_ELSEWHERE, "other_bones.irradiated": irradiated, "other_bones.wait_days": 0.0,
            "surgery.after_cord_compression": 0.0, "other_bones.least_interval_days": 0.0,  # each event is one of its own
        }  # fmt: skip
        return counted(study(n=N, care=chosen, cohort=cohort, schedules=["8Gy/1"], parameters=parameters))[0]

    all_of_them, none_of_them = found(1.0), found(0.0)
    assert all_of_them["courses_elsewhere"] == all_of_them["painful_sites_elsewhere"] > 0
    assert all_of_them["fractions_elsewhere"] == fractions * all_of_them["courses_elsewhere"]
    assert none_of_them["courses_elsewhere"] == none_of_them["fractions_elsewhere"] == 0
    for each in (all_of_them, none_of_them):
        names = ("fractures_elsewhere", "operations_elsewhere", "cord_compressions_elsewhere", "courses_elsewhere", "fractures",
                 "cord_compressions", "operations")  # fmt: skip
        repeats = each["courses"] - N
        assert each["skeletal_events_anywhere"] == sum(each[name] for name in names) + repeats


@settings(max_examples=MANY, deadline=None)
@given(settings_of(care.KINDS[5]), PATIENTS, st.sampled_from([90, 365, 1825]))
def test_every_day_is_on_one_step_of_the_ladder(chosen, cohort, horizon):
    assert care.KINDS[5].name == "ladder"
    s = study_or_none(care={"analgesic_ladder": chosen}, cohort=cohort, horizon_days=horizon)
    _, lives = recorded(s)
    days = np.floor(np.minimum(lives["time_to_death"], horizon)).sum(axis=1)
    for found, expected in zip(counted(s), days, strict=True):
        assert sum(found[f"days_on_step_{step}"] for step in (1, 2, 3)) == expected


AGAINST_PAIN = (
    {"adjuvant_steroid": True}, {"analgesic_ladder": True}, {"dexamethasone_prophylaxis": True},
    {"radiopharmaceutical": {"several_sites_only": True}}, {"person": {"psychological_care": True}},
)  # fmt: skip
"""Not systemic therapy: it postpones a worsening, which then ends later as well."""


@settings(max_examples=MANY, deadline=None)
@given(st.sampled_from(AGAINST_PAIN), PATIENTS)
def test_what_is_given_against_pain_never_raises_it(chosen, cohort):
    """Without increases that lower pain, which the ladder takes the place of, and without repeats, which follow the pain."""
    parameters = {**OFTEN, **NO_OFFERS, "analgesic.relief_per_increase": 0.0}
    with_it, without = (study_of_what_fits(each, cohort=cohort, parameters=parameters) for each in (chosen, {}))
    p, q = with_it.parameters(0)[0], without.parameters(0)[0]
    (_, less), (_, more) = recorded(with_it), recorded(without)
    for a, b in zip(less.reshape(-1), more.reshape(-1), strict=True):
        for t in (0.0, 2.0, 4.0, 6.0, 20.0, 100.0, 300.0):
            assert pain_at(t, a, 1, p) <= pain_at(t, b, 1, q) + 1e-12


@settings(max_examples=FEW, deadline=None)
@given(PATIENTS, st.sampled_from(["codeine", "low_dose_morphine"]), st.floats(0.0, 0.5))
def test_an_opioid_that_is_not_taken_relieves_nothing(cohort, weak_opioid, per_increase):
    """Beyond what the non-opioid of the first step does, with which most patients begin."""
    ladder = {"adherence": 0, "weak_opioid": weak_opioid}
    s = study(
        n=N,
        cohort=cohort,
        care={"analgesic_ladder": ladder},
        parameters={"analgesic.relief_per_increase": per_increase},
    )
    _, lives = recorded(s)
    written = np.arange(layout.MAX_STEPS) < lives["n_steps"][..., None]
    assert (lives["step_kept"][written] == 1.0).all()
    assert (
        lives["step_dose"][..., 2:][written[..., 2:]] == 0.0
    ).all()  # that of the start may last until the first titration


@settings(max_examples=FEW, deadline=None)
@given(PATIENTS, st.permutations([kind.switch for kind in care.KINDS]))
def test_care_that_is_off_leaves_every_bit(cohort, order):
    without = study(n=N, cohort=cohort)
    off = study(n=N, cohort=cohort, care=dict.fromkeys(order, False))
    assert same_totals(totals(without), totals(off))
    assert recorded(without)[1].tobytes() == recorded(off)[1].tobytes()


@pytest.mark.parametrize("switch", [kind.switch for kind in care.KINDS if not kind.acts_on])
def test_care_that_acts_on_nothing_leaves_every_life(switch):
    cohort = {"site": "spine"}
    _, lives = recorded(study(n=N, cohort=cohort, parameters=OFTEN, care={switch: True}))
    assert lives.tobytes() == recorded(study(n=N, cohort=cohort, parameters=OFTEN))[1].tobytes()
