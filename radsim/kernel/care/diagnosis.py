"""Whether the irradiated lesion is the source of the pain: where it is not, radiotherapy does nothing for the pain.

The trials had wrong targets too, and their response is calibrated with them. So of the patients whom a lower probability makes wrong
targets beyond that share, the index course is answered as `none` and no repeat is; a higher probability adds log odds of response.
Flares and side effects follow the irradiation wherever it is aimed, and the lesion keeps its risk of fracture.
"""

from __future__ import annotations

from radsim.care import purpose
from radsim.care.diagnosis import IMAGING, NO_IMAGING, SECOND, STATED
from radsim.compiled import apart
from radsim.kernel.effects import count_at, miss, random_number, shift_response
from radsim.kernel.layout import item

SOURCE = purpose("diagnosis", "source")
SCANS = item("bone_scans")  # and the three after it, in the order of the settings
BIOPSIES, WRONG_TARGETS = item("bone_biopsies"), item("wrong_targets")
BEFORE_SCANS = NO_IMAGING + 1
assert IMAGING[BEFORE_SCANS:STATED] == SECOND[1:]


@apart
def act(p, seed, draw, number, u, traits, patient, modifiers):
    """Say whose radiotherapy misses the source; more true lesions than in the trials raise the response of all."""
    if p.diagnosis_ratio[0] > 1.0:
        shift_response(modifiers, p.diagnosis_log_odds[0])
    elif p.diagnosis_ratio[0] < 1.0 and random_number(seed, draw, number, SOURCE, 0) >= p.diagnosis_ratio[0]:
        miss(modifiers)


@apart
def once(p, seed, draw, number, u, traits, patient, modifiers, end, period_ends, count, g, s):
    """The scans, the biopsy, and the patient whose lesion is not the source."""
    imaging, second = int(p.setting_diagnosis_imaging), int(p.setting_diagnosis_second_imaging)
    if BEFORE_SCANS <= imaging < STATED:
        count_at(0.0, end, period_ends, count, g, s, SCANS + (imaging - BEFORE_SCANS))
    if second > 0:
        count_at(0.0, end, period_ends, count, g, s, SCANS + (second - 1))
    if p.setting_diagnosis_biopsy:
        count_at(0.0, end, period_ends, count, g, s, BIOPSIES)
    if random_number(seed, draw, number, SOURCE, 0) >= p.diagnosis_probability[0]:
        count_at(0.0, end, period_ends, count, g, s, WRONG_TARGETS)
