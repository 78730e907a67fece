"""Stage 3, transform: what the random numbers mean for a patient, whatever the schedule. `WIDTH` patients side by side.

The steps are those of a single patient: times, scores and pain. What differs by a category is looked up before, one patient after the other.
"""

from __future__ import annotations

from radsim.compiled import apart, step
from radsim.kernel.columns import meaning
from radsim.kernel.layout import DRAWN, FIRST_MEANT, TRAITS, TRAITS_PAGE, WIDTH
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

N_MEANT = len(DRAWN.names) - FIRST_MEANT
N_PASSED_ON = sum(name in DRAWN.names for name in TRAITS.names)
N_NEW = len(TRAITS.names) - N_PASSED_ON
FIRST_PASSED_ON, FIRST_NEW = (TRAITS_PAGE.names.index(TRAITS.names[k]) for k in (0, N_PASSED_ON))


@apart
def transform(numbers, patients, order, first, n, p, page, rows, traits):
    """Fill the first ``n`` rows of ``traits``, those of the patients that ``order`` has from ``first`` on.

    Parameters
    ----------
    numbers : array, shape (patient, field)
        `DRAWN` records as numbers.
    page, rows : record of `layout.TRAITS_PAGE`, array
        The same memory; overwritten.
    traits : array, shape (patient, field)
        `TRAITS` records as numbers.
    """
    q = meaning(p)
    for start in range(0, n, WIDTH):
        for j in range(WIDTH):
            i = order[first + min(start + j, n - 1)]  # no column is left without a patient
            for k in range(N_MEANT):
                rows[k * WIDTH + j] = numbers[i, FIRST_MEANT + k]
            look_up(page, j, patients[i], p)
        transform_side_by_side(page, q)
        for j in range(min(WIDTH, n - start)):
            for k in range(N_NEW):
                traits[start + j, N_PASSED_ON + k] = rows[(FIRST_NEW + k) * WIDTH + j]
            for k in range(N_PASSED_ON):
                traits[start + j, k] = rows[(FIRST_PASSED_ON + k) * WIDTH + j]


@step
def look_up(page, j, patient, p):
    """What depends on a patient's categories into column ``j``."""
    page.prognosis[j] = prognosis(patient, p)
    page.background_log_rate[j], page.background_slope[j] = background_hazard(patient, p)
    page.response_terms[j] = response_terms(patient, p)
    page.pain_stated[j] = patient.pain


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
