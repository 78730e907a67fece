"""The pain that a patient states, which is not quite the pain of the site.

Whoever comes for irradiation comes on a bad day rather than on a good one: the true pain is drawn around the stated one, nearer to the mean of
such patients. What the patient states later, if there is pain, differs from the true pain by a deviation that the patient keeps.
"""

from __future__ import annotations

from radsim.compiled import step
from radsim.kernel.pain import WORST
from radsim.maths.endpoints import reported

NO_PAIN = 0.5  # less than this rounds to no pain


@step
def true_pain(stated, score, p):
    """Pain of the site of somebody who states ``stated`` before the first fraction, at a normal score. [0–10]"""
    mean = p.report_at_start_mean + p.report_reliability * (stated - p.report_at_start_mean)
    return min(WORST, max(0.0, mean + p.report_residual_sd * score))


@step
def stated_pain(pain, deviation):
    """Score that a patient states, whole; who has no pain at the site states none. [0–10]"""
    return reported(min(WORST, max(0.0, pain + deviation * (pain >= NO_PAIN))))
