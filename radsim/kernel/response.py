"""Response of pain to one course: whether, how well, when, and until when."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import COMPLETE, KARNOFSKY_REFERENCE, MINOR, NONE, PARTIAL
from radsim.maths.hazard import normal_quantile

LEAST_PAIN_FOR_PARTIAL = 2.0  # from here a drop of two points, which is partial, leaves nothing
BEST_PARTIAL = 1.0  # pain of the best partial response: complete relief that ends passes into it


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
def response_class(score, index_pain, cut_complete, p):
    """Complete, partial, minor or none. From a pain of two, a drop of two is complete."""
    if score > cut_complete:
        return COMPLETE
    if score > p.response_cut_overall:
        return PARTIAL if index_pain > LEAST_PAIN_FOR_PARTIAL else COMPLETE
    return MINOR if score > p.response_cut_overall - p.response_minor_margin else NONE


@step
def pain_while_responding(score, latent_class, index_pain, cut_complete, p):
    """Pain while the response lasts, continuous in the score from one to two points below the index pain. [0–10]"""
    if latent_class == COMPLETE:
        return 0.0
    if latent_class == PARTIAL:
        depth = (cut_complete - score) / (cut_complete - p.response_cut_overall)
        return max(BEST_PARTIAL + (index_pain - 3.0) * depth, 0.0)
    return max(index_pain - 1.0, 0.0)


@step
def onset_delay(u, p):
    """Days from the first fraction to relief: lognormal. [d]"""
    return math.exp(p.onset_log_median + p.onset_sigma * normal_quantile(u))


@step
def relapse_delay(u, log_median, hazard_ratio, p):
    """Days from relief to its end: lognormal, with a proportional change of its hazard. [d]"""
    surviving = u if hazard_ratio == 1.0 else u ** (1.0 / hazard_ratio)
    return math.exp(log_median - p.relapse_sigma * normal_quantile(surviving))


@step
def relapse_hazard_ratio(schedule, patient):
    """Hazard of relapse after a course against several fractions. [1]"""
    return schedule.neuropathic_relapse_hazard_ratio if patient.neuropathic else schedule.relapse_hazard_ratio


@step
def respond(trajectory, k, score, onset_days, complete_days, relapse_days, schedule, p):
    """Write the response to course ``k`` into the trajectory. No relief outlasts the beginning of the terminal phase."""
    latent_class = response_class(score, trajectory.pain, schedule.cut_complete, p)
    trajectory.response_class[k] = latent_class
    trajectory.fade[k] = math.inf
    if latent_class == NONE:
        trajectory.onset[k] = math.inf
        trajectory.relapse[k] = math.inf
        trajectory.level[k] = trajectory.pain
        return
    trajectory.level[k] = pain_while_responding(score, latent_class, trajectory.pain, schedule.cut_complete, p)
    onset = trajectory.start[k] + onset_days
    trajectory.onset[k] = onset
    trajectory.relapse[k] = max(onset, min(onset + relapse_days, trajectory.terminal))
    if latent_class == COMPLETE:
        trajectory.fade[k] = min(onset + complete_days, trajectory.relapse[k])
