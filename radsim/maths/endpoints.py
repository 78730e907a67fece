"""What counts as a response at one visit, in four languages.

The numbers here are definitions, not evidence. Pain scores are integers 0–10 as reported; OMED is the daily oral morphine
equivalent in mg. Index pain is at least 2.

References
----------
Chow E et al., "International consensus on palliative radiotherapy endpoints for future clinical trials in bone metastases,"
Radiother Oncol 64, 2002, 275–280, doi:10.1016/S0167-8140(02)00170-6; update: Int J Radiat Oncol Biol Phys 82, 2012, 1730–1737.
"""

from __future__ import annotations

from radsim.compiled import step
from radsim.maths.measures import ANY_REDUCTION, COMPLETE, CONSENSUS, PAIN_SCORE, PARTIAL, PROGRESSION

RELEVANT_DROP = 2  # points on the 0–10 scale
RELEVANT_RISE = 2
RELEVANT_OMED_CHANGE = 0.25  # of the dose at the start
MILD, MODERATE, SEVERE = 1, 5, 8  # lowest score of each category


@step
def reported(pain):
    """Score a patient writes down for a pain of ``pain``: the nearest integer, halves up. [1]"""
    return int(pain + 0.5)


@step
def pain_category(score):
    """Category of a reported score: 0 none, 1 mild (1–4), 2 moderate (5–7), 3 severe (8–10)."""
    # as numbers: uncompiled, numpy's truths add up to one
    return int(score >= MILD) + int(score >= MODERATE) + int(score >= SEVERE)


@step
def pain_score_response(score_before, score):
    """Pain score alone: complete at 0, partial from a drop of two points."""
    return max(COMPLETE * (score <= 0.0), PARTIAL * (score_before - score >= RELEVANT_DROP))


@step
def any_reduction_response(score_before, score):
    """Any drop of the score counts; complete at 0."""
    return max(COMPLETE * (score <= 0.0), PARTIAL * (score_before - score >= 1.0))


@step
def categorical_response(score_before, score):
    """Any step down the four-point scale none, mild, moderate, severe; complete at none."""
    return max(COMPLETE * (score <= 0.0), PARTIAL * (pain_category(score) < pain_category(score_before)))


@step
def consensus_response(score_before, score, omed_before, omed):
    """International Consensus category.

    Parameters
    ----------
    score_before, score : float
        Reported worst pain at the treated site at the start and now, 0–10. [1]
    omed_before, omed : float
        Daily oral morphine equivalent at the start and now. [mg d-1]

    Returns
    -------
    int
        COMPLETE: pain 0, no increase in OMED. PARTIAL: pain down >= 2 without increase in OMED, or OMED down >= 25 % without
        increase in pain. PROGRESSION: pain up >= 2 with stable OMED, or OMED up >= 25 % with pain stable or at most one point
        above. INDETERMINATE: the rest. From an OMED of zero any opioid is an increase of 25 % or more.
    """
    no_increase = omed <= omed_before
    reduced = (omed_before > 0.0) & (omed <= (1.0 - RELEVANT_OMED_CHANGE) * omed_before)
    increased = (omed > omed_before) & (omed >= (1.0 + RELEVANT_OMED_CHANGE) * omed_before)
    rise = score - score_before
    complete = no_increase & (score <= 0.0)
    partial = no_increase & ((rise <= -RELEVANT_DROP) | (reduced & (rise <= 0.0)))
    # "stable" is within one point: a pain that fell by two or more with more opioid is neither better nor progressed
    stable = (rise > -RELEVANT_DROP) & (rise <= 1.0)
    progressed = ((rise >= RELEVANT_RISE) & (not increased)) | (increased & stable)
    return max(COMPLETE * complete, PARTIAL * partial) + PROGRESSION * (progressed and not (partial or complete))


@step
def classify(measure, score_before, score, omed_before, omed):
    """Category of one visit under one measure; see the functions above."""
    score_alone = pain_score_response(score_before, score)
    consensus = consensus_response(score_before, score, omed_before, omed)
    any_reduction = any_reduction_response(score_before, score)
    categorical = categorical_response(score_before, score)
    of_consensus = consensus if measure == CONSENSUS else categorical
    return score_alone if measure == PAIN_SCORE else any_reduction if measure == ANY_REDUCTION else of_consensus
