"""What the set calibrated on the trials gives for a study that names another: its headline response, to stand beside the study's own.

A second, smaller simulation: the same seed, and so the first of the same patients under the same schedules, in the base case alone.
"""

from __future__ import annotations

import json
import math

from radsim.evidence import CALIBRATED
from radsim.outcomes import estimates
from radsim.outcomes.catalogue import TRIAL_HEADLINE
from radsim.provenance import RECORD_ATTRIBUTE, to_attribute

MOST_PATIENTS = 10_000
"""Half a point of standard error of a share: enough for a whole number of 100 patients."""
KEY = "as_calibrated"
"""In the run record, and in JSON documents."""


def as_calibrated(study, results, *, threads=None):
    """Headline response of a study with the calibrated set.

    Parameters
    ----------
    study : radsim.study.Study
        Already prepared; parameters and observation that it sets stay set.
    results : radsim.results.Results
        Its own.
    threads : int, optional
        As of `radsim.engine.simulate`.

    Returns
    -------
    dict or None
        ``evidence``, ``patients`` and ``schedules``: a mapping for each with its name and, by variable, ``value`` and ``mcse`` in the base
        case. [1] None where the study uses the calibrated set itself.

    Notes
    -----
    The study's own base case plus the difference that the set makes in the first patients, simulated with both sets: what the sets have in
    common cancels, and overall response does not seem to differ by simulation error. A patient who responds completely with one set alone is a binomial
    count, which gives the error of the difference.
    """
    if study.config.evidence == CALIBRATED:
        return None
    own, few = (_headline(_smaller(study, name), threads) for name in (study.config.evidence, CALIBRATED))
    all_patients = 0 if "subgroup" in results.sizes else None
    schedules, n = (
        [{"schedule": name} for name in study.schedule_names],
        min(study.n_patients, MOST_PATIENTS) if study.config.cohort.size is not None else study.n_patients,
    )
    for one in TRIAL_HEADLINE:
        base = estimates.columns(results, one.variable, subgroup=all_patients)
        gaps = few[one.variable] - own[one.variable]
        for s, gap in enumerate(gaps):
            value = min(max(float(base.values[0, s] + gap), 0.0), 1.0)
            variance = value * (1.0 - value) / study.n_patients + abs(gap) * (1.0 - abs(gap)) / n
            schedules[s][one.variable] = {"value": value, "mcse": math.sqrt(variance)}
    return {"evidence": CALIBRATED, "patients": n, "schedules": schedules}


def with_calibrated(results, study, *, threads=None):
    """Results with `as_calibrated` in their run record, as they are where there is nothing to add."""
    found = as_calibrated(study, results, threads=threads)
    if found is None:
        return results
    record = json.loads(results.attrs[RECORD_ATTRIBUTE]) | {KEY: found}
    return results._replace(attrs={**results.attrs, RECORD_ATTRIBUTE: to_attribute(record)})


def _headline(study, threads):
    """Share of patients by schedule, an array for each variable of the headline. [1]"""
    from radsim.engine import simulate_draws
    from radsim.results import label

    results = label(study, simulate_draws(study, threads=threads))
    return {one.variable: estimates.columns(results, one.variable).values[0] for one in TRIAL_HEADLINE}


def _smaller(study, evidence):
    """The first patients of a study with some evidence set, without draws, subgroups or economics."""
    from radsim.study import prepare

    cohort = study.config.cohort
    if cohort.size is not None:  # else every copy of every row of a file
        cohort = cohort.model_copy(update={"size": min(cohort.size, MOST_PATIENTS)})
    changes = {"evidence": evidence, "draws": 0, "subgroups": (), "economics": None, "cohort": cohort}
    return prepare(study.config.model_copy(update=changes))
