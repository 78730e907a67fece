"""Whom a kind of care fits: the configuration refuses a cohort exactly where the kernel gives nothing to a patient of it."""

import numpy as np
import pytest
from studies import study

from radsim.care import ablation, cement, hip_injection, radiopharmaceutical
from radsim.care.systemic_therapy import NEEDS, NO_LINE, THERAPIES, by_kind_of_patient, first_line
from radsim.compiled import door
from radsim.config import ConfigError, load_config
from radsim.config.covariates import CATEGORIES
from radsim.kernel import fits, layout
from radsim.kernel.care import ablation as compiled_ablation
from radsim.kernel.care import cement as compiled_cement
from radsim.kernel.care import hip_injection as compiled_injection
from radsim.kernel.care import radiopharmaceutical as compiled_radiopharmaceutical

has_any = door(fits.has_any)
FITS = {
    "cement": ({}, door(compiled_cement.is_given), cement.FORBIDS),
    "hip_injection": ({}, door(compiled_injection.is_given), hip_injection.FORBIDS),
    "ablation": ({"method": "cryo"}, door(compiled_ablation.may_be_ablated), ablation.NEEDLE_FORBIDS),
    "radiopharmaceutical": ({}, door(compiled_radiopharmaceutical.radiopharmaceutical_fits), radiopharmaceutical.FORBIDS),
}  # fmt: skip
COHORTS = [
    *({"site": "hip", "lesion": "mixed", name: "yes"} for name in layout.CONDITIONS if name not in ("several_sites", "collapsed_vertebra")),
    *({"lesion": "mixed", "site": site} for site in CATEGORIES["site"]), {"site": "hip", "lesion": "lytic"},
    {"lesion": "mixed", "collapsed_vertebra": "yes", "site": "spine"},
]  # fmt: skip


def patient_of(cohort):
    patient = np.zeros(1, layout.PATIENT)
    for name, value in cohort.items():
        patient[name] = 1 if value == "yes" else CATEGORIES[name].index(value)
    return patient[0]


def is_refused(**changes):
    try:
        load_config({"radsim": 1, "schedules": ["8Gy/1"], **changes})
    except ConfigError:
        return True
    return False


@pytest.mark.parametrize("switch", FITS)
def test_a_cohort_is_refused_where_the_kernel_treats_nobody(switch):
    settings, does_fit, forbids = FITS[switch]
    care = {switch: settings or True}
    p = study(n=1, schedules=["8Gy/1"], care=care, cohort={"site": "hip"}).parameters(0)[0]
    arguments = (p,) if switch in ("ablation", "radiopharmaceutical") else ()
    refused = [is_refused(care=care, cohort=cohort) for cohort in COHORTS]
    assert refused == [not does_fit(patient_of(cohort), *arguments) for cohort in COHORTS]
    assert sum(refused) >= len(forbids)


@pytest.mark.parametrize("name", layout.CONDITIONS)
def test_each_condition_is_found_by_its_name(name):
    patient = patient_of({name: "yes"})
    found = [other for other in layout.CONDITIONS if has_any(patient, fits.conditions([other]))]
    assert found == [name] and has_any(patient, fits.conditions(layout.CONDITIONS))
    assert not has_any(patient, fits.conditions([]))


def kinds_of_patients():
    return [
        (primary, subtype)
        for primary in CATEGORIES["primary"]
        for subtype in (CATEGORIES["subtype"] if primary == "breast" else ["unknown"])
    ]


@pytest.mark.parametrize("therapy", THERAPIES)
def test_a_therapy_is_refused_where_it_is_no_first_line(therapy):
    for primary, subtype in kinds_of_patients():
        cohort = {"primary": primary, **({"subtype": subtype} if primary == "breast" else {})}
        refused = is_refused(care={"systemic_therapy": {"therapy": therapy}}, cohort=cohort)
        assert refused == (first_line(therapy, primary, subtype) == NO_LINE), (primary, subtype)
    assert (therapy in NEEDS) == (NO_LINE in by_kind_of_patient(lambda *patient: first_line(therapy, *patient)))


def test_the_table_of_the_kernel_has_a_cell_for_each_kind_of_patient():
    p = study(n=1, care={"systemic_therapy": True}).parameters(0)[0]
    expected = [
        first_line("by_diagnosis", primary, subtype)
        for primary in CATEGORIES["primary"]
        for subtype in CATEGORIES["subtype"]
    ]
    assert p.systemic_therapy_first_line.tolist() == expected
