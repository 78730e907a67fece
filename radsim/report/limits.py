"""What the model leaves out, and where a study lies outside what trials have shown."""

from __future__ import annotations

from radsim.presentation.caveats import unusual_patients
from radsim.presentation.words import capital

GENERAL = (
    (
        "One painful site is followed. Other painful sites, which most such patients have, neither hurt nor are treated here.",
        "Only one painful spot is followed. Pain elsewhere in the body is left out.",
    ),
    (
        "Retreatment is what doctors offered in the trials, not what patients need; it can be set equal by retreatment.willingness_ratio.",
        "How often a second course is given reflects what doctors offered in studies, not only what people needed.",
    ),
    (
        "Analgesics follow the pain and drift upward; bone-modifying agents, steroids beyond prophylaxis, nerve blocks, ablation, "
        "radiopharmaceuticals and changes of systemic therapy are not simulated.",
        "Painkillers are included. Other help, such as medicines for the bones, operations to prevent a fracture or new cancer drugs, is not.",
    ),
    (
        "The fall of pain in the first days that trials see under any treatment, before irradiation can act, is not in the model.",
        "The little relief that often comes in the first days, whatever is done, is left out.",
    ),
    (
        "Travel, waiting, the wishes of a patient and who cares for them at home are not weighed.",
        "How far you live from the hospital, how tiring travel is and what matters to you are not part of these numbers. They count all the same.",
    ),
    (
        "Suspected spinal cord compression, or a bone about to break, is an emergency outside this comparison: assess urgently.",
        "New weakness or numbness in the legs, trouble passing water, or sudden severe pain on moving: call your doctor at once. Such "
        "emergencies are not what these numbers are about.",
    ),
)
"""For any study: words for a clinician, words for a patient."""


def limits(record, schedules):
    """Pairs of words, for a clinician and for a patient: first those of this study, then those of the model.

    Parameters
    ----------
    record : dict
    schedules : list of ScheduleWords
    """
    unusual = unusual_patients(record["config"]["cohort"], schedules)
    own = [(f"{capital(each['about'])}: {each['clinician']}.", each["patient"]) for each in unusual.values()]
    return [*own, *GENERAL]
