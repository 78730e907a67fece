"""Systemic therapy: which line fits the patient, until when it controls the cancer, and what it does meanwhile. It alone moves a death.

A clock runs for each line; its end is resistance. While the cancer is controlled pain worsens later and new sites and events elsewhere are
rarer; afterwards the hazards are what they were. All ratios act relative to the share of patients who had as much in the data behind
the hazards, so that at that share nothing is written and no bit changes.
"""

from __future__ import annotations

import math

from radsim.care import KINDS, purpose
from radsim.care.systemic_therapy import NO_LINE, THERAPIES
from radsim.compiled import apart
from radsim.kernel.care.radiopharmaceutical import RADIUM, radiopharmaceutical_fits
from radsim.kernel.effects import (
    count_at,
    count_every,
    four_random_numbers,
    intervals_of,
    lower_level,
    multiply_death_hazard,
    multiply_on,
    random_number,
)  # fmt: skip
from radsim.kernel.layout import (
    DAYS_PER_MONTH,
    H_ELSEWHERE_CORD_COMPRESSION,
    H_ELSEWHERE_FRACTURE,
    H_ELSEWHERE_SURGERY,
    H_HYPERCALCAEMIA,
    H_NEW_SITE,
    H_WORSENING,
    SUBTYPES,
    item,
)
from radsim.maths.elementary import log
from radsim.maths.hazard import exponential_time

CLOCK, GIVEN = purpose("systemic_therapy", "first_clock"), purpose("systemic_therapy", "given")
ENDOCRINE_MONTHS, RIBOCICLIB_MONTHS, PALBOCICLIB_MONTHS, ABEMACICLIB_MONTHS, HER2_MONTHS, PEMBROLIZUMAB_MONTHS, ENZALUTAMIDE_MONTHS = (
    item(f"months_of_{name}")
    for name in ("endocrine_therapy", "ribociclib", "palbociclib", "abemaciclib", "her2_therapy", "pembrolizumab", "enzalutamide")
)  # fmt: skip
CHEMOTHERAPY_MONTHS, PROGRESSIONS, NOT_FITTING = (
    item(name) for name in ("months_of_chemotherapy", "progressions_on_therapy", "systemic_therapies_not_fitting")
)
(_, RIBOCICLIB, PALBOCICLIB, PALBOCICLIB_FULVESTRANT, ABEMACICLIB, HER2, PEMBROLIZUMAB, ENZALUTAMIDE, CHEMOTHERAPY) = (
    range(len(THERAPIES))
)
MONTH_DAYS = 28.0
N_SUBTYPES = len(SUBTYPES)
LN_2 = math.log(2.0)
RADIOPHARMACEUTICAL = [kind.name for kind in KINDS].index("radiopharmaceutical")


@apart
def kind_of_patient(patient):
    """Position of a patient's primary and subtype in the tables of the row."""
    return patient.primary * N_SUBTYPES + patient.subtype


@apart
def line_of(patient, u_cps, p):
    """First line of a patient by the table of the row; `NO_LINE` where that of the study does not fit."""
    line = int(p.systemic_therapy_first_line[kind_of_patient(patient)])
    if line == PEMBROLIZUMAB and u_cps >= p.systemic_therapy_cps_10_or_more:
        return CHEMOTHERAPY  # with too little PD-L1 chemotherapy alone
    return line


@apart
def takes_radium(patient, p):
    """Does a patient get radium beside the systemic therapy?"""
    if not p.care[RADIOPHARMACEUTICAL] or int(p.setting_radiopharmaceutical_agent) != RADIUM:
        return False
    return radiopharmaceutical_fits(patient, p)


@apart
def median_months(line, patient, p):
    """Median time to progression on a first line. [month]"""
    if line != CHEMOTHERAPY:
        if line == ENZALUTAMIDE and takes_radium(patient, p):
            return p.systemic_therapy_radium_median_months
        return p.systemic_therapy_median_months[line]
    tumour = int(p.systemic_therapy_tumour[kind_of_patient(patient)])
    return p.systemic_therapy_chemotherapy_months[tumour]


@apart
def days_controlled(u, months):
    """Time to progression: exponential with this median. [d]"""
    return exponential_time(-log(u), LN_2 / (months * DAYS_PER_MONTH))


