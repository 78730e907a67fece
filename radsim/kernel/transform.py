"""Stage 3, transform: what the random numbers mean for a patient, whatever the schedule. `WIDTH` patients side by side.

The steps are those of a single patient: times, scores and pain. What differs by a category is looked up before, one patient after the other.
"""

from __future__ import annotations

from collections import namedtuple

from radsim.compiled import apart, inline_step, step
from radsim.kernel.layout import WIDTH
from radsim.kernel.report import true_pain
from radsim.kernel.response import onset_delay, relief_days, response_base, response_terms
from radsim.kernel.survival import (
    background_hazard,
    disease_score,
    prognosis,
    terminal_from,
    time_to_death,
)
from radsim.maths.hazard import exponential_time, logit

Meaning = namedtuple(
    "Meaning",
    (
        "survival_frailty_correlation", "survival_frailty_residual", "survival_reference_log_days",
        "survival_prognosis_factor", "survival_log_time_sigma", "terminal_mean_days", "report_at_start_mean",
        "report_reliability", "report_residual_sd", "report_slow_sd", "response_frailty", "onset_log_median", "onset_sigma",
        "relapse_log_median", "relapse_complete_log_median", "relapse_sigma", "flare_mean_duration_days",
        "pain_worsening_rate_per_day", "pain_worsening_mean_days",
    ),
)  # fmt: skip
"""Parameters that the random numbers mean something by, by value: a record might overlap a page, for all that the compiler knows."""


@step
def meaning(p):
    """The parameters that the random numbers mean something by."""
    return Meaning(
        p.survival_frailty_correlation, p.survival_frailty_residual, p.survival_reference_log_days,
        p.survival_prognosis_factor, p.survival_log_time_sigma, p.terminal_mean_days, p.report_at_start_mean,
        p.report_reliability, p.report_residual_sd, p.report_slow_sd, p.response_frailty, p.onset_log_median, p.onset_sigma,
        p.relapse_log_median, p.relapse_complete_log_median, p.relapse_sigma, p.flare_mean_duration_days,
        p.pain_worsening_rate_per_day, p.pain_worsening_mean_days,
    )  # fmt: skip


@inline_step
def transform(page, enrolled, order, first, n, p, traits):
    """Fill the first ``n`` traits, of the patients that ``order`` has from ``first`` on. ``page`` is overwritten."""
    q = meaning(p)
    for start in range(0, n, WIDTH):
        for j in range(WIDTH):
            i = order[first + min(start + j, n - 1)]  # no column is left without a patient
            enter_column(page, j, enrolled.patients[i], enrolled.drawn[i], p)
        transform_side_by_side(page, q)
        for j in range(min(WIDTH, n - start)):
            leave_column(page, j, enrolled.drawn[order[first + start + j]], traits[start + j])


@step
def enter_column(page, j, patient, drawn, p):
    """What the traits of a patient follow from into column ``j``."""
    page.prognosis[j] = prognosis(patient, p)
    page.background_log_rate[j], page.background_slope[j] = background_hazard(patient, p)
    page.response_terms[j] = response_terms(patient, p)
    page.pain_stated[j] = patient.pain
    page.response[j] = drawn.response
    page.frailty_score[j] = drawn.frailty_score
    page.survival_score[j] = drawn.survival_score
    page.report_at_start_score[j] = drawn.report_at_start_score
    page.report_at_visits_score[j] = drawn.report_at_visits_score
    page.onset_score[j] = drawn.onset_score
    page.relapse_score[j] = drawn.relapse_score
    page.complete_relief_score[j] = drawn.complete_relief_score
    page.background_death_exponential[j] = drawn.background_death_exponential
    page.terminal_exponential[j] = drawn.terminal_exponential
    page.flare_duration_exponential[j] = drawn.flare_duration_exponential
    page.worsening_exponential[j] = drawn.worsening_exponential
    page.worsening_duration_exponential[j] = drawn.worsening_duration_exponential


@apart
def transform_side_by_side(page, q):
    """The traits of every column."""
    for j in range(WIDTH):  # side by side
        frailty = page.frailty_score[j]
        score = disease_score(frailty, page.survival_score[j], q)
        hazard = page.background_log_rate[j], page.background_slope[j]
        death = time_to_death(score, page.prognosis[j], page.background_death_exponential[j], hazard, q)
        page.frailty[j] = frailty
        page.time_to_death[j] = death
        page.terminal[j] = terminal_from(death, page.terminal_exponential[j], q)
        page.pain[j] = true_pain(page.pain_stated[j], page.report_at_start_score[j], q)
        page.deviation[j] = q.report_slow_sd * page.report_at_visits_score[j]
        base = response_base(frailty, page.response_terms[j], q)
        page.response_base[j] = base
        page.index_score[j] = base + logit(page.response[j])
        page.onset_days[j] = onset_delay(page.onset_score[j], q)
        page.relapse_days[j] = relief_days(page.relapse_score[j], q.relapse_log_median, q)
        page.complete_days[j] = relief_days(page.complete_relief_score[j], q.relapse_complete_log_median, q)
        page.flare_duration[j] = q.flare_mean_duration_days * page.flare_duration_exponential[j]
        worsening = exponential_time(page.worsening_exponential[j], q.pain_worsening_rate_per_day)
        page.worsening[j] = worsening
        page.worsening_end[j] = worsening + q.pain_worsening_mean_days * page.worsening_duration_exponential[j]


@step
def leave_column(page, j, drawn, traits):
    """The traits in column ``j`` into the record of a patient."""
    traits.frailty = page.frailty[j]
    traits.time_to_death = page.time_to_death[j]
    traits.terminal = page.terminal[j]
    traits.pain = page.pain[j]
    traits.deviation = page.deviation[j]
    traits.response_base = page.response_base[j]
    traits.index_score = page.index_score[j]
    traits.onset_days = page.onset_days[j]
    traits.relapse_days = page.relapse_days[j]
    traits.complete_days = page.complete_days[j]
    traits.flare_duration = page.flare_duration[j]
    traits.worsening = page.worsening[j]
    traits.worsening_end = page.worsening_end[j]
    traits.escalation_exponential = drawn.escalation_exponential
    traits.fracture_exponential = drawn.fracture_exponential
    traits.cord_compression_exponential = drawn.cord_compression_exponential
