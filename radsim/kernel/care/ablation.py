"""Ablation: a course at the odds of `none` times an odds ratio against a sham, with an onset of its own and the relapse of the model.

Patients who would have relief without any treatment are counted as relieved already. The ablation's random number decides among the others, so
that with and without an ablation the shares of responders have the odds ratio of the trial.
"""

from __future__ import annotations

import math

from radsim.care import purpose
from radsim.care.ablation import METHODS, NEEDLE_FORBIDS, WITHOUT_NEEDLE
from radsim.compiled import apart
from radsim.kernel.changes import next_change_of_pain
from radsim.kernel.effects import count_at, four_random_numbers, relieve_site, treat_site
from radsim.kernel.fits import conditions, has_any
from radsim.kernel.layout import COMPLETE, NONE, item
from radsim.kernel.pain import pain_at
from radsim.kernel.report import stated_pain
from radsim.kernel.response import BEST_PARTIAL, pain_while_responding, relief_days, response_class
from radsim.maths.elementary import exp
from radsim.maths.hazard import logit, normal_quantile

RESPONSE, COMPLETE_RELIEF = purpose("ablation", "response"), purpose("ablation", "complete_relief")
ABLATIONS, HARMS, PAINFUL = (item(n) for n in ("radiofrequency_ablations", "ablation_harms", "painful_sonications"))
SALVAGE, FIRST_LINE = 0, 1  # else beside
ULTRASOUND = METHODS.index(WITHOUT_NEEDLE)
FORBIDDEN = conditions(NEEDLE_FORBIDS)


@apart
def day_of_salvage(start, trajectory, p):
    """First review after the course of day ``start`` at which the patient states enough pain, before the last weeks; infinite if there is none. [d]"""
    day = start + p.ablation_salvage_after_days
    while day < trajectory.terminal:
        pain = pain_at(day, trajectory, trajectory.n_courses, p)
        if stated_pain(pain, trajectory.deviation) >= p.ablation_least_pain:
            return day
        change = next_change_of_pain(day, trajectory, p)
        if change >= trajectory.terminal:
            return math.inf
        day += p.ablation_review_days * max(1.0, math.ceil((change - day) / p.ablation_review_days))
    return math.inf


@apart
def day_of_ablation(start, trajectory, p):
    """Day on which the site is ablated by the course so far, which began on ``start``; infinite if never. [d]"""
    irradiated = trajectory.irradiated or trajectory.n_courses > 1
    if p.setting_ablation_when == SALVAGE:
        return day_of_salvage(start, trajectory, p) if irradiated else math.inf
    wanted = not trajectory.irradiated if p.setting_ablation_when == FIRST_LINE else trajectory.irradiated
    return 0.0 if wanted and start == 0.0 else math.inf


@apart
def share_off(pain, level):
    """Share that lowers a pain to a level. [1]"""
    return 1.0 - level / pain if 0.0 <= level < pain else 0.0


@apart
def relieve(day, seed, draw, number, traits, trajectory, p):
    """Write the relief that an ablation on ``day`` gives."""
    u_response, u_onset, u_relapse, _ = four_random_numbers(seed, draw, number, RESPONSE, 0)
    cut = p.response_cut_overall - traits.response_base
    without = 1.0 / (1.0 + exp(p.ablation_log_odds[1] - cut))  # share that has no relief without anything
    score = traits.response_base + p.ablation_log_odds[0] + logit(u_response * without)
    pain = trajectory.pain
    latent_class = response_class(score, pain, p.response_cut_overall, p.response_cut_complete, p)
    if latent_class == NONE:
        return
    median = p.ablation_by_onset_median_days[int(p.setting_ablation_method)]
    onset = day + median * exp(p.ablation_onset_sigma * normal_quantile(u_onset))
    relapse = min(onset + relief_days(normal_quantile(u_relapse), p.relapse_log_median, p), traits.terminal)
    fade = relapse
    if latent_class == COMPLETE:
        u_complete, _, _, _ = four_random_numbers(seed, draw, number, COMPLETE_RELIEF, 0)
        fade = min(onset + relief_days(u_complete, p.relapse_complete_log_median, p), relapse)
        relieve_site(trajectory, fade, relapse, share_off(pain, min(BEST_PARTIAL, pain)))
    relieve_site(trajectory, onset, fade, share_off(pain, pain_while_responding(score, latent_class, pain, p)))


@apart
def may_be_ablated(patient, p):
    """A needle is not for those who would bleed."""
    return p.setting_ablation_method == ULTRASOUND or not has_any(patient, FORBIDDEN)


@apart
def intervene(p, seed, draw, number, u, traits, patient, trajectory, modifiers, start):
    """Say whether and when the site is ablated, and what relief it gives."""
    if not may_be_ablated(patient, p):
        return
    day = day_of_ablation(start, trajectory, p)
    if day < trajectory.time_to_death:
        treat_site(trajectory, day)
        relieve(day, seed, draw, number, traits, trajectory, p)


@apart
def count(p, seed, draw, number, u, patient, trajectory, modifiers, end, period_ends, count, g, s):
    """The ablation and its harms."""
    day = trajectory.treated
    if not day < end:
        return
    method = int(p.setting_ablation_method)
    count_at(day, end, period_ends, count, g, s, ABLATIONS + method)
    _, _, _, u_harm = four_random_numbers(seed, draw, number, RESPONSE, 0)
    if u_harm < p.ablation_by_serious_harm[method]:
        count_at(day, end, period_ends, count, g, s, HARMS)
    _, u_sonication, _, _ = four_random_numbers(seed, draw, number, COMPLETE_RELIEF, 0)
    if method == ULTRASOUND and u_sonication < p.ablation_sonication_pain:
        count_at(day, end, period_ends, count, g, s, PAINFUL)