@apart
def survive(p, seed, draw, number, u, traits, patient, modifiers):
    """Choose the line, run its clock, and multiply the hazard of death by its ratio."""
    u_first, u_second, u_cps, u_relief = four_random_numbers(seed, draw, number, CLOCK, 0)
    line = line_of(patient, u_cps, p)
    modifiers.systemic_therapy_line = line
    if line == NO_LINE:
        return
    given = p.setting_systemic_therapy_share == 1.0
    if not given:
        given = random_number(seed, draw, number, GIVEN, 0) < p.setting_systemic_therapy_share
    modifiers.systemic_therapy_given = 1.0 if given else 0.0
    first_stop = days_controlled(u_first, median_months(line, patient, p))
    modifiers.systemic_therapy_first_stop = modifiers.systemic_therapy_stop = first_stop
    if p.setting_systemic_therapy_second_line:
        modifiers.systemic_therapy_stop = first_stop + days_controlled(
            u_second, p.systemic_therapy_second_line_median_months
        )
    modifiers.systemic_therapy_relieves = 1.0 if u_relief < p.systemic_therapy_new_relief[line] else 0.0
    multiply_death_hazard(modifiers, p.systemic_therapy_ratio_of_death[line])
    if line == ENZALUTAMIDE and takes_radium(patient, p):
        multiply_death_hazard(modifiers, p.systemic_therapy_ratio_with_radium[0])


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """While the cancer is controlled: pain worsens later, events elsewhere and new sites are rarer, and in some pain is less for a time."""
    if modifiers.systemic_therapy_line == NO_LINE:
        return
    stop = modifiers.systemic_therapy_stop
    worsening, elsewhere = p.systemic_therapy_ratio_of_worsening[0], p.systemic_therapy_ratio_elsewhere[0]
    if worsening != 1.0 or elsewhere != 1.0:
        first, last = intervals_of(modifiers, 0.0, stop)
        multiply_on(modifiers, H_WORSENING, first, last, worsening)
        multiply_on(modifiers, H_ELSEWHERE_FRACTURE, first, last, elsewhere)
        multiply_on(modifiers, H_ELSEWHERE_SURGERY, first, last, elsewhere)
        multiply_on(modifiers, H_ELSEWHERE_CORD_COMPRESSION, first, last, elsewhere)
        multiply_on(modifiers, H_HYPERCALCAEMIA, first, last, elsewhere)
        multiply_on(modifiers, H_NEW_SITE, first, last, elsewhere)
    if modifiers.systemic_therapy_relieves:
        relief_stop = min(modifiers.systemic_therapy_first_stop, traits.terminal)
        lower_level(modifiers, p.systemic_therapy_relief_from_day, relief_stop, p.systemic_therapy_relief_share)


@apart
def count_months(line, stop, end, period_ends, count, g, s):
    """Four weeks of each drug of a first line, from day 0 to ``stop``."""
    if line <= ABEMACICLIB:
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, ENDOCRINE_MONTHS)
    if line == RIBOCICLIB:
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, RIBOCICLIB_MONTHS)
    elif line in (PALBOCICLIB, PALBOCICLIB_FULVESTRANT):
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, PALBOCICLIB_MONTHS)
    elif line == ABEMACICLIB:
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, ABEMACICLIB_MONTHS)
    elif line == HER2:
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, HER2_MONTHS)
    elif line == PEMBROLIZUMAB:
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, PEMBROLIZUMAB_MONTHS)
    elif line == ENZALUTAMIDE:
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, ENZALUTAMIDE_MONTHS)
    if line in (PEMBROLIZUMAB, CHEMOTHERAPY):
        count_every(0.0, MONTH_DAYS, stop, end, period_ends, count, g, s, CHEMOTHERAPY_MONTHS)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The drugs, and the progressions under them."""
    line = int(modifiers.systemic_therapy_line)
    if line == NO_LINE:
        count_at(0.0, end, period_ends, count, g, s, NOT_FITTING)
        return
    if not modifiers.systemic_therapy_given:
        return
    first_stop, stop = modifiers.systemic_therapy_first_stop, modifiers.systemic_therapy_stop
    count_months(line, first_stop, end, period_ends, count, g, s)
    count_at(first_stop, end, period_ends, count, g, s, PROGRESSIONS)
    if first_stop < stop:
        count_every(first_stop, MONTH_DAYS, stop, end, period_ends, count, g, s, CHEMOTHERAPY_MONTHS)
        count_at(stop, end, period_ends, count, g, s, PROGRESSIONS)
