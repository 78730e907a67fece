"""Names and codes of the endpoints: what may be asked of one visit, and what the answer may be.

Apart from `radsim.maths.endpoints`, which judges a visit, so that whoever only reads results need not load the compiler.
"""

from __future__ import annotations

PAIN_SCORE, CONSENSUS, ANY_REDUCTION, CATEGORICAL = 0, 1, 2, 3
MEASURES = ("pain_score", "consensus", "any_reduction", "categorical")

PROGRESSION, INDETERMINATE, PARTIAL, COMPLETE = -1, 0, 1, 2
