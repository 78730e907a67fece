"""One kind of patient, two schedules or more: a question becomes a configuration, its result an answer.

`question` says it as a configuration, `answer` simulates and reads it. Sentences that belong to an answer come with it.
"""

from radsim.compare.answer import Answer, answer, read
from radsim.compare.question import question
from radsim.presentation.caveats import CIRCUMSTANCES, URGENT, caveats

__all__ = ["CIRCUMSTANCES", "URGENT", "Answer", "answer", "caveats", "question", "read"]
