"""What guidelines say of one kind of patient: rules as data, each with its source, and what of them holds of a patient.

`radsim/data/guide.yaml` holds the rules; `load_guide` reads and checks them, `facts_of` says what is known of a patient, `guidance` is the answer.
"""

from radsim.guide.conditions import SAID
from radsim.guide.facts import facts_of
from radsim.guide.passages import READERS, Guidance, Passage, Statement, guidance, guide_question, of_answer, of_record
from radsim.guide.rules import Guide, Rule, load_guide, read_guide

__all__ = [
    "READERS", "SAID", "Guidance", "Guide", "Passage", "Rule", "Statement", "facts_of", "guidance", "guide_question", "load_guide", "of_answer",
    "of_record", "read_guide",
]  # fmt: skip
