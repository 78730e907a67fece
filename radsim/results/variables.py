"""Every output of a simulation: one table that builds, checks and documents them.

To add an output, add a line; `assemble` and the tests read nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from radsim.care import DIMENSIONS as DIMENSIONS_OF_CARE
from radsim.results.estimators import (
    DAYS_PER_YEAR,
    batch_patients,
    exposure_days,
    flag_share,
    mean_at_start,
    median_duration,
    median_onset,
    patient_counts,
    patient_days,
    patient_mean,
    patient_ratio,
    time_mean,
    time_share,
    visit_share,
)

DIMENSIONS = (
    "subgroup",
    "batch",
    "draw",
    "schedule",
    "visit",
    "time",
    "period",
    "state",
    "item",
    "exposure",
    "parameter",
    *DIMENSIONS_OF_CARE,
)
"""Order of the dimensions in every variable; `subgroup` only where subgroups are declared."""

MCSE_SUFFIX = "_mcse"

DIFFERENCE_SUFFIX = "_difference"
"""Of what stands beside an estimate: this schedule minus the first one, the reference; its own error is beside it in turn."""

PAIRING, BY_PATIENT, NO_PAIRING = "pairing", "by patient", "none: an upper bound"
"""Attribute of the error of a difference, and what it says."""


class Variable(NamedTuple):
    """One output.

    Attributes
    ----------
    dims : tuple of str
        Dimensions in order, without `subgroup`.
    dtype : str
        Of the values in memory and in the file.
    units : str
        UDUNITS.
    long_name : str
        What it is, in the clinic's words, with the denominator.
    how : callable
        Sums to (value, mcse) for an estimate; sums to value otherwise.
    is_estimate : bool
        Whether a sibling with the Monte Carlo standard error stands beside it.
    """

    dims: tuple[str, ...]
    dtype: str
    units: str
    long_name: str
    how: Callable
    is_estimate: bool = True


def _arm(units, long_name, how):
    return Variable(("draw", "schedule"), "float64", units, long_name, how)


def _at_visit(units, long_name, how):
    return Variable(("draw", "schedule", "visit"), "float64", units, long_name, how)


def _at_time(units, long_name, how):
    return Variable(("draw", "schedule", "time"), "float64", units, long_name, how)


def _at_start(units, long_name, name):
    return Variable(("draw",), "float64", units, long_name, mean_at_start(name), False)


VARIABLES = {
    # the headline, and the same without missing questionnaires
    "overall_response": _arm(
        "1",
        "best pain-score response within 12 weeks as seen at the visits, of all patients",
        flag_share("response"),
    ),
    "complete_response": _arm(
        "1",
        "best pain-score response complete within 12 weeks as seen at the visits, of all patients",
        flag_share("complete"),
    ),
    "partial_response": _arm(
        "1",
        "best pain-score response partial within 12 weeks as seen at the visits, of all patients",
        flag_share("response", without="complete"),
    ),
    "response_including_retreatment": _arm(
        "1",
        "overall response that goes on counting after retreatment of the site, of all patients",
        flag_share("response_including_retreatment"),
    ),
    "complete_response_including_retreatment": _arm(
        "1",
        "complete response that goes on counting after retreatment of the site, of all patients",
        flag_share("complete_including_retreatment"),
    ),
    "latent_overall_response": _arm(
        "1",
        "response within 12 weeks had every living patient been seen, of all patients",
        flag_share("latent_response"),
    ),
    "latent_complete_response": _arm(
        "1",
        "complete response within 12 weeks had every living patient been seen, of all patients",
        flag_share("latent_complete"),
    ),
    # at each visit, of the patients who came
    "consensus_overall_response": _at_visit(
        "1",
        "International Consensus response, of patients assessable at the visit",
        visit_share("consensus", "overall"),
    ),
    "consensus_complete_response": _at_visit(
        "1",
        "International Consensus complete response, of patients assessable at the visit",
        visit_share("consensus", "complete"),
    ),
    "pain_score_overall_response": _at_visit(
        "1",
        "response by pain score alone, of patients assessable at the visit",
        visit_share("pain_score", "overall"),
    ),
    "pain_score_complete_response": _at_visit(
        "1",
        "complete response by pain score alone, of patients assessable at the visit",
        visit_share("pain_score", "complete"),
    ),
    # the course of pain
    "relief": _at_time("1", "alive and in latent response, repeats included, of all patients", time_share("in_relief")),
    "complete_relief": _at_time(
        "1",
        "alive and in complete latent response, repeats included, of all patients",
        time_share("in_complete_relief"),
    ),
    "time_to_response": _arm("d", "median time to latent response, of responders", median_onset),
    "duration_of_response": _arm(
        "d",
        "median duration of latent response, of responders, censored at death and retreatment",
        median_duration,
    ),
    "net_pain_relief": _arm(
        "1",
        "days in response over days alive, repeats included, responders to the index course",
        patient_ratio("responder_days_in_response", "responder_days_alive"),
    ),
    "net_pain_relief_all": _arm(
        "1",
        "days in response over days alive, repeats included, all patients",
        patient_ratio("days_in_response", "days_alive"),
    ),
    "mean_pain_score": _at_time("1", "mean worst pain score (0 to 10), among the living", time_mean("pain")),
    "mean_morphine_equivalent": _at_time(
        "mg d-1", "mean daily oral morphine equivalent, among the living", time_mean("morphine")
    ),
    # what happens to patients
    "retreatment": _arm(
        "1", "at least one repeat of radiotherapy to the site, to the horizon", flag_share("retreatment")
    ),
    "pathological_fracture": _arm(
        "1", "at least one pathological fracture of the site, to the horizon", flag_share("fracture")
    ),
    "spinal_cord_compression": _arm(
        "1", "at least one spinal cord compression, to the horizon", flag_share("cord_compression")
    ),
    "retreatment_incidence": _at_time(
        "1", "cumulative incidence of first retreatment, death competing", time_share("retreated")
    ),
    "pathological_fracture_incidence": _at_time(
        "1", "cumulative incidence of pathological fracture, death competing", time_share("fractured")
    ),
    "spinal_cord_compression_incidence": _at_time(
        "1", "cumulative incidence of spinal cord compression, death competing", time_share("cord_compressed")
    ),
    "pain_flare": _arm("1", "pain flare on days 0 to 10, of all patients", flag_share("flare")),
    "pain_flare_missing_as_flare": _arm(
        "1",
        "pain flare on days 0 to 10, missing diaries counted as flare",
        flag_share("flare_missing_as_flare"),
    ),
    "pain_flare_missing_as_none": _arm(
        "1",
        "pain flare on days 0 to 10, missing diaries counted as no flare",
        flag_share("flare_missing_as_none"),
    ),
    "acute_toxicity": _arm("1", "acute toxicity of grade 2 or more", flag_share("toxicity")),
    "survival": _at_time("1", "share of all patients alive", time_share("alive")),
    "life_years": _arm(
        "year", "mean life lived to the horizon, undiscounted", patient_mean("days_alive", per=DAYS_PER_YEAR)
    ),
    "treatment_days": _arm("d", "mean attendances for radiotherapy, repeats included", patient_mean("treatment_days")),
    "share_of_life_in_treatment": _arm(
        "1",
        "mean share of the days lived on which radiotherapy was attended",
        patient_mean("share_in_treatment"),
    ),
    # where the patients start
    "pain_score_at_start": _at_start(
        "1", "mean worst pain score (0 to 10) before the first fraction, of all patients", "pain_at_start"
    ),
    "morphine_equivalent_at_start": _at_start(
        "mg d-1",
        "mean daily oral morphine equivalent before the first fraction, of all patients",
        "morphine_at_start",
    ),
    # the raw material of economics
    "n_patients": Variable(("batch", "draw"), "int64", "1", "patients simulated", batch_patients, False),
    "age_exposure": Variable(
        ("batch", "draw", "period", "exposure"),
        "float64",
        "d",
        "days lived per patient of the batch; the same times age (years), its square, and being male",
        exposure_days,
        False,
    ),
    "occupancy": Variable(
        ("batch", "draw", "schedule", "period", "state"),
        "float64",
        "d",
        "time per patient of the batch in joint cells of pain level, health state and nearness to death",
        patient_days,
        False,
    ),
    "count": Variable(
        ("batch", "draw", "schedule", "period", "item"),
        "float64",
        "1",
        "fractions, courses, events, visits and doses (opioids in mg) per patient of the batch",
        patient_counts,
        False,
    ),
}
