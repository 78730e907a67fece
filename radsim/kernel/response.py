"""Response of pain to one course: whether, how well, when, and until when."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import COMPLETE, KARNOFSKY_REFERENCE, MINOR, NONE, PARTIAL, SINGLE
from radsim.maths.hazard import normal_quantile


@step
def response_base(frailty, patient, p):
    """Part of the latent score that belongs to the patient: frailty, Karnofsky, primary, neuropathic pain. [1]"""
    return (
        p.response_frailty * frailty
        + p.response_log_odds_per_ten_karnofsky * (patient.karnofsky - KARNOFSKY_REFERENCE) / 10.0
        + p.response_log_odds_primary[patient.primary]
        + p.response_log_odds_neuropathic * patient.neuropathic
    )


@step
def response_class(score, index_pain, p):
    """Complete, partial, minor or none. From a pain of two, a drop of two is complete."""
    if score > p.response_cut_complete:
        return COMPLETE
    if score > p.response_cut_overall:
        return PARTIAL if index_pain > 2.0 else COMPLETE
    return MINOR if score > p.response_cut_overall - p.response_minor_margin else NONE


@step
def pain_while_responding(score, latent_class, index_pain, p):
    """Pain while the response lasts, continuous in the score from one to two points below the index pain. [0–10]"""
    if latent_class == COMPLETE:
        return 0.0
    if latent_class == PARTIAL:
        depth = (p.response_cut_complete - score) / (p.response_cut_complete - p.response_cut_overall)
        return 1.0 + (index_pain - 3.0) * depth
    return index_pain - 1.0


@step
def onset_delay(u, p):
    """Days from the first fraction to relief: lognormal. [d]"""
    return math.exp(p.onset_log_median + p.onset_sigma * normal_quantile(u))


@step
def relapse_delay(u, hazard_ratio, p):
    """Days from relief to relapse: lognormal, with a proportional change of its hazard. [d]"""
    surviving = u if hazard_ratio == 1.0 else u ** (1.0 / hazard_ratio)
    return math.exp(p.relapse_log_median - p.relapse_sigma * normal_quantile(surviving))


@step
def relapse_hazard_ratio(fraction_class, patient, p):
    """Hazard of relapse against the reference: a single fraction to neuropathic pain may last less long. [1]"""
    if patient.neuropathic and fraction_class == SINGLE:
        return p.relapse_neuropathic_single_fraction_hazard_ratio
    return 1.0


@step
def respond(trajectory, k, score, onset_days, relapse_days, patient, p):
    """Write the response to course ``k`` into the trajectory."""
    latent_class = response_class(score, patient.pain, p)
    trajectory.response_class[k] = latent_class
    if latent_class == NONE:
        trajectory.onset[k] = math.inf
        trajectory.relapse[k] = math.inf
        trajectory.level[k] = patient.pain
        return
    trajectory.level[k] = pain_while_responding(score, latent_class, patient.pain, p)
    trajectory.onset[k] = trajectory.start[k] + onset_days
    trajectory.relapse[k] = trajectory.onset[k] + relapse_days
