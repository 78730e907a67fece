"""Stage 1, draw: the random numbers of a patient, the same under every schedule and every set of parameters.

`WIDTH` patients are drawn side by side, and the logarithms and normal quantiles of their uniforms taken, each by one loop.
"""

from __future__ import annotations

import numpy as np

from radsim.compiled import apart, step
from radsim.kernel import purposes
from radsim.kernel.layout import (
    DRAWN,
    EXPONENTIALS,
    GROUPS_OF_COHORT,
    GROUPS_OF_EVENTS,
    INDEX_COURSE,
    SCORES,
    UNIFORMS,
    WIDTH,
    whole,
)
from radsim.maths.elementary import log
from radsim.maths.hazard import normal_score
from radsim.maths.rng import LANES, uniforms

COURSE_GROUP = whole(purposes.RESPONSE // LANES)
FLARE_GROUP = whole(purposes.FLARE // LANES)
OFFER_GROUP = whole(purposes.OFFER // LANES)
RELIEF_GROUP = whole(purposes.COMPLETE_RELIEF // LANES)

GROUPS = np.array((*GROUPS_OF_EVENTS, *GROUPS_OF_COHORT))
FIRST_ROW_OF_COHORT = LANES * len(GROUPS_OF_EVENTS)
N_DRAWN = len(DRAWN.names)
FIRST_EXPONENTIAL, FIRST_SCORE = len(UNIFORMS), N_DRAWN - len(SCORES)


def row_of_purpose(purpose):
    """Row of a page in which the uniforms of a purpose of the events are."""
    return LANES * GROUPS_OF_EVENTS.index(purpose // LANES) + purpose % LANES


ROWS = np.array([row_of_purpose(getattr(purposes, name.upper())) for name in (*UNIFORMS, *EXPONENTIALS, *SCORES)])
ROW_OF_REGISTRY = FIRST_ROW_OF_COHORT + purposes.COHORT_ROW


@step
def row_of_covariate(covariate):
    """Row of a page in which the uniforms of a covariate are: the purpose `COHORT_ROW` lies between those of two covariates."""
    return FIRST_ROW_OF_COHORT + covariate + (covariate >= purposes.COHORT_ROW)


@step
def groups_of_cohort(cohort):
    """Groups of purposes that the covariates of a cohort need, and the row of a registry."""
    n_purposes = max(cohort.n_used, purposes.COHORT_ROW * (cohort.rows.shape[0] > 0)) + 1
    return (n_purposes + LANES - 1) // LANES


@apart
def draw_side_by_side(seed, draw, first, n_groups_of_cohort, correlated, page):
    """Fill a page with the random numbers of the patients from number ``first`` on.

    Parameters
    ----------
    n_groups_of_cohort : int
        How many of the groups of purposes of the cohort are wanted.
    correlated : array, shape (correlated,)
        Covariates of which the normal score is wanted.
    page : record of `layout.DRAW_PAGE`
    """
    for g in range(len(GROUPS_OF_EVENTS) + n_groups_of_cohort):
        draw_group(seed, draw, first, GROUPS[g], page.uniforms, g * LANES * WIDTH)
    for k in range(N_DRAWN + len(correlated)):
        row = WIDTH * (ROWS[k] if k < N_DRAWN else row_of_covariate(correlated[k - N_DRAWN]))
        for j in range(WIDTH):
            page.numbers[k * WIDTH + j] = page.uniforms[row + j]
    take_logarithms(page.numbers)
    take_scores(page.numbers, len(SCORES) + len(correlated))


@step
def draw_group(seed, draw, first, group, page, row):
    """Four rows of uniforms from ``row`` on: those of one group of purposes."""
    for j in range(WIDTH):  # side by side
        four = uniforms(seed, draw, first + j, group, INDEX_COURSE)
        page[row + j] = four[0]
        page[row + WIDTH + j] = four[1]
        page[row + 2 * WIDTH + j] = four[2]
        page[row + 3 * WIDTH + j] = four[3]


@step
def take_logarithms(numbers):
    """Uniforms become unit exponentials."""
    first = FIRST_EXPONENTIAL * WIDTH
    for k in range((FIRST_SCORE - FIRST_EXPONENTIAL) * WIDTH):  # side by side
        numbers[first + k] = -log(numbers[first + k])


@step
def take_scores(numbers, n_rows):
    """The uniforms of ``n_rows`` rows become normal scores."""
    first = FIRST_SCORE * WIDTH
    for k in range(n_rows * WIDTH):  # side by side
        numbers[first + k] = normal_score(numbers[first + k])
