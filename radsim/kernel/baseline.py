"""Stage 2, baseline: who the patient is, from the tables of the cohort."""

from __future__ import annotations

import math

from radsim.compiled import apart, inline_step, step
from radsim.kernel.draw import N_DRAWN, ROW_OF_REGISTRY, row_of_covariate
from radsim.kernel.layout import WIDTH
from radsim.kernel.tables import MOST_EDGES, N_COVARIATES, N_GUIDE
from radsim.maths.hazard import normal_cdf

(
    PRIMARY,
    SITE,
    AGE,
    SEX,
    SUBTYPE,
    KARNOFSKY,
    VISCERAL,
    LESION,
    CORTICAL,
    NEUROPATHIC,
    PAIN,
    MORPHINE,
    PRIOR_SCHEDULE,
    PRIOR_WEEKS_AGO,
    SEVERAL_SITES,
    BONE_AGENT_BEFORE,
    SMOKING,
    DENTURES,
    KIDNEY_FAILURE,
    HEART_FAILURE,
    LOW_PLATELETS,
    COLLAPSED_VERTEBRA,
    BLEEDING_TENDENCY,
    IMMUNOSUPPRESSED,
) = range(N_COVARIATES)  # the order of `config.COVARIATES`
BREAST = 0


@apart
def correlate(page, correlated, cholesky):
    """Gaussian copula: replace the uniforms of the correlated covariates by correlated ones, for every column of a page."""
    found, n = page.correlated, len(correlated)
    for i in range(1, n):  # the first keeps its own: the factor's first row is (1, 0, …)
        for j in range(WIDTH):
            score = 0.0
            for k in range(i + 1):
                score += cholesky[i, k] * page.numbers[(N_DRAWN + k) * WIDTH + j]
            found[i * WIDTH + j] = score
    for k in range(n * WIDTH):  # side by side
        found[k] = normal_cdf(found[k])
    for i in range(1, n):
        row = row_of_covariate(correlated[i]) * WIDTH
        for j in range(WIDTH):
            page.uniforms[row + j] = found[i * WIDTH + j]


@inline_step
def level(u, cohort, i, category):
    """First level of covariate ``i`` whose cumulative probability reaches ``u``, by a guide table and a short walk."""
    chosen = cohort.guide[i, category, int(u * N_GUIDE)]
    while u > cohort.cumulative[i, category, chosen]:
        chosen += 1
    return chosen


@inline_step
def registry_row(number, j, page, cohort):
    """Row of the registry a patient is, or -1 without a registry."""
    n_rows = cohort.rows.shape[0]
    if n_rows == 0:
        return -1
    if cohort.each_row > 0:
        return number // cohort.each_row
    return int(page.uniforms[ROW_OF_REGISTRY * WIDTH + j] * n_rows)


@inline_step
def sample_covariates(number, j, page, cohort, covariates):
    """Fill ``covariates`` (covariate,) with the values of patient ``number``, whose uniforms are in column ``j`` of a page."""
    row = registry_row(number, j, page, cohort)
    for i in range(cohort.n_used, N_COVARIATES):
        covariates[i] = 0.0
    for i in range(cohort.n_used):
        if row >= 0 and not math.isnan(cohort.rows[row, i]):
            covariates[i] = cohort.rows[row, i]
            continue
        parent = cohort.parent[i]
        category = 0 if parent < 0 else int(covariates[parent])
        if cohort.fixed[i]:
            covariates[i] = cohort.values[i, category, 0]
            continue
        covariates[i] = cohort.values[
            i, category, level(page.uniforms[row_of_covariate(i) * WIDTH + j], cohort, i, category)
        ]


@inline_step
def risk_factors(covariates, cohort):
    """Risk factors of the three-variable score of prognosis: not breast, visceral metastases, a low Karnofsky index. [1]"""
    beyond_breast = covariates[PRIMARY] != BREAST
    return beyond_breast + covariates[VISCERAL] + (covariates[KARNOFSKY] <= cohort.score_karnofsky)


@inline_step
def subgroup_number(covariates, cohort):
    """Position among the subgroups: the code of a value is the number of edges that it reaches."""
    number = 0
    for i in range(N_COVARIATES + 1):
        stride = cohort.subgroup_strides[i]
        if stride == 0:
            continue
        value = covariates[i] if i < N_COVARIATES else risk_factors(covariates, cohort)
        for edge in range(MOST_EDGES):
            if value >= cohort.subgroup_edges[i, edge]:
                number += stride
    return number


@step
def fill_patient(covariates, cohort, patient):
    """Write the covariates into a patient record.

    Parameters
    ----------
    covariates : array, shape (covariate,)
        Values in the units of the configuration; categories as codes.
    cohort : CohortTables
        For the cord BED of each prior schedule, and for the subgroups.
    """
    patient.primary = int(covariates[PRIMARY])
    patient.site = int(covariates[SITE])
    patient.age = covariates[AGE]
    patient.sex = int(covariates[SEX])
    patient.subtype = int(covariates[SUBTYPE])
    patient.karnofsky = covariates[KARNOFSKY]
    patient.visceral = int(covariates[VISCERAL])
    patient.lesion = int(covariates[LESION])
    patient.cortical_involvement_mm = covariates[CORTICAL]
    patient.neuropathic = int(covariates[NEUROPATHIC])
    patient.pain = covariates[PAIN]
    patient.morphine_equivalent = covariates[MORPHINE]
    patient.prior_schedule = int(covariates[PRIOR_SCHEDULE])
    patient.prior_weeks_ago = covariates[PRIOR_WEEKS_AGO]
    patient.several_sites = int(covariates[SEVERAL_SITES])
    patient.bone_agent_before = int(covariates[BONE_AGENT_BEFORE])
    patient.smoking = int(covariates[SMOKING])
    patient.dentures = int(covariates[DENTURES])
    patient.kidney_failure = int(covariates[KIDNEY_FAILURE])
    patient.heart_failure = int(covariates[HEART_FAILURE])
    patient.low_platelets = int(covariates[LOW_PLATELETS])
    patient.collapsed_vertebra = int(covariates[COLLAPSED_VERTEBRA])
    patient.bleeding_tendency = int(covariates[BLEEDING_TENDENCY])
    patient.immunosuppressed = int(covariates[IMMUNOSUPPRESSED])
    patient.prior_bed_gy2 = cohort.prior_beds_gy2[patient.prior_schedule]
    patient.subgroup = subgroup_number(covariates, cohort)
