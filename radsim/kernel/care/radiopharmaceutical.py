"""A radiopharmaceutical: relief at every site for a time, damage to the marrow; radium lowers the events of the skeleton as well, in prostate cancer.

Its relief is that beyond placebo, as those who are better anyway are so in the model without it. Lytic lesions take none of it up.
"""

from __future__ import annotations

import math

from radsim.care import KINDS, purpose
from radsim.care.radiopharmaceutical import FORBIDS
from radsim.care.systemic_therapy import ON_CHEMOTHERAPY
from radsim.compiled import apart
from radsim.kernel.effects import count_at, four_random_numbers, intervals_of, lower_level, multiply_on
from radsim.kernel.fits import conditions, has_any
from radsim.kernel.layout import (
    H_CORD_COMPRESSION,
    H_ELSEWHERE_CORD_COMPRESSION,
    H_ELSEWHERE_FRACTURE,
    H_ELSEWHERE_SURGERY,
    H_FRACTURE,
    H_NEW_SITE,
    LYTIC,
    item,
)

RELIEF = purpose("radiopharmaceutical", "relief")
INJECTIONS = item("strontium_injections")  # and the two after it, in the order of the agents
LEUCOPENIAS, THROMBOCYTOPENIAS, NOT_FITTING = (
    item(name) for name in ("leucopenias", "thrombocytopenias", "radiopharmaceuticals_not_fitting")
)
RADIUM = 2
PROSTATE = 1
FORBIDDEN = conditions(FORBIDS)
SYSTEMIC_THERAPY = [kind.name for kind in KINDS].index("systemic_therapy")
FIRST_WITH_CHEMOTHERAPY, SECOND_WITH_CHEMOTHERAPY = ON_CHEMOTHERAPY


@apart
def radiopharmaceutical_fits(patient, p):
    """Does a patient get the radiopharmaceutical of the study?"""
    if patient.lesion == LYTIC or has_any(patient, FORBIDDEN):
        return False
    return patient.several_sites == 1 or p.setting_radiopharmaceutical_several_sites_only == 0.0


@apart
def has_chemotherapy(modifiers, p):
    """Is a patient given chemotherapy as the systemic therapy of the study? Both together would suppress the marrow."""
    line = int(modifiers.systemic_therapy_line)
    given = p.care[SYSTEMIC_THERAPY] == 1 and modifiers.systemic_therapy_given == 1.0
    return given and (line in (FIRST_WITH_CHEMOTHERAPY, SECOND_WITH_CHEMOTHERAPY))


@apart
def act_with_radium(start, patient, modifiers, p):
    """Lower the hazards of the skeleton while radium acts. Where it has no effect nothing is written."""
    event = cord = site = p.radiopharmaceutical_radium_event_ratio_other
    if patient.primary == PROSTATE:
        event = p.radiopharmaceutical_radium_event_ratio_prostate
        cord = p.radiopharmaceutical_radium_cord_compression_ratio_prostate
        site = p.radiopharmaceutical_radium_new_site_ratio_prostate
    if event == 1.0 and cord == 1.0 and site == 1.0:
        return
    first, last = intervals_of(modifiers, start, start + p.radiopharmaceutical_radium_acts_days)
    multiply_on(modifiers, H_FRACTURE, first, last, event)
    multiply_on(modifiers, H_CORD_COMPRESSION, first, last, cord)
    multiply_on(modifiers, H_ELSEWHERE_FRACTURE, first, last, event)
    multiply_on(modifiers, H_ELSEWHERE_SURGERY, first, last, event)
    multiply_on(modifiers, H_ELSEWHERE_CORD_COMPRESSION, first, last, cord)
    multiply_on(modifiers, H_NEW_SITE, first, last, site)


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Relieve every site, as often as its trials found beyond placebo; lower the hazards if it is radium."""
    if not radiopharmaceutical_fits(patient, p) or has_chemotherapy(modifiers, p):
        return
    agent, start = int(p.setting_radiopharmaceutical_agent), p.setting_radiopharmaceutical_start_day
    u_relief, _, u_white, u_platelets = four_random_numbers(seed, draw, number, RELIEF, 0)
    modifiers.radiopharmaceutical_given = 1.0
    modifiers.radiopharmaceutical_leucopenia, modifiers.radiopharmaceutical_thrombocytopenia = u_white, u_platelets
    if start < traits.time_to_death:
        complete = u_relief < p.radiopharmaceutical_complete[agent]
        if complete or u_relief < p.radiopharmaceutical_relief[agent]:
            onset = start + p.radiopharmaceutical_onset_days[agent]
            stop = min(onset + p.radiopharmaceutical_relief_days[agent], traits.terminal)
            lower_level(modifiers, onset, stop, 1.0 if complete else p.radiopharmaceutical_relief_share)
        if agent == RADIUM:
            act_with_radium(start, patient, modifiers, p)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """Injections, and the white cells and platelets at their lowest."""
    agent, start = int(p.setting_radiopharmaceutical_agent), p.setting_radiopharmaceutical_start_day
    if not modifiers.radiopharmaceutical_given:
        count_at(start, end, period_ends, count, g, s, NOT_FITTING)
        return
    for i in range(int(p.radiopharmaceutical_radium_injections) if agent == RADIUM else 1):
        count_at(start + i * p.radiopharmaceutical_radium_every_days, end, period_ends, count, g, s, INJECTIONS + agent)
    nadir = start + p.radiopharmaceutical_nadir_days[agent] if start < end else math.inf
    leucopenia = p.radiopharmaceutical_leucopenia[agent] * p.radiopharmaceutical_leucopenia_ratio[agent]
    if modifiers.radiopharmaceutical_leucopenia < leucopenia:
        count_at(nadir, end, period_ends, count, g, s, LEUCOPENIAS)
    thrombocytopenia = (
        p.radiopharmaceutical_thrombocytopenia[agent] * p.radiopharmaceutical_thrombocytopenia_ratio[agent]
    )
    if modifiers.radiopharmaceutical_thrombocytopenia < thrombocytopenia:
        count_at(nadir, end, period_ends, count, g, s, THROMBOCYTOPENIAS)
