"""Response of pain to one course: whether, how well, when, and until when."""

from __future__ import annotations

import math

from radsim.compiled import step
from radsim.kernel.layout import COMPLETE, KARNOFSKY_REFERENCE, MINOR, NONE, PARTIAL
from radsim.maths.elementary import exp
from radsim.maths.hazard import normal_quantile, survival_at_hazard_ratio

LEAST_PAIN_FOR_PARTIAL = 2.0  # from here a drop of two points, which is partial, leaves nothing
BEST_PARTIAL = 1.0  # pain of the best partial response: complete relief that ends passes into it
NARROWEST_PARTIAL = 0.05  # of the band of partial response, which no effect of a schedule closes


@step
def response_base(frailty, terms, p):
    """Part of the latent score that belongs to the patient: frailty, and the terms of `response_terms`. [1]"""
    return p.response_frailty * frailty + terms


@step
def response_terms(patient, p):
    """Terms of the latent score for Karnofsky index, primary and neuropathic pain. [1]"""
    return (
        p.response_log_odds_per_ten_karnofsky * (patient.karnofsky - KARNOFSKY_REFERENCE) / 10.0
        + p.response_log_odds_primary[patient.primary]
        + p.response_log_odds_neuropathic * patient.neuropathic
    )


@step
def cut_points(schedule, patient, p):
    """Cut-points of response and of complete response after a course: a relative effect moves them, not the score. [1]

    So whoever is not near a cut-point has the same response under every schedule.
    """
    advantage = schedule.neuropathic_advantage if patient.neuropathic else schedule.advantage
    cut_overall = p.response_cut_overall - advantage
    cut_complete = p.response_cut_complete - advantage - schedule.complete_advantage
    return cut_overall, max(cut_complete, cut_overall + NARROWEST_PARTIAL)


@step
def response_class(score, index_pain, cut_overall, cut_complete, p):
    """Complete, partial, minor or none. From a pain of two, a drop of two is complete."""
    if score > cut_complete:
        return COMPLETE
    if score > cut_overall:
        return PARTIAL if index_pain > LEAST_PAIN_FOR_PARTIAL else COMPLETE
    return MINOR if score > cut_overall - p.response_minor_margin else NONE


@step
def pain_while_responding(score, latent_class, index_pain, p):
    """Pain while the response lasts: partial, from one to two points below the index pain by the score. [0–10]"""
    if latent_class == COMPLETE:
        return 0.0
    if latent_class == PARTIAL:
        depth = (p.response_cut_complete - score) / (p.response_cut_complete - p.response_cut_overall)
        return max(BEST_PARTIAL + (index_pain - 3.0) * min(max(depth, 0.0), 1.0), 0.0)
    return max(index_pain - 1.0, 0.0)


@step
def onset_delay(score, p):
    """Days from the first fraction to relief, at a normal score: lognormal. [d]"""
    return exp(p.onset_log_median + p.onset_sigma * score)


@step
def relief_days(score, log_median, p):
    """Days that relief lasts, at the normal score of the share that keeps it longer: lognormal. [d]"""
    return exp(log_median - p.relapse_sigma * score)


@step
def relapse_hazard_ratio(schedule, patient):
    """Hazard of relapse after a course against several fractions. [1]"""
    return schedule.neuropathic_relapse_hazard_ratio if patient.neuropathic else schedule.relapse_hazard_ratio


@step
def at_hazard_ratio(days, u, u_effect, hazard_ratio, log_median, p):
    """Days that relief lasts at a hazard ratio, from those without: the same for most patients. [d]"""
    surviving = survival_at_hazard_ratio(u, u_effect, hazard_ratio)
    return days if surviving == u else relief_days(normal_quantile(surviving), log_median, p)


@step
def respond(trajectory, k, score, onset_days, complete_days, relapse_days, schedule, patient, p):
    """Write the response to course ``k`` into the trajectory. No relief outlasts the beginning of the terminal phase."""
    cut_overall, cut_complete = cut_points(schedule, patient, p)
    latent_class = response_class(score, trajectory.pain, cut_overall, cut_complete, p)
    trajectory.response_class[k] = latent_class
    trajectory.fade[k] = math.inf
    if latent_class == NONE:
        trajectory.onset[k] = math.inf
        trajectory.relapse[k] = math.inf
        trajectory.level[k] = trajectory.pain
        return
    trajectory.level[k] = pain_while_responding(score, latent_class, trajectory.pain, p)
    onset = trajectory.start[k] + onset_days
    trajectory.onset[k] = onset
    trajectory.relapse[k] = max(onset, min(onset + relapse_days, trajectory.terminal))
    if latent_class == COMPLETE:
        trajectory.fade[k] = min(onset + complete_days, trajectory.relapse[k])
